"""The whole of Lesbrug behind Telegram: real Rasa, real actions, a double of the Bot API."""

import time
from collections.abc import Callable
from pathlib import Path

from bot_api import serving

from tests.support import Stack

CHAT = 7


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_question_in_a_chat_gets_its_answers_with_sources_and_buttons(tmp_path: Path) -> None:
    with serving() as api, Stack(tmp_path / "lesbrug", telegram_token=api.token, telegram_api_url=api.url):
        api.write(CHAT, "/start")
        wait_for(lambda: len(api.texts(CHAT)) == 1)
        assert "niet met een mens" in api.texts(CHAT)[0]
        api.write(CHAT, "hoe lang duurt het pdg en wie betaalt dat?")
        wait_for(lambda: len(api.texts(CHAT)) == 3)
        duration, cost = api.texts(CHAT)[1:]
        assert "anderhalf jaar" in duration and "Bronnen:" in duration and "(2025)" in duration
        assert "school" in cost
        title, token = api.sent(CHAT)[-1].buttons[0]
        api.press(CHAT, token)
        wait_for(lambda: len(api.texts(CHAT)) == 4)
        api.write(CHAT, "welke route past bij mij, ik ben lasser met mbo 4 en wil 1 dag per week lesgeven")
        wait_for(lambda: len(api.texts(CHAT)) == 6)
        assert api.texts(CHAT)[4].startswith("Dit past bij jou, omdat")
        api.write(CHAT, "schrijf een mail aan mijn baas")
        wait_for(lambda: len(api.files(CHAT)) == 1)
        [(name, content)] = api.files(CHAT)
        assert name.endswith(".pdf") and content.startswith(b"%PDF")
        assert "Voorstel om een paar uur per week les te geven" in api.texts(CHAT)[-1]
