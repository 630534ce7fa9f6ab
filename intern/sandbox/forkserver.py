"""The warm process that forks guardians. It is exec'd with a scrubbed environment and holds no secret."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import tempfile

from intern.sandbox import adapt, guardian, linux, probe, proctree, worker
from intern.sandbox.request import MAX_BYTES, MAX_DESCRIPTORS, Layers, Order, Request, pair

SPARE_SECONDS = 0.05
"""After a request the next guardian is forked when this much time has passed without another."""


def main(control_fd: int, preload: list[str], forced: list[int] | None = None) -> None:
    """Say what isolation holds here, load `preload`, then serve requests from the host until its socket closes.

    `forced` (tests): [Landlock version, seccomp, namespaces] to use instead of the best that holds.
    """
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        linux.drop_capabilities()
    wanted = Layers(forced[0], bool(forced[1]), bool(forced[2])) if forced else None
    with tempfile.TemporaryDirectory(prefix="intern-root-") as root:
        findings = probe.find(root, wanted)
        control.send(findings.to_bytes())
        for name in preload:
            with contextlib.suppress(ImportError):  # a small installation; code that wants it will hear so itself
                importlib.import_module(name)
        worker.FROZEN_PATHS[:] = adapt.frozen_paths()
        gc.collect()
        gc.freeze()
        with contextlib.suppress(OSError):  # the host is gone already: `serve` sees it too
            control.send(b"loaded")
        Server(control, wanted or findings.layers, root).serve()


class Server:
    """Gives each request to a guardian, one of which always waits, already forked with its process."""

    def __init__(self, control: socket.socket, layers: Layers, root: str) -> None:
        self.control = control
        self.layers = layers
        self.root = root
        self.guardians: set[int] = set()
        self.spare: socket.socket | None = None
        self.passing: list[int] = []
        """Descriptors on their way to a guardian: one that is forked meanwhile must not keep copies."""
        self.wake, self.wake_write = os.pipe()
        for descriptor in (self.wake, self.wake_write):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the host is gone."""
        while True:
            patience = None if self.spare is not None else SPARE_SECONDS
            ready = select.select([self.control.fileno(), self.wake], [], [], patience)[0]
            if self.wake in ready:
                os.read(self.wake, 4096)
                self.guardians -= {pid for pid, _ in proctree.reap()}
                kill_strays(self.guardians)
            if self.control.fileno() in ready and not self.pass_on():
                break
            if not ready and self.spare is None:
                self.spare = self.fork_guardian()
        # The host is gone. The guardians see that too; what a dead guardian left behind is ours.
        if self.spare is not None:
            self.spare.close()
        while self.guardians:
            self.guardians -= {os.wait()[0]}
            kill_strays(self.guardians)

    def pass_on(self) -> bool:
        """Give the host's next request to a guardian; False when the host is gone."""
        data, descriptors, _, _ = socket.recv_fds(self.control, MAX_BYTES, MAX_DESCRIPTORS)
        if not data:
            return False
        self.passing = list(descriptors)
        order = Order(Request.from_bytes(data), probe.with_connect(self.layers), list(descriptors))
        spare, self.spare = self.spare or self.fork_guardian(), None
        try:
            order.send(spare)
        except OSError:  # it died while it waited
            spare = self.fork_guardian()
            order.send(spare)
        spare.close()
        for descriptor in descriptors:
            os.close(descriptor)
        self.passing = []
        return True

    def fork_guardian(self) -> socket.socket:
        """A guardian that waits for an order on the other end."""
        ours, theirs = pair()
        child = os.fork()
        if child:
            self.guardians.add(child)
            theirs.close()
            return ours
        try:
            signal.set_wakeup_fd(-1)
            ours.close()
            self.control.close()
            for descriptor in (self.wake, self.wake_write, *self.passing):
                os.close(descriptor)
            guardian.live(self.layers, self.root, theirs)
        finally:
            os._exit(1)


def kill_strays(guardians: set[int]) -> None:
    """End what a guardian that died left behind: as subreaper, this process has inherited it."""
    strays = [pid for pid in proctree.children(os.getpid()) if pid not in guardians]
    if strays:
        proctree.kill_tree(strays)
