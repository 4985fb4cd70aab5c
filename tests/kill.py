"""`kill -9` of a process while clients talk: nothing that was accepted stays unanswered, nothing is answered twice.

A few cycles run in CI (tests/gateway/test_kill.py); many with `python -m tests.bench.kill`.
"""

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.support import Conversation, Stack

QUESTIONS = {"wat is het pdg?": "pdg-wat", "hoe lang duurt het pdg?": "pdg-duur", "wat kost het pdg?": "pdg-kosten", "moet er btw over detachering?": "kosten-btw"}
PATIENCE_SECONDS = 120


@dataclass
class Talk:
    """A client that sends the same message again, with the same key, until it has the answer."""

    conversation: Conversation
    asked: list[tuple[str, str]] = field(default_factory=list)      # (key, question)
    retries: int = 0

    def ask(self) -> None:
        question, key = random.choice(list(QUESTIONS)), uuid4().hex
        self.asked.append((key, question))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                response = self.conversation.post({"text": question}, key=key)
                if response.status_code == 200:
                    return
                assert response.status_code == 503, response.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"geen antwoord binnen {PATIENCE_SECONDS} s"
            self.retries += 1
            time.sleep(0.2)


@dataclass
class Outcome:
    """What a run of cycles left behind."""

    cycles: int = 0
    accepted: int = 0
    unanswered: int = 0
    answered_twice: int = 0
    handled_twice: int = 0
    wrong: int = 0
    retries: int = 0
    seconds_back: list[float] = field(default_factory=list)

    @property
    def faultless(self) -> bool:
        return not (self.unanswered or self.answered_twice or self.handled_twice or self.wrong)


def run(stack: Stack, part: str, cycles: int, *, clients: int = 3, seed: int = 1) -> Outcome:
    """Kills `part` (web, rasa, actions) `cycles` times at random moments while `clients` talk."""
    chance, outcome, stop = random.Random(seed), Outcome(), threading.Event()
    talks = [Talk(stack.conversation(stack.client())) for _ in range(clients)]
    failures: list[BaseException] = []

    def talk(client: Talk) -> None:
        try:
            while not stop.is_set():
                client.ask()
        except BaseException as error:      # shown by the main thread
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(client,)) for client in talks]
    for thread in threads:
        thread.start()
    for _ in range(cycles):
        time.sleep(chance.uniform(0.2, 1.2))
        killed = stack.part(part).process
        stack.part(part).failures = 0           # each kill stands for itself: no growing pause
        began = time.monotonic()
        if killed:
            os.kill(killed.pid, signal.SIGKILL)
        while stack.part(part).process in (None, killed):
            time.sleep(0.02)
        stack.wait_ready()
        outcome.cycles += 1
        outcome.seconds_back.append(round(time.monotonic() - began, 2))
    stop.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    for client in talks:
        _judge(stack, client, outcome)
    return outcome


def _judge(stack: Stack, client: Talk, outcome: Outcome) -> None:
    history = client.conversation.history()
    asked = [message for message in history if message["from"] == "user"]
    outcome.accepted += len(asked)
    outcome.retries += client.retries
    outcome.answered_twice += max(0, len(asked) - len(client.asked))
    told = Counter(message["topic"] for message in history if message["from"] == "bot" and message["topic"])
    want = Counter(QUESTIONS[question] for _, question in client.asked)
    outcome.unanswered += sum((want - told).values())
    outcome.answered_twice += sum((told - want).values())
    outcome.wrong += sum(1 for message in history[1:] if message["from"] == "bot" and not message["topic"])
    events = sqlite3.connect(stack.settings.home / "rasa.db").execute(
        "SELECT data FROM events WHERE type_name = 'user' AND sender_id = ?", (client.conversation.id,)).fetchall()
    handled = Counter(json.loads(data)["message_id"] for (data,) in events)
    outcome.handled_twice += sum(number - 1 for number in handled.values())
