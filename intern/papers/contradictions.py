"""Numbers of one thing that the paper gives differently in different places.

A sentence claims a number for the paper's own model; the tables and the other sentences hold another number for the
same measure on the same data, and the claimed one stands nowhere else. That is reported, with both quotes, never
resolved.
"""

from __future__ import annotations

import re
from collections import defaultdict

from intern.papers.hyperparameters import Found
from intern.papers.model import Contradiction, Result, StatedValue
from intern.papers.result_context import language_pair

_ONE_VALUED = {
    "learning_rate", "batch_size", "epochs", "weight_decay", "dropout", "label_smoothing", "momentum", "warmup_steps", "layers",
    "heads", "hidden_size", "ffn_size", "embedding_dim", "vocab_size", "beam_size", "lora_rank", "lora_alpha", "discount",
}  # fmt: skip
"""Settings of which one model has one value at a time."""
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


def of_settings(found: list[Found]) -> list[Contradiction]:
    """Settings that a sentence and a table, or two sentences of different sections, give differently for one scope.

    Only where each place gives one number for that scope and speaks with trust; a paper that names a setting three
    times with three numbers describes three experiments.
    """
    groups: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for item in found:
        fact = item.fact
        if fact.name in _ONE_VALUED and isinstance(fact.value, int | float) and item.weight >= 1.0:
            groups[fact.name, fact.scope.lower()].append(item)
    out: list[Contradiction] = []
    for (name, scope), items in groups.items():
        values = {float(item.fact.value) for item in items}
        places = {item.fact.where for item in items}
        if len(values) != 2 or len(places) != len(items) or len(items) > 3:
            continue
        one, other = items[0], next(item for item in items if item.fact.value != items[0].fact.value)
        about_one = one.section == other.section and "Table" not in one.fact.where + other.fact.where
        if about_one or (scope == "main" and not _alike(one.fact.quote, other.fact.quote)):
            continue
        about = f"{name} ({scope})" if scope != "main" else name
        stated = [
            StatedValue(value=item.fact.value, page=item.fact.page, quote=item.fact.quote, where=item.fact.where)
            for item in (one, other)
        ]
        out.append(Contradiction(about=about, values=stated))
    return out


def _alike(one: str, other: str) -> bool:
    """Whether two quotes without a scope speak of one thing: as many shared words as a table's label gives."""
    words = [set(re.findall(r"[a-z]{4,}", quote.lower())) for quote in (one, other)]
    return len(words[0] & words[1]) >= min(2, len(words[0]), len(words[1]))


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
