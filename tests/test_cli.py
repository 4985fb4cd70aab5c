"""The commands for editors: what is due, what was in force when, where it comes from, and how much there is."""

import re
from collections.abc import Callable
from datetime import date

import knowledge
import pytest
from bot import cli
from click.testing import Result
from knowledge.check import due
from typer.testing import CliRunner

DAY = date(2026, 11, 24)
SUBSIDY = "zij_instroom.subsidie_per_traject"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`./lesbrug knowledge …` on a fixed day."""
    monkeypatch.setattr(knowledge, "today", lambda: DAY)
    return lambda *words: CliRunner().invoke(cli.app, ["knowledge", *words])


# --- show

@pytest.mark.parametrize(("on", "told", "since"), [
    ("2022-10-15", "20.000 euro", "2018-01-01"), ("2022-10-16", "25.000 euro", "2022-10-16"), ("2017-12-31", "geldt nog niet", None),
    ("2018-01-01", "20.000 euro", "2018-01-01")])
def test_show_tells_the_value_of_a_day_and_points_at_it(run, on: str, told: str, since: str | None) -> None:
    result = run("show", SUBSIDY, "--on", on)
    assert result.exit_code == 0
    first, _, *values = result.output.splitlines()
    assert first == f"{SUBSIDY} op {on}: {told}   (EUR; nagekeken op {knowledge.catalogue().parameters[SUBSIDY].checked_on})"
    assert [line.split()[2].rstrip(":") for line in values if line.startswith("→")] == ([since] if since else [])
    assert [re.search(r"vanaf (\S+): (\S+)", line).groups() for line in values] == [("2018-01-01", "20000"), ("2022-10-16", "25000")]


def test_show_is_about_today_and_names_the_fact_its_year_and_its_address(run) -> None:
    result = run("show", SUBSIDY)
    assert result.output.startswith(f"{SUBSIDY} op 2026-11-24: 25.000 euro ")
    for value in knowledge.catalogue().parameters[SUBSIDY].values.values():
        fact = knowledge.catalogue().facts[value.fact]
        assert f"{fact.id} ({fact.as_of}, {fact.status}) {fact.sources[0].url}\n" in result.output, "on one line, however long"


def test_show_says_what_ended_and_what_was_announced_and_not_decided(run, monkeypatch: pytest.MonkeyPatch) -> None:
    item = knowledge.catalogue().parameters[SUBSIDY]
    ended = item.values[date(2022, 10, 16)].model_copy(update={"value": None})
    changed = item.model_copy(update={"values": item.values | {date(2026, 1, 1): ended}, "expected_from": date(2027, 1, 1)})
    monkeypatch.setitem(knowledge.catalogue().parameters, SUBSIDY, changed)
    assert f"{SUBSIDY} op 2025-12-31: 25.000 euro" in run("show", SUBSIDY, "--on", "2025-12-31").output
    result = run("show", SUBSIDY, "--on", "2026-01-01")
    assert f"{SUBSIDY} op 2026-01-01: vervallen" in result.output
    assert "→ vanaf 2026-01-01: vervallen" in result.output
    assert "aangekondigd, niet besloten: vanaf 2027-01-01" in result.output
    assert "aangekondigd" not in run("show", "kosten.btw_procent").output


def test_show_works_for_every_parameter(run) -> None:
    for name in knowledge.catalogue().parameters:
        result = run("show", name)
        assert result.exit_code == 0, name
        assert result.output.startswith(f"{name} op 2026-11-24: ")


@pytest.mark.parametrize(("name", "near"), [("zij_instroom.subsidie_traject", SUBSIDY), ("kosten.btw", "kosten.btw_procent")])
def test_show_suggests_what_comes_near_an_unknown_name(run, name: str, near: str) -> None:
    result = run("show", name)
    assert result.exit_code == 1
    assert result.output.startswith(f"Er is geen parameter {name}. Bedoel je ")
    assert near in result.output


def test_show_suggests_nothing_where_nothing_comes_near(run) -> None:
    result = run("show", "xyzzy")
    assert (result.exit_code, result.output) == (1, "Er is geen parameter xyzzy.\n")


@pytest.mark.parametrize("on", ["gisteren", "2022-02-30", "16-10-2022", "2022"])
def test_show_refuses_what_is_no_day(run, on: str) -> None:
    result = run("show", SUBSIDY, "--on", on)
    assert (result.exit_code, result.output) == (2, f"{on} is geen dag; schrijf bijvoorbeeld 2024-01-31\n")


# --- sources

def test_sources_of_one_topic_are_its_facts_with_year_and_address(run) -> None:
    result = run("sources", "pdg-duur")
    assert result.exit_code == 0
    facts = knowledge.facts_behind("pdg-duur", knowledge.catalogue())
    assert result.output.splitlines() == [
        f"pdg-duur → {fact.id} → {fact.as_of} {fact.status} → {source.url}" for fact in facts for source in fact.sources] != []


def test_sources_without_a_topic_are_those_of_all(run) -> None:
    lines = run("sources").output.splitlines()
    found = knowledge.catalogue()
    assert {line.split(" → ")[0] for line in lines} == {topic for topic in found.articles if knowledge.facts_behind(topic, found)}
    assert all(re.fullmatch(r"[a-z0-9-]+ → [a-z0-9-]+ → \d{4} (geldig|controleren|historisch) → https?://\S.*", line) for line in lines)


def test_sources_of_an_unknown_topic_are_refused(run) -> None:
    result = run("sources", "bestaat-niet")
    assert (result.exit_code, result.output) == (1, "Er is geen artikel bestaat-niet.\n")


# --- due

def test_due_lists_what_is_late_the_oldest_first_and_how_many(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "today", lambda: date(2027, 6, 1))
    late = due(knowledge.catalogue(), date(2027, 6, 1))
    assert len(late) > 1
    assert run("due").output.splitlines() == [*(f"{day}  knowledge/{path}" for day, path in late), f"{len(late)} om na te kijken."]


def test_due_looks_ahead_as_many_days_as_asked(run, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = {"checked_on": date(2026, 11, 10), "check_every_days": 30}          # due on 10 December
    item = knowledge.catalogue().parameters[SUBSIDY].model_copy(update=checked)
    monkeypatch.setattr(cli, "_catalogue", lambda: knowledge.Catalogue(parameters={SUBSIDY: item}))
    assert run("due").output == "Alles is op tijd nagekeken.\n"
    assert run("due", "--days", "16").output == "Alles is op tijd nagekeken.\n"
    assert run("due", "--days", "17").output == f"2026-12-10  knowledge/parameters/{SUBSIDY}\n1 om na te kijken.\n"


# --- count

def test_count_tells_how_much_there_is_of_everything(run) -> None:
    result = run("count")
    assert result.exit_code == 0
    assert [line.split(maxsplit=1) for line in result.output.splitlines()] == [
        [str(number), what] for what, number in knowledge.counted(knowledge.catalogue()).items()]


# --- files that do not hold together

@pytest.mark.parametrize("words", [("due",), ("show", SUBSIDY), ("sources",), ("count",)], ids=" ".join)
def test_with_files_that_do_not_hold_together_it_says_so_and_shows_no_traceback(run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    def refuse() -> None:
        raise knowledge.KnowledgeError([knowledge.Problem("knowledge/topics.yml", "is leeg")])

    monkeypatch.setattr(knowledge, "catalogue", refuse)
    result = run(*words)
    assert (result.exit_code, result.output) == (1, "De kennis heeft 1 fout(en); zie ./lesbrug check\n")
