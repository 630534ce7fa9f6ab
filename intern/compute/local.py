"""Jobs on this machine: one at a time, niced, in their own process tree that ends with the app."""

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

_one_at_a_time = threading.Lock()


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


class LocalBackend:
    """Runs a program with this interpreter, in the job's folder."""

    name = "local"

    def __init__(self, limits: JobLimits) -> None:
        self._limits = limits

    def run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        """See Backend.run. Waits for its turn: two trainings on the same cores only slow each other down."""
        if not _one_at_a_time.acquire(blocking=False):
            listener.state("waiting", "another training is at work on this machine")
            while not _one_at_a_time.acquire(timeout=0.1):
                check()
        try:
            return self._run(job, listener, check)
        finally:
            _one_at_a_time.release()

    def _run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        resumed = hostfiles.is_file(job.folder, "checkpoint.pt")
        log = job.folder / "log.txt"
        listener.state("resumed" if resumed else "started")
        tail = JobTail(job.folder, log, listener)
        started = time.monotonic()
        process = launch_job([sys.executable, *job.argv], job.folder, threads=job.threads, limits=self._limits, log=log)
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
