"""The channel and the gateway as a process that a test can kill: `python lesbrug_process.py <home> <address of the double> <token>`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import knowledge  # noqa: E402
from fastapi import FastAPI  # noqa: E402

from bot.gateway.service import Gateway  # noqa: E402
from bot.gateway.store import Store  # noqa: E402
from bot.settings import Settings  # noqa: E402
from bot.telegram.channel import TelegramChannel  # noqa: E402


class Rasa:
    async def send(self, conversation: str, message_id: str, *, text: str | None, payload: str | None, again: bool = True) -> AsyncIterator[dict]:
        await asyncio.sleep(0.02)
        yield {"text": f"Antwoord op {text}"}


async def main(home: str, address: str, token: str) -> None:
    settings = Settings(_env_file=None, home=home, telegram_token=token, telegram_api_url=address, rate_limit="off")
    gateway = Gateway(settings, store=Store(settings.gateway_url), knowledge_store=knowledge.Store(settings.knowledge_url), rasa=Rasa(),
                      button_secret="een geheim")
    await gateway.start()
    await TelegramChannel(settings, gateway).start(FastAPI())
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
