"""The one clock, and how LESBRUG_NOW moves it for a process."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from knowledge import clock

ROOT = Path(__file__).resolve().parents[2]
# The file alone: the whole package takes seconds to import.
CLOCK = "import importlib.util as u; s = u.spec_from_file_location('clock', 'knowledge/clock.py'); clock = u.module_from_spec(s); s.loader.exec_module(clock); "


def _told_by_a_process(code: str, moved: str | None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "LESBRUG_NOW"} | ({"LESBRUG_NOW": moved} if moved else {})
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.mark.parametrize(("moved", "day"), [
    ("2031-02-03", "2031-02-03"),
    ("2031-12-31T23:30", "2031-12-31"),             # without a zone: Dutch time
    ("2031-12-31T23:30:00+00:00", "2032-01-01"),    # half past midnight in the Netherlands
    ("2031-06-30T22:30:00+00:00", "2031-07-01"),    # summer time is two hours ahead
    ("2031-06-30T21:30:00+00:00", "2031-06-30"),
])
def test_lesbrug_now_moves_the_day_of_a_whole_process(moved: str, day: str) -> None:
    assert _told_by_a_process(CLOCK + "print(clock.today())", moved) == day


def test_the_public_day_moves_with_it() -> None:
    assert _told_by_a_process("import knowledge; print(knowledge.today(), knowledge.now().date())", "2031-02-03T12:00") == "2031-02-03 2031-02-03"


def test_a_moved_clock_goes_on_running() -> None:
    code = CLOCK + "import time; a = clock.now(); time.sleep(0.2); print((clock.now() - a).total_seconds())"
    assert 0.19 <= float(_told_by_a_process(code, "2031-02-03")) < 10


def test_without_lesbrug_now_the_clock_is_the_real_one() -> None:
    told = datetime.fromisoformat(_told_by_a_process(CLOCK + "print(clock.now().isoformat())", None))
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=60)


def test_the_moment_is_in_utc_and_a_text_without_a_zone_is_dutch_time() -> None:
    assert clock.parse("2026-11-24T12:00") == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert clock.parse("2026-07-24T12:00") == datetime(2026, 7, 24, 10, tzinfo=UTC)
    assert clock.parse("2026-07-24T12:00+05:00").utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["morgen", "2026-13-01", "24-11-2026", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock.parse(text)


@pytest.mark.parametrize(("moment", "day"), [
    (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)), (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1))])
def test_the_day_changes_at_midnight_in_the_netherlands(monkeypatch: pytest.MonkeyPatch, moment: datetime, day: date) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert clock.today() == day
