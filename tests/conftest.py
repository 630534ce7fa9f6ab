"""Shared by all tests: a home of their own, no network, the command line as people call it; two at a time (-n 2)."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# A busy machine is no failure: an example may take its time, and what hangs is ended by the test's own limit.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def clean_environment(home: Path) -> dict[str, str]:
    """An environment as on a fresh machine: no account, no network look-ups, state in `home`."""
    dropped = ("HF_", "INTERN_", "GRADIO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    # Whoever tests may be signed in, and may have spoken to a Hub at the port that ours gets now.
    account = {"HF_TOKEN_PATH": str(home / "no-token"), "HF_XET_CACHE": str(home / "xet")}
    return (
        kept
        | account
        | {"INTERN_HOME": str(home), "INTERN_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "COLUMNS": "160"}
    )


@pytest.fixture(scope="session", autouse=True)
def _uploads_remembered_by_nobody_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the Hub's client has sent to an older server at the same port is not on the new one."""
    os.environ["HF_XET_CACHE"] = str(tmp_path_factory.mktemp("xet"))


@dataclass
class Finished:
    """An ended command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def _as_at_a_terminal() -> None:
    """Ctrl-C is heard, also where the tests themselves run in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class CommandLine:
    """`python -m intern …` in real processes."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "intern", *arguments], cwd=ROOT, env=clean_environment(self.home) | environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=_as_at_a_terminal,
        )  # fmt: skip

    def __call__(self, *arguments: str, timeout: float = 500, **environment: str) -> Finished:
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=timeout)
        return Finished(process.returncode, out, err)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An INTERN_HOME of this test's own."""
    return tmp_path / "home"


@pytest.fixture
def intern(home: Path) -> CommandLine:
    """The command line with its own home."""
    return CommandLine(home)


def shared(path: str) -> Path:
    """A file or folder of the shared test material; skips the test where it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not here (real papers and data are not part of this project)")
    return found


# -- two at a time ----------------------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2`: whole files, in the order in which they stand, so that what a file shares is made once."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


def _locks() -> Path:
    """The folder of this test run's locks; the same for all of its processes."""
    run = os.environ["PYTEST_XDIST_TESTRUNUID"]
    folder = Path(tempfile.gettempdir()) / f"intern-tests-{run}"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def _holding(name: str, mode: int) -> Iterator[None]:
    with (_locks() / name).open("a") as file:
        fcntl.flock(file, mode)
        yield


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """No other test runs beside: for what must learn enough in the minutes that it has. For a fixture of a module whose
    tests are marked `alone`."""
    with contextlib.ExitStack() as held:
        if "PYTEST_XDIST_TESTRUNUID" in os.environ:
            held.enter_context(_holding("door", fcntl.LOCK_EX))  # who comes later waits
            held.enter_context(_holding("room", fcntl.LOCK_EX))  # until all who are in have left
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test runs beside others, but beside none that wants to be alone. The wait is outside of its time limit."""
    with contextlib.ExitStack() as held:
        if "PYTEST_XDIST_TESTRUNUID" in os.environ and item.get_closest_marker("alone") is None:
            with _holding("door", fcntl.LOCK_EX):
                held.enter_context(_holding("room", fcntl.LOCK_SH))
        return (yield)
