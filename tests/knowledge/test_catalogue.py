"""Every file loads strictly, and a wrong one is named with what is wrong. One copy of the files is broken in all these ways at once."""

import sys

import knowledge
import pytest
from knowledge.catalogue import Catalogue, KnowledgeError, load

FACT = "gastdocent-zes-klokuren"
PARAMETER = f"description: Proef\nunit: EUR\nchecked_on: 2026-01-01\nvalues:\n  2024-01-01: {{value: '1', fact: {FACT}}}\n"

# What is written over a file of the copy → its path, and what must be said of it.
WRITTEN = {
    "an unknown key": ("parameters/proef/sleutel.yml", PARAMETER + "eenheid: EUR\n", "eenheid: Extra inputs are not permitted"),
    "a key that stands twice": ("parameters/proef/dubbel.yml", PARAMETER + "unit: uur\n", "sleutel staat er twee keer: unit"),
    "a start day that stands twice": ("parameters/proef/dag.yml", PARAMETER + f"  2024-01-01: {{value: '2', fact: {FACT}}}\n", "twee keer: 2024-01-01"),
    "a missing key": ("parameters/proef/mist.yml", PARAMETER.replace("unit: EUR\n", ""), "unit: Field required"),
    "an unknown unit": ("parameters/proef/eenheid.yml", PARAMETER.replace("EUR", "piek"), "unit: Input should be 'EUR'"),
    "start days out of order": ("parameters/proef/orde.yml", PARAMETER + f"  2020-01-01: {{value: '2', fact: {FACT}}}\n", "niet op volgorde"),
    "a value of another unit": ("parameters/proef/datum.yml", PARAMETER.replace("EUR", "datum"), "past niet bij de eenheid datum"),
    "no values": ("parameters/proef/niets.yml", PARAMETER.split("values:")[0] + "values: {}\n", "values: "),
    "YAML that does not parse": ("parameters/proef/stuk.yml", "description: [\n", "parameters/proef/stuk.yml"),
    "an empty file": ("parameters/proef/leeg.yml", "# nog niets\n", "is leeg"),
    "an article without front matter": ("articles/pdg/kaal.md", "Zomaar tekst.\n", "begint niet met een kop"),
    "an article with empty front matter": ("articles/pdg/leeg.md", "---\n\n---\nTekst.\n", "de kop is leeg"),
    "an article whose front matter has a key twice": ("articles/pdg/dubbel.md", "---\nid: dubbel\nid: dubbel\n---\nTekst.\n", "sleutel staat er twee keer: id"),
}


@pytest.fixture(scope="module")
def loaded(broken) -> Catalogue:
    for path, text, _ in WRITTEN.values():
        broken.write(path, text)
    articles = broken.root / "articles"
    (articles / "pdg" / "pdg-duur.md").rename(articles / "pdg" / "pdg-lang.md")
    (articles / "pdg" / "pdg-wat.md").rename(articles / "kosten" / "pdg-wat.md")
    broken.write("articles/kosten/kopie.md", (articles / "kosten" / "kosten-btw.md").read_text(encoding="utf-8"))
    broken.article("contract", "contract-zzp", samenvatting="Een onbekende sleutel")
    broken.article("contract", "contract-keuze", valid_from="2026-02-01", valid_until="2026-01-31")
    broken.article("contract", "contract-vormen", next_steps=[{"title": "Bel", "desk": "onderwijsloket", "topic": "pdg-wat"}])
    broken.article("contract", "contract-afspraken", next_steps=[])
    (broken.root / "routes" / "gastles.yml").rename(broken.root / "routes" / "les.yml")
    broken.yaml("routes/instructeur_mbo.yml", lambda route: route["conditions"].append({"kind": "leeftijd", "text": "je bent oud genoeg"}))
    broken.yaml("desks.yml", lambda desks: desks.append(desks[0]))
    broken.yaml("topics.yml", lambda lists: (lists["topics"].append(lists["topics"][0]), lists["tasks"].append(lists["tasks"][0])))
    broken.yaml("facts/aanvulling.yml", lambda facts: facts[0].update(sources=[]))
    return load(broken.root)


def _said(loaded: Catalogue, path: str) -> list[str]:
    return [problem.message for problem in loaded.problems if problem.path == f"knowledge/{path}"]


@pytest.mark.parametrize("what", WRITTEN)
def test_a_wrong_file_is_named_with(loaded: Catalogue, what: str) -> None:
    path, _, message = WRITTEN[what]
    assert any(message in str(problem) for problem in loaded.problems if problem.path == f"knowledge/{path}"), _said(loaded, path)


@pytest.mark.parametrize(("path", "message"), [
    ("articles/pdg/pdg-lang.md", "heet niet naar zijn id pdg-duur"),
    ("articles/kosten/pdg-wat.md", "staat niet in de map van zijn groep pdg"),
    ("articles/kosten/kopie.md", "heet niet naar zijn id kosten-btw"),
    ("articles/contract/contract-zzp.md", "samenvatting: Extra inputs are not permitted"),
    ("articles/contract/contract-keuze.md", "valid_until ligt voor valid_from"),
    ("articles/contract/contract-vormen.md", "precies één van topic, task of desk"),
    ("articles/contract/contract-afspraken.md", "next_steps: "),
    ("routes/les.yml", "heet niet naar zijn id gastles"),
    ("routes/instructeur_mbo.yml", "conditions.2.kind: "),
    ("desks.yml", "id staat er twee keer: onderwijsloket"),
    ("topics.yml", "id staat er twee keer: hybride-docent-wat"),
    ("topics.yml", "id staat er twee keer: routeadvies"),
    ("facts/aanvulling.yml", "0.sources: "),
])
def test_what_does_not_hold_together_is_named_with_its_path(loaded: Catalogue, path: str, message: str) -> None:
    assert any(message in said for said in _said(loaded, path)), _said(loaded, path)


def test_a_problem_reads_as_one_line_with_path_and_message(loaded: Catalogue) -> None:
    lines = [str(problem) for problem in loaded.problems]
    assert all(line.startswith("[ERROR] knowledge/") and "\n" not in line for line in lines)
    assert "[ERROR] knowledge/parameters/proef/leeg.yml: is leeg" in lines


def test_a_wrong_file_hides_no_right_one(loaded: Catalogue) -> None:
    assert "kosten.btw_procent" in loaded.parameters
    assert "kosten-btw" in loaded.articles
    assert not [name for name in loaded.parameters if name in ("proef.sleutel", "proef.dubbel", "proef.orde")]


def test_an_article_is_its_front_matter_with_its_body_as_details(found: Catalogue) -> None:
    article = found.articles["pdg-duur"]
    assert article.details.startswith("Een paar voorbeelden:")
    assert "---" not in article.details
    assert "\n" not in article.summary


def test_the_projects_files_load_without_a_problem() -> None:
    assert load().problems == []


def test_the_catalogue_is_read_once_for_a_process() -> None:
    assert knowledge.catalogue() is knowledge.catalogue()


def test_wrong_files_stop_the_process_with_all_their_lines(loaded: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["knowledge.catalogue"]         # the package's name `catalogue` is the function
    monkeypatch.setattr(module, "load", lambda: loaded)
    monkeypatch.setattr(module._current, "found", None)
    with pytest.raises(KnowledgeError) as raised:
        module.catalogue()
    assert str(raised.value).splitlines() == [str(problem) for problem in loaded.problems]
