"""Words of the trade, explained where somebody meets them first: `het pdg (een lesbewijs voor het mbo)`."""

import re
from collections.abc import Collection
from functools import lru_cache

from knowledge.catalogue import Catalogue

AT_MOST = 2             # explanations in one answer: more would bury it


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def explain(told: str, title: str, found: Catalogue, explained: Collection[str] = ()) -> tuple[str, tuple[str, ...]]:
    """`told` with the first use of at most AT_MOST terms explained, and those terms.

    Left alone: what this conversation explained before, what stands in the `title` of the answer (that is what it is about), and what stands
    between brackets or before an explanation already.
    """
    uses = []
    for term in found.terms:
        pattern = _pattern(term.names)
        match = next((use for use in pattern.finditer(told) if not _in_heading(told, use)), None)
        if match and term.term not in explained and not pattern.search(title) and not _bracketed(told, match):
            uses.append((match.start(), match.end(), term))
    chosen = sorted(uses, key=lambda use: use[0])[:AT_MOST]
    for _, end, term in reversed(chosen):
        told = f"{told[:end]} ({term.explanation}){told[end:]}"
    return told, tuple(term.term for _, _, term in chosen)


def _in_heading(told: str, match: re.Match[str]) -> bool:
    return told[told.rfind("\n", 0, match.start()) + 1:].startswith("#")


def _bracketed(told: str, match: re.Match[str]) -> bool:
    before = told[:match.start()]
    inside = any(before.count(opening) > before.count(closing) for opening, closing in ("()", "[]"))
    return inside or told[match.end():].lstrip(" *'").startswith("(")
