"""The smolagents executor: code steps run in a sandbox worker, tools run here in the host."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from smolagents import Tool
from smolagents.local_python_executor import CodeOutput, PythonExecutor

from intern.runs.workspace import RunFailed, RunStopped
from intern.sandbox.arguments import checked_arguments
from intern.sandbox.broker import Broker
from intern.sandbox.pool import SandboxUnavailable
from intern.sandbox.protocol import Call, ProtocolError, encode
from intern.sandbox.session import WorkerSession
from intern.sandbox.step import SessionEnded, StopTool
from intern.settings import SandboxLimits


class CodeError(Exception):
    """A code step failed; the text is the traceback that the agent sees."""


class SandboxExecutor(PythonExecutor):
    """Runs an agent's code steps in one sandbox session; variables stay between steps and turns.

    `on_output` gets live output, at most ten times a second. `cancel` ends a running step within a second
    (RunStopped). `step_seconds` is a step's deadline; time spent in tools does not count. `readonly` folders can be
    read by the code. The network is off, unless the run's owner allowed hosts (names, `*.name`): then `on_connect`
    hears of every connection (host, port, allowed).
    """

    def __init__(
        self,
        workdir: Path,
        limits: SandboxLimits,
        on_output: Callable[[str], None] | None,
        cancel: threading.Event,
        step_seconds: float,
        *,
        readonly: Sequence[Path] = (),
        allowed_hosts: Sequence[str] = (),
        on_connect: Callable[[str, int, bool], None] | None = None,
    ) -> None:
        self.state: dict[str, Any] = {"_print_outputs": ""}
        self._workdir = workdir
        self._limits = limits
        self._on_output = on_output
        self._cancel = cancel
        self._step_seconds = step_seconds
        self._readonly = tuple(readonly)
        self._allowed_hosts = tuple(allowed_hosts)
        self._on_connect = on_connect
        self._tools: dict[str, Tool] = {}
        self._variables: dict[str, Any] = {}
        self._session: WorkerSession | None = None
        self._told: set[str] = set()
        self._interrupt = threading.Event()
        self._lock = threading.Lock()

    # --- smolagents' interface -----------------------------------------------------------------------------------

    def send_tools(self, tools: dict[str, Tool]) -> None:
        """Offer these tools to the code, as functions of their names."""
        self._tools = {name: tool for name, tool in tools.items() if name != "final_answer"}
        if self._session is not None and self._session.over is None:
            self._introduce_tools(self._session)

    def send_variables(self, variables: dict[str, Any]) -> None:
        """Set variables in the code's namespace (again in a new session, too)."""
        self._variables |= variables
        if variables and self._session is not None and self._session.over is None:
            self._session.send({"t": "vars", "vars": encode(dict(variables))})

    def __call__(self, code_action: str) -> CodeOutput:
        """Run a step. Raises CodeError with the traceback, RunStopped, RunFailed where no code can run,
        or what a tool raised to end the run."""
        with self._lock:
            self.state["_print_outputs"] = ""
            if self._cancel.is_set():
                raise RunStopped
            self._interrupt.clear()
            try:
                session = self._ready_session()
                session.check_alive()
                outcome = session.run(
                    code_action,
                    self._step_seconds,
                    answerer=self._run_tool,
                    cancel=self._cancel,
                    interrupt=self._interrupt,
                    on_output=self._on_output,
                )
            except StopTool as stop:
                raise stop.reason from None
            except SandboxUnavailable as error:  # no other step would fare better
                raise RunFailed(str(error)) from error
            except (SessionEnded, ProtocolError) as error:
                if self._cancel.is_set():
                    raise RunStopped from None
                raise CodeError(str(error)) from None
            self.state["_print_outputs"] = outcome.output
            if self._cancel.is_set():
                raise RunStopped
            if outcome.error is not None:
                raise CodeError(outcome.error)
            return CodeOutput(output=outcome.value, logs=outcome.output, is_final_answer=outcome.final)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the code's author should know of this machine's sandbox, one sentence each (once it has started)."""
        return self._session.notes if self._session is not None else ()

    def take_notes(self) -> tuple[str, ...]:
        """The notes that were not taken yet."""
        fresh = tuple(note for note in self.notes if note not in self._told)
        self._told.update(fresh)
        return fresh

    def attach(self, on_output: Callable[[str], None] | None, cancel: threading.Event) -> None:
        """Go on for the next turn of a conversation: the session and its variables stay, its listeners are new."""
        with self._lock:
            self._on_output, self._cancel = on_output, cancel

    def interrupt(self) -> None:
        """Interrupt the running step, from any thread; the agent sees an error and its variables stay."""
        self._interrupt.set()

    def cleanup(self) -> None:
        """End the session and everything it started. The executor can be called again; it starts a new one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    # --- inside --------------------------------------------------------------------------------------------------

    def _ready_session(self) -> WorkerSession:
        if self._session is not None and self._session.over is not None:
            self._session.close()
            self._session = None
        if self._session is None:
            broker = Broker(self._allowed_hosts, self._on_connect) if self._allowed_hosts else None
            session = WorkerSession(self._workdir, self._limits, readonly=self._readonly, broker=broker)
            try:
                session.wait_ready(self._cancel)
            except SessionEnded:
                session.close()
                raise
            self._introduce_tools(session)
            if self._variables:
                session.send({"t": "vars", "vars": encode(self._variables)})
            self._session = session
        return self._session

    def _introduce_tools(self, session: WorkerSession) -> None:
        described = [
            {
                "name": name,
                "params": list(tool.inputs),
                "doc": tool.description,
                "optional": [name for name, about in tool.inputs.items() if about.get("nullable")],
            }
            for name, tool in self._tools.items()
        ]
        session.send({"t": "tools", "tools": described})

    def _run_tool(self, call: Call) -> Any:
        """Run a tool for the code. Raises what it raises, NameError for one that this session does not have."""
        tool = self._tools.get(call.tool)
        if tool is None:
            raise NameError(f"there is no tool {call.tool!r}")
        return tool(**checked_arguments(tool.name, tool.inputs, call.arguments))
