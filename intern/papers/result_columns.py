"""Which headings, cells and rows of a table can be results at all.

A table mixes results with what they depend on: a column of widths beside one of accuracies, a row that says only which
setting was changed. Whatever cannot be told to be a result or a model's name is left out rather than guessed.
"""

from __future__ import annotations

import re

from intern.papers import known_data
from intern.papers.cell_numbers import is_number
from intern.papers.labels import canonical
from intern.papers.measures import find_measure
from intern.papers.model import Grid

SKIP = re.compile(
    r"\b(?:class(?:es)?|nodes|edges|samples|instances|objects|features?|shape|fps|k|(?<!no-)ops|dims?|rank|year|data|tim(?:es?|ing)|ratio|size|cost|crops?)\b|#|"
    r"categor|param|flop|run-?time|speed|latency|throughput|memory|steps|epochs|shot|"
    r"resolution|depth|width|layers|mult-adds|madds|dimension|"
    r"vocab|train(?:ing)? (?:tokens|speed)|tokens|models?$|hours|gpus?|words|length",
    re.I,
)
ARCHITECTURE = re.compile(
    r"(?:ViT|DeiT|Swin|ResNet|ResNeXt|WRN|VGG|DenseNet|EfficientNet|ConvNeXt|MobileNet|BERT|RoBERTa|GPT|T5|LLaMA|Llama|Mistral|Qwen|"
    r"OPT|Pythia|Gemma|Phi|BART|DeBERTa|LSTM|GRU|CNN|MLP|Transformer)[\w./ -]{0,14}|\d+(?:\.\d+)?\s?[BM]|"
    r"(?:tiny|small|base|medium|large|huge|x?xl)",
    re.I,
)
"""Headings that name the backbone or size a row's method was run with."""


def is_architecture(text: str) -> bool:
    """Whether a heading names a backbone or size and no data set: "CNN/Daily Mail" begins like one."""
    return bool(ARCHITECTURE.fullmatch(text.strip())) and not known_data.find_names(text)


