"""The conversation: events of a run as messages of a Gradio Chatbot. Pure: events in, dictionaries out.

One code step is one folded message (thought, code) with its output and what the brain saw of it folded inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from intern.runs.events import (
    Answer,
    ApprovalDecided,
    ApprovalRequested,
    Artifact,
    Code,
    Event,
    Hint,
    Note,
    Observation,
    Output,
    Question,
    Research,
    RunStatus,
    Status,
    Summary,
    Thought,
    ToolCall,
    Usage,
    UserMessage,
)
from intern.ui.files import INLINE, FileLinks
from intern.ui.text import (
    duration,
    fenced,
    inert,
    inert_title,
    lead,
    money,
    number,
    one_line,
    safe_markdown,
    stamp,
    tail,
)

Message = dict[str, Any]
"""One message as Chatbot takes it: role, content and, when folded, metadata."""

StepPart = Thought | Code | Output | Observation | ToolCall | Research | Hint | Usage
OUTPUT_CHARS = 4000
CODE_CHARS = 20_000
GIVES_UP = "cannot_do"
"""The planner's way to say that it cannot go on: it ends the turn by failing, which is no failure of a tool."""
SHOWN = 80
"""Messages on the page; redrawing costs the server and the browser in proportion."""


@dataclass
class _Step:
    """A code step: what the brain thought, wrote, and what came of it."""

    uid: int
    number: int
    thought: str = ""
    reasoning: str = ""
    code: str = ""
    output: str = ""
    observation: Observation | None = None
    tools: list[ToolCall] = field(default_factory=list)
    research: list[Research] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    usage: list[Usage] = field(default_factory=list)
    drawn: list[Message] | None = None
    drawn_live: bool = False

    def messages(self, live: bool) -> list[Message]:
        """`live`: somebody is working on it right now."""
        pending = live and self.observation is None
        if self.drawn is None or self.drawn_live != pending:
            self.drawn, self.drawn_live = self._draw(pending), pending
        return self.drawn

    def _draw(self, pending: bool) -> list[Message]:
        failed = self.observation is not None and self.observation.error is not None
        mark = " · did not work" if failed else ""
        title = one_line(self.thought) or one_line(self.code) or ("Thinking" if pending else "Asked the model")
        body = [safe_markdown(self.thought)] if len(self.thought.strip()) > len(title) else []
        if self.code:
            body.append(fenced(tail(self.code, CODE_CHARS), "python"))
        parts = [self._folded(f"Step {self.number} · {title}{mark}", "\n\n".join(body), pending)]
        parts[0]["metadata"]["id"] = f"step{self.uid}"
        # Not as Gradio's own `duration`: it would say "50.0ms".
        seconds = self.observation.seconds if self.observation is not None else 0.0
        took = duration(seconds).replace(" ", "\u00a0") if seconds >= 0.1 else ""
        if log := " · ".join(filter(None, [self._tool_line(), took, used(self.usage)])):
            parts[0]["metadata"]["log"] = log
        for hint in self.hints:
            said = f"It had answered:\n\n{fenced(tail(hint.said, OUTPUT_CHARS))}\n\n" if hint.said.strip() else ""
            parts.append(self._child("The harness’s hint", said + inert(hint.text), False))
        if self.reasoning:
            parts.append(self._child("Reasoning", safe_markdown(tail(self.reasoning, CODE_CHARS)), False))
        for call in sorted({r.call for r in self.research}):
            lines = [_research_line(r) for r in self.research if r.call == call]
            parts.append(self._child(f"Research {call}", "\n\n".join(lines), pending))
        if self.output.strip():
            parts.append(self._child("Output", fenced(tail(self.output, OUTPUT_CHARS)), pending))
        if self.observation is not None:
            if self.observation.text.strip() and self.observation.text.strip() != self.output.strip():
                parts.append(self._child("What the intern sees of it", fenced(self.observation.text), False))
            if self.observation.error:
                parts.append(self._child("Error", fenced(self.observation.error), False))
        return parts

    def _tool_line(self) -> str:
        """Which tools it used, each once; "…" while one is at work."""
        marks = {"started": " …", "finished": "", "failed": " failed"}
        phases = {call.name: call.phase for call in self.tools if call.name != GIVES_UP}
        return ", ".join(f"{name}{marks[phase]}" for name, phase in phases.items())

    def _folded(self, title: str, content: str, pending: bool) -> Message:
        metadata = {"title": inert_title(title), "status": "pending" if pending else "done"}
        return {"role": "assistant", "content": content or "…", "metadata": metadata}

    def _child(self, title: str, content: str, pending: bool) -> Message:
        message = self._folded(title, content, pending)
        message["metadata"] |= {"id": f"step{self.uid}-{title}", "parent_id": f"step{self.uid}"}
        return message


