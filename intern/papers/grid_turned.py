"""Headings of a table that are set upwards or downwards, so that many narrow columns fit on a page."""

from __future__ import annotations

import re

from intern.papers.layout import Line, Page, Piece

_WIDEST = 16.0
"""A line of turned text is as wide as its letters are tall; what is wider is no heading of one column."""
_REACH = 2.6
"""How far above the first row such headings may end, in heights of its letters."""


def turned_headings(page: Page, intervals: list[tuple[float, float]], top: Line) -> Line | None:
    """A line of headings over the columns at `intervals`, whose first row is `top`; None unless two columns have one."""
    size = top.size
    upright = [
        item for item in page.turned if item[2] - item[0] <= _WIDEST and item[3] - item[1] >= item[2] - item[0]
        and item[1] <= top.y1 - 0.5 * size and re.search(r"[^\W\d_]", item[4])
    ]  # fmt: skip
    near = [item for item in upright if top.y0 - _REACH * size < item[3] < top.y1 + 1]
    high = min((item[1] for item in near), default=top.y1) - 2  # short ones may end where the long ones begin
    found: dict[int, list[tuple[float, str]]] = {}
    for x0, y0, x1, y1, text in upright:
        if y0 < high or y1 > top.y1 + 1:
            continue
        middle = (x0 + x1) / 2
        column = min(range(len(intervals)), key=lambda n: abs(sum(intervals[n]) / 2 - middle))
        if intervals[column][0] - size <= middle <= intervals[column][1] + size:
            found.setdefault(column, []).append((x0, text))
    if len(found) < 2:
        return None
    y1 = top.y0 - 1
    pieces = [
        Piece(" ".join(text for _, text in sorted(found[n])), *_box(intervals[n], y1, size), size, False, base=y1)
        for n in sorted(found)
    ]
    return Line(page.number, -1, pieces)


def _box(interval: tuple[float, float], y1: float, size: float) -> tuple[float, float, float, float]:
    """Where the heading would stand if it were set like the rows below it."""
    return interval[0], y1 - size, interval[1], y1


def turned_height(page: Page, top: float, bottom: float) -> float:
    """How high the upright headings between a caption and the first row of its table are; 0 where there are none."""
    tall = [y1 - y0 for x0, y0, x1, y1, _ in page.turned if top - 2 <= y0 and y1 <= bottom + 2 and x1 - x0 <= _WIDEST]
    return max(tall) if len(tall) >= 2 else 0.0
