"""The public interface of api.md: the shape of every call, every refusal, and what holds when clients retry, race or send rubbish."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from bot.gateway.rasa_client import NotHandled, PartDown
from bot.gateway.service import Gateway
from bot.gateway.store import Store
from bot.settings import Settings
from bot.web.app import make_app
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings as examples, strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error

import knowledge
from tests.support import Conversation, Stack, migrated

MESSAGE_FIELDS = {"id", "from", "at", "text", "topic", "task", "buttons", "sources", "items", "documents", "image"}
QUESTIONS = {"wat is het pdg?": "pdg-wat", "hoe lang duurt het pdg?": "pdg-duur", "wat kost het pdg?": "pdg-kosten",
             "moet er btw over detachering?": "kosten-btw", "wat is een hybride docent?": "hybride-docent-wat"}
QUESTION = "wat is het pdg?"
ERASED_WITHIN_SECONDS = 10


def is_problem(response: httpx.Response, status: int) -> bool:
    """Whether it is problem+json with a Dutch title and detail; fails with what it is."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["type"]
    assert body["title"] in {"Niet te lezen", "Geen toegang", "Niet gevonden", "Kan hier niet", "Te groot", "Te snel", "Lukt nu niet"}
    assert re.search(r"\b(je|niet|kan|dit|deze|de)\b", body["detail"].lower()) and body["detail"].endswith(".")
    assert not re.search(r"Traceback|sqlite|sqlalchemy|/work/|\.py\b|Error", response.text), "geen binnenkant in een fout"
    return True


def is_message(message: dict, author: str = "bot") -> bool:
    """Whether it has the shape of api.md; fails with what it is."""
    assert set(message) >= MESSAGE_FIELDS, message
    assert message["from"] == author
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", message["at"])
    assert isinstance(message["id"], str) and isinstance(message["text"], str) and message["text"]
    assert all(isinstance(message[name], list) for name in ("buttons", "sources", "items", "documents"))
    for button in message["buttons"]:
        assert {"title", "payload"} <= set(button) <= {"title", "payload", "topic"}
        assert re.fullmatch(r"b_[0-9a-f]{32}", button["payload"]), "een knop is een willekeurig kenmerk"
    for source in message["sources"]:
        assert set(source) == {"title", "url", "as_of"}
    return True


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """(event, data) of a stream, in order."""
    found, name = [], ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            found.append((name, json.loads(line.removeprefix("data: "))))
    return found


