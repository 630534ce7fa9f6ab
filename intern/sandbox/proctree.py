"""What the guardian must know of its descendants, read from /proc: who they are and what they use."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

KILL_SECONDS = 20.0
CHILDREN_LISTED = Path(f"/proc/self/task/{os.getpid()}/children").exists()


def children(pid: int) -> list[int]:
    """The direct children of all threads of a process; empty when it is gone."""
    if not CHILDREN_LISTED:
        return _parents().get(pid, [])
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  (called many times a second)
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:
        pass
    return found


def _parents() -> dict[int, list[int]]:
    """All processes by their parent, for kernels that do not list children (gVisor)."""
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        try:
            with open(f"/proc/{int(name)}/stat") as file:
                below.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
        except (ValueError, OSError):
            continue
    return below


def descendants(pid: int, at_most: int | None = None) -> list[int]:
    """Every process below `pid`; `at_most`: look no further once more than so many are found."""
    found: list[int] = []
    todo = [pid]
    while todo and (at_most is None or len(found) <= at_most):
        below = children(todo.pop())
        found += below
        todo += below
    return found


def ended(pid: int) -> bool:
    """Is it a zombie, or gone?"""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def reap() -> list[tuple[int, int]]:
    """Collect ended children: (pid, exit code as in subprocess)."""
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append((pid, os.waitstatus_to_exitcode(status)))


def kill_tree(roots: list[int]) -> None:
    """Stop, then kill, processes and all below them. They stand still first, so that none can fork away."""
    seen: set[int] = set()
    while True:
        alive = [pid for root in roots for pid in (root, *descendants(root)) if pid not in seen]
        if not alive:
            break
        for pid in alive:
            send(pid, signal.SIGSTOP)
        seen.update(alive)
    for pid in seen:
        send(pid, signal.SIGKILL)


def send(pid: int, number: int) -> None:
    """A signal, if the process still exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_children(scoped: bool = False) -> list[tuple[int, int]]:
    """Kill and reap everything below this process (a subreaper) until nothing is left; what was reaped.

    `scoped`: a Landlock domain lets this process's signals reach nothing but its own session, so that one call
    kills all of it at once.
    """
    ended: list[tuple[int, int]] = []
    limit = time.monotonic() + KILL_SECONDS
    while time.monotonic() < limit:
        ended += reap()
        if scoped:
            send(-1, signal.SIGKILL)
        below = children(os.getpid())
        if not below:
            break
        if not scoped:
            kill_tree(below)
        time.sleep(0.002)
    return ended
