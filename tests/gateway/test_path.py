"""The main job, over the public interface: a question in Dutch, a true answer with source, year and next step."""

import re

import pytest

from tests.support import Conversation

FIGURE = re.compile(r"\d[\d.,]*\d|\d")
WHAT_IS_IT, WHAT_DOES_IT_COST = "wat is het pdg?", "wat kost het pdg?"


def topics(messages: list[dict]) -> list[str | None]:
    return [message["topic"] for message in messages]


def titles(message: dict) -> list[str]:
    return [button["title"] for button in message["buttons"]]


# --- questions

@pytest.mark.parametrize(("question", "topic"), [
    ("wat is het pdg?", "pdg-wat"), ("hoe lang duurt het pdg?", "pdg-duur"), ("wat kost het pdg?", "pdg-kosten"),
    ("wat is een hybride docent?", "hybride-docent-wat"), ("moet er btw over detachering?", "kosten-btw"),
    ("mag ik een paar uur per week lesgeven zonder bevoegdheid?", "zes-uur-regel"), ("ben je een mens of een computer?", "bot-mens")])
def test_a_question_gets_its_answer_with_source_year_and_next_step(conversation: Conversation, question: str, topic: str) -> None:
    [answer] = conversation.say(question)
    assert answer["topic"] == topic
    assert answer["buttons"], "een antwoord heeft een volgende stap"
    if topic != "bot-mens":         # an answer about the assistant itself has no source outside
        assert answer["sources"] and all(source["url"].startswith("https://") and source["title"] for source in answer["sources"])
        assert all(re.fullmatch(r"20\d\d", source["as_of"]) for source in answer["sources"])
        assert any(source["as_of"] in answer["text"] for source in answer["sources"]), "het jaar staat ook in de tekst"


def test_two_questions_in_one_message_get_two_answers_in_order(conversation: Conversation) -> None:
    answers = conversation.say("hoe lang duurt het pdg en wie betaalt dat?")
    assert topics(answers) == ["pdg-duur", "pdg-kosten"]
    for answer in answers:
        assert answer["sources"] and all(re.fullmatch(r"20\d\d", source["as_of"]) for source in answer["sources"])
        assert answer["buttons"], "een antwoord heeft een volgende stap"
    assert "anderhalf jaar" in answers[0]["text"]
    assert "school" in answers[1]["text"]


def test_the_greeting_says_that_this_is_no_human(conversation: Conversation) -> None:
    assert "digitale assistent" in conversation.greeting["text"]
    assert "niet met een mens" in conversation.greeting["text"]


# --- follow-ups lean on what was just answered

@pytest.mark.parametrize(("follow_up", "topic"), [
    ("en wat kost dat?", "pdg-kosten"), ("en hoe lang duurt het?", "pdg-duur"), ("wie betaalt dat dan?", "pdg-kosten"), ("kan het ook korter?", "pdg-verkort")])
def test_a_follow_up_leans_on_the_last_topic(conversation: Conversation, follow_up: str, topic: str) -> None:
    conversation.say(WHAT_IS_IT)
    assert topics(conversation.say(follow_up)) == [topic]


def test_a_follow_up_leans_on_the_newest_topic_and_not_on_the_first(conversation: Conversation) -> None:
    conversation.say(WHAT_IS_IT)
    conversation.say("wat is een hybride docent?")
    assert topics(conversation.say("wie betaalt dat?")) == ["kosten-wie-betaalt"]


def test_a_follow_up_on_nothing_asks_what_it_is_about(conversation: Conversation) -> None:
    [asked] = conversation.say("en wat kost dat?")
    assert asked["topic"] is None
    assert asked["text"].endswith("Noem het onderwerp erbij, dan zoek ik het op.")


def test_are_you_sure_is_answered_with_the_sources_and_their_years(conversation: Conversation) -> None:
    [answer] = conversation.say(WHAT_DOES_IT_COST)
    [told] = conversation.say("weet je dat zeker?")
    assert told["topic"] == "pdg-kosten"
    assert told["sources"] == answer["sources"]
    for source in answer["sources"]:
        assert f"{source['title']} ({source['as_of']})" in told["text"]


@pytest.mark.parametrize("question", [WHAT_DOES_IT_COST, "hoe lang duurt het pdg?", "moet er btw over detachering?"])
def test_said_more_simply_it_is_shorter_and_the_amounts_and_years_are_the_same(conversation: Conversation, question: str) -> None:
    [normal] = conversation.say(question)
    [simple] = conversation.say("zeg het simpeler")
    assert simple["topic"] == normal["topic"]
    assert len(simple["text"]) < len(normal["text"])
    assert set(FIGURE.findall(simple["text"])) == set(FIGURE.findall(normal["text"])) != set()


def test_tell_me_more_gives_the_details_of_the_same_topic(conversation: Conversation) -> None:
    [summary] = conversation.say(WHAT_DOES_IT_COST)
    [typed] = conversation.say("vertel meer")
    [pressed] = conversation.press(summary, "Meer weten")
    assert typed["topic"] == pressed["topic"] == "pdg-kosten"
    assert typed["text"].splitlines()[0] == pressed["text"].splitlines()[0] != summary["text"].splitlines()[0]     # a word is explained once
    assert "Meer weten" not in titles(typed), "meer is er niet"


# --- people, and what the assistant does not know

