"""Tools by which the brain speaks to the person: the plan, and an honest 'this cannot be done'."""

from __future__ import annotations

from typing import Any

from intern.runs.events import Plan, PlanItem, Question
from intern.runs.workspace import RunAsks, RunFailed, RunOverBudget
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError

STATUSES = ("pending", "active", "done", "failed")


class UpdatePlan(RoomTool):
    name = "update_plan"
    description = "Show the person the to-do list; send the whole list each time."
    inputs = {
        "items": {
            "type": "array",
            "description": 'pairs like ["Read the paper", "done"]; pending, active, done, failed',
        }
    }
    quiet = True

    def forward(self, items: list[Any]) -> dict[str, Any]:
        plan = []
        for item in items:
            if not (isinstance(item, list | tuple) and len(item) == 2 and item[1] in STATUSES):
                raise ToolError(f'Each item is a pair like ["Read the paper", "done"], not {item!r}.')
            plan.append(PlanItem(title=str(item[0])[:200], status=item[1]))
        step = self.bench.run.step
        self.bench.run.emit(Plan(items=plan), key=f"step{step}:plan:{self._calls[step]}")
        return {"shown": len(plan)}


class AskUser(RoomTool):
    name = "ask_user"
    description = (
        "Ask the person and wait: when a choice is theirs or something is missing. It ends the step (code after it does "
        "not run); the answer is the next message."
    )
    inputs = {
        "question": {"type": "string", "description": "one clear question"},
        "options": {"type": "array", "description": "short answers to choose from", "nullable": True},
    }

    def forward(self, question: str, options: list[Any] | None = None) -> dict[str, Any]:
        if not question.strip():
            raise ToolError("The question is empty.")
        step = self.bench.run.step
        asked = Question(step=step, text=question.strip()[:2000], options=[str(o)[:200] for o in (options or [])[:8]])
        self.bench.run.emit(asked, key=f"step{step}:question:{self._calls[step]}")
        raise RunAsks(asked.text)


class CannotDo(RoomTool):
    name = "cannot_do"
    description = "End the run as failed, when the task cannot be done here. Say why and what the person could do."
    inputs = {
        "reason": {"type": "string", "description": "one or two plain sentences"},
        "over_budget": {"type": "boolean", "description": "true when more time or money would do", "nullable": True},
    }

    def forward(self, reason: str, over_budget: bool | None = False) -> dict[str, Any]:
        raise RunOverBudget(reason) if over_budget else RunFailed(reason)
