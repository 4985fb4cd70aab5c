"""Which value was in force on a day, on both sides of every change."""

from datetime import date, timedelta
from decimal import Decimal

import knowledge
import pytest
import yaml
from knowledge.catalogue import ROOT
from knowledge.dated import dutch, dutch_date, in_force
from knowledge.schema import Parameter

ONE_DAY = timedelta(days=1)
FILES = sorted((ROOT / "parameters").glob("*/*.yml"))

# Each parameter that ever changed: the day of its last change, its value the day before, its value from that day on.
CHANGED = {
    "bevoegdheid.gastdocent_klokuren": (date(2024, 1, 1), "4", "6"),
    "hybride_docentschap.brainport_geplaatst": (date(2024, 1, 1), "50", "164"),
    "hybride_docentschap.krediet_leeftijd": (date(2024, 9, 1), "56", "57"),
    "hybride_docentschap.vacatures_mbo": (date(2025, 1, 1), "3600", "4100"),
    "bevoegdheid.vog_gemeente": (date(2022, 1, 1), "41.35", "41.35"),
    "bevoegdheid.vog_online": (date(2022, 1, 1), "33.85", "33.85"),
    "inkomen.mbo_lb_max": (date(2024, 1, 1), "4615", "5078"),
    "inkomen.mbo_lb_min": (date(2024, 1, 1), "3086", "3431"),
    "kosten.oeno_oom_leerwerk_max": (date(2023, 1, 1), "3800", "4200"),
    "kosten.oeno_oom_leerwerk_min": (date(2023, 1, 1), "2300", "2700"),
    "kosten.oeno_osr_bedrijf": (date(2025, 1, 1), "900", "800"),
    "kosten.oeno_osr_medewerker": (date(2025, 1, 1), "90", "130"),
    "kosten.praktijkleren_max": (date(2025, 1, 1), "2700", "2700"),
    "kosten.praktijkleren_opent": (date(2026, 1, 1), "2024-06-03", "2026-06-02"),
    "kosten.praktijkleren_sluit": (date(2026, 1, 1), "2024-09-17", "2026-09-17"),
    "kosten.regeling_esf_opent": (date(2025, 7, 14), "2023-10-02", "2025-07-14"),
    "kosten.regeling_esf_sluit": (date(2025, 7, 14), "2024-02-02", "2026-06-30"),
    "kosten.slim_max": (date(2025, 1, 1), "25000", "25000"),
    "kosten.slim_procent": (date(2024, 1, 1), "80", "60"),
    "kosten.slim_seizoen_max": (date(2024, 1, 1), "200000", None),
    "omscholen.krediet_rente_procent": (date(2025, 1, 1), "2.56", "2.57"),
    "omscholen.stap_budget": (date(2024, 1, 1), "1000", None),
    "regio.katapult_bedrijven": (date(2023, 1, 1), "12000", "21000"),
    "regio.katapult_studenten": (date(2023, 1, 1), "124000", "134000"),
    "regio.onderwijsregio_mbo_deel": (date(2025, 1, 1), "56", "90"),
    "school.mbo_weinig_kandidaten": (date(2019, 1, 1), "52", "68"),
    "zij_instroom.collegegeld": (date(2026, 9, 1), "2601", "2694"),
    "zij_instroom.plafond_jaar": (date(2025, 1, 1), "57250000", "54240000"),
    "zij_instroom.toekenningen": (date(2024, 1, 1), "2285", "2244"),
    "zij_instroom.subsidie_per_traject": (date(2022, 10, 16), "20000", "25000"),
}


def _parameter(**values: tuple[object, str]) -> Parameter:
    return Parameter(description="Proef", unit="EUR", checked_on=date(2026, 1, 1), values={
        date.fromisoformat(start): {"value": value, "fact": fact} for start, (value, fact) in values.items()})


ENDED = _parameter(**{"2020-01-01": ("100", "eerst"), "2022-01-01": ("120.50", "daarna"), "2024-01-01": (None, "einde")})


