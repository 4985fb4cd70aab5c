"""The task routeadvies: slots from what somebody says, and the advice from knowledge."""

import re
from decimal import Decimal

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import knowledge
from actions.base import UNKNOWN, Lesbrug, Turn, button, say_desk, understood

TASK = "routeadvies"
ANSWERS = {"feiten", "routeadvies", "bevestigen", "nlu_fallback", "buiten_bereik", "groet", "meer_weten"}
SKIPS = {"sla_over", "weet_ik_niet"}
# A message with one of these intents is never the bare name of a subject ("stop", "ja", "weet ik niet").
NO_SUBJECT = SKIPS | {"bevestigen", "ontkennen", "stoppen", "opnieuw", "bedankt", "afscheid", "simpeler", "weet_je_zeker", "mens-spreken", "klacht"}
_DENIED = re.compile(r"\bgeen\s+$", re.I)
_QUESTION = re.compile(r"\?|^(?:en |maar )?(?:wat|hoe|wie|waar\w*|wanneer|welke?|kan|kun|mag|moet|krijg\w*)\b", re.I)
MAX_SUBJECT_WORDS = 6
SHORT_ANSWER_WORDS = 4
_PRESENT_JOB = re.compile(r"\b(werk|werkt|werkend|dienst|contract|baan|fulltime|parttime)\b(?!.*\b(wil|kan|zou|over)\b)", re.I)


def facts_told(turn: Turn, requested: str | None = None) -> dict[str, str]:
    """The slots that the message fills, as stored: level id, subject, hours `8` or `4-6`, sector, years.

    `requested` is the slot that was asked for: its answer may be bare (`8`, `lasser`).
    """
    found = knowledge.catalogue()
    words = turn.text if not turn.is_button else ""
    spans = {name: " ".join(_told_of(turn, name)) for name in ("opleidingsniveau", "uren", "ervaring")}
    told: dict[str, str | None] = {
        "opleidingsniveau": knowledge.level(spans["opleidingsniveau"] or (words if requested == "opleidingsniveau" else ""), found),
        "vakgebied": _subject(turn, requested),
        "uren": _hours_told(spans["uren"], _about_school(turn, words, requested), bare=requested == "uren"),
        "ervaring": _years(spans["ervaring"]),
        "sector": _sector(turn.entity("sector")),
    }
    return {name: value for name, value in told.items() if value}


def _told_of(turn: Turn, name: str) -> list[str]:
    """The values of an entity without those that are denied: "geen [hbo], gewoon [mbo 3]"."""
    return [str(entity["value"]) for entity in turn.tracker.latest_message.get("entities", [])
            if entity.get("entity") == name and not _DENIED.search(turn.text[:entity.get("start") or 0])]


def _subject(turn: Turn, requested: str | None) -> str | None:
    named = turn.entities("vak")[-1:] or turn.entities("beroep")[-1:]
    if named:
        return named[0].lower()
    if turn.intent in NO_SUBJECT or turn.intent.startswith("vervolg_") or any(turn.entity(name) for name in ("opleidingsniveau", "uren", "ervaring")):
        return None
    bare = turn.text.strip(" .!").lower()
    if requested == "vakgebied" and not turn.is_button and 0 < len(bare.split()) <= MAX_SUBJECT_WORDS and "?" not in bare and any(map(str.isalpha, bare)):
        return bare
    return None


def _about_school(turn: Turn, words: str, requested: str | None) -> str:
    """The text, where hours in it are hours at a school and not those of the present job (`ik werk nu 32 uur`)."""
    is_answer = turn.intent in ANSWERS | {TASK} or requested == "uren" and _is_short_answer(turn)
    return words if is_answer and not _PRESENT_JOB.search(words) else ""


def _hours_told(span: str, words: str, *, bare: bool) -> str | None:
    """What was recognised counts before the whole text, but of "4 tot 6 uur" often only "6 uur" is recognised."""
    whole = _hours(words, bare=bare)
    return whole if whole and "-" in whole else _hours(span, bare=False) or whole


def _hours(text: str, *, bare: bool) -> str | None:
    value = knowledge.hours(text, bare=bare) if text else None
    if value is None:
        return None
    return f"{value.low:f}" if value.low == value.high else f"{value.low:f}-{value.high:f}"


def _years(text: str) -> str | None:
    years = knowledge.experience_years(text) if text else None
    return f"{years:f}" if years is not None else None


def _sector(named: str | None) -> str | None:
    sectors = {"mbo": "mbo", "roc": "mbo", "hbo": "hbo", "hogeschool": "hbo", "vo": "vo", "vmbo": "vo", "middelbare school": "vo",
               "basisschool": "po", "po": "po", "universiteit": "wo"}
    return sectors.get((named or "").lower())


