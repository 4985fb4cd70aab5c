"""A Message of api.md as Telegram can show it: plain text in parts that are short enough, and buttons."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

MAX_UNITS = 4096        # of UTF-16, which is how Telegram counts
MAX_TITLE = 60
MAX_CALLBACK_BYTES = 64
_BREAKS = ("\n\n", "\n", " ")
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_markdown = MarkdownIt("commonmark", {"html": False})


def parts(body: dict, *, no_text: str) -> list[str]:
    """The texts to send one after the other: the answer with its sources. Empty where there is nothing to tell.

    `no_text` stands in where a message has buttons and no text.
    """
    text = plain(body.get("text") or "")
    sources = _sources(body.get("sources") or [])
    whole = "\n\n".join(piece for piece in (text, sources) if piece)
    if not whole and body.get("buttons"):
        whole = no_text
    return split(whole)


def rows(body: dict) -> list[tuple[str, str]]:
    """(title, callback data) of each button, in order; one that Telegram would refuse is left out."""
    return [(_short(button["title"]), button["payload"]) for button in body.get("buttons") or []
            if button["title"].strip() and 0 < len(button["payload"].encode("utf-8", "replace")) <= MAX_CALLBACK_BYTES]


def bare(text: str) -> str:
    """What is left when even plain text is refused: letters, digits, punctuation and breaks of the first plane."""
    spaced = (" " if letter.isspace() and letter != "\n" else letter for letter in text)
    return "".join(letter for letter in spaced if letter == "\n" or (letter.isprintable() and ord(letter) < 0x10000)).strip()


def units(text: str) -> int:
    """The length of `text` as Telegram counts it."""
    return len(text.encode("utf-16-le", "replace")) // 2


# --- Markdown to plain text

def plain(markdown: str) -> str:
    """Markdown without its marks: lists keep a bullet or number, a link is followed by its address. HTML is text like any other."""
    tree = SyntaxTreeNode(_markdown.parse(_UNSENDABLE.sub("", markdown.replace("\r\n", "\n"))))
    return _BLANK_LINES.sub("\n\n", _blocks(tree.children, "\n\n")).strip()


def _blocks(nodes: list[SyntaxTreeNode], between: str) -> str:
    return between.join(text for text in (_block(node) for node in nodes) if text)


def _block(node: SyntaxTreeNode) -> str:
    if node.type in ("bullet_list", "ordered_list"):
        return "\n".join(_items(node))
    if node.type in ("fence", "code_block", "html_block"):
        return node.content.rstrip("\n")
    if node.type == "inline":
        return "".join(_inline(child) for child in node.children)
    return _blocks(node.children, "\n" if node.type == "list_item" else "\n\n")


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if node.type == "ordered_list" else "• "
        yield mark + _block(item).replace("\n", "\n" + " " * len(mark))


def _inline(node: SyntaxTreeNode) -> str:
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    inner = "".join(_inline(child) for child in node.children)
    if node.type == "link":
        return _link(inner, str(node.attrs.get("href", "")))
    if node.type == "image":
        return _link(inner or node.content, str(node.attrs.get("src", "")))
    return inner or (node.content if _is_leaf(node) else "")


def _is_leaf(node: SyntaxTreeNode) -> bool:
    token: Token | None = node.token if not node.is_nested else None
    return token is not None and token.type in ("text", "code_inline", "html_inline", "text_special")


def _link(text: str, address: str) -> str:
    if not address or not text.strip():
        return text or address
    without_scheme = address.split("://", 1)[-1].removeprefix("mailto:").rstrip("/")
    return address if text.strip().rstrip("/") in (address.rstrip("/"), without_scheme) else f"{text} ({address})"


def _sources(sources: list[dict]) -> str:
    if not sources:
        return ""
    told = (f"• {_line(source['title'])} ({_line(source['as_of'])}): {_line(source['url'])}" for source in sources)
    return "\n".join(["Bronnen:", *told])


def _line(text: object) -> str:
    return " ".join(_UNSENDABLE.sub("", str(text)).split())


def _short(title: str) -> str:
    title = _line(title)
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


# --- parts

def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """`text` in parts of at most `limit` units: between paragraphs, else between lines, else between words, else where it must."""
    return [part.strip("\n") for part in _packed(text, limit, _BREAKS) if part.strip()]


def _packed(text: str, limit: int, breaks: tuple[str, ...]) -> list[str]:
    if units(text) <= limit:
        return [text]
    if not breaks:
        return list(_cut(text, limit))
    between, packed = breaks[0], [""]
    for piece in text.split(between):
        joined = packed[-1] + between + piece if packed[-1] else piece
        if units(joined) <= limit:
            packed[-1] = joined
        else:       # a piece that is itself too long starts on its own part and may be joined by what follows
            packed.extend(_packed(piece, limit, breaks[1:]))
    return packed


def _cut(text: str, limit: int) -> Iterator[str]:
    part, length = "", 0
    for letter in text:
        wide = 2 if ord(letter) > 0xFFFF else 1
        if length + wide > limit:
            yield part
            part, length = "", 0
        part, length = part + letter, length + wide
    if part:
        yield part
