"""What a run keeps on disk of the jobs that it has submitted, so that they are found again after anything."""

from __future__ import annotations

import contextlib
from pathlib import Path

from pydantic import BaseModel, ValidationError

RENTED = "state/rented"
"""In a run's folder: the records of its submitted jobs."""


class RemoteJob(BaseModel):
    """A job that was submitted: kept on disk, so that it is found again."""

    job_id: str
    namespace: str
    attempt: int
    ended: bool = False
    failed: bool = False


def submitted(notes: Path) -> dict[str, RemoteJob]:
    """The newest attempt of each job of a run, by job."""
    found = {}
    for path in sorted(notes.glob("*.json")):
        with contextlib.suppress(OSError, ValidationError):
            found[path.stem] = RemoteJob.model_validate_json(path.read_text(encoding="utf-8"))
    return found
