"""Subsidies and funds on a day: each status begins and ends on its day, what is closed is never told as open, and the item is that of api.md."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import knowledge
import pytest
from knowledge.schema import Parameter, Scheme
from knowledge.schemes import ORDER, amount_on, in_order, in_words, scheme_item, status_in_words, status_on

ONE = timedelta(days=1)
YEAR_OF = {"begin": 2019, "open": 2020, "eind": 2023, "lente": 2021, "herfst": 2022}
DAYS = (date(2010, 1, 1), date(2026, 11, 24), date(2040, 1, 1))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _scheme(status: dict[str, tuple[str, str]], windows: tuple[tuple[str, str, str], ...] = (), **more: object) -> Scheme:
    made = {
        "id": "proef", "title": "Proefregeling", "kind": "subsidie", "audience": ("werkgever",), "applicant": "werkgever", "summary": "Proef.",
        "conditions": ({"kind": "ask", "text": "je vraagt {a.bedrag} aan"},), "amount": "a.bedrag", "amount_text": "Hooguit {a.bedrag}.",
        "status": {_day(start): {"status": name, "fact": fact} for start, (name, fact) in status.items()},
        "windows": tuple({"opens": opens, "closes": closes, "fact": fact} for opens, closes, fact in windows),
        "apply_at": {"title": "Loket", "url": "https://example.org/aanvragen"}, "facts": ("begin",), "checked_on": "2026-11-24"}
    return Scheme(**(made | more))


@pytest.fixture(scope="module")
def small(found: knowledge.Catalogue) -> SimpleNamespace:
    """Facts with a year each and one amount that changes, gets cents, and ends."""
    some = next(iter(found.facts.values()))
    amount = Parameter(description="Proef", unit="EUR", checked_on=date(2026, 11, 24), values={
        date(2020, 1, 1): {"value": "1000", "fact": "open"}, date(2021, 1, 1): {"value": "2499.999", "fact": "open"},
        date(2024, 1, 1): {"value": None, "fact": "eind"}})
    source = some.sources[0]
    facts = {name: some.model_copy(update={"id": name, "as_of": year, "sources": (source.model_copy(update={"url": f"https://example.org/{name}"}),)})
             for name, year in YEAR_OF.items()}
    return SimpleNamespace(facts=facts, parameters={"a.bedrag": amount}, schemes={})


PLAIN = _scheme({"2020-03-01": ("open", "open"), "2022-03-01": ("check", "begin"), "2023-03-01": ("closed", "eind")})
WINDOWS = (("2021-10-01", "2021-10-31", "herfst"), ("2021-03-01", "2021-04-30", "lente"))      # the later one stands first in the file
IN_WINDOWS = _scheme({"2020-01-01": ("open", "open"), "2023-01-01": ("closed", "eind")}, WINDOWS)


# --- which status on which day

@pytest.mark.parametrize(("day", "name", "fact"), [
    ("2020-02-29", "announced", "open"), ("2020-03-01", "open", "open"), ("2022-02-28", "open", "open"), ("2022-03-01", "check", "begin"),
    ("2023-02-28", "check", "begin"), ("2023-03-01", "closed", "eind"), ("2040-01-01", "closed", "eind")])
def test_a_status_begins_on_its_day_and_not_the_day_before(day: str, name: str, fact: str) -> None:
    now = status_on(PLAIN, _day(day))
    assert (now.name, now.fact) == (name, fact)


@pytest.mark.parametrize(("day", "name", "fact", "opens", "closes"), [
    ("2020-01-01", "announced", "lente", "2021-03-01", "2021-04-30"), ("2021-02-28", "announced", "lente", "2021-03-01", "2021-04-30"),
    ("2021-03-01", "open", "lente", "2021-03-01", "2021-04-30"), ("2021-04-30", "open", "lente", "2021-03-01", "2021-04-30"),
    ("2021-05-01", "announced", "herfst", "2021-10-01", "2021-10-31"), ("2021-09-30", "announced", "herfst", "2021-10-01", "2021-10-31"),
    ("2021-10-01", "open", "herfst", "2021-10-01", "2021-10-31"), ("2021-10-31", "open", "herfst", "2021-10-01", "2021-10-31"),
    ("2021-11-01", "check", "herfst", None, "2021-10-31"), ("2022-12-31", "check", "herfst", None, "2021-10-31"),
    ("2023-01-01", "closed", "eind", None, None)])
def test_windows_decide_when_one_can_apply_and_both_their_days_count(day: str, name: str, fact: str, opens: str | None, closes: str | None) -> None:
    now = status_on(IN_WINDOWS, _day(day))
    assert (now.name, now.fact, now.opens, now.closes) == (name, fact, opens and _day(opens), closes and _day(closes))


def test_a_window_of_one_day_is_open_on_that_day_only() -> None:
    scheme = _scheme({"2020-01-01": ("open", "open")}, (("2021-05-05", "2021-05-05", "lente"),))
    assert [status_on(scheme, date(2021, 5, day)).name for day in (4, 5, 6)] == ["announced", "open", "check"]


def test_in_a_window_of_what_must_be_checked_it_is_still_to_be_checked() -> None:
    scheme = _scheme({"2020-01-01": ("check", "begin")}, WINDOWS)
    assert status_on(scheme, date(2021, 3, 1)).name == "check"
    assert status_on(scheme, date(2021, 2, 28)).name == "announced"


def test_a_window_opens_nothing_once_the_scheme_has_closed() -> None:
    scheme = _scheme({"2020-01-01": ("open", "open"), "2021-04-01": ("closed", "eind")}, WINDOWS)
    assert [status_on(scheme, day).name for day in (date(2021, 3, 31), date(2021, 4, 1), date(2021, 10, 1))] == ["open", "closed", "closed"]


def test_of_what_is_known_only_to_have_ended_no_beginning_is_announced(small: SimpleNamespace) -> None:
    scheme = _scheme({"2023-01-01": ("closed", "eind")})
    assert status_on(scheme, date(2022, 12, 31)).name == "check"
    assert status_in_words(scheme, small, date(2022, 12, 31)) == "gezien in 2023, kijk of het er nog is"
    assert status_on(scheme, date(2023, 1, 1)).name == "closed"


def test_an_announced_scheme_opens_on_the_day_that_it_opens_and_not_that_of_its_announcement(small: SimpleNamespace) -> None:
    scheme = _scheme({"2020-11-22": ("announced", "begin"), "2021-03-10": ("open", "open")})
    assert status_in_words(scheme, small, date(2020, 11, 22)) == "aanvragen kan vanaf 10 maart 2021"
    assert status_in_words(scheme, small, date(2021, 3, 9)) == "aanvragen kan vanaf 10 maart 2021"
    assert status_in_words(scheme, small, date(2021, 3, 10)) == "open, gezien in 2020"
    unsure = _scheme({"2020-11-22": ("announced", "begin")})
    assert status_in_words(unsure, small, date(2020, 11, 22)) == "aangekondigd in 2019, aanvragen kan nog niet"


# --- in words

@pytest.mark.parametrize(("scheme", "day", "words"), [
    (PLAIN, "2020-02-29", "aanvragen kan vanaf 1 maart 2020"),
    (PLAIN, "2020-03-01", "open, gezien in 2020"),
    (PLAIN, "2022-03-01", "gezien in 2019, kijk of het er nog is"),
    (PLAIN, "2023-03-01", "gestopt sinds 1 maart 2023"),
    (IN_WINDOWS, "2021-02-28", "aanvragen kan vanaf 1 maart 2021 tot en met 30 april 2021"),
    (IN_WINDOWS, "2021-04-30", "open tot en met 30 april 2021"),
    (IN_WINDOWS, "2021-05-01", "aanvragen kan vanaf 1 oktober 2021 tot en met 31 oktober 2021"),
    (IN_WINDOWS, "2021-11-01", "laatste bekende tijdvak sloot op 31 oktober 2021, kijk of er een nieuw is"),
    (_scheme({"2020-01-01": ("check", "begin")}, WINDOWS), "2021-04-30", "gezien in 2021, kijk of het er nog is"),
])
def test_a_status_says_since_when_until_when_or_when_it_was_seen(small: SimpleNamespace, scheme: Scheme, day: str, words: str) -> None:
    assert status_in_words(scheme, small, _day(day)) == words


def test_one_line_names_the_amount_and_where_to_apply(small: SimpleNamespace) -> None:
    assert in_words(PLAIN, small, date(2020, 3, 1)) == (
        "**Proefregeling**: open, gezien in 2020. Hooguit 1.000 euro. Aanvragen: [Loket](https://example.org/aanvragen).")


def test_what_ended_offers_no_form_and_no_amount_but_what_there_is_instead(small: SimpleNamespace) -> None:
    small.schemes["later"] = _scheme({"2023-03-01": ("open", "open")}, id="later", title="De nieuwe")
    ended = PLAIN.model_copy(update={"instead": ("later",)})
    assert in_words(ended, small, date(2023, 3, 1)) == "**Proefregeling**: gestopt sinds 1 maart 2023. Kijk nu naar: De nieuwe."
    assert in_words(PLAIN, small, date(2023, 3, 1)) == "**Proefregeling**: gestopt sinds 1 maart 2023."


def test_the_open_ones_come_first_and_the_closed_ones_last_and_equals_keep_their_order(found: knowledge.Catalogue, day: date) -> None:
    ids = tuple(reversed(found.schemes))
    listed = in_order(ids, found, day)
    names = [status_on(scheme, day).name for scheme in listed]
    assert names == sorted(names, key=ORDER.index)
    assert len(set(names)) > 2
    for name in set(names):
        assert [scheme.id for scheme in listed if status_on(scheme, day).name == name] == [
            id_ for id_ in ids if status_on(found.schemes[id_], day).name == name]


# --- the amount

@pytest.mark.parametrize(("day", "amount"), [
    ("2019-12-31", None), ("2020-01-01", 1000.0), ("2020-12-31", 1000.0), ("2021-01-01", 2500.0), ("2023-12-31", 2500.0), ("2024-01-01", None)])
def test_the_amount_is_that_of_the_day_in_two_decimals_and_null_where_nothing_is_known(
        small: SimpleNamespace, day: str, amount: float | None) -> None:
    assert scheme_item(PLAIN, small, _day(day))["amount_eur"] == amount


def test_a_scheme_without_an_amount_has_none(small: SimpleNamespace) -> None:
    assert amount_on(PLAIN.model_copy(update={"amount": None}), small, date(2020, 3, 1)) is None


# --- the item

KEYS = {"kind", "id", "title", "amount_eur", "applies", "why", "status", "deadline", "as_of", "apply_at", "sources"}


@pytest.mark.parametrize(("day", "deadline"), [
    ("2021-02-28", "2021-04-30"), ("2021-04-30", "2021-04-30"), ("2021-05-01", "2021-10-31"), ("2021-11-01", None), ("2023-01-01", None)])
def test_a_deadline_lies_never_in_the_past(small: SimpleNamespace, day: str, deadline: str | None) -> None:
    assert scheme_item(IN_WINDOWS, small, _day(day))["deadline"] == deadline


def test_the_item_says_what_one_must_meet_and_of_what_ended_that_it_ended(small: SimpleNamespace) -> None:
    item = scheme_item(PLAIN, small, date(2020, 3, 1))
    assert (item["kind"], item["id"], item["title"], item["apply_at"]) == ("scheme", "proef", "Proefregeling", "https://example.org/aanvragen")
    assert (item["applies"], item["why"], item["as_of"]) == ("maybe", ["je vraagt 1.000 euro aan"], "2020")
    assert [source["url"] for source in item["sources"]] == ["https://example.org/open", "https://example.org/begin"]
    ended = scheme_item(PLAIN, small, date(2023, 3, 1))
    assert (ended["applies"], ended["why"], ended["status"], ended["as_of"]) == ("no", ["gestopt sinds 1 maart 2023"], "closed", "2023")


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_scheme_has_an_item_as_the_interface_promises_it_on_any_day(found: knowledge.Catalogue, day: date) -> None:
    assert len(found.schemes) >= 40
    for scheme in found.schemes.values():
        item = scheme_item(scheme, found, day)
        assert item.keys() == KEYS, scheme.id
        assert json.loads(json.dumps(item)) == item, scheme.id
        assert item["kind"] == "scheme"
        assert item["applies"] == ("no" if item["status"] == "closed" else "maybe"), scheme.id
        assert item["status"] in ORDER
        assert item["why"] and not any(sign in line for line in item["why"] for sign in "{}"), scheme.id
        assert item["amount_eur"] is None or item["amount_eur"] == round(item["amount_eur"], 2) > 0, scheme.id
        assert item["deadline"] is None or _day(item["deadline"]) >= day, scheme.id
        assert 1900 <= int(item["as_of"]) <= 2100
        assert item["apply_at"].startswith(("https://", "http://")), scheme.id
        assert item["sources"] and all(source.keys() == {"title", "url", "as_of"} for source in item["sources"]), scheme.id


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_scheme_has_its_line_on_any_day_without_a_gap(found: knowledge.Catalogue, day: date) -> None:
    for scheme in found.schemes.values():
        line = in_words(scheme, found, day)
        assert line.startswith(f"**{scheme.title}**: "), scheme.id
        assert not any(wrong in line for wrong in ("{", "}", "None", "  ", "..", "\n")), line


# --- nothing closed is told as open

def _days_around(scheme: Scheme) -> set[date]:
    edges = {*scheme.status, *(day for window in scheme.windows for day in (window.opens, window.closes))}
    return {edge + step for edge in edges for step in (-ONE, timedelta(), ONE)} | set(DAYS)


def test_no_scheme_is_open_on_a_day_after_it_ended_or_outside_its_windows(found: knowledge.Catalogue) -> None:
    closed = 0
    for scheme in found.schemes.values():
        for day in _days_around(scheme):
            told = [status for start, status in sorted(scheme.status.items()) if start <= day][-1:]
            outside = scheme.windows and not any(window.opens <= day <= window.closes for window in scheme.windows)
            words = status_in_words(scheme, found, day)
            if told and told[0].status == "closed":
                closed += 1
                assert status_on(scheme, day).name == "closed", (scheme.id, day)
                assert words.startswith("gestopt sinds "), (scheme.id, day)
            elif not told or told[0].status != "open" or outside:
                assert status_on(scheme, day).name != "open", (scheme.id, day)
                assert not words.startswith("open"), (scheme.id, day)
    assert closed > 20


def test_no_scheme_says_that_one_can_apply_from_a_day_that_is_past(found: knowledge.Catalogue) -> None:
    announced = [(scheme.id, day, now.opens) for scheme in found.schemes.values() for day in _days_around(scheme)
                 if (now := status_on(scheme, day)).name == "announced"]
    assert announced
    assert [wrong for wrong in announced if wrong[2] is not None and wrong[2] <= wrong[1]] == []


@pytest.mark.parametrize(("scheme", "last", "before"), [
    ("stap-budget", "2023-12-31", "check"), ("mkb-idee", "2021-09-07", "open"), ("mkb-idee", "2019-08-27", "open"),
    ("mkb-idee", "2021-01-19", "open")])
def test_a_scheme_that_people_still_ask_for_ended_on_its_day(found: knowledge.Catalogue, scheme: str, last: str, before: str) -> None:
    day = _day(last)
    assert status_on(found.schemes[scheme], day).name == before
    assert status_on(found.schemes[scheme], day + ONE).name == "closed"


@pytest.mark.parametrize(("scheme", "topic"), [("stap-budget", "stap-budget"), ("mkb-idee", "compensatie-overzicht")])
def test_an_answer_tells_what_ended_as_ended_with_what_there_is_instead(found: knowledge.Catalogue, day: date, scheme: str, topic: str) -> None:
    told = knowledge.answer(topic, found, day, form="details")
    line = next(line for line in told.text.splitlines() if line.startswith(f"- **{found.schemes[scheme].title}**"))
    assert "gestopt sinds" in line and "Aanvragen:" not in line
    assert found.schemes[found.schemes[scheme].instead[0]].title in line
    assert next(item for item in told.items if item["id"] == scheme)["status"] == "closed"
