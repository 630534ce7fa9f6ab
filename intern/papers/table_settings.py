"""Settings that stand in tables, and in definitions such as (L=12, H=768).

Two shapes of table count: settings down the first columns with one column for each model or data set, and settings in
the headings with one row for each model. Equal values of one row are joined, so that a wide table gives few facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from intern.papers.caption_scopes import PHASED, caption_scope, tells_phases
from intern.papers.cell_numbers import is_number
from intern.papers.cells import read_cell
from intern.papers.hyperparameters import Found
from intern.papers.labels import canonical, factor_of, kind_of
from intern.papers.lexicon import LEXICON
from intern.papers.model import Document, Grid, Hyperparameter, Value
from intern.papers.names import Names
from intern.papers.own_rows import own_name
from intern.papers.quotes import PageTexts, cell_quote
from intern.papers.table_labels import spelled_out, told_alone

_RESULT = re.compile(
    r"bleu|acc|error|f1|perplex|ppl|rouge|score|loss|wer|map|recall|auc|top-?[15]|reward|em\b|avg|average", re.I
)
_MAX_SCOPES = 3


def from_tables(document: Document, pages: PageTexts, names: Names) -> list[Found]:
    """Settings of every table that is about settings."""
    out: list[Found] = []
    for grid in (part for whole in document.tables for part in _side_by_side(spelled_out(whole))):
        if _is_about_graphs(grid):
            continue
        rows = _label_column(grid)
        heads = _header_names(grid)
        if layered := _layer_columns(grid):
            out.extend(_by_layer(grid, layered, pages))
        elif rows is not None:
            out.extend(_down(grid, rows, pages, names))
        elif heads:
            out.extend(_across(grid, heads, pages, names))
    return out


def _is_about_graphs(grid: Grid) -> bool:
    """Whether a table counts nodes and edges: what graphs have, no units of a network."""
    labels = [*(" ".join(parts) for parts in grid.columns), *(row[0] for row in grid.rows)]
    return all(any(re.search(rf"\b{word}\b", label, re.I) for label in labels) for word in ("nodes", "edges"))


def _side_by_side(grid: Grid) -> list[Grid]:
    """A table of name and value printed several times next to each other, as one table each."""
    starts = []
    for column in range(len(grid.rows[0])):
        labels = [row[column] for row in grid.rows[grid.head :] if row[column]]
        known = sum(canonical(label) is not None for label in labels)
        if known >= 2 and known >= 0.6 * len(labels):
            starts.append(column)
    if len(starts) < 2 or any(right - left < 2 for left, right in pairwise([*starts, len(grid.rows[0])])):
        return [grid]
    starts[0] = 0
    return [
        replace(
            grid,
            rows=[row[left:right] for row in grid.rows],
            bold=[row[left:right] for row in grid.bold],
            columns=grid.columns[left:right],
        )
        for left, right in pairwise([*starts, len(grid.rows[0])])
    ]


def is_about_settings(grid: Grid) -> bool:
    """Whether a table lists settings down a column: its numbers are no results."""
    return _label_column(spelled_out(grid)) is not None


_LAYERED = (
    ("filter_sizes", re.compile(r"(?:(?:filter|kernel|window)(?: ?(?:sizes?|widths?))?)", re.I)),
    ("hidden_units", re.compile(r"(?:output |hidden )?(?:units|neurons)|output size", re.I)),
    (
        "feature_maps",
        re.compile(r"(?:output )?(?:feature ?maps?|features?|filters|channels)(?: (?:out|maps?))?|out channels", re.I),
    ),
)


def _layer_columns(grid: Grid) -> dict[int, tuple[str, str]]:
    """Columns of a table with one row a layer: the name of the setting and the words (a model size) beside it."""
    if not re.fullmatch(r"layers?(?: ?(?:#|no\.?|number|index))?", " ".join(grid.columns[0]).strip(), re.I):
        return {}
    out: dict[int, tuple[str, str]] = {}
    for n, parts in enumerate(grid.columns[1:], 1):
        text = " ".join(parts)
        for name, pattern in _LAYERED:
            if match := pattern.search(text):
                out[n] = name, (text[: match.start()] + text[match.end() :]).strip(" -()")
                break
    return out


def _by_layer(grid: Grid, columns: dict[int, tuple[str, str]], pages: PageTexts) -> Iterator[Found]:
    """One value where all layers share it, else the list from the first layer to the last."""
    for n, (name, words) in columns.items():
        numbered = [k for k in range(grid.head, len(grid.rows)) if re.fullmatch(r"\d[\d,]*", grid.rows[k][n])]
        cells = [grid.rows[k][n] for k in numbered]
        if len(cells) < 2:
            continue
        if len(set(cells)) == 1:
            yield from _fact(grid, numbered[0], name, cells[0], words or "main", pages)
            continue
        quote = " ... ".join(dict.fromkeys(grid.lines[k] for k in numbered))
        if name != "feature_maps" and pages.stands(quote, grid.page):
            value = ", ".join(cells)
            fact = Hyperparameter(
                name=name, value=value, scope=words or "main", page=grid.page, quote=quote, where=grid.label
            )
            yield Found(fact, 1.1, grid.section)


_NAMED = re.compile(
    r"(?:training |model )?(?:hyper-?\s?param(?:eter)?s?|params?|parameters?|configs?|configuration|settings?)(?: names?)?",
    re.I,
)


_ITEM = re.compile(r"|names?|symbols?|items?|options?|arguments?|description|variable", re.I)
_CAPTIONED = re.compile(r"hyper-?\s?param|\b(?:training|model) (?:settings?|details|configuration)", re.I)


def _label_column(grid: Grid) -> int | None:
    """The column whose cells name settings: at least three of them, or two fifths; None when there is none."""
    best: tuple[int, int] | None = None
    for column in range(min(2, len(grid.rows[0]))):
        labels = [row[column] for row in grid.rows if row[column] and sum(map(bool, row)) > 1]  # no titles of groups
        known = {name for label in labels if (name := canonical(label))}
        head = grid.rows[0][column].strip()
        listed = _ITEM.fullmatch(head) and _CAPTIONED.search(grid.caption)
        named = bool(_NAMED.fullmatch(head) or listed) and column + 2 >= len(grid.rows[0])
        enough = (named and known) or len(known) >= 3 or (len(known) >= 2 and len(known) >= 0.4 * len(labels))
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
    if {"layers", "heads", "hidden_size"} & set(found.values()):
        sizes = {n: " ".join(parts) for n, parts in enumerate(grid.columns) if n not in found}
        found |= {
            n: "embedding_dim" for n, text in sizes.items() if re.fullmatch(r"emb(?:ed(?:ding)?s?)?\.?", text, re.I)
        }
    kinds = {n: (name, kind_of(" ".join(grid.columns[n]))) for n, name in found.items()}
    if len(set(found.values())) >= 2 or told_alone(grid, found):
        return {n: name for n, name in found.items() if list(kinds.values()).count(kinds[n]) == 1}
    return {}


def _down(grid: Grid, column: int, pages: PageTexts, names: Names) -> Iterator[Found]:
    heads = [_head_label(grid, n, column) for n in range(len(grid.rows[0]))]
    owned = any(names.owns(head) for head in heads if head)
    searched = _searched(heads)
    phases = tells_phases(grid)
    seen: dict[str, str] = {}
    inner = any(re.fullmatch(r"dim|d_?model|model[ _]dim\w*", row[column].strip(), re.I) for row in grid.rows)
    listed = len({canonical(row[column]) for row in grid.rows} - {None}) >= 3
    spelled = {canonical(row[column]) for row in grid.rows if not _is_letter(row[column])}
    for number, row in enumerate(grid.rows):
        name = canonical(row[column]) or (own_name(row[column]) if listed else None)
        if name is None or (_is_letter(row[column]) and name in spelled):
            continue
        if name == "hidden_size" and re.fullmatch(r"hidden[ _-]?(?:dim\w*|size)", row[column], re.I) and inner:
            name = "ffn_size"
        group = grid.groups[number] if number < len(grid.groups) else ""
        if group and not (phases and PHASED.search(group)) and _foreign(group, names):
            continue
        if group and seen.setdefault(_plain(group), group) != group:
            continue  # the same model in a second configuration, for a comparison only
        cells = [(n, _once(cell)) for n, cell in enumerate(row) if n > column and cell and cell not in ("-", "—", "–")]
        if any(n not in searched for n, _ in cells):
            cells = [(n, cell) for n, cell in cells if n not in searched]
        values: dict[str, list[int]] = {}
        for n, cell in cells:
            values.setdefault(cell, []).append(n)
        dashes = sum(cell in ("-", "—", "–") for cell in row[column + 1 :])
        some = 1 < len(cells) < sum(bool(head) for head in heads[column + 1 :])
        whole = len(cells) == 1 and len(row) - column > 2 and not dashes
        for cell, columns in values.items():
            scopes = (
                []
                if whole or (len(values) == 1 and not dashes and not some)
                else [heads[n] for n in columns if heads[n]]
            )
            if searched:
                scopes = [scope for scope in scopes if not _CHOSEN.fullmatch(scope)]
            scopes = [scope for scope in scopes if not (owned and _foreign(scope, names))]
            if not scopes and not whole and len(values) > 1 and any(heads[n] for n in columns):
                continue
            others = [heads[n] for n, other in cells if other != cell]
            for joined in [[scope] for scope in scopes] if _mistakable(scopes, others) else [scopes]:
                yield from _fact(grid, number, name, cell, _scope(group, joined, grid), pages, row[column])


def _mistakable(scopes: list[str], others: list[str]) -> bool:
    """Whether labels that share a value, read together, also spell out the label of a column with another value."""
    words = {word for scope in scopes for word in scope.lower().split()}
    return len(scopes) > 1 and any(other and set(other.lower().split()) <= words for other in others)


def _is_letter(label: str) -> bool:
    """Whether a label is a symbol, which means something else where the table also has the setting in words."""
    return bool(re.fullmatch(r"[^\W\d_]_?\d?", re.sub(r"\(.*\)", "", label).strip()))


def _once(cell: str) -> str:
    """A cell without the same list of its neighbours, where narrow columns have run together."""
    match = re.fullmatch(r"(?P<v>\{.+?)(?: (?P=v))+", cell)
    return match.group("v") if match else cell


_SEARCH = re.compile(
    r"(?:search|tuning|hyper-?parameter|tested|explored|candidate)?\s?(?:search|space|ranges?|grid|candidates?|options|sweep|"
    r"values? (?:tried|tested|considered|explored)|"
    r"considered(?: values)?|tried|explored|tested)(?: space| range| values| grid)?",
    re.I,
)
_CHOSEN = re.compile(
    r"(?:the )?(?:selected|chosen|best|final|optimal|optimum|used|tuned|picked)?\s?(?:values?|settings?|choice|selection|"
    r"selected|chosen|best|final|optimal|used|"
    r"optimum|configuration)(?: found)?",
    re.I,
)


def _searched(heads: list[str]) -> set[int]:
    """Columns of values that were only tried, where another column says which were taken."""
    tried = {n for n, head in enumerate(heads) if head and _SEARCH.fullmatch(head)}
    return tried if any(head and n not in tried for n, head in enumerate(heads)) else set()


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


_KIND = re.compile(
    r"(?:model |network |training |data |input )?"
    r"(?:architectures?|training|front-?end|optimi[sz](?:ation|er)|model|network|"
    r"regulari[sz]ation|pre-?processing|hyper-?\s?parameters?|spec-?aug(?:ment)?|(?:data )?augmentation|"
    r"general|common|shared|others?|misc\w*|"
    r"input|schedule|learning rate|dimensions?|decoding|inference)(?: (?:settings?|details|parameters?|configurations?))?",
    re.I,
)
"""A title row that says what kind its settings are, not what they hold for."""


def _scope(group: str, scopes: list[str], grid: Grid) -> str:
    parts = [_plain(group)] if group and not _KIND.fullmatch(_plain(group)) else []
    if not parts:
        parts.extend(caption_scope(grid))
    if scopes:
        parts.append(", ".join(_plain(scope) for scope in dict.fromkeys(scopes)))
    return " ".join(part for part in parts if part) or "main"


def _plain(label: str) -> str:
    return re.sub(r"[†‡*]|\s+", lambda m: " " if m.group().isspace() else "", label).strip()


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
        words = [text for text in beside if text == beside[0] or not (is_number(text) or _POWER.fullmatch(text))]
        label = " ".join(words) or grid.rows[number][first]
        if not label or re.fullmatch(r"\(?\w\)?", label) or names.owns(label) is False:
            continue
        if mixed and sum(bool(grid.rows[number][n]) for n in heads) < 0.6 * len(heads):
            continue
        if (re.fullmatch(r"[\d.,%x×]+", label) and not size_row) or re.fullmatch(r"\d+", label):
            continue
        group = _plain(grid.groups[number]) if number < len(grid.groups) else ""
        for n, name in heads.items():
            cell = grid.rows[number][n]
            if cell and cell not in ("-", "—"):
                yield from _fact(
                    grid,
                    number,
                    name,
                    cell,
                    _row_scope(_in_group(label, group), grid, bool(size_row)),
                    pages,
                    " ".join(grid.columns[n]),
                )


_POWER = re.compile(r"[\d.,]+ ?[×x·*] ?10\S*")


def _in_group(label: str, group: str) -> str:
    """A row's label with the group of rows it stands in before it: "base" of "NovaNet"."""
    if not group or _KIND.fullmatch(group) or is_number(group) or group.lower() in label.lower():
        return label
    return f"{group} {label}"


