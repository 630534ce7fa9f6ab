"""What the brain sees of the conversation: built from the event log, append-only, each step's code once.

The log is the memory. A transcript can be rebuilt from it at any time, which is how a run goes on after its process
was killed: finished steps are remembered, and a step whose code was logged but whose observation was not is `pending`
and runs again as it stands, without asking the brain a second time. Only a Summary event takes messages away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from intern.agent.messages import Message, Role
from intern.agent.reply import CLOSE_TAG, OPEN_TAG
from intern.runs.events import (
    FINAL_STATUSES,
    Answer,
    Code,
    Event,
    Hint,
    Observation,
    Question,
    Status,
    Summary,
    Thought,
    UserMessage,
)
from intern.runs.turns import standing

__all__ = [
    "CLOSE_TAG",
    "GIVEN",
    "LOOK",
    "MEMORY_KINDS",
    "OBSERVATION",
    "OPEN_TAG",
    "RESUMED",
    "PendingStep",
    "Transcript",
]

OBSERVATION = "Observation of step "
GIVEN = "Given: "
"""Starts the last line of the first user message: the request's options as JSON."""
LOOK = "First I look at what was given."
"""The thought of a step that the harness does for a small model."""
DEED = "The harness "
"""How the thought of any other such step begins."""
LOOKED = "What was given has been looked at (variables stay):\n{observation}\n\n{advice}Now the task, in code: {task}"
REMINDER = (
    "\n(The task: {task} If this answers all of it, call final_answer now, with every value that it asks for. Else write "
    "the next, different block.)"
)
REMINDED_CHARACTERS = 300
NOTHING = "Nothing was printed: print what you need to see."
RESUMED = "Error: the run ended at this step, and the person resumed it since. What failed may work now: try it again."
GAVE_UP = re.compile(r"\bcannot_do\(")
ABANDONED = "Error: this step did not finish: the run ended first."
ASKED = "You asked the person; the answer is the next message. Code after the question did not run."
HINT = "Note from the harness: "
MEMORY_KINDS = ("user", "thought", "code", "observation", "answer", "hint", "question", "summary", "undo", "status")
"""The events that make up the memory; a long run has far more metrics and log lines."""


@dataclass(frozen=True)
class PendingStep:
    """A code step that was decided on but never finished."""

    step: int
    thought: str
    code: str


@dataclass(frozen=True)
class Entry:
    """A message, and how many steps were finished when it was added."""

    step: int
    message: Message


