"""Which routes fit: both sides of every condition, and what must hold for every profile there can be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import knowledge
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge import Hours, Profile
from knowledge.routes import Suggestion, suggest

DAY = date(2026, 11, 24)
FOUND = knowledge.catalogue()
RANK = {"no": 0, "maybe": 1, "yes": 2}


def _hours(low: str, high: str | None = None) -> Hours:
    return Hours(Decimal(low), Decimal(high or low))


FITS = {        # a profile that meets every condition of the route
    "gastles": Profile(subject="lassen"),
    "hybride-docent-zes-klokuren": Profile(subject="lassen", hours=_hours("8")),
    "instructeur-mbo": Profile(subject="lassen", level="mbo-2"),
    "docent-mbo-pdg": Profile(subject="lassen", level="hbo", hours=_hours("16")),
}
# route, number of its condition → what changes in that profile, the state of the condition then, how the route stands then
SIDES = [
    ("gastles", 0, {}, "met", "yes"),
    ("gastles", 0, {"subject": None}, "unknown", "maybe"),
    ("hybride-docent-zes-klokuren", 0, {"hours": _hours("8")}, "met", "yes"),
    ("hybride-docent-zes-klokuren", 0, {"hours": _hours("8.5")}, "missing", "no"),
    ("hybride-docent-zes-klokuren", 0, {"hours": _hours("8", "16")}, "met", "yes"),          # eight is within what was offered
    ("hybride-docent-zes-klokuren", 0, {"hours": None}, "unknown", "maybe"),
    ("hybride-docent-zes-klokuren", 1, {}, "met", "yes"),
    ("hybride-docent-zes-klokuren", 1, {"subject": None}, "unknown", "yes"),
    ("instructeur-mbo", 0, {}, "met", "yes"),
    ("instructeur-mbo", 0, {"subject": None}, "unknown", "maybe"),
    ("instructeur-mbo", 1, {"level": "mbo-2"}, "met", "yes"),
    ("instructeur-mbo", 1, {"level": "mbo-1"}, "missing", "maybe"),
    ("instructeur-mbo", 1, {"level": "mbo"}, "unknown", "yes"),                              # "mbo" does not say which
    ("instructeur-mbo", 1, {"level": None}, "unknown", "yes"),
    ("docent-mbo-pdg", 0, {}, "met", "yes"),
    ("docent-mbo-pdg", 0, {"subject": None}, "unknown", "maybe"),
    ("docent-mbo-pdg", 1, {"level": "hbo"}, "met", "yes"),
    ("docent-mbo-pdg", 1, {"level": "ad"}, "missing", "maybe"),
    ("docent-mbo-pdg", 1, {"level": "mbo"}, "missing", "maybe"),
    ("docent-mbo-pdg", 1, {"level": None}, "unknown", "yes"),
    ("docent-mbo-pdg", 2, {"hours": _hours("16")}, "met", "yes"),
    ("docent-mbo-pdg", 2, {"hours": _hours("15.5")}, "missing", "maybe"),
    ("docent-mbo-pdg", 2, {"hours": _hours("8", "16")}, "met", "yes"),
    ("docent-mbo-pdg", 2, {"hours": None}, "unknown", "yes"),
]


def _stands(profile: Profile, route: str, found: knowledge.Catalogue = FOUND, day: date = DAY) -> Suggestion:
    return next(item for item in suggest(profile, found, day) if item.route.id == route)


@pytest.mark.parametrize(("route", "number", "change", "state", "suitable"), SIDES, ids=lambda value: str(value) if isinstance(value, str | int) else "")
def test_on_each_side_of_a_condition_the_route_stands_as_it_should(route: str, number: int, change: dict, state: str, suitable: str) -> None:
    stands = _stands(replace(FITS[route], **change), route)
    assert (stands.requirements[number].state, stands.suitable) == (state, suitable)


def test_every_condition_of_every_route_has_its_sides_above() -> None:
    tested = {(route, number): {state for r, n, _, state, _ in SIDES if (r, n) == (route, number)} for route, number, *_ in SIDES}
    assert tested.keys() == {(route.id, number) for route in FOUND.routes.values() for number in range(len(route.conditions))}
    for (route, number), states in tested.items():
        possible = {"met", "unknown"} if FOUND.routes[route].conditions[number].kind == "subject_known" else {"met", "missing", "unknown"}
        assert states == possible, (route, number)


def _with(condition: dict) -> knowledge.Catalogue:
    route = FOUND.routes["gastles"]
    made = type(route).model_validate(route.model_dump() | {"conditions": [condition]})
    return replace(FOUND, routes={"gastles": made})


@pytest.mark.parametrize(("years", "suitable"), [("8", "yes"), ("7.5", "no"), (None, "maybe")])
def test_experience_counts_from_the_year_that_its_parameter_names(years: str | None, suitable: str) -> None:
    found = _with({"kind": "experience_at_least", "value": "routeadvies.werkuren_zes_klokuren", "text": "genoeg ervaring"})      # the figure is 8
    assert _stands(Profile(experience_years=Decimal(years) if years else None), "gastles", found).suitable == suitable


@pytest.mark.parametrize(("sector", "suitable"), [("mbo", "yes"), ("vo", "yes"), ("po", "no"), (None, "maybe")])
def test_a_sector_counts_where_the_route_is_open_to_it(sector: str | None, suitable: str) -> None:
    found = _with({"kind": "sector_in", "value": ["mbo", "vo"], "text": "in mbo of vo"})
    assert _stands(Profile(sector=sector), "gastles", found).suitable == suitable


def test_a_limit_that_is_not_in_force_yet_is_a_question_never_a_no() -> None:
    assert _stands(Profile(hours=_hours("30"), subject="lassen"), "hybride-docent-zes-klokuren", day=date(2023, 12, 31)).suitable == "maybe"
    assert _stands(Profile(hours=_hours("30"), subject="lassen"), "hybride-docent-zes-klokuren", day=date(2024, 1, 1)).suitable == "no"


def test_the_routes_that_fit_come_first_and_then_go_by_their_order() -> None:
    told = suggest(Profile(subject="lassen", hours=_hours("30"), level="geen"), FOUND, DAY)
    assert [(item.route.id, item.suitable) for item in told] == [
        ("gastles", "yes"), ("docent-mbo-pdg", "maybe"), ("instructeur-mbo", "maybe"), ("hybride-docent-zes-klokuren", "no")]


def test_with_nothing_known_every_route_is_still_open() -> None:
    told = suggest(Profile(), FOUND, DAY)
    assert {item.route.id for item in told} == FOUND.routes.keys()
    assert "no" not in {item.suitable for item in told}


PROFILES = st.builds(
    Profile,
    level=st.none() | st.sampled_from(sorted(FOUND.levels)),
    subject=st.none() | st.sampled_from(["lassen", "software"]),
    hours=st.none() | st.tuples(st.integers(1, 80), st.integers(0, 40)).map(lambda pair: Hours(Decimal(pair[0]) / 2, Decimal(pair[0] + pair[1]) / 2)),
    experience_years=st.none() | st.integers(0, 60).map(Decimal),
    sector=st.none() | st.sampled_from(["po", "vo", "mbo", "hbo", "wo"]))
DEMANDING = replace(FOUND, routes=FOUND.routes | {     # routes whose conditions are hard, beside the real ones
    "streng": type(FOUND.routes["gastles"]).model_validate(FOUND.routes["gastles"].model_dump() | {"id": "streng", "conditions": [
        {"kind": "diploma_at_least", "value": "hbo", "text": "een diploma"},
        {"kind": "experience_at_least", "value": "routeadvies.werkuren_zes_klokuren", "text": "genoeg ervaring"}]})})
ORDERED = sorted((item for item in FOUND.levels.values() if item.id != "mbo"), key=lambda item: item.nlqf)
_CHECKED = settings(max_examples=80, deadline=None)


def _ranks(profile: Profile) -> dict[str, int]:
    return {item.route.id: RANK[item.suitable] for item in suggest(profile, DEMANDING, DAY)}


@_CHECKED
@given(PROFILES, st.data())
def test_more_education_never_makes_a_route_less_suitable(profile: Profile, data: st.DataObject) -> None:
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(ORDERED) - 1)] * 2)))
    less, more = (_ranks(replace(profile, level=ORDERED[number].id)) for number in (low, high))
    assert all(more[route] >= less[route] for route in less)


@_CHECKED
@given(PROFILES, st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted))
def test_more_experience_never_makes_a_route_less_suitable(profile: Profile, years: list[int]) -> None:
    less, more = (_ranks(replace(profile, experience_years=Decimal(number))) for number in years)
    assert all(more[route] >= less[route] for route in less)


@_CHECKED
@given(PROFILES)
def test_an_unknown_answer_is_a_question_never_a_no(profile: Profile) -> None:
    fields = {"diploma_at_least": profile.level, "hours_at_least": profile.hours, "hours_at_most": profile.hours,
              "experience_at_least": profile.experience_years, "sector_in": profile.sector, "subject_known": profile.subject}
    for item in suggest(profile, DEMANDING, DAY):
        states = {(condition.kind, requirement.state, requirement.refines)
                  for condition, requirement in zip(item.route.conditions, item.requirements, strict=True)}
        assert all(state == "unknown" for kind, state, _ in states if fields[kind] is None)
        assert (item.suitable == "no") == any(state == "missing" and not refines for _, state, refines in states)


@_CHECKED
@given(PROFILES, st.sampled_from(["level", "hours", "experience_years"]))
def test_a_route_is_never_refused_for_what_was_left_out(profile: Profile, left_out: str) -> None:
    """What is not told never ranks a route below what the least favourable answer would."""
    worst = {"level": ["geen"], "hours": [_hours("1"), _hours("40")], "experience_years": [Decimal(0)]}[left_out]
    unknown = _ranks(replace(profile, **{left_out: None}))
    for value in worst:
        told = _ranks(replace(profile, **{left_out: value}))
        assert all(unknown[route] >= rank for route, rank in told.items() if rank < RANK["yes"])


@_CHECKED
@given(PROFILES)
def test_each_route_is_given_once_best_first(profile: Profile) -> None:
    told = suggest(profile, DEMANDING, DAY)
    assert sorted(item.route.id for item in told) == sorted(DEMANDING.routes)
    assert [RANK[item.suitable] for item in told] == sorted((RANK[item.suitable] for item in told), reverse=True)
