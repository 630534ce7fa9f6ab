"""A rented job's log, followed in a thread of its own, so that the run can be stopped while the Hub is silent."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pydantic import ValidationError

from intern.account import HUB_ERRORS
from intern.compute.base import JobListener, ProgramMetric
from intern.compute.hf_calls import pause
from intern.compute.job_entry import METRIC

if TYPE_CHECKING:
    from huggingface_hub import HfApi

CHECK_SECONDS = 0.2
LAST_LINES_SECONDS = 10.0
MOST_WAITING = 10_000
"""Lines that wait to be told; a job that floods its log is read no faster than it is told."""


class RemoteLog:
    """Lines of one job as they come, each with its number, which is the same whenever the log is read again."""

    def __init__(self, api: HfApi, job_id: str, namespace: str, skip: int = 0) -> None:
        """`skip`: so many lines were told before, by a log that broke off."""
        self.told = skip
        self.failed = False
        self._skip = skip
        self._where = (api, job_id, namespace)
        self._lines: queue.Queue[tuple[int, str]] = queue.Queue(MOST_WAITING)
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._follow, args=(api, job_id, namespace), name=f"log-{job_id}", daemon=True
        )
        self._thread.start()

    def again(self) -> RemoteLog:
        """The rest of a log that broke off, or of one whose job has ended since."""
        return RemoteLog(*self._where, skip=self.told)

    @property
    def ended(self) -> bool:
        """Nothing more will come: the job has ended, or its log cannot be read."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Follow no longer; the thread ends with the next line or with the stream."""
        self._stopped.set()

    def _follow(self, api: HfApi, job_id: str, namespace: str) -> None:
        try:
            lines = api.fetch_job_logs(job_id=job_id, namespace=namespace, follow=True)
            for number, line in enumerate(lines):
                if number < self._skip:
                    continue
                while not self._stopped.is_set():
                    try:
                        self._lines.put((number, line), timeout=1.0)
                        break
                    except queue.Full:
                        continue
                if self._stopped.is_set():
                    return
        except (*HUB_ERRORS, ValueError):  # ValueError: a line that was cut off is no JSON
            self.failed = True  # the log is for reading along; how the job ended is asked elsewhere

    def drain(self, listener: JobListener) -> None:
        """Tell what has come since the last time."""
        for number, line in self._waiting():
            self.told = number + 1
            metric, _, text = line.partition(METRIC)
            if metric or not text:
                listener.log(line, number)
                continue
            try:
                listener.metric(ProgramMetric.model_validate_json(text))
            except ValidationError:
                listener.log(f"(not a metric line: {text[:200]})", number)

    def _waiting(self) -> Iterator[tuple[int, str]]:
        while True:
            try:
                yield self._lines.get_nowait()
            except queue.Empty:
                return


def drain_rest(log: RemoteLog, listener: JobListener, check: Callable[[], None]) -> RemoteLog:
    """The last lines of an ended job, which come a moment after its end; asked for again while that fails."""
    deadline = time.monotonic() + LAST_LINES_SECONDS
    while time.monotonic() < deadline and not (log.ended and not log.failed):
        log.drain(listener)
        pause(CHECK_SECONDS, check)
        if log.ended and log.failed:
            log.drain(listener)
            log = log.again()
    log.drain(listener)
    return log
