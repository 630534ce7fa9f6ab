"""`kill -9` in the middle of training, then `runs resume`: the same result, no event lost, none doubled."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.conftest import CommandLine, clean_environment

TASK = (
    "reproduce paper: attention is all you need, steps=80, vocab_size=300, checkpoint_every=20, beam_size=1, two seeds"
)


def metric_rows(home: Path) -> list[tuple[str, str]]:
    database = home / "runs.sqlite"
    if not database.exists():
        return []
    with sqlite3.connect(database) as db:
        try:
            return db.execute("SELECT run_id, payload FROM events WHERE kind='metric' ORDER BY seq").fetchall()
        except sqlite3.OperationalError:  # the tables are being made
            return []


def wait_for_training(home: Path, process: subprocess.Popen[str], step: int) -> str:
    """Wait until seed 1 has passed a step; returns the run's id."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        for run_id, payload in metric_rows(home):
            if '"train_loss"' in payload and f'"step":{step}' in payload:
                return run_id
        time.sleep(0.2)
    raise AssertionError("training did not get that far")


def test_killed_run_ends_with_the_same_result(intern: CommandLine, home: Path) -> None:
    process = intern.start("run", TASK, "--yes")
    run_id = wait_for_training(home, process, step=40)
    children = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    _, alive = psutil.wait_procs(children, timeout=30)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE], "a training process outlived its host"
    assert intern("runs", "show", run_id, "--json").json["status"] == "interrupted"
    before = [tuple(row) for row in metric_rows(home)]

    resumed = intern("runs", "resume", run_id, "--json", "--yes")
    assert resumed.code == 0, resumed.err
    report = resumed.json
    assert report["status"] == "done"
    assert len(report["runs"]) == 2

    after = [tuple(row) for row in metric_rows(home)]
    assert after[: len(before)] == before, "an event was lost or changed"
    with sqlite3.connect(home / "runs.sqlite") as db:
        numbers = [row[0] for row in db.execute("SELECT seq FROM events WHERE run_id=? ORDER BY seq", (run_id,))]
        kinds = Counter(
            row[0] for row in db.execute("SELECT payload FROM events WHERE kind IN ('code','observation','metric')")
        )
    assert numbers == list(range(1, len(numbers) + 1))
    assert max(kinds.values()) == 1, "an event is in the log twice"

    # The same seed without any interruption gives the very same predictions.
    spec_id = report["spec"]["spec_id"]
    job = home / "runs" / run_id / "jobs" / f"{spec_id}-seed1"
    again = home / "again"
    again.mkdir()
    for name in ("program.py", "runtime.py", "spec.json"):
        shutil.copy(job / name, again / name)
    shutil.copytree(job / "data", again / "data")
    threads = {
        "OMP_NUM_THREADS": str(report["spec"]["threads"]),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    environment = clean_environment(home) | threads
    subprocess.run([sys.executable, "program.py"], cwd=again, env=environment, check=True, capture_output=True)
    uninterrupted = hashlib.sha256((again / "predictions.jsonl").read_bytes()).hexdigest()
    assert report["runs"][0]["evidence"]["predictions_sha256"] == uninterrupted


def kill_training(process: subprocess.Popen[str]) -> None:
    """`kill -9` of the training program itself, not of the intern."""
    below = psutil.Process(process.pid).children(recursive=True)
    programs = [p for p in below if p.cmdline()[-1:] == ["program.py"]]
    assert programs
    for one in programs:
        one.kill()


def test_a_killed_training_goes_on_by_itself_once_and_a_failed_run_goes_on_when_it_is_resumed(
    intern: CommandLine, home: Path
) -> None:
    process = intern.start("run", TASK.replace("two seeds", "one seed"), "--yes", "--publish", "never")
    run_id = wait_for_training(home, process, step=20)
    kill_training(process)
    wait_for_training(home, process, step=60)
    kill_training(process)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    failed = " ".join(err.split())
    assert "was killed from outside (signal 9" in failed and "goes on from its last checkpoint" in failed
    assert "No seed could be measured. The program failed with exit status -9" in failed
    assert intern("runs", "show", run_id, "--json").json["status"] == "failed"

    resumed = intern("runs", "resume", run_id, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json["status"] == "done" and len(resumed.json["runs"]) == 1
    steps = [json.loads(payload)["step"] for _, payload in metric_rows(home) if '"train_loss"' in payload]
    assert steps == sorted(set(steps)) and steps[-1] == 80, "the curve goes on where it was"


def test_run_without_a_person_stops_at_the_approval_and_goes_on_after_it(intern: CommandLine, home: Path) -> None:
    task = "reproduce paper: attention is all you need, steps=20, vocab_size=300, beam_size=1, 1 seed"
    parked = intern("run", task, "--json")
    assert parked.code == 3, parked.err
    assert parked.json["status"] == "waiting"
    assert parked.json["published"] is None
    assert parked.json["summary"]["n"] == 1
    assert not (home / "published").exists() or not list((home / "published").rglob("README.md"))
    done = intern("runs", "resume", parked.json["run_id"], "--yes", "--json")
    assert done.code == 0, done.err
    assert Path(done.json["published"]["location"], "README.md").is_file()
    assert done.json["runs"] == parked.json["runs"], "approving must not train again"


def test_interrupt_from_the_keyboard_leaves_a_run_that_can_be_resumed(intern: CommandLine, home: Path) -> None:
    process = intern.start("run", TASK, "--yes")
    run_id = wait_for_training(home, process, step=20)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=90)
    assert process.returncode == 130
    assert f"runs resume {run_id}" in err
    assert "Traceback" not in err
    assert intern("runs", "show", run_id, "--json").json["status"] == "interrupted"
    stopped = intern("runs", "stop", run_id)
    assert stopped.code == 0
    assert "stopped" in stopped.out
