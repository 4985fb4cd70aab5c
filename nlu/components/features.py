"""What the classifier sees of a text: letters, word stems, and the concepts that words stand for."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
import snowballstemmer
import yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

CONCEPTS = Path(__file__).resolve().parents[1] / "woorden" / "begrippen.yml"
_stemmer = snowballstemmer.stemmer("dutch")
_WORD = re.compile(r"\w+|\?")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    return _stemmer.stemWord(word)


def stems(text: str) -> List[str]:
    """The words of a normalised text as stems, with question marks: `docenten?` and `docent ?` are the same."""
    return [stem(word) for word in _WORD.findall(text)]


class Concepts:
    """Which concepts the words of a text stand for: `docent`, `leerkracht` and `voor de klas` are one.

    An entry is a whole word, `docent*` (begins with), `*subsidie` (ends with), `*x*` (holds), or several words that stand side by side.
    """

    def __init__(self, entries: Dict[str, List[str]]) -> None:
        self._words: Dict[str, List[str]] = {}
        self._phrases: Dict[str, List[Tuple[Tuple[str, ...], str]]] = {}
        self._begins: Dict[str, List[str]] = {}
        self._ends: Dict[str, List[str]] = {}
        self._holds: List[Tuple[str, str]] = []
        for concept, words in entries.items():
            for word in map(str, words):
                self._add(concept, word)
        self._of_word = lru_cache(maxsize=100_000)(self._look_up)

    def _add(self, concept: str, word: str) -> None:
        bare = word.strip("*")
        if " " in bare:
            parts = tuple(bare.split())
            self._phrases.setdefault(parts[0], []).append((parts, concept))
        elif word.startswith("*") and word.endswith("*"):
            self._holds.append((bare, concept))
        elif word.endswith("*"):
            self._begins.setdefault(bare, []).append(concept)
        elif word.startswith("*"):
            self._ends.setdefault(bare, []).append(concept)
        else:
            self._words.setdefault(bare, []).append(concept)

    def _look_up(self, word: str) -> Tuple[str, ...]:
        found = list(self._words.get(word, ()))
        for cut in range(2, len(word) + 1):
            found += self._begins.get(word[:cut], ())
            found += self._ends.get(word[-cut:], ())
        found += [concept for part, concept in self._holds if part in word]
        return tuple(dict.fromkeys(found))

    def of(self, text: str) -> List[str]:
        """The concepts of a normalised text in order, each as often as it is named."""
        words = _WORD.findall(text)
        found: List[str] = []
        for number, word in enumerate(words):
            found += self._of_word(word)
            found += [concept for parts, concept in self._phrases.get(word, ()) if tuple(words[number:number + len(parts)]) == parts]
        return found

    def grams(self, text: str) -> List[str]:
        """The concepts, and each pair of different ones wherever they stand: who does what, whatever the order of the words."""
        found = list(dict.fromkeys(self.of(text)))
        return found + [f"{one}+{other}" for number, one in enumerate(sorted(found)) for other in sorted(found)[number + 1:]]


@lru_cache(maxsize=1)
def concepts() -> Concepts:
    """Those of nlu/woorden/begrippen.yml."""
    return Concepts(yaml.safe_load(CONCEPTS.read_text(encoding="utf-8")))


def stem_grams(text: str) -> List[str]:
    """Stems and pairs of neighbours."""
    found = stems(text)
    return found + [f"{one} {other}" for one, other in zip(found, found[1:])]


def concept_grams(text: str) -> List[str]:
    return concepts().grams(text)


class Features:
    """Text → sparse row: one part after the other, each as long as its weight. `kinds`: name of the part → weight."""

    KINDS: Dict[str, Dict[str, Any]] = {
        "chars": {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 3},
        "stems": {"analyzer": stem_grams, "min_df": 2},
        "concepts": {"analyzer": concept_grams, "min_df": 5},
    }

    def __init__(self, kinds: Dict[str, float], vocabularies: Optional[Dict[str, List[str]]] = None, idf: Optional[Dict[str, np.ndarray]] = None) -> None:
        self._parts = {name: TfidfVectorizer(**self.KINDS[name], sublinear_tf=True, dtype=np.float32, vocabulary=(vocabularies or {}).get(name))
                       for name in kinds}
        for name, values in (idf or {}).items():
            self._parts[name].idf_ = values
        self._weights = dict(kinds)
        self._read: List[Tuple[Any, Dict[str, int], np.ndarray, np.float32]] = []

    def fit(self, texts: List[str]) -> csr_matrix:
        return hstack([part.fit_transform(texts) * np.float32(self._weights[name]) for name, part in self._parts.items()], format="csr")

    def row(self, text: str) -> Tuple[np.ndarray, np.ndarray]:
        """(columns, values) of one text: what scikit-learn's transform gives, without its checks, which cost more than the work."""
        columns, values, start = [], [], 0
        for analyze, vocabulary, idf, weight in self._readers():
            counts = Counter(vocabulary[gram] for gram in analyze(text) if gram in vocabulary)
            if counts:
                here = np.fromiter(counts.keys(), np.int64, len(counts))
                weighed = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[here]
                columns.append(here + start)
                values.append(weighed * (weight / np.linalg.norm(weighed)))
            start += len(vocabulary)
        return (np.concatenate(columns), np.concatenate(values)) if columns else (np.empty(0, np.int64), np.empty(0, np.float32))

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """Several texts at once."""
        width = sum(len(vocabulary) for _, vocabulary, *_ in self._readers())
        found = [self.row(text) for text in texts]
        starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
        return csr_matrix((np.concatenate([values for _, values in found]), np.concatenate([columns for columns, _ in found]), starts),
                          shape=(len(texts), width))

    def _readers(self) -> List[Tuple[Any, Dict[str, int], np.ndarray, np.float32]]:
        if not self._read:
            for name, part in self._parts.items():
                part._validate_vocabulary()
                self._read.append((part.build_analyzer(), part.vocabulary_, part.idf_.astype(np.float32), np.float32(self._weights[name])))
        return self._read

    def vocabularies(self) -> Dict[str, List[str]]:
        """Per part the n-grams in the order of their columns."""
        return {name: sorted(part.vocabulary_, key=part.vocabulary_.get) for name, part in self._parts.items()}

    def idf(self) -> Iterator[Tuple[str, np.ndarray]]:
        return ((name, part.idf_) for name, part in self._parts.items())
