"""Sessions and jobs where the kernel offers none of Linux's layers (macOS): a spawned process, limits, a watchdog.

Nothing here keeps code from reading files or using the network: this is the level `weak`, for one user on an own
machine, after consent. What it does: no secrets in the environment, rlimits where they exist, quotas, deadlines, and
the end of everything that a session started, as far as it can still be found.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

import psutil

from intern.sandbox.request import Layers, Order, Request
from intern.sandbox.watch import Watch

PAUSE_SECONDS = 0.05
BUSY_SECONDS, IDLE_SECONDS = 0.15, 0.5
KILL_SECONDS = 10.0
NO_LAYERS = Layers(0, False, False)


def spawn(request: Request, descriptors: list[int], boot: str) -> None:
    """Start a supervisor with its process. `descriptors` as in Order; `boot`: source that makes this importable."""
    _start(boot, f"supervise({boot!r})", request, descriptors, output=descriptors[1])


def _start(boot: str, call: str, request: Request, descriptors: list[int], output: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter that calls a function of this module; it reads the request from stdin."""
    keep = {name: os.environ[name] for name in ("INTERN_SANDBOX_EMULATE",) if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", f"{boot}from intern.sandbox import spawned; spawned.{call}"],
        env=request.environment | keep,
        pass_fds=descriptors,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=output,
        cwd="/",
        start_new_session=call != "confined()",  # which makes a group of its own
    )
    assert process.stdin is not None
    with process.stdin as order, contextlib.suppress(OSError):  # it died at once; its end is noticed
        order.write(json.dumps([asdict(request), descriptors]).encode())
    return process


def _ordered() -> tuple[Request, list[int]]:
    request, descriptors = json.load(sys.stdin)
    return Request(**request), descriptors


def confined() -> None:
    """In the new process: become the worker, or the job's program."""
    from intern.sandbox.jail import confine

    request, descriptors = _ordered()
    confine(Order(request, NO_LAYERS, descriptors))


def supervise(boot: str) -> None:
    """Be the guardian of one session or job until it ends or the host is gone."""
    request, descriptors = _ordered()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Supervisor(request, socket.socket(fileno=descriptors[0])).run(boot, descriptors[1:])


class Supervisor:
    """What guardian.Guardian is on Linux, with psutil instead of /proc and without a kernel that holds anything."""

    def __init__(self, request: Request, host: socket.socket) -> None:
        self.request = request
        self.host = host
        self.parent = os.getppid()
        self.busy = True
        self.watch = Watch(request)
        self.seen: dict[int, psutil.Process] = {}
        """Everything that was ever found below the child: what has left its parent is still remembered here."""

    def run(self, boot: str, descriptors: list[int]) -> None:
        child = _start(boot, "confined()", self.request, descriptors, output=descriptors[0])
        for descriptor in descriptors:
            os.close(descriptor)
        self.tell({"event": "started", "pid": child.pid})
        reason, status = "its guardian failed", -9
        try:
            reason, status = self.guard(child)
        finally:
            self.end(child, spared=False)
            self.tell({"event": "ended", "reason": reason, "status": status})

    def tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.host.send(json.dumps(event).encode())

    def guard(self, child: subprocess.Popen[bytes]) -> tuple[str, int]:
        """Wait for the end; why it came, and the child's exit code so far as known."""
        next_check = 0.0
        while True:
            ready = select.select([self.host], [], [], PAUSE_SECONDS)[0]
            status = child.poll()
            if status is not None:
                return "exit", status
            # Where a datagram socket does not tell that its other end is closed, the parent's death does.
            if (ready and not self.obey(child)) or os.getppid() != self.parent:
                return "closed", -9
            if time.monotonic() >= next_check:
                if passed := self.passed(child):
                    return passed, -9
                next_check = time.monotonic() + (BUSY_SECONDS if self.busy else IDLE_SECONDS)

    def obey(self, child: subprocess.Popen[bytes]) -> bool:
        """Do what the host says; False when it wants the end, or is gone."""
        try:
            data = self.host.recv(4096)
        except OSError:
            return False
        if not data:
            return False
        order = json.loads(data)["do"]
        if order == "interrupt":
            child.send_signal(signal.SIGINT)
        elif order == "sweep":
            self.end(child, spared=True)
            self.tell({"event": "swept"})
        elif order in ("busy", "idle"):
            self.busy = order == "busy" or self.request.kind == "job"
        return order != "kill"

    def family(self, child: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The living processes of the session, the child first."""
        for known in [*self.seen.values()]:
            self._remember(known)
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(child.pid)
            self.seen[child.pid] = first
            self._remember(first)
        self.seen = {pid: process for pid, process in self.seen.items() if _lives(process)}
        return sorted(self.seen.values(), key=lambda process: process.pid != child.pid)

    def _remember(self, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.Error):
            self.seen |= {below.pid: below for below in process.children(recursive=True)}

    def passed(self, child: subprocess.Popen[bytes]) -> str | None:
        """Which limit the session has passed, as a phrase, or None."""
        family = self.family(child)
        if len(family) > self.request.procs:
            return f"it ran more than {self.request.procs} processes"
        if sum(_size(process) for process in family) > self.request.memory_mb << 20:
            return f"it used more than {self.request.memory_mb} MB of memory"
        return self.watch.check_disk([process.pid for process in family])

    def end(self, child: subprocess.Popen[bytes], spared: bool) -> None:
        """Kill all that the session started; `spared`: but not its own process."""
        limit = time.monotonic() + KILL_SECONDS
        while time.monotonic() < limit:
            doomed = [process for process in self.family(child) if not (spared and process.pid == child.pid)]
            if not doomed:
                break
            for act in ("suspend", "kill"):  # they stand still first, so that fewer can fork away
                for process in doomed:
                    with contextlib.suppress(psutil.Error):
                        getattr(process, act)()
            if not spared:
                child.poll()
            time.sleep(0.005)
        if not spared:
            child.kill()
            child.wait()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _size(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
