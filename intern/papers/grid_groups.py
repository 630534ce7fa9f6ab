"""Groups of rows in a table: labels that span rows, title rows, blocks between drawn lines."""

from __future__ import annotations

import re
from itertools import pairwise

from intern.papers.cell_numbers import is_number
from intern.papers.model import Grid

_FURTHER = re.compile(r"[\d.]\S* |\w+,? (?:for |in |on |of )?\w+$|\w+ \(")


def cuts_between(
    rules: list[tuple[float, float, float]], middles: list[float], intervals: list[tuple[float, float]]
) -> set[int]:
    """Rows above which a line is drawn across the whole table; lines over a part of it only underline headings."""
    left, right = intervals[0][0], intervals[-1][1]
    near = [
        (x0, x1, y)
        for x0, x1, y in rules
        if middles[0] - 25 < y < middles[-1] + 25 and min(x1, right) - max(x0, left) > 0.5 * (right - left)
    ]
    if not near:
        return set()
    width = min(max(x1 - x0 for x0, x1, _ in near), 1.3 * (right - left))
    wide = [y for x0, x1, y in near if x1 - x0 > 0.97 * width]
    return {n for n in range(1, len(middles)) if any(middles[n - 1] < y < middles[n] for y in wide)}


def group_rows(grid: Grid, tops: list[float], cuts: set[int]) -> None:
    """Labels that span rows, and title rows, become the groups of the rows they stand for."""
    grid.groups = [""] * len(grid.rows)
    whole = [top for top, row in zip(tops, grid.rows, strict=True) if sum(map(bool, row)) > 1]
    # a label between the rows it stands for is no row of its own
    gaps = sorted(after - before for before, after in pairwise(whole if len(whole) > 3 else tops))
    if not gaps:
        return
    pitch = (
        gaps[len(gaps) // 2] if len(gaps) < 3 else sorted(gap for gap in gaps if gap > 0.7 * gaps[len(gaps) // 2])[0]
    )
    floating: set[int] = set()
    title = ""
    further = _further_values(grid)
    blank = sum(not row[0] for n, row in enumerate(grid.rows) if n >= grid.head and n not in further)
    for n in range(grid.head, len(grid.rows)):
        if n in further:
            grid.groups[n] = title
            continue
        row = grid.rows[n]
        filled = [k for k, cell in enumerate(row) if cell]
        before = tops[n] - tops[n - 1] if n else pitch
        after = tops[n + 1] - tops[n] if n + 1 < len(tops) else pitch
        if len(filled) == 1 and min(before, after) < 0.75 * pitch and (blank >= 2 or filled[0] > 0):
            floating.add(n)
        elif len(filled) == 1 and not is_number(row[filled[0]]) and n + 1 < len(grid.rows):
            following = sum(bool(cell) for cell in grid.rows[n + 1])
            if following > 1:
                title = row[filled[0]]
            grid.groups[n] = ""
            continue
        grid.groups[n] = title
    if blank >= 2 or any(not grid.rows[n][0] for n in floating):
        _span_labels(grid, tops, pitch, floating, cuts)
    for n in sorted(floating, reverse=True):
        for rows in (grid.rows, grid.bold, grid.lines, grid.groups):
            del rows[n]


def _further_values(grid: Grid) -> set[int]:
    """Rows of a list of two columns that give a further value for the label above: "512 Pong" over "128 Breakout"."""
    out: set[int] = set()
    if len(grid.rows[0]) != 2:
        return out
    for n in range(grid.head + 1, len(grid.rows)):
        label, cell = grid.rows[n]
        above = n - 1 in out or all(grid.rows[n - 1])
        if not label and above and _FURTHER.match(cell) and _FURTHER.match(grid.rows[n - 1][1]):
            out.add(n)
    return out


def _span_labels(grid: Grid, tops: list[float], pitch: float, floating: set[int], cuts: set[int]) -> None:
    """Rows between wider gaps are a block; the labels in its first column hold for all of it."""
    blocks: list[list[int]] = []
    last = None
    cuts = {cut for cut in cuts if cut > grid.head and any(sum(map(bool, row)) > 1 for row in grid.rows[cut:])}
    for n in range(grid.head, len(grid.rows)):
        gap = last is not None and n not in floating and tops[n] - tops[last] > 1.22 * pitch
        if last is None or n in cuts or (gap and not cuts):  # drawn lines say more than gaps
            blocks.append([])
        blocks[-1].append(n)
        last = n if n not in floating or last is None else last
    for block in blocks:
        _fill_beside(grid, block, floating)
        labels = [grid.rows[n][0] for n in block if grid.rows[n][0]]
        bare = [n for n in block if not grid.rows[n][0]]
        if not labels or not bare:
            continue
        places = [n for n in block if grid.rows[n][0]]
        apart = len(places) > 1 and min(tops[b] - tops[a] for a, b in pairwise(places)) > 1.5 * pitch
        near = apart or len(labels) > 3 or sum(bool(grid.rows[n][0]) for n in block) > 0.7 * len(block)
        for n in block:
            if n in floating:
                continue
            if near:
                owner = _between(grid, block, n) or min(places, key=lambda m: abs(tops[m] - tops[n]))
                grid.groups[n] = grid.groups[n] or (grid.rows[owner][0] if not grid.rows[n][0] else "")
            else:
                grid.groups[n] = " ".join([grid.groups[n], *labels]).strip()


def _between(grid: Grid, block: list[int], number: int) -> int | None:
    """The label of a bare row between two labels, where only the lower one has as many bare rows on its other side."""
    at = block.index(number)
    last = next((k for k in range(at, -1, -1) if grid.rows[block[k]][0]), None)
    following = next((k for k in range(at, len(block)) if grid.rows[block[k]][0]), None)
    if last is None or following is None or (last > 0 and not grid.rows[block[last - 1]][0]):
        return None
    run = following - last - 1
    end = next((k for k in range(following + 1, len(block)) if grid.rows[block[k]][0]), len(block))
    return block[following] if end - following - 1 == run else None


def _fill_beside(grid: Grid, block: list[int], floating: set[int]) -> None:
    """A label that spans rows in a later column ("×2" under "Scale") goes into the empty cells of its block."""
    for n in block:
        column = next((k for k, cell in enumerate(grid.rows[n]) if cell), 0)
        if n in floating and column:
            for m in block:
                if m not in floating and not grid.rows[m][column]:
                    grid.rows[m][column] = grid.rows[n][column]


_ASIDE = re.compile(r"\([^()]*[A-Za-z]{3}[^()]*\)|")


def join_asides(grid: Grid) -> None:
    """A column of words in brackets only ("(Eq. 3)") belongs to the labels on its left."""
    for n in range(1, len(grid.rows[0]) - 1):
        body = [row[n] for row in grid.rows[grid.head :]]
        labelled = all(re.search(r"\S", row[n - 1]) for row in grid.rows[grid.head :])
        if not labelled or sum(map(bool, body)) < 2 or not all(_ASIDE.fullmatch(cell) for cell in body):
            continue
        for row in grid.rows:
            row[n - 1], row[n] = f"{row[n - 1]} {row[n]}".strip(), ""
        grid.columns[n - 1], grid.columns[n] = grid.columns[n - 1] + grid.columns[n], []
