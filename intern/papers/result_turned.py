"""Tables whose columns are models: rows of data sets, of measures, or of both, with one column (or a group of columns) a
model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from intern.papers.cell_numbers import is_number
from intern.papers.dataset_names import expanded
from intern.papers.datasets import clean_name, in_label
from intern.papers.measures import Measure, find_measure
from intern.papers.model import Grid, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts
from intern.papers.result_cells import is_own, number_of, result_of
from intern.papers.result_columns import (
    SKIP,
    is_assignment,
    is_change,
    is_method_heading,
    may_name_data,
    may_name_model,
)
from intern.papers.result_context import Context
from intern.papers.result_headings import meant

_ROWS_OF_DATA = re.compile(
    r"(?:data ?sets?|tasks?|corpus|corpora|benchmarks?|environments?|games?|domains?|test sets?|metrics?|measures?|evaluation|"
    r"targets?|property|properties|subsets?|languages?|categor(?:y|ies))s?"
    r"(?: ?(?:/|and|&) ?\w+)?",
    re.I,
)
_SPLIT = re.compile(r"(?:dev|test|val(?:idation)?)(?:[ -]set)?\.?", re.I)


def label_columns(grid: Grid) -> int:
    """How many columns at the left label rows: text, or numbers that repeat from block to block (horizons)."""
    body = grid.rows[grid.head :]
    count = 1
    while count < min(3, len(grid.columns) - 1):
        cells = [row[count] for row in body if row[count]]
        texts = sum(not is_number(cell) for cell in cells)
        blocks = sum(not row[0] for row in body) >= 0.5 * len(body)
        again = blocks and len(set(cells)) <= 0.5 * len(cells) and all(cell.isdigit() for cell in cells)
        if not cells or not (texts >= 0.7 * len(cells) or again):
            break
        count += 1
    return count


def is_measure(text: str) -> bool:
    """Whether a label is the name of a measure and of nothing else."""
    plain = re.sub(r"[↑↓%()]", "", text).strip()
    return (
        bool(plain)
        and len(plain.split()) <= 4
        and not re.search(r"\w \d", plain)
        and find_measure(plain) is not None
        and in_label(plain) is None
    )


def methods_behind(grid: Grid, first: int, names: Names) -> bool:
    """Whether the columns from `first` on are methods beside columns of models: the paper's own is among them only."""
    return any(names.owns(" ".join(parts)) for parts in grid.columns[first:]) and not any(
        names.owns(cell) for row in grid.rows[grid.head :] for cell in row[:first]
    )


def models_across(grid: Grid, names: Names, context: Context) -> bool:
    """Whether the columns are models: their headings name the paper's own, or the rows are measures or data sets."""
    first = label_columns(grid)
    body = grid.rows[grid.head :]
    heads = [_model_of(parts) for parts in grid.columns[first:]]
    measured = sum(any(is_measure(part) for part in parts) for parts in grid.columns[first:])
    if (
        context.trained_on
        or not any(heads)
        or (
            any(is_method_heading(part) for parts in grid.columns[1:first] for part in parts)
            and not methods_behind(grid, first, names)
        )
    ):
        return False
    measures = max((sum(is_measure(row[n]) for row in body) for n in range(first)), default=0)
    if measures >= 2 and measures >= 0.6 * len(body) and measured < 0.5 * len(heads):
        return True
    own_rows = any(names.owns(cell) for row in body for cell in row[:first])
    own_columns = any(names.owns(head) for head in heads if head)
    header = " ".join(grid.columns[0]).strip()
    if is_method_heading(header) and own_rows:
        return False
    named = sum(bool(head) and may_name_model(head) and in_label(head) is None for head in heads)
    return (own_columns and not own_rows) or (
        bool(_ROWS_OF_DATA.fullmatch(header)) and named >= 0.7 * len(heads) and len(heads) > 1 and not own_rows
    )


def _model_of(parts: list[str]) -> str:
    """The words of a heading that name a model: no measure, no split."""
    names = [part for part in parts if not is_measure(part) and not _SPLIT.fullmatch(part)]
    while len(names) > 1 and (is_method_heading(names[0]) or in_label(names[0])):
        del names[0]
    return " ".join(names).strip()


