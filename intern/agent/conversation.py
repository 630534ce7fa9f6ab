"""What was asked and what came of it, read back from the messages: the planner's only knowledge."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from intern.agent.memory import CLOSE_TAG, GIVEN, OBSERVATION, OPEN_TAG, RESUMED
from intern.agent.messages import Message, Role
from intern.agent.outputs import reason_of

CALL = re.compile(r"^result = (\w+)\((.*)\)$", re.MULTILINE)
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
LENGTH = r"(?:\d(?:[\d,]{0,8}\d)?|one|two|three|four|five)\s+(?:steps?|epochs?|seeds?|minutes?|hours?)\b"
SETTING = r"\b[a-z][a-z0-9_]*\s*=\s*[^\s,;]+"


@dataclass(frozen=True)
class Done:
    """One finished step: which tool, with which arguments, and what it printed (None = it failed)."""

    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any] | None
    error: str = ""


@dataclass
class Conversation:
    """What the planner knows: the newest request, its options, and the steps since then (and before)."""

    request: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    steps: list[Done] = field(default_factory=list)
    earlier: list[Done] = field(default_factory=list)

    def last(self, tool: str, *, earlier: bool = False) -> dict[str, Any] | None:
        """The newest good result of a tool in this request (or, with `earlier`, in the whole conversation)."""
        steps = [*self.earlier, *self.steps] if earlier else self.steps
        return next((s.result for s in reversed(steps) if s.tool == tool and s.result is not None), None)

    def failures(self, tool: str) -> list[Done]:
        return [s for s in self.steps if s.tool == tool and s.result is None]


def read_conversation(messages: list[Message]) -> Conversation:
    """Requests, calls and results, from the text of the messages."""
    conversation, code = Conversation(), ""
    for message in messages:
        text = str(message.content)
        if message.role == Role.ASSISTANT:
            code = text.partition(OPEN_TAG)[2].partition(CLOSE_TAG)[0]
        elif message.role == Role.USER and text.startswith(OBSERVATION):
            if text.partition("\n")[2].strip() == RESUMED:
                conversation.steps = [step for step in conversation.steps if step.result is not None]
            elif step := _read_step(code, text.partition("\n")[2]):
                conversation.steps.append(step)
        elif message.role == Role.USER:
            request, _, given = text.partition(f"\n{GIVEN}")
            conversation.request = request.strip()
            conversation.given = json.loads(given) if given else conversation.given
            conversation.earlier += conversation.steps
            conversation.steps = []
    return conversation


def _read_step(code: str, observation: str) -> Done | None:
    call = CALL.search(code)
    if call is None:
        return None
    arguments = json.loads(f"{{{call[2]}}}") if call[2].startswith('"') else _keywords(call[2])
    result = None
    for line in observation.splitlines():
        if line.startswith("{"):
            try:
                result = json.loads(line)
                break
            except json.JSONDecodeError:
                continue
    return Done(call[1], arguments, result, "" if result is not None else _error_of(observation))


def _keywords(text: str) -> dict[str, Any]:
    """`a="x", b=1` as written by `_step` below."""
    decoder, found, position = json.JSONDecoder(), {}, 0
    while match := re.compile(r"\s*,?\s*(\w+)=").match(text, position):
        value, position = decoder.raw_decode(text, match.end())
        found[match[1]] = value
    return found


def _error_of(observation: str) -> str:
    """The last line of a traceback, without the exception's type: tools raise one plain line."""
    if not observation.strip():
        return "no output"
    return re.sub(r"^(?:Error: )?(?:[\w.]+(?:Error|Exception): )?", "", reason_of(observation).strip())


def paper_query(c: Conversation) -> str:
    """The given file or id, else what follows "paper", else the request without its verb, its data and its settings."""
    if c.given.get("paper"):
        return str(c.given["paper"])
    before, _, after = _partition(r"\bpaper\b\s*:?", c.request)
    text = after if re.search(r"\w", after) else before  # "reproduce the … paper" names it before the word
    verbs = r"^\s*(?:please\s+)?(?:reproduce|replicate|reimplement|read|summari[sz]e|extract)\b:?(?:\s+the\b)?"
    text = re.sub(verbs, "", text, flags=re.IGNORECASE)
    text = re.split(
        rf"[,;]?\s*\b(?:with|using|within|in|for|at)?\s*(?:{LENGTH}|{SETTING})|[,;]?\s+(?:and|then)\s+(?:publish|tell|list|say|show|give|report)\b",
        text,
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0]
    text = re.split(r"\s+\b(?:on|with)\s+(?:the\s+)?[A-Z0-9][\w-]*\s*$", text)[0]
    return text.strip(" .,;\"'“”")


def _partition(pattern: str, text: str) -> tuple[str, str, str]:
    """str.partition by a pattern, but with the whole text last when it does not occur."""
    match = re.search(pattern, text, flags=re.IGNORECASE)
    return (text[: match.start()], match[0], text[match.end() :]) if match else ("", "", text)


def asked_seeds(c: Conversation) -> int:
    """The number of seeds that the request names ("two seeds", "seeds=2"); 0 when it names none."""
    words = c.request.lower()
    told = re.search(r"\b(\d{1,2}|one|two|three|four|five)\s+seeds?\b", words)
    match = told or re.search(r"\bseeds\s*=\s*(\d{1,2})\b", words)
    return 0 if match is None else NUMBERS.get(match[1]) or int(match[1])


TARGET = re.compile(
    r"""\btarget\s*(?:=|\bis\b|:)\s*["'“]?([^\s,;"'”]+)|\bpredict(?:s|ing)?\s+(?:the\s+|whether\s+)?["'“]?([^,;.\n"'”]+)""",
    re.IGNORECASE,
)


def asked_target(c: Conversation) -> str:
    """Words that may name the column to predict: "target=price", "predict the median house value"; "" for none."""
    match = TARGET.search(c.request)
    return "" if match is None else (match[1] or match[2]).strip()


def asked_values(c: Conversation) -> dict[str, float | str]:
    """Values that the person set in the request: "steps=500", "optimizer=sgd", "500 steps", "3 epochs"."""
    words = c.request.lower()
    pairs = re.findall(r"\b([a-z][a-z0-9_]*)\s*=\s*([^\s,;]+)", words)
    counted = re.findall(r"(?<![\d,.])(\d(?:[\d,]*\d)?)\s+(step|epoch)s?\b", words)
    pairs += [(f"{name}s", value.replace(",", "")) for value, name in counted]
    pairs = [(name, value) for name, value in pairs if name not in ("target", "seeds")]
    return {name: float(value) if re.fullmatch(NUMBER, value) else value for name, value in pairs}
