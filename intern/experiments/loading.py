"""Reading a data set that was found: every row as `Row(input, label)`, in one form for each task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from intern.experiments import bundled, images
from intern.experiments.files import DataError, bytes_of, lines_of, text_of
from intern.experiments.images import Pixels
from intern.experiments.sources import Candidate
from intern.experiments.tables import Cell, Table, Use, is_missing, is_numeric, number_of, read_table, text_of_cell

Features = Mapping[str, float | str | None]


class Row(NamedTuple):
    """A sentence and its class or translation, pixels and their class, a table's columns and the value to predict, or a
    text alone."""

    input: str | Features | Pixels
    label: str
    """The class, the translation, "" for a text alone; a number to predict is written with `repr`."""


class Loaded(NamedTuple):
    """Rows by split ("" when it is not split), and what was done to them, in words."""

    parts: dict[str, list[Row]]
    notes: list[str]


def rows(candidate: Candidate) -> dict[str, list[Row]]:
    """All rows of a candidate by split. Raises DataError that says what is wrong where."""
    return load(candidate).parts


def load(candidate: Candidate) -> Loaded:
    """As `rows`, with what was done to bring the rows into one form."""
    notes = list(candidate.notes)
    if candidate.kind in ("generated", "bundled"):
        made = bundled.read(candidate.data_id, candidate.task)
        return Loaded({split: [Row(*pair) for pair in part] for split, part in made.items()}, notes)
    if candidate.kind == "table":
        return _load_tables(candidate, notes)
    if candidate.kind == "pictures":
        return _load_pictures(candidate, notes)
    read = READERS[candidate.kind]
    return Loaded({split: read(files) for split, files in candidate.files.items()}, notes)


def _parallel_rows(files: tuple[Path, ...]) -> list[Row]:
    left, right = (lines_of(f) for f in files)
    if len(left) != len(right):
        raise DataError(f"{files[0].name} has {len(left)} lines, {files[1].name} has {len(right)}: not aligned.")
    return [Row(a.strip(), b.strip()) for a, b in zip(left, right, strict=True)]


def _labelled_rows(files: tuple[Path, ...]) -> list[Row]:
    found = []
    for line in lines_of(files[0]):
        label, *text = line.split(maxsplit=1) or [""]
        if label:
            found.append(Row(text[0].strip() if text else "", label))
    return found


def _text_row(files: tuple[Path, ...]) -> list[Row]:
    return [Row(text_of(files[0]).replace("\r\n", "\n"), "")]


def _idx_rows(files: tuple[Path, ...]) -> list[Row]:
    pixels, labels = images.read_idx_images(files[0]), images.read_idx_labels(files[1])
    if len(pixels) != len(labels):
        raise DataError(f"{files[0].name} has {len(pixels)} images, {files[1].name} has {len(labels)} labels.")
    return [Row(image, label) for image, label in zip(pixels, labels, strict=True)]


def _load_pictures(candidate: Candidate, notes: list[str]) -> Loaded:
    named = [(f"{f.parent.name}/{f.name}", f) for files in candidate.files.values() for f in files]
    pixels, note = images.decode_all((name, bytes_of(file)) for name, file in named)
    left = iter(pixels)
    parts = {split: [Row(next(left), f.parent.name) for f in files] for split, files in candidate.files.items()}
    return Loaded(parts, [*notes, note] if note else notes)


READERS: dict[str, Callable[[tuple[Path, ...]], list[Row]]] = {
    "parallel": _parallel_rows,
    "labelled": _labelled_rows,
    "text": _text_row,
    "idx": _idx_rows,
}


def _load_tables(candidate: Candidate, notes: list[str]) -> Loaded:
    use = candidate.use
    assert use is not None, "a table without a use"
    tables: dict[str, list[tuple[Path, Table]]] = {}
    for split, files in candidate.files.items():
        tables[split] = [(file, read_table(file, candidate.names)) for file in files]
    for file, table in (pair for part in tables.values() for pair in part):
        if missing := [c for c in (*use.inputs, use.target) if c and c not in table.columns]:
            raise DataError(f"{file.name} has no column {missing[0]!r}; it has: {', '.join(table.columns[:20])}.")
    every = [table for part in tables.values() for _, table in part]
    numeric = {c for c in use.inputs if is_numeric([v for table in every for v in table.column(c)])}
    parts = {
        split: [row for file, table in part for row in _rows_of(table, file, use, numeric)]
        for split, part in tables.items()
    }
    if use.task != "image-classification":
        return Loaded(parts, notes)
    encoded = [
        (f"{file.name} row {number}", cell if isinstance(cell, bytes) else b"")
        for file, table in (pair for part in tables.values() for pair in part)
        for number, cell in enumerate(table.column(use.inputs[0]), 1)
    ]
    pixels, note = images.decode_all(encoded)
    left = iter(pixels)
    parts = {split: [Row(next(left), row.label) for row in part] for split, part in parts.items()}
    return Loaded(parts, [*notes, note] if note else notes)


def _rows_of(table: Table, file: Path, use: Use, numeric: set[str]) -> list[Row]:
    columns = [table.column(c) for c in use.inputs]
    labels = table.column(use.target) if use.target else [""] * len(table.rows)
    return [
        Row(_input(use, cells, numeric), _label(use, label, file, number))
        for number, (label, *cells) in enumerate(zip(labels, *columns, strict=True), 1)
    ]


def _input(use: Use, cells: list[Cell], numeric: set[str]) -> str | Features:
    if use.task in ("tabular-classification", "tabular-regression"):
        pairs = zip(use.inputs, cells, strict=True)
        return {n: _value(c, n in numeric) for n, c in pairs}
    if use.task == "image-classification":
        return ""  # its pixels follow: all pictures are decoded together, to be of one size
    return "\n".join(filter(None, map(text_of_cell, cells)))


def _value(cell: Cell, numeric: bool) -> float | str | None:
    if is_missing(cell):
        return None
    return number_of(cell) if numeric else text_of_cell(cell)


def _label(use: Use, cell: Cell, file: Path, number: int) -> str:
    if use.task != "tabular-regression":
        return text_of_cell(cell)
    if is_missing(cell):
        return ""
    value = number_of(cell)
    if value is None:
        raise DataError(
            f"{file.name} row {number}: {use.target} is {cell!r}, not a number, though it is to be predicted."
        )
    return repr(value)


def canonical(value: str | Features | Pixels) -> str:
    """A row's input as one text, the same for the same content: for fingerprints and for finding doubles."""
    if isinstance(value, str):
        return value
    if isinstance(value, Pixels):
        return f"{value.shape} {hashlib.sha256(value.data).hexdigest()}"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
