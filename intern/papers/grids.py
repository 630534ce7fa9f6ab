"""Rows of words to a grid of cells.

The columns are the x-intervals that the fullest rows agree on; a heading that covers several columns is kept in the
first of them and repeated in `columns`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from intern.papers.captions import Caption
from intern.papers.layout import Line, Page, Piece
from intern.papers.model import Grid

_NUMBERISH = re.compile(
    r"[<>~±$]?\s*[-+]?[\d.,]+\s*(%|[kKMBTx]|±.*|\(.*\)|e-?\d+|·.*|/.*|\^.*|s|h|ms)?\*?|"
    r"\d{1,3}(?: \d{3})+|\{[\d.,eE\s-]*\d\}"
)


@dataclass(slots=True)
class Row:
    """One baseline of a region."""

    lines: list[Line]
    pieces: list[Piece] = field(default_factory=list)

    @property
    def y0(self) -> float:
        return min(piece.y0 for piece in self.pieces)

    @property
    def y1(self) -> float:
        return max(piece.y1 for piece in self.pieces)

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)


def build_grid(rows: list[Row], page: Page, caption: Caption) -> Grid | None:
    """Rows and columns of a region; None when no columns can be made out."""
    intervals = _columns(rows)
    if len(intervals) < 2:
        return None
    if any(_overlaps(piece, intervals) > 1 for row in rows for piece in row.pieces):
        words = page.words()
        for row in rows:
            row.pieces = [part for piece in row.pieces for part in _split(piece, intervals, words)]
        intervals = _columns(rows)
    grid = Grid(page.number, caption.text, caption.label, [], [])
    placed: list[list[tuple[Piece, int]]] = []
    for row in rows:
        cells = [""] * len(intervals)
        bold = [False] * len(intervals)
        here = [(piece, _column_of(piece, intervals)) for piece in row.pieces]
        for piece, column in here:
            cells[column] = f"{cells[column]} {piece.text}".strip()
            bold[column] = bold[column] or piece.bold
        placed.append(here)
        grid.rows.append(cells)
        grid.bold.append(bold)
        grid.lines.append(row.text)
    grid.head = head_rows(grid)
    grid.columns = _headings(grid, placed, intervals)
    _group(grid, [row.lines[0].middle for row in rows])
    _drop_empty_columns(grid)
    return grid if len(grid.rows) >= 2 and len(grid.rows[0]) >= 2 else None


def _overlaps(piece: Piece, intervals: list[tuple[float, float]]) -> int:
    return sum(min(x1, piece.x1) - max(x0, piece.x0) > 1 for x0, x1 in intervals)


def _columns(rows: list[Row]) -> list[tuple[float, float]]:
    """Column intervals: overlaps of the pieces of the fuller rows, widest rows last to join."""
    counts = Counter(len(row.pieces) for row in rows)
    full = max((count for count, seen in counts.items() if seen >= 2 and count > 1), default=max(counts))
    dense = [row for row in rows if len(row.pieces) >= max(2, 0.6 * full)]
    numeric = [row for row in dense if sum(bool(_NUMBERISH.fullmatch(piece.text)) for piece in row.pieces) >= 1]
    basis = numeric if len(numeric) >= 2 else dense
    intervals: list[list[float]] = []
    for piece in sorted((piece for row in basis for piece in row.pieces), key=lambda item: item.x1 - item.x0):
        hits = [one for one in intervals if min(one[1], piece.x1) - max(one[0], piece.x0) > -0.5]
        if len(hits) > 1:
            continue  # spans several columns: a heading, not a column
        if hits:
            hits[0][0], hits[0][1] = min(hits[0][0], piece.x0), max(hits[0][1], piece.x1)
        else:
            intervals.append([piece.x0, piece.x1])
    for row in rows:
        for piece in row.pieces:
            if all(min(one[1], piece.x1) - max(one[0], piece.x0) <= -2 for one in intervals):
                intervals.append([piece.x0, piece.x1])
    intervals.sort()
    merged: list[list[float]] = []
    for one in intervals:
        if merged and one[0] < merged[-1][1] - 1:
            merged[-1][1] = max(merged[-1][1], one[1])
        else:
            merged.append(list(one))
    return [(one[0], one[1]) for one in merged]


def _split(
    piece: Piece, intervals: list[tuple[float, float]], words: list[tuple[float, float, float, float, str]]
) -> list[Piece]:
    """A piece over several columns, cut at the gaps between its words that are wider than a space."""
    if _overlaps(piece, intervals) < 2:
        return [piece]
    inside = sorted(
        word
        for word in words
        if piece.x0 - 1 <= word[0]
        and word[2] <= piece.x1 + 1
        and piece.y0 - 2 <= (word[1] + word[3]) / 2 <= piece.y1 + 2
    )
    if len(inside) < 2:
        return [piece]
    gaps = [after[0] - before[2] for before, after in pairwise(inside)]
    numbers = all(is_number(word[4]) for word in inside)
    least = 0.0 if numbers else 0.5 * piece.size
    parts: list[Piece] = []
    for number, word in enumerate(inside):
        if number and gaps[number - 1] < least:
            parts[-1].text += " " + word[4]
            parts[-1].x1 = max(parts[-1].x1, word[2])
        else:
            parts.append(
                Piece(
                    word[4], word[0], piece.y0, word[2], piece.y1, piece.size, piece.bold, piece.italic, base=piece.base
                )
            )
    return parts


def _column_of(piece: Piece, intervals: list[tuple[float, float]]) -> int:
    """The first column a piece covers, else the nearest."""
    hits = [n for n, (x0, x1) in enumerate(intervals) if min(x1, piece.x1) - max(x0, piece.x0) > 1]
    middle = (piece.x0 + piece.x1) / 2
    if len(hits) == 1:
        return hits[0]
    pool = hits or range(len(intervals))
    return hits[0] if len(hits) > 2 else min(pool, key=lambda n: abs((intervals[n][0] + intervals[n][1]) / 2 - middle))


def _headings(
    grid: Grid, placed: list[list[tuple[Piece, int]]], intervals: list[tuple[float, float]]
) -> list[list[str]]:
    """For each column its headings from top to bottom. A heading that stands over the middle of several columns is
    the heading of all of them."""
    heads: list[list[str]] = [[] for _ in intervals]
    for here in placed[: grid.head]:
        taken = {column for _, column in here}
        for piece, column in here:
            first, last = (
                _cover(piece, column, taken - {column}, intervals) if len(here) < len(intervals) else (column, column)
            )
            for n in range(first, last + 1):
                heads[n].append(piece.text)
    return heads


def _cover(piece: Piece, column: int, others: set[int], intervals: list[tuple[float, float]]) -> tuple[int, int]:
    """The run of columns, free of other headings, whose middle is the piece's middle."""
    low, high = column, column
    while low - 1 > 0 and low - 1 not in others:
        low -= 1
    while high + 1 < len(intervals) and high + 1 not in others:
        high += 1
    middle = (piece.x0 + piece.x1) / 2
    best, run = 1e9, (column, column)
    for first in range(low, column + 1):
        for last in range(column, high + 1):
            x0, x1 = intervals[first][0], intervals[last][1]
            if x0 > piece.x0 + 25 and x1 < piece.x1 - 25:
                continue
            off = abs((x0 + x1) / 2 - middle) - 0.8 * (last - first)
            if off < best:
                best, run = off, (first, last)
    if column == 0:
        return 0, 0
    single = abs((intervals[column][0] + intervals[column][1]) / 2 - middle)
    return run if best < min(9.0, single) else (column, column)


