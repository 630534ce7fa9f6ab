"""A run as faces see it: one fold over its events, shared by all pages that look at the run.

A page asks with the versions it has drawn and gets only what changed. The log stays the truth: a view can be
dropped at any time and is folded again from the first event.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from pydantic import JsonValue

from intern.runs.events import Artifact, Cost, Event, Fact, Plan, PlanItem, Question, RunStatus, Status, Undo, Usage
from intern.runs.report import PendingApproval, last_reason
from intern.runs.turns import standing
from intern.service import RunInfo, Service
from intern.ui.chat import Conversation, Message
from intern.ui.training import Training

KEPT = 64
"""Views in memory; the least recently used goes first."""

ATTEMPTS = "improve.svg"
"""The picture that improve mode draws of its attempts, again after each; the Results panel shows it."""

Versions = dict[str, int]
"""Panel -> sequence number of the last event that changed it."""


class RunView:
    """One run, folded. Use it through `Views`, which checks whose run it is."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.cursor = 0
        self.chat = Conversation()
        self.training = Training()
        self.plan: list[PlanItem] = []
        self.facts: dict[str, JsonValue] = {}
        self.seed_runs: dict[str, JsonValue] = {}
        self.artifacts: dict[str, Artifact] = {}
        self.reason = ""
        self._costs: dict[str, float | None] = {}
        self.tokens = 0
        """Of prompts and answers, where the server said."""
        self.changed: Versions = {"plan": 0, "paper": 0, "results": 0, "files": 0, "approval": 0}
        self.lock = threading.Lock()

    @property
    def versions(self) -> Versions:
        return {
            **self.changed,
            "chat": self.chat.version,
            "training": self.training.version,
            "log": self.training.log_version,
        }

    @property
    def cost_usd(self) -> float | None:
        """What was spent; None = a model without a known price, or work that is not settled."""
        known = [usd for usd in self._costs.values() if usd is not None]
        return sum(known) if len(known) == len(self._costs) else None

    def apply(self, events: list[Event]) -> None:
        """Take new events in; `events` must follow on `cursor`."""
        for event in events:
            self.chat.apply(event)
            self.training.apply(event)
            match event.body:
                case Plan(items=items):
                    self.plan = items
                    self.changed["plan"] = event.seq
                case Fact() as fact:
                    self._fact(event.seq, fact)
                case Artifact() as artifact:
                    self.artifacts[artifact.name] = artifact
                    self.changed["files"] = event.seq
                    if artifact.name == ATTEMPTS:
                        self.changed["results"] = event.seq
                case Status():
                    self.reason = last_reason([event])
                case Usage(usd=usd) as usage:
                    self.tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
                    self._costs[f"model {event.seq}"] = usd
                    self.changed["plan"] = event.seq
                case Cost(key=key, phase=phase, usd=usd):
                    self._costs[f"work {key}"] = usd if phase == "settled" else None
                    self.changed["plan"] = event.seq
                case _ if event.body.kind in ("approval", "decision", "question", "user"):
                    self.changed["approval"] = event.seq
            self.cursor = event.seq

    def _fact(self, seq: int, fact: Fact) -> None:
        if fact.name == "spec" and _spec_id(fact.value) != _spec_id(self.facts.get("spec", fact.value)):
            # Another experiment: no number of the one before may stand beside it.
            self.seed_runs = {}
            self.facts = {name: value for name, value in self.facts.items() if name not in ("summary", "comparison")}
        if fact.name == "seed_run":
            self.seed_runs[fact.key] = fact.value
        else:
            self.facts[fact.name] = fact.value
        self.changed["paper" if fact.name in ("paper", "setup", "spec") else "results"] = seq
        if fact.name == "spec":
            self.changed["results"] = seq


class Views:
    """The views of one service, brought up to date whenever somebody looks."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._views: OrderedDict[str, RunView] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, run_id: str, owner: str) -> tuple[RunView, RunInfo]:
        """The run's view with all its events. Raises RunNotFoundError when it is not the owner's."""
        info = self._service.info(run_id, owner)
        view = self._get(run_id)
        with view.lock:
            while events := self._service.events(run_id, owner, after=view.cursor, limit=5000):
                if any(isinstance(event.body, Undo) for event in events):
                    view = self._start_over(run_id, owner)
                    break
                view.apply(events)
        return view, info

    def _start_over(self, run_id: str, owner: str) -> RunView:
        """A turn was undone: fold the run again without it, and have all of it drawn anew."""
        view = RunView(run_id)
        events = self._service.events(run_id, owner, limit=10_000_000)
        view.apply(standing(events))
        view.cursor = events[-1].seq
        view.changed = dict.fromkeys(view.changed, view.cursor)
        view.chat.version = view.cursor
        with self._lock:
            self._views[run_id] = view
        return view

    def messages(self, run_id: str, owner: str) -> tuple[tuple[int, RunStatus, str], list[Message]]:
        """The messages to show, and before them what they depend on: version, status, the reply being written."""
        writing = self._service.live_text(run_id, owner)
        view, info = self.look(run_id, owner)
        with view.lock:
            return (view.chat.version, info.status, writing), view.chat.messages(info.status, writing)

    def forget(self, run_id: str) -> None:
        """The run is deleted."""
        with self._lock:
            self._views.pop(run_id, None)

    def pending(self, run_id: str, owner: str) -> list[PendingApproval]:
        """Requests that wait for a person."""
        return self._service.pending(run_id, owner)

    def question(self, run_id: str, owner: str) -> Question | None:
        """What the brain waits to be told."""
        return self._service.question(run_id, owner)

    def _get(self, run_id: str) -> RunView:
        with self._lock:
            view = self._views.setdefault(run_id, RunView(run_id))
            self._views.move_to_end(run_id)
            while len(self._views) > KEPT:
                self._views.popitem(last=False)
        return view


def _spec_id(spec: JsonValue) -> JsonValue:
    return spec.get("spec_id") if isinstance(spec, dict) else None
