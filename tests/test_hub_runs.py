"""Whole runs on the Hub through the front door: rented training, a push, and the account that may or may not do it."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import CommandLine, clean_environment
from tests.experiments.samples import write_rows
from tests.hub import ALICE, HubServer, running_hub

TASK = "train a text classifier, epochs=2, two seeds"
MAIN_JOB = "reproduce paper: attention is all you need, steps=40, vocab_size=300, beam_size=1, two seeds"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub"), "--job-delay", "0.2") as found:
        yield found


@pytest.fixture
def rows(tmp_path: Path) -> str:
    return str(write_rows(tmp_path / "rows", 120))


def jobs(hub: HubServer, run_id: str):
    return list(hub.api().list_jobs(namespace="alice", labels={"intern-run": run_id}))


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def reload(hub: HubServer, code: str, *arguments: str, home: Path) -> str:
    """Run code in a process that knows the Hub and nothing of the run."""
    environment = clean_environment(home) | hub.environment() | {"HF_HOME": str(home / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, cwd=home
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def start_and_kill(hub: HubServer, intern: CommandLine, home: Path, *arguments: str) -> str:
    """Start a run, and end its process as soon as its first job is at work; returns the run's id."""
    process = intern.start("run", *arguments, **hub.environment())
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        for run_id, payload in job_events(home):
            if '"waiting"' in payload:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                return run_id
        time.sleep(0.1)
    raise AssertionError("no job was started")


def job_events(home: Path) -> list[tuple[str, str]]:
    if not (home / "runs.sqlite").exists():
        return []
    with sqlite3.connect(home / "runs.sqlite") as db:
        try:
            return db.execute("SELECT run_id, payload FROM events WHERE kind='job' ORDER BY seq").fetchall()
        except sqlite3.OperationalError:  # the tables are being made
            return []


