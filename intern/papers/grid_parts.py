"""Tables that are two in one: side by side under one caption, or with the first block's title in the corner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from intern.papers.datasets import in_label
from intern.papers.model import Grid
from intern.papers.result_columns import is_method_heading

_SIDES = re.compile(r"^(?P<l>.*?)\(left\)(?P<r>.*?)\(right\)", re.I | re.S)


def parts_of(grid: Grid) -> Iterator[Grid]:
    """The tables that a grid holds: where a column in the middle is headed like the first one, a second one begins."""
    first = grid.columns[0][-1:] if grid.columns else []
    at = next(
        (
            n
            for n in range(2, len(grid.columns) - 1)
            if first and grid.columns[n][-1:] == first and is_method_heading(first[0])
        ),
        None,
    )
    if at is None:
        yield _with_corner(grid)
        return
    sides = _SIDES.search(grid.caption)
    left, right = (sides.group("l"), sides.group("r")) if sides else (grid.caption, grid.caption)
    label = re.match(r"\S+ \S+\s*", grid.caption)
    yield _slice(grid, 0, at, left)
    yield _slice(grid, at, len(grid.columns), (label.group() if label else "") + right)


def _slice(grid: Grid, start: int, end: int, caption: str) -> Grid:
    """The columns [start, end) as a table of their own, rows without anything in them left out."""
    keep = [n for n in range(len(grid.rows)) if n < grid.head or any(grid.rows[n][start:end])]
    return replace(
        grid,
        caption=caption,
        rows=[grid.rows[n][start:end] for n in keep],
        bold=[grid.bold[n][start:end] for n in keep] if grid.bold else [],
        lines=[grid.lines[n] for n in keep],
        groups=["" for _ in keep],
        columns=grid.columns[start:end],
    )


def _with_corner(grid: Grid) -> Grid:
    """A data set in the corner above row labels is the title of the first rows where other title rows follow."""
    corner = " ".join(grid.columns[0]) if grid.columns else ""
    titles = [n for n in range(grid.head, len(grid.rows)) if grid.rows[n][0] and sum(map(bool, grid.rows[n])) == 1]
    if not titles or not in_label(corner) or not any(in_label(grid.rows[n][0]) for n in titles):
        return grid
    groups = [corner if grid.head <= n < titles[0] else group for n, group in enumerate(grid.groups)]
    return replace(grid, groups=groups, columns=[[], *grid.columns[1:]])
