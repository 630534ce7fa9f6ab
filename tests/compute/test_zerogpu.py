"""ZeroGPU, against its device API on loopback with the real `spaces` client; off a Space it says why there is none."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from intern.compute.base import ComputeError, JobSpec
from intern.compute.zerogpu import MOST_SECONDS, ZeroGpuBackend, quota_words, seconds_wanted
from tests.compute.test_tail import Heard
from tests.conftest import ROOT, clean_environment
from tests.experiments.samples import TINY_PROGRAM
from tests.servers.zerogpu import DeviceApi, device_api


def visitor(name: str) -> str:
    """A token of the shape that a Space's proxy sends."""
    payload = base64.urlsafe_b64encode(json.dumps({"user": name}).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def make_job(folder: Path, **hyperparameters) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "program.py").write_text(TINY_PROGRAM)
    (folder / "runtime.py").write_text("")
    values = {"steps": 20, "trick": "none"} | hyperparameters
    (folder / "spec.json").write_text(
        json.dumps({"seed": 1, "threads": 1, "probe_steps": 0, "hyperparameters": values})
    )
    row = {"id": "train-0", "text": "who is it", "label": "HUM"}
    (folder / "data" / "train.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "data" / "test.jsonl").write_text('{"id": "test-0", "text": "who was it"}\n')
    return folder


def pilots(api: DeviceApi, home: Path, *jobs: dict):
    command = [sys.executable, "-m", "tests.compute.zerogpu_pilot", json.dumps(list(jobs))]
    space = {"SYSTEM": "spaces", "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": api.url}
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(home) | space, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


REFUSALS = [
    ((429, {"left": 10, "wait": 3600}), visitor("ada"), "quota does not allow it"),
    ((429, {"left": 0, "wait": 3600}), "", "did not know whose quota to use"),
    ((503, {}), visitor("ada"), "No GPU was free"),
    ((401, {}), visitor("ada"), "did not know whose quota to use"),
]
"""What ZeroGPU answers, whose request it was, and what the person is told."""


def test_pilots_run_on_the_gpus_process_and_use_the_visitors_quota(tmp_path):
    ada = {"token": visitor("ada"), "seconds": 60, "ours": True}
    with device_api() as api:
        api.refusals = [refusal for refusal, _, _ in REFUSALS]
        refused = [{**ada, "folder": str(make_job(tmp_path / f"refused-{n}")), "token": token}
                   for n, (_, token, _) in enumerate(REFUSALS)]  # fmt: skip
        found = pilots(
            api, tmp_path / "home", *refused,
            {**ada, "folder": str(make_job(tmp_path / "good"))},
            {**ada, "folder": str(make_job(tmp_path / "bad", trick="crash"))},
            {**ada, "folder": str(make_job(tmp_path / "edited")), "ours": False},
            {**ada, "folder": str(make_job(tmp_path / "long")), "seconds": 900},
        )  # fmt: skip
    for number, (_, _, words) in enumerate(REFUSALS):
        assert words in found["answers"][number]["error"]
        assert not (tmp_path / f"refused-{number}" / "predictions.jsonl").exists()
    good, bad, edited, long = found["answers"][len(REFUSALS) :]
    assert good["exit_status"] == 0 and good["lines"][0] == "seed 1, 20 steps" and "loss" in good["metrics"]
    assert json.loads((tmp_path / "good" / "predictions.jsonl").read_text()) == {"id": "test-0", "prediction": "HUM"}
    assert (tmp_path / "good" / "model" / "config.json").is_file() and good["states"][0][0] == "waiting"
    assert bad["exit_status"] == 1 and "the data looks odd" in (tmp_path / "bad" / "log.txt").read_text()
    assert "only the intern's own programs" in edited["error"]
    assert f"at most {MOST_SECONDS} s, this one 900 s" in long["error"]
    asked = api.asked("schedule")
    assert [call.get("token", "") for call in asked] == [*(token for _, token, _ in REFUSALS), *[visitor("ada")] * 2]
    assert len(api.asked("allow")) >= 1 and len(api.asked("release")) == 2
    assert 80 <= float(asked[-1]["durationSeconds"]) <= 90 * 1.5


def test_off_a_space_it_says_why_and_what_to_use(tmp_path, monkeypatch):
    job = JobSpec(id="j", folder=tmp_path, argv=["program.py"], threads=1, hard_limit_seconds=10)
    with pytest.raises(ComputeError, match=r"no ZeroGPU away from a Space: .* --compute local or hf-jobs"):
        ZeroGpuBackend(lambda _: True).run(job, Heard(), lambda: None)
    monkeypatch.setenv("SYSTEM", "spaces")
    with pytest.raises(ComputeError, match="on this Space's hardware"):
        ZeroGpuBackend(lambda _: True).run(job, Heard(), lambda: None)


def test_the_app_of_a_zerogpu_space_has_its_function_when_it_is_imported(tmp_path):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import app\nfrom spaces.zero import decorator\nprint('decorated:', len(decorator.decorated_cache))"
    )
    with device_api() as api:
        space = {"SYSTEM": "spaces", "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": api.url}
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean_environment(tmp_path) | space,
                              capture_output=True, text=True)  # fmt: skip
    assert done.stdout.strip().endswith("decorated: 2"), done.stdout + done.stderr  # the function and its wrapper


def test_the_time_that_is_asked_for_follows_the_job():
    assert [seconds_wanted("f", s) for s in (10, 100, 1000)] == [40, 130, MOST_SECONDS]
    assert "Resume" in quota_words("Space app has reached its GPU limit.")
