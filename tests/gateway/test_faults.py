"""Parts that die, hang or are locked: within five seconds one clear Dutch sentence, and afterwards everything goes on where it was."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.support import Conversation, Stack

START = "welke route past bij mij?"
LEVEL, SUBJECT, HOURS = "Wat is je hoogste opleiding?", "Wat is je vak of beroep?", "Hoeveel uur of dagen per week"
MOST_SECONDS = 5


def is_told_within_five_seconds(stack: Stack, conversation: Conversation, text: str, key: str, *, detail: str) -> bool:
    """Whether the message gets a 503 problem that says what goes on; fails with what it gets."""
    with stack.client() as http:
        began = time.monotonic()
        response = Conversation(http, conversation.id, conversation.token, conversation.greeting).post({"text": text}, key=key)
        took = time.monotonic() - began
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json" and int(response.headers["retry-after"]) >= 1
    assert response.json()["title"] == "Lukt nu niet" and response.json()["detail"].startswith("Dit lukt nu even niet.")
    assert detail in response.json()["detail"]
    assert took <= MOST_SECONDS, took
    return True


def not_ready(stack: Stack) -> list[str]:
    with stack.client() as http:
        response = http.get("/readyz")
    assert (response.status_code == 503) == bool(response.json()["not_ready"])
    return response.json()["not_ready"]


def said_after(conversation: Conversation, text: str) -> list[list[dict]]:
    """What was answered after each time that this text stands in the conversation."""
    history = conversation.history()
    places = [number for number, message in enumerate(history) if message["from"] == "user"]
    ends = [*places[1:], len(history)]
    return [history[place + 1:end] for place, end in zip(places, ends) if history[place]["text"] == text]


def handled(stack: Stack, conversation: Conversation) -> list[str]:
    """The texts that Rasa handled, in order."""
    with sqlite3.connect(stack.settings.home / "rasa.db") as database:
        rows = database.execute("SELECT data FROM events WHERE type_name = 'user' AND sender_id = ? ORDER BY id", (conversation.id,)).fetchall()
    return [json.loads(data)["text"] for (data,) in rows]


@contextmanager
def locked(stack: Stack, name: str, seconds: float = 0) -> Iterator[None]:
    """Holds the write lock of a database, at least this long."""
    held = sqlite3.connect(stack.settings.home / f"{name}.db", isolation_level=None, timeout=10)
    until = time.monotonic() + seconds
    held.execute("BEGIN EXCLUSIVE")
    try:
        yield
        time.sleep(max(0, until - time.monotonic()))
    finally:
        held.execute("ROLLBACK")
        held.close()


@contextmanager
def kept_down(stack: Stack, name: str) -> Iterator[None]:
    """Kills a part and keeps the supervisor from bringing it back."""
    part = stack.part(name)
    module, part.module = part.module, "geen.module"
    os.kill(part.process.pid, signal.SIGKILL)
    try:
        yield
    finally:
        part.module, part.failures, part.restart_at = module, 0, 0


def answers_when_it_can(conversation: Conversation, text: str, key: str) -> list[dict]:
    """The answer to the same message with the same key, sent until it is there."""
    deadline = time.monotonic() + 60
    while (response := conversation.post({"text": text}, key=key)).status_code != 200:
        assert response.status_code == 503 and time.monotonic() < deadline, response.text
        time.sleep(0.3)
    return response.json()["messages"]


def test_each_part_may_die_in_the_middle_of_a_form_and_nothing_is_lost(own_stack: Stack) -> None:
    conversation, other = own_stack.conversation(), own_stack.conversation()
    conversation.say(START)

    # the action server is gone and stays gone
    with kept_down(own_stack, "actions"):
        assert is_told_within_five_seconds(own_stack, conversation, "mbo 4", "a", detail="Je bericht is bewaard")
        assert "actions" in not_ready(own_stack)
        assert is_told_within_five_seconds(own_stack, other, "wat is het pdg?", "a", detail="Je bericht is bewaard")
        with own_stack.client() as http:
            assert http.get("/healthz").status_code == 200
            assert http.post("/api/conversations").status_code == 201
        assert [message["text"] for message in conversation.history() if message["from"] == "user"] == [START, "mbo 4"], "bewaard is ook te zien"
    own_stack.wait_ready()
    [asked] = answers_when_it_can(conversation, "mbo 4", "a")
    assert asked["text"].startswith(SUBJECT)
    assert said_after(conversation, "mbo 4") == [[asked]]
    assert [message["topic"] for message in answers_when_it_can(other, "wat is het pdg?", "a")] == ["pdg-wat"]

    # the action server is there and answers nothing
    os.kill(own_stack.part("actions").process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with own_stack.client() as http:
            response = Conversation(http, conversation.id, conversation.token, conversation.greeting).post({"text": "lasser"}, key="b")
        assert response.status_code == 503 and time.monotonic() - began <= 11, "na hooguit tien seconden"
    finally:
        os.kill(own_stack.part("actions").process.pid, signal.SIGCONT)
    [asked] = answers_when_it_can(conversation, "lasser", "b")
    assert asked["text"].startswith(HOURS)
    assert said_after(conversation, "lasser") == [[asked]]

    # Rasa is killed while it holds the form
    own_stack.wait_ready()
    own_stack.part("rasa").process.kill()
    assert is_told_within_five_seconds(own_stack, conversation, "0", "c", detail="Je bericht is bewaard")
    assert "model" in not_ready(own_stack)
    own_stack.wait_ready()
    refused, asked = answers_when_it_can(conversation, "0", "c")
    assert refused["text"].startswith("Met 0 uur") and asked["text"].startswith(HOURS), "verder bij dezelfde vraag"
    assert said_after(conversation, "0") == [[refused, asked]]

    # the front end itself is killed, just after a message came in
    with ThreadPoolExecutor(1) as pool, own_stack.client() as http:
        sent = pool.submit(lambda: http.post(f"{conversation.path}/messages", json={"text": "8 uur"}, headers={**conversation.headers, "Idempotency-Key": "d"}))
        time.sleep(0.03)
        own_stack.part("web").process.kill()
        assert sent.exception() is None or isinstance(sent.exception(), httpx.TransportError)
    own_stack.wait_ready()
    conversation.http = own_stack.client()
    advice, refine = answers_when_it_can(conversation, "8 uur", "d")
    assert advice["items"][0]["reasons"] == ["je opleiding mbo 4 is", "je vak lasser is", "je 8 uur per week op school wilt werken"]
    assert said_after(conversation, "8 uur") == [[advice, refine]]
    assert handled(own_stack, conversation) == [START, "mbo 4", "lasser", "0", "8 uur"], "elk bericht precies één keer"


def test_a_locked_database_costs_five_seconds_and_no_memory(own_stack: Stack) -> None:
    conversation = own_stack.conversation()
    conversation.say(START)

    # the gateway's: what comes in cannot be kept, and that is said, also to who stands in line
    others = [own_stack.conversation() for _ in range(3)]
    with locked(own_stack, "gesprekken", 6), ThreadPoolExecutor(4) as pool:
        told = [pool.submit(is_told_within_five_seconds, own_stack, one, "mbo 4", "a", detail="Je bericht is niet bewaard") for one in [conversation, *others]]
        assert [future.result() for future in told] == [True] * 4
        assert "database" in not_ready(own_stack)
    own_stack.wait_ready()
    assert [message["from"] for message in conversation.history()] == ["bot", "user", "bot"], "niet bewaard is niet bewaard"
    [asked] = conversation.say("mbo 4", key="a")
    assert asked["text"].startswith(SUBJECT)

    # Rasa's: a turn that cannot be remembered is not said to be done
    with locked(own_stack, "rasa", 6):
        assert is_told_within_five_seconds(own_stack, conversation, "lasser", "b", detail="Je bericht is bewaard")
    [asked] = answers_when_it_can(conversation, "lasser", "b")
    assert asked["text"].startswith(HOURS)
    assert said_after(conversation, "lasser") == [[asked]]

    # the gateway's once more, between the question and its answer
    with own_stack.client() as http, ThreadPoolExecutor(1) as pool:
        os.kill(own_stack.part("actions").process.pid, signal.SIGSTOP)
        sent = pool.submit(Conversation(http, conversation.id, conversation.token, conversation.greeting).post, {"text": "8 uur"}, key="c")
        time.sleep(0.5)
        with locked(own_stack, "gesprekken", 6):
            os.kill(own_stack.part("actions").process.pid, signal.SIGCONT)
            sent.result()
    advice, refine = answers_when_it_can(conversation, "8 uur", "c")
    assert "je vak lasser is" in advice["items"][0]["reasons"], "het formulier is niets vergeten"
    assert said_after(conversation, "8 uur") == [[advice, refine]]
    assert handled(own_stack, conversation) == [START, "mbo 4", "lasser", "8 uur"], "elk bericht precies één keer"


# --- long conversations

@pytest.mark.parametrize("turns", [40])
def test_after_many_turns_the_last_topic_and_what_was_told_are_still_known(stack: Stack, turns: int) -> None:
    conversation = stack.conversation()
    conversation.press(conversation.greeting, "Ik heb een bedrijf")
    conversation.say("ik heb mbo 4 en ben loodgieter")
    for number in range(turns):
        conversation.say(("wat is een hybride docent?", "dank je wel", "moet er btw over detachering?", "wat is het pdg?")[number % 4])
    assert [message["topic"] for message in conversation.say("en wat kost dat?")] == ["pdg-kosten"]
    assert "je medewerker" in conversation.history()[-1]["text"], "de doelgroep is gebleven"
    assert conversation.say(START)[-1]["text"].startswith(HOURS), "opleiding en vak hoeven niet nog eens"
    with sqlite3.connect(stack.settings.home / "rasa.db") as database:
        [sessions] = database.execute("SELECT count(*) FROM events WHERE type_name = 'session_started' AND sender_id = ?", (conversation.id,)).fetchone()
    assert sessions >= 2, "anders is de overgang naar een nieuwe sessie niet getoetst"


def test_a_form_that_is_open_when_the_conversation_grows_long_stays_open(stack: Stack) -> None:
    conversation = stack.conversation()
    conversation.say(START)
    for _ in range(25):
        conversation.say("wat is het pdg?")
    assert conversation.say("hbo")[-1]["text"].startswith(SUBJECT)
    assert conversation.say("lasser")[-1]["text"].startswith(HOURS)


def test_a_message_is_not_handled_again_after_the_session_was_renewed(stack: Stack) -> None:
    conversation, key = stack.conversation(), uuid4().hex
    first = conversation.say("wat is het pdg?", key=key)
    for _ in range(30):
        conversation.say("dank je wel")
    assert conversation.say("wat is het pdg?", key=key) == first
    assert [message["from"] for message in conversation.history()].count("user") == 31
