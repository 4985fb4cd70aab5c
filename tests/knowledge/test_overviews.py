"""What is listed beside an answer's own words: schemes with their status, and the examples, initiatives and desks of a region."""

from dataclasses import replace
from datetime import date

import knowledge
import pytest
from knowledge.overviews import EXAMPLES_LISTED, FEW_EXAMPLES, LISTED, SCHEMES_LISTED, Overview, of_region, of_schemes
from knowledge.regions import examples_in
from knowledge.schema import Initiative, Region, RegionDesk
from knowledge.schemes import in_order, status_in_words

FACT = "gastdocent-zes-klokuren"
WITHOUT_LISTS = "pdg-duur"


def _lines(overview: Overview) -> list[str]:
    return [line for line in overview.text.splitlines() if line.startswith("- ")]


def _region(**more: object) -> Region:
    return Region(**({"id": "proefland", "kind": "arbeidsmarktregio", "name": "Proefland", "provinces": ("Nergens",)} | more))


def _desk(name: str, *audience: str, helps_with: str = "vragen over les") -> RegionDesk:
    return RegionDesk(name=name, helps_with=helps_with, url=f"https://example.org/{name}", audience=audience, facts=(FACT,))


def _initiative(name: str, state: str) -> Initiative:
    return Initiative(name=name, text="bedrijven en scholen werken samen", state=state, facts=(FACT,))


@pytest.fixture
def told(found: knowledge.Catalogue, day: date):
    """What an article tells of a region that stands in the catalogue for this test."""
    def run(topic: str, region: Region | None, *, audience: str | None = None, short: bool = True) -> Overview:
        own = replace(found, regions=found.regions | ({region.id: region} if region else {}))
        return of_region(own.articles[topic], region, own, day, audience=audience, short=short)
    return run


# --- schemes

@pytest.mark.parametrize("short", [True, False])
def test_an_article_without_lists_gets_none(found: knowledge.Catalogue, day: date, short: bool) -> None:
    article = found.articles[WITHOUT_LISTS]
    assert of_schemes(article, found, day, short=short) == Overview()
    assert of_region(article, found.regions["twente"], found, day, audience=None, short=short) == Overview()


def test_a_short_answer_names_the_first_schemes_with_their_status_and_says_how_many_there_are(found: knowledge.Catalogue, day: date) -> None:
    article = found.articles["omscholen-betalen"]
    short = of_schemes(article, found, day, short=True)
    first = in_order(article.schemes, found, day)[:LISTED]
    assert _lines(short) == [f"- **{scheme.title}**: {status_in_words(scheme, found, day)}." for scheme in first]
    assert short.text.endswith(f"\n\nEr zijn er {len(article.schemes)}. Kies *Meer weten* voor bedragen en adressen.")
    assert len(short.items) == len(article.schemes) > LISTED, "the items hold all of them, in words or not"
    assert not short.replaces


@pytest.mark.parametrize(("number", "more"), [(LISTED, False), (LISTED + 1, True)])
def test_more_is_promised_only_where_there_is_more(found: knowledge.Catalogue, day: date, number: int, more: bool) -> None:
    article = found.articles[WITHOUT_LISTS].model_copy(update={"schemes": tuple(found.schemes)[:number]})
    short = of_schemes(article, found, day, short=True)
    assert len(_lines(short)) == LISTED
    assert ("Meer weten" in short.text) is more


def test_the_details_tell_of_each_scheme_where_to_apply_and_those_that_ended_come_last(found: knowledge.Catalogue, day: date) -> None:
    article = found.articles["omscholen-betalen"]
    full = of_schemes(article, found, day, short=False)
    assert len(_lines(full)) == len(article.schemes)
    assert "Meer weten" not in full.text
    ended = ["gestopt sinds" in line for line in _lines(full)]
    assert ended == sorted(ended)
    assert set(ended) == {True, False}
    assert all(("Aanvragen: [" in line) is not gone for line, gone in zip(_lines(full), ended))
    assert [item["status"] == "closed" for item in full.items] == ended


def test_a_list_of_schemes_stays_a_list_that_one_can_read(found: knowledge.Catalogue, day: date) -> None:
    article = found.articles[WITHOUT_LISTS].model_copy(update={"schemes": tuple(found.schemes)})
    full = of_schemes(article, found, day, short=False)
    assert len(_lines(full)) == len(full.items) == len(full.facts) == SCHEMES_LISTED < len(article.schemes)


