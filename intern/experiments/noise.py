"""Is it better, or is it chance? The noise floor: how far a number moves when nothing but the seed or the rows change."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from intern.experiments.metrics import BOOTSTRAP_SEED, SCORERS, Prediction
from intern.later import Later
from intern.runs.numbers import shown

if TYPE_CHECKING:
    import numpy as np
else:
    np = Later("numpy")

SIGMAS = 2.0
"""A difference counts only beyond so many sigmas."""
LEAST_SEEDS = 3
DRAWS = 300


class NoiseFloor(BaseModel):
    """`sigma` is the larger of the spread over the baseline's seeds and that over the rows (paired, where both are known)."""

    metric: str
    sigma: float
    seeds: int
    over_seeds: float | None
    over_rows: float | None = None

    @property
    def least_gain(self) -> float:
        """What a gain has to exceed."""
        return SIGMAS * self.sigma

    @property
    def words(self) -> str:
        seeds = (
            f"σ over {self.seeds} seeds {shown(self.over_seeds, 3)}"
            if self.over_seeds is not None
            else "one seed: σ unknown"
        )
        rows = f", over rows {shown(self.over_rows, 3)}" if self.over_rows is not None else ""
        return f"noise floor {SIGMAS:g}σ = {shown(self.least_gain, 3)} ({seeds}{rows})"


class Verdict(BaseModel):
    """`gain` is positive when the new values are better, whatever the metric's direction."""

    improved: bool
    gain: float
    words: str


def noise_floor(metric: str, baseline: Sequence[float], over_rows: float | None = None) -> NoiseFloor:
    """The floor from the same experiment measured several times. Raises ValueError for no value."""
    if not baseline:
        raise ValueError("The baseline was not measured, so nobody knows the noise.")
    over_seeds = statistics.stdev(baseline) if len(baseline) > 1 else None
    sigma = max(over_seeds or 0.0, over_rows or 0.0)
    return NoiseFloor(metric=metric, sigma=sigma, seeds=len(baseline), over_seeds=over_seeds, over_rows=over_rows)


def judge(floor: NoiseFloor, baseline: Sequence[float], new: Sequence[float]) -> Verdict:
    """Whether the mean of `new` is better than that of `baseline` beyond the noise. One baseline value is no floor."""
    gain = statistics.fmean(new) - statistics.fmean(baseline)
    if not SCORERS[floor.metric].higher_is_better:
        gain = -gain
    if floor.over_seeds is None:
        return Verdict(
            improved=False,
            gain=gain,
            words=f"{shown(gain, sign=True)}: the baseline has one seed, so the noise is unknown",
        )
    improved = gain > floor.least_gain
    place = "beyond" if improved else "within" if gain > -floor.least_gain else "worse beyond"
    return Verdict(improved=improved, gain=gain, words=f"{shown(gain, sign=True)}, {place} the {floor.words}")


def paired_sigma(metric: str, old: Sequence[Prediction], new: Sequence[Prediction], references: Sequence[str]) -> float:
    """Standard deviation of the difference of two models over draws of the same rows: what other rows would change."""
    measure = SCORERS[metric]
    left, right = measure.columns(old, references), measure.columns(new, references)
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    found = []
    for _ in range(DRAWS):
        rows = generator.integers(0, len(left), len(left))
        difference = measure.fold(right[rows]) - measure.fold(left[rows])
        if math.isfinite(difference):
            found.append(difference)
    return statistics.stdev(found) if len(found) > 1 else 0.0
