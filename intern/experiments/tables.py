"""Tables in the files of people: CSV, TSV, JSON lines and Parquet as columns and cells, and what they can be used for.

A cell is text, a number, bytes (an encoded image) or None (missing). What a column is, is decided by its cells, never
by the file's name.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intern.experiments.files import MOST_CELL, DataError, head_of, lines_of, suffix_of, text_of
from intern.experiments.spec import Task

Cell = str | float | bytes | None
SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
TARGETS = ("label", "target", "class", "y", "outcome", "category", "sentiment", "labels")
TEXTS = ("text", "sentence", "content", "review", "document", "message", "tweet", "question")
SAMPLE_ROWS = 2000
LEAST_TABLE_ROWS = 10
MOST_CLASSES = 20
"""A number with more different values than this is measured, not a class."""


@dataclass(frozen=True)
class Table:
    """Cells by row; every row has as many as there are columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    def column(self, name: str) -> list[Cell]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


@dataclass(frozen=True)
class Use:
    """What a table can be used for: the columns that go in, and the one that comes out ("" = the text itself)."""

    task: Task
    inputs: tuple[str, ...]
    target: str
    why: str
    """How the target was found, in words for the person; "" when its name says it."""
    left_out: tuple[str, ...] = ()
    """Columns that only number the rows."""


def read_table(file: Path, names: Sequence[str] = (), *, sample: bool = False) -> Table:
    """All rows of a table, or its first ones. `names` are for files without a line of names. Raises DataError."""
    suffix = suffix_of(file)
    if suffix == ".parquet":
        return _parquet(file, sample)
    if suffix == ".jsonl":
        return _objects(file, sample)
    return _separated(file, names, sample)


def uses(table: Table, target: str = "", known: Mapping[str, str] | None = None) -> list[Use]:
    """What a table can be used for, the likeliest first. `target`: words that may name the column to predict."""
    columns = {c.lower(): c for c in table.columns}
    if not table.rows:
        return []
    if {"source", "target"} <= set(columns) and not target:
        return [Use("translation", (columns["source"],), columns["target"], "")]
    texts = [c for c in table.columns if _is_text(table.column(c)) or c.lower() in TEXTS]
    if len(table.columns) == 1 or (list(columns) in (["id", "text"], ["text", "id"])):
        return [Use("text-generation", (texts[0],), "", "")] if texts else []
    chosen, why = _target(table, target, (known or {}).get("target", ""))
    if chosen is None:
        return []
    inputs = [c for c in table.columns if c != chosen]
    images = [c for c in inputs if any(isinstance(v, bytes) for v in table.column(c)[:5])]
    if images:
        return [Use("image-classification", (images[0],), chosen, why)]
    numbering = [c for c in inputs if _numbers_rows(c, table.column(c))]
    inputs = [c for c in inputs if c not in numbering]
    if inputs and all(c in texts for c in inputs) and not _is_text(table.column(chosen)):
        return [Use("text-classification", tuple(inputs), chosen, why, tuple(numbering))]
    if len(table.rows) < LEAST_TABLE_ROWS or not inputs:
        return []
    return [Use(t, tuple(inputs), chosen, why, tuple(numbering)) for t in _tabular_tasks(table.column(chosen))]


def number_of(cell: Cell) -> float | None:
    """The cell as a finite number, or None."""
    if isinstance(cell, bool | bytes) or cell is None:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_missing(cell: Cell) -> bool:
    """Whether a cell of a column of values is a gap; in a column of texts, "none" may be what somebody wrote."""
    return cell is None or (isinstance(cell, str) and cell.lower() in MISSING)


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Whether all cells that are there are numbers (and some are there)."""
    there = [c for c in cells if not is_missing(c)]
    return bool(there) and all(number_of(c) is not None for c in there)


def text_of_cell(cell: Cell) -> str:
    """As a label or a category: whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


# -- what a column is ----------------------------------------------------------------------------------------------


def _target(table: Table, asked: str, known: str) -> tuple[str | None, str]:
    if asked and (named := _named(table.columns, asked)):
        return named, ""
    said = f"; “{asked}” names no column" if asked else ""
    if known and (named := _named(table.columns, known)):
        return named, said.removeprefix("; ")
    lower = {c.lower(): c for c in table.columns}
    if found := next((lower[name] for name in TARGETS if name in lower), None):
        return found, said.removeprefix("; ")
    last, first = table.columns[-1], table.columns[0]
    if not _is_text(table.column(last)):
        return last, f"the last column, since nothing else says which{said}"
    if not _is_text(table.column(first)):
        return first, f"the first column, since the others hold text{said}"
    return None, ""


