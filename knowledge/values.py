"""What people say, as values: NLU finds the span (`een dagje`, `hts`), this gives it its value. Unknown stays None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from knowledge.catalogue import Catalogue

HOURS_PER_DAY = Decimal(8)
HOURS_PER_DAY_PART = Decimal(4)
FULL_TIME_HOURS = Decimal(40)       # cao mbo, cao vo and cao hbo count a full week as 40 hours
MAX_HOURS_WEEK = Decimal(40)

_NUMBER_WORDS = {
    "een": 1, "één": 1, "1tje": 1, "eentje": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9,
    "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "zestien": 16, "zeventien": 17, "achttien": 18,
    "negentien": 19, "twintig": 20, "vierentwintig": 24, "dertig": 30, "tweeëndertig": 32, "tweeendertig": 32, "zesendertig": 36,
    "veertig": 40, "halve": Decimal("0.5"), "half": Decimal("0.5"), "anderhalf": Decimal("1.5"), "anderhalve": Decimal("1.5"),
    "tweeënhalf": Decimal("2.5"), "paar": 2,
}
_NUMBER = r"\d+(?:[.,]\d+)?|" + "|".join(sorted(map(re.escape, _NUMBER_WORDS), key=len, reverse=True))
_RANGE = rf"(?P<low>{_NUMBER})(?:\s*(?:-|–|à|á|a|tot en met|t/m|tot|of|to)\s*(?P<high>{_NUMBER}))?"
_FTE = re.compile(rf"(?<![\w.,]){_RANGE}\s*fte\b")
_HOURS = re.compile(rf"(?<![\w.,]){_RANGE}\s*(?:klok|les)?(?:uur|uren|uurtje|uurtjes|urtje|urtjes|u)\b")
_DAYS = re.compile(rf"(?<![\w.,])(?P<half>halve\s+)?{_RANGE}\s*(?P<half2>halve\s+)?(?:volle\s+|hele\s+|werk)?(?:dag|dagen|dagje|dagjes|daagjes)\b")
_PARTS = re.compile(rf"(?<![\w.,])(?:{_RANGE}\s*)?(?:dagdeel|dagdelen|ochtend(?:je|en)?|middag(?:je|en)?|avond(?:je|en)?)\b")
_WEEKDAY = r"(?:maan|dins|woens|donder|vrij|zater)dag"
_WEEKDAY_PART = re.compile(rf"\b{_WEEKDAY}(?:ochtend|middag|avond)(?:en)?\b")
_WEEKDAY_WHOLE = re.compile(rf"\b{_WEEKDAY}(?:en)?\b")
_BARE = re.compile(rf"^\W*(?:ongeveer|zo'?n|max(?:imaal)?|hooguit|circa|een stuk of)?\s*{_RANGE}\W*$")
_FORTNIGHT = re.compile(r"om de (?:andere )?week|(?:per|in de|elke|iedere) (?:2|twee) weken")
_MONTH = re.compile(r"(?:per|in de|elke|iedere) maand\b")
_TIMES = re.compile(rf"(?<![\w.,])(?P<low>{_NUMBER})\s*(?:keer|maal|x)\b")
_ABOUT = re.compile(rf"\b(?:een|één)\s+(?P<unit>uur|dag|dagdeel|jaar)(?:tje|je)?\s+of\s+(?P<number>{_NUMBER})\b(?!\s*(?:uur|dag|jaar|halve|ochtend|middag|avond))")
_BETWEEN = re.compile(rf"\btussen (?:de )?(?P<low>{_NUMBER}) en (?:de )?(?P<high>{_NUMBER})\b")
_EXPERIENCE = re.compile(rf"(?<![\w.,])(?P<low>{_NUMBER})\s*(?:jaar|jr)\b")


@dataclass(frozen=True)
class Hours:
    """Hours a week that somebody wants to work at a school, `low` to `high`."""

    low: Decimal
    high: Decimal


def _number(text: str) -> Decimal:
    return Decimal(_NUMBER_WORDS[text]) if text in _NUMBER_WORDS else Decimal(text.replace(",", "."))


def _range(match: re.Match[str], unit: Decimal) -> Hours:
    low = _number(match["low"]) if match["low"] else Decimal(1)
    high = _number(match["high"]) if match.groupdict().get("high") else low
    return Hours(min(low, high) * unit, max(low, high) * unit)


def hours(text: str, *, bare: bool = False) -> Hours | None:
    """`een dagje` → 8-8, `0,2 fte` → 8-8, `4 tot 6 uur` → 4-6. `bare`: a number alone counts as hours too.

    Absurd amounts (0, 60) are given back as they are: `sensible` tells whether to ask again. So much a month is None: no week is like it.
    """
    text = _plain(text)
    if _MONTH.search(text):
        return None
    found: Hours | None = None
    if match := _FTE.search(text):
        found = _range(match, FULL_TIME_HOURS)
    elif match := _HOURS.search(text):
        found = _range(match, Decimal(1))
    elif _WEEKDAY_PART.search(text):
        found = Hours(*[HOURS_PER_DAY_PART * len(_WEEKDAY_PART.findall(text)) + HOURS_PER_DAY * len(_WEEKDAY_WHOLE.findall(text))] * 2)
    elif match := _DAYS.search(text):
        half = match["half"] or match["half2"]
        found = _range(match, HOURS_PER_DAY_PART if half else HOURS_PER_DAY)
    elif _WEEKDAY_WHOLE.search(text):
        found = Hours(*[HOURS_PER_DAY * len(_WEEKDAY_WHOLE.findall(text))] * 2)
    elif match := _PARTS.search(text):
        found = _range(match, HOURS_PER_DAY_PART)
    elif bare and (match := _BARE.match(text)):
        found = _range(match, Decimal(1))
    if found and (times := _TIMES.search(text)):
        found = Hours(found.low * _number(times["low"]), found.high * _number(times["low"]))
    if found and _FORTNIGHT.search(text):
        found = Hours(found.low / 2, found.high / 2)
    return found


def _plain(text: str) -> str:
    """Turns of phrase as numbers: `een dag of twee` → `twee dag`, `tussen 4 en 6 uur` → `4 tot 6 uur`, `1½` → `1,5`."""
    text = re.sub(r"(?<!\d)½", "0,5", text.lower()).replace("½", ",5")
    text = _BETWEEN.sub(r"\g<low> tot \g<high>", text)
    return _ABOUT.sub(r"\g<number> \g<unit>", text)


def sensible(value: Hours) -> bool:
    """Between nothing and a full week."""
    return Decimal(0) < value.low and value.high <= MAX_HOURS_WEEK


def experience_years(text: str) -> Decimal | None:
    """`15 jaar ervaring` → 15; None where no number of years is named or it is longer than a working life."""
    match = _EXPERIENCE.search(_plain(text))
    years = _number(match["low"]) if match else None
    return years if years is not None and years <= 60 else None


def level(text: str, found: Catalogue) -> str | None:
    """The id in levels.yml of the education that `text` names (`hts` → `hbo`), the highest where it names several."""
    plain = re.sub(r"\bmbo[- ]?(?:niveau[- ]?)?([1-4])\b", r"mbo \1", text.lower().replace("'", ""))
    all_names = {item.id: item.names for item in found.levels.values()}
    named = _named(_denied(all_names).sub(" ", plain), all_names)
    if any(id_.startswith("mbo-") for id_ in named):       # "mbo 2" names its level; "mbo" alone does not
        named = [id_ for id_ in named if id_ != "mbo"]
    return max(named, key=lambda id_: found.levels[id_].nlqf, default=None)


def _denied(names: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    """`geen hbo` names no education, and `geen idee` is not `geen diploma`."""
    words = sorted((re.escape(word) for listed in names.values() for word in listed if not word.startswith("geen")), key=len, reverse=True)
    return re.compile(rf"\bgeen (?:flauw )?(?:idee|{'|'.join(words)})\b")


def _named(text: str, names: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [id_ for id_, words in names.items() if any(re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", text) for word in words)]
