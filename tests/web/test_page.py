"""The page and the embedded chat in a real browser, against the real server (fixtures `page` and `base_url`)."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

WAIT = 20_000  # ms: one answer of the real model, on a busy machine


class Chat:
    """The chat as a person sees it; `scope` is a page or the frame that holds it."""

    def __init__(self, scope: Any) -> None:
        self.log: Locator = scope.get_by_role("log", name="Gesprek")
        self.input: Locator = scope.get_by_label("Je bericht")
        self.bot: Locator = scope.locator("[data-from=bot]")
        self.user: Locator = scope.locator("[data-from=user]")
        self.restart: Locator = scope.get_by_role("button", name="Opnieuw beginnen")

    def ready(self) -> Chat:
        self.bot.first.wait_for(timeout=WAIT)
        return self

    def say(self, text: str) -> Chat:
        """Types a text, sends it and waits until its answer is complete."""
        before = self.bot.count()
        self.input.fill(text)
        self.input.press("Enter")
        return self.answered(before)

    def answered(self, before: int) -> Chat:
        self.bot.nth(before).wait_for(timeout=WAIT)
        expect(self.log.locator(".lesbrug-typing")).to_be_hidden(timeout=WAIT)
        return self

    def ids(self) -> list[str]:
        """The ids of the messages of the bot, in the order on the screen."""
        return [str(node.get_attribute("data-id")) for node in self.bot.all()]


def open_chat(page: Page, base_url: str) -> Chat:
    page.goto(base_url)
    return Chat(page).ready()


@contextlib.contextmanager
def other_site(html: str) -> Iterator[str]:
    """A site of somebody else: one page on another port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode() if self.path == "/" else b"")

        def log_message(self, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page)["violations"]
    return [f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation(page: Page, base_url: str, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    open_chat(page, base_url).say("Hoe lang duurt het pdg?")
    assert violations(page) == []


def test_axe_finds_no_violation_in_the_question_before_a_restart(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    chat.restart.click()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, base_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_chat(page, base_url).say("Wat kost het als mijn medewerker lesgeeft?")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("(() => { const log = document.querySelector('[role=log]'); return log.scrollWidth - log.clientWidth })()") <= 0


def test_every_target_is_large_enough_to_hit(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_chat(page, base_url)
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, button.inner_text()


def test_the_first_line_says_that_it_is_a_computer_even_without_the_server(page: Page, base_url: str) -> None:
    page.route("**/api/**", lambda route: route.abort())
    page.goto(base_url)
    expect(page.get_by_text("Je praat met een computer")).to_be_visible()


def test_the_page_is_in_dutch_and_speaks_to_three_audiences(page: Page, base_url: str) -> None:
    open_chat(page, base_url)
    assert page.locator("html").get_attribute("lang") == "nl"
    for audience in ("Werkende", "Werkgever", "School"):
        expect(page.get_by_role("heading", name=audience, exact=True)).to_be_visible()


def test_the_chat_works_with_the_keyboard_alone(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Direct naar de chat")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if chat.input.evaluate("node => node === document.activeElement"):
            break
    expect(chat.input).to_be_focused()
    before = chat.bot.count()
    page.keyboard.type("Wat is het pdg?")
    page.keyboard.press("Enter")
    expect(chat.input).to_be_focused()
    expect(chat.input).to_have_value("")
    chat.answered(before)
    expect(chat.input).to_be_focused()


def test_shift_and_enter_give_a_new_line(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    chat.input.press_sequentially("regel een")
    chat.input.press("Shift+Enter")
    chat.input.press_sequentially("regel twee")
    expect(chat.input).to_have_value("regel een\nregel twee")
    assert chat.user.count() == 0


def test_a_button_shows_its_title_as_what_the_person_said_and_keeps_the_focus(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    button = chat.log.get_by_role("button").first
    if button.count() == 0:
        pytest.skip("the greeting offers no button")
    title, before = button.inner_text(), chat.bot.count()
    button.focus()
    page.keyboard.press("Enter")
    chat.answered(before)
    expect(chat.user.last).to_contain_text(title)
    expect(button).to_be_focused()


def test_a_reload_keeps_the_conversation(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url).say("Wat is een hybride docent?")
    ids = chat.ids()
    page.reload()
    chat.ready()
    expect(chat.user).to_have_count(1)
    expect(chat.user.first).to_contain_text("Wat is een hybride docent?")
    expect(chat.bot).to_have_count(len(ids))
    assert chat.ids() == ids


def test_script_in_typed_text_stays_text(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    text = '<img src=x onerror="window.gehackt=1"><script>window.gehackt=1</script> **vet** [x](javascript:window.gehackt=1)'
    chat.say(text)
    expect(chat.user.first).to_contain_text(text)
    page.reload()
    chat.ready()
    expect(chat.user.first).to_contain_text("<script>")
    assert chat.log.locator("script, iframe, a[href^='javascript:'], img[src='x']").count() == 0
    assert page.evaluate("window.gehackt") is None


def test_no_request_leaves_the_host_and_the_page_keeps_its_own_policy(page: Page, base_url: str) -> None:
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    response = page.goto(base_url)
    assert response is not None
    policy = response.headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    Chat(page).ready().say("Welke subsidies zijn er voor mij als werkgever?")
    assert [url for url in requests if not url.startswith((base_url.rstrip("/") + "/", "data:", "blob:"))] == []
    assert complaints == []


def test_every_link_out_of_the_chat_is_https_and_opens_without_a_way_back(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url).say("Hoeveel subsidie is er voor een zij-instromer in het onderwijs?")
    for link in chat.log.locator("a.lesbrug-link--external").all():
        assert re.match("https://", link.get_attribute("href") or "")
        assert set((link.get_attribute("rel") or "").split()) >= {"noopener", "noreferrer"}


def test_two_tabs_show_the_same_conversation(page: Page, base_url: str) -> None:
    first = open_chat(page, base_url)
    other = page.context.new_page()
    second = open_chat(other, base_url)
    assert second.ids() == first.ids()
    first.say("Wat is een hybride docent?")
    expect(second.user).to_have_count(1, timeout=WAIT)
    expect(second.bot).to_have_count(first.bot.count(), timeout=WAIT)
    second.say("Hoe lang duurt het pdg?")
    expect(first.user).to_have_count(2, timeout=WAIT)
    expect(first.bot).to_have_count(second.bot.count(), timeout=WAIT)
    assert first.ids() == second.ids()


def test_a_restart_asks_first_wipes_the_conversation_and_begins_anew(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url).say("Wat is een hybride docent?")
    ids = chat.ids()
    stored = page.evaluate("JSON.parse(localStorage.getItem('lesbrug.gesprek'))")

    chat.restart.click()
    page.keyboard.press("Escape")
    expect(chat.restart).to_be_focused()
    assert chat.ids() == ids

    chat.restart.click()
    page.get_by_role("button", name="Ja, wis het gesprek").click()
    expect(chat.user).to_have_count(0, timeout=WAIT)
    chat.ready()
    expect(chat.input).to_be_focused()
    assert not set(ids) & set(chat.ids())
    old = page.request.get(
        f"{base_url.rstrip('/')}/api/conversations/{stored['id']}/messages", headers={"Authorization": f"Bearer {stored['token']}"}
    )
    assert old.status in (401, 404)


def test_offline_gives_an_error_line_and_a_retry_gives_one_answer(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    before = chat.bot.count()
    page.context.set_offline(True)
    expect(page.get_by_text("Je bent offline")).to_be_visible()
    chat.input.fill("Wat is een hybride docent?")
    chat.input.press("Enter")
    retry = chat.log.get_by_role("button", name="Probeer opnieuw")
    expect(retry).to_be_visible()
    assert chat.bot.count() == before
    page.context.set_offline(False)
    expect(page.get_by_text("Je bent offline")).to_have_count(0)
    retry.click()
    chat.answered(before)
    expect(retry).to_have_count(0)
    shown = chat.ids()
    page.reload()
    chat.ready()
    expect(chat.bot).to_have_count(len(shown))
    expect(chat.user).to_have_count(1)


def test_an_answer_that_was_lost_on_the_way_is_fetched_again_and_not_made_twice(page: Page, base_url: str) -> None:
    chat = open_chat(page, base_url)
    before = chat.bot.count()
    keys: list[str | None] = []

    def lose_the_first(route: Any) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch()  # the server did its work
            route.abort()  # and the answer never came
        else:
            route.continue_()

    page.route(re.compile(r"/messages$"), lambda route: lose_the_first(route) if route.request.method == "POST" else route.continue_())
    chat.input.fill("Wat is een hybride docent?")
    chat.input.press("Enter")
    chat.answered(before)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert keys[0]
    shown = chat.ids()
    page.reload()
    chat.ready()
    expect(chat.user).to_have_count(1)
    expect(chat.bot).to_have_count(len(shown))


def test_the_embed_snippet_puts_the_chat_on_another_site(page: Page, base_url: str) -> None:
    snippet = f'<script src="{base_url.rstrip("/")}/embed.js" data-title="Vraag het ons" async></script>'
    with other_site(f"<!doctype html><html lang=nl><title>Ander</title><main><h1>Ander</h1></main>{snippet}</html>") as address:
        page.goto(address)
        launcher = page.get_by_role("button", name="Vraag het ons")
        expect(launcher).to_have_attribute("aria-expanded", "false")
        assert len(page.frames) == 1, "nothing is loaded before the first press"
        launcher.focus()
        page.keyboard.press("Enter")
        frame = page.frame_locator("iframe[title='Vraag het ons']")
        chat = Chat(frame).ready()
        expect(chat.input).to_be_focused()
        expect(frame.get_by_text("Je praat met een computer", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Sluit de chat").first).to_have_attribute("aria-expanded", "true")
        chat.say("Wat is een hybride docent?")
        page.keyboard.press("Escape")
        expect(launcher).to_have_attribute("aria-expanded", "false")
        expect(launcher).to_be_focused()
        expect(page.locator("iframe")).to_be_hidden()
        page.keyboard.press("Enter")
        expect(chat.user).to_have_count(1)
        page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), {id: 'empty', name: ''}))")
        added = "(() => { const bare = new Set(Object.getOwnPropertyNames(document.getElementById('empty').contentWindow)); " \
            "return Object.getOwnPropertyNames(window).filter((name) => !bare.has(name) && !/^\\d+$/.test(name)) })()"
        assert page.evaluate(added) == ["Lesbrug"]


def test_the_embedded_chat_has_no_axe_violation_and_fills_a_small_screen(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    snippet = f'<script src="{base_url.rstrip("/")}/embed.js" async></script>'
    with other_site(f"<!doctype html><html lang=nl><title>Ander</title><main><h1>Ander</h1></main>{snippet}</html>") as address:
        page.goto(address)
        launcher = page.get_by_role("button", name="Vraag het Lesbrug")
        launcher.click()
        frame = page.frame_locator("iframe")
        Chat(frame).ready()
        box = page.locator("iframe").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (320, 640)
        page.locator("iframe").wait_for()
        frame.get_by_role("button", name="Sluit de chat").click()
        expect(launcher).to_be_focused()
        assert violations(page) == []
    page.goto(f"{base_url.rstrip('/')}/static/embed.html")
    Chat(page).ready()
    assert violations(page) == []
