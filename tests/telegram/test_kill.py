"""`kill -9` at any moment: every message gets its answer, in order, and hardly any twice."""

import random
import subprocess
import sys
import time
from pathlib import Path

SANNE, OMAR = 1001, 1002
MESSAGES, KILLS = 40, 3
PROCESS = Path(__file__).with_name("lesbrug_process.py")


def test_every_message_is_answered_in_order_although_the_process_is_killed_again_and_again(world):
    chance = random.Random(4711)
    wanted = [f"Antwoord op vraag {number}" for number in range(MESSAGES)]
    for number in range(MESSAGES):
        for chat in (SANNE, OMAR):
            world.api.write(chat, f"vraag {number}")
    for life in range(KILLS + 1):
        began = len(world.answers(SANNE)) + len(world.answers(OMAR))
        process = subprocess.Popen([sys.executable, str(PROCESS), str(world.home), world.api.url, world.api.token])
        try:
            _wait(lambda: len(world.answers(SANNE)) + len(world.answers(OMAR)) > began or _done(world, wanted), process)
            if life == KILLS:
                _wait(lambda: _done(world, wanted), process)
            else:
                time.sleep(chance.uniform(0, 0.1))
        finally:
            process.kill()
            process.wait()
    for chat in (SANNE, OMAR):
        answers = world.answers(chat)
        assert list(dict.fromkeys(answers)) == wanted
        assert len(answers) - MESSAGES <= KILLS, "only what was under way at the moment of a kill may come twice"


def _done(world, wanted) -> bool:
    return all(set(wanted) <= set(world.answers(chat)) for chat in (SANNE, OMAR))


def _wait(true, process, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.002)
