"""Measured numbers the paper reports, from its tables and from what its text claims; own ones told from baselines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from intern.papers import known_data
from intern.papers.claims import claims_of_text
from intern.papers.datasets import clean_name, in_label, is_about_sizes
from intern.papers.labels import canonical
from intern.papers.measures import Measure, find_measure, positions
from intern.papers.model import Dataset, Document, Grid, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts, cell_quote
from intern.papers.sentences import Sentence
from intern.papers.table_settings import is_about_settings

MAX_RESULTS = 600
_SKIP = re.compile(
    r"param|flop|time|cost|speed|latency|memory|size|#|ratio|steps|epochs|year|\bk\b|shot|crop|"
    r"resolution|ops|depth|width|layers|mult-adds|madds|"
    r"vocab|train(?:ing)? (?:data|tokens|cost|speed)|tokens|models?$|rank|dim|\bdata\b|hours|gpus?|words|length",
    re.I,
)
_VALUE = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_GROUP_OWN = re.compile(r"\bours?\b|this (?:work|paper)|proposed", re.I)
_GROUP_OTHER = re.compile(r"published|leaderboard|previous|prior|baseline|existing|state[- ]of|other|compar", re.I)


@dataclass(slots=True)
class _Context:
    """What a table says as a whole."""

    measure: Measure | None
    data: str
    cited: bool
    named: bool
    ablation: bool
    by_data: dict[str, Measure]
    from_caption: bool


def find(
    document: Document, sentences: list[Sentence], pages: PageTexts, names: Names, data: list[Dataset]
) -> tuple[list[Result], list[Result]]:
    """Results of all tables, then those of the text that no table holds; and all claims of the text by themselves."""
    known = {item.name for item in data}
    fallback = _main_measure(sentences)
    main = _main_data(document, known)
    out: list[Result] = []
    for grid in document.tables:
        if len(out) < MAX_RESULTS:
            out.extend(_of_table(grid, _context(grid, document, known, names, fallback, main), pages, names, known))
    out = _unique(out)
    claims = list(claims_of_text(sentences, pages, names, known, main))
    out.extend(_unique(claims, out))
    return out[:MAX_RESULTS], claims


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


def _main_measure(sentences: list[Sentence]) -> Measure:
    counts: Counter[Measure] = Counter()
    for sentence in sentences:
        for _, _, measure in positions(sentence.text):
            if measure.name not in ("score", "loss", "average reward", "precision", "Inception score", "error"):
                counts[measure] += 1
    if re.search(r"error rate|test error", " ".join(sentence.text for sentence in sentences)) and not counts:
        return Measure("error", False)
    return counts.most_common(1)[0][0] if counts else Measure("accuracy", True)


def _main_data(document: Document, known: set[str]) -> str:
    counts = Counter(
        name for item in document.paragraphs for name, _, _ in known_data.find_names(item.text) if name in known
    )
    if not counts:
        return ""
    name, most = counts.most_common(1)[0]
    return name if most >= 0.5 * sum(counts.values()) else ""


def _context(grid: Grid, document: Document, known: set[str], names: Names, fallback: Measure, main: str) -> _Context:
    caption = re.sub(r"^\S+ \S+\s*[:.|]?\s*", "", grid.caption)
    found = known_data.find_names(caption)
    section = _section_data(document, grid)
    if not found and (pair := language_pair(caption)):
        found = [(name, 0, 0) for name in sorted(known) if language_pair(name) == pair]
    labels = [row[0] for row in grid.rows[grid.head :]]
    heads = [" ".join(parts) for parts in grid.columns[1:]]
    own = [text for text in (*labels, *heads) if names.owns(text)]
    return _Context(
        measure=_caption_measure(caption) or fallback,
        data=next(iter([*(name for name, _, _ in found), *section, *filter(None, [main])]), ""),
        cited=sum(names.cited(text) for text in (*labels, *heads)) >= 1,
        named=bool(own),
        ablation=bool(
            re.search(
                r"ablation|effect of|variations?|different (?:values|numbers|sizes)", grid.caption + grid.section, re.I
            )
        ),
        by_data=_measures_by_data(caption),
        from_caption=_caption_measure(caption) is not None,
    )


def _section_data(document: Document, grid: Grid) -> list[str]:
    """Data that a section or its parents are about: known names, or "Experiments on X" for data without a name."""
    level, out, named = 99, [], []
    for section in reversed(document.sections[: grid.place + 1]):
        if section.level >= level:
            continue
        level = section.level
        out += [name for name, _, _ in known_data.find_names(section.title)]
        if match := re.fullmatch(
            r"(?:\w+ )?(?:results?|experiments?|evaluations?) (?:on|for|with|in) (?:the )?(.{3,50})",
            section.title,
            re.I,
        ):
            named.append(match.group(1))
    return out or named


def _caption_measure(caption: str) -> Measure | None:
    places = positions(caption)
    special = [measure for _, _, measure in places if measure.name not in ("score", "loss")]
    if rest := re.search(r"([^,.;]*)\b(?:for|on) (?:the |all )*(?:other|remaining|rest)\b", caption):
        return find_measure(rest.group(1)) or (special[0] if special else None)
    return special[0] if special else places[0][2] if places else None


_FOR = re.compile(r"\bfor (?P<d>[A-Z][\w-]*(?:(?:, (?:and )?| and |/)[A-Z][\w-]*)*)")


def _measures_by_data(caption: str) -> dict[str, Measure]:
    """ "F1 for QQP and MRPC, Spearman correlation for STS-B": which measure holds for which data set."""
    out: dict[str, Measure] = {}
    for clause in re.split(r"(?<=[a-z\d)-]),(?= (?:and )?[A-Z]?[a-z]+(?:'s)? )|;|\.\s|, and (?=[a-z])", caption):
        match = _FOR.search(clause)
        measure = find_measure(clause[: match.start()] if match else "")
        if match and measure:
            for name in re.split(r", and |, | and |/", match.group("d")):
                if known := known_data.is_known(name):
                    out[known] = measure
    return out


def _of_table(grid: Grid, context: _Context, pages: PageTexts, names: Names, known: set[str]) -> Iterator[Result]:
    if is_about_settings(grid) or is_about_sizes(grid) or not _is_about_results(grid, context, known):
        return
    heads = [" ".join(parts) for parts in grid.columns]
    model_columns = [n for n, text in enumerate(heads) if n and re.search(r"\b(model|method|system)s?$", text, re.I)]
    labels = [row[0] for row in grid.rows[grid.head :]]
    down = sum(_is_task(label, known) for label in labels if label)
    across = sum(_is_task(part, known) for parts in grid.columns[1:] for part in parts[-2:])
    if model_columns and down >= 2:
        yield from _with_model_columns(grid, heads, model_columns, known, pages, names)
    elif down >= 2 and (down > across or down >= 0.6 * len(labels)):
        yield from _transposed(grid, heads, context, pages, names, known)
    else:
        yield from _normal(grid, context, pages, names, known)


def _is_about_results(grid: Grid, context: _Context, known: set[str]) -> bool:
    """Whether caption, headings or labels name a measure or a data set; an architecture table does not."""
    if context.from_caption:
        return True
    parts = [part for heads in grid.columns for part in heads] + [row[0] for row in grid.rows[grid.head :]]
    return any(part and (find_measure(part) is not None or _is_task(part, known)) for part in parts)


def _is_task(label: str, known: set[str]) -> bool:
    return (
        in_label(label) is not None
        or clean_name(label) in known
        or bool(re.search(r"\((?:acc|em|f1|loss|bpb|pass|ppl|bleu)", label, re.I))
    )


def _normal(grid: Grid, context: _Context, pages: PageTexts, names: Names, known: set[str]) -> Iterator[Result]:
    """One row a model, one column a data set or measure."""
    for number in range(grid.head, len(grid.rows)):
        row = grid.rows[number]
        group = grid.groups[number]
        label = row[0] or group
        if not label or (_number(label) is not None and not group):
            if not (label and canonical(" ".join(grid.columns[0]))):
                continue
            label = f"{' '.join(grid.columns[0])} {label}"
        own = _own(label, group, context, names)
        extra = _row_note(grid, number)
        for n in range(1, len(row)):
            parts = grid.columns[n]
            measure, data = _of_heading(parts, context, label + " " + group, extra, known)
            if measure is None:
                continue
            for value, dataset in _values(row[n], data, parts):
                model = (
                    f"{group} {label}".strip() if group and group != label and not _GROUP_OWN.search(group) else label
                )
                yield from _result(grid, number, row[n], value, dataset, measure, model, own, pages)


def _row_note(grid: Grid, number: int) -> str:
    """A text column beside the label, such as "WSJ only": it says which data a row is about."""
    for n in range(1, min(3, len(grid.columns))):
        column = [grid.rows[k][n] for k in range(grid.head, len(grid.rows)) if grid.rows[k][n]]
        if column and sum(_number(cell) is None for cell in column) > 0.7 * len(column):
            return grid.rows[number][n]
    return ""


def _of_heading(
    parts: list[str], context: _Context, label: str, extra: str, known: set[str]
) -> tuple[Measure | None, str]:
    """Measure and data set of a column; no measure for columns of sizes and costs."""
    text = " ".join(parts)
    data = next((name for part in reversed(parts) if (name := in_label(part))), "")
    measure = find_measure(_without(text, data))
    if measure is not None and measure.name in ("score", "average reward") and re.search(r"avg|average", text, re.I):
        if data == "" or context.measure is None or len(parts) == 1:
            whole = context.data or in_label(text) or ""
            return Measure("score", True), f"{whole} average".strip()
        measure = context.measure
    if measure is None and _SKIP.search(text):
        return None, ""
    if measure is not None and measure.name == "loss" and re.search(r"params", text):
        return None, ""
    short = re.sub(r"[↑↓()%]", "", text).strip()
    if measure is None and not data and canonical(short, symbols=True):
        return None, ""
    if measure is None and not data and not short:
        return None, ""
    found = known_data.find_names(label)
    split = re.search(r"\b(dev|test|val(?:idation)?)\b", text, re.I)
    if not data and measure is not None:
        data = _spanning(parts) or (found[0][0] if found else context.data)
        if split and split.group(1).lower() not in data.lower():
            data = f"{data} {split.group(1).lower()}"
    elif not data:
        data = short if len(short) < 40 else context.data
        if split and len(short) <= 10 and context.data:
            data = f"{context.data} {short.lower()}"
    elif split:
        data = f"{data} {split.group(1).lower()}"
    if extra and re.search(r"[a-z]{3}", extra) and len(extra) < 40 and extra.lower() not in data.lower():
        data = f"{data} ({extra})"
    bare = re.sub(r" (?:dev|test|val|validation)$", "", data)
    return measure or context.by_data.get(bare) or context.measure, _exact(parts, data, known)


_SPLITS = re.compile(
    r"dev|test|val(?:idation)?|method|model|system|results?|set|dev set|test set|ours|train(?:ing)?", re.I
)


def _spanning(parts: list[str]) -> str:
    """A heading above the measure that names neither a measure nor a split: the data set, known or not."""
    for part in parts[:-1]:
        plain = clean_name(part)
        named = re.fullmatch(r"[A-Z][\w.-]*(?: [\w.-]+){0,2}", plain) and not _SPLITS.fullmatch(plain)
        if named and find_measure(part) is None and not _SKIP.search(part):
            return plain
    return ""


def _without(text: str, data: str) -> str:
    return text.replace(data, " ") if data else text


def _exact(parts: list[str], data: str, known: set[str]) -> str:
    """A variant of the data set that the heading spells out (MNLI-m, EN-DE) is kept."""
    for part in parts:
        plain = clean_name(part)
        if data and plain.startswith(data) and 0 < len(plain) - len(data) <= 4 and "(" not in plain:
            return plain
        if re.fullmatch(r"[A-Z][A-Za-z]-[A-Z][A-Za-z]|[A-Z]{2}[-→][A-Z]{2}", plain) and plain not in data:
            return next(
                (name for name in sorted(known) if language_pair(name) == language_pair(plain)),
                f"{data} {plain}".strip(),
            )
    return data


_LANGUAGES = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "ro": "romanian",
    "cs": "czech",
    "zh": "chinese",
    "ru": "russian",
}


def language_pair(name: str) -> tuple[str, str] | None:
    """("english", "german") of "WMT 2014 English-to-German" or "EN-DE", None when there is no pair."""
    text = name.lower()
    if match := re.search(r"\b([a-z]{2})\s?[-→]\s?([a-z]{2})\b", text):
        first, second = (_LANGUAGES.get(match.group(n)) for n in (1, 2))
        if first and second:
            return first, second
    match = re.search(rf"\b({'|'.join(_LANGUAGES.values())})[- ](?:to[- ])?({'|'.join(_LANGUAGES.values())})\b", text)
    return (match.group(1), match.group(2)) if match else None


def _values(cell: str, data: str, parts: list[str]) -> Iterator[tuple[float, str]]:
    """Values of a cell; "84.6/83.4" under "MNLI-(m/mm)" are two."""
    text = " ".join(parts)
    if re.fullmatch(r"[\d.]+(?:/[\d.]+)+", cell):
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
    if not re.fullmatch(r"\s*(?:%|±.*|\(.*\)|[*†‡]+|\^.*|%[*†‡]+)*\s*", rest):
        return None
    return float(match.group().replace(",", ""))


def _own(label: str, group: str, context: _Context, names: Names) -> bool:
    if _GROUP_OWN.search(group):
        return True
    sure = names.owns(label)
    if sure is not None:
        return sure
    if group and _GROUP_OTHER.search(group):
        return False
    if (in_group := names.owns(group)) is not None and group:
        return in_group
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
    grid: Grid, heads: list[str], context: _Context, pages: PageTexts, names: Names, known: set[str]
) -> Iterator[Result]:
    """One row a data set or measure, one column a model."""
    for number in range(grid.head, len(grid.rows)):
        label = grid.rows[number][0]
        if not label or (_SKIP.search(label) and not _is_task(label, known)):
            continue
        measure = (
            find_measure(_without(label, in_label(label) or ""))
            or context.by_data.get(in_label(label) or "")
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
            if _SKIP.search(heads[n]) and not names.owns(heads[n]):
                continue
            value = _number(grid.rows[number][n])
            if value is None or measure is None:
                continue
            own = _own(heads[n], grid.groups[number], context, names)
            yield from _result(grid, number, grid.rows[number][n], value, data, measure, heads[n], own, pages)


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
