"""Every name that stands on one side only is found, and typed text is clean before anybody reads it."""

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from bot import checks
from bot.gateway.clean import clean
from hypothesis import example, given, settings
from hypothesis import strategies as st

PARTS = ("nlu", "stories", "bot/domain", "actions", "tests/nlu")


class Tree:
    """A copy of the files that the checks compare."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in PARTS:
            shutil.copytree(checks.ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", "components"))

    def yaml(self, path: str, change: Callable[[dict], object]) -> None:
        target = self.root / path
        content = yaml.safe_load(target.read_text(encoding="utf-8"))
        change(content)
        target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _examples(intent: str, *sentences: str) -> dict:
    return {"intent": intent, "examples": "".join(f"- {sentence}\n" for sentence in sentences)}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """(path, message) of what the checks find in a copy that is broken in every way at once."""
    tree = Tree(tmp_path_factory.mktemp("tree"))
    # intents
    tree.yaml("bot/domain/algemeen.yml", lambda domain: domain["intents"].append("proefintent"))
    tree.yaml("nlu/algemeen.yml", lambda content: content["nlu"].append(_examples("zwerver", "een zin die nergens anders staat")))
    tree.yaml("stories/algemeen.yml", lambda content: content["rules"].append({"rule": "proef", "steps": [{"intent": "regelzwerver"}, {"action": "utter_nergens"}]}))
    tree.yaml("bot/domain/pdg.yml", lambda domain: domain["intents"].remove("pdg-duur"))
    # replies
    tree.yaml("bot/domain/kosten.yml", lambda domain: domain.setdefault("responses", {}).update(utter_ongebruikt=[{"text": "Dit zegt niemand."}]))
    tree.yaml("bot/domain/routeadvies.yml", lambda domain: domain["responses"].pop("utter_ask_routeadvies_form_uren"))
    tree.yaml("bot/domain/algemeen.yml", lambda domain: domain["responses"].pop("utter_gestopt"))
    # slots
    tree.yaml("bot/domain/algemeen.yml", lambda domain: domain["slots"].update(toegang={"type": "text", "mappings": [{"type": "custom"}]}))
    tree.yaml("bot/domain/routeadvies.yml", lambda domain: domain["slots"]["uren"].update(mappings=[{"type": "from_text"}]))
    # sentences
    tree.yaml("nlu/kosten.yml", lambda content: content["nlu"].append(_examples("kosten-btw", "Precies [dezelfde](vak) zin, hoor!")))
    tree.yaml("nlu/pdg.yml", lambda content: content["nlu"].append(_examples("pdg-duur", "precies dezelfde zin hoor", "deze zin wordt getraind")))
    tree.yaml("tests/nlu/pdg.yml", lambda content: content["pdg-wat"].append("Deze zin wordt getraind?"))
    tree.yaml("tests/nlu/pdg.yml", lambda content: content.pop("pdg-inhoud"))
    # files of a group
    (tree.root / "stories" / "inkomen.yml").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "ROOT", tree.root)
        return {(problem.path, problem.message) for problem in checks.check()}


@pytest.mark.parametrize(("path", "message"), [
    ("bot/domain/algemeen.yml", "intent proefintent heeft geen voorbeeldzinnen in nlu/"),
    ("bot/domain/algemeen.yml", "intent proefintent staat in geen regel in stories/"),
    ("bot/domain", "intent zwerver wordt gebruikt, maar staat in geen domein"),
    ("bot/domain", "intent regelzwerver wordt gebruikt, maar staat in geen domein"),
    ("bot/domain", "onderwerp of taak pdg-duur heeft geen intent"),
    ("bot/domain/kosten.yml", "antwoord utter_ongebruikt wordt nergens gebruikt"),
    ("bot/domain", "antwoord utter_nergens wordt gebruikt, maar bestaat niet"),
    ("bot/domain", "antwoord utter_ask_routeadvies_form_uren wordt gebruikt, maar bestaat niet"),
    ("bot/domain", "antwoord utter_gestopt wordt gebruikt, maar bestaat niet"),
    ("bot/domain/algemeen.yml", "slot toegang gaat over wat iemand mag; dat komt uit de database, nooit uit een slot"),
    ("bot/domain/routeadvies.yml", "slot uren wordt rechtstreeks door tekst gevuld; alleen een actie mag dat"),
    ("nlu", "'precies dezelfde zin hoor' staat bij kosten-btw en bij pdg-duur"),
    ("tests/nlu", "'Deze zin wordt getraind?' (pdg-wat) staat ook in de trainingszinnen"),
    ("tests/nlu", "pdg-inhoud is live, maar heeft geen zinnen die niet getraind zijn"),
    ("stories/inkomen.yml", "ontbreekt: elke groep van knowledge/topics.yml heeft dit bestand"),
])
def test_the_checks_find(found: set[tuple[str, str]], path: str, message: str) -> None:
    assert (path, message) in found, sorted(found)


def test_a_live_topic_needs_at_least_twenty_five_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(tmp_path)
    monkeypatch.setattr(checks, "ROOT", tree.root)
    sentences = [f"een zin over btw van soort {chr(97 + number)}" for number in range(25)]

    def only(count: int) -> set[str]:
        def change(content: dict) -> None:
            content["nlu"] = [block for block in content["nlu"] if block["intent"] != "kosten-btw"] + [_examples("kosten-btw", *sentences[:count])]
        tree.yaml("nlu/kosten.yml", change)
        return {problem.message for problem in checks.check()}

    before = only(25)
    assert only(24) - before == {"kosten-btw is live, maar heeft minder dan 25 voorbeeldzinnen"}
    assert not any("minder dan 25" in message for message in before)


def test_only_what_was_broken_is_found(found: set[tuple[str, str]]) -> None:
    assert not {message for _, message in found if "utter_rol_" in message or "utter_niet_begrepen_" in message or "nlu_fallback" in message}


def test_the_projects_own_files_are_clean() -> None:
    assert [str(problem) for problem in checks.check()] == []


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Hoe lang duurt het?", "hoe lang duurt het", True), ("  wat  kost 't? ", "Wat kost t", True), ("?", "!", False), ("hoe lang", "hoe langs", False)])
def test_sentences_are_compared_by_their_words(one: str, other: str, same: bool) -> None:
    assert (checks.plain(one) == checks.plain(other)) is same


def test_examples_are_read_without_their_marks() -> None:
    assert not [sentence for sentences in checks.examples().values() for sentence in sentences if "](" in sentence or not sentence]


# --- clean

SLASHES = "/／⁄∕"
WILD = st.text(alphabet=st.one_of(
    st.characters(), st.sampled_from(SLASHES + " \t\n\r\x00\x07\x1b\x7f\x85\u200b\u200e\u202e\u2066\ufeff\u0338\u0301eE\u00a0\u3000\u1680")), max_size=30)


@settings(max_examples=400, deadline=None)
@given(WILD)
@example("/\u0338")                 # a slash with something on top of it
@example("\u200b/restart")
@example(" \u202e/ / ／restart")
@example("\r/restart")
@example("e\ufeff\u0301")
@example("\u2024\u2024/x")
def test_clean_text_is_never_a_command_and_holds_no_controls(typed: str) -> None:
    made = clean(typed)
    assert not made.startswith(tuple(SLASHES))
    assert not made or not unicodedata.normalize("NFKC", made)[0] == "/"
    assert not [char for char in made if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"]
    assert not set(made) & set("\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
    assert made == made.strip()
    assert unicodedata.is_normalized("NFC", made)


@settings(max_examples=400, deadline=None)
@given(WILD)
def test_cleaning_twice_is_cleaning_once(typed: str) -> None:
    assert clean(clean(typed)) == clean(typed)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzéëïöü ?!.,/'-0123456789€", max_size=60).map(lambda text: text.strip().lstrip("/").strip().lstrip("/ ")))
def test_what_people_type_stays_as_it_was(typed: str) -> None:
    assert clean(typed) == unicodedata.normalize("NFC", typed)


@pytest.mark.parametrize(("typed", "made"), [
    ("/restart", "restart"), ("//restart", "restart"), (" / / restart", "restart"), ("／restart", "restart"), ("∕⁄/restart", "restart"), ("/", ""), ("", ""),
    ("\u200b/restart", "restart"), ("\x00/restart", "restart"), ("en/of", "en/of"), ("een\nregel\ttab", "een\nregel\ttab"), ("een\r\nregel", "een\nregel"),
    ("cafe\u0301", "café"), ("cafe\u200b\u0301", "café"), ("\x1b[31mrood", "[31mrood"), ("\ud800hallo", "hallo"), ("  hallo  ", "hallo"), ("👩‍🏫 juf", "👩🏫 juf")])
def test_typed_text_is_cleaned(typed: str, made: str) -> None:
    assert clean(typed) == made
