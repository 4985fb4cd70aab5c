"""Rasa's only entrance: typed text and buttons as different fields, signed by the gateway, answers as lines of JSON.

POST /webhooks/lesbrug/messages    {"conversation", "message_id", "again", "text" | "payload"} → one JSON line a message, then {"done": true}
DELETE /webhooks/lesbrug/conversations/<id>
GET  /webhooks/lesbrug/ready       is a model loaded

A message_id that was handled before is not handled again: what was said then is said once more.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import hmac
import inspect
import json
import logging
import os
from asyncio import CancelledError, Queue, create_task
from functools import lru_cache
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream

from bot.rasa_channel import patches
from bot.rasa_channel.tracker_store import LesbrugTrackerStore, MemoryUnavailable

logger = logging.getLogger(__name__)
patches.apply()

SIGNATURE_HEADER = "x-lesbrug-signature"
SLASHES = "/／⁄∕"
_END = object()


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def typed(text: str) -> str:
    """Text that a person typed, with nothing that Rasa would take for a command."""
    return text.strip().lstrip(SLASHES + " \t\n").strip()


def as_message(data: Dict[Text, Any]) -> Dict[Text, Any]:
    """What an action or response said, as one message: text, buttons and the answer's own data."""
    return {"text": data.get("text") or "", "buttons": data.get("buttons") or [], **(data.get("custom") or {})}


class LinesOutput(OutputChannel):
    """Each thing said becomes one message in the queue, at once."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    @classmethod
    def name(cls) -> Text:
        return "lesbrug"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        await self.queue.put(as_message(message))


class GatewayInput(InputChannel):
    """Trusts whoever signs with the gateway's secret, and nobody else."""

    @classmethod
    def name(cls) -> Text:
        return "lesbrug"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> GatewayInput:
        secret = os.environ.get("LESBRUG_RASA_SECRET", "")
        if len(secret) < 16:
            raise ValueError("LESBRUG_RASA_SECRET ontbreekt of is te kort")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def _signed(self, request: Request, body: bytes) -> bool:
        return hmac.compare_digest(request.headers.get(SIGNATURE_HEADER, "").encode(), signature(self._secret, body).encode())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("lesbrug_webhook", inspect.getmodule(self).__name__)

        @blueprint.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            if not self._signed(request, b"ready"):
                return response.json({"error": "geen toegang"}, status=401)
            agent = request.app.ctx.agent
            # Rasa takes a store in memory when it cannot load the one asked for: that would be amnesia, so it is not ready then
            is_ready = bool(agent and agent.is_ready()) and isinstance(_stock(agent.tracker_store), LesbrugTrackerStore)
            if is_ready:
                _give_back_memory()
            return response.json({"ready": is_ready}, status=200 if is_ready else 503)

        @blueprint.delete("/conversations/<conversation:str>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if not self._signed(request, conversation.encode()):
                return response.json({"error": "geen toegang"}, status=401)
            agent = request.app.ctx.agent
            async with agent.lock_store.lock(conversation):         # a turn that is under way would be saved after this
                await _stock(agent.tracker_store).delete(conversation)
            return response.empty()

        @blueprint.post("/messages")
        async def messages(request: Request) -> Any:
            if not self._signed(request, request.body):
                return response.json({"error": "geen toegang"}, status=401)
            body = json.loads(request.body)
            conversation, message_id = body["conversation"], body["message_id"]
            agent = request.app.ctx.agent
            if not (agent and agent.is_ready()):
                return response.json({"error": "model"}, status=503)
            try:
                said = _said_before(await _stock(agent.tracker_store).whole(conversation), message_id) if body["again"] else None
            except MemoryUnavailable:
                return response.json({"error": "memory"}, status=503)
            queue: Queue = Queue()
            text = body["payload"] if "payload" in body else typed(body["text"])

            async def handle() -> None:
                try:
                    if said is not None:
                        for message in said:
                            await queue.put(message)
                    else:
                        await on_new_message(UserMessage(text, LinesOutput(queue), conversation, input_channel=self.name(), message_id=message_id))
                    await queue.put({"done": True})
                except patches.ActionServerUnavailable as error:
                    await queue.put({"error": "actions", "action": str(error)})
                except MemoryUnavailable:
                    await queue.put({"error": "memory"})
                except CancelledError:
                    raise
                except Exception as error:          # one clear line to the gateway; the message text stays out of the log
                    logger.error("a message was not handled: %s", type(error).__name__)
                    await queue.put({"error": "rasa"})
                finally:
                    await queue.put(_END)

            async def stream(out: Any) -> None:
                task = create_task(handle())
                while (item := await queue.get()) is not _END:
                    await out.write(json.dumps(item, ensure_ascii=False) + "\n")
                await task

            return ResponseStream(stream, content_type="application/x-ndjson")

        return blueprint


@lru_cache(maxsize=1)
def _give_back_memory() -> None:
    """Once, after loading: what reading the model left behind goes back to the machine."""
    gc.collect()
    gc.freeze()
    ctypes.CDLL(None).malloc_trim(0)


def _stock(store: Any) -> Any:
    """The store itself: Rasa wraps it in layers that await and fall back."""
    for name in ("_tracker_store",):
        store = getattr(store, name, store)
    return store


def _said_before(tracker: Any, message_id: str) -> Optional[List[Dict[Text, Any]]]:
    """What was answered to this message when it was handled before; None where it never was."""
    if tracker is None:
        return None
    events = list(tracker.events)
    for number, event in enumerate(events):
        if isinstance(event, UserUttered) and event.message_id == message_id:
            said = []
            for later in events[number + 1:]:
                if isinstance(later, UserUttered):
                    break
                if isinstance(later, BotUttered):
                    said.append(as_message({"text": later.text, **(later.data or {})}))
            return said
    return None


def main() -> None:
    """Starts `rasa run` for the model named in LESBRUG_MODEL: that file and no other."""
    model = os.environ["LESBRUG_MODEL"]
    if not os.path.isfile(model):
        raise SystemExit(f"het model {model} bestaat niet: ./lesbrug train maakt het")
    import sys

    from rasa.__main__ import main as rasa

    sys.argv = ["rasa", "run", "--interface", "127.0.0.1", "--port", os.environ["LESBRUG_RASA_PORT"], "--model", model,
                "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    rasa()


if __name__ == "__main__":
    main()
