"""`research`: a sub-agent that only reads, with a budget and a log of its own, which returns findings with sources.

It is the same loop as the intern's, over another log: so it is bounded, stopped and resumed like a run. What it does is
shown inside the step that asked for it; what it takes counts against the run.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel
from smolagents.utils import AgentError

from intern.agent.brain import Brain
from intern.agent.endpoint import ModelError
from intern.agent.guards import LimitReachedError, Limits, StuckError
from intern.agent.intern import Intern
from intern.agent.opening import Opening
from intern.agent.outputs import cut_middle
from intern.agent.summary import SUMMARY_KINDS, known_so_far
from intern.runs.approvals import Approvals
from intern.runs.events import (
    Answer,
    Code,
    Event,
    EventPayload,
    Note,
    Observation,
    Thought,
    ToolCall,
    Usage,
    UserMessage,
)
from intern.runs.events import Research as ResearchEvent
from intern.runs.log import RunLog
from intern.runs.workspace import Run, RunAsks
from intern.sandbox.executor import SandboxExecutor
from intern.settings import CONFIGS
from intern.tools.base import RoomTool
from intern.tools.prompt import tool_line
from intern.tools.workbench import ToolError, Workbench

SHOWN_CHARS = 1500
ANSWER_CHARS = 5000
MOST_FINDINGS = 20
SOURCE = re.compile(r"https?://[^\s,;)\]]+|\d{4}\.\d{4,5}|[\w.-]+/[\w./-]+|[\w-]+\.(?:py|md|csv|jsonl|parquet|pdf)")
"""What names a source: an address, an arXiv id, a name on the Hub or on GitHub, a file."""
NOT_READ = "This source was not opened during the research: check it before you rely on it."


class Question(BaseModel):
    """What the aside's log keeps as its request."""

    question: str


@dataclass
class Aside(Run):
    """The sub-agent's run: events go to its own log and, for people, into the step of the main run."""

    main: Run | None = None
    call: int = 1
    brain: Brain | None = None
    """Of the main run: what is spent here is spent there."""

    @property
    def of_person(self) -> Run:
        """The main run: the question that this one begins with was written by a brain."""
        assert self.main is not None
        return self.main

    def emit(self, body: EventPayload, key: str | None = None) -> Event | None:
        assert self.main is not None
        event = super().emit(body, key)
        if event is None:
            return None
        if isinstance(body, Usage):
            self.main.emit(body.model_copy(update={"step": self.main.step}))
            if self.brain is not None:
                self.brain.spending.add(body.prompt_tokens or 0, body.completion_tokens or 0, body.usd)
        elif shown := _shown(body):
            what, text = shown
            told = cut_middle(text, SHOWN_CHARS)
            self.main.emit(ResearchEvent(step=self.main.step, call=self.call, number=self.step, what=what, text=told))
        return event


