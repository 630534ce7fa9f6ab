"""Evidence: what makes a number count. The harness reads the predictions, looks the labels up, and scores.

Refused, in plain words: a failed exit status, missing, doubled or unknown ids, predictions that are no text,
predictions that were there before the program started, and what is no plain file (a link, a pipe) or far too large.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from intern.experiments.checkpoints import checkpoint_folders, known_checkpoint
from intern.experiments.doubts import doubts_of_folder, doubts_of_predictions, other_results
from intern.experiments.environment import environment
from intern.experiments.leakage import Overlap
from intern.experiments.metrics import SCORERS, Interval, Prediction, ScoreError, intervals, scorable, score
from intern.experiments.spec import EvidenceLevel, Task
from intern.runs.numbers import shown
from intern.sandbox.hostfiles import read_file

MOST_BYTES = 128 * 1024 * 1024
"""A larger predictions.jsonl is refused: the host holds it in memory."""
JOB_FILES = frozenset(
    {"runtime.py", "program.py", "spec.json", "data", "log.txt", "metrics.jsonl", "predictions.jsonl"}
)
MOST_SUM = 1.001
"""Of a distribution: rounding may add up to a little more than 1."""


class NoEvidenceError(ValueError):
    """The job's output does not support any number; the message says why."""


class Evidence(BaseModel):
    """Everything needed to believe, or to repeat, one seed's numbers."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    level: EvidenceLevel
    spec_hash: str
    program_hash: str
    data_fingerprint: str
    seed: int
    backend: str
    exit_status: int
    seconds: float
    predictions_sha256: str
    n_predictions: int
    stopped_early_at: int | None = None
    environment: dict[str, str]
    """Package versions, Python and hardware of the machine that ran the program."""
    cpu_seconds: float | None = None
    """CPU time of the program and its children; None = not measured there."""
    intervals: dict[str, Interval] = {}
    """95 % bootstrap interval of each metric over the test rows: what another test set of this size could have given."""
    scored_with: dict[str, str] = {}
    """The library under each metric."""
    flags: list[str] = []
    """Reasons to doubt the numbers, in plain words."""
    baselines: dict[str, dict[str, float]] = {}
    """The metrics of simple methods on the same sealed rows, by method."""
    tuned_from: str = ""
    """The pretrained weights that the training started from, by name; "" = random numbers."""
    weights_fingerprint: str = ""
    """sha256 over the files of the weights that were staged for the program; "" = none were."""


class SeedRun(BaseModel):
    """One seed, measured. DESIGN's `runs[]` entry of `run --json`."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    seed: int
    backend: str
    seconds: float
    exit_status: int
    metrics: dict[str, float]
    evidence: Evidence | None = None


def _written(path: Path) -> bytes:
    """What the program wrote. Raises NoEvidenceError for what is no file of its own: a link may lead to what the
    program itself cannot read, a pipe has no end."""
    if path.is_symlink():
        raise NoEvidenceError("predictions.jsonl is a link, not a file that the program wrote.")
    try:
        return read_file(path.parent, path.name, MOST_BYTES)
    except FileNotFoundError as error:
        raise NoEvidenceError("The program ended without writing predictions.jsonl.") from error
    except OSError as error:
        raise NoEvidenceError(f"predictions.jsonl cannot be counted: {error.strerror or error}.") from error


def read_predictions(path: Path, ids: Sequence[str]) -> list[str]:
    """Predictions in the order of `ids`. Raises NoEvidenceError unless there is exactly one text for each id."""
    return [p.text for p in _in_order(_written(path), ids, "text-classification")]


def prediction_list(folder: Path, ids: Sequence[str], task: Task) -> list[Prediction]:
    """What a job predicted for these test rows, in their order. Raises NoEvidenceError."""
    return _in_order(_written(folder / "predictions.jsonl"), ids, task)


def _in_order(written: bytes, ids: Sequence[str], task: Task) -> list[Prediction]:
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoEvidenceError("predictions.jsonl is not UTF-8 text.") from error
    found: dict[str, Prediction] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], 1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise NoEvidenceError(f"Line {number} of predictions.jsonl is not JSON.") from error
        prediction = _prediction(row, task) if isinstance(row, dict) and isinstance(row.get("id"), str) else None
        if prediction is None:
            raise NoEvidenceError(
                f'Line {number} of predictions.jsonl is not {{"id": text, "prediction": {SHAPES[task]}}}.'
            )
        if row["id"] in found:
            raise NoEvidenceError(f"predictions.jsonl has two predictions for {row['id']!r}.")
        found[row["id"]] = prediction
    if missing := [i for i in ids if i not in found]:
        raise NoEvidenceError(
            f"predictions.jsonl lacks {len(missing)} of {len(ids)} test rows (first: {missing[0]!r})."
        )
    if unknown := set(found) - set(ids):
        raise NoEvidenceError(f"predictions.jsonl has {len(unknown)} rows that are not in the test split.")
    return [found[i] for i in ids]


SHAPES: dict[Task, str] = {
    "translation": "text",
    "text-classification": "text",
    "image-classification": "text",
    "tabular-classification": "text",
    "tabular-regression": "a finite number",
    "text-generation": "{character: probability}",
}


