"""What makes a number count, and everything that makes it not count."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from intern.experiments.environment import lock_file
from intern.experiments.evidence import Looks, NoEvidenceError, SeedRun, measure, read_predictions
from tests.experiments.samples import LABELS

IDS = list(LABELS)


def write(folder: Path, *rows: object) -> Path:
    path = folder / "predictions.jsonl"
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return path


def row(identity: str, prediction: object = "yes") -> dict[str, object]:
    return {"id": identity, "prediction": prediction}


def measured(folder: Path, **more: Any) -> SeedRun:
    values: dict[str, Any] = {
        "level": "sealed", "spec_hash": "s", "program_hash": "p", "data_fingerprint": "f", "seed": 1, "backend": "local",
        "exit_status": 0, "seconds": 1.5, "stopped_early_at": None,
    }  # fmt: skip
    return measure(folder, LABELS, ["accuracy"], **values | more)


def test_predictions_come_in_the_order_of_the_ids_whatever_their_own(tmp_path):
    path = write(tmp_path, *[row(i, f"p{n}") for n, i in reversed(list(enumerate(IDS)))])
    assert read_predictions(path, IDS) == ["p0", "p1", "p2", "p3"]


def test_only_a_newline_ends_a_prediction(tmp_path):
    text = "eins\u2028zwei\x85drei\x0bvier"
    path = tmp_path / "predictions.jsonl"
    path.write_text(json.dumps(row("test-0", text), ensure_ascii=False) + "\n")
    assert read_predictions(path, ["test-0"]) == [text]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], r"lacks 4 of 4 test rows \(first: 'test-0'\)"),
        ([row(i) for i in IDS[1:]], r"lacks 1 of 4 test rows \(first: 'test-0'\)"),
        ([row(i) for i in [*IDS, IDS[0]]], "two predictions for 'test-0'"),
        ([row(i) for i in [*IDS, "train-7"]], "1 rows that are not in the test split"),
        ([row(i, 1.0) for i in IDS], "Line 1"),
        ([row(i, float("nan")) for i in IDS], "Line 1"),
        ([row(i, None) for i in IDS], "Line 1"),
        ([row(i, ["yes"]) for i in IDS], "Line 1"),
        ([row("test-0"), {"id": 1, "prediction": "yes"}], "Line 2"),
        ([row("test-0"), "not json"], "Line 2 of predictions.jsonl is not JSON"),
        (["[]"], "Line 1"),
        (["null"], "Line 1"),
    ],
)
def test_predictions_that_are_not_exactly_one_text_for_each_row_are_refused(tmp_path, rows, why):
    write(tmp_path, *rows)
    with pytest.raises(NoEvidenceError, match=why):
        measured(tmp_path)


def test_no_predictions_at_all(tmp_path):
    with pytest.raises(NoEvidenceError, match="without writing"):
        measured(tmp_path)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "predictions.jsonl").write_bytes(b'{"id": "test-0", "prediction": "\xff"}\n')
    with pytest.raises(NoEvidenceError, match="not UTF-8"):
        measured(tmp_path)


def test_a_link_is_no_output_of_the_program(tmp_path):
    """It could lead to a file that the harness can read and the program cannot."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, *[row(i) for i in IDS])
    (tmp_path / "predictions.jsonl").symlink_to(elsewhere / "predictions.jsonl")
    with pytest.raises(NoEvidenceError, match="link"):
        measured(tmp_path)


@pytest.mark.parametrize("status", [1, -9, 137])
def test_a_failed_program_has_no_number_whatever_it_wrote(tmp_path, status):
    write(tmp_path, *[row(i) for i in IDS])
    with pytest.raises(NoEvidenceError, match=f"exit status {status}"):
        measured(tmp_path, exit_status=status)


def test_the_evidence_names_everything_that_the_number_rests_on(tmp_path):
    path = write(tmp_path, *[row(i, "yes") for i in IDS])
    run = measured(tmp_path, stopped_early_at=40)
    assert run.metrics == {"accuracy": 0.5}
    proof = run.evidence
    assert proof.predictions_sha256 == hashlib.sha256(path.read_bytes()).hexdigest() and proof.n_predictions == 4
    assert (proof.level, proof.spec_hash, proof.program_hash, proof.data_fingerprint) == ("sealed", "s", "p", "f")
    assert (proof.seed, proof.exit_status, proof.stopped_early_at) == (1, 0, 40)
    assert proof.environment["python"].startswith("3.") and "sacrebleu" in proof.environment


