"""The harness's scores against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.experiments.metrics import BLEU_ORDER, PERCENT, SCORERS, score


@pytest.mark.parametrize(
    ("name", "predictions", "references", "value"),
    [
        ("accuracy", ["a", "b", "a", "b"], ["a", "b", "b", "a"], 0.5),
        ("accuracy", ["a "], ["a"], 0.0),  # a label is a label
        ("exact_match", [" ein Hund\n", "eine Katze"], ["ein Hund", "ein Kater"], 0.5),
        ("exact_match", ["Ein Hund"], ["ein Hund"], 0.0),
        ("bleu", ["a b c d e", "f g h i"], ["a b c d e", "f g h i"], 100.0),
        ("bleu", ["x y z w"], ["a b c d"], 0.0),
        # 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples; the lengths are equal
        ("bleu", ["the cat sat on a mat"], ["the cat sat on the mat"], 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25),
        # all n-grams right, half the length: exp(1 - 8/4)
        ("bleu", ["a b c d"], ["a b c d e f g h"], 100 * math.exp(-1)),
        # over characters: 4 of 5, 3 of 4, 2 of 3, 1 of 2
        ("bleu_char", ["abcdx"], ["abcde"], 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25),
        ("bleu_char", ["zwölf"], ["zwölf"], 100.0),
    ],
)
def test_against_hand_values(name, predictions, references, value):
    assert score([name], predictions, references)[name] == pytest.approx(value, abs=1e-6)


def test_words_alone_have_no_bleu():
    """Which is why short references are scored over characters."""
    assert score(["bleu"], ["zwölf"], ["zwölf"])["bleu"] == 0 and BLEU_ORDER == 4


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=6))
def test_every_metric_stays_in_its_range_and_rewards_the_truth(pairs):
    predictions, references = [p for p, _ in pairs], [r for _, r in pairs]
    for name, value in score(list(SCORERS), predictions, references).items():
        assert 0 <= value <= (100.0001 if name in PERCENT else 1)
    perfect = score(["accuracy", "exact_match"], references, references)
    assert perfect == {"accuracy": 1.0, "exact_match": 1.0}


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="empty"):
        score(["accuracy"], [], [])
    with pytest.raises(ValueError, match="argument"):
        score(["accuracy"], ["a"], ["a", "b"])
    with pytest.raises(KeyError):
        score(["wishful"], ["a"], ["a"])
