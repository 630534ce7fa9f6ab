"""Jobs on this machine: how they end is told truly, they see no secrets, and nothing of them is left behind."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from intern.compute import local
from intern.compute.base import JobResult, JobSpec
from intern.compute.local import LocalBackend, usable_threads
from intern.settings import JobLimits
from tests.compute.test_tail import Heard


class Stop(BaseException):
    pass


@pytest.fixture
def job(tmp_path):
    """Run a program's text; returns the result and what was heard."""
    counter = iter(range(100))

    def run_job(program: str, *, limit: float = 20.0, check=lambda: None, threads: int = 1, folder: Path | None = None,
                heard: Heard | None = None):  # fmt: skip
        place = folder or tmp_path / f"job{next(counter)}"
        place.mkdir(exist_ok=True)
        (place / "program.py").write_text(program)
        made = JobSpec(id=place.name, folder=place, argv=["program.py"], threads=threads, hard_limit_seconds=limit)
        heard = heard or Heard()
        return LocalBackend(JobLimits()).run(made, heard, check), heard

    return run_job


def marked(marker: str) -> list[psutil.Process]:
    """Living processes whose command line has this word."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE and marker in " ".join(process.info["cmdline"] or []):
            found.append(process)
    return found


def gone(marker: str, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while marked(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not marked(marker)


def test_a_job_runs_in_its_folder_and_is_heard(job, tmp_path):
    result, heard = job("import os; print('in', os.getcwd()); open('made.txt', 'w').write('x')")
    assert isinstance(result, JobResult) and result.exit_status == 0 and not result.timed_out and not result.resumed
    assert heard.lines == [f"in {tmp_path / 'job0'}"] and (tmp_path / "job0" / "made.txt").exists()


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("raise SystemExit(7)", 7),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.abort()", -6),
    ],
)
def test_the_exit_status_is_the_programs_own(job, program, status):
    assert job(program)[0].exit_status == status


def test_its_last_words_are_heard_also_without_a_newline(job):
    _, heard = job("import sys; sys.stdout.write('one\\n'); sys.stderr.write('two')")
    assert sorted(heard.lines) == ["one", "two"]


def test_a_job_is_ended_at_its_hard_limit(job):
    started = time.monotonic()
    result, _ = job("import time; time.sleep(100)", limit=1.0)
    assert result.timed_out and result.exit_status != 0 and time.monotonic() - started < 60


def test_a_cancelled_job_is_gone_before_the_exception_goes_on(job, tmp_path):
    """With everything that it started, also what ignores signals."""
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    child = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(100)"
    program = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}, {marker!r}], start_new_session=True)\n"
        "print('started', flush=True)\ntime.sleep(100)\n"
    )
    calls: list[float] = []

    def check() -> None:
        calls.append(time.monotonic())
        if marked(marker):
            raise Stop

    with pytest.raises(Stop):
        job(program, check=check)
    assert gone(marker)
    gaps = [b - a for a, b in itertools.pairwise(calls)]
    assert sorted(gaps)[len(gaps) // 2] < 3, "a stop is looked for several times a second"


def test_what_a_job_leaves_running_ends_with_it(job):
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    program = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)', {marker!r}], start_new_session=True)\n"
    )
    assert job(program)[0].exit_status == 0
    assert gone(marker)


def test_a_job_sees_no_tokens_and_its_threads(job, monkeypatch):
    for name in ("HF_TOKEN", "INTERN_LLM_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "s3cret")
    _, heard = job("import os; print(sorted(os.environ.items()))", threads=3)
    assert "s3cret" not in heard.lines[0]
    assert "('OMP_NUM_THREADS', '3')" in heard.lines[0]


def test_a_folder_with_a_checkpoint_is_a_resumed_job(job, tmp_path):
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "checkpoint.pt").write_bytes(b"x")
    assert job("pass", folder=folder)[0].resumed


def test_a_job_without_free_cores_waits_and_can_be_stopped(job, monkeypatch):
    monkeypatch.setattr(local, "usable_threads", lambda: 2)
    first_started, stop = threading.Event(), threading.Event()

    def hold() -> None:
        if first_started.is_set() and stop.is_set():
            raise Stop
        first_started.set()

    def first() -> None:
        with pytest.raises(Stop):
            job("import time; time.sleep(100)", check=hold, threads=1)

    thread = threading.Thread(target=first)
    thread.start()
    assert first_started.wait(10)
    refused = time.monotonic() + 0.5

    def impatient() -> None:
        if time.monotonic() > refused:
            raise Stop

    waiting = Heard()
    with pytest.raises(Stop):
        job("print('never')", check=impatient, heard=waiting, threads=2)
    assert waiting.states == [("waiting", "another training is at work on this machine")] and waiting.lines == []
    assert job("print('beside')")[1].lines == ["beside"], "there is a core for one thread more"
    stop.set()
    thread.join(15)
    assert not thread.is_alive()
    assert job("print('then')", threads=5)[1].lines == ["then"]


def test_threads_are_the_cores_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(local, "_beside_app", False)
    every = usable_threads()
    assert 1 <= every <= (os.cpu_count() or 1)
    local.leave_a_core()
    assert usable_threads() == max(1, every - 1)


def test_the_interpreter_is_this_one(job):
    assert job("import sys; print(sys.prefix)")[1].lines == [sys.prefix]


def test_a_limit_that_ended_a_job_is_named(tmp_path):
    """`exit status -9` alone would leave people guessing."""
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "program.py").write_text("held = []\nwhile True: held.append(bytearray(20_000_000))")
    made = JobSpec(id="job", folder=tmp_path / "job", argv=["program.py"], threads=1, hard_limit_seconds=30)
    result = LocalBackend(JobLimits(memory_mb=200)).run(made, Heard(), lambda: None)
    assert result.exit_status != 0 and not result.timed_out
    assert "200 MB of memory" in result.reason
