"""Questions about topics: the answer, more of it, simpler, and how certain it is."""

import json

import knowledge
import pytest
from actions.answers import ActionAnswer, ActionCertainty, ActionMore, ActionSimpler

FORM = "routeadvies_form"


def _told(topic: str, **how: str | list[str]) -> knowledge.Answer:
    return knowledge.answer(topic, knowledge.catalogue(), knowledge.today(), **how)


# --- one question

def test_a_question_gets_the_answer_of_its_topic_with_its_sources(act) -> None:
    said = act(ActionAnswer(), "pdg-duur", "hoe lang duurt het pdg?")
    (message,) = said.messages
    assert message["text"] == _told("pdg-duur").text
    assert message["custom"]["topic"] == "pdg-duur"
    assert message["custom"]["sources"] == [vars(source) for source in _told("pdg-duur").sources] != []
    assert said.slots == {"laatste_onderwerp": "pdg-duur", "misverstanden": 0.0, "regio": None, "uitgelegd": []}
    assert said.next_actions == []


def test_an_answer_offers_its_next_steps_and_more_about_it(act) -> None:
    (message,) = act(ActionAnswer(), "pdg-duur").messages
    assert {"title": "Wat kost het en wie betaalt?", "payload": "/pdg-kosten", "topic": "pdg-kosten"} in message["buttons"]
    assert message["buttons"][-1] == {"title": "Meer weten", "payload": '/meer_weten{"onderwerp": "pdg-duur"}'}


def test_who_somebody_says_to_be_changes_the_words(act) -> None:
    topic = next(article.id for article in knowledge.catalogue().articles.values() if article.per_audience)
    audience = next(iter(knowledge.catalogue().articles[topic].per_audience))
    (plain,), (own,) = (act(ActionAnswer(), topic, slots={"doelgroep": who}).messages for who in (None, audience))
    assert own["text"] == _told(topic, audience=audience).text != plain["text"]


def test_a_topic_that_is_not_live_is_named_with_a_desk_that_can_help(act, asleep: str) -> None:
    said = act(ActionAnswer(), asleep, slots={"laatste_onderwerp": "pdg-wat"})
    (message,) = said.messages
    assert message["response"] == "utter_nog_niet"
    assert message["titel"] == knowledge.title(asleep, knowledge.catalogue())
    assert message["loket"] == "Onderwijsloket"
    assert message["adres"] == "[www.onderwijsloket.com](https://www.onderwijsloket.com)"
    assert message["hulp"]
    assert message["contact"]
    assert message["custom"].get("topic") is None
    assert said.slots["laatste_onderwerp"] == "pdg-wat"             # nothing new was answered


def test_what_no_catalogue_knows_is_said_not_to_be_known(act) -> None:
    said = act(ActionAnswer(), "bestaat-niet")
    assert said.responses == ["utter_weet_niet"]
    assert said.slots["laatste_onderwerp"] is None


def test_an_employer_hears_of_the_desk_for_employers(act, asleep: str) -> None:
    assert act(ActionAnswer(), asleep, slots={"doelgroep": "werkgever"}).messages[0]["loket"] == "Techniekpact"


@pytest.mark.parametrize("task", [task for task in knowledge.catalogue().tasks.values() if task.meanwhile], ids=lambda task: task.id)
def test_a_task_that_is_not_live_offers_the_topic_that_comes_nearest(act, monkeypatch: pytest.MonkeyPatch, task) -> None:
    monkeypatch.setitem(knowledge.catalogue().tasks, task.id, task.model_copy(update={"live": False}))
    (message,) = act(ActionAnswer(), task.id).messages
    assert message["response"] == "utter_nog_niet"
    assert message["titel"] == task.title
    title = knowledge.title(task.meanwhile, knowledge.catalogue())
    assert message["buttons"] == [{"title": title, "payload": f"/{task.meanwhile}", "topic": task.meanwhile}]
    assert knowledge.is_live(task.meanwhile, knowledge.catalogue())


