"""Jobs on this machine: as many at a time as there are cores for their threads, niced, each in its own process tree that
ends with the app."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from intern.compute.base import JobListener, JobResult, JobSpec
from intern.compute.tail import JobTail
from intern.sandbox import hostfiles
from intern.sandbox.jobs import launch_job
from intern.settings import JobLimits

_room = threading.Condition()
_at_work = 0
"""Threads of the trainings that run now."""


_beside_app = False


def leave_a_core() -> None:
    """The app serves pages in this process: training leaves it one core."""
    global _beside_app
    _beside_app = True


def usable_threads() -> int:
    """Threads for a training job: every core that this process may use, but one beside the app."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1 if _beside_app else cores)


def accelerator() -> str:
    """The GPU that programs of ours find by themselves, without importing torch; "" when there is none."""
    if any(Path("/dev").glob("nvidia[0-9]*")):
        return "an NVIDIA GPU (CUDA)"
    return "an Apple GPU (MPS)" if sys.platform == "darwin" and os.uname().machine == "arm64" else ""


def _enter(threads: int, seconds: float) -> bool:
    """Take cores for so many threads, waiting up to `seconds` for them. Whoever is alone may take more than there are."""
    global _at_work
    with _room:
        if not _room.wait_for(lambda: _at_work == 0 or _at_work + threads <= usable_threads(), seconds):
            return False
        _at_work += threads
        return True


def _leave(threads: int) -> None:
    global _at_work
    with _room:
        _at_work -= threads
        _room.notify_all()


class LocalBackend:
    """Runs a program with this interpreter, in the job's folder."""

    name = "local"

    def __init__(self, limits: JobLimits) -> None:
        self._limits = limits

    def run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        """See Backend.run. Waits for its turn: two trainings on the same cores only slow each other down."""
        if not _enter(job.threads, 0.0):
            listener.state("waiting", "another training is at work on this machine")
            while not _enter(job.threads, 0.1):
                check()
        try:
            return self._run(job, listener, check)
        finally:
            _leave(job.threads)

    def _run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        resumed = hostfiles.is_file(job.folder, "checkpoint.pt")
        log = job.folder / "log.txt"
        listener.state("resumed" if resumed else "started")
        tail = JobTail(job.folder, log, listener)
        started = time.monotonic()
        process = launch_job(
            [sys.executable, *job.argv], job.folder, threads=job.threads, limits=self._limits, log=log,
            readonly=[job.weights] if job.weights is not None else [],
        )  # fmt: skip
        timed_out, cpu = False, None
        try:
            while process.poll() is None:
                check()
                tail.poll()
                cpu = cpu_seconds(process.pid) or cpu
                if time.monotonic() - started > job.hard_limit_seconds:
                    timed_out = True
                    process.kill()
                process.wait(0.2)
        finally:
            process.kill()
        tail.poll(final=True)
        status = process.poll()
        return JobResult(
            id=job.id,
            exit_status=status if status is not None else -9,
            seconds=round(time.monotonic() - started, 2),
            timed_out=timed_out,
            reason="" if timed_out else process.reason,
            resumed=resumed,
            cpu_seconds=cpu,
        )


def cpu_seconds(pid: int) -> float | None:
    """CPU time of a process, its children and those that have ended below it; None when it is gone."""
    total = 0.0
    try:
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                used = one.cpu_times()
                total += used.user + used.system + used.children_user + used.children_system
    except psutil.Error:
        return None
    return round(total, 2)
