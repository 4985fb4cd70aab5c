"""Search behind the topics: which article comes near a question that no topic answers. It finds; it never answers.

Words are stemmed in Python (snowballstemmer `dutch`: PostgreSQL's own stemmer misses leerbedrijven/leerbedrijf), synonyms become one word and
compounds also count as their parts. The stems go into SQLite's FTS5 or a `simple` tsvector; the database finds the candidates, and how much of
the question's meaning they hold is weighed here, the same on both.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer
from sqlalchemy import Connection, Engine, text

from knowledge.catalogue import Catalogue

CANDIDATES = 30
ALL = "*"               # the row of search_term that counts all articles; no word looks like it
COMMON = 0.1            # a word in more than this share of the articles brings none up by itself …
RAREST = 6              # … nor does the seventh of the rarest; both still count when what came up is weighed
CLEAR = 0.6             # a hit is clear when it holds this share of the question's meaning …
FEW_WORDS = 2           # … in at least this many words
TITLE_SHARE = 0.2       # how much of it is for standing in the title
_LONGEST = 60           # what is longer is no word
_PART = 3               # letters of the shortest part of a compound
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_MARKUP = re.compile(r"\{[^}]*\}|https?://\S+")
_STOP = frozenset("""de het een en of van in op te voor met aan bij naar om uit over door als dan dat die dit deze er is zijn was ben bent wordt worden kan kun kunnen
 mag moet moeten wil willen heb hebt heeft hebben hoe wat wie waar wanneer welke welk waarom ik je jij jouw u uw wij we hij zij ze mijn me mij ons onze hun
 niet geen wel ook nog maar al zo tot af dus want zonder iets iemand meer veel alle alles hier daar nu toe ga gaat gaan doe doet doen zou zal zullen
 krijg krijgt krijgen eigenlijk graag even toch weer per tussen tegen na eens ja nee hallo hoi vraag vragen weten ding""".split())
_stemmer = snowballstemmer.stemmer("dutch")


@dataclass(frozen=True)
class Hit:
    """An article that comes near. `share`: how much of the question's meaning it holds, 0 to 1; `words`: in how many words."""

    topic: str
    share: float
    words: int

    @property
    def clear(self) -> bool:
        return self.share >= CLEAR and self.words >= FEW_WORDS


class Words:
    """Words as the index holds them: stems, with synonyms as one."""

    def __init__(self, synonyms: Iterable[Collection[str]] = ()) -> None:
        self._same: dict[str, str] = {}
        for group in synonyms:
            stems = [_stem(word) for word in group]
            self._same |= dict.fromkeys(stems, stems[0])

    def of(self, told: str) -> list[str]:
        """The stems of a text that mean something, in order."""
        words = (word for word in _WORD.findall(_MARKUP.sub(" ", told.lower())) if word not in _STOP and 1 < len(word) <= _LONGEST)
        return [self._same.get(stem, stem) for stem in map(_stem, words)]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return _stemmer.stemWord(word.lower())


def parts(word: str, known: Callable[[str], bool]) -> tuple[str, str] | None:
    """`leerbedrijfsubsidie` → its two known parts, with or without a linking s or e(n); None for a word that is no compound of known ones."""
    for cut in range(len(word) - _PART, _PART - 1, -1):
        right = _stem(word[cut:])
        if known(right):
            for left in (word[:cut], word[:cut].removesuffix("s"), word[:cut].removesuffix("en"), word[:cut].removesuffix("e")):
                if len(left) >= _PART and known(_stem(left)):
                    return _stem(left), right
    return None


