"""One step of code in a worker, seen from the host: its clock, its output, the tools that it calls, the ways it can end."""

from __future__ import annotations

import codecs
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intern.runs.workspace import RunStopped
from intern.sandbox.protocol import Call, Dial, Done, Message, ProtocolError, Ready, encode

if TYPE_CHECKING:
    from intern.sandbox.session import WorkerSession

GRACE_SECONDS = 2.0
CANCEL_GRACE_SECONDS = 0.6
CLOSED_SECONDS = 2.0
"""How long a guardian may take to say why a worker's end of the wire is closed."""
KEPT_OUTPUT = 1 << 20
LOST = "A new session starts: all variables are lost, files are kept."
BATCH_SECONDS = 0.1


class SessionEnded(Exception):
    """The worker is gone (crash, limit, or killed); the text says why, for the code's author."""


@dataclass(frozen=True)
class Outcome:
    """How a step ended. `error` is a traceback or a plain sentence; `value` is only meaningful without one."""

    output: str
    error: str | None
    value: Any = None
    final: bool = False


class OutputBuffer:
    """Collects the output of a step, keeps its first megabyte, and hands it on live in batches."""

    def __init__(self, listener: Callable[[str], None] | None) -> None:
        self._listener = listener
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._kept: list[str] = []
        self._batch: list[str] = []
        self._size = 0
        self._last = 0.0
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        if self._size >= KEPT_OUTPUT:
            return
        text = self._decoder.decode(data)
        self._size += len(data)
        self._kept.append(text)
        if self._listener is not None:
            self._batch.append(text)

    def flush_due(self) -> None:
        """Hand on what waits, if the last batch is long enough ago."""
        if self._batch and time.monotonic() - self._last >= BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self._batch and self._listener is not None:
            text, self._batch, self._last = "".join(self._batch), [], time.monotonic()
            if text:
                self._listener(text)

    def text(self) -> str:
        text = "".join(self._kept)
        if self.total > self._size:
            text += f"\n[only the first {self._size:,} of {self.total:,} bytes are kept]\n"
        return text


class StopTool(BaseException):
    """A tool raised a BaseException (`reason`): the step was ended because of it."""

    def __init__(self, reason: BaseException) -> None:
        self.reason = reason


Answer = dict[str, Any]
Answerer = Callable[[Call], Any]
"""Runs a tool for the worker. What it raises goes to the code; a BaseException ends the step (StopTool)."""


