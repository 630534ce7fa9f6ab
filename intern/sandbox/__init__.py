"""Where model-written code runs: its own process, confined, killable, without secrets.

`make_session(limits)` is the plain interface; agents use `intern.sandbox.executor.SandboxExecutor`, training
programs `intern.sandbox.jobs.launch_job`. Importing this package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intern.sandbox.plain import Session


def make_session(limits: dict[str, Any] | None = None) -> Session:
    """A new session with a work folder of its own.

    `limits`: memory_mb, disk_mb, files, procs, output_mb (numbers) and network (True, or a list of host names, lets
    the code connect through the broker; default off). It has `run(code, timeout) -> (stdout, error | None)`,
    `fetch(relative_name) -> bytes` and `close()`. Raises SandboxUnavailable where code cannot be run safely.
    """
    from intern.sandbox.plain import Session

    return Session(limits)
