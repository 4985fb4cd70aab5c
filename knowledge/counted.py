"""What an answer leans on, and how much there is of everything."""

from collections import Counter

from knowledge.catalogue import Catalogue
from knowledge.schema import Fact


def facts_behind(topic: str, found: Catalogue) -> list[Fact]:
    """The facts under a topic's answer: those of its text and details, of its schemes, and of its step plan. Raises KeyError without an article."""
    article = found.articles[topic]
    names = [*article.facts, *article.detail_facts]
    for name in article.schemes:
        scheme = found.schemes[name]
        names += [*(item.fact for item in (*scheme.status.values(), *scheme.windows)), *scheme.facts]
    if topic in found.plans:
        names += [name for step in found.plans[topic].steps for name in step.facts]
    return [found.facts[name] for name in dict.fromkeys(names)]


def counted(found: Catalogue) -> dict[str, int]:
    """What there is, by name in Dutch."""
    states = Counter(fact.status for fact in found.facts.values())
    used = {fact.id for topic in found.articles for fact in facts_behind(topic, found)}
    return {
        "onderwerpen": len(found.topics), "onderwerpen live, met artikel": sum(topic.live and topic.id in found.articles for topic in found.topics.values()),
        "feiten": len(found.facts), **{f"feiten met status {state}": number for state, number in sorted(states.items())},
        "feiten onder antwoorden": len(used), "adressen van bronnen": len({source.url for fact in found.facts.values() for source in fact.sources}),
        "parameters": len(found.parameters), "parameters die veranderden": sum(len(item.values) > 1 for item in found.parameters.values()),
        "regelingen": len(found.schemes), "branches": len(found.branches), "voorbeelden": len(found.examples),
        "regio's en provincies": len(found.regions), "loketten en initiatieven per regio": sum(len(item.desks) + len(item.initiatives) for item in found.regions.values()),
        "routes": len(found.routes), "stappenplannen": len(found.plans), "teksten om te sturen": len(found.documents), "vakwoorden": len(found.terms),
    }
