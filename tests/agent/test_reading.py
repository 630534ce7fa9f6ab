"""An answer that is read off a text: the page of its values, and the defaults of a signature."""

from __future__ import annotations

from intern.agent.doubts import Doubts
from intern.agent.reading import cites_elsewhere, defaults_left_out, sources

LINES = [
    "replay_memory = 1000000 [main, p. 6]", "batch_size = 32 [main, p. 6]",
    "p. 8: This paper used minibatch updates with a replay memory of samples.", "p. 5: 84 x 84 pictures in batches of 4",
]  # fmt: skip
LINSPACE = "Signature: linspace(start, stop, num=50, endpoint=True, dtype=None, *, device=None)\nReturn numbers, num=5."
ADAM = "Signature: class Adam(Optimizer): __init__(self, params, lr: float | Tensor=0.001, betas: X=(0.9, 0.9), eps: float=1e-08)"


def test_each_value_of_an_answer_has_its_own_line():
    task = "What minibatch size and how large a replay memory do they use? On which page?"
    assert sources("32 and 1000000", task, LINES) == [LINES[1], LINES[0]]
    assert sources("a large one", task, LINES)[0].startswith("p. 8"), "without numbers the words decide"


def test_a_page_is_wrong_when_none_of_the_values_stands_there():
    assert cites_elsewhere("They use 32 (p. 8).", LINES) and not cites_elsewhere("They use 32 (p. 6).", LINES)
    assert not cites_elsewhere("They use 32.", LINES) and not cites_elsewhere("They use 77 (p. 8).", LINES)


def test_the_page_alone_is_no_answer():
    doubts = Doubts(task="What minibatch size do they use? Cite the page.")
    doubts.looked_at("paper", "look()", "\n".join(LINES))
    assert "the page alone" in str(doubts.of_code("final_answer('p. 6')", LINES))
    assert doubts.completed("p. 6").endswith(f"Where it stands: {LINES[1]}")
    assert doubts.of_code("final_answer('32 (p. 6)')", LINES) is None


def test_a_wrong_page_is_asked_about_once_and_then_the_right_line_stands_below():
    doubts = Doubts(task="What minibatch size do they use? Cite the page.")
    doubts.looked_at("paper", "look()", "\n".join(LINES))
    assert doubts.insist == "read", "the first reply begins as an answer"
    assert LINES[1] in str(doubts.of_prose("They use 32 (p. 8).", ["\n".join(LINES)]))
    assert doubts.of_prose("They use 32 (p. 8).", ["\n".join(LINES)]) is None
    assert doubts.completed("They use 32 (p. 8).").endswith(f"Where it stands: {LINES[1]}")
    assert doubts.completed("They use 32 (p. 6).") == "They use 32 (p. 6)."


def test_a_default_is_what_the_signature_says():
    task = "How many samples are made when num is not given, and is the end point included?"
    assert defaults_left_out(task, "It makes 5 samples.", [LINSPACE]) == ["num=50", "endpoint=True"]
    assert defaults_left_out(task, "It makes 50 samples, endpoint is True.", [LINSPACE]) == []
    assert defaults_left_out("What are the defaults of lr and eps?", "0.001 and 1e-8", [ADAM]) == []
    assert defaults_left_out("What are the defaults of lr and eps?", "0.001", [ADAM]) == ["eps=1e-08"]
    assert defaults_left_out("What does num do?", "It counts.", [LINSPACE]) == [], "no default was asked for"


def test_a_default_that_was_misread_is_asked_about_and_the_signature_stands_below():
    doubts = Doubts(task="What is the default of num in numpy.linspace?")
    doubts.looked_at("docs", "look()", LINSPACE)
    assert "num=50" in str(doubts.of_code("final_answer('It is 5.')", [LINSPACE]))
    assert doubts.of_code("final_answer('It is 5.')", [LINSPACE]) is None
    assert doubts.completed("It is 5.").endswith("What the signature says: num=50")
    assert doubts.of_code("final_answer('It is 50.')", [LINSPACE]) is None
