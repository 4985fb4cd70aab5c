"""Subsidies and funds on a day: their status with its words, and the `scheme` item of the public API."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from knowledge import text
from knowledge.catalogue import Catalogue
from knowledge.dated import dutch_date, in_force
from knowledge.schema import Scheme
from knowledge.sources import shown

ORDER = ("open", "announced", "check", "closed")


@dataclass(frozen=True)
class Status:
    """What a scheme is on a day. `since`: when that began; `opens`, `closes`: of the window now, else of the next one; `fact` bears it."""

    name: Literal["open", "announced", "check", "closed"]
    since: date
    fact: str
    opens: date | None = None
    closes: date | None = None


def status_on(scheme: Scheme, day: date) -> Status:
    """The status in force on `day`. Windows decide what an open scheme is: outside them one cannot apply, and after the last nobody knows."""
    past = [start for start in scheme.status if start <= day]
    if not past:
        first = min(scheme.status)
        if scheme.status[first].status == "closed":         # the day it ended is known, not the day it began
            return Status("check", first, scheme.status[first].fact)
        return Status("announced", first, scheme.status[first].fact, opens=first)
    since = max(past)
    now = scheme.status[since]
    if now.status == "announced":
        opens = min((start for start, later in scheme.status.items() if start > day and later.status in ("open", "check")), default=None)
        return Status("announced", since, now.fact, opens=opens)
    if now.status == "closed" or not scheme.windows:
        return Status(now.status, since, now.fact)
    for window in sorted(scheme.windows, key=lambda window: window.opens):
        if window.opens <= day <= window.closes:
            return Status(now.status, since, window.fact, window.opens, window.closes)
        if day < window.opens:
            return Status("announced", since, window.fact, window.opens, window.closes)
    return Status("check", since, max(scheme.windows, key=lambda window: window.closes).fact, closes=max(window.closes for window in scheme.windows))


def status_in_words(scheme: Scheme, found: Catalogue, day: date) -> str:
    """`gestopt sinds 1 januari 2024 (bron uit 2023)`, `open tot en met 28 september 2026`, `gezien in 2024, kijk of het er nog is`."""
    now = status_on(scheme, day)
    year = found.facts[now.fact].as_of
    if now.name == "closed":
        return f"gestopt sinds {dutch_date(now.since)}"
    if now.name == "announced":
        until = f" tot en met {dutch_date(now.closes)}" if now.closes else ""
        return f"aanvragen kan vanaf {dutch_date(now.opens)}{until}" if now.opens else f"aangekondigd in {year}, aanvragen kan nog niet"
    if now.name == "open":
        return f"open tot en met {dutch_date(now.closes)}" if now.closes else f"open, gezien in {year}"
    if now.closes and now.closes < day:
        return f"laatste bekende tijdvak sloot op {dutch_date(now.closes)}, kijk of er een nieuw is"
    return f"gezien in {year}, kijk of het er nog is"


def amount_on(scheme: Scheme, found: Catalogue, day: date) -> Decimal | None:
    """The most that one can get, in euro; None where nothing certain is known."""
    if scheme.amount is None:
        return None
    now = in_force(found.parameters[scheme.amount], day)
    return None if now is None or now.value is None else Decimal(str(now.value))


def scheme_item(scheme: Scheme, found: Catalogue, day: date) -> dict:
    """The item of kind `scheme` (api.md). Without knowing who asks, a scheme that is not closed may apply."""
    now, amount = status_on(scheme, day), amount_on(scheme, found, day)
    return {
        "kind": "scheme", "id": scheme.id, "title": scheme.title, "amount_eur": None if amount is None else float(round(amount, 2)),
        "applies": "no" if now.name == "closed" else "maybe",
        "why": [status_in_words(scheme, found, day)] if now.name == "closed" else [text.fill(condition.text, found, day) for condition in scheme.conditions],
        "status": now.name, "deadline": now.closes.isoformat() if now.closes and now.closes >= day else None,
        "as_of": str(found.facts[now.fact].as_of), "apply_at": scheme.apply_at.url,
        "sources": [vars(source) for source in shown([found.facts[name] for name in (now.fact, *scheme.facts)])],
    }


def in_order(ids: tuple[str, ...], found: Catalogue, day: date) -> list[Scheme]:
    """Those one can apply for now first, those that ended last; as listed within the same status."""
    return sorted((found.schemes[name] for name in ids), key=lambda scheme: ORDER.index(status_on(scheme, day).name))


def in_words(scheme: Scheme, found: Catalogue, day: date) -> str:
    """One line of Markdown: name, what one gets, status, where to apply, and of what ended what there is instead."""
    told = [f"**{scheme.title}**: {status_in_words(scheme, found, day)}."]
    if status_on(scheme, day).name != "closed":
        told.append(f"{text.fill(scheme.amount_text, found, day)} Aanvragen: [{scheme.apply_at.title}]({scheme.apply_at.url}).")
    elif scheme.instead:
        told.append(f"Kijk nu naar: {', '.join(found.schemes[name].title for name in scheme.instead)}.")
    return " ".join(told)
