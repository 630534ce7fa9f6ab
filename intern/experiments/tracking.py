"""Trackio for a training job: one local project a run, one Trackio run a job, written by a process of its own while it trains.

Short jobs are not tracked: starting the writer would take longer than they do. Everything tracked is in the run's log too,
so whatever happens to Trackio, nothing is lost and no training fails.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from intern.compute.base import ProgramMetric
from intern.sandbox.pool import safe_environment

FOLDER = "trackio"
"""In the run's folder; `TRACKIO_DIR=<that folder> trackio show --project <run id>` shows it."""
TRACK_AFTER_SECONDS = 5.0
LAST_SECONDS = 10.0


class Tracker:
    """What a job reports, on its way to Trackio. Use it as a context manager."""

    def __init__(self, folder: Path, project: str, name: str, group: str, config: dict[str, Any]) -> None:
        self._folder = folder
        self._waiting: list[dict[str, Any]] = [{"project": project, "name": name, "group": group, "config": config}]
        self._began = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._dead = False

    def metric(self, metric: ProgramMetric) -> None:
        """A value of the program's own log."""
        self._put({"values": {metric.name: metric.value}, "step": metric.step})

    def result(self, metrics: dict[str, float], step: int | None = None) -> None:
        """What the harness measured on the sealed test part."""
        self._put({"values": {f"sealed_test/{name}": value for name, value in metrics.items()}, "step": step})

    def alert(self, text: str, level: Literal["warn", "error"] = "warn") -> None:
        """A doubt, a failure, a seed that was cut short."""
        self._put({"alert": text, "level": level})

    def _put(self, row: dict[str, Any]) -> None:
        self._waiting.append(row)
        if self._dead or time.monotonic() - self._began < TRACK_AFTER_SECONDS:
            return
        try:
            if self._process is None:
                self._process = self._start()
            assert self._process.stdin is not None
            self._process.stdin.write("".join(json.dumps(row) + "\n" for row in self._waiting).encode())
            self._process.stdin.flush()
            self._waiting.clear()
        except OSError:
            self._dead = True

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = safe_environment(self._folder) | {"TRACKIO_DIR": str(self._folder), "HF_HUB_OFFLINE": "1"}
        with (self._folder / "writer.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "intern.experiments.trackio_writer"],
                cwd=Path(__file__).resolve().parents[2], env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip

    def __enter__(self) -> Tracker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the writer; what it has not written after some seconds stays in the run's log alone."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(LAST_SECONDS if kind is None else 1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
