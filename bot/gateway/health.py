"""Can a question be answered now? Asked of every part, and proved with a question of our own."""

import asyncio
import time
from uuid import uuid4

from bot.gateway.rasa_client import NotHandled, PartDown
from bot.gateway.service import Gateway
from bot.settings import Settings

CANARY_QUESTION = "wat is het pdg?"
CANARY_TOPIC = "pdg-wat"
CANARY_SECONDS = 60     # a proof is good for this long, as long as the parts say that they are there
KEPT_SECONDS = 1


class Health:
    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self._settings, self._gateway = settings, gateway
        self._lock = asyncio.Lock()
        self._kept: tuple[float, dict[str, bool]] = (float("-inf"), {})
        self._proved_at = float("-inf")

    async def parts(self) -> dict[str, bool]:
        """Part → ready. `answers` tells whether the canary question got its answer, which asks the model and the actions."""
        async with self._lock:
            at, parts = self._kept
            if time.monotonic() - at > KEPT_SECONDS:
                parts = {"database": await self._gateway.can_write(), "model": await self._gateway.rasa.ready(), "actions": await self._actions()}
                parts["answers"] = parts["model"] and parts["actions"] and await self._canary()
                self._kept = (time.monotonic(), parts)
            return parts

    async def _canary(self) -> bool:
        if time.monotonic() - self._proved_at < CANARY_SECONDS:
            return True
        conversation = f"canary{uuid4().hex[:16]}"
        try:
            said = [message async for message in self._gateway.rasa.send(conversation, uuid4().hex, text=CANARY_QUESTION, payload=None)]
            await self._gateway.rasa.forget(conversation)
        except (PartDown, NotHandled):
            return False
        if any(message.get("topic") == CANARY_TOPIC for message in said):
            self._proved_at = time.monotonic()
            return True
        return False

    async def _actions(self) -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self._settings.actions_port), 1)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True
