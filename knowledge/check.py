"""The validator that refuses a file before a person has to: `./lesbrug check`, or `python -m knowledge.check`."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

from knowledge import clock, readability, templates, text
from knowledge.catalogue import ROOT, Catalogue, Problem, load
from knowledge.schema import BENEFITS, CONTRACTS, Audience, Goal, Sector

SUMMARY_LIMIT = 420
ANSWER_WORDS = 120
SCHEME_LIMITS = ("employees_at_least", "employees_at_most", "age_at_least", "age_at_most")
LIMITS = ("hours_at_least", "hours_at_most", "experience_at_least")     # conditions whose value names a parameter


def check(root: Path = ROOT, day: date | None = None) -> list[Problem]:
    """Every problem in the files below `root`; an empty list means that they hold together on `day` (default: today)."""
    return check_loaded(load(root), day or clock.today())


def check_loaded(found: Catalogue, day: date) -> list[Problem]:
    """The same for files that are loaded already."""
    return [*found.problems, *_texts_hold(found), *_articles(found, day), *_parameters(found), *_routes(found), *_desks(found), *_follow_ups(found),
            *_schemes(found), *_regions(found), *_examples(found), *_plans(found), *_documents(found), *_terms(found)]


def due(found: Catalogue, day: date) -> list[tuple[date, str]]:
    """(day on which it was due, path) of everything whose last check is older than its interval allows, longest ago first."""
    kinds = {"articles": found.articles, "parameters": found.parameters, "schemes": found.schemes, "examples": found.examples,
             "plans": found.plans, "documents": found.documents}
    dates = [(item.checked_on + timedelta(days=item.check_every_days), f"{kind}/{name}") for kind, items in kinds.items() for name, item in items.items()]
    return sorted((due_on, path) for due_on, path in dates if due_on < day)


@dataclass(frozen=True)
class Told:
    """A text with names of figures, and where it stands."""

    path: str
    where: str
    text: str


def told(found: Catalogue) -> Iterator[Told]:
    """Every text of knowledge that is filled before somebody reads it."""
    for topic, article in found.articles.items():
        texts = {"summary": article.summary, "simple": article.simple, "details": article.details}
        texts |= {f"per_audience.{who}": text_ for who, text_ in article.per_audience.items()}
        yield from (Told(_article_path(found, topic), where, text_) for where, text_ in texts.items())
    for route in found.routes.values():
        yield Told(_route_path(route.id), "next_step", route.next_step)
        yield from (Told(_route_path(route.id), "conditions", condition.text) for condition in route.conditions)
    for scheme in found.schemes.values():
        path = f"knowledge/schemes/{scheme.id}.yml"
        yield from (Told(path, where, text_) for where, text_ in (("summary", scheme.summary), ("amount_text", scheme.amount_text)))
        yield from (Told(path, "conditions", condition.text) for condition in scheme.conditions)
    for example in found.examples.values():
        yield from (Told(f"knowledge/examples/{example.id}.yml", where, text_) for where, text_ in (("did", example.did), ("result", example.result)))
    for region in found.regions.values():
        yield from (Told("knowledge/regions.yml", f"{region.id}.desks", desk.helps_with) for desk in region.desks)
        yield from (Told("knowledge/regions.yml", f"{region.id}.initiatives", item.text) for item in region.initiatives)
    for plan in found.plans.values():
        for step in plan.steps:
            for text_ in (step.title, step.text, step.duration or "", *step.bring):
                yield Told(f"knowledge/plans/{plan.id}.yml", step.id, text_)
    for document in found.documents.values():
        yield Told(f"knowledge/documents/{document.id}.md", "template", templates.without_logic(document.template))


def _texts_hold(found: Catalogue) -> Iterator[Problem]:
    for item in told(found):
        for complaint in _unknown_names(found, item.text):
            yield Problem(item.path, f"{item.where}: {complaint}")
        for figure in text.typed_figures(item.text):
            yield Problem(item.path, f"{item.where}: getal in de tekst, maak er een parameter van: {figure}")


def _article_path(found: Catalogue, topic: str) -> str:
    group = found.topics[topic].group if topic in found.topics else "?"
    return f"knowledge/articles/{group}/{topic}.md"


def _route_path(route: str) -> str:
    return f"knowledge/routes/{route.replace('-', '_')}.yml"


def _unknown_names(found: Catalogue, told: str) -> Iterator[str]:
    for what, name in text.names(told):
        known = name in found.parameters or (what == "jaar" and name in found.facts)
        if not known:
            yield f"onbekende naam {{{name}}}"
        elif what == "duur" and found.parameters[name].unit != "maanden":
            yield f"{{duur:{name}}} vraagt een parameter in maanden"


def _missing(names: tuple[str, ...], known: dict, what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{what} bestaat niet: {name}"


def _articles(found: Catalogue, day: date) -> Iterator[Problem]:
    for topic in found.topics.values():
        if topic.live and topic.id not in found.articles:
            yield Problem("knowledge/topics.yml", f"{topic.id} is live, maar heeft geen artikel")
    for task in found.tasks.values():
        for complaint in _missing((task.meanwhile,) if task.meanwhile else (), found.topics, "onderwerp"):
            yield Problem("knowledge/topics.yml", f"{task.id}: {complaint}")
        if task.id in found.topics:
            yield Problem("knowledge/topics.yml", f"{task.id} is een onderwerp en een taak tegelijk")
    for id_, article in found.articles.items():
        complaints = [*_missing(article.facts + article.detail_facts, found.facts, "feit"), *_missing(article.related, found.topics, "onderwerp"),
                      *_missing(article.schemes, found.schemes, "regeling"), *_desk(article.check_at, found)]
        if id_ not in found.topics:
            complaints.append("hoort bij geen onderwerp in knowledge/topics.yml")
        for step in article.next_steps:
            for goal, known, what in ((step.topic, found.topics, "onderwerp"), (step.task, found.tasks, "taak"), (step.desk, found.desks, "loket")):
                complaints += _missing((goal,) if goal else (), known, what)
            goal = found.topics.get(step.topic or "") or found.tasks.get(step.task or "")
            if goal and not goal.live:
                complaints.append(f"de vervolgstap belooft {goal.id}, en dat is nog niet live")
        yield from (Problem(_article_path(found, id_), complaint) for complaint in complaints)
    for item in told(found):
        if item.path.startswith("knowledge/articles/"):
            yield from (Problem(item.path, f"{item.where}: {complaint}") for complaint in _hard_to_read(item, found, day))


def _hard_to_read(item: Told, found: Catalogue, day: date) -> Iterator[str]:
    try:
        filled = text.fill(item.text, found, day)
    except KeyError:            # a name or a parameter's fact that does not exist: that has its own complaint
        return
    if item.where == "summary" and len(filled) > SUMMARY_LIMIT:
        yield f"{len(filled)} tekens, hooguit {SUMMARY_LIMIT}"
    words = len(filled.split())
    if item.where != "details" and words > ANSWER_WORDS:
        yield f"{words} woorden, hooguit {ANSWER_WORDS}"
    yield from readability.complaints(filled, item.where)


def _parameters(found: Catalogue) -> Iterator[Problem]:
    used = {name for item in told(found) for _, name in text.names(item.text)}
    for route in found.routes.values():
        used |= {name for pair in (route.duration_months, route.study_hours_week, route.costs) if pair for name in pair}
        used |= {str(condition.value) for condition in route.conditions if condition.kind in LIMITS}
    for scheme in found.schemes.values():
        used |= {scheme.amount, *(str(condition.value) for condition in scheme.conditions if condition.kind in SCHEME_LIMITS)}
    for name, parameter in found.parameters.items():
        path = f"knowledge/parameters/{name.replace('.', '/', 1)}.yml"
        if name not in used:
            yield Problem(path, "wordt nergens gebruikt")
        for value in parameter.values.values():
            yield from (Problem(path, complaint) for complaint in _missing((value.fact,), found.facts, "feit"))


def _routes(found: Catalogue) -> Iterator[Problem]:
    for route in found.routes.values():
        names = tuple(name for pair in (route.duration_months, route.study_hours_week, route.costs) if pair for name in pair)
        complaints = [*_missing(names, found.parameters, "parameter"), *_missing(route.facts, found.facts, "feit"),
                      *_missing((route.desk,), found.desks, "loket"), *_missing((route.article,), found.topics, "onderwerp"),
                      *_missing(tuple(rung for rung in (route.lower, route.higher) if rung), found.routes, "route")]
        for condition in route.conditions:
            complaints += _condition(condition.kind, condition.value, found)
        yield from (Problem(_route_path(route.id), complaint) for complaint in complaints)


def _condition(kind: str, value: object, found: Catalogue) -> Iterator[str]:
    if kind in LIMITS and value not in found.parameters:
        yield f"{kind} noemt geen parameter: {value}"
    if kind == "diploma_at_least" and value not in found.levels:
        yield f"{kind} noemt geen niveau uit knowledge/levels.yml: {value}"
    if kind == "sector_in" and not isinstance(value, tuple):
        yield f"{kind} vraagt een lijst van sectoren"


def _desks(found: Catalogue) -> Iterator[Problem]:
    for desk in found.desks.values():
        yield from (Problem("knowledge/desks.yml", f"{desk.id}: {complaint}") for complaint in _missing(desk.facts, found.facts, "feit"))


def _follow_ups(found: Catalogue) -> Iterator[Problem]:
    groups = {topic.group for topic in found.topics.values()}
    for name, aspect in found.aspects.items():
        complaints = [f"groep bestaat niet: {group}" for group in aspect.groups if group not in groups]
        complaints += _missing((*aspect.topics, *aspect.topics.values(), *aspect.groups.values()), found.topics, "onderwerp")
        yield from (Problem("knowledge/follow_ups.yml", f"{name}: {complaint}") for complaint in complaints)


def _desk(name: str | None, found: Catalogue) -> Iterator[str]:
    yield from _missing((name,) if name else (), found.desks, "loket")


def _values(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _schemes(found: Catalogue) -> Iterator[Problem]:
    provinces = {region.name: region for region in found.regions.values() if region.kind == "provincie"}
    vocabulary = {
        "role_in": dict.fromkeys(get_args(Audience)), "goal_in": dict.fromkeys(get_args(Goal)), "sector_in": dict.fromkeys(get_args(Sector)),
        "branch_in": found.branches, "province_in": provinces, "region_in": found.regions, "level_at_least": found.levels, "level_at_most": found.levels,
        "benefit_in": dict.fromkeys(BENEFITS), "contract_in": dict.fromkeys(CONTRACTS), **dict.fromkeys(SCHEME_LIMITS, found.parameters)}
    for scheme in found.schemes.values():
        complaints = [*_missing((*scheme.facts, *(item.fact for item in (*scheme.status.values(), *scheme.windows))), found.facts, "feit"),
                      *_missing(scheme.instead, found.schemes, "regeling"),
                      *_missing((scheme.article,) if scheme.article else (), found.topics, "onderwerp"),
                      *_missing((scheme.amount,) if scheme.amount else (), found.parameters, "parameter")]
        for condition in scheme.conditions:
            if condition.kind != "ask":
                complaints += _missing(_values(condition.value), vocabulary[condition.kind], condition.kind)
        yield from (Problem(f"knowledge/schemes/{scheme.id}.yml", complaint) for complaint in complaints)
    for branch in found.branches.values():
        complaints = [*_missing((branch.fund,) if branch.fund else (), found.schemes, "regeling"), *_missing(branch.facts, found.facts, "feit")]
        yield from (Problem("knowledge/branches.yml", f"{branch.id}: {complaint}") for complaint in complaints)


def _regions(found: Catalogue) -> Iterator[Problem]:
    provinces = {region.name for region in found.regions.values() if region.kind == "provincie"}
    home: dict[str, str] = {}
    for region in found.regions.values():
        facts = tuple(name for item in (*region.desks, *region.initiatives) for name in item.facts)
        complaints = [*_missing(facts, found.facts, "feit"), *_missing(region.provinces, dict.fromkeys(provinces), "provincie")]
        complaints += [f"{name} hoort ook bij {home[name]}" for name in region.municipalities if name in home]
        home |= dict.fromkeys(region.municipalities, region.id)
        yield from (Problem("knowledge/regions.yml", f"{region.id}: {complaint}") for complaint in complaints)
    for name in found.places.municipalities.values():
        if name not in home:
            yield Problem("knowledge/regions.yml", f"gemeente {name} hoort bij geen arbeidsmarktregio")
    for name in home.keys() - set(found.places.municipalities.values()):
        yield Problem("knowledge/regions.yml", f"gemeente {name} ({home[name]}) staat niet in knowledge/places.json")


def _examples(found: Catalogue) -> Iterator[Problem]:
    for example in found.examples.values():
        complaints = [*_missing(example.facts, found.facts, "feit"), *_missing(example.regions, found.regions, "regio")]
        yield from (Problem(f"knowledge/examples/{example.id}.yml", complaint) for complaint in complaints)


def _plans(found: Catalogue) -> Iterator[Problem]:
    for plan in found.plans.values():
        complaints = [*_missing((plan.id,), found.topics, "onderwerp"), *(
            complaint for step in plan.steps for complaint in (
                *_missing(step.facts, found.facts, "feit"), *_missing((step.topic,) if step.topic else (), found.topics, "onderwerp")))]
        yield from (Problem(f"knowledge/plans/{plan.id}.yml", complaint) for complaint in complaints)


def _documents(found: Catalogue) -> Iterator[Problem]:
    for document in found.documents.values():
        complaints = [*_missing(document.facts, found.facts, "feit"), *_missing(document.topics, found.topics, "onderwerp"),
                      *templates.complaints(document.template)]
        yield from (Problem(f"knowledge/documents/{document.id}.md", complaint) for complaint in complaints)


def _terms(found: Catalogue) -> Iterator[Problem]:
    for term in found.terms:
        for figure in text.typed_figures(term.explanation):
            yield Problem("knowledge/glossary.yml", f"{term.term}: getal in de uitleg: {figure}")


def main() -> int:
    problems = check()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
