"""Where the tables of a paper are: rows of words above or below their captions, no ruled lines needed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intern.papers.captions import CAPTION, Caption
from intern.papers.cell_numbers import is_number
from intern.papers.grid_turned import turned_height
from intern.papers.grids import Row, build_grid
from intern.papers.layout import Line, Page
from intern.papers.model import Grid

_PROSE = re.compile(r"\b(the|of|and|that|which|with|is|are|[wW]e|our|for|by|this|to|in)\b")


@dataclass(slots=True)
class Region:
    """Rows above and below one caption; which of them is its table is decided over the whole paper."""

    page: Page
    caption: Caption
    above: list[Row]
    below: list[Row]

    @property
    def side(self) -> int:
        """-1 when only above can be a table, 1 when only below, 0 when both can."""
        up, down = _score(self.above) >= 2, _score(self.below) >= 2
        return int(down) - int(up)


def find_tables(
    pages: list[Page], captions: list[list[Caption]], body: float, columns: int
) -> list[tuple[Grid, list[Line]]]:
    """Grids of the paper with the lines they use up, in order of pages.

    Where rows stand both above and below a caption, the paper's habit decides. A grid under a figure's caption counts
    only when it plainly is a table.
    """
    regions = [
        _region(page, caption, here, body, columns)
        for page, here in zip(pages, captions, strict=True)
        for caption in here
    ]
    habit = sum(region.side for region in regions if region.caption.is_table)
    out: list[tuple[Grid, list[Line]]] = []
    claimed: set[int] = set()
    for region in sorted(regions, key=lambda item: not item.caption.is_table):
        first, second = (region.below, region.above) if habit >= 0 else (region.above, region.below)
        for rows in (first, second):
            rows = [row for row in rows if not any(id(line) in claimed for line in row.lines)]
            grid = _accept(rows, region)
            if grid is not None:
                used = [line for row in rows for line in row.lines]
                claimed.update(id(line) for line in used)
                out.append((grid, used))
                break
    out.sort(key=lambda item: (item[0].page, item[1][0].y0))
    return out


def _region(page: Page, caption: Caption, here: list[Caption], body: float, columns: int) -> Region:
    captioned = {id(line) for other in here for line in other.lines}
    left, right = _extent(page, caption, columns)
    free = [
        line
        for line in page.lines
        if id(line) not in captioned
        and line.x1 > left
        and line.x0 < right
        and left - 6 <= (line.x0 + line.x1) / 2 <= right + 6
    ]
    barriers = [other for other in here if other is not caption and other.x1 > left and other.x0 < right]
    top = max((other.y1 for other in barriers if other.y1 <= caption.y0 + 3), default=-1.0)
    bottom = min((other.y0 for other in barriers if other.y0 >= caption.y1 - 3), default=1e6)
    above = [line for line in free if top <= line.y0 and line.y1 <= caption.y0 + 3]
    below = [line for line in free if caption.y1 - 3 <= line.y0 and line.y1 <= bottom]
    return Region(
        page,
        caption,
        _collect(_rows(above), caption, False, body, page),
        _collect(_rows(below), caption, True, body, page),
    )


def _accept(rows: list[Row], region: Region) -> Grid | None:
    if _score(rows) < (2 if region.caption.is_table else 6):
        return None
    grid = build_grid(rows, region.page, region.caption)
    if grid is None or (not region.caption.is_table and not _looks_like_table(grid)):
        return None
    return grid


def _beside_text(page: Page, caption: Caption) -> bool:
    """Whether running text stands on the other side of a narrow caption: its table has the text flow around it."""
    beside = [
        line
        for line in page.lines
        if caption.y0 - 60 < line.middle < caption.y1 and (line.x1 < caption.x0 - 4 or line.x0 > caption.x1 + 4)
    ]
    return sum(len(line.text) > 30 for line in beside) >= 2


def _extent(page: Page, caption: Caption, columns: int) -> tuple[float, float]:
    """Left and right bound of the caption's text column; the whole page for a wide one."""
    middle = page.width / 2
    if (
        columns == 1
        and (caption.x0 > 0.5 * page.width or caption.x1 < 0.5 * page.width)
        and _beside_text(page, caption)
    ):
        return caption.x0 - 0.06 * page.width, caption.x1 + 0.06 * page.width
    if columns == 1 or (caption.x0 < middle - 20 and caption.x1 > middle + 20):
        return 0.0, page.width
    return (0.0, middle + 2) if caption.x1 <= middle + 20 else (middle - 2, page.width)


def _rows(lines: list[Line]) -> list[Row]:
    rows: list[Row] = []
    for line in sorted(lines, key=lambda item: (item.middle, item.x0)):
        last = rows[-1] if rows else None
        if last is not None and abs(line.middle - last.lines[0].middle) < 0.35 * line.size:
            last.lines.append(line)
            last.pieces.extend(line.pieces)
        else:
            rows.append(Row([line], list(line.pieces)))
    for row in rows:
        row.pieces.sort(key=lambda piece: piece.x0)
    return rows


