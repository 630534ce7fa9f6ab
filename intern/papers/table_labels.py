"""Labels of a table as its caption and its neighbours explain them: abbreviations, bare letters, labels that go on."""

from __future__ import annotations

import re
from dataclasses import replace

from intern.papers.cell_numbers import is_number
from intern.papers.labels import canonical
from intern.papers.model import Grid

_EXPLAINED = re.compile(
    r"(?<![\w-])(?P<s>[A-Z]{2,5}|[A-Z]|[a-zα-ωϵ](?:_?[a-z\d]{1,3})?)"
    r"(?:\s?[:=]\s?|,? (?:denotes?|stands? for|represents?|means|refers to|is short for|indicates?|is) )(?:the )?"
    r"(?P<w>[A-Za-z][A-Za-z -]{2,40}?)(?=[.,;:)]|$| and | per | of the | in the | for )"
)
"""How captions explain a short heading: "TS: Training Steps", "d denotes the embedding size"."""


def spelled_out(grid: Grid) -> Grid:
    """The table with the labels of its settings in full words; the same object where there is nothing to spell out."""
    meanings = {match.group("s"): match.group("w").strip() for match in _EXPLAINED.finditer(grid.caption)}
    meanings = {short: words for short, words in meanings.items() if canonical(words)}
    adam = any(canonical(row[0]) in ("adam_beta1", "adam_beta2", "adam_betas") for row in grid.rows)
    further = _labels_that_go_on(grid)
    if not (meanings or adam or further):
        return grid
    rows = [list(row) for row in grid.rows]
    for n, row in enumerate(rows):
        row[0] = further.get(n, row[0])
        if adam and re.fullmatch(r"[εϵ]", row[0].strip()):
            row[0] = "Adam ε"
        else:
            row[0] = _in_words(row[0], meanings)
    columns = [[_in_words(part, meanings) for part in parts] for parts in grid.columns]
    return replace(grid, rows=rows, columns=columns)


def _in_words(label: str, meanings: dict[str, str]) -> str:
    """ "Classifier DR" as "Classifier Dropout Rate", where DR is explained; labels that are understood stay."""
    if not label or canonical(label):
        return label
    *before, last = label.split()
    if last not in meanings:
        return label
    named = len(before) == 1 and sum(char.isupper() for char in before[0]) > 1  # "ALBERT DR": the model itself
    return " ".join([*([] if named else before), meanings[last]])


def _labels_that_go_on(grid: Grid) -> dict[int, str]:
    """Rows of a two-column list that have a value and no label, with the label above."""
    if len(grid.rows[0]) != 2:
        return {}
    out: dict[int, str] = {}
    for n in range(grid.head + 1, len(grid.rows)):
        label, cell = grid.rows[n]
        above = out.get(n - 1) or grid.rows[n - 1][0]
        if not label and cell and grid.rows[n - 1][1] and above and canonical(above):
            out[n] = above
    return out


def told_alone(grid: Grid, found: dict[int, str]) -> bool:
    """Whether a table with one setting in its headings is about that setting: no other numbers, the caption names it."""
    if len(found) != 1:
        return False
    (at,) = found
    words = " ".join(grid.columns[at]).lower().split()
    rest = [cell for row in grid.rows[grid.head :] for n, cell in enumerate(row) if n != at]
    caption = grid.caption.lower()
    named = any(word.rstrip("s") in caption for word in (" ".join(words[-2:]), " ".join(words)))
    return named and not any(is_number(cell) for cell in rest)
