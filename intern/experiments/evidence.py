"""Evidence: what makes a number count. The harness reads the predictions, looks the labels up, and scores.

Refused, in plain words: a failed exit status, missing, doubled or unknown ids, predictions that are no text,
predictions that were there before the program started, and what is no plain file (a link, a pipe) or far too large.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from intern.experiments.metrics import score
from intern.experiments.spec import EvidenceLevel
from intern.sandbox.hostfiles import read_file

LOCKED = ("torch", "transformers", "tokenizers", "sacrebleu", "scikit-learn", "numpy", "num2words")
MOST_BYTES = 128 * 1024 * 1024
"""A larger predictions.jsonl is refused: the host holds it in memory."""


class NoEvidenceError(ValueError):
    """The job's output does not support any number; the message says why."""


class Evidence(BaseModel):
    """Everything needed to believe, or to repeat, one seed's numbers."""

    model_config = ConfigDict(extra="forbid")

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
    """Package versions, Python and processor of the machine that ran the program."""


class SeedRun(BaseModel):
    """One seed, measured. DESIGN's `runs[]` entry of `run --json`."""

    model_config = ConfigDict(extra="forbid")

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
    return _in_order(_written(path), ids)


def _in_order(written: bytes, ids: Sequence[str]) -> list[str]:
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoEvidenceError("predictions.jsonl is not UTF-8 text.") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], 1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise NoEvidenceError(f"Line {number} of predictions.jsonl is not JSON.") from error
        if (
            not isinstance(row, dict)
            or not isinstance(row.get("id"), str)
            or not isinstance(row.get("prediction"), str)
        ):
            raise NoEvidenceError(f'Line {number} of predictions.jsonl is not {{"id": text, "prediction": text}}.')
        if row["id"] in found:
            raise NoEvidenceError(f"predictions.jsonl has two predictions for {row['id']!r}.")
        found[row["id"]] = row["prediction"]
    if missing := [i for i in ids if i not in found]:
        raise NoEvidenceError(
            f"predictions.jsonl lacks {len(missing)} of {len(ids)} test rows (first: {missing[0]!r})."
        )
    if unknown := set(found) - set(ids):
        raise NoEvidenceError(f"predictions.jsonl has {len(unknown)} rows that are not in the test split.")
    return [found[i] for i in ids]


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
) -> SeedRun:
    """Score a finished job against the sealed labels. Raises NoEvidenceError."""
    if exit_status != 0:
        raise NoEvidenceError(f"The program failed (exit status {exit_status}); what it wrote is not counted.")
    path = folder / "predictions.jsonl"
    written = _written(path)
    predictions = _in_order(written, list(labels))
    evidence = Evidence(
        level=level,
        spec_hash=spec_hash,
        program_hash=program_hash,
        data_fingerprint=data_fingerprint,
        seed=seed,
        backend=backend,
        exit_status=exit_status,
        seconds=seconds,
        predictions_sha256=hashlib.sha256(written).hexdigest(),
        n_predictions=len(predictions),
        stopped_early_at=stopped_early_at,
        environment=environment(),
    )
    values = score(metrics, predictions, list(labels.values()))
    return SeedRun(
        seed=seed, backend=backend, seconds=seconds, exit_status=exit_status, metrics=values, evidence=evidence
    )


def environment() -> dict[str, str]:
    """Versions that a repetition needs."""
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for package in LOCKED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
