"""The validator refuses each kind of fault before a person has to. One copy of the files is broken in all these ways at once."""

import time
from datetime import date, timedelta

import pytest
from knowledge import text
from knowledge.catalogue import Catalogue
from knowledge.check import check, due, main, told

DAY = date(2026, 11, 24)
NOWHERE = "bestaat-niet"


@pytest.fixture(scope="module")
def asleep() -> str:
    """A topic that is put to sleep in the copy."""
    return "katapult"


@pytest.fixture(scope="module")
def complaints(broken, asleep: str) -> set[tuple[str, str]]:
    """(path, message) of all that is wrong in the copy."""
    def topic_and_task(lists: dict) -> None:
        lists["tasks"].append(lists["tasks"][0] | {"id": "pdg-duur", "meanwhile": NOWHERE})
        next(topic for topic in lists["topics"] if topic["id"] == asleep)["live"] = False

    def gastles(route: dict) -> None:
        route.update(desk=NOWHERE, article=NOWHERE, lower=NOWHERE, costs=["niet.een", "niet.twee"], next_step="Bel voor 12 uur met {niet.drie}.")
        route["facts"].append(NOWHERE)
        route["conditions"] += [
            {"kind": "hours_at_least", "value": "niet.vier", "text": "genoeg uren"}, {"kind": "diploma_at_least", "value": "havo-6", "text": "een diploma"},
            {"kind": "sector_in", "value": "mbo", "text": "in {niet.vijf}, minstens 8 uur"}]

    def fact_of(path: str, name: str) -> None:
        broken.yaml(path, lambda parameter: [value.update(fact=name) for value in parameter["values"].values()])

    (broken.root / "articles/pdg/pdg-wat.md").unlink()
    broken.yaml("topics.yml", topic_and_task)
    broken.article("pdg", "pdg-duur", facts=[NOWHERE])
    broken.article("pdg", "pdg-kosten", related=[NOWHERE], detail_facts=[NOWHERE])
    broken.article("pdg", "pdg-inhoud", check_at=NOWHERE)
    for topic, step in (("toelating", {"topic": NOWHERE}), ("studielast", {"task": NOWHERE}), ("aanbieders", {"desk": NOWHERE}), ("vergoeding", {"topic": asleep})):
        broken.article("pdg", f"pdg-{topic}", next_steps=[{"title": "Lees verder"} | step])
    broken.article("pdg", "pdg-verkort", summary="Het duurt {pdg.nergens}.", simple="Gezien in {jaar:nergens}.", per_audience={"school": "Sinds {sinds:pdg.nooit}."})
    broken.article("contract", "contract-zzp", simple="Het duurt {duur:kosten.btw_procent}.")
    broken.article("contract", "contract-vormen", details="Het kost 500 euro.\n", summary="Dat duurt twee jaar.")
    broken.article("contract", "contract-keuze", summary="woord " * 70 + "w")        # 421 characters
    broken.article("contract", "contract-afspraken", simple="woord " * 121, per_audience={"school": "woord " * 121})
    broken.article("contract", "contract-detachering", summary="woord. " * 60, simple="woord. " * 120, details="woord. " * 500)      # 419, just right
    broken.write("articles/pdg/wees.md", (broken.root / "articles/pdg/pdg-duur.md").read_text(encoding="utf-8").replace("id: pdg-duur", "id: wees"))
    broken.write("parameters/pdg/ongebruikt.yml", "description: Proef\nunit: EUR\nchecked_on: 2026-01-01\nvalues: {2024-01-01: {value: '1', fact: gastdocent-zes-klokuren}}\n")
    fact_of("parameters/pdg/duur_gewoon_maanden.yml", NOWHERE)
    broken.yaml("routes/gastles.yml", gastles)
    broken.yaml("desks.yml", lambda desks: desks[0].update(facts=[NOWHERE]))
    broken.yaml("follow_ups.yml", lambda aspects: (aspects["vervolg_kosten"]["groups"].update(niet_een_groep="pdg-kosten", assistent=NOWHERE),
                                                   aspects["vervolg_duur"]["topics"].update({"pdg-nooit": "pdg-duur"})))
    return {(problem.path.removeprefix("knowledge/"), problem.message) for problem in check(broken.root, DAY)}