@pytest.mark.parametrize(("day", "value"), [
    ("2020-01-01", "100"), ("2021-12-31", "100"), ("2022-01-01", "120.50"), ("2023-12-31", "120.50")])
def test_a_value_holds_from_its_day_until_the_day_before_the_next(day: str, value: str) -> None:
    assert in_force(ENDED, date.fromisoformat(day)).value == Decimal(value)


def test_before_the_first_day_nothing_is_in_force() -> None:
    assert in_force(ENDED, date(2019, 12, 31)) is None


def test_null_means_that_it_ended_and_says_since_when() -> None:
    now = in_force(ENDED, date(2024, 1, 1))
    assert (now.value, now.since, now.fact) == (None, date(2024, 1, 1), "einde")
    assert in_force(ENDED, date(2023, 12, 31)).value is not None


def test_a_value_says_since_when_it_holds_and_which_fact_bears_it() -> None:
    now = in_force(ENDED, date(2023, 5, 5))
    assert (now.since, now.fact) == (date(2022, 1, 1), "daarna")


@pytest.mark.parametrize("name", CHANGED)
def test_each_parameter_that_changed_has_its_old_value_the_day_before_and_its_new_one_that_day(name: str) -> None:
    change, before, after = CHANGED[name]
    parameter = knowledge.catalogue().parameters[name]
    assert max(parameter.values) == change
    before, after = (value and (date.fromisoformat(value) if parameter.unit == "datum" else Decimal(value)) for value in (before, after))
    assert in_force(parameter, change - ONE_DAY).value == before
    assert in_force(parameter, change).value == after
    assert in_force(parameter, change + 3650 * ONE_DAY).value == after


def test_no_parameter_that_changed_is_missing_above() -> None:
    assert {name for name, parameter in knowledge.catalogue().parameters.items() if len(parameter.values) > 1} == CHANGED.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_each_parameter_changes_on_exactly_the_days_that_its_file_names(path) -> None:
    parameter = knowledge.catalogue().parameters[f"{path.parent.name}.{path.stem}"]
    written = sorted(yaml.safe_load(path.read_text(encoding="utf-8"))["values"].items())
    before = None
    for start, item in written:
        assert (in_force(parameter, start - ONE_DAY) and in_force(parameter, start - ONE_DAY).value) == before
        now, value = in_force(parameter, start), item["value"]
        before = value if value is None else date.fromisoformat(str(value)) if parameter.unit == "datum" else Decimal(str(value))
        assert (now.value, now.since, now.fact) == (before, start, item["fact"])


def test_start_days_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="niet op volgorde"):
        _parameter(**{"2022-01-01": ("1", "b"), "2020-01-01": ("2", "a")})


@pytest.mark.parametrize(("unit", "value"), [("datum", "100"), ("EUR", date(2024, 1, 1))])
def test_a_value_that_does_not_fit_its_unit_is_refused(unit: str, value: object) -> None:
    with pytest.raises(ValueError, match="past niet bij de eenheid"):
        Parameter(description="Proef", unit=unit, checked_on=date(2026, 1, 1), values={date(2020, 1, 1): {"value": value, "fact": "a"}})


@pytest.mark.parametrize(("value", "unit", "written"), [
    (Decimal("25000"), "EUR", "25.000 euro"), (Decimal("0"), "EUR", "0 euro"), (Decimal("12.5"), "EUR", "€ 12,50"),
    (Decimal("1234567"), "EUR", "1.234.567 euro"), (Decimal("21"), "procent", "21 procent"), (Decimal("2.5"), "procent", "2,5 procent"),
    (Decimal("0.4"), "aantal", "0,4"), (Decimal("1600"), "uur", "1.600"), (Decimal("8.0"), "uur", "8"), (date(2027, 1, 1), "datum", "1 januari 2027")])
def test_values_are_written_in_dutch(value: object, unit: str, written: str) -> None:
    assert dutch(value, unit) == written


def test_a_day_is_written_in_dutch() -> None:
    assert dutch_date(date(2026, 3, 5)) == "5 maart 2026"
