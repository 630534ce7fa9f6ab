"""Follow files that a program appends to: whole lines only, each once, with its byte offset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from intern.compute.base import JobListener, ProgramMetric
from intern.sandbox.hostfiles import open_file

MAX_LINE = 64 * 1024
MOST_BYTES = 8 * 1024 * 1024


class LineTail:
    """New complete lines of one growing file. A file that shrank (a resumed program cuts it) is followed on.

    One poll takes at most MOST_BYTES, so that a program that floods its files does not hold the host.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0

    def lines(self, final: bool = False) -> Iterator[tuple[int, str]]:
        """(byte offset, text) of lines that are complete by now; with `final`, an unfinished last line too."""
        try:
            descriptor = open_file(self.path.parent, self.path.name)
        except OSError:  # not there yet; or a link or a pipe, whose lines are not the program's
            return
        with os.fdopen(descriptor, "rb") as file:
            self.offset = min(self.offset, os.fstat(descriptor).st_size)
            file.seek(self.offset)
            began = self.offset
            while (final or self.offset - began < MOST_BYTES) and (line := file.readline(MAX_LINE)):
                if not line.endswith(b"\n") and len(line) < MAX_LINE and not final:
                    break
                start, self.offset = self.offset, self.offset + len(line)
                yield start, line.decode("utf-8", errors="replace").rstrip("\n")


class JobTail:
    """A job's metrics and log, handed to a listener as they grow."""

    def __init__(self, folder: Path, log: Path, listener: JobListener) -> None:
        self._metrics = LineTail(folder / "metrics.jsonl")
        self._log = LineTail(log)
        self._listener = listener

    def poll(self, final: bool = False) -> None:
        """Report what is new. A metric line that is not what the contract says is told as a log line."""
        for offset, line in self._metrics.lines(final):
            try:
                self._listener.metric(ProgramMetric.model_validate_json(line))
            except ValidationError:
                self._listener.log(f"(not a metric line: {line[:200]})", -offset - 1)
        for offset, line in self._log.lines(final):
            self._listener.log(line, offset)
