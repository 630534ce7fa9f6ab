"""The system prompt: configs/prompts/system.yaml with the tools in it."""

from __future__ import annotations

import re

import yaml
from smolagents import Tool

from intern.settings import CONFIGS

SMALL_CONTEXT_TOKENS = 16_000
"""Below this the short system prompt leaves room for the work."""


def system_prompt(tools: list[Tool], context_tokens: int | None = None) -> str:
    """configs/prompts/system.yaml with one line for each tool; help_tool gives the rest. A small context gets less."""
    texts = yaml.safe_load((CONFIGS / "prompts" / "system.yaml").read_text(encoding="utf-8"))
    small = context_tokens is not None and context_tokens < SMALL_CONTEXT_TOKENS
    lines = [tool_line(tool, brief=small) for tool in tools]
    return str(texts["short" if small else "system"]).replace("{tools}", "\n".join(lines))


def tool_line(tool: Tool, brief: bool = False) -> str:
    """`- name(a, b=None): what it does`, the first sentence only."""
    inputs = tool.inputs.items()
    arguments = ", ".join(f"{name}=None" if about.get("nullable") else name for name, about in inputs)
    if brief:
        return f"- {tool.name}({arguments})"
    return f"- {tool.name}({arguments}): {re.split(r'(?<=[.:])[ ]', tool.description, maxsplit=1)[0].rstrip(':')}"
