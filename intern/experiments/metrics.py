"""The harness's own scoring: predictions and sealed labels in, numbers out. Programs never call this."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sacrebleu.metrics.bleu import BLEU

Scorer = Callable[[Sequence[str], Sequence[str]], float]


def exact_match(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Share of predictions equal to their reference after trimming white space, 0 to 1."""
    return _share(p.strip() == r.strip() for p, r in zip(predictions, references, strict=True))


def accuracy(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Share of right labels, 0 to 1."""
    return _share(p == r for p, r in zip(predictions, references, strict=True))


def bleu(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU, 0 to 100, sacrebleu's defaults (13a tokens, exponential smoothing, mixed case)."""
    return _corpus(BLEU(), predictions, references)


def bleu_char(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU over characters instead of words, 0 to 100: for references of fewer than four words."""
    return _corpus(BLEU(tokenize="char"), predictions, references)


SCORERS: dict[str, Scorer] = {"exact_match": exact_match, "accuracy": accuracy, "bleu": bleu, "bleu_char": bleu_char}
BLEU_ORDER = 4
"""BLEU counts runs of up to four tokens; it is zero where no reference has four."""
PERCENT = frozenset({"bleu", "bleu_char"})
"""Metrics that are 0 to 100; the others are 0 to 1."""


def score(names: Sequence[str], predictions: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """The named metrics over aligned predictions and references. Raises KeyError for an unknown metric."""
    if not references:
        raise ValueError("There is nothing to score: the test split is empty.")
    return {name: SCORERS[name](predictions, references) for name in names}


def _corpus(metric: BLEU, predictions: Sequence[str], references: Sequence[str]) -> float:
    score = metric.corpus_score(list(predictions), [list(references)]).score
    return min(100.0, float(score))  # its logarithms can end at 100.00000000000004


def _share(hits: object) -> float:
    values = list(hits)  # type: ignore[call-overload]
    return sum(values) / len(values)
