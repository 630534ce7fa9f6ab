"""What a table is for, from its cells: which column is predicted, which only number the rows, what is text."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet

from intern.experiments.loading import load, rows
from intern.experiments.sources import DataError, find_local
from intern.experiments.tables import read_table, uses
from tests.conftest import shared

PASSENGERS = "Id,Age,Sex,Name,Fare,Survived\n" + "".join(
    f"{n},{'' if n == 3 else 20 + n},{'male' if n % 2 else 'female'},Mr. {n} of Somewhere Far,{n * 1.5},{n % 2}\n"
    for n in range(30)
)


def only(path, task=None, target=""):
    (found,) = find_local(path, task, target)
    return found


def test_a_table_of_people(tmp_path):
    (tmp_path / "d.csv").write_text(PASSENGERS)
    found = only(tmp_path)
    assert found.task == "tabular-classification" and found.use.target == "Survived"
    assert "the last column" in found.notes[0] and "Id only numbers the rows" in found.notes[1]
    first, *_, fourth = rows(found)[""][:4]
    assert first.input == {"Age": 20.0, "Sex": "female", "Name": "Mr. 0 of Somewhere Far", "Fare": 0.0}
    assert first.label == "0" and fourth.input["Age"] is None


@pytest.mark.parametrize(
    ("asked", "target", "task"),
    [
        ("Fare", "Fare", "tabular-regression"),
        ("the fare of a passenger", "Fare", "tabular-regression"),
        ("sex", "Sex", "tabular-classification"),
        ("", "Survived", "tabular-classification"),
        ("happiness", "Survived", "tabular-classification"),
    ],
)
def test_the_column_to_predict_is_the_one_that_the_words_name(tmp_path, asked, target, task):
    (tmp_path / "d.csv").write_text(PASSENGERS)
    found = only(tmp_path, target=asked)
    assert (found.use.target, found.task) == (target, task)
    assert ("“happiness” names no column" in " ".join(found.notes)) == (asked == "happiness")
    label = rows(found)[""][1].label
    assert label == {"Fare": "1.5", "Sex": "male", "Survived": "1"}[target]


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.csv", "a;b;y\n" + "1;2,5;x\n" * 3, ("a", "b", "y")),
        ("a.tsv", "a\tb\n1\t2\n", ("a", "b")),
        ("a.csv", "1,2,x\n" * 3, ("column1", "column2", "column3")),
        ("a.csv", "red,small,yes\nblue,big,no\nred,big,no\n", ("column1", "column2", "column3")),
        ("a.csv", "colour,size,good\nblue,big,no\nred,big,no\n", ("colour", "size", "good")),
        ("a.jsonl", '{"a": 1}\n{"a": 2, "b": null}\n', ("a", "b")),
    ],
)
def test_names_of_columns(tmp_path, name, content, columns):
    (tmp_path / name).write_text(content)
    assert read_table(tmp_path / name).columns == columns


def test_texts_are_found_by_what_they_are(tmp_path):
    lines = "".join(f'{n % 2},"Title number {n} here","What was said on day {n}"\n' for n in range(30))
    (tmp_path / "news.csv").write_text(lines)
    found = only(tmp_path)
    assert found.task == "text-classification" and found.use.target == "column1"
    assert rows(found)[""][3] == ("Title number 3 here\nWhat was said on day 3", "1")


def test_numbers_of_few_kinds_may_be_classes_or_measured(tmp_path):
    (tmp_path / "wine.csv").write_text("acid,quality\n" + "".join(f"{n / 7},{3 + n % 5}\n" for n in range(60)))
    assert [c.task for c in find_local(tmp_path)] == ["tabular-classification", "tabular-regression"]


def test_parquet_in_shards_and_with_pictures(tmp_path, png):
    for shard in (0, 1):
        table = pa.table({"a": [1.0, 2.0] * 10, "s": ["x", None] * 10, "label": [shard, 1] * 10})
        parquet.write_table(table, tmp_path / f"train-0000{shard}-of-00002.parquet")
    found = only(tmp_path)
    assert found.task == "tabular-classification" and len(rows(found)["train"]) == 40
    assert rows(found)["train"][1] == ({"a": 2.0, "s": None}, "1")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cells = [{"bytes": png(shade), "path": f"cat_{shade}.png"} for shade in (0, 200)]
    parquet.write_table(pa.table({"image": cells * 3, "label": [0, 1] * 3}), pictures / "test.parquet")
    images = rows(only(pictures))["test"]
    assert [r.label for r in images[:2]] == ["0", "1"] and images[1].input.data[:1] == bytes([200])


def test_a_column_that_one_part_lacks_is_named(tmp_path):
    (tmp_path / "train.csv").write_text(PASSENGERS)
    (tmp_path / "test.csv").write_text(PASSENGERS.replace("Survived", "survived_"))
    with pytest.raises(DataError, match=r"test\.csv has no column 'Survived'; it has: Id, Age"):
        rows(only(tmp_path))


def test_a_value_to_predict_that_is_no_number_is_named(tmp_path):
    (tmp_path / "d.csv").write_text("a,y\n" + "".join(f"{n},{n / 3}\n" for n in range(2500)) + "1,much\n")
    with pytest.raises(DataError, match=r"d\.csv row 2501: y is 'much', not a number"):
        rows(only(tmp_path))


def test_no_rows_no_use():
    from intern.experiments.tables import Table

    assert uses(Table(("a", "b"), [])) == []


def test_real_tables():
    found = {c.name: c for c in find_local(shared("data/tabular"))}
    assert {n: (c.task, c.use.target) for n, c in found.items()} == {
        "adult": ("tabular-classification", "income"),
        "California housing": ("tabular-regression", "median_house_value"),
        "titanic": ("tabular-classification", "Survived"),
    }
    adult = load(found["adult"]).parts
    assert (len(adult["train"]), len(adult["test"])) == (32561, 16281)
    assert adult["train"][0].input["age"] == 39.0 and adult["train"][27].input["workclass"] is None
    (news,) = find_local(shared("data/agnews7600"))
    assert news.task == "text-classification" and rows(news)[""][0].label == "3"
