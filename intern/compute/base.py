"""What every backend offers: run one program in one folder, say how it goes, end it on demand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, FiniteFloat

KILLED = frozenset({-9, -15})
"""Exit statuses of SIGKILL and SIGTERM, which Windows has no names for."""
BackendName = Literal["local", "zerogpu", "hf-jobs"]
JOB_FILES = ("metrics.jsonl", "predictions.jsonl", "model")


class ComputeError(RuntimeError):
    """The backend cannot take or finish the job; the message says why and what to do."""


class RemoteTerms(BaseModel):
    """What a person has agreed to for one job on rented hardware."""

    model_config = ConfigDict(frozen=True)

    flavor: str
    usd_per_hour: float
    timeout_seconds: int
    """The hardware ends the job after this, so `price` is the most that it can cost."""
    image: str
    requirements: tuple[str, ...]
    """Exact versions, installed before the program starts."""
    labels: dict[str, str]
    attempt: int = 1

    @property
    def price(self) -> float:
        """US dollars at worst: the whole timeout."""
        return self.usd_per_hour * self.timeout_seconds / 3600


class JobSpec(BaseModel):
    """One training job. The folder holds the program, `spec.json` and `data/`; outputs appear in it."""

    model_config = ConfigDict(frozen=True)

    id: str
    folder: Path
    argv: list[str]
    """Command relative to the folder, without the interpreter: ["program.py"]."""
    threads: int
    hard_limit_seconds: float
    """The job is killed after this; the program has its own, softer limit in spec.json."""
    terms: RemoteTerms | None = None
    """For rented hardware."""
    weights: Path | None = None
    """A folder that the job reads as `weights/` and cannot change."""


class JobResult(BaseModel):
    """How a job ended. `exit_status` is negative for a signal; `seconds` is wall time of this process only."""

    id: str
    exit_status: int
    seconds: float
    timed_out: bool = False
    resumed: bool = False
    cpu_seconds: float | None = None
    """CPU time of the program and all below it, as last seen while it ran; None = it was not seen."""
    reason: str = ""
    """Why it ended, where the backend says more than the exit status."""
    environment: dict[str, str] | None = None
    """Package versions, Python and machine of another computer that ran it; None = this one."""

    @property
    def killed_from_outside(self) -> bool:
        """Did somebody else end the program: neither itself nor one of our limits?"""
        return self.exit_status in KILLED and not self.timed_out and not self.reason

    def and_then(self, later: JobResult) -> JobResult:
        """How it ended when it was run again: as it did then, with the time of both."""
        cpu = [r.cpu_seconds for r in (self, later) if r.cpu_seconds is not None]
        seconds = round(self.seconds + later.seconds, 2)
        return later.model_copy(update={"seconds": seconds, "cpu_seconds": sum(cpu) if cpu else None})


JobPhase = Literal["waiting", "started", "resumed"]


class ProgramMetric(BaseModel):
    """One line of a program's `metrics.jsonl`. A value that is no finite number is no metric."""

    step: int
    name: str
    value: FiniteFloat
    time: float


class JobListener(Protocol):
    """Told about a job while it runs."""

    def metric(self, metric: ProgramMetric) -> None: ...

    def log(self, text: str, offset: int) -> None: ...

    def state(self, phase: JobPhase, reason: str = "") -> None:
        """The job waits (and for what), has started, or goes on from a checkpoint."""
        ...


class Backend(Protocol):
    """A place to run jobs: this machine, a ZeroGPU Space, HF Jobs."""

    name: str

    def run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        """Run to the end, calling `listener` as output arrives.

        `check` is called at least five times a second and may raise to cancel; the job's processes are then gone
        before the exception goes on. A folder with a checkpoint continues from it. Raises ComputeError.
        """
        ...
