"""The gateway's line to Rasa: signed, streamed, and with every failure told apart."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import httpx


_PARTS = {"actions": "actions", "memory": "rasa"}       # what Rasa's channel says it waits for


class PartDown(Exception):
    """Rasa or the action server cannot answer now; the same message can be sent again later. `part` names it."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class NotHandled(Exception):
    """Rasa is there, but this message breaks it."""


class RasaClient:
    def __init__(self, *, port: int, secret: str, seconds: float) -> None:
        self._secret = secret
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/webhooks/lesbrug", timeout=httpx.Timeout(seconds, connect=2),
                                       limits=httpx.Limits(max_connections=64, max_keepalive_connections=32), trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    def _signature(self, body: bytes) -> dict[str, str]:
        return {"x-lesbrug-signature": hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()}

    async def send(self, conversation: str, message_id: str, *, text: str | None, payload: str | None, again: bool = True) -> AsyncIterator[dict]:
        """Each message as soon as Rasa says it. `again`: Rasa may have had this message before. Raises PartDown or NotHandled."""
        content = {"payload": payload} if payload is not None else {"text": text}
        body = json.dumps({"conversation": conversation, "message_id": message_id, "again": again, **content}).encode()
        try:
            async with self._http.stream("POST", "/messages", content=body, headers=self._signature(body)) as response:
                if response.status_code != 200:
                    raise PartDown("rasa") if response.status_code in (404, 503) else NotHandled(str(response.status_code))
                async for line in response.aiter_lines():
                    item = json.loads(line)
                    if item.get("done"):
                        return
                    if "error" in item:
                        raise PartDown(_PARTS[item["error"]]) if item["error"] in _PARTS else NotHandled(item["error"])
                    yield item
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise PartDown("rasa") from error
        raise PartDown("rasa")      # the stream ended before it was done

    async def ready(self) -> bool:
        try:
            response = await self._http.get("/ready", headers=self._signature(b"ready"))
        except httpx.HTTPError:
            return False
        return response.status_code == 200

    async def forget(self, conversation: str) -> None:
        """Wipes Rasa's memory of a conversation. Raises PartDown."""
        try:
            response = await self._http.delete(f"/conversations/{conversation}", headers=self._signature(conversation.encode()))
        except httpx.HTTPError as error:
            raise PartDown("rasa") from error
        if response.status_code != 204:
            raise PartDown("rasa")
