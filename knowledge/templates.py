"""Pages that people can send: Markdown with Jinja, filled with what the conversation knows. What it does not know changes the words, and leaves no gap."""

import re
from collections.abc import Iterator

from jinja2 import StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
KNOWN = ("doelgroep", "vak", "uren", "opleiding", "ervaring", "sector", "plaats", "datum")      # each a text, or None
_LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
_TIGHT = re.compile(r"\{\{\S|\S\}\}")
_MARKUP = re.compile(r"[*_#`\[\]()<>{}|\\]")


def without_logic(template: str) -> str:
    """The words of a template, its conditions and variables taken out."""
    return _LOGIC.sub(" ", template)


def complaints(template: str) -> Iterator[str]:
    """A template that Jinja cannot read, or that asks for what no conversation knows."""
    try:
        asked = meta.find_undeclared_variables(_ENVIRONMENT.parse(template))
    except TemplateSyntaxError as error:
        yield f"regel {error.lineno}: {error.message}"
        return
    for name in sorted(asked - set(KNOWN)):
        yield f"vraagt naar {name}; een gesprek kent alleen {', '.join(KNOWN)}"
    if _TIGHT.search(template):
        yield "zet spaties binnen {{ }}, anders lijkt het een getal"


def render(template: str, known: dict[str, str | None]) -> str:
    """The page as Markdown. Values that a person typed lose every sign and line end that Markdown reads as markup."""
    values = {name: " ".join(_MARKUP.sub("", known.get(name) or "").split()) or None for name in KNOWN}
    rendered = _ENVIRONMENT.from_string(template).render(values)
    return re.sub(r"\n{3,}", "\n\n", rendered).strip() + "\n"
