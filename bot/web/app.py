"""The web front end: the interface of api.md, the page, and what a watchman needs. `python -m bot.web.app`."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import knowledge
import prometheus_client
import structlog
import uvicorn
from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.sse import EventSourceResponse
from starlette.exceptions import HTTPException

from bot.gateway.health import Health
from bot.gateway.limits import Limits
from bot.gateway.rasa_client import RasaClient
from bot.gateway.service import Gateway, Refused, phrase
from bot.gateway.store import Store
from bot.monitoring import logs, metrics
from bot.settings import LOOPBACK, Settings, SettingsError, load
from bot.web.shield import BodyLimit, SecurityHeaders

STATIC = Path(__file__).parent / "static"
PROBLEM = "application/problem+json"
log = structlog.get_logger()


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class ButtonOut(BaseModel):
    title: str
    payload: str
    topic: str | None = None


class SourceOut(BaseModel):
    title: str
    url: str
    as_of: str


class MessageOut(BaseModel):
    """One message of the conversation; a user's holds text only."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    author: Literal["user", "bot", "staff"] = Field(alias="from")
    at: str
    text: str
    topic: str | None
    task: str | None
    buttons: list[ButtonOut]
    sources: list[SourceOut]
    items: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    image: dict[str, Any] | None


class ConversationOut(BaseModel):
    id: str
    token: str
    messages: list[MessageOut]


class MessagesOut(BaseModel):
    messages: list[MessageOut]


