"""The first prompt is short, complete and the same each time."""

from __future__ import annotations

import re

from intern.tools import TOOLS
from intern.tools.prompt import SMALL_CONTEXT_TOKENS, system_prompt
from tests.tools.conftest import Desk
from tests.tools.conftest import desk as desk


def test_the_first_prompt_with_all_tools_has_at_most_3000_tokens(desk: Desk):
    text = system_prompt(list(desk.tools.values()))
    assert len(text) / 4 <= 3000, f"{len(text) / 4:.0f} tokens"
    assert text == system_prompt(list(desk.tools.values()))


def test_a_small_context_gets_a_short_prompt(desk: Desk):
    short = system_prompt(list(desk.tools.values()), SMALL_CONTEXT_TOKENS - 1)
    assert len(short) / 4 <= 700, f"{len(short) / 4:.0f} tokens"
    assert system_prompt(list(desk.tools.values()), SMALL_CONTEXT_TOKENS) == system_prompt(list(desk.tools.values()))


def test_both_prompts_name_every_tool_with_its_arguments_and_nothing_else(desk: Desk):
    for context in (None, 4096):
        text = system_prompt(list(desk.tools.values()), context)
        assert "{tools}" not in text
        for tool in TOOLS:
            line = re.search(rf"^- {tool.name}\((.*?)\)", text, re.MULTILINE)
            assert line and [a.partition("=")[0] for a in line[1].split(", ")] == list(tool.inputs)


def test_tools_that_the_prompt_speaks_of_are_there(desk: Desk):
    text = system_prompt(list(desk.tools.values()))
    mentioned = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))
    known = set(desk.tools) | {name for tool in desk.tools.values() for name in tool.inputs}
    assert mentioned - known <= {"final_answer", "huggingface_hub"}
