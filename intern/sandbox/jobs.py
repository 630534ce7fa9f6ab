"""Training programs in the sandbox: one process tree per job, its output in a log file, gone when the host is."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intern.sandbox import pool
from intern.sandbox.hostfiles import open_to_append
from intern.sandbox.pool import SandboxUnavailable
from intern.sandbox.request import Request, last_words, pair
from intern.settings import JobLimits

START_SECONDS = 120.0
JOB_FILES = 200_000
JOB_PROCESSES = 256


class JobProcess:
    """A running training program. Poll it from one thread at a time."""

    def __init__(self, guardian: socket.socket) -> None:
        self._guardian = guardian
        self._status: int | None = None
        self.pid = 0
        self.reason = ""
        """Why it ended, when not by itself: the limit that it passed."""
        limit = time.monotonic() + START_SECONDS
        while not self.pid and self._status is None:
            if time.monotonic() > limit:
                self.kill()
                raise SandboxUnavailable("The training program's process did not start in time.")
            self._read(0.5)

    def _read(self, seconds: float) -> bool:
        """Take one event from the guardian; False when none came in time."""
        self._guardian.settimeout(seconds)
        try:
            data = last_words(self._guardian)
        except (TimeoutError, BlockingIOError):
            return False
        event: dict[str, Any] = (
            json.loads(data) if data else {"event": "ended", "reason": "its guardian is gone", "status": -9}
        )
        if event["event"] == "started":
            self.pid = event["pid"]
        elif self._status is None:
            self._status = event["status"]
            self.reason = "" if event["reason"] == "exit" else event["reason"]
            self._guardian.close()
        return True

    def poll(self) -> int | None:
        """The exit status (minus the signal's number, if one ended it), None while it runs."""
        while self._status is None and self._read(0.0):
            pass
        return self._status

    def wait(self, timeout: float | None = None) -> int | None:
        """As poll, waiting up to `timeout` seconds (None: until it ends)."""
        limit = None if timeout is None else time.monotonic() + timeout
        while self._status is None:
            left = 3600.0 if limit is None else limit - time.monotonic()
            if left <= 0:
                break
            self._read(left)
        return self._status

    def kill(self) -> None:
        """End the program and everything that it started; returns when all is gone (or after 10 s)."""
        if self._status is not None:
            return
        with contextlib.suppress(OSError):
            self._guardian.send(b'{"do":"kill"}')
        self.wait(10.0)


def job_environment(cwd: Path, threads: int) -> dict[str, str]:
    """What a training program sees: no tokens, caches in its own folder, as many threads as it was given."""
    count = str(max(1, threads))
    return pool.safe_environment(cwd) | {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "RAYON_NUM_THREADS": count,
    }


def launch_job(
    argv: list[str],
    cwd: Path,
    *,
    threads: int,
    limits: JobLimits,
    log: Path,
    readonly: Sequence[Path] = (),
    server: pool.Forkserver | None = None,
) -> JobProcess:
    """Start a training program in the sandbox; its output goes to `log`. Raises SandboxUnavailable, OSError."""
    cwd = pool.prepare_workdir(cwd)
    request = Request(
        kind="job",
        workdir=str(cwd),
        environment=job_environment(cwd, threads),
        memory_mb=limits.memory_mb,
        disk_mb=limits.disk_mb,
        files=JOB_FILES,
        procs=JOB_PROCESSES,
        readonly=[str(Path(path).resolve()) for path in readonly],
        argv=list(argv),
        niceness=10,
    )
    ours, theirs = pair()
    output = open_to_append(log)
    try:
        pool.spawn(request, [theirs.fileno(), output], server)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
        os.close(output)
    return JobProcess(ours)
