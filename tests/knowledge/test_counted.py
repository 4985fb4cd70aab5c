"""What an answer leans on, and how much there is of everything: both can be counted again by hand."""

from dataclasses import replace
from datetime import date

import knowledge
import pytest
from knowledge.schema import Window

ALONE, WITH_SCHEMES, WITH_PLAN = "pdg-duur", "stap-budget", "stappenplan-werkgever"


def _ids(topic: str, found: knowledge.Catalogue) -> list[str]:
    return [fact.id for fact in knowledge.facts_behind(topic, found)]


def test_an_answer_leans_on_the_facts_of_its_text_and_its_details_in_that_order(found: knowledge.Catalogue) -> None:
    article = found.articles[ALONE].model_copy(update={"facts": ("stap-gestopt", "mkbdee-2018"), "detail_facts": ("mkbdee-2019", "stap-gestopt")})
    named = _ids(ALONE, replace(found, articles=found.articles | {ALONE: article}))
    assert named == ["stap-gestopt", "mkbdee-2018", "mkbdee-2019"], "each of them once"


def test_the_facts_of_its_schemes_count_also_those_of_a_status_or_a_window(found: knowledge.Catalogue) -> None:
    named = _ids(WITH_SCHEMES, found)
    for name in found.articles[WITH_SCHEMES].schemes:
        scheme = found.schemes[name]
        assert {*scheme.facts, *(item.fact for item in (*scheme.status.values(), *scheme.windows))} <= set(named), name
    window = Window(opens=date(2021, 1, 1), closes=date(2021, 1, 2), fact="awl-windesheim-voorbeeld")
    own = replace(found, schemes=found.schemes | {"stap-budget": found.schemes["stap-budget"].model_copy(update={"windows": (window,)})})
    assert "awl-windesheim-voorbeeld" not in named
    assert "awl-windesheim-voorbeeld" in _ids(WITH_SCHEMES, own)


def test_the_facts_of_its_step_plan_count(found: knowledge.Catalogue) -> None:
    steps = {name for step in found.plans[WITH_PLAN].steps for name in step.facts}
    assert steps <= set(_ids(WITH_PLAN, found))
    without = replace(found, plans={})
    assert not steps <= set(_ids(WITH_PLAN, without))


def test_a_topic_without_an_article_has_nothing_to_lean_on(found: knowledge.Catalogue) -> None:
    with pytest.raises(KeyError):
        knowledge.facts_behind("bestaat-niet", found)


def test_every_source_under_an_answer_is_one_that_the_answer_leans_on(found: knowledge.Catalogue, day: date) -> None:
    of_examples = {source.url for example in found.examples.values() for name in example.facts for source in found.facts[name].sources}
    for topic, article in found.articles.items():
        known = {source.url for fact in knowledge.facts_behind(topic, found) for source in fact.sources}
        known |= of_examples if article.by_region == "examples" else set()
        for form in ("summary", "simple", "details"):
            assert {source.url for source in knowledge.answer(topic, found, day, form=form).sources} <= known, (topic, form)


def test_there_is_as_much_as_there_is(found: knowledge.Catalogue) -> None:
    numbers = knowledge.counted(found)
    assert numbers["onderwerpen"] == len(found.topics)
    assert numbers["onderwerpen live, met artikel"] == len([topic for topic in found.articles if found.topics[topic].live])
    assert numbers["feiten"] == len(found.facts) == sum(number for what, number in numbers.items() if what.startswith("feiten met status "))
    assert numbers["feiten onder antwoorden"] == len({name for topic in found.articles for name in _ids(topic, found)}) <= numbers["feiten"]
    assert numbers["adressen van bronnen"] == len({source.url for fact in found.facts.values() for source in fact.sources})
    assert 0 < numbers["parameters die veranderden"] < numbers["parameters"] == len(found.parameters)
    for what, things in {
            "regelingen": found.schemes, "branches": found.branches, "voorbeelden": found.examples, "regio's en provincies": found.regions,
            "routes": found.routes, "stappenplannen": found.plans, "teksten om te sturen": found.documents, "vakwoorden": found.terms}.items():
        assert numbers[what] == len(things) > 0, what


def test_what_is_taken_away_or_put_to_sleep_counts_no_more(found: knowledge.Catalogue) -> None:
    numbers = knowledge.counted(found)
    asleep = found.topics[ALONE].model_copy(update={"live": False})
    own = replace(found, topics=found.topics | {ALONE: asleep}, schemes={name: item for name, item in found.schemes.items() if name != "oeno-ooc"})
    changed = {what: (numbers[what], number) for what, number in knowledge.counted(own).items() if number != numbers[what]}
    assert changed == {"onderwerpen live, met artikel": (numbers["onderwerpen live, met artikel"], numbers["onderwerpen live, met artikel"] - 1),
                       "regelingen": (len(found.schemes), len(found.schemes) - 1)}
    one = next(name for name, item in found.parameters.items() if len(item.values) > 1)
    fewer = knowledge.counted(replace(found, parameters={one: found.parameters[one]}))
    assert (fewer["parameters"], fewer["parameters die veranderden"]) == (1, 1)


def test_of_nothing_there_is_nothing() -> None:
    assert set(knowledge.counted(knowledge.Catalogue()).values()) == {0}
