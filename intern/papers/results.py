"""Measured numbers the paper reports, from its tables and from what its text claims; own ones told from baselines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from intern.papers.claims import claims_of_text
from intern.papers.datasets import clean_name, in_label, is_about_sizes
from intern.papers.labels import canonical
from intern.papers.measures import Measure, find_measure
from intern.papers.model import Dataset, Document, Grid, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts, cell_quote
from intern.papers.result_columns import (
    ARCHITECTURE,
    SKIP,
    apart,
    is_assignment,
    is_enumerator,
    is_method_heading,
    is_setting,
    is_setting_value,
    may_name_model,
    named_label,
    variation,
)
from intern.papers.result_context import Context, beginning, context_of, explained, main_data, main_measure
from intern.papers.result_headings import of_heading, without
from intern.papers.sentences import Sentence
from intern.papers.table_settings import is_about_settings
from intern.papers.usual_measures import usual

MAX_RESULTS = 600
_VALUE = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_GROUP_OWN = re.compile(r"\bours?\b|this (?:work|paper)|proposed", re.I)
_GROUP_OTHER = re.compile(r"published|leaderboard|previous|prior|baseline|existing|state[- ]of|other|compar", re.I)


def find(
    document: Document, sentences: list[Sentence], pages: PageTexts, names: Names, data: list[Dataset]
) -> tuple[list[Result], list[Result]]:
    """Results of all tables, then those of the text that no table holds; and all claims of the text by themselves."""
    known = {item.name for item in data}
    fallback = main_measure(sentences)
    main = main_data(document, known)
    short = explained(document)
    out: list[Result] = []
    for grid in document.tables:
        if len(out) < MAX_RESULTS:
            out.extend(
                _of_table(grid, context_of(grid, document, known, names, fallback, main, short), pages, names, known)
            )
    out = _unique(out)
    claims = [_as_in_table(row, out) for row in claims_of_text(sentences, pages, names, known, main)]
    out.extend(_unique(claims, out))
    return out[:MAX_RESULTS], claims


def _as_in_table(claim: Result, rows: list[Result]) -> Result:
    """A claim of the text is not the paper's own where the tables give its number to others only."""
    same = [row for row in rows if row.value == claim.value and row.metric.strip(" %") == claim.metric.strip(" %")]
    others = bool(same) and not any(row.own for row in same)
    return claim.model_copy(update={"own": False, "model": same[0].model}) if claim.own and others else claim


def _unique(rows: list[Result], before: list[Result] | None = None) -> list[Result]:
    seen = {(row.dataset, row.metric, row.value, row.own) for row in before or []}
    kept = []
    for row in rows:
        key = (row.dataset, row.metric, row.value, row.own)
        if before is not None and key in seen:
            continue
        if before is None and (key, row.model, row.table) in seen:
            continue
        seen.add(key if before is not None else (key, row.model, row.table))  # type: ignore[arg-type]
        kept.append(row)
    return kept


def _of_table(grid: Grid, context: Context, pages: PageTexts, names: Names, known: set[str]) -> Iterator[Result]:
    if is_about_settings(grid) or is_about_sizes(grid) or not _is_about_results(grid, context, known):
        return
    heads = [" ".join(parts) for parts in grid.columns]
    model_columns = [n for n, text in enumerate(heads) if n and re.search(r"\b(model|method|system)s?$", text, re.I)]
    labels = [row[0] for row in grid.rows[grid.head :]]
    down = sum(_is_task(_bare(label), known) for label in labels if label)
    across = sum(_is_task(part, known) for parts in grid.columns[1:] for part in parts[-2:])
    if is_method_heading(heads[0]) and not model_columns:
        down = 0  # the labels are models, whatever their names hold
    if context.trained_on:
        down = 0
    paired = next((n for n in (1, 2) if n < len(heads) and is_method_heading(heads[n])), None)
    if paired and re.fullmatch(
        r"(?:data ?sets?|tasks?|corpus|benchmarks?|environments?|games?)", heads[0].strip(), re.I
    ):
        yield from _paired(grid, paired, context, pages, names)
    elif model_columns and down >= 2:
        yield from _with_model_columns(grid, heads, model_columns, known, pages, names)
    elif down >= 2 and (down > across or down >= 0.6 * len(labels)):
        yield from _transposed(grid, heads, context, pages, names, known)
    else:
        yield from _normal(grid, context, pages, names, known)


def _is_about_results(grid: Grid, context: Context, known: set[str]) -> bool:
    """Whether caption, headings or labels name a measure or a data set; an architecture table does not."""
    if context.from_caption:
        return True
    parts = [part for heads in grid.columns for part in heads] + [row[0] for row in grid.rows[grid.head :]]
    if context.data and sum(bool(ARCHITECTURE.fullmatch(" ".join(heads).strip())) for heads in grid.columns) >= 2:
        return True
    return any(part and (find_measure(part) is not None or _is_task(part, known)) for part in parts)


