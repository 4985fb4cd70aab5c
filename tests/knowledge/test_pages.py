"""Pages to keep or send: filled with what is known, whole where nothing is known, and harmless whatever somebody typed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import knowledge
import pytest
from knowledge.templates import KNOWN, complaints, render, without_logic
from markdown_it import MarkdownIt

CATALOGUE = knowledge.catalogue()
PLANS, DOCUMENTS = sorted(CATALOGUE.plans), sorted(CATALOGUE.documents)
SECTORS = ("po", "vo", "mbo", "hbo", "wo")
ALL = {
    "doelgroep": "werkende", "vak": "kantklossen", "uren": "13 tot 17", "opleiding": "proefdiploma", "ervaring": "37", "sector": "mbo",
    "plaats": "Marsdorp"}
AMOUNT = "pdg.kosten_fontys"


def _combinations() -> Iterator[dict[str, str | None]]:
    """Every choice of what is known, each sector with much and with little beside it, and values that change the words."""
    yield from ({name: value if here else None for (name, value), here in zip(ALL.items(), chosen)}
                for chosen in product((False, True), repeat=len(ALL)))
    for sector in SECTORS:
        yield from (dict.fromkeys(ALL) | {"sector": sector}, ALL | {"sector": sector}, {"sector": sector})
    yield from (ALL | {"uren": "0.5", "ervaring": "2.5"}, ALL | {"opleiding": "geen diploma"}, {}, {"vak": ""}, {"vak": "  "})


def _faults(markdown: str) -> list[str]:
    """What a reader would stumble over."""
    faults = [wrong for wrong in ("{", "}", "None", "\n\n\n", "undefined", "geldt pas vanaf", "vervallen sinds") if wrong in markdown]
    faults += re.findall(r"\[[^\]\n]*\](?!\()", markdown)                               # [naam], a gap left to fill
    faults += re.findall(r"(?m)^#+\s*$", markdown)
    faults += re.findall(r"(?m)\S  +\S|\S [.,;:!?](?=\s|$)|\(\s*\)|,,|(?<!\.)\.\.(?!\.)|, *\.|^[ \t]+$", markdown)
    headings = [line for line in markdown.splitlines() if line.strip()]
    for this, following in zip(headings, [*headings[1:], "---"]):
        level, below = (len(re.match(r"#*", line)[0]) for line in (this, following))
        if level > 1 and (following == "---" or 0 < below <= level):
            faults.append(f"nothing under {this}")
    return faults


def _tags(markdown: str) -> list[tuple[str, str]]:
    blocks = MarkdownIt("commonmark", {"html": False}).parse(markdown)
    return [(token.type, token.tag) for block in blocks for token in (block, *(block.children or ()))]


# --- documents

def test_there_are_documents_and_plans() -> None:
    assert len(PLANS) > 0
    assert len(DOCUMENTS) > 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_whatever_is_known_a_document_has_no_gap(found: knowledge.Catalogue, day: date, name: str) -> None:
    for known in _combinations():
        markdown = knowledge.page(name, found, day, known).markdown
        assert _faults(markdown) == [], known
        assert markdown.startswith(f"# {found.documents[name].title}\n\n")
        assert markdown.endswith("\n") and not markdown.endswith("\n\n")


@pytest.mark.parametrize(("markdown", "fault"), [
    ("# Kop\n\n## Leeg\n\n## Vol\n\nTekst.\n", "nothing under ## Leeg"), ("# Kop\n\n## Leeg\n\n---\n", "nothing under ## Leeg"),
    ("Beste [naam],\n", "[naam]"), ("a\n\n\nb", "\n\n\n"),
    ("Ik werk .\n", "k ."), ("Mijn vak ( ) is\n", "( )"), ("Het  vak\n", "t  v"), ("{vak}", "{"), ("Ik ben None.", "None")])
def test_a_gap_is_seen(markdown: str, fault: str) -> None:
    assert fault in _faults(markdown)
    assert _faults("# Kop\n\n## Eén\n\n### Twee\n\nTekst (2024), met [een link](https://example.org).\n") == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_somebody_told_stands_in_the_page_as_it_was_told(found: knowledge.Catalogue, day: date, name: str) -> None:
    asked = set(re.findall(r"\{\{ (\w+)", found.documents[name].template))
    bare = knowledge.page(name, found, day).markdown
    filled = [knowledge.page(name, found, day, ALL | {"sector": sector}).markdown for sector in ("mbo", "hbo")]
    for field in asked - {"sector"}:
        assert ALL[field] not in bare, field
        assert any(ALL[field] in page for page in filled), field
    if "sector" in asked:
        assert any(re.search(rf"\bhet {sector}\b", page) for page, sector in zip(filled, ("mbo", "hbo")))


def test_together_the_documents_use_what_a_conversation_knows(found: knowledge.Catalogue) -> None:
    asked = {name for document in found.documents.values() for name in re.findall(r"\{\{ (\w+)", document.template)}
    assert {"vak", "uren", "ervaring", "opleiding", "sector", "plaats"} <= asked <= set(KNOWN)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_amount_of_hours_is_written_the_dutch_way(found: knowledge.Catalogue, day: date, name: str) -> None:
    markdown = knowledge.page(name, found, day, ALL | {"uren": "2.5 tot 4.5", "ervaring": "7.5"}).markdown
    assert "2.5" not in markdown and "4.5" not in markdown and "7.5" not in markdown


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_ends_with_its_sources_and_when_it_was_checked(found: knowledge.Catalogue, day: date, name: str) -> None:
    document, made = found.documents[name], knowledge.page(name, found, day)
    assert (made.id, made.title, made.about) == (name, document.title, document.about)
    _, footer = made.markdown.split("\n---\n")
    assert f"Nagekeken op {knowledge.dutch_date(document.checked_on)}. Dit is geen juridisch advies." in footer
    assert ("Bronnen:" in footer) is bool(document.facts)
    addresses = {source.url for fact in document.facts for source in found.facts[fact].sources}
    assert all(line.rpartition(": ")[2] in addresses for line in footer.splitlines() if line.startswith("- "))


def test_a_document_without_facts_names_no_sources(found: knowledge.Catalogue, day: date) -> None:
    bare = found.documents[DOCUMENTS[0]].model_copy(update={"facts": (), "template": "Hallo, het is {{ datum }}."})
    own = replace(found, documents={"bloot": bare})
    markdown = knowledge.page("bloot", own, day).markdown
    assert "\n\nHallo, het is 24 november 2026.\n" in markdown
    assert "Bronnen" not in markdown


def test_a_figure_in_a_document_is_that_of_the_day(found: knowledge.Catalogue) -> None:
    dated = found.documents[DOCUMENTS[0]].model_copy(update={"template": "Hooguit {zij_instroom.subsidie_per_traject}."})
    own = replace(found, documents={"geld": dated})
    assert "Hooguit 20.000 euro." in knowledge.page("geld", own, date(2022, 10, 15)).markdown
    assert "Hooguit 25.000 euro." in knowledge.page("geld", own, date(2022, 10, 16)).markdown


@pytest.mark.parametrize("name", ["bestaat-niet", "", "pdg-wat", "../topics"])
def test_an_unknown_page_is_no_page(found: knowledge.Catalogue, day: date, name: str) -> None:
    with pytest.raises(KeyError):
        knowledge.page(name, found, day)


# --- what somebody typed

TYPED = {      # → what is left of it
    "**vet**": "vet", "_schuin_": "schuin", "`code`": "code", "# kop": "kop", "> citaat": "citaat", "a | b": "a b", "~": "~",
    "[klik](https://example.org/x)": "klikhttps://example.org/x",
    "![beeld](x)": "!beeldx", "<script>alert(1)</script>": "scriptalert1/script", "<https://example.org>": "https://example.org",
    "{{ 7*7 }}": "77", "{% raw %}": "% raw %", "{{ datum }}": "datum", "{# weg #}": "weg", "\\*": "",
    f"{{{AMOUNT}}}": "pdg.kostenfontys", "{jaar:gastdocent-zes-klokuren}": "jaar:gastdocent-zes-klokuren",
    "lasser\n\n---\n\n# Nieuw": "lasser --- Nieuw", "lasser\n===": "lasser ===", "lasser\r\n- punt": "lasser - punt",
    "lasser\t\tvan staal": "lasser van staal", "auto's & co": "auto's & co"}


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_markup_and_logic_in_what_somebody_typed_changes_nothing_around_it(found: knowledge.Catalogue, day: date, name: str, typed: str) -> None:
    plain, given = (knowledge.page(name, found, day, ALL | {"vak": vak, "plaats": vak}).markdown for vak in (ALL["vak"], typed))
    without = knowledge.page(name, found, day, ALL | {"vak": None, "plaats": None}).markdown
    assert _tags(given) in (_tags(plain), _tags(without)), "no heading, link, emphasis, rule or list came in"
    assert not re.search(r"[{}<>`\\]", given)
    assert "49" not in given or "49" in plain
    assert knowledge.dutch(knowledge.in_force(found.parameters[AMOUNT], day).value, "EUR") not in given or AMOUNT in found.documents[name].template


@pytest.mark.parametrize(("typed", "left"), TYPED.items())
def test_of_what_somebody_typed_the_words_are_left(typed: str, left: str) -> None:
    assert render("Vak: {{ vak or 'onbekend' }}!", {"vak": typed}) == f"Vak: {left or 'onbekend'}!\n"


@pytest.mark.parametrize("typed", ["", "   ", "\n", "***", "{}", "[]()", None])
def test_a_value_of_nothing_but_signs_is_not_known(typed: str | None) -> None:
    assert render("{% if vak %}Ja: {{ vak }}{% else %}Nee{% endif %}", {"vak": typed}) == "Nee\n"


# --- templates

def test_a_template_may_ask_only_for_what_a_conversation_knows() -> None:
    assert list(complaints("{% if vak %}{{ vak }}{% endif %} {{ uren | replace('.', ',') }} {pdg.kosten_hu}")) == []
    (said,) = complaints("{{ naam }} en {{ vak }}")
    assert said.startswith("vraagt naar naam; een gesprek kent alleen doelgroep, vak,")
    assert [said.split(";")[0] for said in complaints("{{ zus }}{% if mies %}x{% endif %}")] == ["vraagt naar mies", "vraagt naar zus"]


@pytest.mark.parametrize("template", ["{% if vak %}zonder einde", "een\n{{ vak", "{% bestaat_niet %}", "{% endif %}"])
def test_a_template_that_cannot_be_read_is_named_with_its_line(template: str) -> None:
    (said,) = complaints(template)
    assert re.match(r"regel \d+: .", said)


@pytest.mark.parametrize("template", ["{{vak}}", "{{vak }}", "{{ vak}}"])
def test_a_variable_stands_loose_or_it_looks_like_a_figure(template: str) -> None:
    assert list(complaints(template)) == ["zet spaties binnen {{ }}, anders lijkt het een getal"]


def test_without_its_logic_a_template_is_its_words() -> None:
    assert without_logic("{% if vak %}Mijn vak {{ vak }}{# niets #} kost {a.b}{% endif %}").split() == ["Mijn", "vak", "kost", "{a.b}"]


def test_what_is_left_out_leaves_no_hole() -> None:
    template = "Boven.\n\n{% if vak %}\nVak: {{ vak }}.\n\n{% endif %}\n{% if uren %}\nUren: {{ uren }}.\n{% endif %}\n\nOnder.\n\n\n"
    assert render(template, {}) == "Boven.\n\nOnder.\n"
    assert render(template, {"vak": "lassen", "uren": "8"}) == "Boven.\n\nVak: lassen.\n\nUren: 8.\n\nOnder.\n"


def test_a_template_cannot_reach_into_python() -> None:
    from jinja2.exceptions import SecurityError, UndefinedError

    with pytest.raises((SecurityError, UndefinedError)):
        render("{{ vak.__class__.__mro__ }}", {"vak": "lasser"})
    with pytest.raises(UndefinedError):
        render("{{ bestaat_niet }}", {})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_of_the_project_has_a_template_without_complaints(found: knowledge.Catalogue, name: str) -> None:
    assert list(complaints(found.documents[name].template)) == []


# --- plans

@pytest.mark.parametrize("name", PLANS)
def test_a_plan_on_one_page_holds_every_step_in_order_and_no_gap(found: knowledge.Catalogue, day: date, name: str) -> None:
    plan, made = found.plans[name], knowledge.page(name, found, day, ALL)
    assert _faults(made.markdown) == []
    assert re.findall(r"(?m)^#+ .*$", made.markdown) == [
        f"# {plan.title}", *(f"## {number}. {step.title}" for number, step in enumerate(plan.steps, start=1))]
    assert made.markdown.count("- **Wie:** ") == len(plan.steps)
    assert made.markdown.count("- **Hoe lang:** ") == sum(bool(step.duration) for step in plan.steps)
    assert made.markdown.count("- **Neem mee:** ") == sum(bool(step.bring) for step in plan.steps)
    assert f"Nagekeken op {knowledge.dutch_date(plan.checked_on)}." in made.markdown
    assert made.markdown == knowledge.page(name, found, day).markdown, "a plan is the same for everybody"


@pytest.mark.parametrize("name", PLANS)
def test_each_step_says_its_number_who_does_it_and_whether_it_is_the_last(found: knowledge.Catalogue, day: date, name: str) -> None:
    plan = found.plans[name]
    for number, own in enumerate(plan.steps, start=1):
        shown = knowledge.step(name, number, found, day)
        assert (shown.plan, shown.number, shown.of, shown.topic, shown.last) == (name, number, len(plan.steps), own.topic, number == len(plan.steps))
        assert shown.text.startswith(f"**Stap {number} van {len(plan.steps)}: {own.title}**\n\n")
        assert f"- **Wie:** {own.who}" in shown.text
        assert _faults(shown.text) == []
        assert {source.url for source in shown.sources} <= {source.url for fact in own.facts for source in found.facts[fact].sources}
        assert bool(shown.sources) is bool(own.facts)


@pytest.mark.parametrize("name", PLANS)
def test_a_step_that_a_plan_has_not_is_no_step(found: knowledge.Catalogue, day: date, name: str) -> None:
    assert knowledge.step(name, 1, found, day).number == 1
    assert knowledge.step(name, len(found.plans[name].steps), found, day).last
    for number in (0, -1, len(found.plans[name].steps) + 1):
        with pytest.raises(IndexError):
            knowledge.step(name, number, found, day)


def test_a_step_of_an_unknown_plan_is_no_step(found: knowledge.Catalogue, day: date) -> None:
    with pytest.raises(KeyError):
        knowledge.step("bestaat-niet", 1, found, day)


@pytest.mark.parametrize(("audience", "plan"), [
    ("werkende", "stappenplan-werkende"), ("werkgever", "stappenplan-werkgever"), ("school", "stappenplan-school"),
    ("werkzoekende", "stappenplan-werkende"),
    (None, None), ("", None), ("beheerder", None)])
def test_each_audience_has_its_plan_and_who_says_nothing_has_none(found: knowledge.Catalogue, audience: str | None, plan: str | None) -> None:
    assert knowledge.plan_for(audience, found) == plan


# --- asked for by name

@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_found_by_each_of_its_names_however_the_sentence_goes_on(found: knowledge.Catalogue, name: str) -> None:
    assert found.documents[name].names
    for words in found.documents[name].names:
        for sentence in (words, words.upper(), f"Maak een {words} voor me", f"kun je de {words} geven?", f"een {words}, graag", f"mag ik ({words})!"):
            assert knowledge.named_document(sentence, found) == name, sentence


def test_the_longest_name_in_a_sentence_decides(found: knowledge.Catalogue) -> None:
    some = found.documents[DOCUMENTS[0]]
    named = {"kort": ("mail",), "lang": ("mail aan de baas",)}
    own = replace(found, documents={id_: some.model_copy(update={"id": id_, "names": names}) for id_, names in named.items()})
    assert knowledge.named_document("een mail aan de baas", own) == "lang"
    assert knowledge.named_document("een mail aan de school", own) == "kort"
    assert knowledge.named_document("emails en mailtjes", own) is None


@pytest.mark.parametrize("words", ["", "?", "hoe lang duurt het pdg", "ik heb een baas", "mail"])
def test_a_sentence_that_names_no_document_finds_none(found: knowledge.Catalogue, words: str) -> None:
    assert knowledge.named_document(words, found) is None
