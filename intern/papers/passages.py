"""Where in a paper something is said: the passages whose words fit a question best, with their pages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from intern.papers.model import Document

WORD = re.compile(r"[a-z]{3,}|\d+(?:\.\d+)?")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])")
STEM = 6
"""Characters of a word that count: "training" and "trained" are one."""
SENTENCES = 2
"""In a passage."""
WITH_NUMBER = 1.2
"""A passage with a number answers more questions than one without."""
COMMON = frozenset(
    WORD.findall(
        "the and for are was were this that with from what which how does did use used uses using give cite page paper "
        "according many much its their they who when where"
    )
)


@dataclass(frozen=True)
class Passage:
    page: int
    text: str
    where: str
    """The section's title, or the table's caption."""


def find_passages(document: Document, question: str, most: int = 3) -> list[Passage]:
    """The passages that fit best, best first; none of them when no word of the question is in the paper."""
    passages = list(_passages(document))
    words = [_words(f"{p.where} {p.text}") for p in passages]
    known = Counter(word for found in words for word in found)
    asked = {word: math.log(1 + len(passages) / known[word]) for word in _words(question) if known[word]}
    scored = []
    for passage, found in zip(passages, words, strict=True):
        score = sum(weight for word, weight in asked.items() if word in found) / (1 + len(found) / 60)
        scored.append((score * (WITH_NUMBER if any(c.isdigit() for c in passage.text) else 1), passage))
    best = sorted(scored, key=lambda pair: -pair[0])
    return [passage for score, passage in best[:most] if score > 0]


def _words(text: str) -> set[str]:
    return {word[:STEM] for word in WORD.findall(text.lower()) if word not in COMMON}


def _passages(document: Document) -> Iterator[Passage]:
    """Two sentences at a time, overlapping; the rows of tables, each with its caption."""
    for paragraph in [*document.paragraphs, *document.captions, *document.footnotes]:
        if paragraph.kind == "reference":
            continue
        sentences = SENTENCE.split(paragraph.text)
        offset = 0
        for n, sentence in enumerate(sentences):
            if n == 0 or n + 1 < len(sentences):
                text = " ".join(sentences[n : n + SENTENCES])
                yield Passage(paragraph.page_at(offset), text, paragraph.section)
            offset += len(sentence) + 1
    for table in document.tables:
        heads = " | ".join(" ".join(filter(None, column)) for column in table.columns)
        for row in table.rows[table.head :]:
            yield Passage(table.page, f"{heads}: {' | '.join(row)}" if heads else " | ".join(row), table.caption)