def stream(conversation: Conversation, body: dict, key: str | None = None) -> list[tuple[str, Any]]:
    headers = {**conversation.headers, "Accept": "text/event-stream"} | ({"Idempotency-Key": key} if key else {})
    with conversation.http.stream("POST", f"{conversation.path}/messages", json=body, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return events(response)


def raw(conversation: Conversation, content: bytes, **headers: str) -> httpx.Response:
    return conversation.http.post(f"{conversation.path}/messages", content=content, headers={**conversation.headers, "Content-Type": "application/json", **headers})


def user_texts(conversation: Conversation) -> list[str]:
    return [message["text"] for message in conversation.history() if message["from"] == "user"]


# --- the shape of each call

def test_a_new_conversation_comes_with_an_id_a_token_and_a_greeting(stack: Stack) -> None:
    with stack.client() as http:
        first, second = (http.post("/api/conversations") for _ in range(2))
    assert first.status_code == second.status_code == 201
    body = first.json()
    assert set(body) == {"id", "token", "messages"}
    assert len(body["token"]) >= 22, "minstens 128 bit"
    assert [is_message(message) for message in body["messages"]] == [True]
    assert {body["id"], body["token"]}.isdisjoint({second.json()["id"], second.json()["token"]})


def test_answers_have_the_shape_of_a_message(conversation: Conversation) -> None:
    for text in (QUESTION, "pdg", "dank je wel", "welke route past bij mij?", "asdfgh"):
        messages = conversation.say(text)
        assert messages and all(is_message(message) for message in messages)


def test_a_message_of_the_person_holds_text_only(conversation: Conversation) -> None:
    conversation.say(QUESTION)
    [said] = [message for message in conversation.history() if message["from"] == "user"]
    assert is_message(said, "user") and said["text"] == QUESTION
    assert {name: said[name] for name in MESSAGE_FIELDS - {"id", "from", "at", "text"}} == {
        "topic": None, "task": None, "buttons": [], "sources": [], "items": [], "documents": [], "image": None}


def test_amounts_are_numbers_with_two_decimals_or_null(conversation: Conversation) -> None:
    messages = conversation.say("ik ben lasser met hbo en wil 2 dagen per week lesgeven, welke route past bij mij?")
    amounts = [amount for message in messages for item in message["items"] for amount in item["costs_eur"] or []]
    assert amounts and all(isinstance(amount, float) and round(amount, 2) == amount for amount in amounts)


def test_the_conversation_can_be_read_back_on_both_sides_as_after_a_reload(stack: Stack, conversation: Conversation) -> None:
    answers = [message for text in (QUESTION, "en wat kost dat?") for message in conversation.say(text)]
    again = Conversation(stack.client(), conversation.id, conversation.token, conversation.greeting)
    history = again.history()
    assert [message["from"] for message in history] == ["bot", "user", "bot", "user", "bot"]
    assert [message for message in history if message["from"] == "bot"] == [conversation.greeting, *answers]
    assert len({message["id"] for message in history}) == len(history)


def test_a_reload_in_the_middle_of_a_task_goes_on_where_it_was(stack: Stack, conversation: Conversation) -> None:
    conversation.say("welke route past bij mij?")
    again = Conversation(stack.client(), conversation.id, conversation.token, conversation.greeting)
    [asked] = again.press(again.history()[-1], "hbo")
    assert asked["text"].startswith("Wat is je vak of beroep?")


def test_after_gives_only_what_came_since(conversation: Conversation) -> None:
    [first] = conversation.say(QUESTION)
    assert conversation.history(after=first["id"]) == []
    [second] = conversation.say("en wat kost dat?")
    since = conversation.history(after=first["id"])
    assert [message["from"] for message in since] == ["user", "bot"] and since[-1] == second
    assert conversation.history(after=since[0]["id"]) == [second]


@pytest.mark.parametrize("after", ["bestaat-niet", "\0", "' or 1=1 --", "%", "é" * 300])
def test_after_an_unknown_message_everything_is_given(conversation: Conversation, after: str) -> None:
    assert conversation.history(after=after) == [conversation.greeting]


def test_after_a_message_of_another_conversation_everything_is_given(stack: Stack, conversation: Conversation) -> None:
    conversation.say(QUESTION)
    other = stack.conversation()
    [foreign] = other.say(QUESTION)
    assert conversation.history(after=foreign["id"]) == conversation.history()


def test_a_document_that_was_never_made_is_not_found(conversation: Conversation) -> None:
    path = f"{conversation.path}/documents/abc"
    assert is_problem(conversation.http.get(path, headers=conversation.headers), 404)
    assert is_problem(conversation.http.get(path), 401)


def test_the_watchmans_calls(stack: Stack) -> None:
    with stack.client() as http:
        assert http.get("/healthz").status_code == 200
        ready = http.get("/readyz")
        assert ready.status_code == 200
        assert ready.json() == {"ready": True, "parts": {"database": True, "model": True, "actions": True, "answers": True}, "not_ready": []}


def test_metrics_are_for_this_machine_only(stack: Stack) -> None:
    with stack.client() as http:
        told = http.get("/metrics")
        assert told.status_code == 200 and "lesbrug_messages_answered_total" in told.text
        assert is_problem(http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}), 404)


# --- refusals

@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer verkeerd", "Basic dXNlcjp3YWNodHdvb3Jk", "Bearer é", "Bearer " + "x" * 4000,
                                           "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
@pytest.mark.parametrize(("method", "path"), [("POST", "/messages"), ("GET", "/messages"), ("DELETE", ""), ("GET", "/documents/x")])
def test_without_its_token_a_conversation_is_closed(conversation: Conversation, method: str, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode()}
    response = conversation.http.request(method, conversation.path + path, headers=headers, json={"text": "hoi"} if method == "POST" else None)
    assert is_problem(response, 401)
    assert conversation.history() == [conversation.greeting]


