"""What ends a brain that goes round in circles, and what it may use up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from intern.agent.outputs import reason_of

WINDOW = 12
SAME_RESULT = 3
"""The same step with the same outcome so often is a circle …"""
SAME_STEP = 5
"""… and so often with any outcome."""
FORM_FAULTS = 3
MORE = "A message to this run allows as much again."


class StuckError(RuntimeError):
    """The brain does not get on by itself; the message says what it does, for a person."""


class LimitReachedError(RuntimeError):
    """A limit of the run is used up; one line."""


class StepLimitError(LimitReachedError):
    """The brain used all its steps without an answer."""


@dataclass
class LoopGuard:
    """Watches the last steps. A circle is answered once with a hint; the next one is a StuckError.

    `hints` is off for a brain that does not read them (the planner): then the third identical failure is an error.
    """

    hints: bool = True
    seen: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    hinted: bool = False
    faults: int = 0
    nudged: bool = False
    reasons: list[str] = field(default_factory=list)
    """Of the replies that could not be used."""

    def saw(self, code: str, outcome: str, failed: bool) -> str | None:
        """Take in a finished step; returns a hint when it is time for one. Raises StuckError."""
        self.faults = 0
        # Of an error the exception only: the traceback above it names the step, which is another each time.
        reason = reason_of(outcome) if failed else outcome
        self.seen.append((code, reason))
        circle = self._circle(reason if failed else None)
        if circle is None:
            return None
        if not self.hints or self.hinted:
            raise StuckError(circle)
        self.hinted = True
        self.seen.clear()  # else the old steps would count again after the brain has changed its way
        return f"{circle} It will not go otherwise by itself. {_advice(reason if failed else None)}"

    def form_fault(self, why: str = "") -> None:
        """A reply that could not be used; `why` says what a person should know if all were like this. Raises StuckError at
        the third in a row."""
        self.faults += 1
        self.reasons.append(why)
        if self.faults >= FORM_FAULTS:
            same = why if set(self.reasons[-FORM_FAULTS:]) == {why} else ""
            raise StuckError(same or f"The model's last {self.faults} replies held nothing that could be executed.")

    def _circle(self, error: str | None) -> str | None:
        steps = list(self.seen)
        same = steps.count(steps[-1])
        if error is not None and len(steps) >= SAME_RESULT and len(set(steps[-SAME_RESULT:])) == 1:
            return f"The same step failed {SAME_RESULT} times in a row: {error}"
        if not self.hints:
            return None
        if same >= SAME_RESULT:
            return f"The same step ran {same} times with the same outcome."
        if [code for code, _ in steps].count(steps[-1][0]) >= SAME_STEP:
            return f"The same step ran {SAME_STEP} times."
        if len(steps) >= 4 and steps[-4:-2] == steps[-2:] and steps[-1] != steps[-2]:
            return "Two steps ran in turns, with the same outcomes each time."
        return None


def _advice(error: str | None) -> str:
    """What to do instead, by the kind of error."""
    if error is None:
        return "Use what it printed, or take another step; if the task is done, call final_answer(text)."
    kind = error.partition(":")[0].rsplit(".", 1)[-1]
    if kind == "NameError":
        return "Define the name first (print(sorted(globals())) shows what there is), or call the tool that returns it."
    if kind in ("TypeError", "ToolError", "ArgumentError"):
        return "Look up the call with help_tool(name=...), print the values that go in, and change the arguments."
    if kind in ("ModuleNotFoundError", "ImportError"):
        return "That cannot be imported here and nothing can be installed: do it with what is there."
    if kind in ("FileNotFoundError", "PermissionError"):
        return "List what is there with files(action='list', path='.') and use one of those."
    return "Print the values that go in, then change the code; if it cannot work, ask_user or say so in final_answer."


@dataclass(frozen=True)
class Limits:
    """What the brain may take until a person speaks again."""

    tokens: int
    usd: float


@dataclass
class Spending:
    """What it took. `usd` counts known prices only; `unknown` says that there were others."""

    tokens: int = 0
    usd: float = 0.0
    unknown: bool = False

    def add(self, prompt_tokens: int, completion_tokens: int, usd: float | None) -> None:
        self.tokens += prompt_tokens + completion_tokens
        self.usd += usd or 0.0
        self.unknown = self.unknown or usd is None

    def check(self, limits: Limits) -> None:
        """Raises LimitReachedError."""
        if self.tokens >= limits.tokens:
            raise LimitReachedError(f"The budget of {limits.tokens:,} tokens is used up. {MORE}")
        if self.usd >= limits.usd > 0:
            raise LimitReachedError(f"The budget of ${limits.usd:g} for the model is used up. {MORE}")

    def warnings(self, limits: Limits) -> list[tuple[str, str]]:
        """(key, words) for each share of a budget that has been passed."""
        found = []
        for share in (0.5, 0.8, 1.0):
            if self.tokens >= share * limits.tokens:
                found.append((f"tokens:{share}", f"{share:.0%} of the {limits.tokens:,} tokens are used."))
            if limits.usd > 0 and self.usd >= share * limits.usd:
                found.append((f"usd:{share}", f"{share:.0%} of the ${limits.usd:g} for the model are spent."))
        return found
