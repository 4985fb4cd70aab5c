"""What belongs to no topic: not understood, stopping, starting anew, facts about oneself."""

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge
from actions.answers import about_place
from actions.base import Lesbrug, Turn, button, say_desk, understood
from actions.routeadvies import TASK, checked, facts_told, is_question, profile, say_advice
from actions.storage import store

OFFER_AT_LEAST = 0.05       # the likeliest topic must be this likely to be worth offering
OFFERS = 3
SEARCHED = 2
ROLES = ("werkende", "werkgever", "school", "werkzoekende")


class ActionOffer(Lesbrug):
    """Not sure enough: offers the likeliest topics; says that it does not know when that already failed."""

    def name(self) -> str:
        return "action_offer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        if tracker.get_slot("laatste_taak") == TASK and not turn.active_form and not is_question(turn) and facts_told(turn):
            return ActionFacts().run(dispatcher, tracker, domain)       # "ik kan ook 2 dagen": unsure as a question, clear as a fact
        if (place := about_place(dispatcher, turn)) is not None:
            return place
        found = knowledge.catalogue()
        missed = tracker.get_slot("misverstanden") or 0.0
        ranking = [item for item in tracker.latest_message.get("intent_ranking", []) if item["name"] != "nlu_fallback"]
        outside = bool(ranking) and ranking[0]["name"] == "buiten_bereik"
        likely = [] if outside else [item["name"] for item in ranking if item["confidence"] >= OFFER_AT_LEAST and knowledge.is_live(item["name"], found)]
        offered = list(dict.fromkeys([*likely[:OFFERS], *near(turn)]))[:OFFERS + 1] if missed < 1 else []
        if offered:
            say_offer(dispatcher, offered)
        else:
            say_desk(dispatcher, "utter_weet_niet", knowledge.desk_for(found, audience=turn.audience))
        return [SlotSet("misverstanden", missed + 1), *turn.resume()]


def near(turn: Turn) -> list[str]:
    """The articles that a question clearly comes near, where no topic answers it: to be offered, never passed off as the answer."""
    return [] if turn.is_button else [hit.topic for hit in store().articles.search(turn.text) if hit.clear][:SEARCHED]


def say_offer(dispatcher: CollectingDispatcher, topics: list[str]) -> None:
    dispatcher.utter_message(response="utter_bedoel_je", buttons=[
        *(button(knowledge.title(name, knowledge.catalogue()), name) for name in topics), {"title": "Nee, iets anders", "payload": "/buiten_bereik"}])


class ActionUnknown(Lesbrug):
    """Outside what the assistant is for: what it can do, and the desk that may know."""

    def name(self) -> str:
        return "action_unknown"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        if (place := about_place(dispatcher, turn)) is not None:
            return place
        if (hits := near(turn)) and not tracker.get_slot("misverstanden"):
            say_offer(dispatcher, hits)
        else:
            say_desk(dispatcher, "utter_weet_niet", knowledge.desk_for(knowledge.catalogue(), audience=turn.audience))
        return [SlotSet("misverstanden", (tracker.get_slot("misverstanden") or 0.0) + 1), *turn.resume()]


class ActionStop(Lesbrug):
    """Leaves the open task; what was told stays known."""

    def name(self) -> str:
        return "action_stop"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        dispatcher.utter_message(response="utter_gestopt" if Turn(tracker).active_form else "utter_niets_te_stoppen")
        return [ActiveLoop(None), SlotSet("requested_slot", None), SlotSet("laatste_taak", None), understood()]


class ActionRestartConversation(Lesbrug):
    """Forgets all slots; the conversation on the screen stays."""

    def name(self) -> str:
        return "action_restart_conversation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        dispatcher.utter_message(response="utter_opnieuw")
        return [ActiveLoop(None), AllSlotsReset()]


class ActionFacts(Lesbrug):
    """Remembers what somebody tells; after an advice it brings the advice up to date."""

    def name(self) -> str:
        return "action_facts"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        if (place := about_place(dispatcher, turn)) is not None:
            return place
        role = turn.entity("doelgroep")
        if role in ROLES:
            dispatcher.utter_message(response=f"utter_rol_{role}")
            return [SlotSet("doelgroep", role), understood(), *turn.resume()]
        told = facts_told(turn)
        events: list[EventType] = [*checked(dispatcher, told), understood()]
        if dispatcher.messages:         # absurd hours were refused; those that were told before still count
            return [SlotSet("uren", tracker.get_slot("uren")) if event["value"] is None else event for event in events]
        if told and tracker.get_slot("laatste_taak") == TASK:
            say_advice(dispatcher, profile(tracker, told))
            return events
        dispatcher.utter_message(response="utter_feiten" if told else "utter_waarover")
        return events
