"""What belongs to no topic: not understood, stopping, starting anew, facts about oneself."""

import knowledge
import pytest
from actions.dialogue import OFFER_AT_LEAST, OFFERS, ActionFacts, ActionOffer, ActionRestartConversation, ActionStop, ActionUnknown

pytestmark = pytest.mark.usefixtures("store")       # what nobody understood is looked for in its index: empty, unless `searched` fills it
FORM = "routeadvies_form"
RANKING = [("nlu_fallback", 0.4), ("pdg-duur", 0.3), ("pdg-kosten", 0.2), ("pdg-wat", 0.15), ("pdg-inhoud", 0.14), ("pdg-toelating", 0.13)]
AWAY = {"title": "Nee, iets anders", "payload": "/buiten_bereik"}


def _button(topic: str) -> dict[str, str]:
    return {"title": knowledge.title(topic, knowledge.catalogue()), "payload": f"/{topic}", "topic": topic}


# --- not sure enough

def test_not_sure_enough_offers_the_likeliest_topics_and_a_way_out(act) -> None:
    said = act(ActionOffer(), "nlu_fallback", "iets met het pdg", ranking=RANKING)
    (message,) = said.messages
    assert message["response"] == "utter_bedoel_je"
    likeliest = [name for name, _ in RANKING if name != "nlu_fallback"][:OFFERS]
    assert message["buttons"] == [*map(_button, likeliest), AWAY]
    assert message["buttons"][0] == {"title": "Hoe lang duurt het pdg?", "payload": "/pdg-duur", "topic": "pdg-duur"}
    assert 2 <= len(likeliest) < len(RANKING) - 1
    assert message["custom"].get("topic") is None       # an offer is no answer
    assert said.slots == {"misverstanden": 1.0}


def test_the_second_time_in_a_row_it_says_that_it_does_not_know_and_names_a_desk(act) -> None:
    said = act(ActionOffer(), "nlu_fallback", ranking=RANKING, slots={"misverstanden": 1.0})
    assert said.responses == ["utter_weet_niet"]
    assert said.messages[0]["buttons"] == []
    assert said.messages[0]["loket"] == "Onderwijsloket"
    assert said.slots == {"misverstanden": 2.0}


@pytest.mark.parametrize(("confidence", "response"), [(OFFER_AT_LEAST, "utter_bedoel_je"), (OFFER_AT_LEAST - 0.001, "utter_weet_niet")])
def test_what_is_hardly_likely_is_not_offered(act, confidence: float, response: str) -> None:
    assert act(ActionOffer(), "nlu_fallback", ranking=[("pdg-duur", confidence)]).responses == [response]


def test_only_what_is_live_is_offered(act, asleep: str) -> None:
    said = act(ActionOffer(), "nlu_fallback", ranking=[(asleep, 0.4), ("feiten", 0.2), ("routeadvies", 0.1)])
    assert [button["payload"] for button in said.messages[0]["buttons"]] == ["/routeadvies", "/buiten_bereik"]
    assert act(ActionOffer(), "nlu_fallback", ranking=[(asleep, 0.4)]).responses == ["utter_weet_niet"]


def test_what_is_most_likely_out_of_scope_gets_no_offer(act) -> None:
    said = act(ActionOffer(), "nlu_fallback", ranking=[("nlu_fallback", 0.5), ("buiten_bereik", 0.4), ("pdg-duur", 0.3)])
    assert said.responses == ["utter_weet_niet"]


def test_without_any_ranking_it_does_not_know(act) -> None:
    assert act(ActionOffer(), "nlu_fallback").responses == ["utter_weet_niet"]


@pytest.mark.parametrize("action", [ActionOffer(), ActionUnknown()])
def test_not_understood_within_a_form_the_form_asks_again(act, action) -> None:
    assert act(action, "buiten_bereik", form=FORM).next_actions == [FORM]


def test_out_of_scope_names_the_desk_for_this_person_and_counts(act) -> None:
    said = act(ActionUnknown(), "buiten_bereik", slots={"doelgroep": "werkzoekende", "misverstanden": 2.0})
    assert said.responses == ["utter_weet_niet"]
    assert said.messages[0]["loket"] == "Werkcentrum in je regio"
    assert said.slots == {"misverstanden": 3.0}


# --- near what was asked

NEAR = "moet mijn patron btw rekenen als hij mij uitleent"
FOREIGN = "hoe laat gaat de bakker open"