def turned(grid: Grid, context: Context, pages: PageTexts, names: Names, known: set[str]) -> Iterator[Result]:
    """One row a data set or measure, one column (or several, one a measure) a model."""
    first = label_columns(grid)
    header = " ".join(grid.columns[0]).strip()
    for number in range(grid.head, len(grid.rows)):
        row, group = grid.rows[number], grid.groups[number]
        settings = _settings_of_row(grid, number, first)
        pieces = [piece for n, piece in enumerate((group, *row[:first])) if piece and piece not in settings]
        pieces = [piece for n, piece in enumerate(pieces) if not any(piece in other for other in pieces[:n])]
        if not pieces:
            continue
        data, measure = _of_row(pieces, header, context, known)
        if _OVERALL.fullmatch(pieces[-1].strip()):
            among = any(_names_data(cell, known) for other in grid.rows[grid.head :] for cell in other[:first])
            data, measure = ("average" if among else f"{context.data} average".strip()), None
        if all(SKIP.search(piece) and not _names_data(piece, known) for piece in pieces) and measure is None:
            continue
        for n in range(first, len(row)):
            parts = grid.columns[n]
            model = _model_of(parts)
            owned = names.owns(model)
            if not owned and (not model or SKIP.search(model) or is_change(model) or not may_name_model(model)):
                continue
            value = number_of(row[n])
            found = next((m for part in reversed(parts) if is_measure(part) and (m := find_measure(part))), None)
            meant = measure or found or _meant(data, pieces, context)
            if value is None or meant is None:
                continue
            own = is_own(model, "" if owned is not None else group, context, names)
            note = next((piece for piece in pieces if re.fullmatch(r"\d+-shot", piece)), "")
            label = f"{pieces[-1]} {model}" if is_assignment(model) and len(pieces) > 1 else model
            if settings:
                label = f"{settings[0]} {model}" if is_assignment(model) else f"{label} ({settings[0]})"
            above = next((name for part in parts[:-1] if (name := in_label(part))), "")
            whole = f"{data} ({note})" if note else (above if data == context.data and above else data)
            yield from result_of(grid, number, row[n], value, whole, meant, label, own, pages)


_OVERALL = re.compile(r"(?:macro |micro |overall )?(?:avg\.?|average|mean)(?: score| accuracy)?", re.I)
_PARTS_OF_DATA = re.compile(r"(?:targets?|property|properties|subsets?|languages?|categor(?:y|ies))\b.*", re.I)


def _settings_of_row(grid: Grid, number: int, first: int) -> list[str]:
    """Labels of a row that say under which setting it was run: "ε = 3", "non-private" under "Guarantee"."""
    out = []
    for n in range(1, first):
        cell, heading = grid.rows[number][n], " ".join(grid.columns[n]).strip()
        told = not heading or _ROWS_OF_DATA.fullmatch(heading)
        other = is_measure(cell) or in_label(cell) is not None or re.fullmatch(r"\d+(?:-shot)?", cell)
        set_here = is_assignment(cell) or re.match(r"\S{1,3} ?[≈≤<]", cell) or cell in ("-", "–") or not told
        if cell and set_here and not other:
            out.append(cell)
    return out


def _spells_data(piece: str, known: set[str]) -> str:
    plain = clean_name(piece)
    return in_label(piece) or (plain if plain in known else "")


def _names_data(piece: str, known: set[str]) -> str:
    return _spells_data(piece, known) or expanded(clean_name(piece), known)


def _of_row(pieces: list[str], header: str, context: Context, known: set[str]) -> tuple[str, Measure | None]:
    """Data set and measure that the labels of a row name; the table's data where they name a part of it only."""
    data, rest = "", []
    measure: Measure | None = None
    named = _spells_data if any(_spells_data(piece, known) for piece in pieces) else _names_data
    for piece in pieces:
        name = named(piece, known)  # a label that only looks like a short form says nothing beside a name in full
        found = find_measure(piece.replace(name, " ") if name else piece) or context.arrows.get(piece.strip()[-1:])
        if found is not None and (name or is_measure(piece) or measure is None):
            measure = measure or found
        if name and data and name != data and _ROWS_OF_DATA.fullmatch(header):
            data = f"{name} ({data})"  # the data set of an environment, a part of a benchmark
        elif name and not data:
            variant = re.match(r"[\w-]+", clean_name(piece))
            exact = variant and variant.group().lower().startswith(name.lower())
            data = clean_name(piece) if exact else name
        elif not name and not is_measure(piece):
            rest.append(clean_name(piece))
    if not data:
        told = [piece for piece in rest if not is_number(piece) and not SKIP.fullmatch(piece)]
        if told and context.captioned and not _ROWS_OF_DATA.fullmatch(header):
            if len(told) == 2 and measure is None and context.measure and re.fullmatch(r"[a-z]{3,14}", told[1]):
                measure = replace(context.measure, name=f"{context.measure.name} ({told[1]})")  # of which quantity
            return f"{context.captioned} ({told[0]})", measure
        if told and context.data and _PARTS_OF_DATA.fullmatch(header):
            return f"{context.data} ({told[0]})", measure
        whole = told and (_ROWS_OF_DATA.fullmatch(header) or may_name_data(told[0]))
        return (told[0] if whole else context.data), measure
    numbers = [piece for piece in rest if re.fullmatch(r"\d+", piece)]
    return (f"{data} ({numbers[0]})" if numbers else data), measure


def _meant(data: str, pieces: list[str], context: Context) -> Measure | None:
    """The measure where neither row nor column names one."""
    bare = re.sub(r"\s*\(.*\)$", "", data)
    for name in (*(in_label(piece) or "" for piece in pieces), bare):
        if name in context.by_data:
            return context.by_data[name]
    return (None if context.from_caption else meant(bare, context)) or context.measure