def test_where_nothing_comes_near_no_button_is_offered(act, monkeypatch: pytest.MonkeyPatch, asleep: str) -> None:
    tasks = knowledge.catalogue().tasks
    monkeypatch.setitem(tasks, "meldingen", tasks["meldingen"].model_copy(update={"live": False, "meanwhile": None}))
    for name in (asleep, "meldingen"):
        assert act(ActionAnswer(), name).messages[0]["buttons"] == []


# --- a region

def test_a_place_in_the_question_gives_the_answer_of_its_region_and_is_remembered(act) -> None:
    said = act(ActionAnswer(), "regio-loket", "wie helpt mij in Middelburg?")
    (message,) = said.messages
    assert message["text"] == _told("regio-loket", region="zeeland").text != _told("regio-loket").text
    assert message["custom"]["topic"] == "regio-loket"
    assert said.slots["regio"] == "zeeland"


def test_the_region_that_was_named_before_counts_until_another_is_named(act) -> None:
    again = act(ActionAnswer(), "regio-initiatieven", "wat gebeurt er bij mij in de buurt?", slots={"regio": "zeeland"})
    assert again.messages[0]["text"] == _told("regio-initiatieven", region="zeeland").text
    assert again.slots["regio"] == "zeeland"
    other = act(ActionAnswer(), "regio-loket", "en wie helpt mij in Almelo?", slots={"regio": "zeeland"})
    assert other.messages[0]["text"] == _told("regio-loket", region="twente").text
    assert other.slots["regio"] == "twente"


def test_a_place_in_a_question_that_does_not_differ_by_region_changes_nothing(act) -> None:
    said = act(ActionAnswer(), "pdg-duur", "hoe lang duurt het pdg in Middelburg?", slots={"regio": "twente"})
    assert said.messages[0]["text"] == _told("pdg-duur").text
    assert said.slots["regio"] == "twente"


def test_a_place_that_lies_in_more_regions_is_asked_back_and_nothing_is_remembered_yet(act) -> None:
    said = act(ActionAnswer(), "regio-loket", "wie helpt mij in Bergen?")
    (message,) = said.messages
    assert message["response"] == "utter_welke_regio"
    assert message["custom"].get("topic") is None
    assert message["buttons"] == [
        {"title": "Noord-Holland Noord", "payload": '/regio-loket{"regio": "noord-holland-noord"}', "topic": "regio-loket"},
        {"title": "Noord-Limburg", "payload": '/regio-loket{"regio": "noord-limburg"}', "topic": "regio-loket"}]
    assert (said.slots["regio"], said.slots["laatste_onderwerp"]) == (None, "regio-loket")


def test_the_button_of_a_region_gives_its_answer(act) -> None:
    said = act(ActionAnswer(), "regio-loket", "/regio-loket", entities={"regio": "noord-limburg"}, slots={"regio": "zeeland"})
    assert said.messages[0]["text"] == _told("regio-loket", region="noord-limburg").text
    assert said.slots["regio"] == "noord-limburg"


def test_more_about_a_region_is_about_that_region(act) -> None:
    said = act(ActionMore(), "meer_weten", "/meer_weten", entities={"onderwerp": "regio-loket"}, slots={"regio": "zeeland"})
    assert said.messages[0]["text"] == _told("regio-loket", region="zeeland", form="details").text
    assert "**Zeeland**" in said.messages[0]["text"]


# --- words that were explained

def test_a_word_that_was_explained_is_remembered_and_not_explained_again(act) -> None:
    first = act(ActionAnswer(), "bevoegdheid-vo")
    assert first.slots["uitgelegd"] == ["klokuur", "pdg"]
    assert "klokuren (gewone uren op de klok, geen lesuren)" in first.messages[0]["text"]
    again = act(ActionAnswer(), "bevoegdheid-vo", slots={"uitgelegd": first.slots["uitgelegd"]})
    assert "gewone uren" not in again.messages[0]["text"]
    assert again.slots["uitgelegd"] == ["klokuur", "pdg"]


def test_of_two_questions_in_one_message_the_second_leaves_out_what_the_first_explained(act) -> None:
    said = act(ActionAnswer(), "bevoegdheid-vo", questions=["bevoegdheid-vo", "bevoegdheid-po"])
    assert said.topics == ["bevoegdheid-vo", "bevoegdheid-po"]
    assert "pdg" in _told("bevoegdheid-po").terms
    texts = " ".join(message["text"] for message in said.messages)
    assert texts.count("pdg (een lesbewijs") == 1
    assert len(said.slots["uitgelegd"]) == len(set(said.slots["uitgelegd"])) > 2


