"""An HTML page as plain text: headings, paragraphs, lists, code and tables; no scripts, menus or hidden parts."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "nav", "footer", "form", "button", "iframe", "aside"}
)
BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "header", "ul", "ol", "table", "tr", "figure", "blockquote", "dl"}
)
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
PIECE = 16_384
MOST_SECONDS = 4.0
DEEPEST = 300
"""Elements within elements; what is deeper is text all the same."""
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.I)


class _Reader(HTMLParser):
    """Collects the text that a person would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title = ""
        self._open: list[tuple[str, bool]] = []
        """Open elements, and whether each hides what is in it."""
        self._pre = 0

    @property
    def _hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        about = dict(attributes)
        hides = tag in SKIPPED or "hidden" in about or about.get("aria-hidden") == "true"
        hides = hides or bool(HIDDEN.search(about.get("style") or ""))
        if tag == "br":
            self._add("\n")
        if tag in VOID:
            return
        if len(self._open) >= DEEPEST:
            return
        self._open.append((tag, hides or self._hidden))
        if tag == "pre":
            self._pre += 1
            self._add("\n\n```\n")
        elif re.fullmatch("h[1-6]", tag):
            self._add(f"\n\n{'#' * int(tag[1])} ")
        elif tag == "li":
            self._add("\n- ")
        elif tag in ("td", "th"):
            self._add(" | ")
        elif tag in BLOCKS:
            self._add("\n\n" if tag != "tr" else "\n")

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if not places:
            return
        if tag == "pre":
            self._pre -= 1
            self._add("\n```\n\n")
        elif tag in BLOCKS or re.fullmatch("h[1-6]", tag):
            self._add("\n\n" if tag != "tr" else "\n")
        del self._open[places[-1] :]  # an element that was not closed ends with the one around it

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "title" and not self.title:
            self.title = " ".join(data.split())
        else:
            self._add(data if self._pre else re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if not self._hidden:
            self.parts.append(text)


def page_text(html: str) -> tuple[str, str]:
    """Title and readable text of a page; of one that names its main part, that part."""
    title, text = _read(html)
    if (part := _main_part(html)) and len(inner := _read(part)[1].strip()) > 200:
        text = inner
    lines = [line.rstrip() if line.startswith((" ", "\t")) else line.strip() for line in text.split("\n")]
    return title, re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read(html: str) -> tuple[str, str]:
    reader, until = _Reader(), time.monotonic() + MOST_SECONDS
    for start in range(0, len(html), PIECE):
        reader.feed(html[start : start + PIECE])
        if time.monotonic() > until:
            reader.parts.append("\n\n[The page is broken or very large: the rest was not read.]")
            return reader.title, "".join(reader.parts)
    if (
        len(reader.rawdata) < PIECE
    ):  # a tag or comment that never ends; the parser would look for its end again and again
        reader.close()
    return reader.title, "".join(reader.parts)


def _main_part(html: str) -> str:
    """From the first <main> (or <article>) to its last end."""
    folded = html.lower()
    for name in ("main", "article"):
        begin, end = re.search(rf"<{name}[\s>]", folded), folded.rfind(f"</{name}")
        if begin is not None and end > begin.start():
            return html[begin.start() : end]
    return ""


def notebook_text(cells: list[object]) -> str:
    """Cells of a Jupyter notebook: text as it is, code in fences."""
    shown = []
    for cell in cells:
        if isinstance(cell, dict):
            source = cell.get("source", "")
            text = "".join(map(str, source)) if isinstance(source, list) else str(source)
            shown.append(f"```python\n{text}\n```" if cell.get("cell_type") == "code" else text)
    return "\n\n".join(shown)