def test_the_status_follows_the_day(found: knowledge.Catalogue) -> None:
    article = found.articles["stap-budget"]
    before, after = ("\n".join(_lines(of_schemes(article, found, day, short=False))) for day in (date(2023, 12, 31), date(2024, 1, 1)))
    assert "**STAP-budget**: gestopt" not in before
    assert "**STAP-budget**: gestopt sinds 1 januari 2024." in after


# --- examples

def test_without_a_region_a_few_examples_stand_beside_the_articles_own_words(told) -> None:
    short, full = (told("voorbeelden", None, short=short) for short in (True, False))
    assert short.text.startswith("Een paar voorbeelden:\n\n- **")
    assert len(_lines(short)) == FEW_EXAMPLES
    assert not short.replaces
    assert len(_lines(full)) == EXAMPLES_LISTED
    assert full.text.endswith("Noem een plaats of regio, dan noem ik wat daar is gedaan.")
    assert "Noem een plaats" not in short.text


def test_the_examples_of_a_region_stand_in_the_place_of_the_articles_own_words(found: knowledge.Catalogue, told) -> None:
    region = found.regions["zuidoost-brabant"]
    near = {f"- **{example.title}**" for example in examples_in(region, found)}
    assert len(near) > LISTED
    short, full = (told("voorbeelden", region, short=short) for short in (True, False))
    assert short.text.startswith("Voorbeelden uit **Zuidoost-Brabant**:\n\n")
    assert short.replaces and not full.replaces
    for overview, number in ((short, LISTED), (full, len(near))):
        titles = {line.split("**. ")[0] + "**" for line in _lines(overview)}
        assert len(titles) == number and titles <= near


def test_a_region_without_an_example_gets_some_from_elsewhere_that_are_named_as_such(told) -> None:
    short = told("voorbeelden", _region())
    assert short.text.startswith("Uit **Proefland** kennen we geen voorbeeld. Van elders wel:\n\n- **")
    assert len(_lines(short)) == FEW_EXAMPLES
    assert short.replaces


def test_the_newest_example_comes_first(found: knowledge.Catalogue, told) -> None:
    titles = [line.removeprefix("- **").split("**. ")[0] for line in _lines(told("voorbeelden", None, short=False))]
    by_title = {example.title: example for example in found.examples.values()}
    years = [max(found.facts[name].as_of for name in by_title[title].facts) for title in titles]
    assert years == sorted(years, reverse=True)
    assert years[0] == max(found.facts[name].as_of for example in found.examples.values() for name in example.facts)


# --- initiatives

STATES = {"lopend": "", "onbekend": " Of het nog loopt, weten we niet.", "afgelopen": " Dit is afgelopen."}


def test_of_each_initiative_it_is_said_whether_it_still_runs_and_those_that_run_come_first(told) -> None:
    region = _region(initiatives=tuple(_initiative(state.title(), state) for state in ("afgelopen", "onbekend", "lopend")))
    assert _lines(told("regio-initiatieven", region)) == [
        f"- **{state.title()}**: bedrijven en scholen werken samen.{said}" for state, said in STATES.items()]


@pytest.mark.parametrize(("short", "number"), [(True, LISTED), (False, LISTED + 2)])
def test_a_short_answer_names_no_more_initiatives_than_one_can_take_in(told, short: bool, number: int) -> None:
    region = _region(initiatives=tuple(_initiative(f"Nummer {number}", "lopend") for number in range(LISTED + 2)))
    listed = told("regio-initiatieven", region, short=short)
    assert len(_lines(listed)) == len(listed.facts) == number
    assert listed.replaces is short


def test_where_nothing_is_known_that_is_said_with_the_schools_that_one_could_ask(told) -> None:
    schools = tuple({"name": name, "places": ("Ergens",), "kind": "roc", "certain": name == "ROC Zeker"} for name in ("ROC Zeker", "ROC Misschien"))
    bare, with_schools = told("regio-initiatieven", _region()), told("regio-initiatieven", _region(institutions=schools))
    assert bare.text == (
        "Van initiatieven voor hybride docenten in **Proefland** weten we niets zekers. Vraag het een mbo-school of loket in je regio.")
    assert with_schools.text == (
        f"{bare.text}\n\nMbo-scholen in deze regio: ROC Zeker. Waarschijnlijk ook: ROC Misschien (dat hebben we niet nagekeken).")


def test_a_school_that_no_source_bears_is_never_named_as_certain(told) -> None:
    unsure = {"name": "ROC Misschien", "places": ("Ergens",), "kind": "roc", "certain": False}
    assert told("regio-initiatieven", _region(institutions=(unsure,))).text.endswith(
        "Mbo-scholen, waarschijnlijk: ROC Misschien (dat hebben we niet nagekeken).")
    both = told("regio-initiatieven", _region(institutions=(unsure, unsure | {"certain": True}, unsure | {"certain": True})))
    assert both.text.endswith("Mbo-scholen in deze regio: ROC Misschien."), "a name counts once, and as certain where one source bears it"


