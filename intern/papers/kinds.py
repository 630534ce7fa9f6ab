"""Settings that only papers of one kind have: a bare letter or word that could mean them means something else elsewhere."""

from __future__ import annotations

import re

from intern.papers.hyperparameters import Found
from intern.papers.model import Document

_LEARNS_TO_ACT = re.compile(
    r"reinforcement|\bpolic(?:y|ies)\b|\bagents?\b|\brewards?\b|\bMDPs?\b|discount|\bQ-(?:learning|function|value)|"
    r"\bactors?\b|\bcritics?\b|\bepisod|\benvironments?\b|\badvantage|\bbellman\b|\bPPO\b|\bSAC\b|\bDQN\b",
    re.I,
)
_ADAPTS = re.compile(r"\blora\b|low-?\s?rank|adapters?\b|\brank\b", re.I)
_KINDS = ((("discount", "gae_lambda"), _LEARNS_TO_ACT), (("lora_rank", "lora_alpha"), _ADAPTS))


def of_its_kind(document: Document, found: list[Found]) -> list[Found]:
    """Facts without those that a table's letters only seem to tell: γ is a discount only where something learns to act."""
    text = " ".join(
        [document.title, document.abstract, *(item.text for item in document.paragraphs), *_tables(document)]
    )
    foreign = {name for names, words in _KINDS if not words.search(text) for name in names}
    return [item for item in found if item.fact.name not in foreign or not item.fact.where.startswith("Tab")]


def _tables(document: Document) -> list[str]:
    return [f"{grid.caption} {' '.join(grid.lines)}" for grid in document.tables]
