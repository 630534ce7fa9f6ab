"""What is thought and what is code in a model's reply; and the one rule by which long text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.agent.outputs import cut_middle
from intern.agent.reply import CLOSE_TAG, OPEN_TAG, split_reply

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
        ("```python\nshown\n```\n<run>\nmeant\n</run>", ("```python\nshown\n```", "meant")),
        ("<think><run>bad()</run></think>good\n<run>x = 1</run>", ("good", "x = 1")),
        ("<think>hm</think>The answer is 4.", ("The answer is 4.", "")),
        ("The answer is 4.", ("The answer is 4.", "")),
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
    assert code in reply
    if OPEN_TAG not in reply and "```" not in reply:
        assert code == ""


@given(st.text(max_size=400), st.integers(min_value=3, max_value=100))
def test_a_cut_text_keeps_head_and_tail_and_says_how_much_is_missing(text, limit):
    cut = cut_middle(text, limit)
    if len(text) <= limit:
        assert cut == text
    else:
        head, tail = text[: limit * 2 // 3], text[-(limit // 3) :]
        assert cut == f"{head}\n… {len(text) - len(head) - len(tail)} characters left out …\n{tail}"