# -- other shapes of predictions ---------------------------------------------------------------------------


def told(folder: Path, task: str, said: list[object], labels: list[object], metrics: list[str]) -> SeedRun:
    """A job's predictions as that task writes them, against these labels."""
    rows = [
        {"id": f"test-{n}"} | (s if isinstance(s, dict) and "prediction" in s else {"prediction": s})
        for n, s in enumerate(said)
    ]
    write(folder, *rows)
    (folder / "metrics.jsonl").write_text('{"step": 1, "name": "loss", "value": 0.5, "time": 1.0}\n')
    return measure(
        folder, {f"test-{n}": label for n, label in enumerate(labels)}, metrics, level="sealed", spec_hash="s",
        program_hash="p", data_fingerprint="f", seed=1, backend="local", exit_status=0, seconds=1.5, stopped_early_at=None,
        looks=Looks(task=task),
    )  # fmt: skip


def test_numbers_are_numbers_or_texts_of_them(tmp_path):
    run = told(tmp_path, "tabular-regression", [1, "2.5", 4.0], [1.0, 2.0, 3.0], ["rmse", "r2"])
    assert run.metrics["rmse"] == pytest.approx((1.25 / 3) ** 0.5)
    assert run.evidence.intervals["rmse"].low <= run.metrics["rmse"] <= run.evidence.intervals["rmse"].high
    assert run.evidence.scored_with == {"rmse": "numpy", "r2": "numpy"}


def test_distributions_are_scored_by_what_was_right(tmp_path):
    run = told(tmp_path, "text-generation", [{"a": 0.5, "b": 0.5}, {"c": 0.25}], ["a", "c"], ["bits_per_char"])
    assert run.metrics == {"bits_per_char": 1.5}


def test_classes_may_come_with_probabilities(tmp_path):
    sure = [
        {"prediction": "a", "probabilities": {"a": 0.9, "b": 0.1}},
        {"prediction": "b", "probabilities": {"a": 0.2, "b": 0.8}},
    ]
    run = told(tmp_path, "tabular-classification", sure, ["a", "b"], ["accuracy", "auc", "log_loss"])
    assert run.metrics["auc"] == 1.0 and set(run.metrics) == {"accuracy", "auc", "log_loss"}
    sure[0].pop("probabilities")
    assert set(told(tmp_path, "tabular-classification", sure, ["a", "b"], ["accuracy", "auc"]).metrics) == {"accuracy"}
    with pytest.raises(NoEvidenceError, match="auc needs probabilities"):
        told(tmp_path, "tabular-classification", sure, ["a", "b"], ["auc"])


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("tabular-regression", True), ("tabular-regression", "nan"), ("tabular-regression", "cheap"),
        ("tabular-regression", float("inf")), ("tabular-regression", None),
        ("text-generation", "a"), ("text-generation", {}), ("text-generation", {"a": 0.8, "b": 0.8}),
        ("text-generation", {"a": -0.1}), ("text-generation", {"a": float("nan")}), ("text-generation", {"a": "0.5"}),
        ("tabular-classification", {"prediction": "a", "probabilities": {"a": 2}}),
        ("tabular-classification", {"prediction": "a", "probabilities": [0.5]}),
    ],
)  # fmt: skip
def test_predictions_of_another_shape_are_refused(tmp_path, task, said):
    with pytest.raises(NoEvidenceError, match=r"Line 1 of predictions\.jsonl is not"):
        told(tmp_path, task, [said, said], ["a", "b"], ["accuracy"])


def test_the_environment_is_locked(tmp_path):
    write(tmp_path, *[row(i) for i in IDS])
    found = measured(tmp_path, cpu_seconds=3.5).evidence
    assert found.cpu_seconds == 3.5 and {"processor", "cores", "memory_gb", "lock", "python"} <= set(found.environment)
    assert found.environment["lock"] == hashlib.sha256(lock_file().encode()).hexdigest()
    assert any(line.startswith("numpy==") for line in lock_file().splitlines())


def test_labels_that_the_author_could_read_are_not_sealed(tmp_path):
    write(tmp_path, *[row(i) for i in IDS])
    assert measured(tmp_path, looks=Looks(labels_open=True)).evidence.level == "rescored"
    assert measured(tmp_path, looks=Looks(labels_open=True), level="reported").evidence.level == "reported"
