"""Measured numbers the paper reports."""

from __future__ import annotations

from intern.papers.model import Dataset, Document, Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts
from intern.papers.sentences import Sentence


def find(
    document: Document, sentences: list[Sentence], pages: PageTexts, names: Names, data: list[Dataset]
) -> list[Result]:
    return []
