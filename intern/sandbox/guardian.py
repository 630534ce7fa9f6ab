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
import traceback
from typing import Any

from intern.sandbox import linux, proctree
from intern.sandbox.jail import confine
from intern.sandbox.request import Request

BUSY_SECONDS = 0.03
IDLE_SECONDS = 0.2


class Guardian:
    """One session's watchdog. `host` carries JSON datagrams both ways."""

    def __init__(self, request: Request, host: socket.socket, descriptors: list[int]) -> None:
        self.request = request
        self.host = host
        self.descriptors = descriptors
        self.busy = request.kind == "job"
        self.child = 0

    def run(self) -> None:
        """Live until the child has ended or the host is gone. Does not raise."""
        reason, status = "the guardian failed", -9
        try:
            self.prepare()
            self.child = self.fork_child()
            for descriptor in self.descriptors:
                os.close(descriptor)
            self.tell({"event": "started", "pid": self.child})
            reason, status = self.watch()
        finally:
            for pid, code in proctree.kill_children():
                if pid == self.child:
                    status = code
            self.tell({"event": "ended", "reason": reason, "status": status})

    def prepare(self) -> None:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.wake, wake_write = os.pipe()
        for descriptor in (self.wake, wake_write):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        if linux.IS_LINUX:
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)

    def fork_child(self) -> int:
        child = os.fork()
        if child:
            return child
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.host.close()
            confine(self.request, self.descriptors)
        except BaseException:  # noqa: BLE001  (the child must never return into the guardian's code)
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(120)

    def tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the host is gone; the loop sees it as the end of its socket
            self.host.send(json.dumps(event).encode())

    def watch(self) -> tuple[str, int]:
        """Wait for the end; why it came, and the child's exit code so far as known."""
        watched = select.poll()
        watched.register(self.host, select.POLLIN)
        watched.register(self.wake, select.POLLIN)
        while True:
            ready = {fd for fd, _ in watched.poll(1000 * (BUSY_SECONDS if self.busy else IDLE_SECONDS))}
            if self.wake in ready:
                os.read(self.wake, 4096)
            for pid, code in proctree.reap():
                if pid == self.child:
                    return "exit", code
            if self.host.fileno() in ready and not self.obey():
                return "closed", -9

    def obey(self) -> bool:
        """Do what the host says; False when it wants the end, or is gone."""
        data = self.host.recv(4096)
        if not data:
            return False
        order = json.loads(data)["do"]
        if order == "interrupt":
            proctree.send(self.child, signal.SIGINT)
        elif order in ("busy", "idle"):
            self.busy = order == "busy"
        return order != "kill"


def live(request: Request, host: socket.socket, descriptors: list[int]) -> None:
    """Be the guardian of this request; the process ends with it."""
    try:
        Guardian(request, host, descriptors).run()
    finally:
        os._exit(0)
