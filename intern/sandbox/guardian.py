"""The guardian of one session or job: starts its process, watches its limits, and kills all of it.

It is trusted and runs no user code. It obeys the host over a socket; when that closes (the host died), when a limit
is passed, or when it fails itself, everything that the session ever started is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
import traceback
from typing import Any

from intern.sandbox import landlock, linux, proctree
from intern.sandbox.jail import confine, descriptors_to_pipes
from intern.sandbox.policy import Layers
from intern.sandbox.request import Request
from intern.sandbox.watch import Watch

BUSY_SECONDS = 0.03
IDLE_SECONDS = 0.2


class Guardian:
    """One session's watchdog. `host` carries JSON datagrams both ways."""

    def __init__(self, request: Request, layers: Layers, host: socket.socket, descriptors: list[int]) -> None:
        self.request = request
        self.layers = layers
        self.host = host
        self.descriptors = descriptors
        self.busy = request.kind == "job"
        self.child = 0
        self.status_pipe = -1
        self.scoped = False

    def run(self) -> None:
        """Live until the child has ended or the host is gone. Does not raise."""
        reason, status = "its guardian failed", -9
        try:
            self.prepare()
            self.watch = Watch(self.request)
            self.start()
            for descriptor in self.descriptors:
                os.close(descriptor)
            reason, status = self.guard()
        finally:
            for pid, code in proctree.kill_children(self.scoped):
                if pid == self.child and not self.layers.namespaces:
                    status = code
            self.watch.tidy()
            self.tell({"event": "ended", "reason": reason, "status": status})

    def prepare(self) -> None:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.wake, self.wake_write = os.pipe()
        for descriptor in (self.wake, self.wake_write):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        if linux.IS_LINUX:
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        if self.layers.landlock >= 6:
            # From here on this process's signals reach nothing but what it starts.
            landlock.restrict(self.layers.landlock, None)
            self.scoped = True

    def start(self) -> None:
        """Fork the confined process; `child` is then the one whose end ends the session."""
        report, report_end = os.pipe()
        self.status_pipe, status_end = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            self.be_confined(report_end, status_end)
        os.close(report_end)
        os.close(status_end)
        if self.layers.namespaces:
            named = os.read(report, 32)
            self.child = int(named) if named else self.child
        os.close(report)
        self.tell({"event": "started", "pid": self.child})

    def be_confined(self, report: int, status: int) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.host.close()
            confine(self.request, self.layers, descriptors_to_pipes(self.descriptors, report, status))
        except BaseException:  # noqa: BLE001  (the child must never return into the guardian's code)
            with contextlib.suppress(OSError):
                os.write(self.descriptors[0], traceback.format_exc().encode())
            with contextlib.suppress(OSError):
                os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(120)

    def tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the host is gone; the loop sees it as the end of its socket
            self.host.send(json.dumps(event).encode())

    def guard(self) -> tuple[str, int]:
        """Wait for the end; why it came, and the child's exit code so far as known."""
        watched = select.poll()
        watched.register(self.host, select.POLLIN)
        watched.register(self.wake, select.POLLIN)
        next_check = 0.0
        while True:
            pause = BUSY_SECONDS if self.busy else IDLE_SECONDS
            ready = {fd for fd, _ in watched.poll(1000 * pause)}
            if self.wake in ready:
                os.read(self.wake, 4096)
            for pid, code in proctree.reap():
                if pid == self.child:
                    return "exit", self.exit_code(code)
            if self.host.fileno() in ready and not self.obey():
                return "closed", -9
            if time.monotonic() >= next_check:
                if passed := self.watch.check(proctree.descendants(os.getpid())):
                    return passed, -9
                next_check = time.monotonic() + pause / 2

    def exit_code(self, code: int) -> int:
        """The program's own exit code, when process 1 of its namespaces could still tell it."""
        if not self.layers.namespaces or code != 0:
            return code
        told = os.read(self.status_pipe, 16)
        return int(told) if told else code

    def obey(self) -> bool:
        """Do what the host says; False when it wants the end, or is gone."""
        data = self.host.recv(4096)
        if not data:
            return False
        order = json.loads(data)
        if order["do"] == "interrupt":
            proctree.send(self.worker(), signal.SIGINT)
        elif order["do"] == "sweep":
            self.sweep()
        elif order["do"] == "signal":
            self.pass_on(order["pid"], order["signal"])
        elif order["do"] in ("busy", "idle"):
            self.busy = order["do"] == "busy" or self.request.kind == "job"
        return order["do"] != "kill"

    def sweep(self) -> None:
        """Kill everything but the worker: what an interrupted step has left running."""
        spared = {self.child, self.worker()}
        while roots := [
            pid
            for parent in (os.getpid(), *spared)
            for pid in proctree.children(parent)
            if pid not in spared and not proctree.ended(pid)
        ]:
            proctree.kill_tree(roots)
        self.tell({"event": "swept"})

    def worker(self) -> int:
        """The process that runs the code: the child, or the first one below process 1 of its namespaces."""
        below = proctree.children(self.child) if self.layers.namespaces else []
        return below[0] if below else self.child

    def pass_on(self, pid: int, number: int) -> None:
        """A signal that the worker may not send itself on this kernel, to one of its own processes."""
        if 0 < number < 65 and pid in proctree.descendants(os.getpid()):
            proctree.send(pid, number)


def live(request: Request, layers: Layers, host: socket.socket, descriptors: list[int]) -> None:
    """Be the guardian of this request; the process ends with it."""
    try:
        Guardian(request, layers, host, descriptors).run()
    finally:
        os._exit(0)
