"""Namespaces: a process tree, network, and file tree of its own, where the kernel lets an ordinary user make them.

The file tree is a small tmpfs with read-only views of the libraries and the work folder at its usual place; nothing
else of the machine has a name in it. Works without privileges, hence not for root (who cannot map itself).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from intern.sandbox import linux
from intern.sandbox.request import Order, Request, pair

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = -100, 0x1000, 0x8000
READ_ONLY, NO_SUID, NO_DEVICES = 1, 2, 4


@dataclass(frozen=True)
class View:
    """Paths that the new file tree shows: files and folders to read, and devices."""

    readonly: Sequence[str]
    devices: Sequence[str]


@dataclass(frozen=True)
class OwnView:
    """What one session sees besides: more paths, and the folder that it may write to."""

    more: View
    workdir: str
    temporary: str
    """Shown as /tmp; inside the work folder, so that its quota holds."""
    shared_memory_mb: int


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def stand_by(
    root: str, base: View, own: Callable[[Request], OwnView], orders: socket.socket, report: int, status: int
) -> socket.socket:
    """Make new namespaces with everything but one session's own part. Raises OSError.

    Forks twice. The caller's process writes the new tree's process id to `report` and ends. Process 1 of the new tree
    waits for an order, completes the file tree (`own`), passes the order on, reaps, and writes the exit code of
    process 2 to `status`. The function returns in process 2, with the socket on which its order will come.
    """
    _enter(report)
    _build(root, base)
    linux.mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    ours, theirs = pair()
    child = os.fork()
    if child:
        theirs.close()
        _be_init(root, own, orders, ours, child, status)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.prctl(linux.PR_SET_DUMPABLE, 1)
    ours.close()
    orders.close()
    os.close(status)
    return theirs


def _enter(report: int) -> None:
    """Returns in process 1 of new namespaces, with all capabilities of the new (powerless) user namespace."""
    user, group = os.getuid(), os.getgid()
    linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else its own uid_map is closed to it
    linux.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    first = os.fork()
    if first:
        os.write(report, str(first).encode())
        os._exit(0)
    # No PDEATHSIG here: the parent is just ending, and its death would count. If the guardian dies, the forkserver
    # inherits this process and kills it.
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    os.close(report)


def _be_init(
    root: str, own: Callable[[Request], OwnView], orders: socket.socket, onward: socket.socket, child: int, status: int
) -> NoReturn:
    """Process 1: complete the file tree for the one order that comes, then reap until process 2 has ended."""
    order = Order.receive(orders)
    if order is None:
        os._exit(0)
    try:
        _complete(root, own(order.request))
        _pivot(root)
        linux.drop_capabilities()
        order.send(onward)
    except OSError as error:
        os.write(order.descriptors[0], f"{error}".encode())
        os._exit(120)
    os.closerange(0, status)
    os.closerange(status + 1, 65536)
    while True:
        try:
            ended, code = os.wait()
        except ChildProcessError:
            os._exit(1)
        if ended == child:
            os.write(status, str(os.waitstatus_to_exitcode(code)).encode())
            os._exit(0)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _build(root: str, base: View) -> None:
    """Assemble the new tree's common part on the folder `root`."""
    linux.mount(None, "/", None, MS_REC | MS_PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for folder in ("proc", "dev", "dev/shm", "tmp"):
        Path(root, folder).mkdir(0o755)
    _show_all(root, base)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        Path(root, "dev", name).symlink_to(target)


def _complete(root: str, own: OwnView) -> None:
    """Add one session's own part."""
    # /tmp first, because the work folder and data may lie below the machine's /tmp, which this hides.
    linux.mount(own.temporary, f"{root}/tmp", None, MS_BIND)
    _change(f"{root}/tmp", NO_SUID | NO_DEVICES)
    options = f"mode=0700,size={own.shared_memory_mb}m,nr_inodes=10000"
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)
    _show_all(root, own.more)
    _show(root, own.workdir, NO_SUID | NO_DEVICES)


def _show_all(root: str, view: View) -> None:
    for path in _outermost(view.readonly):
        _show(root, path, READ_ONLY | NO_SUID | NO_DEVICES)
    for path in view.devices:
        _show(root, path, READ_ONLY | NO_SUID)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _outermost(paths: Sequence[str]) -> list[str]:
    """Existing paths that lie in no other one of them; parents first."""
    there = sorted({path for path in paths if Path(path).exists()}, key=len)
    folders = [path for path in there if not Path(path).is_symlink()]
    return [path for path in there if not any(_inside(path, other) and other != path for other in folders)]


def _show(root: str, path: str, attributes: int) -> None:
    """Make `path` visible at the same place in the new tree."""
    source, target = Path(path), Path(root + path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    linux.mount(path, str(target), None, MS_BIND | MS_REC)
    _change(str(target), attributes)


def _change(path: str, attributes: int) -> None:
    wanted = _MountAttributes(attributes, 0, 0, 0)
    linux.syscall(MOUNT_SETATTR, AT_FDCWD, path.encode(), AT_RECURSIVE, ctypes.byref(wanted), 32)


def _pivot(root: str) -> None:
    """Make `root` the file tree and forget the old one."""
    os.chdir(root)
    linux.syscall(PIVOT_ROOT[os.uname().machine], b".", b".")
    linux.umount(".", MNT_DETACH)
    os.chdir("/")
    wanted = _MountAttributes(READ_ONLY, 0, 0, 0)
    linux.syscall(MOUNT_SETATTR, AT_FDCWD, b"/", 0, ctypes.byref(wanted), 32)
