"""Choosing between experiments without the test part: a second sealed part, cut from the validation rows.

Programs see it as their test part, so selection is measured by the harness just as the final result is, and nothing that is
chosen has ever looked at a test row. Early stopping keeps the other half of the validation rows.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

from intern.experiments.data import TARGETS, PreparedData
from intern.experiments.loading import Row
from intern.experiments.plain_text import cut_text

SUFFIX = "-selection"
LEAST_VALIDATION = 100
"""With fewer validation rows the selection part comes from the training rows."""
SHARE_OF_TRAINING = 0.2
SEED = 4321

Record = dict[str, Any]


def selection_data(prepared: PreparedData, data: Path, folder: Path, sealed: Path) -> PreparedData:
    """Write the selection experiment's data below `folder` and its labels below `sealed`. Raises DataError."""
    data_id = prepared.ref.id + SUFFIX
    train, validation = _read(data / "train.jsonl"), _read(data / "validation.jsonl")
    train, validation, chosen, note = _cut(train, validation)
    if prepared.task == "text-generation":
        parts, note = _cut_text(prepared, train, validation, chosen)
        tests = [({"id": f"test-{n}", "context": row.input}, row.label) for n, row in enumerate(parts["test"])]
        train = [{"id": f"train-{n}", "text": row.input} for n, row in enumerate(parts["train"])]
        validation = [{"id": f"validation-{n}", "text": row.input} for n, row in enumerate(parts["validation"])]
    else:
        target = TARGETS.get(prepared.task, "label")
        tests = [
            ({k: v for k, v in row.items() if k != target} | {"id": f"test-{n}"}, row[target])
            for n, row in enumerate(chosen)
        ]
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    labels = [{"id": row["id"], "label": label} for row, label in tests]
    for name, rows in {"train": train, "validation": validation, "test": [row for row, _ in tests]}.items():
        digest.update(_write(folder / f"{name}.jsonl", rows))
    digest.update(_write(sealed / f"{data_id}.jsonl", labels))
    name, _, about = prepared.ref.description.partition(":")
    ref = prepared.ref.model_copy(
        update={
            "id": data_id, "description": f"{name}: selection part, {note}.{about}", "fingerprint": digest.hexdigest(),
            "splits": {"train": len(train), "validation": len(validation), "test": len(tests)}, "official_test": False,
        }
    )  # fmt: skip
    return prepared.model_copy(update={"ref": ref, "split_note": note})


def _cut(train: list[Record], validation: list[Record]) -> tuple[list[Record], list[Record], list[Record], str]:
    """(training, validation, selection rows, where the selection rows come from)."""
    chooser = random.Random(SEED)
    if len(validation) >= LEAST_VALIDATION:
        order = list(validation)
        chooser.shuffle(order)
        half = len(order) // 2
        return train, order[:half], order[half:], f"{len(order) - half} of {len(validation)} validation rows"
    order = list(train)
    chooser.shuffle(order)
    cut = max(1, int(len(order) * SHARE_OF_TRAINING))
    return (
        order[cut:],
        validation,
        order[:cut],
        f"{cut} of {len(train)} training rows, since there are few validation rows",
    )


def _cut_text(
    prepared: PreparedData, train: list[Record], validation: list[Record], chosen: list[Record]
) -> tuple[dict[str, list[Row]], str]:
    """A text keeps its order: the end of what may be learned from is held out."""
    learned = sorted(
        [*train, *validation, *chosen], key=lambda row: (row["id"].split("-")[0], int(row["id"].split("-")[1]))
    )
    whole = "".join(str(row["text"]) for row in learned)  # the rows are pieces of one text
    parts, note, _ = cut_text(prepared.ref.description.partition(":")[0], {"": [Row(whole, "")]})
    return parts, note.replace("test", "selection")


def _read(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _write(path: Path, records: list[Record]) -> bytes:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")
    return text.encode()
