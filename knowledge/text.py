"""Texts hold names of figures, never figures: `{pdg.kosten_hu}`, `{jaar:pdg.kosten_hu}`, `{jaar:fact-id}`,
`{sinds:name}`, and `{duur:name}` for months in words ("anderhalf jaar")."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Protocol

from knowledge.dated import dutch, dutch_date, in_force
from knowledge.schema import Fact, Parameter

PLACEHOLDER = re.compile(r"\{(?:(?P<what>jaar|sinds|duur):)?(?P<name>[a-z0-9_.-]+)\}")
_ALLOWED = re.compile(  # numbers that are names, not figures
    r"\bmbo[- ]?[1-4]\b|\bniveau [1-8]\b|\bnlqf[- ]?[1-8]\b|\bartikel \d+(\.\d+)*( lid \d+)?|\blid \d+|^\s*\d+\.\s|\bO2LAB\b|"
    r"https?://\S+|\b[12]e[- ]graads|\b32 637, nr\. \d+", re.I | re.M)
_WORDS = "twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|vijftien|achttien|twintig|veertig|vijftig|honderd|anderhalf|anderhalve"
_FIGURE = re.compile(
    rf"\d[\d.,]*|\b(?:{_WORDS}) (?:jaar|maanden|weken|dagen|uur|uren|klokuren|euro|procent|studiepunten)\b", re.I)


class Figures(Protocol):
    parameters: dict[str, Parameter]
    facts: dict[str, Fact]


def names(text: str) -> Iterator[tuple[str | None, str]]:
    """(`jaar`, `sinds`, `duur` or None, name) for each placeholder in `text`."""
    for match in PLACEHOLDER.finditer(text):
        yield match["what"], match["name"]


def typed_figures(text: str) -> list[str]:
    """Figures that stand in `text` itself, which no change of law would ever reach."""
    return _FIGURE.findall(_ALLOWED.sub(" ", PLACEHOLDER.sub(" ", text)))


def duration(months: int) -> str:
    """18 → `anderhalf jaar`, 24 → `2 jaar`, 10 → `10 maanden`."""
    if months == 18:
        return "anderhalf jaar"
    return f"{months // 12} jaar" if months % 12 == 0 and months else f"{months} maanden"


def fill(text: str, figures: Figures, day: date) -> str:
    """`text` with each name replaced by what is in force on `day`. Raises KeyError for an unknown name (the check finds those)."""

    def value(match: re.Match[str]) -> str:
        what, name = match["what"], match["name"]
        if what == "jaar" and name in figures.facts:
            return str(figures.facts[name].as_of)
        parameter = figures.parameters[name]
        now = in_force(parameter, day)
        if now is None:
            return f"(geldt pas vanaf {dutch_date(next(iter(parameter.values)))})"
        if what == "jaar":
            return str(figures.facts[now.fact].as_of)
        if what == "sinds":
            return dutch_date(now.since)
        if now.value is None:
            return f"(vervallen sinds {dutch_date(now.since)})"
        if what == "duur":
            return duration(int(now.value))
        return dutch(now.value, parameter.unit)

    return PLACEHOLDER.sub(value, text)


def enumerate_dutch(parts: list[str]) -> str:
    """`a, b en c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}" if parts else ""
