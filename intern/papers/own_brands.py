"""Names that a paper gives to what it proposes, each told by a sentence that says so and by a table that prints it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.measures import find_measure
from intern.papers.model import Document
from intern.papers.result_columns import ARCHITECTURE

_NAME = r"(?P<n>[A-Z][\w+-]*\w|[a-z]{1,2}[A-Z][\w+-]*\w)"
_VERB = r"(?:propos(?:e|es|ed|ing)|introduc(?:e|es|ed|ing)|present(?:s|ed|ing)?|develop(?:s|ed|ing)?)"
_CALLS = r"(?:call(?:ed)?|named?|term(?:ed)?|dub(?:bed)?|denote(?:d)?(?: by| as)?|refer(?:red)?(?: to)? (?:\w+ ){0,4}as|namely)"
_TOLD = (
    re.compile(
        rf"\b(?:{_VERB}|{_CALLS}) (?:(?:a|an|the|our|new|novel|it|this|simple) |[\"“‘'`])*{_NAME}(?![\w-]|’s)"
        r"(?! (?:[a-z]+ )?(?:data ?-?set|corpus|benchmark))"
    ),
    re.compile(
        rf"\b[Ww]e {_CALLS} (?:our|this|the(?: resulting)?) (?:\w+ )?(?:approach|method|model|framework|system|"
        rf"architecture|algorithm|network|technique|procedure)s? (?:as )?[\"“‘'`]?{_NAME}"
    ),
    re.compile(rf"\b[Oo]ur (?:[\"“‘'`])?{_NAME}[\"”’']? (?:method|model|approach|algorithm|network|system|framework|agent)s?\b"),
    re.compile(rf"\b{_CALLS}\b[^.;()]{{3,60}}?(?:\((?:or )?|, or ){_NAME}\b"),
)  # fmt: skip
"""Sentences that name what is proposed: "we introduce NAME", "our NAME model", "we term it … (or NAME)"."""
_SHORT = re.compile(r"(?P<w>(?:[\w-]+ ){1,9})\((?P<n>[A-Za-z][\w+-]*[A-Z\d][\w+-]*?)s?\)")
_OURS = re.compile(rf"\b(?:our|[Ww]e (?:\w+ ){{0,2}}{_VERB}|{_CALLS}|form|{_VERB})\b", re.I)
_DATA = re.compile(r"data ?-?set|corpus|collection|benchmark", re.I)
GENERAL = re.compile(
    r"[CRDGMSF]NNs?|MPNNs?|PLMs?|VLMs?|MLLMs?|NMT|ASR|DRL|SSL|OOD|MLPs?|LSTMs?|GRUs?|GANs?|VAEs?|SGD|Adam|RL|LMs?|LLMs?|MoE|RPN|Inception|Base\w*|Baseline\w*|Adapters?|"
    r"\w*Impr\w*|SOTA|[A-Z]"
)
"""Names of kinds of networks and other words that many papers define for themselves."""
_ELSEWHERE = re.compile(r"related|background|preliminar|baseline", re.I)


def brands(document: Document, cited: frozenset[str], counts: Counter[str]) -> list[str]:
    """Names of the paper's own, the most used first; only those that begin a label or heading of a table."""
    labels = list(_labels(document))
    found: dict[str, None] = {}
    for name in _candidates(document):
        plain = name if name in counts else re.sub(r"s$", "", name)
        if plain in found or plain in cited or known_data.is_known(plain) or ARCHITECTURE.fullmatch(plain):
            continue
        if not GENERAL.fullmatch(plain) and find_measure(plain) is None and any(_begins(plain, x) for x in labels):
            found[plain] = None
    return sorted(found, key=lambda name: -counts[name])


def _labels(document: Document) -> Iterator[str]:
    for grid in document.tables:
        yield from (row[0].lstrip("*†‡•·-– ") for row in grid.rows[grid.head :] if row[0])
        yield from (row[1] for row in grid.rows[grid.head :] if len(row) > 1 and re.match(r"[A-Z]", row[1]))
        yield from (part for parts in grid.columns for part in parts)


def _begins(name: str, label: str) -> bool:
    return bool(re.match(rf"{re.escape(name)}(?![A-Za-z])", label))


def _candidates(document: Document) -> Iterator[str]:
    head = re.match(r"([A-Z][\w+-]+)\s*:", document.title)
    if head:
        yield head.group(1)
    texts = [document.abstract] + [item.text for item in document.paragraphs if not _ELSEWHERE.search(item.section)]
    for text in texts:
        for pattern in _TOLD:
            for match in pattern.finditer(text):
                if not _DATA.search(text[max(0, match.start() - 60) : match.start("n")]):
                    yield match.group("n")
        yield from _shortened(text, document.title)


def _shortened(text: str, title: str) -> Iterator[str]:
    """Short forms in brackets behind "our …" or "we propose …", or of words that stand in the title."""
    for match in _SHORT.finditer(text):
        words = match.group("w").split()
        spelled = _spelled(words, match.group("n"))
        if not spelled:
            continue
        before = " ".join([*text[max(0, match.start() - 60) : match.start()].split(), *words[: -len(spelled)]])
        sentence = re.split(r"[.;:] ", before)[-1]
        told = _OURS.search(sentence) and len(sentence[_OURS.search(sentence).end() :].split()) <= 6  # type: ignore[union-attr]
        if told or _stem(" ".join(spelled)) in _stem(title):
            yield match.group("n")


def _stem(text: str) -> str:
    return re.sub(r"s\b", "", text.lower())


def _spelled(words: list[str], short: str) -> list[str]:
    """The words at the end of `words` that a short form is made of: their initials, in order; [] where it is not."""
    letters = re.sub(r"[^A-Za-z]", "", short).lower()
    for count in range(1, len(words) + 1):
        tail = "".join(words[-count:]).lower()
        if words[-count][:1].lower() == letters[:1] and _in_order(letters, tail):
            return words[-count:]
    return []


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
