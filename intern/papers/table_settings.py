"""Settings that stand in tables, and in definitions such as (L=12, H=768)."""

from __future__ import annotations

from intern.papers.hyperparameters import Found
from intern.papers.model import Document
from intern.papers.names import Names
from intern.papers.quotes import PageTexts
from intern.papers.scopes import Scoper
from intern.papers.sentences import Sentence


def from_tables(document: Document, pages: PageTexts, names: Names) -> list[Found]:
    return []


def from_symbols(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    return []
