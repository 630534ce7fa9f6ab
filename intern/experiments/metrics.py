"""The harness's own scoring: predictions and sealed labels in, numbers with their intervals out. Programs never call this.

What a program writes in a line of `predictions.jsonl` stands in spec.py at `Task`; here it is a `Prediction`. A character or
class that a distribution leaves out had probability 0, which counts as one in a million.

Each metric is statistics of each row and a fold over them, so that the bootstrap can draw rows again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from intern.later import Later

if TYPE_CHECKING:
    import numpy as np
else:
    np = Later("numpy")

Columns: TypeAlias = "np.ndarray"
"""Shape (rows, k), float64: what a metric needs of each test row."""


class Prediction(NamedTuple):
    """One line of predictions.jsonl."""

    text: str
    probabilities: dict[str, float] | None = None


Answers = Sequence[Prediction] | Sequence[str]
BLEU_ORDER = 4
"""BLEU counts runs of up to four tokens; it is zero where no reference has four."""
LEAST_PROBABILITY = 1e-6
"""A right answer that was given less counts as this much: one impossible row is bad, not the end of the scale."""
RESAMPLES = 1000
COSTLY_RESAMPLES = 200
BOOTSTRAP_SEED = 20_240_601
CONFIDENCE = 0.95


class ScoreError(ValueError):
    """The predictions are not of the kind that the metric scores; the message says which row and why."""


@dataclass(frozen=True)
class Measure:
    """One metric. `columns` may raise ScoreError; `fold` may return NaN (undefined on these rows)."""

    columns: Callable[[Sequence[Prediction], Sequence[str]], Columns]
    fold: Callable[[Columns], float]
    scored_with: str
    higher_is_better: bool = True
    percent: bool = False
    needs_probabilities: bool = False
    costly: bool = False


# -- rows --------------------------------------------------------------------------------------------------


def _equal(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    return np.array([[p.text == r] for p, r in zip(predictions, references, strict=True)], dtype=float)


def _equal_trimmed(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    return np.array([[p.text.strip() == r.strip()] for p, r in zip(predictions, references, strict=True)], dtype=float)


def _classes(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    """(right class, predicted class) as numbers; -1 = a class that no test row has."""
    number = {name: place for place, name in enumerate(sorted(set(references)))}
    pairs = [(number[r], number.get(p.text, -1)) for p, r in zip(predictions, references, strict=True)]
    return np.array(pairs, dtype=float)


def _class_probabilities(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    """(right class, p of the first class, p of the second, …)."""
    names = sorted(set(references))
    number = {name: place for place, name in enumerate(names)}
    rows = [
        [number[r], *(_probabilities(p).get(name, 0.0) for name in names)]
        for p, r in zip(predictions, references, strict=True)
    ]
    return np.array(rows, dtype=float)


def _surprise(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    """Negative natural logarithm of the probability of what was right."""
    given = [_probabilities(p).get(r, 0.0) for p, r in zip(predictions, references, strict=True)]
    return -np.log(np.maximum(np.array(given, dtype=float), LEAST_PROBABILITY)).reshape(-1, 1)


def _numbers(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
    return np.array([[_number(p.text), _number(r)] for p, r in zip(predictions, references, strict=True)], dtype=float)


def _probabilities(prediction: Prediction) -> dict[str, float]:
    if prediction.probabilities is None:
        raise ScoreError("This metric needs probabilities, and predictions.jsonl gives none.")
    return prediction.probabilities


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ScoreError(f"The prediction {text[:40]!r} is not a number.") from None
    if not math.isfinite(value):
        raise ScoreError(f"The prediction {text[:40]!r} is not a finite number.")
    return value


def _bleu_counts(**options: Any) -> Callable[[Sequence[Prediction], Sequence[str]], Columns]:
    def columns(predictions: Sequence[Prediction], references: Sequence[str]) -> Columns:
        from sacrebleu.metrics.bleu import BLEU

        metric, rows = BLEU(**options), []
        for prediction, reference in zip(predictions, references, strict=True):
            counted = metric.corpus_score([prediction.text], [[reference]])
            rows.append([*counted.counts, *counted.totals, counted.sys_len, counted.ref_len])
        return np.array(rows, dtype=float)

    return columns


# -- folds -------------------------------------------------------------------------------------------------


def _mean(columns: Columns) -> float:
    return float(columns[:, 0].mean())


def _bleu(columns: Columns) -> float:
    """Corpus BLEU from the counts of its sentences: sacrebleu's defaults (exponential smoothing)."""
    from sacrebleu.metrics.bleu import BLEU

    total = [int(n) for n in columns.sum(axis=0)]
    score = BLEU.compute_bleu(
        correct=total[:BLEU_ORDER], total=total[BLEU_ORDER : 2 * BLEU_ORDER], sys_len=total[-2], ref_len=total[-1],
        smooth_method="exp",
    ).score  # fmt: skip
    return min(100.0, float(score))  # its logarithms can end at 100.00000000000004


