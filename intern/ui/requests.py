"""From what a page or a caller hands over to the service's `RunRequest`; uploads are kept by content.

On a Space nobody may name a file of the server: a path there could be another visitor's paper.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import shutil
import time
from pathlib import Path
from typing import get_args

from intern.account import on_space, space_owner
from intern.experiments.spec import BackendName
from intern.experiments.weights import CONFIG, SHARD, wanted
from intern.service import BadRequestError, RunInfo, RunRequest, Service
from intern.settings import Settings
from intern.ui.identity import can_sign_in, is_visitor

READ = "read the paper"
"""The task of somebody who gives a paper and says nothing."""


def make_request(
    settings: Settings,
    *,
    task: str,
    paper: str = "",
    paper_file: str | None = None,
    data: str = "",
    data_files: list[str] | None = None,
    weights: str = "",
    model: str = "",
    minutes: float | None = None,
    publish: str = "ask",
    review: bool = False,
    compute: str = "local",
    budget_usd: float | None = None,
    flavor: str = "",
) -> RunRequest:
    """A checked request. Files are paths in Gradio's upload folder. Raises BadRequestError with one line for people."""
    if paper_file and paper.strip():
        raise BadRequestError("Give the paper as a file or as a title or id, not both.")
    if data_files and data.strip():
        raise BadRequestError("Give the data as files or as a folder, not both.")
    data_files, weight_files = _apart(data_files or [])
    if weight_files and weights.strip():
        raise BadRequestError("Give the weights as files or by name, not both.")
    if on_space():
        _refuse_paths(paper, data, weights)
    if publish not in ("never", "ask", "folder", "hub"):
        raise BadRequestError(f"publish is {publish!r}: it must be never, ask, folder or hub.")
    if compute not in get_args(BackendName):
        raise BadRequestError(f"compute is {compute!r}: it must be {', '.join(get_args(BackendName))}.")
    if budget_usd is not None and not 0 <= budget_usd < math.inf:
        raise BadRequestError("The budget must be 0 dollars or more.")
    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise BadRequestError("minutes must be more than 0 and at most 1440.")
    if not task.strip() and (paper_file or paper.strip()):
        task = READ
    return RunRequest(
        task=task,
        paper=_kept(settings, [paper_file]) if paper_file else paper.strip() or None,
        data=_kept(settings, data_files) if data_files else data.strip() or None,
        weights=_kept(settings, weight_files) if weight_files else weights.strip() or None,
        model=model.strip() or None,
        max_minutes=minutes,
        publish=publish,  # type: ignore[arg-type]
        review=review,
        compute=compute,  # type: ignore[arg-type]
        budget_usd=budget_usd or 0.0,
        flavor=flavor.strip() or None,
    )


def start(service: Service, wanted: RunRequest, owner: str, client_key: str | None = None) -> RunInfo:
    """Start a run, within what one person may take of a shared machine. Raises BadRequestError."""
    if on_space() and owner != space_owner():
        _within_what_is_everybodys(service, wanted, owner)
    info = service.start_run(wanted, owner, client_key)
    if wanted.task == READ and wanted.paper:
        return service.rename_run(info.run_id, f"Read {Path(wanted.paper).name}", owner)
    return info


def _within_what_is_everybodys(service: Service, wanted: RunRequest, owner: str) -> None:
    """A Space's machine is shared: nobody may take all of it. Its owner is not bound by this. Raises BadRequestError."""
    app, unknown = service.settings.app, is_visitor(owner)
    if unknown and not app.anonymous:
        raise BadRequestError("On this Space one has to sign in to start a run: the button is in the sidebar.")
    minutes = wanted.max_minutes or service.settings.limits.minutes
    most = app.anonymous_minutes if unknown else app.visitor_minutes
    if minutes > most:
        more = "; sign in for more" if unknown and can_sign_in() and app.visitor_minutes > most else ""
        raise BadRequestError(f"On this Space a run may train for at most {most:g} minutes{more}.")
    mine = service.list_runs(owner)
    if sum(run.created > time.time() - 3600 for run in mine) >= app.starts_per_hour:
        raise BadRequestError(f"You have started {app.starts_per_hour} runs within the hour: try again later.")
    require_room(service, owner)


def require_room(service: Service, owner: str) -> None:
    """May one more run of this person work, new or gone on with? Raises BadRequestError."""
    if not on_space() or owner == space_owner():
        return
    app = service.settings.app
    working = [run for run in service.list_runs(owner) if run.status in ("queued", "running")]
    if len(working) >= app.runs_per_person:
        raise BadRequestError(f"{len(working)} of your runs are still working: wait for one, or stop it first.")
    everybody = [run for run in service.list_runs(None, limit=1000) if run.status in ("queued", "running")]
    if len(everybody) >= app.most_waiting:
        raise BadRequestError(f"{len(everybody)} runs are at work or waiting on this Space: try again later.")


def _apart(files: list[str]) -> tuple[list[str], list[str]]:
    """(data, pretrained weights) among uploaded files: a config.json beside safetensors is a model's."""
    names = {Path(file).name for file in files}
    if CONFIG not in names or not any(SHARD.fullmatch(name) for name in names):
        return files, []
    return [f for f in files if not wanted(Path(f).name)], [f for f in files if wanted(Path(f).name)]


def _refuse_paths(paper: str, data: str, weights: str) -> None:
    if data.strip():
        raise BadRequestError("On a Space data is uploaded: a folder of this machine cannot be named.")
    if weights.strip() and (weights.strip().startswith(("~", ".", os.sep)) or Path(weights.strip()).exists()):
        raise BadRequestError("On a Space weights are a model of the Hub or an upload, not a folder of this machine.")
    named = paper.strip()
    if named and (named.startswith(("~", ".", os.sep)) or Path(named).exists()):
        raise BadRequestError("On a Space a paper is a title, an arXiv id or an upload, not a file of this machine.")


def _kept(settings: Settings, paths: list[str]) -> str:
    """One file: its copy. Several: a folder with copies (a data set in parts)."""
    sources = [Path(path) for path in paths]
    digests = [_digest(source) for source in sources]
    names = [re.sub(r"[^\w.\-]+", "_", source.name) for source in sources]
    # With the names: the same files under other names (train and test exchanged) are other data.
    content = "\n".join(sorted(f"{digest} {name}" for digest, name in zip(digests, names, strict=True)))
    whole = hashlib.sha256(content.encode()).hexdigest()[:24]
    folder = settings.home / "uploads" / whole
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for source, name in zip(sources, names, strict=True):
        copy = folder / name
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
