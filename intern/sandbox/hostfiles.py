"""How the host reads files that sandboxed code wrote: never through a link, never blocking, never too much."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

MAX_BYTES = 256 * 1024 * 1024


def open_file(folder: Path, name: str) -> int:
    """A descriptor of a plain file below `folder`, for reading. Raises OSError (PermissionError for tricks)."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise PermissionError(f"{name!r} is not a name inside the work folder")
    current = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            kind = os.O_NONBLOCK | os.O_NOCTTY if last else os.O_DIRECTORY
            opened = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=current)
            os.close(current)
            current = opened
        status = os.fstat(current)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise PermissionError(f"{name!r} is not a plain file of its own")
        if status.st_dev != folder.stat().st_dev:
            raise PermissionError(f"{name!r} is on another file system")
    except BaseException:
        os.close(current)
        raise
    return current


def read_file(folder: Path, name: str, limit: int = MAX_BYTES) -> bytes:
    """The content of a file that a session wrote. Raises OSError, also when it is larger than `limit` bytes."""
    with os.fdopen(open_file(folder, name), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(f"{name!r} is larger than {limit:,} bytes")
    return data


def copy_file(folder: Path, name: str, target: Path, limit: int = MAX_BYTES) -> int:
    """Copy a file that a session wrote to `target` (a new file of the host's); its size. Raises OSError."""
    copied = 0
    with os.fdopen(open_file(folder, name), "rb") as source, open(target, "xb") as out:
        while chunk := source.read(1 << 20):
            copied += len(chunk)
            if copied > limit:
                target.unlink()
                raise OSError(f"{name!r} is larger than {limit:,} bytes")
            out.write(chunk)
    return copied
