"""Reasons to doubt a number, looked for in what a job left behind. Each is one plain sentence that stands with the result.

A doubt does not erase a number: a person may know better. What supports no number at all is refused in evidence.py.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from intern.compute.base import ProgramMetric
from intern.experiments.leakage import Overlap
from intern.experiments.metrics import Prediction, ScoreError, scorable, score
from intern.runs.numbers import shown
from intern.sandbox import hostfiles

MOST_METRIC_BYTES = 64 * 1024 * 1024
PERFECT_ROWS = 20
"""So many right answers without a single wrong one are not believed at once."""
LEAST_REST = 5
OTHER_RESULTS = ("result", "metric", "score", "final_info", "eval", "output", "pred")
"""How files are called that programs like to write instead of those of the contract."""


def doubts_of_predictions(
    predictions: Sequence[Prediction],
    references: Sequence[str],
    metrics: Sequence[str],
    ids: Sequence[str],
    leak: Overlap,
) -> list[str]:
    """What the predictions themselves give away."""
    found = []
    rows = len(predictions)
    if rows > 1 and len(set(references)) > 1 and len({_shown(p) for p in predictions}) == 1:
        said = predictions[0].text[:40]
        found.append(f"All {rows} predictions are the same (“{said}”): they do not depend on the input.")
    if rows >= PERFECT_ROWS and all(p.text.strip() == r.strip() for p, r in zip(predictions, references, strict=True)):
        found.append(
            f"Every one of {rows} predictions equals its sealed label: look for the answer in the input before you "
            "believe it."
        )
    if leak.shared:
        found.append(
            f"{leak.text}: the score is better than it should be{_without(predictions, references, metrics, ids, leak)}."
        )
    return found


def _shown(prediction: Prediction) -> str:
    return prediction.text if prediction.probabilities is None else json.dumps(prediction.probabilities, sort_keys=True)


def _without(
    predictions: Sequence[Prediction],
    references: Sequence[str],
    metrics: Sequence[str],
    ids: Sequence[str],
    leak: Overlap,
) -> str:
    """The same metrics on the rows that are not in the training part."""
    kept = [n for n, identity in enumerate(ids) if identity not in leak.ids]
    if len(kept) < LEAST_REST:
        return ""
    rest = [predictions[n] for n in kept]
    try:
        values = score(scorable(metrics, rest), rest, [references[n] for n in kept])
    except ScoreError:
        return ""
    told = ", ".join(f"{name} {shown(value)}" for name, value in values.items())
    return f"; on the other {len(kept)} rows {told}"


def doubts_of_folder(folder: Path, given: Iterable[str]) -> list[str]:
    """What the job's files give away: no metrics, metrics that are no numbers, results under other names, no output.

    `given`: names that were there before the program started.
    """
    good, bad, first = _metric_lines(folder)
    found = []
    others = other_results(folder, given)
    if not good:
        instead = f" It wrote {', '.join(others)} instead, which nobody counts." if others else ""
        found.append(f"metrics.jsonl holds no metric: how the training went cannot be seen.{instead}")
    if bad:
        found.append(f"{bad} lines of metrics.jsonl are no numbers and do not count (first: {first}).")
    if not good and not _size(folder, "log.txt"):
        found.append("The program wrote no output at all: an empty log shows neither success nor failure.")
    return found


def other_results(folder: Path, given: Iterable[str]) -> list[str]:
    """Files of the program that look like results and are not those of the contract."""
    known = {*given, "metrics.jsonl", "predictions.jsonl", "log.txt"}
    names = sorted(p.name for p in folder.iterdir() if p.name not in known and not p.is_dir())
    return [n for n in names if any(word in n.lower() for word in OTHER_RESULTS)][:4]


def _metric_lines(folder: Path) -> tuple[int, int, str]:
    """(metrics, other lines, the first of those)."""
    try:
        written = hostfiles.read_file(folder, "metrics.jsonl", MOST_METRIC_BYTES)
    except OSError:
        return 0, 0, ""
    good, bad, first = 0, 0, ""
    for line in written.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        try:
            metric = ProgramMetric.model_validate_json(line, strict=False)
            if isinstance(json.loads(line)["value"], str):
                raise TypeError
            good += math.isfinite(metric.value)
        except (ValidationError, TypeError, ValueError):
            bad += 1
            first = first or line.strip()[:80]
    return good, bad, first


def _size(folder: Path, name: str) -> int:
    try:
        return len(hostfiles.read_end(folder, name, 64).strip())
    except OSError:
        return 0


# -- did the program look at its data? ---------------------------------------------------------------------


def mark_unread(folder: Path) -> None:
    """Give the files below `folder` a time of last access that the first reading will change."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(0, path.stat().st_mtime_ns))


def unread(folder: Path) -> list[str]:
    """Files below `folder`, marked before, that nobody has opened and read since. Empty where the system does not tell."""
    marked = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink() and p.stat().st_atime_ns == 0]
    return sorted(p.relative_to(folder).as_posix() for p in marked) if marked and _tells(folder.parent) else []


def _tells(folder: Path) -> bool:
    """Does this file system note when a file is read? (Some are mounted so that they do not.)"""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(b"x")
        path = Path(file.name)
    try:
        os.utime(path, ns=(0, path.stat().st_mtime_ns))
        path.read_bytes()
        return path.stat().st_atime_ns != 0
    finally:
        path.unlink()
