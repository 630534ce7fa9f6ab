"""Where a run keeps its files: `INTERN_HOME/runs/<id>/`, and how a tool speaks to the run it works for."""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from intern.runs.approvals import Approvals
from intern.runs.events import Artifact, Event, EventPayload, Note
from intern.runs.log import RunLog


class RunStopped(BaseException):
    """The user (or a budget) stopped the run. A BaseException, so that no code step can swallow it."""


class RunFailed(BaseException):
    """The brain says that the task cannot be done; the argument is the reason for people."""


class RunOverBudget(BaseException):
    """The task does not fit the budget; the argument says what would do."""


class RunParked(BaseException):
    """The run cannot go on until a person decides; its thread ends and a decision resumes it."""


class RunAsks(RunParked):
    """The run cannot go on until a person answers; the argument is the question."""


class RunNeedsAccount(RunParked):
    """The run cannot go on until its owner signs in again; the argument says so. It can then be resumed."""


@dataclass
class Run:
    """A run that is being worked on: its log, folders, stop flag, and the step it is in."""

    id: str
    owner: str
    log: RunLog
    approvals: Approvals
    folder: Path
    cancel: threading.Event = field(default_factory=threading.Event)
    step: int = 0
    live: str = ""
    """The reply that the brain is writing at this moment; for faces in this process, not in the log."""
    leaving: bool = False
    """The process ends and the run will go on later: what works for it on another computer is left at work."""
    outside: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
    """Around a wait for another computer: the run's place on this one is given away meanwhile."""
    away_before: float = 0.0
    away_since: float | None = None

    def __post_init__(self) -> None:
        self.artifacts.mkdir(parents=True, exist_ok=True)

    @property
    def artifacts(self) -> Path:
        """Files that faces may show: only what `add_artifact` recorded."""
        return self.folder / "artifacts"

    @property
    def jobs(self) -> Path:
        """Work folders of training jobs."""
        return self.folder / "jobs"

    @property
    def sealed(self) -> Path:
        """Test labels; never mounted into a sandbox or a job."""
        return self.folder / "sealed"

    @property
    def of_person(self) -> Run:
        """The run whose messages a person wrote: this one, or the one that it works for."""
        return self

    @property
    def away_seconds(self) -> float:
        """Time spent waiting for other computers; it is no time of this run's budget, which those bound themselves."""
        return self.away_before + (time.monotonic() - self.away_since if self.away_since is not None else 0.0)

    def emit(self, body: EventPayload, key: str | None = None) -> Event | None:
        """Append to the log (see RunLog.append)."""
        return self.log.append(self.id, body, key)

    def note(self, text: str, level: str = "info", key: str | None = None, *, quotes: bool = False) -> None:
        """The harness speaks to the person. `quotes`: it repeats what the brain or its program wrote."""
        self.emit(Note(level=level, text=text, quotes=quotes), key=key)  # type: ignore[arg-type]

    def check(self) -> None:
        """Raises RunStopped when somebody asked the run to stop; call it in every wait."""
        if self.cancel.is_set():
            raise RunStopped

    def wait_for(self, ready: Callable[[], bool], poll_seconds: float = 0.1) -> None:
        """Wait until `ready()`; raises RunStopped at once when the run is stopped."""
        while not ready():
            if self.cancel.wait(poll_seconds):
                raise RunStopped

    def add_artifact(self, path: Path, label: str = "") -> Artifact:
        """Record a file below `artifacts` so that faces may show it. Same file, same event."""
        name = path.resolve().relative_to(self.artifacts.resolve()).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        artifact = Artifact(
            name=name,
            bytes=path.stat().st_size,
            sha256=digest,
            media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
            label=label,
        )
        self.emit(artifact, key=f"artifact:{name}:{digest}")
        return artifact
