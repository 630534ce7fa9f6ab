"""A run's report: a fold over its events. This is what `run --json`, `runs show --json` and `get_run` return."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, JsonValue

from intern.runs.events import (
    ApprovalDecided,
    ApprovalRequested,
    Artifact,
    Cost,
    Event,
    Fact,
    Note,
    Question,
    RunStatus,
    Status,
    Usage,
    UserMessage,
)
from intern.runs.turns import standing


class RunReport(BaseModel):
    """DESIGN's `run --json` schema; the values of facts are in the JSON form of the room that established them."""

    run_id: str
    status: RunStatus
    brain: str
    paper: JsonValue = None
    setup: JsonValue = None
    spec: JsonValue = None
    deviations: list[JsonValue] = []
    runs: list[JsonValue] = []
    summary: JsonValue = None
    comparison: list[JsonValue] = []
    published: JsonValue = None
    cost_usd: float | None = 0.0
    """What was spent; None = unknown: a model without a known price, or a job whose cost is not settled."""
    artifacts: list[JsonValue] = []
    events_path: str


class PendingApproval(BaseModel):
    """A request that nobody has decided yet, as the log tells it."""

    approval_id: str
    action: str
    title: str
    summary: str
    price_usd: float
    artifact: str | None
    program: str | None = None


def build_report(run_id: str, status: RunStatus, brain: str, events: Iterable[Event], events_path: str) -> RunReport:
    """Fold facts, artifacts and usage into a report; the last fact of a name (and key) counts."""
    report = RunReport(run_id=run_id, status=status, brain=brain, events_path=events_path)
    seed_runs: dict[str, JsonValue] = {}
    artifacts: dict[str, JsonValue] = {}
    costs: dict[str, float | None] = {}
    for event in standing(events):
        match event.body:
            case Fact(name="seed_run", key=key, value=value):
                seed_runs[key] = value
            case Fact(name="spec", value=dict() as value):
                if isinstance(report.spec, dict) and report.spec.get("spec_id") != value.get("spec_id"):
                    # Another experiment: no number of the one before may stand beside it.
                    seed_runs, report.summary, report.comparison = {}, None, []
                report.spec = value
                report.deviations = list(value.get("deviations", []))  # type: ignore[arg-type]
            case Fact(name="comparison", value=value):
                report.comparison = value if isinstance(value, list) else []
            case Fact(name="baselines" | "improvement"):
                pass  # for the log's readers: each seed's evidence and journal.json tell them here
            case Fact(name=name, value=value):
                setattr(report, name, value)
            case Artifact() as artifact:
                artifacts[artifact.name] = artifact.model_dump(exclude={"kind"})
            case Usage(usd=usd):
                costs[f"usage {event.seq}"] = usd
            case Cost(key=key, phase=phase, usd=usd):
                costs[f"job {key}"] = usd if phase == "settled" else None
            case _:
                pass
    known = [usd for usd in costs.values() if usd is not None]
    report.cost_usd = round(sum(known), 6) if len(known) == len(costs) else None
    report.runs = list(seed_runs.values())
    report.artifacts = list(artifacts.values())
    return report


def pending_approvals(events: Iterable[Event]) -> list[PendingApproval]:
    """Requests without a decision, oldest first."""
    open_requests: dict[str, PendingApproval] = {}
    for event in events:
        match event.body:
            case ApprovalRequested() as request:
                open_requests[request.approval_id] = PendingApproval(
                    **request.model_dump(include=set(PendingApproval.model_fields))
                )
            case ApprovalDecided() as decision:
                open_requests.pop(decision.approval_id, None)
            case _:
                pass
    return list(open_requests.values())


def open_question(events: Iterable[Event]) -> Question | None:
    """The question that waits for a person's message, if one does."""
    asked: Question | None = None
    for event in standing(events):
        match event.body:
            case Question() as question:
                asked = question
            case UserMessage():
                asked = None
            case _:
                pass
    return asked


def last_reason(events: Iterable[Event]) -> str:
    """Why the run is in its status: the newest status reason, else the newest error note."""
    reason = ""
    for event in standing(events):
        match event.body:
            case Status(reason=text) if text:
                reason = text
            case Note(level="error", text=text):
                reason = text
            case _:
                pass
    return reason