def test_out_of_scope_offers_the_articles_that_clearly_come_near_and_answers_none_of_them(act, searched) -> None:
    said = act(ActionUnknown(), "buiten_bereik", NEAR)
    (message,) = said.messages
    assert message["response"] == "utter_bedoel_je"
    assert message["buttons"] == [_button("kosten-btw"), _button("kosten-overzicht"), AWAY]
    assert message["custom"].get("topic") is None
    assert said.slots == {"misverstanden": 1.0}


def test_what_comes_near_nothing_gets_the_desk(act, searched) -> None:
    assert act(ActionUnknown(), "buiten_bereik", FOREIGN).responses == ["utter_weet_niet"]
    assert act(ActionOffer(), "nlu_fallback", FOREIGN).responses == ["utter_weet_niet"]


def test_after_an_offer_that_failed_no_second_one_is_made(act, searched) -> None:
    for action in (ActionUnknown(), ActionOffer()):
        said = act(action, "buiten_bereik", NEAR, slots={"misverstanden": 1.0})
        assert said.responses == ["utter_weet_niet"]
        assert said.slots == {"misverstanden": 2.0}


def test_the_button_for_something_else_is_not_searched_for(act, searched) -> None:
    assert act(ActionUnknown(), "buiten_bereik", "/buiten_bereik").responses == ["utter_weet_niet"]
    assert act(ActionUnknown(), "buiten_bereik", f"/{NEAR}").responses == ["utter_weet_niet"]


def test_not_sure_enough_offers_what_is_likely_first_and_then_what_comes_near_each_once(act, searched) -> None:
    said = act(ActionOffer(), "nlu_fallback", NEAR, ranking=[("nlu_fallback", 0.4), ("pdg-duur", 0.3), ("kosten-btw", 0.2)])
    assert said.messages[0]["buttons"] == [_button("pdg-duur"), _button("kosten-btw"), _button("kosten-overzicht"), AWAY]
    alone = act(ActionOffer(), "nlu_fallback", NEAR, ranking=[("nlu_fallback", 0.5), ("buiten_bereik", 0.4), ("pdg-duur", 0.3)])
    assert alone.messages[0]["buttons"] == [_button("kosten-btw"), _button("kosten-overzicht"), AWAY]


def test_within_a_form_an_offer_is_followed_by_the_question_of_the_form(act, searched) -> None:
    said = act(ActionUnknown(), "buiten_bereik", NEAR, form=FORM)
    assert said.responses == ["utter_bedoel_je"]
    assert said.next_actions == [FORM]


# --- a bare place after an answer that differs by region

AFTER = {"laatste_onderwerp": "regio-loket"}
ACTIONS = [(ActionFacts(), "feiten"), (ActionOffer(), "nlu_fallback"), (ActionUnknown(), "buiten_bereik")]


