"""The task routeadvies over the public interface: a conversation that can be interrupted, corrected, skipped and stopped."""

from dataclasses import dataclass

import pytest

from tests.support import Conversation

START = "welke route past bij mij?"
LEVEL, SUBJECT, HOURS = "Wat is je hoogste opleiding?", "Wat is je vak of beroep?", "Hoeveel uur of dagen per week"
QUESTIONS = (LEVEL, SUBJECT, HOURS)
SIX_HOURS, INSTRUCTOR, PDG, GUEST = "hybride-docent-zes-klokuren", "instructeur-mbo", "docent-mbo-pdg", "gastles"
ROUTE_FIELDS = {"kind", "id", "role", "route", "sector", "suitable", "duration_months", "study_hours_week", "costs_eur", "payer", "requirements", "reasons",
                "lower", "higher", "next_step", "desk", "sources"}


@dataclass
class Dialogue:
    """A conversation with the task, turn by turn; `[titel]` presses a button of the last answer."""

    conversation: Conversation
    last: list[dict]

    def __call__(self, *turns: str) -> list[dict]:
        for turn in turns:
            self.last = self.conversation.press(self.last, turn[1:-1]) if turn.startswith("[") else self.conversation.say(turn)
        return self.last


@pytest.fixture
def talk(conversation: Conversation) -> Dialogue:
    return Dialogue(conversation, [conversation.greeting])


def asked(messages: list[dict]) -> str | None:
    """The question that the form ends with, None where it asks nothing."""
    return next((question for question in QUESTIONS if messages[-1]["text"].startswith(question)), None)


def routes(messages: list[dict]) -> dict[str, dict]:
    """The advice by route id, in its order; fails where there is none."""
    [advice] = [message for message in messages if message["items"]]
    assert advice["task"] == "routeadvies"
    return {item["id"]: item for item in advice["items"]}


def suitable(messages: list[dict]) -> dict[str, str]:
    return {name: item["suitable"] for name, item in routes(messages).items()}


def reasons(messages: list[dict]) -> list[str]:
    return next(iter(routes(messages).values()))["reasons"]


# --- all dialogues that end in an advice

