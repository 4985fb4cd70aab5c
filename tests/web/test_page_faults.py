"""What the page does when the server is busy, down, slow or forgetful, and how it shows every kind of data.

Runs against the double in fake_api.py, so that each state can be brought about.
"""

from __future__ import annotations

import base64
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, expect


def _fake_api() -> Any:
    spec = importlib.util.spec_from_file_location("lesbrug_fake_api", Path(__file__).with_name("fake_api.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fake_api = _fake_api()


@pytest.fixture
def api() -> Iterator[Any]:
    fake = fake_api.FakeApi()
    with fake_api.serve(fake.app) as address:
        fake.address = address
        yield fake


@pytest.fixture
def chat(page: Page, api: Any) -> Page:
    page.goto(api.address)
    page.locator("[data-from=bot]").first.wait_for()
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Je bericht").fill(text)
    page.get_by_label("Je bericht").press("Enter")


def answers(page: Page, text: str) -> Any:
    return page.locator("[data-from=bot]").filter(has_text=f"Antwoord op: {text}")


def sync(page: Page) -> None:
    """What else happens every 30 seconds."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def test_an_answer_that_comes_later_is_shown_once_and_the_error_line_goes(chat: Page, api: Any) -> None:
    api.faults = ["later"]
    say(chat, "hallo")
    line = chat.get_by_text("Dit lukt nu even niet. Je bericht is bewaard, het antwoord volgt.")
    expect(line).to_be_visible()
    expect(answers(chat, "hallo")).to_have_count(1, timeout=8000)
    expect(line).to_have_count(0)
    expect(chat.locator("[data-from=user]")).to_have_count(1)


def test_too_many_messages_shows_the_reason_and_sends_the_same_message_after_the_wait(chat: Page, api: Any) -> None:
    api.faults = [429]
    say(chat, "druk")
    expect(chat.get_by_text("Even rustig aan.")).to_be_visible()
    expect(answers(chat, "druk")).to_have_count(1)
    expect(chat.get_by_text("Even rustig aan.")).to_have_count(0)
    assert len({post["key"] for post in api.log}) == 1
    assert len(api.log) == 2


def test_a_stream_that_breaks_is_taken_up_again_with_the_same_key(chat: Page, api: Any) -> None:
    api.faults = ["cut", "cut"]
    say(chat, "breuk")
    expect(answers(chat, "breuk")).to_have_count(1, timeout=8000)
    assert len({post["key"] for post in api.log}) == 1
    assert len(api.log) == 3


def test_after_a_few_failures_the_person_decides(chat: Page, api: Any) -> None:
    api.faults = ["cut"] * 4
    say(chat, "weg")
    retry = chat.get_by_role("button", name="Probeer opnieuw")
    retry.click(timeout=12_000)
    expect(answers(chat, "weg")).to_have_count(1)
    expect(chat.get_by_label("Je bericht")).to_be_focused()
    assert len({post["key"] for post in api.log}) == 1


def test_a_refused_message_shows_why_and_gives_the_text_back(chat: Page, api: Any) -> None:
    api.faults = [422]
    say(chat, "raar")
    expect(chat.get_by_role("log")).to_contain_text("Dit bericht kan ik niet lezen.")
    expect(chat.get_by_label("Je bericht")).to_have_value("raar")
    expect(chat.get_by_role("button", name="Probeer opnieuw")).to_have_count(0)


def test_an_expired_conversation_begins_anew_and_keeps_the_typed_text(chat: Page, api: Any) -> None:
    api.forget()
    say(chat, "mijn vraag")
    expect(chat.get_by_role("log")).to_contain_text("We beginnen opnieuw")
    expect(chat.locator("[data-from=bot]")).to_have_count(1)
    expect(chat.get_by_label("Je bericht")).to_have_value("mijn vraag")
    chat.get_by_label("Je bericht").press("Enter")
    expect(answers(chat, "mijn vraag")).to_have_count(1)


def test_a_reload_of_an_expired_conversation_begins_anew_with_a_notice(chat: Page, api: Any) -> None:
    api.forget()
    chat.reload()
    expect(chat.get_by_role("log")).to_contain_text("We beginnen opnieuw")
    expect(chat.locator("[data-from=bot]")).to_have_count(1)


def test_a_reload_in_the_middle_of_an_answer_loses_and_doubles_nothing(chat: Page, api: Any) -> None:
    api.delay = 1.5
    say(chat, "traag")
    expect(chat.locator(".lesbrug-typing")).to_be_visible()
    expect(chat.get_by_role("status").filter(has_text="Lesbrug typt")).to_have_count(1)
    chat.reload()
    expect(answers(chat, "traag")).to_have_count(1, timeout=8000)
    expect(chat.locator("[data-from=user]")).to_have_count(1)
    expect(chat.locator(".lesbrug-typing")).to_be_hidden()


def test_a_message_that_never_left_is_sent_after_a_reload(chat: Page, api: Any) -> None:
    posts = "**/api/conversations/*/messages"
    chat.route(posts, lambda route: route.abort())
    say(chat, "onderweg")
    expect(chat.locator("[data-from=user]")).to_have_count(1)
    chat.unroute(posts)
    chat.reload()
    expect(answers(chat, "onderweg")).to_have_count(1)
    expect(chat.locator("[data-from=user]")).to_have_count(1)


def test_a_second_message_waits_for_the_first_and_says_so(chat: Page, api: Any) -> None:
    api.delay = 1.5
    say(chat, "eerste")
    say(chat, "tweede")
    expect(chat.get_by_text("Lesbrug is nog bezig met je vorige bericht")).to_be_visible()
    expect(chat.get_by_label("Je bericht")).to_have_value("tweede")
    expect(chat.get_by_role("button", name="Verstuur")).to_have_attribute("aria-disabled", "true")
    expect(chat.get_by_role("button", name="Verstuur")).to_be_enabled()  # stays reachable: aria-disabled only
    expect(answers(chat, "eerste")).to_have_count(1)
    assert len(api.log) == 1


def test_a_pushed_message_appears_once_and_a_member_of_staff_is_named(chat: Page, api: Any) -> None:
    say(chat, "hallo")
    expect(answers(chat, "hallo")).to_have_count(1)
    api.push("De school heeft geantwoord.", sender="staff")
    for _ in range(3):
        sync(chat)
    expect(chat.locator("[data-from=staff]")).to_have_count(1)
    expect(chat.locator("[data-from=staff]")).to_contain_text("Medewerker")
    expect(chat.locator("[data-from=user]")).to_have_count(1)
    expect(answers(chat, "hallo")).to_have_count(1)


def test_a_server_that_is_down_at_the_start_can_be_tried_again(page: Page, api: Any) -> None:
    page.route("**/api/conversations", lambda route: route.fulfill(status=503, json={"detail": "We starten net op."}))
    page.goto(api.address)
    expect(page.get_by_role("log")).to_contain_text("We starten net op.")
    page.unroute("**/api/conversations")
    page.get_by_role("button", name="Probeer opnieuw").click()
    expect(page.locator("[data-from=bot]")).to_have_count(1)


def test_two_tabs_that_open_at_once_share_one_conversation(page: Page, api: Any) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(api.address, wait_until="commit")
    for tab in (page, other):
        tab.locator("[data-from=bot]").first.wait_for()
    assert len(api.conversations) == 1


def test_a_restart_in_one_tab_moves_the_other_along(chat: Page, api: Any) -> None:
    other = chat.context.new_page()
    other.goto(api.address)
    other.locator("[data-from=bot]").first.wait_for()
    chat.get_by_role("button", name="Opnieuw beginnen").click()
    chat.get_by_role("button", name="Ja, wis het gesprek").click()
    expect(other.get_by_role("log")).to_contain_text("in een ander tabblad opnieuw begonnen")
    say(other, "hier")
    expect(answers(other, "hier")).to_have_count(1)
    expect(answers(chat, "hier")).to_have_count(1)
    assert len(api.conversations) == 1


def test_a_failed_wipe_keeps_the_conversation(chat: Page, api: Any) -> None:
    say(chat, "hallo")
    expect(answers(chat, "hallo")).to_have_count(1)
    chat.route("**/api/conversations/*", lambda route: route.fulfill(status=503, json={}))
    chat.get_by_role("button", name="Opnieuw beginnen").click()
    chat.get_by_role("button", name="Ja, wis het gesprek").click()
    expect(chat.get_by_role("log")).to_contain_text("Het wissen is niet gelukt")
    say(chat, "nog een")
    expect(answers(chat, "nog een")).to_have_count(1)


def test_the_chat_works_when_storage_is_blocked(page: Page, api: Any) -> None:
    page.add_init_script(
        "for (const area of ['localStorage', 'sessionStorage']) Object.defineProperty(window, area, {get() { throw new Error('blocked') }})"
    )
    page.goto(api.address)
    page.locator("[data-from=bot]").first.wait_for()
    say(page, "hallo")
    expect(answers(page, "hallo")).to_have_count(1)


def test_the_embedded_chat_works_on_a_site_where_the_browser_refuses_it_storage_and_locks(page: Page, api: Any) -> None:
    site = FastAPI()
    html = f"<!doctype html><html lang=nl><title>Ander</title><body><script src='{api.address}/embed.js' async></script></body></html>"
    site.get("/", response_class=HTMLResponse)(lambda: html)
    with fake_api.serve(site) as address:
        page.goto(address.replace("127.0.0.1", "localhost"))  # another site in the browser's eyes, not only another port
        page.get_by_role("button", name="Vraag het Lesbrug").click()
        frame = page.frame_locator("iframe")
        frame.locator("[data-from=bot]").first.wait_for()
        expect(frame.get_by_label("Je bericht")).to_be_focused()
        page.keyboard.type("hallo")
        page.keyboard.press("Enter")
        expect(answers(frame, "hallo")).to_have_count(1)


def test_the_chat_works_on_a_site_without_https(page: Page, api: Any) -> None:
    page.add_init_script("delete Crypto.prototype.randomUUID; Object.defineProperty(navigator, 'locks', {value: undefined})")
    page.goto(api.address)
    page.locator("[data-from=bot]").first.wait_for()
    say(page, "hallo")
    expect(answers(page, "hallo")).to_have_count(1)
    assert len(api.log[0]["key"]) == 32


def test_markdown_becomes_lists_and_links_and_never_markup(chat: Page, api: Any) -> None:
    say(chat, "markdown")
    answer = chat.locator("[data-from=bot]").nth(1)
    expect(answer.locator("ol > li")).to_have_count(3)
    expect(answer.locator("ol ul > li")).to_have_count(2)
    expect(answer.locator("strong").first).to_have_text("Zo werkt het")
    expect(answer).to_contain_text("<b>geen</b>")
    expect(answer).to_contain_text("javascript:alert(1)")
    assert answer.locator("a").first.get_attribute("href") == "https://example.org/a_(b)"
    assert answer.locator("img, script, b, h1, h2, a[href^=javascript]").count() == 0
    assert chat.evaluate("window.gehackt") is None
    expect(answer.get_by_text("Bronnen (1)")).to_be_visible()
    answer.get_by_text("Bronnen (1)").click()
    expect(answer).to_contain_text("Regeling (opent in een nieuw tabblad) (1 maart 2024)")


RENDERER = [
    ("**a", "<p>**a</p>"),
    ("2 * 3 * 4 en a_b_c", "<p>2 * 3 * 4 en a_b_c</p>"),
    ("*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>"),
    ("\\*a\\* `*b*`", "<p>*a* <code>*b*</code></p>"),
    ("1. a\n\n2. b\n\nc", "<ol><li>a</li><li>b</li></ol><p>c</p>"),
    ("3) a\n- b", '<ol start="3"><li>a</li></ol><ul><li>b</li></ul>'),
    ("- a\n  b\n- c", "<ul><li>a<p>b</p></li><li>c</li></ul>"),
    ("[a](http://x.nl) [b](//x.nl) [c](data:text/html,x)", "<p><span>a (http://x.nl)</span> <span>b (//x.nl)</span> <span>c (data:text/html,x)</span></p>"),
    ("[x](https://a@b.nl)", "<p><span>x (https://a@b.nl)</span></p>"),
    ("- " * 400, None),
    ("*" * 5000, None),
    ("[" * 5000, None),
    ("_a" * 5000, None),
]


def test_the_renderer_is_exact_at_its_edges_and_quick_on_odd_text(chat: Page) -> None:
    script = """async ([texts, where]) => {
      const { renderMarkdown } = await import(where);
      return texts.map((text) => {
        const box = document.createElement("div");
        const start = performance.now();
        box.append(renderMarkdown(text));
        return [box.innerHTML, performance.now() - start];
      });
    }"""
    rendered = chat.evaluate(script, [[text for text, _ in RENDERER], "/static/markdown.js"])
    for (text, html), (got, ms) in zip(RENDERER, rendered, strict=True):
        assert html is None or got == html
        assert ms < 1000, text[:20]


def test_a_route_card_says_each_state_in_words_and_unknown_as_onbekend(chat: Page, api: Any) -> None:
    say(chat, "route")
    cards = chat.locator("[data-kind=route]")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("onbekend")
    for text in ("past misschien", "10 tot 18 maanden", "12 tot 16 uur", "de school", "voldoet", "ontbreekt nog", "nog niet bekend",
                 "Vraag een school", "Onderwijsloket", "voorbeeldgegevens", "Een stap lichter: Instructeur", "Bronnen (1)"):  # fmt: skip
        expect(cards.nth(1)).to_contain_text(text)
    assert "€ 4.500 tot € 6.250,50" in cards.nth(1).inner_text().replace("\u00a0", " ")


def test_costs_vacancies_and_unknown_kinds_are_readable(chat: Page, api: Any) -> None:
    say(chat, "kosten")
    cost = chat.locator("[data-kind=cost]")
    expect(cost).to_contain_text("Detachering")
    expect(cost).to_contain_text("Gemiste marge")
    expect(cost).to_contain_text("onbekend")
    say(chat, "vacature")
    vacancy = chat.locator("[data-kind=vacancy]")
    for text in ("Docent mechatronica", "12,4 km", "4 tot 8 uur", "1 februari 2027 tot 1 juli 2027", "83", "3 dagen", "scholing pdg"):
        expect(vacancy).to_contain_text(text)
    expect(chat.locator("[data-kind=proef]")).to_contain_text("Vrij veld")
    expect(chat.locator("[data-kind=proef]")).to_contain_text("onbekend")
    assert Axe().run(chat)["violations"] == []


def test_a_document_is_downloaded_with_the_token_and_an_image_has_its_description(chat: Page, api: Any) -> None:
    say(chat, "document en plaatje")
    with chat.expect_download() as download:
        chat.get_by_role("link", name="Brief aan je baas").click()
    assert download.value.suggested_filename == "brief.md"
    image = chat.get_by_role("img", name="Schema van de stappen")
    expect(image).to_have_attribute("src", "data:image/png;base64," + base64.b64encode(fake_api.PIXEL).decode())


def test_buttons_of_older_messages_stay_usable(chat: Page, api: Any) -> None:
    say(chat, "knoppen")
    chat.get_by_role("button", name="Bereken de kosten").click()
    expect(chat.locator("[data-kind=cost]")).to_have_count(1)
    chat.get_by_role("button", name="Bekijk routes").click()
    expect(chat.locator("[data-kind=route]")).to_have_count(2)
    assert [post["body"] for post in api.log[1:]] == [{"payload": "b_kosten"}, {"payload": "b_route"}]
    expect(chat.locator("[data-from=user]").nth(1)).to_contain_text("Bereken de kosten")


def test_a_long_answer_is_shown_from_its_beginning(chat: Page, api: Any) -> None:
    say(chat, "lang")
    first = chat.get_by_text("Alinea 1.")
    expect(first).to_be_in_viewport()


def test_the_input_counts_from_1800_stops_at_2000_and_grows_to_four_lines(chat: Page, api: Any) -> None:
    field = chat.get_by_label("Je bericht")
    height = field.evaluate("node => node.offsetHeight")
    field.fill("a" * 1799)
    expect(chat.get_by_text("van 2000 tekens")).to_be_hidden()
    field.press_sequentially("b")
    expect(chat.get_by_text("1800 van 2000 tekens")).to_be_visible()
    field.press("Control+a")
    chat.keyboard.insert_text("c" * 2500)
    assert len(field.input_value()) == 2000
    tall = field.evaluate("node => node.offsetHeight")
    assert height + 3 * 24 <= tall <= height + 3 * 24 + 2
    field.fill("")
    assert field.evaluate("node => node.offsetHeight") == height


def test_an_example_question_of_the_page_is_asked_in_the_chat(chat: Page, api: Any) -> None:
    chat.get_by_role("button", name="Wie betaalt de hybride docent?").click()
    expect(answers(chat, "Wie betaalt de hybride docent?")).to_have_count(1)
    expect(chat.get_by_role("log")).to_be_focused()