def _bare(label: str) -> str:
    """A label without what stands in brackets, unless that is a measure: "Name (ILSVRC'14)" is no data set."""
    return re.sub(r"\s*\(([^()]*)\)", lambda match: match.group() if find_measure(match.group(1)) else "", label)


def _is_task(label: str, known: set[str]) -> bool:
    return (
        in_label(label) is not None
        or clean_name(label) in known
        or bool(re.search(r"\((?:acc|em|f1|loss|bpb|pass|ppl|bleu)", label, re.I))
    )


def _normal(grid: Grid, context: Context, pages: PageTexts, names: Names, known: set[str]) -> Iterator[Result]:
    """One row a model, one column a data set or measure."""
    counts = Counter(row[0] for row in grid.rows[grid.head :])
    for number in range(grid.head, len(grid.rows)):
        row = grid.rows[number]
        label, group = _row_name(grid, number)
        if not label or re.fullmatch(r"#\s?[a-z][^=]*", label):
            continue
        own = _own(row[0] if row[0] and not is_enumerator(row[0]) else label, group, context, names)
        own = own and not re.fullmatch(r"baselines?(?: \w+)?", " ".join(grid.columns[0]), re.I)
        model = f"{group} {label}".strip() if group and group != label and not _GROUP_OWN.search(group) else label
        if row[0] == label and counts[label] > 1 and (extra := apart(grid, number)):
            model = f"{clean_name(model) or model} {extra}"
        note = _row_note(grid, number)
        for n in range(1, len(row)):
            parts = grid.columns[n]
            here = model
            measure, data = of_heading(parts, context, f"{label} {group}", note, known)
            if crossed := _crossed(parts, label, group, note, context):
                measure, data, here = context.measure, crossed[0], crossed[1]
            if measure is None:
                continue
            if ARCHITECTURE.fullmatch(" ".join(parts).strip()):
                here = f"{model} {' '.join(parts)}"
            for value, dataset in _values(row[n], data, parts):
                yield from _result(grid, number, row[n], value, dataset, measure, here, own, pages)


def _row_name(grid: Grid, number: int) -> tuple[str, str]:
    """Name of the model of a row and the group it is in. No name where none can be told: the row says nothing then."""
    first, group = grid.rows[number][0], grid.groups[number]
    if not first and (name := named_label(grid, number)):
        return name, ""
    if is_enumerator(first) or (not first and (not group or is_enumerator(group))):
        mark = re.sub(r"^\d+\*", "", first or group)
        changed = variation(grid, number)
        return (f"{mark} {changed}".strip(), "") if changed else ("", "")
    if first and _number(first) is not None:
        if is_setting(grid.columns[0]):
            return variation(grid, number, start=0), group
        if canonical(" ".join(grid.columns[0])):
            return f"{' '.join(grid.columns[0])} {first}", group
        return (first, group) if group else ("", "")
    label = first or group
    measured = any(find_measure(part) for parts in grid.columns[1:] for part in parts)
    return (label, group) if measured or group or is_setting_value(label) or may_name_model(label) else ("", "")


def _crossed(parts: list[str], label: str, group: str, note: str, context: Context) -> tuple[str, str] | None:
    """Data set and model where a heading is half of the model's name: "r = 4", or a kind beside rows of sizes."""
    heading = " ".join(parts)
    if not context.from_caption or context.measure is None:
        return None
    if is_assignment(heading) and (data := in_label(_bare(group)) or in_label(_bare(label))):
        return data, f"{note} {heading}".strip()
    plain = re.fullmatch(r"[A-Za-z][\w-]*(?: [\w-]+)?", heading) and may_name_model(heading)
    if plain and is_setting_value(label) and context.data and in_label(heading) is None:
        return context.data, f"{heading} {label}"
    return None


def _row_note(grid: Grid, number: int) -> str:
    """A text column beside the label, such as "WSJ only": it says which data a row is about."""
    for n in range(1, min(3, len(grid.columns))):
        column = [grid.rows[k][n] for k in range(grid.head, len(grid.rows)) if grid.rows[k][n]]
        if column and sum(_number(cell) is None for cell in column) > 0.7 * len(column):
            return grid.rows[number][n]
    return ""


def _values(cell: str, data: str, parts: list[str]) -> Iterator[tuple[float, str]]:
    """Values of a cell; "84.6/83.4" under "MNLI-(m/mm)" are two."""
    text = " ".join(parts)
    if re.fullmatch(r"[\d.]+(?:\s?/\s?[\d.]+)+", cell):
        heads = re.search(r"\(?([\w-]+(?:/[\w-]+)+)\)?", text)
        names = heads.group(1).split("/") if heads else []
        numbers = [_number(part) for part in cell.split("/")]
        for n, number in enumerate(numbers):
            if number is not None:
                suffix = names[n] if n < len(names) and len(names) == len(numbers) else ""
                yield number, f"{data}-{suffix}" if suffix and len(suffix) <= 2 else f"{data} {suffix}".strip()
        return
    number = _number(cell)
    if number is not None:
        yield number, data


