# ruff: noqa: E501  one case a line
"""Which number belongs to which setting: shapes of sentences rather than names of settings. All sentences are ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.papers.grammar import bonds, letters_of, mentions


def read(text, letters=None):
    return {(bond.term.name, text[bond.start : bond.end]) for bond in bonds(text, letters)}


SHAPES = [
    # the value behind its name, with words between
    ("The weight decay for the generator network was fixed at 0.01.", {("weight_decay", "0.01")}),
    ("Dropout (Writer et al., 2014) with rate 0.3 is applied.", {("dropout", "0.3")}),
    ("momentum was kept at 0.95", {("momentum", "0.95")}),
    # the value before its name
    ("We regularize with 0.1 dropout and 0.01 weight decay.", {("dropout", "0.1"), ("weight_decay", "0.01")}),
    ("It has 12 attention heads.", {("heads", "12")}),
    # lists of names and values
    ("The learning rate and weight decay are 0.001 and 0.0001.", {("learning_rate", "0.001"), ("weight_decay", "0.0001")}),
    ("Batch size, learning rate and number of epochs are 64, 1e-3 and 20, respectively.", {("batch_size", "64"), ("learning_rate", "1e-3"), ("epochs", "20")}),
    ("We use 0.1, 0.9 and 1e-4 for the learning rate, momentum and weight decay.", {("learning_rate", "0.1"), ("momentum", "0.9"), ("weight_decay", "1e-4")}),
    # configuration strings and command lines
    ("learning_rate=0.003, batch_size=512", {("learning_rate", "0.003"), ("batch_size", "512")}),
    ("run with --lr 1e-4 --batch-size 32", {("learning_rate", "1e-4"), ("batch_size", "32")}),
    # what is no setting
    ("We reduce the learning rate by a factor of 10.", set()),
    ("The batch size had no effect on accuracy, which was 93.1.", set()),
    ("The final learning rate is 1e-6.", set()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHAPES, ids=[text[:40] for text, _ in SHAPES])
def test_a_value_goes_to_the_name_that_claims_it(text, expected):
    assert read(text) == expected


def test_a_letter_stands_for_what_the_paper_says_it_does():
    letters = letters_of(["Let η denote the learning rate and λ the weight decay.", "where k is the number of layers"])
    assert letters["η"].name == "learning_rate"
    assert ("learning_rate", "0.05") in read("We use η = 0.05 throughout.", letters)


def test_a_letter_with_two_meanings_stands_for_none():
    letters = letters_of(["Here η is the learning rate.", "Here η is the weight decay."])
    assert "η" not in letters


def test_overlapping_names_keep_the_longer_one():
    assert [item.term.name for item in mentions("the hidden size of the model")] == ["hidden_size"]


@given(st.floats(1e-6, 0.9), st.integers(2, 4096), st.sampled_from(["of", "=", "was set to", "is", ":"]))
def test_two_settings_in_a_row_never_swap_their_values(rate, size, link):
    text = f"a learning rate {link} {rate:.6f} and a batch size {link} {size}"
    assert read(text) == {("learning_rate", f"{rate:.6f}"), ("batch_size", str(size))}


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_bond_lies_in_it(text):
    for bond in bonds(text):
        assert 0 <= bond.start < bond.end <= len(text)
