"""Pages that were made for a conversation: to read as PDF and as Markdown, by its holder, until they expire or are wiped."""

import re
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text

from bot.gateway import pages
from tests.support import Conversation, Stack

TOLD = "ik ben monteur met mts en wil een dag per week elektrotechniek geven in het mbo"


@pytest.fixture(scope="module")
def written(stack: Stack) -> tuple[Conversation, dict]:
    """A conversation in which a mail was made, and the message that offered it."""
    conversation = stack.conversation()
    conversation.say(TOLD)
    [message] = conversation.say("schrijf een mail aan mijn baas")
    return conversation, message


def _get(conversation: Conversation, url: str, headers: dict | None = None):
    return conversation.http.get(url, headers=conversation.headers if headers is None else headers)


def test_a_page_is_offered_as_pdf_and_as_markdown(written) -> None:
    _, message = written
    assert [document["type"] for document in message["documents"]] == ["application/pdf", "text/markdown; charset=utf-8"]
    assert {document["title"] for document in message["documents"]} == {"Voorstel om een paar uur per week les te geven"}


def test_what_the_conversation_told_stands_in_it_and_nothing_is_left_to_fill_in(written) -> None:
    conversation, message = written
    page = _get(conversation, message["documents"][1]["url"])
    assert page.status_code == 200
    assert "elektrotechniek" in page.text and "8 uur" in page.text
    assert not re.search(r"\{|\}|\bNone\b|\[\w+\]|_{3,}|\.{4,}", page.text)


def test_the_pdf_is_one_and_has_a_name(written) -> None:
    conversation, message = written
    page = _get(conversation, message["documents"][0]["url"])
    assert page.headers["content-type"] == "application/pdf" and page.content.startswith(b"%PDF")
    assert page.headers["content-disposition"] == 'attachment; filename="voorstel-om-een-paar-uur-per-week-les-te-geven.pdf"'


def test_only_the_holder_of_the_conversation_reads_it(stack: Stack, written) -> None:
    conversation, message = written
    url, other = message["documents"][1]["url"], stack.conversation()
    assert _get(conversation, url, {}).status_code == 401
    assert _get(conversation, url, other.headers).status_code == 401
    assert _get(other, url.replace(conversation.id, other.id)).status_code == 404


@pytest.mark.parametrize("ending", ["", ".exe", ".pdf.pdf", ".PDF", "/x", ".md%00"])
def test_another_name_is_not_found(written, ending: str) -> None:
    conversation, message = written
    url = message["documents"][1]["url"].removesuffix(".md")
    assert _get(conversation, f"{url}{ending}").status_code == 404


def test_a_step_plan_is_printed_whole(stack: Stack) -> None:
    conversation = stack.conversation()
    plan = conversation.say("welke stappen zet ik om hybride docent te worden")
    [message] = conversation.press(plan, "Op één pagina")
    page = _get(conversation, message["documents"][1]["url"]).text
    assert page.count("\n## ") >= 6 and "**Wie:**" in page and "Bronnen:" in page


def test_an_expired_page_is_gone(own_stack: Stack) -> None:
    conversation = own_stack.conversation()
    [message] = conversation.say("schrijf een mail aan mijn baas")
    url = message["documents"][0]["url"]
    assert _get(conversation, url).status_code == 200
    with create_engine(own_stack.settings.gateway_url).begin() as connection:
        connection.execute(text("UPDATE document SET expires_at = '2020-01-01 00:00:00.000000'"))
    gone = _get(conversation, url)
    assert gone.status_code == 404 and gone.json()["detail"] == "Dit document bestaat niet of is verlopen."
    assert conversation.http.delete(conversation.path, headers=conversation.headers).status_code == 204
    with create_engine(own_stack.settings.gateway_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM document")).scalar() == 0


def test_every_sign_of_dutch_and_every_emoji_can_be_printed() -> None:
    made = pages.pdf("Proef", "# Proef\n\nIJsselmeer, coöperatie, € 25.000, ☐ klaar, 'aan­haling', 😀 漢字 <b>x</b>\n\n" + "lang" * 400 + "\n\n1. a\n   - b\n")
    assert made.startswith(b"%PDF")


def test_the_printer_needs_no_font_of_the_machine() -> None:
    code = "from bot.gateway import pages; assert pages.pdf('x', '# x').startswith(b'%PDF')"
    assert subprocess.run([sys.executable, "-c", code], env={"PATH": "", "HOME": "/nonexistent"}, capture_output=True).returncode == 0
