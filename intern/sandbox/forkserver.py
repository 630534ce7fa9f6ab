"""The warm process that forks guardians. It is exec'd with a scrubbed environment and holds no secret."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket

from intern.sandbox import adapt, guardian, linux, probe, proctree, worker
from intern.sandbox.policy import Layers
from intern.sandbox.request import Request

MAX_REQUEST = 1 << 20


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
    findings = probe.find(wanted)
    control.send(findings.to_bytes())
    for name in preload:
        with contextlib.suppress(ImportError):  # a small installation; the code that wants it will hear so itself
            importlib.import_module(name)
    worker.FROZEN_PATHS[:] = adapt.frozen_paths()
    gc.collect()
    gc.freeze()
    serve(control, wanted or findings.layers)


def serve(control: socket.socket, layers: Layers) -> None:
    wake, wake_write = os.pipe()
    for descriptor in (wake, wake_write):
        os.set_blocking(descriptor, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    guardians: set[int] = set()
    while True:
        ready = select.select([control.fileno(), wake], [], [])[0]
        if wake in ready:
            os.read(wake, 4096)
            guardians -= {pid for pid, _ in proctree.reap()}
            kill_strays(guardians)
        if control.fileno() in ready:
            data, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 8)
            if not data:
                break
            own = [control.fileno(), wake, wake_write]
            guardians.add(fork_guardian(data, probe.with_connect(layers), descriptors, own))
            for descriptor in descriptors:
                os.close(descriptor)
    # The host is gone. The guardians see that too; what a dead guardian left behind is ours.
    while guardians:
        guardians -= {os.wait()[0]}
        kill_strays(guardians)


def kill_strays(guardians: set[int]) -> None:
    """End what a guardian that died left behind: as subreaper, this process has inherited it."""
    strays = [pid for pid in proctree.children(os.getpid()) if pid not in guardians]
    if strays:
        proctree.kill_tree(strays)


def fork_guardian(data: bytes, layers: Layers, descriptors: list[int], own: list[int]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.set_wakeup_fd(-1)
        for descriptor in own:
            os.close(descriptor)
        guardian.live(Request.from_bytes(data), layers, socket.socket(fileno=descriptors[0]), descriptors[1:])
    finally:
        os._exit(1)
