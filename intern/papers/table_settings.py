"""Settings that stand in tables, and in definitions such as (L=12, H=768).

Two shapes of table count: settings down the first columns with one column for each model or data set, and settings in
the headings with one row for each model. Equal values of one row are joined, so that a wide table gives few facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.hyperparameters import GLYPHS, Found
from intern.papers.labels import canonical
from intern.papers.model import Document, Grid, Hyperparameter, Value
from intern.papers.names import Names
from intern.papers.numbers import as_value, compact, parse_number
from intern.papers.quotes import PageTexts, cell_quote, find_quote
from intern.papers.scopes import Scoper
from intern.papers.sentences import Sentence
from intern.papers.tables import is_number

_TEXTUAL = {"optimizer", "lr_schedule", "activation", "base_model", "early_stopping", "filters", "filter_sizes"}
_FRACTIONS = {"dropout", "label_smoothing", "warmup_ratio", "weight_dropout", "drop_connect"}
_WHOLE = {
    "batch_size", "steps", "warmup_steps", "layers", "hidden_size", "ffn_size", "heads", "embedding_dim", "vocab_size",
    "max_seq_len", "lora_rank", "lora_alpha", "beam_size", "seeds", "hidden_units", "num_actors", "horizon", "bptt",
}  # fmt: skip
_RESULT = re.compile(
    r"bleu|acc|error|f1|perplex|ppl|rouge|score|loss|wer|map|recall|auc|top-?[15]|reward|em\b|avg|average", re.I
)
_MAX_SCOPES = 3


def from_tables(document: Document, pages: PageTexts, names: Names) -> list[Found]:
    """Settings of every table that is about settings."""
    out: list[Found] = []
    for grid in document.tables:
        rows = _label_column(grid)
        heads = _header_names(grid)
        if rows is not None:
            out.extend(_down(grid, rows, pages, names))
        elif heads:
            out.extend(_across(grid, heads, pages, names))
    return out


def is_about_settings(grid: Grid) -> bool:
    """Whether a table lists settings down a column: its numbers are no results."""
    return _label_column(grid) is not None


def _label_column(grid: Grid) -> int | None:
    """The column whose cells name settings: at least three of them, or two fifths; None when there is none."""
    best: tuple[int, int] | None = None
    for column in range(min(2, len(grid.rows[0]))):
        labels = [row[column] for row in grid.rows if row[column]]
        known = {name for label in labels if (name := canonical(label))}
        enough = len(known) >= 3 or (len(known) >= 2 and len(known) >= 0.4 * len(labels))
        if enough and (best is None or len(known) > best[0]):
            best = (len(known), column)
    return best[1] if best else None


def _header_names(grid: Grid) -> dict[int, str]:
    """Columns whose heading names a setting; at least two, with results beside them or not."""
    joined = [" ".join(parts) for parts in grid.columns]
    symbols = (
        sum(text.lower().replace(" ", "") in ("dmodel", "dff", "pdrop", "#l", "#h", "n", "h", "l") for text in joined)
        >= 2
    )
    found = {}
    for n, parts in enumerate(grid.columns):
        for text in (" ".join(parts), parts[-1] if parts else "", re.sub(r"\b(\w+) \1\b", r"\1", " ".join(parts))):
            if name := canonical(text, symbols=symbols):
                found[n] = name
                break
    values = list(found.values())
    return {n: name for n, name in found.items() if values.count(name) == 1} if len(set(values)) >= 2 else {}


def _down(grid: Grid, column: int, pages: PageTexts, names: Names) -> Iterator[Found]:
    heads = [_head_label(grid, n, column) for n in range(len(grid.rows[0]))]
    owned = any(names.owns(head) for head in heads if head)
    seen: dict[str, str] = {}
    for number, row in enumerate(grid.rows):
        name = canonical(row[column])
        if name is None:
            continue
        group = grid.groups[number] if number < len(grid.groups) else ""
        if group and _foreign(group, names):
            continue
        if group and seen.setdefault(_plain(group), group) != group:
            continue  # the same model in a second configuration, for a comparison only
        cells = [(n, cell) for n, cell in enumerate(row) if n > column and cell and cell not in ("-", "—")]
        values: dict[str, list[int]] = {}
        for n, cell in cells:
            values.setdefault(cell, []).append(n)
        whole = len(cells) == 1 and len(row) - column > 2
        for cell, columns in values.items():
            scopes = [] if whole or len(values) == 1 else [heads[n] for n in columns if heads[n]]
            scopes = [scope for scope in scopes if not (owned and _foreign(scope, names))]
            if not scopes and not whole and len(values) > 1 and any(heads[n] for n in columns):
                continue
            yield from _fact(grid, number, name, cell, _scope(group, scopes, grid), pages)


def _head_label(grid: Grid, n: int, column: int) -> str:
    """What a column is about: its headings without names of settings."""
    if n <= column:
        return ""
    common = (
        set.intersection(*(set(parts) for parts in grid.columns[column + 1 :]))
        if len(grid.columns) > column + 2
        else set()
    )
    text = " ".join(
        part
        for part in grid.columns[n]
        if part not in common and canonical(part) is None and not re.fullmatch(r"Adam\w*|SGD|value", part, re.I)
    )
    return (
        ""
        if re.fullmatch(r"values?|settings?|hyper-?parameters?|configuration|training", text.strip(), re.I)
        else text.strip()
    )


def _foreign(label: str, names: Names) -> bool:
    """A group or column of a compared method, not the paper's own."""
    if names.owns(label):
        return False
    return names.owns(label) is False or bool(
        re.search(r"adapter|adpt|bitfit|pre(fix|embed|layer)|fine-?tun|\bft\b|baseline", label, re.I)
    )


