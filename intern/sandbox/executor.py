"""The smolagents executor: code steps run in a sandbox worker, tools run here in the host."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from smolagents import Tool
from smolagents.local_python_executor import CodeOutput, PythonExecutor

from intern.runs.workspace import RunStopped
from intern.sandbox.arguments import checked_arguments
from intern.sandbox.protocol import Call, Message, ProtocolError, encode
from intern.sandbox.session import Answer, SessionEnded, StopTool, WorkerSession
from intern.settings import SandboxLimits

CANCEL_TICK_SECONDS = 0.05


class CodeError(Exception):
    """A code step failed; the text is the traceback that the agent sees."""


class ToolThread:
    """Runs tools in a thread of its own, so that a cancelled run need not wait for a tool that does not listen."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._busy = False
        self._thread = threading.Thread(target=self._work, name="sandbox-tools", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def run(self, task: Callable[[], Any], cancel: threading.Event) -> Any:
        """The task's result or exception. Raises RunStopped when cancelled; then this thread is spent."""
        outcome: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        context = contextvars.copy_context()

        def work() -> None:
            try:
                outcome.put((context.run(task), None))
            except BaseException as error:  # noqa: BLE001  (it is raised again in the run's thread)
                outcome.put((None, error))

        self._tasks.put(work)
        while True:
            try:
                value, error = outcome.get(timeout=CANCEL_TICK_SECONDS)
            except queue.Empty:
                if cancel.is_set():
                    self._busy = True
                    raise RunStopped from None
                continue
            if error is not None:
                raise error
            return value

    @property
    def spent(self) -> bool:
        return self._busy

    def close(self) -> None:
        self._tasks.put(None)


class SandboxExecutor(PythonExecutor):
    """Runs an agent's code steps in one sandbox session; variables stay between steps and turns.

    `on_output` gets live output, at most ten times a second. `cancel` ends a running step within a second
    (RunStopped). `step_seconds` is a step's deadline; time spent in tools does not count.
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
    ) -> None:
        self.state: dict[str, Any] = {"_print_outputs": ""}
        self._workdir = workdir
        self._limits = limits
        self._on_output = on_output
        self._cancel = cancel
        self._step_seconds = step_seconds
        self._readonly = tuple(readonly)
        self._tools: dict[str, Tool] = {}
        self._variables: dict[str, Any] = {}
        self._session: WorkerSession | None = None
        self._interrupt = threading.Event()
        self._lock = threading.Lock()
        self._tool_thread: ToolThread | None = None

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
        """Run a step. Raises CodeError with the traceback, RunStopped, or what a tool raised to end the run."""
        with self._lock:
            self.state["_print_outputs"] = ""
            if self._cancel.is_set():
                raise RunStopped
            self._interrupt.clear()
            try:
                session = self._ready_session()
                outcome = session.run(
                    code_action,
                    self._step_seconds,
                    answerer=self._answer,
                    cancel=self._cancel,
                    interrupt=self._interrupt,
                    on_output=self._on_output,
                )
            except StopTool as stop:
                raise stop.reason from None
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

    def interrupt(self) -> None:
        """Interrupt the running step, from any thread; the agent sees an error and its variables stay."""
        self._interrupt.set()

    def cleanup(self) -> None:
        """End the session and everything it started. The executor can be called again; it starts a new one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()
        if self._tool_thread is not None:
            self._tool_thread.close()
            self._tool_thread = None

    # --- inside --------------------------------------------------------------------------------------------------

    def _ready_session(self) -> WorkerSession:
        if self._session is not None and self._session.over is not None:
            self._session.close()
            self._session = None
        if self._session is None:
            session = WorkerSession(self._workdir, self._limits, readonly=self._readonly)
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
            {"name": name, "params": list(tool.inputs), "doc": tool.description} for name, tool in self._tools.items()
        ]
        session.send({"t": "tools", "tools": described})

    def _answer(self, message: Message) -> Answer:
        """Answer a worker's call. What a tool raises goes back to the code; a BaseException ends the step."""
        assert isinstance(message, Call)
        tool = self._tools.get(message.tool)
        if tool is None:
            return {"ok": False, "kind": "NameError", "message": f"there is no tool {message.tool!r}"}
        if self._tool_thread is None or self._tool_thread.spent:
            self._tool_thread = ToolThread()
        try:
            value = self._tool_thread.run(lambda: _run_tool(tool, message.arguments), self._cancel)
        except Exception as error:  # noqa: BLE001  (a tool's failure is for the agent to see and handle)
            return {"ok": False, "kind": type(error).__name__, "message": str(error)}
        except BaseException as error:
            raise StopTool(error) from error
        return {"ok": True, "value": encode(value)}


def _run_tool(tool: Tool, arguments: Mapping[str, Any]) -> Any:
    return tool(**checked_arguments(tool.name, tool.inputs, arguments))
