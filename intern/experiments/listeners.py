"""Who hears of a job while it runs: the run's log and its tracker, or, for a smoke run, nobody but the planner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from intern.compute.base import JobPhase, ProgramMetric
from intern.experiments.tracking import Tracker
from intern.redact import redact
from intern.runs.events import LogLine, Metric
from intern.runs.workspace import Run

MAX_LOG_LINE = 2000


@dataclass
class LogListener:
    """Puts a job's metrics and output into the run's log, each once even when the job is run again."""

    run: Run
    job_id: str
    seed: int
    say: Callable[..., None]
    tracker: Tracker
    made_by: str = ""
    """Of the lines' keys: which program, when it is not ours; what another one logs at the same steps is new."""

    def metric(self, metric: ProgramMetric) -> None:
        new = self.run.emit(
            Metric(job_id=self.job_id, seed=self.seed, step=metric.step, name=metric.name, value=metric.value),
            key=f"metric:{self.job_id}{self.made_by}:{metric.name}:{metric.step}",
        )
        if new is not None:
            self.tracker.metric(metric)

    def log(self, text: str, offset: int) -> None:
        if text.strip():
            shown = redact(text[:MAX_LOG_LINE])
            self.run.emit(LogLine(job_id=self.job_id, text=shown), key=f"log:{self.job_id}:{offset}")

    def state(self, phase: JobPhase, reason: str = "") -> None:
        self.say(phase, **({"reason": reason} if reason else {}))


@dataclass
class LastMetrics:
    """Keeps the last value of each metric of a probe; its log is not the run's business."""

    values: dict[str, float]

    def metric(self, metric: ProgramMetric) -> None:
        self.values[metric.name] = metric.value

    def log(self, text: str, offset: int) -> None:
        pass

    def state(self, phase: JobPhase, reason: str = "") -> None:
        pass
