"""The task routeadvies: at most three questions, answers in any form and order, and an advice that later facts refine."""

from decimal import Decimal

import knowledge
import pytest
from actions.routeadvies import ActionRouteadvies, ValidateRouteadviesForm, profile
from knowledge import Hours

FORM = "routeadvies_form"
SLOTS = ("opleidingsniveau", "vakgebied", "uren")


@pytest.fixture
def reply(act):
    """What the form makes of an answer to the question after `asked`."""
    def run(asked: str | None, text: str, intent: str = "feiten", **how):
        slots = {"requested_slot": asked} | how.pop("slots", {})
        return act(ValidateRouteadviesForm(), intent, text, form=FORM, slots=slots, **how)
    return run


# --- answers

def test_several_facts_at_once_are_all_taken(reply) -> None:
    said = reply("opleidingsniveau", "ik ben lasser met mts, 15 jaar ervaring, en wil een dagje op een roc", entities={
        "beroep": "Lasser", "opleidingsniveau": "mts", "ervaring": "15 jaar", "uren": "een dagje", "sector": "ROC"})
    assert said.slots == {"opleidingsniveau": "mbo-4", "vakgebied": "lasser", "uren": "8", "ervaring": "15", "sector": "mbo"}
    assert said.messages == []


@pytest.mark.parametrize(("asked", "text", "value"), [
    ("opleidingsniveau", "hts", "hbo"), ("opleidingsniveau", "mbo 2", "mbo-2"), ("opleidingsniveau", "geen", "geen"),
    ("vakgebied", "Lasser.", "lasser"), ("vakgebied", "iets met software", "iets met software"),
    ("uren", "8", "8"), ("uren", "4 tot 6", "4-6"), ("uren", "een dagje", "8"), ("uren", "0,2 fte", "8.0"), ("uren", "acht", "8")])
def test_a_bare_answer_fills_the_slot_that_was_asked_for(reply, asked: str, text: str, value: str) -> None:
    assert reply(asked, text).slots == {asked: value}


@pytest.mark.parametrize(("asked", "text"), [("vakgebied", "8"), ("opleidingsniveau", "8"), ("uren", "lasser")])
def test_a_bare_answer_to_another_question_fills_nothing(reply, asked: str, text: str) -> None:
    said = reply(asked, text)
    assert said.responses == [f"utter_niet_begrepen_{asked}"]
    assert said.slots == {asked: None}


def test_a_bare_number_is_hours_only_where_hours_were_asked_for(reply) -> None:
    assert reply("opleidingsniveau", "mbo 4").slots == {"opleidingsniveau": "mbo-4"}


@pytest.mark.parametrize("intent", ["nlu_fallback", "buiten_bereik", "feiten"])
def test_an_answer_counts_however_unsure_the_model_was_of_it(reply, intent: str) -> None:
    assert reply("vakgebied", "glazenier", intent).slots == {"vakgebied": "glazenier"}


def test_a_short_answer_that_looks_like_a_topic_is_still_the_answer(reply) -> None:
    assert reply("vakgebied", "techniek", "omscholen-techniek").slots == {"vakgebied": "techniek"}


def test_a_button_fills_its_slot(reply) -> None:
    said = reply("uren", '/feiten{"uren":"1 dag per week"}', entities={"uren": "1 dag per week"})
    assert said.slots == {"uren": "8"}


def test_the_text_of_a_button_is_never_a_bare_answer(reply) -> None:
    assert reply("vakgebied", "/feiten").slots == {"vakgebied": None}


@pytest.mark.parametrize(("text", "slot"), [("8 uur", {"uren": "8"}), ("lassen op een roc", {"vakgebied": "lassen", "sector": "mbo"})])
def test_facts_that_were_not_asked_for_are_taken_all_the_same(reply, text: str, slot: dict) -> None:
    entities = {"uren": "8 uur"} if "uren" in slot else {"vak": "lassen", "sector": "roc"}
    assert reply("opleidingsniveau", text, entities=entities).slots == slot


# --- skipping

@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize(("intent", "text"), [("sla_over", "/sla_over"), ("weet_ik_niet", "weet ik niet"), ("weet_ik_niet", "geen idee"), ("sla_over", "sla maar over"), ("sla_over", "geen, sla maar over")])
def test_a_question_can_be_skipped_and_its_words_are_no_answer(reply, asked: str, intent: str, text: str) -> None:
    assert reply(asked, text, intent).slots == {asked: "onbekend"}


