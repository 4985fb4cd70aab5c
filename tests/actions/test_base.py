"""What all actions share: reading the turn."""

import inspect
from importlib import import_module

import pytest
from actions.base import Lesbrug, Turn, button
from rasa_sdk import Tracker


def _turn(**message: object) -> Turn:
    return Turn(Tracker.from_dict({"sender_id": "gesprek-1", "slots": {}, "latest_message": message, "events": []}))


def test_a_turn_without_anything_in_it_is_read_all_the_same() -> None:
    turn = Turn(Tracker.from_dict({"sender_id": "gesprek-1", "slots": {}, "latest_message": None, "active_loop": None, "events": []}))
    assert (turn.intent, turn.text, turn.is_button, turn.active_form, turn.message_id) == ("", "", False, None, "")
    assert turn.questions() == [""]
    assert turn.entity("vak") is None
    assert turn.resume() == []


def test_entities_come_in_the_order_of_the_text() -> None:
    turn = _turn(entities=[{"entity": "vak", "value": "lassen"}, {"entity": "uren", "value": 8}, {"entity": "vak", "value": "metaal"}])
    assert turn.entities("vak") == ["lassen", "metaal"]
    assert turn.entity("uren") == "8"


def test_the_intent_is_the_question_where_the_message_was_not_split() -> None:
    assert _turn(intent={"name": "pdg-duur"}).questions() == ["pdg-duur"]
    assert _turn(intent={"name": "pdg-duur"}, vragen=None).questions() == ["pdg-duur"]
    assert _turn(intent={"name": "pdg-duur"}, vragen=[{"name": "pdg-wat"}, {"name": "pdg-kosten"}]).questions() == ["pdg-wat", "pdg-kosten"]


@pytest.mark.parametrize(("text", "pressed"), [("/pdg-duur", True), ("hoe lang duurt het?", False)])
def test_a_button_is_told_from_typed_text(text: str, pressed: bool) -> None:
    assert _turn(text=text).is_button is pressed


def test_a_button_names_the_topic_that_it_leads_to_and_only_a_topic() -> None:
    assert button("Duur", "pdg-duur") == {"title": "Duur", "payload": "/pdg-duur", "topic": "pdg-duur"}
    assert button("Advies", "routeadvies") == {"title": "Advies", "payload": "/routeadvies"}
    assert button("Meer", "meer_weten", onderwerp="pdg-duur")["payload"] == '/meer_weten{"onderwerp": "pdg-duur"}'


@pytest.mark.parametrize("module", ["answers", "dialogue", "routeadvies"])
def test_helpers_without_a_name_are_abstract_so_that_nobody_registers_them(module: str) -> None:
    made = [kind for _, kind in inspect.getmembers(import_module(f"actions.{module}"), inspect.isclass) if issubclass(kind, Lesbrug)]
    assert made
    for kind in made:
        if inspect.isabstract(kind):
            assert kind.__name__.startswith("_") or kind is Lesbrug
        else:
            assert kind().name().startswith(("action_", "validate_"))