FINISHED = {
    "in drie stappen": ([START, "mbo 4", "elektromonteur", "8 uur per week"], ["mbo 4", "elektromonteur", "8 uur"]),
    "met knoppen": ([START, "[mbo 4]", "[Sla over]", "[2 dagen]"], ["mbo 4", "16 uur"]),
    "knop en tekst door elkaar": ([START, "[hbo]", "lasser", "[1 dag]"], ["hbo", "lasser", "8 uur"]),
    "alles in één zin": (["ik ben lasser met mts en wil een dag per week lesgeven op een mbo, welke route past bij mij?"], ["mbo 4", "lasser", "8 uur"]),
    "eerst vertellen, dan vragen": (["ik heb mbo 4 en ben loodgieter", START, "6 uur"], ["mbo 4", "loodgieter", "6 uur"]),
    "twee antwoorden tegelijk": ([START, "ik heb hbo en ben softwareontwikkelaar", "4 uur"], ["hbo", "softwareontwikkelaar", "4 uur"]),
    "ander antwoord dan gevraagd": ([START, "ik ben lasser", "mbo 3", "8 uur"], ["mbo 3", "lasser", "8 uur"]),
    "oude namen van opleidingen": ([START, "hts", "werktuigbouwkundige", "een dagje"], ["hbo", "8 uur"]),
    "geen diploma": ([START, "geen diploma", "metselaar", "4 uur per week"], ["geen diploma", "metselaar", "4 uur"]),
    "een bereik van uren": ([START, "hbo", "lasser", "4 tot 6 uur"], ["hbo", "4 tot 6 uur"]),
    "een kaal getal als uren": ([START, "hbo", "lasser", "6"], ["hbo", "lasser", "6 uur"]),
    "een deel van een baan": ([START, "hbo", "lasser", "0,2 fte"], ["hbo", "8 uur"]),
    "alles overgeslagen": ([START, "weet ik niet", "sla over", "geen idee"], []),
    "alles overgeslagen met knoppen": ([START, "[Weet ik niet]", "[Sla over]", "[Weet ik nog niet]"], []),
    "overslaan en toch iets noemen": ([START, "weet ik niet, maar ik ben lasser", "8 uur"], ["lasser", "8 uur"]),
    "verbeterd bij de volgende vraag": ([START, "mbo 4", "sorry, ik bedoelde hbo", "lasser", "8 uur"], ["hbo", "lasser", "8 uur"]),
    "verbeterd bij de laatste vraag": ([START, "hbo", "lasser", "nee ik bedoelde mbo 3", "8 uur"], ["mbo 3", "lasser", "8 uur"]),
    "nul uur, dan zes": ([START, "hbo", "lasser", "0", "6"], ["hbo", "lasser", "6 uur"]),
    "zestig uur, dan acht": ([START, "hbo", "lasser", "60", "8 uur"], ["hbo", "lasser", "8 uur"]),
    "onverstaanbare opleiding": ([START, "de school des levens", "mbo 2", "schilder", "8 uur"], ["mbo 2", "schilder", "8 uur"]),
    "onverstaanbare uren": ([START, "hbo", "lasser", "best veel", "een dagje"], ["hbo", "lasser", "8 uur"]),
    "vraag tussendoor aan het begin": ([START, "wat kost het pdg?", "mbo 4", "lasser", "8 uur"], ["mbo 4", "lasser", "8 uur"]),
    "vraag tussendoor bij elke stap": ([START, "wat is het pdg?", "mbo 4", "hoe lang duurt het pdg?", "lasser", "en wat kost dat?", "8 uur"],
                                      ["mbo 4", "lasser", "8 uur"]),
    "een mens tussendoor": ([START, "mbo 4", "ik wil een mens spreken", "lasser", "8 uur"], ["mbo 4", "lasser", "8 uur"]),
    "bedankt tussendoor": ([START, "mbo 4", "dank je wel", "lasser", "8 uur"], ["mbo 4", "lasser", "8 uur"]),
    "groet tussendoor": ([START, "mbo 4", "hallo", "lasser", "8 uur"], ["mbo 4", "lasser", "8 uur"]),
    "gestopt en weer begonnen": ([START, "hbo", "stop", START, "lasser", "8 uur"], ["hbo", "lasser", "8 uur"]),
    "opnieuw begonnen": ([START, "hbo", "opnieuw", START, "mbo 3", "lasser", "8 uur"], ["mbo 3", "lasser", "8 uur"]),
    "begonnen met een knop": (["hoi", "[Welke route past bij mij?]", "hbo", "lasser", "8 uur"], ["hbo", "lasser", "8 uur"]),
    "als werkende begonnen": (["[Ik wil lesgeven]", "[Welke route past bij mij?]", "hbo", "lasser", "8 uur"], ["hbo", "lasser", "8 uur"]),
    "het werk van nu telt niet als uren op school": ([START, "hbo", "ik werk nu 32 uur als lasser", "8 uur"], ["hbo", "lasser", "8 uur"]),
}


@pytest.mark.parametrize(("turns", "named"), FINISHED.values(), ids=FINISHED)
def test_it_ends_in_an_advice_on_what_was_told(talk: Dialogue, turns: list[str], named: list[str]) -> None:
    messages = talk(*turns)
    assert asked(messages) is None
    told = " ".join(reasons(messages))
    assert all(name in told for name in named), told
    assert not any(word in told for word in ("sorry", "bedoelde", "hallo", "dank", "?", "nu")), f"geen antwoord, toch opgeslagen: {told}"


@pytest.mark.parametrize(("turns", "named"), FINISHED.values(), ids=FINISHED)
def test_every_route_is_told_in_full_with_a_rung_lower_or_higher(talk: Dialogue, turns: list[str], named: list[str]) -> None:
    found = routes(talk(*turns))
    assert set(found) == {SIX_HOURS, INSTRUCTOR, PDG, GUEST}
    order = ["yes maybe no".split().index(item["suitable"]) for item in found.values()]
    assert order == sorted(order), "wat het best past, staat bovenaan"
    for item in found.values():
        assert set(item) >= ROUTE_FIELDS
        assert item["kind"] == "route" and item["suitable"] in ("yes", "maybe", "no")
        assert item["payer"] in (None, "bedrijf", "school", "werkende", "fonds")
        assert item["role"] and item["route"] and item["next_step"] and "https://" in item["desk"]
        assert item["sources"] and all(set(source) == {"title", "url", "as_of"} for source in item["sources"])
        assert item["requirements"] and all(requirement["state"] in ("met", "missing", "unknown") and requirement["text"] for requirement in item["requirements"])
        for pair in (item["duration_months"], item["study_hours_week"], item["costs_eur"]):
            assert pair is None or (len(pair) == 2 and 0 <= pair[0] <= pair[1])
        if item["suitable"] != "no":
            rungs = [rung for rung in (item["lower"], item["higher"]) if rung]
            assert rungs and all(rung in found for rung in rungs)
        if item["suitable"] == "yes":
            assert not any(requirement["state"] == "missing" for requirement in item["requirements"])


