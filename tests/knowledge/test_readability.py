"""A text that is too hard is refused with the reason; both sides of each limit, and what counts as a sentence."""

import pytest
from knowledge.readability import AVERAGE_WORDS, FEW_WORDS, LONG_WORD, LONG_WORDS, SENTENCE_WORDS, SHORT_SENTENCE, complaints, sentences

LONG, LONGER = "schoolgebouwx"[:LONG_WORD - 1], "schoolgebouwx"[:LONG_WORD]


def _sentence(words: int, word: str = "kat") -> str:
    return " ".join(["De", *[word] * (words - 1)]) + "."


def _counts(text: str) -> list[int]:
    return [len(words) for words in sentences(text)]


# --- the length of a sentence

@pytest.mark.parametrize(("where", "most"), [
    ("summary", SHORT_SENTENCE), ("simple", SHORT_SENTENCE), ("per_audience.school", SHORT_SENTENCE), ("details", SENTENCE_WORDS["details"])])
def test_a_sentence_may_be_as_long_as_its_limit_and_not_a_word_longer(where: str, most: int) -> None:
    short = " ".join([_sentence(3)] * 10)           # keeps the average low
    assert list(complaints(f"{short} {_sentence(most)}", where)) == []
    (said,) = complaints(f"{short} {_sentence(most + 1)}", where)
    assert said == f"lange zin ({most + 1} woorden, hooguit {most}): De kat kat kat kat kat …"


def test_details_may_have_longer_sentences_than_other_texts() -> None:
    assert SENTENCE_WORDS["details"] > SHORT_SENTENCE
    text = f"{_sentence(SHORT_SENTENCE + 1)} " + " ".join([_sentence(3)] * 10)
    assert list(complaints(text, "details")) == []
    assert list(complaints(text, "summary")) != []


def test_each_long_sentence_is_named() -> None:
    text = " ".join([_sentence(3)] * 20 + [_sentence(30), _sentence(31)])
    assert [said.split(",")[0] for said in complaints(text, "details")] == ["lange zin (30 woorden", "lange zin (31 woorden"]


# --- the average

def test_sentences_may_average_as_much_as_their_limit_and_no_more() -> None:
    most = int(AVERAGE_WORDS)
    assert list(complaints(f"{_sentence(most - 1)} {_sentence(most + 1)}", "summary")) == []
    assert list(complaints(f"{_sentence(most)} {_sentence(most + 1)}", "summary")) == [f"zinnen van gemiddeld {most}.5 woorden, hooguit {most}"]


# --- long words

def test_a_long_word_begins_at_its_number_of_letters() -> None:
    assert (len(LONG), len(LONGER)) == (LONG_WORD - 1, LONG_WORD)
    def said(word: str) -> list[str]:
        return list(complaints(" ".join([_sentence(10)] * 3 + [_sentence(10, word)]), "details"))

    assert said(LONG) == []
    assert said(LONGER) == [f"22% lange woorden, hooguit {LONG_WORDS:.0%}: {LONGER}"]


def test_long_words_may_be_as_large_a_share_as_their_limit_and_no_larger() -> None:
    def text(long: int) -> str:         # 50 words in all
        words = ["kat"] * (50 - long) + [LONGER] * long
        return " ".join(f"{' '.join(words[start:start + 10])}." for start in range(0, 50, 10))

    assert LONG_WORDS == 6 / 50
    assert list(complaints(text(6), "details")) == []
    (said,) = complaints(text(7), "details")
    assert said.startswith("14% lange woorden")


def test_in_a_text_of_few_words_one_long_word_does_not_decide() -> None:
    def text(words: int) -> str:
        told = [LONGER] * 5 + ["kat"] * (words - 5)
        return " ".join(f"{' '.join(told[start:start + 5])}." for start in range(0, words, 5))

    assert list(complaints(text(FEW_WORDS), "summary")) == []
    assert len(list(complaints(text(FEW_WORDS + 1), "summary"))) == 1


def test_each_long_word_is_named_once() -> None:
    other = "onderwijsassistent"
    text = " ".join([_sentence(9)] * 3 + [f"{LONGER} {other} {LONGER} {LONGER} {other}."])
    assert [said.partition(": ")[2] for said in complaints(text, "details")] == [f"{LONGER}, {other}"]


# --- what counts as a sentence

@pytest.mark.parametrize(("text", "counts"), [
    ("Een zin. Nog een zin! En een vraag? Ja.", [2, 3, 3, 1]),
    ("- eerste punt\n- tweede punt hier\n- derde", [2, 3, 1]),
    ("• eerste punt\n• tweede", [2, 1]),
    ("1. doe dit\n2. doe dan dat\n10. klaar", [2, 3, 1]),
    ("Je hebt nodig:\n\n- een diploma\n- een school", [3, 2, 2]),
    ("Let op: dit geldt niet; vraag het na.", [2, 3, 3]),
    ("# Kop van vier woorden\n\nEen zin.", [4, 2]),
    ("Een alinea zonder punt\n\nNog een alinea", [4, 3]),
    ("Een zin die\nop de volgende regel verdergaat.", [8]),
    ("Een punt dat\n  op de volgende regel verdergaat", [8])])
def test_items_of_a_list_headings_and_what_stands_before_a_colon_are_sentences(text: str, counts: list[int]) -> None:
    assert _counts(text) == counts


@pytest.mark.parametrize("text", [
    "Neem iets mee, bijv. een map van thuis.", "Denk o.a. aan een map van school.", "Het kost ca. twee mappen per keer.",
    "De wet, nr. acht, helpt jou er bij."])
def test_the_dot_of_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert len(_counts(text)) == 1


def test_an_abbreviation_hides_no_long_sentence() -> None:
    half = " ".join(["kat"] * 12)
    assert len(list(complaints(f"{half} bijv. {half}. Een zin. En nog een. En nog een.", "summary"))) == 1
    assert list(complaints(f"{half}. Dus {half}. Een zin. En nog een. En nog een.", "summary")) == []


@pytest.mark.parametrize(("text", "words"), [
    ("Kijk bij [het loket](https://www.voorbeeld-van-een-heel-lang-adres.nl/pad/verder).", ["Kijk", "bij", "het", "loket"]),
    ("Kijk op https://www.voorbeeld-van-een-heel-lang-adres.nl/pad verder.", ["Kijk", "op", "verder"]),
    ("Met **vet** en *schuin* en `code`.", ["Met", "vet", "en", "schuin", "en", "code"]),
    ("In 2026 kost het 1.000 euro.", ["In", "kost", "het", "euro"]),
    ("Zo'n zij-instromer (mbo) werkt.", ["Zo'n", "zij-instromer", "mbo", "werkt"])])
def test_the_words_of_a_link_count_and_its_address_figures_and_markup_do_not(text: str, words: list[str]) -> None:
    assert [word for sentence in sentences(text) for word in sentence] == words


@pytest.mark.parametrize("text", ["", "   \n\n  ", "2026", "- \n- ", "***", "https://example.org"])
def test_a_text_without_words_is_not_hard(text: str) -> None:
    assert sentences(text) == []
    assert list(complaints(text, "summary")) == []