def _macro_f1(columns: Columns) -> float:
    from sklearn.metrics import f1_score  # half a second that no page and no text task needs

    right, predicted = columns[:, 0].astype(int), columns[:, 1].astype(int)
    classes = np.unique(right)
    return float(f1_score(right, predicted, labels=classes, average="macro", zero_division=0.0))


def _auc(columns: Columns) -> float:
    """Mean over classes of the area under the ROC curve, each class against the rest; NaN when there is one class."""
    from sklearn.metrics import roc_auc_score

    right, given = columns[:, 0].astype(int), columns[:, 1:]
    classes = np.unique(right)
    if len(classes) < 2:
        return math.nan
    return float(np.mean([roc_auc_score(right == c, given[:, c]) for c in classes]))


def _rmse(columns: Columns) -> float:
    return float(np.sqrt(np.mean((columns[:, 0] - columns[:, 1]) ** 2)))


def _mae(columns: Columns) -> float:
    return float(np.mean(np.abs(columns[:, 0] - columns[:, 1])))


def _r2(columns: Columns) -> float:
    """Share of the variance explained; NaN where the right numbers are all the same."""
    spread = float(np.sum((columns[:, 1] - columns[:, 1].mean()) ** 2))
    return 1.0 - float(np.sum((columns[:, 0] - columns[:, 1]) ** 2)) / spread if spread > 0 else math.nan


SCORERS: dict[str, Measure] = {
    "exact_match": Measure(_equal_trimmed, _mean, "numpy"),
    "accuracy": Measure(_equal, _mean, "numpy"),
    "macro_f1": Measure(_classes, _macro_f1, "scikit-learn", costly=True),
    "auc": Measure(_class_probabilities, _auc, "scikit-learn", needs_probabilities=True, costly=True),
    "log_loss": Measure(_surprise, _mean, "numpy", higher_is_better=False, needs_probabilities=True),
    "rmse": Measure(_numbers, _rmse, "numpy", higher_is_better=False),
    "mae": Measure(_numbers, _mae, "numpy", higher_is_better=False),
    "r2": Measure(_numbers, _r2, "numpy"),
    "bits_per_char": Measure(
        _surprise, lambda c: _mean(c) / math.log(2), "numpy", higher_is_better=False, needs_probabilities=True
    ),
    "perplexity": Measure(
        _surprise, lambda c: math.exp(_mean(c)), "numpy", higher_is_better=False, needs_probabilities=True
    ),
    "bleu": Measure(_bleu_counts(), _bleu, "sacrebleu", percent=True),
    "bleu_char": Measure(_bleu_counts(tokenize="char"), _bleu, "sacrebleu", percent=True),
}
"""Per character for `bits_per_char` and `perplexity`; natural logarithms in `log_loss`; `bleu_char` counts characters
instead of words, for references of fewer than four words."""
PERCENT = frozenset(name for name, measure in SCORERS.items() if measure.percent)
"""Metrics that are 0 to 100."""


# -- scoring -----------------------------------------------------------------------------------------------


class Interval(NamedTuple):
    """95 % bootstrap interval over test rows, percentiles."""

    low: float
    high: float


def scorable(names: Sequence[str], predictions: Answers) -> list[str]:
    """The metrics that these predictions can be scored by: without probabilities, those that need none."""
    given = all(p.probabilities is not None for p in _answers(predictions))
    return [name for name in names if given or not SCORERS[name].needs_probabilities]


def score(names: Sequence[str], predictions: Answers, references: Sequence[str]) -> dict[str, float]:
    """The named metrics over aligned predictions and references. Raises KeyError for an unknown metric, ScoreError."""
    if not references:
        raise ScoreError("There is nothing to score: the test split is empty.")
    answers = _answers(predictions)
    found = {name: SCORERS[name].fold(SCORERS[name].columns(answers, references)) for name in names}
    if undefined := [name for name, value in found.items() if not math.isfinite(value)]:
        raise ScoreError(f"{undefined[0]} is not defined on these {len(references)} test rows.")
    return found


def intervals(names: Sequence[str], predictions: Answers, references: Sequence[str]) -> dict[str, Interval]:
    """How far each metric would move with other test rows: the same draws of rows for each call and each metric."""
    answers, found = _answers(predictions), {}
    for name in names:
        measure = SCORERS[name]
        columns = measure.columns(answers, references)
        generator = np.random.default_rng(BOOTSTRAP_SEED)
        draws = COSTLY_RESAMPLES if measure.costly else RESAMPLES
        values = [measure.fold(columns[generator.integers(0, len(columns), len(columns))]) for _ in range(draws)]
        defined = [value for value in values if math.isfinite(value)]
        if defined:
            tail = 100 * (1 - CONFIDENCE) / 2
            low, high = np.percentile(defined, [tail, 100 - tail])
            found[name] = Interval(round(float(low), 6), round(float(high), 6))
    return found


def _answers(predictions: Answers) -> list[Prediction]:
    return [p if isinstance(p, Prediction) else Prediction(p) for p in predictions]
