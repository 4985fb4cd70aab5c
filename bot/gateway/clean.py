"""Typed text, made safe to hand on: one form of Unicode, no control characters, nothing that Rasa takes for a command."""

import re
import unicodedata

# C0 and C1 controls but newline and tab, zero-width and direction marks, byte order mark, unpaired surrogates
_DROPPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SLASHES = "/／⁄∕"


def clean(text: str) -> str:
    """`text` in NFC without control characters and leading slashes; may be empty."""
    text = unicodedata.normalize("NFC", _DROPPED.sub("", text.replace("\r\n", "\n"))).strip()
    while text and text[0] in _SLASHES:
        text = text.lstrip(_SLASHES).strip()
    return text