def test_the_initiatives_of_the_province_come_with_those_of_the_region(found: knowledge.Catalogue, told) -> None:
    text = told("regio-initiatieven", found.regions["rijnmond"], short=False).text
    own, province = found.regions["rijnmond"].initiatives, found.regions["zuid-holland"].initiatives
    assert own and province
    assert all(f"**{item.name}**" in text for item in (*own, *province))


# --- desks

DESKS = (_desk("werkloket", "werkende", "werkzoekende"), _desk("bedrijvenloket", "werkgever"), _desk("elkloket", "alle", helps_with="Wat dan ook!"))


@pytest.mark.parametrize(("audience", "named"), [
    (None, ["werkloket", "bedrijvenloket", "elkloket"]), ("werkende", ["werkloket", "elkloket"]), ("werkzoekende", ["werkloket", "elkloket"]),
    ("werkgever", ["bedrijvenloket", "elkloket"]), ("school", ["elkloket"])])
def test_each_audience_gets_the_desks_that_are_there_for_it(told, audience: str | None, named: list[str]) -> None:
    listed = told("regio-loket", _region(desks=DESKS), audience=audience)
    assert listed.text.startswith("In **Proefland** kun je terecht bij:\n\n- [")
    assert [line.split("](")[0].removeprefix("- [") for line in _lines(listed)] == named
    assert len(listed.facts) == len(named)


def test_where_no_desk_is_there_for_an_audience_those_that_are_there_are_better_than_none(told) -> None:
    listed = told("regio-loket", _region(desks=DESKS[:2]), audience="school")
    assert [line.split("](")[0] for line in _lines(listed)] == ["- [werkloket", "- [bedrijvenloket"]


def test_what_a_desk_helps_with_ends_as_a_sentence_once(told) -> None:
    lines = _lines(told("regio-loket", _region(desks=DESKS)))
    assert lines[0].endswith(": vragen over les.")
    assert lines[2].endswith(": Wat dan ook!")


@pytest.mark.parametrize(("short", "number"), [(True, LISTED), (False, LISTED + 1)])
def test_a_short_answer_names_no_more_desks_than_one_can_take_in(told, short: bool, number: int) -> None:
    listed = told("regio-loket", _region(desks=tuple(_desk(f"loket-{number}", "alle") for number in range(LISTED + 1))), short=short)
    assert len(_lines(listed)) == number
    assert listed.replaces is short


@pytest.mark.parametrize(("audience", "national"), [
    (None, {"Onderwijsloket", "Werkcentrum", "Techniekpact"}), ("werkende", {"Onderwijsloket", "Werkcentrum", "Techniekpact"}),
    ("werkgever", {"Werkcentrum", "Techniekpact"}), ("school", {"Onderwijsloket", "Techniekpact"}),
    ("werkzoekende", {"Onderwijsloket", "Werkcentrum"})])
@pytest.mark.parametrize("desks", [(), DESKS])
def test_the_national_desks_are_those_for_the_audience_with_a_desk_nearby_or_without(
        told, desks: tuple, audience: str | None, national: set[str]) -> None:
    text = told("regio-loket", _region(desks=desks), audience=audience).text
    assert ("Landelijk helpen ook: " in text) is bool(desks)
    assert ("Een eigen loket voor **Proefland** kennen we niet" in text) is not desks
    assert {name for name in ("Onderwijsloket", "Werkcentrum", "Techniekpact") if f"[{name}" in text} == national


def test_a_question_about_a_region_without_one_named_gets_the_national_answer(told) -> None:
    for topic in ("regio-loket", "regio-initiatieven"):
        assert told(topic, None) == Overview()


# --- the whole country

@pytest.mark.parametrize("topic", ["regio-loket", "regio-initiatieven", "voorbeelden"])
def test_no_region_leaves_a_gap_or_a_name_that_was_not_filled_in(found: knowledge.Catalogue, day: date, topic: str) -> None:
    for region in found.regions:
        for form in ("summary", "details"):
            for audience in (None, "werkende", "werkgever", "school", "werkzoekende"):
                text = knowledge.answer(topic, found, day, region=region, form=form, audience=audience).text
                assert text == text.strip()
                assert not any(wrong in text for wrong in ("{", "}", "None", "\n\n\n", "..", ": .", ":\n\n\n")), (region, form, audience)
