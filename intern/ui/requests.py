"""From what a page or a caller hands over to the service's `RunRequest`; uploads are kept by content.

On a Space nobody may name a file of the server: a path there could be another visitor's paper.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from intern.service import BadRequestError, RunInfo, RunRequest, Service
from intern.settings import Settings
from intern.ui.identity import on_space

READ = "read the paper"
"""The task of somebody who gives a paper and says nothing."""
MAX_MINUTES_ON_SPACE = 30.0
MAX_RUNS_ON_SPACE = 2
"""Runs of one person that work or wait for a place at the same time: the machine is everybody's."""


def make_request(
    settings: Settings,
    *,
    task: str,
    paper: str = "",
    paper_file: str | None = None,
    data: str = "",
    data_files: list[str] | None = None,
    model: str = "",
    minutes: float | None = None,
    publish: str = "ask",
    review: bool = False,
) -> RunRequest:
    """A checked request. Files are paths in Gradio's upload folder. Raises BadRequestError with one line for people."""
    if paper_file and paper.strip():
        raise BadRequestError("Give the paper as a file or as a title or id, not both.")
    if data_files and data.strip():
        raise BadRequestError("Give the data as files or as a folder, not both.")
    if on_space():
        _refuse_paths(paper, data)
        if minutes is not None and minutes > MAX_MINUTES_ON_SPACE:
            raise BadRequestError(f"On this Space a run may train for at most {MAX_MINUTES_ON_SPACE:.0f} minutes.")
    if publish not in ("never", "ask", "folder", "hub"):
        raise BadRequestError(f"publish is {publish!r}: it must be never, ask, folder or hub.")
    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise BadRequestError("minutes must be more than 0 and at most 1440.")
    if not task.strip() and (paper_file or paper.strip()):
        task = READ
    return RunRequest(
        task=task,
        paper=_kept(settings, [paper_file]) if paper_file else paper.strip() or None,
        data=_kept(settings, data_files) if data_files else data.strip() or None,
        model=model.strip() or None,
        max_minutes=minutes,
        publish=publish,  # type: ignore[arg-type]
        review=review,
    )


def start(service: Service, wanted: RunRequest, owner: str, client_key: str | None = None) -> RunInfo:
    """Start a run, within what one person may take of a shared machine. Raises BadRequestError."""
    if on_space():
        working = [run for run in service.list_runs(owner) if run.status in ("queued", "running")]
        if len(working) >= MAX_RUNS_ON_SPACE:
            raise BadRequestError(f"{len(working)} of your runs are still working: wait for one, or stop it first.")
    info = service.start_run(wanted, owner, client_key)
    if wanted.task == READ and wanted.paper:
        return service.rename_run(info.run_id, f"Read {Path(wanted.paper).name}", owner)
    return info


def _refuse_paths(paper: str, data: str) -> None:
    if data.strip():
        raise BadRequestError("On a Space data is uploaded: a folder of this machine cannot be named.")
    named = paper.strip()
    if named and (named.startswith(("~", ".", os.sep)) or Path(named).exists()):
        raise BadRequestError("On a Space a paper is a title, an arXiv id or an upload, not a file of this machine.")


def _kept(settings: Settings, paths: list[str]) -> str:
    """One file: its copy. Several: a folder with copies (a data set in parts)."""
    sources = [Path(path) for path in paths]
    digests = [_digest(source) for source in sources]
    whole = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()[:24]
    folder = settings.home / "uploads" / whole
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for source in sources:
        copy = folder / re.sub(r"[^\w.\-]+", "_", source.name)
        if not copy.exists():
            part = copy.with_name(copy.name + ".part")
            shutil.copyfile(source, part)
            part.replace(copy)
        copies.append(copy)
    return str(copies[0] if len(copies) == 1 else folder)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadRequestError("The uploaded file is not there any more: upload it again.") from error