def test_the_token_of_another_conversation_opens_nothing(stack: Stack, conversation: Conversation) -> None:
    other = stack.conversation()
    for method, path in (("POST", "/messages"), ("GET", "/messages"), ("DELETE", "")):
        body = {"text": "hoi"} if method == "POST" else None
        assert is_problem(conversation.http.request(method, conversation.path + path, headers=other.headers, json=body), 401)
    assert conversation.history() == [conversation.greeting]


def test_a_refusal_leaves_the_connection_open_and_the_log_clean(stack: Stack) -> None:
    """Starlette sets the traceback of a handled exception: one that refused that cost the connection."""
    with stack.client(limits=httpx.Limits(max_connections=1)) as http:
        assert [http.get("/api/conversations/x/messages").status_code for _ in range(3)] == [404] * 3
    assert "Traceback" not in (stack.settings.home / "log" / "web.log").read_text()


@pytest.mark.parametrize("conversation_id", ["bestaat-niet", "0" * 32, "%00", "a%00b", "%ED%A0%80", "' or 1=1 --", "x" * 2000])
def test_an_unknown_conversation_is_not_found(stack: Stack, conversation_id: str) -> None:
    with stack.client() as http:
        for response in (http.get(f"/api/conversations/{conversation_id}/messages", headers={"Authorization": "Bearer x"}),
                         http.post(f"/api/conversations/{conversation_id}/messages", headers={"Authorization": "Bearer x"}, json={"text": "hoi"})):
            assert is_problem(response, 404)


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/bestaat-niet", 404), ("GET", "/api", 404), ("GET", "/static/../app.py", 404), ("GET", "/static/%2e%2e/app.py", 404), ("GET", "/docs", 404),
    ("GET", "/api/conversations", 405), ("PUT", "/api/conversations", 405), ("POST", "/readyz", 405), ("PATCH", "/api/conversations/x/messages", 405),
    ("DELETE", "/healthz", 405)])
def test_a_call_that_is_not_there_is_refused_in_dutch(stack: Stack, method: str, path: str, status: int) -> None:
    with stack.client() as http:
        assert is_problem(http.request(method, path), status)


@pytest.mark.parametrize("body", [
    {}, {"text": None}, {"text": 5}, {"text": True}, {"text": ["hoi"]}, {"text": {"a": 1}}, {"payload": 5}, {"payload": "x" * 65}, {"text": "a", "payload": "b"},
    {"text": "hoi", "sender": "ander"}, {"text": "hoi", "metadata": {"rol": "school"}}, {"text": "hoi", "input_channel": "telegram"}, {"message": "hoi"},
    [], ["hoi"], "hoi", 5, None, True], ids=str)
def test_a_body_that_is_not_a_text_or_a_button_is_refused(conversation: Conversation, body: Any) -> None:
    assert is_problem(conversation.post(body), 422)
    assert user_texts(conversation) == []


@pytest.mark.parametrize("content", [
    b"", b"hoi", b"{", b'{"text": "hoi"', b'{"text": hoi}', b'{"text": "\xff\xfe"}', b"\x00", b'{"text": NaN}', b"[" * 5000, b'{"text": "\\ud800"}'], ids=repr)
def test_a_body_that_cannot_be_read_is_refused_or_answered_but_breaks_nothing(conversation: Conversation, content: bytes) -> None:
    response = raw(conversation, content)
    assert response.status_code in (200, 400, 422), response.text
    assert response.status_code == 200 or is_problem(response, response.status_code)
    assert conversation.say(QUESTION)[0]["topic"] == "pdg-wat"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/xml"])
def test_another_content_type_breaks_nothing(conversation: Conversation, content_type: str) -> None:
    response = raw(conversation, b'{"text": "hoi"}', **{"Content-Type": content_type})
    assert response.status_code == 200 or is_problem(response, 422)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_16_kb_is_too_large_whether_it_tells_its_length_or_not(conversation: Conversation, chunked: bool) -> None:
    content = json.dumps({"text": "a" * 17_000}).encode()
    response = conversation.http.post(f"{conversation.path}/messages", content=iter([content]) if chunked else content,
                                      headers={**conversation.headers, "Content-Type": "application/json"})
    assert is_problem(response, 413)
    assert user_texts(conversation) == []


