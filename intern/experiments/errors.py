"""Where a measured model is right and wrong, for people: a confusion matrix for classes, samples for texts.

It holds test labels, so it goes to faces only: never to a brain, an artifact or the log.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from intern.experiments.data import sealed_labels
from intern.experiments.evidence import NoEvidenceError, read_predictions

MOST_CLASSES = 12
SAMPLES = 12
TEXT_CHARS = 240
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """One test row: what went in, what is right, what the model said."""

    text: str
    expected: str
    said: str

    @property
    def right(self) -> bool:
        return self.expected.strip() == self.said.strip()


@dataclass(frozen=True)
class Mistakes:
    """Of one seed. `matrix[i][j]`: rows of class `classes[i]` that were called `classes[j]`; empty for texts."""

    seed: int
    rows: int
    right: int | None
    """Rows that were answered word for word; None where labels are measured numbers, which no answer meets exactly."""
    classes: list[str]
    matrix: list[list[int]]
    samples: list[Sample]


def find_mistakes(run_folder: Path, spec_id: str, data_id: str, seed: int) -> Mistakes | None:
    """Read a measured seed's predictions and the labels again; None where there is nothing that can be shown."""
    try:
        labels = sealed_labels(run_folder / "sealed", data_id)
        said = read_predictions(run_folder / "jobs" / f"{spec_id}-seed{seed}" / "predictions.jsonl", list(labels))
        inputs = _inputs(run_folder / "data" / data_id / "test.jsonl")
    except (OSError, ValueError, KeyError, NoEvidenceError):
        return None
    texts = [str(getattr(answer, "text", answer)) for answer in said]
    pairs = list(zip(labels.items(), texts, strict=True))
    every = [Sample(_short(inputs.get(row, "")), _short(label), _short(text)) for (row, label), text in pairs]
    wrong = [sample for sample in every if not sample.right]
    half = SAMPLES // 2
    shown = wrong[: max(half, SAMPLES - (len(every) - len(wrong)))] + [s for s in every if s.right][:half]
    counts = Counter(labels.values())
    classes = sorted(counts) if len(counts) <= MOST_CLASSES and len(labels) >= 3 * len(counts) else []
    right = None if not classes and all(map(_is_number, counts)) else len(every) - len(wrong)
    return Mistakes(seed, len(every), right, classes, _matrix(classes, labels, texts), shown)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _matrix(classes: list[str], labels: dict[str, str], said: list[str]) -> list[list[int]]:
    counted = Counter(zip(labels.values(), said, strict=True))
    return [[counted[(right, called)] for called in classes] for right in classes]


def _inputs(path: Path) -> dict[str, str]:
    """Row id -> its text; files of ours, never a program's."""
    found: dict[str, str] = {}
    if path.stat().st_size > MOST_BYTES:
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        identity = str(row.pop("id"))
        found[identity] = next((value for value in row.values() if isinstance(value, str)), "")
    return found


def _short(text: str) -> str:
    return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"
