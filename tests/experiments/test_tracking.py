"""Trackio gets a job's metrics while it trains, the harness's numbers at the end, and nothing waits for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from intern.compute.base import ProgramMetric
from intern.experiments import tracking
from intern.experiments.tracking import Tracker

READ = """
import json, sys, trackio
from trackio.sqlite_storage import SQLiteStorage
runs = [r.name for r in trackio.Api().runs(sys.argv[1])]
rows = [row for name in runs for row in SQLiteStorage.get_logs(sys.argv[1], name)]
print(json.dumps([runs, rows, [a["title"] for a in trackio.Api().alerts(sys.argv[1])]], default=str))
"""


def read(folder: Path, project: str) -> tuple[list[str], list[dict[str, object]], list[str]]:
    """As another process sees it."""
    done = subprocess.run(
        [sys.executable, "-c", READ, project], env=os.environ | {"TRACKIO_DIR": str(folder), "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return tuple(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else ([], [], [])  # type: ignore[return-value]


def metric(step: int, value: float) -> ProgramMetric:
    return ProgramMetric(step=step, name="loss", value=value, time=0.0)


def tracker(folder: Path, name: str = "abc-seed1") -> Tracker:
    return Tracker(folder, "run-1", name, "abc", {"seed": 1, "lr": 0.1})


def test_a_job_is_readable_while_it_trains_and_complete_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(tracking, "TRACK_AFTER_SECONDS", 0.0)
    with tracker(tmp_path) as at_work:
        at_work.metric(metric(1, 0.9))
        at_work.metric(metric(2, 0.8))
        deadline = time.monotonic() + 30
        while not (live := read(tmp_path, "run-1"))[1]:
            assert time.monotonic() < deadline, (tmp_path / "writer.log").read_text()
        assert live[0] == ["abc-seed1"] and live[1][0]["loss"] == 0.9
        at_work.alert("every prediction is the same")
    with tracker(tmp_path) as at_work:  # the job goes on after a restart
        at_work.metric(metric(3, 0.7))
        at_work.result({"accuracy": 0.75})
    names, rows, alerts = read(tmp_path, "run-1")
    assert names == ["abc-seed1"] and [row["loss"] for row in rows if "loss" in row] == [0.9, 0.8, 0.7]
    assert rows[-1]["sealed_test/accuracy"] == 0.75 and alerts == ["every prediction is the same"]


def test_a_short_job_starts_no_writer(tmp_path):
    with tracker(tmp_path) as short:
        short.metric(metric(1, 0.9))
    assert not tmp_path.joinpath("writer.log").exists() and not list(tmp_path.glob("*.db"))


def test_a_writer_that_is_gone_stops_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(tracking, "TRACK_AFTER_SECONDS", 0.0)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with tracker(tmp_path) as alone:
        alone.metric(metric(1, 0.9))
        (child,) = [p for p in psutil.Process().children() if "trackio_writer" in " ".join(p.cmdline())]
        assert "HF_TOKEN" not in child.environ(), "no secret of the app reaches it"
        child.kill()
        child.wait(5)
        for step in range(5):
            alone.metric(metric(step, 0.5))


def test_the_writer_ends_with_its_parent(tmp_path, monkeypatch):
    code = (
        "import time\nfrom pathlib import Path\nfrom tests.experiments.test_tracking import metric, tracker, tracking\n"
        "tracking.TRACK_AFTER_SECONDS = 0.0\n"
        f"t = tracker(Path({str(tmp_path)!r}))\nt.metric(metric(1, 0.5))\nprint(t._process.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    writer = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    writer.wait(20)


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no training runs on Windows")
