"""A log, an owner's run and its workspace, for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from intern.runs.approvals import Approvals
from intern.runs.log import RunLog
from intern.runs.workspace import Run
from intern.service import RunRequest


@pytest.fixture
def log(tmp_path: Path) -> RunLog:
    return RunLog(tmp_path / "runs.sqlite")


@pytest.fixture
def run_id(log: RunLog) -> str:
    return log.create("ada", "a task", RunRequest(task="a task"))[0]


@pytest.fixture
def run(log: RunLog, run_id: str, tmp_path: Path) -> Run:
    return Run(run_id, "ada", log, Approvals(log), tmp_path / "run")