def test_what_is_named_while_skipping_counts(reply) -> None:
    said = reply("opleidingsniveau", "weet ik niet, maar ik ben lasser", "weet_ik_niet", entities={"beroep": "lasser"})
    assert said.slots == {"opleidingsniveau": "onbekend", "vakgebied": "lasser"}
    said = reply("opleidingsniveau", "weet niet zeker, mbo 3 denk ik", "weet_ik_niet", entities={"opleidingsniveau": "mbo 3"})
    assert said.slots == {"opleidingsniveau": "mbo-3"}


# --- other questions and commands

@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize(("intent", "text"), [
    ("pdg-duur", "hoe lang duurt het pdg?"), ("pdg-kosten", "wat kost het pdg"), ("pdg-duur", "/pdg-duur"), ("zes-uur-regel", "mag dat zonder bevoegdheid"),
    ("vervolg_kosten", "en de kosten dan"), ("stoppen", "stop"), ("stoppen", "stop maar"), ("opnieuw", "opnieuw"), ("mens-spreken", "een mens graag"),
    ("simpeler", "te moeilijk"), ("bedankt", "dank je")])
def test_for_another_question_or_a_command_the_form_steps_aside(reply, asked: str, intent: str, text: str) -> None:
    said = reply(asked, text, intent)
    assert said.events == []
    assert said.messages == []


def test_a_long_question_that_names_a_fact_is_still_a_question(reply) -> None:
    said = reply("uren", "mag ik 8 uur per week lesgeven zonder dat ik bevoegd ben?", "zes-uur-regel", entities={"uren": "8 uur per week"})
    assert said.events == []


@pytest.mark.parametrize("intent", ["bevestigen", "ontkennen"])
def test_yes_or_no_is_the_name_of_no_subject(reply, intent: str) -> None:
    assert reply("vakgebied", "ja" if intent == "bevestigen" else "nee", intent).slots.get("vakgebied") is None


def test_when_the_form_comes_back_after_another_question_that_question_is_no_answer(reply) -> None:
    said = reply("vakgebied", "wat kost het pdg", "pdg-kosten", actions=("action_listen", FORM, "action_answer"))
    assert said.events == []
    assert said.messages == []


def test_at_its_first_question_the_form_takes_what_the_message_named(reply) -> None:
    said = reply(None, "welke route past bij mij, ik heb hbo", "routeadvies", entities={"opleidingsniveau": "hbo"})
    assert said.slots == {"opleidingsniveau": "hbo"}
    assert reply(None, "welke route past bij mij", "routeadvies").events == []


# --- not understood, absurd, corrected

@pytest.mark.parametrize(("asked", "text"), [("opleidingsniveau", "de school des levens"), ("uren", "best veel"), ("vakgebied", "dat wil ik liever niet hier aan jou vertellen")])
def test_an_answer_that_is_not_understood_is_asked_again_with_an_example(reply, asked: str, text: str) -> None:
    said = reply(asked, text)
    assert said.responses == [f"utter_niet_begrepen_{asked}"]
    assert said.slots == {asked: None}


@pytest.mark.parametrize(("text", "named"), [("60", "60"), ("0", "0"), ("100 uur", "100"), ("8 tot 50 uur", "50"), ("1,5 fte", "60")])
def test_absurd_hours_are_refused_aloud_and_asked_again(reply, text: str, named: str) -> None:
    said = reply("uren", text)
    assert said.responses == ["utter_uren_kan_niet"]
    assert (said.messages[0]["uren"], said.messages[0]["hoogste"]) == (named, "40")
    assert said.slots == {"uren": None}


def test_absurd_hours_do_not_cost_the_other_facts(reply) -> None:
    said = reply("opleidingsniveau", "hbo en 60 uur", entities={"opleidingsniveau": "hbo", "uren": "60 uur"})
    assert said.slots == {"opleidingsniveau": "hbo", "uren": None}


def test_a_correction_replaces_what_was_told_and_the_open_question_stays(reply) -> None:
    said = reply("uren", "sorry, ik bedoelde mbo 3", entities={"opleidingsniveau": "mbo 3"}, slots={"opleidingsniveau": "hbo", "vakgebied": "lasser"})
    assert said.slots == {"opleidingsniveau": "mbo-3"}
    assert said.messages == []


def test_what_is_denied_in_a_correction_does_not_count(reply) -> None:
    text = "nee geen hbo, gewoon mbo 3"
    spans = [{"entity": "opleidingsniveau", "value": word, "start": text.index(word), "end": text.index(word) + len(word)} for word in ("hbo", "mbo 3")]
    assert reply("uren", text, spans=spans).slots == {"opleidingsniveau": "mbo-3"}


