"""One update of Telegram, handed to the gateway. It is in the database when `Inbound.take` returns, and a second time has no effect."""

import asyncio
import re
from collections.abc import Coroutine

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update
from telegram.error import TelegramError

from bot.gateway.limits import Limits
from bot.gateway.models import Conversation, Inbox
from bot.gateway.service import Gateway, Refused, phrase
from bot.monitoring import metrics
from bot.settings import Settings
from bot.telegram.client import CHANNEL, Client, task
from bot.telegram.delivery import Delivery, external_id

PAYLOADS = {"help": "/bot-wat-kun-je", "privacy": "/bot-privacy", "mens": "/mens-spreken", "stop": "/stoppen"}
_COMMAND = re.compile(r"/(start|help|privacy|mens|stop|wissen)(?:@(\w+))?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
ATTEMPTS = 3                # an update that breaks us is let go after this many
REMEMBERED = 4096           # updates whose replay is known without asking the database
ERASED_WAIT_SECONDS = 3.0
log = structlog.get_logger()


class Inbound:
    def __init__(self, settings: Settings, gateway: Gateway, client: Client, delivery: Delivery) -> None:
        self._settings, self._gateway, self._client, self._delivery = settings, gateway, client, delivery
        self._limits = Limits(settings)
        self._taken: dict[int, asyncio.Task] = {}
        self._failed: dict[int, int] = {}
        self._told_busy: set[str] = set()
        self._background: set[asyncio.Task] = set()
        self.username: str | None = None        # of the bot, as soon as Telegram told it

    async def stop(self) -> None:
        busy = {taking for taking in self._taken.values() if not taking.done()}
        if busy:
            await asyncio.wait(busy, timeout=2)
        for each in (*self._background, *busy):
            each.cancel()
        await asyncio.gather(*self._background, *busy, return_exceptions=True)

    async def take(self, raw: dict) -> None:
        """Accepted when this returns. Raises what hinders it, as SQLAlchemyError: then the update must come again."""
        update_id = raw["update_id"]
        taking = self._taken.get(update_id)
        if taking is None:
            taking = self._taken[update_id] = task(self._handle(raw))
            while len(self._taken) > REMEMBERED:
                self._taken.pop(next(iter(self._taken)))
        try:
            await asyncio.shield(taking)      # who asks may go away; what was begun is finished
        except SQLAlchemyError:
            self._taken.pop(update_id, None)
            raise
        except Exception as error:
            self._taken.pop(update_id, None)
            attempt = self._failed[update_id] = self._failed.get(update_id, 0) + 1
            metrics.FAILURES.labels(CHANNEL).inc()
            log.error("update failed", channel=CHANNEL, reason=type(error).__name__, attempt=attempt)
            if attempt < ATTEMPTS:
                raise
        self._failed.pop(update_id, None)

    async def _handle(self, raw: dict) -> None:
        try:
            update = Update.de_json(raw, self._client)
        except Exception as error:      # something new of Telegram's, or nonsense: it may not hold up what comes after
            log.warning("unreadable update", channel=CHANNEL, reason=type(error).__name__)
            return
        if update.message and _is_own(update.message):
            await self._message(update.update_id, update.message)
        elif update.edited_message and _is_own(update.edited_message):
            await self._edited(update.update_id, update.edited_message)
        elif update.callback_query:
            await self._pressed(update.update_id, update.callback_query)
        elif update.my_chat_member:
            await self._member(update.update_id, update.my_chat_member)

    # --- messages

    async def _message(self, update_id: int, message: Message) -> None:
        command = self._command(message.text or "")
        if command == "wissen":
            await self._erase(update_id, message.chat.id)
            return
        conversation = await self._conversation(update_id, message.chat.id)
        if not await self._may(conversation, update_id):
            return
        if message.text is None:
            await self._gateway.say(conversation.id, phrase("telegram_not_text"), key=f"tg{update_id}")
        elif command == "start":
            await self._gateway.greet(conversation.id, key=_greeting(update_id))
        elif command:
            await self._ask(conversation, message.chat.id, update_id, PAYLOADS[command], shown=f"/{command}")
            if command == "stop":
                await self._gateway.accept_phrase(conversation.id, "telegram_stop", key=f"{_key(update_id)}:wissen")
        else:
            await self._text(conversation, message.chat.id, update_id, message.text)

    async def _text(self, conversation: Conversation, chat: int, update_id: int, text: str) -> None:
        try:
            row = await self._gateway.accept_text(conversation.id, text, key=_key(update_id))
        except Refused as refused:
            await self._refuse(conversation, update_id, refused)
        else:
            self._answering(row, chat)

    async def _ask(self, conversation: Conversation, chat: int, update_id: int, payload: str, *, shown: str) -> None:
        self._answering(await self._gateway.accept_payload(conversation.id, payload, shown=shown, key=_key(update_id)), chat)

    async def _edited(self, update_id: int, message: Message) -> None:
        if message.text is None and message.caption is None:        # a live location moves by itself
            return
        conversation = await self._conversation(update_id, message.chat.id)
        if await self._may(conversation, update_id):
            await self._gateway.say(conversation.id, phrase("telegram_edit"), key=f"tg{update_id}")

    def _command(self, text: str) -> str | None:
        """The command that `text` is, if it is one of ours. Words behind it make it a sentence, save behind /start."""
        found = _COMMAND.fullmatch(text.strip())
        if found is None:
            return None
        name, bot, words = found[1].lower(), found[2], found[3]
        if bot and self.username and bot.lower() != self.username.lower():
            return None
        return name if name == "start" or not words else None

    # --- buttons

    async def _pressed(self, update_id: int, query: CallbackQuery) -> None:
        self._behind(self._confirm_pressed(query.id))
        chat = query.message.chat if query.message else None
        if chat is None or chat.type != Chat.PRIVATE or query.from_user.id != chat.id:
            return
        conversation = await self._conversation(update_id, chat.id)
        if not await self._may(conversation, update_id):
            return
        token = query.data if query.data and query.data.isascii() and query.data.isprintable() else "?"
        try:
            row = await self._gateway.accept_button(conversation.id, token, key=_key(update_id))
        except Refused as refused:
            await self._refuse(conversation, update_id, refused)
        else:
            self._answering(row, chat.id)

    async def _confirm_pressed(self, query_id: str) -> None:
        try:
            await self._client.answer_callback_query(query_id)
        except TelegramError:       # too old, or Telegram is away: the clock on the button stops by itself
            return

    # --- what else can come

    async def _member(self, update_id: int, change: ChatMemberUpdated) -> None:
        """Somebody who unblocks the bot gets what waited. Of blocking, Telegram tells when we send."""
        if change.chat.type == Chat.PRIVATE and change.new_chat_member.status == ChatMember.MEMBER:
            if await self._gateway._db(self._gateway.store.by_external_id, external_id(change.chat.id)):
                await self._conversation(update_id, change.chat.id)

    async def _erase(self, update_id: int, chat: int) -> None:
        """Wipes the conversation and says so. A mark that names no person keeps a replay from wiping the next conversation."""
        store, mark = self._gateway.store, f"telegram_erased_{update_id}"
        state = await self._gateway._db(store.mark, mark)
        if state == "told":
            return
        if state is None:
            conversation = await self._gateway._db(store.by_external_id, external_id(chat))
            if conversation:
                await self._delivery.drop(conversation.id)
                await self._gateway.erase(conversation.id)
            await self._gateway._db(store.set_mark, mark, "erased")
        try:
            self._limits.check("erased", str(chat), self._settings.messages_per_minute)
        except Refused:
            return
        telling = self._behind(self._delivery.send_now(chat, phrase("telegram_erased")))
        await asyncio.wait({telling}, timeout=ERASED_WAIT_SECONDS)
        await self._gateway._db(store.set_mark, mark, "told")

    # --- shared

    async def _conversation(self, update_id: int, chat: int) -> Conversation:
        conversation = await self._gateway.of_chat(CHANNEL, external_id(chat), key=_greeting(update_id))
        self._delivery.serve(conversation.id)
        return conversation

    async def _may(self, conversation: Conversation, update_id: int) -> bool:
        """Whether this conversation may send one more message this minute; says so once a minute where it may not."""
        try:
            self._limits.check("messages", conversation.id, self._settings.messages_per_minute)
            return True
        except Refused as refused:
            try:
                self._limits.check("told", conversation.id, 1)
            except Refused:
                metrics.REFUSED.labels(str(refused.status)).inc()
            else:
                await self._refuse(conversation, update_id, refused)
            return False

    async def _refuse(self, conversation: Conversation, update_id: int, refused: Refused) -> None:
        metrics.REFUSED.labels(str(refused.status)).inc()
        await self._gateway.say(conversation.id, refused.detail, key=f"tg{update_id}")

    def _answering(self, row: Inbox, chat: int) -> None:
        if row.answered_at is None:
            self._delivery.typing(row.conversation_id, chat)
            self._behind(self._watch(row))

    async def _watch(self, row: Inbox) -> None:
        """Says once that an answer takes longer than the gateway's patience."""
        try:
            async for _ in self._gateway.stream(row):
                pass
            self._told_busy.discard(row.conversation_id)
        except Refused as refused:
            if row.conversation_id not in self._told_busy:
                self._told_busy.add(row.conversation_id)
                await self._gateway.say(row.conversation_id, refused.detail, key=f"{row.id}busy")
        except SQLAlchemyError:     # the gateway tells of that; the answer comes all the same
            return

    def _behind(self, work: Coroutine) -> asyncio.Task:
        made = task(work)
        self._background.add(made)
        made.add_done_callback(self._background.discard)
        return made


def _is_own(message: Message) -> bool:
    """Written by a person in their own chat with the bot; not in a group or channel."""
    return message.chat.type == Chat.PRIVATE and message.from_user is not None and not message.from_user.is_bot


def _key(update_id: int) -> str:
    return f"tg:{update_id}"


def _greeting(update_id: int) -> str:
    return f"tg{update_id}g"
