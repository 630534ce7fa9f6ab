"""Undone turns: the log keeps every event, and an `undo` event says which of them no longer count."""

from __future__ import annotations

from collections.abc import Iterable

from intern.runs.events import Event, Fact, Undo

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
    }
)
"""What an undone turn said and did. Money, files, training jobs and what was published are not undone by words."""


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
