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
from intern.papers.cell_numbers import NUMBERISH, is_number
from intern.papers.grid_groups import cuts_between, group_rows, join_asides
from intern.papers.grid_turned import turned_headings
from intern.papers.labels import canonical
from intern.papers.layout import Line, Page, Piece
from intern.papers.model import Grid


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
    _part_numbers(rows, page)
    intervals = _columns(rows)
    if len(intervals) < 2:
        return None
    if any(_overlaps(piece, intervals) > 1 for row in rows for piece in row.pieces):
        words = page.words()
        for row in rows:
            row.pieces = [part for piece in row.pieces for part in _split(piece, intervals, words)]
        intervals = _columns(rows)
    if turned := turned_headings(page, intervals, rows[0].lines[0]):
        rows = _headed(turned, rows)
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
    middles = [row.lines[0].middle for row in rows]
    cuts = cuts_between(page.rules, middles, intervals)
    grid.head = _ruled_head(grid, cuts)
    grid.columns = _headings(grid, placed, intervals)
    _drop_marks(grid)
    join_asides(grid)
    group_rows(grid, middles, cuts)
    _turned_labels(grid, page, middles, cuts, intervals[0][0] - 40, intervals[1][1])
    _drop_empty_columns(grid)
    return grid if len(grid.rows) >= 2 and len(grid.rows[0]) >= 2 else None


def _headed(turned: Line, rows: list[Row]) -> list[Row]:
    """The rows below a line of upright headings; one word beside these is the heading of the first column."""
    first = rows[0]
    if len(first.pieces) == 1 and first.pieces[0].x1 < turned.x0 and not is_number(first.pieces[0].text):
        return [Row(first.lines, [*first.pieces, *turned.pieces]), *rows[1:]]
    return [Row([turned], turned.pieces), *rows]


_RUN = re.compile(r"(?:[-–]|(?:-?\d*\.?\d+%?[†‡*]?))(?:\s+(?:[-–]|-?\d*\.?\d+%?[†‡*]?))+")


_LABELLED_RUN = re.compile(rf"(?P<w>[A-Za-z][\w.+-]*(?: [A-Za-z(][\w.+)-]*){{0,4}}) (?P<n>{_RUN.pattern})")


def _part_numbers(rows: list[Row], page: Page) -> None:
    """Numbers of narrow columns that stand too close to be told apart by their gaps become pieces of their own."""

    def is_run(text: str) -> bool:
        return bool(_RUN.fullmatch(text)) and text.count(".") >= 2

    if sum(any(is_run(piece.text) for piece in row.pieces) for row in rows) < 2:
        return
    words = page.words()
    for row in rows:
        parts: list[Piece] = []
        for piece in row.pieces:
            label = _LABELLED_RUN.fullmatch(piece.text)
            if not is_run(label.group("n") if label else piece.text):
                parts.append(piece)
                continue
            inside = _inside(piece, words)
            first = len(label.group("w").split()) if label else 0
            parts += [_cut(piece, inside[:first])] if first else []
            parts += [_cut(piece, [word]) for word in inside[first:]]
        row.pieces = parts


def _inside(
    piece: Piece, words: list[tuple[float, float, float, float, str]]
) -> list[tuple[float, float, float, float, str]]:
    """The words that stand in a piece, from left to right."""
    return sorted(
        word
        for word in words
        if piece.x0 - 1 <= word[0]
        and word[2] <= piece.x1 + 1
        and piece.y0 - 2 <= (word[1] + word[3]) / 2 <= piece.y1 + 2
    )


def _cut(piece: Piece, words: list[tuple[float, float, float, float, str]]) -> Piece:
    """The part of a piece that holds some of its words."""
    text = " ".join(word[4] for word in words)
    return Piece(
        text, words[0][0], piece.y0, words[-1][2], piece.y1, piece.size, piece.bold, piece.italic, base=piece.base
    )


