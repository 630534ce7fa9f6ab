"""`inspect_dataset`: a look at local files, taken inside the sandbox, or at a data set of the Hub."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

import intern
from intern.experiments.inspection import Inspection
from intern.runs.workspace import RunStopped
from intern.sandbox.pool import SandboxUnavailable
from intern.sandbox.session import WorkerSession
from intern.sandbox.step import SessionEnded
from intern.settings import CONFIGS
from intern.tools.base import RoomTool
from intern.tools.viewer import Viewer
from intern.tools.workbench import ToolError, Workbench

HUB = "hub:"
MOST_LINKS = 500
FAULT = "DataError: "
LOOK = """
from pathlib import Path
from intern.experiments.files import DataError
from intern.experiments.inspection import inspect
try:
    _seen = inspect(Path({place!r}), sealed={sealed}).model_dump_json()
except DataError as error:
    _seen = {fault!r} + str(error)
except OSError as error:
    _seen = {fault!r} + f"{{Path(error.filename or '?').name}} cannot be read: {{error.strerror}}."
_seen
"""


class InspectDataset(RoomTool):
    name = "inspect_dataset"
    description = (
        "Audit data: tables (csv, tsv, jsonl, json, parquet), IDX, folders of pictures, aligned or labelled text, also gz; "
        "columns, types, missing, duplicates, classes, lengths, samples, and rows (nearly) shared between splits. path: in the "
        "work folder or the person's data; '' = the person's data; 'hub:owner/name' = a data set of the Hub. No rows of test "
        "parts are shown."
    )
    inputs = {
        "path": {"type": "string", "description": "file or folder; '' = what the person gave", "nullable": True},
        "config": {"type": "string", "description": "of a data set of the Hub", "nullable": True},
        "split": {"type": "string", "description": "of a data set of the Hub", "nullable": True},
    }
    reads_only = True

    def forward(self, path: str | None = "", config: str | None = None, split: str | None = None) -> dict[str, Any]:
        if (path or "").startswith(HUB):
            if not self.bench.online:
                raise ToolError("There is no network, so data sets of the Hub cannot be looked at.")
            return Viewer(self.bench).inspect((path or "").removeprefix(HUB), config, split)
        found = inspected(self.bench, _place(self.bench, path or ""))
        return {name: value for name, value in found.model_dump().items() if value}


def inspected(bench: Workbench, place: Path) -> Inspection:
    """Look at a place inside the sandbox: what code or strangers wrote may break what reads it. Raises ToolError."""
    visible = [place, Path(intern.__file__).parent, CONFIGS, *_linked(bench, place)]
    with tempfile.TemporaryDirectory(prefix="intern-look-") as folder:
        try:
            session = WorkerSession(Path(folder), bench.settings.sandbox, readonly=visible)
        except SandboxUnavailable as error:
            raise ToolError(str(error)) from None
        try:
            session.wait_ready(bench.run.cancel)
            look = LOOK.format(place=str(place), sealed=_is_theirs(bench, place), fault=FAULT)
            seconds, cancel = bench.settings.limits.step_seconds, bench.run.cancel
            outcome = session.run(look, seconds, answerer=_no_tools, cancel=cancel)
        except SessionEnded as error:
            bench.run.check()
            raise ToolError(f"{place.name} cannot be looked at: {error}") from None
        finally:
            session.close()
    bench.run.check()
    if outcome.error is not None or not isinstance(outcome.value, str):
        last = (outcome.error or "no answer").partition(" A new session")[0].strip().splitlines()[-1]
        raise ToolError(f"{place.name} cannot be looked at: {last[:300]}")
    if outcome.value.startswith(FAULT):
        raise ToolError(outcome.value.removeprefix(FAULT)[:500])
    try:
        return Inspection.model_validate_json(outcome.value)
    except ValidationError:
        raise ToolError(f"{place.name} cannot be looked at: what reads it was led astray by its content.") from None


def _is_theirs(bench: Workbench, place: Path) -> bool:
    """Whether a place is the person's own data, of which a part will be sealed; what lies in the work folder, code can read."""
    return bench.data is not None and place.resolve().is_relative_to(bench.data.resolve())


def _linked(bench: Workbench, place: Path) -> list[Path]:
    """Where links in the person's own data lead (a copy of the Hub's cache is made of them); those of code lead nowhere."""
    if not _is_theirs(bench, place):
        return []
    links = [p for p in place.rglob("*") if p.is_symlink()] if place.is_dir() else []
    return list({link.resolve() for link in links if link.exists()})[:MOST_LINKS]


def _no_tools(call: object) -> Any:
    raise RunStopped


def _place(bench: Workbench, path: str) -> Path:
    """The file or folder that is meant: of the person's data or of the work folder, nowhere else. Raises ToolError."""
    roots = [r for r in (bench.data, bench.run.folder / "work") if r is not None]
    if not path:
        if bench.data is None:
            raise ToolError("The person gave no data; name a file of the work folder.")
        return bench.data
    parts = PurePosixPath(path)
    for root in roots:
        base = root if root.is_dir() else root.parent
        target = parts if parts.is_absolute() else base / parts
        resolved = Path(target).resolve()
        inside = resolved == root.resolve() or (root.is_dir() and resolved.is_relative_to(root.resolve()))
        if inside and resolved.exists():
            return resolved
    raise ToolError(f"There is no {path!r} in the person's data or the work folder.")
