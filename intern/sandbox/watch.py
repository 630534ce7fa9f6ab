"""The limits of one session, checked again and again by its guardian."""

from __future__ import annotations

import time
from pathlib import Path

from intern.sandbox import usage
from intern.sandbox.request import Request

THREADS_A_PROCESS = 16
FOLDER_SECONDS = 1.0
FOLDER_SHARE = 10
"""Looking through a folder may take a tenth of the time at most, unless the disk fills."""
SLACK = 1 << 20


class Watch:
    """Says when a limit is passed. Make it before the session's first process runs."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.workdir = Path(request.workdir)
        self.memory = request.memory_mb << 20
        size, entries = usage.folder(self.workdir)
        # A folder that is over its quota already may be tidied by a new session, but not grow.
        self.disk = max(request.disk_mb << 20, size) + SLACK
        self.files = max(request.files, entries + 8)
        self.shared_memory: set[str] = set()
        self.next_look = 0.0
        self.filled_then = 0
        self.left = self.disk

    def check(self, pids: list[int]) -> str | None:
        """Which limit these processes have passed, as a phrase, or None."""
        if len(pids) > self.request.procs:
            return f"it ran more than {self.request.procs} processes"
        measured = [usage.resident(pid) for pid in pids]
        if sum(threads for _, threads in measured) > THREADS_A_PROCESS * max(self.request.procs, 16):
            return f"it ran more than {THREADS_A_PROCESS * max(self.request.procs, 16)} threads"
        upper = sum(size for size, _ in measured)  # counts pages that processes share again for each
        if upper > self.memory and sum(usage.proportional(pid) for pid in pids) > self.memory:
            return f"it used more than {self.request.memory_mb} MB of memory"
        return self.check_disk(pids)

    def check_disk(self, pids: list[int]) -> str | None:
        """As check, for files and shared memory only."""
        now = time.monotonic()
        grown = usage.filled(self.request.workdir) - self.filled_then
        if now < self.next_look and grown < self.left:
            return None
        self.filled_then = usage.filled(self.request.workdir)
        size, entries = usage.folder(self.workdir)
        files = usage.open_files(pids)
        size += files.deleted_bytes
        self.shared_memory.update(files.shared_memory)
        took = time.monotonic() - now
        # Others write to the same file system too: then look again, but not all the time.
        self.left = max(self.disk - size, 16 << 20)
        self.next_look = now + max(FOLDER_SECONDS, FOLDER_SHARE * took)
        if size > self.disk:
            return f"its files took more than {self.request.disk_mb} MB"
        if entries > self.files:
            return f"it made more than {self.request.files} files"
        shared = sum(files.shared_memory.values())
        if shared > self.memory:
            return f"its shared memory took more than {self.request.memory_mb} MB"
        return None

    def note_shared_memory(self, pids: list[int]) -> None:
        """Remember the named shared memory that these processes hold, to remove it when they are gone."""
        self.shared_memory.update(usage.open_files(pids).shared_memory)

    def tidy(self) -> None:
        """Remove named shared memory that the session's processes were seen to use, once they are gone."""
        for name in self.shared_memory:
            Path(name).unlink(missing_ok=True)
