"""The first prompt is short, complete and the same each time."""

from __future__ import annotations

import re

from intern.agent.reply import split_reply
from intern.tools.all_tools import TOOLS
from intern.tools.prompt import PromptKind, calls_here, example_messages, system_prompt
from tests.tools.conftest import Desk
from tests.tools.conftest import desk as desk


def test_the_first_prompt_with_all_tools_has_at_most_3000_tokens(desk: Desk):
    text = system_prompt(list(desk.tools.values()))
    assert len(text) / 4 <= 3000, f"{len(text) / 4:.0f} tokens"
    assert text == system_prompt(list(desk.tools.values()))


def test_a_small_context_gets_a_short_prompt(desk: Desk):
    short = system_prompt(list(desk.tools.values()), "small")
    assert len(short) / 4 <= 700, f"{len(short) / 4:.0f} tokens"


def test_both_prompts_name_every_tool_and_say_how_it_is_called(desk: Desk):
    kinds: tuple[PromptKind, ...] = ("system", "short", "small")
    for kind in kinds:
        text = system_prompt(list(desk.tools.values()), kind)
        assert "{tools}" not in text and "{more}" not in text
        for tool in TOOLS:
            line = re.search(rf"^- {tool.name}\((.*?)\)", text, re.MULTILINE)
            if line is None:
                assert kind == "small" and tool.name in text.rpartition("There are also: ")[2]
            else:
                assert [a.partition("=")[0] for a in line[1].split(", ")] == list(tool.inputs)


def test_a_small_models_example_is_a_conversation_in_the_form_that_it_is_asked_for():
    said = example_messages()
    assert [m.role.value for m in said] == ["user", "assistant"] * (len(said) // 2)
    assert all(split_reply(str(m.content))[1] for m in said if m.role.value == "assistant")


def test_tools_that_the_prompt_speaks_of_are_there(desk: Desk):
    text = system_prompt(list(desk.tools.values())).replace(calls_here(), "")
    mentioned = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))
    known = set(desk.tools) | {name for tool in desk.tools.values() for name in tool.inputs}
    assert mentioned - known <= {"final_answer", "huggingface_hub"}
