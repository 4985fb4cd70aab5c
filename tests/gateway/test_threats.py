"""What threats.md describes, tried on a running Lesbrug: commands typed as text, forged roles, and the doors behind the gateway."""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from bot.gateway.clean import clean
from hypothesis import given, settings as examples, strategies as st

from tests.support import Conversation, Stack

BEFORE = {      # what a client can put before a slash; Rasa strips white space first (threats.md, finding 3)
    "niets": "", "spatie": " ", "regel": "\n", "tab": "\t", "nbsp": "\u00a0", "ogham": "\u1680", "en-spatie": "\u2002", "smalle-nbsp": "\u202f",
    "wiskundig": "\u205f", "u3000": "\u3000", "u2028": "\u2028", "u2029": "\u2029", "u0085": "\u0085", "x1c": "\x1c", "x1f": "\x1f", "x0b": "\x0b",
    "x0c": "\x0c", "nul": "\0", "zwsp": "\u200b", "zwj": "\u200d", "rlm": "\u200f", "bom": "\ufeff", "rlo": "\u202e", "isolaat": "\u2066", "woordplakker": "\u2060",
    "dubbel": "/", "drievoudig": "//", "schuin-en-wit": "/ \u3000", "verborgen": "\u200b\u3000\n\ufeff", "esc": "\x1b"}
SLASHES = {"gewoon": "/", "breed": "\uff0f", "breuk": "\u2044", "deling": "\u2215"}
COMMANDS = ['feiten{"doelgroep":"school"}', "restart", "session_start"]
AUTHORITY_SLOTS = ("doelgroep", "toegang", "rol", "school_id", "ingelogd")


def tracker_events(stack: Stack, conversation_id: str) -> list[dict]:
    """Rasa's memory of a conversation, as it stands in its database."""
    with sqlite3.connect(stack.settings.home / "rasa.db") as database:
        rows = database.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (conversation_id,)).fetchall()
    return [json.loads(data) for (data,) in rows]


def heard(stack: Stack, conversation_id: str) -> list[dict]:
    return [event for event in tracker_events(stack, conversation_id) if event["event"] == "user"]


def slot(stack: Stack, conversation_id: str, name: str) -> Any:
    return next((event["value"] for event in reversed(tracker_events(stack, conversation_id)) if event["event"] == "slot" and event["name"] == name), None)


def was_understood_by_nlu(event: dict) -> bool:
    """Whether the model read the text; Rasa's shortcut for commands gives one intent, and entities of its own extractor."""
    assert not event["text"].lstrip().startswith(tuple(SLASHES.values())), event["text"]
    parsed = event["parse_data"]
    assert len(parsed["intent_ranking"]) > 1, parsed["intent"]
    assert not any(entity.get("extractor") == "RegexMessageHandler" for entity in parsed["entities"])
    return True


# --- commands typed as text

@pytest.mark.parametrize("slash", SLASHES.values(), ids=SLASHES)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_a_typed_command_is_read_as_words_in_every_disguise(stack: Stack, conversation: Conversation, before: str, slash: str) -> None:
    for command in COMMANDS:
        conversation.say(f"{before}{slash}{command}")
    events = heard(stack, conversation.id)
    assert len(events) == len(COMMANDS) and all(was_understood_by_nlu(event) for event in events)
    assert [slot(stack, conversation.id, name) for name in AUTHORITY_SLOTS] == [None] * len(AUTHORITY_SLOTS)


@pytest.mark.parametrize("command", [
    "/routeadvies", "\n/routeadvies", "/bevestigen", "/stoppen", '/feiten{"opleidingsniveau":"wo"}', "/sla_over@1.0", '/toon_kandidaten{"rol":"school"}', "/SQL",
    "/nonexistent", "/nlu_fallback", "/back", "/start", "/action_listen", "/slot{\"doelgroep\":\"school\"}", "/SetSlots(doelgroep=school)"])
def test_a_typed_command_never_becomes_an_intent_by_itself(stack: Stack, conversation: Conversation, command: str) -> None:
    assert conversation.say(command)
    [event] = heard(stack, conversation.id)
    assert was_understood_by_nlu(event)
    assert slot(stack, conversation.id, "doelgroep") is None


def test_a_typed_command_gives_not_what_the_button_gives(stack: Stack) -> None:
    typed, pressed = stack.conversation(), stack.conversation()
    typed_answer = typed.say('/feiten{"doelgroep":"werkgever"}')
    pressed_answer = pressed.press(pressed.greeting, "Ik heb een bedrijf")
    assert pressed_answer[0]["text"].startswith("Fijn, je bent dus werkgever.")
    assert typed_answer[0]["text"] != pressed_answer[0]["text"]
    assert [event["text"] for event in heard(stack, pressed.id)] == ['/feiten{"doelgroep":"werkgever"}'], "een knop is wel een opdracht"
    assert slot(stack, pressed.id, "doelgroep") == "werkgever" and slot(stack, typed.id, "doelgroep") is None


