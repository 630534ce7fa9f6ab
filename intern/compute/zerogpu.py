"""Pilots on a ZeroGPU Space: a few minutes of a big GPU, paid from the visitor's daily quota.

A Space asks for ZeroGPU by having a function decorated with `@spaces.GPU` when it starts; `prepare()` makes it. The
decorated function runs in a forked process, which may start no processes of its own with a GPU, so the program runs in
that process itself: our own programs only, never edited or model-written code. Errors come back as data, since of an
exception only the name of its class arrives. The visitor is known by the request that a thread carries in its context.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from intern.compute.base import ComputeError, JobListener, JobResult, JobSpec
from intern.compute.tail import JobTail
from intern.sandbox import hostfiles

MOST_SECONDS = 300
"""Longer pilots are not asked for: the quota of a free account is five minutes a day."""
START_SECONDS = 30.0
PROGRAM_FAILED = 1


class Ended(BaseModel):
    """What comes back from the GPU's process."""

    exit_status: int
    seconds: float
    error: str = ""


def on_zerogpu() -> bool:
    """Whether this process is a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def unavailable() -> str | None:
    """Why there is no ZeroGPU here, and what to use; None when there is."""
    if on_zerogpu():
        return None
    where = "on this Space's hardware" if os.environ.get("SYSTEM") == "spaces" else "away from a Space"
    return f"There is no ZeroGPU {where}: it works on a Space with ZeroGPU hardware. Use --compute local or hf-jobs."


def seconds_wanted(folder: str, seconds: float) -> int:
    """What is asked for before a pilot starts; quota is charged for what is used."""
    return max(1, min(MOST_SECONDS, round(seconds + START_SECONDS)))


def run_program(folder: str, seconds: float) -> dict[str, Any]:
    """In the GPU's process: run program.py of a folder with its output in log.txt, and say how it ended."""
    started = time.monotonic()
    status, error = 0, ""
    os.chdir(folder)
    sys.path.insert(0, folder)
    for name in ("runtime", "program"):
        sys.modules.pop(name, None)  # the process is used again: another job's module must not be taken
    with (
        open("log.txt", "a", encoding="utf-8", buffering=1) as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        try:
            sys.argv = ["program.py"]
            runpy.run_path("program.py", run_name="__main__")
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            if isinstance(ended.code, str):
                log.write(f"{ended.code}\n")  # as Python does at the end of a process
        except Exception as failure:  # noqa: BLE001 - only its class would arrive at the other side
            status, error = PROGRAM_FAILED, f"{type(failure).__name__}: {failure}"[:500]
            traceback.print_exc()
        finally:
            sys.path.remove(folder)
    return Ended(exit_status=status, seconds=round(time.monotonic() - started, 2), error=error).model_dump()


_on_gpu: Callable[[str, float], dict[str, Any]] | None = None


def prepare() -> None:
    """Decorate the pilot's function; call it when the app is imported. Does nothing away from ZeroGPU."""
    global _on_gpu
    if _on_gpu is None and on_zerogpu():
        import spaces  # before torch, and only where it does something: it brings Gradio with it

        _on_gpu = spaces.GPU(run_program, duration=_duration)


def _duration(folder: str, seconds: float) -> Any:
    import datetime

    return datetime.timedelta(seconds=seconds_wanted(folder, seconds))


class ZeroGpuBackend:
    """Runs a program of ours on this Space's GPU."""

    name = "zerogpu"

    def __init__(self, is_ours: Callable[[Path], bool]) -> None:
        """`is_ours`: whether a job's folder holds one of our programs, word for word."""
        self._is_ours = is_ours

    def run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        """See Backend.run. Once it has started it cannot be cancelled, only left: it ends at its time limit."""
        if (why := unavailable()) is not None:
            raise ComputeError(why)
        if not self._is_ours(job.folder):
            raise ComputeError("On ZeroGPU only the intern's own programs run: an edited one needs --compute hf-jobs.")
        if job.hard_limit_seconds > MOST_SECONDS:
            raise ComputeError(
                f"A pilot on ZeroGPU takes at most {MOST_SECONDS} s, this one {job.hard_limit_seconds:.0f} s: "
                "fewer steps or less time (--max-minutes), or --compute hf-jobs."
            )
        resumed = hostfiles.is_file(job.folder, "checkpoint.pt")
        listener.state("waiting", "asked for a GPU")
        call = _Call(job)
        tail, told = JobTail(job.folder, job.folder / "log.txt", listener), False
        while not call.done.wait(0.2):
            check()
            if not told and hostfiles.is_file(job.folder, "log.txt"):
                told = True
                listener.state("resumed" if resumed else "started")
            tail.poll()
        tail.poll(final=True)
        ended = call.result()
        return JobResult(
            id=job.id, exit_status=ended.exit_status, seconds=ended.seconds, resumed=resumed, reason=ended.error
        )


class _Call:
    """One call of the decorated function, in a thread that carries the visitor's request with it."""

    def __init__(self, job: JobSpec) -> None:
        prepare()
        self.done = threading.Event()
        self._job = job
        self._ended: Ended | None = None
        self._failure = ""
        context = contextvars.copy_context()  # without it the Space itself would be billed, and refused
        threading.Thread(target=lambda: context.run(self._work), name=f"gpu-{job.id}", daemon=True).start()

    def _work(self) -> None:
        assert _on_gpu is not None
        try:
            limit = self._job.hard_limit_seconds
            self._ended = Ended.model_validate(_on_gpu(str(self._job.folder.resolve()), limit))
        except Exception as error:  # noqa: BLE001 - quota, queue and worker errors are Gradio errors of several kinds
            self._failure = quota_words(str(getattr(error, "message", None) or error) or type(error).__name__)
        finally:
            self.done.set()

    def result(self) -> Ended:
        """Raises ComputeError when no program ran."""
        if self._ended is None:
            raise ComputeError(self._failure or "ZeroGPU gave no answer: try again.")
        return self._ended


def quota_words(said: str) -> str:
    """What ZeroGPU said, and what to do about it."""
    low = said.lower()
    if "space app has reached its gpu limit" in low or "expired zerogpu proxy token" in low:
        return f"ZeroGPU did not know whose quota to use ({said}): open the run's page and press Resume there."
    if "quota" in low or "credits" in low or "exceeded" in low:
        return f"Your ZeroGPU quota does not allow it: {said} Or use --compute local or hf-jobs."
    if "no gpu was available" in low or "queue" in low:
        return f"No GPU was free: {said}. Resume the run to ask again."
    if "duration" in low:
        return f"ZeroGPU does not give that much time at once: {said}. Use fewer steps, or --compute hf-jobs."
    return f"ZeroGPU failed: {said}"
