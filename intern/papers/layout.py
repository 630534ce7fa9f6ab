"""A PDF page as lines of clean text with their place, size and weight, in reading order.

MuPDF already splits a baseline where a wide gap stands, so a piece of a line is a table cell as often as not; `Line`
joins the pieces and keeps them. Superscripts are written "^", so that 10^-9 does not read as 10-9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from intern.papers.characters import clean
from intern.papers.mupdf import pymupdf

FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
SUPERSCRIPT, BOLD = 1, 16
MUPDF_ERRORS = (
    pymupdf.mupdf.FzErrorBase, pymupdf.FileDataError, pymupdf.EmptyFileError, pymupdf.FileNotFoundError,
    RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
"""What the library raises on damaged files; its own base class is an ordinary Exception."""
WHITE = 0xF8F8F8
TINY = 3.0
_BOLD_FONT = re.compile(r"bold|black|heavy|semib|demi|medi(?!um\b)|cmbx|cmb\d|sfbx|-bd|cmssbx", re.I)
_ARXIV = re.compile(r"arXiv:\s*(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?)")
_EXPONENT = re.compile(r"\d[eE]$")
"""After it a raised number is an exponent already: 3.0e^-4 is written 3.0e-4."""


@dataclass(slots=True)
class Piece:
    """Text without a wide gap inside."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    italic: bool = False
    peak: float = 0.0
    """The largest letter; differs from `size` in small capitals."""
    lead: int = 0
    """Characters at its start that are bold or slanted, where plain ones follow."""
    base: float = 0.0
    """Height of its baseline. Boxes are as tall as the font says, and neighbouring rows may overlap."""


@dataclass(slots=True)
class Line:
    """One baseline of one block."""

    page: int
    block: int
    pieces: list[Piece]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces if piece.text)

    @property
    def x0(self) -> float:
        return min(piece.x0 for piece in self.pieces)

    @property
    def x1(self) -> float:
        return max(piece.x1 for piece in self.pieces)

    @property
    def y0(self) -> float:
        return min(piece.y0 for piece in self.pieces)

    @property
    def y1(self) -> float:
        return max(piece.y1 for piece in self.pieces)

    @property
    def middle(self) -> float:
        """Height of the middle of its small letters."""
        main = max(self.pieces, key=lambda piece: len(piece.text))
        return main.base - 0.3 * main.size

    @property
    def size(self) -> float:
        return max(self.pieces, key=lambda piece: len(piece.text)).size

    @property
    def peak(self) -> float:
        return max(piece.peak for piece in self.pieces)

    @property
    def lead(self) -> str:
        """Words in bold or italics that the line begins with, "" where it goes on like them or begins plainly."""
        first = self.pieces[0]
        if first.lead:
            return first.text[: first.lead].strip()
        return first.text if first.bold and len(self.pieces) > 1 and not self.pieces[1].bold else ""

    @property
    def bold(self) -> bool:
        letters = sum(len(piece.text) for piece in self.pieces)
        return sum(len(piece.text) for piece in self.pieces if piece.bold) > 0.6 * letters


@dataclass(slots=True)
class Page:
    number: int
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    text: str = ""
    """The text as MuPDF gives it: what a quote has to stand in."""
    arxiv_id: str | None = None
    hidden_words: int = 0
    text_page: Any = None
    rules: list[tuple[float, float, float]] = field(default_factory=list)
    """Horizontal lines as (x0, x1, y), pieces at one height joined; only of pages with tables."""
    turned: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    """Text that runs upwards, with its box: a label beside the rows it holds for."""

    def words(self) -> list[tuple[float, float, float, float, str]]:
        """Words with their boxes; asked for only where a table needs them."""
        if self.text_page is None:
            return []
        return [(item[0], item[1], item[2], item[3], clean(item[4])) for item in self.text_page.extractWORDS()]


def drop_annotations(document: Any) -> None:
    """Take a reader's notes and highlights off every page, so that they are not read as the paper's words."""
    for number in range(document.page_count):
        xref = document.page_xref(number)
        if document.xref_get_key(xref, "Annots")[0] != "null":
            document.xref_set_key(xref, "Annots", "null")


def read_page(document: Any, index: int) -> Page:
    """Lines of one page (0-based index) in reading order."""
    source = document[index]
    text_page = source.get_textpage(flags=FLAGS)
    content = text_page.extractDICT()
    page = Page(index + 1, source.rect.width, source.rect.height, text=text_page.extractText(), text_page=text_page)
    page.rules = _rules(source) if re.search(r"\btab(?:le|\.)\s", page.text, re.I) else []
    for number, block in enumerate(content["blocks"]):
        lines: list[Line] = []
        for raw in block.get("lines", ()):
            direction = raw["dir"]
            if abs(direction[1]) > 0.1 or direction[0] < 0:
                stamp = _ARXIV.search("".join(span["text"] for span in raw["spans"]))
                if stamp and page.arxiv_id is None:
                    page.arxiv_id = stamp.group(1)
                elif label := clean("".join(span["text"] for span in raw["spans"])).strip():
                    page.turned.append((*raw["bbox"], label))
                continue
            pieces = _pieces(raw["spans"], page)
            if not pieces:
                continue
            here = Line(page.number, number, pieces)
            if lines and _same_baseline(lines[-1], here):
                lines[-1].pieces.extend(pieces)
            else:
                lines.append(here)
        for line in lines:
            line.pieces.sort(key=lambda piece: piece.x0)
        lines.sort(key=lambda line: line.middle)
        page.lines.extend(lines)
    return page


