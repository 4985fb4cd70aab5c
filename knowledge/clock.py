"""The one place that reads the clock. Everything else gets the day or the moment as an argument.

`LESBRUG_NOW` (ISO date or time) moves it: tests and rehearsals only; bot.settings refuses it unless the server listens on loopback.
"""

import os
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def parse(text: str) -> datetime:
    """An ISO date or time as a moment in UTC; a text without a zone is Dutch time. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


@lru_cache(maxsize=1)
def _offset() -> timedelta:
    moved = os.environ.get("LESBRUG_NOW")
    return parse(moved) - datetime.now(UTC) if moved else timedelta()


def now() -> datetime:
    """This moment, in UTC; it goes on running when it was moved."""
    offset = _offset()          # first: else a clock moved to midnight begins a microsecond before it
    return datetime.now(UTC) + offset


def today() -> date:
    """The day in the Netherlands, which decides what rule is in force."""
    return now().astimezone(AMSTERDAM).date()
