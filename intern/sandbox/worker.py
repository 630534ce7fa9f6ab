"""The worker: runs model-written code in one namespace, step after step, and calls tools over the wire.

It is forked from the forkserver, confines itself, and only then reads code. User code runs in the main thread, so
that SIGINT interrupts it. Nothing here is a boundary: the code may reach into this module, and the host believes
none of it.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import errno
import inspect
import linecache
import os
import re
import select
import signal
import socket
import sys
import threading
import traceback
import types
from collections import deque
from collections.abc import Callable
from typing import Any

from intern.sandbox import adapt, advice, outside
from intern.sandbox.protocol import MAX_TEXT, FrameReader, ProtocolError, decode, encode, pack
from intern.sandbox.request import Layers, Request

LIBRARY_FRAMES = 2
_kill = os.kill
FROZEN_PATHS: list[tuple[types.ModuleType, str, Any]] = []
"""Filled by the forkserver after its preload; see adapt.frozen_paths."""


class ToolError(Exception):
    """A tool of the host failed; the text is the tool's message."""


class FinalAnswer(BaseException):
    """`final_answer(x)` was called: the turn ends with x."""

    def __init__(self, value: Any) -> None:
        self.value = value


class StepEnded(BaseException):
    """The host ends this step (the run was stopped or parked inside a tool)."""


class Interrupts:
    """SIGINT raises KeyboardInterrupt in user code only: never between steps, never in the middle of a read."""

    def __init__(self) -> None:
        self.armed = False
        self.pending = False
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: Any) -> None:
        if self.armed:
            raise KeyboardInterrupt
        self.pending = True

    def arm(self) -> None:
        self.armed = True
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt

    def disarm(self) -> None:
        self.armed = False


class Wire:
    """Frames to and from the host. Calls from several threads take turns."""

    def __init__(self, connection: socket.socket, interrupts: Interrupts) -> None:
        self.connection = connection
        self.interrupts = interrupts
        self.reader = FrameReader()
        self.inbox: deque[dict[str, Any]] = deque()
        self.descriptors: deque[int] = deque()
        self.turn = threading.Lock()
        self.dialling = threading.Lock()
        self.numbers = 0
        self.owner = os.getpid()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A forked child of user code must not speak for the worker."""
        self.connection.close()
        self.turn = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        self.connection.sendall(pack(message))

    def read(self, timeout: float | None) -> bool:
        """Put what has arrived into the inbox, waiting up to `timeout` seconds (None: forever)."""
        if not select.select([self.connection], [], [], timeout)[0]:
            return False
        masked = threading.current_thread() is threading.main_thread() and self.interrupts.armed
        if masked:
            self.interrupts.disarm()
        data, descriptors, _, _ = socket.recv_fds(self.connection, 1 << 18, 4)
        if not data:
            os._exit(0)
        self.inbox.extend(self.reader.feed(data))
        self.descriptors.extend(descriptors)
        if masked:
            self.interrupts.arm()
        return True

    def next_command(self) -> dict[str, Any]:
        """The host's next command. Waits forever, in short turns, because a thread's call may read it for us."""
        while True:
            with self.turn:
                while self.inbox:
                    frame = self.inbox.popleft()
                    if frame.get("t") != "ret":
                        return frame
            if select.select([self.connection], [], [], 0.2)[0]:
                with self.turn:
                    self.read(0)

    def request(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a numbered request and wait for its answer."""
        if os.getpid() != self.owner:
            raise ToolError("tools cannot be called from a forked process; call them from the main program")
        with self.turn:
            self.numbers += 1
            number = self.numbers
            self.send(message | {"id": number})
            while True:
                for frame in list(self.inbox):
                    if frame.get("t") == "ret":
                        self.inbox.remove(frame)
                        if frame.get("id") == number:
                            return frame
                self.read(None)

    def kill(self, pid: int, number: int) -> None:
        """os.kill where the kernel cannot confine signals: the guardian sends it, to own processes only."""
        if pid == self.owner or number == 0 or os.getpid() != self.owner:
            _kill(pid, number)
            return
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            raise PermissionError(errno.EPERM, "only an own child can be signalled in this sandbox") from None
        take_answer(self.request({"t": "signal", "pid": pid, "signal": int(number)}))

    def dial(self, host: str, port: int) -> int:
        """A descriptor connected by the host. Raises OSError with the host's reason."""
        with self.dialling:
            answer = self.request({"t": "dial", "host": host, "port": port})
            if not answer.get("ok"):
                raise OSError(int(answer.get("errno", 13)), str(answer.get("message")))
            return self.descriptors.popleft()


