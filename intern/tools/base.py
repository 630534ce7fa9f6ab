"""The shape of every tool: a thin adapter over a room, whose calls are in the log and whose errors are one line."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Literal

from smolagents import Tool

from intern.account import AccountError
from intern.agent.outputs import Outputs
from intern.compute.base import ComputeError
from intern.experiments.attempts import FrozenError
from intern.experiments.design import DesignError
from intern.experiments.evidence import NoEvidenceError
from intern.experiments.run import ProgramFailedError
from intern.experiments.scripts import ScriptError
from intern.experiments.sources import DataError
from intern.papers.model import PaperError
from intern.publish.bundle import NothingToPublishError
from intern.publish.push_plan import PublishError
from intern.runs.events import ToolCall
from intern.runs.workspace import RunParked, RunStopped
from intern.tools.workbench import ToolError, Workbench

EXPECTED = (
    ToolError,
    PaperError,
    DataError,
    DesignError,
    NoEvidenceError,
    ProgramFailedError,
    FrozenError,
    ScriptError,
    NothingToPublishError,
    PublishError,
    ComputeError,
    AccountError,
)
"""Errors with a message for people; anything else is a defect of ours and keeps its type."""


class RoomTool(Tool):
    """A smolagents Tool over a Workbench. Subclasses set name, description, inputs and `forward`."""

    output_type = "object"
    skip_forward_signature_validation = False
    quiet: ClassVar[bool] = False
    """Not worth a line in the chat (the plan shows itself)."""
    needs: ClassVar[frozenset[Literal["network", "llm"]]] = frozenset()
    """What there must be for it to work; without, it is not listed and says so when it is called."""
    reads_only: ClassVar[bool] = False
    """Changes nothing anywhere, so a research sub-agent may have it."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self._calls: dict[int, int] = {}
        super().__init__()

    @property
    def missing(self) -> str:
        """Why it cannot work in this run; "" when it can."""
        if "network" in self.needs and not self.bench.online:
            return f"There is no network, so {self.name} cannot work: use what is on this machine."
        if "llm" in self.needs and not self.bench.has_llm:
            return f"{self.name} needs an LLM, and the brain of this run is the built-in planner: choose a model (--model)."
        return ""

    def fit(self, text: str, limit: int) -> str:
        """The text, cut in the middle when it is long; then it names the handle for read_more."""
        number = self._calls.get(self.bench.run.step, 1)
        handle = f"{self.name.replace('_', '')}{self.bench.run.step}" + (f"-{'x' * (number - 1)}" if number > 1 else "")
        return Outputs(self.bench.run.folder / "outputs").fit(handle, text, limit)

    def __call__(self, *args: Any, sanitize_inputs_outputs: bool = False, **kwargs: Any) -> Any:
        run = self.bench.run
        run.check()
        step = run.step
        number = self._calls[step] = self._calls.get(step, 0) + 1
        key = f"step{step}:tool:{self.name}:{number}"
        shown = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in kwargs.items())])[:300]
        started = time.monotonic()
        if not self.quiet:
            run.emit(ToolCall(step=step, name=self.name, phase="started", arguments=shown), key=f"{key}:started")
        phase: str | None = "failed"
        try:
            if self.missing:
                raise ToolError(self.missing)
            result = self.forward(*args, **kwargs)
            phase = "finished"
            return result
        except EXPECTED as error:
            raise ToolError(str(error)) from error
        except (RunParked, RunStopped):
            phase = None  # it has not ended: it goes on when the run does
            raise
        finally:
            seconds = round(time.monotonic() - started, 3)
            if phase is not None and not self.quiet:
                run.emit(
                    ToolCall(step=step, name=self.name, phase=phase, arguments=shown, seconds=seconds),  # type: ignore[arg-type]
                    key=f"{key}:{phase}",
                )
