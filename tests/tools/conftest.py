"""A workbench on which the tools work for real: tiny program, local backend, real files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intern.compute.local import LocalBackend
from intern.experiments import programs
from intern.runs.approvals import Approvals
from intern.runs.log import RunLog
from intern.runs.workspace import Run
from intern.service import RunRequest
from intern.settings import JobLimits, Settings
from intern.tools.all_tools import build_tools
from intern.tools.workbench import Workbench
from tests.experiments.samples import install_tiny, write_rows


class Desk:
    """Tools of one run by name; `again()` is the desk of the next process."""

    def __init__(self, run: Run, settings: Settings, data: Path | None, options: dict[str, Any]) -> None:
        self.run, self.settings, self.data, self.options = run, settings, data, options
        self.bench = Workbench(
            run=run, settings=settings, backend=LocalBackend(JobLimits()), online=False, data=data,
            **{"minutes": 5, "usd": 0.0, "publish": "folder", "approve_within_budget": False} | options,
        )  # fmt: skip
        self.tools = {tool.name: tool for tool in build_tools(self.bench)}

    def __getattr__(self, name: str):
        return self.tools[name]

    def again(self, **options: Any) -> Desk:
        run = Run(self.run.id, self.run.owner, RunLog(self.run.log.path), self.run.approvals, self.run.folder)
        run.step = self.run.step
        return Desk(run, self.settings, self.data, self.options | options)

    def step(self) -> Desk:
        """The next code step begins."""
        self.run.step += 1
        return self

    def events(self, *kinds: str) -> list[Any]:
        return [e.body for e in self.run.log.events(self.run.id, kinds=kinds)]

    def designed(self, **values: Any) -> str:
        """Everything up to a spec; returns its id."""
        self.prepare_data(program="tiny", data_id="rows")
        made = self.design_experiment(program="tiny", data_id="rows", paper_id="", seeds=2, values=values)
        return made["spec_id"]

    def measured(self) -> str:
        """Everything up to two measured seeds; returns the spec's id."""
        spec_id = self.designed(steps=20)
        for seed in (1, 2):
            self.run_seed(spec_id=spec_id, seed=seed)
        self.compare_with_paper(spec_id=spec_id)
        return spec_id


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    install_tiny(tmp_path / "programs")
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "programs")
    home = tmp_path / "home"
    log = RunLog(home / "runs.sqlite")
    run_id = log.create("ada", "t", RunRequest(task="t"))[0]
    run = Run(run_id, "ada", log, Approvals(log), home / "runs" / run_id)
    run.step = 1
    return Desk(run, Settings(home=home, offline=True), write_rows(tmp_path / "rows"), {})