@pytest.mark.parametrize("wish", ["ik wil een mens spreken", "kan ik iemand bellen?", "geef mij maar een echte medewerker"])
def test_who_wants_a_human_gets_desks_that_can_be_reached(conversation: Conversation, wish: str) -> None:
    [answer] = conversation.say(wish)
    assert answer["topic"] == "mens-spreken"
    assert {"Naar het Onderwijsloket", "Naar het Werkcentrum", "Naar het Techniekpact"} <= set(titles(answer))
    [desk] = conversation.press(answer, "Naar het Onderwijsloket")
    assert "](https://www.onderwijsloket.com)" in desk["text"]


def test_a_vague_message_gets_offers_and_no_answer(conversation: Conversation) -> None:
    [offer] = conversation.say("contract")
    assert offer["topic"] is None
    assert offer["sources"] == []
    *offered, other = offer["buttons"]
    assert 2 <= len(offered) <= 5
    assert len({button["topic"] for button in offered}) == len(offered) and offered[0]["topic"].startswith("contract-")
    assert other["title"] == "Nee, iets anders" and not other.get("topic")


def test_pressing_an_offer_answers_it(conversation: Conversation) -> None:
    [offer] = conversation.say("contract")
    for button in offer["buttons"][:2]:
        [answer] = conversation.press(offer, button["title"])
        assert answer["topic"] == button["topic"]
        assert answer["sources"]


def test_refusing_the_offer_gives_a_way_on(conversation: Conversation) -> None:
    [answer] = conversation.press(conversation.say("contract"), "Nee, iets anders")
    assert answer["topic"] is None
    assert "](https://" in answer["text"]
    assert "Een mens spreken" in titles(answer)


def test_what_stays_unclear_is_not_offered_again_but_led_to_a_desk(conversation: Conversation) -> None:
    conversation.say("contract")
    [second] = conversation.say("contract")
    assert second["topic"] is None
    assert "Een mens spreken" in titles(second) and "](https://" in second["text"]


def test_a_task_that_is_not_yet_there_is_said_to_be_so_with_a_desk_and_the_nearest_topic(conversation: Conversation) -> None:
    [answer] = conversation.say("reken voor mij uit wat het mijn bedrijf kost als mijn monteur 8 uur per week lesgeeft")
    assert answer["topic"] is None
    assert answer["sources"] == []
    assert "Dat kan ik nog niet voor je doen" in answer["text"]
    assert "](https://" in answer["text"]
    assert [button["topic"] for button in answer["buttons"]] == ["kosten-overzicht"]


@pytest.mark.parametrize("question", ["wat wordt het weer morgen?", "hoe word ik rijinstructeur?", "waar staat mijn fiets?", "wie wint de verkiezingen?"])
def test_a_question_out_of_scope_never_gets_an_article(conversation: Conversation, question: str) -> None:
    [answer] = conversation.say(question)
    assert answer["topic"] is None
    assert answer["sources"] == []


@pytest.mark.parametrize("question", ["mijn cv-ketel geeft een foutcode", "asdfgh qwerty", "waar kan ik zorgtoeslag aanvragen"])
def test_a_question_out_of_scope_gets_no_topic_but_a_desk(conversation: Conversation, question: str) -> None:
    answers = conversation.say(question)
    assert topics(answers) == [None]
    assert "Dat weet ik niet" in answers[0]["text"] and "](https://" in answers[0]["text"]


def test_an_english_question_gets_an_honest_english_answer(conversation: Conversation) -> None:
    [answer] = conversation.say("Can I become a teacher next to my job?")
    assert answer["topic"] == "andere-taal"
    assert "I only work in Dutch" in answer["text"]


@pytest.mark.parametrize("thanks", ["dank je wel", "bedankt!", "thx"])
def test_thanks_are_taken_and_lead_on(conversation: Conversation, thanks: str) -> None:
    [answer] = conversation.say(thanks)
    assert answer["topic"] is None
    assert answer["text"].startswith("Graag gedaan.")


# --- audiences and buttons

def test_each_audience_gets_its_own_wording_of_the_same_facts(conversation: Conversation) -> None:
    texts = {}
    for button in ("Ik wil lesgeven", "Ik heb een bedrijf", "Ik werk op een school"):
        conversation.press(conversation.greeting, button)
        [answer] = conversation.say(WHAT_DOES_IT_COST)
        assert answer["topic"] == "pdg-kosten"
        texts[button] = answer["text"]
    assert len(set(texts.values())) == 3
    assert "je medewerker" in texts["Ik heb een bedrijf"] and "Je bestuur" in texts["Ik werk op een school"]
    assert all("6.900 euro" in text for text in texts.values())


@pytest.mark.parametrize(("button", "next_title"), [
    ("Ik wil lesgeven", "Welke route past bij mij?"), ("Ik heb een bedrijf", "Wie betaalt het?"), ("Ik werk op een school", "Welke stappen zet een school?"),
    ("Wat kun je allemaal?", "Welke route past bij mij?")])
def test_each_button_of_the_greeting_leads_somewhere(conversation: Conversation, button: str, next_title: str) -> None:
    [answer] = conversation.press(conversation.greeting, button)
    assert next_title in titles(answer)


def test_a_button_to_a_topic_works_as_often_as_it_is_pressed(conversation: Conversation) -> None:
    [answer] = conversation.say(WHAT_IS_IT)
    first, second = (conversation.press(answer, "Wat kost het en wie betaalt?") for _ in range(2))
    assert topics(first) == topics(second) == ["pdg-kosten"]
    assert first[0]["text"] == second[0]["text"] and first[0]["id"] != second[0]["id"]


def test_a_pressed_button_stands_in_the_conversation_as_its_title(conversation: Conversation) -> None:
    conversation.press(conversation.greeting, "Ik heb een bedrijf")
    [said] = [message for message in conversation.history() if message["from"] == "user"]
    assert said["text"] == "Ik heb een bedrijf"
