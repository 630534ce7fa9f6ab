"""Data sets the paper trains or tests on, with sizes and splits where it states them."""

from __future__ import annotations

from intern.papers.model import Dataset, Document
from intern.papers.quotes import PageTexts
from intern.papers.sentences import Sentence


def find(document: Document, sentences: list[Sentence], pages: PageTexts) -> list[Dataset]:
    return []
