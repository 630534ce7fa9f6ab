"""The record of an improvement: every attempt, what it changed, what it measured, and why it was kept or not.

A greedy tree: each attempt changes the best experiment so far. It is written to disk before and after each training, so a
killed run goes on where it was.
"""

from __future__ import annotations

import statistics
import time
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from intern.experiments.noise import NoiseFloor
from intern.experiments.spec import Hyperparameter, Value
from intern.runs.numbers import shown

Outcome = Literal["running", "baseline", "kept", "discarded", "failed"]


class Change(BaseModel):
    """One value of an attempt that is not its parent's."""

    name: str
    before: Value | None
    after: Value


class Node(BaseModel):
    """One attempt. `scores` are of the selection part, one a seed, measured by the harness."""

    id: int
    parent: int | None
    changes: list[Change] = []
    why: str = ""
    by: str
    call: str = ""
    """The step and the call in it that asked for this attempt: when that step runs again, it asks for the same one."""
    spec_id: str
    program: str
    hyperparameters: list[Hyperparameter]
    outcome: Outcome = "running"
    words: str = ""
    """The verdict in words: gain and noise floor, or why it failed."""
    scores: list[float] = []
    predictions: list[str] = []
    """sha256 of each seed's predictions."""
    flags: list[str] = []
    seconds: float = 0.0
    began: float = Field(default_factory=time.time)
    """Seconds since the epoch."""
    at: float = 0.0
    """Seconds of the budget that were spent when it ended."""

    @property
    def mean(self) -> float | None:
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def title(self) -> str:
        if self.parent is None:
            return "baseline"
        return ", ".join(f"{c.name} {_show(c.before)} → {_show(c.after)}" for c in self.changes) or "a script"


class Final(BaseModel):
    """The test part, measured once, at the end: baseline and best."""

    metric: str
    baseline: list[float]
    best: list[float]
    words: str


class Journal(BaseModel):
    """One improvement. Times in seconds."""

    id: str
    title: str
    spec_id: str
    """The experiment that is to be improved, on the real test part."""
    data_id: str
    selection_id: str
    metric: str
    higher_is_better: bool
    seconds_per_seed: float
    budget_seconds: float
    spent_seconds: float = 0.0
    floor: NoiseFloor | None = None
    nodes: list[Node] = []
    best: int = 0
    final_seeds: list[int] | None = None
    final_seconds: float | None = None
    """Time limit of each training of the test at the end."""
    final: Final | None = None

    @property
    def best_node(self) -> Node:
        return self.nodes[self.best]

    def better(self, new: float, old: float) -> bool:
        return new > old if self.higher_is_better else new < old

    def unfinished(self) -> Node | None:
        """The attempt that was at work when the process ended."""
        return self.nodes[-1] if self.nodes and self.nodes[-1].outcome == "running" else None

    def from_start(self, node: Node) -> str:
        """All changes from the baseline to this attempt, in words."""
        first = {h.name: h.value for h in self.nodes[0].hyperparameters}
        changed = [f"{h.name} {_show(h.value)}" for h in node.hyperparameters if first.get(h.name) != h.value]
        return ", ".join(changed) or node.title

    def count(self, outcome: Outcome) -> int:
        """How many attempts ended like this."""
        return sum(node.outcome == outcome for node in self.nodes)

    def told(self) -> dict[str, JsonValue]:
        """The fact `improvement`. Scores are of the selection part, `final` of the test part."""
        return {
            "id": self.id, "metric": self.metric, "kept": self.count("kept"), "discarded": self.count("discarded"),
            "failed": self.count("failed"), "noise_floor": self.floor.least_gain if self.floor else None,
            "noise": self.floor.words if self.floor else "", "best": self.best, "seconds": round(self.spent_seconds, 1),
            "attempts": [
                {
                    "attempt": node.id, "from": node.parent, "outcome": node.outcome, "scores": list(node.scores),
                    "mean": node.mean, "seconds": round(node.seconds, 1), "at": round(node.at, 1), "by": node.by,
                    "changes": [change.model_dump(mode="json") for change in node.changes],
                }
                for node in self.nodes
            ],
            "final": self.final.model_dump(mode="json") if self.final else None,
        }  # fmt: skip

    def to_markdown(self) -> str:
        """The table of attempts."""
        lines = [f"# {self.title}", "", f"Chosen by {self.metric} on the selection part ({self.selection_id}); the test part "
                 "was measured at the end only.", "", "| # | from | change | score | seconds | verdict |",
                 "|---|---|---|---|---|---|"]  # fmt: skip
        for node in self.nodes:
            score = "–" if node.mean is None else f"{shown(node.mean)} ({len(node.scores)})"
            star = "**" if node.id == self.best else ""
            parent = "" if node.parent is None else str(node.parent)
            title = node.title.replace("|", "\\|")
            lines.append(
                f"| {star}{node.id}{star} | {parent} | {title} | {score} | {node.seconds:.0f} | {node.outcome}: {node.words} |"
            )
        if self.floor is not None:
            lines += ["", f"The {self.floor.words}."]
        if self.final is not None:
            lines += ["", f"**Test part, at the end: {self.final.words}**"]
        return "\n".join(lines) + "\n"


def _show(value: Value | None) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
