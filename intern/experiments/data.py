"""From rows to a sealed experiment: split, audit, fingerprint, and put the test labels where no program reaches.

`prepare` writes `data/<id>/{train,validation,test}.jsonl` (the test file without labels) and `sealed/<id>.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from pathlib import Path

from pydantic import BaseModel

from intern.experiments.sources import Candidate, DataError, Row, rows
from intern.experiments.spec import DataRef, Task

SPLIT_SEED = 1234
HELD_OUT = 0.1
MIN_TRAIN, MIN_TEST = 20, 5
SMALL_TEST = 100
FIELDS: dict[str, tuple[str, str]] = {"translation": ("source", "target"), "text-classification": ("text", "label")}


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


def prepare(candidate: Candidate, folder: Path, sealed: Path) -> PreparedData:
    """Read, clean, split, audit and seal a data set. Doing it twice gives the same files. Raises DataError."""
    raw = rows(candidate)
    audit = _audit_raw(raw)
    splits, note = _split({name: [r for r in part if r.input and r.label] for name, part in raw.items()})
    _refuse_unusable(candidate, splits)
    audit = _audit_overlap(splits) + audit  # the worst first: faces may show only the beginning
    folder.mkdir(parents=True, exist_ok=True)
    sealed.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed.chmod(0o700)
    source, target = FIELDS[candidate.task]
    digest = hashlib.sha256()
    for name, part in splits.items():
        visible, labels = [], []
        for number, row in enumerate(part):
            identity = f"{name}-{number}"
            digest.update(f"{identity}\t{row.input}\t{row.label}\n".encode())
            shown = {"id": identity, source: row.input}
            visible.append(shown if name == "test" else shown | {target: row.label})
            labels.append({"id": identity, "label": row.label})
        _write(folder / f"{name}.jsonl", visible)
        if name == "test":
            _write(sealed / f"{candidate.data_id}.jsonl", labels)
    classes = dict(Counter(r.label for r in splits["train"]).most_common()) if target == "label" else {}
    ref = DataRef(
        id=candidate.data_id,
        source=candidate.source,
        description=f"{candidate.name}: {candidate.description}",
        licence=candidate.licence,
        fingerprint=digest.hexdigest(),
        splits={name: len(part) for name, part in splits.items()},
        official_test=candidate.has_test_file and candidate.source == "local",
    )
    label_words = sum(len(r.label.split()) for r in splits["train"]) / len(splits["train"])
    return PreparedData(
        ref=ref, task=candidate.task, classes=classes, audit=audit, label_words=label_words, split_note=note
    )


def _refuse_unusable(candidate: Candidate, splits: dict[str, list[Row]]) -> None:
    """Data on which a score would mean nothing. Raises DataError."""
    sizes = {name: len(part) for name, part in splits.items()}
    if sizes["train"] < MIN_TRAIN or sizes["test"] < MIN_TEST or not sizes["validation"]:
        rows_in_all = sum(sizes.values())
        raise DataError(
            f"{candidate.name} has {rows_in_all} usable rows, too few: at least {MIN_TRAIN} to train on and {MIN_TEST} "
            "to test on are needed for a number that means anything."
        )
    if candidate.task == "text-classification" and len({r.label for r in splits["train"]}) < 2:
        raise DataError(
            f"All rows of {candidate.name} have the same label, so there is nothing to learn or to measure."
        )


def sealed_labels(sealed: Path, data_id: str) -> dict[str, str]:
    """Test ids and their labels, in order."""
    lines = (sealed / f"{data_id}.jsonl").read_text(encoding="utf-8").split("\n")
    return {row["id"]: row["label"] for row in map(json.loads, filter(None, lines))}


def _write(path: Path, records: list[dict[str, str]]) -> None:
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


def _audit_raw(raw: dict[str, list[Row]]) -> list[str]:
    found = []
    for name, part in raw.items():
        where = f"the {name} file" if name else "the data"
        empty = sum(not r.input or not r.label for r in part)
        if empty:
            found.append(f"{empty} rows of {where} lack a text or a label and are left out.")
        doubled = len(part) - len({r.input for r in part})
        if doubled:
            found.append(f"{doubled} of {len(part)} rows of {where} repeat another row's text.")
    return found


def _audit_overlap(splits: dict[str, list[Row]]) -> list[str]:
    """Test rows whose text is also in training make a score look better than it is."""
    seen = {_folded(r.input) for r in splits["train"]}
    shared = sum(_folded(r.input) in seen for r in splits["test"])
    tested = len(splits["test"])
    found = ["No test row occurs in the training part."]
    if shared:
        found = [f"{shared} of {tested} test rows also occur in the training part (same text)."]
    if tested < SMALL_TEST:
        found.append(f"There are only {tested} test rows: one row more or less is {100 / tested:.1f} per cent.")
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
