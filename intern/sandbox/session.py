"""The host's side of one worker: start it, run steps in it, answer its calls, end it at a deadline."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intern.runs.workspace import RunStopped
from intern.sandbox import pool
from intern.sandbox.broker import Broker
from intern.sandbox.helper import HelperThread
from intern.sandbox.protocol import Call, Dial, Done, FrameReader, Message, ProtocolError, Ready, encode, pack, parse
from intern.sandbox.request import Request, pair
from intern.settings import SandboxLimits

START_SECONDS = 120.0
"""How long a worker may take to be ready (the forkserver may still be loading libraries)."""
GRACE_SECONDS = 2.0
CANCEL_GRACE_SECONDS = 0.6
CLOSED_SECONDS = 0.5
"""How long a guardian may take to say why a worker's end of the wire is closed."""
KEPT_OUTPUT = 1 << 20
PIPE_READS = 16
"""Reads of 64 KB that empty the largest pipe."""
LOST = "A new session starts: all variables are lost, files are kept."
BATCH_SECONDS = 0.1
TICK_SECONDS = 0.05


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


class WorkerSession:
    """One guardian with its worker. Not restarted: when it ends, make a new one (the files stay)."""

    def __init__(
        self,
        workdir: Path,
        limits: SandboxLimits,
        *,
        readonly: Sequence[Path] = (),
        broker: Broker | None = None,
        server: pool.Forkserver | None = None,
    ) -> None:
        self.workdir = pool.prepare_workdir(workdir)
        self.limits = limits
        self.broker = broker
        self.notes: tuple[str, ...] = ()
        self.over: str | None = None
        self.steps = 0
        self.closed_at = 0.0
        """When the worker closed its end of the wire, if it did."""
        self._reader = FrameReader()
        self._messages: list[Message] = []
        self._guardian, guardian_end = pair()
        self._wire, wire_end = socket.socketpair()
        self._output, output_end = os.pipe()
        os.set_blocking(self._output, False)
        request = Request(
            kind="session",
            workdir=str(self.workdir),
            environment=pool.safe_environment(self.workdir),
            memory_mb=limits.memory_mb,
            disk_mb=limits.disk_mb,
            files=limits.files,
            procs=limits.procs,
            readonly=[str(path.resolve()) for path in readonly],
            network=broker is not None,
        )
        try:
            pool.spawn(request, [guardian_end.fileno(), output_end, wire_end.fileno()], server)
        finally:
            guardian_end.close()
            wire_end.close()
            os.close(output_end)
        self._poll = select.poll()
        for descriptor in (self._guardian.fileno(), self._wire.fileno(), self._output):
            self._poll.register(descriptor, select.POLLIN)
        self._lock = threading.Lock()
        self._helper: HelperThread | None = None
        self._swept = False

    # --- starting and ending -------------------------------------------------------------------------------------

    def wait_ready(self, cancel: threading.Event | None = None) -> Ready:
        """Wait until the worker is confined. Raises SessionEnded, or returns early never."""
        output, limit = OutputBuffer(None), time.monotonic() + START_SECONDS
        while True:
            for message in self._next(output):
                if isinstance(message, Ready):
                    self.notes = message.notes
                    return message
                self.kill("the worker spoke before it was ready")
            if self.over is not None:
                raise SessionEnded(f"The sandbox did not start: {output.text().strip()[-2000:] or self.over}")
            if cancel is not None and cancel.is_set():
                self.kill("cancelled")
            if time.monotonic() > limit:
                self.kill("it took too long to start")

    def tell_guardian(self, order: str, **more: int) -> None:
        with contextlib.suppress(OSError):  # it is gone; reading from it says so
            self._guardian.send(json.dumps({"do": order, **more}).encode())

    def check_alive(self) -> None:
        """Raises SessionEnded when the session has ended since its last step."""
        # A worker that is gone may be known before its guardian has said why.
        patience = GRACE_SECONDS if self._hung_up() else 0.0
        if self.over is None and select.select([self._guardian], [], [], patience)[0]:
            self._read_guardian()
            if self.over is not None:
                raise SessionEnded(f"The session ended between two steps: {self.over}. {LOST}")

    def _hung_up(self) -> bool:
        """Has the worker closed its end of the wire?"""
        if not select.select([self._wire], [], [], 0)[0]:
            return False
        try:
            return not self._wire.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def kill(self, reason: str) -> None:
        """End the worker and everything it started; returns at once."""
        self.over = self.over or reason
        self.tell_guardian("kill")

    def close(self, wait_seconds: float = 5.0) -> None:
        """End the session, wait until nothing of it is left, and let go of its descriptors."""
        with self._lock:
            if self._output < 0:
                return
            self.kill("closed")
            limit = time.monotonic() + wait_seconds
            try:
                self._guardian.settimeout(0.2)
                while time.monotonic() < limit:
                    try:
                        if not self._guardian.recv(4096):
                            break
                    except TimeoutError:
                        continue
            except OSError:
                pass
            self._guardian.close()
            self._wire.close()
            os.close(self._output)
            self._output = -1
            if self._helper is not None:
                self._helper.close()
            if self.broker is not None:
                self.broker.close()

    def helper(self) -> HelperThread:
        """The thread for tools and dials."""
        if self._helper is None or self._helper.spent:
            self._helper = HelperThread()
        return self._helper

    # --- running steps -------------------------------------------------------------------------------------------

    def send(self, message: dict[str, Any], connection: socket.socket | None = None) -> None:
        """A command to the worker, with a connection of the broker's or without one.

        Raises SessionEnded when it is gone, ProtocolError when the message is too large.
        """
        frame = pack(message)
        self._wire.settimeout(10.0)
        try:
            if connection is None:
                self._wire.sendall(frame)
            else:
                socket.send_fds(self._wire, [frame], [connection.fileno()])
        except OSError as error:
            self.kill("its worker does not listen")
            raise SessionEnded(f"The session has ended. {LOST}") from error

    def run(
        self,
        code: str,
        seconds: float,
        *,
        answerer: Answerer,
        cancel: threading.Event,
        interrupt: threading.Event | None = None,
        on_output: Callable[[str], None] | None = None,
    ) -> Outcome:
        """Run one step. Raises StopTool as the answerer did; a session that ended is in `over`."""
        self.steps += 1
        step = Step(
            self, self.steps, seconds, answerer, cancel, interrupt or threading.Event(), OutputBuffer(on_output)
        )
        self.tell_guardian("busy")
        try:
            return step.run(code)
        finally:
            self.tell_guardian("idle")

    def _next(self, output: OutputBuffer) -> list[Message]:
        """Whatever arrives within a tick. Sets `over` when the guardian or the wire says so."""
        ready = {descriptor for descriptor, _ in self._poll.poll(1000 * TICK_SECONDS)}
        if self._output in ready:
            self.drain(output, once=True)
        messages: list[Message] = []
        if self._wire.fileno() in ready:
            messages = self._read_wire()
        if self._guardian.fileno() in ready:
            self._read_guardian()
        return messages

    def _read_wire(self) -> list[Message]:
        try:
            data = self._wire.recv(1 << 18)
            if data:
                return [parse(frame) for frame in self._reader.feed(data)]
        except ProtocolError as error:
            self.kill(f"the worker sent what it must not: {error}")
        except OSError:
            pass
        self._poll.unregister(self._wire.fileno())
        self.closed_at = self.closed_at or time.monotonic()
        return []

    def _read_guardian(self) -> None:
        try:
            data = self._guardian.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.over = self.over or "its guardian is gone"
            return
        event = json.loads(data)
        self._swept = self._swept or event["event"] == "swept"
        if event["event"] == "ended":
            reason = event["reason"]
            if reason == "exit":
                reason = f"its process ended with status {event['status']}"
            self.over = self.over or reason

    def wait_swept(self) -> None:
        """Wait until the guardian has ended what an interrupted step left running."""
        self._swept = False
        limit = time.monotonic() + GRACE_SECONDS
        while not self._swept and self.over is None and time.monotonic() < limit:
            if select.select([self._guardian], [], [], TICK_SECONDS)[0]:
                self._read_guardian()

    def drain(self, output: OutputBuffer, once: bool = False) -> None:
        """Read the output that is there, but no more than a pipe can hold: something may go on writing."""
        for _ in range(PIPE_READS):
            try:
                data = os.read(self._output, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                if self._output >= 0 and once:
                    self._poll.unregister(self._output)
                return
            output.add(data)
            if once:
                return


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
            for message in self.session._next(self.output):
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