def test_a_text_of_2000_characters_is_answered_and_one_more_is_too_long(conversation: Conversation) -> None:
    text = ("hoi " * 500).strip().ljust(2000, "i")
    assert conversation.say(text)
    response = conversation.post({"text": text + "i"})
    assert is_problem(response, 413) and "2000 tekens" in response.json()["detail"]
    assert user_texts(conversation) == [text]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\0", "\u200b\u200f", "\ufeff", "/", "///", "\u202e", "／"], ids=ascii)
def test_a_message_without_words_is_told_so(conversation: Conversation, text: str) -> None:
    [answer] = conversation.say(text)
    assert answer["text"] == "Ik zie geen tekst in je bericht. Typ je vraag in gewone woorden."
    assert user_texts(conversation) == []


@pytest.mark.parametrize("text", ["😀", "👩‍🏫👨🏽‍🔧🇳🇱", "?", "...", "5", "\u202ewat kost het pdg", "wat\0 kost het pdg", "Z̷̢͔a̶l̸g̷o̵", "مرحبا", "你好", "<script>alert(1)</script>",
                                  "'; drop table message; --", "{{7*7}} ${7*7} %s {0}", "{laatste_onderwerp}", "a" * 2000, "\r\nwat\r\n", "\x1b[31mrood"], ids=ascii)
def test_odd_text_gets_an_answer_and_leaves_the_conversation_usable(conversation: Conversation, text: str) -> None:
    assert all(is_message(message) for message in conversation.say(text))
    assert conversation.say(QUESTION)[0]["topic"] == "pdg-wat"


@pytest.mark.parametrize("key", ["", "x" * 129, "é", "a\tb"], ids=ascii)
def test_a_key_that_is_no_key_is_refused(conversation: Conversation, key: str) -> None:
    response = conversation.http.post(f"{conversation.path}/messages", json={"text": "hoi"},
                                      headers={**{name.encode(): value.encode() for name, value in conversation.headers.items()}, b"Idempotency-Key": key.encode()})
    assert is_problem(response, 422)


# --- retries and races

def test_the_same_key_gives_the_same_answer(conversation: Conversation, key: str) -> None:
    first, second = (conversation.say(QUESTION, key=key) for _ in range(2))
    assert first == second
    assert user_texts(conversation) == [QUESTION]


def test_the_same_key_with_another_body_is_refused(conversation: Conversation, key: str) -> None:
    conversation.say(QUESTION, key=key)
    assert is_problem(conversation.post({"text": "wat kost het pdg?"}, key=key), 422)
    assert is_problem(conversation.post({"payload": conversation.greeting["buttons"][0]["payload"]}, key=key), 422)
    assert user_texts(conversation) == [QUESTION]


def test_a_key_counts_in_its_own_conversation_only(stack: Stack, conversation: Conversation, key: str) -> None:
    conversation.say(QUESTION, key=key)
    assert stack.conversation().say("wat kost het pdg?", key=key)[0]["topic"] == "pdg-kosten"


def test_a_retried_button_is_pressed_once(conversation: Conversation, key: str) -> None:
    body = {"payload": conversation.greeting["buttons"][0]["payload"]}
    first, second = (conversation.post(body, key=key).json()["messages"] for _ in range(2))
    assert first == second
    assert user_texts(conversation) == ["Ik wil lesgeven"]


@pytest.mark.parametrize("clients", [2, 8])
def test_the_same_key_at_once_is_one_message_with_one_answer(stack: Stack, conversation: Conversation, key: str, clients: int) -> None:
    def send(_: int) -> list[dict]:
        with stack.client() as http:
            return Conversation(http, conversation.id, conversation.token, conversation.greeting).say(QUESTION, key=key)

    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(send, range(clients)))
    assert len({json.dumps([message["id"] for message in answer]) for answer in answers}) == 1
    assert [message["from"] for message in conversation.history()] == ["bot", "user", "bot"]


def test_two_tabs_that_ask_at_once_are_both_answered_once_and_in_order(stack: Stack, conversation: Conversation) -> None:
    def ask(question: str) -> tuple[str, list[dict]]:
        with stack.client() as http:
            return question, Conversation(http, conversation.id, conversation.token, conversation.greeting).say(question)

    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        answered = list(pool.map(ask, [*QUESTIONS, *QUESTIONS]))
    for question, messages in answered:
        assert [message["topic"] for message in messages] == [QUESTIONS[question]]
    history = conversation.history()
    asked = [QUESTIONS[message["text"]] for message in history if message["from"] == "user"]
    told = [message["topic"] for message in history[1:] if message["from"] == "bot"]
    assert len(asked) == 2 * len(QUESTIONS)
    assert told == asked, "beantwoord in de volgorde van binnenkomst"


