"""The host's side of one worker: start it, run steps in it, answer its calls, end it at a deadline."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from intern.sandbox import pool
from intern.sandbox.broker import Broker
from intern.sandbox.helper import HelperThread
from intern.sandbox.protocol import FrameReader, Message, ProtocolError, Ready, pack, parse
from intern.sandbox.request import Request, last_words, pair
from intern.sandbox.step import GRACE_SECONDS, LOST, Answerer, Outcome, OutputBuffer, SessionEnded, Step
from intern.settings import SandboxLimits

START_SECONDS = 120.0
"""How long a worker may take to be ready (the forkserver may still be loading libraries)."""
PIPE_READS = 16
"""Reads of 64 KB that empty the largest pipe."""
TICK_SECONDS = 0.05


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
            for message in self.next_messages(output):
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

    def next_messages(self, output: OutputBuffer) -> list[Message]:
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
        data = last_words(self._guardian)
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
