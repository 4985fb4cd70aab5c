"""The gateway: what was accepted is answered, once, in order, whatever dies in between.

A channel calls `open`, `accept_text` or `accept_button`, and `stream`. Between them stands the inbox: a message is in the database before a
channel confirms it, one task a conversation answers in order, and Rasa recognises a message that it handled before (bot/rasa_channel).
"""

import asyncio
import hashlib
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import knowledge
import structlog
import yaml
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from bot.gateway import pages
from bot.gateway import store as stores
from bot.gateway.clean import clean
from bot.gateway.models import Button, Conversation, Inbox, StoredDocument, StoredMessage
from bot.gateway.rasa_client import NotHandled, PartDown, RasaClient
from bot.monitoring import metrics
from bot.settings import Settings

PHRASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "phrases.yml").read_text(encoding="utf-8"))
RETRY_SECONDS = (0.2, 0.3, 0.5, 1)         # the last goes on until the part is back: asking costs next to nothing, waiting does
POISON_ATTEMPTS = 3                         # a message that Rasa breaks on is given up after this many
PHRASE = "phrase:"                          # an inbox payload that is answered with a phrase of our own; all others start with a slash
PUMP_SECONDS = 1.0
KNOWN_CONVERSATIONS = 5000                  # how many are kept at hand, so that a turn need not look its conversation up
ERASE_RETRY_SECONDS = 5.0
DOCUMENT_LIFE = timedelta(days=30)
log = structlog.get_logger()


def phrase(name: str, **values: object) -> str:
    """One sentence of phrases.yml."""
    return PHRASES[name].format(**values) if values else PHRASES[name]


@dataclass(eq=False)        # not frozen: Starlette and contextlib set __traceback__ on it
class Refused(Exception):
    """A channel shows `detail`; `status` is what HTTP calls it."""

    status: int
    detail: str
    retry_after: int | None = None


class DatabaseAway(SQLAlchemyError):
    """Not tried, because the database is locked or away."""


