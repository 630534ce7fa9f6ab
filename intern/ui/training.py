"""Curves and progress of a run's training jobs, grown event by event. What is drawn here is never a result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from intern.runs.events import Event, Job, LogLine, Metric

POINTS = 400
"""Points kept of one curve: twice as many are thinned to every second."""
LOG_LINES = 2000


@dataclass
class JobView:
    """One training job: how far it is and how fast it goes."""

    job_id: str
    seed: int
    backend: str = ""
    phase: str = "submitted"
    step: int = 0
    total: int | None = None
    began: float | None = None
    last: float | None = None
    seconds: float | None = None
    exit_status: int | None = None
    reason: str = ""
    measured_from: tuple[float, int] | None = None
    """Time and step of the first metric since the (re)start: loading libraries is not training speed."""

    @property
    def running(self) -> bool:
        return self.phase in ("started", "resumed")

    @property
    def fraction(self) -> float | None:
        """0 to 1; None while nobody knows how long it will be."""
        if self.phase == "finished":
            return 1.0
        return min(1.0, self.step / self.total) if self.total else None

    def elapsed(self, now: float | None = None) -> float | None:
        if self.seconds is not None:
            return self.seconds
        if self.began is None:
            return None
        end = (now or time.time()) if self.running else (self.last or self.began)
        return max(0.0, end - self.began)

    def left(self) -> float | None:
        """Seconds to go at the speed so far; None when that cannot be said yet."""
        if not self.running or not self.total or self.measured_from is None or self.last is None:
            return None
        since, from_step = self.measured_from
        if self.step <= from_step:
            return None
        return max(0.0, (self.last - since) / (self.step - from_step) * (self.total - self.step))

    def whole(self) -> float | None:
        """Seconds from start to end at the speed so far; None when that cannot be said yet."""
        left, elapsed = self.left(), self.elapsed()
        return left + elapsed if left is not None and elapsed is not None else None


@dataclass
class Curve:
    """Values of one metric of one job, thinned so that a long run stays drawable."""

    seed: int
    points: list[tuple[int, float]] = field(default_factory=list)

    def add(self, step: int, value: float) -> None:
        """One more point. A step that was passed before is the start of another version of the program: its curve counts."""
        if self.points and step <= self.points[-1][0]:
            self.points = []
        self.points.append((step, value))
        if len(self.points) >= 2 * POINTS:
            self.points = [*self.points[:-1:2], self.points[-1]]


class Training:
    """All jobs of one run."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobView] = {}
        self.curves: dict[str, dict[str, Curve]] = {}
        """metric name -> job id -> curve"""
        self.log: list[str] = []
        self.log_dropped = 0
        self.version = 0
        self.log_version = 0

    def apply(self, event: Event) -> None:
        match event.body:
            case Job() as job:
                self._job(event, job)
            case Metric() as metric:
                self._metric(event, metric)
            case LogLine(job_id=job_id, text=text):
                view = self.jobs.get(job_id)
                self._say(event.seq, f"seed {view.seed}" if view else job_id, text)

    def _job(self, event: Event, job: Job) -> None:
        view = self.jobs.setdefault(job.job_id, JobView(job.job_id, job.seed))
        view.backend, view.phase = job.backend, job.phase
        view.total = job.total_steps or view.total
        view.reason = job.reason
        if job.phase in ("started", "resumed"):
            view.began, view.measured_from, view.seconds = event.time, None, None
        if job.seconds is not None:
            view.seconds = job.seconds
        view.exit_status = job.exit_status
        view.last = event.time
        self.version = event.seq
        ended = f", exit status {job.exit_status}" if job.exit_status is not None else ""
        self._say(event.seq, f"seed {job.seed}", f"— {job.phase} on {job.backend}{ended} {job.reason}".rstrip())

    def _metric(self, event: Event, metric: Metric) -> None:
        view = self.jobs.setdefault(metric.job_id, JobView(metric.job_id, metric.seed, phase="started"))
        view.step = max(view.step, metric.step)
        view.last = event.time
        view.began = view.began or event.time
        view.measured_from = view.measured_from or (event.time, metric.step)
        of_metric = self.curves.setdefault(metric.name, {})
        of_metric.setdefault(metric.job_id, Curve(metric.seed)).add(metric.step, metric.value)
        self.version = event.seq

    def _say(self, seq: int, who: str, text: str) -> None:
        self.log += [f"{who} │ {line}" for line in text.rstrip("\n").split("\n")]
        if len(self.log) > LOG_LINES:
            extra = len(self.log) - LOG_LINES
            self.log_dropped += extra
            del self.log[:extra]
        self.log_version = seq


@dataclass(frozen=True)
class Overall:
    """All planned seeds together. `left`: seconds, None while that cannot be said."""

    done: int
    planned: int
    percent: int
    left: float | None
    backends: str


def overall(training: Training, planned: int) -> Overall | None:
    """How far the whole experiment is; None before its first job."""
    jobs = list(training.jobs.values())
    if not jobs:
        return None
    planned = max(planned, len(jobs))
    done = sum(job.phase == "finished" for job in jobs)
    working = [job for job in jobs if job.running]
    share = sum((job.fraction or 0.0) if job.phase != "failed" else 1.0 for job in jobs) / planned
    left = [job.left() for job in working]
    to_come, took = planned - len(jobs), [job.seconds for job in jobs if job.seconds is not None]
    each = sum(took) / len(took) if took else next((j.whole() for j in working if j.whole() is not None), None)
    known = all(part is not None for part in left) and (each is not None or not to_come) and bool(working or to_come)
    seconds = sum(part or 0.0 for part in left) + to_come * (each or 0.0) if known else None
    backends = ", ".join(dict.fromkeys(job.backend for job in jobs if job.backend))
    return Overall(done, planned, min(100, round(100 * share)), seconds, backends)