@pytest.mark.parametrize(("turns", "named"), FINISHED.values(), ids=FINISHED)
def test_no_more_than_three_different_questions_are_asked_before_the_advice(talk: Dialogue, turns: list[str], named: list[str]) -> None:
    last = talk(*turns)
    questions = [message["text"] for message in talk.conversation.history() if message["from"] == "bot" and message["text"].startswith(QUESTIONS)]
    assert len(set(questions)) <= 3
    assert routes(last)


# --- in steps

def test_the_three_questions_come_one_by_one_and_belong_to_the_task(talk: Dialogue) -> None:
    seen = []
    for turn in (START, "mbo 4", "elektromonteur"):
        messages = talk(turn)
        assert [message["task"] for message in messages] == ["routeadvies"]
        seen.append(asked(messages))
    assert seen == [LEVEL, SUBJECT, HOURS]
    assert [message["task"] for message in talk("8 uur per week")] == ["routeadvies", "routeadvies"]


def test_all_in_one_sentence_needs_no_question(talk: Dialogue) -> None:
    messages = talk("ik ben lasser met mts en wil een dag per week lesgeven op een mbo, welke route past bij mij?")
    assert asked(messages) is None
    assert suitable(messages) == {SIX_HOURS: "yes", INSTRUCTOR: "yes", GUEST: "yes", PDG: "maybe"}


def test_what_was_told_before_is_not_asked_again(talk: Dialogue) -> None:
    talk("ik heb mbo 4 en ben loodgieter")
    assert asked(talk(START)) == HOURS


# --- what fits whom

@pytest.mark.parametrize(("level", "hours", "expected"), [
    ("hbo", "8 uur", {SIX_HOURS: "yes", INSTRUCTOR: "yes", GUEST: "yes", PDG: "maybe"}),
    ("hbo", "16 uur", {PDG: "yes", INSTRUCTOR: "yes", GUEST: "yes", SIX_HOURS: "no"}),
    ("mbo 4", "16 uur", {PDG: "maybe", INSTRUCTOR: "yes", GUEST: "yes", SIX_HOURS: "no"}),
    ("geen diploma", "4 uur", {SIX_HOURS: "yes", GUEST: "yes", INSTRUCTOR: "maybe", PDG: "maybe"})])
def test_the_routes_follow_the_diploma_and_the_hours(talk: Dialogue, level: str, hours: str, expected: dict) -> None:
    assert suitable(talk(START, level, "lasser", hours)) == expected


def test_an_unknown_answer_is_no_no(talk: Dialogue) -> None:
    messages = talk(START, "weet ik niet", "sla over", "geen idee")
    assert set(suitable(messages).values()) == {"maybe"}
    assert {requirement["state"] for item in routes(messages).values() for requirement in item["requirements"]} == {"unknown"}


# --- interrupted

@pytest.mark.parametrize(("before", "question"), [((START,), LEVEL), ((START, "hbo"), SUBJECT), ((START, "hbo", "lasser"), HOURS)])
@pytest.mark.parametrize(("digression", "topic"), [("hoe lang duurt het pdg?", "pdg-duur"), ("ik wil een mens spreken", "mens-spreken"), ("wat is een hybride docent?", "hybride-docent-wat")])
def test_a_question_in_between_is_answered_and_the_same_question_comes_back(
        talk: Dialogue, before: tuple[str, ...], question: str, digression: str, topic: str) -> None:
    was_asked = talk(*before)[-1]
    answer, again = talk(digression)
    assert answer["topic"] == topic
    assert again["text"] == was_asked["text"] and asked([again]) == question
    assert [button["title"] for button in again["buttons"]] == [button["title"] for button in was_asked["buttons"]]


def test_two_questions_in_between_are_both_answered_before_the_form_goes_on(talk: Dialogue) -> None:
    talk(START)
    messages = talk("hoe lang duurt het pdg en wie betaalt dat?")
    assert [message["topic"] for message in messages] == ["pdg-duur", "pdg-kosten", None]
    assert asked(messages) == LEVEL


def test_a_question_out_of_scope_in_between_leaves_the_form_open(talk: Dialogue) -> None:
    talk(START)
    assert asked(talk("mijn cv-ketel geeft een foutcode")) == LEVEL
    assert asked(talk("hbo")) == SUBJECT


