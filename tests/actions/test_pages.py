"""Step plans that are followed in the chat, and pages that are filled with what the conversation knows."""

from typing import Any

import knowledge
import pytest
from actions.answers import ActionAnswer
from actions.pages import ActionDocument, ActionPlan, offers

FORM = "routeadvies_form"
WORKER, EMPLOYER = "stappenplan-werkende", "stappenplan-werkgever"
MAIL = "mail-aan-baas"


def _step(plan: str, number: int) -> knowledge.StepShown:
    return knowledge.step(plan, number, knowledge.catalogue(), knowledge.today())


def _steps(plan: str) -> int:
    return len(knowledge.catalogue().plans[plan].steps)


def _at(plan: str, done: int, **more: Any) -> dict[str, Any]:
    return {"stappenplan": plan, "stappen_gedaan": float(done), **more}


def _page(message: dict[str, Any]) -> str:
    (document,) = message["custom"]["documents"]
    return document["markdown"]


# --- a plan begins

def test_a_plan_begins_with_its_first_step_and_a_button_to_tick_it_off(act) -> None:
    said = act(ActionPlan(), "stappenplan_volgen", f'/stappenplan_volgen{{"stappenplan": "{WORKER}"}}', entities={"stappenplan": WORKER})
    (message,) = said.messages
    assert message["response"] == "utter_stap"
    assert message["stap"] == _step(WORKER, 1).text
    assert message["custom"]["sources"] == [vars(source) for source in _step(WORKER, 1).sources]
    topic = knowledge.catalogue().plans[WORKER].steps[0].topic
    assert message["buttons"] == [
        {"title": "Gedaan", "payload": f'/stap_gedaan{{"stappenplan": "{WORKER}", "stap": "1"}}'},
        {"title": knowledge.title(topic, knowledge.catalogue()), "payload": f"/{topic}", "topic": topic},
        {"title": "Op één pagina", "payload": f'/document{{"document": "{WORKER}"}}'}]
    assert said.slots == {"stappenplan": WORKER, "stappen_gedaan": 0.0, "laatste_onderwerp": WORKER, "misverstanden": 0.0}


@pytest.mark.parametrize(("slots", "plan"), [
    ({"laatste_onderwerp": EMPLOYER}, EMPLOYER), ({"laatste_onderwerp": EMPLOYER, "doelgroep": "werkende"}, EMPLOYER),
    ({"doelgroep": "werkgever"}, EMPLOYER), ({"doelgroep": "werkzoekende"}, WORKER),
    ({"doelgroep": "werkgever", "laatste_onderwerp": "pdg-wat"}, EMPLOYER)])
def test_without_a_button_the_plan_just_told_begins_else_that_for_this_person(act, slots: dict, plan: str) -> None:
    said = act(ActionPlan(), "stappenplan_volgen", "neem me stap voor stap mee", slots=slots)
    assert (said.slots["stappenplan"], said.slots["stappen_gedaan"]) == (plan, 0.0)
    assert said.messages[0]["stap"] == _step(plan, 1).text


@pytest.mark.parametrize("slots", [{}, {"laatste_onderwerp": "pdg-wat"}])
def test_who_says_nothing_of_themselves_chooses_a_plan(act, slots: dict) -> None:
    said = act(ActionPlan(), "stappenplan_volgen", "stappenplan starten", slots=slots)
    (message,) = said.messages
    assert message["response"] == "utter_welk_plan"
    assert [button["payload"] for button in message["buttons"]] == [
        f'/stappenplan_volgen{{"stappenplan": "{plan}"}}' for plan in knowledge.catalogue().plans]
    assert said.slots == {"misverstanden": 0.0}


def test_to_follow_the_plan_that_is_followed_goes_on_where_it_was_and_its_button_begins_anew(act) -> None:
    slots = _at(WORKER, 3, laatste_onderwerp=WORKER)
    assert act(ActionPlan(), "stappenplan_volgen", "volg het plan met mij", slots=slots).messages[0]["stap"] == _step(WORKER, 4).text
    assert act(ActionPlan(), "stappenplan_volgen", entities={"stappenplan": WORKER}, slots=slots).messages[0]["stap"] == _step(WORKER, 1).text
    assert act(ActionPlan(), "stappenplan_volgen", entities={"stappenplan": EMPLOYER}, slots=slots).slots == {
        "stappenplan": EMPLOYER, "stappen_gedaan": 0.0, "laatste_onderwerp": EMPLOYER, "misverstanden": 0.0}


