"""Where Linux's layers are missing: macOS (emulated) is weak and needs consent, Windows runs no code but imports all."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment
from tests.sandbox.without_linux import left

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
MACOS = {"INTERN_SANDBOX_EMULATE": "macos"}
AGREED = MACOS | {"INTERN_ALLOW_WEAK_SANDBOX": "1"}


def without_linux(home: Path, **variables: str) -> dict:
    command = [sys.executable, "-m", "tests.sandbox.without_linux"]
    environment = clean_environment(home) | variables
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_sessions_and_jobs_without_any_layer(home):
    report = without_linux(home, **AGREED)
    level, allowed, line = report["isolation"]
    assert (level, allowed) == ("weak", True) and "nono-py" in line and "can read your files" in line
    assert not report["forkserver"]
    found = report["sessions"]
    assert found["state"] == [["up\n", None], ["42\n", None]] and found["secret"] == "False\n"
    assert "longer than 1 s. Variables are kept" in found["loop"][1] and found["loop"][2] < 15
    assert found["kept"] == "41\n"
    assert "variables are lost" in found["deaf"][1] and found["deaf"][2] < 20
    assert "status 3" in found["crash"][0] and found["crash"][1] == "again\n"
    assert "more than 200 MB of memory" in found["memory"] and "more than 30 MB" in found["disk"]
    assert "more than 8 processes" in found["processes"]
    assert found["strays"] is None and found["alive"] == 2 and found["left"] == 0
    found = report["jobs"]
    assert found["status"] == 7 and found["log"] is True
    assert found["memory"] == [-signal.SIGKILL, "it used more than 300 MB of memory"]
    assert found["alive"] == 1 and found["left"] == [-signal.SIGKILL, 0]


def test_all_ends_with_a_host_that_is_killed(home):
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.without_linux", "host"],
        cwd=ROOT,
        env=clean_environment(home) | AGREED,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert json.loads(host.stdout.readline()) == ["", None]
    marker = f"96{host.pid}"
    assert left(marker, 0.1) == 2
    host.kill()
    host.wait()
    assert left(marker, 8.0) == 0


@pytest.mark.parametrize("space", [{"SPACE_ID": "someone/intern"}, {"SYSTEM": "spaces"}, {}])
def test_weak_is_refused_without_consent_and_always_with_several_users(home, space):
    report = without_linux(home, **(AGREED | space if space else MACOS))
    assert report["isolation"][:2] == ["weak", False]
    assert "code execution is off" in report["refused"]
    assert ("INTERN_ALLOW_WEAK_SANDBOX=1" in report["refused"]) == (not space), "nobody on a Space can agree"


# --- consent at the command line ---------------------------------------------------------------------------------


def intern_at_a_terminal(home: Path, answer: str, *arguments: str, **variables: str) -> tuple[int, str]:
    """Exit code and all that was shown, by a process whose stdin is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "intern", *arguments],
        cwd=ROOT,
        env=clean_environment(home) | MACOS | variables,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    shown, _ = process.communicate(timeout=120)
    os.close(ours)
    return process.returncode, shown


def test_no_at_the_terminal_ends_with_one_line_that_says_what_to_set(home):
    code, shown = intern_at_a_terminal(home, "\n", "run", "hello")
    assert code == 2 and "could read your files" in shown and "[y/N]" in shown
    assert "INTERN_ALLOW_WEAK_SANDBOX=1" in shown.strip().splitlines()[-1]


