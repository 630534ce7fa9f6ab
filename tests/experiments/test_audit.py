"""What the audit finds, and that nothing of a test label is in reach, whatever the task."""

from __future__ import annotations

import json

import pytest

from intern.experiments.data import prepare, sealed_labels
from intern.experiments.images import Pixels
from intern.experiments.loading import Row
from intern.experiments.plain_text import CONTEXT, cut_text
from intern.experiments.sources import DataError, at_hand, find_local
from tests.conftest import shared


@pytest.fixture
def ready(tmp_path):
    def make(candidate):
        return prepare(candidate, tmp_path / "data", tmp_path / "sealed"), tmp_path / "data", tmp_path / "sealed"

    return make


def read(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def candidate_of(tmp_path, **files):
    (tmp_path / "given").mkdir()
    for name, content in files.items():
        (tmp_path / "given" / name.replace("_", ".")).write_text(content)
    return find_local(tmp_path / "given")[0]


def test_near_duplicates_of_texts_are_counted(tmp_path, ready):
    train = "text,label\n" + "".join(
        f"sentence about subject number {chr(97 + n)}{chr(97 + n)},{n % 2}\n" for n in range(26)
    )
    test = (
        "text,label\n"
        + "Sentence about SUBJECT; number: aa 7!,0\n"
        + "".join(f"wholly different words {chr(97 + n)},1\n" for n in range(9))
    )
    data, *_ = ready(candidate_of(tmp_path, train_csv=train, test_csv=test))
    assert data.audit[0].startswith("1 of 10 test rows is nearly the same as a training row")


def test_near_duplicates_of_pictures_and_values():
    from intern.experiments.audit import audit_splits

    def picture(first):
        return Row(Pixels((4, 4), bytes([first, *range(15)])), "a")

    def values(number):
        return Row({"x": number, "kind": "b"}, "1.0")

    for rows, task in (
        ([picture(0), picture(200), picture(1)], "image-classification"),
        ([values(1.0), values(2.0), values(1.0001)], "tabular-regression"),
    ):
        found = audit_splits({"train": rows[:2], "validation": [], "test": rows[2:]}, task)
        assert found[0].startswith("1 of 1 test rows is nearly the same"), found


def test_a_table_is_audited_by_column(tmp_path, ready):
    lines = "".join(
        f"{n},{'?' if n < 4 else n * 2},{9e9 if n == 50 else n % 12},same,{'rare' if n < 2 else 'usual'}\n"
        for n in range(100)
    )
    data, folder, sealed = ready(candidate_of(tmp_path, d_csv="a,b,c,d,label\n" + lines))
    text = " ".join(data.audit)
    assert "b: 4 of 100 values are missing" in text
    assert "c: 1 values lie far from the rest (as far as 9e+09" in text
    assert "d has the same value in every row" in text
    assert "very uneven" in text and "Always saying 'usual'" in text
    assert {tuple(row) for row in read(folder / "test.jsonl")} == {("id", "features")}
    assert set(sealed_labels(sealed, data.ref.id).values()) <= {"usual", "rare"}


def test_labels_that_differ_by_a_full_stop_are_the_same(tmp_path, ready):
    def table(end):
        return "x,y,label\n" + "".join(f"{n},{n * 7 % 5},{'yes' if n % 2 else 'no'}{end}\n" for n in range(40))

    data, _, sealed = ready(candidate_of(tmp_path, train_csv=table(""), test_csv=table(".")))
    assert set(sealed_labels(sealed, data.ref.id).values()) == {"yes", "no"}
    assert any("full stop" in found for found in data.audit)


def test_labels_that_training_never_shows_are_said(tmp_path, ready):
    train = "text,label\n" + "".join(f"a text {n},{'AB'[n % 2]}\n" for n in range(30))
    test = "text,label\n" + "".join(f"other text {n},{'BC'[n % 2]}\n" for n in range(10))
    data, *_ = ready(candidate_of(tmp_path, train_csv=train, test_csv=test))
    assert any(found.startswith("5 test rows have a label that training never shows (C)") for found in data.audit)


@pytest.mark.parametrize("data_id", ["digits", "iris", "diabetes", "number-words-text", "friedman1"])
def test_what_is_at_hand_is_sealed_too(ready, data_id):
    candidate = next(c for c in at_hand() if c.data_id == data_id)
    data, folder, sealed = ready(candidate)
    assert data.ref.source in ("bundled", "generated") and not data.ref.official_test
    test, labels = read(folder / "test.jsonl"), sealed_labels(sealed, data_id)
    assert [row["id"] for row in test] == list(labels) and all(labels.values())
    seen = {"digits": {"shape", "pixels"}, "number-words-text": {"context"}}.get(data_id, {"features"})
    assert all(set(row) == {"id", *seen} for row in test)
    if data_id == "diabetes":
        assert isinstance(read(folder / "train.jsonl")[0]["value"], float)


def test_a_test_character_is_in_no_context():
    """The text is a count, so that each place in it is known: no label lies within any context, train or validation."""
    text = "".join(f"{n:07d}\n" for n in range(12_000))
    splits, note, audit = cut_text("count", {"": [Row(text, "")]})
    assert "held out" in note and "characters to train on" in audit[0]
    tested = text[len("".join(r.input for name in ("train", "validation") for r in splits[name])) :]
    covered, asked = set(), set()
    for row in splits["test"]:
        at = tested.find(row.input)
        assert len(row.input) == CONTEXT and tested[at + CONTEXT] == row.label
        covered |= set(range(at, at + CONTEXT))
        asked.add(at + CONTEXT)
    assert len(asked) == len(splits["test"]) > 100 and not covered & asked


def test_a_short_text_is_refused():
    with pytest.raises(DataError, match="too few to train a language model"):
        cut_text("note", {"": [Row("to be or not to be " * 100, "")]})


def test_tinyshakespeare_is_a_text(ready):
    (candidate,) = find_local(shared("data/tinyshakespeare"))
    assert (candidate.task, candidate.name) == ("text-generation", "tinyshakespeare")
    data, _, _ = ready(candidate)
    assert data.ref.splits["test"] == 1296
