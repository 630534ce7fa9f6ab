"""Splitting, auditing, sealing: the test labels are nowhere that a program can look, and the fingerprint is the content."""

from __future__ import annotations

import json
import re

import pytest

from intern.experiments.data import prepare, sealed_labels
from intern.experiments.sources import DataError, find_local


@pytest.fixture
def make(tmp_path):
    """Prepare a data set of `{file name: [(text, label)]}`; returns it with its folder and its sealed folder."""
    counter = iter(range(100))

    def make_data(**parts):
        home = tmp_path / f"case{next(counter)}"
        source = home / "things"
        source.mkdir(parents=True)
        for name, rows in parts.items():
            lines = [json.dumps({"text": t, "label": label}) + "\n" for t, label in rows]
            (source / f"{name}.jsonl").write_text("".join(lines))
        candidate = find_local(source)[0]
        return prepare(candidate, home / "data", home / "sealed"), home / "data", home / "sealed"

    return make_data


def part(name: str, count: int, label: str = "A") -> list[tuple[str, str]]:
    return [(f"{name} sentence {n}", f"{label}{n % 2}") for n in range(count)]


def read(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def test_own_splits_are_kept(make):
    data, folder, _sealed = make(train=part("train", 20), dev=part("dev", 4), test=part("test", 6))
    assert data.ref.splits == {"train": 20, "validation": 4, "test": 6}
    assert data.ref.official_test and data.split_note == ""
    assert {r["text"] for r in read(folder / "test.jsonl")} == {t for t, _ in part("test", 6)}
    assert data.classes == {"A0": 10, "A1": 10}


def test_test_labels_are_only_in_the_sealed_folder(make):
    """The label of a test row is a word that occurs nowhere else, so that any leak shows."""
    secret = [(f"test sentence {n}", f"SECRET{n}") for n in range(6)]
    _, folder, sealed = make(train=part("train", 20), dev=part("dev", 4), test=secret)
    for file in (f for f in folder.rglob("*") if f.is_file()):
        assert "SECRET" not in file.read_text(), file.name
    assert list(sealed_labels(sealed, "things").values()) == [f"SECRET{n}" for n in range(6)]
    assert (sealed.stat().st_mode & 0o077) == 0


def test_ids_of_visible_and_sealed_rows_match(make):
    _, folder, sealed = make(train=part("train", 20), dev=part("dev", 4), test=part("test", 6))
    by_text = dict(part("test", 6))
    labels = sealed_labels(sealed, "things")
    assert {r["id"]: by_text[r["text"]] for r in read(folder / "test.jsonl")} == labels
    assert list(labels) == [r["id"] for r in read(folder / "test.jsonl")]
    assert {tuple(sorted(r)) for r in read(folder / "test.jsonl")} == {("id", "text")}


def test_missing_parts_are_cut_off_and_said(make):
    data, folder, _ = make(everything=part("x", 100))
    assert data.ref.splits == {"train": 80, "validation": 10, "test": 10}
    assert not data.ref.official_test
    assert "held out as test" in data.split_note and "serve as validation" in data.split_note
    texts = [r["text"] for name in ("train", "validation", "test") for r in read(folder / f"{name}.jsonl")]
    assert len(set(texts)) == 100


def test_the_fingerprint_is_the_same_again(make):
    first, second = make(everything=part("x", 50)), make(everything=part("x", 50))
    assert first[0].ref.fingerprint == second[0].ref.fingerprint
    for name in ("train", "validation", "test"):
        assert (first[1] / f"{name}.jsonl").read_bytes() == (second[1] / f"{name}.jsonl").read_bytes()


@pytest.mark.parametrize("where", ["train", "dev", "test"])
def test_one_changed_label_is_another_fingerprint(make, where):
    parts = {"train": part("train", 20), "dev": part("dev", 4), "test": part("test", 6)}
    before = make(**parts)[0].ref.fingerprint
    parts[where] = [*parts[where][:-1], (parts[where][-1][0], "B")]
    assert make(**parts)[0].ref.fingerprint != before


def test_a_changed_text_is_another_fingerprint(make):
    before = make(everything=part("x", 50))[0].ref.fingerprint
    assert make(everything=[("other", "A0"), *part("x", 50)[1:]])[0].ref.fingerprint != before


def test_rows_without_text_or_label_are_left_out_and_said(make):
    data, *_ = make(train=[*part("train", 20), ("", "A0"), ("no label", " ")], dev=part("dev", 4), test=part("test", 6))
    assert data.ref.splits["train"] == 20
    assert any(re.match("2 rows of the train file lack", finding) for finding in data.audit)


def test_repeated_rows_are_said(make):
    data, *_ = make(train=[*part("train", 20), *part("train", 3)], dev=part("dev", 4), test=part("test", 6))
    assert "3 of 23 rows of the train file repeat another row's text." in data.audit


def test_test_rows_that_are_in_training_are_said(make):
    leak = [("Train  SENTENCE 1", "A1"), ("train sentence 2", "A0")]
    data, *_ = make(train=part("train", 20), dev=part("dev", 4), test=[*leak, *part("test", 4)])
    assert data.audit[0] == "2 of 6 test rows also occur in the training part (same text).", "the worst comes first"
    clean, *_ = make(train=part("train", 20), dev=part("dev", 4), test=part("test", 100))
    assert clean.audit == ["No test row occurs in the training part."]


def test_few_test_rows_are_said(make):
    data, *_ = make(train=part("train", 20), dev=part("dev", 4), test=part("test", 8))
    assert "There are only 8 test rows: one row more or less is 12.5 per cent." in data.audit


def test_too_few_rows(make):
    with pytest.raises(DataError, match="3 usable rows, too few"):
        make(everything=part("x", 3))


def test_a_single_class_is_nothing_to_measure(make):
    with pytest.raises(DataError, match="same label"):
        make(everything=[(f"text {n}", "yes") for n in range(60)])


def test_line_breaks_of_unicode_survive_in_texts_and_labels(make):
    """U+2028 and its like are legal inside a JSON text; only the newline ends a row."""
    odd = [(f"one\u2028two\x85 {n}", f"yes\u2028{n % 2}") for n in range(80)]
    data, folder, sealed = make(everything=odd)
    assert data.ref.splits == {"train": 64, "validation": 8, "test": 8}
    assert set(sealed_labels(sealed, data.ref.id).values()) <= {"yes\u20280", "yes\u20281"}
    assert {r["text"] for r in read(folder / "train.jsonl")} <= {t for t, _ in odd}


def test_a_name_in_another_script_still_gives_a_folder_of_its_own(tmp_path):
    (tmp_path / "数据.csv").write_text("text,label\n" + "".join(f"t{n},A\n" for n in range(20)))
    (candidate,) = find_local(tmp_path / "数据.csv")
    assert candidate.name == "数据" and candidate.data_id