class Step:
    """One step of code in a worker: its clock, which stands still while a tool works, and the ways it can end."""

    def __init__(
        self,
        session: WorkerSession,
        number: int,
        seconds: float,
        answerer: Answerer,
        cancel: threading.Event,
        interrupt: threading.Event,
        output: OutputBuffer,
    ) -> None:
        self.session = session
        self.number = number
        self.seconds = seconds
        self.answerer = answerer
        self.cancel = cancel
        self.interrupt = interrupt
        self.output = output
        self.used = 0.0
        self.since = 0.0
        self.ending: str | None = None
        """Why the step is being ended (a sentence), once it is."""
        self.kill_at = 0.0
        self.stop: StopTool | None = None

    def run(self, code: str) -> Outcome:
        name = f"<step {self.number}>"
        self.since = time.monotonic()
        self.session.send({"t": "exec", "id": self.number, "code": code, "name": name})
        done: Done | None = None
        while done is None and self.session.over is None:
            for message in self.session.next_messages(self.output):
                if isinstance(message, Done):
                    done = done or (message if message.id == self.number else None)
                else:
                    self.answer(message)
            self.output.flush_due()
            self.check()
        if self.ending is not None and self.session.over is None:
            self.session.tell_guardian("sweep")
            self.session.wait_swept()
        self.session.drain(self.output)
        self.output.flush()
        if self.stop is not None:
            raise self.stop
        return self.outcome(done)

    def check(self) -> None:
        """End the step when it is time to."""
        now = time.monotonic()
        closed_at = self.session.closed_at
        if closed_at and now - closed_at > CLOSED_SECONDS and self.session.over is None:
            self.session.kill("its worker closed the connection")  # it can never say that it is done
        if self.ending is not None:
            if now >= self.kill_at and self.session.over is None:
                self.session.kill(self.ending)
        elif self.cancel.is_set():
            self.end("the run was stopped", CANCEL_GRACE_SECONDS)
        elif self.interrupt.is_set():
            self.end("it was interrupted", GRACE_SECONDS)
        elif self.used + now - self.since > self.seconds:
            self.end(f"it ran longer than {self.seconds:g} s", GRACE_SECONDS)
        elif self.output.total > self.session.limits.output_mb << 20:
            self.end(f"it printed more than {self.session.limits.output_mb} MB", GRACE_SECONDS)

    def end(self, reason: str, grace: float) -> None:
        self.ending = reason
        self.kill_at = time.monotonic() + grace
        self.session.tell_guardian("interrupt")

    def answer(self, message: Message) -> None:
        """Have a tool, the broker or the guardian answer; the step's clock stands still meanwhile."""
        if isinstance(message, Ready | Done):
            self.session.kill("the worker sent a message that does not belong here")
            return
        connection: socket.socket | None = None
        self.used += time.monotonic() - self.since
        if self.stop or self.cancel.is_set():
            answer: Answer = {"ok": False, "stop": True}
        elif isinstance(message, Call):
            answer = self.call(message)
        elif isinstance(message, Dial):
            answer, connection = self.dial(message)
        else:
            self.session.tell_guardian("signal", pid=message.pid, signal=message.signal)
            answer = {"ok": True, "value": None}
        self.since = time.monotonic()
        try:
            self.session.send({"t": "ret", "id": message.id} | answer, connection)
        except ProtocolError as error:
            self.session.send({"t": "ret", "id": message.id, "ok": False, "kind": "ValueError", "message": str(error)})
        except SessionEnded:
            pass
        finally:
            if connection is not None:
                connection.close()

    def call(self, message: Call) -> Answer:
        """What the tool says; a BaseException of its ends the step."""
        self.session.drain(
            self.output
        )  # what was printed before is seen before: a tool may take long, or show something
        self.output.flush()
        try:
            answer: Answer = self.session.helper().run(lambda: self.answerer(message), self.cancel)
        except Exception as error:  # noqa: BLE001  (a tool's failure is for the code to see and handle)
            return {"ok": False, "kind": type(error).__name__, "message": str(error)}
        except BaseException as reason:  # noqa: BLE001  (raised again when the step has ended)
            self.stop = StopTool(reason)
            self.ending = self.ending or "the step was ended by a tool"
            self.kill_at = time.monotonic() + CANCEL_GRACE_SECONDS
            return {"ok": False, "stop": True}
        return {"ok": True, "value": encode(answer)}

    def dial(self, message: Dial) -> tuple[Answer, socket.socket | None]:
        broker = self.session.broker
        if broker is None:
            return {"ok": False, "errno": 13, "message": "the network is off"}, None
        try:
            dialled = self.session.helper().run(lambda: broker.dial(message.host, message.port), self.cancel)
        except OSError as error:
            return {"ok": False, "errno": error.errno or 13, "message": error.strerror or str(error)}, None
        except RunStopped:
            return {"ok": False, "stop": True}, None
        return {"ok": True}, dialled

    def outcome(self, done: Done | None) -> Outcome:
        text = self.output.text()
        if done is None:
            reason = self.session.over or "it ended"
            return Outcome(
                text,
                f"The code was ended: {reason}. {LOST}",
            )
        if self.ending is not None and done.error is not None:
            return Outcome(text, f"The code was interrupted: {self.ending}. Variables are kept.\n{done.error}")
        return Outcome(text, done.error, done.value, done.final)
