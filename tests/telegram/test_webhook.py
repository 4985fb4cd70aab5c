"""Updates that Telegram brings itself: only with the secret, and 200 only for what is in the database."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import httpx
import pytest
import structlog
from bot_api import Fault
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from telegram_world import World, quiet, until

from bot.gateway.service import Gateway, phrase
from bot.settings import Settings
from bot.telegram.client import ALLOWED
from bot.web.app import make_app

SANNE = 1001
SECRET = "een-lang-geheim-1234"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
QUESTION = "wat is een pdg?"
ANSWER = f"Antwoord op {QUESTION}"


@pytest.fixture
def hooked(world: World) -> World:
    world.given |= {"telegram_webhook_url": "https://lesbrug.example", "telegram_webhook_secret": SECRET}
    return world


def run(world: World, story: Callable[[httpx.AsyncClient, Gateway], Awaitable[None]]) -> None:
    """Lives one process of the whole front end through `story`."""

    async def one_life() -> None:
        gateway = world.gateway()
        app: FastAPI = make_app(world.settings(), gateway)
        async with (app.router.lifespan_context(app),
                    httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://lesbrug") as client):
            await story(client, gateway)

    asyncio.run(one_life())


async def bring(client: httpx.AsyncClient, update: dict, secret: str | None = SECRET) -> httpx.Response:
    return await client.post("/telegram/webhook", json=update, headers={HEADER: secret} if secret is not None else {})


def test_an_update_with_the_secret_is_answered(hooked):
    async def story(client, _):
        assert (await bring(client, hooked.api.write(SANNE, QUESTION))).status_code == 200
        await until(lambda: hooked.answers(SANNE))

    run(hooked, story)
    assert hooked.answers(SANNE) == [ANSWER]


@pytest.mark.parametrize("secret", [None, "", "verkeerd-geheim-1234", SECRET + "5", SECRET[:-1], "\u00e9"])
def test_without_the_right_secret_nothing_is_kept_and_nothing_is_logged(hooked, secret, caplog):
    caplog.set_level(logging.DEBUG)

    async def story(client, _):
        headers = {} if secret is None else {HEADER: secret.encode("latin-1")}
        response = await client.post("/telegram/webhook", json=hooked.api.write(SANNE, QUESTION), headers=headers)
        assert response.status_code == 403
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"] == phrase("telegram_forbidden")
        await quiet(0.2)

    with structlog.testing.capture_logs() as logged:
        run(hooked, story)
    assert hooked.conversation(SANNE) is None and hooked.api.texts(SANNE) == []
    assert SECRET not in repr(logged) + caplog.text and (not secret or secret not in repr(logged) + caplog.text)


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'{"update_id": "1"}', b'{"update_id": true}', b'{"message": {}}', b"\xff", b"[" * 16_000])
def test_what_is_no_update_is_refused_in_dutch(hooked, body):
    async def story(client, _):
        response = await client.post("/telegram/webhook", content=body, headers={HEADER: SECRET})
        assert (response.status_code, response.json()["detail"]) == (422, phrase("unreadable"))

    run(hooked, story)


def test_telegram_hears_at_the_start_where_to_bring_what(hooked):
    async def story(_, __):
        await until(lambda: hooked.api.of("setWebhook"))

    run(hooked, story)
    told = hooked.api.of("setWebhook")[0].values
    assert (told["url"], told["secret_token"]) == ("https://lesbrug.example/telegram/webhook", SECRET)
    assert told["allowed_updates"] == list(ALLOWED)
    assert told.get("drop_pending_updates") in (None, "false", "False")


def test_an_address_with_a_path_is_told_as_it_is(hooked):
    hooked.given["telegram_webhook_url"] = "https://lesbrug.example/achter/een/poort"

    async def story(_, __):
        await until(lambda: hooked.api.webhook)

    run(hooked, story)
    assert hooked.api.webhook == "https://lesbrug.example/achter/een/poort"


def test_telling_the_address_is_tried_until_telegram_hears_it(hooked):
    hooked.api.fail("setWebhook", Fault(drop=True), Fault(status=500, description="Internal"), Fault(status=400, description="Bad Request"))

    async def story(_, __):
        await until(lambda: hooked.api.webhook)

    run(hooked, story)


def test_a_hundred_replays_at_once_have_one_answer(hooked):
    async def story(client, _):
        update = hooked.api.write(SANNE, QUESTION)
        responses = await asyncio.gather(*(bring(client, update) for _ in range(100)))
        assert {response.status_code for response in responses} == {200}
        await until(lambda: hooked.answers(SANNE))
        await quiet()

    run(hooked, story)
    assert hooked.answers(SANNE) == [ANSWER] and len(hooked.rasa.asked) == 1


def test_two_first_messages_at_once_open_one_conversation(hooked):
    async def story(client, _):
        await asyncio.gather(*(bring(client, hooked.api.write(SANNE, f"vraag {number}")) for number in range(5)))
        await until(lambda: len(hooked.answers(SANNE)) == 5)

    run(hooked, story)
    assert len(hooked.api.texts(SANNE)) == 6


def test_200_comes_only_after_the_update_is_in_the_database(hooked):
    async def story(client, gateway):
        real = gateway.store.accept

        def locked(*_, **__):
            raise OperationalError("", {}, Exception("locked"))

        gateway.store.accept = locked
        update = hooked.api.write(SANNE, QUESTION)
        refused = await bring(client, update)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        gateway.store.accept = real
        assert (await bring(client, update)).status_code == 200
        await until(lambda: hooked.answers(SANNE))

    run(hooked, story)
    assert hooked.answers(SANNE) == [ANSWER]


def test_a_fault_of_ours_asks_telegram_to_come_again_and_ends_after_three_times(hooked):
    async def story(client, gateway):
        def broken(*_, **__):
            raise RuntimeError(QUESTION)

        gateway.store.accept = broken
        update = hooked.api.write(SANNE, QUESTION)
        assert [(await bring(client, update)).status_code for _ in range(3)] == [503, 503, 200]

    with structlog.testing.capture_logs() as logged:
        run(hooked, story)
    assert QUESTION not in repr(logged)


def test_without_a_webhook_address_there_is_no_webhook(world):
    async def story(client, _):
        assert (await bring(client, {"update_id": 1})).status_code in (404, 405)

    run(world, story)


@pytest.mark.parametrize("secret", [None, "", "kort"])
def test_settings_with_a_webhook_and_no_good_secret_are_refused(secret):
    with pytest.raises(ValidationError, match="LESBRUG_TELEGRAM_WEBHOOK_SECRET"):
        Settings(_env_file=None, telegram_token="123456:abcdefghijk", telegram_webhook_url="https://lesbrug.example",
                 telegram_webhook_secret=secret)


def test_settings_with_a_webhook_and_no_token_are_refused():
    with pytest.raises(ValidationError, match="LESBRUG_TELEGRAM_TOKEN"):
        Settings(_env_file=None, telegram_webhook_url="https://lesbrug.example", telegram_webhook_secret=SECRET)


def test_the_webhook_stands_not_in_the_public_description(hooked):
    async def story(client, _):
        assert "telegram" not in json.dumps((await client.get("/openapi.json")).json()["paths"])

    run(hooked, story)