def _prediction(row: dict[str, Any], task: Task) -> Prediction | None:
    """What a line says, in the shape of the task; None when it has another."""
    said = row.get("prediction")
    if task == "tabular-regression":
        number = _number_in(said)
        return Prediction(repr(number)) if number is not None else None
    if task == "text-generation":
        if not _is_distribution(said) or not said:
            return None
        return Prediction(max(said, key=said.__getitem__), said)
    if not isinstance(said, str):
        return None
    given = row.get("probabilities")
    return Prediction(said, given) if given is None or _is_distribution(given) else None


def _number_in(said: Any) -> float | None:
    """A number, or a text that is nothing but one."""
    try:
        number = float(said) if isinstance(said, str | int | float) and not isinstance(said, bool) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_distribution(value: object) -> bool:
    if not isinstance(value, dict) or not all(_is_number(p) and 0 <= p <= MOST_SUM for p in value.values()):
        return False
    return sum(value.values()) <= MOST_SUM


@dataclass(frozen=True)
class Looks:
    """What the harness looks at beside the predictions."""

    task: Task = "text-classification"
    leak: Overlap = field(default_factory=lambda: Overlap(frozenset(), 0))
    """Test rows that are in the training part."""
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    labels_open: bool = False
    """The author of the program could read the labels: the level is "rescored" at best."""
    notes: tuple[str, ...] = ()
    """Doubts that are known before the job has run: of its script, for example."""
    tuned_from: str = ""
    weights_fingerprint: str = ""
    started_from: Path | None = None
    """The folder of the weights that the model was to start from; None = random numbers."""
    weights_at_hand: tuple[Path, ...] = ()
    """Folders of weights of this run: a model that starts from none must not be one of them."""


def measure(
    folder: Path,
    labels: dict[str, str],
    metrics: Sequence[str],
    *,
    level: EvidenceLevel,
    spec_hash: str,
    program_hash: str,
    data_fingerprint: str,
    seed: int,
    backend: str,
    exit_status: int,
    seconds: float,
    stopped_early_at: int | None,
    cpu_seconds: float | None = None,
    ran_on: dict[str, str] | None = None,
    looks: Looks | None = None,
) -> SeedRun:
    """Score a finished job against the sealed labels. Raises NoEvidenceError.

    The first metric is the one that must be there. `ran_on`: versions on the machine that ran the program; None = this one.
    """
    looks = looks or Looks()
    if exit_status != 0:
        raise NoEvidenceError(f"The program failed (exit status {exit_status}); what it wrote is not counted.")
    path = folder / "predictions.jsonl"
    if not path.is_symlink() and not path.exists() and (others := other_results(folder, JOB_FILES)):
        raise NoEvidenceError(
            f"The program ended without writing predictions.jsonl; it wrote {', '.join(others)}, which nobody counts."
        )
    written = _written(path)
    ids, references = list(labels), [str(label) for label in labels.values()]
    predictions = _in_order(written, ids, looks.task)
    names = scorable(metrics, predictions)
    if not names or metrics[0] not in names:
        raise NoEvidenceError(f"{metrics[0]} needs probabilities, and predictions.jsonl gives none.")
    try:
        values = score(names, predictions, references)
    except ScoreError as error:
        raise NoEvidenceError(f"The predictions cannot be scored: {error}") from error
    evidence = Evidence(
        level="rescored" if looks.labels_open and level == "sealed" else level,
        spec_hash=spec_hash,
        program_hash=program_hash,
        data_fingerprint=data_fingerprint,
        seed=seed,
        backend=backend,
        exit_status=exit_status,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        predictions_sha256=hashlib.sha256(written).hexdigest(),
        n_predictions=len(predictions),
        stopped_early_at=stopped_early_at,
        environment=environment() if ran_on is None else ran_on,
        intervals=intervals(names, predictions, references),
        scored_with={name: SCORERS[name].scored_with for name in names},
        flags=[
            *looks.notes,
            *doubts_of_predictions(predictions, references, names, ids, looks.leak),
            *no_better_than(values, looks.baselines),
            *doubts_of_folder(folder, JOB_FILES),
            *([known] if (known := _known(folder, looks)) else []),
        ],
        baselines=looks.baselines,
        tuned_from=looks.tuned_from,
        weights_fingerprint=looks.weights_fingerprint,
    )
    return SeedRun(
        seed=seed, backend=backend, seconds=seconds, exit_status=exit_status, metrics=values, evidence=evidence
    )


def _known(folder: Path, looks: Looks) -> str | None:
    """Whether the model is somebody else's, in words."""
    return known_checkpoint(folder / "model", [*checkpoint_folders(), *looks.weights_at_hand], looks.started_from)


def no_better_than(values: dict[str, float], baselines: dict[str, dict[str, float]]) -> list[str]:
    """Say it when the simplest method does as well, by the first metric."""
    name = next(iter(values))
    for method, theirs in baselines.items():
        if name in theirs:
            gain = values[name] - theirs[name]
            if (gain if SCORERS[name].higher_is_better else -gain) <= 0:
                return [f"{name} {shown(values[name])} is no better than {method} ({shown(theirs[name])})."]
    return []
