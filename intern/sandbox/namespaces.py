"""Namespaces: a process tree, network, and file tree of its own, where the kernel lets an ordinary user make them.

The file tree is a small tmpfs with read-only views of the libraries and the work folder at its usual place; nothing
else of the machine has a name in it. Works without privileges, hence not for root (who cannot map itself).
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intern.sandbox import linux

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = -100, 0x1000, 0x8000
READ_ONLY, NO_SUID, NO_DEVICES = 1, 2, 4
MOUNT_POINTS = ("/mnt", "/media", "/srv", "/boot", "/sys", "/opt", "/home")
SECOND = 1.0


@dataclass(frozen=True)
class View:
    """What the new file tree shows: read-only paths, devices, and the folder that can be written."""

    readonly: Sequence[str]
    devices: Sequence[str]
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


def enter(view: View, report: int) -> None:
    """Move into new namespaces. Raises OSError.

    Forks: the caller's process writes the new tree's process id to `report` and ends; the function returns in the
    new tree's process 1, with all capabilities of the new (powerless) user namespace.
    """
    user, group = os.getuid(), os.getgid()
    linux.prctl(linux.PR_SET_DUMPABLE, 1)  # else its own uid_map is closed to it
    linux.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    root = _build(view)
    first = os.fork()
    if first:
        os.write(report, str(first).encode())
        os._exit(0)
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    os.close(report)
    # No PDEATHSIG here: the parent is just ending, and its death would count. If the guardian dies, the forkserver
    # inherits this process and kills it.
    linux.mount("proc", f"{root}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _pivot(root)
    os.chdir(view.workdir)


def become_init(status: int) -> None:
    """Fork once more: returns in the child; process 1 stays behind, reaps, and reports the child's exit code."""
    child = os.fork()
    if child == 0:
        os.close(status)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.prctl(linux.PR_SET_DUMPABLE, 1)
        return
    os.closerange(0, status)
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


def _build(view: View) -> str:
    """Assemble the new tree on an unimportant folder; its path."""
    linux.mount(None, "/", None, MS_REC | MS_PRIVATE)
    shown = [*view.readonly, view.workdir]
    point = next(p for p in MOUNT_POINTS if Path(p).is_dir() and not any(_inside(s, p) for s in shown))
    linux.mount("tmpfs", point, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for folder in ("proc", "dev", "dev/shm", "tmp"):
        Path(point, folder).mkdir(0o755)
    # First, because the work folder and data may lie below the machine's /tmp, which this hides.
    linux.mount(view.temporary, f"{point}/tmp", None, MS_BIND)
    _change(f"{point}/tmp", NO_SUID | NO_DEVICES)
    for path in _outermost(view.readonly):
        _show(point, path, READ_ONLY | NO_SUID | NO_DEVICES)
    for path in view.devices:
        _show(point, path, READ_ONLY | NO_SUID)
    _show(point, view.workdir, NO_SUID | NO_DEVICES)
    options = f"mode=0700,size={view.shared_memory_mb}m,nr_inodes=10000"
    linux.mount("tmpfs", f"{point}/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        Path(point, "dev", name).symlink_to(target)
    return point


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
