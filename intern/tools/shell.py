"""Shell commands in the sandbox: the same jail as code steps, a process tree of its own for each command."""

from __future__ import annotations

import time
from typing import Any

from intern.runs.workspace import RunStopped
from intern.sandbox.broker import Broker
from intern.sandbox.pool import SandboxUnavailable
from intern.sandbox.session import WorkerSession
from intern.sandbox.step import Outcome, SessionEnded
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError

OUTPUT_CHARS = 6000
MOST_SECONDS = 600.0
RUNNER = """
import os, subprocess
_shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
subprocess.run([_shell, "-c", {command!r}], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT).returncode
"""


class Shell(RoomTool):
    name = "shell"
    description = (
        "Run a shell command in the sandbox's work folder. It sees the same files as code steps, no token, and no "
        "network unless it was allowed. Each call is a new shell: cd, variables and background processes end with it."
    )
    inputs = {
        "command": {"type": "string", "description": "for bash, several lines are fine"},
        "seconds": {"type": "number", "description": "its time limit, at most 600", "nullable": True},
    }

    def forward(self, command: str, seconds: float | None = None) -> dict[str, Any]:
        if not command.strip() or "\0" in command:
            raise ToolError("Give a command.")
        limit = min(max(float(seconds or self.bench.settings.limits.step_seconds), 0.1), MOST_SECONDS)
        started = time.monotonic()
        outcome = self._run(command, limit)
        took = round(time.monotonic() - started, 2)
        shown = {"output": self.fit(outcome.output, OUTPUT_CHARS), "seconds": took}
        if outcome.error is None:
            return {"exit_status": outcome.value, **shown}
        reason = outcome.error.partition(" Variables are kept.")[0].partition(" A new session")[0]
        return {"exit_status": None, **shown, "ended": reason.replace("The code was", "It was")}

    def _run(self, command: str, limit: float) -> Outcome:
        bench = self.bench
        broker = Broker(bench.allowed_hosts, bench.on_connect) if bench.allowed_hosts else None
        try:
            session = WorkerSession(bench.run.folder / "work", bench.settings.sandbox, broker=broker)
        except SandboxUnavailable as error:
            raise ToolError(str(error)) from None
        try:
            session.wait_ready(bench.run.cancel)
            outcome = session.run(
                RUNNER.format(command=command), limit, answerer=_no_tools, cancel=bench.run.cancel, on_output=bench.show
            )
        except SessionEnded as error:
            if bench.run.cancel.is_set():
                raise RunStopped from None
            raise ToolError(str(error)) from None
        finally:
            session.close()
        bench.run.check()
        return outcome


def _no_tools(call: object) -> Any:
    raise NameError("tools cannot be called from the shell")
