"""Sandboxes of runs whose brain waits for the person's next word: variables stay between turns, for a while."""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intern.sandbox.executor import SandboxExecutor

MOST_KEPT = 4
IDLE_SECONDS = 600.0


@dataclass(frozen=True)
class Kept:
    """A sandbox with its variables; `since` = how many steps were finished when it was started."""

    executor: SandboxExecutor
    since: int


class SandboxKeeper:
    """At most `most` sandboxes of one process, each until it is taken back or was idle for too long."""

    def __init__(self, most: int = MOST_KEPT, idle_seconds: float = IDLE_SECONDS) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._kept: dict[str, tuple[Kept, threading.Timer]] = {}
        self._lock = threading.Lock()
        atexit.register(self.close)

    def keep(self, run_id: str, kept: Kept) -> None:
        """Keep a run's sandbox; the one that was kept first goes when there are too many."""
        timer = threading.Timer(self._idle_seconds, self.drop, (run_id,))
        timer.daemon = True
        self.drop(run_id)
        with self._lock:
            self._kept[run_id] = (kept, timer)
            surplus = list(self._kept)[: -self._most]
        timer.start()
        for oldest in surplus:
            self.drop(oldest)

    def take(self, run_id: str) -> Kept | None:
        """A run's sandbox, for its next turn; None when it is gone."""
        with self._lock:
            found = self._kept.pop(run_id, None)
        if found is None:
            return None
        found[1].cancel()
        return found[0]

    def drop(self, run_id: str) -> None:
        """End a run's sandbox, if it is kept."""
        if (kept := self.take(run_id)) is not None:
            kept.executor.cleanup()

    def close(self) -> None:
        """End them all."""
        for run_id in list(self._kept):
            self.drop(run_id)