def test_yes_at_the_terminal_lets_code_run_with_a_warning_that_stays(home):
    code, shown = intern_at_a_terminal(home, "y\n", "run", "read paper: attention is all you need", "--json")
    assert code == 0 and "[y/N]" in shown and "code execution is off" not in shown
    report = json.loads(shown[shown.index("\n{") :])
    events = subprocess.run(
        [sys.executable, "-c", EVENTS, report["run_id"]],
        cwd=ROOT,
        env=clean_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert re.search(r"warning Isolation: weak", events), events


EVENTS = """
import sys
from intern.service import Service
from intern.settings import load_settings
for event in Service(load_settings()).events(sys.argv[1], kinds=("note",), limit=100):
    print(event.body.level, event.body.text)
"""


def test_without_a_terminal_nobody_is_asked(intern):
    done = intern("run", "hello", **MACOS)
    assert done.code == 2 and "INTERN_ALLOW_WEAK_SANDBOX=1" in done.err and "[y/N]" not in done.err
    assert done.out == "" and len(done.err.strip().splitlines()) == 1


def test_several_users_are_not_asked_and_the_run_says_why_it_fails(intern):
    space = AGREED | {"SYSTEM": "spaces"}
    done = intern("run", "read paper: attention is all you need", "--json", **space)
    assert done.code == 1, done
    assert "code execution is off" in done.out + done.err and "[y/N]" not in done.err


# --- Windows -----------------------------------------------------------------------------------------------------

WINDOWS = """
import importlib, importlib.abc, json, os, pkgutil, select, signal, socket, sys
import ctypes, gradio, smolagents, psutil, subprocess, asyncio, uvicorn, sacrebleu, pymupdf, huggingface_hub  # as they are here
for name in ("resource", "fcntl", "pwd", "grp", "termios", "pty"):
    sys.modules[name] = None  # importing it raises ImportError
for module, names in (
    (os, "fork getuid geteuid setpgid setsid nice waitid O_NOFOLLOW O_DIRECTORY O_NONBLOCK O_CLOEXEC O_NOCTTY register_at_fork"),
    (socket, "AF_UNIX SOCK_SEQPACKET socketpair send_fds recv_fds"),
    (signal, "SIGKILL SIGSTOP SIGCHLD SIGHUP SIGUSR1 SIGXCPU"),
    (select, "poll"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"
import intern
loaded = []
for found in pkgutil.walk_packages(intern.__path__, "intern."):
    if ".programs." in found.name or found.name == "intern.__main__":
        continue
    importlib.import_module(found.name)
    loaded.append(found.name)
importlib.import_module("intern.__main__")
from pathlib import Path
from intern.sandbox import hostfiles, make_session
from intern.sandbox.consent import consent_question
from intern.sandbox.detect import detect
from intern.sandbox.jobs import launch_job
from intern.sandbox.pool import SandboxUnavailable, warm_up
from intern.settings import JobLimits
refusals = []
for action in (make_session, lambda: launch_job(["x"], Path("x"), threads=1, limits=JobLimits(), log=Path("x"))):
    try:
        action()
    except SandboxUnavailable as error:
        refusals.append(str(error))
folder = Path(sys.argv[1])
(folder / "f").write_text("read")
print(json.dumps({
    "loaded": len(loaded), "level": detect().level, "line": detect().line, "allowed": detect().allowed,
    "refusals": refusals, "question": consent_question(), "warm": warm_up(),
}))
"""


def test_windows_imports_everything_and_runs_no_code(home, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, str(tmp_path)],
        cwd=ROOT,
        env=clean_environment(home),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["loaded"] > 60 and report["level"] == "none" and not report["allowed"]
    assert len(report["refusals"]) == 2 and all("Choose Hugging Face Jobs" in text for text in report["refusals"])
    assert report["question"] is None and "Windows" in report["line"]


# --- warming -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="a forkserver")
def test_a_warm_forkserver_says_when_it_is_loaded_and_serves_meanwhile():
    from intern.sandbox import pool
    from intern.sandbox.plain import Session

    before = pool._server
    began = time.monotonic()
    said = pool.warm_up(("sqlite3", "no_such_library"))
    assert re.fullmatch(r"Sandbox: warm after \d+ s, [1-9]\d* MB\.", said) and time.monotonic() - began < 60
    assert pool._server is not before
    with Session() as session:
        assert session.run("import sys; print('sqlite3' in sys.modules)", 10) == ("True\n", None)
