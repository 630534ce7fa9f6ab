"""Cells of a table of results: their numbers, whose they are, and the typed result with its quote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers.datasets import clean_name
from intern.papers.measures import Measure, find_measure
from intern.papers.model import Grid, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts, cell_quote
from intern.papers.result_context import Context, beginning

_VALUE = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
GROUP_OWN = re.compile(r"\bours?\b|this (?:work|paper)|proposed", re.I)
_GROUP_OTHER = re.compile(r"published|leaderboard|previous|prior|baseline|existing|state[- ]of|other|compar", re.I)
_AGAIN = re.compile(
    r"\b(?:repro(?:d\.?|duced|duction)?|re-?impl(?:\.|ement\w*)?|re-?run|re-?trained|"
    r"our (?:re-?)?(?:impl(?:\.|ement\w*)?|reproduction|run))(?![\w-])",
    re.I,
)
"""Somebody else's method, run once more: "(repro.)", "our impl."."""
_USUAL = re.compile(
    r"MLPs?|(?:Bi-?)?(?:LSTM|GRU|RNN)s?|(?:Text)?CNNs?|GCN|GAT|GIN|(?:Graph)?SAGE|DeepWalk|node2vec|LR|XGBoost|LightGBM|CatBoost|"
    r"[Rr]andom [Ff]orests?|[Dd]ecision [Tt]rees?|GBDT|word2vec|GloVe|fastText|BM25|DPR|FedAvg|ERM|SGD|Adam|DQN|PPO|SAC|DDPG|TD3|"
    r"A[23]C|Lead-?3|(?:Sim|Mo)CLR|MoCo(?: ?v[23])?|DeepSets|vanilla(?: \w+)?|[Ll]inear [Rr]egression|[Gg]reedy|Mixup|CutMix",
)
"""Methods that so many papers compare with that a row of their name is the paper's own in none with a name of its own."""
EXTENDS = re.compile(r"(?:[+–—−-]|w/|w/o\b|with(?:out)?\b|no\b|only\b)\s*\S", re.I)
"""How a label begins that changes the row above it: "+ pre-training", "w/o gate"."""
_VARIANT = re.compile(r"(?P<n>[A-Za-z][A-Za-z\d]*)(?:[-./][\w.]+)*(?: ?\([^()]*\)|,? (?!with\b)[\w.-]+){0,2}")
"""A name with no more behind it than sizes and letters: "LDM-4-G (cfg=1.5)"."""


def values(cell: str, data: str, parts: list[str]) -> Iterator[tuple[float, str, Measure | None]]:
    """Values of a cell with their data; "84.6/83.4" under "MNLI-(m/mm)" are two, and so under "PSNR / SSIM", by measure."""
    text = " ".join(parts)
    if re.fullmatch(r"[\d.]+(?:\s?/\s?[\d.]+)+", cell):
        heads = re.search(r"\(?([\w-]+(?:\s?/\s?[\w-]+)+)\)?", text)
        names = [name.strip() for name in heads.group(1).split("/")] if heads else []
        numbers = [number_of(part) for part in cell.split("/")]
        for n, number in enumerate(numbers):
            if number is not None:
                suffix = names[n] if n < len(names) and len(names) == len(numbers) else ""
                if measure := find_measure(suffix):
                    yield number, data, measure
                    continue
                yield number, f"{data}-{suffix}" if suffix and len(suffix) <= 2 else f"{data} {suffix}".strip(), None
        return
    number = number_of(cell)
    if number is not None:
        yield number, data, None


def number_of(cell: str) -> float | None:
    """The leading number of a cell: 87.5±.3, 4.9%*, 76.3% (4), .38."""
    text = cell.strip().lstrip("†‡*~≈≤≥<> ")
    match = _VALUE.match(text)
    if not match or not any(char.isdigit() for char in match.group()) or re.match(r"0\d", match.group()):
        return None  # "07" is a year
    rest = text[match.end() :]
    if not re.fullmatch(r"\s*(?:%|±.*|\+/-.*|\(.*\)|[*†‡]+|\^.*|%[*†‡]+)*\s*", rest):
        return None
    return float(match.group().replace(",", ""))


def is_own(label: str, group: str, context: Context, names: Names) -> bool:
    if _AGAIN.search(label) and not names.owns(re.sub(r"\s*\(.*\)", "", label)):
        return False
    if GROUP_OWN.search(group):
        return True
    sure = names.owns(label)
    if sure is not None:
        return sure
    if group and _GROUP_OTHER.search(group):
        return False
    if group and (names.owns(group) or names.cited(group)):
        return not names.cited(group)
    if context.kin and beginning(label) not in context.kin:
        return False
    if (match := _VARIANT.fullmatch(label)) and match.group("n") in context.others:
        return False
    if context.named and _USUAL.fullmatch(re.sub(r"\s*\(.*\)$", "", label)):
        return False
    if context.ablation:
        return True
    told = bool(context.marked) and not context.cited  # where others are cited, an unmarked row may be own
    other = told and not EXTENDS.match(label) and label.split()[:1] != [] and label.split()[0] not in context.marked
    return not (context.named and (names.system or names.brands or other))


def result_of(
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