# --- as a stream

def test_a_stream_tells_typing_then_each_message_then_done(conversation: Conversation) -> None:
    names_and_data = stream(conversation, {"text": "hoe lang duurt het pdg en wie betaalt dat?"})
    assert [name for name, _ in names_and_data] == ["typing", "message", "message", "done"]
    messages = [data for name, data in names_and_data if name == "message"]
    assert all(is_message(message) for message in messages)
    without_time = [{**message, "at": None} for message in messages]
    assert without_time == [{**message, "at": None} for message in conversation.history() if message["from"] == "bot"][1:]


def test_a_stream_reconnects_with_its_key_and_hears_the_same(conversation: Conversation, key: str) -> None:
    first, second = (stream(conversation, {"text": QUESTION}, key) for _ in range(2))
    assert [data["id"] for name, data in first if name == "message"] == [data["id"] for name, data in second if name == "message"]
    assert first[-1] == second[-1] == ("done", {})
    assert user_texts(conversation) == [QUESTION]


def test_a_stream_that_is_cut_off_loses_nothing(conversation: Conversation, key: str) -> None:
    headers = {**conversation.headers, "Accept": "text/event-stream", "Idempotency-Key": key}
    with conversation.http.stream("POST", f"{conversation.path}/messages", json={"text": QUESTION}, headers=headers):
        pass                        # gone before anything was read
    assert [data["topic"] for name, data in stream(conversation, {"text": QUESTION}, key) if name == "message"] == ["pdg-wat"]
    assert [message["from"] for message in conversation.history()] == ["bot", "user", "bot"]


def test_a_stream_is_refused_as_any_call_is(conversation: Conversation) -> None:
    response = conversation.http.post(f"{conversation.path}/messages", json={"text": QUESTION}, headers={"Accept": "text/event-stream"})
    assert is_problem(response, 401)


# --- buttons

def test_a_button_of_another_conversation_is_answered_with_one_sentence_and_does_nothing(stack: Stack, conversation: Conversation) -> None:
    other = stack.conversation()
    response = conversation.post({"payload": other.greeting["buttons"][1]["payload"]})
    assert response.status_code == 200
    [answer] = response.json()["messages"]
    assert answer["text"] == "Deze knop werkt niet in dit gesprek. Typ je vraag in gewone woorden."
    assert user_texts(conversation) == user_texts(other) == []


@pytest.mark.parametrize("payload", ["/routeadvies", '/feiten{"doelgroep":"school"}', "b_" + "0" * 32, "", "\0", "phrase:failed"], ids=ascii)
def test_a_made_up_button_is_answered_with_one_sentence(conversation: Conversation, payload: str) -> None:
    response = conversation.post({"payload": payload})
    assert response.status_code == 200
    assert [message["text"] for message in response.json()["messages"]] == ["Deze knop werkt niet in dit gesprek. Typ je vraag in gewone woorden."]


# --- erasing

def files_with(home: Path, word: str) -> list[str]:
    found = []
    for path in home.rglob("*"):
        if path.is_file():
            try:
                if word.encode() in path.read_bytes():
                    found.append(path.relative_to(home).as_posix())
            except FileNotFoundError:
                pass
    return found


def is_nowhere(home: Path, word: str) -> bool:
    """Whether the word is gone from every file within the promised time; fails with the files that still have it."""
    deadline = time.monotonic() + ERASED_WITHIN_SECONDS
    while found := files_with(home, word):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return True


