"""What the tools of one run share: settings, folders, budget, and records kept on disk by id.

Nothing lives in memory only: a record is written when it is made and read when it is needed, so tools work the same
after a restart.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel
from smolagents import Tool

from intern.account import Account, AccountError, Accounts, Need
from intern.agent.brain import Brain
from intern.compute.base import Backend
from intern.compute.flavors import Flavor
from intern.compute.local import LocalBackend
from intern.experiments.data import PreparedData
from intern.experiments.design import Probe
from intern.experiments.evidence import SeedRun
from intern.experiments.spec import ExperimentSpec
from intern.papers.model import Reading, Source
from intern.runs.events import Fact, FactName, Output
from intern.runs.workspace import Run, RunNeedsAccount
from intern.settings import Settings

Record = TypeVar("Record", bound=BaseModel)


class ToolError(ValueError):
    """What the brain (and the person) reads when a tool cannot do what was asked: one plain line."""


class StoredPaper(BaseModel):
    """A reading with its source, which the public schema leaves out."""

    reading: Reading
    source: Source


class StoredSpec(BaseModel):
    spec: ExperimentSpec
    probe: Probe | None
    """None = a script of the brain's own, which has no smoke run."""
    paper_id: str
    flavor: Flavor | None = None
    """The rented machine that it is for."""
    lanes: int = 1
    """Seeds that train at the same time on this machine, while each has one thread."""

    @property
    def side_by_side(self) -> int:
        """As `lanes`; 1 when a person gave the experiment more threads since."""
        return self.lanes if self.spec.threads == 1 and self.spec.backend == "local" else 1


class Replaced(BaseModel):
    """A spec gave way to another before it was measured: a person edited it."""

    by: str


@dataclass
class Workbench:
    """The desk on which a run's tools work."""

    run: Run
    settings: Settings
    backend: Backend
    online: bool
    minutes: float
    usd: float
    publish: Literal["never", "ask", "folder", "hub"]
    approve_within_budget: bool
    paper: str | None = None
    """The paper that came with the request: a path, an id, or None."""
    data: Path | None = None
    """The data that came with the request."""
    hub_data: str | None = None
    """The data set of the Hub that was named instead, as it was named."""
    weights: str | None = None
    """The weights that came with the request: an absolute path, or a model of the Hub as it was named."""
    github_token: str | None = None
    """The local user's token for GitHub; on a shared server nobody's."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that code of this run may connect to."""
    on_connect: Callable[[str, int, bool], None] | None = None
    """Hears of each connection that code asks for."""
    on_output: Callable[[str], None] | None = None
    """Takes live output of a tool; None = straight to the log."""
    has_llm: bool = False
    """The brain of this run is an LLM, not the planner."""
    brain: Brain | None = None
    """The brain of the run, once it is there."""
    tools: list[Tool] = field(default_factory=list)
    """All tools of the run."""
    review: bool = False
    """A person looks at the experiment, and may edit it, before it starts."""
    accounts: Accounts | None = None
    """The Hub accounts of this process; None = look them up anew."""
    flavor: str | None = None
    """The machine of HF Jobs that the person wants; None = the cheapest that fits."""
    started: float = field(default_factory=time.monotonic)

    @functools.cached_property
    def hub_token(self) -> str | None:
        """The run owner's token for reading the Hub; None = nobody's."""
        return self.accounts.token(self.run.owner) if self.accounts is not None else None

    @property
    def seconds_left(self) -> float:
        return self.minutes * 60 - (time.monotonic() - self.started - self.run.away_seconds)

    def show(self, text: str) -> None:
        """Live output of a tool, for the person."""
        if self.on_output is not None:
            self.on_output(text)
        else:
            self.run.emit(Output(step=self.run.step, text=text))

    def account(self, *needs: Need) -> Account:
        """The Hub account of the run's owner. Raises AccountError; RunNeedsAccount where the run was started with one."""
        try:
            return (self.accounts or Accounts(self.settings)).account(self.run.owner, *needs)
        except AccountError as error:
            if self.backend.name == "hf-jobs" or self.publish == "hub":
                raise RunNeedsAccount(f"{error} Then resume this run.") from error
            raise

    @property
    def prober(self) -> Backend:
        """Where smoke runs are made: always this machine, which costs nothing."""
        return self.backend if self.backend.name == "local" else LocalBackend(self.settings.jobs)

    def data_folder(self, data_id: str) -> Path:
        return self.run.folder / "data" / data_id

    # -- records -----------------------------------------------------------------------------------------

    def save(self, kind: str, record_id: str, record: BaseModel) -> None:
        path = self._path(kind, record_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(record.model_dump_json(), encoding="utf-8")
        partial.replace(path)

    def load(self, kind: str, record_id: str, model: type[Record]) -> Record:
        """Raises ToolError when there is no such record, and names those that there are."""
        path = self._path(kind, record_id)
        if not path.is_file():
            known = sorted(p.stem for p in path.parent.glob("*.json")) if path.parent.is_dir() else []
            raise ToolError(f"There is no {kind} {record_id!r} in this run; known: {', '.join(known) or 'none'}.")
        return model.model_validate_json(path.read_text(encoding="utf-8"))

    def drop(self, kind: str, record_id: str) -> None:
        """Forget a record, if it is there."""
        self._path(kind, record_id).unlink(missing_ok=True)

    def _path(self, kind: str, record_id: str) -> Path:
        safe = "".join(c if c.isalnum() or c in "-._" else "_" for c in record_id)[:120]
        return self.run.folder / "state" / kind / f"{safe or '_'}.json"

    def load_paper(self, paper_id: str) -> Reading | None:
        """The reading of a paper; None for an empty id (an experiment without a paper)."""
        if not paper_id:
            return None
        stored = self.load("paper", paper_id, StoredPaper)
        return stored.reading.model_copy(update={"source": stored.source})

    def load_data(self, data_id: str) -> PreparedData:
        return self.load("data", data_id, PreparedData)

    def load_spec(self, spec_id: str) -> StoredSpec:
        """The spec of this id, or the one that a person has put in its place."""
        while self._path("replaced", spec_id).is_file():
            spec_id = self.load("replaced", spec_id, Replaced).by
        return self.load("spec", spec_id, StoredSpec)

    def seed_runs(self, spec: ExperimentSpec) -> list[SeedRun]:
        """Measured seeds of a spec, in the order in which they were planned."""
        folder = self.run.folder / "state" / "seed_run"
        found = []
        for seed in spec.seeds:
            if (folder / f"{spec.id}-seed{seed}.json").is_file():
                found.append(self.load("seed_run", f"{spec.id}-seed{seed}", SeedRun))
        return found

    # -- telling -----------------------------------------------------------------------------------------

    def fact(self, name: FactName, value: object, key: str = "") -> None:
        """Put an established fact into the log; a step that runs again and finds the same adds nothing."""
        body = Fact(name=name, key=key, value=value)  # type: ignore[arg-type]
        digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        self.run.emit(body, key=f"step{self.run.step}:fact:{digest}")

    def artifact(self, name: str, text: str, label: str) -> None:
        """Write a text file that faces may show."""
        path = self.run.artifacts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")  # a reader sees the old file or the new one
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
        self.run.add_artifact(path, label)
