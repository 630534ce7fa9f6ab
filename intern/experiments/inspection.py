"""A look at a file or folder of data before anything is done with it: what is there, what is wrong, what leaks.

Tables are described column by column, however untidy; data sets of a known shape (splits, IDX, pictures, aligned files,
labelled lines) part by part, with the audit that training data gets too.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue

from intern.experiments.audit import audit_rows, shared_rows
from intern.experiments.columns import SUFFIXES, describe, read_table, worries
from intern.experiments.files import DataError, suffix_of
from intern.experiments.images import Pixels
from intern.experiments.loading import Row, load
from intern.experiments.sources import Candidate, find_local

MOST_TABLES = 12
MOST_SETS = 8
MOST_CLASSES = 20
MOST_COLUMNS = 60
SAMPLES = 3
CELL = 200
TEST = "test"
UNPAIRED = "Each cell of a sample is of another row: some rows will be held back for testing, with their labels."
T = TypeVar("T")


class Inspection(BaseModel):
    """What was found. Rows of test parts are counted and compared, never shown."""

    files: dict[str, dict[str, JsonValue]] = {}
    """Tables by name: rows, columns with their facts, worries, samples."""
    data_sets: list[dict[str, JsonValue]] = []
    """What can be used as it is: task, splits, findings, samples."""
    leakage: list[str] = []
    problems: list[str] = []
    """What could not be read, and why."""
    left_out: list[str] = []
    note: str = ""
    """How the samples are to be read."""


def inspect(place: Path, *, sealed: bool) -> Inspection:
    """Look at a file or folder, links followed: call it where nothing else can be read (tools/inspecting.py).

    `sealed`: where data has no test part of its own, some of its rows will be one, so no row is shown beside its label.
    Raises DataError when nothing in it is data of a known shape, OSError.
    """
    found = Inspection()
    why = ""
    try:
        candidates = find_local(place)
    except DataError as error:
        candidates, why = [], str(error)
    kinds: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        kinds.setdefault((candidate.name, candidate.kind), candidate)  # one look, whatever it could be used for
    for candidate in list(kinds.values())[:MOST_SETS]:
        try:
            _add_set(found, candidate, sealed)
        except DataError as error:
            found.problems.append(f"{candidate.name}: {error}")
    found.left_out += [c.name for c in list(kinds.values())[MOST_SETS:]]
    divided = {file for c in candidates if c.has_test_file for files in c.files.values() for file in files}
    _add_tables(found, place, divided if sealed else None)
    if not (found.files or found.data_sets):
        raise DataError("; ".join(found.problems) or why)
    splits = [s["splits"] for s in found.data_sets if isinstance(s["splits"], dict)]
    if not found.leakage and max([len(found.files), *map(len, splits)]) > 1:
        found.leakage = ["No row is in two parts."]
    return found


# -- data sets of a known shape --------------------------------------------------------------------------------------


def unpaired(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """Samples of each column, every cell of another row (none where there are too few): what stands beside what stays unseen."""
    columns = len(rows[0]) if rows else 0
    order = random.Random(0).sample(range(len(rows)), len(rows))
    if len(rows) < SAMPLES * columns:
        return []
    return [[rows[order[n * columns + place]][place] for place in range(columns)] for n in range(SAMPLES)]


def _add_set(found: Inspection, candidate: Candidate, sealed: bool) -> None:
    loaded = load(candidate)
    parts = {split: rows for split, rows in loaded.parts.items() if rows}
    told: dict[str, Any] = {
        "name": candidate.name,
        "task": candidate.task,
        "splits": {split or "all": _part(rows, candidate) for split, rows in parts.items()},
        "findings": [*loaded.notes, *audit_rows(parts, candidate.task)],
    }
    if candidate.kind != "table":  # a table's rows are shown with the table
        cut = sealed and TEST not in parts
        told["samples"] = {
            split or "all": unpaired([_shown(row) for row in rows]) if cut else [_shown(row) for row in rows[:SAMPLES]]
            for split, rows in parts.items()
            if split != TEST
        }
        found.note = UNPAIRED if cut else found.note
    found.data_sets.append(told)
    for one, other in combinations(sorted(parts, key=["", "train", "validation", TEST].index), 2):
        found.leakage += shared_rows(parts[one], parts[other], f"the {one} part", f"a row of {one}", f"{other} rows")


def _part(rows: list[Row], candidate: Candidate) -> dict[str, Any]:
    """A split in a few numbers."""
    told: dict[str, Any] = {"rows": len(rows)}
    if candidate.task.endswith("-classification"):
        counts = Counter(row.label or "(none)" for row in rows)
        told |= {"classes": dict(counts.most_common(MOST_CLASSES)), "number_of_classes": len(counts)}
    texts = [len(row.input) for row in rows if isinstance(row.input, str)]
    if texts:
        told["characters"] = {"shortest": min(texts), "middle": statistics.median(texts), "longest": max(texts)}
    shapes = Counter("×".join(map(str, row.input.shape)) for row in rows if isinstance(row.input, Pixels))
    if shapes:
        told["shapes"] = dict(shapes.most_common(5))
        told["empty_pictures"] = sum(len(set(r.input.data)) == 1 for r in rows if isinstance(r.input, Pixels))
    return told


def _shown(row: Row) -> list[str]:
    if isinstance(row.input, Pixels):
        return ["×".join(map(str, row.input.shape)) + " pixels", row.label]
    text = row.input if isinstance(row.input, str) else str(dict(row.input))
    return [text[:CELL], row.label[:CELL]]


# -- tables ----------------------------------------------------------------------------------------------------------


def _add_tables(found: Inspection, place: Path, divided: set[Path] | None) -> None:
    """`divided`: tables of data with a test part of its own; None = the rows of all may be shown."""
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    files = [
        p for p in files if suffix_of(p) in SUFFIXES and not any(w.startswith(".") for w in p.relative_to(place).parts)
    ]
    base = place.parent if place.is_file() else place
    tables: dict[str, tuple[list[str], list[list[str]]]] = {}
    for file in files[:MOST_TABLES]:
        name = file.relative_to(base).as_posix()
        try:
            columns, rows, problems = read_table(file)
        except DataError as error:
            found.problems.append(str(error) if name in str(error) else f"{name}: {error}")
            continue
        tables[name] = (columns, rows)
        facts = describe(columns[:MOST_COLUMNS], [row[:MOST_COLUMNS] for row in rows])
        if len(columns) > MOST_COLUMNS:
            problems.append(f"{len(columns)} columns; the first {MOST_COLUMNS} are described")
        found.files[name] = {**facts, "worries": [*problems, *worries(facts)]}
        if TEST not in _words(file.name):
            cut = divided is not None and file not in divided
            shown = unpaired(rows) if cut else rows[:SAMPLES]
            found.files[name]["samples"] = [[cell[:CELL] for cell in row] for row in shown]
            found.note = UNPAIRED if cut else found.note
    found.left_out += [p.name for p in files[MOST_TABLES:]]
    known = len(found.leakage)
    for (one, (columns, rows)), (other, (others, more)) in combinations(tables.items(), 2):
        if columns == others and not known:
            left = [_row(columns, row) for row in rows]
            found.leakage += shared_rows(
                left, [_row(columns, row) for row in more], one, f"a row of {one}", f"rows of {other}"
            )


def _row(columns: list[str], row: list[str]) -> Row:
    """A table's row for comparing; of several columns, each counts."""
    cells = [" ".join(cell.casefold().split()) for cell in row]
    return Row(dict(zip(columns, cells, strict=True)), "")


def _words(name: str) -> list[str]:
    return "".join(c if c.isalpha() else " " for c in name.lower()).split()
