"""The main job through the front door: one command, from a paper's title to a published folder.

One run of the README's command, as it stands, and what people find afterwards.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CommandLine, Finished, alone, clean_environment, shared

REPORT = [
    "run_id", "status", "brain", "paper", "setup", "spec", "deviations", "runs", "summary", "comparison", "published",
    "cost_usd", "artifacts", "events_path",
]  # fmt: skip

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finished, Path]:
    """The README's own command, and its INTERN_HOME. Its minutes are counted, so nothing else runs beside."""
    home = tmp_path_factory.mktemp("whole") / "home"
    with alone():
        return CommandLine(home)(
            "run", "reproduce paper: attention is all you need", "--yes", "--json", timeout=560
        ), home


def counted(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The seeds that count: one that a busy machine cut short is shown as such and counts in no mean."""
    return [run for run in report["runs"] if run["evidence"]["stopped_early_at"] is None]


def test_report_has_exactly_the_published_schema(whole: tuple[Finished, Path]) -> None:
    finished, _ = whole
    assert finished.code == 0, finished.err
    report = finished.json
    assert list(report) == REPORT
    assert report["status"] == "done"
    assert report["brain"] == "planner"
    seeds = [run["seed"] for run in report["runs"]]
    assert seeds == list(range(1, len(seeds) + 1)) and len(seeds) >= 2
    for run in report["runs"]:
        assert set(run) == {"seed", "backend", "seconds", "exit_status", "metrics", "evidence"}
        assert set(run["metrics"]) == {"bleu_char", "exact_match"}
        assert run["exit_status"] == 0
        assert run["evidence"]["level"] == "sealed"
        assert run["evidence"]["n_predictions"] == 500
    assert list(report["summary"]) == ["metric", "mean", "std", "n", "evidence_level"]
    assert report["summary"]["n"] == len(counted(report))
    assert report["summary"]["evidence_level"] == "sealed"
    assert set(report["published"]) == {"kind", "location", "url"}
    for row in report["comparison"]:
        assert set(row) == {"claim", "ours", "comparable", "why"}
        assert not row["comparable"]
        assert "other data" in row["why"]


def test_every_difference_from_the_paper_is_listed_with_its_reason(whole: tuple[Finished, Path]) -> None:
    report = whole[0].json
    listed = {d["what"]: d for d in report["deviations"]}
    assert {"data set", "layers", "hidden_size", "steps", "batch_size"} <= set(listed)
    assert "no data of the paper was given or reachable" in listed["data set"]["reason"]
    steps = next(h for h in report["spec"]["hyperparameters"] if h["name"] == "steps")
    assert listed["steps"]["ours"] == str(steps["value"])
    assert all(d["reason"] for d in report["deviations"])
    for h in report["spec"]["hyperparameters"]:
        if h["origin"] == "paper":
            assert h["page"], f"{h['name']} claims to be the paper's and has no page"
        elif h["paper_value"] is not None and h["paper_value"] != h["value"]:
            assert h["name"] in listed


def test_person_is_told_what_was_substituted(whole: tuple[Finished, Path]) -> None:
    told = " ".join(whole[0].err.split())
    assert "planner, not an LLM" in told
    assert "Offline, as set" in told
    assert "built-in card" in told
    assert "Data: generated, not the paper's" in told


def test_test_labels_never_reach_the_program(whole: tuple[Finished, Path]) -> None:
    finished, home = whole
    folder = home / "runs" / finished.json["run_id"]
    sealed = [json.loads(line)["label"] for line in (folder / "sealed" / "number-words-en-de.jsonl").open()]
    reachable = [p for p in [*folder.glob("jobs/**/*"), *folder.glob("data/**/*")] if p.is_file()]
    test_files = [p for p in reachable if p.name == "test.jsonl"]
    assert len(sealed) == 500
    assert test_files
    for path in test_files:
        assert all(set(json.loads(line)) == {"id", "source"} for line in path.open())


def test_every_measured_number_in_the_card_is_in_the_evidence(whole: tuple[Finished, Path]) -> None:
    folder = Path(whole[0].json["published"]["location"])
    card = (folder / "README.md").read_text()
    results = card.partition("## Results")[2].partition("##")[0]
    evidence = [json.loads(p.read_text()) for p in sorted((folder / "evidence").glob("*.json"))]
    report = whole[0].json
    known = [run["seconds"] for run in evidence] + [v for run in evidence for v in run["metrics"].values()]
    known += [value for value in (report["summary"]["mean"], report["summary"]["std"]) if value is not None]
    known += [end for run in evidence for ends in run["evidence"]["intervals"].values() for end in ends]
    known += [v for run in evidence for simple in run["evidence"]["baselines"].values() for v in simple.values()]
    exact = [run["metrics"]["exact_match"] for run in counted(report)]
    known.append(sum(exact) / len(exact))
    shown = re.findall(r"\d+\.\d+", results)
    assert len(shown) >= 8
    for number in shown:
        digits = len(number.partition(".")[2])
        assert any(f"{value:.{digits}f}" == number for value in known), f"{number} is in the card, in no evidence"


def test_published_model_loads_back_and_repeats_a_prediction(whole: tuple[Finished, Path]) -> None:
    folder = Path(whole[0].json["published"]["location"])
    first = json.loads((folder / "predictions" / "seed-1.jsonl").open().readline())
    source = json.loads((folder / "program" / "data" / "test.jsonl").open().readline())
    assert first["id"] == source["id"]
    load = (
        "import sys; from transformers import AutoModelForSeq2SeqLM, AutoTokenizer\n"
        "model = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[1]); tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])\n"
        "out = model.generate(**tokenizer(sys.argv[2], return_tensors='pt'))\n"
        "print('decoded:' + tokenizer.decode(out[0], skip_special_tokens=True))"
    )
    environment = clean_environment(folder / "home") | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", load, str(folder), source["source"]], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.partition("decoded:")[2].strip() == first["prediction"].strip()
    by_card = subprocess.run(
        [sys.executable, "program/program.py", "--predict", ".", source["source"]],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert by_card.returncode == 0, by_card.stderr
    assert first["prediction"].strip() in by_card.stdout


def test_run_can_be_looked_at_and_exported_afterwards(whole: tuple[Finished, Path], tmp_path: Path) -> None:
    finished, home = whole
    intern = CommandLine(home)
    run_id = finished.json["run_id"]
    assert [r["run_id"] for r in intern("runs", "list", "--json").json] == [run_id]
    assert intern("runs", "show", run_id[:12], "--json").json == finished.json
    assert intern("runs", "export", run_id, "--to", str(tmp_path / "run.zip")).code == 0
    import zipfile

    names = zipfile.ZipFile(tmp_path / "run.zip").namelist()
    assert {"events.jsonl", "report.json", "artifacts/experiment.yaml", "artifacts/card.md"} <= set(names)


def test_readme_command_learns_within_six_minutes(whole: tuple[Finished, Path]) -> None:
    """On two idle cores it must learn number words (exact match at least 0.9)."""
    finished, _ = whole
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["summary"]["n"] >= 2 or len(counted(report)) < len(report["runs"])
    assert counted(report)
    for run in counted(report):
        assert run["metrics"]["exact_match"] >= 0.9, finished.err
    assert Path(report["published"]["location"], "model.safetensors").is_file()


def test_second_family_sets_trec_beside_the_paper(intern: CommandLine) -> None:
    """TextCNN on TREC: the paper's own data and test part, so one claim is comparable and the others say why not."""
    finished = intern(
        "run", "reproduce this paper on TREC, epochs=6, two seeds", "--paper", str(shared("papers/1408.5882.pdf")),
        "--data", str(shared("data/sentences")), "--yes", "--json",
    )  # fmt: skip
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["spec"]["program"] == "text_classification"
    assert report["spec"]["data"]["splits"]["test"] == 500
    assert report["summary"]["metric"] == "accuracy"
    assert report["summary"]["mean"] > 0.8
    comparable = [row for row in report["comparison"] if row["comparable"]]
    assert [(row["claim"]["dataset"], row["claim"]["model"], row["claim"]["value"]) for row in comparable] == [
        ("TREC", "CNN-rand", 91.2)
    ]
    assert comparable[0]["ours"] == pytest.approx(report["summary"]["mean"] * 100, abs=0.01)
    others = [row for row in report["comparison"] if not row["comparable"]]
    assert any("other model" in row["why"] for row in others)
    folder = Path(report["published"]["location"])
    assert not (folder / "program" / "data").exists(), "a user's data is not published"


def test_paper_is_read_for_real_when_it_is_given(intern: CommandLine) -> None:
    finished = intern("read", str(shared("papers/1706.03762.pdf")), "--json")
    assert finished.code == 0, finished.err
    reading = finished.json
    assert list(reading) == [
        "title", "authors", "abstract", "arxiv_id", "pages", "sections", "tables", "setup", "warnings",
    ]  # fmt: skip
    assert list(reading["setup"]) == [
        "hyperparameters", "datasets", "results", "not_stated", "contradictions", "variations",
    ]  # fmt: skip
    assert reading["title"] == "Attention Is All You Need"
    warmup = [h for h in reading["setup"]["hyperparameters"] if h["name"] == "warmup_steps"]
    assert [(h["value"], h["page"]) for h in warmup] == [(4000, 7)]
