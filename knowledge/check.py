"""The validator that refuses a file before a person has to: `./lesbrug check`, or `python -m knowledge.check`."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from knowledge import clock, text
from knowledge.catalogue import ROOT, Catalogue, Problem, load

SUMMARY_LIMIT = 420
ANSWER_WORDS = 120
LIMITS = ("hours_at_least", "hours_at_most", "experience_at_least")     # conditions whose value names a parameter


def check(root: Path = ROOT, day: date | None = None) -> list[Problem]:
    """Every problem in the files below `root`; an empty list means that they hold together on `day` (default: today)."""
    found = load(root)
    day = day or clock.today()
    return [*found.problems, *_articles(found, day), *_parameters(found), *_routes(found), *_desks(found), *_follow_ups(found)]


def due(found: Catalogue, day: date) -> list[str]:
    """Articles and parameters whose last check is older than their interval allows, oldest first."""
    items = [(item.checked_on, item.check_every_days, name) for name, item in (*found.articles.items(), *found.parameters.items())]
    return [name for checked, interval, name in sorted(items) if checked + timedelta(days=interval) < day]


def _article_path(found: Catalogue, topic: str) -> str:
    group = found.topics[topic].group if topic in found.topics else "?"
    return f"knowledge/articles/{group}/{topic}.md"


def _article_texts(found: Catalogue, topic: str) -> dict[str, str]:
    article = found.articles[topic]
    texts = {"summary": article.summary, "simple": article.simple, "details": article.details}
    return texts | {f"per_audience.{who}": told for who, told in article.per_audience.items()}


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
        if task.id in found.topics:
            yield Problem("knowledge/topics.yml", f"{task.id} is een onderwerp en een taak tegelijk")
    for id_, article in found.articles.items():
        path = _article_path(found, id_)
        complaints = [*_missing(article.facts + article.detail_facts, found.facts, "feit"),
                      *_missing(article.related, found.topics, "onderwerp")]
        if id_ not in found.topics:
            complaints.append("hoort bij geen onderwerp in knowledge/topics.yml")
        if article.check_at:
            complaints += _missing((article.check_at,), found.desks, "loket")
        for step in article.next_steps:
            for goal, known, what in ((step.topic, found.topics, "onderwerp"), (step.task, found.tasks, "taak"), (step.desk, found.desks, "loket")):
                complaints += _missing((goal,) if goal else (), known, what)
            goal = found.topics.get(step.topic or "") or found.tasks.get(step.task or "")
            if goal and not goal.live:
                complaints.append(f"de vervolgstap belooft {goal.id}, en dat is nog niet live")
        for where, told in _article_texts(found, id_).items():
            complaints += [f"{where}: {complaint}" for complaint in _unknown_names(found, told)]
            complaints += [f"{where}: getal in de tekst, maak er een parameter van: {figure}" for figure in text.typed_figures(told)]
        for where, told in _article_texts(found, id_).items():
            complaints += _too_long(where, told, found, day)
        yield from (Problem(path, complaint) for complaint in complaints)


def _too_long(where: str, told: str, found: Catalogue, day: date) -> Iterator[str]:
    try:
        filled = text.fill(told, found, day)
    except KeyError:            # a name or a parameter's fact that does not exist: that has its own complaint
        return
    if where == "summary" and len(filled) > SUMMARY_LIMIT:
        yield f"summary: {len(filled)} tekens, hooguit {SUMMARY_LIMIT}"
    words = len(filled.split())
    if where != "details" and words > ANSWER_WORDS:
        yield f"{where}: {words} woorden, hooguit {ANSWER_WORDS}"


def _parameters(found: Catalogue) -> Iterator[Problem]:
    used = {name for id_ in found.articles for told in _article_texts(found, id_).values() for _, name in text.names(told)}
    for route in found.routes.values():
        used |= {name for pair in (route.duration_months, route.study_hours_week, route.costs) if pair for name in pair}
        used |= {name for condition in route.conditions for _, name in text.names(condition.text)}
        used |= {str(condition.value) for condition in route.conditions if condition.kind in LIMITS}
        used |= {name for _, name in text.names(route.next_step)}
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
        for told in (route.next_step, *(condition.text for condition in route.conditions)):
            complaints += [*_unknown_names(found, told), *(f"getal in de tekst: {figure}" for figure in text.typed_figures(told))]
        for condition in route.conditions:
            complaints += _condition(condition.kind, condition.value, found)
        yield from (Problem(f"knowledge/routes/{route.id.replace('-', '_')}.yml", complaint) for complaint in complaints)


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


def main() -> int:
    problems = check()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
