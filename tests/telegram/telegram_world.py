"""A real channel and a real gateway on a database of their own, between a double of Telegram and a double of Rasa."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import knowledge
from bot_api import BotApi
from fastapi import FastAPI

from bot.gateway.rasa_client import PartDown
from bot.gateway.service import PHRASES, Gateway
from bot.gateway.store import Store
from bot.settings import Settings
from bot.telegram.channel import TelegramChannel

HELLO = PHRASES["greeting"]["text"].split("\n")[0]


@dataclass
class FakeRasa:
    """Says what `replies` holds for a text or payload, else repeats it."""

    replies: dict[str, list[dict]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)       # (conversation, text or payload)
    forgotten: list[str] = field(default_factory=list)
    seconds: float = 0.0
    down: bool = False

    async def send(self, conversation: str, message_id: str, *, text: str | None, payload: str | None, again: bool = True) -> AsyncIterator[dict]:
        if self.down:
            raise PartDown("rasa")
        await asyncio.sleep(self.seconds)
        said = payload if payload is not None else text
        self.asked.append((conversation, said))
        for reply in self.replies.get(said, [{"text": f"Antwoord op {said}"}]):
            yield reply

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    async def ready(self) -> bool:
        return not self.down

    async def close(self) -> None:
        return


@dataclass
class Life:
    """One process, from its start to its end."""

    gateway: Gateway
    channel: TelegramChannel
    app: FastAPI


@dataclass
class World:
    """What outlives a process: Telegram, Rasa, the databases."""

    api: BotApi
    home: Path
    rasa: FakeRasa = field(default_factory=FakeRasa)
    given: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        return Settings(_env_file=None, **({"home": self.home, "telegram_token": self.api.token, "telegram_api_url": self.api.url,
                                            "rate_limit": "off", "patience_seconds": 0.2} | self.given))

    def gateway(self) -> Gateway:
        settings = self.settings()
        return Gateway(settings, store=Store(settings.gateway_url), knowledge_store=knowledge.Store(settings.knowledge_url), rasa=self.rasa,
                       button_secret="een geheim")

    @asynccontextmanager
    async def life(self, *, dies: bool = False, before: Callable[[Life], None] | None = None) -> AsyncIterator[Life]:
        gateway = self.gateway()
        lived = Life(gateway, TelegramChannel(self.settings(), gateway), FastAPI())
        if before:
            before(lived)
        await gateway.start()
        await lived.channel.start(lived.app)
        try:
            yield lived
        finally:
            if not dies:        # else the event loop is gone without a word, as with `kill -9`
                await lived.channel.stop()
                await gateway.stop()

    def run(self, story: Callable[[Life], Awaitable[None]], *, dies: bool = False, before: Callable[[Life], None] | None = None) -> None:
        """Lives one process through `story`."""

        async def one_life() -> None:
            async with self.life(dies=dies, before=before) as lived:
                await story(lived)

        asyncio.run(one_life())

    def answers(self, chat: int) -> list[str]:
        """What the chat received, save greetings."""
        return [text for text in self.api.texts(chat) if not text.startswith(HELLO)]

    def conversation(self, chat: int) -> Any:
        store = Store(self.settings().gateway_url)
        try:
            return store.by_external_id(f"tg:{chat}")
        finally:
            store.close()


async def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Waits until it is so; fails with what it waited for."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


async def quiet(seconds: float = 0.4) -> None:
    """Time in which something that should not come would come."""
    await asyncio.sleep(seconds)
