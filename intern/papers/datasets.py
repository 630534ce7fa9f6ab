"""Data sets the paper trains or tests on, with sizes and splits where it states them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from intern.papers import known_data
from intern.papers.dataset_names import NOT_NAMES, SIZED, enumerated
from intern.papers.labels import canonical
from intern.papers.model import Dataset, Document, Grid
from intern.papers.numbers import NUMBER, parse_number
from intern.papers.quotes import PageTexts, find_quote
from intern.papers.result_columns import is_method_heading
from intern.papers.sentences import Sentence

_ELSEWHERE = re.compile(
    r"related|background|introduction|conclusion|future|preliminar|acknowledg|broader|limitation|motivation", re.I
)
_DATA_SECTION = re.compile(
    r"data ?sets?|benchmarks?|corpora|corpus|\btasks?\b|experiment|evaluation|results|setup|training data|details", re.I
)
_USED = re.compile(
    r"\b(?:we|our|were|was|are|is) (?:\w+ ){0,3}?(?:use|used|train|trained|evaluat\w+|test|tested|"
    r"experiment\w*|conduct\w*|report\w*|consider\w*|pre-?train\w*|fine-?tun\w*|appl\w+|compar\w+)\b|"
    r"\b(?:trained|evaluated|tested|results?|performance|accuracy|pre-?trained|fine-?tuned|"
    r"experiments?|classification|perform|state-of-the-art)\b[^.;]{0,40}\b(?:on|over|for|with|from|"
    r"using)\b",
    re.I,
)
_NEW = re.compile(
    r"(?<![\w-])(?P<n>(?:[A-Z][\w'.&-]*|[A-Z]{2,}[\w-]*)(?:[ -](?:[A-Z][\w'.&-]*|\d{4}|of|and|"
    r"\d+[KkMm]?)){0,4}(?: \([A-Z][\w-]{1,12}\))?) "
    r"(?:\w+ )?(?:data ?sets?|corpus|corpora|benchmark|treebank|database|collection)\b"
)
_UNNAMED = re.compile(
    r"(?P<n>(?:large-scale )?(?:multilingual|proprietary|internal|in-house|private|confidential) "
    r"(?:\w+ )?(?:corpus|data ?set))(?: (?:created|collected|built|owned) by (?P<by>[A-Z][\w-]+))?"
)
_PRETRAINED = re.compile(
    r"trained by [^.]{0,40}et al|(?:publicly|freely) available[^.]{0,60}(?:vectors|embeddings|models?|weights)", re.I
)
_REFERRED = re.compile(
    r"(?:data ?set|data|corpus|collection)\b[^.;]{0,60}?(?:refer(?:red)?(?: to)?(?: it)?(?: as| to "
    r"as)|called|named|denoted(?: by| as)?|dubbed) (?:the )?(?P<n>[A-Z][\w-]{1,20})\b"
)
_CITED_AFTER = re.compile(r"\s*\([^()]*\d{4}[^()]*\)|\s*\[\d[^\]]*\]|\^\d+|[†‡*]")


ENOUGH = 1.5
"""Points from which a name counts as used: one clear mention where the experiments are, or two loose ones."""


@dataclass(slots=True)
class _Candidate:
    name: str
    page: int
    quote: str
    where: str = ""
    points: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)


def find(document: Document, sentences: list[Sentence], pages: PageTexts) -> list[Dataset]:
    """Data sets in use, best evidence first on the page order. Names only mentioned elsewhere are left out."""
    found: dict[str, _Candidate] = {}
    for grid in document.tables:
        for name, quote, points, sizes in _in_table(grid, pages):
            _note(found, name, grid.page, quote, points, grid.label, sizes)
    for sentence in sentences:
        for name, quote, page, points in _in_sentence(sentence, pages):
            _note(found, name, page, quote, points, sentence.where, {})
    _title(document, found)
    kept = [item for item in found.values() if item.points >= ENOUGH]
    kept = [item for item in kept if not any(_part_of(item.name, other.name) for other in kept if other is not item)]
    kept.sort(key=lambda item: item.page)
    _sizes_from_text(kept, sentences)
    return [Dataset(name=item.name, page=item.page, quote=item.quote, where=item.where, **item.sizes) for item in kept]


def _note(
    found: dict[str, _Candidate], name: str, page: int, quote: str, points: float, where: str, sizes: dict[str, int]
) -> None:
    item = found.get(name)
    if item is None:
        found[name] = item = _Candidate(name, page, quote, where)
    item.points += points
    for key, value in sizes.items():
        item.sizes.setdefault(key, value)
    if sizes:
        item.page, item.quote, item.where = page, quote, where


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
    models = is_method_heading(header)
    across = any(in_label(part) for parts in grid.columns[1:] for part in parts)
    for number in range(grid.head, len(grid.rows)):
        label = clean_name(grid.rows[number][0])
        name = None if models else in_label(label)
        if (
            name is None
            and about
            and _sizes_of_row(grid.rows[number], sized)
            and canonical(label) is None
            and 1 < len(label) < 40
            and re.search(r"[A-Za-z]{2}", label)
            and not NOT_NAMES.match(label)
        ):
            name = label
        named = re.fullmatch(r"(?:data ?sets?|corpus|corpora|benchmarks?)", header.strip())
        if name is None and named and not across and _wordy(label) and sum(map(bool, grid.rows[number])) > 1:
            name = label
        if name is None:
            continue
        sizes = _sizes_of_row(grid.rows[number], sized)
        quote = find_quote(pages, grid.lines[number], 0, len(grid.rows[number][0]), grid.page)
        if quote:
            yield name, quote[0], 2.5, sizes
    for parts in grid.columns[1:]:
        for part in parts:
            name = in_label(part)
            line = next((line for line in grid.lines[: grid.head] if part in line), None)
            if name and line:
                at = line.find(part)
                quote = find_quote(pages, line, at, at + len(part), grid.page)
                if quote:
                    yield name, quote[0], 2.0, {}


def _wordy(label: str) -> bool:
    return (
        1 < len(label) < 40
        and canonical(label) is None
        and bool(re.match(r"[A-Z]", label) and re.search(r"[A-Za-z]{2}", label))
        and not NOT_NAMES.match(label)
        and not re.search(r"\b(?:average|mean|total|all|no|tuning|baseline|ours?)\b", label, re.I)
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
    if re.search(
        r"statistics|data ?set (?:properties|details|overview|sizes)|summary of (?:the )?data|"
        r"overview of (?:the )?[\w-]*\s?(?:data|benchmark|evaluation suite)",
        grid.caption,
        re.I,
    ):
        return True
    header = " ".join(grid.columns[0]).lower() if grid.columns else ""
    rows = grid.rows[grid.head :]
    counted = sum(bool(_sizes_of_row(row, _size_columns(grid))) for row in rows)
    return bool(re.search(r"data|corpus", header)) and counted >= 0.6 * len(rows)


def _sizes_of_row(row: list[str], columns: dict[int, str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for n, key in columns.items():
        number = parse_number(row[n])
        if number is not None and number >= 100 and number == int(number) and "." not in row[n].rstrip("kKM"):
            sizes[key] = int(number)
    return sizes


def _in_sentence(sentence: Sentence, pages: PageTexts) -> Iterator[tuple[str, str, int, float]]:
    section, kind = sentence.section, sentence.paragraph.kind
    elsewhere = bool(_ELSEWHERE.search(section)) and kind != "caption"
    base = 0.25 if elsewhere else 0.8
    if kind in ("caption", "abstract"):
        base = 1.0
    if _USED.search(sentence.text):
        base *= 2.0 if not elsewhere else 1.6
        base *= 1.3 if re.search(r"\b(?:we|our|us)\b", sentence.text, re.I) else 0.9
    elif _DATA_SECTION.search(section):
        base *= 1.3
    if _PRETRAINED.search(sentence.text):
        base *= 0.4
    seen: set[str] = set()
    listed = known_data.find_names(sentence.text)
    if len({name for name, _, _ in listed}) >= 3 and not elsewhere:
        base = max(base, 1.6)  # a list of data sets is what the paper was run on
    if re.search(r"\bdata ?sets?\b|\bcorpora\b|\bbenchmarks?\b", section, re.I):
        base *= 1.2
    for name, start, end in listed:
        quote = find_quote(pages, sentence.text, start, end, sentence.page)
        if quote and name not in seen:
            seen.add(name)
            weight = base * (0.4 if _ambiguous(sentence.text, start, end) else 1.0)
            if re.match(
                r"[^.;]{0,12}\b(?:data ?sets?|corpus|benchmark|tasks?|classification|challenge)\b",
                sentence.text[end:],
                re.I,
            ):
                weight *= 1.3
            yield name, quote[0], quote[1], weight
    if elsewhere:
        return
    for match in _UNNAMED.finditer(sentence.text):
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
        if quote:
            maker = f"{match.group('by')} " if match.group("by") else ""
            yield maker + re.sub(r"^large-scale ", "", match.group("n")), quote[0], quote[1], base * 2.0
    for match in _REFERRED.finditer(sentence.text):
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
        if quote:
            yield match.group("n"), quote[0], quote[1], 2.5
    for match in SIZED.finditer(sentence.text):
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
        if quote and not NOT_NAMES.match(match.group("n")):
            yield known_data.is_known(match.group("n")) or match.group("n"), quote[0], quote[1], base * 2.0
    for name, start, end in enumerated(sentence.text):
        quote = find_quote(pages, sentence.text, start, end, sentence.page)
        if quote:
            yield name, quote[0], quote[1], base * 2.0
    for match in _NEW.finditer(sentence.text):
        name = re.sub(r"^(?:The|Our|A)\s+", "", match.group("n")).strip()
        if NOT_NAMES.match(name) or len(name) < 3 or known_data.find_names(name) or re.search(r"\b(of|and)$", name):
            continue
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
        if quote:
            yield name, quote[0], quote[1], base * 0.65


def _ambiguous(text: str, start: int, end: int) -> bool:
    """A short or ordinary word that may not be the data set at all."""
    word = text[start:end]
    return len(word) <= (3 if word.isupper() else 4) and not re.match(
        r"[^.;]{0,14}\b(?:data|set|corpus|task|benchmark|score|test|dev)", text[end:], re.I
    )


def _part_of(name: str, other: str) -> bool:
    """ "SQuAD" beside "SQuAD 1.1" is the same data set, less exactly named."""
    if other.endswith(" " + name) or re.fullmatch(rf"{re.escape(name)} \(\w+\)", other):
        return True
    return (other.startswith(name + " ") and bool(re.search(r"\d|English", other[len(name) :]))) or (
        name == "SST" and other.startswith("SST-")
    )


_PAIRS = re.compile(r"WMT ?'?(?:20)?14\b.{0,40}?English[- ](?:to[- ])?(German|French)", re.I)


def _title(document: Document, found: dict[str, _Candidate]) -> None:
    """A data set in the title or a section title is in use."""
    for section in document.sections:
        for name, _, _ in known_data.find_names(section.title):
            if name in found and not _ELSEWHERE.search(section.title):
                found[name].points += 2.0


_COUNTED = re.compile(
    rf"(?P<n>{NUMBER})\s?(?:\w+ ){{0,2}}?(?P<k>training|train|test|testing|validation|development|dev|"
    rf"held-out)?\s?(?:\w+ )?(?:examples|images|samples|sentences|sentence pairs|documents|questions|"
    rf"instances|pairs|sessions)\b",
    re.I,
)
_LINK = r"\b(?:consist\w*|contain\w*|compris\w*|has|have|having|of about|split into|includ\w*)\b"
_KINDS = {
    "training": "train",
    "train": "train",
    "test": "test",
    "testing": "test",
    "validation": "validation",
    "development": "validation",
    "dev": "validation",
}


def _sizes_from_text(kept: list[_Candidate], sentences: list[Sentence]) -> None:
    """ "X consists of 60,000 training images and 10,000 test images": sizes in a sentence that names one data set."""
    by_name = {item.name: item for item in kept}
    for sentence in sentences:
        names = {name for name, _, _ in known_data.find_names(sentence.text)} & by_name.keys()
        if len(names) != 1 or not re.search(_LINK, sentence.text):
            continue
        item = by_name[names.pop()]
        for match in _COUNTED.finditer(sentence.text):
            number = parse_number(match.group("n"))
            key = _KINDS.get((match.group("k") or "").lower(), "size")
            between = re.search(rf"{_LINK}[^.;]{{0,90}}$", sentence.text[: match.start()])
            if number and number >= 500 and number == int(number) and between:
                item.sizes.setdefault(key, int(number))