class ArticleIndex:
    """The index in knowledge's database. `refresh` brings it up to the catalogue; `search` reads it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._words = Words()
        self._sqlite = engine.dialect.name == "sqlite"

    def refresh(self, found: Catalogue) -> bool:
        """Writes the index anew where the articles changed; True where it did. One transaction: a search sees the old one or the new one."""
        texts = {topic: (article.title, " ".join((article.summary, article.simple, article.details))) for topic, article in found.articles.items()
                 if topic in found.topics and found.topics[topic].live}
        self._words = Words(found.synonyms)
        mark = hashlib.sha256(repr((sorted(texts.items()), found.synonyms)).encode()).hexdigest()
        with self._engine.begin() as connection:
            if connection.execute(text("SELECT stem FROM search_term WHERE documents = -1")).scalar() == mark:
                return False
            self._write(connection, texts, mark)
        return True

    def _write(self, connection: Connection, texts: dict[str, tuple[str, str]], mark: str) -> None:
        stems = {topic: (self._words.of(title), self._words.of(body)) for topic, (title, body) in texts.items()}
        vocabulary = {stem for title, body in stems.values() for stem in (*title, *body)}
        split = {stem: found for stem in vocabulary if len(stem) >= 2 * _PART and (found := parts(stem, vocabulary.__contains__))}
        rows = [{"topic": topic, "title": " ".join(_with_parts(title, split)), "body": " ".join(_with_parts(body, split))}
                for topic, (title, body) in stems.items()]
        counts = Counter(stem for row in rows for stem in {*row["title"].split(), *row["body"].split()})
        connection.execute(text("DELETE FROM search_article"))
        connection.execute(text("DELETE FROM search_term"))
        value = "INSERT INTO search_article (topic, title, body) VALUES (:topic, :title, :body)" if self._sqlite else \
            "INSERT INTO search_article (topic, stems) VALUES (:topic, setweight(to_tsvector('simple', :title), 'A') || to_tsvector('simple', :body))"
        if rows:
            connection.execute(text(value), rows)
        terms = [{"stem": stem, "documents": count} for stem, count in counts.items()]
        connection.execute(text("INSERT INTO search_term (stem, documents) VALUES (:stem, :documents)"), [*terms, {"stem": ALL, "documents": len(rows)}, {"stem": mark, "documents": -1}])

    def search(self, question: str, limit: int = 3) -> list[Hit]:
        """The articles that come nearest, best first; empty where nothing of the question is known."""
        asked = list(dict.fromkeys(self._words.of(question)))[:20]
        if not asked:
            return []
        with self._engine.connect() as connection:
            known = self._known(connection, asked)
            units = [self._unit(connection, stem, known) for stem in asked]
            stems = sorted({stem for unit in units for stem in unit.stems if stem in known}, key=lambda stem: (known[stem], stem))
            if not stems:
                return []
            total = connection.execute(text("SELECT documents FROM search_term WHERE stem = :all"), {"all": ALL}).scalar() or 1
            rare = [stem for stem in stems if known[stem] <= COMMON * total]
            rows = self._candidates(connection, rare[:RAREST] if len(rare) > 1 else stems[:RAREST])
        return sorted(self._weighed(rows, units, known, total), key=lambda hit: (-hit.share, -hit.words, hit.topic))[:limit]

    def _known(self, connection: Connection, stems: Collection[str]) -> dict[str, int]:
        rows = connection.execute(text(f"SELECT stem, documents FROM search_term WHERE documents > 0 AND stem IN ({_marks(stems)})"),
                                  {f"s{number}": stem for number, stem in enumerate(stems)})
        return dict(rows.tuples().all())

    def _unit(self, connection: Connection, stem: str, known: dict[str, int]) -> "_Unit":
        """A word of the question; one that no article has counts as its parts, where it is a compound of words that some have."""
        if stem not in known and len(stem) >= 2 * _PART:
            pieces = {_stem(piece) for cut in range(_PART, len(stem) - _PART + 1) for piece in (
                stem[:cut], stem[cut:], stem[:cut].removesuffix("s"), stem[:cut].removesuffix("en"), stem[:cut].removesuffix("e"))}
            among = self._known(connection, sorted(pieces))
            found = parts(stem, among.__contains__)
            if found:
                known |= {part: among[part] for part in found}
                return _Unit(found)
        return _Unit((stem,))

    def _candidates(self, connection: Connection, stems: list[str]) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        if self._sqlite:
            sql = "SELECT topic, title, body FROM search_article WHERE search_article MATCH :asked ORDER BY bm25(search_article, 0, 3, 1) LIMIT :most"
            asked = " OR ".join(f'"{stem}"' for stem in stems)
            return [(topic, frozenset(title.split()), frozenset(body.split())) for topic, title, body in
                    connection.execute(text(sql), {"asked": asked, "most": CANDIDATES}).tuples()]
        sql = ("SELECT topic, tsvector_to_array(ts_filter(stems, '{a}')), tsvector_to_array(stems) FROM search_article, to_tsquery('simple', :asked) asked "
               "WHERE stems @@ asked ORDER BY ts_rank(stems, asked, 1) DESC LIMIT :most")
        asked = " | ".join(f"'{stem}'" for stem in stems)
        return [(topic, frozenset(title), frozenset(body)) for topic, title, body in
                connection.execute(text(sql), {"asked": asked, "most": CANDIDATES}).tuples()]

    @staticmethod
    def _weighed(rows: list[tuple[str, frozenset[str], frozenset[str]]], units: list["_Unit"], known: dict[str, int], total: int) -> Iterator[Hit]:
        weights = [unit.weight(known, total) for unit in units]
        for topic, title, body in rows:
            held = [unit.held(title | body) * weight for unit, weight in zip(units, weights)]
            named = sum(unit.held(title) * weight for unit, weight in zip(units, weights))
            share = ((1 - TITLE_SHARE) * sum(held) + TITLE_SHARE * named) / sum(weights)
            yield Hit(topic, round(share, 4), sum(unit.count(title | body) for unit in units))


@dataclass(frozen=True)
class _Unit:
    """A word of the question, as one stem or as the parts of a compound."""

    stems: tuple[str, ...]

    def weight(self, known: dict[str, int], total: int) -> float:
        """The rarer, the more it means; a word that no article has means most."""
        return max(math.log(1 + total / (1 + known.get(stem, 0))) for stem in self.stems)

    def held(self, stems: frozenset[str]) -> float:
        return self.count(stems) / len(self.stems)

    def count(self, stems: frozenset[str]) -> int:
        return sum(stem in stems for stem in self.stems)


def _with_parts(stems: list[str], split: dict[str, tuple[str, str]]) -> list[str]:
    return [each for stem in stems for each in (stem, *split.get(stem, ()))]


def _marks(items: Collection[str]) -> str:
    return ", ".join(f":s{number}" for number in range(len(items)))