class Research(RoomTool):
    name = "research"
    description = (
        "A helper that only reads (papers, Hub, GitHub, web pages, docs, data) looks one question up and returns findings with "
        "their sources. It has a small budget of its own and cannot change anything: ask one precise question."
    )
    inputs = {"question": {"type": "string", "description": "one question, with all that it needs to know"}}
    needs = frozenset({"llm"})

    def forward(self, question: str) -> dict[str, Any]:
        if not question.strip():
            raise ToolError("The question is empty.")
        aside = self._aside(question.strip())
        agent = self._agent(aside)
        stopped = ""
        live = self.bench.brain.model.on_text  # type: ignore[union-attr]
        try:
            answer = agent.turn()
        except (LimitReachedError, StuckError, ModelError, AgentError, RunAsks) as reason:
            cause = reason.__cause__ if isinstance(reason.__cause__, ModelError) else reason
            answer, stopped = "", str(cause).partition(" What should I do differently")[0]
        finally:
            agent.cleanup()
            self.bench.brain.model.on_text = live  # type: ignore[union-attr]
        events = aside.log.events(aside.id)
        told = {"steps": agent.transcript.steps, "tokens": agent.brain.spending.tokens, **findings(answer, events)}
        if stopped:
            told |= {"stopped": stopped, "known": self.fit(known_so_far(_only(events)), ANSWER_CHARS)}
        elif "answer" in told:
            told["answer"] = self.fit(told["answer"], ANSWER_CHARS)
        return told

    def _aside(self, question: str) -> Aside:
        """The run of this call; after a restart the one that was begun."""
        bench, call = self.bench, self._calls[self.bench.run.step]
        folder = bench.run.folder / "research" / f"step{bench.run.step}-{call}"
        log = RunLog(folder / "log.sqlite")
        begun = log.runs(limit=1)
        run_id = begun[0].id if begun else log.create(bench.run.owner, question[:80], Question(question=question))[0]
        aside = Aside(
            run_id, bench.run.owner, log, Approvals(log), folder, cancel=bench.run.cancel, main=bench.run, call=call,
            brain=bench.brain,
        )  # fmt: skip
        aside.emit(UserMessage(text=question), key="task")
        return aside

    def _agent(self, aside: Aside) -> Intern:
        from intern.tools.all_tools import TOOLS, usable  # the list holds this class

        bench, budget, main = self.bench, self.bench.settings.research, self.bench.brain
        assert main is not None
        live: list[Intern] = []
        desk: Workbench = dataclasses.replace(
            bench, run=aside, on_output=lambda text: live[0].live_output(text), has_llm=False, brain=None, tools=[]
        )
        desk.tools = [tool(desk) for tool in TOOLS if tool.reads_only]
        tokens = min(budget.tokens, max(0, main.limits.tokens - main.spending.tokens))
        usd = min(budget.usd, max(1e-9, main.limits.usd - main.spending.usd)) if main.limits.usd > 0 else budget.usd
        texts = yaml.safe_load((CONFIGS / "prompts" / "research.yaml").read_text(encoding="utf-8"))
        prompt = str(texts["system"]).replace("{tools}", "\n".join(tool_line(tool) for tool in usable(desk.tools)))
        executor = SandboxExecutor(
            aside.folder / "work", bench.settings.sandbox, lambda text: live[0].live_output(text), aside.cancel,
            bench.settings.limits.step_seconds,
        )  # fmt: skip
        agent = Intern(
            aside, desk.tools, Opening(aside, main.model, prompt, given="{}", limits=Limits(tokens=tokens, usd=usd)),
            executor, max_steps=budget.steps, observation_chars=bench.settings.limits.observation_chars,
        )  # fmt: skip
        live.append(agent)
        return agent


def findings(answer: str, events: list[Event]) -> dict[str, Any]:
    """The sub-agent's answer as findings; a source that it never opened is told apart."""
    try:
        listed = json.loads(answer)
    except ValueError:
        listed = None
    if not isinstance(listed, list):
        return {"answer": answer} if answer else {}
    read = _read(events)
    found = []
    for entry in listed[:MOST_FINDINGS]:
        told = entry if isinstance(entry, dict) else {"finding": str(entry)}
        source = str(told.get("source") or "")
        finding = {"finding": str(told.get("finding", ""))[:1000], "source": source[:300] or "none given"}
        if quote := str(told.get("quote") or ""):
            finding["quote"] = quote[:300]
        if not any(name.rstrip("./") in read for name in SOURCE.findall(source)):
            finding["check"] = NOT_READ
        found.append(finding)
    return {"findings": found}


def _read(events: list[Event]) -> str:
    """What tools were asked for (and gave), and what was printed: everything that the sub-agent can have read."""
    calls = [e.body.arguments for e in events if isinstance(e.body, ToolCall) and e.body.phase == "finished"]
    return "\n".join([*calls, *(e.body.text for e in events if isinstance(e.body, Observation))])


def _only(events: list[Event]) -> list[Event]:
    return [e for e in events if e.body.kind in SUMMARY_KINDS]


What = Literal["question", "thought", "code", "seen", "error", "tool", "note", "findings"]


def _shown(body: EventPayload) -> tuple[What, str] | None:
    """An event of the sub-agent as people see it inside the step; None for what is not for them."""
    match body:
        case UserMessage(text=text):
            return "question", text
        case Thought(text=text, reasoning=False):
            return "thought", text
        case Code(code=text):
            return "code", text
        case Observation(error=str() as error):
            return "error", error
        case Observation(text=text):
            return "seen", text
        case ToolCall(phase="finished", name=name, arguments=arguments):
            return "tool", f"{name}({arguments})"
        case Note(text=text):
            return "note", text
        case Answer(text=text):
            return "findings", text
        case _:
            return None