def _group(grid: Grid, tops: list[float]) -> None:
    """Labels that span rows, and title rows, become the groups of the rows they stand for."""
    grid.groups = [""] * len(grid.rows)
    gaps = sorted(after - before for before, after in pairwise(tops))
    if not gaps:
        return
    pitch = (
        gaps[len(gaps) // 2] if len(gaps) < 3 else sorted(gap for gap in gaps if gap > 0.7 * gaps[len(gaps) // 2])[0]
    )
    floating: set[int] = set()
    title = ""
    blank = sum(not row[0] for row in grid.rows[grid.head :])
    for n in range(grid.head, len(grid.rows)):
        row = grid.rows[n]
        filled = [k for k, cell in enumerate(row) if cell]
        before = tops[n] - tops[n - 1] if n else pitch
        after = tops[n + 1] - tops[n] if n + 1 < len(tops) else pitch
        if filled == [0] and blank >= 2 and min(before, after) < 0.75 * pitch:
            floating.add(n)
        elif len(filled) == 1 and not is_number(row[filled[0]]) and n + 1 < len(grid.rows):
            following = sum(bool(cell) for cell in grid.rows[n + 1])
            if following > 1:
                title = row[filled[0]]
            grid.groups[n] = ""
            continue
        grid.groups[n] = title
    if blank >= 2:
        _span_labels(grid, tops, pitch, floating)
    for n in sorted(floating, reverse=True):
        for rows in (grid.rows, grid.bold, grid.lines, grid.groups):
            del rows[n]


def _span_labels(grid: Grid, tops: list[float], pitch: float, floating: set[int]) -> None:
    """Rows between wider gaps are a block; the labels in its first column hold for all of it."""
    blocks: list[list[int]] = []
    last = None
    for n in range(grid.head, len(grid.rows)):
        if last is None or (n not in floating and tops[n] - tops[last] > 1.22 * pitch):
            blocks.append([])
        blocks[-1].append(n)
        last = n if n not in floating or last is None else last
    for block in blocks:
        labels = [grid.rows[n][0] for n in block if grid.rows[n][0]]
        bare = [n for n in block if not grid.rows[n][0]]
        if not labels or not bare:
            continue
        near = len(labels) > 3 or sum(bool(grid.rows[n][0]) for n in block) > 0.7 * len(block)
        for n in block:
            if n in floating:
                continue
            if near:
                owner = min((m for m in block if grid.rows[m][0]), key=lambda m: abs(tops[m] - tops[n]))
                grid.groups[n] = grid.groups[n] or (grid.rows[owner][0] if not grid.rows[n][0] else "")
            else:
                grid.groups[n] = " ".join([grid.groups[n], *labels]).strip()


def _drop_empty_columns(grid: Grid) -> None:
    keep = [n for n in range(len(grid.rows[0])) if any(row[n] for row in grid.rows)]
    grid.rows = [[row[n] for n in keep] for row in grid.rows]
    grid.bold = [[row[n] for n in keep] for row in grid.bold]
    grid.columns = [grid.columns[n] for n in keep]


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with or without a unit, or a dash for none."""
    return bool(_NUMBERISH.fullmatch(cell)) or cell in {"-", "--", "—", "n/a", "N/A"}


def head_rows(grid: Grid) -> int:
    """Rows at the top without numbers beside the first column; at least one, at most four."""
    if grid.rows and _SETTING_HEADS.fullmatch(" ".join(grid.rows[0]).strip()):
        return 1
    for number, row in enumerate(grid.rows[:5]):
        cells = [cell for cell in row[1:] if cell]
        if cells and sum(is_number(cell) for cell in cells) >= max(1, 0.5 * len(cells)):
            while (
                number > 1
                and sum(bool(cell) for cell in grid.rows[number - 1]) == 1
                and _fullest(grid.rows[: number - 1])
            ):
                number -= 1  # a title row above the first group of rows, not a heading of columns
            return max(number, int(_names_columns(grid.rows[0])))
    return 1


_SETTING_HEADS = re.compile(
    r"(?:hyper-?\s?param(?:eter)?s?|params?|parameters?|configs?|configuration|settings?)(?: names?)? (?:values?|settings?)",
    re.I,
)


def _names_columns(row: list[str]) -> bool:
    """Whether a row of sizes ("7B", "13B") under a word for what its column holds is the heading, not the first row."""
    word = re.fullmatch(r"(?:|data ?sets?|models?|methods?|tasks?|benchmarks?|size|# ?params?)", row[0].strip(), re.I)
    return bool(word) and all(re.fullmatch(r"\d+(?:\.\d+)?\s?[BMkK]|", cell) for cell in row[1:])


def _fullest(rows: list[list[str]]) -> bool:
    return max(sum(bool(cell) for cell in row) for row in rows) >= max(2, 0.6 * len(rows[0]))
