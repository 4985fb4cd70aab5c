"""Starts the parts, keeps them running, and stops them all: Rasa, the action server, the web front end."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import httpx

from bot.settings import ROOT, SUPERVISED, Settings
from bot.training import QUIET

BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 5, 10)
HEALTHY_AFTER = 60          # a part that lived this long begins with the shortest wait again
STOP_SECONDS = 5
LOG_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class AlreadyRunning(Exception):
    """Another Lesbrug holds this data folder."""


class PortTaken(Exception):
    """One line that names the setting of the port that is in use."""


@dataclass
class Part:
    name: str
    module: str
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    failures: int = 0
    restart_at: float = 0.0
    restarts: int = 0


def _die_with_parent() -> None:
    """In the child: when the supervisor is killed, so is this."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Holds the data folder. Raises AlreadyRunning with the address of the one that does."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lesbrug.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunning(file.read().strip()) from None
        yield


def write_address(home: Path, address: str) -> None:
    (home / "lesbrug.lock").write_text(address, encoding="utf-8")


def check_ports(settings: Settings) -> None:
    """Raises PortTaken for the first port that cannot be had."""
    for name, host in (("port", settings.host), ("rasa_port", "127.0.0.1"), ("actions_port", "127.0.0.1")):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, getattr(settings, name)))
            except OSError as error:
                raise PortTaken(f"LESBRUG_{name.upper()}: poort {getattr(settings, name)} is niet vrij ({error.strerror})") from None


@dataclass
class Supervisor:
    """`tick` every now and then; `stop` at the end."""

    settings: Settings
    model: Path
    parts: list[Part] = field(default_factory=lambda: [
        Part("actions", "actions.server"), Part("rasa", "bot.rasa_channel.channel"), Part("web", "bot.web.app")])

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        own = {f"LESBRUG_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value is not None}
        own |= {
            SUPERVISED: "1", "LESBRUG_MODEL": str(self.model), "LESBRUG_TRACKER_URL": settings.tracker_url, "LESBRUG_KNOWLEDGE_URL": settings.knowledge_url,
            "LESBRUG_RASA_SECRET": settings.secret("rasa"), "LESBRUG_ACTIONS_SECRET": settings.secret("actions"),
            "MALLOC_ARENA_MAX": "2",                 # a few threads, no heap for each
            "TICKET_LOCK_LIFETIME": "15",            # Rasa: a lock whose holder died is free again after this many seconds
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LESBRUG_")}
        return {**inherited, **QUIET, **own}

    def start(self, part: Part) -> None:
        folder = self.settings.home / "log"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{part.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            part.process = subprocess.Popen([sys.executable, "-m", part.module], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self._environment(), start_new_session=True, preexec_fn=_die_with_parent)
        part.started_at = time.monotonic()

    def start_all(self) -> None:
        for part in self.parts:
            self.start(part)

    def tick(self, told: Callable[[str], None]) -> None:
        """Restarts what died, with a growing pause; `told` hears a line about each."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is None:
                if now >= part.restart_at:
                    part.restarts += 1
                    self.start(part)
            elif (code := part.process.poll()) is not None:
                part.failures = 0 if now - part.started_at > HEALTHY_AFTER else part.failures
                wait = BACKOFF_SECONDS[min(part.failures, len(BACKOFF_SECONDS) - 1)]
                part.failures += 1
                part.process, part.restart_at = None, now + wait
                told(f"{part.name} is gestopt (code {code}) en start opnieuw; zie {self.settings.home / 'log' / f'{part.name}.log'}")

    def stop(self) -> None:
        """TERM to all, KILL to what is still there after a few seconds."""
        running = [part.process for part in self.parts if part.process and part.process.poll() is None]
        for process in reversed(running):
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def not_ready(self) -> list[str] | None:
        """The parts that keep a question from being answered; empty when it can be, None while the web front end is not there."""
        try:
            return httpx.get(f"{address(self.settings)}/readyz", timeout=12, trust_env=False).json()["not_ready"]
        except (httpx.HTTPError, ValueError, KeyError):
            return None


def address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{settings.port}"