def _number(cell: str) -> float | None:
    """The leading number of a cell: 87.5±.3, 4.9%*, 76.3% (4), .38."""
    text = cell.strip().lstrip("†‡*~≈")
    match = _VALUE.match(text)
    if not match or not any(char.isdigit() for char in match.group()):
        return None
    rest = text[match.end() :]
    if not re.fullmatch(r"\s*(?:%|±.*|\+/-.*|\(.*\)|[*†‡]+|\^.*|%[*†‡]+)*\s*", rest):
        return None
    return float(match.group().replace(",", ""))


def _own(label: str, group: str, context: Context, names: Names) -> bool:
    if _GROUP_OWN.search(group):
        return True
    sure = names.owns(label)
    if sure is not None:
        return sure
    if group and _GROUP_OTHER.search(group):
        return False
    if (in_group := names.owns(group)) is not None and group:
        return in_group
    if context.kin and beginning(label) not in context.kin:
        return False
    if context.ablation:
        return True
    return not (context.named and names.system)


def _result(
    grid: Grid,
    number: int,
    cell: str,
    value: float,
    data: str,
    measure: Measure,
    model: str,
    own: bool,
    pages: PageTexts,
) -> Iterator[Result]:
    line = grid.lines[number]
    place = re.search(rf"(?<![\w.]){re.escape(cell)}(?![\w.])", line) or re.search(re.escape(cell), line)
    if place is None or not data:
        return
    quote = cell_quote(pages, line, place.start(), place.end(), grid.page)
    if quote is None:
        return
    metric = measure.name + (" %" if re.match(r"\S+\s?%", cell) and "(" not in cell.partition("%")[0] else "")
    yield Result(
        dataset=data, metric=metric, value=value, model=clean_name(model) or model, own=own, page=quote[1], quote=quote[0],
        higher_is_better=measure.higher_is_better, table=grid.label, row=grid.rows[number][0], where=grid.label,
    )  # fmt: skip


def _transposed(
    grid: Grid, heads: list[str], context: Context, pages: PageTexts, names: Names, known: set[str]
) -> Iterator[Result]:
    """One row a data set or measure, one column a model."""
    for number in range(grid.head, len(grid.rows)):
        label = grid.rows[number][0]
        if not label or (SKIP.search(label) and not _is_task(label, known)):
            continue
        measure = (
            find_measure(without(label, in_label(label) or ""))
            or context.by_data.get(in_label(label) or "")
            or (None if context.from_caption else usual(in_label(label) or ""))
            or context.measure
        )
        data = in_label(label) or (clean_name(label) if clean_name(label) in known else context.data)
        variant = re.match(r"[\w-]+", clean_name(label))
        if variant and data and variant.group().lower().startswith(data.lower()):
            data = clean_name(label)
        note = _row_note(grid, number)
        if re.fullmatch(r"\d+-shot", note):
            data = f"{data} ({note})"
        for n in range(1, len(heads)):
            owned = names.owns(heads[n])
            if not owned and (SKIP.search(heads[n]) or not may_name_model(heads[n])):
                continue
            value = _number(grid.rows[number][n])
            if value is None or measure is None:
                continue
            own = _own(heads[n], grid.groups[number], context, names)
            model = f"{note} {heads[n]}".strip() if is_assignment(heads[n]) else heads[n]
            yield from _result(grid, number, grid.rows[number][n], value, data, measure, model, own, pages)


def _paired(grid: Grid, column: int, context: Context, pages: PageTexts, names: Names) -> Iterator[Result]:
    """One row a data set and method: the data set in the first column, maybe only once for several rows."""
    for number in range(grid.head, len(grid.rows)):
        row, group = grid.rows[number], grid.groups[number]
        data, label = clean_name(row[0] or group), row[column]
        if not data or not label or _number(label) is not None:
            continue
        for n in range(column + 1, len(row)):
            text = " ".join(grid.columns[n])
            measure = find_measure(text) or context.short.get(text.strip())
            if measure is None and (SKIP.search(text) or not context.from_caption):
                continue
            for value, dataset in _values(row[n], in_label(data) or data, grid.columns[n]):
                own = _own(label, "", context, names)
                yield from _result(grid, number, row[n], value, dataset, measure or context.measure, label, own, pages)  # type: ignore[arg-type]


def _with_model_columns(
    grid: Grid, heads: list[str], columns: list[int], known: set[str], pages: PageTexts, names: Names
) -> Iterator[Result]:
    """One row a data set, with columns that name the model whose numbers follow."""
    for number in range(grid.head, len(grid.rows)):
        label = clean_name(grid.rows[number][0])
        data = in_label(label) or (label if label in known else None)
        if data is None:
            continue
        for n in range(1, len(heads)):
            owner = max((column for column in columns if column < n), default=None)
            value = _number(grid.rows[number][n])
            measure = find_measure(heads[n])
            if owner is None or value is None or measure is None:
                continue
            model = grid.rows[number][owner]
            own = bool(re.search(r"\bour\b", heads[owner], re.I)) or names.owns(model) is True
            yield from _result(grid, number, grid.rows[number][n], value, data, measure, model, own, pages)