_SYMBOL = re.compile(
    r"[|#]?\s?(?:[A-Za-z]|[α-ωΑ-Ωϵ])\s?(?:_?\s?(?:model|ffn?|drop|ls|emb(?:ed)?|hid(?:den)?|inner|heads?|"
    r"pre|train|max|min))?\s?\|?|[dnhmlDNHML]_?[kvqhio]|(?:[a-z]|[α-ωϵ])_?\d"
)
"""A letter, with or without a subscript that extraction has set on the line: dk, dmodel, Pdrop, |V|, β1."""
_METHOD = re.compile(
    r"(?:\w+ )?(?:methods?|models?|systems?|approach(?:es)?|parsers?|algorithms?|baselines?|names?|networks?|"
    r"retrievers?|readers?|rankers?|learners?|agents?|detectors?|classifiers?|configurations?|configs?|variants?)"
    r"(?: ?(?:&|and|/) ?\w+)?",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:impr?o?v?(?=\.|$| \(?%)|rel(?=\.)|relaimpr|delta|change|improvements?|gains?|relative|difference|reduction|"
    r"speed-?up|(?-i:W?ERR|RER))\b|[∆Δ]",
    re.I,
)
_SPLIT = re.compile(r"(?:dev|test|val(?:idation)?|train(?:ing)?)[ -]?(?:set|\d|dev|std)?", re.I)
_PLAIN_WORD = re.compile(
    r"results?|tasks?|types?|sets?|T_?(?:infer|train)\w*|data ?sets?|"
    r"sources?|domains?|settings?|hyper-?parameters?|random|ours|training|values?|notes?|"
    r"(?:dev|test) set results?.*|fine-?tun\w+|loss.*|layers?|inputs?|outputs?|classes|class|examples|samples|"
    r"totals?(?: (?:num(?:ber)?|count|size)\.?)?|num(?:ber)?\.?|trained|frozen|overall|.* iterations",
    re.I,
)
_ASSIGNED = re.compile(r"[\w ]{1,14}?\s?=\s?[\w.,%+-]+")
_ENUMERATOR = re.compile(r"(?:\d+\*)?(?:\(\w{1,3}\)|\w\)|[ivx]{1,4}[.)])")
_SETTING_VALUE = re.compile(r"(\d[\d.,]*[kKM]?)[ -](?P<w>[a-z]+(?: [a-z]+)?)|(?P<s>\w+(?: \w+)?)\s?=\s?[\d.]+")


def is_setting(parts: list[str]) -> bool:
    """Whether a heading (its lines from top to bottom) names a setting, by word or by symbol, and no measure."""
    texts = [text for text in (" ".join(parts), *parts) if text.strip()]
    if not texts or any(find_measure(text) or known_data.is_known(text) for text in texts):
        return False
    last = parts[-1].strip()
    return bool(_SYMBOL.fullmatch(last) or any(canonical(text, symbols=True) for text in (texts[0], last)))


def is_method_heading(text: str) -> bool:
    """Whether a column heading says that names of models stand below it."""
    return bool(_METHOD.fullmatch(text.strip()))


_DATA_HEADING = re.compile(r"(?:data ?sets?|tasks?|corpus|corpora|benchmarks?|environments?|games?|domains?)", re.I)


def is_data_heading(text: str) -> bool:
    """Whether a column heading says that names of data sets or tasks stand below it."""
    return bool(_DATA_HEADING.fullmatch(text.strip()))


def is_change(text: str) -> bool:
    """Whether a heading is about a difference between results rather than a result."""
    return bool(_CHANGE.search(text))


def is_assignment(text: str) -> bool:
    """ "r = 4": one value of a setting, which no data set is called."""
    return bool(_ASSIGNED.fullmatch(text.strip()))


def may_name_data(text: str) -> bool:
    """Whether an unknown heading can be a data set's name: a proper name, and no common word of tables."""
    plain = text.strip()
    if len(plain) < 2 or not re.match(r"[^\W\d_]", plain) or not re.search(r"[A-Z]", plain) or "=" in plain:
        return False
    if is_setting([plain]) or is_kind_heading(plain) or is_change(plain):
        return False
    return not (_PLAIN_WORD.fullmatch(plain) or _SPLIT.fullmatch(plain) or find_measure(plain))


def may_name_model(text: str) -> bool:
    """Whether a heading or label can be a model's name: no measure, no split, no setting, no number."""
    plain = re.sub(r"[↑↓%]|\(\s*\)", "", text).strip()
    if not re.search(r"[^\W\d_]", plain) or _SPLIT.fullmatch(plain) or is_change(plain):
        return False
    measured = find_measure(plain)
    if measured is not None and not re.search(r"\b(?:models?|networks?|ours?|ensemble|net)\b", plain, re.I):
        return False
    return not is_setting([plain])


def is_enumerator(label: str) -> bool:
    """ "(A)": a mark for a group of rows, which names no model."""
    return bool(_ENUMERATOR.fullmatch(label.strip()))


def is_setting_value(label: str) -> bool:
    """ "18 layers", "k = 3": a row told apart by the value of one setting."""
    match = _SETTING_VALUE.fullmatch(label.strip())
    return bool(match and canonical(match.group("w") or match.group("s"), symbols=True))


def variation(grid: Grid, number: int, *, start: int = 1) -> str:
    """What a row of a table of variations changes: "h=1, dk=512", or the words that stand in a setting's place."""
    changed, words = [], []
    for n in range(start, len(grid.columns)):
        cell = grid.rows[number][n]
        if not cell or not grid.columns[n] or not is_setting(grid.columns[n]):
            continue
        if is_number(cell) and "±" not in cell:
            changed.append(f"{grid.columns[n][-1]}={cell}")
        elif re.search(r"[^\W\d_]{2}", cell) and len(re.findall(r"\d+", cell)) < 3:
            words.append(cell)
    return ", ".join([*changed, *words])


def named_label(grid: Grid, number: int) -> str:
    """The name in a second column under "method", where the first one is empty; "" when there is none."""
    for n in range(1, min(3, len(grid.columns))):
        cell = grid.rows[number][n]
        under = any(is_method_heading(part) for part in grid.columns[n])
        if under and re.search(r"[^\W\d_]{2}", cell) and not is_number(cell):
            return cell
    return ""


_KIND = re.compile(
    r"(?:[\w-]+ )?(?:types?|kinds?|category|famil(?:y|ies)|backbone|back-bone|encoder|decoder|architectures?|venues?|"
    r"publication|ref(?:erence)?s?|objectives?|loss(?: functions?)?|supervision|pre-?train\w*|guarantees?|"
    r"optimi[sz]ers?|inputs?|modalit(?:y|ies))",
    re.I,
)
_VARIANT = re.compile(r"(?:[\w-]+ )?(?:strateg(?:y|ies)|variants?|approach(?:es)?|techniques?)", re.I)


def is_kind_heading(text: str) -> bool:
    """Whether a column of words says what kind of model a row is, or which model: never the data of the row."""
    return bool(_KIND.fullmatch(text.strip()) or _VARIANT.fullmatch(text.strip())) or is_method_heading(text)


def second_name(grid: Grid, number: int) -> str:
    """The method in a second column of names, beside the first one's base model or size."""
    for n in range(1, min(3, len(grid.columns))):
        cell, heading = grid.rows[number][n], " ".join(grid.columns[n])
        named = _VARIANT.fullmatch(heading.strip()) or is_method_heading(heading)
        if named and re.search(r"[^\W\d_]{2}", cell) and not is_number(cell):
            return cell
    return ""


def without_settings(parts: list[str]) -> tuple[list[str], str]:
    """A heading without the values of settings in it, and those values: ["ε = 3", "QNLI"] is ["QNLI"] under "ε = 3"."""
    settings = [part.strip() for part in parts if is_assignment(part)]
    return [part for part in parts if not is_assignment(part)], ", ".join(settings)


def apart(grid: Grid, number: int) -> str:
    """What tells a row from others with its label: the number under a heading of names, its network, its settings."""
    for n in range(1, len(grid.columns)):
        cell, heading = grid.rows[number][n], " ".join(grid.columns[n])
        if is_number(cell) and cell[:1].isdigit() and is_method_heading(heading):
            return cell
        if re.search(r"[^\W\d_]{2}", cell) and re.fullmatch(r"(?:net(?:work)?|back-?bone|base model)s?", heading, re.I):
            return cell
        if re.fullmatch(r"\d+(?:\.\d+)?\s?[BMK]", cell) and re.fullmatch(
            r"(?:model )?size|#? ?param\w*\.?|", heading, re.I
        ):
            return cell
        if (re.search(r"[^\W\d_]", cell) and _KIND.fullmatch(heading.strip())) or is_assignment(cell):
            return cell
    return variation(grid, number)
