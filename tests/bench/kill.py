"""python -m tests.bench.kill [cycles [part …]]: that many `kill -9` for each process (web, actions, rasa), with what they left behind."""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.kill import Outcome, run
from tests.support import Stack

BATCH = 5


def told(part: str, total: Outcome) -> str:
    return (f"{part}: {total.cycles} cycles, {total.accepted} accepted, {total.unanswered} unanswered, {total.answered_twice} answered twice, "
            f"{total.handled_twice} handled twice by Rasa, {total.wrong} other, {total.retries} sent again; "
            f"ready again after {statistics.median(total.seconds_back):.1f} s (median), {max(total.seconds_back):.1f} s (most)")


def main() -> int:
    cycles, fine = int(sys.argv[1]) if len(sys.argv) > 1 else 50, True
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "lesbrug") as stack:
        for part in sys.argv[2:] or ("web", "actions", "rasa"):
            total = Outcome()
            for batch in range(0, cycles, BATCH):
                found = run(stack, part, min(BATCH, cycles - batch), seed=batch)
                for name in ("cycles", "accepted", "unanswered", "answered_twice", "handled_twice", "wrong", "retries"):
                    setattr(total, name, getattr(total, name) + getattr(found, name))
                total.seconds_back += found.seconds_back
                print(told(part, total), flush=True)
            fine &= total.faultless
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