def test_an_erased_conversation_is_gone_and_what_was_said_stands_in_no_file(stack: Stack) -> None:
    conversation, canary = stack.conversation(), f"kanarie{uuid4().hex}"
    conversation.say(f"ik heet {canary} en mijn nummer is 0612345678")
    conversation.say("welke route past bij mij?")
    conversation.say("hbo")
    conversation.say(canary)        # becomes the subject: a slot, and part of what is said back
    conversation.say("8 uur")
    conversation.say("ik wil een mens spreken")
    conversation.say(f"stuur dat naar {canary}@voorbeeld.nl")
    assert any("rasa.db" in name for name in files_with(stack.settings.home, canary)), "eerst is het er wel"
    assert not any(name.startswith("log/") for name in files_with(stack.settings.home, canary)), "ook daarvoor staat het in geen log"
    erased = conversation.http.delete(conversation.path, headers=conversation.headers)
    assert (erased.status_code, erased.content) == (204, b"")
    assert is_problem(conversation.http.get(f"{conversation.path}/messages", headers=conversation.headers), 404)
    assert is_problem(conversation.post({"text": "hoi"}), 404)
    assert is_problem(conversation.http.delete(conversation.path, headers=conversation.headers), 404)
    assert is_nowhere(stack.settings.home, canary)
    for name, table, column in (("gesprekken", "erasure", "conversation_id"), ("rasa", "events", "sender_id"), ("kennis", "person", "sender_id")):
        with sqlite3.connect(stack.settings.home / f"{name}.db") as database:
            assert database.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (conversation.id,)).fetchone() == (0,), name


def test_erasing_while_messages_are_under_way_leaves_nothing_behind(stack: Stack) -> None:
    conversation, canary = stack.conversation(), f"kanarie{uuid4().hex}"
    conversation.say(f"ik heet {canary}")

    def send(_: int) -> int:
        with stack.client() as http:
            return Conversation(http, conversation.id, conversation.token, conversation.greeting).post({"text": f"wat is het pdg? groet van {canary}"}).status_code

    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(send, number) for number in range(6)]
        time.sleep(0.05)
        assert conversation.http.delete(conversation.path, headers=conversation.headers).status_code == 204
        assert {future.result() for future in sent} <= {200, 404, 503}
    time.sleep(2)                   # a turn that was under way would have been saved by now
    assert is_nowhere(stack.settings.home, canary)


# --- rubbish

@given(text=st.text(alphabet=st.characters(), max_size=400))
@examples(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
def test_no_text_at_all_breaks_anything(stack: Stack, text: str) -> None:
    conversation = _shared(stack)
    response = raw(conversation, json.dumps({"text": text}).encode())       # escaped, so that lone surrogates go along
    assert response.status_code == 200 or is_problem(response, response.status_code)
    assert response.status_code < 500, response.text


@given(body=st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
                         lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "payload", "sender", "metadata"]), inner, max_size=3)),
       key=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20))
