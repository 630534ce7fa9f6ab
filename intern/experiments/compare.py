"""Our numbers beside the paper's claims, and only beside those that they may stand beside.

A claim is comparable when the data set, its test split, the metric and the model variant are the same. Everything
else is said to be not comparable, with the reasons.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from intern.experiments.design import matching_dataset
from intern.experiments.evidence import SeedRun
from intern.experiments.noise import LEAST_SEEDS, SIGMAS
from intern.experiments.spec import Deviation, EvidenceLevel, ExperimentSpec
from intern.papers.model import Dataset, Reading, Result

METRIC_WORDS = {
    "bleu": "bleu", "bleu_char": "character bleu", "accuracy": "acc", "exact_match": "exact", "macro_f1": "macro f1",
    "bits_per_char": "bits per char", "log_loss": "log loss",
}  # fmt: skip
SHARES = frozenset({"accuracy", "exact_match", "macro_f1", "auc", "r2"})
"""Metrics of 0 to 1, which papers like to give in per cent."""
MAX_CLAIMS = 12
LEVELS: tuple[EvidenceLevel, ...] = ("reported", "rescored", "sealed")


class Summary(BaseModel):
    """One metric over all measured seeds. `std` is the sample standard deviation, None for a single seed."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    metric: str
    mean: float
    std: float | None
    n: int
    evidence_level: EvidenceLevel
    others: dict[str, float] = Field(default={}, exclude=True)
    """Means of the other metrics; not part of the public form, where each run has them."""


class Claim(BaseModel):
    dataset: str
    metric: str
    value: float
    model: str
    page: int


class Comparison(BaseModel):
    """DESIGN's `comparison[]` entry. `ours` is in the claim's unit (per cent where the claim is)."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    claim: Claim
    ours: float | None
    comparable: bool
    why: str


def summarise(spec: ExperimentSpec, runs: Sequence[SeedRun]) -> Summary:
    """Mean and spread of the primary metric over the seeds that trained to their end.

    A seed that its time limit cut short is not the experiment as designed; it counts only when all were cut short
    (which `cut_short` tells). Raises ValueError when no seed was measured.
    """
    every = [run for run in runs if run.evidence is not None and run.metrics]
    if not every:
        raise ValueError("No seed was measured, so there is nothing to summarise.")
    measured = [run for run in every if run.evidence and run.evidence.stopped_early_at is None] or every
    name = spec.primary_metric.name
    values = [run.metrics[name] for run in measured]
    level = min((run.evidence.level for run in measured if run.evidence), key=LEVELS.index)
    return Summary(
        metric=name,
        mean=statistics.fmean(values),
        std=statistics.stdev(values) if len(values) > 1 else None,
        n=len(values),
        evidence_level=level,
        others={
            m.name: statistics.fmean(run.metrics[m.name] for run in measured)
            for m in spec.metrics
            if m.name != name and all(m.name in run.metrics for run in measured)
        },
    )


def cut_short(spec: ExperimentSpec, runs: Sequence[SeedRun]) -> list[Deviation]:
    """Seeds that stopped at their time limit, as deviations from the design."""
    steps = spec.value("steps")
    planned = f"{steps} steps" if steps is not None else f"up to {spec.value('epochs')} epochs"
    whole = any(run.evidence and run.evidence.stopped_early_at is None for run in runs)
    counted = "its numbers are shown and do not count in the mean" if whole else "so were all seeds"
    return [
        Deviation(
            what=f"training of seed {run.seed}", paper=f"{planned} planned", ours=f"stopped at step {at}",
            reason=f"its time limit on this machine; {counted}",
        )
        for run in runs
        if run.evidence is not None and (at := run.evidence.stopped_early_at) is not None
    ]  # fmt: skip


def compare(spec: ExperimentSpec, summary: Summary, reading: Reading | None) -> list[Comparison]:
    """The paper's own claims, comparable ones first, then those on our data; each with the reason when it is not."""
    if reading is None:
        return []
    data_name = spec.data.description.split(":")[0]
    theirs = matching_dataset(reading, data_name)
    claims = [r for r in reading.setup.results if r.own]
    rows = [_row(spec, summary, claim, data_name, theirs) for claim in claims]
    # `ours` is there only beside claims on the same data.
    rows.sort(key=lambda row: (not row.comparable, row.ours is None))
    return rows[:MAX_CLAIMS]


def _row(spec: ExperimentSpec, summary: Summary, claim: Result, data_name: str, theirs: Dataset | None) -> Comparison:
    reasons = []
    same_data = theirs is not None and _same(claim.dataset, theirs.name)
    if not same_data:
        reasons.append(f"other data: the claim is on {claim.dataset}, ours on {data_name}")
    elif not spec.data.official_test:
        reasons.append("other test rows: the files have no test part of their own")
    elif theirs is not None and theirs.test not in (None, spec.data.splits["test"]):
        # A name alone proves nothing: the size that the paper states has to agree.
        reasons.append(f"other test rows: the paper's test part has {theirs.test}, ours {spec.data.splits['test']}")
    ours = _our_value(summary, claim)
    if ours is None:
        reasons.append(f"other metric: {claim.metric} was not measured")
    if not reasons and spec.variant and not _same(claim.model, spec.variant):
        reasons.append(f"other model: the claim is for {claim.model}, ours is {spec.variant}")
    comparable = not reasons
    if comparable and ours is not None:
        reasons.append(_difference(spec, summary, claim, ours))
    return Comparison(
        claim=Claim(**claim.model_dump(include=set(Claim.model_fields))),
        ours=round(ours, 4) if ours is not None and same_data else None,
        comparable=comparable,
        why="; ".join(reasons),
    )


def _our_value(summary: Summary, claim: Result) -> float | None:
    """Our number for the claim's metric, in the claim's unit."""
    values = {summary.metric: summary.mean, **summary.others}
    for name, value in values.items():
        if METRIC_WORDS.get(name, name) in claim.metric.lower():
            return value * _scale(name, claim)
    return None


def _scale(metric: str, claim: Result) -> float:
    """What our value is multiplied by to be in the claim's unit."""
    return 100.0 if metric in SHARES and claim.value > 1 else 1.0


def _difference(spec: ExperimentSpec, summary: Summary, claim: Result, ours: float) -> str:
    # A paper's number is one run, as far as anybody knows: the spread of single runs says whether ours could be it.
    gap, spread, judged = ours - claim.value, "", "one seed: the noise is unknown"
    if summary.std is not None:
        sigma = summary.std * _scale(summary.metric, claim)
        spread = f" ± {sigma:.2f} over {summary.n} seeds"
        judged = f"{'beyond' if abs(gap) > SIGMAS * sigma else 'within'} {SIGMAS:g}σ = {SIGMAS * sigma:.2f}"
        if summary.n < LEAST_SEEDS:
            judged += f", and {summary.n} seeds are too few to know σ"
    text = f"same data, test split and metric: ours {ours:.2f}{spread}, difference {gap:+.2f} ({judged})"
    changed = [d.what for d in spec.deviations]
    return text + (f"; mind the deviations ({', '.join(changed[:6])})" if changed else "")


def _same(left: str, right: str) -> bool:
    def fold(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", "", text.lower())

    return fold(left) == fold(right)
