"""What people say, as values: hours a week, education and experience. What is not understood stays unknown."""

from decimal import Decimal

import knowledge
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge.values import Hours, experience_years, hours, level, sensible

HOURS = {
    # a number of hours
    "8 uur": "8", "acht uur": "8", "8 uur per week": "8", "ik kan 8 uur missen": "8", "max 8 uur": "8", "een uurtje": "1", "een paar uur": "2",
    "vier uurtjes per week": "4", "6u": "6", "6 u": "6", "6 klokuren": "6", "6 lesuren": "6", "2,5 uur": "2.5", "2.5 uur": "2.5", "1½ uur": "1.5",
    "anderhalf uur": "1.5", "een half uur": "0.5", "tweeëndertig uur": "32", "ACHT UUR": "8", "een stuk of acht uur": "8",
    "een uur of acht": "8", "een uurtje of vier": "4",
    # from, to
    "4 tot 6 uur": "4-6", "4-6 uur": "4-6", "4 – 6 uur": "4-6", "4 à 6 uur": "4-6", "8 á 10 uur": "8-10", "6 a 8 uur": "6-8", "vier tot zes uur": "4-6",
    "6 tot 4 uur": "4-6", "4 of 5 uur": "4-5", "4 tot en met 6 uur": "4-6", "4 t/m 6 uur": "4-6", "tussen 4 en 6 uur": "4-6", "tussen de 4 en 6 uur": "4-6",
    # parts of a full-time week of 40 hours
    "0,2 fte": "8", "0.2 fte": "8", "0,5 FTE": "20", "1 fte": "40", "0,2 tot 0,4 fte": "8-16", "een halve fte": "20",
    # days of 8 hours
    "een dag": "8", "één dag": "8", "een dagje": "8", "1 dag per week": "8", "2 dagen": "16", "twee dagen in de week": "16", "een paar dagen": "16",
    "1 à 2 dagen": "8-16", "een of twee dagen": "8-16", "anderhalve dag": "12", "1,5 dag": "12", "een hele dag": "8", "twee volle dagen": "16",
    "2 werkdagen": "16", "twee daagjes": "16", "een dag of twee": "16", "een dagje of twee": "16", "twee keer een dag": "16",
    # halves and parts of a day of 4 hours
    "een halve dag": "4", "halve dag": "4", "½ dag": "4", "twee halve dagen": "8", "2 halve dagen": "8", "twee keer een halve dag": "8",
    "een dagdeel": "4", "twee dagdelen": "8", "één of twee dagdelen": "4-8", "2 keer een dagdeel": "8", "een ochtend": "4", "een ochtendje": "4",
    "ochtend": "4", "2 middagen": "8", "een avondje": "4", "drie avonden": "12",
    # days by their name
    "dinsdag": "8", "op vrijdag": "8", "elke maandag": "8", "maandag en dinsdag": "16", "dinsdagmiddag": "4", "op dinsdagmiddag": "4",
    "maandagochtend en dinsdagmiddag": "8", "dinsdagmiddag en donderdag": "12", "vrijdagmiddag 3 uur": "3", "maandag een halve dag": "4",
    # once in two weeks is half of it a week
    "om de week een dag": "4", "een dag om de andere week": "4", "om de week 8 uur": "4", "een dag per 2 weken": "4", "eens per twee weken een dagdeel": "2",
    "1 dag in de 2 weken": "4", "elke twee weken een dag": "4",
    # absurd, and given back as it is
    "0 uur": "0", "60 uur": "60", "100 uur": "100",
}
NO_HOURS = ["8", "acht", "4-6", "hbo", "mbo 4", "10 jaar ervaring", "20 minuten", "twee weken", "niveau 4", "weet ik niet", "veel", "", "1 dag per maand",
            "8 uur per maand", "twee scholen", "zo snel mogelijk", "3 urgente vragen"]
BARE = {"8": "8", "acht": "8", "8.": "8", " 8 ": "8", "4-6": "4-6", "4 tot 6": "4-6", "4 tot en met 6": "4-6", "ongeveer 8": "8", "max 8": "8", "maximaal 8": "8",
        "hooguit 8": "8", "circa 8": "8", "zo'n 8": "8", "een stuk of 8": "8", "een stuk of acht": "8", "2,5": "2.5", "0": "0", "60": "60", "een dagje": "8"}


def _written(value: Hours | None) -> str | None:
    if value is None:
        return None
    low, high = (f"{number.normalize():f}" for number in (value.low, value.high))
    return low if low == high else f"{low}-{high}"


@pytest.mark.parametrize(("told", "value"), HOURS.items())
def test_hours_are_understood_as_people_say_them(told: str, value: str) -> None:
    assert _written(hours(told)) == value


@pytest.mark.parametrize("told", NO_HOURS)
def test_what_names_no_hours_a_week_stays_unknown(told: str) -> None:
    assert hours(told) is None


