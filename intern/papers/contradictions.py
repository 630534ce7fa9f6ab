"""Numbers of one thing that the paper gives differently in different places.

A sentence claims a number for the paper's own model; the tables and the other sentences hold another number for the
same measure on the same data, and the claimed one stands nowhere else. That is reported, with both quotes, never
resolved.
"""

from __future__ import annotations

import re

from intern.papers.model import Contradiction, Result, StatedValue
from intern.papers.result_context import language_pair

_NEAR = 0.06
"""Relative difference up to which two numbers can be meant for one thing."""


def find(results: list[Result], claims: list[Result]) -> list[Contradiction]:
    """Contradictions between what sentences claim (`claims`) and what tables and other sentences hold."""
    out: list[Contradiction] = []
    seen: set[tuple[str, str, float]] = set()
    tabled = [row for row in results if row.own and row.table]
    mine = [row for row in claims if row.own and not row.where.startswith("caption")]
    for claim in mine:
        rows = [row for row in tabled if _same_thing(row, claim)]
        others = [row for row in mine if row is not claim and _same_thing(row, claim)]
        if not rows or any(_agrees(row.value, claim.value) for row in (*rows, *others)):
            continue
        near = [row for row in rows if abs(row.value - claim.value) <= _NEAR * abs(claim.value)]
        backed = next(((other, row) for other in others for row in near if _agrees(other.value, row.value)), None)
        key = (_key(claim.dataset), _family(claim.metric), claim.value)
        if backed is None or key in seen:
            continue
        seen.add(key)
        about = f"{claim.metric} on {claim.dataset}"
        out.append(Contradiction(about=about, values=[_stated(claim), *(_stated(row) for row in backed)]))
    return out


def _stated(row: Result) -> StatedValue:
    return StatedValue(value=row.value, page=row.page, quote=row.quote, where=row.where)


def _agrees(one: float, other: float) -> bool:
    """Equal, or one is the other rounded to fewer digits."""
    return any(round(one, digits) == round(other, digits) and min(one, other) > 1 for digits in (1, 2)) or one == other


def _same_thing(one: Result, other: Result) -> bool:
    return _family(one.metric) == _family(other.metric) and _key(one.dataset) == _key(other.dataset)


def _family(metric: str) -> str:
    return metric.replace("%", "").strip().lower()


def _key(dataset: str) -> str:
    """A data set's name for comparing: language pairs spelt out, everything else in words."""
    if pair := language_pair(dataset):
        return " ".join(pair)
    return " ".join(re.findall(r"[a-z0-9.]+", dataset.lower()))
