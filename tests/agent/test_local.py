"""The local model: found or plainly not, its process bound to ours, and a real one where its file can be had."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from intern.agent import local
from intern.agent.local import LocalModelError, LocalServer, Plan, Weights, find_weights
from intern.agent.models import UnknownModelError, build_model, check_model
from intern.settings import LocalLlm, Settings, load_settings
from tests.conftest import ROOT, CommandLine, shared

needs_llama = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None, reason="needs pip install -r requirements-local-llm.txt"
)
slow = pytest.mark.skipif(
    not os.environ.get("INTERN_SLOW"), reason="a real LLM on the processor: minutes; INTERN_SLOW=1 runs it"
)


def settings(home: Path, file: Path | None = None) -> Settings:
    return Settings(home=home, offline=True, model="local", local_llm=LocalLlm(file=file))


def test_without_llama_cpp_it_is_said_what_to_install(home: Path, monkeypatch):
    monkeypatch.setattr(local.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnknownModelError, match="pip install -r requirements-local-llm"):
        check_model("local", settings(home), None)


def test_a_model_that_is_not_here_and_cannot_be_had_is_one_clear_line(intern: CommandLine, monkeypatch, tmp_path: Path):
    done = intern("run", "count", "--model", "local", HF_HUB_CACHE=str(tmp_path / "none"), timeout=60)
    assert done.code == 2 and len(done.err.strip().splitlines()) == 1
    assert "INTERN_LOCAL_MODEL" in done.err or "requirements-local-llm" in done.err


@needs_llama
def test_an_own_file_wins_and_one_in_the_cache_is_checked_by_its_hash(home: Path, tmp_path: Path, monkeypatch):
    own = tmp_path / "own.gguf"
    with pytest.raises(LocalModelError, match="names no file"):
        find_weights(settings(home, own))
    own.write_bytes(b"GGUF")
    assert find_weights(settings(home, own)) == Weights(str(own), "")
    monkeypatch.setenv("INTERN_LOCAL_MODEL", str(own))
    assert load_settings().local_llm.file == own
    cached = home / "cache" / local.FILENAME
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"GGUF")
    assert find_weights(settings(home)) == Weights(str(cached), local.SHA256)


@needs_llama
@pytest.mark.parametrize("pin", ["", "0" * 64], ids=["not a model", "not the pinned one"])
def test_a_file_that_cannot_be_served_is_one_clear_line_and_leaves_no_process(home: Path, tmp_path: Path, pin: str):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 2000)
    server = LocalServer(Plan(Weights(str(broken), pin), "", 512, 1))
    with pytest.raises(LocalModelError, match="pinned" if pin else "could not load|ended") as caught:
        server.wait(threading.Event(), lambda _: None)
    assert "\n" not in str(caught.value)
    deadline = time.monotonic() + 5
    while server.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not server.alive and server.process is not None and server.process.poll() is not None


def test_the_pinned_hash_is_a_sha256():
    assert len(local.SHA256) == len(hashlib.sha256().hexdigest()) and len(local.REVISION) == 40


@needs_llama
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_the_child_ends_with_its_parent_however_that_ends(tmp_path: Path):
    busy = tmp_path / "large.gguf"  # sparse: hashing it takes far longer than this test
    with busy.open("wb") as file:
        file.truncate(200 << 30)
    code = (
        "import time; from intern.agent.local import *; "
        f"server = LocalServer(Plan(Weights({str(busy)!r}, '0' * 64), '', 512, 1)); time.sleep(1.5); "
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert not alive


def real_model(name: str) -> Path:
    """A model's file, downloaded if need be; skips, visibly, where it cannot be had."""
    tool = shared("tools/get_local_llm.py")
    got = subprocess.run([sys.executable, str(tool), name], capture_output=True, text=True, timeout=590)
    if got.returncode != 0:
        pytest.skip(f"the model {name} cannot be had: {got.stderr.strip()[-200:]}")
    return Path(got.stdout.strip().splitlines()[-1])


@slow
@needs_llama
@pytest.mark.slow
def test_a_babbling_model_ends_politely_within_its_limits(intern: CommandLine):
    started = time.monotonic()
    done = intern("run", "Which of the digits has the most strokes? Count.", "--model", "local", "--max-minutes", "2",
                  INTERN_LOCAL_MODEL=str(real_model("smollm2")), timeout=400)  # fmt: skip
    assert done.code in (0, 3), done.err[-2000:]
    assert "Traceback (most recent call last)" not in done.out and time.monotonic() - started < 330
    assert "Waiting for your answer" in done.err or "stopped" in done.out or done.code == 0


@slow
@needs_llama
@pytest.mark.slow
def test_a_small_model_trains_a_classifier_and_two_runs_share_one_server(home: Path):
    from intern.service import RunRequest, Service

    service = Service(settings(home, real_model("qwen-1.5b")))
    task = "Train a decision tree on scikit-learn's iris data, a third held out (random_state=0), and report the test accuracy."
    runs = [
        service.start_run(RunRequest(task=task)).run_id,
        service.start_run(RunRequest(task="What is 17 * 23?")).run_id,
    ]
    for run_id in runs:
        assert service.join(run_id, 400) and service.info(run_id).status == "done", service.answer(run_id)
    assert "391" in service.answer(runs[1])
    assert re.search(r"0\.9\d|9\d(\.\d+)? ?%", service.answer(runs[0])), service.answer(runs[0])
    assert len([s for s in local._servers.values() if s.alive]) == 1
    service.close("over")


@needs_llama
def test_a_stop_while_the_model_is_fetched_ends_the_child(home: Path, tmp_path: Path):
    busy = tmp_path / "large.gguf"
    with busy.open("wb") as file:
        file.truncate(200 << 30)
    server, cancel = LocalServer(Plan(Weights(str(busy), "0" * 64), "", 512, 1)), threading.Event()
    threading.Timer(0.5, cancel.set).start()
    with pytest.raises(local.RunStopped):
        server.wait(cancel, lambda _: None)
    assert not server.alive


def test_the_planner_needs_none_of_this(home: Path):
    assert type(build_model("planner", settings(home), None, threading.Event())).__name__ == "Planner"
