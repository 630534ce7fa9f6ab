"""Document to Setup: gathers candidates from text and tables, keeps what is believable, says what is not stated."""

from __future__ import annotations

import re
from collections import defaultdict

from intern.papers import absent, contradictions, datasets, inherited, kinds, results, symbols, table_settings, trails
from intern.papers.hyperparameters import Found, from_text
from intern.papers.model import Document, Hyperparameter, Setup
from intern.papers.names import own_names
from intern.papers.quotes import PageTexts
from intern.papers.scopes import Scoper
from intern.papers.sentences import all_sentences

_SAME = {"feature_maps": "filters", "hidden_units": "hidden_size"}
KEEP = 0.62
"""A value that holds for the whole paper is kept from this share of the best one's trust on."""
SCOPED = 0.5
"""The same for a value with a scope of its own: it does not compete with the others as much."""


def extract(document: Document) -> Setup:
    """The typed setup of a paper. Every value's quote stands on its page."""
    if document.unreadable or not document.paragraphs:
        return Setup()  # not even `not_stated`: who read nothing cannot say what is missing
    pages = PageTexts(document.page_texts)
    trails.fill(document)
    sentences = list(all_sentences(document))
    names = own_names(document)
    scoper = Scoper.of(document, names.variants, names.system)
    scoper.cited = frozenset(name.split()[-1] for name in names.cited_names)
    found = from_text(document, sentences, scoper, pages)
    found += table_settings.from_tables(document, pages, names)
    found += symbols.from_symbols(sentences, scoper, pages)
    found += inherited.find(document, sentences, scoper, pages)
    found = kinds.of_its_kind(document, found)
    kept, variations = choose(_join_filters(found))
    data = datasets.find(document, sentences, pages, names)
    numbers, claims = results.find(document, sentences, pages, names, data)
    setup = Setup(hyperparameters=kept, datasets=data, results=numbers, variations=variations)
    setup.contradictions = contradictions.find(numbers, claims) + contradictions.of_settings(found)
    setup.not_stated = absent.names(document, setup, sentences)
    return setup


def _join_filters(found: list[Found]) -> list[Found]:
    """Convolution filters named one after the other in one section are one value, in the paper's order."""
    groups: dict[str, list[Found]] = defaultdict(list)
    out = [item for item in found if item.fact.name != "filters"]
    for item in found:
        if item.fact.name == "filters":
            told_apart = item.fact.scope if item.fact.where.startswith("Table") else ""
            groups[item.section + item.fact.where + told_apart].append(item)
    for group in groups.values():
        first = group[0]
        kept = [item for item in group if item.fact.page == first.fact.page]
        values = list(dict.fromkeys(str(item.fact.value) for item in kept))
        quotes = list(dict.fromkeys(item.fact.quote for item in kept))
        first.fact.value, first.fact.quote = "; ".join(values), " ... ".join(quotes)
        out.append(first)
    return out


def choose(found: list[Found]) -> tuple[list[Hyperparameter], list[Hyperparameter]]:
    """One row for each name, value and scope, weak candidates gone where stronger ones say otherwise; then variations.

    A value that was only tried is a variation where another value of that name is what the paper ran with.
    """
    by_name: dict[str, list[Found]] = defaultdict(list)
    for item in found:
        by_name[item.fact.name].append(item)
    out: list[Hyperparameter] = []
    variations: list[Hyperparameter] = []
    for group in by_name.values():
        rows = _choose_one(group)
        varied = {id(item.fact) for item in group if item.varied}
        settled = [row for row in rows if id(row) not in varied]
        kept = [row for row in rows if row not in settled and _of_its_own(row, settled)] if settled else rows
        out.extend(settled + kept)
        variations.extend(row for row in rows if row not in settled and row not in kept)
    for facts in (out, variations):
        facts.sort(key=lambda fact: (fact.page, fact.name))
    return out, variations


def _of_its_own(row: Hyperparameter, settled: list[Hyperparameter]) -> bool:
    """Whether values that were tried hold for a data set or a model of which nothing settled is told."""
    if row.scope == "main" or not str(row.value).count(","):
        return False
    return all(other.scope != "main" and not _nested(row.scope, other.scope) for other in settled)


def _choose_one(group: list[Found]) -> list[Hyperparameter]:
    plain = [item for item in group if not item.aside and item.weight >= 0.4]
    best = max(item.weight for item in plain or group)
    strong = [
        item
        for item in group
        if item.weight >= (KEEP if item.fact.scope == "main" else SCOPED) * best and item.weight >= 0.4
    ]
    if any(not item.aside for item in strong):
        strong = [item for item in strong if not item.aside]
    strong.sort(key=lambda item: -item.weight)
    rows: list[Found] = []
    if group[0].fact.name == "input_shape":
        strong = [item for item in strong if not any(_longer(other, item) for other in strong)]
    if group[0].fact.name == "optimizer":
        named = {item.fact.scope for item in strong if item.fact.value != "SGD"}
        general = {"main"} | named if named else set()
        strong = [
            item
            for item in strong
            if item.fact.value != "SGD" or (item.fact.scope not in general and item.weight >= 0.95 * best)
        ]
    if group[0].fact.name == "early_stopping" and any("patience" in str(item.fact.value) for item in strong):
        strong = [item for item in strong if item.fact.value != "used"]
    if group[0].fact.name == "lr_schedule":
        varied = {item.fact.scope for item in strong if item.fact.value != "constant"}
        strong = [item for item in strong if item.fact.value != "constant" or item.fact.scope not in varied]
    for item in strong:
        same = [row for row in rows if _equal(row.fact, item.fact)]
        if same:
            if any(row.fact.scope == item.fact.scope for row in same) or item.fact.scope == "main":
                continue
            if any(_nested(row.fact.scope, item.fact.scope) for row in same):
                continue
            if any(row.fact.scope == "main" for row in same) and len({str(row.fact.value) for row in strong}) == 1:
                continue
            if len(same) >= 8:
                continue
        elif any(row.fact.scope == item.fact.scope and row.weight > item.weight * 1.12 for row in rows):
            continue
        rows.append(item)
    return [row.fact for row in rows if not _said_closer(row, rows)]


def _said_closer(row: Found, rows: list[Found]) -> bool:
    """Whether a "main" number is one of several and another row says what it holds for: then it is not the main one."""
    if (
        row.fact.scope != "main"
        or isinstance(row.fact.value, str)
        or all(_equal(row.fact, other.fact) for other in rows)
    ):
        return False
    return any(other.fact.scope != "main" and _equal(row.fact, other.fact) for other in rows)


def _nested(one: str, other: str) -> bool:
    """Whether two scopes say the same, one of them in more words."""
    mine, theirs = ({re.sub(r"(?<=\w{3})s$", "", word) for word in scope.lower().split()} for scope in (one, other))
    return mine <= theirs or theirs <= mine


def _longer(one: Found, other: Found) -> bool:
    return str(one.fact.value).startswith(f"{other.fact.value}x")


def _equal(one: Hyperparameter, other: Hyperparameter) -> bool:
    if one.name == "hidden_units" and isinstance(one.value, str) and isinstance(other.value, str):
        return re.findall(r"\d+", one.value) == re.findall(r"\d+", other.value)  # "256-128" is "256, 128"
    if isinstance(one.value, str) or isinstance(other.value, str):
        return str(one.value).lower() == str(other.value).lower()
    return abs(one.value - other.value) <= 1e-9 + 1e-6 * abs(one.value)
