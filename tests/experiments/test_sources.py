"""Data in the shapes that people have: which files are a data set, which split each is, and every row as it stands."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intern.experiments import bundled
from intern.experiments.loading import Row, rows
from intern.experiments.sources import DataError, at_hand, find_local
from tests.conftest import shared

QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
text = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=30)
line = text.map(lambda t: re.sub("[\r\n\ufeff]", " ", t).strip())
word = st.text(alphabet=st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=8)


def only(path, task=None):
    (found,) = find_local(path, task)
    return found


@pytest.mark.parametrize(
    ("name", "content", "task", "expected"),
    [
        ("d.csv", "text,label\nhello,A\n", "text-classification", Row("hello", "A")),
        ("d.csv", 'Label, Text\nA,"one, two"\n', "text-classification", Row("one, two", "A")),
        ("d.tsv", "text\tlabel\na, b\tA\n", "text-classification", Row("a, b", "A")),
        ("d.csv", "source,target\nhello,hallo\n", "translation", Row("hello", "hallo")),
        ("d.jsonl", '{"text": "hello", "label": 3}\n', "text-classification", Row("hello", "3")),
        ("d.jsonl", '{"source": "a", "target": "b", "more": 1}\n\n', "translation", Row("a", "b")),
        ("TREC.train.all", "DESC how are you\n", "text-classification", Row("how are you", "DESC")),
        ("d.txt", "1 good film\n", None, Row("good film", "1")),
        ("sms.txt", "spam\tfree entry\n", None, Row("free entry", "spam")),
    ],
)
def test_a_single_file(tmp_path, name, content, task, expected):
    (tmp_path / name).write_text(content)
    found = only(tmp_path / name, task)
    assert [r for part in rows(found).values() for r in part] == [expected]


def test_aligned_files_are_translations(tmp_path):
    (tmp_path / "train.en").write_text("one\ntwo\n")
    (tmp_path / "train.de").write_text("eins\nzwei\n")
    found = only(tmp_path, "translation")
    assert found.languages == ("en", "de")
    assert rows(found) == {"train": [Row("one", "eins"), Row("two", "zwei")]}


def test_gzip_is_read_through(tmp_path):
    for language, words in (("en", "one\n"), ("de", "eins\n")):
        (tmp_path / f"train.{language}.gz").write_bytes(gzip.compress(words.encode()))
    assert rows(only(tmp_path)) == {"train": [Row("one", "eins")]}


@pytest.mark.parametrize(
    ("name", "content"), [("d.csv.gz", "text,label\nhello,A\n"), ("d.jsonl.gz", '{"text": "hello", "label": "A"}\n')]
)
def test_zipped_tables(tmp_path, name, content):
    (tmp_path / name).write_bytes(gzip.compress(content.encode()))
    assert rows(only(tmp_path)) == {"": [Row("hello", "A")]}


def test_files_that_do_not_align_are_refused(tmp_path):
    (tmp_path / "train.en").write_text("one\ntwo\n")
    (tmp_path / "train.de").write_text("eins\n")
    with pytest.raises(DataError, match=r"train\.en has 2 lines, train\.de has 1"):
        rows(only(tmp_path))


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train.csv", "dev.csv", "test.csv"], {"train", "validation", "test"}),
        (["trec_train.csv", "trec_test.csv"], {"train", "test"}),
        (["my-train.csv", "my-val.csv"], {"train", "validation"}),
        (["everything.csv"], {""}),
    ],
)
def test_splits_are_read_from_names(tmp_path, names, splits):
    for name in names:
        (tmp_path / name).write_text("text,label\na,A\n")
    assert set(only(tmp_path).files) == splits


def test_several_data_sets_in_a_folder_stay_apart(tmp_path):
    for name in ("mr", "subj"):
        (tmp_path / f"{name}.csv").write_text("text,label\na,A\n")
    assert sorted(c.name for c in find_local(tmp_path)) == ["MR", "Subj"]


def test_older_corpora_are_latin_1(tmp_path):
    (tmp_path / "d.csv").write_bytes("text,label\ncafé,A\n".encode("latin-1"))
    assert rows(only(tmp_path))[""] == [Row("café", "A")]


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path):
    (tmp_path / "d.csv").write_bytes(b"\xef\xbb\xbftext,label\na,A\n")
    assert rows(only(tmp_path))[""] == [Row("a", "A")]


@pytest.mark.parametrize("bad", ['{"text": "a"}', "[1]", "{", '"text"'])
def test_a_bad_line_is_named(tmp_path, bad):
    (tmp_path / "d.jsonl").write_text('{"text": "a", "label": "A"}\n' + bad + "\n")
    with pytest.raises(DataError, match=r"d\.jsonl line 2 is not"):
        rows(only(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", "", "Known shapes"),
        ("d.csv", "a,b\n1,2\n", "Known shapes"),
        ("d.jsonl", "", "Known shapes"),
        ("d.jsonl", "{\n", r"d\.jsonl line 1 is not a JSON object"),
        ("d.jsonl", '{"a": 1}\n[1]\n', r"d\.jsonl line 2 is not a JSON object"),
        ("d.csv", "a,a\n1,2\n", r"d\.csv line 1 has two columns 'a'"),
        ("d.csv", "a,b,y\n" + "1,2,x\n" * 12 + "1,2\n", r"d\.csv line 14 has 2 cells, its first line 3"),
        ("d.parquet", "no parquet", r"d\.parquet cannot be read as Parquet"),
        ("d.csv.gz", "not zipped", r"d\.csv\.gz cannot be unzipped"),
    ],
)
def test_what_cannot_be_used_is_refused_and_said_where(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=said):
        find_local(tmp_path)


def test_no_such_path_and_wrong_task(tmp_path):
    with pytest.raises(DataError, match="no file or folder"):
        find_local(tmp_path / "nothing")
    (tmp_path / "d.csv").write_text("text,label\na,A\n")
    with pytest.raises(DataError, match="for translation"):
        find_local(tmp_path, "translation")


@QUICK
@given(records=st.lists(st.tuples(text, word), min_size=1, max_size=8))
def test_any_text_comes_through_csv(tmp_path, records):
    """Commas, quotes, line breaks inside a field and the separators that only Unicode calls line breaks."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("text", "label"), *records])
    (tmp_path / "d.csv").write_bytes(written.getvalue().encode())
    assert rows(only(tmp_path))[""] == [Row(t.strip(), label) for t, label in records]


