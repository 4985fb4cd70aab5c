"""How much one conversation or one client may ask. Off only on loopback (bot/settings.py)."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.gateway.service import Refused, phrase
from bot.settings import Settings


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._off = settings.rate_limit == "off"
        self._max_streams = settings.max_streams
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self._streams: Counter[str] = Counter()

    def check(self, kind: str, who: str, per_minute: int) -> None:
        """Counts one. Raises Refused (429) with the seconds to wait."""
        if self._off:
            return
        limit = RateLimitItemPerMinute(per_minute)
        if not self._windows.hit(limit, kind, who):
            seconds = max(1, math.ceil(self._windows.get_window_stats(limit, kind, who).reset_time - time.time()))
            raise Refused(429, phrase("too_fast", seconds=seconds), retry_after=seconds)

    def check_client(self, kind: str, request: Request, per_minute: int) -> None:
        """As `check`, by the address that the request came from."""
        self.check(kind, request.client.host if request.client else "?", per_minute)

    @contextmanager
    def stream(self, who: str) -> Iterator[None]:
        """Holds one of the streams that a conversation may have open. Raises Refused (429)."""
        if not self._off and self._streams[who] >= self._max_streams:
            raise Refused(429, phrase("too_many_streams"), retry_after=5)
        self._streams[who] += 1
        try:
            yield
        finally:
            self._streams[who] -= 1
            if self._streams[who] <= 0:
                del self._streams[who]
