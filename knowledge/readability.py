"""How hard a text reads, against what somebody at level B1 can follow: the length of sentences, and the share of long words.

No formula gives a level; short sentences of common words are what the guidelines for plain Dutch agree on. Words of the trade that the
glossary or the text itself explains are long too, so the share is a ceiling and no aim.
"""

import re
from collections.abc import Iterator

SENTENCE_WORDS = {"details": 25}        # other texts: SHORT_SENTENCE
SHORT_SENTENCE = 22
AVERAGE_WORDS = 14.0
LONG_WORD = 13                          # letters
LONG_WORDS = 0.12
FEW_WORDS = 25                          # in a text as short as this, one long word would decide
_MARKUP = re.compile(r"\]\([^)]*\)|[*_#>`\[\]]|https?://\S+")
_ITEM = re.compile(r"^\s*(?:[-•]|\d+\.)\s+", re.M)
_END = re.compile(r"(?<=[.!?:;])\s+|\n\s*\n|\n(?=\s*(?:[-•#]|\d+\.)\s)")
_DOT_INSIDE = re.compile(r"\b(bijv|o\.a|d\.w\.z|nr|ca|e\.d|m\.b\.v)\.", re.I)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; an item of a list and a part before a colon count as sentences."""
    parts = _END.split(_DOT_INSIDE.sub(r"\1", text))
    found = (_WORD.findall(_ITEM.sub("", _MARKUP.sub(" ", part))) for part in parts)
    return [words for words in found if words]


def complaints(text: str, where: str) -> Iterator[str]:
    """What is too hard in a filled text; `where` names the field that it stands in."""
    told = sentences(text)
    words = [word for sentence in told for word in sentence]
    if not words:
        return
    most = SENTENCE_WORDS.get(where, SHORT_SENTENCE)
    for sentence in told:
        if len(sentence) > most:
            yield f"lange zin ({len(sentence)} woorden, hooguit {most}): {' '.join(sentence[:6])} …"
    average = len(words) / len(told)
    if average > AVERAGE_WORDS:
        yield f"zinnen van gemiddeld {average:.1f} woorden, hooguit {AVERAGE_WORDS:g}"
    long = [word for word in words if len(word) >= LONG_WORD]
    if len(words) > FEW_WORDS and len(long) / len(words) > LONG_WORDS:
        yield f"{len(long) / len(words):.0%} lange woorden, hooguit {LONG_WORDS:.0%}: {', '.join(dict.fromkeys(long))}"
