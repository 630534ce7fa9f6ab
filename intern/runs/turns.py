"""Undone turns: the log keeps every event, and an `undo` event says which of them no longer count."""

from __future__ import annotations

from collections.abc import Iterable

from intern.runs.approvals import Approvals
from intern.runs.events import FINAL_STATUSES, Event, Fact, Status, Undo, UserMessage
from intern.runs.log import RunLog

HIDDEN = frozenset(
    {
        "user",
        "thought",
        "code",
        "output",
        "observation",
        "tool",
        "plan",
        "question",
        "hint",
        "summary",
        "answer",
        "status",
        "research",
    }
)
"""What an undone turn said and did. Money, files, training jobs and what was published are not undone by words."""


class NothingToUndoError(ValueError):
    """There is no turn that can be taken back; the message says what to do."""


def take_back(log: RunLog, approvals: Approvals, run_id: str, by: str, replaced: bool) -> None:
    """Undo the last turn of a run that nobody works on. `replaced`: another message follows. Raises NothingToUndoError."""
    events = standing(log.events(run_id, kinds=("user", "status", "undo")))
    said = [e for e in events if isinstance(e.body, UserMessage)]
    if not said:
        raise NothingToUndoError("There is nothing to undo in this run.")
    if len(said) == 1 and not replaced:
        raise NothingToUndoError("That message is the task itself: say what to do instead, or start another run.")
    for approval in approvals.pending(run_id):
        approvals.decide(run_id, approval.id, "rejected", by=by, feedback="The turn was undone.")
    first = said[-1].seq
    log.append(run_id, Undo(first=first), key=f"undo:{first}")
    ended = [e.body.status for e in events if e.seq < first and isinstance(e.body, Status)]
    before = next((s for s in reversed(ended) if s in FINAL_STATUSES), "done")
    log.append(run_id, Status(status=before, reason="The last turn was undone."))


def standing(events: Iterable[Event]) -> list[Event]:
    """The events that count, in order; `undo` itself stays. The list must hold the undo events of its run."""
    kept: list[Event] = []
    for event in events:
        if isinstance(event.body, Undo):
            first = event.body.first
            kept = [e for e in kept if e.seq < first or not _hidden(e)]
        kept.append(event)
    return kept


def _hidden(event: Event) -> bool:
    if isinstance(event.body, Fact):
        return event.body.name != "published"
    return event.body.kind in HIDDEN
