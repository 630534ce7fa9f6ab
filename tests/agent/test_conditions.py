"""What a task sets and asks, against code and answers of a small model; and its last words when it does not get on."""

from __future__ import annotations

import pytest

from intern.agent import last_words
from intern.agent.conditions import undecided, unused
from intern.agent.doubts import Doubts
from intern.agent.outputs import rounded


@pytest.mark.parametrize(
    ("task", "code", "left"),
    [
        ("With 80% of the rows and a batch size of 32, how many?", "n = int(rows * 0.8)\nprint(-(-n // 32))", []),
        ("With 80% of the rows and a batch size of 32, how many?", "print(-(-rows // 32))", ["80%"]),
        ("Keep 20 percent for testing, random_state=7.", "split(x, train_size=0.8, random_state=7)", []),
        ("Who earns more than 50,000?", "people[people.pay > 50000]", []),
        ("Who earns more than 50,000?", "people[people.pay > 5000]", ["50,000"]),
        ("What is 3 times 4, and \"what 99 is\" in run9.csv?", "12", []),  # small ones, quotes and names of files
    ],
)  # fmt: skip
def test_what_a_task_sets_must_be_in_code(task, code, left):
    assert unused(task, [code]) == left
    doubts = Doubts(task=task)
    doubts.ran(1, code, None, "9")
    said = doubts.of_prose("It is 9.", ["9"])
    assert (f"the task says {left[0]}" in str(said)) if left else "the task says" not in str(said)
    assert "the task says" not in str(doubts.of_prose("It is 9.", ["9"])), "once"


@pytest.mark.parametrize(
    ("task", "answer", "asked"),
    [
        (
            "Is a forest better than a tree on wine? Give both.",
            "Forest 0.98, tree 0.91",
            "Is a forest better than a tree on wine?",
        ),
        ("Is a forest better than a tree?", "The forest is better: 0.98 against 0.91", ""),
        ("Look at a.csv: are there gaps?", "Column b: 3", "are there gaps?"),
        ("Are there gaps?", "Yes, 3 of them.", ""),
        ("Which one is best?", "0.98", ""),
    ],
)
def test_a_question_of_yes_or_no_wants_a_verdict(task, answer, asked):
    assert undecided(task, answer) == asked


def test_an_answer_from_what_was_printed_states_nothing_else():
    shown = ["rows: 240", "mean: 3.25"]
    assert "mean: 3.25" in last_words.request("What is the mean?", shown)
    words = last_words.words_in('```python\nfinal_answer("The mean is 3.25.")\n```', shown, "")
    assert words == "The mean is 3.25." == last_words.words_in("The mean is 3.25.", shown, "")
    for reply in ("It is 4.75.", "```python\nfinal_answer(f'{mean} it is')\n```", "```python\nprint(3)\n```"):
        assert last_words.words_in(reply, shown, "") == ""


def test_computed_numbers_are_told_with_six_digits():
    text = "mean 0.7566375000000001, 97.36842105263158%, 0.25, 1.0, run 12.3456789 and 1234567.1234567890123"
    assert rounded(text) == "mean 0.756638, 97.3684%, 0.25, 1.0, run 12.3456789 and 1234567.12"
    assert rounded("3.0000000000001e-05 and v1.2.34567890123") == "3e-05 and v1.2.34567890123"