def _named(columns: Sequence[str], words: str) -> str | None:
    """The column that the words name: the same name, else one whose words all occur in them."""
    plain = _plain(words)
    exact = [c for c in columns if _plain(c) == plain]
    within = [c for c in columns if len(_plain(c)) > 2 and f" {_plain(c)} " in f" {plain} "]
    return next(iter(exact or sorted(within, key=len, reverse=True)), None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _is_text(cells: Sequence[Cell]) -> bool:
    """Sentences, not names: three words or more on average, hardly any twice."""
    there = [c for c in cells[:SAMPLE_ROWS] if isinstance(c, str)]
    if len(there) < len(cells[:SAMPLE_ROWS]) * 0.5 or not there:
        return False
    words = sum(len(c.split()) for c in there) / len(there)
    return words >= 3 and len(set(there)) > 0.5 * len(there)


def _numbers_rows(name: str, cells: Sequence[Cell]) -> bool:
    """Whether a column only numbers the rows: called so, and each value once."""
    called = _plain(name).split()[-1:] in (["id"], ["index"], ["idx"], []) or bool(re.search("[a-z]I[dD]$", name))
    return called and len(set(cells)) == len(cells)


def _tabular_tasks(cells: Sequence[Cell]) -> list[Task]:
    there = [c for c in cells if not is_missing(c)]
    distinct = len(set(there))
    if not is_numeric(there):
        return ["tabular-classification"] if distinct <= max(MOST_CLASSES, len(there) // 20) else []
    whole = all(float(c).is_integer() for c in there)  # type: ignore[arg-type]
    if distinct <= 2:
        return ["tabular-classification"]
    if whole and distinct <= MOST_CLASSES:
        return ["tabular-classification", "tabular-regression"]
    return ["tabular-regression"]


# -- files ---------------------------------------------------------------------------------------------------------


def _cell(text: str) -> Cell:
    return text.strip() or None


def _separated(file: Path, names: Sequence[str], sample: bool) -> Table:
    # From the text, not from lines: a quoted field may hold line breaks.
    text = head_of(file) if sample else text_of(file)
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(file, text))
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, cells))
            if sample and len(found) > SAMPLE_ROWS:
                break
    except csv.Error as error:
        raise DataError(f"{file.name} line {reader.line_num} is not a table row: {error}.") from error
    if not found:
        return Table((), [])
    first = [cell.strip() for cell in found[0][1]]
    has_names = _is_header(first, [cells for _, cells in found[1 : SAMPLE_ROWS + 1]])
    columns = first if has_names else list(names if len(names) == len(first) else _numbered(len(first)))
    if doubled := next((c for c in columns if columns.count(c) > 1), None):
        raise DataError(f"{file.name} line 1 has two columns {doubled!r}; their names must differ.")
    body = found[1:] if has_names else found
    if wrong := next((pair for pair in body if len(pair[1]) != len(columns)), None):
        raise DataError(f"{file.name} line {wrong[0]} has {len(wrong[1])} cells, its first line {len(columns)}.")
    return Table(tuple(columns), [tuple(_cell(c) for c in cells) for _, cells in body])


def _delimiter(file: Path, text: str) -> str:
    if suffix_of(file) == ".tsv":
        return "\t"
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(",;\t", key=first.count) if "," not in first else ","


def _numbered(count: int) -> list[str]:
    return [f"column{number}" for number in range(1, count + 1)]


def _is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Names have no number and no gap among them, and do not come up again as values of their own column."""
    if any(number_of(_cell(cell)) is not None for cell in first) or any(not cell for cell in first[1:]):
        return False
    if {c.lower() for c in first} & {*TARGETS, *TEXTS}:
        return True
    width = len(first)
    even = [row for row in rest if len(row) == width]
    if not even:
        return True
    if any(is_numeric([_cell(row[place]) for row in even]) for place in range(width)):
        return True
    again = any(first[place] == row[place].strip() for row in even for place in range(width))
    return not again and all(len(cell) <= 40 for cell in first)


def _objects(file: Path, sample: bool) -> Table:
    records, columns = [], {}
    for number, line in enumerate(lines_of(file, head=sample), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{file.name} line {number} is not a JSON object ({error.msg}).") from error
        if not isinstance(record, dict):
            raise DataError(f"{file.name} line {number} is not a JSON object with named values.")
        records.append((number, record))
        columns.update(dict.fromkeys(record))
        if sample and len(records) >= SAMPLE_ROWS:
            break
    names = tuple(columns)
    for number, record in records:
        if missing := [name for name in ("text", "label", "source", "target") if name in names and name not in record]:
            raise DataError(f"{file.name} line {number} is not a JSON object with {missing[0]!r}, which others have.")
    return Table(names, [tuple(_value(record.get(name)) for name in names) for _, record in records])


def _value(value: Any) -> Cell:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    return _cell(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet(file: Path, sample: bool) -> Table:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        source = ParquetFile(file)
        batches: Iterator[Any] = source.iter_batches(batch_size=SAMPLE_ROWS if sample else 65_536)
        columns: dict[str, list[Any]] = {name: [] for name in source.schema_arrow.names}
        for batch in batches:
            for name, values in batch.to_pydict().items():
                columns[name].extend(values)
            if sample:
                break
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file.name} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    # The Hub's image columns are {"bytes", "path"}; a path would often hold the label.
    made = {name: [_value(_image(v)) for v in values] for name, values in columns.items()}
    return Table(tuple(made), list(zip(*made.values(), strict=True)))


def _image(value: Any) -> Any:
    return value["bytes"] if isinstance(value, dict) and isinstance(value.get("bytes"), bytes) else value