@QUICK
@given(records=st.lists(st.tuples(text, word), min_size=1, max_size=8), ascii_only=st.booleans())
def test_any_text_comes_through_jsonl(tmp_path, records, ascii_only):
    written = "".join(json.dumps({"text": t, "label": w}, ensure_ascii=ascii_only) + "\n" for t, w in records)
    (tmp_path / "d.jsonl").write_bytes(written.encode())
    assert rows(only(tmp_path))[""] == [Row(t.strip(), label) for t, label in records]


@QUICK
@given(records=st.lists(st.tuples(word, line.filter(bool)), min_size=1, max_size=8))
def test_any_text_comes_through_labelled_lines(tmp_path, records):
    (tmp_path / "d.txt").write_bytes("".join(f"{label} {t}\n" for label, t in records).encode())
    assert rows(only(tmp_path))[""] == [Row(t, label) for label, t in records]


@QUICK
@given(records=st.lists(st.tuples(line, line), min_size=1, max_size=8))
def test_any_sentences_stay_aligned(tmp_path, records):
    for language, column in (("en", 0), ("de", 1)):
        (tmp_path / f"train.{language}").write_bytes("".join(r[column] + "\n" for r in records).encode())
    assert rows(only(tmp_path))["train"] == [Row(a, b) for a, b in records]


def test_generated_data_says_so_and_is_the_same_each_time(monkeypatch):
    sizes = {"train": 300, "validation": 20, "test": 20}  # the whole set takes seconds to write out
    monkeypatch.setattr(bundled, "NUMBER_SIZES", sizes)
    (candidate,) = at_hand("translation")
    assert candidate.source == "generated" and "enerated" in candidate.description and "enerated" in candidate.name
    first, second = rows(candidate), rows(candidate)
    assert first == second and {name: len(part) for name, part in first.items()} == sizes
    found = [r for part in first.values() for r in part]
    assert len({r.input for r in found}) == len(found), "no row of one part is in another"
    assert all(r.input.isascii() and r.label for r in found)
    short = [r for r in found if "thousand" not in r.input]
    assert any("hundert" in r.label for r in short)


def test_real_data_of_several_shapes():
    sentences = find_local(shared("data/sentences"))
    trec = next(c for c in sentences if c.name == "TREC")
    parts = {name: len(part) for name, part in rows(trec).items()}
    assert parts["test"] == 500 and parts["train"] > 5000
    pairs = next(c for c in find_local(shared("data/multi30k"), "translation"))
    assert pairs.name == "Multi30k" and all(r.input and r.label for r in rows(pairs)["train"][:100])


def test_a_text_in_one_long_line_is_a_text(tmp_path):
    (tmp_path / "story.txt").write_text("The king sees the queen. " * 200)
    assert [c.task for c in find_local(tmp_path / "story.txt")] == ["text-generation"]
    (tmp_path / "rows.txt").write_text("0 the king\n1 the queen\n")
    assert [c.task for c in find_local(tmp_path / "rows.txt")] == ["text-classification"]
