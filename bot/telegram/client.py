"""The line to the Bot API: python-telegram-bot's methods, without its update queue and without its logs."""

import asyncio
import logging
import os
from collections.abc import Coroutine, Sequence
from datetime import timedelta

import structlog
import telegram
from telegram.error import RetryAfter
from telegram.request import HTTPXRequest

from bot.settings import Settings

CHANNEL = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
LONG_POLL_SECONDS = 25
RETRY_SECONDS = (0.5, 1, 2, 4, 8, 15, 30)       # the last goes on until Telegram is back
os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's coming form of periods; it warns at every 429 without
log = structlog.get_logger()


class Client(telegram.Bot):
    """telegram.Bot with updates as Telegram sent them: the library reads a batch or nothing, so one odd update would hold up the rest."""

    def __init__(self, settings: Settings) -> None:
        _silence()          # first: making a Bot logs its addresses, which hold the token
        address = settings.telegram_api_url.rstrip("/")
        super().__init__(
            settings.telegram_token or "", base_url=f"{address}/bot", base_file_url=f"{address}/file/bot",
            request=HTTPXRequest(connection_pool_size=32, read_timeout=15, connect_timeout=5, pool_timeout=30),
            get_updates_request=HTTPXRequest(connection_pool_size=2, read_timeout=10, connect_timeout=5))

    async def fetch(self, offset: int | None) -> Sequence[dict]:
        """Waits for updates from `offset` on; those before it are confirmed and gone. Raises TelegramError."""
        asked = {"offset": offset, "timeout": LONG_POLL_SECONDS, "allowed_updates": list(ALLOWED)}
        return await self._post("getUpdates", asked, read_timeout=LONG_POLL_SECONDS + 10)

    async def close_connections(self) -> None:
        for request in self._request:
            await request.shutdown()


def task(work: Coroutine) -> asyncio.Task:
    """A task whose failure is logged by name only: asyncio itself would print what the fault says, which may hold a message."""
    made = asyncio.create_task(work)
    made.add_done_callback(_tell_fault)
    return made


def _tell_fault(done: asyncio.Task) -> None:
    if not done.cancelled() and (error := done.exception()):
        log.error("task failed", channel=CHANNEL, reason=type(error).__name__)


def wait_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    told = error.retry_after
    return told.total_seconds() if isinstance(told, timedelta) else float(told)


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return RETRY_SECONDS[min(max(failures, 1), len(RETRY_SECONDS)) - 1]


def _silence() -> None:
    """python-telegram-bot logs whole updates at critical and debug, httpx logs addresses, which hold the bot's token."""
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