def _scope(group: str, scopes: list[str], grid: Grid) -> str:
    parts = [_plain(group)] if group else []
    if not group:
        parts.extend(_caption_scope(grid.caption))
    if scopes:
        parts.append(", ".join(_plain(scope) for scope in dict.fromkeys(scopes)))
    return " ".join(part for part in parts if part) or "main"


def _plain(label: str) -> str:
    return re.sub(r"[†‡*]|\s+", lambda m: " " if m.group().isspace() else "", label).strip()


_CAPTION_FOR = re.compile(
    r"\b(?:for|of|on|to train|used to (?:train|fine-tune))\s+(?:the |our |different |all "
    r")*((?:[A-Z][\w.-]*|base|large|small|big|medium)(?:\s(?:[A-Z\d][\w.-]*|base|large|small|"
    r"medium))*)"
)


def _caption_scope(caption: str) -> list[str]:
    found = [match.group(1) for match in _CAPTION_FOR.finditer(caption)]
    found = [text for text in found if not re.fullmatch(r"Table|Figure|Section|Appendix|We|The|All|GLUE", text)]
    return found[:1]


def _across(grid: Grid, heads: dict[int, str], pages: PageTexts, names: Names) -> Iterator[Found]:
    """Settings in the headings: one row a model. Rows without a label are variations, not settings."""
    mixed = any(_RESULT.search(" ".join(parts)) for parts in grid.columns)
    first = next((n for n in range(len(grid.columns)) if n not in heads), None)
    if first is None or first > 1:
        return
    size_row = re.search(r"param", " ".join(grid.columns[first]), re.I)
    for number in range(grid.head, len(grid.rows)):
        beside = (
            [grid.rows[number][n] for n in range(first, min(heads)) if grid.rows[number][n]]
            if first < min(heads)
            else []
        )
        label = (
            " ".join(text for text in beside if not is_number(text) or text == beside[0]) or grid.rows[number][first]
        )
        if not label or re.fullmatch(r"\(?\w\)?", label) or names.owns(label) is False:
            continue
        if mixed and sum(bool(grid.rows[number][n]) for n in heads) < 0.6 * len(heads):
            continue
        if (re.fullmatch(r"[\d.,%x×]+", label) and not size_row) or re.fullmatch(r"\d+", label):
            continue
        for n, name in heads.items():
            cell = grid.rows[number][n]
            if cell and cell not in ("-", "—"):
                yield from _fact(
                    grid,
                    number,
                    name,
                    cell,
                    _scope("", [_size(label) if size_row else label], grid) if size_row else _plain(label),
                    pages,
                )