@dataclass(frozen=True)
class _Picture:
    """A picture that the run made. Its link is made anew whenever it is drawn: it expires."""

    run_id: str
    name: str
    label: str

    def messages(self) -> list[Message]:
        url = FileLinks().artifact(self.run_id, self.name, inline=True).replace("&", "&amp;")
        words = inert(one_line(self.label) or self.name)
        picture = f'<img class="picture" src="{url}" alt="{words}">'
        return [{"role": "assistant", "content": f'{picture}<div class="note">{words}</div>'}]


class Conversation:
    """The chat of one run, grown event by event."""

    def __init__(self) -> None:
        self._entries: list[Message | _Step | _Picture] = []
        self._titles: dict[str, str] = {}
        self.version = 0
        """Sequence number of the last event that changed the conversation."""

    def apply(self, event: Event) -> None:
        """Take one event in; those that are not for the conversation change nothing."""
        match event.body:
            case UserMessage(text=text):
                said = f'<div class="said">{inert(text)}</div>{stamp(event.time)}'
                self._entries.append({"role": "user", "content": said})
            case Note(level=level, text=text):
                self._note(level, text)
            case Answer(text=text):
                self._entries.append({"role": "assistant", "content": safe_markdown(text)})
            case Status(status=status, reason=reason):
                if not self._status(status, reason):
                    return
            case ApprovalRequested(approval_id=approval_id, title=title):
                self._titles[approval_id] = title
                self._note("ask", f"Needs your decision: {title}")
            case Artifact(name=name, media_type=media_type, label=label) if media_type in INLINE:
                picture = _Picture(event.run_id, name, label)
                self._entries = [*(entry for entry in self._entries if entry != picture), picture]
            case Question(text=text):
                self._note("ask", f"Asks you: {text}")
            case ApprovalDecided() as decision:
                self._decision(decision)
            case Summary(text=text, upto=upto):
                self._summary(event.seq, upto, text)
            case Hint() | Usage() | Thought() | Code() | Output() | Observation() | ToolCall() | Research():
                self._step_event(event, event.body)
            case _:
                return
        self.version = event.seq

    def messages(self, status: RunStatus, writing: str = "") -> list[Message]:
        """The last messages, as Chatbot wants them; new lists and dictionaries each time (Gradio keeps what it gets).

        `writing` is the reply that the brain has begun.
        """
        live = status in ("running", "queued")
        steps = [entry for entry in self._entries if isinstance(entry, _Step)]
        current = steps[-1] if live and steps else None
        shown: list[Message] = []
        hidden = 0
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            drawn = self._drawn(entry, entry is current)
            if len(shown) + len(drawn) > SHOWN:
                hidden = index + 1
                break
            shown[:0] = drawn
        if hidden:
            shown.insert(0, note_message("info", f"{hidden} earlier entries are not shown here; the log keeps all."))
        if live and writing.strip():
            shown.append({"role": "assistant", "content": safe_markdown(tail(writing, CODE_CHARS))})
        elif live and (current is None or current.observation is not None):
            shown.append({"role": "assistant", "content": '<div class="working">Working</div>'})
        return [{**message, **_copied(message)} for message in shown]

    @staticmethod
    def _drawn(entry: Message | _Step | _Picture, live: bool) -> list[Message]:
        if isinstance(entry, _Step):
            return entry.messages(live)
        return entry.messages() if isinstance(entry, _Picture) else [entry]

    def _status(self, status: RunStatus, reason: str) -> bool:
        """Endings other than success are said in the chat, in words."""
        if status == "failed":
            self._note("error", f"This did not work out. {reason}".strip())
        elif status == "stopped":
            self._note("warning", reason or "Stopped.")
        elif status == "interrupted":
            self._note("warning", reason or "Interrupted; it can be resumed.")
        else:
            return False
        return True

    def _decision(self, decision: ApprovalDecided) -> None:
        title = self._titles.get(decision.approval_id, "the request")
        words = {"approved": "Approved", "rejected": "Rejected", "expired": "Expired without a decision"}
        said = f" “{decision.feedback}”" if decision.feedback else ""
        self._note("ask", f"{words[decision.decision]}: {title.rstrip('.?!')}.{said}")

    def _summary(self, seq: int, upto: int, text: str) -> None:
        title = f"Summary of the steps up to {upto}: it stands for them, since the model reads only so much at once"
        metadata = {"title": inert_title(title), "status": "done", "id": f"summary{seq}"}
        self._entries.append({"role": "assistant", "content": safe_markdown(text), "metadata": metadata})

    def _note(self, level: str, text: str) -> None:
        self._entries.append(note_message(level, text))

    def _step_event(self, event: Event, body: StepPart) -> None:
        step = self._step(event.seq, body)
        step.drawn = None
        match body:
            case Thought(text=text, reasoning=True):
                step.reasoning = f"{step.reasoning}\n\n{text}".strip()
            case Thought(text=text):
                step.thought = f"{step.thought}\n\n{text}".strip()
            case Code(code=code):
                step.code = code
            case Output(text=text):
                step.output = tail(step.output + text, 4 * OUTPUT_CHARS)
            case Observation() as observation:
                step.observation = observation
            case ToolCall() as call:
                step.tools.append(call)
            case Hint() as hint:
                step.hints.append(hint)
            case Usage() as usage:
                step.usage.append(usage)
            case Research() as told:
                step.research.append(told)

    def _step(self, seq: int, body: StepPart) -> _Step:
        """The open step of this number, or a new one (numbers start again after a resume or a new message)."""
        for entry in reversed(self._entries):
            if isinstance(entry, _Step):
                ended = entry.observation is not None
                again = isinstance(body, Code) and bool(entry.code) and entry.code != body.code
                late = isinstance(body, Usage | Hint)  # what a step cost may be known only after it
                if entry.number == body.step and (late or not (ended or again)):
                    return entry
                break
        step = _Step(uid=seq, number=body.step)
        self._entries.append(step)
        return step


