"""Questions about topics: the answer, more of it, simpler, and how certain it is."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge
from actions.base import Lesbrug, Turn, button, say_answer, say_desk, understood
from actions.pages import offers
from actions.storage import store

FOLLOW_UP = "vervolg_"
PLACE_WORDS = 6         # "en hoe zit het in Zeeland?" is the longest message that may be about nothing but a place
PERSON_TOPICS = {"mens-spreken": "mens gevraagd", "klacht": "klacht"}


class Memory:
    """What an answer leans on and leaves behind: the last topic, the region, and the words that were explained."""

    def __init__(self, turn: Turn) -> None:
        self.last: str | None = turn.last_topic
        self.region: str | None = turn.tracker.get_slot("regio")
        self.explained: list[str] = list(turn.tracker.get_slot("uitgelegd") or [])

    def events(self) -> list[EventType]:
        return [SlotSet("laatste_onderwerp", self.last), SlotSet("regio", self.region), SlotSet("uitgelegd", self.explained)]


class ActionAnswer(Lesbrug):
    """Answers each question of the message, in order."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        if turn.entity("loket"):
            say_desk(dispatcher, "utter_loket", knowledge.desk_for(knowledge.catalogue(), name=turn.entity("loket")))
            return [understood(), *turn.resume()]
        memory, forms = Memory(turn), []
        for intent in turn.questions():
            if intent == "routeadvies":
                forms = [FollowupAction("routeadvies_form")]
            else:
                _answer(dispatcher, turn, intent, memory)
        return [*memory.events(), understood(), *(forms or turn.resume())]


def _answer(dispatcher: CollectingDispatcher, turn: Turn, intent: str, memory: Memory) -> None:
    """Says the answer to one question."""
    found = knowledge.catalogue()
    if intent.startswith(FOLLOW_UP):
        topic = knowledge.follow_up(memory.last, intent, found) if memory.last else None
        if topic is None:
            if memory.last:
                say_desk(dispatcher, "utter_geen_vervolg", knowledge.desk_for(found, audience=turn.audience))
            else:
                dispatcher.utter_message(response="utter_waarover")
            return
    else:
        topic = intent
    if not knowledge.is_live(topic, found):
        title = knowledge.title(topic, found)
        desk = knowledge.desk_for(found, audience=turn.audience)
        meanwhile = found.tasks[topic].meanwhile if topic in found.tasks else None
        say_desk(dispatcher, "utter_nog_niet" if title else "utter_weet_niet", desk, titel=title or "",
                 buttons=[button(knowledge.title(meanwhile, found), meanwhile)] if meanwhile else [])
        return
    if topic in PERSON_TOPICS and turn.message_id:
        store().ask_desk(turn.tracker.sender_id, message_key=turn.message_id, reason=PERSON_TOPICS[topic], about_topic=memory.last, now=knowledge.now())
    say_topic(dispatcher, turn, topic, memory)


def say_topic(dispatcher: CollectingDispatcher, turn: Turn, topic: str, memory: Memory, form: str = "summary",
              named: tuple[str, ...] | None = None) -> None:
    """The answer to a topic in one of its forms, for the region that somebody names (`named`, else as the text says) or named before."""
    found = knowledge.catalogue()
    memory.last = topic
    if found.articles[topic].by_region:
        if named is None:
            named = (turn.entity("regio"),) if turn.entity("regio") else knowledge.named_regions(turn.text, found) if not turn.is_button else ()
        if len(named) > 1:
            dispatcher.utter_message(response="utter_welke_regio", buttons=[button(found.regions[name].name, topic, regio=name) for name in named])
            return
        memory.region = named[0] if named else memory.region
    told = knowledge.answer(topic, found, knowledge.today(), audience=turn.audience, form=form, region=memory.region, explained=memory.explained)
    memory.explained += told.terms
    say_answer(dispatcher, told, offers(topic) if form == "summary" else None)


def about_place(dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType] | None:
    """Answers a bare place ("Almelo", "en in Zeeland?") after a topic that differs by region; None where it is something else."""
    found, memory = knowledge.catalogue(), Memory(turn)
    article = found.articles.get(memory.last or "")
    words = turn.text.split()
    if turn.is_button or not (article and article.by_region) or len(words) > PLACE_WORDS:
        return None
    alone = len(words) == 1         # then "Leiden" is a place, where it may be a verb in a sentence
    named = knowledge.named_regions(f"in {turn.text}" if alone else turn.text, found)
    if not named:
        return None
    say_topic(dispatcher, turn, article.id, memory, named=named)
    return [*memory.events(), understood(), *turn.resume()]


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
        memory = Memory(turn)
        self.say(dispatcher, turn, topic, memory)
        return [*memory.events(), understood(), *turn.resume()]

    def say(self, dispatcher: CollectingDispatcher, turn: Turn, topic: str, memory: Memory) -> None:
        say_topic(dispatcher, turn, topic, memory, self.form)


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

    def say(self, dispatcher: CollectingDispatcher, turn: Turn, topic: str, memory: Memory) -> None:
        memory.last = topic
        told = knowledge.answer(topic, knowledge.catalogue(), knowledge.today(), audience=turn.audience, region=memory.region)
        if not told.sources:            # of a region without desks or initiatives the national answer was given
            told = knowledge.answer(topic, knowledge.catalogue(), knowledge.today(), audience=turn.audience)
        dispatcher.utter_message(
            response="utter_zekerheid" if told.sources else "utter_zekerheid_product",
            bronnen="; ".join(f"{source.title} ({source.as_of})" for source in told.sources),
            datum=knowledge.dutch_date(told.checked_on),
            json_message={"topic": topic, "sources": [vars(source) for source in told.sources]})
