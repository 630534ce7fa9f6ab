"""How many runs work on this machine at once. A run that waits for another computer gives its place to the next."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from intern.runs.workspace import Run


class Places:
    """So many places; more runs wait."""

    def __init__(self, count: int) -> None:
        self._free = threading.Semaphore(count)

    @contextlib.contextmanager
    def taken(self, run: Run) -> Iterator[None]:
        """Hold a place. Raises RunStopped when the run is stopped while it waits for one."""
        place = _Place(self._free, run)
        place.take()
        run.outside = place.outside
        try:
            yield
        finally:
            place.leave()


class _Place:
    def __init__(self, free: threading.Semaphore, run: Run) -> None:
        self._free = free
        self._run = run
        self._held = False

    def take(self) -> None:
        if not self._held:
            self._run.wait_for(lambda: self._free.acquire(blocking=False))
            self._held = True

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._free.release()

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """While the work is done elsewhere: no place is held, and the run's own time stands still."""
        self.leave()
        self._run.away_since = time.monotonic()
        try:
            yield
        finally:
            self._run.away_before += time.monotonic() - self._run.away_since
            self._run.away_since = None
        self.take()
