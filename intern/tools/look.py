"""Tools to look things up: a data file, a long output, and how a tool is called."""

from __future__ import annotations

import re
import secrets
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from intern.agent.outputs import Outputs
from intern.sandbox.hostfiles import TEMPORARY, copy_file
from intern.tools.base import RoomTool
from intern.tools.tables import SUFFIXES, describe, overlap, read_table, worries
from intern.tools.viewer import Viewer
from intern.tools.workbench import ToolError, Workbench

HUB = "hub:"
PIECE = 6000
SAMPLES = 3
CELL = 200
TEST = re.compile(r"(?:^|[^a-z])test(?:$|[^a-z])", re.IGNORECASE)


class InspectDataset(RoomTool):
    name = "inspect_dataset"
    description = (
        "Audit a local table (csv, tsv, jsonl, json): columns, types, missing, duplicates, classes, ranges, samples, and "
        "rows shared between files of a folder (leakage). path: in the work folder or the person's data; '' = the "
        "person's data; 'hub:owner/name' = a data set of the Hub. No samples of test files are shown."
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
        files = _tables(_place(self.bench, path or ""))
        with tempfile.TemporaryDirectory(prefix="intern-look-") as folder:
            copies = {file.name: _own_copy(self.bench.run.folder / "work", file, Path(folder)) for file in files}
            tables = {name: read_table(file) for name, file in copies.items()}
        found: dict[str, Any] = {}
        for name, (columns, rows, problems) in tables.items():
            facts = describe(columns, rows)
            found[name] = {**facts, "worries": [*problems, *worries(facts)]}
            if not TEST.search(Path(name).stem):
                found[name]["samples"] = [[cell[:CELL] for cell in row] for row in rows[:SAMPLES]]
        shared = [
            f"{count} rows of {two} are also in {one}."
            for position, one in enumerate(tables)
            for two in list(tables)[position + 1 :]
            if tables[one][0] == tables[two][0] and (count := overlap(tables[one][1], tables[two][1]))
        ]
        return {"files": found, "leakage": shared or (["No row is in two files."] if len(tables) > 1 else [])}


class ReadMore(RoomTool):
    name = "read_more"
    description = "A piece of an output that was cut, by its handle, from a character on."
    inputs = {
        "handle": {"type": "string", "description": 'as shown where it was cut, like "step7"'},
        "start": {"type": "integer", "description": "first character", "nullable": True},
    }
    quiet = True
    reads_only = True

    def forward(self, handle: str, start: int | None = 0) -> dict[str, Any]:
        begin = max(0, start or 0)
        try:
            text, length = Outputs(self.bench.run.folder / "outputs").read(handle, begin, PIECE)
        except LookupError as error:
            raise ToolError(str(error)) from None
        return {
            "text": text,
            "start": begin,
            "next": begin + len(text) if begin + len(text) < length else None,
            "length": length,
        }


class HelpTool(RoomTool):
    name = "help_tool"
    description = "What a tool does and takes, in full; without a name, all tools by name."
    inputs = {"name": {"type": "string", "description": "the tool's name", "nullable": True}}
    quiet = True
    reads_only = True

    def forward(self, name: str | None = "") -> dict[str, Any]:
        known = {tool.name: tool for tool in self.bench.tools}
        if not name:
            return {"tools": list(known)}
        if name not in known:
            raise ToolError(f"There is no tool {name!r}; there are: {', '.join(known)}.")
        tool = known[name]
        arguments = {
            argument: f"{about['type']}{' (optional)' if about.get('nullable') else ''}: {about['description']}"
            for argument, about in tool.inputs.items()
        }
        return {"name": name, "does": tool.description, "arguments": arguments}


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


def _own_copy(work: Path, file: Path, folder: Path) -> Path:
    """A file of the work folder as a copy in `folder`: its code may be running and put a link in its place.

    The person's own data stays where it is. Raises ToolError.
    """
    if not file.is_relative_to(work.resolve()):
        return file
    copy = folder / secrets.token_hex(4) / file.name
    copy.parent.mkdir()
    try:
        copy_file(work.resolve(), file.relative_to(work.resolve()).as_posix(), copy)
    except OSError as error:
        raise ToolError(f"{file.name} cannot be read: {error.strerror or error}.") from None
    return copy


def _tables(place: Path) -> list[Path]:
    found = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file() and not p.is_symlink())
    tables = [p for p in found if p.suffix.lower() in SUFFIXES and TEMPORARY not in p.relative_to(place).parts][:12]
    if not tables:
        raise ToolError(f"There is no table ({', '.join(SUFFIXES)}) in {place.name}.")
    return tables
