"""What the new process does to itself, in this order, before any code of a user or a model runs in it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence

from intern.sandbox import linux
from intern.sandbox.request import Request


def confine(request: Request, descriptors: Sequence[int]) -> None:
    """Confine this (single-threaded) process, then become the worker or the job's program. Does not return.

    `descriptors`: the output, then, for a session, the wire.
    """
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)
    os.nice(request.niceness)
    os.umask(0o077)
    os.chdir(request.workdir)
    os.environ.clear()
    os.environ.update(request.environment)
    wire = arrange_descriptors(descriptors)
    set_limits(request)
    if request.kind == "job":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(request.argv[0], request.argv, request.environment)
    become_worker(wire)


def arrange_descriptors(descriptors: Sequence[int]) -> int:
    """stdin from nowhere, stdout and stderr to the output, the wire as 3, nothing else open."""
    null = os.open(os.devnull, os.O_RDONLY)
    moved = [os.dup(fd) for fd in (null, *descriptors)]  # above all targets, or equal to none in the wrong order
    high = [os.dup2(fd, 100 + place, inheritable=False) for place, fd in enumerate(moved)]
    os.dup2(high[0], 0)
    os.dup2(high[1], 1)
    os.dup2(high[1], 2)
    first_free = 3
    if len(high) > 2:
        os.dup2(high[2], 3, inheritable=False)
        first_free = 4
    os.closerange(first_free, 65536)
    return 3


def set_limits(request: Request) -> None:
    """rlimits that every kernel has."""
    disk = request.disk_mb << 20
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: disk,
        resource.RLIMIT_NOFILE: 1024 if request.kind == "session" else 4096,
    }
    for limit, value in wanted.items():
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def become_worker(wire: int) -> None:
    from intern.sandbox import worker

    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.argv = [""]
    worker.start(socket.socket(fileno=wire), [])