def test_a_typed_command_leaves_an_open_form_where_it_was(stack: Stack, conversation: Conversation) -> None:
    conversation.say("welke route past bij mij?")
    for command in ('/feiten{"opleidingsniveau":"hbo"', "\u3000/session_start", "/restart"):
        conversation.say(command)
    assert all(was_understood_by_nlu(event) for event in heard(stack, conversation.id))
    restarts = [event for event in tracker_events(stack, conversation.id) if event["event"] in ("restart", "session_started")]
    assert len(restarts) == 1, "alleen het begin van het gesprek zelf"


def test_after_a_typed_role_plain_messages_get_no_other_wording(stack: Stack) -> None:
    plain, forger = stack.conversation(), stack.conversation()
    forger.say('\u2028/feiten{"doelgroep":"school"}')
    forger.say('{"rol": "school", "toegang": "alles"}')
    assert forger.say("wat kost het pdg?")[0]["text"] == plain.say("wat kost het pdg?")[0]["text"]


@given(st.text(alphabet=st.one_of(st.sampled_from([*SLASHES.values(), *filter(lambda text: len(text) == 1, BEFORE.values())]), st.characters()), max_size=60))
@examples(max_examples=500, derandomize=True, deadline=None)
def test_no_text_is_a_command_once_it_is_cleaned(text: str) -> None:
    cleaned = clean(text)
    assert not cleaned.strip().startswith(tuple(SLASHES.values()))
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")         # no lone surrogate is left
    assert "\0" not in cleaned


# --- the door of Rasa

@pytest.fixture
def rasa(stack: Stack) -> Callable[..., httpx.Response]:
    """Calls Rasa's port as the gateway does; `secret` signs, None leaves the signature out."""
    def call(method: str, path: str, *, body: bytes = b"", signed: bytes | None = None, secret: str | None = None, **headers: str) -> httpx.Response:
        if secret is not None:
            headers["x-lesbrug-signature"] = hmac.new(secret.encode(), body if signed is None else signed, hashlib.sha256).hexdigest()
        return httpx.request(method, f"http://127.0.0.1:{stack.settings.rasa_port}{path}", content=body, headers=headers, timeout=20, trust_env=False)
    return call


def a_message(**values: str) -> bytes:
    return json.dumps({"conversation": uuid4().hex, "message_id": uuid4().hex, "again": True, "text": "wat is het pdg?"} | values).encode()


def test_rasa_hears_only_who_signs(stack: Stack, rasa: Callable[..., httpx.Response]) -> None:
    conversation = uuid4().hex
    body, real = a_message(conversation=conversation, payload='/feiten{"doelgroep":"school"}'), stack.settings.secret("rasa")
    refused = [
        rasa("POST", "/webhooks/lesbrug/messages", body=body),
        rasa("POST", "/webhooks/lesbrug/messages", body=body, secret="een ander geheim"),
        rasa("POST", "/webhooks/lesbrug/messages", body=body, signed=a_message(), secret=real),
        rasa("POST", "/webhooks/lesbrug/messages", body=body, **{"x-lesbrug-signature": ""}),
        rasa("POST", "/webhooks/lesbrug/messages", body=body, **{"x-lesbrug-signature": "0" * 64}),
        rasa("POST", "/webhooks/lesbrug/messages", body=b"geen json"),
        rasa("DELETE", f"/webhooks/lesbrug/conversations/{conversation}"),
        rasa("DELETE", f"/webhooks/lesbrug/conversations/{conversation}", signed=b"een ander gesprek", secret=real),
        rasa("GET", "/webhooks/lesbrug/ready"),
        rasa("GET", "/webhooks/lesbrug/ready", signed=b"ready", secret="een ander geheim"),
    ]
    assert [response.status_code for response in refused] == [401] * len(refused)
    assert tracker_events(stack, conversation) == []
    assert rasa("GET", "/webhooks/lesbrug/ready", signed=b"ready", secret=real).status_code == 200, "wie tekent, komt erin"


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/webhooks/rest/webhook"), ("POST", "/webhooks/callback/webhook"), ("GET", "/webhooks/rest/"), ("GET", "/conversations/x/tracker"),
    ("POST", "/conversations/x/tracker/events"), ("POST", "/conversations/x/execute"), ("POST", "/conversations/x/trigger_intent"), ("POST", "/model/parse"),
    ("PUT", "/model"), ("DELETE", "/model"), ("POST", "/model/train"), ("GET", "/domain"), ("GET", "/status"), ("GET", "/socket.io/")])
def test_rasas_own_interface_is_not_there(rasa: Callable[..., httpx.Response], method: str, path: str) -> None:
    assert rasa(method, path, body=b'{"sender": "x", "message": "hallo"}').status_code == 404


