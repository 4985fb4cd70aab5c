"""A small double of the public HTTP interface, for states that a healthy server does not show on demand.

It serves the real page from bot/web/static with the headers of the real server. What it answers is steered by words in
the text ("markdown", "route", "kosten", "document", "plaatje", "knoppen", "lang") and by its public attributes, which a
test sets: `faults` (a list of the next outcomes of a POST), `delay` (seconds before an answer), `log` (every POST seen).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

STATIC = Path(__file__).resolve().parents[2] / "bot" / "web" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'"
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
MARKDOWN = """## Zo werkt het

Een **hybride docent** werkt *ook* buiten de school.
Dit is een nieuwe regel met <b>geen</b> opmaak.

1. Maak kennis met een school
2. Loop een dag mee
   - bij een les
   - bij een praktijkdag
3. Geef een proefles

Lees meer op [de site](https://example.org/a_(b)) of [hier](javascript:alert(1)) of https://example.org/los.
<img src=x onerror="window.gehackt=1">"""
ROUTE = {
    "kind": "route", "id": "r1", "role": "docent", "route": "zij-instroom mbo met pdg", "sector": "mbo", "suitable": "maybe",
    "duration_months": [10, 18], "study_hours_week": [12, 16], "costs_eur": [4500.0, 6250.5], "payer": "school", "demo": True,
    "requirements": [
        {"text": "Hbo-diploma of hbo-werkniveau", "state": "met"},
        {"text": "Een aanstelling bij een mbo-school", "state": "missing"},
        {"text": "Geschiktheidsonderzoek gehaald", "state": "unknown"},
    ],
    "reasons": ["Je wilt naast je baan lesgeven", "Je hebt tien jaar ervaring in de techniek"], "lower": "r2", "higher": None,
    "next_step": "Vraag een school of je een dag mag meelopen.", "desk": "Onderwijsloket",
    "sources": [{"title": "Voorbeeldbron", "url": "https://example.org/bron", "as_of": "2023"}],
}  # fmt: skip
LOWER = {**ROUTE, "id": "r2", "role": "instructeur", "route": "instructeur", "suitable": "yes", "costs_eur": None, "lower": None, "higher": "r1"}
COST = {
    "kind": "cost", "contract_form": "detachering", "hours_per_week": 4, "weeks": 40,
    "lines": [
        {"label": "Loonkosten van de lesuren", "amount_eur": 6240.0, "payer": "school", "formula": "4 uur × 40 weken × € 39,00", "source": "Eigen opgave"},
        {"label": "Gemiste marge", "amount_eur": None, "payer": "bedrijf", "formula": None, "source": None},
    ],
    "totals_eur": {"bedrijf": 0.0, "school": 6240.0, "werkende": 0.0, "fonds": 1250.25}, "break_even_rate_eur": 39.0,
    "compensation": [{"scheme": "Voorbeeldregeling", "amount_eur": 1250.25, "status": "check"}], "assumptions": ["40 lesweken per jaar"],
}  # fmt: skip
VACANCY = {
    "kind": "vacancy", "id": "v1", "title": "Docent mechatronica", "school": "Voorbeeldcollege", "place": "Amersfoort", "distance_km": 12.4,
    "role": "docent", "subjects": ["mechatronica", "elektrotechniek"], "sector": "mbo", "hours_per_week": [4, 8], "day_parts": ["ma ochtend"],
    "period": ["2027-02-01", "2027-07-01"], "reasons": ["Binnen een half uur reizen"],
    "missing": [{"text": "didactiek", "training": "pdg", "duration_weeks": 40, "payer": "school"}], "response_rate": 0.83, "median_answer_days": 3,
    "demo": True,
}  # fmt: skip


@dataclass
class Conversation:
    """What the double keeps of one conversation."""

    token: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class FakeApi:
    """The double and its knobs. A fault is 429, 503, 503-with-later-answer ("later"), "cut" (stream breaks) or another status."""

    def __init__(self) -> None:
        self.faults: list[int | str] = []
        self.delay = 0.0
        self.later = 2.0
        self.log: list[dict[str, Any]] = []
        self.conversations: dict[str, Conversation] = {}
        self._ids = itertools.count(1)
        self.app = FastAPI()
        self._routes()

    def message(self, *, sender: str, text: str, **more: Any) -> dict[str, Any]:
        """A Message with every field of the interface."""
        return {
            "id": f"m{next(self._ids):05}", "from": sender, "at": datetime.now(UTC).isoformat(), "text": text, "topic": None, "task": None,
            "buttons": [], "sources": [], "items": [], "documents": [], "image": None, **more,
        }  # fmt: skip

    def push(self, text: str, *, sender: str = "bot") -> None:
        """A message in every conversation that nobody asked for now."""
        for conversation in self.conversations.values():
            conversation.messages.append(self.message(sender=sender, text=text))

    def forget(self) -> None:
        """Every conversation is gone, as after its expiry."""
        self.conversations.clear()

    def answers(self, ref: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        text = body.get("text") or body.get("payload") or ""
        answers = [self.message(sender="bot", text=f"Antwoord op: {text}")]
        word = text.lower()
        if "markdown" in word:
            answers[0].update(text=MARKDOWN, sources=[{"title": "Regeling", "url": "https://example.org/r", "as_of": "2024-03-01"}])
        if "route" in word:
            answers[0].update(text="Deze routes passen bij wat je vertelde.", items=[LOWER, ROUTE])
        if "kosten" in word:
            answers[0].update(text="Zo zijn de kosten opgebouwd.", items=[COST])
        if "vacature" in word:
            answers[0].update(text="Deze vacature past.", items=[VACANCY, {"kind": "proef", "id": "x", "vrij_veld": None, "amount_eur": 12.5}])
        if "document" in word:
            answers[0]["documents"] = [{"title": "Brief aan je baas", "url": f"/api/conversations/{ref}/documents/d1", "type": "text/markdown"}]
        if "plaatje" in word:
            answers[0]["image"] = {"url": f"/api/conversations/{ref}/documents/img", "alt": "Schema van de stappen"}
        if "lang" in word:
            answers[0]["text"] = "\n\n".join(f"Alinea {n}. " + "Dit is een zin die even duurt. " * 6 for n in range(1, 9))
        if "knoppen" in word:
            answers.append(self.message(sender="bot", text="Wat wil je weten?", buttons=[
                {"title": "Bereken de kosten", "payload": "b_kosten"}, {"title": "Bekijk routes", "payload": "b_route"}]))  # fmt: skip
        return answers

    def _routes(self) -> None:
        app = self.app

        @app.middleware("http")
        async def policy(request: Request, call_next: Any) -> Response:
            response = await call_next(request)
            framed = "*" if request.url.path == "/static/embed.html" else "'none'"
            response.headers["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {framed}"
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        @app.get("/")
        async def page() -> Response:
            return FileResponse(STATIC / "index.html")

        @app.get("/embed.js")
        async def embed() -> Response:
            return FileResponse(STATIC / "embed.js")

        @app.post("/api/conversations")
        async def create() -> Response:
            ref, token = f"c{next(self._ids):05}", f"t{next(self._ids):05}"
            greeting = self.message(
                sender="bot",
                text="Hallo! Ik ben een digitale assistent (computerprogramma), geen mens. **Waar kan ik je mee helpen?**",
                buttons=[{"title": name, "payload": f"b_{name}"} for name in ("Ik werk in de techniek", "Ik heb een bedrijf", "Ik werk op een school")],
            )
            self.conversations[ref] = Conversation(token=token, messages=[greeting])
            return JSONResponse({"id": ref, "token": token, "messages": [greeting]}, status_code=201)

        @app.get("/api/conversations/{ref}/messages")
        async def history(ref: str, request: Request, after: str | None = None) -> Response:
            conversation = self._open(ref, request)
            if isinstance(conversation, Response):
                return conversation
            ids = [message["id"] for message in conversation.messages]
            start = ids.index(after) + 1 if after in ids else 0
            return JSONResponse({"messages": conversation.messages[start:]})

        @app.delete("/api/conversations/{ref}")
        async def remove(ref: str, request: Request) -> Response:
            conversation = self._open(ref, request)
            if isinstance(conversation, Response):
                return conversation
            del self.conversations[ref]
            return Response(status_code=204)

        @app.get("/api/conversations/{ref}/documents/{doc}")
        async def document(ref: str, doc: str, request: Request) -> Response:
            conversation = self._open(ref, request)
            if isinstance(conversation, Response):
                return conversation
            if doc == "img":
                return Response(PIXEL, media_type="image/png")
            return Response("# Brief\n", media_type="text/markdown", headers={"Content-Disposition": 'attachment; filename="brief.md"'})

        @app.post("/api/conversations/{ref}/messages")
        async def send(ref: str, request: Request) -> Response:
            conversation = self._open(ref, request)
            if isinstance(conversation, Response):
                return conversation
            body, key = await request.json(), request.headers.get("Idempotency-Key", "")
            self.log.append({"conversation": ref, "key": key, "body": body})
            fault = self.faults.pop(0) if self.faults else None
            if fault == 429:
                return problem(429, "Even rustig aan. Je stuurt veel berichten achter elkaar.", {"Retry-After": "1"})
            if isinstance(fault, int) and fault != 503:
                return problem(fault, "Dit bericht kan ik niet lezen.")
            if key not in conversation.answers:
                conversation.messages.append(self.message(sender="user", text=body.get("text") or body.get("payload", "").removeprefix("b_")))
                conversation.answers[key] = self.answers(ref, body)
                if fault == "later":
                    asyncio.get_running_loop().call_later(self.later, conversation.messages.extend, conversation.answers[key])
                else:
                    conversation.messages.extend(conversation.answers[key])
            if fault in (503, "later"):
                return problem(503, "Dit lukt nu even niet. Je bericht is bewaard, het antwoord volgt.")

            async def stream() -> Any:
                yield event("typing", {})
                await asyncio.sleep(self.delay)
                if fault == "cut":
                    return
                for message in conversation.answers[key]:
                    yield event("message", message)
                yield event("done", {})

            return StreamingResponse(stream(), media_type="text/event-stream")

        app.mount("/static", StaticFiles(directory=STATIC))

    def _open(self, ref: str, request: Request) -> Conversation | Response:
        conversation = self.conversations.get(ref)
        if conversation is None:
            return problem(404, "Dit gesprek bestaat niet (meer).")
        if request.headers.get("Authorization") != f"Bearer {conversation.token}":
            return problem(401, "Dit gesprek is niet van jou.")
        return conversation


def event(name: str, data: Any) -> str:
    return f"event: {name}\r\ndata: {json.dumps(data)}\r\n\r\n"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    content = {"title": "Niet gelukt", "status": status, "detail": detail}
    return JSONResponse(content, status_code=status, headers=headers, media_type="application/problem+json")


@contextlib.contextmanager
def serve(app: Any) -> Iterator[str]:
    """Runs an ASGI app on a free port of 127.0.0.1 in a thread; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


if __name__ == "__main__":
    uvicorn.run(FakeApi().app, host="127.0.0.1", port=8099, log_level="warning", ws="none")