@dataclass
class Transcript:
    """The conversation after the system prompt, oldest first."""

    entries: list[Entry] = field(default_factory=list)
    steps: int = 0
    """Number of the last finished step (counted over the whole run)."""
    answer: str | None = None
    """The brain's answer, when nothing came after it."""
    summarised: int = 0
    """The last step that only the summary tells of."""
    characters: int = 0
    """Of all messages together."""
    asked: str = ""
    small: bool = False
    """For a small model: code as it was taught to write it, no thoughts, a reminder after each observation."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the person called a file -> what it is called where code can open it."""
    advice: str = ""
    """For a small model: how such a task is done; after the first look, or (`looks` false: there is none) the task."""
    looks: bool = True

    @property
    def messages(self) -> list[Message]:
        return [entry.message for entry in self.entries]

    @property
    def task(self) -> str:
        """What the person asked for last, shortened."""
        words = " ".join(self.asked.partition(f"\n{GIVEN}")[0].split())
        return words if len(words) <= REMINDED_CHARACTERS else words[:REMINDED_CHARACTERS] + "…"

    def add_user(self, text: str) -> None:
        for word in sorted(self.names, key=len, reverse=True):
            text = text.replace(word, self.names[word])
        self.asked = text
        self._add(Role.USER, text)
        self.answer = None

    def add_step(self, step: int, thought: str, code: str, observation: str) -> None:
        """A finished step: what the brain said and ran, and what came of it."""
        self.steps = step
        if not self.small:
            self._add(Role.ASSISTANT, f"{thought}\n{OPEN_TAG}\n{code}\n{CLOSE_TAG}".strip())
            self._add(Role.USER, f"{OBSERVATION}{step}:\n{observation}")
        elif thought == LOOK:  # the harness did it, not the model, which would do it again
            advice = f"{self.advice}\n" if self.advice else ""
            self._add(Role.USER, LOOKED.format(observation=observation.strip(), advice=advice, task=self.task))
        elif thought.startswith(DEED):  # nor is it shown the code of such a step, which it would copy
            told = f"{thought}\n{observation.strip()}{REMINDER.format(task=self.task)}"
            self._add(Role.USER, told)
        else:
            self._add(Role.ASSISTANT, f"```python\n{code}\n```")
            self._add(
                Role.USER,
                f"{OBSERVATION}{step}:\n{observation.strip() or NOTHING}{REMINDER.format(task=self.task)}",
            )

    def add_answer(self, text: str) -> None:
        self._add(Role.ASSISTANT, text)
        self.answer = text

    def add_hint(self, said: str, text: str) -> None:
        """What the brain said and could not be used (if it said something), and what the harness has to say to it."""
        if said:
            self._add(Role.ASSISTANT, said)
        self._add(Role.USER, f"{HINT}{text}")

    def replace(self, upto: int, summary: str, since: int = 0) -> None:
        """Let a summary stand for the steps `since` to `upto`. The first message, the task, stays as it is."""
        first, *others = self.entries
        before = [e for e in others if e.step < since]
        kept = [e for e in others if e.step > upto]
        self.entries = [first, *before, Entry(upto, _message(Role.USER, summary)), *kept]
        self.characters = sum(len(e.message.content) for e in self.entries)
        if not since:
            self.summarised = upto

    def has_code_since(self, told: str) -> bool:
        """Whether any step ran after the harness last told something that begins so."""
        for entry in reversed(self.entries):
            if f"{HINT}{told}" in entry.message.content:
                return False
            if entry.message.role == Role.ASSISTANT and OPEN_TAG in entry.message.content:
                return True
        return self.summarised > 0

    def last_steps(self, characters: int) -> int:
        """The step up to which must be summarised so that the rest has at most so many characters; at least one
        step stays."""
        sizes: dict[int, int] = {}
        for entry in self.entries[1:]:
            sizes[entry.step] = sizes.get(entry.step, 0) + len(str(entry.message.content))
        total = 0
        for step in sorted(sizes, reverse=True):
            total += sizes[step]
            if total > characters:
                return min(step, self.steps - 1)
        return self.summarised

    def _add(self, role: Role, text: str) -> None:
        self.entries.append(Entry(self.steps, _message(role, text)))
        self.characters += len(text)

    @classmethod
    def from_events(
        cls,
        events: Iterable[Event],
        given: str,
        small: bool = False,
        names: Mapping[str, str] | None = None,
        advice: str = "",
        looks: bool = True,
    ) -> tuple[Transcript, PendingStep | None]:
        """Rebuild the conversation; also returns the step that was cut short, if any.

        `given` (the request's options as JSON) is added to the first message.
        """
        transcript = cls(small=small, names=names or {}, advice=advice, looks=looks)
        first = f"\n{GIVEN}{given}" if looks or not advice else f"\n{GIVEN}{given}\n\n{advice}"
        thought, pending, asked, ended = "", None, False, False
        everything = list(events)
        counting = standing(everything)
        for event in counting:
            match event.body:
                case UserMessage(text=text):
                    if pending is not None:  # stopped or asked, and now a person spoke: it must not run again
                        why = ASKED if asked else ABANDONED
                        transcript.add_step(pending.step, pending.thought, pending.code, why)
                        thought, pending = "", None
                    asked = False
                    transcript.add_user(text if transcript.entries else f"{text}{first}")
                case Thought(text=text, reasoning=False):
                    thought = text
                case Code(step=step, code=code):
                    pending = PendingStep(step, thought, code)
                    thought = ""
                case Observation() as seen if pending is not None:
                    transcript.add_step(pending.step, pending.thought, pending.code, observation_text(seen))
                    pending = None
                case Status(status=status) if status in FINAL_STATUSES:
                    ended = True
                case Status(status="queued") if ended and pending is not None and GAVE_UP.search(pending.code):
                    # Run again as it stands, it would give up again before anything was tried.
                    transcript.add_step(pending.step, pending.thought, pending.code, RESUMED)
                    thought, pending = "", None
                case Question(text=text):
                    if pending is None:  # the harness asked, not a step
                        transcript.add_hint("", asked_words(text))
                    asked = True
                case Hint(said=said, text=text):
                    transcript.add_hint(said, text)
                case Summary(upto=upto, text=text, since=since):
                    transcript.replace(upto, text, since)
                case Answer(text=text):
                    transcript.add_answer(text)
                case _:
                    pass
        # Steps of undone turns keep their numbers: the log knows each step's events by its number.
        gone = set(map(id, everything)) - set(map(id, counting))
        used = [e.body.step for e in everything if id(e) in gone and isinstance(e.body, Thought | Code)]
        transcript.steps = max([transcript.steps, *used])
        return transcript, pending


def asked_words(question: str) -> str:
    """How the brain is told that the harness asked the person."""
    return f"the person was asked: {question} The answer is the next message."


def observation_text(observation: Observation) -> str:
    """One form for live and rebuilt transcripts, so that prompts stay byte-stable."""
    if observation.error is None:
        return observation.text
    return f"{observation.text}\nError: {observation.error}".strip()


def _message(role: Role, text: str) -> Message:
    return Message(role, text)
