"""Facts as the sources that stand under an answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.schema import Fact

SOURCES_SHOWN = 5


@dataclass(frozen=True)
class SourceShown:
    title: str
    url: str
    as_of: str


def shown(facts: Iterable[Fact]) -> tuple[SourceShown, ...]:
    """The sources of `facts`, each address once with the newest year in which it was read, at most SOURCES_SHOWN."""
    found: dict[str, SourceShown] = {}
    for fact in facts:
        for source in fact.sources:
            known = found.get(source.url)
            if known is None or int(known.as_of) < fact.as_of:
                found[source.url] = SourceShown(source.title, source.url, str(fact.as_of))
    return tuple(found.values())[:SOURCES_SHOWN]
