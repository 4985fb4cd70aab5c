"""Turns of a conversation as Rasa hands them to an action, on a database of the test's own; no server anywhere."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import knowledge
import pytest
import yaml
from actions import storage
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


@dataclass
class Said:
    """What an action did: its messages and its events."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def responses(self) -> list[str | None]:
        return [message["response"] for message in self.messages]

    @property
    def topics(self) -> list[str | None]:
        return [message["custom"].get("topic") for message in self.messages]

    @property
    def slots(self) -> dict[str, Any]:
        """The slots as they stand after all events: the last one counts."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def next_actions(self) -> list[str]:
        return [event["name"] for event in self.events if event["event"] == "followup"]


def tracker(intent: str | None = None, text: str = "", *, entities: dict[str, str | list[str]] | None = None, slots: dict[str, Any] | None = None,
            form: str | None = None, questions: list[str] | None = None, ranking: list[tuple[str, float]] | None = None, message_id: str = "bericht-1",
            actions: tuple[str, ...] = ("action_listen",), spans: list[dict] | None = None) -> Tracker:
    """The state that Rasa sends for one message."""
    named = [{"entity": name, "value": value} for name, values in (entities or {}).items() for value in ([values] if isinstance(values, str) else values)]
    message: dict[str, Any] = {"intent": {"name": intent, "confidence": 0.9}, "text": text, "entities": spans or named, "message_id": message_id,
                               "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking or []]}
    if questions:
        message["vragen"] = [{"name": name} for name in questions]
    return Tracker.from_dict({
        "sender_id": "gesprek-1", "slots": slots or {}, "latest_message": message, "events": [{"event": "action", "name": name} for name in actions],
        "active_loop": {"name": form} if form else {}, "latest_action_name": actions[-1] if actions else None})


DOMAIN = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((Path(__file__).parents[2] / "bot" / "domain").glob("*.yml"))]
RESPONSES = {name: variants for content in DOMAIN for name, variants in content.get("responses", {}).items()}


def _can_be_said(message: dict[str, Any]) -> None:
    """The phrase stands in the domain, and the action gave a value for every name in it."""
    if message["response"] is None:
        assert message["text"]
        return
    for variant in RESPONSES[message["response"]]:
        missing = [name for name in re.findall(r"\{(\w+)\}", variant.get("text", "")) if message.get(name) is None]
        assert not missing, (message["response"], missing)


@pytest.fixture
def act() -> Callable[..., Said]:
    """Runs an action on one message, described as for `tracker`."""
    def run(action: Action, *args: Any, **kwargs: Any) -> Said:
        dispatcher = CollectingDispatcher()
        events = action.run(dispatcher, tracker(*args, **kwargs), {})
        for message in dispatcher.messages:
            _can_be_said(message)
        return Said(dispatcher.messages, events)
    return run


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[knowledge.Store]:
    """The database that the actions write in."""
    url = f"sqlite:///{tmp_path / 'kennis.db'}"
    knowledge.migrate(url)
    monkeypatch.setenv("LESBRUG_KNOWLEDGE_URL", url)
    storage.store.cache_clear()
    yield storage.store()
    storage.store().close()
    storage.store.cache_clear()


@pytest.fixture
def searched(store: knowledge.Store) -> knowledge.Store:
    """The database with the articles in its index."""
    store.articles.refresh(knowledge.catalogue())
    return store


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> str:
    """A topic that is not live, put to sleep for this test."""
    topics = knowledge.catalogue().topics
    monkeypatch.setitem(topics, "maatwerk", topics["maatwerk"].model_copy(update={"live": False}))
    return "maatwerk"
