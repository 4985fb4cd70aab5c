"""What stands before every request: how large a body may be, and what a browser may do with the page."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from bot.settings import Settings

_CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}")


def security_headers(settings: Settings) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Only the embedded chat may be framed, by the sites of LESBRUG_FRAME_ANCESTORS; the page itself by nobody."""

    async def add(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        embedded = request.url.path == "/static/embed.html"
        response.headers["Content-Security-Policy"] = _CSP.format(ancestors=settings.frame_ancestors if embedded else "'none'")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        response.headers["Cache-Control"] = "no-store" if request.url.path.startswith("/api") else "no-cache"
        if request.url.path == "/embed.js":
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return add


WEBHOOK_BYTES = 256 * 1024      # Telegram's own JSON around 4,096 characters, which it writes as \\uXXXX


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
