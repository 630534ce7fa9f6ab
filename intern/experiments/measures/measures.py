"""The harness's metrics as a module of the `evaluate` library, for notebooks and scripts, offline:

`evaluate.load("intern/experiments/measures", "macro_f1").compute(predictions=[…], references=[…])`

The harness calls the same functions without it: `evaluate` ships no metric of its own, and importing it takes seconds and half
a gigabyte (it imports torch, transformers and datasets), which no app can spend on counting right answers.
"""

from __future__ import annotations

from typing import Any

import datasets
import evaluate

from intern.experiments.metrics import SCORERS, score

TEXT = sorted(name for name, measure in SCORERS.items() if not measure.needs_probabilities)


class Measures(evaluate.Metric):
    """One metric of SCORERS, by its name as the configuration; predictions and references are texts."""

    def _info(self) -> evaluate.MetricInfo:
        if self.config_name not in TEXT:
            raise ValueError(f"There is no metric {self.config_name!r} over texts; there are: {', '.join(TEXT)}.")
        return evaluate.MetricInfo(
            description=f"{self.config_name}, as the intern's harness computes it",
            citation="",
            inputs_description="predictions and references: lists of texts of the same length",
            features=datasets.Features(
                {"predictions": datasets.Value("string"), "references": datasets.Value("string")}
            ),
        )

    def _compute(self, *, predictions: list[str], references: list[str], **_: Any) -> dict[str, float]:
        return score([self.config_name], predictions, references)
