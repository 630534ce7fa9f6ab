"""The task families through the front door: a request, maybe data, and at the end evidence and a published folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import CommandLine, shared

HOUSES = "rooms,area,district,price\n" + "".join(
    f"{1 + n % 5},{30 + n * 0.7:.1f},{'north' if n % 3 else 'south'},{1000 * (1 + n % 5) + 50 * n}\n"
    for n in range(300)
)


def published(report: dict) -> list[str]:
    folder = Path(report["published"]["location"])
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_classifier_on_digits_needs_no_data_and_no_paper(intern: CommandLine) -> None:
    finished = intern("run", "train a classifier on digits, one seed, steps=150", "--yes", "--json")
    assert finished.code == 0, finished.err
    report = finished.json
    assert (report["spec"]["program"], report["spec"]["data"]["source"]) == ("image_cnn", "bundled")
    assert report["summary"]["evidence_level"] == "sealed" and report["summary"]["mean"] > 0.9
    assert report["deviations"] == []
    assert {"README.md", "config.json", "model.safetensors", "program/program.py"} <= set(published(report))
    assert "Estimate from 8 real steps here" in " ".join(finished.err.split())
    sealed = [
        json.loads(line)["label"]
        for line in (intern.home / "runs" / report["run_id"] / "sealed" / "digits.jsonl").open()
    ]
    job = next((intern.home / "runs" / report["run_id"] / "jobs").glob("*-seed1"))
    rows = [json.loads(line) for line in (job / "data" / "test.jsonl").open()]
    assert len(sealed) == len(rows) and all(set(row) == {"id", "shape", "pixels"} for row in rows)


def test_a_table_is_predicted_by_the_column_that_the_words_name(intern: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES)
    finished = intern("run", "predict the price, one seed, iterations=60", "--data", str(tmp_path / "houses.csv"), "--yes",
                      "--json", "--publish", "folder")  # fmt: skip
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["spec"]["program"] == "tabular_regression"
    assert set(report["runs"][0]["metrics"]) == {"rmse", "mae", "r2"} and report["runs"][0]["metrics"]["r2"] > 0.8
    assert "model.skops" in published(report)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="minutes of training; INTERN_SLOW=1 runs it")
@pytest.mark.parametrize(
    ("request_text", "data", "paper", "program", "metric"),
    [
        ("train a language model, one seed, steps=60", "data/tinyshakespeare", "", "language_model", "bits_per_char"),
        ("train a language model, one seed, steps=60", "", "", "language_model", "bits_per_char"),
        (
            "train a transformer to classify TREC, one seed, steps=300",
            "data/sentences",
            "",
            "text_transformer",
            "accuracy",
        ),
        (
            "reproduce this paper, one seed, steps=400",
            "data/mnist10k",
            "papers/1502.03167.pdf",
            "image_mlp",
            "accuracy",
        ),
        (
            "reproduce this paper, one seed, steps=400",
            "data/mnist10k",
            "papers/1503.02531.pdf",
            "distillation",
            "accuracy",
        ),
        ("train a vision transformer on digits, one seed, steps=60", "", "", "image_vit", "accuracy"),
        ("classify, target=Survived, one seed", "data/tabular/titanic.csv", "", "tabular_classification", "accuracy"),
        (
            "train a classifier on adult, one seed, iterations=50",
            "data/tabular",
            "",
            "tabular_classification",
            "accuracy",
        ),
    ],
)
def test_each_family_from_a_sentence(
    intern: CommandLine, request_text: str, data: str, paper: str, program: str, metric: str
) -> None:
    arguments = ["run", request_text, "--yes", "--json", "--publish", "folder"]
    arguments += ["--data", str(shared(data))] if data else []
    arguments += ["--paper", str(shared(paper))] if paper else []
    finished = intern(*arguments)
    assert finished.code == 0, finished.err
    report = finished.json
    assert (report["spec"]["program"], report["summary"]["metric"]) == (program, metric)
    assert report["summary"]["evidence_level"] == "sealed" and "README.md" in published(report)
    if paper.startswith("papers/1502"):
        values = {h["name"]: h for h in report["spec"]["hyperparameters"]}
        assert values["batch_norm"]["value"] is True and values["hidden_units"]["page"] == 6
        assert values["learning_rate"]["origin"] == "assumed", "stated for ImageNet only: not for MNIST"
