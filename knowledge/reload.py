"""An edited article is answered within seconds: the files are watched, and taken over when they hold together."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from knowledge.catalogue import ROOT, Catalogue, Problem, load, replace
from knowledge.check import check_loaded
from knowledge.clock import today

SECONDS = 2.0
logger = logging.getLogger(__name__)
_FILES = ("*.yml", "*.json", "*/*.yml", "*/*.md", "*/*/*.yml", "*/*/*.md")


def stamp(root: Path = ROOT) -> int:
    """Changes when a file below `root` is written, added, renamed or taken away. Raises OSError when one goes while it is looked at."""
    files = (path for pattern in _FILES for path in root.glob(pattern))
    return hash(tuple(sorted((path.as_posix(), (seen := path.stat()).st_mtime_ns, seen.st_size) for path in files)))


def watch(on_change: Callable[[Catalogue], None], on_problems: Callable[[list[Problem]], None], *, seconds: float = SECONDS,
          root: Path = ROOT) -> threading.Event:
    """From now on the catalogue of this process follows the files, without a restart.

    Files that do not hold together go to `on_problems`, and what stood before stays in force. Setting the event that comes back ends it.
    """
    stop, seen = threading.Event(), stamp(root)

    def follow() -> None:
        nonlocal seen
        while not stop.wait(seconds):
            try:
                now = stamp(root)
                if now == seen:
                    continue
                seen, found = now, load(root)
                if problems := check_loaded(found, today()):
                    on_problems(problems)
                    continue
                on_change(found)
                replace(found)
            except Exception:           # a file went in between, the database is locked: the next look tries again
                logger.exception("knowledge waits")
                seen = 0

    threading.Thread(target=follow, name="kennis", daemon=True).start()
    return stop
