"""The bar that a result has to pass: computed on the same sealed rows, never by looking at them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from intern.compute.local import LocalBackend
from intern.experiments.baselines import Baselines, compute_baselines
from intern.settings import JobLimits


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def computed(folder: Path, task: str, labels: list[object], metrics: list[str], *, learned: bool = True) -> Baselines:
    return compute_baselines(
        task, folder, {f"test-{n}": label for n, label in enumerate(labels)}, metrics,
        backend=LocalBackend(JobLimits()) if learned else None, folder=folder.parent / "job", threads=1, check=lambda: None,
    )  # fmt: skip


def numbered(rows: list[dict[str, object]], part: str) -> list[dict[str, object]]:
    return [{"id": f"{part}-{n}"} | row for n, row in enumerate(rows)]


def test_texts(tmp_path):
    rows = [{"text": f"{'good' if n % 3 else 'bad'} film {n}", "label": "+" if n % 3 else "-"} for n in range(300)]
    write(tmp_path / "data", "train", numbered(rows, "train"))
    write(tmp_path / "data", "test", numbered([{"text": r["text"]} for r in rows[:30]], "test"))
    found = computed(tmp_path / "data", "text-classification", [r["label"] for r in rows[:30]], ["accuracy", "auc"])
    assert found.values["majority class"] == {"accuracy": pytest.approx(2 / 3), "auc": 0.5}
    assert found.values["bag of words + logistic regression"] == {"accuracy": 1.0, "auc": 1.0}


def test_tables_of_numbers_and_words(tmp_path):
    chance = random.Random(3)
    rows = []
    for _ in range(400):
        size, colour = chance.random(), chance.choice(["red", "blue", None])
        rows.append({"features": {"size": size, "colour": colour}, "value": 10 * size + (5 if colour == "red" else 0)})
    write(tmp_path / "data", "train", numbered(rows[:320], "train"))
    write(tmp_path / "data", "test", numbered([{"features": r["features"]} for r in rows[320:]], "test"))
    found = computed(tmp_path / "data", "tabular-regression", [r["value"] for r in rows[320:]], ["rmse", "r2"])
    assert found.values["mean"]["r2"] == pytest.approx(0, abs=0.1)
    assert found.values["gradient boosting (scikit-learn)"]["r2"] > 0.9, found


def test_what_needs_no_learning(tmp_path):
    write(tmp_path / "data", "train", [{"id": "train-0", "source": "a", "target": "b"}])
    write(tmp_path / "data", "test", [{"id": "test-0", "source": "Nine"}, {"id": "test-1", "source": "elf"}])
    assert computed(tmp_path / "data", "translation", ["neun", "elf"], ["exact_match"]).values == {
        "copy of the source": {"exact_match": 0.5}
    }
    write(tmp_path / "data", "train", [{"id": "train-0", "text": "aab "}])
    write(tmp_path / "data", "test", [{"id": "test-0", "context": "b"}])
    found = computed(tmp_path / "data", "text-generation", ["a"], ["bits_per_char", "perplexity"])
    assert found.values == {"character counts": {"bits_per_char": 1.0, "perplexity": 2.0}}


@pytest.mark.parametrize(("rows", "learned", "why"), [(30, True, "30 training rows"), (300, False, "no time")])
def test_what_is_left_out_is_said(tmp_path, rows, learned, why):
    write(tmp_path / "data", "train", [{"id": f"train-{n}", "text": "x", "label": "y"} for n in range(rows)])
    write(tmp_path / "data", "test", [{"id": "test-0", "text": "x"}])
    found = computed(tmp_path / "data", "text-classification", ["y"], ["accuracy"], learned=learned)
    assert list(found.values) == ["majority class"] and why in found.note


def test_a_failed_baseline_is_no_number(tmp_path):
    write(tmp_path / "data", "train", [{"id": f"train-{n}", "text": "x", "label": "y"} for n in range(300)])
    write(tmp_path / "data", "test", [{"id": "test-0", "text": "x"}])
    found = computed(tmp_path / "data", "text-classification", ["y"], ["accuracy"])
    assert list(found.values) == ["majority class"] and "gave no number: exit status 1" in found.note
