"""What stands before every request: how large a body may be, and what a browser may do with the page."""

import json
from collections.abc import Callable
from typing import Any

from bot.settings import Settings

_CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}")


class SecurityHeaders:
    """ASGI: only the embedded chat may be framed, by the sites of LESBRUG_FRAME_ANCESTORS; the page itself by nobody."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        self._page, self._embedded = (
            [(b"content-security-policy", _CSP.format(ancestors=ancestors).encode()), (b"x-content-type-options", b"nosniff"),
             (b"referrer-policy", b"no-referrer"), (b"permissions-policy", b"camera=(), microphone=(), geolocation=()")]
            for ancestors in ("'none'", settings.frame_ancestors))

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        added = list(self._embedded if path == "/static/embed.html" else self._page)
        added.append((b"cache-control", b"no-store" if path.startswith("/api") else b"no-cache"))
        if path == "/embed.js":
            added.append((b"cross-origin-resource-policy", b"cross-origin"))

        async def with_headers(message: dict) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in added}
                message["headers"] = [header for header in message["headers"] if header[0].lower() not in names] + added
            await send(message)

        await self.app(scope, receive, with_headers)


WEBHOOK_BYTES = 256 * 1024      # Telegram's own JSON around 4,096 characters, which it writes as \uXXXX


class BodyLimit:
    """ASGI: refuses a body over `max_bytes` with 413, also one that does not tell its length, before it is read into memory."""

    def __init__(self, app: Any, max_bytes: int, detail: str) -> None:
        self.app, self.max_bytes, self.detail = app, max_bytes, detail

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = WEBHOOK_BYTES if scope["path"].startswith("/telegram/") else self.max_bytes
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > limit:
            await self._refuse(send)
            return
        body, more = b"", scope["method"] in ("POST", "PUT", "PATCH")
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await self._refuse(send)
                return
        given = False

        async def replay() -> dict:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": body, "more_body": False}
            return await receive()

        await self.app(scope, replay, send)

    async def _refuse(self, send: Callable) -> None:
        content = json.dumps({"type": "about:blank", "title": "Te groot", "status": 413, "detail": self.detail}, ensure_ascii=False).encode()
        await send({"type": "http.response.start", "status": 413, "headers": [
            (b"content-type", b"application/problem+json"), (b"content-length", str(len(content)).encode()), (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": content})