def test_of_two_subjects_the_last_counts_and_a_subject_goes_before_an_occupation(reply) -> None:
    assert reply("vakgebied", "geen lassen maar metaal", entities={"vak": ["lassen", "metaal"]}).slots == {"vakgebied": "metaal"}
    assert reply("vakgebied", "monteur, wil elektro geven", entities={"beroep": "monteur", "vak": "elektro"}).slots == {"vakgebied": "elektro"}


@pytest.mark.parametrize(("named", "sector"), [("mbo", "mbo"), ("ROC", "mbo"), ("hogeschool", "hbo"), ("vmbo", "vo"), ("basisschool", "po"), ("universiteit", "wo"), ("kantoor", None)])
def test_a_school_by_any_name_is_its_sector(reply, named: str, sector: str | None) -> None:
    assert reply("uren", "8 uur op school", entities={"sector": named, "uren": "8 uur"}).slots.get("sector") == sector


# --- the advice

KNOWN = {"opleidingsniveau": "hbo", "vakgebied": "lasser", "uren": "8"}


def _tracker(**slots: str | None):
    from rasa_sdk import Tracker

    return Tracker.from_dict({"sender_id": "gesprek-1", "slots": slots, "latest_message": {}, "events": []})


def test_what_was_skipped_reaches_knowledge_as_unknown() -> None:
    made = profile(_tracker(opleidingsniveau="onbekend", vakgebied="onbekend", uren="onbekend", ervaring=None))
    assert made == knowledge.Profile()


def test_slots_become_values_and_what_was_told_just_now_goes_before_them() -> None:
    made = profile(_tracker(opleidingsniveau="hbo", vakgebied="lasser", uren="4-6", ervaring="15", sector="mbo"), {"uren": "8.0"})
    assert made == knowledge.Profile(level="hbo", subject="lasser", hours=Hours(Decimal(8), Decimal(8)), experience_years=Decimal(15), sector="mbo")
    assert profile(_tracker(uren="4-6")).hours == Hours(Decimal(4), Decimal(6))


def test_the_advice_is_the_routes_as_data_and_the_possible_ones_in_words(act) -> None:
    said = act(ActionRouteadvies(), slots=KNOWN)
    first, last = said.messages
    found = knowledge.catalogue()
    items = knowledge.route_items(knowledge.Profile(level="hbo", subject="lasser", hours=Hours(Decimal(8), Decimal(8))), found, knowledge.today())
    assert first["response"] == "utter_route_past"
    assert first["custom"] == {"task": "routeadvies", "items": items, "sources": items[0]["sources"]}
    assert first["omdat"] == ", omdat je opleiding hbo is, je vak lasser is en je 8 uur per week op school wilt werken"
    assert first["routes"] == knowledge.routes_in_words(items)
    assert last["response"] == "utter_route_verfijnen"
    assert said.slots == {"laatste_taak": "routeadvies", "misverstanden": 0.0}


def test_a_route_that_cannot_be_is_in_the_data_but_not_in_the_words(act) -> None:
    first = act(ActionRouteadvies(), slots=KNOWN | {"uren": "30"}).messages[0]
    assert [item["id"] for item in first["custom"]["items"] if item["suitable"] == "no"] == ["hybride-docent-zes-klokuren"]
    assert "**Hybride docent**" not in first["routes"]
    assert "**Gastdocent**" in first["routes"]


def test_with_everything_skipped_there_is_an_advice_that_says_what_is_open(act) -> None:
    first = act(ActionRouteadvies(), slots=dict.fromkeys(SLOTS, "onbekend")).messages[0]
    assert first["response"] == "utter_route_kan"
    assert first["omdat"] == ""
    assert "onbekend" not in first["routes"]
    assert "Nog niet bekend:" in first["routes"]


def test_the_advice_offers_only_articles_that_are_live(act) -> None:
    found = knowledge.catalogue()
    first = act(ActionRouteadvies(), slots=KNOWN).messages[0]
    topics = [button["topic"] for button in first["buttons"]]
    assert topics == list(dict.fromkeys(topics)) != []
    assert len(topics) <= 3
    assert all(knowledge.is_live(topic, found) for topic in topics)


@pytest.mark.parametrize(("sector", "warned"), [("hbo", True), ("po", True), ("mbo", False), (None, False), ("onbekend", False)])
def test_who_wants_another_kind_of_school_hears_that_only_the_mbo_is_known(act, sector: str | None, warned: bool) -> None:
    responses = [message["response"] for message in act(ActionRouteadvies(), slots=KNOWN | {"sector": sector}).messages]
    assert ("utter_route_alleen_mbo" in responses) == warned
    assert "utter_route_past" in responses
