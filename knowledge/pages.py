"""Pages to keep or send: documents filled with what the conversation knows, and step plans on one page. Markdown; a channel makes the PDF."""

import re
from dataclasses import dataclass
from datetime import date

from knowledge import templates, text
from knowledge.catalogue import Catalogue
from knowledge.dated import dutch_date
from knowledge.regions import plain
from knowledge.schema import Plan, Step
from knowledge.sources import shown


@dataclass(frozen=True)
class Page:
    """`markdown` starts with its title as a heading and ends with its sources and the day."""

    id: str
    title: str
    about: str
    markdown: str


def page(name: str, found: Catalogue, day: date, known: dict[str, str | None] | None = None) -> Page:
    """The document or step plan `name`, filled. `known`: templates.KNOWN → what somebody told, or None. Raises KeyError for an unknown name."""
    if name in found.plans:
        plan = found.plans[name]
        return Page(name, plan.title, "Alle stappen op één pagina, om te bewaren of te printen.", _plan_page(plan, found, day))
    document = found.documents[name]
    filled = templates.render(text.fill(document.template, found, day), {"datum": dutch_date(day), **(known or {})})
    return Page(name, document.title, document.about, f"# {document.title}\n\n{filled.rstrip()}{_footer(document.facts, document.checked_on, found)}")


def _footer(facts: tuple[str, ...], checked_on: date, found: Catalogue) -> str:
    sources = "\n".join(f"- {source.title} ({source.as_of}): {source.url}" for source in shown([found.facts[name] for name in facts]))
    told = f"\n\n---\n\nGemaakt met Lesbrug. Nagekeken op {dutch_date(checked_on)}. Dit is geen juridisch advies."
    return f"{told}\n\nBronnen:\n\n{sources}\n" if sources else f"{told}\n"


def _plan_page(plan: Plan, found: Catalogue, day: date) -> str:
    steps = "\n\n".join(f"## {number}. {step.title}\n\n{_step(step, found, day)}" for number, step in enumerate(plan.steps, start=1))
    facts = tuple(dict.fromkeys(name for step in plan.steps for name in step.facts))
    return f"# {plan.title}\n\n{steps}{_footer(facts, plan.checked_on, found)}"


def _step(step: Step, found: Catalogue, day: date) -> str:
    told = [text.fill(step.text, found, day), f"- **Wie:** {step.who}"]
    if step.duration:
        told[-1] += f"\n- **Hoe lang:** {text.fill(step.duration, found, day)}"
    if step.bring:
        told[-1] += f"\n- **Neem mee:** {text.enumerate_dutch([text.fill(item, found, day) for item in step.bring])}"
    return "\n\n".join(told)


@dataclass(frozen=True)
class StepShown:
    """One step of a plan, in Markdown. `number` counts from 1; `last` when there is none after it."""

    plan: str
    number: int
    of: int
    text: str
    topic: str | None
    last: bool
    sources: tuple


def step(plan_id: str, number: int, found: Catalogue, day: date) -> StepShown:
    """Step `number` (from 1) of a plan. Raises KeyError for an unknown plan, IndexError for a step that it has not."""
    plan = found.plans[plan_id]
    if not 1 <= number <= len(plan.steps):
        raise IndexError(number)
    now = plan.steps[number - 1]
    told = f"**Stap {number} van {len(plan.steps)}: {now.title}**\n\n{_step(now, found, day)}"
    return StepShown(plan_id, number, len(plan.steps), told, now.topic, number == len(plan.steps), shown([found.facts[name] for name in now.facts]))


def plan_for(audience: str | None, found: Catalogue) -> str | None:
    """The plan for an audience; a job seeker gets that of a worker; None where nobody said who they are."""
    wanted = {"werkzoekende": "werkende"}.get(audience or "", audience)
    return next((plan.id for plan in found.plans.values() if plan.audience == wanted), None)


def named_document(words: str, found: Catalogue) -> str | None:
    """The document that a sentence asks for by one of its names, the longest first; None where it names none."""
    told = f" {_bare(words)} "
    names = sorted(((_bare(name), document.id) for document in found.documents.values() for name in document.names), key=lambda pair: -len(pair[0]))
    return next((id_ for name, id_ in names if f" {name} " in told), None)


def _bare(words: str) -> str:
    """For comparing names: also without the comma or question mark that follows one."""
    return " ".join(re.findall(r"\w+", plain(words)))