@examples(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
def test_no_body_and_no_key_break_anything(stack: Stack, body: Any, key: str) -> None:
    conversation = _shared(stack)
    response = raw(conversation, json.dumps(body).encode(), **{"Idempotency-Key": key})
    assert response.status_code < 500, response.text


_CONVERSATIONS: dict[int, Conversation] = {}


def _shared(stack: Stack) -> Conversation:
    """One conversation for all examples of a property."""
    return _CONVERSATIONS.setdefault(id(stack), stack.conversation())


# --- the document, and what it says

@pytest.fixture(scope="module")
def api_schema(stack: Stack) -> Any:
    return schemathesis.openapi.from_url(f"{stack.base_url}/openapi.json")


CALLS = [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/"), ("GET", "/embed.js"), ("POST", "/api/conversations"),
         ("POST", "/api/conversations/{conversation_id}/messages"), ("GET", "/api/conversations/{conversation_id}/messages"),
         ("GET", "/api/conversations/{conversation_id}/documents/{document_id}"), ("DELETE", "/api/conversations/{conversation_id}")]
IN_A_CONVERSATION = [(method, path) for method, path in CALLS if "{" in path and method != "DELETE"]


def test_the_document_lists_every_call(stack: Stack) -> None:
    with stack.client() as http:
        paths = http.get("/openapi.json").json()["paths"]
    listed = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    assert listed >= set(CALLS)
    assert not any("metrics" in path or "telegram" in path for path in paths)


def no_server_error(operation: schemathesis.APIOperation, change: Callable[[schemathesis.Case], None] = lambda case: None) -> None:
    """Fifteen calls as the document describes them, and fifteen that it forbids; fails at the first 5xx."""
    for mode in schemathesis.GenerationMode:
        @given(case=operation.as_strategy(generation_mode=mode))
        @examples(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
        def call(case: schemathesis.Case) -> None:
            change(case)
            case.call_and_validate(checks=[not_a_server_error])

        try:
            call()
        except Unsatisfiable:       # nothing of a call without parameters can be wrong
            assert mode == schemathesis.GenerationMode.NEGATIVE


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nothing_that_the_document_allows_or_forbids_gives_a_server_error(api_schema: Any, method: str, path: str) -> None:
    no_server_error(api_schema[path][method])


@pytest.mark.parametrize(("method", "path"), IN_A_CONVERSATION)
def test_nor_does_it_in_an_open_conversation(api_schema: Any, conversation: Conversation, method: str, path: str) -> None:
    def of_this_conversation(case: schemathesis.Case) -> None:
        case.path_parameters = {**(case.path_parameters or {}), "conversation_id": conversation.id}
        case.headers.update(conversation.headers)

    no_server_error(api_schema[path][method], of_this_conversation)


# --- what a browser may do

@pytest.mark.parametrize("path", ["/", "/embed.js", "/static/embed.html", "/static/chat.js", "/healthz", "/openapi.json", "/bestaat-niet"])
def test_no_page_runs_what_is_not_ours(stack: Stack, path: str) -> None:
    with stack.client() as http:
        headers = http.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == "'self'" and policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert (policy["frame-ancestors"] == "'none'") == (path != "/static/embed.html"), "alleen het ingebouwde gesprek mag in een kader"
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


def test_what_was_said_is_never_cached(conversation: Conversation) -> None:
    responses = (conversation.http.get(f"{conversation.path}/messages", headers=conversation.headers), conversation.post({"text": "hoi"}),
                 conversation.http.post("/api/conversations"), conversation.http.get(f"{conversation.path}/messages"))
    assert [response.headers["cache-control"] for response in responses] == ["no-store"] * 4


def test_another_site_may_not_read_along(stack: Stack) -> None:
    with stack.client() as http:
        response = http.options("/api/conversations", headers={"Origin": "https://kwaad.example", "Access-Control-Request-Method": "POST"})
        opened = http.post("/api/conversations", headers={"Origin": "https://kwaad.example"})
    assert "access-control-allow-origin" not in response.headers and "access-control-allow-origin" not in opened.headers


def test_the_page_and_the_script_for_other_sites_are_there(stack: Stack) -> None:
    with stack.client() as http:
        page, script = http.get("/"), http.get("/embed.js")
    assert page.headers["content-type"].startswith("text/html") and "<script" in page.text and not re.search(r"<script(?![^>]*\bsrc=)", page.text)
    assert script.headers["content-type"].startswith("text/javascript") and script.headers["cross-origin-resource-policy"] == "cross-origin"


# --- with an app of our own and a Rasa that does as it is told

class FakeRasa:
    """Says one line for each message, or fails as it is told to."""

    def __init__(self) -> None:
        self.fails: Callable[[], Exception | None] = lambda: None
        self.heard: list[str] = []

    async def send(self, conversation: str, message_id: str, *, text: str | None, payload: str | None, again: bool = True) -> AsyncIterator[dict]:
        self.heard.append(text or payload or "")
        if error := self.fails():
            raise error
        yield {"text": f"gehoord: {text}"}

    async def ready(self) -> bool:
        return True

    async def forget(self, conversation: str) -> None:
        if error := self.fails():
            raise error

    async def close(self) -> None:
        pass


@contextmanager
def app(home: Path, rasa: FakeRasa, **chosen: Any) -> Iterator[TestClient]:
    """A client of the real app on databases of its own; its settings are `chosen`."""
    own = migrated(Settings(_env_file=None, home=home, **{"telegram_token": None, "patience_seconds": 0.2} | chosen))
    gateway = Gateway(own, store=Store(own.gateway_url), knowledge_store=knowledge.Store(own.knowledge_url), rasa=rasa, button_secret="geheim")
    with TestClient(make_app(own, gateway), raise_server_exceptions=False) as client:
        yield client


def opened(client: TestClient) -> Conversation:
    response = client.post("/api/conversations")
    assert response.status_code == 201, response.text
    return Conversation(client, response.json()["id"], response.json()["token"], response.json()["messages"][0])


def is_told_to_wait(response: httpx.Response) -> bool:
    assert is_problem(response, 429)
    assert 1 <= int(response.headers["retry-after"]) <= 60
    return True


def test_too_many_messages_in_a_minute_are_told_to_wait_and_others_are_not(tmp_path: Path) -> None:
    with app(tmp_path, FakeRasa(), rate_limit="on", messages_per_minute=3) as client:
        hasty, calm = opened(client), opened(client)
        assert [hasty.post({"text": "hoi"}).status_code for _ in range(3)] == [200] * 3
        refused = hasty.post({"text": "hoi"})
        assert is_told_to_wait(refused) and "Even rustig aan" in refused.json()["detail"]
        assert calm.say("hoi")[0]["text"] == "gehoord: hoi"
        assert len(hasty.history()) == 1 + 3 * 2, "wat geweigerd is, staat niet in het gesprek"


def test_too_many_conversations_or_reads_are_told_to_wait(tmp_path: Path) -> None:
    with app(tmp_path, FakeRasa(), rate_limit="on", conversations_per_minute=2, reads_per_minute=2) as client:
        conversation = opened(client)
        opened(client)
        assert is_told_to_wait(client.post("/api/conversations"))
        path = f"{conversation.path}/messages"
        assert [client.get(path, headers=conversation.headers).status_code for _ in range(2)] == [200] * 2
        assert is_told_to_wait(client.get(path, headers=conversation.headers))
        assert conversation.say("hoi"), "het gesprek zelf gaat door"


def test_without_limits_nobody_waits(tmp_path: Path) -> None:
    with app(tmp_path, FakeRasa(), rate_limit="off", messages_per_minute=1) as client:
        conversation = opened(client)
        assert {conversation.post({"text": "hoi"}).status_code for _ in range(5)} == {200}


def test_a_message_that_rasa_breaks_on_is_given_up_with_one_sentence(tmp_path: Path) -> None:
    rasa = FakeRasa()
    with app(tmp_path, rasa, rate_limit="off") as client:
        conversation = opened(client)
        rasa.fails = lambda: NotHandled("500") if rasa.heard[-1] == "gif" else None
        assert [message["text"] for message in conversation.say("gif")] == ["Dit bericht kon ik niet verwerken. Probeer het met andere woorden."]
        assert rasa.heard == ["gif"] * 3
        assert conversation.say("hoi")[0]["text"] == "gehoord: hoi", "het gesprek zit niet vast"


def test_while_a_part_is_down_a_message_is_kept_and_answered_when_it_is_back(tmp_path: Path, key: str) -> None:
    rasa, down = FakeRasa(), threading.Event()
    rasa.fails = lambda: PartDown("rasa") if down.is_set() else None
    with app(tmp_path, rasa, rate_limit="off") as client:
        conversation = opened(client)
        down.set()
        refused = conversation.post({"text": "hoi"}, key=key)
        assert is_problem(refused, 503) and "bewaard" in refused.json()["detail"] and int(refused.headers["retry-after"]) >= 1
        assert [name for name, _ in stream(conversation, {"text": "hoi"}, key)] == ["typing", "error"]
        down.clear()
        assert conversation.say("hoi", key=key)[0]["text"] == "gehoord: hoi"
        assert [message["from"] for message in conversation.history()] == ["bot", "user", "bot"]


def test_erasing_while_rasa_is_down_succeeds_and_is_finished_when_it_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa, down = FakeRasa(), threading.Event()
    rasa.fails = lambda: PartDown("rasa") if down.is_set() else None
    monkeypatch.setattr("bot.gateway.service.ERASE_RETRY_SECONDS", 0.1)
    with app(tmp_path, rasa, rate_limit="off") as client:
        conversation = opened(client)
        down.set()
        assert client.delete(conversation.path, headers=conversation.headers).status_code == 204
        assert is_problem(client.get(f"{conversation.path}/messages", headers=conversation.headers), 404)
        waiting = lambda: sqlite3.connect(tmp_path / "gesprekken.db").execute("SELECT count(*) FROM erasure").fetchone()[0]     # noqa: E731
        time.sleep(0.5)
        assert waiting() == 1
        down.clear()
        deadline = time.monotonic() + 5
        while waiting():
            assert time.monotonic() < deadline, "het wissen is niet afgemaakt"
            time.sleep(0.05)
