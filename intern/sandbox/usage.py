"""What a session's processes use of the machine, as its guardian measures it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

SHARED_MEMORY = "/dev/shm/"
DELETED = " (deleted)"


def resident(pid: int) -> tuple[int, int]:
    """(bytes of anonymous and shared memory, threads) of a process; zeros when it is gone. Cheap."""
    size = threads = 0
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            for line in status:
                if line.startswith((b"RssAnon:", b"RssShmem:")):
                    size += int(line.split()[1]) << 10
                elif line.startswith(b"Threads:"):
                    threads = int(line.split()[1])
    except (OSError, ValueError):
        return 0, 0
    return size, threads


def proportional(pid: int) -> int:
    """Bytes of memory that are this process's share: pages that it has in common with others count in part. Slow."""
    size = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            for line in rollup:
                if line.startswith((b"Pss_Anon:", b"Pss_Shmem:")):
                    size += int(line.split()[1]) << 10
    except (OSError, ValueError):
        return resident(pid)[0]
    return size


@dataclass
class OpenFiles:
    """Files that a folder's listing does not show: deleted but open, and named shared memory."""

    deleted_bytes: int = 0
    shared_memory: dict[str, int] = field(default_factory=dict)


def open_files(pids: list[int]) -> OpenFiles:
    """Look through the descriptors of these processes."""
    found, seen = OpenFiles(), set()
    for pid in pids:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208
        except OSError:
            continue
        for descriptor in descriptors:
            link = f"/proc/{pid}/fd/{descriptor}"
            try:
                target = os.readlink(link)  # noqa: PTH115
                deleted = target.endswith(DELETED) and target.startswith("/")
                if not deleted and not target.startswith(SHARED_MEMORY):
                    continue
                status = os.stat(link)  # noqa: PTH116
            except OSError:
                continue
            if (key := (status.st_dev, status.st_ino)) in seen:
                continue
            seen.add(key)
            if deleted:
                found.deleted_bytes += status.st_blocks * 512
            else:
                found.shared_memory[target] = status.st_blocks * 512
    return found


def folder(path: Path) -> tuple[int, int]:
    """(bytes on disk, entries) below a folder; what vanishes meanwhile is not counted."""
    size = entries = 0
    todo = [str(path)]
    while todo:
        try:
            with os.scandir(todo.pop()) as inside:
                for entry in inside:
                    entries += 1
                    status = entry.stat(follow_symlinks=False)
                    size += status.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
        except OSError:
            continue
    return size, entries


def filled(path: str) -> int:
    """Bytes in use on the file system that holds `path`."""
    status = os.statvfs(path)
    return (status.f_blocks - status.f_bfree) * status.f_frsize
