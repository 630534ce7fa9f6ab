"""A run as an agent trace: JSON lines that the Hub's trace viewer reads (Session Trace Simple Format), without secrets.

Secrets are taken out of each text before it goes anywhere else. What a person wrote, code and observations stay: a trace
is private until its owner decides otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from intern.redact import redact
from intern.runs.events import (
    Answer,
    ApprovalDecided,
    ApprovalRequested,
    Code,
    Event,
    Fact,
    Hint,
    Job,
    Note,
    Observation,
    Question,
    Status,
    Summary,
    Thought,
    UserMessage,
)

HARNESS = "intern"
TOOL = "python"
TRACE_KINDS = (
    "user", "thought", "code", "observation", "answer", "question", "hint", "summary", "note", "approval", "decision", "job",
    "fact", "status",
)  # fmt: skip


def render_trace(run_id: str, title: str, model: str, events: Iterable[Event]) -> str:
    """The trace of a run: a header line, then one line for each message, oldest first."""
    lines: list[dict[str, Any]] = [{"type": "session", "harness": HARNESS, "id": run_id, "name": redact(title)}]
    lines += [{"type": "message", "message": message} for message in _messages(events, model)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def digest_of(trace: str) -> str:
    """Names exactly this trace: consent is for it and no other."""
    return hashlib.sha256(trace.encode()).hexdigest()


def _messages(events: Iterable[Event], model: str) -> Iterator[dict[str, Any]]:
    reasoning, thought = "", ""
    for event in events:
        when = {"timestamp": round(event.time * 1000)}
        match event.body:
            case Thought(text=text, reasoning=True):
                reasoning = redact(text)
                continue
            case Thought(text=text):
                thought = redact(text)
                continue
            case Code(step=step, code=code):
                arguments = json.dumps({"code": redact(code)}, ensure_ascii=False)
                call = {"id": f"step-{step}", "function": {"name": TOOL, "arguments": arguments}}
                message: dict[str, Any] = {"role": "assistant", "content": thought, "toolCalls": [call], "model": model}
                if reasoning:
                    message["reasoningContent"] = reasoning
                yield message | when
                reasoning, thought = "", ""
                continue
            case Observation(step=step, text=text, error=error):
                said = text if error is None else f"{text}\n{error}".strip()
                yield {"role": "tool", "toolCallId": f"step-{step}", "content": redact(said)} | when
                continue
            case Answer(text=text) | Question(text=text):
                yield {"role": "assistant", "content": redact(text), "model": model} | when
                continue
            case UserMessage(text=text):
                yield {"role": "user", "content": redact(text)} | when
                continue
            case _:
                pass
        if said := _harness_says(event):
            yield {"role": "system", "content": redact(said)} | when


def _harness_says(event: Event) -> str:
    """What is no part of the conversation and explains it; "" for what does not."""
    match event.body:
        case Note(level=level, text=text):
            return text if level == "info" else f"{level}: {text}"
        case Hint(text=text) | Summary(text=text):
            return text
        case ApprovalRequested(title=title, price_usd=price):
            return f"A person is asked: {title} (${price:.4f} at worst)"
        case ApprovalDecided(decision=decision, by=by, feedback=feedback):
            return f"{decision} by {by}{f': {feedback}' if feedback else ''}"
        case Job(phase="finished" | "failed" | "cancelled" as phase, job_id=job, backend=backend, reason=reason):
            return f"Job {job} on {backend}: {phase}{f', {reason}' if reason else ''}"
        case Fact(name="published", value=value):
            return f"Published: {json.dumps(value, ensure_ascii=False)}"
        case Status(status=status, reason=reason) if reason:
            return f"The run is {status}: {reason}"
        case _:
            return ""
