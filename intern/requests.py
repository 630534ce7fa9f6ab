"""What faces send to the service and get from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from intern.account import LOCAL_USER
from intern.compute.base import BackendName
from intern.runs.events import RunStatus

__all__ = ["LOCAL_USER", "BadRequestError", "Health", "RunInfo", "RunRequest"]


class BadRequestError(ValueError):
    """The request cannot be carried out as it stands; the message is one line that says what to do."""


class RunRequest(BaseModel):
    """What a face asks for. Files are paths on this machine (faces copy uploads in first)."""

    model_config = ConfigDict(extra="forbid")

    task: str
    paper: str | None = None
    data: str | None = None
    weights: str | None = None
    """Pretrained weights to tune: a folder, or a model of the Hub (`owner/name@revision`)."""
    model: str | None = None
    compute: BackendName = "local"
    flavor: str | None = None
    """The machine of HF Jobs; None = the cheapest that fits."""
    budget_usd: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    max_steps: int | None = Field(default=None, gt=0, le=1000)
    """Replies that an LLM may take for one message; None = the setting."""
    max_minutes: float | None = Field(default=None, gt=0, le=24 * 60)
    approve_within_budget: bool = False
    """`--yes`: approvals whose total price is within the budget are given at once."""
    publish: Literal["never", "ask", "folder", "hub"] = "ask"
    review: bool = False
    """Ask the person before training starts: the experiment can be looked at and edited then."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that this run's code steps may connect to (`name`, `*.name`, `name:port`), beside those of the settings."""

    def told(self, minutes: float, files: dict[str, str], paper: str | None) -> str:
        """The options as JSON, for the brain; part of the first message, so always the same text."""
        weights = self.weights  # of a folder its name, not where it lies
        options = {
            "paper": paper,
            "data": bool(self.data),
            "weights": Path(weights).name if weights and Path(weights).is_absolute() else weights,
            "files": files or None,
            "minutes": minutes,
            "usd": self.budget_usd,
            "compute": self.compute,
            "publish": self.publish,
        }
        return json.dumps({k: v for k, v in options.items() if v is not None}, ensure_ascii=False)


class RunInfo(BaseModel):
    """One line of a run list."""

    run_id: str
    title: str
    status: RunStatus
    created: float
    updated: float


class Health(BaseModel):
    """What this installation can do, for `/health` and `doctor`."""

    version: str
    brain: str
    offline: bool
    sandbox: str
    sandbox_line: str
    compute: list[str]
    home: str
    running: int
