"""A local double of Telegram's Bot API: it keeps updates until they are confirmed, refuses what Telegram refuses, and fails on request."""

import asyncio
import itertools
import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs

import uvicorn

POLL_STEP = 0.01


@dataclass
class Call:
    """One request that took effect."""

    method: str
    at: float
    values: dict[str, Any]

    @property
    def chat(self) -> int:
        return int(self.values["chat_id"])

    @property
    def text(self) -> str:
        return self.values["text"]

    @property
    def buttons(self) -> list[tuple[str, str]]:
        markup = self.values.get("reply_markup") or {"inline_keyboard": []}
        assert all(len(row) == 1 for row in markup["inline_keyboard"]), "one button a row"
        return [(button["text"], button["callback_data"]) for row in markup["inline_keyboard"] for button in row]


@dataclass
class Fault:
    """What goes wrong instead: an error of Telegram's, or a connection that breaks before or after the effect."""

    status: int = 0
    description: str = ""
    retry_after: int | None = None
    drop: bool = False
    after_effect: bool = False
    chat: int | None = None


TOO_MANY = "Too Many Requests: retry later"
BLOCKED = "Forbidden: bot was blocked by the user"
CANNOT_PARSE = "Bad Request: can't parse entities"


@dataclass
class BotApi:
    token: str = "123456:een-geheime-sleutel"
    username: str = "LesbrugBot"
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    updates: list[dict] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    refuses: Callable[[dict], bool] = lambda values: False      # a text for which sendMessage answers 400
    down: bool = False
    webhook: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(700_000_001))

    # --- what a person does

    def write(self, chat: int, text: str) -> dict:
        return self.message(chat, text=text)

    def message(self, chat: int, **content: Any) -> dict:
        return self.update(message=self._message(chat, **content))

    def edit(self, chat: int, text: str) -> dict:
        return self.update(edited_message=self._message(chat, text=text, edit_date=int(time.time())))

    def press(self, chat: int, data: str, *, by: int | None = None) -> dict:
        return self.update(callback_query={
            "id": str(next(self._numbers)), "from": self._user(by or chat), "chat_instance": "1", "data": data,
            "message": self._message(chat, text="…")})

    def unblock(self, chat: int) -> dict:
        self.blocked.discard(chat)
        user = {"id": 123456, "is_bot": True, "first_name": "Lesbrug"}
        return self.update(my_chat_member={
            "chat": {"id": chat, "type": "private"}, "from": self._user(chat), "date": int(time.time()),
            "old_chat_member": {"user": user, "status": "kicked", "until_date": 0}, "new_chat_member": {"user": user, "status": "member"}})

    def update(self, **content: Any) -> dict:
        made = {"update_id": next(self._numbers), **content}
        self.updates.append(made)
        return made

    def _message(self, chat: int, **content: Any) -> dict:
        kind = {"id": chat, "type": "private", "first_name": "Sanne"} if chat > 0 else {"id": chat, "type": "supergroup", "title": "Groep"}
        return {"message_id": next(self._numbers), "date": int(time.time()), "chat": kind, "from": self._user(abs(chat)), **content}

    @staticmethod
    def _user(number: int) -> dict:
        return {"id": number, "is_bot": False, "first_name": "Sanne", "language_code": "nl"}

    # --- what was received

    def sent(self, chat: int) -> list[Call]:
        return [call for call in list(self.calls) if call.method == "sendMessage" and call.chat == chat]

    def texts(self, chat: int) -> list[str]:
        return [call.text for call in self.sent(chat)]

    def files(self, chat: int) -> list[tuple[str, bytes]]:
        """(name, content) of each file that was sent."""
        return [next(value for value in call.values.values() if isinstance(value, tuple)) for call in self.of("sendDocument") if call.chat == chat]

    def of(self, method: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method == method]

    # --- what goes wrong

    def fail(self, method: str, *faults: Fault) -> None:
        """The next requests of this method go wrong in this way, one after the other."""
        self.faults[method].extend(faults)

    def _fault(self, method: str, values: dict) -> Fault | None:
        if self.down:
            return Fault(drop=True)
        for fault in self.faults[method]:
            if fault.chat is None or str(fault.chat) == str(values.get("chat_id")):
                self.faults[method].remove(fault)
                return fault
        return None

    # --- the interface

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            return
        token, _, method = scope["path"].removeprefix("/bot").rpartition("/")
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        values = _form(dict(scope["headers"]).get(b"content-type", b"").decode(), body)
        fault = self._fault(method, values)
        if fault and fault.drop and not fault.after_effect:
            return await self._break(send)
        if fault and fault.status:
            return await self._answer(send, fault.status, _error(fault.status, fault.description, fault.retry_after))
        if token != self.token:
            return await self._answer(send, 401, _error(401, "Unauthorized"))
        status, answer = await self._do(method, values)
        if fault and fault.drop:
            return await self._break(send)
        await self._answer(send, status, answer)

    async def _do(self, method: str, values: dict) -> tuple[int, dict]:
        if method == "getUpdates":
            return 200, _ok(await self._wait_for_updates(values))
        refused = self._refused(values) if method == "sendMessage" else None
        if refused:
            return refused["error_code"], refused
        self.calls.append(Call(method, time.monotonic(), values))
        if method == "getMe":
            return 200, _ok({"id": 123456, "is_bot": True, "first_name": "Lesbrug", "username": self.username})
        if method == "sendDocument":
            chat = {"id": int(values["chat_id"]), "type": "private"}
            return 200, _ok({"message_id": next(self._numbers), "date": int(time.time()), "chat": chat})
        if method == "sendMessage":
            chat = {"id": int(values["chat_id"]), "type": "private"}
            return 200, _ok({"message_id": next(self._numbers), "date": int(time.time()), "chat": chat, "text": values["text"]})
        if method == "setWebhook":
            self.webhook = values["url"]
        if method == "deleteWebhook":
            self.webhook = ""
            if values.get("drop_pending_updates") in (True, "true"):
                self.updates.clear()
        known = method in ("setWebhook", "deleteWebhook", "sendChatAction", "answerCallbackQuery")
        return (200, _ok(True)) if known else (404, _error(404, "Not Found"))

    def _refused(self, values: dict) -> dict | None:
        text = str(values.get("text", ""))
        if int(values["chat_id"]) in self.blocked:
            return _error(403, BLOCKED)
        if not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _error(400, "Bad Request: message is too long")
        keyboard = (values.get("reply_markup") or {}).get("inline_keyboard", [])
        if any(len(button["callback_data"].encode()) > 64 for row in keyboard for button in row):
            return _error(400, "Bad Request: BUTTON_DATA_INVALID")
        if self.refuses(values):
            return _error(400, CANNOT_PARSE)
        return None

    async def _wait_for_updates(self, values: dict) -> list[dict]:
        offset = int(values.get("offset", 0))
        if offset:
            self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]      # confirmed: gone
        until = time.monotonic() + int(values.get("timeout", 0))
        while not self.updates and time.monotonic() < until:
            await asyncio.sleep(POLL_STEP)
        return self.updates[:100]

    async def _answer(self, send: Callable, status: int, answer: dict) -> None:
        content = json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": status, "headers": [
            (b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]})
        await send({"type": "http.response.body", "body": content})

    async def _break(self, send: Callable) -> None:
        """Promises more than it sends, upon which the server closes the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b""})


def _form(content_type: str, body: bytes) -> dict[str, Any]:
    """The fields of a call; a file as (name, content)."""
    if not content_type.startswith("multipart/form-data"):
        return {name: _value(given[0]) for name, given in parse_qs(body.decode(), keep_blank_values=True).items()}
    parts = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body).iter_parts()
    return {part.get_param("name", header="content-disposition"):
            (part.get_filename(), part.get_payload(decode=True)) if part.get_filename() else _value(part.get_content().rstrip("\r\n")) for part in parts}


def _value(given: str) -> Any:
    try:
        return json.loads(given) if given[:1] in "[{" else given
    except ValueError:
        return given


def _ok(result: Any) -> dict:
    return {"ok": True, "result": result}


def _error(status: int, description: str, retry_after: int | None = None) -> dict:
    told = {"parameters": {"retry_after": retry_after}} if retry_after else {}
    return {"ok": False, "error_code": status, "description": description} | told


@contextmanager
def serving() -> Iterator[BotApi]:
    """The double, served on a free port."""
    api = BotApi()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(api, log_config=None, log_level="critical", access_log=False, lifespan="off", ws="none",
                                               timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        api.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield api
        server.should_exit = server.force_exit = True
        thread.join(timeout=5)