def call_tool(wire: Wire, name: str, parameters: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One tool call over the wire; positional arguments get their names here. Raises what the tool raised."""
    if len(args) > len(parameters):
        raise TypeError(f"{name}() takes {len(parameters)} arguments ({', '.join(parameters)}), got {len(args)}")
    named = dict(zip(parameters, args, strict=False))
    if twice := sorted(set(named) & set(kwargs)):
        raise TypeError(f"{name}() got several values for {twice[0]!r}")
    try:
        answer = wire.request({"t": "call", "tool": name, "args": encode(named | kwargs)})
    except ProtocolError as error:
        raise ToolError(f"{name}(): the arguments are {error}") from None
    return take_answer(answer)


def take_answer(answer: dict[str, Any]) -> Any:
    """The value of an answer of the host, or its exception."""
    if answer.get("stop"):
        raise StepEnded
    if answer.get("ok"):
        return decode(answer.get("value"))
    kind, message = str(answer.get("kind")), str(answer.get("message"))
    builtin = getattr(builtins, kind, None)
    if isinstance(builtin, type) and issubclass(builtin, Exception) and not issubclass(builtin, UnicodeError):
        raise builtin(message) from None
    raise type(kind if kind.isidentifier() else "ToolError", (ToolError,), {"__module__": "builtins"})(
        message
    ) from None


def make_stub(wire: Wire, name: str, parameters: list[str], optional: list[str], doc: str) -> Callable[..., Any]:
    def stub(*args: Any, **kwargs: Any) -> Any:
        result = call_tool(wire, name, parameters, args, kwargs)
        advice.LAST_RESULTS[name] = result
        return result

    stub.__name__ = stub.__qualname__ = name
    stub.__doc__ = doc
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    with contextlib.suppress(ValueError):  # a name that is no identifier, or an optional argument before others
        named = [
            inspect.Parameter(p, kind, default=None if p in optional else inspect.Parameter.empty) for p in parameters
        ]
        stub.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    return stub


def unfilled(answer: str, names: dict[str, Any]) -> str:
    """The first `{name}` in an answer that was meant to be filled in; "" when there is none."""
    for slot in re.finditer(r"\{(\w+)[^{}]{0,40}\}", answer):
        if slot[1] in names:
            return slot[0]
    return ""


def drop_own_frames(shown: traceback.TracebackException) -> None:
    """Leave only what concerns the code's author, in the exception and in its causes."""
    own = (__file__, ast.__file__)
    shown.stack[:] = [frame for frame in shown.stack if frame.filename not in own]
    for other in (shown.__cause__, shown.__context__):
        if other is not None:
            drop_own_frames(other)


def shorten_libraries(shown: traceback.TracebackException) -> None:
    """Of the frames inside libraries only the last few say something to the code's author."""
    for one in (shown, shown.__cause__, shown.__context__):
        if one is None:
            continue
        foreign = [frame for frame in one.stack if not frame.filename.startswith("<step")]
        for frame in foreign[:-LIBRARY_FRAMES]:
            one.stack.remove(frame)


class Worker:
    """The namespace and the loop that runs steps in it."""

    def __init__(self, wire: Wire, interrupts: Interrupts) -> None:
        self.wire = wire
        self.interrupts = interrupts
        # A real module, so that classes of the user's code can be found again by pickle and by multiprocessing.
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names = module.__dict__
        self.names["final_answer"] = self.final_answer = self.make_final_answer()

    def make_final_answer(self) -> Callable[..., None]:
        def final_answer(answer: Any = None, *more: Any) -> None:
            """End the turn with this answer; of several parts each is a line."""
            if more:  # as print takes them: small models call it so, and nothing else can be meant
                answer = "\n".join(map(str, (answer, *more)))
            if isinstance(answer, str) and (open_slot := unfilled(answer, self.names)):
                raise ValueError(
                    f"the answer holds {open_slot} as it stands: put an f before the quote, final_answer(f'...')"
                )
            raise FinalAnswer(answer)

        return final_answer

    def serve(self) -> None:
        """Obey the host until the wire closes."""
        while True:
            command = self.wire.next_command()
            kind = command.get("t")
            if kind == "exec":
                self.run_step(command)
            elif kind == "tools":
                for tool in command["tools"]:
                    self.names[tool["name"]] = make_stub(
                        self.wire, tool["name"], tool["params"], tool["optional"], tool["doc"]
                    )
            elif kind == "vars":
                self.names.update(decode(command["vars"]))

    def run_step(self, command: dict[str, Any]) -> None:
        error, value, final = None, None, False
        self.interrupts.pending = False
        try:
            value = self.execute(command["code"], command["name"])
            if self.names.get("final_answer") is not self.final_answer:  # assigned to instead of called
                value, final = self.names["final_answer"], not callable(self.names["final_answer"])
                self.names["final_answer"] = self.final_answer
        except FinalAnswer as answer:
            value, final = answer.value, True
        except StepEnded:
            error = "The step was ended by the host."
        except BaseException as problem:  # noqa: BLE001  (whatever the user's code raises is its result)
            error = self.describe(problem)
        self.interrupts.disarm()
        if os.getpid() != self.wire.owner:  # a fork() in user code that fell off its end
            self.flush()
            os._exit(0 if error is None else 1)
        self.flush()
        self.answer(command["id"], error, value, final)

    def execute(self, code: str, name: str) -> Any:
        """Run a step; the value of its last expression."""
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        tree = ast.parse(code, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        program = compile(tree, name, "exec")
        value = compile(ast.Expression(last.value), name, "eval") if isinstance(last, ast.Expr) else None
        try:
            self.interrupts.arm()
            exec(program, self.names)
            return eval(value, self.names) if value else None
        finally:
            self.interrupts.disarm()

    def describe(self, problem: BaseException) -> str:
        """The traceback as text, without this module's own frames."""
        try:
            shown = traceback.TracebackException.from_exception(problem)
            drop_own_frames(shown)
            shorten_libraries(shown)
            text = "".join(shown.format())
            if hints := advice.advise(problem, problem.__traceback__, self.names):
                text = f"{text.rstrip()}\n{hints}"
        except BaseException as second:  # noqa: BLE001  (an exception's __str__ is the user's code)
            text = f"{type(problem).__name__} (it could not be shown: {type(second).__name__})"
        if len(text) > MAX_TEXT:
            text = text[: MAX_TEXT // 2] + "\n[...]\n" + text[-MAX_TEXT // 2 + 10 :]
        return text

    def flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):  # the user may have replaced or closed it
                stream.flush()

    def answer(self, number: int, error: str | None, value: Any, final: bool) -> None:
        message = {"t": "done", "id": number, "error": error, "final": final}
        try:
            frame = pack(message | {"value": encode(value)})
        except (ProtocolError, RuntimeError) as problem:
            # RuntimeError: a container changed while it was read.
            frame = pack(message | {"value": {"t": "repr", "v": f"<{type(value).__name__} {problem}>"}})
        self.wire.connection.sendall(frame)


def start(connection: socket.socket, request: Request, layers: Layers) -> None:
    """Be a worker on this wire until it closes. Call it in the confined process; it does not return."""
    interrupts = Interrupts()
    wire = Wire(connection, interrupts)
    worker = Worker(wire, interrupts)
    notes = adapt.adapt(request, layers, FROZEN_PATHS)
    if layers.seccomp and layers.landlock < 6 and not layers.namespaces:
        os.kill = wire.kill  # type: ignore[assignment]
    if request.network:
        outside.install(wire.dial)
    wire.send({"t": "ready", "notes": notes})
    worker.serve()
