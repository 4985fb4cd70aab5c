"""What was said in a conversation, sent to its chat: in order, until Telegram has it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import knowledge
import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.gateway.models import StoredMessage
from bot.gateway.pages import TYPES
from bot.gateway.service import Gateway, Refused, phrase
from bot.monitoring import metrics
from bot.telegram import format
from bot.telegram.client import CHANNEL, Client, backoff, task, wait_seconds

SWEEP_SECONDS = 60.0        # the gateway tells of every message; this finds what was written by another process
DATABASE_SECONDS = 1.0
STOP_SECONDS = 1.0
TYPING_SECONDS = 0.3        # how long an answer waits for its own "is typing", which would stay on screen if it came second
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
log = structlog.get_logger()


def external_id(chat: int) -> str:
    return f"tg:{chat}"


def chat_of(external: str) -> int:
    return int(external.removeprefix("tg:"))


class Delivery:
    """One task a conversation, as long as there is something to send."""

    def __init__(self, gateway: Gateway, client: Client) -> None:
        self._gateway, self._client = gateway, client
        self._workers: dict[str, asyncio.Task] = {}
        self._ours: set[str] = set()        # conversations of this channel: what is said in others costs nothing here
        self._heard: set[str] = set()
        self._sent: set[str] = set()
        self._marking = asyncio.Lock()
        self._typing: dict[str, asyncio.Task] = {}
        self._sweeping: asyncio.Task | None = None
        self._stopping = False

    def start(self) -> None:
        """Takes up what was said and not sent before the last stop."""
        self._gateway.on_said.append(self.wake)
        self._sweeping = task(self._sweep())

    async def stop(self) -> None:
        """What is under way to Telegram gets a moment to arrive: else it would be sent again after the next start."""
        self._gateway.on_said.remove(self.wake)
        self._stopping = True
        if self._workers:
            await asyncio.wait(self._workers.values(), timeout=STOP_SECONDS)
        running = [each for each in (self._sweeping, *self._workers.values(), *self._typing.values()) if each]
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def wake(self, conversation_id: str) -> None:
        """Sends what waits in a conversation; does nothing where it is not one of Telegram's."""
        if conversation_id not in self._ours:
            return
        self._heard.add(conversation_id)
        worker = self._workers.get(conversation_id)
        if worker is None or worker.done():
            self._workers[conversation_id] = task(self._deliver(conversation_id))

    def serve(self, conversation_id: str) -> None:
        """Makes a conversation one of Telegram's; what was said in it already is sent."""
        if conversation_id not in self._ours:
            self._ours.add(conversation_id)
            self.wake(conversation_id)

    async def drop(self, conversation_id: str) -> None:
        """Stops sending in a conversation that is about to be erased."""
        self._ours.discard(conversation_id)
        self._heard.discard(conversation_id)
        worker = self._workers.get(conversation_id)
        if worker:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    def typing(self, conversation_id: str, chat: int) -> None:
        """Shows that an answer is being made."""
        self._typing[conversation_id] = task(self._show_typing(conversation_id, chat))

    async def send_now(self, chat: int, text: str) -> None:
        """Sends one sentence that is stored nowhere, and tries until Telegram has it or refuses it."""
        try:
            await self._post(chat, text, None)
        except (Forbidden, BadRequest) as error:
            log.warning("not sent", channel=CHANNEL, reason=type(error).__name__)

    async def _sweep(self) -> None:
        self._ours.update(await self._patiently(self._gateway.store.conversations_of, CHANNEL))
        while True:
            for conversation_id in await self._patiently(self._gateway.store.conversations_undelivered, CHANNEL):
                self.wake(conversation_id)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _patiently(self, call: Callable, *args: object, **kwargs: object) -> Any:
        """A call on the store, again and again while the database is locked or away."""
        while True:
            try:
                return await self._gateway._db(call, *args, **kwargs)
            except SQLAlchemyError as error:
                metrics.FAILURES.labels("database").inc()
                log.error("database waits", channel=CHANNEL, reason=type(error).__name__)
                await asyncio.sleep(DATABASE_SECONDS)

    async def _deliver(self, conversation_id: str) -> None:
        try:
            while conversation_id in self._heard:
                self._heard.discard(conversation_id)
                while not self._stopping and (waiting := await self._waiting(conversation_id)):
                    await self._send_all(conversation_id, waiting)
        finally:
            if self._workers.get(conversation_id) is asyncio.current_task():
                del self._workers[conversation_id]

    async def _waiting(self, conversation_id: str) -> list[tuple[StoredMessage, str]]:
        return await self._patiently(self._gateway.store.undelivered, CHANNEL, conversation_id=conversation_id)

    async def _send_all(self, conversation_id: str, waiting: list[tuple[StoredMessage, str]]) -> None:
        store = self._gateway.store
        for message, external in waiting:
            try:
                await self._send(conversation_id, chat_of(external), message)
            except Forbidden:       # the person blocked the bot: the messages wait until they write again
                log.info("blocked", conversation=conversation_id, channel=CHANNEL)
                await self._patiently(store.close_channel, conversation_id, closed=True)
                return
            except Exception as error:      # a message that cannot be sent may not hold up those behind it
                metrics.FAILURES.labels(CHANNEL).inc()
                log.error("not sent", conversation=conversation_id, channel=CHANNEL, reason=type(error).__name__)
            await self._mark_sent(message.id)
            if self._stopping:
                return

    async def _mark_sent(self, message_id: str) -> None:
        """Stores that a message was sent. Those that wait for the same disk go in one transaction."""
        self._sent.add(message_id)
        async with self._marking:
            if message_id not in self._sent:
                return
            batch, self._sent = self._sent, set()
            try:
                await self._patiently(self._gateway.store.delivered, batch, knowledge.now())
            except BaseException:       # this task was stopped: the others of the batch do it themselves
                self._sent |= batch
                raise

    async def _send(self, conversation_id: str, chat: int, message: StoredMessage) -> None:
        if typing := self._typing.get(conversation_id):
            await asyncio.wait({typing}, timeout=TYPING_SECONDS)
        texts = format.parts(message.body, no_text=phrase("telegram_choose"))
        for text in texts[:-1]:
            await self._send_part(conversation_id, chat, text, None)
        for text in texts[-1:]:
            await self._send_part(conversation_id, chat, text, _keyboard(message.body))
        for offered in message.body.get("documents") or []:
            if offered["type"] == TYPES["pdf"]:
                await self._send_document(conversation_id, chat, offered["url"].rsplit("/", 1)[-1])

    async def _send_document(self, conversation_id: str, chat: int, name: str) -> None:
        """Sends a page as a file; one that expired in the meantime or that Telegram refuses is left out."""
        try:
            content, _, file_name = await self._page(conversation_id, name)
            await self._until_sent(lambda: self._client.send_document(chat, InputFile(content, file_name)))
        except (Refused, BadRequest) as error:
            log.warning("document not sent", conversation=conversation_id, channel=CHANNEL, reason=type(error).__name__)

    async def _page(self, conversation_id: str, name: str) -> tuple[bytes, str, str]:
        while True:
            try:
                return await self._gateway.document(conversation_id, name)
            except SQLAlchemyError:
                metrics.FAILURES.labels("database").inc()
                await asyncio.sleep(DATABASE_SECONDS)

    async def _send_part(self, conversation_id: str, chat: int, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        try:
            await self._post(chat, text, keyboard)
        except BadRequest:
            log.warning("refused, sent bare", conversation=conversation_id, channel=CHANNEL)
            try:
                await self._post(chat, format.bare(text) or phrase("failed"), None)
            except BadRequest:      # what follows goes on
                metrics.FAILURES.labels(CHANNEL).inc()
                log.error("not sent", conversation=conversation_id, channel=CHANNEL, reason="BadRequest")

    async def _post(self, chat: int, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        await self._until_sent(lambda: self._client.send_message(chat, text, reply_markup=keyboard, link_preview_options=_NO_PREVIEW))

    @staticmethod
    async def _until_sent(send: Callable[[], Awaitable]) -> None:
        """Tries until Telegram has it. Raises Forbidden or BadRequest where it will never take it."""
        failures = 0
        while True:
            try:
                await send()
                return
            except (Forbidden, BadRequest):
                raise
            except RetryAfter as error:
                log.info("asked to wait", channel=CHANNEL, seconds=wait_seconds(error))
                await asyncio.sleep(wait_seconds(error))
            except TelegramError as error:
                failures += 1
                metrics.FAILURES.labels(CHANNEL).inc()
                log.warning("send failed", channel=CHANNEL, reason=type(error).__name__, attempt=failures)
                await asyncio.sleep(backoff(failures))

    async def _show_typing(self, conversation_id: str, chat: int) -> None:
        try:
            await self._client.send_chat_action(chat, ChatAction.TYPING)
        except TelegramError:
            return
        finally:
            if self._typing.get(conversation_id) is asyncio.current_task():
                del self._typing[conversation_id]


def _keyboard(body: dict) -> InlineKeyboardMarkup | None:
    buttons = [[InlineKeyboardButton(title, callback_data=token)] for title, token in format.rows(body)]
    return InlineKeyboardMarkup(buttons) if buttons else None
