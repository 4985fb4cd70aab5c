"""Fixtures of the Telegram tests; what they are made of stands in telegram_world.py and bot_api.py."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import knowledge
import pytest

from bot.gateway.store import MIGRATIONS
from bot.settings import Settings
from bot.telegram import client

sys.path.insert(0, str(Path(__file__).parent))
from bot_api import BotApi, serving  # noqa: E402
from telegram_world import World  # noqa: E402


@pytest.fixture(scope="session")
def blank_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("leeg")
    settings = Settings(_env_file=None, home=home)
    knowledge.migrate(settings.gateway_url, MIGRATIONS)
    knowledge.migrate(settings.knowledge_url)
    return home


@pytest.fixture
def api() -> Iterator[BotApi]:
    with serving() as made:
        yield made


@pytest.fixture
def world(api: BotApi, blank_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(client, "RETRY_SECONDS", (0.02, 0.05, 0.1))
    shutil.copytree(blank_home, tmp_path / "thuis")
    return World(api, tmp_path / "thuis")
