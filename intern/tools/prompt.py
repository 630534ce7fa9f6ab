"""The system prompt: configs/prompts/system.yaml with the tools in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import yaml

from intern.agent.messages import Message, Role
from intern.settings import CONFIGS
from intern.tools.crib import crib

CALLS_HEAD = " As installed here (“not:” are arguments that are gone):"
PromptKind = Literal["system", "short", "small"]


class Listed(Protocol):
    """What a prompt tells of: a tool, or its card from the listing."""

    name: str
    description: str
    inputs: dict[str, dict[str, Any]]


def system_prompt(tools: Sequence[Listed], kind: PromptKind = "system") -> str:
    """configs/prompts/system.yaml with one line for each tool; help_tool gives the rest. `kind`: see there."""
    texts = _texts()
    if kind == "small":
        phrases: dict[str, str] = texts["small_tools"]
        known = {tool.name: tool for tool in tools}
        lines = [f"- {signature(known[name])}: {phrase}" for name, phrase in phrases.items() if name in known]
        others = ", ".join(name for name in known if name not in phrases)
        return str(texts["small"]).replace("{tools}", "\n".join(lines)).replace("{more}", f"{others}.")
    lines = [f"- {signature(tool)}" if kind == "short" else tool_line(tool) for tool in tools]
    text = str(texts[kind]).replace("{tools}", "\n".join(lines))
    return text.replace("{crib}", calls_here()) if kind == "system" else text


def calls_here() -> str:
    """The crib as the prompt shows it; "" when none of its packages is installed."""
    lines = crib()
    return f"{CALLS_HEAD}\n{lines}" if lines else ""


def example_messages() -> list[Message]:
    """A finished task that a small model sees before the person's."""
    return [Message(Role(entry["role"]), entry["content"]) for entry in _texts()["small_example"]]


def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = yaml.safe_load((CONFIGS / "prompts" / "system.yaml").read_text(encoding="utf-8"))
    return texts


def signature(tool: Listed) -> str:
    """`name(a, b=None)`."""
    arguments = (f"{name}=None" if about.get("nullable") else name for name, about in tool.inputs.items())
    return f"{tool.name}({', '.join(arguments)})"


def tool_line(tool: Listed) -> str:
    """`- name(a, b=None): what it does`, the first sentence only."""
    return f"- {signature(tool)}: {first_sentence(tool.description).rstrip(':')}"


def first_sentence(description: str) -> str:
    return re.split(r"(?<=[.:])[ ]", description, maxsplit=1)[0]
