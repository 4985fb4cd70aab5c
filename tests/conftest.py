"""What the tests share: one real Lesbrug for the whole run, and a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support import Conversation, Stack

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One Lesbrug for all tests that do not break it."""
    with Stack(tmp_path_factory.mktemp("lesbrug")) as running:
        yield running


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """A Lesbrug for one test that breaks it."""
    with Stack(tmp_path / "lesbrug") as running:
        yield running


@pytest.fixture
def conversation(stack: Stack) -> Conversation:
    return stack.conversation()


@pytest.fixture
def key() -> str:
    return uuid4().hex


@pytest.fixture(scope="session")
def base_url(stack: Stack) -> str:
    return stack.base_url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium of this machine. Without one the browser tests are skipped, and under CI they fail."""
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if path is None:
        reason = "geen Chromium op deze machine (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a browser context of its own."""
    context = browser.new_context(locale="nl-NL")
    yield context.new_page()
    context.close()
