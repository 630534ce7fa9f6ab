"""The harness's scores against values worked out by hand."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sklearn import metrics as sklearn_metrics

from intern.experiments.metrics import (
    BLEU_ORDER,
    PERCENT,
    Prediction,
    ScoreError,
    intervals,
    scorable,
    score,
)


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
    texts = ["accuracy", "exact_match", "macro_f1", "bleu", "bleu_char"]
    for name, value in score(texts, predictions, references).items():
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


# -- classes, numbers, distributions ---------------------------------------------------------------------------------


def answers(*pairs: tuple[str, dict[str, float]]) -> list[Prediction]:
    return [Prediction(text, given) for text, given in pairs]


def test_classes_against_hand_values():
    # yes: precision 1/2, recall 1 -> F1 2/3; no: precision 1, recall 1/2 -> 2/3; "maybe" is nobody's class
    assert score(["macro_f1"], ["yes", "yes", "no", "maybe"], ["yes", "no", "no", "no"])["macro_f1"] == pytest.approx(
        (2 / 3 + 2 * (1 * 1 / 3) / (1 + 1 / 3)) / 2
    )
    given = answers(("a", {"a": 0.9, "b": 0.1}), ("a", {"a": 0.6, "b": 0.4}), ("b", {"a": 0.3, "b": 0.7}))
    found = score(["auc", "log_loss"], given, ["a", "b", "b"])
    assert found["auc"] == 1.0 and found["log_loss"] == pytest.approx(
        -(math.log(0.9) + math.log(0.4) + math.log(0.7)) / 3
    )


def test_numbers_against_hand_values():
    found = score(["rmse", "mae", "r2"], ["1", "2.5", "4e0"], ["1", "2", "3"])
    assert found["rmse"] == pytest.approx(math.sqrt(1.25 / 3)) and found["mae"] == pytest.approx(0.5)
    assert found["r2"] == pytest.approx(1 - 1.25 / 2)


def test_a_language_model_is_scored_by_the_characters_that_it_did_not_see():
    given = answers(("e", {"e": 0.5, "a": 0.5}), ("t", {"t": 0.25, "h": 0.125}))
    found = score(["bits_per_char", "perplexity", "accuracy"], given, ["e", "h"])
    assert found == {"bits_per_char": pytest.approx(2.0), "perplexity": pytest.approx(4.0), "accuracy": 0.5}
    impossible = score(["bits_per_char"], given, ["e", "x"])["bits_per_char"]
    assert impossible == pytest.approx((1 + math.log2(1e6)) / 2), "no probability is bad, and no infinity"


def test_without_probabilities_only_what_needs_none_is_scored():
    assert scorable(["accuracy", "auc", "log_loss"], ["a", "b"]) == ["accuracy"]
    with pytest.raises(ScoreError, match="needs probabilities"):
        score(["auc"], ["a", "b"], ["a", "b"])


@pytest.mark.parametrize(("text", "why"), [("cheap", "'cheap' is not a number"), ("nan", "finite"), ("inf", "finite")])
def test_what_is_no_number_has_no_error(text, why):
    with pytest.raises(ScoreError, match=why):
        score(["rmse"], ["1", text], ["1", "2"])


@pytest.mark.parametrize(("name", "references"), [("auc", ["a", "a"]), ("r2", ["3", "3"])])
def test_a_metric_that_these_rows_do_not_define_is_refused(name, references):
    given = [Prediction(r, {r: 1.0}) for r in references]
    with pytest.raises(ScoreError, match="not defined"):
        score([name], given, references)


def test_the_same_as_the_libraries_on_many_rows():
    chance = random.Random(5)
    classes = [chance.choice("abc") for _ in range(300)]
    given = []
    for right in classes:
        weights = {c: chance.random() + (c == right) for c in "abc"}
        share = {c: w / sum(weights.values()) for c, w in weights.items()}
        given.append(Prediction(max(share, key=share.__getitem__), share))
    found = score(["macro_f1", "auc", "log_loss"], given, classes)
    table = np.array([[p.probabilities[c] for c in "abc"] for p in given])
    assert found["macro_f1"] == pytest.approx(
        sklearn_metrics.f1_score(classes, [p.text for p in given], average="macro")
    )
    assert found["auc"] == pytest.approx(sklearn_metrics.roc_auc_score(classes, table, multi_class="ovr"))
    assert found["log_loss"] == pytest.approx(sklearn_metrics.log_loss(classes, table))
    references = [" ".join(chance.choice("abcdef") for _ in range(9)) for _ in range(60)]
    said = [" ".join(w if chance.random() < 0.7 else "x" for w in r.split()) for r in references]
    whole = BLEU().corpus_score(said, [references]).score
    assert score(["bleu"], said, references)["bleu"] == pytest.approx(whole)


# -- intervals -------------------------------------------------------------------------------------------------------


def test_an_interval_is_what_theory_says_and_the_same_each_time():
    predictions = ["yes"] * 80 + ["no"] * 20
    low, high = intervals(["accuracy"], predictions, ["yes"] * 100)["accuracy"]
    error = math.sqrt(0.8 * 0.2 / 100)
    assert low == pytest.approx(0.8 - 1.96 * error, abs=0.02) and high == pytest.approx(0.8 + 1.96 * error, abs=0.02)
    assert intervals(["accuracy"], predictions, ["yes"] * 100)["accuracy"] == (low, high)
    few, many = (intervals(["accuracy"], predictions[::-1] * n, ["yes"] * 100 * n)["accuracy"] for n in (1, 16))
    assert (many.high - many.low) * 3 < few.high - few.low


def test_bleus_interval_is_sacrebleus():
    chance = random.Random(2)
    references = [" ".join(chance.choice("abcdef") for _ in range(12)) for _ in range(200)]
    said = [" ".join(w if chance.random() < 0.7 else "x" for w in r.split()) for r in references]
    low, high = intervals(["bleu"], said, references)["bleu"]
    theirs = BLEU().corpus_score(said, [references], n_bootstrap=1000)
    assert (high - low) / 2 == pytest.approx(theirs._ci, rel=0.15) and low < theirs.score < high
