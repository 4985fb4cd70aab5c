"""Which region somebody means, and what is known there: desks, initiatives, examples, institutions."""

import re
import unicodedata
from functools import lru_cache

from knowledge.catalogue import Catalogue
from knowledge.schema import Example, Region

MAX_WORDS = 5           # of a place's name
# What says that the name of a place is meant where it is a common word as well (`common` in places.json); so does a capital.
_BEFORE = {"in", "uit", "bij", "rond", "regio", "provincie", "gemeente", "omgeving", "nabij", "richting", "rondom", "vanuit", "buurt", "woon", "omstreken"}
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*['’]?|['’]s(?=[- ])", re.UNICODE)
_SHORTEST = 4           # a shorter name counts only after one of _BEFORE, or with a capital


def plain(name: str) -> str:
    """For comparing names: lower case, no accents, hyphens as spaces."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[-’'.()/]+", " ", bare).split())


class Index:
    """Every name by which a region, province, municipality or place goes, with the ids of the regions that it may mean."""

    def __init__(self, found: Catalogue) -> None:
        self.found = found
        home = {name: region.id for region in found.regions.values() for name in region.municipalities}
        self.names: dict[str, tuple[str, ...]] = {}
        for place in found.places.places:
            if place.municipality in home:
                self._add(place.name, home[place.municipality])
        for name, region in home.items():
            self.names[plain(name)] = (region,)
        for alias, place in found.places.aliases.items():
            if plain(place) in self.names:
                self.names[plain(alias)] = self.names[plain(place)]
        for kind in ("provincie", "arbeidsmarktregio"):     # a labour-market region is nearer than a province of the same name
            for region in found.regions.values():
                if region.kind == kind:
                    for name in (region.name, *region.names):
                        self.names[plain(name)] = (region.id,)

    def _add(self, name: str, region: str) -> None:
        known = self.names.get(plain(name), ())
        if region not in known:
            self.names[plain(name)] = (*known, region)

    def named(self, words: str) -> tuple[str, ...]:
        """The regions that a sentence names, by the longest name in it; several ids where one name has several meanings."""
        tokens = [(match[0], plain(match[0])) for match in _WORD.finditer(words)]
        for length in range(min(MAX_WORDS, len(tokens)), 0, -1):
            for start in range(len(tokens) - length + 1):
                name = " ".join(token for _, token in tokens[start:start + length])
                if name in self.names and self._meant(tokens, start, length, name, common=name in self.found.places.common):
                    return self.names[name]
        return ()

    @staticmethod
    def _meant(tokens: list[tuple[str, str]], start: int, length: int, name: str, *, common: bool) -> bool:
        if not common and (len(tokens) == length or len(name) >= _SHORTEST):
            return True
        return (start > 0 and tokens[start - 1][1] in _BEFORE) or (start > 0 and tokens[start][0][0].isupper() and tokens[start][0][1:].islower())


@lru_cache(maxsize=1)
def index(found: Catalogue) -> Index:
    """The names of a catalogue, gathered once."""
    return Index(found)


def named_regions(words: str, found: Catalogue) -> tuple[str, ...]:
    """The ids of the regions that a sentence names; several where one name has several meanings, none where it names no place."""
    return index(found).named(words)


def with_provinces(region: Region, found: Catalogue) -> list[Region]:
    """The region, and then: of a labour-market region the province that most of it lies in, of a province its labour-market regions."""
    if region.kind == "provincie":
        return [region, *(each for each in found.regions.values() if each.kind != "provincie" and each.provinces[0] == region.name)]
    return [region, *(each for each in found.regions.values() if each.kind == "provincie" and each.name == region.provinces[0])]


def examples_in(region: Region, found: Catalogue) -> list[Example]:
    """Examples of the region and of what `with_provinces` adds to it."""
    ids = {each.id for each in with_provinces(region, found)}
    return [example for example in found.examples.values() if ids & set(example.regions)]
