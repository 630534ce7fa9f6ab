"""A table file as text cells, however untidy, and what is worth knowing of its columns before anybody trains on it.

tables.py reads tables that can be trained on and refuses others; this shows what is wrong with them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

from intern.experiments.files import MOST_CELL, DataError, bytes_of, decoded, is_utf16, suffix_of
from intern.experiments.tables import read_table as read_tidy

MOST_CLASSES = 30
FEW = 0.05
"""So small a share of negative numbers among others is told."""
SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


def read_table(file: Path) -> tuple[list[str], list[list[str]], list[str]]:
    """Column names, rows of text cells, and problems met on the way. Raises DataError."""
    if suffix_of(file) == ".parquet":
        table = read_tidy(file)
        return list(table.columns), [[_cell(cell) for cell in row] for row in table.rows], []
    data, problems = bytes_of(file), []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = decoded(data)
        problems.append(f"not UTF-8 (byte {error.start}); read as {'UTF-16' if is_utf16(data) else 'Latin-1'}")
    if suffix_of(file) in (".jsonl", ".json"):
        columns, rows = _objects(text, file)
    else:
        columns, rows = _separated(text, file)
        if columns[0] == "column1":
            problems.append("no line of column names; they are called column1, column2, …")
    uneven = [n for n, row in enumerate(rows, 1) if len(row) != len(columns)]
    if uneven:
        problems.append(f"{len(uneven)} rows do not have {len(columns)} cells, the first is row {uneven[0]}")
    width = len(columns)
    return columns, [(row + [""] * width)[:width] for row in rows], problems


def describe(columns: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """Per column: type, missing, distinct values, range or lengths or classes; and rows that occur twice."""
    facts: dict[str, Any] = {}
    for place, name in enumerate(columns):
        facts[name] = _column([row[place].strip() for row in rows])
    doubled = len(rows) - len({tuple(row) for row in rows})
    return {"rows": len(rows), "duplicate_rows": doubled, "columns": facts}


def worries(described: dict[str, Any]) -> list[str]:
    """What a person should hear of."""
    found = []
    if described["duplicate_rows"]:
        found.append(f"{described['duplicate_rows']} of {described['rows']} rows repeat another row.")
    for name, column in described["columns"].items():
        if column["missing"]:
            found.append(f"{name}: {column['missing']} of {described['rows']} values are missing.")
        if column["distinct"] == 1 and described["rows"] > 1:
            found.append(f"{name}: the same value in every row.")
        if column.get("not_numbers"):
            found.append(f"{name}: numbers, but for {column['not_numbers']} values like {column['odd']!r}.")
        if column.get("outliers"):
            found.append(
                f"{name}: {column['outliers']} values are far from the others (range {column['min']:g} to {column['max']:g})."
            )
        if column.get("negative"):
            found.append(
                f"{name}: {column['negative']} values are negative, the others are not (lowest {column['min']:g})."
            )
        if column.get("variants"):
            found.append(
                f"{name}: the same class in several spellings: {', '.join(map(repr, column['variants'][:6]))}."
            )
        classes = column.get("classes")
        if classes and len(classes) > 1 and max(classes.values()) >= 20 * min(classes.values()):
            found.append(f"{name}: the classes are very uneven ({max(classes.values())} to {min(classes.values())}).")
    return found


def _separated(text: str, file: Path) -> tuple[list[str], list[list[str]]]:
    first = text.partition("\n")[0]
    delimiter = "\t" if suffix_of(file) == ".tsv" else max(",;\t|", key=first.count)
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise DataError(f"{file.name} line {reader.line_num} is not a table row: {error}.") from error
    if not rows:
        raise DataError(f"{file.name} is empty.")
    if any(_number(cell) is not None for cell in rows[0]):  # a number is no name: the file begins with data
        return [f"column{n}" for n in range(1, len(rows[0]) + 1)], rows
    names: list[str] = []
    for place, name in enumerate(rows[0]):
        base = name.strip() or f"column{place + 1}"
        names.append(base if base not in names else f"{base}_{place + 1}")
    return names, rows[1:]


def _objects(text: str, file: Path) -> tuple[list[str], list[list[str]]]:
    lines = text.split("\n") if suffix_of(file) == ".jsonl" else []
    loaded, number = [], 0
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007 - it is told where reading ended
            loaded += [json.loads(line)] if line.strip() else []
        loaded = loaded if lines else json.loads(text)
    except json.JSONDecodeError as error:
        where = f" line {number}" if lines else ""
        raise DataError(f"{file.name}{where} is broken JSON: {error}.") from error
    except RecursionError:
        raise DataError(f"{file.name} is nested too deeply to be a table.") from None
    if not isinstance(loaded, list) or not all(isinstance(row, dict) for row in loaded):
        raise DataError(f"{file.name} is no list of objects.")
    columns = list(dict.fromkeys(key for row in loaded for key in row))
    return columns, [[_cell(row.get(c)) for c in columns] for row in loaded]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes {hashlib.sha256(value).hexdigest()[:12]}>"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _column(values: list[str]) -> dict[str, Any]:
    present = [v for v in values if v.casefold() not in MISSING]
    counts = Counter(present)
    facts: dict[str, Any] = {"missing": len(values) - len(present), "distinct": len(counts)}
    numbers = [n for n in map(_number, present) if n is not None]
    if present and len(numbers) >= 0.9 * len(present):
        facts |= {
            "type": "number",
            "min": min(numbers),
            "max": max(numbers),
            "mean": round(statistics.fmean(numbers), 6),
        }
        if len(numbers) < len(present):
            odd = next(v for v in present if _number(v) is None)
            facts |= {"not_numbers": len(present) - len(numbers), "odd": odd[:40]}
        facts["outliers"] = _outliers(numbers)
        below = sum(n < 0 for n in numbers)
        facts["negative"] = below if below <= FEW * len(numbers) else 0
    else:
        lengths = [len(v) for v in present] or [0]
        facts |= {
            "type": "text",
            "shortest": min(lengths),
            "longest": max(lengths),
            "mean_length": round(statistics.fmean(lengths), 1),
        }
    if 0 < len(counts) <= MOST_CLASSES and len(counts) <= max(2, len(present) // 5):
        facts["classes"] = dict(counts.most_common())
        spelt: dict[str, list[str]] = {}
        for value in counts:
            spelt.setdefault(value.casefold().strip(" ."), []).append(value)
        facts["variants"] = [v for group in spelt.values() if len(group) > 1 for v in group]
    return facts


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None  # neither infinite nor NaN


def _outliers(numbers: list[float]) -> int:
    """Values more than ten quartile distances outside the middle half: typing errors, not tails."""
    if len(numbers) < 20:
        return 0
    low, _, high = statistics.quantiles(numbers, n=4)
    far = 10 * (high - low)
    return sum(n < low - far or n > high + far for n in numbers) if far else 0