def _is_prose(row: Row, body: float) -> bool:
    text = row.text
    last = row.pieces[-1]
    if len(row.pieces) <= 2 and len(text) > 60 and last.size > body - 1.2 and re.match(r"[A-Z]", last.text):
        wordy = any(len(piece.text.split()) >= 8 and _PROSE.search(piece.text) for piece in row.pieces)
        return wordy or len(_PROSE.findall(text)) >= 2  # a paragraph may begin with a few words in bold
    return (
        len(row.pieces) <= 2 and len(text) > 42 and len(_PROSE.findall(text)) >= 2 and row.pieces[0].size > body - 2.2
    )


_HEADING = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,2})[.:]?\s+[A-Z][^\d|]*(?:[a-z]\w*|[A-Z]{3})[^|]*"
)


def _is_heading(row: Row, body: float) -> bool:
    """Whether a row is a numbered section heading that stands right before or after the table."""
    if len(row.pieces) > 2 or len(row.text) > 110 or not _HEADING.fullmatch(row.text):
        return False
    first = row.pieces[0]
    numbered = bool(re.fullmatch(r"(?:\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})*)[.:]?", first.text))
    distinct = first.peak > body + 0.6 or first.bold
    return distinct if not numbered or "." not in first.text else True


def _collect(rows: list[Row], caption: Caption, downwards: bool, body: float, page: Page) -> list[Row]:
    """Rows next to the caption up to a gap, running text, a heading or another caption."""
    ordered = rows if downwards else rows[::-1]
    edge = caption.y1 if downwards else caption.y0
    out: list[Row] = []
    for number, row in enumerate(ordered):
        gap = (row.y0 - edge) if downwards else (edge - row.y1)
        height = max(piece.size for piece in row.pieces)
        if not out and downwards:
            gap -= turned_height(page, edge, row.y1)
        if gap > (3.2 if not out else 2.4) * height:
            break
        if CAPTION.match(row.text) or _is_heading(row, body):
            break
        if _is_prose(row, body) and not (_in_columns(row, out) or _in_columns(row, ordered[number + 1 : number + 5])):
            break
        if len(row.pieces) == 1 and height > body + 0.8:
            break
        following = ordered[number + 1] if number + 1 < len(ordered) else None
        if (
            len(row.pieces) == 1
            and len(row.text) > 60
            and not _is_data(row)
            and (len(out) >= 2 or (following is not None and _is_prose(following, body)))
        ):
            break
        out.append(row)
        edge = row.y1 if downwards else row.y0
    if not downwards:
        out.reverse()
        _drop_text_above(out)
    while (
        out
        and len(out[-1].pieces) == 1
        and not _is_data(out[-1])
        and (len(out[-1].text) > 45 or (not downwards and len(out) == 1))
    ):
        out.pop()
    while (
        out
        and len(out[0].pieces) == 1
        and not _is_data(out[0])
        and (len(out[0].text) > 60 or re.fullmatch(r"[a-z][^|]*\.", out[0].text))
    ):
        out.pop(0)
    return out


def _drop_text_above(rows: list[Row]) -> None:
    """Two lines or more of nothing but words above a table are the end of a paragraph."""

    def is_words(row: Row) -> bool:
        return len(row.pieces) == 1 and len(re.findall(r"[^\W\d_]{2,}", row.text)) >= 4 and not _is_data(row)

    count = next((n for n, row in enumerate(rows) if not is_words(row)), 0)
    if count >= 2:
        del rows[:count]


def _in_columns(row: Row, rows: list[Row]) -> bool:
    """Whether the cells of a wordy row begin where those of two rows beside it begin, as in a list of settings."""
    starts = [piece.x0 for piece in row.pieces]
    if len(row.pieces[0].text) > 40:
        return False  # no label: running text in two columns
    alike = [
        other
        for other in rows
        if len(other.pieces) == len(starts) > 1
        and all(abs(piece.x0 - start) < 2 for piece, start in zip(other.pieces, starts, strict=True))
    ]
    return len(alike) >= 2


def _is_data(row: Row) -> bool:
    """Whether most words of a row are numbers with decimals: cells that stand too close to be told apart yet."""
    words = row.text.split()
    return len(words) >= 3 and sum("." in word and is_number(word) for word in words) >= 0.6 * len(words)


def _score(rows: list[Row]) -> int:
    return sum(1 for row in rows if len(row.pieces) >= 2)


def _looks_like_table(grid: Grid) -> bool:
    body = grid.rows[grid.head :]
    if len(body) < 3 or grid.head < 1:
        return False
    words = sum(bool(re.search(r"[^\W\d_]{2}", row[0])) for row in body)
    regular = sum(sum(is_number(cell) for cell in row[1:] if cell) >= 1 for row in body)
    return words >= 0.7 * len(body) and regular >= 0.7 * len(body)
