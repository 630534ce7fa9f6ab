"""Tables from the places of their words: no ruled lines needed.

A table is looked for above and below its caption. Its rows are the baselines there, its columns the x-intervals that
the fullest rows agree on; a heading that covers several columns is kept in the first of them and repeated in `columns`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from intern.papers.layout import Line, Page, Piece
from intern.papers.model import Grid

CAPTION = re.compile(
    r"(Table|Tab\.?|TABLE|Figure|Fig\.?|FIGURE|Algorithm|Listing)\s*(\d{1,2}|[A-Z]\.?\d{1,2}|[IVX]{1,5})\s*([:.|-])?(?:\s|$)"
)
_NUMBERISH = re.compile(r"[<>~±$]?\s*[-+]?[\d.,]+\s*(%|[kKMBTx]|±.*|\(.*\)|e-?\d+|·.*|/.*|\^.*|s|h|ms)?\*?")
_PROSE = re.compile(r"\b(the|of|and|that|which|with|is|are|we|our|for|by|this|to|in)\b")


@dataclass(slots=True)
class Caption:
    """A caption's lines; `is_table` by its label."""

    label: str
    is_table: bool
    lines: list[Line]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def x0(self) -> float:
        return min(line.x0 for line in self.lines)

    @property
    def x1(self) -> float:
        return max(line.x1 for line in self.lines)

    @property
    def y0(self) -> float:
        return min(line.y0 for line in self.lines)

    @property
    def y1(self) -> float:
        return max(line.y1 for line in self.lines)


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


def find_captions(page: Page) -> list[Caption]:
    """Captions of tables and figures on the page, with all their lines."""
    out: list[Caption] = []
    lines = page.lines
    for index, line in enumerate(lines):
        match = CAPTION.match(line.text)
        if not match:
            continue
        before = lines[index - 1] if index else None
        if before is not None and before.block == line.block and line.y0 - before.y1 < 0.25 * line.size and (
            len(before.text) > 30 and not match.group(3)
        ):
            continue
        first = line.pieces[0]
        apart = len(line.pieces) > 1 and CAPTION.fullmatch(first.text + " ") is not None
        if not (match.group(3) or apart or line.bold or match.group(1).isupper()):
            continue
        used = [line]
        for following in lines[index + 1 : index + 14]:
            last = used[-1]
            gap = following.y0 - last.y1
            same = following.block == last.block
            if gap > (0.75 if same else 0.45) * line.size or gap < -0.5 * line.size or CAPTION.match(following.text):
                break
            if abs(following.size - line.size) > 0.7 or len(following.pieces) > 2 and not same:
                break
            if not same and (last.x1 < used[0].x1 - 25 or following.x0 < line.x0 - 12):
                break
            used.append(following)
        kind = match.group(1).lower()
        label = f"{'Table' if kind.startswith('tab') else match.group(1).rstrip('.').title()} {match.group(2)}"
        out.append(Caption(label, kind.startswith("tab"), used))
    return out


def find_tables(page: Page, captions: list[Caption], body: float, columns: int) -> list[tuple[Grid, list[Line]]]:
    """Grids of the page with the lines they use up. Also grids under a figure's caption when they look like a table."""
    claimed = {id(line) for caption in captions for line in caption.lines}
    out: list[tuple[Grid, list[Line]]] = []
    for caption in sorted(captions, key=lambda item: not item.is_table):
        left, right = _extent(page, caption, columns)
        free = [
            line for line in page.lines if id(line) not in claimed and line.x1 > left and line.x0 < right
            and left - 6 <= (line.x0 + line.x1) / 2 <= right + 6
        ]
        above = _collect(_rows([line for line in free if line.y1 <= caption.y0 + 3]), caption, False, body)
        below = _collect(_rows([line for line in free if line.y0 >= caption.y1 - 3]), caption, True, body)
        rows = max((above, below), key=_score)
        if _score(rows) < (2 if caption.is_table else 6):
            continue
        grid = build_grid(rows, page.number, caption)
        if grid is None or (not caption.is_table and not _looks_like_table(grid)):
            continue
        used = [line for row in rows for line in row.lines]
        claimed.update(id(line) for line in used)
        out.append((grid, used))
    return out


def _extent(page: Page, caption: Caption, columns: int) -> tuple[float, float]:
    """Left and right bound of the caption's text column; the whole page for a wide one."""
    middle = page.width / 2
    if columns == 1 or (caption.x0 < middle - 20 and caption.x1 > middle + 20):
        return 0.0, page.width
    return (0.0, middle + 2) if caption.x1 <= middle + 20 else (middle - 2, page.width)


def _rows(lines: list[Line]) -> list[Row]:
    rows: list[Row] = []
    for line in sorted(lines, key=lambda item: (item.middle, item.x0)):
        last = rows[-1] if rows else None
        if last is not None and abs(line.middle - (last.y0 + last.y1) / 2) < 0.35 * line.size:
            last.lines.append(line)
            last.pieces.extend(line.pieces)
        else:
            rows.append(Row([line], list(line.pieces)))
    for row in rows:
        row.pieces.sort(key=lambda piece: piece.x0)
    return rows


def _is_prose(row: Row, body: float) -> bool:
    text = row.text
    return len(row.pieces) <= 2 and len(text) > 42 and len(_PROSE.findall(text)) >= 2 and row.pieces[0].size > body - 2.2


