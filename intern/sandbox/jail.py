"""What the new process does to itself, in this order, before any code of a user or a model runs in it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from intern.sandbox import landlock, linux, namespaces, policy, seccomp
from intern.sandbox.policy import Layers
from intern.sandbox.request import Request

CPU_SECONDS = 48 * 3600
"""A backstop only: deadlines are the host's."""


@dataclass(frozen=True)
class Pipes:
    """Descriptors that a new process needs while it confines itself."""

    output: int
    wire: int | None
    report: int
    """Where the process that counts (process 1 of the namespaces) is named."""
    status: int
    """Where process 1 of the namespaces tells the exit code."""


def confine(request: Request, layers: Layers, pipes: Pipes) -> None:
    """Confine this (single-threaded) process, then become the worker or the job's program. Does not return.

    Raises OSError when a layer that should work does not: then no code may run.
    """
    restrict(request, layers, pipes)
    if request.kind == "job":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(request.argv[0], request.argv, request.environment)
    become_worker(request, layers)


def restrict(request: Request, layers: Layers, pipes: Pipes) -> None:
    """Apply everything. Returns in a process that holds only stdin, stdout, stderr and, as 3, the wire."""
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)  # its own /proc files, which it needs, are its own again
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")
    os.setpgid(0, 0)
    os.nice(request.niceness)
    os.umask(0o077)
    os.chdir(request.workdir)
    os.environ.clear()
    os.environ.update(request.environment)
    if layers.namespaces:
        namespaces.enter(policy.view(request), pipes.report)
    status = arrange_descriptors(pipes, keep_status=layers.namespaces)
    set_limits(request)
    if linux.IS_LINUX:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.drop_capabilities()
    if layers.namespaces:
        namespaces.become_init(status)
    if layers.landlock:
        landlock.restrict(layers.landlock, policy.rules(request, layers))
    if layers.seccomp:
        seccomp.install(seccomp.Policy(layers.landlock, layers.namespaces, layers.no_connect))


def arrange_descriptors(pipes: Pipes, keep_status: bool) -> int:
    """stdin from nowhere, stdout and stderr to the output, the wire as 3, nothing else; where `status` is now."""
    null = os.open(os.devnull, os.O_RDONLY)
    wanted = [null, pipes.output, pipes.output, pipes.wire if pipes.wire is not None else null, pipes.status]
    high = [os.dup2(descriptor, 100 + place, inheritable=False) for place, descriptor in enumerate(wanted)]
    for place in range(3):
        os.dup2(high[place], place)
    last = 2
    if pipes.wire is not None:
        last = os.dup2(high[3], 3, inheritable=False)
    status = last
    if keep_status:
        status = last = os.dup2(high[4], last + 1, inheritable=False)
    os.closerange(last + 1, 65536)
    return status


def set_limits(request: Request) -> None:
    """rlimits that every kernel has. Address space is not limited: torch and CUDA map far more than they use."""
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


def become_worker(request: Request, layers: Layers) -> None:
    from intern.sandbox import worker

    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.argv = [""]
    worker.start(socket.socket(fileno=3), request, layers)


def descriptors_to_pipes(descriptors: Sequence[int], report: int, status: int) -> Pipes:
    """The host's descriptors: the output, then, for a session, the wire."""
    return Pipes(descriptors[0], descriptors[1] if len(descriptors) > 1 else None, report, status)
