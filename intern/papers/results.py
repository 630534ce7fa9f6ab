"""Measured numbers the paper reports, from its tables and from what its text claims; own ones told from baselines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from intern.papers import known_data
from intern.papers.cell_numbers import is_number
from intern.papers.claims import claims_of_text
from intern.papers.dataset_names import expanded, short_forms
from intern.papers.datasets import clean_name, in_label, is_about_sizes
from intern.papers.grid_parts import parts_of
from intern.papers.labels import canonical
from intern.papers.measures import Measure, find_measure
from intern.papers.model import Dataset, Document, Grid, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts
from intern.papers.result_cells import EXTENDS, GROUP_OWN, is_own, number_of, result_of, values
from intern.papers.result_columns import (
    SKIP,
    apart,
    is_architecture,
    is_assignment,
    is_data_heading,
    is_enumerator,
    is_kind_heading,
    is_method_heading,
    is_setting,
    is_setting_value,
    may_name_model,
    named_label,
    second_name,
    variation,
    without_settings,
)
from intern.papers.result_context import (
    Context,
    context_of,
    explained,
    language_pair,
    main_data,
    main_measure,
    stated_measure,
)
from intern.papers.result_headings import halves_of_data, is_measure_of_its_own, of_heading
from intern.papers.result_turned import label_columns, methods_behind, models_across, turned
from intern.papers.sentences import Sentence
from intern.papers.table_settings import is_about_settings

MAX_RESULTS = 1500
_COUNTED_SETTING = re.compile(
    r"\d+(?:\.\d+)?\s?[kKM%]?[- ]?(?:layers?|shots?|ep(?:och)?s?|steps?|iterations?|labels?|blocks?|heads?|labell?ed|hops?|"
    r"noise|corrupt\w*|missing|views?|frames?|hours?|h|min(?:utes)?)"
)
"""A heading that is one value of a setting: "2-layer", "10% labels"."""
_FROM_BASELINE = re.compile(r"(?:the )?baseline(?: model)? ?(?:\+|w/ ?|with )\s?\w", re.I)
_PER_CENT = re.compile(r"(?<![\w.])\d{1,2}(?:\.\d)?\s?%")
"""The share of labels or data that a column of results was trained with."""
_OWN_DATA = re.compile(r"statistics|overview of|data ?set sizes", re.I)


def find(
    document: Document, sentences: list[Sentence], pages: PageTexts, names: Names, data: list[Dataset]
) -> tuple[list[Result], list[Result]]:
    """Results of all tables, then those of the text that no table holds; and all claims of the text by themselves."""
    known = {name for item in data for name in (item.name, *item.parts)}
    written = short_forms((item.text for item in (*document.paragraphs, *document.captions)), known)
    known |= set(written)
    fallback = main_measure(sentences)
    stated = {grid.section: stated_measure(sentences, grid.section) for grid in document.tables}
    main = main_data(document, known)
    short = explained(document)
    out: list[Result] = []
    for grid in (part for whole in document.tables for part in _captioned(list(parts_of(whole)), document)):
        if len(out) < MAX_RESULTS:
            context = context_of(grid, document, known, names, fallback, main, short)
            context.stated = stated.get(grid.section)
            out.extend(_as_written(row, grid) for row in _averaged(_of_table(grid, context, pages, names, known)))
    out = _unique([_spelled_out(row, written) for row in out])
    claims = [_as_in_table(row, out) for row in claims_of_text(sentences, pages, names, known, main)]
    out.extend(_unique(claims, out))
    return out[:MAX_RESULTS], claims


def _averaged(rows: Iterable[Result]) -> list[Result]:
    """Results of a table; an average whose measure nobody says is one of the measure that all others have."""
    found = list(rows)
    measures = {(row.metric, row.higher_is_better) for row in found if not row.dataset.endswith("average")}
    if len(measures) != 1:
        return found
    metric, better = measures.pop()
    update = {"metric": metric, "higher_is_better": better}
    return [
        row.model_copy(update=update) if row.metric == "score" and row.dataset.endswith("average") else row
        for row in found
    ]


def _as_written(row: Result, grid: Grid) -> Result:
    """A result on data whose name the table contracts ("HCheetah") keeps what the table has in brackets."""
    if row.dataset not in known_data.NAMES:
        return row
    for text in (row.row or "", *(part for parts in grid.columns for part in parts)):
        plain = re.sub(r"\s*[↑↓]", "", clean_name(text))
        if known_data.CANONICAL.get(plain) == row.dataset and _is_contracted(plain, row.dataset):
            return row.model_copy(update={"dataset": f"{row.dataset} ({plain})"})
    return row


def _is_contracted(written: str, name: str) -> bool:
    """Whether a reader of the table would not find the name in what it has: "RDT-B" for a longer one, not other hyphens."""
    short, full = (re.sub(r"[\W_]", "", text).lower() for text in (written, name))
    return len(written) < len(name) and "." not in written and short not in full and full not in short


def _captioned(parts: list[Grid], document: Document) -> list[Grid]:
    """Tables that stand side by side; the second one has the next caption where no other table has it."""
    number = re.search(r"\d+$", parts[0].label)
    if len(parts) != 2 or parts[0].caption != parts[1].caption or number is None:
        return parts
    label = f"{parts[0].label[: number.start()]}{int(number.group()) + 1}"
    taken = any(grid.label == label for grid in document.tables)
    own = next((item.text for item in document.captions if re.match(rf"{re.escape(label)}\b(?!\.\d)", item.text)), "")
    return parts if taken or not own else [parts[0], replace(parts[1], caption=own, label=label)]


def _spelled_out(row: Result, written: dict[str, str]) -> Result:
    """A result on a short form that the paper explains is one on the data set it stands for."""
    dataset = re.sub(r"\s*[↑↓]", "", row.dataset)
    short, space, rest = dataset.partition(" ")
    if short not in written and dataset not in written:
        return row
    name = written.get(dataset) or f"{written[short]}{space}{rest}"
    return row.model_copy(update={"dataset": name if f"({short})" in name or space else f"{name} ({short})"})


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
    if any(GROUP_OWN.search(label) for label in labels) and not _OWN_DATA.search(grid.caption):
        down = 0  # "ours" among them: what is compared, not what it is compared on
    if context.trained_on:
        down = 0
    paired = next((n for n in (1, 2) if n < len(heads) and is_method_heading(heads[n])), None)
    crossed = paired and methods_behind(grid, paired + 1, names)
    if crossed:
        model_columns = []
    if paired and is_data_heading(heads[0]) and not crossed:
        yield from _paired(grid, paired, context, pages, names, known)
    elif model_columns and down >= 2:
        yield from _with_model_columns(grid, heads, model_columns, known, pages, names)
    elif (down >= 2 and (down > across or down >= 0.6 * len(labels))) or models_across(grid, names, context):
        yield from turned(grid, context, pages, names, known)
    else:
        yield from _normal(grid, context, pages, names, known)


def _is_about_results(grid: Grid, context: Context, known: set[str]) -> bool:
    """Whether caption, headings or labels name a measure or a data set; an architecture table does not."""
    if context.from_caption or context.captioned:
        return True
    parts = [part for heads in grid.columns for part in heads] + [
        cell for row in grid.rows[grid.head :] for cell in row[: label_columns(grid)]
    ]
    parts += grid.groups
    if context.data and sum(is_architecture(" ".join(heads)) for heads in grid.columns) >= 2:
        return True
    heads = [part for columns in grid.columns[1:] for part in columns]
    if sum(bool(expanded(part, known)) or language_pair(part) is not None for part in heads) >= 2:
        return True  # short forms of the data
    if context.data and sum(bool(re.fullmatch(r"(?:dev|test|val\w*)[\w. -]*", part, re.I)) for part in heads) >= 2:
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
    beside = len(grid.columns) > 1 and not is_method_heading(" ".join(grid.columns[0])) and bool(grid.columns[0])
    extended = sum(bool(_FROM_BASELINE.match(row[0])) for row in grid.rows[grid.head :]) >= 1
    stands, on = _data_beside(grid)
    halves = halves_of_data(grid)
    lead: bool | None = None  # whether the last row that changes no other one is the paper's own
    for number in range(grid.head, len(grid.rows)):
        row = grid.rows[number]
        label, group = _row_name(grid, number)
        if not label or re.fullmatch(r"#\s?[a-z][^=]*", label):
            continue
        own = is_own(row[0] if row[0] and not is_enumerator(row[0]) else label, group, context, names)
        if not own and extended and not context.named and _FROM_BASELINE.match(label) and not names.cited(label):
            own = True  # "Baseline + gate": what is tried, where nothing else is called the paper's own
        if EXTENDS.match(label) and lead is not None:
            own = own or lead
        else:
            lead = own
        own = own and not re.fullmatch(r"baselines?(?: \w+)?", " ".join(grid.columns[0]), re.I)
        # a group that is the data is no part of the model's name
        named = group and group != label and not GROUP_OWN.search(group) and not (group in known or in_label(group))
        model = f"{group} {label}".strip() if named else label
        again = label == group if not row[0] else row[0] == label and (counts[label] > 1 or label == group)
        if again and (extra := apart(grid, number)):
            model = f"{clean_name(model) or model} {extra}"
        note = "" if stands else _row_note(grid, number)
        if (second := second_name(grid, number)) and second not in model:
            model = f"{model} {second}"
            own = is_own(second, group, context, names) if beside else own and names.owns(second) is not False
        own = own or (not names.cited(row[0]) and _built_on(grid, number, names))
        for n in range(1, len(row)):
            parts, under = without_settings(grid.columns[n])
            here = f"{model} ({under})" if under else model
            measure, data = of_heading(parts, context, f"{label} {group}", note, known)
            if under and not parts and context.from_caption:
                measure, data = context.measure, context.captioned
            if measure is not None and "@" in measure.name and (depth := re.fullmatch(r"[kK]\s?=\s?(\d+)", under)):
                measure, here = replace(measure, name=f"{measure.name.partition('@')[0]}@{depth.group(1)}"), model
            if measure is not None and (share := _PER_CENT.search(" ".join(parts))):
                here = f"{here} ({share.group()})"
            if measure is None and (step := _step(grid, n, context)):
                measure, data, here = context.measure, context.captioned, f"{model} ({step})"
            if crossed := _crossed(grid.columns[n], label, group, note, context):
                measure, data, here = context.measure, crossed[0], crossed[1]
            if on[number] and n > stands and (measure is not None or context.from_caption):
                measure, data = measure or context.measure, on[number]
            if measure is None:
                continue
            data = _of_half(data, halves[n], here)
            if is_architecture(" ".join(parts)):
                here = f"{here} {' '.join(parts)}"
            for value, dataset, by_cell in values(row[n], data, parts):
                yield from result_of(grid, number, row[n], value, dataset, by_cell or measure, here, own, pages)


def _of_half(data: str, half: str, model: str) -> str:
    """The data with the half of its task that a column is about, where neither says so yet."""
    return f"{data} ({half})" if half and half.lower() not in f"{data} {model}".lower() else data


def _data_beside(grid: Grid) -> tuple[int, list[str]]:
    """The column that has each row's data set beside the model, and these, one for each row; 0 where there is none.

    A data set may be printed once for several rows.
    """
    for n in (1, 2):
        if n < len(grid.columns) and is_data_heading(" ".join(grid.columns[n])):
            out = [""] * grid.head
            for row in grid.rows[grid.head :]:
                name = clean_name(row[n])
                out.append((in_label(name) or name) if name else out[-1] if out else "")
            return n, out
    return 0, [""] * len(grid.rows)


def _built_on(grid: Grid, number: int, names: Names) -> bool:
    """Whether a row stands for somebody's method with the paper's own part: its name under "Backbone" or "Encoder"."""
    kinds = [n for n in range(1, min(3, len(grid.columns))) if is_kind_heading(" ".join(grid.columns[n]))]
    return any(names.owns(grid.rows[number][n]) is True for n in kinds)


def _row_name(grid: Grid, number: int) -> tuple[str, str]:
    """Name of the model of a row and the group it is in. No name where none can be told: the row says nothing then."""
    first, group = grid.rows[number][0], grid.groups[number]
    if not first and (name := named_label(grid, number)):
        return name, ""
    if is_enumerator(first) or (not first and (not group or is_enumerator(group))):
        mark = re.sub(r"^\d+\*", "", first or group)
        changed = variation(grid, number)
        return (f"{mark} {changed}".strip(), "") if changed else ("", "")
    if first and number_of(first) is not None:
        if is_setting(grid.columns[0]):
            return variation(grid, number, start=0), group
        if canonical(" ".join(grid.columns[0])):
            return f"{' '.join(grid.columns[0])} {first}", group
        return (first, group) if group else ("", "")
    label = first or group
    measured = any(find_measure(part) for parts in grid.columns[1:] for part in parts)
    return (label, group) if measured or group or is_setting_value(label) or may_name_model(label) else ("", "")


def _step(grid: Grid, column: int, context: Context) -> str:
    """The value of a setting that a number in a heading is ("Demos = 5"), in a table whose caption names data and measure."""
    corner, heading = " ".join(grid.columns[0]).strip(), " ".join(grid.columns[column]).strip()
    if _COUNTED_SETTING.fullmatch(heading) and context.captioned:
        return heading
    stepped = is_number(heading) and re.fullmatch(r"[A-Za-zα-ω][\w ]{0,20}", corner) and not is_method_heading(corner)
    return f"{corner} = {heading}" if stepped and context.captioned and context.from_caption else ""


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
        if is_kind_heading(" ".join(grid.columns[n])):
            continue
        column = [grid.rows[k][n] for k in range(grid.head, len(grid.rows)) if grid.rows[k][n]]
        if column and sum(number_of(cell) is None for cell in column) > 0.7 * len(column):
            return grid.rows[number][n]
    return ""


def _paired(
    grid: Grid, column: int, context: Context, pages: PageTexts, names: Names, known: set[str]
) -> Iterator[Result]:
    """One row a data set and method: the data set in the first column, maybe only once for several rows."""
    for number in range(grid.head, len(grid.rows)):
        row, group = grid.rows[number], grid.groups[number]
        data, label = clean_name(group if row[0] in group else row[0]), row[column]
        if context.captioned and not _is_task(data, known):
            data = f"{context.captioned} ({data})"
        if not data or not label or number_of(label) is not None:
            continue
        for n in range(column + 1, len(row)):
            text = " ".join(grid.columns[n])
            measure = find_measure(text) or context.short.get(text.strip())
            if measure is None and is_measure_of_its_own(text, text.strip(" ↑↓%()"), context):
                measure = Measure(text.strip(" ↑↓%()"), "↓" not in text)
            if measure is None and (SKIP.search(text) or not context.from_caption):
                continue
            for value, dataset, by_cell in values(row[n], in_label(data) or data, grid.columns[n]):
                own, meant = is_own(label, "", context, names), by_cell or measure or context.measure
                if meant is not None:
                    yield from result_of(grid, number, row[n], value, dataset, meant, label, own, pages)


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
            value = number_of(grid.rows[number][n])
            measure = find_measure(heads[n])
            if owner is None or value is None or measure is None:
                continue
            model = grid.rows[number][owner]
            own = bool(re.search(r"\bour\b", heads[owner], re.I)) or names.owns(model) is True
            yield from result_of(grid, number, grid.rows[number][n], value, data, measure, model, own, pages)
