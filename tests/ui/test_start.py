"""The app answers soon, and what it does not need at start stays out."""

import json
import signal
import subprocess
import sys
import urllib.request

import psutil

from tests.conftest import ROOT, clean_environment
from tests.ui.conftest import AppProcess

LATER = ("torch", "transformers", "datasets", "smolagents", "pymupdf", "spaces", "evaluate", "trackio", "sklearn")


def test_nothing_heavy_is_imported_at_start(tmp_path):
    code = f"import app, json, sys; print(json.dumps([m for m in {LATER!r} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_importing_the_app_leaves_gradios_files_alone(tmp_path):
    """Gradio would parse and rewrite its editor stubs at each import (1.3 s)."""
    code = (
        "import intern.ui, gradio.component_meta as meta, gradio as gr\n"
        "assert meta.create_or_modify_pyi(None, '', []) is None\n"
        "print(len(gr.Textbox.EVENTS))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0 and int(done.stdout) > 3, done.stderr


def test_the_page_answers_soon_in_little_memory_and_ends_when_told(tmp_path):
    app = AppProcess(tmp_path / "home")
    try:
        app.wait()
        process = psutil.Process(app.process.pid)
        # Processor time, not the clock: it says the same on a machine that others use too.
        assert sum(process.cpu_times()[:2]) < 4
        assert process.memory_info().rss < 200 * 2**20
        with urllib.request.urlopen(f"{app.url}/config", timeout=90) as answer:
            config = json.load(answer)
        assert config["run_history"] is False
        with urllib.request.urlopen(f"{app.url}/gradio_api/info", timeout=90) as answer:
            assert "/start_run" in json.load(answer)["named_endpoints"]
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(10) in (0, -signal.SIGTERM)
    finally:
        app.end()


def test_a_home_that_cannot_be_written_is_one_line(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    environment = clean_environment(blocker / "home")
    done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "INTERN_HOME" in done.stderr


def test_a_port_that_is_taken_is_one_line(tmp_path, served):
    port = served.url.rpartition(":")[2]
    command = [sys.executable, "app.py", "--port", port]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and f"Port {port}" in done.stderr
