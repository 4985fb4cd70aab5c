"""What all actions share: reading the turn, and saying an answer as data."""

import json
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge

UNKNOWN = "onbekend"        # a slot that was asked and skipped; knowledge gets None for it


class Turn:
    """One message of a person, as NLU understood it, with what the conversation remembers."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.intent: str = (tracker.latest_message.get("intent") or {}).get("name") or ""
        self.text: str = tracker.latest_message.get("text") or ""
        self.is_button = self.text.startswith("/")
        self.audience: str | None = tracker.get_slot("doelgroep")
        self.last_topic: str | None = tracker.get_slot("laatste_onderwerp")
        self.active_form: str | None = (tracker.active_loop or {}).get("name")
        self.message_id: str = tracker.latest_message.get("message_id") or ""

    def entities(self, name: str) -> list[str]:
        """Values of an entity in the order of the text; of a button, what it carries."""
        return [str(entity["value"]) for entity in self.tracker.latest_message.get("entities", []) if entity.get("entity") == name]

    def entity(self, name: str) -> str | None:
        return next(iter(self.entities(name)), None)

    def questions(self) -> list[str]:
        """The intents of the separate questions in the message: usually one."""
        return [item["name"] for item in self.tracker.latest_message.get("vragen") or []] or [self.intent]

    def resume(self) -> list[EventType]:
        """After an interruption the open form asks its question again."""
        return [FollowupAction(self.active_form)] if self.active_form else []


class Lesbrug(Action, ABC):
    """Base of the project's actions; abstract, so that rasa_sdk registers only those with a name."""

    @abstractmethod
    def name(self) -> str: ...


def understood() -> EventType:
    return SlotSet("misverstanden", 0.0)


def button(title: str, name: str, **entities: str) -> dict[str, str]:
    """A button to a topic or task. Its payload is Rasa's; the gateway hands out tokens in its place."""
    made = {"title": title, "payload": f"/{name}{json.dumps(entities) if entities else ''}"}
    return made | ({"topic": name} if name in knowledge.catalogue().topics else {})


def say_answer(dispatcher: CollectingDispatcher, told: knowledge.Answer, extra: list[dict[str, str]] | None = None) -> None:
    """The answer with its sources, items and next steps, `extra` buttons first."""
    buttons = [*(extra or []), *(step_button(step) for step in told.next_steps)]
    if told.has_details:
        buttons.append({"title": "Meer weten", "payload": button("", "meer_weten", onderwerp=told.topic)["payload"]})
    dispatcher.utter_message(text=told.text, buttons=buttons, json_message={
        "topic": told.topic, "sources": [vars(source) for source in told.sources], "items": list(told.items)})


def step_button(step: Any) -> dict[str, str]:
    if step.desk:
        return {"title": step.title, "payload": button("", "mens-spreken", loket=step.desk)["payload"]}
    return button(step.title, step.topic or step.task)


def say_desk(dispatcher: CollectingDispatcher, response: str, desk: Any, **values: Any) -> None:
    """A phrase that names a desk with its contact."""
    dispatcher.utter_message(response=response, loket=desk.name, hulp=desk.helps_with, contact=desk.contact,
                             adres=f"[{desk.url.removeprefix('https://')}]({desk.url})", **values)