def _stored_hours(value: str | None) -> knowledge.Hours | None:
    if not value or value == UNKNOWN:
        return None
    low, _, high = value.partition("-")
    return knowledge.Hours(Decimal(low), Decimal(high or low))


def profile(tracker: Tracker, told: dict[str, str] | None = None) -> knowledge.Profile:
    """What the slots hold, and what was told just now, as knowledge wants it: skipped becomes None."""
    known = {name: (told or {}).get(name) or tracker.get_slot(name) for name in ("opleidingsniveau", "vakgebied", "uren", "ervaring", "sector")}
    known = {name: None if value == UNKNOWN else value for name, value in known.items()}
    return knowledge.Profile(level=known["opleidingsniveau"], subject=known["vakgebied"], hours=_stored_hours(known["uren"]),
                             experience_years=Decimal(known["ervaring"]) if known["ervaring"] else None, sector=known["sector"])


class ValidateRouteadviesForm(Lesbrug):
    """Fills slots from the message. Gives no event where the message is another question, so that the form steps aside for its rule."""

    def name(self) -> str:
        return "validate_routeadvies_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        turn = Turn(tracker)
        requested = tracker.get_slot("requested_slot")
        coming_back = _last_action_before_form(tracker) != "action_listen"
        told = facts_told(turn, None if coming_back else requested)
        if coming_back or not requested:
            return checked(dispatcher, told)
        if turn.intent in SKIPS:        # what was named all the same counts, the bare words do not
            return [SlotSet(requested, UNKNOWN), *checked(dispatcher, facts_told(turn))]
        if requested not in told and turn.intent not in ANSWERS:
            return []
        if requested in told and turn.intent not in ANSWERS and not _is_short_answer(turn):
            return []
        events = checked(dispatcher, told)
        if not events:
            dispatcher.utter_message(response=f"utter_niet_begrepen_{requested}")
            events = [SlotSet(requested, None)]
        return events


def _is_short_answer(turn: Turn) -> bool:
    return turn.is_button or (len(turn.text.split()) <= SHORT_ANSWER_WORDS and not is_question(turn))


def is_question(turn: Turn) -> bool:
    return bool(_QUESTION.search(turn.text))


def checked(dispatcher: CollectingDispatcher, told: dict[str, str]) -> list[EventType]:
    """The slots to set; absurd hours are refused aloud and emptied, so that the form asks again."""
    hours = _stored_hours(told.get("uren"))
    if hours and not knowledge.sensible(hours):
        dispatcher.utter_message(response="utter_uren_kan_niet", uren=knowledge.dutch(hours.high, "uur"), hoogste=str(knowledge.MAX_HOURS_WEEK))
        told = {**told, "uren": None}
    return [SlotSet(name, value) for name, value in told.items()]


def _last_action_before_form(tracker: Tracker) -> str | None:
    actions = [event["name"] for event in tracker.events if event.get("event") == "action"]
    return next((name for name in reversed(actions) if name != "routeadvies_form"), None)


class ActionRouteadvies(Lesbrug):
    """Says the advice: the routes as items, the fitting ones in words."""

    def name(self) -> str:
        return "action_routeadvies"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[EventType]:
        say_advice(dispatcher, profile(tracker))
        return [SlotSet("laatste_taak", TASK), understood()]


def say_advice(dispatcher: CollectingDispatcher, told: knowledge.Profile) -> None:
    """The routes for what is known, best first, and the offer to refine them."""
    found = knowledge.catalogue()
    items = knowledge.route_items(told, found, knowledge.today())
    possible = [item for item in items if item["suitable"] != "no"]
    reasons = knowledge.reasons(told, found)
    if told.sector not in (None, *(route.sector for route in found.routes.values())):
        say_desk(dispatcher, "utter_route_alleen_mbo", knowledge.desk_for(found))
    dispatcher.utter_message(
        response="utter_route_past" if possible and possible[0]["suitable"] == "yes" else "utter_route_kan",
        omdat=f", omdat {knowledge.enumerate_dutch(reasons)}" if reasons else "",
        routes=knowledge.routes_in_words(possible),
        json_message={"task": TASK, "items": items, "sources": items[0]["sources"] if items else []},
        buttons=[button(knowledge.title(topic, found), topic) for topic in _articles(possible, found)])
    dispatcher.utter_message(response="utter_route_verfijnen")


def _articles(items: list[dict], found: knowledge.Catalogue) -> list[str]:
    topics = [found.routes[item["id"]].article for item in items]
    return [topic for topic in dict.fromkeys(topics) if knowledge.is_live(topic, found)][:3]