def _size(label: str) -> str:
    """16.4B as 16B: papers name a model by its rounded size."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s?([BM])", label)
    if not match:
        return label
    value = float(match.group(1))
    return f"{label} ({value:.0f}{match.group(2)})" if value != int(value) or "." in match.group(1) else label


def _fact(grid: Grid, number: int, name: str, cell: str, scope: str, pages: PageTexts) -> Iterator[Found]:
    value, unit, name = _cell_value(name, cell)
    if value is None:
        return
    line = grid.lines[number]
    place = re.search(rf"(?<![\w.]){re.escape(cell)}(?![\w.]|\s?%)", line) or re.search(re.escape(cell), line)
    if place is None:
        return
    at = place.start()
    quote = cell_quote(pages, line, at, at + len(cell), grid.page)
    if quote is None:
        return
    fact = Hyperparameter(
        name=name, value=value, unit=unit, scope=scope, page=quote[1], quote=quote[0], where=grid.label
    )
    yield Found(fact, 1.25, grid.section)


def _cell_value(name: str, cell: str) -> tuple[Value | None, str | None, str]:
    """Value, unit and name of a cell (a "Warm-up" row may hold a ratio)."""
    text = cell.strip().rstrip("*†‡")
    if name in _TEXTUAL:
        if name == "filter_sizes" and re.search(r"\d", text):
            return text, None, name
        return (text, None, name) if re.search(r"[A-Za-z]{2}", text) else (None, None, name)
    if match := re.fullmatch(r"r_? ?\w(?: ?= ?r_? ?\w)* ?= ?(\d+)", text):
        return int(match.group(1)), None, "lora_rank"
    if name == "lora_rank" and not re.fullmatch(r"\d+", text):
        return None, None, name
    if re.fullmatch(r"\{.*\}|[\d.,eE-]+(?:\s?[,/]\s?[\d.eE-]+)+", text) and not re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        numbers = [parse_number(part) for part in re.split(r"[\s,/{}]+", text) if part]
        if numbers and all(number is not None for number in numbers):
            return ", ".join(compact(number) for number in numbers if number is not None), None, name
        return None, None, name
    number = parse_number(re.sub(r"\s*(tokens|steps|epochs|sequences)$", "", text))
    if number is None:
        return None, None, name
    if name == "warmup_steps" and 0 < number < 1:
        return number, None, "warmup_ratio"
    if name in _FRACTIONS and number > 1 and number <= 100:
        return number, "%", name
    if name in _WHOLE and number != int(number):
        return None, None, name
    return as_value(number), None, name


_DEFINED = (
    ("layers", r"(?:number of )?(?:\w+ )?(?:layers|blocks)(?: \([^()]*\))? (?:as|by|is denoted(?: as)?|"
r"denoted(?: as)?) ([A-Z])\b"),
    ("hidden_size", r"hidden (?:size|dimension|units)(?: \([^()]*\))? (?:as|by) ([A-Z])\b"),
    ("heads", r"heads(?: \([^()]*\))? (?:as|by) ([A-Z])\b"),
)  # fmt: skip


_RATE_SYMBOL = re.compile(
    r"([αη])\s*:\s*(?:step ?-?size|learning rate)|(?:step ?-?size|learning rate) ([αη])(?![\w])", re.I
)


def _from_rate_symbol(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """The learning rate by its letter, once the paper has said what the letter stands for: "α = 0.001"."""
    plain = [(sentence, sentence.text.translate(GLYPHS)) for sentence in sentences]
    letters = {match.group(1) or match.group(2) for _, text in plain for match in _RATE_SYMBOL.finditer(text)}
    out: list[Found] = []
    for sentence, text in plain:
        for match in re.finditer(r"([αη]) ?= ?(\d?\.\d+|10\^?-\d)(?![\d.]*\d)", text):
            number = parse_number(match.group(2))
            settled = re.search(r"\b(?:settings?|defaults?|use[ds]?|set|with|choose|chosen)\b", text, re.I)
            quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
            if match.group(1) in letters and settled and quote and number and number < 10:
                scope = scoper.of_sentence(sentence, match.start(), match.end())
                fact = Hyperparameter(
                    name="learning_rate",
                    value=as_value(number),
                    scope=scope,
                    page=quote[1],
                    quote=quote[0],
                    where=sentence.where,
                )
                out.append(Found(fact, 1.0, sentence.section))
    return out


def from_symbols(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """Values in the paper's own symbols: "the number of layers as L" and then "(L=12, …)"."""
    symbols: dict[str, str] = {}
    for sentence in sentences:
        for name, pattern in _DEFINED:
            for match in re.finditer(pattern, sentence.text):
                symbols.setdefault(match.group(1), name)
    out = _from_rate_symbol(sentences, scoper, pages)
    if len(symbols) < 2:
        return out
    for sentence in sentences:
        if re.search(r"\bet al\b", sentence.text):
            continue
        for match in re.finditer(r"(?P<who>[\w-]+(?: \w+)?)\s*\((?P<in>[A-Z] ?= ?\d[^()]*)\)", sentence.text):
            for part in re.finditer(r"\b([A-Z]) ?= ?(\d[\d,]*)", match.group("in")):
                meant = symbols.get(part.group(1))
                start = match.start("in") + part.start()
                quote = find_quote(pages, sentence.text, match.start(), match.start("in") + part.end(), sentence.page)
                if meant and quote and (number := parse_number(part.group(2).rstrip(","))) is not None:
                    scope = _plain(match.group("who")) or scoper.of_sentence(sentence, start, start)
                    fact = Hyperparameter(
                        name=meant,
                        value=as_value(number),
                        scope=scope,
                        page=quote[1],
                        quote=quote[0],
                        where=sentence.where,
                    )
                    out.append(Found(fact, 1.3, sentence.section))
    return out


def is_result_heading(text: str) -> bool:
    """Whether a column heading names a measure rather than a setting."""
    return bool(_RESULT.search(text)) and known_data.is_known(text) is None