def test_more_and_simpler_remember_what_they_explained_too(act) -> None:
    for action, form in ((ActionMore(), "details"), (ActionSimpler(), "simple")):
        said = act(action, slots={"laatste_onderwerp": "bevoegdheid-vo", "uitgelegd": ["klokuur"]})
        told = _told("bevoegdheid-vo", form=form, explained=["klokuur"])
        assert said.messages[0]["text"] == told.text
        assert said.slots["uitgelegd"] == ["klokuur", *told.terms] != ["klokuur"]


# --- two questions

def test_two_questions_get_two_answers_in_order(act) -> None:
    said = act(ActionAnswer(), "pdg-duur", "hoe lang duurt het en wat kost het?", questions=["pdg-duur", "pdg-kosten"])
    assert said.topics == ["pdg-duur", "pdg-kosten"]
    assert said.slots["laatste_onderwerp"] == "pdg-kosten"


def test_a_follow_up_in_the_second_question_leans_on_the_first(act) -> None:
    said = act(ActionAnswer(), "pdg-wat", "wat is het pdg en wat kost dat?", questions=["pdg-wat", "vervolg_kosten"])
    assert said.topics == ["pdg-wat", "pdg-kosten"]


def test_of_two_questions_the_one_that_can_be_answered_is(act, asleep: str) -> None:
    said = act(ActionAnswer(), asleep, questions=[asleep, "pdg-duur"])
    assert said.responses == ["utter_nog_niet", None]
    assert said.topics == [None, "pdg-duur"]


def test_a_question_beside_the_wish_for_advice_is_answered_before_the_form_begins(act) -> None:
    said = act(ActionAnswer(), "pdg-duur", questions=["pdg-duur", "routeadvies"])
    assert said.topics == ["pdg-duur"]
    assert said.next_actions == [FORM]


# --- follow-ups

def test_a_follow_up_is_about_the_last_topic(act) -> None:
    said = act(ActionAnswer(), "vervolg_kosten", "en wat kost dat?", slots={"laatste_onderwerp": "pdg-wat"})
    assert said.topics == ["pdg-kosten"]
    assert said.slots["laatste_onderwerp"] == "pdg-kosten"


def test_a_follow_up_without_a_last_topic_asks_what_it_is_about(act) -> None:
    said = act(ActionAnswer(), "vervolg_kosten", "en wat kost dat?")
    assert said.responses == ["utter_waarover"]
    assert said.slots["laatste_onderwerp"] is None


def test_a_follow_up_that_the_last_topic_has_no_answer_to_names_a_desk(act) -> None:
    said = act(ActionAnswer(), "vervolg_duur", slots={"laatste_onderwerp": "leeftijd"})
    assert said.responses == ["utter_geen_vervolg"]
    assert said.messages[0]["loket"] == "Onderwijsloket"
    assert said.slots["laatste_onderwerp"] == "leeftijd"


# --- within a form, and about people

@pytest.mark.parametrize("intent", ["pdg-duur", "bestaat-niet", "vervolg_kosten"])
def test_after_a_question_in_between_the_form_asks_again(act, intent: str) -> None:
    assert act(ActionAnswer(), intent, form=FORM).next_actions == [FORM]


def test_the_button_of_a_desk_says_that_desk(act) -> None:
    said = act(ActionAnswer(), "mens-spreken", '/mens-spreken{"loket":"werkcentrum"}', entities={"loket": "werkcentrum"})
    assert said.responses == ["utter_loket"]
    assert said.messages[0]["loket"] == "Werkcentrum in je regio"


