"""The person's data, laid into the work folder for a small model's code: all but the parts that are held back for testing.

Others need none of it: their tools read the data, and the rows that count as a test stay sealed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from intern.experiments.columns import read_table
from intern.experiments.files import DataError
from intern.experiments.spec import DataRef
from intern.tools.first_look import TABLES, Look, first_look
from intern.tools.workbench import ToolError, Workbench

HELD_BACK = re.compile(r"(?:^|[^a-z])(?:test|t10k)(?:$|[^a-z])", re.IGNORECASE)
MOST_BYTES = 256_000_000
MOST_FILES = 50
MOST_NAMES = 12
LOOKED_INTO = 20_000_000
MOST_COLUMNS = 30
SHALLOWEST = 3
"""A folder nearer to the root ("/", "/home/ada") is no folder of data."""
PAPER = ".pdf"
PATH = re.compile(r"(?:~|\.{0,2})/?[\w.-]+(?:/[\w.-]+)*")


class GivenFiles(BaseModel):
    """What lies in the work folder: file name -> what it is, in a few words. Decided once for a run."""

    files: dict[str, str] = {}
    whole: bool = False
    """No part was held back: what is later cut off for testing was among it."""


def named_files(text: str) -> dict[str, Path]:
    """Files of this machine that a person's words name, as paths, by a folder's path, or in the folder where they are:
    word -> file.

    Only for who sits at this machine: elsewhere it would be another's files.
    """
    found = {}
    for word in PATH.findall(text):
        name = word.rstrip(".")
        try:
            path = Path(name).expanduser()
            if path.suffix and path.is_file():
                found[name] = path.resolve()
            elif "/" in name and len(path.resolve().parts) > SHALLOWEST and path.is_dir():
                inside = [file for file in sorted(path.iterdir()) if _is_plain(file, path)]
                found |= {f"{name.rstrip('/')}/{file.name}": file.resolve() for file in inside[:MOST_FILES]}
        except (OSError, RuntimeError, ValueError):  # too long, no such home: no file either
            continue
    return found


@dataclass(frozen=True)
class Given:
    """What a small model gets of what the person gave or named."""

    files: dict[str, str]
    """In the work folder: name -> what it is."""
    look: Look
    """The first look at it, and what is said beside the task."""
    names: dict[str, str]
    """Words of the person's that name a file -> its name in the work folder."""
    paper: str | None = None
    """The paper that was given, or else named."""


def hand_over(bench: Workbench, task: str, here: bool) -> Given:
    """Lay out what was given, else what the task names (`here`: the person sits at this machine)."""
    named = named_files(task) if here else {}
    papers = [str(file) for file in named.values() if file.suffix.lower() == PAPER]
    if bench.paper is None and papers:
        bench.paper = papers[0]
    names = {word: f"the paper {file.stem}" for word, file in named.items() if str(file) == bench.paper}
    named = {word: file for word, file in named.items() if file.suffix.lower() != PAPER and bench.data is None}
    files = lay_out(bench, list(named.values()))
    called = _called(list(named.values()))
    names |= {word: called[file] for word, file in named.items() if called[file] in files}
    return Given(files, first_look(files, bench.paper, task), names, bench.paper)


def lay_out(bench: Workbench, named: Sequence[Path] = ()) -> dict[str, str]:
    """Copy the person's data into the work folder, once for a run; returns what is there, by name.

    `named`: files that they named instead of giving data.
    """
    if bench.data is None and not named:
        return {}
    try:
        return bench.load("given", "files", GivenFiles).files
    except ToolError:  # the first time
        pass
    work = bench.run.folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    if bench.data is not None and bench.data.is_dir():
        found = {p.relative_to(bench.data): p for p in sorted(bench.data.rglob("*")) if _is_plain(p, bench.data)}
    else:
        given = [bench.data] if bench.data is not None else list(named)
        found = {Path(name): path for path, name in _called(given).items()}
    held = [name for name in found if len(found) > 1 and _for_testing(name)]
    files, left = {}, MOST_BYTES
    for name, source in [(n.as_posix(), p) for n, p in found.items() if n not in held][:MOST_FILES]:
        left -= source.stat().st_size
        if left < 0:
            break
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        files[name] = _about(source)
    _tell(bench, files, [name.name for name in held], missing=len(found) - len(held) - len(files))
    bench.save("given", "files", GivenFiles(files=files, whole=bool(files) and not held))
    return files


def _is_plain(file: Path, root: Path) -> bool:
    """A file of the folder that was meant: neither hidden (keys lie there) nor led elsewhere by a link."""
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and file.resolve().is_relative_to(root.resolve())


def _called(files: Sequence[Path]) -> dict[Path, str]:
    """The name of each in the work folder: its own, with its folders before it where two are called the same."""
    different = list(dict.fromkeys(files))
    names = [file.name for file in different]
    if len(set(names)) == len(names):
        return dict(zip(different, names, strict=True))
    above = Path(os.path.commonpath([file.parent for file in different]))
    return {f: f.name if names.count(f.name) == 1 else "_".join(f.relative_to(above).parts) for f in different}


def _for_testing(path: Path) -> bool:
    """Whether a file's name, or that of a folder it lies in, says that it is for testing."""
    return any(HELD_BACK.search(part) for part in path.parts)


def open_labels(bench: Workbench, data: DataRef) -> list[str]:
    """The reason to doubt a number of the brain's own script where its code could read this data as a whole: also where
    another data set beside it had files that were held back."""
    try:
        given = bench.load("given", "files", GivenFiles)
    except ToolError:
        return []
    held = data.official_test and not given.whole
    if not given.files or held or data.source not in ("local", "hub"):
        return []
    return ["The brain's code could read the person's data whole, rows for testing included."]


def _about(file: Path) -> str:
    if file.suffix.lower() in TABLES and file.stat().st_size <= LOOKED_INTO:
        try:
            columns, rows, _ = read_table(file)
        except DataError:
            return f"{file.stat().st_size} bytes"
        more = ", …" if len(columns) > MOST_COLUMNS else ""
        return f"table of {len(rows)} rows; columns: {', '.join(columns[:MOST_COLUMNS])}{more}"
    return f"{file.stat().st_size} bytes"


def _tell(bench: Workbench, files: dict[str, str], held: list[str], missing: int) -> None:
    """Whether labels for testing can be seen by the brain's code is said, not hidden."""
    if files:
        text = f"The code of this run can read a copy of {', '.join(list(files)[:MOST_NAMES])}"
        text += f"; held back for testing: {', '.join(held[:MOST_NAMES])}." if held else (
            ": whole, so rows that are later held back for testing are among what it can see."
        )  # fmt: skip
        bench.run.note(text, key="given-files")
    if missing > 0:
        text = f"{missing} more files of your data were too many or too large to be copied for the code."
        bench.run.note(text, "warning", key="given-missing")
