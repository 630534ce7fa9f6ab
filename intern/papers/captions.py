"""Captions of tables and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from intern.papers.layout import Line, Page

CAPTION = re.compile(
    r"(Table|Tab\.?|TABLE|Figure|Fig\.?|FIGURE|Algorithm|Listing)\s*(\d{1,2}|[A-Z]\.?\d{1,2}|[IVX]{1,5})\s*([:.|-])?(?:\s|$)"
)


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


def find_captions(page: Page) -> list[Caption]:
    """Captions of tables and figures on the page, with all their lines."""
    out: list[Caption] = []
    lines = page.lines
    for index, line in enumerate(lines):
        match = CAPTION.match(line.text)
        if not match:
            continue
        before = lines[index - 1] if index else None
        if (
            before is not None
            and before.block == line.block
            and line.y0 - before.y1 < 0.25 * line.size
            and (len(before.text) > 30 and not match.group(3))
        ):
            continue
        if (
            before is not None
            and before.block == line.block
            and line.y0 - before.y1 < 0.5 * line.size
            and not before.text.rstrip().endswith((".", ":", "!", "?"))
            and before.x0 < line.x0 + 25
            and not (_is_row(before) and CAPTION.fullmatch(line.text + " "))
        ):
            continue  # the sentence of the line above goes on
        first = line.pieces[0]
        apart = len(line.pieces) > 1 and CAPTION.fullmatch(first.text + " ") is not None
        apart = apart or CAPTION.fullmatch(first.text[: first.lead].strip() + " ") is not None  # its label in bold
        if not (match.group(3) or apart or line.bold or match.group(1).isupper()):
            continue
        used = [line, *_titled_below(lines, index)]
        for following in lines[index + len(used) : index + 14] if len(used) == 1 else ():
            last = used[-1]
            gap = following.y0 - last.y1
            same = following.block == last.block
            if gap > (0.75 if same else 0.45) * line.size or gap < -0.5 * line.size or CAPTION.match(following.text):
                break
            if abs(following.size - line.size) > 0.7 or (len(following.pieces) > 2 and not same):
                break
            if not same and (last.x1 < used[0].x1 - 25 or following.x0 < line.x0 - 12):
                break
            if _is_row(following):
                break
            used.append(following)
        kind = match.group(1).lower()
        label = f"{'Table' if kind.startswith('tab') else match.group(1).rstrip('.').title()} {match.group(2)}"
        out.append(Caption(label, kind.startswith("tab"), used))
    return out


def _titled_below(lines: list[Line], index: int) -> list[Line]:
    """The lines of a title set centred under a label that has a line of its own ("TABLE II"), mostly in capitals."""
    label = lines[index]
    if CAPTION.fullmatch(label.text + " ") is None or not label.text.isupper():
        return []
    out: list[Line] = []
    for line in lines[index + 1 : index + 7]:
        last = out[-1] if out else label
        letters = [char for char in line.text if char.isalpha()]
        off = abs((line.x0 + line.x1) - (label.x0 + label.x1)) / 2
        if (
            line.page != label.page
            or not -0.3 * label.size < line.y0 - last.y1 < 0.6 * label.size
            or off > 10
            or not 0.7 * label.size < line.size < label.size + 0.7
            or _is_row(line)
            or (
                len(out) > 0
                and not _goes_on(out[0], line, label)
                and sum(map(str.isupper, letters)) < 0.6 * len(letters)
            )
        ):
            break
        out.append(line)
    return out


def _goes_on(first: Line, line: Line, label: Line) -> bool:
    """Whether a line is set in the small capitals of a title's first line, which are lower case once they are read."""
    return first.size < label.size - 0.7 and abs(line.size - first.size) < 0.3


def _is_row(line: Line) -> bool:
    """Whether a line has a wide gap with a short cell behind it: the first row of a table, not more of its caption."""
    if len(line.pieces) < 2:
        return False
    gaps = [right.x0 - left.x1 for left, right in pairwise(line.pieces)]
    if gaps[-1] > 1.6 * line.size and len(line.pieces[-1].text) < 24:
        return True
    # narrow columns: no running text has gaps like these between all of its short parts
    return len(gaps) >= 2 and min(gaps) > 0.85 * line.size and all(len(piece.text) < 28 for piece in line.pieces)