def _by_column(
    piece: Piece, intervals: list[tuple[float, float]], words: list[tuple[float, float, float, float, str]]
) -> list[Piece]:
    """A heading over narrow columns, one part for each column it covers; [] unless every column gets words of its own."""
    covered = [one for one in intervals if min(one[1], piece.x1) - max(one[0], piece.x0) > 1]
    parts: list[tuple[float, float, float, float, str]] = []
    for x0, y0, x1, y1, text in words:
        bits = [bit for bit in re.split(r"(?<=[↑↓])(?=[^\W\d_])", text) if bit]
        left = x0
        for bit in bits:
            right = left + (x1 - x0) * len(bit) / len(text)
            parts.append((left, y0, right, y1, bit))
            left = right
    groups: list[list[tuple[float, float, float, float, str]]] = [[] for _ in covered]
    for word in parts:
        middle = (word[0] + word[2]) / 2
        nearest = min(range(len(covered)), key=lambda n: max(covered[n][0] - middle, middle - covered[n][1], 0.0))
        groups[nearest].append(word)
    return [_cut(piece, group) for group in groups] if len(covered) > 2 and all(groups) else []


def _overlaps(piece: Piece, intervals: list[tuple[float, float]]) -> int:
    return sum(min(x1, piece.x1) - max(x0, piece.x0) > 1 for x0, x1 in intervals)


def _columns(rows: list[Row]) -> list[tuple[float, float]]:
    """Column intervals: overlaps of the pieces of the fuller rows, widest rows last to join."""
    counts = Counter(len(row.pieces) for row in rows)
    full = max((count for count, seen in counts.items() if seen >= 2 and count > 1), default=max(counts))
    dense = [row for row in rows if len(row.pieces) >= max(2, 0.6 * full)]
    numeric = [row for row in dense if sum(bool(NUMBERISH.fullmatch(piece.text)) for piece in row.pieces) >= 1]
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


_ARROWED = re.compile(r"(?:\s*[\w.-]+\s*\(?[↑↓]\)?){2,}\s*")
"""Short headings that end with an arrow each: "AD ↑HE ↑ JA ↑"."""


def _split(
    piece: Piece, intervals: list[tuple[float, float]], words: list[tuple[float, float, float, float, str]]
) -> list[Piece]:
    """A piece over several columns, cut at the gaps between its words that are wider than a space."""
    if _overlaps(piece, intervals) < 2:
        return [piece]
    inside = _inside(piece, words)
    if len(inside) < 2:
        return [piece]
    if _ARROWED.fullmatch(piece.text) and (parts := _by_column(piece, intervals, inside)):
        return parts
    gaps = [after[0] - before[2] for before, after in pairwise(inside)]
    numbers = all(is_number(word[4]) for word in inside)
    least = 0.0 if numbers else 0.4 * piece.size if _under_each(inside, piece, intervals) else 0.5 * piece.size
    parts = []
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


def _under_each(
    words: list[tuple[float, float, float, float, str]], piece: Piece, intervals: list[tuple[float, float]]
) -> bool:
    """Whether the words of a piece stand in the middle of one column each: headings that nearly touch."""
    middles = [(x0 + x1) / 2 for x0, x1 in intervals if min(x1, piece.x1) - max(x0, piece.x0) > 1]
    return len(middles) == len(words) > 2 and all(
        abs((word[0] + word[2]) / 2 - middle) < 3 for word, middle in zip(words, middles, strict=True)
    )


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
    between = _between_rows(placed[: grid.head])
    for number, here in enumerate(placed[: grid.head]):
        if number and _are_statistics(here):
            continue  # what the data is like, below its name: no part of it
        taken = {column for _, column in here} | (between if number == 0 else set())
        for piece, column in here:
            first, last = (
                _cover(piece, column, taken - {column}, intervals) if len(here) < len(intervals) else (column, column)
            )
            for n in range(first, last + 1):
                heads[n].append(piece.text)
    _part_at_arrows(heads)
    return heads


def _are_statistics(here: list[tuple[Piece, int]]) -> bool:
    """Whether a row among the headings is one of measured numbers, by decimals in it or by what it says it counts."""
    label = " ".join(piece.text for piece, column in here if not column)
    cells = [piece.text for piece, column in here if column]
    counts = re.match(r"#|num(?:ber)?\b|size\b", label, re.I) is not None
    number = r"\d[\d,]*[kKM]?" if counts else r"\d*\.\d+ ?%?|\d+(?:\.\d+)? ?%"
    measured = sum(bool(re.fullmatch(number, cell)) for cell in cells)
    return len(cells) >= 3 and measured >= 0.8 * len(cells)