class Gateway:
    def __init__(self, settings: Settings, *, store: stores.Store, knowledge_store: knowledge.Store, rasa: RasaClient, button_secret: str) -> None:
        self.settings, self.store, self.rasa = settings, store, rasa
        self._knowledge = knowledge_store
        self._secret = button_secret.encode()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="gesprekken")      # SQLite has one writer
        self._waited_in_vain_at = float("-inf")
        self._workers: dict[str, asyncio.Task] = {}
        self._waiting: dict[str, deque[Inbox]] = {}         # per conversation what was accepted and not answered, in order
        self._perhaps_sent: set[str] = set()                # messages that Rasa may have had from a process that died
        self._known: dict[str, Conversation] = {}
        self._listeners: dict[str, set[asyncio.Queue]] = {}
        self._background: list[asyncio.Task] = []
        self.on_said: list[Callable[[str], None]] = []      # a channel that pushes hears in which conversation something was said

    async def _db(self, call: Callable, *args: object, **kwargs: object) -> Any:
        """Runs a call in the one thread of the database. What stood in line behind a call that waited in vain is not tried: it fails as soon."""
        asked_at = time.monotonic()

        def run() -> Any:
            if self._waited_in_vain_at > asked_at:
                raise DatabaseAway("the call before this one waited in vain")
            try:
                return call(*args, **kwargs)
            except OperationalError:
                self._waited_in_vain_at = time.monotonic()
                raise

        return await asyncio.get_running_loop().run_in_executor(self._writer, run)

    # --- life

    async def start(self) -> None:
        """Takes up what was accepted and not answered before the last stop."""
        for row in await self._db(self.store.pending):
            self._perhaps_sent.add(row.id)
            self._answer_later(row)
        self._background = [asyncio.create_task(self._pump_outbox()), asyncio.create_task(self._retry_erasures())]

    async def stop(self) -> None:
        tasks = [*self._background, *self._workers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.rasa.close()
        self._writer.shutdown()
        self.store.close()
        self._knowledge.close()

    async def can_write(self) -> bool:
        """Whether a message can be stored now, and knowledge's database answers."""
        try:
            await self._db(self.store.writable, knowledge.now())
            await self._db(self._knowledge.undelivered, 1)
        except SQLAlchemyError:
            return False
        return True

    # --- conversations

    async def open(self, channel: str, external_id: str | None = None, *, key: str | None = None) -> tuple[Conversation, str, dict]:
        """A new conversation, its token, and its greeting, which gets `key` for an id."""
        now, greeting_id = knowledge.now(), key or uuid4().hex
        conversation, token = await self._db(self.store.open, channel=channel, external_id=external_id, now=now,
                                             greeting=partial(self._greeting, greeting_id))
        metrics.CONVERSATIONS.labels(channel).inc()
        self._was_said(conversation.id)
        return conversation, token, _public(greeting_id, "bot", now, self._greeting(greeting_id, conversation.id).body)

    async def of_chat(self, channel: str, external_id: str, *, key: str) -> Conversation:
        """The conversation of a chat on another channel; opened with a greeting at first contact, and opened again after it was closed."""
        found = await self._db(self.store.by_external_id, external_id)
        if found is None:
            try:
                return (await self.open(channel, external_id, key=key))[0]
            except IntegrityError:          # another message of this chat was first
                found = await self._db(self.store.by_external_id, external_id)
                if found is None:
                    raise
        if found.closed:
            await self._db(self.store.close_channel, found.id, closed=False)
            self._was_said(found.id)        # what waited goes out
        return found

    async def greet(self, conversation_id: str, *, key: str) -> None:
        """Says the greeting once more (Telegram's /start); the same key says it once."""
        await self._say(conversation_id, self._greeting(key, conversation_id))

    async def say(self, conversation_id: str, text: str, *, key: str) -> None:
        """Says one sentence of the gateway's own; the same key says it once."""
        await self._say(conversation_id, self._new_message(conversation_id, key, {"text": text}))

    async def _say(self, conversation_id: str, message: stores.NewMessage) -> None:
        await self._db(self.store.say, conversation_id, message, knowledge.now())
        self._was_said(conversation_id)

    def _was_said(self, conversation_id: str) -> None:
        for hears in self.on_said:
            hears(conversation_id)

    def _greeting(self, message_id: str, conversation_id: str) -> stores.NewMessage:
        return self._new_message(conversation_id, message_id, PHRASES["greeting"])

    async def authorised(self, conversation_id: str, token: str | None) -> Conversation:
        """The conversation, for whoever holds its token. Raises Refused (401, 404)."""
        conversation = self._known.get(conversation_id) or await self._db(self.store.conversation, conversation_id[:64])
        if conversation is None:
            raise Refused(404, phrase("not_found"))
        if len(self._known) >= KNOWN_CONVERSATIONS:
            self._known.clear()
        self._known[conversation.id] = conversation
        if not token or not hmac.compare_digest(stores.token_hash(token), conversation.token_hash):
            raise Refused(401, phrase("no_token"))
        return conversation

    async def history(self, conversation_id: str, after: str | None = None) -> list[dict]:
        return [_stored(message) for message in await self._db(self.store.history, conversation_id, after)]

    async def erase(self, conversation_id: str) -> None:
        """Wipes the conversation in every store; what cannot be reached now is wiped as soon as it can."""
        await self._db(self.store.erase, conversation_id, knowledge.now())      # first: from here on nothing more is accepted
        worker = self._workers.pop(conversation_id, None)
        self._waiting.pop(conversation_id, None)
        self._known.pop(conversation_id, None)
        if worker:
            worker.cancel()
        await self._erase_elsewhere(conversation_id)

    async def _erase_elsewhere(self, conversation_id: str) -> None:
        try:
            await self.rasa.forget(conversation_id)
            await self._db(self._knowledge.forget, conversation_id)
            await self._db(self.store.erased, conversation_id)
        except (PartDown, SQLAlchemyError):
            return

    async def _retry_erasures(self) -> None:
        while True:
            try:
                await self._db(self.store.drop_expired, knowledge.now())
                for conversation_id in await self._db(self.store.erasures):
                    await self._erase_elsewhere(conversation_id)
            except SQLAlchemyError as error:        # the database is away for a moment
                log.warning("erasures wait", reason=type(error).__name__)
            await asyncio.sleep(ERASE_RETRY_SECONDS)

    async def document(self, conversation_id: str, name: str) -> tuple[bytes, str, str]:
        """(content, media type, file name) of a page, by the name in its address. Raises Refused (404)."""
        id_, _, ending = name.partition(".")
        found = await self._db(self.store.document, conversation_id, id_[:64], knowledge.now()) if ending in pages.TYPES else None
        if found is None:
            raise Refused(404, phrase("no_document"))
        content = await asyncio.to_thread(pages.pdf, found.title, found.markdown) if ending == "pdf" else found.markdown.encode()
        return content, pages.TYPES[ending], pages.file_name(found.title, ending)

    # --- accepting

    async def accept_text(self, conversation_id: str, text: str, *, key: str | None = None) -> Inbox:
        """Typed text, durable when this returns. Raises Refused (413, 422)."""
        if len(text) > self.settings.max_text:
            raise Refused(413, phrase("too_long", max=self.settings.max_text))
        cleaned = clean(text)
        if not cleaned:
            return await self._accept(conversation_id, key, text="", payload=None, shown=None, reply="empty")
        return await self._accept(conversation_id, key, text=cleaned, payload=None, shown=cleaned)

    async def accept_button(self, conversation_id: str, token: str, *, key: str | None = None) -> Inbox:
        """A pressed button, durable when this returns; a used or foreign one is answered with one sentence."""
        button = await self._db(self.store.button, conversation_id, token[:64])
        if button is None:
            return await self._accept(conversation_id, key, text=None, payload=token[:64], shown=None, reply="unknown_button")
        if button.used_at is not None:
            known = await self._db(self.store.by_key, conversation_id, key) if key else None
            if known is None:
                return await self._accept(conversation_id, key, text=None, payload=button.payload, shown=None, reply="used_button")
        return await self._accept(conversation_id, key, text=None, payload=button.payload, shown=button.title, once=token if button.once else None)

    async def accept_payload(self, conversation_id: str, payload: str, *, shown: str, key: str) -> Inbox:
        """A payload of our own (a channel's command), durable when this returns. Never hand it what a person typed."""
        return await self._accept(conversation_id, key, text=None, payload=payload, shown=shown)

    async def accept_phrase(self, conversation_id: str, name: str, *, key: str) -> Inbox:
        """Says a phrase in turn: after the answers to all that was accepted before. Durable when this returns."""
        return await self._accept(conversation_id, key, text=None, payload=f"{PHRASE}{name}", shown=None)

    async def _accept(self, conversation_id: str, key: str | None, *, text: str | None, payload: str | None, shown: str | None,
                      once: str | None = None, reply: str | None = None) -> Inbox:
        now = knowledge.now()
        answer = partial(self._phrase_message, conversation_id, reply) if reply else None
        try:
            row, is_new = await self._db(self.store.accept, conversation_id, key=key or uuid4().hex, text=text, payload=payload, shown=shown,
                                         once=once, now=now, answer=answer)
        except stores.KeyReused:
            raise Refused(422, phrase("key_reused")) from None
        except IntegrityError:
            raise Refused(404, phrase("not_found")) from None
        if is_new:
            metrics.ACCEPTED.inc()
        if reply:
            self._was_said(conversation_id)
        elif is_new:
            self._answer_later(row)
        return row

    def _phrase_message(self, conversation_id: str, name: str, inbox_id: str) -> stores.NewMessage:
        return self._new_message(conversation_id, f"{inbox_id}0", {"text": phrase(name)})

    # --- answering

    def _answer_later(self, row: Inbox) -> None:
        self._waiting.setdefault(row.conversation_id, deque()).append(row)
        if row.conversation_id not in self._workers:
            self._workers[row.conversation_id] = asyncio.create_task(self._answer_in_order(row.conversation_id))

    async def _answer_in_order(self, conversation_id: str) -> None:
        waiting = self._waiting[conversation_id]
        while waiting:
            try:
                await self._answer_until_done(waiting[0])
            except SQLAlchemyError as error:        # locked, full or away: what was accepted waits
                log.error("database waits", conversation=conversation_id, reason=type(error).__name__)
                metrics.FAILURES.labels("database").inc()
                self._perhaps_sent.add(waiting[0].id)       # Rasa answered; what could not be stored was that answer
                await asyncio.sleep(1)
            else:
                waiting.popleft()
        del self._workers[conversation_id], self._waiting[conversation_id]

    async def _answer_until_done(self, row: Inbox) -> None:
        began, broken, attempt = time.monotonic(), 0, 0
        while True:
            try:
                messages = [message async for message in self._ask(row, again=attempt > 0 or row.id in self._perhaps_sent)]
                break
            except NotHandled as error:
                broken += 1
                log.warning("not handled", inbox=row.id, reason=str(error), attempt=broken)
                metrics.FAILURES.labels("message").inc()
                if broken >= POISON_ATTEMPTS:
                    messages = [self._new_message(row.conversation_id, f"{row.id}x", {"text": phrase("failed")})]
                    break
            except PartDown as error:
                metrics.FAILURES.labels(error.part).inc()
                if time.monotonic() - began >= self.settings.patience_seconds:
                    self._tell(row.id, error)
            await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1
        if not messages:
            messages = [self._new_message(row.conversation_id, f"{row.id}0", {"text": phrase("no_answer")})]
        now = knowledge.now()
        await self._db(self.store.finish, row, messages, now)
        self._perhaps_sent.discard(row.id)
        self._was_said(row.conversation_id)
        metrics.ANSWERED.inc()
        metrics.TURN_SECONDS.observe(time.monotonic() - began)
        self._tell(row.id, [_public(message.id, message.author, now, message.body) for message in messages])

    async def _ask(self, row: Inbox, *, again: bool) -> AsyncIterator[stores.NewMessage]:
        if row.payload and row.payload.startswith(PHRASE):
            yield self._phrase_message(row.conversation_id, row.payload.removeprefix(PHRASE), row.id)
            return
        number = 0
        async for said in self.rasa.send(row.conversation_id, row.id, text=row.text, payload=row.payload, again=again):
            message = self._new_message(row.conversation_id, f"{row.id}{number}", said)
            number += 1
            self._tell(row.id, _public(message.id, "bot", knowledge.now(), message.body))
            yield message

    def _tell(self, inbox_id: str, item: dict | PartDown | list[dict]) -> None:
        for queue in self._listeners.get(inbox_id, ()):
            queue.put_nowait(item)

    async def stream(self, row: Inbox) -> AsyncIterator[dict]:
        """Each answer to a message, as soon as it is known. Raises Refused (503) when it will take longer; the answer comes all the same."""
        queue: asyncio.Queue = asyncio.Queue()
        self._listeners.setdefault(row.id, set()).add(queue)
        seen: set[str] = set()
        try:
            deadline = time.monotonic() + self.settings.answer_seconds
            waits = any(other.id == row.id for other in self._waiting.get(row.conversation_id, ()))
            answers = None if waits else [_stored(message) for message in await self._db(self.store.answers, row.id) or []]
            while answers is None:
                try:
                    item = await asyncio.wait_for(queue.get(), deadline - time.monotonic())
                except TimeoutError:
                    raise Refused(503, phrase("busy"), retry_after=5) from None
                if isinstance(item, PartDown):
                    raise Refused(503, phrase("busy"), retry_after=5)
                if isinstance(item, list):
                    answers = item
                elif item["id"] not in seen:
                    seen.add(item["id"])
                    yield item
            for message in answers:
                if message["id"] not in seen:
                    yield message
        finally:
            self._listeners[row.id].discard(queue)
            if not self._listeners[row.id]:
                del self._listeners[row.id]

    # --- what is pushed

    async def _pump_outbox(self) -> None:
        while True:
            try:
                for outbox_id, sender_id, body in await self._db(self._knowledge.undelivered):
                    await self._say(sender_id, self._new_message(sender_id, f"push{outbox_id}", body))
                    await self._db(self._knowledge.delivered, outbox_id, knowledge.now())
            except Exception as error:      # the database is away for a moment; the outbox keeps what it holds
                log.warning("outbox waits", reason=type(error).__name__)
            await asyncio.sleep(PUMP_SECONDS)

    # --- messages

    def _new_message(self, conversation_id: str, message_id: str, said: dict) -> stores.NewMessage:
        """What was said as a Message of api.md, with a token in place of each button's payload. The same id gives the same tokens."""
        buttons = []
        for number, offered in enumerate(said.get("buttons") or []):
            made = hmac.new(self._secret, f"{conversation_id}:{message_id}:{number}".encode(), hashlib.sha256).hexdigest()[:32]
            buttons.append(Button(token=f"b_{made}", conversation_id=conversation_id, payload=offered["payload"], title=offered["title"],
                                  once=bool(offered.get("once"))))
        shown = [{"title": row.title, "payload": row.token} | ({"topic": offered["topic"]} if offered.get("topic") else {})
                 for row, offered in zip(buttons, said.get("buttons") or [])]
        made_pages = tuple(self._page(conversation_id, message_id, number, made) for number, made in enumerate(said.get("documents") or []))
        body = {
            "text": said.get("text") or "", "topic": said.get("topic"), "task": said.get("task"), "buttons": shown,
            "sources": said.get("sources") or [], "items": said.get("items") or [],
            "documents": [shown for page in made_pages for shown in _offered(page)],
            "image": said.get("image"),
        }
        return stores.NewMessage(message_id, "bot", body, tuple(buttons), made_pages)

    def _page(self, conversation_id: str, message_id: str, number: int, made: dict) -> StoredDocument:
        id_ = hmac.new(self._secret, f"{conversation_id}:{message_id}:document{number}".encode(), hashlib.sha256).hexdigest()[:32]
        return StoredDocument(id=id_, conversation_id=conversation_id, title=made["title"], markdown=made["markdown"],
                              expires_at=knowledge.now() + DOCUMENT_LIFE)


def _offered(page: StoredDocument) -> list[dict[str, str]]:
    """A page in both its forms, as api.md shows it."""
    address = f"/api/conversations/{page.conversation_id}/documents/{page.id}"
    return [{"title": page.title, "url": f"{address}.{ending}", "type": type_} for ending, type_ in pages.TYPES.items()]


_EMPTY: dict[str, Any] = {"topic": None, "task": None, "buttons": [], "sources": [], "items": [], "documents": [], "image": None}


def _public(message_id: str, author: str, at: Any, body: dict) -> dict:
    return {"id": message_id, "from": author, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **_EMPTY, **body}


def _stored(message: StoredMessage) -> dict:
    return _public(message.id, message.author, message.at, message.body)