@pytest.mark.parametrize(("told", "value"), BARE.items())
def test_a_bare_number_counts_only_where_hours_were_asked_for(told: str, value: str) -> None:
    assert _written(hours(told, bare=True)) == value


@pytest.mark.parametrize("told", ["hbo", "mbo 4", "een vraag", "10 jaar ervaring", "weet ik niet", "8 keer", ""])
def test_not_every_answer_with_a_number_is_one_of_hours(told: str) -> None:
    assert hours(told, bare=True) is None


@pytest.mark.parametrize(("low", "high", "fits"), [
    ("0", "0", False), ("0.5", "0.5", True), ("0", "8", False), ("8", "8", True), ("40", "40", True), ("8", "40", True), ("8", "40.5", False), ("60", "60", False)])
def test_sensible_is_more_than_nothing_and_at_most_a_full_week(low: str, high: str, fits: bool) -> None:
    assert sensible(Hours(Decimal(low), Decimal(high))) is fits


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.booleans())
def test_whatever_somebody_types_hours_never_fail_and_are_in_order(told: str, bare: bool) -> None:
    value = hours(told, bare=bare)
    assert value is None or Decimal(0) <= value.low <= value.high


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["{} tot {} uur", "{}-{} uur", "tussen {} en {} uur", "{} of {} uur", "{} à {} uur"]))
def test_a_range_keeps_both_its_ends(one: int, other: int, form: str) -> None:
    assert hours(form.format(one, other)) == Hours(Decimal(min(one, other)), Decimal(max(one, other)))


LEVELS = {
    # today's names
    "vmbo": "vmbo", "mbo 1": "mbo-1", "mbo 2": "mbo-2", "mbo 3": "mbo-3", "mbo 4": "mbo-4", "havo": "havo", "vwo": "vwo", "hbo": "hbo", "wo": "wo",
    "associate degree": "ad", "bachelor": "hbo", "master": "wo", "universiteit": "wo", "gepromoveerd": "promotie", "mbo": "mbo",
    # old names
    "mts": "mbo-4", "MTS": "mbo-4", "meao": "mbo-4", "hts": "hbo", "heao": "hbo", "lts": "vmbo", "mavo": "vmbo", "leerlingwezen": "mbo-2", "drs": "wo",
    # ways of writing
    "mbo niveau 4": "mbo-4", "mbo-niveau 4": "mbo-4", "mbo4": "mbo-4", "mbo-4": "mbo-4", "niveau 3": "mbo-3", "hbo'er": "hbo", "hboer": "hbo", "mbo'er": "mbo",
    "hbo-diploma": "hbo", "ir.": "wo", "ik heb mts gedaan, elektro": "mbo-4", "vmbo-tl": "vmbo",
    # several at once: the highest
    "lts, mts en daarna hts": "hbo", "mbo niveau 2 en mbo niveau 3": "mbo-3", "hbo en een master": "wo", "havo en hbo": "hbo", "mbo, mbo 3": "mbo-3",
    "vmbo, daarna mbo": "mbo",
    # none at all
    "geen diploma": "geen", "geen papieren": "geen", "geen": "geen", "geen diploma's": "geen", "niks afgemaakt": "geen",
    # denied
    "geen hbo, gewoon mbo 3": "mbo-3",
}


@pytest.mark.parametrize(("told", "known"), LEVELS.items())
def test_education_is_understood_as_people_name_it(told: str, known: str) -> None:
    assert level(told, knowledge.catalogue()) == known


@pytest.mark.parametrize("told", ["", "lasser", "geen idee", "geen flauw idee", "weet ik niet", "ik heb geen hbo", "hobo", "twoo", "havoc", "ervaring"])
def test_what_names_no_education_stays_unknown(told: str) -> None:
    assert level(told, knowledge.catalogue()) is None


@pytest.mark.parametrize("id_", sorted(knowledge.catalogue().levels))
def test_each_name_of_a_level_leads_to_that_level(id_: str) -> None:
    found = knowledge.catalogue()
    assert {name: level(name, found) for name in found.levels[id_].names} == dict.fromkeys(found.levels[id_].names, id_)


@pytest.mark.parametrize(("told", "years"), [
    ("15 jaar ervaring", "15"), ("15 jaar", "15"), ("vijftien jaar", "15"), ("al 20 JAAR in de bouw", "20"), ("10 jr", "10"), ("2,5 jaar", "2.5"),
    ("anderhalf jaar", "1.5"), ("een paar jaar", "2"), ("een jaar", "1"), ("een jaar of tien", "10"), ("0 jaar", "0"), ("60 jaar", "60")])
def test_years_of_experience_are_understood(told: str, years: str) -> None:
    assert experience_years(told) == Decimal(years)


@pytest.mark.parametrize("told", ["61 jaar", "99 jaar", "veel ervaring", "5 maanden", "mbo 4", "jaren", ""])
def test_no_years_or_more_than_a_working_life_stays_unknown(told: str) -> None:
    assert experience_years(told) is None