@pytest.mark.parametrize(("path", "message"), [
    ("topics.yml", "pdg-wat is live, maar heeft geen artikel"),
    ("topics.yml", "pdg-duur is een onderwerp en een taak tegelijk"),
    ("topics.yml", f"pdg-duur: onderwerp bestaat niet: {NOWHERE}"),
    ("articles/?/wees.md", "hoort bij geen onderwerp in knowledge/topics.yml"),
    ("articles/pdg/pdg-duur.md", f"feit bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-kosten.md", f"onderwerp bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-kosten.md", f"feit bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-inhoud.md", f"loket bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-toelating.md", f"onderwerp bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-studielast.md", f"taak bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-aanbieders.md", f"loket bestaat niet: {NOWHERE}"),
    ("articles/pdg/pdg-verkort.md", "summary: onbekende naam {pdg.nergens}"),
    ("articles/pdg/pdg-verkort.md", "simple: onbekende naam {nergens}"),
    ("articles/pdg/pdg-verkort.md", "per_audience.school: onbekende naam {pdg.nooit}"),
    ("articles/contract/contract-zzp.md", "simple: {duur:kosten.btw_procent} vraagt een parameter in maanden"),
    ("articles/contract/contract-vormen.md", "details: getal in de tekst, maak er een parameter van: 500"),
    ("articles/contract/contract-vormen.md", "summary: getal in de tekst, maak er een parameter van: twee jaar"),
    ("articles/contract/contract-keuze.md", "summary: 421 tekens, hooguit 420"),
    ("articles/contract/contract-afspraken.md", "simple: 121 woorden, hooguit 120"),
    ("articles/contract/contract-afspraken.md", "per_audience.school: 121 woorden, hooguit 120"),
    ("parameters/pdg/ongebruikt.yml", "wordt nergens gebruikt"),
    ("parameters/pdg/duur_gewoon_maanden.yml", f"feit bestaat niet: {NOWHERE}"),
    ("routes/gastles.yml", f"loket bestaat niet: {NOWHERE}"),
    ("routes/gastles.yml", f"onderwerp bestaat niet: {NOWHERE}"),
    ("routes/gastles.yml", f"feit bestaat niet: {NOWHERE}"),
    ("routes/gastles.yml", f"route bestaat niet: {NOWHERE}"),
    ("routes/gastles.yml", "parameter bestaat niet: niet.een"),
    ("routes/gastles.yml", "next_step: onbekende naam {niet.drie}"),
    ("routes/gastles.yml", "conditions: onbekende naam {niet.vijf}"),
    ("routes/gastles.yml", "next_step: getal in de tekst, maak er een parameter van: 12"),
    ("routes/gastles.yml", "conditions: getal in de tekst, maak er een parameter van: 8"),
    ("routes/gastles.yml", "hours_at_least noemt geen parameter: niet.vier"),
    ("routes/gastles.yml", "diploma_at_least noemt geen niveau uit knowledge/levels.yml: havo-6"),
    ("routes/gastles.yml", "sector_in vraagt een lijst van sectoren"),
    ("desks.yml", f"onderwijsloket: feit bestaat niet: {NOWHERE}"),
    ("follow_ups.yml", "vervolg_kosten: groep bestaat niet: niet_een_groep"),
    ("follow_ups.yml", f"vervolg_kosten: onderwerp bestaat niet: {NOWHERE}"),
    ("follow_ups.yml", "vervolg_duur: onderwerp bestaat niet: pdg-nooit"),
])
def test_the_validator_refuses(complaints: set[tuple[str, str]], path: str, message: str) -> None:
    assert (path, message) in complaints, sorted(said for where, said in complaints if where == path)


def test_a_button_may_not_promise_what_is_not_live(complaints: set[tuple[str, str]], asleep: str) -> None:
    assert ("articles/pdg/pdg-vergoeding.md", f"de vervolgstap belooft {asleep}, en dat is nog niet live") in complaints


def test_a_text_just_within_its_limits_is_let_through(complaints: set[tuple[str, str]]) -> None:
    assert [said for where, said in complaints if where.endswith("contract-detachering.md")] == []


def test_the_projects_own_files_have_no_problem_and_are_checked_within_five_seconds() -> None:
    began = time.monotonic()
    assert check(day=DAY) == []
    assert time.monotonic() - began < 5


def test_the_command_says_each_problem_and_fails(broken, complaints: set, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    from knowledge import check as module

    problems = check(broken.root, DAY)
    monkeypatch.setattr(module, "check", lambda: problems)
    assert main() == 1
    assert capsys.readouterr().out.splitlines() == [str(problem) for problem in problems]
    monkeypatch.setattr(module, "check", list)
    assert main() == 0


def test_what_is_due_is_listed_from_the_day_after_its_interval_oldest_first(found: Catalogue) -> None:
    parameter = found.parameters["kosten.btw_procent"].model_copy(update={"checked_on": DAY, "check_every_days": 30})
    older = parameter.model_copy(update={"checked_on": DAY - timedelta(days=5)})
    small = Catalogue(parameters={"a.later": parameter, "a.eerder": older})
    assert due(small, DAY + timedelta(days=25)) == []
    first, second = (DAY + timedelta(days=25), "parameters/a.eerder"), (DAY + timedelta(days=30), "parameters/a.later")
    assert due(small, DAY + timedelta(days=26)) == [first]
    assert due(small, DAY + timedelta(days=30)) == [first]
    assert due(small, DAY + timedelta(days=31)) == [first, second]


def test_no_projects_text_holds_a_figure_of_its_own(found: Catalogue) -> None:
    figures = {(item.path, item.where): text.typed_figures(item.text) for item in told(found)}
    assert len(figures) > 800
    assert {where: typed for where, typed in figures.items() if typed} == {}
