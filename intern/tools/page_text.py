"""An HTML page as plain text: headings, paragraphs, lists, code and tables; no scripts, menus or hidden parts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "nav", "footer", "form", "button", "iframe", "aside"}
)
BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "header", "ul", "ol", "table", "tr", "figure", "blockquote", "dl"}
)
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
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
    main = re.search(r"<(main|article)\b.*</\1\s*>", html, re.DOTALL | re.IGNORECASE)
    whole, part = _Reader(), _Reader()
    whole.feed(html)
    whole.close()
    if main is not None:
        part.feed(main[0])
        part.close()
    chosen = "".join(part.parts) if len("".join(part.parts).strip()) > 200 else "".join(whole.parts)
    lines = [line.rstrip() if line.startswith((" ", "\t")) else line.strip() for line in chosen.split("\n")]
    return whole.title, re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def notebook_text(cells: list[object]) -> str:
    """Cells of a Jupyter notebook: text as it is, code in fences."""
    shown = []
    for cell in cells:
        if isinstance(cell, dict):
            source = cell.get("source", "")
            text = "".join(map(str, source)) if isinstance(source, list) else str(source)
            shown.append(f"```python\n{text}\n```" if cell.get("cell_type") == "code" else text)
    return "\n\n".join(shown)
