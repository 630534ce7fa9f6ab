"""Numbers of one thing that the paper gives differently in different places."""

from __future__ import annotations

from intern.papers.model import Contradiction, Document, Setup
from intern.papers.sentences import Sentence


def find(document: Document, setup: Setup, sentences: list[Sentence]) -> list[Contradiction]:
    """Contradictions among the extracted facts."""
    return []
