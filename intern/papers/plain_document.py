"""Builds a Document from sources without pages (LaTeX, HTML): everything is on page 1.

Tables come with their spans given, so that nothing has to be guessed from places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from intern.papers.grids import head_rows, is_number
from intern.papers.model import Box, Document, Grid, Paragraph, Section


@dataclass(slots=True)
class Cell:
    """A table cell and how many columns and rows it covers."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class DocumentBuilder:
    """Add parts in reading order, then take `document`."""

    document: Document = field(default_factory=lambda: Document(pages=1))
    _counts: dict[int, int] = field(default_factory=dict)
    _appendix: bool = False

    def begin_appendix(self) -> None:
        """Sections from here on are appendices, lettered A, B …"""
        self._appendix = True
        self._counts = {}

    def section(self, title: str, level: int, *, numbered: bool = True) -> None:
        title = tidy(title)
        if not title:
            return
        number = self._next_number(level) if numbered else ""
        self.document.sections.append(Section(title=title, level=level, page=1, appendix=self._appendix, number=number))

    def _next_number(self, level: int) -> str:
        self._counts = {key: value for key, value in self._counts.items() if key <= level}
        self._counts[level] = self._counts.get(level, 0) + 1
        parts = [self._counts.get(key, 0) for key in range(1, level + 1)]
        first = chr(ord("A") + max(0, parts[0] - 1)) if self._appendix and parts[0] <= 26 else str(parts[0])
        return ".".join([first, *map(str, parts[1:])])

    def paragraph(self, text: str, kind: str = "text") -> None:
        text = tidy(text)
        if len(text) < 2:
            return
        paragraph = Paragraph(text, Box(1))
        if kind in ("caption", "footnote", "abstract", "reference"):
            paragraph.kind = kind  # type: ignore[assignment]
        if self.document.sections:
            section = self.document.sections[-1]
            word = "appendix" if section.appendix else "section"
            paragraph.section, paragraph.appendix = section.title, section.appendix
            paragraph.place = len(self.document.sections) - 1
            paragraph.locator = f"{word} {section.number}" if section.number else f'{word} "{section.title}"'
        if kind == "reference":
            self.document.references.append(text)
        elif kind == "caption":
            self.document.captions.append(paragraph)
        elif kind == "footnote":
            self.document.footnotes.append(paragraph)
        else:
            self.document.paragraphs.append(paragraph)

    def table(self, rows: list[list[Cell]], caption: str) -> None:
        """A table with its caption ("Table 2: …")."""
        label = re.match(r"\w+ \w+", caption)
        grid = Grid(1, tidy(caption), label.group() if label else "Table", [], [])
        covers = _lay_out(rows, grid)
        if len(grid.rows) < 2 or len(grid.rows[0]) < 2:
            return
        grid.head = min(head_rows(grid), len(grid.rows) - 1)
        grid.columns = [
            list(dict.fromkeys(row[n] for row in covers[: grid.head] if row[n])) for n in range(len(grid.rows[0]))
        ]
        _group(grid, covers)
        if self.document.sections:
            section = self.document.sections[-1]
            grid.section, grid.appendix = section.title, section.appendix
            grid.place = len(self.document.sections) - 1
        self.document.tables.append(grid)

    def finish(self) -> Document:
        """The document, with the text that quotes are looked up in."""
        document = self.document
        parts = [document.title, document.abstract]
        parts += [item.text for group in (document.paragraphs, document.footnotes, document.captions) for item in group]
        parts += [line for grid in document.tables for line in grid.lines]
        document.page_texts = ["\n".join(parts)]
        return document


def tidy(text: str) -> str:
    """One space between words, none before punctuation."""
    return re.sub(r"\s+([,.;:!?)])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _lay_out(rows: list[list[Cell]], grid: Grid) -> list[list[str]]:
    """Fill `grid.rows` and return, for each row, the text that covers each column."""
    width = max((sum(cell.columns for cell in row) for row in rows), default=0)
    down: dict[int, tuple[int, str]] = {}
    covers: list[list[str]] = []
    for row in rows:
        cells, over, column = [""] * width, [""] * width, 0
        for n in list(down):
            left, text = down[n]
            over[n] = text
            down[n] = (left - 1, text)
            if left <= 1:
                del down[n]
        for cell in row:
            text = tidy(cell.text)
            while column < width and over[column] and not text and cell.columns == 1:
                break
            if column >= width:
                break
            cells[column] = text
            for n in range(column, min(width, column + cell.columns)):
                if text:
                    over[n] = text
                if cell.rows > 1 and text:
                    down[n] = (cell.rows - 1, text)
            column += cell.columns
        if any(cells):
            grid.rows.append(cells)
            grid.bold.append([False] * width)
            grid.lines.append(" ".join(cell for cell in cells if cell))
            covers.append(over)
    return covers


def _group(grid: Grid, covers: list[list[str]]) -> None:
    title = ""
    grid.groups = [""] * len(grid.rows)
    for n in range(grid.head, len(grid.rows)):
        filled = [cell for cell in grid.rows[n] if cell]
        if len(filled) == 1 and not is_number(filled[0]) and n + 1 < len(grid.rows):
            title = filled[0]
            continue
        grid.groups[n] = covers[n][0] if not grid.rows[n][0] and covers[n][0] else title
