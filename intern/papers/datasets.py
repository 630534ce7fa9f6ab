"""Data sets the paper trains or tests on, with sizes and splits where it states them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.dataset_folding import ENOUGH, Candidate, fold, is_family, is_longer, note, part_of
from intern.papers.dataset_mentions import ELSEWHERE, mentions
from intern.papers.dataset_names import NOT_NAMES, is_suite_of
from intern.papers.dataset_roles import weight as role_weight
from intern.papers.dataset_sizes import sizes_from_text
from intern.papers.dataset_slots import TASK, may_be_data, models_of
from intern.papers.labels import canonical
from intern.papers.measures import find_measure
from intern.papers.model import Dataset, Document, Grid
from intern.papers.names import Names
from intern.papers.numbers import parse_number
from intern.papers.quotes import PageTexts, find_quote
from intern.papers.result_columns import is_method_heading, may_name_data
from intern.papers.result_costs import cost_of
from intern.papers.sentences import Sentence

_CITED_AFTER = re.compile(r"\s*\([^()]*\d{4}[^()]*\)|\s*\[\d[^\]]*\]|\^\d+|[†‡*]")


def find(document: Document, sentences: list[Sentence], pages: PageTexts, names: Names) -> list[Dataset]:
    """Data sets in use, best evidence first on the page order. Names only mentioned elsewhere are left out."""
    found: dict[str, Candidate] = {}
    for grid in document.tables:
        for name, quote, points, sizes in _in_table(grid, pages):
            note(found, name, (quote, grid.page, grid.label), points, sizes)
    models = models_of(document, names)
    for sentence in sentences:
        for mention in mentions(sentence, models):
            if re.search(r" (?:We|Our|The|This|In|It|As|Quite|For|To|All)$", mention.name):
                continue  # a run-in heading and the sentence behind it
            place = find_quote(pages, sentence.text, mention.start, mention.end, sentence.page)
            if place:
                note(found, mention.name, (place[0], place[1], sentence.where), mention.points, {})
    for grid in document.tables:
        for name, quote, points, sizes in _in_caption(grid, pages):
            if name not in found or found[name].points < ENOUGH:  # better evidence than a caption's stays
                note(found, name, (quote, grid.page, grid.label), points, sizes)
    _title(document, found)
    fold(found, [item.text for item in (*document.paragraphs, *document.captions)])
    own = {names.system, *names.aliases}
    kept = [item for item in found.values() if item.points >= ENOUGH and item.name not in own]
    plain = frozenset(_squeezed(model) for model in models)
    text = " ".join(item.text for item in document.paragraphs)
    kept = [
        item
        for item in kept
        if known_data.is_known(item.name)
        or not (_is_no_data(item.name) or _squeezed(item.name) in plain or _is_plain_word(item.name, text))
    ]
    for is_none in (is_longer, _is_part, is_family, is_suite_of):
        kept = [item for item in kept if not is_none(item.name, [other.name for other in kept])]
    kept.sort(key=lambda item: item.page)
    sizes_from_text(kept, sentences)
    return [
        Dataset(name=item.name, page=item.page, quote=item.quote, where=item.where, parts=item.parts, **item.sizes)
        for item in kept
    ]


_NO_DATA = re.compile(r".*-\d+(?:\.\d+)?B(?:-.*)?|(?:No)?SQL", re.I)


def _is_no_data(name: str) -> bool:
    """Whether a name is a measure's ("word error rate (WER)"), a model's with its size ("Name-7B-Chat") or a store's."""
    short = re.search(r"\(([A-Z]\w+)\)$", name)
    return bool(_NO_DATA.fullmatch(name) or (short and find_measure(short.group(1)) and find_measure(name)))


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _is_plain_word(name: str, text: str) -> bool:
    """Whether a capitalized word is one that the paper mostly writes in small letters: "Homophilic datasets are …"."""
    if not re.fullmatch(r"[A-Z][a-z]{3,}(?:-[A-Za-z][a-z]+)?", name):
        return False
    small = len(re.findall(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", text))
    return small >= 3 and small > len(re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def _is_part(name: str, names: list[str]) -> bool:
    return any(part_of(name, other) for other in names if other != name)


def clean_name(text: str) -> str:
    """A table label without its citation, footnote marks and shot count."""
    text = _CITED_AFTER.sub("", text)
    text = re.sub(
        r"\s*\((?:acc\.?|em|pass@1|f1|loss|bpb|bleu|ppl|val.*|test.*|dev.*|[\d.]+[kKmM]?|\d+-shot|±.*)\)|\s*\(\d+ \w+\)",
        "",
        text,
        flags=re.I,
    )
    return text.strip(" :*")


def in_label(text: str) -> str | None:
    """The data set a table label names, None when it names none."""
    plain = clean_name(text)
    if name := known_data.is_known(plain):
        return name
    hits = known_data.find_names(plain)
    if hits and (len(hits[0][0]) >= 0.4 * len(plain) or len(plain) < 28):
        return hits[0][0]
    return None


def _in_table(grid: Grid, pages: PageTexts) -> Iterator[tuple[str, str, float, dict[str, int]]]:
    """Data sets in a table's first column, headings or caption."""
    sized = _size_columns(grid)
    header = " ".join(grid.columns[0]).lower() if grid.columns else ""
    about = bool(re.search(r"data|corpus|task|benchmark", header)) or bool(
        re.search(r"statistics|data ?sets?\b", grid.caption, re.I)
    )
    second = len(grid.columns) > 1 and re.fullmatch(
        r"(?:environment|task|game|domain)s?", " ".join(grid.columns[1]), re.I
    )
    models = is_method_heading(header)
    across = any(in_label(part) for parts in grid.columns[1:] for part in parts)
    for number in range(grid.head, len(grid.rows)):
        label = clean_name(grid.rows[number][0])
        name = None if models else in_label(label)
        if (
            name is None
            and about
            and not models
            and _sizes_of_row(grid.rows[number], sized)
            and canonical(label) is None
            and 1 < len(label) < 40
            and re.search(r"[A-Za-z]{2}", label)
            and not NOT_NAMES.match(label)
            and not (label not in grid.caption and re.search(rf"\b{re.escape(label.lower())}\b", grid.caption))
        ):
            name = label
        named = re.fullmatch(r"(?:data ?sets?|corpus|corpora|benchmarks?)", header.strip()) and not second
        if (
            name is None
            and named
            and not across
            and (_wordy(label) or _SMALL_NAME.fullmatch(label))
            and sum(map(bool, grid.rows[number])) > 1
        ):
            name = label
        if name is None or re.search(r"\bours?\b", name, re.I):
            continue
        sizes = _sizes_of_row(grid.rows[number], sized)
        quote = find_quote(pages, grid.lines[number], 0, len(grid.rows[number][0]), grid.page)
        if quote:
            yield name, quote[0], 2.5, sizes
    beside, alone = _beside_known(grid), _beside_known(grid, least=1)
    for parts in grid.columns[1:]:
        for part in parts:
            name = in_label(part) or (clean_name(part) if part in alone else None)
            if name == "MR" and any(re.fullmatch(r"MRR|H\w*@\d+", other) for heads in grid.columns for other in heads):
                continue  # the mean rank
            line = next((line for line in grid.lines[: grid.head] if part in line), None)
            if name and line:
                at = line.find(part)
                quote = find_quote(pages, line, at, at + len(part), grid.page)
                if quote:
                    yield name, quote[0], 0.8 if part in alone - beside else 2.0, {}


def _in_caption(grid: Grid, pages: PageTexts) -> Iterator[tuple[str, str, float, dict[str, int]]]:
    """Data sets that the caption of a table of measured numbers names; not those of weights or of other tables."""
    heads = [part for parts in grid.columns for part in parts]
    if find_measure(grid.caption) is None and not any(find_measure(part) for part in heads):
        return
    for name, start, end in known_data.find_names(grid.caption):
        quote = find_quote(pages, grid.caption, start, end, grid.page)
        if quote:
            yield name, quote[0], 1.6 * role_weight(grid.caption, start, end), {}


def _beside_known(grid: Grid, least: int = 2) -> set[str]:
    """Headings (or labels) that look like names and stand in one line with `least` or more known data sets."""
    lines = [[parts[depth] for parts in grid.columns[1:] if len(parts) > depth] for depth in range(3)]
    measured = {
        part
        for n, parts in enumerate(grid.columns)
        for part in parts
        if sum(bool(re.match(r"\d*\.\d", row[n])) for row in grid.rows[grid.head :])
        >= 0.5 * len(grid.rows[grid.head :])
    }
    out: set[str] = set()
    for line in lines:
        known = {part for part in line if in_label(part)}
        if len(known) >= least:
            out.update(
                part
                for part in line
                if part not in known
                and (least > 1 or part in measured)
                and not part.endswith(".")
                and may_be_data(clean_name(part), plain=len(known) >= 3 and part in measured)
                and may_name_data(part)
                and cost_of(part) is None
            )
    return out


_SMALL_NAME = re.compile(
    r"(?!train|test|valid|dev|total|all|avg|average|mean|small|large|medium|min|max|number|size|our)[a-z][a-z\d]{3,}(?:[-_][a-z\d]+)*"
)
"""A name in small letters, which only a column of data sets makes one."""


def _wordy(label: str) -> bool:
    return (
        1 < len(label) < 40
        and not TASK.fullmatch(label)
        and canonical(label) is None
        and bool(re.match(r"[A-Z]", label) and re.search(r"[A-Za-z]{2}", label))
        and not NOT_NAMES.match(label)
        and not re.search(
            r"\b(?:average|mean|total|all|no|tuning|baseline|ours?|params?|parameters|flops|time|runs?)\b", label, re.I
        )
    )


def _size_columns(grid: Grid) -> dict[int, str]:
    out: dict[int, str] = {}
    caption = grid.caption
    for n, parts in enumerate(grid.columns):
        text = " ".join(parts).strip().lower()
        if n == 0 or re.search(r"trainable|param|class|label|len|vocab|\|v|dim|avg|average|ratio|epoch|categor", text):
            continue
        if re.search(r"train", text):
            out[n] = "train"
        elif re.search(r"\b(val|dev|valid)", text):
            out[n] = "validation"
        elif re.search(r"\btest", text):
            out[n] = "test"
        elif re.search(r"size|examples|samples|documents|sentences|instances|total", text) or (
            len(text) <= 2
            and re.search(
                rf"\b{re.escape(text)}\s*:\s*(?:the )?(?:total )?(?:data ?set size|number of (?:examples|samples|"
                rf"documents|sentences))",
                caption,
                re.I,
            )
        ):
            out[n] = "size"
    return out


def is_about_sizes(grid: Grid) -> bool:
    """Whether a table describes data sets (sizes, classes, splits) and holds no measured results."""
    if sum("±" in cell for row in grid.rows for cell in row) >= 2:
        return False
    if re.search(
        r"statistics|data ?set (?:properties|details|overview|sizes)|summary of (?:[\w-]+ ){0,4}?data|"
        r"overview of (?:the )?[\w-]*\s?(?:data|benchmark|evaluation suite)",
        grid.caption,
        re.I,
    ):
        return True
    header = " ".join(grid.columns[0]).lower() if grid.columns else ""
    rows = grid.rows[grid.head :]
    if sum(
        bool(re.match(r"(?:total )?number of |# ?\w|av(?:era)?g\w*\.? [\w ]*length", row[0], re.I)) for row in rows
    ) >= max(2, 0.3 * len(rows)):
        return True
    counted = sum(bool(_sizes_of_row(row, _size_columns(grid))) for row in rows)
    return bool(re.search(r"data|corpus", header)) and counted >= 0.6 * len(rows)


def _sizes_of_row(row: list[str], columns: dict[int, str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for n, key in columns.items():
        number = parse_number(row[n])
        if number is not None and number >= 100 and number == int(number) and "." not in row[n].rstrip("kKM"):
            sizes[key] = int(number)
    return sizes


def _title(document: Document, found: dict[str, Candidate]) -> None:
    """A data set in the title or a section title is in use."""
    for section in document.sections:
        for name, _, _ in known_data.find_names(section.title):
            if name in found and not ELSEWHERE.search(section.title):
                found[name].points += 2.0
