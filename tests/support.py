"""A real Lesbrug for the tests (Rasa, actions, web), and a client of its public interface."""

import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot import cli, supervisor, training
from bot.settings import Settings

READY_SECONDS = 150


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def migrated(settings: Settings) -> Settings:
    """The settings, with their databases there and up to date."""
    cli.prepare_databases(settings)
    return settings


@dataclass
class Conversation:
    """A conversation over the public interface; each turn gives the list of messages."""

    http: httpx.Client
    id: str
    token: str
    greeting: dict

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.id}"

    def post(self, body: Any, *, key: str | None = None, **headers: str) -> httpx.Response:
        extra = {"Idempotency-Key": key} if key else {}
        return self.http.post(f"{self.path}/messages", json=body, headers={**self.headers, **extra, **headers})

    def say(self, text: str, *, key: str | None = None) -> list[dict]:
        response = self.post({"text": text}, key=key)
        assert response.status_code == 200, response.text
        return response.json()["messages"]

    def press(self, messages: list[dict] | dict, title: str) -> list[dict]:
        """Presses the button with this title on the last message that has it."""
        messages = messages if isinstance(messages, list) else [messages]
        payload = next(button["payload"] for message in reversed(messages) for button in message["buttons"] if button["title"] == title)
        response = self.post({"payload": payload})
        assert response.status_code == 200, response.text
        return response.json()["messages"]

    def history(self, after: str | None = None) -> list[dict]:
        response = self.http.get(f"{self.path}/messages", params={"after": after} if after else {}, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()["messages"]


class Stack:
    """A running Lesbrug with its own data folder and ports, kept up by the real supervisor."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.settings = migrated(Settings(
            home=home, models=Path(os.environ.get("LESBRUG_MODELS") or Settings().models_folder), port=free_port(), rasa_port=free_port(),
            actions_port=free_port(), **{"rate_limit": "off", "telegram_token": None, "frame_ancestors": "http://127.0.0.1:* http://localhost:*"} | settings))
        model = training.trained(self.settings) or training.train(self.settings, lambda step: None)
        self.supervisor = supervisor.Supervisor(self.settings, model)
        self.told: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, daemon=True)

    @property
    def base_url(self) -> str:
        return supervisor.address(self.settings)

    def __enter__(self) -> "Stack":
        self._thread.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self.supervisor.stop()

    def _keep_up(self) -> None:
        self.supervisor.start_all()         # in the thread that lives as long as the parts: they die with it
        while not self._stopping.wait(0.1):
            self.supervisor.tick(self.told.append)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while self.supervisor.not_ready() != []:
            assert time.monotonic() < deadline, f"niet klaar: {self.supervisor.not_ready()}; {self.logs()}"
            time.sleep(0.2)

    def part(self, name: str) -> supervisor.Part:
        return next(part for part in self.supervisor.parts if part.name == name)

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace")[-3000:] for path in (self.settings.home / "log").glob("*.log"))

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.base_url, timeout=30, trust_env=False, **options)

    def conversation(self, http: httpx.Client | None = None) -> Conversation:
        http = http or self.client()
        opened = http.post("/api/conversations")
        assert opened.status_code == 201, opened.text
        body = opened.json()
        return Conversation(http, body["id"], body["token"], body["messages"][0])
