"""Words of the trade are explained where a conversation first meets them, and only there."""

import re
from dataclasses import replace
from datetime import date

import knowledge
import pytest
from knowledge.glossary import AT_MOST, explain
from knowledge.schema import Term

TERMS = tuple(Term(term=names[0], names=names, explanation=explanation) for names, explanation in (
    (("pdg", "PDG"), "een lesbewijs"), (("klokuur", "klokuren"), "gewone uren"), (("fte",), "deel van een week"),
    (("zij-instroom", "zij-instroomtraject"), "leraar worden"), (("EVC", "EVC-traject"), "een onderzoek"), (("O&O-fonds",), "een potje"),
    (("ESF+",), "Europees geld")))
SENTENCE = "Voor {} is er meer te weten."


@pytest.fixture(scope="module")
def known(found: knowledge.Catalogue) -> knowledge.Catalogue:
    return replace(found, terms=TERMS)


def _told(text: str, known: knowledge.Catalogue, title: str = "Wat moet ik weten?", explained: tuple[str, ...] = ()) -> str:
    return explain(text, title, known, explained)[0]


# --- where

def test_the_first_use_is_explained_and_the_second_is_not(known: knowledge.Catalogue) -> None:
    assert explain("Het pdg duurt lang. Met het pdg mag je lesgeven.", "Vraag", known) == (
        "Het pdg (een lesbewijs) duurt lang. Met het pdg mag je lesgeven.", ("pdg",))


@pytest.mark.parametrize(("text", "explained"), [
    ("Je hebt 6 klokuren.", "Je hebt 6 klokuren (gewone uren)."), ("Het PDG.", "Het PDG (een lesbewijs)."),
    ("Een EVC-traject helpt.", "Een EVC-traject (een onderzoek) helpt."),
    ("Het zij-instroomtraject, dus.", "Het zij-instroomtraject (leraar worden), dus."), ("Vraag je O&O-fonds!", "Vraag je O&O-fonds (een potje)!"),
    ("Met ESF+ kan het.", "Met ESF+ (Europees geld) kan het."), ("Met **pdg** kan het.", "Met **pdg (een lesbewijs)** kan het."),
    ("- fte\n- pdg", "- fte (deel van een week)\n- pdg (een lesbewijs)")])
def test_every_name_of_a_term_is_explained_wherever_it_stands(known: knowledge.Catalogue, text: str, explained: str) -> None:
    assert _told(text, known) == explained


@pytest.mark.parametrize("text", [
    "Het epdg en het pdg-diploma.", "Een evc in kleine letters.", "Een sub-fte.", "De EVC-trajecten.", "Geen enkel woord van het vak.", ""])
def test_a_part_of_another_word_is_no_term(known: knowledge.Catalogue, text: str) -> None:
    assert explain(text, "Vraag", known) == (text, ())


def test_at_most_two_are_explained_and_those_are_the_first_two_in_the_text(known: knowledge.Catalogue) -> None:
    assert AT_MOST == 2
    assert explain("Met fte, EVC, pdg en klokuren.", "Vraag", known) == (
        "Met fte (deel van een week), EVC (een onderzoek), pdg en klokuren.", ("fte", "EVC"))


def test_a_heading_stays_as_it_is_and_the_text_below_it_is_explained(known: knowledge.Catalogue) -> None:
    assert _told("## Het pdg\n\nHet pdg duurt lang.", known) == "## Het pdg\n\nHet pdg (een lesbewijs) duurt lang."
    assert _told("Iets.\n\n### pdg", known) == "Iets.\n\n### pdg"


@pytest.mark.parametrize("text", [
    "Een lesbewijs (het pdg) is nodig.", "Zie [het pdg bij de HU](https://example.org/a).", "Zie [de site](https://example.org/pdg).",
    "Het pdg (een bewijs voor docenten) is nodig.", "Het **pdg** (een bewijs) is nodig.", "Het *pdg* (een bewijs) is nodig."])
def test_between_brackets_in_a_link_or_before_an_explanation_nothing_is_added(known: knowledge.Catalogue, text: str) -> None:
    assert explain(text, "Vraag", known) == (text, ())


def test_after_brackets_that_are_closed_it_is_explained_as_ever(known: knowledge.Catalogue) -> None:
    assert _told("Zie [de site](https://example.org) (2024) over het pdg.", known) == (
        "Zie [de site](https://example.org) (2024) over het pdg (een lesbewijs).")


# --- when

def test_what_the_answer_is_about_is_not_explained_in_it(known: knowledge.Catalogue) -> None:
    assert explain("Het pdg duurt 6 klokuren.", "Hoe lang duurt het pdg?", known) == ("Het pdg duurt 6 klokuren (gewone uren).", ("klokuur",))
    assert explain("Het pdg duurt lang.", "Hoe lang duurt het PDG?", known)[1] == ()


def test_what_was_explained_before_is_not_explained_again_and_makes_room_for_another(known: knowledge.Catalogue) -> None:
    text = "Met fte, EVC en pdg."
    assert explain(text, "Vraag", known, ("fte",)) == ("Met fte, EVC (een onderzoek) en pdg (een lesbewijs).", ("EVC", "pdg"))
    assert explain(text, "Vraag", known, ("fte", "EVC", "pdg")) == (text, ())


def test_an_answer_tells_which_words_it_explained_and_leaves_them_out_the_next_time(found: knowledge.Catalogue, day: date) -> None:
    first = knowledge.answer("bevoegdheid-vo", found, day)
    assert first.terms == ("klokuur", "pdg")
    again = knowledge.answer("bevoegdheid-vo", found, day, explained=first.terms)
    assert not set(again.terms) & set(first.terms)
    for term in found.terms:
        if term.term in first.terms:
            assert f"({term.explanation})" in first.text
            assert f"({term.explanation})" not in again.text


# --- the project's own words

def test_every_term_of_the_project_reads_on_in_a_sentence(found: knowledge.Catalogue) -> None:
    assert len(found.terms) >= 30
    for term in found.terms:
        for name in term.names:
            assert explain(SENTENCE.format(name), "Vraag", found) == (SENTENCE.format(f"{name} ({term.explanation})"), (term.term,)), name


def test_every_explanation_is_a_phrase_that_explains_with_other_words(found: knowledge.Catalogue) -> None:
    for term in found.terms:
        told = term.explanation
        assert not told.endswith((".", "!", "?", ",", ";")), term.term
        assert told[0].islower() or told.startswith("Europees"), term.term
        assert not re.search(r"[(){}\[\]*_#\d]", told), term.term
        assert len(told.split()) >= 2
        assert not any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told) for name in term.names), term.term


def test_no_name_belongs_to_two_terms_and_no_term_stands_twice(found: knowledge.Catalogue) -> None:
    names = [name for term in found.terms for name in term.names]
    assert len(names) == len(set(names))
    assert len({term.term for term in found.terms}) == len(found.terms)


def test_no_answer_explains_a_word_twice_or_within_other_brackets(found: knowledge.Catalogue, day: date) -> None:
    met = set()
    for topic in found.articles:
        for form in ("summary", "simple", "details"):
            told = knowledge.answer(topic, found, day, form=form)
            met |= set(told.terms)
            assert len(told.terms) <= AT_MOST
            for term in found.terms:
                if term.term in told.terms:
                    assert told.text.count(f" ({term.explanation})") == 1, (topic, form, term.term)
                    before = told.text[:told.text.index(f" ({term.explanation})")]
                    assert before.count("(") == before.count(")"), (topic, form, term.term)
    assert len(met) > 15