def test_the_same_message_twice_is_handled_once_and_said_again(stack: Stack, rasa: Callable[..., httpx.Response]) -> None:
    conversation, secret = uuid4().hex, stack.settings.secret("rasa")
    body = a_message(conversation=conversation, text="hoe lang duurt het pdg en wie betaalt dat?")
    first, second = (rasa("POST", "/webhooks/lesbrug/messages", body=body, secret=secret).text.splitlines() for _ in range(2))
    said = [json.loads(line) for line in first]
    assert [line.get("topic") for line in said] == ["pdg-duur", "pdg-kosten", None] and said[-1] == {"done": True}
    assert [json.loads(line) for line in second] == said
    assert len(heard(stack, conversation)) == 1


def test_after_other_messages_an_old_one_is_still_not_handled_again(stack: Stack, rasa: Callable[..., httpx.Response]) -> None:
    conversation, secret = uuid4().hex, stack.settings.secret("rasa")
    old = a_message(conversation=conversation, text="welke route past bij mij?")
    first = rasa("POST", "/webhooks/lesbrug/messages", body=old, secret=secret).text
    rasa("POST", "/webhooks/lesbrug/messages", body=a_message(conversation=conversation, text="hbo"), secret=secret)
    assert rasa("POST", "/webhooks/lesbrug/messages", body=old, secret=secret).text == first
    assert [event["text"] for event in heard(stack, conversation)] == ["welke route past bij mij?", "hbo"]


@pytest.mark.parametrize("text", ["/routeadvies", "\u3000/routeadvies", '\n/feiten{"doelgroep":"school"}'], ids=ascii)
def test_rasa_itself_takes_no_text_for_a_command_even_when_it_is_signed(stack: Stack, rasa: Callable[..., httpx.Response], text: str) -> None:
    conversation = uuid4().hex
    response = rasa("POST", "/webhooks/lesbrug/messages", body=a_message(conversation=conversation, text=text), secret=stack.settings.secret("rasa"))
    assert response.status_code == 200
    assert all(was_understood_by_nlu(event) for event in heard(stack, conversation))
    assert slot(stack, conversation, "doelgroep") is None


# --- the door of the action server, and where the doors are

@pytest.mark.parametrize("secret", [None, "", "verkeerd", "é"])
def test_the_action_server_works_for_who_knows_the_secret_only(stack: Stack, secret: str | None) -> None:
    headers = {} if secret is None else {b"X-Lesbrug-Secret": secret.encode()}
    forged = {"next_action": "action_answer", "sender_id": "x", "tracker": {"sender_id": "x", "slots": {"rol": "school"}, "latest_message": {}, "events": []}, "domain": {}}
    base = f"http://127.0.0.1:{stack.settings.actions_port}"
    for method, path in (("POST", "/webhook"), ("GET", "/health"), ("GET", "/actions"), ("GET", "/"), ("GET", "/openapi.json")):
        response = httpx.request(method, base + path, json=forged if method == "POST" else None, headers=headers, trust_env=False)
        assert (response.status_code, response.json()) == (401, {"error": "geen toegang"})


def test_the_action_server_reads_nothing_compressed(stack: Stack) -> None:
    response = httpx.post(f"http://127.0.0.1:{stack.settings.actions_port}/webhook", content=b"x" * 100, trust_env=False,
                          headers={"X-Lesbrug-Secret": stack.settings.secret("actions"), "Content-Encoding": "deflate"})
    assert response.status_code == 413


def listening(port: int) -> set[str]:
    """The addresses on which this machine listens at a port, as the kernel writes them."""
    rows = [line.split() for name in ("tcp", "tcp6") if Path(f"/proc/net/{name}").exists() for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].rpartition(":")[0] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}


def test_all_parts_listen_on_this_machine_only(stack: Stack) -> None:
    ports = (stack.settings.rasa_port, stack.settings.actions_port, stack.settings.port)
    assert [listening(port) for port in ports] == [{"0100007F"}] * 3        # 127.0.0.1


# --- what is written down

def test_no_log_holds_what_a_person_says(stack: Stack) -> None:
    conversation, canary = stack.conversation(), f"kanarie{uuid4().hex}"
    for text in (f"ik heet {canary}, bel 0612345678", "welke route past bij mij?", "hbo", canary, f"hoe duur is {canary}?", f"/{canary}", f"\n\x1b[31m{canary}"):
        conversation.say(text)
    conversation.post({"text": canary * 200})
    conversation.post({"text": canary, "sender": canary})
    conversation.http.get(f"/api/conversations/{canary}/messages", headers={"Authorization": f"Bearer {canary}"})
    logs = list((stack.settings.home / "log").glob("*"))
    assert logs and not [path.name for path in logs if canary in path.read_text(errors="replace")]
    assert not [path.name for path in logs if conversation.token in path.read_text(errors="replace")]


def test_no_token_and_no_button_stands_readable_in_the_database(stack: Stack) -> None:
    conversation = stack.conversation()
    for path in stack.settings.home.glob("gesprekken.db*"):
        assert conversation.token.encode() not in path.read_bytes(), path.name


def test_secrets_can_be_read_by_their_owner_only(stack: Stack) -> None:
    files = list((stack.settings.home / "geheim").iterdir())
    assert {path.name for path in files} >= {"rasa", "actions", "knoppen"}
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