# --- corrected, skipped, not understood

def test_a_correction_is_no_answer_to_the_open_question(talk: Dialogue) -> None:
    talk(START, "mbo 4")
    assert asked(talk("sorry, ik bedoelde hbo")) == SUBJECT


@pytest.mark.parametrize(("skip", "question"), [("weet ik niet", SUBJECT), ("sla over", SUBJECT), ("geen idee", SUBJECT), ("[Weet ik niet]", SUBJECT)])
def test_skipping_goes_on_to_the_next_question(talk: Dialogue, skip: str, question: str) -> None:
    talk(START)
    assert asked(talk(skip)) == question


@pytest.mark.parametrize(("hours", "named"), [("0", "Met 0 uur"), ("60", "Met 60 uur"), ("100 uur per week", "Met 100 uur")])
def test_absurd_hours_are_refused_aloud_and_asked_again(talk: Dialogue, hours: str, named: str) -> None:
    talk(START, "hbo", "lasser")
    refused, again = talk(hours)
    assert refused["text"].startswith(named) and "hooguit 40" in refused["text"]
    assert asked([again]) == HOURS


@pytest.mark.parametrize(("before", "text", "question"), [
    ((START,), "de school des levens", LEVEL), ((START, "hbo"), "12345", SUBJECT), ((START, "hbo", "lasser"), "blablabla", HOURS)])
def test_what_is_not_understood_is_asked_again_with_an_example(talk: Dialogue, before: tuple[str, ...], text: str, question: str) -> None:
    talk(*before)
    messages = talk(text)
    assert asked(messages) == question
    assert "sla over" in messages[0]["text"]


# --- stopped

@pytest.mark.parametrize("word", ["stop", "laat maar", "ik wil stoppen"])
def test_stopping_closes_the_form_and_leaves_room_for_another_question(talk: Dialogue, word: str) -> None:
    talk(START, "hbo")
    [stopped] = talk(word)
    assert stopped["text"].startswith("Goed, we stoppen hiermee.")
    assert [message["topic"] for message in talk("wat is het pdg?")] == ["pdg-wat"], "het formulier vraagt niet verder"


def test_after_stopping_what_was_told_is_still_known(talk: Dialogue) -> None:
    talk(START, "hbo", "stop")
    assert asked(talk(START)) == SUBJECT


def test_starting_anew_forgets_what_was_told(talk: Dialogue) -> None:
    talk(START, "hbo", "lasser", "opnieuw")
    assert asked(talk(START)) == LEVEL


def test_there_is_nothing_to_stop_where_nothing_is_open(talk: Dialogue) -> None:
    assert talk("stop")[0]["text"].startswith("Er is nu niets om mee te stoppen.")


# --- refined afterwards

@pytest.mark.parametrize(("fact", "reason"), [
    ("ik heb ook 10 jaar ervaring", "je 10 jaar ervaring hebt"), ("nee, toch 2 dagen per week", "je 16 uur per week op school wilt werken"),
    ("ik bedoelde mbo 3", "je opleiding mbo 3 is"), ("ik ben loodgieter", "je vak loodgieter is")])
def test_a_fact_told_afterwards_refines_the_advice(talk: Dialogue, fact: str, reason: str) -> None:
    before = reasons(talk(START, "hbo", "lasser", "8 uur"))
    after = reasons(talk(fact))
    assert reason in after and reason not in before
    assert len(set(before) & set(after)) >= 2, "wat eerder verteld was, telt nog"


def test_more_hours_change_which_route_fits_best(talk: Dialogue) -> None:
    assert next(iter(routes(talk(START, "hbo", "lasser", "8 uur")))) == SIX_HOURS
    assert next(iter(routes(talk("ik kan ook 2 dagen per week")))) == PDG


def test_absurd_hours_afterwards_leave_the_advice_as_it_was(talk: Dialogue) -> None:
    talk(START, "hbo", "lasser", "8 uur")
    assert talk("90 uur per week")[0]["text"].startswith("Met 90 uur")
    assert "je 8 uur per week op school wilt werken" in reasons(talk("ik heb ook 10 jaar ervaring"))


def test_the_advice_leads_to_articles_that_are_answered(talk: Dialogue) -> None:
    advice = next(message for message in talk(START, "hbo", "lasser", "8 uur") if message["items"])
    assert advice["buttons"]
    for button in advice["buttons"]:
        [answer] = talk.conversation.press(advice, button["title"])
        assert answer["topic"] == button["topic"]