def _row_scope(label: str, grid: Grid, size_row: bool) -> str:
    if size_row:
        return _scope("", [_size(label)], grid)
    phases = [part for part in caption_scope(grid) if part in ("pre-training", "fine-tuning")]
    return " ".join([*phases, _plain(label)])


def _size(label: str) -> str:
    """16.4B as 16B: papers name a model by its rounded size."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s?([BM])", label)
    if not match:
        return label
    value = float(match.group(1))
    return f"{label} ({value:.0f}{match.group(2)})" if value != int(value) or "." in match.group(1) else label


def _fact(
    grid: Grid, number: int, name: str, cell: str, scope: str, pages: PageTexts, label: str = ""
) -> Iterator[Found]:
    line = grid.lines[number]
    place = re.search(rf"(?<![\w.]){re.escape(cell)}(?![\w.]|\s?%)", line) or re.search(re.escape(cell), line)
    if place is None:
        return
    at = place.start()
    quote = cell_quote(pages, line, at, at + len(cell), grid.page)
    if quote is None:
        return
    if factor_of(label) != 1 and pages.stands(f"{label} ... {quote[0]}", quote[1]):
        quote = f"{label} ... {quote[0]}", quote[1]
    for found in read_cell(name, cell, factor_of(label)):
        if not _is_believable(found.name, found.value):
            continue
        fact = Hyperparameter(
            name=found.name, value=found.value, unit=found.unit, scope=_joined(scope, found.scope, kind_of(label)),
            page=quote[1], quote=quote[0], where=grid.label,
        )  # fmt: skip
        yield Found(fact, 1.25, grid.section)


def _is_believable(name: str, value: Value) -> bool:
    """Whether a number lies where values of that setting lie; words and lists pass."""
    term = next((term for term in LEXICON if term.name == name), None)
    return term is None or isinstance(value, str) or value == 0 or term.low <= value <= term.high


def _joined(scope: str, *more: str) -> str:
    words = [text for text in more if text and not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", scope, re.I)]
    return " ".join(([] if scope == "main" and words else [scope]) + words)