@pytest.mark.parametrize(("topic", "reason"), [("mens-spreken", "mens gevraagd"), ("klacht", "klacht")])
def test_who_asks_for_a_person_or_complains_is_kept_once_with_the_reason(act, store: knowledge.Store, topic: str, reason: str) -> None:
    for _ in range(2):          # the same message, handed over twice
        said = act(ActionAnswer(), topic, slots={"laatste_onderwerp": "pdg-duur"}, message_id="bericht-7")
        assert said.topics == [topic]
    assert store.desk_requests() == {reason: 1}
    act(ActionAnswer(), topic, message_id="bericht-8")
    assert store.desk_requests() == {reason: 2}


def test_a_question_about_a_topic_writes_nothing_about_the_person(act, store: knowledge.Store) -> None:
    act(ActionAnswer(), "pdg-duur")
    assert store.desk_requests() == {}


# --- more, simpler, certain

@pytest.mark.parametrize(("action", "form"), [(ActionMore(), "details"), (ActionSimpler(), "simple")])
def test_more_and_simpler_are_about_the_last_topic(act, action, form: str) -> None:
    said = act(action, slots={"laatste_onderwerp": "pdg-duur"})
    assert [message["text"] for message in said.messages] == [_told("pdg-duur", form=form).text]
    assert said.topics == ["pdg-duur"]


@pytest.mark.parametrize("action", [ActionMore(), ActionSimpler(), ActionCertainty()])
def test_a_button_names_its_own_topic_before_the_last_one(act, action) -> None:
    said = act(action, "meer_weten", '/meer_weten{"onderwerp": "pdg-kosten"}', entities={"onderwerp": "pdg-kosten"}, slots={"laatste_onderwerp": "pdg-duur"})
    assert said.topics == ["pdg-kosten"]
    assert said.slots["laatste_onderwerp"] == "pdg-kosten"


@pytest.mark.parametrize("action", [ActionMore(), ActionSimpler(), ActionCertainty()])
@pytest.mark.parametrize("how", [{}, {"entities": {"onderwerp": "bestaat-niet"}}])
def test_without_a_topic_they_ask_what_it_is_about_and_the_form_goes_on(act, action, how: dict) -> None:
    said = act(action, form=FORM, **how)
    assert said.responses == ["utter_waarover"]
    assert said.next_actions == [FORM]


def test_the_details_do_not_offer_themselves_again(act) -> None:
    (message,) = act(ActionMore(), slots={"laatste_onderwerp": "pdg-duur"}).messages
    assert "meer_weten" not in json.dumps(message["buttons"])
    (message,) = act(ActionSimpler(), slots={"laatste_onderwerp": "pdg-duur"}).messages
    assert "meer_weten" in json.dumps(message["buttons"])


def test_how_certain_it_is_names_each_source_with_its_year_and_the_last_check(act) -> None:
    (message,) = act(ActionCertainty(), slots={"laatste_onderwerp": "pdg-duur"}).messages
    told = _told("pdg-duur")
    assert message["response"] == "utter_zekerheid"
    assert message["datum"] == knowledge.dutch_date(told.checked_on)
    assert told.sources
    for source in told.sources:
        assert f"{source.title} ({source.as_of})" in message["bronnen"]


def test_how_certain_it_is_is_about_the_answer_that_was_given_for_this_region(act) -> None:
    own = _told("regio-loket", region="zeeland").sources
    assert {source.url for source in own} != {source.url for source in _told("regio-loket").sources}
    (message,) = act(ActionCertainty(), slots={"laatste_onderwerp": "regio-loket", "regio": "zeeland"}).messages
    assert message["custom"]["sources"] == [vars(source) for source in own] != []


def test_of_a_region_without_a_source_the_national_ones_are_named_and_not_the_assistant(act) -> None:
    assert _told("regio-loket", region="gorinchem").sources == ()
    (message,) = act(ActionCertainty(), slots={"laatste_onderwerp": "regio-loket", "regio": "gorinchem"}).messages
    assert message["response"] == "utter_zekerheid"
    assert message["custom"]["sources"] == [vars(source) for source in _told("regio-loket").sources] != []


def test_an_answer_about_the_assistant_itself_has_no_source_to_name(act) -> None:
    (message,) = act(ActionCertainty(), slots={"laatste_onderwerp": "bot-mens"}).messages
    assert message["response"] == "utter_zekerheid_product"
    assert message["custom"] == {"topic": "bot-mens", "sources": []}