def _between_rows(placed: list[list[tuple[Piece, int]]]) -> set[int]:
    """Columns whose only heading stands half-way between a spanning one and those under it: nothing spans them."""
    if len(placed) != 3:
        return set()
    top, middle, last = ({column for _, column in here} for here in placed)
    return middle if last and not middle & (last | top) else set()


_TWO_ARROWS = re.compile(r"([^↑↓]*[^\W\d_][^↑↓]*[↑↓])\s*([^↑↓]*[^\W\d_][^↑↓]*[↑↓])")


def _part_at_arrows(heads: list[list[str]]) -> None:
    """ "Perplexity ↓Quality ↑" over two columns: each has the measure of its own arrow."""
    for left, right in pairwise(heads):
        if left and right and left[-1] == right[-1] and (both := _TWO_ARROWS.fullmatch(left[-1])):
            left[-1], right[-1] = both.groups()


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


def _turned_labels(grid: Grid, page: Page, middles: list[float], cuts: set[int], left: float, right: float) -> None:
    """Text that runs upwards at the left of a block of rows (between `left` and `right`) is their group."""
    starts = sorted({grid.head, *(cut for cut in cuts if cut > grid.head), len(middles)})
    for x0, y0, x1, y1, text in page.turned:
        if len(middles) != len(grid.rows) or not left <= x0 <= x1 <= right or not re.search(r"[^\W\d_]{2}", text):
            continue
        for first, last in pairwise(starts):
            if middles[first] - 12 <= (y0 + y1) / 2 <= middles[last - 1] + 12:
                for n in range(first, last):
                    grid.groups[n] = f"{text} {grid.groups[n]}".strip()


def _drop_marks(grid: Grid) -> None:
    """A first column of mere marks ("(7)", ".") beside a column of names says nothing."""
    body = grid.rows[grid.head :]
    marks = all(re.fullmatch(r"(?:[\W\d]|\(\w{1,3}\)){0,5}", row[0]) for row in body)
    words = sum(bool(re.search(r"[^\W\d_]{3}", row[1])) for row in body)
    if marks and body and words >= 0.8 * len(body) and sum(not row[0] for row in body) >= 0.3 * len(body):
        for row in body:
            row[0] = ""
        grid.columns[1] = grid.columns[0] + grid.columns[1]
        for row in grid.rows[: grid.head]:
            row[1], row[0] = f"{row[0]} {row[1]}".strip(), ""


def _drop_empty_columns(grid: Grid) -> None:
    keep = [n for n in range(len(grid.rows[0])) if any(row[n] for row in grid.rows)]
    grid.rows = [[row[n] for n in keep] for row in grid.rows]
    grid.bold = [[row[n] for n in keep] for row in grid.bold]
    grid.columns = [grid.columns[n] for n in keep]


def head_rows(grid: Grid) -> int:
    """Rows at the top without numbers beside the first column; at least one, at most four."""
    if grid.rows and _SETTING_HEADS.fullmatch(" ".join(grid.rows[0]).strip()):
        return 1
    if (
        len(grid.rows) > 1
        and _LISTS_SETTINGS.fullmatch(grid.rows[0][0].strip())
        and canonical(grid.rows[1][0])
        and any(re.match(r"[\d.]", cell) for cell in grid.rows[1][1:])
    ):
        return 1  # whatever stands beside the first setting, a list of words too
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


def _ruled_head(grid: Grid, cuts: set[int]) -> int:
    """Heading rows by their cells, set right by the first line drawn across the whole table."""
    head = head_rows(grid)
    first = min((cut for cut in cuts if cut <= 4), default=0)
    if not first or first >= len(grid.rows):
        return head
    if head < first:
        plain = sum(any(re.search(r"[^\W\d_]", cell) for cell in row) for row in grid.rows[:first])
        return first if plain == first and first - head <= 2 else head
    single = all(sum(map(bool, row)) == 1 for row in grid.rows[first:head])
    return first if single else head


_LISTS_SETTINGS = re.compile(
    r"(?:training |model )?(?:hyper-?\s?param(?:eter)?s?|params?|parameters?|configs?|configuration|settings?)(?: names?)?",
    re.I,
)
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
