"""The planner's improve mode: baseline and noise, one change after the other while time is left, the test part at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from intern.agent.conversation import Conversation, Done
from intern.runs.numbers import shown

TRAININGS = ((2.0, 10), (6.0, 14), (12.0, 18))
OVER_BUDGET = "The time budget is too small"
"""How design_experiment's refusals begin that more time, or fewer trainings, would cure."""
MOST_TRAININGS, LEAST_TRAININGS = 20, 5
"""So many seeds the experiment is designed for: each attempt is one of them, and so are the seeds of the test."""


class Next(NamedTuple):
    """A tool to call, what to say before, and its arguments."""

    tool: str
    thought: str
    arguments: dict[str, Any]


def wants_improvement(request: str, weights: bool = False) -> bool:
    """Is the request of this kind? Where pretrained `weights` were given, to tune them is to train them."""
    verbs = "improve|optimi[sz]e" if weights else "improve|optimi[sz]e|tune"
    return re.match(rf"\s*(please\s+)?({verbs})\b", request.lower()) is not None


def trainings(minutes: float) -> int:
    """How many trainings to design for in so many minutes."""
    return next((count for most, count in TRAININGS if minutes <= most), MOST_TRAININGS)


def fewer(planned: int, failed: Sequence[Done]) -> int:
    """How many trainings to design for after so many did not fit the time; 0 = give up."""
    if not all(call.error.startswith(OVER_BUDGET) for call in failed):
        return 0
    left = planned // 2 ** len(failed)
    return left if left >= LEAST_TRAININGS else 0


def next_step(c: Conversation, spec_id: str) -> Next | None:
    """The next call of this mode; None = the best experiment's test part is measured."""
    started = c.last("start_improving")
    if started is None:
        said = "All checks passed. First the baseline several times on a selection part, to know the noise."
        return Next("start_improving", said, {"spec_id": spec_id})
    if c.last("finish_improving") is not None:
        return None
    last, improve = c.last("try_change"), {"improve_id": started["improve_id"]}
    left = (last or started)["attempts_left"]
    if left and not c.failures("try_change"):
        if last is None:
            said = f"{started['metric']} {shown(started['baseline'])}; {started['noise']}. Now changes, one after the other."
        else:
            said = f"{last['change']}: {last['outcome']} ({last['why']}). Next change."
        return Next("try_change", said, improve)
    said = "The time for attempts is used up. Now the test part, once." if not left else "Nothing is left to try."
    return Next("finish_improving", said, improve)


def words(c: Conversation) -> list[str]:
    """What came of it, for the closing answer."""
    done = c.last("finish_improving")
    if done is None:
        return []
    kept = "; ".join(done["kept"]) or "nothing"
    return [
        f"**{done['words']}.**",
        f"Kept: {kept}. Discarded: {done['discarded']}, failed: {done['failed']}. Chosen on a selection part of the validation "
        "rows; every attempt is in journal.json, the tree in improve.svg.",
    ]
