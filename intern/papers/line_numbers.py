"""Numbers that manuscripts under review print beside every line: found by their counting, and taken off the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from intern.papers.layout import Line, Page, Piece

_LEAST = 20
"""Lines that a page counts before its numbers are believed to be those of lines: no ranking is as long."""
_IN_STEP = 0.9
"""Share of them that are one more than the number above."""


def drop_line_numbers(pages: list[Page]) -> None:
    """Take the numbers of lines off every page, so that "12 Related Work" is a heading again."""
    last = -1
    for page in pages:
        numbers, last = _numbers(page, last)
        if not numbers:
            continue
        for line in page.lines:
            line.pieces = [piece for piece in line.pieces if id(piece) not in numbers]
        page.lines = [line for line in page.lines if line.pieces]


def _numbers(page: Page, last: int) -> tuple[set[int], int]:
    """Ids of the pieces of a page that count its lines, column by column, and the number that the count has come to."""
    edges = [piece for line in page.lines for piece in _edges(line) if piece.text.isdecimal() and len(piece.text) < 5]
    columns = [column for side in ("x1", "x0") for column in _columns(edges, side)]
    out: set[int] = set()
    for column in sorted(columns, key=lambda column: int(column[0].text)):
        steps = [int(below.text) - int(above.text) == 1 for above, below in pairwise(column)]
        goes_on = 0 <= last < int(column[0].text) <= last + 2  # a short column, or a last page
        if (len(column) >= _LEAST or goes_on) and sum(steps) >= _IN_STEP * len(steps):
            out.update(id(piece) for piece in column)
            last = max(last, int(column[-1].text))
    return out, last


def _columns(pieces: list[Piece], side: str) -> Iterator[list[Piece]]:
    """Numbers with one edge in common, from top to bottom: the right edge where they stand left of the text."""
    groups: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[round(getattr(piece, side) / 2)].append(piece)
    for place, group in groups.items():
        if place - 1 not in groups:
            yield sorted([*group, *groups.get(place + 1, [])], key=lambda piece: piece.y0)


def _edges(line: Line) -> list[Piece]:
    return [line.pieces[0]] if len(line.pieces) == 1 else [line.pieces[0], line.pieces[-1]]
