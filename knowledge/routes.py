"""Which routes into teaching fit a person. Conditions are three-valued: an unknown answer is a question, never a no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge import text
from knowledge.catalogue import Catalogue
from knowledge.dated import in_force
from knowledge.schema import Condition, Route
from knowledge.values import Hours


@dataclass(frozen=True)
class Profile:
    """What a person told; None = not known."""

    level: str | None = None        # id in levels.yml
    subject: str | None = None      # in the person's own words
    hours: Hours | None = None
    experience_years: Decimal | None = None
    sector: str | None = None


@dataclass(frozen=True)
class Requirement:
    text: str
    state: str                      # met | missing | unknown
    refines: bool


@dataclass(frozen=True)
class Suggestion:
    """A route with how it stands to a profile; `suitable` is yes, maybe or no."""

    route: Route
    suitable: str
    requirements: tuple[Requirement, ...]


def _diploma(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    if profile.level is None:
        return None
    have, need = found.levels[profile.level], found.levels[str(condition.value)]
    if have.id == "mbo" and need.id.startswith("mbo-") and need.nlqf > 1:
        return None                 # "mbo" without its level
    return have.nlqf >= need.nlqf


def _limit(condition: Condition, found: Catalogue, day: date) -> Decimal | None:
    now = in_force(found.parameters[str(condition.value)], day)
    return now.value if now and isinstance(now.value, Decimal) else None


def _hours_at_least(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    limit = _limit(condition, found, day)
    return None if profile.hours is None or limit is None else profile.hours.high >= limit


def _hours_at_most(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    limit = _limit(condition, found, day)
    return None if profile.hours is None or limit is None else profile.hours.low <= limit


def _experience(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    limit = _limit(condition, found, day)
    return None if profile.experience_years is None or limit is None else profile.experience_years >= limit


def _sector(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    return None if profile.sector is None else profile.sector in (condition.value or ())


def _subject(condition: Condition, profile: Profile, found: Catalogue, day: date) -> bool | None:
    return True if profile.subject else None


_KINDS: dict[str, Callable[[Condition, Profile, Catalogue, date], bool | None]] = {
    "diploma_at_least": _diploma, "hours_at_least": _hours_at_least, "hours_at_most": _hours_at_most,
    "experience_at_least": _experience, "sector_in": _sector, "subject_known": _subject,
}


def suggest(profile: Profile, found: Catalogue, day: date) -> tuple[Suggestion, ...]:
    """All routes, those that fit first, then those that may, then those that do not; by `order` within each."""
    suggestions = [_judge(route, profile, found, day) for route in found.routes.values()]
    return tuple(sorted(suggestions, key=lambda item: ("yes maybe no".split().index(item.suitable), item.route.order)))


def _judge(route: Route, profile: Profile, found: Catalogue, day: date) -> Suggestion:
    requirements = tuple(
        Requirement(
            text.fill(condition.text, found, day),
            {True: "met", False: "missing", None: "unknown"}[_KINDS[condition.kind](condition, profile, found, day)],
            condition.refines,
        ) for condition in route.conditions)
    hard = {requirement.state for requirement in requirements if not requirement.refines}
    soft = {requirement.state for requirement in requirements if requirement.refines}
    if "missing" in hard:
        suitable = "no"
    elif "unknown" in hard or "missing" in soft:
        suitable = "maybe"
    else:
        suitable = "yes"
    return Suggestion(route, suitable, requirements)
