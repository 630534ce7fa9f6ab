"""From rows to a sealed experiment: split, audit, fingerprint, and put the test labels where no program reaches.

`prepare` writes `data/<id>/{train,validation,test}.jsonl` (the test file without labels) and `sealed/<id>.jsonl`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from intern.experiments.audit import audit_rows, audit_splits, usable
from intern.experiments.images import Pixels
from intern.experiments.loading import Row, canonical, load
from intern.experiments.plain_text import cut_text
from intern.experiments.sources import Candidate, DataError
from intern.experiments.spec import DataRef, Task

SPLIT_SEED = 1234
HELD_OUT = 0.1
MIN_TRAIN, MIN_TEST = 20, 5
TARGETS: dict[Task, str] = {"translation": "target", "tabular-regression": "value"}
"""The name of the label in a training row; "label" elsewhere."""


class PreparedData(BaseModel):
    """A data set ready for programs. `audit` holds findings in plain words; the worst come first."""

    ref: DataRef
    task: Task
    classes: dict[str, int]
    audit: list[str]
    label_words: float
    """Mean number of words in a label or translation."""
    split_note: str
    """How the splits came about, when they are not all the data set's own; "" otherwise."""
    target: str = ""
    """The column that is predicted, for a table."""


def prepare(candidate: Candidate, folder: Path, sealed: Path) -> PreparedData:
    """Read, clean, split, audit and seal a data set. Doing it twice gives the same files. Raises DataError."""
    loaded = load(candidate)
    if candidate.task == "text-generation":
        splits, note, audit = cut_text(candidate.name, loaded.parts)
    else:
        raw, label_notes = _same_labels(loaded.parts)
        audit = audit_rows(raw, candidate.task)
        splits, note = _split({name: [r for r in part if usable(r)] for name, part in raw.items()})
        _refuse_unusable(candidate, splits)
        audit = audit_splits(splits, candidate.task) + label_notes + audit
    fingerprint = _write_all(candidate, splits, folder, sealed)
    ref = DataRef(
        id=candidate.data_id,
        source=candidate.source,
        revision=candidate.revision,
        description=f"{candidate.name}: {candidate.description}",
        licence=candidate.licence,
        fingerprint=fingerprint,
        splits={name: len(part) for name, part in splits.items()},
        official_test=candidate.has_test_file and candidate.source in ("local", "hub"),
    )
    labelled = candidate.task.endswith("-classification")
    return PreparedData(
        ref=ref,
        task=candidate.task,
        classes=dict(Counter(r.label for r in splits["train"]).most_common()) if labelled else {},
        audit=[*loaded.notes, *audit],
        label_words=sum(len(r.label.split()) for r in splits["train"]) / len(splits["train"]),
        split_note=note,
        target=candidate.use.target if candidate.use else "",
    )


def _write_all(candidate: Candidate, splits: dict[str, list[Row]], folder: Path, sealed: Path) -> str:
    """Write what programs see and what they do not; returns the fingerprint of all rows."""
    folder.mkdir(parents=True, exist_ok=True)
    sealed.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed.chmod(0o700)
    target = TARGETS.get(candidate.task, "label")
    digest = hashlib.sha256()
    for name, part in splits.items():
        visible, labels = [], []
        for number, row in enumerate(part):
            identity = f"{name}-{number}"
            digest.update(f"{identity}\t{canonical(row.input)}\t{row.label}\n".encode())
            shown = {"id": identity} | _shown(row, candidate.task, name)
            if name != "test" and candidate.task != "text-generation":
                shown[target] = float(row.label) if candidate.task == "tabular-regression" else row.label
            visible.append(shown)
            labels.append({"id": identity, "label": row.label})
        _write(folder / f"{name}.jsonl", visible)
        if name == "test":
            _write(sealed / f"{candidate.data_id}.jsonl", labels)
    return digest.hexdigest()


def _shown(row: Row, task: Task, split: str) -> dict[str, Any]:
    """A row's input, as programs read it."""
    if isinstance(row.input, Pixels):
        return {"shape": list(row.input.shape), "pixels": base64.b64encode(row.input.data).decode()}
    if not isinstance(row.input, str):
        return {"features": dict(row.input)}
    if task == "text-generation" and split == "test":
        return {"context": row.input}
    return {"source" if task == "translation" else "text": row.input}


def _same_labels(parts: dict[str, list[Row]]) -> tuple[dict[str, list[Row]], list[str]]:
    """UCI Adult's test file writes its labels with a full stop: the same label must be the same text everywhere."""
    trained = {r.label for r in parts.get("train", [])}
    tested = {r.label for r in parts.get("test", []) if r.label}
    trimmed = {label.removesuffix(".") for label in tested}
    if not trained or tested <= trained or not trimmed <= trained:
        return parts, []
    changed = [r._replace(label=r.label.removesuffix(".")) for r in parts["test"]]
    return parts | {"test": changed}, [
        "The test file's labels end in a full stop, the training file's do not: removed."
    ]


def _refuse_unusable(candidate: Candidate, splits: dict[str, list[Row]]) -> None:
    """Data on which a score would mean nothing. Raises DataError."""
    sizes = {name: len(part) for name, part in splits.items()}
    if sizes["train"] < MIN_TRAIN or sizes["test"] < MIN_TEST or not sizes["validation"]:
        rows_in_all = sum(sizes.values())
        raise DataError(
            f"{candidate.name} has {rows_in_all} usable rows, too few: at least {MIN_TRAIN} to train on and {MIN_TEST} "
            "to test on are needed for a number that means anything."
        )
    if candidate.task != "translation" and len({r.label for r in splits["train"]}) < 2:
        raise DataError(
            f"All rows of {candidate.name} have the same label, so there is nothing to learn or to measure."
        )


def sealed_labels(sealed: Path, data_id: str) -> dict[str, str]:
    """Test ids and their labels, in order."""
    lines = (sealed / f"{data_id}.jsonl").read_text(encoding="utf-8").split("\n")
    return {row["id"]: row["label"] for row in map(json.loads, filter(None, lines))}


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


def _split(raw: dict[str, list[Row]]) -> tuple[dict[str, list[Row]], str]:
    """Train, validation and test. Own splits are kept; missing ones are cut off by a fixed seed."""
    chooser = random.Random(SPLIT_SEED)
    train, notes = list(raw.get("train") or raw.get("") or []), []
    chooser.shuffle(train)
    held = max(1, int(len(train) * HELD_OUT))
    test, validation = raw.get("test"), raw.get("validation")
    if not test:
        test, train = train[:held], train[held:]
        notes.append(f"{held} random rows (10 %) were held out as test")
    if not validation:
        validation, train = train[:held], train[held:]
        notes.append(f"{held} random rows of the training part serve as validation")
    return {"train": train, "validation": list(validation), "test": list(test)}, "; ".join(notes)
