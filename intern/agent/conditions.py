"""What a task sets or asks besides values, against what a small model has done: it leaves out some."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from intern.agent.doubt_words import LABELLED, VERDICT, YES_OR_NO
from intern.agent.sayings import NUMBER, WITH_UNIT
from intern.agent.wanted import FILE

QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|https?://\S+")
SET = re.compile(r"(?<![\w.,/-])(\d+(?:,\d{3})+|\d+(?:\.\d+)?(?:e-?\d+)?)(?!\.?\d)\s?(%|per ?cent\b)?", re.IGNORECASE)
SMALLEST = 5
"""Smaller whole numbers stand for too much ("the 2 columns", "1 mile")."""
MOST_BEFORE = 2
"""Outputs of earlier steps that stand beside the last one's."""


def unused(task: str, codes: Iterable[str]) -> list[str]:
    """The shares, fractions and larger numbers that a task sets and no code holds, as the task says them."""
    in_code = {
        float(n.replace(",", "").replace("_", "")) for c in codes for n in (*NUMBER.findall(c), *WITH_UNIT.findall(c))
    }
    known = {round(abs(value), 9) for value in in_code}
    left: list[str] = []
    for match in SET.finditer(FILE.sub(" ", QUOTED.sub(" ", task))):
        value, share = float(match[1].replace(",", "")), match[2] is not None
        if not share and value >= 1 and value < SMALLEST and "." not in match[1]:
            continue
        fraction = value / 100 if share else value
        meant = {value, fraction, 1 - fraction, 100 - value} if share else {value}
        if value < 1 or share:
            meant |= {1 - fraction, 100 * fraction, 1 / fraction if fraction else 0}
        if value and not {round(abs(m), 9) for m in meant} & known:
            left.append(match[0].strip())
    return list(dict.fromkeys(left))


def undecided(task: str, answer: str) -> str:
    """The yes-or-no question of a task whose verdict an answer does not tell; "" for none."""
    asked = YES_OR_NO.search(task)
    return "" if asked is None or VERDICT.search(answer) else f"{asked[0].strip(' .!?:,')}?"


def not_said(answer: str, printed: str, shown: Sequence[str]) -> str:
    """What code printed last and before, if that says more than the answer; "" if not."""
    told, said = set(NUMBER.findall(answer)), answer.casefold()
    left = any(n not in told for n in NUMBER.findall(printed))
    left = left or any(value.casefold() not in said for value in LABELLED.findall(printed))
    before = [text for text in shown[:-1] if text != printed and set(NUMBER.findall(text)) - told]
    return "\n".join([*before[-MOST_BEFORE:], printed]).strip() if left or before else ""