def _research_line(told: Research) -> str:
    """What the sub-agent thought, did, saw or found."""
    if told.what in ("thought", "question", "note"):
        return f"**{told.number or told.what.capitalize()}** {safe_markdown(told.text)}"
    if told.what == "tool":
        return f"`{one_line(told.text).replace('`', chr(39))}`"
    title = {"code": "", "seen": "Saw:\n", "error": "Error:\n", "findings": "Findings:\n"}[told.what]
    return title + fenced(tail(told.text, OUTPUT_CHARS), "python" if told.what == "code" else "text")


def used(usage: list[Usage]) -> str:
    """What requests to the model took, in words: "1 234 tokens, $0.01"; "" for none."""
    if not usage:
        return ""
    counts = [(u.prompt_tokens, u.completion_tokens) for u in usage]
    known = [a + b for a, b in counts if a is not None and b is not None]
    tokens = f"{number(sum(known))} tokens" if len(known) == len(counts) else "tokens unknown"
    prices = [u.usd for u in usage]
    price = money(sum(p for p in prices if p is not None)) if None not in prices else "price unknown"
    return f"{tokens}, {price}".replace(" ", "\u00a0")


def note_message(level: str, text: str) -> Message:
    """The harness speaks: info, warning, error, or ask. What makes it long folds out."""
    said, rest = lead(text)
    more = "<br>".join(inert(part) for part in rest)
    folded = f"<details><summary>{'All of them' if len(rest) > 1 else 'More'}</summary>{more}</details>" if rest else ""
    return {"role": "assistant", "content": f'<div class="note note-{level}">{inert(said)}{folded}</div>'}


def _copied(message: Message) -> Message:
    return {"metadata": dict(message["metadata"])} if "metadata" in message else {}
