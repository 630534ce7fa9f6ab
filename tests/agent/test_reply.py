"""What is thought and what is code in a model's reply; and the one rule by which long text is cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.agent.outputs import cut_middle
from intern.agent.reply import (
    CLOSE_TAG,
    OPEN_TAG,
    acts,
    code_grammar,
    form_fault,
    is_complete,
    is_looping,
    sounds_unfinished,
    split_reply,
    without_reasoning,
)

plain = st.text(alphabet=st.characters(blacklist_characters="<>`", blacklist_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("I read it.\n<run>\nx = 1\n</run>", ("I read it.", "x = 1")),
        ("<run>x = 1</run>", ("", "x = 1")),
        ("I read it.\n<run>\nx = 1\n", ("I read it.", "x = 1")),  # the server cut the stop sequence off
        ("a <run>x = 1</run> b <run>y = 2</run>", ("a", "x = 1")),  # one step a reply; the rest is not executed
        ("See:\n```python\nx = 1\n```\nDone.", ("See:", "x = 1")),
        ("See:\n```py\nx = 1\n```", ("See:", "x = 1")),
        ("Run:\n```bash\nrm -rf /\n```", ("Run:\n```bash\nrm -rf /\n```", "")),  # no code of ours
        ("I see.\n```python\nx = 1", ("I see.", "x = 1")),  # the server stopped at the closing fence
        ("```\nprint(1)\n```", ("", "print(1)")),
        ("Like so:\n```\n$ ls -la\n```", ("Like so:\n```\n$ ls -la\n```", "")),
        ("<code>\nx = 1\n</code>", ("", "x = 1")),
        ("Now:\nx = 3\nprint(x)", ("Now:", "x = 3\nprint(x)")),
        ("print(1)\n</run>", ("", "print(1)")),
        ("Use print(x) to see it.", ("Use print(x) to see it.", "")),
        ("Yes", ("Yes", "")),
        ('{"name": "find_paper", "arguments": {"query": "x"}}', ("", "print(find_paper(query='x'))")),
        ('I ask.\n```json\n{"name": "f", "arguments": "{\\"a\\": 1}"}\n```', ("I ask.", "print(f(a=1))")),
        (
            '<tool_call>\n{"name": "final_answer", "arguments": {"answer": "5"}}\n</tool_call>',
            ("", "final_answer(answer='5')"),
        ),
        ('{"name": "python", "arguments": {"code": "x = 1"}}', ("", "x = 1")),
        ('{"accuracy": 0.9}', ('{"accuracy": 0.9}', "")),
        ("```python\nshown\n```\n<run>\nmeant\n</run>", ("```python\nshown\n```", "meant")),
        ("<think><run>bad()</run></think>good\n<run>x = 1</run>", ("good", "x = 1")),
        ("<think>hm</think>The answer is 4.", ("The answer is 4.", "")),
        ("The answer is 4.", ("The answer is 4.", "")),
        ("<think>on and on <run>bad()</run>", ("", "")),  # never closed: all of it is reasoning
        ("thinking <run>bad()</run></think>Good.\n<run>x = 1</run>", ("Good.", "x = 1")),  # opened in the prompt
        ("<run>\n```python\nx = 1\n```\n</run>", ("", "x = 1")),
        ("<run>\nx = 1\n</ru", ("", "x = 1")),
        ("<run>\nif a </b:\n    pass", ("", "if a </b:\n    pass")),
        ("", ("", "")),
    ],
)
def test_thought_and_code(reply, expected):
    assert split_reply(reply) == expected


@given(thought=plain, code=plain)
def test_what_stands_between_the_tags_is_the_code_and_nothing_else(thought, code):
    assert split_reply(f"{thought}\n{OPEN_TAG}\n{code}\n{CLOSE_TAG}\n{thought}") == (thought.strip(), code.strip())


@given(st.text(max_size=200))
def test_any_reply_can_be_split_and_prose_is_never_executed(reply):
    _thought, code = split_reply(reply)
    if code and not re.search(r"<(run|code|python|execute)>|```|\{", reply):
        assert code in reply and acts(code), "only what is Python and does something"


@given(
    st.lists(st.sampled_from(["The", "loss", "is", "0.1", "(p. 3)", "and", "so,", "it", "fell.", "Yes"]), max_size=30)
)
def test_sentences_are_never_code(words):
    assert split_reply(" ".join(words))[1] == ""


@pytest.mark.parametrize(
    ("text", "looping"),
    [
        ("".join(f"{n}. 4 is a number that is not a string.\n" for n in range(40)), True),
        ("word " * 300, True),
        ("".join(f"x{n} = layer{n}(x{n - 1}) + norm{n}(x{n - 1})  # block {n}\n" for n in range(10)), False),
        ("x = [" + "0, " * 400, False),
        ("import os\n" * 3, False),
    ],
)
def test_a_reply_that_goes_round_in_circles_is_noticed(text, looping):
    assert is_looping(text) is looping


def test_a_grammar_holds_a_reply_to_its_beginning():
    assert code_grammar() == 'root ::= "```python\\n" [^\\x00]+'
    assert code_grammar("open('a b.py', 'w')") == "root ::= \"```python\\nopen('a b.py', 'w')\" [^\\x00]+"


def test_a_reply_is_whole_when_its_code_is():
    assert is_complete("I see.\n```python\nx = 1\n```\n") and not is_complete("```python\nx = 1\n``")
    assert is_complete("<run>x</run>") and not is_complete("<run>\nmark = [\n```python\n```\n")


@given(st.text(max_size=400), st.integers(min_value=3, max_value=100))
def test_a_cut_text_keeps_head_and_tail_and_says_how_much_is_missing(text, limit):
    cut = cut_middle(text, limit)
    if len(text) <= limit:
        assert cut == text
    else:
        head, tail = text[: limit * 2 // 3], text[-(limit // 3) :]
        assert cut == f"{head}\n… {len(text) - len(head) - len(tail)} characters left out …\n{tail}"


@pytest.mark.parametrize(
    ("prose", "fault"),
    [
        ("The dropout is 0.1 (p. 8).", False),
        ("Use a < b and c > d.", False),
        ("I run:\n```bash\nls\n```", True),
        ('<tool_call>{"name": "x"}</tool_call>', True),
        ("<code>x = 1</code>", True),
        ("x = 1\n</run>", True),
        ("", True),
    ],
)
def test_prose_that_was_meant_as_code_is_told_from_an_answer(prose, fault):
    assert (form_fault(prose) is not None) == fault


@pytest.mark.parametrize(
    ("prose", "unfinished"),
    [
        ("The dropout is 0.1.", False),
        ("I read the paper. I will now train it.", True),
        ("Let me look at the data first.", True),
        ("Next step:", True),
        ("I measured three seeds. You could train longer.", False),
        ("Nothing more to do, I think.", False),
    ],
)
def test_an_announcement_is_told_from_an_answer(prose, unfinished):
    assert sounds_unfinished(prose) == unfinished


def test_reasoning_is_all_that_stood_between_the_tags():
    assert without_reasoning("<think>a</think>b<think>c</think>d") == ("bd", "a\nc")
