"""What Telegram shows of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.format import MAX_TITLE, bare, parts, plain, rows, split, units

SOURCE = {"title": "Wat kost\neen  PDG?", "url": "https://example.org/pdg", "as_of": "2025"}


@pytest.mark.parametrize(("markdown", "shown"), [
    ("Dit is **vet** en _cursief_ en `kort`.", "Dit is vet en cursief en kort."),
    ("Een alinea\nop twee regels.\n\nNog een.", "Een alinea op twee regels.\n\nNog een."),
    ("- een\n- twee\n  - drie", "• een\n• twee\n  • drie"),
    ("3. drie\n4. vier", "3. drie\n4. vier"),
    ("Zie [het loket](https://example.org/a).", "Zie het loket (https://example.org/a)."),
    ("Zie [example.org](https://example.org).", "Zie https://example.org."),
    ("Zie <https://example.org>.", "Zie https://example.org."),
    ("![een **plaatje**](https://example.org/p.png)", "een plaatje (https://example.org/p.png)"),
    ("# Kop\n\ntekst", "Kop\n\ntekst"),
    ("> gezegd\n\n---\n\ndaarna", "gezegd\n\ndaarna"),
    ("regel een  \nregel twee", "regel een\nregel twee"),
    ("```\nx = 1\n```", "x = 1"),
    ("", ""),
])
def test_markdown_becomes_plain_text(markdown, shown):
    assert plain(markdown) == shown


@pytest.mark.parametrize("text", [
    "snake_case_naam", "5 * 3 = 15", "<b>niet vet</b>", "<script>alert(1)</script>", "a & b < c", "1 + 1 = 2 (twee)!", "50% ~ 60%"])
def test_marks_that_mean_nothing_stay_as_they_are(text):
    assert plain(text) == text


def test_what_no_message_can_hold_is_left_out():
    assert plain("voor\ud800midden\x00na") == "voormiddenna"


def test_sources_are_a_list_with_title_year_and_address():
    assert parts({"text": "Antwoord.", "sources": [SOURCE]}, no_text="") == [
        "Antwoord.\n\nBronnen:\n• Wat kost een PDG? (2025): https://example.org/pdg"]


def test_an_answer_without_text_still_shows_its_buttons():
    assert parts({"text": "", "buttons": [{"title": "Ja", "payload": "b_1"}]}, no_text="Kies.") == ["Kies."]


def test_an_answer_without_anything_is_not_sent():
    assert parts({"text": " \n", "buttons": []}, no_text="Kies.") == []


def test_a_long_title_is_shortened_and_a_title_as_long_as_allowed_is_not():
    fits, long = "a" * MAX_TITLE, "a" * (MAX_TITLE + 1)
    assert [title for title, _ in rows({"buttons": [{"title": fits, "payload": "b_1"}, {"title": long, "payload": "b_2"}]})] == [
        fits, "a" * (MAX_TITLE - 1) + "…"]


def test_a_button_that_telegram_would_refuse_is_left_out():
    offered = [{"title": "Ja", "payload": "x" * 65}, {"title": " ", "payload": "b"}, {"title": "Nee", "payload": "x" * 64}]
    assert rows({"buttons": offered}) == [("Nee", "x" * 64)]


def test_a_text_of_the_greatest_length_stays_whole_and_one_more_does_not():
    assert len(split("a" * 4096)) == 1
    assert [len(part) for part in split("a" * 4097)] == [4096, 1]


def test_length_counts_as_telegram_counts_it():
    assert units("🌉") == 2
    assert [len(part) for part in split("🌉" * 2049)] == [2048, 1]


def test_paragraphs_stay_whole_where_they_fit():
    assert split("aaa\n\nbbb\n\nccc", 8) == ["aaa\n\nbbb", "ccc"]


def test_a_long_paragraph_breaks_between_lines_and_a_long_line_between_words():
    assert split("aaaa\nbbbb\ncccc", 9) == ["aaaa\nbbbb", "cccc"]
    assert split("aaaa bbbb cccc", 9) == ["aaaa bbbb", "cccc"]


@given(st.text(alphabet=st.sampled_from("ab 🌉é\n"), max_size=200), st.integers(2, 40))
def test_splitting_loses_no_letter_and_keeps_every_part_short(text, limit):
    found = split(text, limit)
    assert all(0 < units(part) <= limit and part.strip() for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.text(max_size=300))
def test_no_text_breaks_the_rendering(text):
    plain(text).encode("utf-8")


def test_bare_text_keeps_words_apart():
    assert bare("a\u00a0b🌉\u2028c\nd") == "a b c\nd"