def test_a_run_on_rented_machines_survives_kill_9_and_is_published_once(hub, intern, home, rows):
    options = ("--data", rows, "--compute", "hf-jobs", "--publish", "hub", "--yes", "--budget-usd", "5")
    run_id = start_and_kill(hub, intern, home, TASK, *options)
    assert len(jobs(hub, run_id)) == 1, "one job first; the others start once it is measured"
    parked = intern("runs", "show", run_id, "--json").json
    assert parked["status"] == "interrupted" and parked["cost_usd"] is None, "a job at work has no settled cost"

    finished = intern("runs", "resume", run_id, "--yes", "--json", **hub.environment())
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["status"] == "done" and [run["backend"] for run in report["runs"]] == ["hf-jobs", "hf-jobs"]
    assert [run["evidence"]["level"] for run in report["runs"]] == ["sealed", "sealed"]

    made = jobs(hub, run_id)
    assert sorted(job.labels["intern-seed"] for job in made) == ["1", "2"], "one job for each seed, killed or not"
    price = sum(-(-max(job.durations.running_secs, 1) // 60) * 0.01 / 60 for job in made)
    assert report["cost_usd"] == pytest.approx(price, abs=2e-6)

    published = report["published"]
    assert published["kind"] == "hub" and published["url"] == f"{hub.url}/{published['location']}"
    info = hub.api().model_info(published["location"])
    assert info.private and len(hub.api().list_repo_commits(info.id)) == 2
    measured = {r.metric_type: r.metric_value for r in info.card_data.eval_results}
    assert measured["accuracy"] == pytest.approx(report["summary"]["mean"], abs=1e-4)
    folder = Path(hub.api().snapshot_download(info.id, local_dir=home / "copy"))
    seeds = [json.loads((folder / f"evidence/seed-{n}.json").read_text()) for n in (1, 2)]
    assert [s["metrics"] for s in seeds] == [run["metrics"] for run in report["runs"]]

    assert ALICE.encode() not in everything_below(home), "the token is in the log or a file of the run"
    assert ALICE not in finished.out + finished.err
    assert not [e for e in hub.api().list_bucket_tree("alice/intern-jobs", recursive=True) if e.type == "file"]

    first = json.loads((folder / "predictions" / "seed-1.jsonl").read_text().splitlines()[0])
    text = json.loads((home / "runs" / run_id / "data" / "rows" / "test.jsonl").read_text().splitlines()[0])["text"]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from program import TextCNN; TextCNN.from_pretrained(sys.argv[2])\n"
        "from pathlib import Path; from huggingface_hub import snapshot_download; from program import predict\n"
        "print('said:' + predict(Path(snapshot_download(sys.argv[2])), [sys.argv[3]])[0])"
    )
    said = reload(hub, code, str(folder / "program"), info.id, text, home=home)
    assert said.partition("said:")[2].strip() == first["prediction"]

    shared = intern(
        "runs", "export", run_id, "--trace", "--to", str(home / "t.jsonl"), "--push", "--yes", **hub.environment()
    )
    assert shared.out.splitlines()[-1] == f"{hub.url}/datasets/alice/intern-traces", shared.err
    assert hub.api().dataset_info("alice/intern-traces").private
    stored = Path(hub.api().hf_hub_download("alice/intern-traces", f"sessions/{run_id}.jsonl", repo_type="dataset"))
    assert stored.read_text() == (home / "t.jsonl").read_text() and '"toolCalls"' in stored.read_text()
    assert "Nothing is left over." in intern("runs", "sweep", **hub.environment()).err


def test_without_a_yes_nothing_is_rented_and_the_price_is_shown(hub, intern, home, rows):
    options = ("--data", rows, "--compute", "hf-jobs", "--publish", "never", "--json")
    parked = intern("run", TASK, *options, "--yes", "--budget-usd", "0.001", **hub.environment())
    assert parked.code == 3, parked.err
    run_id = parked.json["run_id"]
    assert jobs(hub, run_id) == [] and parked.json["cost_usd"] == 0
    with sqlite3.connect(home / "runs.sqlite") as db:
        (asked,) = [json.loads(row[0]) for row in db.execute("SELECT payload FROM events WHERE kind='approval'")]
    assert asked["price_usd"] > 0.001 and "billed to `alice`" in asked["summary"]
    card = (home / "runs" / run_id / "artifacts" / "job.md").read_text()
    assert "cpu-" in card and "`program.py`, " in card and "at worst" in card
    stopped = intern("runs", "stop", run_id, **hub.environment())
    assert stopped.code == 0 and "stopped" in stopped.out


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        (["--compute", "hf-jobs"], {}, "needs a Hugging Face account: set HF_TOKEN"),
        (["--publish", "hub"], {"HF_TOKEN": ALICE, "HF_ENDPOINT": "http://127.0.0.1:9"}, "the Hub cannot be reached"),
        (["--publish", "hub"], {"HF_TOKEN": "hf_WrongWrongWrongWrongWrongWrongWrong"}, "does not take this token"),
    ],
)
def test_what_cannot_work_is_one_line_before_any_work(hub, intern, home, options, environment, words):
    finished = intern("run", "train a text classifier", *options, **hub.environment(None) | environment)
    assert finished.code == 2 and finished.out == ""
    assert re.search(words, finished.err) and len(finished.err.strip().splitlines()) == 1, finished.err
    assert not list((home / "runs").glob("*")) if (home / "runs").exists() else True


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="two minutes of training; INTERN_SLOW=1 runs it")
def test_the_main_job_whole_on_the_hub(hub, intern, home):
    """The paper's Transformer, two seeds on rented machines, published, and loaded back by transformers."""
    finished = intern("run", MAIN_JOB, "--compute", "hf-jobs", "--publish", "hub", "--yes", "--budget-usd", "5", "--json",
                      **hub.environment(), timeout=560)  # fmt: skip
    assert finished.code == 0, finished.err
    report = finished.json
    assert report["summary"]["n"] == 2 and report["summary"]["evidence_level"] == "sealed"
    repo = report["published"]["location"]
    first, source = (
        json.loads(Path(hub.api().hf_hub_download(repo, name)).read_text().splitlines()[0])
        for name in ("predictions/seed-1.jsonl", "program/data/test.jsonl")
    )
    code = (
        "import sys; from transformers import AutoModelForSeq2SeqLM, AutoTokenizer\n"
        "model = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[1]); tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])\n"
        "out = model.generate(**tokenizer(sys.argv[2], return_tensors='pt'))\n"
        "print('decoded:' + tokenizer.decode(out[0], skip_special_tokens=True))"
    )
    said = reload(hub, code, repo, source["source"], home=home)
    assert said.partition("decoded:")[2].strip() == first["prediction"].strip()
    assert "arxiv:1706.03762" in hub.api().model_info(repo).tags