@pytest.mark.parametrize(("action", "intent"), ACTIONS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("text", ["Middelburg", "middelburg", "en in Zeeland?", "en hoe zit het in Zeeland?", "ik woon in Middelburg"])
def test_a_bare_place_is_answered_for_its_region_whatever_it_was_taken_for(act, searched, action, intent: str, text: str) -> None:
    said = act(action, intent, text, slots=AFTER | {"misverstanden": 1.0})
    (message,) = said.messages
    region = next(iter(knowledge.named_regions(text, knowledge.catalogue())))
    assert region in ("zeeland", "zeeland-provincie")
    assert message["text"] == knowledge.answer("regio-loket", knowledge.catalogue(), knowledge.today(), region=region).text
    assert (said.slots["regio"], said.slots["laatste_onderwerp"], said.slots["misverstanden"]) == (region, "regio-loket", 0.0)


@pytest.mark.parametrize(("action", "intent"), ACTIONS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize(("text", "last"), [
    ("Middelburg", "pdg-duur"), ("Middelburg", None), ("ja dat is best goed", "regio-loket"), ("ik kom al jaren graag in Middelburg", "regio-loket"),
    ("/feiten", "regio-loket")])
def test_it_is_no_bare_place_after_another_topic_without_a_place_or_in_a_longer_message(
        act, action, intent: str, text: str, last: str | None) -> None:
    said = act(action, intent, text, slots={"laatste_onderwerp": last})
    assert [message["text"] for message in said.messages] == [None]
    assert "regio" not in said.slots


@pytest.mark.parametrize(("text", "region"), [
    ("Leiden", "holland-rijnland"), ("leiden", "holland-rijnland"), ("Ede?", "foodvalley"), ("oss", "noordoost-brabant"),
    ("in Best", "zuidoost-brabant")])
def test_a_place_that_is_a_common_word_too_is_meant_where_nothing_else_is_said(act, text: str, region: str) -> None:
    assert act(ActionUnknown(), "buiten_bereik", text, slots=AFTER).slots["regio"] == region
    assert "regio" not in act(ActionUnknown(), "buiten_bereik", f"ik vind {text.lower().removeprefix('in ')} lastig", slots=AFTER).slots


def test_a_bare_place_in_more_regions_is_asked_back(act) -> None:
    said = act(ActionUnknown(), "buiten_bereik", "Bergen", slots=AFTER)
    assert said.responses == ["utter_welke_regio"]
    assert len(said.messages[0]["buttons"]) == 2


def test_a_bare_place_within_a_form_is_followed_by_the_question_of_the_form(act) -> None:
    assert act(ActionFacts(), "feiten", "Middelburg", slots=AFTER, form=FORM).next_actions == [FORM]


# --- stopping and starting anew

def test_stopping_leaves_the_form_and_keeps_what_was_told(act) -> None:
    said = act(ActionStop(), "stoppen", form=FORM, slots={"opleidingsniveau": "hbo", "requested_slot": "uren"})
    assert said.responses == ["utter_gestopt"]
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
    assert said.slots == {"requested_slot": None, "laatste_taak": None, "misverstanden": 0.0}


def test_stopping_where_nothing_runs_says_so(act) -> None:
    assert act(ActionStop(), "stoppen").responses == ["utter_niets_te_stoppen"]


def test_starting_anew_forgets_every_slot_and_leaves_the_form(act) -> None:
    said = act(ActionRestartConversation(), "opnieuw", form=FORM, slots={"opleidingsniveau": "hbo"})
    assert said.responses == ["utter_opnieuw"]
    assert [event["event"] for event in said.events] == ["active_loop", "reset_slots"]
    assert said.events[0]["name"] is None


# --- facts about oneself

@pytest.mark.parametrize("role", ["werkende", "werkgever", "school", "werkzoekende"])
def test_a_role_is_remembered_and_greeted(act, role: str) -> None:
    said = act(ActionFacts(), "feiten", f'/feiten{{"doelgroep":"{role}"}}', entities={"doelgroep": role})
    assert said.responses == [f"utter_rol_{role}"]
    assert said.slots["doelgroep"] == role


def test_a_role_that_does_not_exist_is_not_remembered(act) -> None:
    said = act(ActionFacts(), "feiten", entities={"doelgroep": "beheerder"})
    assert said.responses == ["utter_waarover"]
    assert "doelgroep" not in said.slots


def test_what_somebody_tells_is_remembered_for_later(act) -> None:
    said = act(ActionFacts(), "feiten", "ik ben lasser met mts en 15 jaar ervaring",
               entities={"beroep": "Lasser", "opleidingsniveau": "mts", "ervaring": "15 jaar"})
    assert said.responses == ["utter_feiten"]
    assert said.slots == {"vakgebied": "lasser", "opleidingsniveau": "mbo-4", "ervaring": "15", "misverstanden": 0.0}


def test_facts_after_an_advice_bring_the_advice_up_to_date(act) -> None:
    known = {"laatste_taak": "routeadvies", "opleidingsniveau": "mbo-3", "vakgebied": "lasser", "uren": "8"}
    said = act(ActionFacts(), "feiten", "ik heb toch hbo", entities={"opleidingsniveau": "hbo"}, slots=known)
    assert said.slots["opleidingsniveau"] == "hbo"
    assert said.messages[0]["custom"]["task"] == "routeadvies"
    assert "je opleiding hbo is" in said.messages[0]["omdat"]
    assert "je vak lasser is" in said.messages[0]["omdat"]
    assert said.responses[-1] == "utter_route_verfijnen"


def test_absurd_hours_are_refused_here_too_and_never_kept(act) -> None:
    said = act(ActionFacts(), "feiten", "ik wil 60 uur", entities={"uren": "60 uur"}, slots={"laatste_taak": "routeadvies", "vakgebied": "lasser"})
    assert said.responses == ["utter_uren_kan_niet"]
    assert said.slots["uren"] is None


def test_facts_that_say_nothing_ask_what_it_is_about(act) -> None:
    said = act(ActionFacts(), "feiten", "ik ben ik", slots={"laatste_taak": "routeadvies"})
    assert said.responses == ["utter_waarover"]
    assert said.slots == {"misverstanden": 0.0}
