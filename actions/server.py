"""The action server: rasa_sdk's executor behind FastAPI, on loopback, for whoever knows the secret. `python -m actions.server`."""

import hmac
import logging
import os
import uuid
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

import knowledge
from actions import answers, dialogue, pages, routeadvies
from actions.storage import store

MAX_BODY = 4 * 1024 * 1024
MODULES = (answers, dialogue, pages, routeadvies)      # importing them registers their actions
SECRET_HEADER = "X-Lesbrug-Secret"
logger = logging.getLogger(__name__)


class OnlyRasa:
    """ASGI: 401 without the secret, 413 for a body that is too large, compressed, or of unknown length."""

    def __init__(self, app: Any, secret: str) -> None:
        self.app, self._secret = app, secret.encode()

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if not hmac.compare_digest(headers.get(SECRET_HEADER.lower().encode(), b""), self._secret):
                return await JSONResponse({"error": "geen toegang"}, 401)(scope, receive, send)
            length = headers.get(b"content-length", b"")
            if scope["method"] == "POST" and (b"content-encoding" in headers or not length.isdigit() or int(length) > MAX_BODY):
                return await JSONResponse({"error": "te groot of gecomprimeerd"}, 413)(scope, receive, send)
        await self.app(scope, receive, send)


def make_app(secret: str) -> FastAPI:
    """The server of custom actions; any call without `secret` gets 401 and nothing else."""
    executor = ActionExecutor()
    executor._register_all_actions()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    app.add_middleware(OnlyRasa, secret=secret)

    @app.get("/health")
    def health() -> dict:
        knowledge.catalogue()
        return {"actions": len(executor.actions)}

    @app.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        call = await request.json()
        try:
            return JSONResponse(await executor.run(call))
        except ActionExecutionRejection as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 400)
        except ActionNotFoundException as error:
            return JSONResponse({"error": "onbekende actie", "action_name": error.action_name}, 404)
        except Exception:               # the tracker must not leave in an error: only a number does
            number = uuid.uuid4().hex[:8]
            logger.exception("action %s failed, number %s", call.get("next_action"), number)
            return JSONResponse({"error": "intern", "id": number}, 500)

    return app


def _changed(found: knowledge.Catalogue) -> None:
    store().articles.refresh(found)
    logger.warning("knowledge was edited and is in force")


def main() -> None:
    store().articles.refresh(knowledge.catalogue())
    knowledge.watch(_changed, lambda problems: logger.error("knowledge not taken over: %s", "; ".join(map(str, problems[:5]))))
    uvicorn.run(make_app(os.environ["LESBRUG_ACTIONS_SECRET"]), host="127.0.0.1", port=int(os.environ["LESBRUG_ACTIONS_PORT"]),
                log_level="warning", access_log=False, ws="none",
                timeout_keep_alive=75)


if __name__ == "__main__":
    main()
