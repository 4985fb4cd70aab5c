"""Questions about topics: the answer, more of it, simpler, and how certain it is."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge
from actions.base import Lesbrug, Turn, say_answer, say_desk, understood
from actions.storage import store

FOLLOW_UP = "vervolg_"
PERSON_TOPICS = {"mens-spreken": "mens gevraagd", "klacht": "klacht"}


class ActionAnswer(Lesbrug):
    """Answers each question of the message, in order."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        if turn.entity("loket"):
            say_desk(dispatcher, "utter_loket", knowledge.desk_for(knowledge.catalogue(), name=turn.entity("loket")))
            return [understood(), *turn.resume()]
        last, forms = turn.last_topic, []
        for intent in turn.questions():
            if intent == "routeadvies":
                forms = [FollowupAction("routeadvies_form")]
            else:
                last = _answer(dispatcher, turn, intent, last) or last
        return [SlotSet("laatste_onderwerp", last), understood(), *(forms or turn.resume())]


def _answer(dispatcher: CollectingDispatcher, turn: Turn, intent: str, last: str | None) -> str | None:
    """Says the answer to one question; gives the topic that it was about, None where there was none."""
    found = knowledge.catalogue()
    if intent.startswith(FOLLOW_UP):
        topic = knowledge.follow_up(last, intent, found) if last else None
        if topic is None:
            if last:
                say_desk(dispatcher, "utter_geen_vervolg", knowledge.desk_for(found, audience=turn.audience))
            else:
                dispatcher.utter_message(response="utter_waarover")
            return None
    else:
        topic = intent
    if not knowledge.is_live(topic, found):
        title = knowledge.title(topic, found)
        desk = knowledge.desk_for(found, audience=turn.audience)
        say_desk(dispatcher, "utter_nog_niet" if title else "utter_weet_niet", desk, titel=title or "")
        return None
    if topic in PERSON_TOPICS and turn.message_id:
        store().ask_desk(turn.tracker.sender_id, message_key=turn.message_id, reason=PERSON_TOPICS[topic], about_topic=last, now=knowledge.now())
    say_answer(dispatcher, knowledge.answer(topic, found, knowledge.today(), audience=turn.audience))
    return topic


class _AboutLast(Lesbrug):
    """Says something more about the topic on the button, else the last one."""

    form = ""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        found = knowledge.catalogue()
        topic = turn.entity("onderwerp") or turn.last_topic
        if topic not in found.articles:
            dispatcher.utter_message(response="utter_waarover")
            return turn.resume()
        self.say(dispatcher, turn, topic)
        return [SlotSet("laatste_onderwerp", topic), understood(), *turn.resume()]

    def say(self, dispatcher: CollectingDispatcher, turn: Turn, topic: str) -> None:
        say_answer(dispatcher, knowledge.answer(topic, knowledge.catalogue(), knowledge.today(), audience=turn.audience, form=self.form))


class ActionMore(_AboutLast):
    form = "details"

    def name(self) -> str:
        return "action_more"


class ActionSimpler(_AboutLast):
    form = "simple"

    def name(self) -> str:
        return "action_simpler"


class ActionCertainty(_AboutLast):
    """`weet je dat zeker?`: the sources with their years, and when an editor last looked."""

    def name(self) -> str:
        return "action_certainty"

    def say(self, dispatcher: CollectingDispatcher, turn: Turn, topic: str) -> None:
        told = knowledge.answer(topic, knowledge.catalogue(), knowledge.today(), audience=turn.audience)
        dispatcher.utter_message(
            response="utter_zekerheid" if told.sources else "utter_zekerheid_product",
            bronnen="; ".join(f"{source.title} ({source.as_of})" for source in told.sources),
            datum=knowledge.dutch_date(told.checked_on),
            json_message={"topic": topic, "sources": [vars(source) for source in told.sources]})
