"""Tables that are two in one: side by side under one caption, or with the first block's title in the corner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from intern.papers.cell_numbers import is_number
from intern.papers.datasets import in_label
from intern.papers.measures import find_measure
from intern.papers.model import Grid
from intern.papers.result_columns import is_data_heading, is_method_heading

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
    below = _captions_below(grid)
    if at is None and (at := _second_start(grid, below)) is None:
        yield _with_corner(_evened(_without_hollow(grid)))
        return
    if below:
        grid = replace(grid, rows=grid.rows[:-1], bold=grid.bold[:-1], lines=grid.lines[:-1], groups=grid.groups[:-1])
    sides = _SIDES.search(grid.caption)
    left, right = (sides.group("l"), sides.group("r")) if sides else (grid.caption, grid.caption)
    if not sides and len(below) == 2:
        left, right = (f"{grid.caption} {words}" for words in below)
    label = re.match(r"\S+ \S+\s*", grid.caption)
    yield _slice(grid, 0, at, left)
    yield from parts_of(
        _slice(grid, at, len(grid.columns), right if below or not sides else (label.group() if label else "") + right)
    )


def _evened(grid: Grid) -> Grid:
    """Headings over equal blocks of columns ("P R F1 P R F1") each over a whole block, wherever their words stand."""
    start = next((n for n, parts in enumerate(grid.columns) if len(parts) == 2), len(grid.columns))
    block = grid.columns[start:]
    above = [parts[0] for n, parts in enumerate(block) if len(parts) == 2 and (not n or parts[:1] != block[n - 1][:1])]
    below = [parts[-1] for parts in block if parts]
    if len(above) < 2 or len(below) < len(block) or len(set(above)) < len(above) or len(block) % len(above):
        return grid
    width = len(block) // len(above)
    if width < 2 or below != below[:width] * len(above) or len(set(below[:width])) < width:
        return grid
    return replace(grid, columns=[*grid.columns[:start], *([above[n // width], text] for n, text in enumerate(below))])


def _without_hollow(grid: Grid) -> Grid:
    """A column without cells is only a heading's: what it says belongs to the equal blocks of columns around it."""
    body = grid.rows[grid.head :]
    hollow = [n for n in range(1, len(grid.columns)) if body and not any(row[n] for row in body)]
    kept = [n for n in range(len(grid.columns)) if n not in hollow]
    below = [grid.columns[n][-1] for n in kept[1:] if grid.columns[n]]
    above = list(
        dict.fromkeys(
            part
            for n, parts in enumerate(grid.columns[1:], 1)
            for part in (parts if n in hollow else parts[:-1])
            if part
        )
    )
    width = len(below) // len(above) if above else 0
    if not hollow or len(above) < 2 or width < 2 or len(below) != len(kept) - 1 or len(below) != width * len(above):
        return grid
    if below != below[:width] * len(above) or len(set(below[:width])) < width:
        return grid
    return replace(
        grid,
        rows=[[row[n] for n in kept] for row in grid.rows],
        bold=[[row[n] for n in kept] for row in grid.bold] if grid.bold else [],
        columns=[grid.columns[0], *([above[n // width], text] for n, text in enumerate(below))],
    )


_LETTERED = re.compile(r"\([a-f]\)\s")


def _captions_below(grid: Grid) -> list[str]:
    """The captions "(a) …", "(b) …" that stand in the last row under tables side by side; [] without them."""
    if not grid.rows:
        return []
    last = [cell for cell in grid.rows[-1] if cell]
    return last if len(last) >= 2 and all(_LETTERED.match(cell) for cell in last) else []


def _second_start(grid: Grid, below: list[str]) -> int | None:
    """Where a second column of names begins behind columns of numbers, in tables set side by side.

    That they are two tables is told by captions of their own, or by a measure that heads columns on both sides.
    """
    body = grid.rows[grid.head : len(grid.rows) - bool(below)]
    if len(body) < 2 or any(is_data_heading(part) for part in grid.columns[0]):
        return None

    def numeric(n: int) -> bool:
        cells = [row[n] for row in body if row[n]]
        return bool(cells) and sum(is_number(cell) for cell in cells) >= 0.7 * len(cells)

    for n in range(2, len(grid.columns) - 1):
        heading = " ".join(grid.columns[n]).strip()
        behind, ahead = range(n + 1, len(grid.columns)), range(1, n)
        if numeric(n) or not numeric(n - 1) or not numeric(len(grid.columns) - 1):
            continue
        again = {" ".join(grid.columns[k]) for k in ahead} & {" ".join(grid.columns[k]) for k in behind} - {""}
        if below or (is_method_heading(heading) and any(find_measure(text) for text in again)):
            return n
    return None


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
