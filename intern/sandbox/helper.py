"""A thread for what the host does on behalf of sandboxed code, so that a stopped run need not wait for it."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any

from intern.runs.workspace import RunStopped

TICK_SECONDS = 0.05


class HelperThread:
    """Runs one task at a time in a thread of its own, in the caller's context."""

    def __init__(self) -> None:
        self.spent = False
        """True once a task was left behind; make a new one then."""
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="sandbox-helper", daemon=True).start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def run(self, task: Callable[[], Any], cancel: threading.Event) -> Any:
        """The task's result or exception. Raises RunStopped as soon as `cancel` is set; the task is left behind."""
        outcome: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        context = contextvars.copy_context()

        def work() -> None:
            try:
                outcome.put((context.run(task), None))
            except BaseException as error:  # noqa: BLE001  (it is raised again in the caller's thread)
                outcome.put((None, error))

        self._tasks.put(work)
        while True:
            try:
                value, error = outcome.get(timeout=TICK_SECONDS)
            except queue.Empty:
                if cancel.is_set():
                    self.spent = True
                    self.close()
                    raise RunStopped from None
                continue
            if error is not None:
                raise error
            return value

    def close(self) -> None:
        """Let the thread end after what it is doing."""
        self._tasks.put(None)