def _collect(rows: list[Row], caption: Caption, downwards: bool, body: float) -> list[Row]:
    """Rows next to the caption up to a gap, running text, a heading or another caption."""
    ordered = rows if downwards else rows[::-1]
    edge = caption.y1 if downwards else caption.y0
    out: list[Row] = []
    for number, row in enumerate(ordered):
        gap = (row.y0 - edge) if downwards else (edge - row.y1)
        height = max(piece.size for piece in row.pieces)
        if gap > (3.2 if not out else 2.4) * height:
            break
        if CAPTION.match(row.text) or _is_prose(row, body):
            break
        if len(row.pieces) == 1 and height > body + 0.8:
            break
        following = ordered[number + 1] if number + 1 < len(ordered) else None
        if len(row.pieces) == 1 and len(row.text) > 60 and following is not None and _is_prose(following, body):
            break
        out.append(row)
        edge = row.y1 if downwards else row.y0
    if not downwards:
        out.reverse()
    while out and len(out[-1].pieces) == 1 and (len(out[-1].text) > 45 or not downwards and len(out) == 1):
        out.pop()
    while out and len(out[0].pieces) == 1 and len(out[0].text) > 60:
        out.pop(0)
    return out


def _score(rows: list[Row]) -> int:
    return sum(1 for row in rows if len(row.pieces) >= 2)


def build_grid(rows: list[Row], page: int, caption: Caption) -> Grid | None:
    """Rows and columns of a region; None when no columns can be made out."""
    intervals = _columns(rows)
    if len(intervals) < 2:
        return None
    grid = Grid(page, caption.text, caption.label, [], [])
    for row in rows:
        cells = [""] * len(intervals)
        bold = [False] * len(intervals)
        for piece in row.pieces:
            for text, column in _place(piece, intervals):
                cells[column] = f"{cells[column]} {text}".strip()
                bold[column] = bold[column] or piece.bold
        grid.rows.append(cells)
        grid.bold.append(bold)
        grid.lines.append(row.text)
    _drop_empty_columns(grid)
    grid.head = _head_rows(grid)
    _merge_wrapped(grid)
    return grid if len(grid.rows) >= 2 and len(grid.rows[0]) >= 2 else None


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


def _place(piece: Piece, intervals: list[tuple[float, float]]) -> list[tuple[str, int]]:
    """The columns a piece belongs to. A piece over several columns with as many words as columns is split."""
    hits = [n for n, (x0, x1) in enumerate(intervals) if min(x1, piece.x1) - max(x0, piece.x0) > 1]
    if not hits:
        middle = (piece.x0 + piece.x1) / 2
        hits = [min(range(len(intervals)), key=lambda n: abs((intervals[n][0] + intervals[n][1]) / 2 - middle))]
    if len(hits) == 1:
        return [(piece.text, hits[0])]
    words = piece.text.split()
    if len(words) < len(hits):
        return [(piece.text, hits[0])]
    width = (piece.x1 - piece.x0) / max(1, len(piece.text))
    parts: dict[int, list[str]] = {}
    at = piece.x0
    for word in words:
        middle = at + len(word) * width / 2
        column = min(
            hits, key=lambda n: max(intervals[n][0] - middle, middle - intervals[n][1], 0.0)
        )
        parts.setdefault(column, []).append(word)
        at += (len(word) + 1) * width
    if len(parts) == len(hits) and (len(words) == len(hits) or all(_NUMBERISH.fullmatch(word) for word in words)):
        return [(" ".join(text), column) for column, text in parts.items()]
    if len(hits) == 2 and len(parts) == 2 and piece.x0 >= intervals[hits[0]][0] - 3 and (
        piece.x1 > intervals[hits[1]][1] - 3
    ):
        return [(" ".join(text), column) for column, text in parts.items()]
    return [(piece.text, hits[0])]


def _drop_empty_columns(grid: Grid) -> None:
    keep = [n for n in range(len(grid.rows[0])) if any(row[n] for row in grid.rows)]
    grid.rows = [[row[n] for n in keep] for row in grid.rows]
    grid.bold = [[row[n] for n in keep] for row in grid.bold]


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with or without a unit, or a dash for none."""
    return bool(_NUMBERISH.fullmatch(cell)) or cell in {"-", "--", "—", "n/a", "N/A"}


def _head_rows(grid: Grid) -> int:
    """Rows at the top without numbers beside the first column; at least one, at most four."""
    for number, row in enumerate(grid.rows[:5]):
        cells = [cell for cell in row[1:] if cell]
        if cells and sum(is_number(cell) for cell in cells) >= max(1, 0.5 * len(cells)):
            return number
    return 1


def _merge_wrapped(grid: Grid) -> None:
    """A heading's second line and a label's continuation join the row above."""
    if grid.head < 2:
        return
    head = grid.rows[: grid.head]
    filled = [sum(bool(cell) for cell in row) for row in head]
    if max(filled) >= len(head[0]) - 1 and min(filled) < max(filled) and grid.head == 2 and filled[0] >= filled[1]:
        joined = [f"{one} {other}".strip() for one, other in zip(*head, strict=True)]
        grid.rows[:2] = [joined]
        grid.bold[:2] = [[one or other for one, other in zip(*grid.bold[:2], strict=True)]]
        grid.lines[:2] = [" ".join(grid.lines[:2])]
        grid.head = 1


def _looks_like_table(grid: Grid) -> bool:
    body = grid.rows[grid.head :]
    if len(body) < 3 or grid.head < 1:
        return False
    words = sum(bool(re.search(r"[^\W\d_]{2}", row[0])) for row in body)
    regular = sum(sum(is_number(cell) for cell in row[1:] if cell) >= 1 for row in body)
    return words >= 0.7 * len(body) and regular >= 0.7 * len(body)