# --- a step is done

@pytest.mark.parametrize("how", [{"text": "gedaan, volgende"}, {"entities": {"stap": "2", "stappenplan": WORKER}}, {"entities": {"stap": "2"}}])
def test_a_step_that_is_done_leads_to_the_next(act, how: dict) -> None:
    said = act(ActionPlan(), "stap_gedaan", slots=_at(WORKER, 1), **how)
    (message,) = said.messages
    assert (message["response"], message["stap"]) == ("utter_stap", _step(WORKER, 3).text)
    assert said.slots["stappen_gedaan"] == 2.0


def test_a_button_that_is_pressed_twice_ticks_off_one_step(act) -> None:
    said = act(ActionPlan(), "stap_gedaan", entities={"stap": "2", "stappenplan": WORKER}, slots=_at(WORKER, 2))
    assert said.slots["stappen_gedaan"] == 2.0
    assert said.messages[0]["stap"] == _step(WORKER, 3).text


def test_the_button_of_another_plan_ticks_off_a_step_of_that_plan(act) -> None:
    said = act(ActionPlan(), "stap_gedaan", entities={"stap": "3", "stappenplan": EMPLOYER}, slots=_at(WORKER, 1))
    assert said.messages[0]["stap"] == _step(EMPLOYER, 4).text
    assert said.slots["stappenplan"] == EMPLOYER


def test_a_button_still_works_after_the_conversation_began_anew(act) -> None:
    assert act(ActionPlan(), "stap_gedaan", entities={"stap": "1", "stappenplan": WORKER}).messages[0]["stap"] == _step(WORKER, 2).text


def test_the_last_step_is_followed_by_the_end_of_the_plan(act) -> None:
    last = _steps(WORKER)
    assert act(ActionPlan(), "stap_gedaan", "gedaan", slots=_at(WORKER, last - 2)).messages[0]["stap"] == _step(WORKER, last).text
    said = act(ActionPlan(), "stap_gedaan", "gedaan", slots=_at(WORKER, last - 1))
    (message,) = said.messages
    assert message["response"] == "utter_plan_klaar"
    assert message["buttons"] == [{"title": "Op één pagina", "payload": f'/document{{"document": "{WORKER}"}}'}]
    assert said.slots["stappen_gedaan"] == last


@pytest.mark.parametrize("how", [{"text": "en de volgende"}, {"entities": {"stap": "99"}}])
def test_beyond_the_end_of_a_plan_it_stays_at_its_end(act, how: dict) -> None:
    said = act(ActionPlan(), "stap_gedaan", slots=_at(WORKER, _steps(WORKER)), **how)
    assert said.responses == ["utter_plan_klaar"]
    assert said.slots["stappen_gedaan"] == _steps(WORKER)


def test_the_whole_of_each_plan_can_be_walked(act) -> None:
    for plan in knowledge.catalogue().plans:
        said = act(ActionPlan(), "stappenplan_volgen", entities={"stappenplan": plan})
        told = []
        while said.responses == ["utter_stap"]:
            told.append(said.messages[0]["stap"])
            said = act(ActionPlan(), "stap_gedaan", "gedaan", slots=said.slots)
        assert told == [_step(plan, number).text for number in range(1, _steps(plan) + 1)]


# --- where was I

def test_where_somebody_was_is_said_as_a_reminder_and_nothing_is_ticked_off(act) -> None:
    said = act(ActionPlan(), "stap_waar", "waar was ik gebleven", slots=_at(WORKER, 4))
    assert (said.responses, said.messages[0]["stap"]) == (["utter_stap_verder"], _step(WORKER, 5).text)
    assert said.slots["stappen_gedaan"] == 4.0


def test_who_did_no_step_yet_is_reminded_of_nothing(act) -> None:
    assert act(ActionPlan(), "stap_waar", slots=_at(WORKER, 0)).responses == ["utter_stap"]


