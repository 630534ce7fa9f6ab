"""How the host reads files that sandboxed code wrote: never through a link, never blocking, never too much.

And how it writes where such code has been: never through a link either.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path, PurePosixPath

MAX_BYTES = 256 * 1024 * 1024
MAX_FILES = 1000
TEMPORARY = ".tmp"
"""The folder for temporary files in every work folder; it belongs to no listing of what the code made."""
HAS_DESCRIPTORS = hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd
"""Windows has neither, and runs no code whose files could be traps."""


def open_file(folder: Path, name: str) -> int:
    """A descriptor of a plain file below `folder`, for reading. Raises OSError (PermissionError for tricks)."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise PermissionError(f"{name!r} is not a name inside the work folder")
    if not HAS_DESCRIPTORS:
        return os.open(folder.joinpath(*parts), os.O_RDONLY | getattr(os, "O_BINARY", 0))
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


def read_end(folder: Path, name: str, size: int) -> bytes:
    """The last `size` bytes of a file that a session wrote. Raises OSError."""
    with os.fdopen(open_file(folder, name), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - size))
        return file.read(size)


def is_file(folder: Path, name: str) -> bool:
    """Is there a plain file of that name (and not a link, a pipe or a folder)?"""
    try:
        os.close(open_file(folder, name))
    except OSError:
        return False
    return True


def copy_file(folder: Path, name: str, target: Path, limit: int = MAX_BYTES) -> int:
    """Copy a file that a session wrote to `target` (a new file of the host's); its size. Raises OSError."""
    copied = 0
    source_descriptor = open_file(folder, name)
    with os.fdopen(source_descriptor, "rb") as source, open(target, "xb") as out:
        while chunk := source.read(1 << 20):
            copied += len(chunk)
            if copied > limit:
                target.unlink()
                raise OSError(f"{name!r} is larger than {limit:,} bytes")
            out.write(chunk)
    return copied


def copy_tree(folder: Path, name: str, target: Path, limit: int = MAX_BYTES) -> int:
    """Copy a folder of plain files that a session wrote into `target`; the bytes of all together.

    Raises OSError: PermissionError for anything that is neither a folder nor a plain file, FileNotFoundError.
    """
    left, found = limit, 0
    todo = [PurePosixPath(name)]
    while todo:
        here = todo.pop()
        if (folder / here).is_symlink():
            raise PermissionError(f"{str(here)!r} is a link")
        (target / here.relative_to(name)).mkdir(parents=True, exist_ok=True)
        for entry in sorted(os.scandir(folder / here), key=lambda entry: entry.name):
            found += 1
            if found > MAX_FILES:
                raise OSError(f"{name!r} holds more than {MAX_FILES:,} files")
            if entry.is_dir(follow_symlinks=False):
                todo.append(here / entry.name)
            else:
                inside = here / entry.name
                left -= copy_file(folder, str(inside), target / inside.relative_to(name), left)
    return limit - left


def remove(folder: Path, name: str) -> None:
    """Take away whatever is at `name`, a link and never what it leads to. Raises OSError."""
    path = folder / name
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def open_to_append(path: Path) -> int:
    """A descriptor for writing to the end of a plain file, made if it is not there. Raises OSError for tricks."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(descriptor)
        raise PermissionError(f"{path.name!r} is not a plain file of its own")
    return descriptor
