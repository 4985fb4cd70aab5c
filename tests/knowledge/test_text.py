"""Texts hold names of figures; filled in, they say what was in force on the day."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from knowledge.schema import Fact, Parameter
from knowledge.text import duration, fill, names, typed_figures

DAY = date(2026, 11, 24)


def _fact(name: str, year: int) -> Fact:
    return Fact(id=name, theme="proef", audience=("werkende",), sector=("mbo",), statement="Proef.", as_of=year, status="geldig",
                sources=({"title": "Bron", "url": "https://example.org"},))


def _parameter(unit: str, values: dict[str, tuple[object, str]]) -> Parameter:
    return Parameter(description="Proef", unit=unit, checked_on=DAY, values={
        date.fromisoformat(start): {"value": value, "fact": fact} for start, (value, fact) in values.items()})


@dataclass
class Figures:
    parameters: dict = field(default_factory=lambda: {
        "a.bedrag": _parameter("EUR", {"2020-01-01": ("1000", "oud"), "2025-01-01": ("2500", "nieuw")}),
        "a.duur": _parameter("maanden", {"2020-01-01": ("18", "oud")}),
        "a.einde": _parameter("EUR", {"2020-01-01": ("5", "oud"), "2024-07-01": (None, "nieuw")}),
        "a.later": _parameter("EUR", {"2030-01-01": ("5", "nieuw")}),
        "a.dag": _parameter("datum", {"2020-01-01": (date(2027, 1, 1), "oud")}),
    })
    facts: dict = field(default_factory=lambda: {"oud": _fact("oud", 2019), "nieuw": _fact("nieuw", 2024)})


@pytest.mark.parametrize(("told", "filled"), [
    ("Het kost {a.bedrag}.", "Het kost 2.500 euro."),
    ("Gezien in {jaar:a.bedrag}.", "Gezien in 2024."),
    ("Gezien in {jaar:oud}.", "Gezien in 2019."),
    ("Dit geldt sinds {sinds:a.bedrag}.", "Dit geldt sinds 1 januari 2025."),
    ("Het duurt {duur:a.duur}.", "Het duurt anderhalf jaar."),
    ("Het kost {a.einde}.", "Het kost (vervallen sinds 1 juli 2024)."),
    ("Het duurt {duur:a.einde}.", "Het duurt (vervallen sinds 1 juli 2024)."),
    ("Het kost {a.later}.", "Het kost (geldt pas vanaf 1 januari 2030)."),
    ("Vanaf {a.dag}.", "Vanaf 1 januari 2027."),
    ("Zonder namen.", "Zonder namen."),
    ("{a.bedrag} en {a.bedrag}", "2.500 euro en 2.500 euro"),
])
def test_each_name_becomes_what_is_in_force(told: str, filled: str) -> None:
    assert fill(told, Figures(), DAY) == filled


def test_the_same_text_says_another_amount_the_day_before_the_change() -> None:
    assert fill("{a.bedrag} ({jaar:a.bedrag})", Figures(), date(2024, 12, 31)) == "1.000 euro (2019)"
    assert fill("{a.bedrag} ({jaar:a.bedrag})", Figures(), date(2025, 1, 1)) == "2.500 euro (2024)"


@pytest.mark.parametrize("told", ["{a.onbekend}", "{jaar:onbekend}", "{sinds:nieuw}"])
def test_an_unknown_name_never_passes_unseen(told: str) -> None:
    with pytest.raises(KeyError):
        fill(told, Figures(), DAY)


def test_names_are_found_with_what_is_asked_of_them() -> None:
    assert list(names("{a.b}, {jaar:feit-1} en {duur:c.d_e} en {sinds:f.g}; {Niet Dit}")) == [
        (None, "a.b"), ("jaar", "feit-1"), ("duur", "c.d_e"), ("sinds", "f.g")]


@pytest.mark.parametrize(("told", "figures"), [
    ("Het kost 500 euro.", ["500"]), ("In 2024 was het 1.000.", ["2024", "1.000."]), ("Je krijgt 21% terug.", ["21"]),
    ("Dat duurt twee jaar.", ["twee jaar"]), ("Reken op anderhalf uur.", ["anderhalf uur"]), ("Zes klokuren mag.", ["Zes klokuren"]),
    ("lid van 3 groepen", ["3"]), ("mbo 5", ["5"]), ("niveau 9", ["9"])])
def test_a_typed_figure_is_seen(told: str, figures: list[str]) -> None:
    assert typed_figures(told) == figures


@pytest.mark.parametrize("told", [
    "Een diploma mbo 4, mbo-3 of mbo2.", "Je hebt niveau 4 nodig.", "nlqf 6", "Zie artikel 4.2.1 lid 3.", "Zie lid 2.", "1. Bel de school.\n2. Vraag een VOG aan.",
    "O2LAB helpt.", "Kijk op https://example.org/2024/10.", "een 2e graads of 1e-graads bevoegdheid", "de brief 32 637, nr. 377",
    "Het kost {pdg.kosten_2024}.", "In een jaar tijd.", "Met twee scholen.", "Een van de drie routes."])
def test_a_number_that_is_a_name_is_no_figure(told: str) -> None:
    assert typed_figures(told) == []


@pytest.mark.parametrize(("months", "words"), [
    (10, "10 maanden"), (12, "1 jaar"), (17, "17 maanden"), (18, "anderhalf jaar"), (19, "19 maanden"), (24, "2 jaar"), (0, "0 maanden"), (30, "30 maanden")])
def test_months_are_told_in_words(months: int, words: str) -> None:
    assert duration(months) == words
