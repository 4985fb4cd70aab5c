"""`kill -9` of each process in turn while clients talk. More cycles: `python -m tests.bench.kill`."""

import pytest

from tests.kill import run
from tests.support import Stack


@pytest.mark.parametrize(("part", "cycles"), [("web", 3), ("actions", 3), ("rasa", 2)])
def test_nothing_accepted_stays_unanswered_and_nothing_is_answered_twice(stack: Stack, part: str, cycles: int) -> None:
    outcome = run(stack, part, cycles)
    assert outcome.cycles == cycles and outcome.accepted > 0
    assert outcome.faultless, outcome


def test_everything_stopped_at_once_goes_on_where_it_was(own_stack: Stack) -> None:
    conversation = own_stack.conversation()
    conversation.say("wat is het pdg?")
    for name in ("rasa", "actions", "web"):
        own_stack.part(name).process.kill()
    own_stack.wait_ready()
    assert conversation.say("en wat kost dat?")[0]["topic"] == "pdg-kosten"
    assert [message["from"] for message in conversation.history()] == ["bot", "user", "bot", "user", "bot"]