def _rules(source: Any) -> list[tuple[float, float, float]]:
    """Horizontal lines of a page from top to bottom, those at one height joined; [] where drawings cannot be read."""
    try:
        drawings = source.get_cdrawings()
    except MUPDF_ERRORS:
        return []
    found: list[list[float]] = []
    for drawing in drawings:
        x0, y0, x1, y1 = drawing["rect"]
        if y1 - y0 < 2.0 and x1 - x0 > 8.0:
            found.append([x0, x1, (y0 + y1) / 2])
    found.sort(key=lambda rule: (round(rule[2]), rule[0]))
    joined: list[list[float]] = []
    for rule in found:
        last = joined[-1] if joined else None
        if last and abs(last[2] - rule[2]) < 0.8 and rule[0] - last[1] < 1.5:
            last[1] = max(last[1], rule[1])
        else:
            joined.append(list(rule))
    return sorted(((rule[0], rule[1], rule[2]) for rule in joined), key=lambda rule: rule[2])


def _same_baseline(one: Line, other: Line) -> bool:
    """Whether two lines of a block are parts of one: the same baseline, or an index beside its letter."""
    near = abs(one.middle - other.middle)
    if min(one.size, other.size) < 0.85 * max(one.size, other.size):
        return near < 0.55 * max(one.size, other.size)
    return near < 0.3 * max(one.size, other.size)


def _hidden(span: dict[str, Any]) -> bool:
    return bool(
        span["size"] < TINY or span.get("alpha", 255) == 0 or (span["color"] >= WHITE and span["color"] & 0xFF >= 0xF8)
    )


def _pieces(spans: list[dict[str, Any]], page: Page) -> list[Piece]:
    """Spans joined to pieces; a run of spaces wider than 0.9 em starts a new piece."""
    visible = []
    for span in spans:
        if _hidden(span):
            page.hidden_words += len(re.findall(r"[^\W\d_]{2,}", span["text"]))
        elif span["text"]:
            visible.append(span)
    if not visible:
        return []
    main = max(visible, key=lambda span: len(span["text"].strip()))["size"]
    largest = (
        max(span["size"] for span in visible if span["text"].strip())
        if any(span["text"].strip() for span in visible)
        else main
    )
    shouting = not re.search(r"[a-z]{2}", " ".join(span["text"] for span in visible))
    pieces: list[Piece] = []
    lifted = False
    weights: list[tuple[int, int, int]] = []
    for span in visible:
        text = clean(span["text"])
        if not text.strip():
            if pieces and not pieces[-1].text.endswith(" "):
                _add_space(pieces[-1])
            continue
        x0, y0, x1, y1 = span["bbox"]
        size, letters = span["size"], len(text)
        bold = bool(span["flags"] & BOLD) or bool(_BOLD_FONT.search(span["font"]))
        raised = bool(span["flags"] & SUPERSCRIPT) and size < 0.86 * main
        if pieces and x0 - pieces[-1].x1 > 0.9 * main and pieces[-1].text.strip():
            pieces[-1].text = pieces[-1].text.strip()
            pieces.append(Piece("", x0, y0, x1, y1, size, bold))
            weights.append((0, 0, 0))
        elif not pieces:
            pieces.append(Piece("", x0, y0, x1, y1, size, bold))
            weights.append((0, 0, 0))
        piece = pieces[-1]
        if text.isupper() and size < 0.88 * (largest if shouting else main):
            # Small capitals: the smaller letters are the lower case. As an index (BERT base) they are a word apart.
            if shouting and size > 0.7 * largest:
                text = text.lower()
            elif not shouting and len(text.strip()) >= 3 and piece.text[-1:].isalpha():
                text = ("" if _goes_on(piece, span["origin"][1], main) else " ") + text.lower()
        if raised and text.strip() and piece.text.strip() and text.strip()[0] not in "*†‡§¶," and not lifted:
            text = text.lstrip() if _EXPONENT.search(piece.text) else "^" + text.lstrip()
        lifted = raised and bool(text.strip())
        if bold or span["flags"] & 2:
            piece.lead = len(piece.text + text) if piece.lead == len(piece.text) else piece.lead
        elif not piece.text.strip():
            piece.lead = -1
        piece.text += text
        piece.peak = max(piece.peak, size)
        piece.x1, piece.y0, piece.y1 = max(piece.x1, x1), min(piece.y0, y0), max(piece.y1, y1)
        heavy, slanted, total = weights[-1]
        weights[-1] = heavy + letters * bold, slanted + letters * bool(span["flags"] & 2), total + letters
        if letters > len(piece.text) / 2 or not piece.base:
            piece.size, piece.base = size, span["origin"][1]
    _finish(pieces, weights)
    return [piece for piece in pieces if piece.text]


_SMALL_CAPITALS = re.compile(r"(?:(?<![^\W_])|(?<=[a-z]))[A-Z]$")
"""What small capitals go on from: the one large letter of a word, or one within it."""


def _goes_on(piece: Piece, base: float, size: float) -> bool:
    """Whether small capitals on the baseline `base` are the rest of the piece's last word, not an index to it."""
    return abs(base - piece.base) < 0.06 * size and _SMALL_CAPITALS.search(piece.text) is not None


def _add_space(piece: Piece) -> None:
    """A space between two spans; bold or slanted words go on behind it."""
    piece.lead += piece.lead == len(piece.text) > 0
    piece.text += " "


def _finish(pieces: list[Piece], weights: list[tuple[int, int, int]]) -> None:
    """Sets what a piece is as a whole once all its letters are known."""
    for piece, (heavy, slanted, total) in zip(pieces, weights, strict=True):
        piece.lead = piece.lead if 0 < piece.lead < len(piece.text.rstrip()) - 1 else 0
        piece.text = re.sub(r"\s+", " ", piece.text).strip()
        piece.bold = heavy > total / 2
        piece.italic = slanted > total / 2
