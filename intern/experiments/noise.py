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
    import scipy.special as special
else:
    np = Later("numpy")
    special = Later("scipy.special")

SIGMAS = 2.0
"""A difference counts only beyond so many sigmas."""
LEAST_SEEDS = 3
DRAWS = 300
CONFIDENCE = 0.975
"""Of Student's distribution, either side: what two sigmas are where sigma is known."""


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


class Means(BaseModel):
    """Two means over seeds, and how far chance alone would move them apart (Welch's test, B. L. Welch, Biometrika 34, 1947;
    recommended for runs that differ by their seed in arXiv 1806.08295).

    The spread of single runs says where another run would lie. Between means it counts divided by the root of the number
    of runs, of both sides; and of few runs the spread is itself uncertain, which makes two sigmas more.
    """

    standard_error: float
    factor: float
    """Standard errors that the difference has to exceed: two, and more where few seeds were run."""

    @property
    def least_gain(self) -> float:
        return self.factor * self.standard_error


def between_means(left: Sequence[float], right: Sequence[float]) -> Means:
    """Raises ValueError when one of them has a single value: it has no spread."""
    if min(len(left), len(right)) < 2:
        raise ValueError("The noise between two means needs two seeds of each at least.")
    shares = [statistics.variance(values) / len(values) for values in (left, right)]
    total = sum(shares)
    if total == 0:
        return Means(standard_error=0.0, factor=SIGMAS)
    freedom = total**2 / sum(s**2 / (len(v) - 1) for s, v in zip(shares, (left, right), strict=True))
    return Means(standard_error=math.sqrt(total), factor=max(SIGMAS, float(special.stdtrit(freedom, CONFIDENCE))))


def judge_means(
    metric: str, baseline: Sequence[float], new: Sequence[float], over_rows: float | None = None
) -> Verdict:
    """As `judge`, for the last word on two experiments that were both run with several seeds."""
    if min(len(baseline), len(new)) < 2:
        return judge(noise_floor(metric, baseline, over_rows), baseline, new)
    gain = statistics.fmean(new) - statistics.fmean(baseline)
    if not SCORERS[metric].higher_is_better:
        gain = -gain
    means = between_means(baseline, new)
    least = max(means.least_gain, SIGMAS * (over_rows or 0.0))
    rows = f", over rows 2σ = {shown(SIGMAS * over_rows, 3)}" if over_rows is not None else ""
    place = "beyond" if gain > least else "within" if gain > -least else "worse beyond"
    floor = (
        f"noise floor {shown(least, 3)} ({shown(means.factor, 3)} standard errors of the difference, each "
        f"{shown(means.standard_error, 3)}, over {len(baseline)} and {len(new)} seeds{rows})"
    )
    return Verdict(improved=gain > least, gain=gain, words=f"{shown(gain, sign=True)}, {place} the {floor}")


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
