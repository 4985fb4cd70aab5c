"""What actions ask of knowledge: answers with their sources, follow-ups, desks, and the advice as data."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import knowledge
import pytest
from knowledge import Hours, Profile
from knowledge.queries import DEFAULT_DESK
from knowledge.sources import SOURCES_SHOWN, shown
from knowledge.schema import Fact

DAY = date(2026, 11, 24)
URL = "https://example.org"
CAUTION = "kan veranderd zijn: controleer het bij"
LASSER = Profile(level="hbo", subject="lassen", hours=Hours(Decimal(8), Decimal(8)), experience_years=Decimal(15))


def _fact(name: str, year: int, status: str = "geldig", urls: tuple[str, ...] = ("a",)) -> Fact:
    return Fact(id=name, theme="proef", audience=("werkende",), sector=("mbo",), statement="Proef.", as_of=year, status=status,
                sources=tuple({"title": f"Bron {url} {year}", "url": f"{URL}/{url}"} for url in urls))


@pytest.fixture
def small(found: knowledge.Catalogue):
    """A catalogue in which the article pdg-duur is what a test makes of it."""
    def made(facts: tuple[Fact, ...] = (), **front: object) -> knowledge.Catalogue:
        changed = {"summary": "Samengevat.", "simple": "Simpel.", "details": "Meer.", "per_audience": {"school": "Voor scholen."}, "detail_facts": (),
                   "valid_from": None, "valid_until": None, "check_at": None, "facts": tuple(fact.id for fact in facts)} | front
        return replace(found, articles=found.articles | {"pdg-duur": found.articles["pdg-duur"].model_copy(update=changed)},
                       facts=found.facts | {fact.id: fact for fact in facts})
    return made


def _text(found: knowledge.Catalogue, day: date = DAY, **how: str) -> str:
    return knowledge.answer("pdg-duur", found, day, **how).text


# --- the answer

@pytest.mark.parametrize(("how", "told"), [
    ({}, "Samengevat."), ({"audience": "school"}, "Voor scholen."), ({"audience": "werkgever"}, "Samengevat."), ({"form": "simple"}, "Simpel."),
    ({"form": "simple", "audience": "school"}, "Simpel."), ({"form": "details"}, "Meer."), ({"form": "details", "audience": "school"}, "Meer.")])
def test_an_answer_has_three_forms_and_the_short_one_may_differ_per_audience(small, how: dict, told: str) -> None:
    assert _text(small(), **how) == told


def test_more_is_offered_until_it_was_given(small) -> None:
    assert knowledge.answer("pdg-duur", small(), DAY).has_details is True
    assert knowledge.answer("pdg-duur", small(), DAY, form="simple").has_details is True
    assert knowledge.answer("pdg-duur", small(), DAY, form="details").has_details is False
    assert knowledge.answer("pdg-duur", small(details=""), DAY).has_details is False


def test_the_details_lean_on_their_own_facts_where_they_have_them(small) -> None:
    found = small((_fact("kort", 2020, urls=("kort",)), _fact("lang", 2021, urls=("lang",))))
    own = replace(found, articles=found.articles | {"pdg-duur": found.articles["pdg-duur"].model_copy(update={"facts": ("kort",), "detail_facts": ("lang",)})})
    shown = {form: [source.url for source in knowledge.answer("pdg-duur", own, DAY, form=form).sources] for form in ("summary", "details")}
    assert shown == {"summary": [f"{URL}/kort"], "details": [f"{URL}/lang"]}
    assert len(knowledge.answer("pdg-duur", found, DAY, form="details").sources) == 2      # without their own: those of the summary


def test_an_answer_names_what_is_in_force_on_the_day(small) -> None:
    found = small(summary="Je mag {bevoegdheid.gastdocent_klokuren} uur lesgeven.")
    assert _text(found, date(2023, 12, 31)) == "Je mag 4 uur lesgeven."
    assert _text(found, date(2024, 1, 1)) == "Je mag 6 uur lesgeven."


def test_a_topic_without_an_article_has_no_answer(found: knowledge.Catalogue) -> None:
    with pytest.raises(KeyError):
        knowledge.answer("bestaat-niet", found, DAY)


@pytest.mark.parametrize(("day", "warned"), [(date(2026, 6, 29), False), (date(2026, 6, 30), False), (date(2026, 7, 1), True), (date(2030, 1, 1), True)])
def test_an_article_past_its_last_day_is_never_shown_as_valid(small, day: date, warned: bool) -> None:
    told = _text(small(valid_until=date(2026, 6, 30)), day)
    assert told.startswith("Let op: dit gold tot en met 30 juni 2026.") is warned
    assert told.endswith("Samengevat.")


@pytest.mark.parametrize(("day", "warned"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)])
def test_an_article_before_its_first_day_says_so(small, day: date, warned: bool) -> None:
    assert _text(small(valid_from=date(2027, 1, 1)), day).startswith("Let op: dit geldt pas vanaf 1 januari 2027.") is warned


@pytest.mark.parametrize(("statuses", "line"), [
    (("geldig",), None), (("historisch",), None), ((), None), (("controleren",), "uit 2020 en"), (("geldig", "controleren"), "uit 2021 en"),
    (("controleren", "geldig", "controleren"), "uit 2020 tot 2022 en")])
def test_the_caution_stands_only_under_facts_that_must_be_checked(small, statuses: tuple[str, ...], line: str | None) -> None:
    told = _text(small(tuple(_fact(f"f{number}", 2020 + number, status) for number, status in enumerate(statuses))))
    assert (CAUTION in told) is (line is not None)
    assert line is None or line in told


def test_the_caution_names_the_desk_of_the_article_and_else_the_general_one(small, found: knowledge.Catalogue) -> None:
    doubtful = (_fact("twijfel", 2020, "controleren"),)
    for check_at, desk in (("techniekpact", "techniekpact"), (None, DEFAULT_DESK)):
        assert _text(small(doubtful, check_at=check_at)).endswith(f"[{found.desks[desk].name}]({found.desks[desk].url}).*")


# --- sources

def test_each_source_stands_once_with_the_newest_year_in_which_it_was_read() -> None:
    told = shown([_fact("x", 2019, urls=("a", "b")), _fact("y", 2024, urls=("a",)), _fact("z", 2021, urls=("b", "a"))])
    assert [(source.url, source.as_of) for source in told] == [(f"{URL}/a", "2024"), (f"{URL}/b", "2021")]


def test_no_more_sources_are_shown_than_somebody_reads() -> None:
    assert len(shown([_fact("x", 2020, urls=tuple("abcdefgh"))])) == SOURCES_SHOWN
    assert shown([]) == ()


# --- topics, follow-ups and desks

def test_live_is_what_was_built_and_nothing_else(found: knowledge.Catalogue) -> None:
    asleep = replace(found, topics=found.topics | {"maatwerk": found.topics["maatwerk"].model_copy(update={"live": False})})
    assert knowledge.is_live("pdg-duur", found)
    assert knowledge.is_live("routeadvies", found)
    assert knowledge.is_live("maatwerk", found)
    assert not any(knowledge.is_live(name, asleep) for name in ("maatwerk", "bestaat-niet", ""))


def test_topics_and_tasks_have_a_title_and_what_is_unknown_has_none(found: knowledge.Catalogue) -> None:
    assert knowledge.title("pdg-duur", found) == "Hoe lang duurt het pdg?"
    assert knowledge.title("routeadvies", found) == "Welke route naar het onderwijs past bij mij?"
    assert knowledge.title("bestaat-niet", found) is None


@pytest.mark.parametrize(("last", "aspect", "topic"), [
    ("pdg-wat", "vervolg_kosten", "pdg-kosten"),                        # by its group
    ("contract-detachering", "vervolg_kosten", "kosten-tarief"),           # by its own line, before its group
    ("contract-zzp", "vervolg_kosten", "kosten-overzicht"),
    ("hybride-docent-wat", "vervolg_duur", "hybride-docent-tijd"),
    ("leeftijd", "vervolg_duur", None),                                 # nothing answers it
    ("bestaat-niet", "vervolg_kosten", None), ("pdg-wat", "vervolg_weer", None)])
def test_a_follow_up_leads_where_the_last_topic_points(found: knowledge.Catalogue, last: str, aspect: str, topic: str | None) -> None:
    assert knowledge.follow_up(last, aspect, found) == topic


def test_every_follow_up_leads_to_a_live_topic(found: knowledge.Catalogue) -> None:
    goals = {goal for aspect in found.aspects.values() for goal in (*aspect.topics.values(), *aspect.groups.values())}
    assert {goal for goal in goals if not knowledge.is_live(goal, found)} == set()


@pytest.mark.parametrize(("how", "desk"), [
    ({}, "onderwijsloket"), ({"audience": "werkgever"}, "techniekpact"), ({"audience": "werkzoekende"}, "werkcentrum"), ({"audience": "school"}, "onderwijsloket"),
    ({"name": "werkcentrum"}, "werkcentrum"), ({"name": "werkcentrum", "audience": "werkgever"}, "werkcentrum"), ({"name": "bestaat-niet"}, "onderwijsloket")])
def test_a_desk_is_the_named_one_else_that_of_the_audience_else_the_general_one(found: knowledge.Catalogue, how: dict, desk: str) -> None:
    assert knowledge.desk_for(found, **how).id == desk


# --- the advice as data: items of kind route in the public interface

KEYS = {"kind", "id", "role", "route", "sector", "suitable", "duration_months", "study_hours_week", "costs_eur", "payer", "requirements", "reasons", "lower",
        "higher", "next_step", "desk", "sources"}
PROFILES = [Profile(), LASSER, replace(LASSER, hours=Hours(Decimal(30), Decimal(30)), level="geen"), Profile(subject="software")]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("day", [date(2018, 1, 1), DAY])
def test_route_items_have_the_shape_that_the_interface_promises(found: knowledge.Catalogue, profile: Profile, day: date) -> None:
    items = knowledge.route_items(profile, found, day)
    assert {item["id"] for item in items} == found.routes.keys()
    assert json.loads(json.dumps(items)) == items                   # nothing but JSON
    for item in items:
        assert item.keys() == KEYS
        assert item["kind"] == "route"
        assert item["suitable"] in ("yes", "maybe", "no")
        assert item["payer"] in (None, "bedrijf", "school", "werkende", "fonds")
        for name, kind in (("duration_months", int), ("study_hours_week", int), ("costs_eur", float)):
            pair = item[name]
            assert pair is None or (len(pair) == 2 and all(type(value) is kind for value in pair) and 0 <= pair[0] <= pair[1]), (item["id"], name)
        assert all(requirement.keys() == {"text", "state"} and requirement["state"] in ("met", "missing", "unknown") for requirement in item["requirements"])
        assert all(isinstance(reason, str) and reason for reason in item["reasons"])
        assert {item["lower"], item["higher"]} <= found.routes.keys() | {None}
        assert "https://" in item["desk"]
        assert item["sources"]
        assert all(source.keys() == {"title", "url", "as_of"} for source in item["sources"])
        assert not set("{}") & set(item["next_step"] + "".join(requirement["text"] for requirement in item["requirements"]))


def test_an_amount_has_two_decimals_at_most_and_an_unknown_one_is_null(found: knowledge.Catalogue) -> None:
    items = {item["id"]: item for item in knowledge.route_items(LASSER, found, DAY)}
    assert items["instructeur-mbo"]["costs_eur"] is None
    assert all(value == round(value, 2) for value in items["docent-mbo-pdg"]["costs_eur"])
    assert items["gastles"]["costs_eur"] == [0.0, 0.0]
    assert items["docent-mbo-pdg"]["duration_months"] == [12, 24]


def test_before_a_figure_was_in_force_it_is_null(found: knowledge.Catalogue) -> None:
    items = {item["id"]: item for item in knowledge.route_items(LASSER, found, date(2023, 12, 31))}
    assert items["gastles"]["duration_months"] is None
    assert {item["id"]: item for item in knowledge.route_items(LASSER, found, date(2024, 1, 1))}["gastles"]["duration_months"] == [0, 0]


def test_a_route_that_fits_gives_what_was_told_as_reason_and_another_what_is_missing(found: knowledge.Catalogue) -> None:
    items = {item["id"]: item for item in knowledge.route_items(replace(LASSER, hours=Hours(Decimal(30), Decimal(30))), found, DAY)}
    assert items["gastles"]["reasons"] == ["je opleiding hbo is", "je vak lassen is", "je 30 uur per week op school wilt werken", "je 15 jaar ervaring hebt"]
    refused = items["hybride-docent-zes-klokuren"]
    assert refused["suitable"] == "no"
    assert refused["reasons"] == [requirement["text"] for requirement in refused["requirements"] if requirement["state"] == "missing"] != []


@pytest.mark.parametrize(("profile", "told"), [
    (Profile(), []), (Profile(level="mbo-4"), ["je opleiding mbo 4 is"]), (Profile(experience_years=Decimal(0)), ["je 0 jaar ervaring hebt"]),
    (Profile(hours=Hours(Decimal("4.0"), Decimal("6.5"))), ["je 4 tot 6,5 uur per week op school wilt werken"])])
def test_the_advice_says_what_it_leans_on(found: knowledge.Catalogue, profile: Profile, told: list[str]) -> None:
    assert knowledge.reasons(profile, found) == told


@pytest.mark.parametrize(("parts", "told"), [([], ""), (["a"], "a"), (["a", "b"], "a en b"), (["a", "b", "c"], "a, b en c")])
def test_parts_are_enumerated_in_dutch(parts: list[str], told: str) -> None:
    assert knowledge.enumerate_dutch(parts) == told


# --- the advice in words

ITEM = {"role": "Docent", "route": "met het pdg", "duration_months": None, "costs_eur": None, "payer": None, "requirements": [], "next_step": "Bel de school."}


@pytest.mark.parametrize(("change", "told"), [
    ({}, "1. **Docent** (met het pdg). Eerste stap: Bel de school."),
    ({"duration_months": [12, 24]}, "De opleiding duurt 12 tot 24 maanden."),
    ({"duration_months": [18, 18]}, "De opleiding duurt anderhalf jaar."),
    ({"duration_months": [0, 0]}, "Je hoeft er geen opleiding voor te doen."),
    ({"costs_eur": [2500.0, 5000.0], "payer": "school"}, "Kosten: 2.500 euro tot 5.000 euro, meestal betaald door de school."),
    ({"costs_eur": [2500.0, 2500.0]}, "Kosten: 2.500 euro."),
    ({"costs_eur": [2500.5, 2500.5], "payer": "fonds"}, "Kosten: € 2.500,50, meestal betaald door een fonds of de overheid."),
    ({"requirements": [{"text": "een diploma", "state": "missing"}, {"text": "een vog", "state": "missing"}]}, "Nog nodig: een diploma; een vog."),
    ({"requirements": [{"text": "een diploma", "state": "unknown"}]}, "Nog niet bekend: een diploma."),
])
def test_a_route_is_told_in_plain_words(change: dict, told: str) -> None:
    assert told in knowledge.routes_in_words([ITEM | change])


@pytest.mark.parametrize(("change", "silent"), [
    ({}, "Kosten"), ({"costs_eur": [0.0, 0.0]}, "Kosten"), ({}, "duurt"), ({"requirements": [{"text": "een diploma", "state": "met"}]}, "diploma")])
def test_what_is_unknown_free_or_already_met_is_not_told(change: dict, silent: str) -> None:
    assert silent not in knowledge.routes_in_words([ITEM | change])


def test_routes_are_numbered_one_a_line() -> None:
    lines = knowledge.routes_in_words([ITEM, ITEM | {"role": "Instructeur"}]).splitlines()
    assert [line.split(" (")[0] for line in lines] == ["1. **Docent**", "2. **Instructeur**"]
    assert knowledge.routes_in_words([]) == ""
