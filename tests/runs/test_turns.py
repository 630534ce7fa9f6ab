"""What an undone turn takes along, and what stays."""

from __future__ import annotations

from intern.runs.events import Answer, Event, Fact, Undo, Usage, UserMessage
from intern.runs.report import build_report
from intern.runs.turns import standing


def log(*bodies) -> list[Event]:
    return [Event(run_id="r", seq=n, time=n, body=body) for n, body in enumerate(bodies, 1)]


def usage(usd: float) -> Usage:
    return Usage(step=1, model="m", prompt_tokens=1, completion_tokens=1, usd=usd)


def test_results_go_money_and_what_was_published_stay():
    events = log(
        UserMessage(text="a"), Fact(name="summary", value={"mean": 1}), usage(0.25), UserMessage(text="b"),
        Fact(name="summary", value={"mean": 2}), Fact(name="published", value={"url": "u"}), usage(0.5), Undo(first=4),
    )  # fmt: skip
    report = build_report("r", "done", "m", standing(events), "p")
    assert report.summary == {"mean": 1} and report.published == {"url": "u"} and report.cost_usd == 0.75


def test_undoing_twice_takes_two_turns_and_what_is_said_later_counts():
    events = log(
        UserMessage(text="a"), UserMessage(text="b"), UserMessage(text="c"), Answer(text="!"), Undo(first=3), Undo(first=2),
        UserMessage(text="d"),
    )  # fmt: skip
    assert [e.body.text for e in standing(events) if isinstance(e.body, UserMessage)] == ["a", "d"]
    assert standing(standing(events)) == standing(events)
