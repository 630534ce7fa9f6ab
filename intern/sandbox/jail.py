"""What the new process does to itself, in this order, before any code of a user or a model runs in it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import NoReturn

from intern.sandbox import landlock, linux, namespaces, policy, seccomp
from intern.sandbox.request import Layers, Order, Request

CPU_SECONDS = 48 * 3600
"""A backstop only: deadlines are the host's."""


def await_order(layers: Layers, root: str, orders: socket.socket, report: int, status: int) -> Order | None:
    """Prepare this (single-threaded) process as far as possible, and wait for what to confine it for.

    With namespaces, returns in another process than it was called in; see namespaces.stand_by. Raises OSError.
    """
    if layers.namespaces:
        orders = namespaces.stand_by(root, policy.base_view(), policy.own_view, orders, report, status)
    return Order.receive(orders)


def confine(order: Order) -> NoReturn:
    """Confine this process, then become the worker or the job's program.

    Raises OSError when a layer that should work does not: then no code may run.
    """
    restrict(order)
    request = order.request
    if request.kind == "job":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(request.argv[0], request.argv, request.environment)
    become_worker(request, order.layers)


def restrict(order: Order) -> None:
    """Apply everything. Afterwards this process holds only stdin, stdout, stderr and, as 3, a session's wire."""
    request, layers = order.request, order.layers
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its own /proc files, which it needs, are its own again
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")
    # A session of its own: where the kernel shares the CPU by sessions, a bomb of forks does not starve its guardian.
    os.setsid()
    os.nice(request.niceness)
    os.umask(0o077)
    os.chdir(request.workdir)
    os.environ.clear()
    os.environ.update(request.environment)
    arrange_descriptors(order.descriptors)
    set_limits(request)
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.drop_capabilities()
    if layers.landlock:
        landlock.restrict(layers.landlock, policy.rules(request, layers))
    if layers.seccomp:
        seccomp.install(seccomp.Policy(layers.landlock, layers.namespaces, layers.no_connect))


def arrange_descriptors(descriptors: list[int]) -> None:
    """stdin from nowhere, stdout and stderr to the output, the wire (of a session) as 3, nothing else."""
    null = os.open(os.devnull, os.O_RDONLY)
    wanted = [null, descriptors[0], descriptors[0], *descriptors[1:2]]
    high = [os.dup2(descriptor, 100 + place, inheritable=False) for place, descriptor in enumerate(wanted)]
    for place, descriptor in enumerate(high):
        os.dup2(descriptor, place, inheritable=place < 3)
    os.closerange(len(high), 65536)


def set_limits(request: Request) -> None:
    """rlimits that every kernel has. Address space is not limited: torch and CUDA map far more than they use."""
    import resource  # not on Windows, where this module must still be importable

    job = request.kind == "job"
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: request.disk_mb << 20,
        resource.RLIMIT_NOFILE: 4096 if job else 1024,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_STACK: 8 << 20,
    }
    if linux.IS_LINUX:
        wanted[resource.RLIMIT_DATA] = data_size() + ((request.memory_mb + 512) << 20)
        wanted[resource.RLIMIT_MSGQUEUE] = 0
        wanted[resource.RLIMIT_SIGPENDING] = 256
    for limit, value in wanted.items():
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def data_size() -> int:
    """Bytes of private writable memory that this process has mapped."""
    with open("/proc/self/status") as status:
        return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmData:")), 0)


def become_worker(request: Request, layers: Layers) -> NoReturn:
    from intern.sandbox import worker

    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.argv = [""]
    worker.start(socket.socket(fileno=3), request, layers)
    os._exit(0)
