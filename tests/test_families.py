"""The task families through the front door: a request, maybe data, and at the end evidence and a published folder."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.conftest import CommandLine, shared
from tests.hub import ALICE, running_hub
from tests.weights import make_decoder, make_encoder

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


# -- pretrained weights ------------------------------------------------------------------------------------


def a_text(characters: int) -> str:
    """Sentences of a few words in many orders: something to learn, and nothing to know by heart."""
    words = "the a old young king queen dog sees hears loves fears one two men here today"
    chooser, known = random.Random(5), words.split()
    text = ""
    while len(text) < characters:
        text += " ".join(chooser.choice(known) for _ in range(7)) + ". "
    return text


def test_a_language_model_is_tuned_with_lora_from_a_folder_that_the_words_name(
    intern: CommandLine, tmp_path: Path
) -> None:
    weights = make_decoder(tmp_path / "small-gpt", a_text(9000), steps=40)
    (tmp_path / "story.txt").write_text(a_text(24_000).upper())
    said = f"LoRA-tune {weights} on {tmp_path / 'story.txt'}, one seed, steps=40, learning_rate=0.01, max_seq_len=32"
    finished = intern("run", said, "--yes", "--json", "--publish", "folder", "--max-minutes", "15")
    assert finished.code == 0, finished.err
    report = finished.json
    spec, run = report["spec"], report["runs"][0]
    assert spec["program"] == "language_model_tuning_lora"
    assert spec["weights"]["id"] == "small-gpt" and spec["weights"]["architecture"] == "GPT2LMHeadModel"
    proof = run["evidence"]
    assert (proof["level"], proof["tuned_from"]) == (
        "sealed",
        f"small-gpt@sha256:{spec['weights']['fingerprint'][:12]}",
    )
    assert proof["weights_fingerprint"] == spec["weights"]["fingerprint"]
    untuned = proof["baselines"]["the weights as they are, not tuned"]["bits_per_char"]
    assert run["metrics"]["bits_per_char"] < untuned, "the weights knew no capitals"
    assert not [flag for flag in proof["flags"] if "trained here" in flag or "tuned" in flag]
    folder = Path(report["published"]["location"])
    assert {"model.safetensors", "adapter/adapter_model.safetensors", "tokenizer.json"} <= set(published(report))
    assert "Fine-tuned from **small-gpt@sha256:" in (folder / "README.md").read_text()
    # The job could read the run's copy and nothing that it was made of.
    job = next((intern.home / "runs" / report["run_id"] / "jobs").glob("*-seed1"))
    assert (job / "weights").resolve().parent == (intern.home / "runs" / report["run_id"] / "weights").resolve()
    assert str(tmp_path / "small-gpt") not in (job / "spec.json").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="minutes of training; INTERN_SLOW=1 runs it")
def test_improve_mode_starts_from_the_weights_in_every_attempt(intern: CommandLine, tmp_path: Path) -> None:
    texts = [t for t in a_text(16_000).split(". ") if t]
    weights = make_encoder(tmp_path / "small-bert", texts, steps=30)
    rows = "".join(json.dumps({"text": t, "label": "dog" if "dog" in t else "none"}) + "\n" for t in texts)
    (tmp_path / "dogs.jsonl").write_text(rows)
    finished = intern(
        "run", "improve the fine-tuned classifier of sentences, steps=30, learning_rate=0.004", "--weights", str(weights),
        "--data", str(tmp_path / "dogs.jsonl"), "--yes", "--json", "--publish", "never", "--max-minutes", "9",
    )  # fmt: skip
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["spec"]["program"] == "fine_tuning" and report["summary"]["evidence_level"] == "sealed"
    tuned = {run["evidence"]["tuned_from"] for run in report["runs"]}
    assert tuned == {f"small-bert@sha256:{report['spec']['weights']['fingerprint'][:12]}"}
    kept = intern.home / "runs" / report["run_id"] / "artifacts"
    tree = json.loads((kept / "journal.json").read_text())
    assert len(tree["nodes"]) > 1 and tree["final"]["best"]
    for proof in kept.glob("attempts/*/seed-*.json"):
        assert {json.loads(proof.read_text())["evidence"]["tuned_from"]} == tuned


def test_weights_that_may_run_code_are_refused_before_anything_starts(intern: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02")
    finished = intern("run", "fine-tune it", "--weights", str(folder), "--yes", "--json")
    assert finished.code == 2 and "only pickled weights, which may run code" in finished.err
    finished = intern("run", "fine-tune it", "--weights", "nobody/nothing", "--yes", "--json")
    assert finished.code == 2 and "offline it cannot be fetched" in finished.err


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="minutes of training; INTERN_SLOW=1 runs it")
@pytest.mark.parametrize("compute", ["local", "hf-jobs"])
def test_weights_and_data_of_the_hub_together(intern: CommandLine, tmp_path: Path, compute: str) -> None:
    """Both private, both pinned to a commit, both fetched by the harness; no token reaches the program."""
    texts = [t for t in a_text(9000).split(". ") if t]
    weights = make_encoder(tmp_path / "small-bert", texts, steps=30)
    (weights / "README.md").write_text("---\nlicense: mit\n---\n# Small\n")
    rows = "".join(json.dumps({"text": t, "label": "dog" if "dog" in t else "none"}) + "\n" for t in texts)
    with running_hub(tmp_path / "hub", "--job-delay", "0.2") as hub:
        api = hub.api()
        api.create_repo("alice/small-bert", private=True)
        commit = api.upload_folder(repo_id="alice/small-bert", folder_path=str(weights)).oid
        api.create_repo("alice/dogs", repo_type="dataset", private=True)
        api.upload_file(
            path_or_fileobj=rows.encode(), path_in_repo="data.jsonl", repo_id="alice/dogs", repo_type="dataset"
        )
        finished = intern(
            "run", "fine-tune alice/small-bert on the sentences, one seed, steps=60, learning_rate=0.004",
            "--data", "alice/dogs", "--compute", compute, "--budget-usd", "1", "--max-minutes", "15", "--yes", "--json",
            "--publish", "folder",
            **hub.environment(),
        )  # fmt: skip
    assert finished.code == 0, finished.err
    report = finished.json
    proof = report["runs"][0]["evidence"]
    assert (report["spec"]["program"], report["runs"][0]["backend"]) == ("fine_tuning", compute)
    assert (proof["level"], proof["tuned_from"]) == ("sealed", f"alice/small-bert@{commit[:12]}")
    assert (report["spec"]["weights"]["licence"], report["spec"]["data"]["source"]) == ("mit", "hub")
    assert report["summary"]["mean"] > proof["baselines"]["majority class"]["accuracy"] or proof["flags"]
    assert "base_model: alice/small-bert" in (Path(report["published"]["location"]) / "README.md").read_text()
    kept = (p for p in (intern.home / "runs" / report["run_id"]).rglob("*") if p.is_file())
    assert not any(ALICE.encode() in path.read_bytes() for path in kept)
