"""Telegram: updates in by long polling or webhook, answers out. What came in is in the database before Telegram hears that we have it."""

import asyncio
import hmac
import json
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.gateway.service import Gateway, Refused, phrase
from bot.monitoring import metrics
from bot.settings import Settings
from bot.telegram.client import ALLOWED, CHANNEL, Client, backoff, task, wait_seconds
from bot.telegram.delivery import Delivery
from bot.telegram.inbound import Inbound

OFFSET = "telegram_offset"
WEBHOOK = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"
DATABASE_SECONDS = 1.0
log = structlog.get_logger()


class TelegramChannel:
    """The whole channel. `start` returns at once: the web goes on while Telegram cannot be reached."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self._settings, self._gateway = settings, gateway
        self._client = Client(settings)
        self._delivery = Delivery(gateway, self._client)
        self._inbound = Inbound(settings, gateway, self._client, self._delivery)
        self._tasks: list[asyncio.Task] = []

    async def start(self, app: FastAPI) -> None:
        self._delivery.start()
        if self._settings.telegram_webhook_url:
            app.add_api_route(WEBHOOK, self._webhook, methods=["POST"], include_in_schema=False)
            incoming = self._register_webhook()
        else:
            incoming = self._poll()
        self._tasks = [task(incoming), task(self._learn_name())]

    async def stop(self) -> None:
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inbound.stop()
        await self._delivery.stop()
        await self._client.close_connections()

    async def _learn_name(self) -> None:
        """The bot's name, by which people may call its commands."""
        failures = 0
        while self._inbound.username is None:
            try:
                self._inbound.username = (await self._client.get_me()).username
            except TelegramError as error:
                failures += 1
                await self._wait_after(error, failures, "name unknown")

    async def _wait_after(self, error: Exception, failures: int, event: str) -> None:
        metrics.FAILURES.labels(CHANNEL).inc()
        log.warning(event, channel=CHANNEL, reason=type(error).__name__, attempt=failures)
        await asyncio.sleep(wait_seconds(error) if isinstance(error, RetryAfter) else backoff(failures))

    # --- long polling

    async def _poll(self) -> None:
        failures, webhook_gone, offset = 0, False, await self._stored_offset()
        while True:
            try:
                if not webhook_gone:
                    webhook_gone = await self._delete_webhook()
                updates = await self._client.fetch(offset)
                for raw in updates:
                    await self._inbound.take(raw)
                if updates:
                    await self._store_offset(updates[-1]["update_id"] + 1)
                    offset = updates[-1]["update_id"] + 1       # asking from here on tells Telegram that these may go
                failures = 0
            except Exception as error:
                failures += 1
                webhook_gone = webhook_gone and not isinstance(error, Conflict)
                await self._wait_after(error, failures, "fetching waits")

    async def _delete_webhook(self) -> bool:
        """Polling and a webhook exclude each other; what waits at Telegram stays. A failure shows when we fetch."""
        try:
            return await self._client.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log.warning("webhook not deleted", channel=CHANNEL, reason=type(error).__name__)
            return False

    @property
    def _bot_id(self) -> str:
        return (self._settings.telegram_token or "").partition(":")[0]

    async def _store_offset(self, offset: int) -> None:
        await self._gateway._db(self._gateway.store.set_mark, OFFSET, f"{self._bot_id}:{offset}")

    async def _stored_offset(self) -> int | None:
        """Where the last process came to; None with another bot: a number too high would throw its updates away."""
        while True:
            try:
                stored = await self._gateway._db(self._gateway.store.mark, OFFSET)
            except SQLAlchemyError as error:
                log.error("database waits", channel=CHANNEL, reason=type(error).__name__)
                await asyncio.sleep(DATABASE_SECONDS)
                continue
            bot, _, offset = (stored or "").partition(":")
            return int(offset) if bot == self._bot_id and offset.isdigit() else None

    # --- webhook

    @property
    def _webhook_address(self) -> str:
        address = self._settings.telegram_webhook_url or ""
        return address if urlsplit(address).path.strip("/") else address.rstrip("/") + WEBHOOK

    async def _register_webhook(self) -> None:
        failures = 0
        while True:
            try:
                await self._client.set_webhook(self._webhook_address, secret_token=self._settings.telegram_webhook_secret,
                                               allowed_updates=ALLOWED, drop_pending_updates=False)
                return
            except TelegramError as error:
                failures += 1
                await self._wait_after(error, failures, "webhook not set")

    async def _webhook(self, request: Request) -> Response:
        """200 when the update is in the database. Telegram sends it again after anything else."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, (self._settings.telegram_webhook_secret or "").encode()):
            log.warning("wrong secret", channel=CHANNEL, status=403)
            raise Refused(403, phrase("telegram_forbidden"))
        try:
            raw = json.loads(await request.body())
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
            raise Refused(422, phrase("unreadable"))
        try:
            await self._inbound.take(raw)
        except SQLAlchemyError:
            raise
        except Exception:       # it was logged there, by name only
            raise Refused(503, phrase("busy_unsaved"), retry_after=1) from None
        return Response(status_code=200)
