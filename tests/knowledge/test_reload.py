"""An edited article is answered within seconds; files that do not hold together are named, and what stood before stays in force."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import knowledge
import pytest
from knowledge.catalogue import Problem, replace
from knowledge.reload import SECONDS, stamp

PATIENCE = 20.0         # for a machine that does a lot beside this
SUMMARY = "Het pdg duurt even. Vraag het de hogeschool."
ARTICLE = "articles/pdg/pdg-duur.md"


def _until(happened: Callable[[], bool]) -> float:
    """How long it took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < PATIENCE, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - began


def _in_force() -> str:
    return knowledge.catalogue().articles["pdg-duur"].summary


class Watched:
    """A watch on a copy of the files, and what it told."""

    def __init__(self, root: Path) -> None:
        self.root, self.changes, self.problems, self.refused = root, [], [], 0
        before = set(threading.enumerate())
        self.stop = knowledge.watch(self._changed, self.problems.append, seconds=0.1, root=root)
        (self.thread,) = set(threading.enumerate()) - before

    def _changed(self, found: knowledge.Catalogue) -> None:
        if self.refused:
            self.refused -= 1
            raise OSError("de database is bezet")
        self.changes.append(found)

    @property
    def last_problems(self) -> list[Problem]:
        return self.problems[-1] if self.problems else []


@pytest.fixture
def copy(broken, tmp_path: Path) -> Iterator:
    """The module's copy, whole at the start of each test and whole again after it."""
    kept = tmp_path / "whole"
    shutil.copytree(broken.root, kept)
    yield broken
    shutil.rmtree(broken.root)
    shutil.copytree(kept, broken.root)


@pytest.fixture
def watched(copy) -> Iterator[Watched]:
    """The catalogue of the process follows the copy during one test."""
    before = knowledge.catalogue()
    made = Watched(copy.root)
    yield made
    made.stop.set()
    made.thread.join(PATIENCE)
    replace(before)
    assert not made.thread.is_alive()


def _save(copy, path: str, text: str) -> None:
    """As an editor does: a file is never seen half written."""
    copy.write(path + ".nieuw", text)
    (copy.root / (path + ".nieuw")).rename(copy.root / path)


def _text(copy, path: str = ARTICLE) -> str:
    return (copy.root / path).read_text(encoding="utf-8")


def test_a_changed_article_is_in_force_within_seconds(copy, watched: Watched) -> None:
    old = _in_force()
    assert old != SUMMARY
    copy.article("pdg", "pdg-duur", summary=SUMMARY)
    took = _until(lambda: _in_force() == SUMMARY)
    assert took + SECONDS < 10, "with the pause between two looks"
    assert knowledge.answer("pdg-duur", knowledge.catalogue(), knowledge.today()).text.startswith("Het pdg duurt even.")
    assert watched.changes[-1] is knowledge.catalogue(), "who keeps an index was told of it first"


def test_without_a_change_nothing_is_loaded_again(watched: Watched) -> None:
    found = knowledge.catalogue()
    time.sleep(0.6)
    assert knowledge.catalogue() is found
    assert (watched.changes, watched.problems) == ([], [])


@pytest.mark.parametrize(("path", "text", "said"), [
    (ARTICLE, "Zomaar tekst.\n", "begint niet met een kop"),
    ("parameters/pdg/duur_gewoon_maanden.yml", "description: [\n", "parameters/pdg/duur_gewoon_maanden.yml"),
    ("glossary.yml", "- {term: pdg}\n", "Field required")])
def test_a_broken_file_is_named_and_what_stood_before_stays(copy, watched: Watched, path: str, text: str, said: str) -> None:
    found = knowledge.catalogue()
    _save(copy, path, text)
    _until(lambda: bool(watched.problems))
    assert any(said in str(problem) for problem in watched.last_problems), watched.last_problems
    assert knowledge.catalogue() is found
    assert watched.changes == []


def test_a_file_that_is_read_well_but_says_what_cannot_be_is_refused_too(copy, watched: Watched) -> None:
    found = knowledge.catalogue()
    copy.article("pdg", "pdg-duur", summary="Het kost {pdg.bestaat_niet}.")
    _until(lambda: "summary: onbekende naam {pdg.bestaat_niet}" in [problem.message for problem in watched.last_problems])
    assert knowledge.catalogue() is found


def test_the_same_fault_is_named_once_and_not_at_every_look(copy, watched: Watched) -> None:
    _save(copy, ARTICLE, "Zomaar tekst.\n")
    _until(lambda: bool(watched.problems))
    time.sleep(0.6)
    assert len(watched.problems) == 1


def test_once_it_is_mended_the_change_is_in_force(copy, watched: Watched) -> None:
    whole = _text(copy)
    _save(copy, ARTICLE, "Zomaar tekst.\n")
    _until(lambda: bool(watched.problems))
    _save(copy, ARTICLE, whole)
    copy.article("pdg", "pdg-duur", summary=SUMMARY)
    _until(lambda: _in_force() == SUMMARY)


def test_a_new_file_and_one_that_is_gone_are_seen(copy, watched: Watched) -> None:
    name = next(iter(knowledge.catalogue().examples))
    gone = copy.root / f"examples/{name}.yml"
    content = gone.read_text(encoding="utf-8")
    gone.unlink()
    _until(lambda: name not in knowledge.catalogue().examples)
    _save(copy, f"examples/{name}.yml", content)
    _until(lambda: name in knowledge.catalogue().examples)


def test_when_those_who_must_hear_of_it_cannot_the_next_look_tries_again(copy, watched: Watched) -> None:
    watched.refused = 1
    copy.article("pdg", "pdg-duur", summary=SUMMARY)
    _until(lambda: _in_force() == SUMMARY)
    assert watched.refused == 0
    assert len(watched.changes) >= 1


def test_after_it_was_stopped_nothing_is_followed(copy, watched: Watched) -> None:
    watched.stop.set()
    watched.thread.join(PATIENCE)
    assert not watched.thread.is_alive()
    found = knowledge.catalogue()
    copy.article("pdg", "pdg-duur", summary=SUMMARY)
    time.sleep(0.6)
    assert knowledge.catalogue() is found
    assert watched.changes == []


# --- the stamp

def test_files_that_stay_the_same_have_the_same_stamp(copy) -> None:
    assert stamp(copy.root) == stamp(copy.root)


def test_a_change_in_any_folder_and_to_any_kind_of_file_changes_the_stamp(copy) -> None:
    kinds = {(path.parent, path.suffix): path.relative_to(copy.root) for path in sorted(copy.root.rglob("*")) if path.is_file()}
    assert len(kinds) > 30
    for path in kinds.values():
        before = stamp(copy.root)
        copy.append(path.as_posix(), "\n")
        assert stamp(copy.root) != before, path


def test_a_file_that_comes_or_is_renamed_changes_the_stamp_and_one_that_is_not_knowledge_does_not(copy) -> None:
    before = stamp(copy.root)
    copy.write("aantekening.txt", "niets")
    assert stamp(copy.root) == before
    copy.write("facts/nieuw.yml", "[]\n")
    added = stamp(copy.root)
    assert added != before
    (copy.root / "facts/nieuw.yml").rename(copy.root / "facts/anders.yml")
    assert stamp(copy.root) not in (before, added)
