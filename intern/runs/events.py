"""What can happen in a run: one small type per kind of event.

Every face (chat, panels, API, command line) is a view of a list of these. A payload is one line of JSON, so
nothing large goes in: files are artifacts, and an event names them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

RunStatus = Literal[
    "queued",  # accepted, its thread has not started
    "running",
    "waiting",  # parked: an approval or an answer is needed
    "done",
    "failed",
    "stopped",  # by the user, a budget, or a rejected approval
    "interrupted",  # its process died; `resume` continues it
]
FINAL_STATUSES: frozenset[str] = frozenset({"done", "failed", "stopped"})
"""Statuses in which no more events come until somebody sends a message or resumes."""

FactName = Literal[
    "paper", "setup", "spec", "seed_run", "summary", "comparison", "baselines", "improvement", "published"
]  # fmt: skip


ApprovalAction = Literal["publish", "job", "tool"]


class Payload(BaseModel):
    """Base of all event payloads; unknown fields are an error, so a typo cannot pass as data.

    Numbers are finite: JSON has no other, and one `null` in their place would make the log unreadable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Status(Payload):
    """The run changed its status; `reason` is one line for people."""

    kind: Literal["status"] = "status"
    status: RunStatus
    reason: str = ""


class UserMessage(Payload):
    """What the person asked, word for word; `model`: the brain from now on, where they chose another."""

    kind: Literal["user"] = "user"
    text: str
    model: str | None = None


class Note(Payload):
    """The harness itself speaks: a substitution, an assumption, a warning, an error in plain words."""

    kind: Literal["note"] = "note"
    level: Literal["info", "warning", "error"] = "info"
    text: str
    quotes: bool = False
    """It repeats words of the brain or of its program: no number in it is the harness's own."""


class Thought(Payload):
    """What the brain says before its code, or a reasoning text that is shown folded and never executed."""

    kind: Literal["thought"] = "thought"
    step: int
    text: str
    reasoning: bool = False
    """The model's own thinking: for people, folded; it is not part of the memory."""


class Code(Payload):
    """A code step that is about to run in the sandbox."""

    kind: Literal["code"] = "code"
    step: int
    code: str


class Output(Payload):
    """Live output of the running code step."""

    kind: Literal["output"] = "output"
    step: int
    text: str


class Observation(Payload):
    """What the brain sees of a finished code step (already cut to size); `error` is None when it went well."""

    kind: Literal["observation"] = "observation"
    step: int
    text: str
    error: str | None = None
    seconds: float


class ToolCall(Payload):
    """A tool started or ended. `arguments` is a short text for people, not the call's data."""

    kind: Literal["tool"] = "tool"
    step: int
    name: str
    phase: Literal["started", "finished", "failed"]
    arguments: str = ""
    seconds: float | None = None


class PlanItem(Payload):
    title: str
    status: Literal["pending", "active", "done", "failed"]


class Plan(Payload):
    """The whole to-do list, each time anew."""

    kind: Literal["plan"] = "plan"
    items: list[PlanItem]


class Job(Payload):
    """A training job's life. `total_steps` is what it means to do; progress comes as metrics."""

    kind: Literal["job"] = "job"
    job_id: str
    spec_id: str
    seed: int
    backend: str
    phase: Literal["submitted", "waiting", "started", "resumed", "finished", "failed", "cancelled"]
    total_steps: int | None = None
    exit_status: int | None = None
    seconds: float | None = None
    reason: str = ""


class Metric(Payload):
    """A value that the training program reported while it ran: a curve, never a result."""

    kind: Literal["metric"] = "metric"
    job_id: str
    seed: int
    step: int
    name: str
    value: float


class LogLine(Payload):
    """Output of a training job."""

    kind: Literal["log"] = "log"
    job_id: str
    text: str


class ApprovalRequested(Payload):
    """A person has to decide. `price_usd` is the worst-case total; `subject` binds the decision to exact content."""

    kind: Literal["approval"] = "approval"
    approval_id: str
    action: ApprovalAction
    title: str
    summary: str
    price_usd: float
    subject: str
    artifact: str | None = None
    program: str | None = None
    """An artifact that the person may edit before deciding; the edited one is another request."""


class ApprovalDecided(Payload):
    kind: Literal["decision"] = "decision"
    approval_id: str
    decision: Literal["approved", "rejected", "expired"]
    by: str
    feedback: str = ""


class Artifact(Payload):
    """A file of the run, named relative to the run's artifact folder."""

    kind: Literal["artifact"] = "artifact"
    name: str
    bytes: int
    sha256: str
    media_type: str
    label: str = ""


class Fact(Payload):
    """Something established, in the owning room's own JSON form; `get_run` is a fold over these.

    `key` tells facts of one name apart (for a `seed_run`, the job id); a later fact with the same name and key
    replaces an earlier one.
    """

    kind: Literal["fact"] = "fact"
    name: FactName
    key: str = ""
    value: JsonValue


class Question(Payload):
    """A person has to answer before the run goes on; the next message of theirs is the answer."""

    kind: Literal["question"] = "question"
    step: int
    text: str
    options: list[str] = []


class Hint(Payload):
    """The harness answers a reply of the brain that could not be used: part of the memory, not of the chat."""

    kind: Literal["hint"] = "hint"
    step: int
    said: str
    text: str


class Summary(Payload):
    """Stands in the memory for the steps from `since` to `upto`: the conversation grew too long, or they led nowhere."""

    kind: Literal["summary"] = "summary"
    upto: int
    since: int = 0
    text: str


class Usage(Payload):
    """What one request to the model took; None = the server did not say, or nobody stated the price."""

    kind: Literal["usage"] = "usage"
    step: int
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    usd: float | None
    cached_tokens: int | None = None
    """Of the prompt's tokens, those that the server had read before."""


class Research(Payload):
    """What a research sub-agent does inside a step: for people; the brain gets its findings only."""

    kind: Literal["research"] = "research"
    step: int
    call: int
    """Which call of the step."""
    number: int
    """The sub-agent's own step; 0 = its question."""
    what: Literal["question", "thought", "code", "seen", "error", "tool", "note", "findings"]
    text: str


class Undo(Payload):
    """A person took back their last message: the events from `first` (its sequence number) on no longer count."""

    kind: Literal["undo"] = "undo"
    first: int


class Cost(Payload):
    """Money for one piece of work (`key`): held before it starts, settled when it has ended.

    `usd` is the most that it can cost when held, what it did cost when settled; None = that could not be found out.
    """

    kind: Literal["cost"] = "cost"
    key: str
    phase: Literal["held", "settled"]
    usd: float | None
    what: str = ""


class Answer(Payload):
    """The brain's closing words for this turn (Markdown)."""

    kind: Literal["answer"] = "answer"
    text: str


EventPayload = Annotated[
    Status
    | UserMessage
    | Note
    | Thought
    | Code
    | Output
    | Observation
    | ToolCall
    | Plan
    | Job
    | Metric
    | LogLine
    | ApprovalRequested
    | ApprovalDecided
    | Artifact
    | Fact
    | Question
    | Hint
    | Summary
    | Usage
    | Research
    | Undo
    | Cost
    | Answer,
    Field(discriminator="kind"),
]


class Event(BaseModel):
    """One entry of a run's log. `seq` counts from 1 without gaps; `time` is seconds since the epoch."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    run_id: str
    seq: int
    time: float
    body: EventPayload
