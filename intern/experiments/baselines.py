"""What a simple method gets on the same sealed test rows: the bar that a result has to pass before it says anything.

The simplest (majority class, mean, copied source, character counts) are computed here. A learned one (bag of words or
gradient boosting) runs as a job like any training program, so it never sees a test label either.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from intern.compute.base import Backend, ComputeError, JobSpec
from intern.experiments.evidence import NoEvidenceError, prediction_list
from intern.experiments.listeners import LastMetrics
from intern.experiments.metrics import Prediction, ScoreError, scorable, score
from intern.experiments.programs import BASELINE
from intern.experiments.run import stage
from intern.experiments.spec import ExperimentSpec, ProgramInput, Task

LEARNED_NAME: dict[Task, str] = {
    "text-classification": "bag of words + logistic regression",
    "image-classification": "logistic regression on pixels",
    "tabular-classification": "gradient boosting (scikit-learn)",
    "tabular-regression": "gradient boosting (scikit-learn)",
}
LEAST_ROWS = 200
"""With fewer training rows only the simplest are computed."""
LEARNED_SECONDS = 20.0
LABEL_COLUMNS = ("label", "target", "value")


class Baselines(BaseModel):
    """Metrics by method. `note` says what is missing and why."""

    values: dict[str, dict[str, float]] = {}
    note: str = ""


def simplest(task: Task, data: Path) -> dict[str, list[Prediction]]:
    """The predictions of methods that need no learning, by name, in the order of the test rows."""
    train, tests = _rows(data / "train.jsonl"), _rows(data / "test.jsonl")
    if task == "translation":
        return {"copy of the source": [Prediction(str(row["source"])) for row in tests]}
    if task == "text-generation":
        counts = Counter("".join(str(row.get("text", "")) for row in train))
        total = sum(counts.values()) or 1
        share = {character: count / total for character, count in counts.items()}
        return {"character counts": [Prediction(max(share, key=share.__getitem__, default=""), share)] * len(tests)}
    labels = [_label(row) for row in train]
    if task == "tabular-regression":
        return {"mean": [Prediction(repr(statistics.fmean(float(label) for label in labels)))] * len(tests)}
    counts = Counter(map(str, labels))
    share = {name: count / len(labels) for name, count in counts.items()}
    return {"majority class": [Prediction(counts.most_common(1)[0][0], share)] * len(tests)}


def compute_baselines(
    task: Task,
    data: Path,
    labels: dict[str, Any],
    metrics: list[str],
    *,
    backend: Backend | None,
    folder: Path,
    threads: int,
    check: Callable[[], None],
) -> Baselines:
    """Score the simple methods on the sealed labels. `backend` None: only those that need no job."""
    references = [str(label) for label in labels.values()]
    found = Baselines(values={n: _scored(metrics, p, references) for n, p in simplest(task, data).items()})
    name = LEARNED_NAME.get(task)
    if name is None:
        return found
    rows = sum(1 for line in (data / "train.jsonl").open(encoding="utf-8") if line.strip())
    if backend is None or rows < LEAST_ROWS:
        found.note = f"{name} was left out: {f'{rows} training rows' if backend else 'no time'}"
        return found
    asked = ProgramInput(task=task, seed=1, threads=threads, hyperparameters={}, seconds=LEARNED_SECONDS)
    stage(folder, data, BASELINE, asked)
    job = JobSpec(
        id=folder.name, folder=folder, argv=["program.py"], threads=threads, hard_limit_seconds=LEARNED_SECONDS * 2
    )
    _add(found, name, backend, job, labels, task, metrics, check)
    return found


def add_baseline(
    found: Baselines, name: str, backend: Backend, job: JobSpec, labels: dict[str, Any], spec: ExperimentSpec,
    check: Callable[[], None],
) -> None:  # fmt: skip
    """Run one more method as a job, staged before, and score it; `found` says why where there is no number."""
    _add(found, name, backend, job, labels, spec.task, [m.name for m in spec.metrics], check)


def _add(
    found: Baselines, name: str, backend: Backend, job: JobSpec, labels: dict[str, Any], task: Task, metrics: list[str],
    check: Callable[[], None],
) -> None:  # fmt: skip
    try:
        result = backend.run(job, LastMetrics({}), check)
        if result.exit_status != 0:
            raise NoEvidenceError("it took too long" if result.timed_out else f"exit status {result.exit_status}")
        predicted = prediction_list(job.folder, list(labels), task)
        found.values[name] = _scored(metrics, predicted, [str(label) for label in labels.values()])
    except (NoEvidenceError, ComputeError, ScoreError) as error:
        found.note = f"{name} gave no number: {error}"


def _scored(metrics: list[str], predictions: list[Prediction], references: list[str]) -> dict[str, float]:
    """Those of the metrics that are defined here: a constant has no rank and explains no variance."""
    found: dict[str, float] = {}
    for name in scorable(metrics, predictions):
        try:
            found |= score([name], predictions, references)
        except ScoreError:
            continue
    return found


def _label(row: dict[str, Any]) -> Any:
    return next(row[name] for name in LABEL_COLUMNS if name in row)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
