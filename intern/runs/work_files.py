"""What lies in the work folder of a run's code: plain files, hidden ones and links left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 3


@dataclass(frozen=True)
class WorkFile:
    """A file by its path in the folder; `written`: seconds since the epoch."""

    name: str
    written: float
    bytes: int


def work_files(folder: Path, depth: int = 0) -> Iterator[WorkFile]:
    """The files of a folder, at most three folders deep; none where there is no folder."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_file(follow_symlinks=False):
            about = entry.stat(follow_symlinks=False)
            yield WorkFile(entry.name, about.st_mtime, about.st_size)
        elif entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
            for found in work_files(folder / entry.name, depth + 1):
                yield WorkFile(f"{entry.name}/{found.name}", found.written, found.bytes)
