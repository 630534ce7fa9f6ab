"""Which cells of a table are numbers."""

from __future__ import annotations

import re

NUMBERISH = re.compile(
    r"[<>~±$]?\s*[-+]?[\d.,]+\s*(%|[kKMBTx]|±.*|\(.*\)|e-?\d+|·.*|/.*|\^.*|s|h|ms)?\*?|"
    r"\d{1,3}(?: \d{3})+|\{[\d.,eE\s-]*\d\}"
)


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with or without a unit, or a dash for none."""
    return bool(NUMBERISH.fullmatch(cell)) or cell in {"-", "--", "—", "n/a", "N/A"}
