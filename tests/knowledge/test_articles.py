"""Every live topic answers everybody, in all three forms, today and on a day long past or far ahead."""

from datetime import date

import knowledge
import pytest
from knowledge.check import SUMMARY_LIMIT
from knowledge.text import fill

DAY = date(2026, 11, 24)
FOUND = knowledge.catalogue()
LIVE = sorted(topic.id for topic in FOUND.topics.values() if topic.live)
AUDIENCES = (None, "werkende", "werkgever", "school", "werkzoekende")
FORMS = ("summary", "simple", "details")


def _answers(topic: str, day: date = DAY) -> dict[tuple, knowledge.Answer]:
    return {(form, audience): knowledge.answer(topic, FOUND, day, audience=audience, form=form) for form in FORMS for audience in AUDIENCES}


def test_there_are_live_topics_and_each_has_an_article() -> None:
    assert len(LIVE) >= 40
    assert [topic for topic in LIVE if topic not in FOUND.articles] == []


@pytest.mark.parametrize("topic", LIVE)
def test_everybody_gets_an_answer_in_every_form_with_all_names_filled_in(topic: str) -> None:
    for how, told in _answers(topic).items():
        assert len(told.text) > 20, how
        assert not set("{}") & set(told.text), how
        assert told.topic == topic


@pytest.mark.parametrize("topic", LIVE)
@pytest.mark.parametrize("day", [date(2010, 1, 1), date(2040, 1, 1)])
def test_an_answer_never_fails_however_the_clock_stands(topic: str, day: date) -> None:
    assert all(not set("{}") & set(told.text) for told in _answers(topic, day).values())


@pytest.mark.parametrize("topic", LIVE)
def test_every_answer_has_a_source_but_those_about_the_assistant_itself(topic: str) -> None:
    bare = {how for how, told in _answers(topic).items() if not told.sources}
    assert not bare or FOUND.topics[topic].group == "assistent"
    for told in _answers(topic).values():
        assert all(source.title and source.url.startswith("http") and source.as_of.isdigit() for source in told.sources)


@pytest.mark.parametrize("topic", LIVE)
def test_the_short_answer_is_short_and_ends_in_a_next_step_that_is_live(topic: str) -> None:
    article = FOUND.articles[topic]
    assert len(fill(article.summary, FOUND, DAY)) <= SUMMARY_LIMIT == 420
    assert article.next_steps
    for step in article.next_steps:
        assert step.desk in FOUND.desks if step.desk else knowledge.is_live(step.topic or step.task, FOUND)


@pytest.mark.parametrize("topic", LIVE)
def test_no_text_says_that_a_figure_has_ended_or_is_not_yet_in_force(topic: str) -> None:
    for how, told in _answers(topic).items():
        assert "(vervallen sinds" not in told.text, how
        assert "(geldt pas vanaf" not in told.text, how
