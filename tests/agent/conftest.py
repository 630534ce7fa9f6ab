"""The real loop with the real sandbox; only the brain is scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from smolagents import Tool
from smolagents.models import ChatMessage, MessageRole, Model

from intern.agent.intern import Intern
from intern.agent.opening import Opening
from intern.runs.approvals import Approvals
from intern.runs.events import UserMessage
from intern.runs.log import RunLog
from intern.runs.workspace import Run
from intern.sandbox.executor import SandboxExecutor
from intern.service import RunRequest
from intern.settings import SandboxLimits


class Script(Model):
    """A brain that says its lines in order and keeps what it was shown."""

    def __init__(self, *replies: str) -> None:
        super().__init__(model_id="script")
        self.replies = list(replies)
        self.shown: list[list[tuple[str, str]]] = []

    def generate(self, messages: list[ChatMessage], stop_sequences: list[str] | None = None, **kwargs) -> ChatMessage:
        self.shown.append([(m.role.value, str(m.content)) for m in messages])
        return ChatMessage(role=MessageRole.ASSISTANT, content=self.replies.pop(0))


class Do(Tool):
    """What the test put in."""

    name = "do"
    description = "Does something on the host."
    inputs = {"what": {"type": "string", "description": "which"}}  # noqa: RUF012
    output_type = "any"

    def __init__(self, action: Callable[[str], object]) -> None:
        super().__init__()
        self.action = action

    def forward(self, what):
        return self.action(what)


def code(text: str, thought: str = "Next.") -> str:
    return f"{thought}\n<run>\n{text}\n</run>"


@pytest.fixture
def log(tmp_path: Path) -> RunLog:
    return RunLog(tmp_path / "runs.sqlite")


@pytest.fixture
def run(log: RunLog, tmp_path: Path) -> Run:
    run_id = log.create("ada", "t", RunRequest(task="t"))[0]
    log.append(run_id, UserMessage(text="the task"))
    return Run(run_id, "ada", log, Approvals(log), tmp_path / "run")


@pytest.fixture
def make(run: Run) -> Iterator[Callable[..., Intern]]:
    """Build an intern for the run, as a process would that starts on it; asked again, as the next process would."""
    made: list[Intern] = []

    def make_intern(
        *replies: str, action: Callable[[str], object] = str, max_steps: int = 8, chars: int = 2000
    ) -> Intern:
        executor = SandboxExecutor(
            run.folder / "work", SandboxLimits(), lambda text: made[-1].live_output(text), run.cancel, step_seconds=20
        )
        intern = Intern(
            run, [Do(action)], Opening(run, Script(*replies), "You are the intern.", given='{"minutes": 5}'), executor,
            max_steps=max_steps, observation_chars=chars,
        )  # fmt: skip
        made.append(intern)
        return intern

    yield make_intern
    for intern in made:
        intern.cleanup()
