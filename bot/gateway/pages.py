"""A page in Markdown as a PDF that one can print or send."""

import re
import unicodedata
from pathlib import Path

import matplotlib
from fpdf import FPDF
from fpdf.fonts import FontFace, TextStyle
from markdown_it import MarkdownIt

TYPES = {"pdf": "application/pdf", "md": "text/markdown; charset=utf-8"}
_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"      # DejaVu: it has every sign that Dutch needs, and boxes to tick
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_BLUE = "#12355b"
_STYLES = {        # margins under a heading are in lines, above it in millimetres
    "h1": TextStyle(font_size_pt=18, color=_BLUE, b_margin=0.4), "h2": TextStyle(font_size_pt=13, color=_BLUE, t_margin=6, b_margin=0.4),
    "h3": TextStyle(font_size_pt=11, color=_BLUE, t_margin=4, b_margin=0.4), "a": FontFace(color=_BLUE),
}


class _Sheet(FPDF):
    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("DejaVu", size=8)
        self.cell(0, 8, f"{self.page_no()}", align="C")


def pdf(title: str, markdown: str) -> bytes:
    """An A4 PDF of a page. HTML in the Markdown is text like any other."""
    sheet = _Sheet(format="A4")
    for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf"), ("I", "DejaVuSans-Oblique.ttf"), ("BI", "DejaVuSans-BoldOblique.ttf")):
        sheet.add_font("DejaVu", style, _FONTS / file)
    sheet.set_title(title)
    sheet.set_lang("nl")
    sheet.set_margins(20, 18)
    sheet.set_auto_page_break(True, 18)
    sheet.add_page()
    sheet.set_font("DejaVu", size=10)
    sheet.write_html(_markdown.render(markdown), tag_styles=_STYLES, ul_bullet_char="•", li_prefix_color=_BLUE)
    return bytes(sheet.output())


def file_name(title: str, ending: str) -> str:
    """A plain name for the file: `mail-aan-je-werkgever.pdf`."""
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', bare).strip('-') or 'lesbrug'}.{ending}"