def test_who_did_all_is_told_so(act) -> None:
    assert act(ActionPlan(), "stap_waar", slots=_at(WORKER, _steps(WORKER))).responses == ["utter_plan_klaar"]


@pytest.mark.parametrize("intent", ["stap_gedaan", "stap_waar"])
@pytest.mark.parametrize("slots", [{}, _at("bestaat-niet", 2)])
def test_without_a_plan_one_is_chosen_first(act, intent: str, slots: dict) -> None:
    said = act(ActionPlan(), intent, "gedaan", slots=slots)
    assert said.responses == ["utter_welk_plan"]
    assert "stappen_gedaan" not in said.slots


def test_a_step_whose_topic_is_not_live_does_not_promise_it(act, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = knowledge.catalogue().plans[WORKER].steps[0].topic
    monkeypatch.setitem(knowledge.catalogue().topics, topic, knowledge.catalogue().topics[topic].model_copy(update={"live": False}))
    (message,) = act(ActionPlan(), "stappenplan_volgen", entities={"stappenplan": WORKER}).messages
    assert [button["title"] for button in message["buttons"]] == ["Gedaan", "Op één pagina"]


@pytest.mark.parametrize(("intent", "slots"), [("stappenplan_volgen", {}), ("stap_gedaan", _at(WORKER, 1)), ("stap_waar", _at(WORKER, 99))])
def test_after_a_step_in_between_the_form_asks_again(act, intent: str, slots: dict) -> None:
    assert act(ActionPlan(), intent, slots=slots, form=FORM).next_actions == [FORM]
    assert act(ActionPlan(), intent, slots=slots).next_actions == []


# --- a page

@pytest.mark.parametrize(("text", "document"), [
    ("schrijf een mail aan mijn baas", MAIL), ("kun je een MAIL AAN MIJN BAAS maken?", MAIL),
    ("heb je een vragenlijst school voor me", "vragen-eerste-gesprek")])
def test_a_page_is_asked_for_by_its_name(act, text: str, document: str) -> None:
    said = act(ActionDocument(), "document", text, slots={"laatste_onderwerp": "meelopen-proefles", "doelgroep": "school"})
    (message,) = said.messages
    own = knowledge.catalogue().documents[document]
    assert (message["response"], message["titel"], message["uitleg"]) == ("utter_document", own.title, own.about)
    assert message["custom"]["documents"][0]["title"] == own.title
    assert _page(message) == knowledge.page(document, knowledge.catalogue(), knowledge.today(), {"doelgroep": "school"}).markdown


@pytest.mark.parametrize("name", [MAIL, "checklist-detachering", WORKER, EMPLOYER])
def test_the_button_of_a_page_gives_that_page(act, name: str) -> None:
    said = act(ActionDocument(), "document", "/document", entities={"document": name}, slots={"laatste_onderwerp": "gastdocent"})
    assert _page(said.messages[0]) == knowledge.page(name, knowledge.catalogue(), knowledge.today()).markdown
    assert said.slots == {"misverstanden": 0.0}


@pytest.mark.parametrize(("topic", "page"), [("baas-overtuigen", MAIL), ("contract-afspraken", "checklist-detachering"), (EMPLOYER, EMPLOYER)])
def test_without_a_name_the_page_is_that_of_the_topic_just_answered(act, topic: str, page: str) -> None:
    said = act(ActionDocument(), "document", "kun je dat op papier zetten", slots={"laatste_onderwerp": topic})
    assert _page(said.messages[0]) == knowledge.page(page, knowledge.catalogue(), knowledge.today()).markdown


@pytest.mark.parametrize(("audience", "offered"), [
    (None, None), ("werkende", "werkende"), ("werkgever", "werkgever"), ("school", "school"), ("werkzoekende", None)])
def test_where_it_is_not_clear_which_page_those_for_this_person_are_offered(act, audience: str | None, offered: str | None) -> None:
    said = act(ActionDocument(), "document", "maak een tekst", slots={"laatste_onderwerp": "leeftijd", "doelgroep": audience})
    (message,) = said.messages
    assert message["response"] == "utter_welk_document"
    assert message["custom"] == {}
    documents = [document for document in knowledge.catalogue().documents.values() if offered is None or offered in document.audience]
    assert message["buttons"] == [{"title": document.button, "payload": f'/document{{"document": "{document.id}"}}'} for document in documents] != []


def test_an_unknown_page_on_a_button_is_a_choice_and_no_error(act) -> None:
    assert act(ActionDocument(), "document", entities={"document": "bestaat-niet"}).responses == ["utter_welk_document"]


@pytest.mark.parametrize("text", ["mail aan mijn baas", "maak een tekst"])
def test_after_a_page_in_between_the_form_asks_again(act, text: str) -> None:
    assert act(ActionDocument(), "document", text, form=FORM).next_actions == [FORM]
    assert act(ActionDocument(), "document", text).next_actions == []


# --- what is known

KNOWN = {
    "doelgroep": "werkende", "vakgebied": "kantklossen", "uren": "4-6", "opleidingsniveau": "mbo-4", "ervaring": "15", "sector": "mbo",
    "regio": "twente"}


def test_what_was_told_stands_in_the_page_as_people_say_it(act) -> None:
    letter, questions = (_page(act(ActionDocument(), "document", entities={"document": name}, slots=KNOWN).messages[0])
                         for name in (MAIL, "vragen-eerste-gesprek"))
    for told in ("kantklossen", "4 tot 6 uur", "het mbo", "Twente"):
        assert told in letter, told
    for told in ("kantklossen", "15 jaar", "mbo 4"):
        assert told in questions, told
    for raw in ("4-6 uur", "mbo-4", "twente", "onbekend"):
        assert raw not in letter and raw not in questions.split("\n---\n")[0], raw


@pytest.mark.parametrize("hours", ["8", "2.5"])
def test_hours_of_one_length_are_no_range(act, hours: str) -> None:
    letter = _page(act(ActionDocument(), "document", entities={"document": MAIL}, slots={"uren": hours}).messages[0])
    assert f" {hours.replace('.', ',')} uur per week" in letter


@pytest.mark.parametrize("slots", [
    {}, dict.fromkeys(KNOWN), dict.fromkeys(KNOWN, "onbekend"), {"opleidingsniveau": "bestaat-niet", "regio": "bestaat-niet"}])
def test_what_was_not_told_or_skipped_leaves_no_gap(act, slots: dict) -> None:
    for name in knowledge.catalogue().documents:
        page = _page(act(ActionDocument(), "document", entities={"document": name}, slots=slots).messages[0])
        assert page == knowledge.page(name, knowledge.catalogue(), knowledge.today()).markdown
        assert "onbekend" not in page.split("\n---\n")[0] and "bestaat-niet" not in page


# --- offered under an answer

def test_under_its_answer_a_plan_can_be_followed_kept_or_sent(act) -> None:
    (message,) = act(ActionAnswer(), WORKER).messages
    pages = [document.button for document in knowledge.catalogue().documents.values() if WORKER in document.topics]
    assert "Mail aan mijn baas" in pages
    assert [button["title"] for button in message["buttons"]][:2 + len(pages)] == ["Stap voor stap volgen", "Op één pagina", *pages]
    assert message["buttons"][0]["payload"] == f'/stappenplan_volgen{{"stappenplan": "{WORKER}"}}'


def test_every_document_is_offered_under_an_answer_and_every_plan_too() -> None:
    found = knowledge.catalogue()
    payloads = {button["payload"] for topic in found.topics for button in offers(topic)}
    assert payloads == {f'/document{{"document": "{name}"}}' for name in (*found.documents, *found.plans)} | {
        f'/stappenplan_volgen{{"stappenplan": "{name}"}}' for name in found.plans}
    assert all(knowledge.is_live(topic, found) for document in found.documents.values() for topic in document.topics)


def test_a_topic_without_a_plan_or_a_page_offers_none() -> None:
    assert offers("pdg-duur") == []
    assert offers("bestaat-niet") == []


def test_after_another_question_the_plan_that_is_followed_goes_on(act) -> None:
    said = act(ActionPlan(), "stappenplan_volgen", slots={"stappenplan": "stappenplan-werkgever", "stappen_gedaan": 2.0, "laatste_onderwerp": "pdg-kosten",
                                                          "doelgroep": "werkende"})
    assert said.slots["stappenplan"] == "stappenplan-werkgever" and said.slots["stappen_gedaan"] == 2.0
