"""What belongs to no topic: not understood, stopping, starting anew, facts about oneself."""

import pytest
from actions.dialogue import ActionFacts, ActionOffer, ActionRestartConversation, ActionStop, ActionUnknown

FORM = "routeadvies_form"
RANKING = [("nlu_fallback", 0.4), ("pdg-duur", 0.3), ("pdg-kosten", 0.2), ("pdg-wat", 0.15)]


# --- not sure enough

def test_not_sure_enough_offers_the_two_likeliest_topics_and_a_way_out(act) -> None:
    said = act(ActionOffer(), "nlu_fallback", "iets met het pdg", ranking=RANKING)
    (message,) = said.messages
    assert message["response"] == "utter_bedoel_je"
    assert message["buttons"] == [
        {"title": "Hoe lang duurt het pdg?", "payload": "/pdg-duur", "topic": "pdg-duur"},
        {"title": "Wat kost het pdg?", "payload": "/pdg-kosten", "topic": "pdg-kosten"},
        {"title": "Nee, iets anders", "payload": "/buiten_bereik"}]
    assert message["custom"].get("topic") is None       # an offer is no answer
    assert said.slots == {"misverstanden": 1.0}


def test_the_second_time_in_a_row_it_says_that_it_does_not_know_and_names_a_desk(act) -> None:
    said = act(ActionOffer(), "nlu_fallback", ranking=RANKING, slots={"misverstanden": 1.0})
    assert said.responses == ["utter_weet_niet"]
    assert said.messages[0]["buttons"] == []
    assert said.messages[0]["loket"] == "Onderwijsloket"
    assert said.slots == {"misverstanden": 2.0}


@pytest.mark.parametrize(("confidence", "response"), [(0.08, "utter_bedoel_je"), (0.079, "utter_weet_niet")])
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