class MessageIn(BaseModel):
    """Typed text, or the payload of a button that this conversation was offered."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(strict=True)] | None = None
    payload: Annotated[str, Field(strict=True, max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "MessageIn":
        if (self.text is None) == (self.payload is None):
            raise ValueError("geef text of payload, en niet allebei")
        return self


TITLES = {400: "Niet te lezen", 401: "Geen toegang", 404: "Niet gevonden", 405: "Kan hier niet", 413: "Te groot", 415: "Niet te lezen",
          422: "Niet te lezen", 429: "Te snel", 500: "Er ging iets mis", 503: "Lukt nu niet"}
_ERRORS = {code: {"model": Problem, "content": {PROBLEM: {}}, "description": TITLES[code]} for code in (400, 401, 404, 413, 422, 429, 503)}


def problem(status: int, detail: str, retry_after: int | None = None) -> JSONResponse:
    metrics.REFUSED.labels(str(status)).inc()
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    body = Problem(title=TITLES.get(status, "Lukt niet"), status=status, detail=detail).model_dump()
    return JSONResponse(body, status, headers, PROBLEM)


def _bearer(header: str | None) -> str | None:
    kind, _, token = (header or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _json(item: object) -> str:
    return json.dumps(item, ensure_ascii=False)


def make_gateway(settings: Settings) -> Gateway:
    """The gateway on the databases and the Rasa of these settings."""
    return Gateway(settings, store=Store(settings.gateway_url), knowledge_store=knowledge.Store(settings.knowledge_url),
                   rasa=RasaClient(port=settings.rasa_port, secret=settings.secret("rasa"), seconds=settings.answer_seconds),
                   button_secret=settings.secret("knoppen"))


def make_app(settings: Settings, gateway: Gateway) -> FastAPI:
    """The whole front end. Telegram joins where a token is set."""
    limits = Limits(settings)
    health = Health(settings, gateway)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await gateway.start()
            stack.push_async_callback(gateway.stop)
            if settings.telegram_token:
                from bot.telegram.channel import TelegramChannel

                channel = TelegramChannel(settings, gateway)
                await channel.start(app)
                stack.push_async_callback(channel.stop)
            yield

    app = FastAPI(title="Lesbrug", version="1.0.0", lifespan=lifespan, docs_url=None, redoc_url=None,
                  description="De openbare interface van Lesbrug. Fouten zijn problem+json (RFC 9457), in het Nederlands.")
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, detail=phrase("body_too_large"))
    app.add_middleware(SecurityHeaders, settings=settings)

    @app.exception_handler(Refused)
    async def _refused(_: Request, error: Refused) -> JSONResponse:
        return problem(error.status, error.detail, error.retry_after)

    @app.exception_handler(RequestValidationError)
    async def _unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, phrase("unreadable"))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        details = {404: "no_page", 405: "wrong_method", 413: "body_too_large"}
        return problem(error.status_code, phrase(details.get(error.status_code, "unreadable")))

    @app.exception_handler(SQLAlchemyError)
    async def _database(_: Request, error: SQLAlchemyError) -> JSONResponse:
        metrics.FAILURES.labels("database").inc()
        log.error("database", reason=type(error).__name__)
        return problem(503, phrase("busy_unsaved"), 5)

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, error: Exception) -> JSONResponse:
        number = uuid.uuid4().hex[:8]
        log.error("unexpected", error_id=number, reason=type(error).__name__)
        return problem(500, phrase("unexpected"))

    @app.get("/healthz", tags=["wacht"])
    async def healthz() -> dict[str, str]:
        """200 as soon as the process serves."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["wacht"], responses={503: {"description": "Een deel is niet klaar"}})
    async def readyz() -> JSONResponse:
        """200 only when a question can be answered now; else 503 with the parts that are not ready."""
        parts = await health.parts()
        ready = all(parts.values())
        return JSONResponse({"ready": ready, "parts": parts, "not_ready": [name for name, fine in parts.items() if not fine]}, 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    async def read_metrics(request: Request) -> Response:
        if (request.client and request.client.host not in LOOPBACK) or "x-forwarded-for" in request.headers:
            raise HTTPException(404)
        metrics.PENDING.set(await asyncio.to_thread(gateway.store.pending_count))
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    @app.post("/api/conversations", status_code=201, response_model=ConversationOut, responses={429: _ERRORS[429], 503: _ERRORS[503]}, tags=["gesprek"])
    async def open_conversation(request: Request) -> Any:
        """A new conversation and its greeting. Only the holder of the token can read or continue it."""
        limits.check_client("conversations", request, settings.conversations_per_minute)
        conversation, token, greeting = await gateway.open("web")
        return {"id": conversation.id, "token": token, "messages": [greeting]}

    @app.post("/api/conversations/{conversation_id}/messages", response_model=MessagesOut, responses=_ERRORS, tags=["gesprek"])
    async def send_message(
        request: Request, conversation_id: str, body: MessageIn,
        authorization: Annotated[str | None, Header()] = None,
        idempotency_key: Annotated[str | None, Header()] = None,
        accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Any:
        """Typed text or a button. With `Accept: text/event-stream` the answers come as events typing, message, done and error."""
        conversation = await gateway.authorised(conversation_id, _bearer(authorization))
        if idempotency_key is not None and not (0 < len(idempotency_key) <= 128 and idempotency_key.isprintable() and idempotency_key.isascii()):
            raise Refused(422, phrase("bad_key"))
        limits.check("messages", conversation.id, settings.messages_per_minute)
        if body.payload is not None:
            row = await gateway.accept_button(conversation.id, body.payload, key=idempotency_key)
        else:
            row = await gateway.accept_text(conversation.id, body.text or "", key=idempotency_key)
        if "text/event-stream" in (accept or ""):
            return EventSourceResponse(_events(row), sep="\n", ping=15)
        return {"messages": [message async for message in gateway.stream(row)]}

    async def _events(row: Any) -> AsyncIterator[dict]:
        with limits.stream(row.conversation_id):
            yield {"event": "typing", "data": "{}"}
            try:
                async for message in gateway.stream(row):
                    yield {"event": "message", "data": _json(MessageOut.model_validate(message).model_dump(by_alias=True, exclude_none=False))}
            except Refused as error:
                yield {"event": "error", "data": _json(Problem(title=TITLES[error.status], status=error.status, detail=error.detail).model_dump())}
                return
            yield {"event": "done", "data": "{}"}

    @app.get("/api/conversations/{conversation_id}/messages", response_model=MessagesOut, responses=_ERRORS, tags=["gesprek"])
    async def read_messages(conversation_id: str, after: str | None = None, authorization: Annotated[str | None, Header()] = None) -> Any:
        """The conversation so far, both sides; with `after`, what came since that message."""
        conversation = await gateway.authorised(conversation_id, _bearer(authorization))
        limits.check("reads", conversation.id, settings.reads_per_minute)
        return {"messages": await gateway.history(conversation.id, after)}

    @app.get("/api/conversations/{conversation_id}/documents/{document_id}", responses=_ERRORS, tags=["gesprek"])
    async def read_document(conversation_id: str, document_id: str, authorization: Annotated[str | None, Header()] = None) -> Response:
        """A page made for this conversation, as PDF or Markdown; it expires."""
        conversation = await gateway.authorised(conversation_id, _bearer(authorization))
        limits.check("reads", conversation.id, settings.reads_per_minute)
        content, media_type, name = await gateway.document(conversation.id, document_id)
        return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @app.delete("/api/conversations/{conversation_id}", status_code=204, responses=_ERRORS, tags=["gesprek"])
    async def erase(conversation_id: str, authorization: Annotated[str | None, Header()] = None) -> Response:
        """Wipes the conversation and what was kept of it."""
        conversation = await gateway.authorised(conversation_id, _bearer(authorization))
        await gateway.erase(conversation.id)
        return Response(status_code=204)

    @app.get("/", response_class=HTMLResponse, tags=["pagina"])
    async def page() -> FileResponse:
        """The demonstration page with the chat on it."""
        return FileResponse(STATIC / "index.html")

    @app.get("/embed.js", response_class=Response, responses={200: {"content": {"text/javascript": {}}}}, tags=["pagina"])
    async def embed() -> FileResponse:
        """The script that puts the chat on any other site."""
        return FileResponse(STATIC / "embed.js", media_type="text/javascript")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def main() -> int:
    try:
        settings = load()
    except SettingsError as error:
        print(error)
        return 2
    logs.configure(settings.log_level)
    app = make_app(settings, make_gateway(settings))
    log.info("web", port=settings.port)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="error", access_log=False, ws="none", timeout_keep_alive=10,
                h11_max_incomplete_event_size=32 * 1024, server_header=False, timeout_graceful_shutdown=3)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
