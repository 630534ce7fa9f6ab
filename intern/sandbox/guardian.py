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
from intern.sandbox.jail import await_order, confine
from intern.sandbox.request import Layers, Order, pair
from intern.sandbox.watch import Watch

BUSY_SECONDS = 0.03
IDLE_SECONDS = 0.2


class Guardian:
    """One session's watchdog. `host` carries JSON datagrams both ways."""

    def __init__(self, layers: Layers, root: str, orders: socket.socket) -> None:
        self.layers = layers
        self.root = root
        self.orders = orders
        self.host: socket.socket | None = None
        self.busy = False
        self.job = False
        self.child = 0
        self.status_pipe = -1
        self.scoped = False

    def run(self) -> None:
        """Wait for an order, then live until its session has ended or the host is gone. Does not raise."""
        reason, status = "its guardian failed", -9
        watch: Watch | None = None
        try:
            self.prepare()
            onward = self.start()
            order = Order.receive(self.orders)
            self.orders.close()
            if order is not None:
                self.host = socket.socket(fileno=order.descriptors[0])
                self.job = order.request.kind == "job"
                self.busy = True
                watch = Watch(order.request)
                with contextlib.suppress(OSError):  # the child could not prepare itself; its end tells
                    Order(order.request, order.layers, order.descriptors[1:]).send(onward)
                for descriptor in order.descriptors[1:]:
                    os.close(descriptor)
                onward.close()
                self.tell({"event": "started", "pid": self.child})
                reason, status = self.guard(self.host, watch)
        finally:
            if watch is not None and not self.layers.namespaces:
                watch.note_shared_memory(proctree.descendants(os.getpid()))
            for pid, code in proctree.kill_children(self.scoped):
                if pid == self.child and not self.layers.namespaces:
                    status = code
            if watch is not None:
                watch.tidy()
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

    def start(self) -> socket.socket:
        """Fork the process that waits for the order; `child` is the one whose end ends the session."""
        ours, theirs = pair()
        report, report_end = os.pipe()
        self.status_pipe, status_end = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            ours.close()
            self.be_confined(theirs, report_end, status_end)
        theirs.close()
        os.close(report_end)
        os.close(status_end)
        if self.layers.namespaces:
            named = os.read(report, 32)
            self.child = int(named) if named else self.child
        os.close(report)
        return ours

    def be_confined(self, orders: socket.socket, report: int, status: int) -> None:
        order: Order | None = None
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.orders.close()
            if linux.IS_LINUX:
                linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            order = await_order(self.layers, self.root, orders, report, status)
            if order is not None:
                confine(order)
        except BaseException:  # noqa: BLE001  (the child must never return into the guardian's code)
            for descriptor in (*(order.descriptors[:1] if order else ()), 2):  # before, or after it was moved
                with contextlib.suppress(OSError):
                    os.write(descriptor, traceback.format_exc().encode())
        finally:
            os._exit(120 if order is not None else 0)

    def tell(self, event: dict[str, Any]) -> None:
        if self.host is not None:
            with contextlib.suppress(OSError):  # the host is gone; the loop sees it as the end of its socket
                self.host.send(json.dumps(event).encode())

    def guard(self, host: socket.socket, watch: Watch) -> tuple[str, int]:
        """Wait for the end; why it came, and the child's exit code so far as known."""
        watched = select.poll()
        watched.register(host, select.POLLIN)
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
            if host.fileno() in ready and not self.obey(host):
                return "closed", -9
            if time.monotonic() >= next_check:
                # Not all of a bomb of forks is walked through: it grows faster than one can look.
                if passed := watch.check(proctree.descendants(os.getpid(), watch.request.procs)):
                    return passed, -9
                next_check = time.monotonic() + pause / 2

    def exit_code(self, code: int) -> int:
        """The program's own exit code, when process 1 of its namespaces could still tell it."""
        if not self.layers.namespaces or code != 0:
            return code
        told = os.read(self.status_pipe, 16)
        return int(told) if told else code

    def obey(self, host: socket.socket) -> bool:
        """Do what the host says; False when it wants the end, or is gone."""
        data = host.recv(4096)
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
            self.busy = order["do"] == "busy" or self.job
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


def live(layers: Layers, root: str, orders: socket.socket) -> None:
    """Be the guardian of the one order that will come; the process ends with it."""
    try:
        Guardian(layers, root, orders).run()
    finally:
        os._exit(0)
