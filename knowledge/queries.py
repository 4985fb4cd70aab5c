"""What actions ask: answers, follow-ups, desks and advice, as data. No chat, no HTTP and no Rasa here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from knowledge import glossary, overviews, routes, text
from knowledge.catalogue import Catalogue
from knowledge.dated import dutch, dutch_date, in_force
from knowledge.schema import Article, Desk, Fact, NextStep
from knowledge.sources import SourceShown, shown

_DESKS_BY_AUDIENCE = {"werkgever": "techniekpact", "werkzoekende": "werkcentrum"}
DEFAULT_DESK = "onderwijsloket"


@dataclass(frozen=True)
class Answer:
    """A topic's answer on a day. `text` is Markdown; `checked_on` tells when an editor last looked; `items` as in api.md.

    `terms`: words of the trade that were explained in it.
    """

    topic: str
    text: str
    sources: tuple[SourceShown, ...]
    next_steps: tuple[NextStep, ...]
    checked_on: date
    has_details: bool
    items: tuple[dict, ...] = ()
    terms: tuple[str, ...] = ()


def is_live(name: str, found: Catalogue) -> bool:
    """Whether the topic or task is built; False for an unknown name."""
    item = found.topics.get(name) or found.tasks.get(name)
    return bool(item and item.live)


def title(name: str, found: Catalogue) -> str | None:
    """The title of a topic or task, None for an unknown name."""
    item = found.topics.get(name) or found.tasks.get(name)
    return item.title if item else None


def answer(topic: str, found: Catalogue, day: date, *, audience: str | None = None, form: str = "summary", region: str | None = None,
           explained: Collection[str] = ()) -> Answer:
    """The answer in one of three forms: `summary` (per audience where that differs), `simple`, `details`.

    `region`: the id of the region that the person named. `explained`: words of the trade that this conversation explained before.
    Raises KeyError for a topic without an article.
    """
    article = found.articles[topic]
    short = form != "details"
    told = {"summary": article.per_audience.get(audience or "", article.summary), "simple": article.simple, "details": article.details}[form]
    listed = [overviews.of_region(article, found.regions.get(region or ""), found, day, audience=audience, short=short),
              overviews.of_schemes(article, found, day, short=short)]
    replaced = any(each.replaces for each in listed)
    names = () if replaced else article.facts if short or not article.detail_facts else article.detail_facts
    own = [found.facts[name] for name in names]
    body, terms = ("", ()) if replaced else glossary.explain(text.fill(told, found, day), article.title, found, explained)
    parts = [_expired(article, found, day), body, *(each.text for each in listed), _announced(told, found, day), _caution(own, article, found)]
    return Answer(topic, "\n\n".join(part for part in parts if part), shown([*own, *(fact for each in listed for fact in each.facts)]), article.next_steps, article.checked_on,
                  has_details=short and bool(article.details), items=tuple(item for each in listed for item in each.items), terms=terms)


def _expired(article: Article, found: Catalogue, day: date) -> str | None:
    if article.valid_until and day > article.valid_until:
        return f"Let op: dit gold tot en met {dutch_date(article.valid_until)}. Ik weet niet of het nog geldt."
    if article.valid_from and day < article.valid_from:
        return f"Let op: dit geldt pas vanaf {dutch_date(article.valid_from)}."
    return None


def _announced(told: str, found: Catalogue, day: date) -> str | None:
    """A change that was announced and not decided is mentioned, never quoted as an amount."""
    for what, name in text.names(told):
        expected = found.parameters[name].expected_from if name in found.parameters else None
        if expected and what is None:
            return (f"*Er is een verandering aangekondigd voor {dutch_date(expected)}. Die is nog niet zeker.*" if day < expected else
                    f"*Per {dutch_date(expected)} was een verandering aangekondigd. Kijk na of die er is.*")
    return None


def _caution(facts: list[Fact], article: Article, found: Catalogue) -> str | None:
    doubtful = [fact.as_of for fact in facts if fact.status == "controleren"]
    if not doubtful:
        return None
    desk = found.desks[article.check_at or DEFAULT_DESK]
    years = str(min(doubtful)) if min(doubtful) == max(doubtful) else f"{min(doubtful)} tot {max(doubtful)}"
    return f"*Een deel hiervan komt uit {years} en kan veranderd zijn: controleer het bij [{desk.name}]({desk.url}).*"


def follow_up(last_topic: str, aspect: str, found: Catalogue) -> str | None:
    """The topic that answers `en wat kost dat?` after `last_topic`; None where nothing does."""
    item, topic = found.aspects.get(aspect), found.topics.get(last_topic)
    if item is None or topic is None:
        return None
    return item.topics.get(last_topic) or item.groups.get(topic.group)


def desk_for(found: Catalogue, *, name: str | None = None, audience: str | None = None) -> Desk:
    """The named desk, else the one for this audience, else the general one."""
    return found.desks.get(name or "") or found.desks[_DESKS_BY_AUDIENCE.get(audience or "", DEFAULT_DESK)]



def _pair(names: tuple[str, str] | None, found: Catalogue, day: date, kind: type) -> list | None:
    """[low, high] of two parameters on `day`; None where nothing certain is known."""
    if names is None:
        return None
    values = [in_force(found.parameters[name], day) for name in names]
    if any(value is None or value.value is None for value in values):
        return None
    return [kind(value.value) for value in values]


def route_items(profile: routes.Profile, found: Catalogue, day: date) -> list[dict]:
    """The routes for a profile as `items` of kind route (api.md), those that fit best first."""
    return [_route_item(suggestion, profile, found, day) for suggestion in routes.suggest(profile, found, day)]


def _route_item(suggestion: routes.Suggestion, profile: routes.Profile, found: Catalogue, day: date) -> dict:
    route = suggestion.route
    desk = found.desks[route.desk]
    return {
        "kind": "route", "id": route.id, "role": route.role, "route": route.route, "sector": route.sector, "suitable": suggestion.suitable,
        "duration_months": _pair(route.duration_months, found, day, int),
        "study_hours_week": _pair(route.study_hours_week, found, day, int),
        "costs_eur": _pair(route.costs, found, day, lambda value: float(round(value, 2))),
        "payer": route.payer,
        "requirements": [{"text": item.text, "state": item.state} for item in suggestion.requirements],
        "reasons": reasons(profile, found) if suggestion.suitable != "no" else [item.text for item in suggestion.requirements if item.state == "missing"],
        "lower": route.lower, "higher": route.higher, "next_step": text.fill(route.next_step, found, day),
        "desk": f"{desk.name}: {desk.url}",
        "sources": [vars(source) for source in shown([found.facts[name] for name in route.facts])],
    }


def reasons(profile: routes.Profile, found: Catalogue) -> list[str]:
    """What the advice leans on, ready to follow "omdat": `je opleiding hbo is`, `je 8 uur per week op school wilt werken`."""
    told = []
    if profile.level:
        told.append(f"je opleiding {found.levels[profile.level].name} is")
    if profile.subject:
        told.append(f"je vak {profile.subject} is")
    if profile.hours:
        low, high = (dutch(value, "uur") for value in (profile.hours.low, profile.hours.high))
        told.append(f"je {low if low == high else f'{low} tot {high}'} uur per week op school wilt werken")
    if profile.experience_years is not None:
        told.append(f"je {dutch(profile.experience_years, 'jaar')} jaar ervaring hebt")
    return told


def routes_in_words(items: list[dict]) -> str:
    """Route items as a numbered Markdown list: role, how long, what it costs, who pays, what is missing, first step."""
    return "\n".join(f"{number}. {_route_in_words(item)}" for number, item in enumerate(items, start=1))


_PAYERS = {"bedrijf": "je bedrijf", "school": "de school", "werkende": "jijzelf", "fonds": "een fonds of de overheid"}


def _route_in_words(item: dict) -> str:
    told = [f"**{item['role']}** ({item['route']})."]
    if item["duration_months"]:
        low, high = item["duration_months"]
        told.append("Je hoeft er geen opleiding voor te doen." if high == 0 else
                    f"De opleiding duurt {text.duration(low) if low == high else f'{low} tot {high} maanden'}.")
    if item["costs_eur"] and item["costs_eur"][1]:
        low, high = (dutch(Decimal(str(value)), "EUR") for value in item["costs_eur"])
        told.append(f"Kosten: {low if low == high else f'{low} tot {high}'}" + (f", meestal betaald door {_PAYERS[item['payer']]}." if item["payer"] else "."))
    for state, label in (("missing", "Nog nodig"), ("unknown", "Nog niet bekend")):
        named = [requirement["text"] for requirement in item["requirements"] if requirement["state"] == state]
        if named:
            told.append(f"{label}: {'; '.join(named)}.")
    told.append(f"Eerste stap: {item['next_step']}")
    return " ".join(told)
