"""What the brain sees of the conversation: built from the event log, append-only, each step's code once.

The log is the memory. A transcript can be rebuilt from it at any time, which is how a run goes on after its process
was killed: finished steps are remembered, and a step whose code was logged but whose observation was not is `pending`
and runs again as it stands, without asking the brain a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from smolagents.models import ChatMessage, MessageRole

from intern.runs.events import Answer, Code, Event, Observation, Thought, UserMessage

OPEN_TAG, CLOSE_TAG = "<run>", "</run>"
OBSERVATION = "Observation of step "
GIVEN = "Given: "
"""Starts the last line of the first user message: the request's options as JSON."""
ABANDONED = "Error: this step did not finish: the run ended first."
MEMORY_KINDS = ("user", "thought", "code", "observation", "answer")
"""The events that make up the memory; a long run has far more metrics and log lines."""


@dataclass(frozen=True)
class PendingStep:
    """A code step that was decided on but never finished."""

    step: int
    thought: str
    code: str


@dataclass
class Transcript:
    """The messages after the system prompt, oldest first."""

    messages: list[ChatMessage] = field(default_factory=list)
    steps: int = 0
    """Number of the last finished step (counted over the whole run)."""
    answer: str | None = None
    """The brain's answer, when nothing came after it."""

    def add_user(self, text: str) -> None:
        self.messages.append(_message(MessageRole.USER, text))
        self.answer = None

    def add_step(self, step: int, thought: str, code: str, observation: str) -> None:
        """A finished step: what the brain said and ran, and what came of it."""
        said = f"{thought}\n{OPEN_TAG}\n{code}\n{CLOSE_TAG}".strip()
        self.messages.append(_message(MessageRole.ASSISTANT, said))
        self.messages.append(_message(MessageRole.USER, f"{OBSERVATION}{step}:\n{observation}"))
        self.steps = step

    def add_answer(self, text: str) -> None:
        self.messages.append(_message(MessageRole.ASSISTANT, text))
        self.answer = text

    @classmethod
    def from_events(cls, events: Iterable[Event], given: str) -> tuple[Transcript, PendingStep | None]:
        """Rebuild the conversation; also returns the step that was cut short, if any.

        `given` (the request's options as JSON) is added to the first message.
        """
        transcript = cls()
        thought, pending = "", None
        for event in events:
            match event.body:
                case UserMessage(text=text):
                    if pending is not None:  # stopped, and now something else is asked: it must not run again
                        transcript.add_step(pending.step, pending.thought, pending.code, ABANDONED)
                        thought, pending = "", None
                    transcript.add_user(text if transcript.messages else f"{text}\n{GIVEN}{given}")
                case Thought(text=text):
                    thought = text
                case Code(step=step, code=code):
                    pending = PendingStep(step, thought, code)
                    thought = ""
                case Observation() as seen if pending is not None:
                    transcript.add_step(pending.step, pending.thought, pending.code, observation_text(seen))
                    pending = None
                case Answer(text=text):
                    transcript.add_answer(text)
                case _:
                    pass
        return transcript, pending


def observation_text(observation: Observation) -> str:
    """One form for live and rebuilt transcripts, so that prompts stay byte-stable."""
    if observation.error is None:
        return observation.text
    return f"{observation.text}\nError: {observation.error}".strip()


def cut_middle(text: str, limit: int) -> str:
    """The one truncation rule: head and tail, and how much is missing between them."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    return f"{text[:head]}\n… {len(text) - head - tail} characters left out …\n{text[-tail:]}"


def _message(role: MessageRole, text: str) -> ChatMessage:
    return ChatMessage(role=role, content=text)
