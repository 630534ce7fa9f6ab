"""Data laid out for a small model's code: what is for testing stays back, and what was open is not called sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from intern.tools.given import hand_over, lay_out, open_labels
from tests.experiments.samples import data_ref


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train/cat/1.txt", "test/cat/2.txt", "TREC.train", "TREC.test", "other.csv"):
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x,y\n1,2\n")
    return tmp_path / "given"


def test_files_for_testing_stay_back_whatever_part_of_their_path_says_so(desk, folder):
    desk.bench.data = folder
    assert sorted(lay_out(desk.bench)) == ["TREC.train", "other.csv", "train/cat/1.txt"]
    found = {p.relative_to(desk.run.folder / "work").as_posix() for p in (desk.run.folder / "work").rglob("*.*")}
    assert found == {"TREC.train", "other.csv", "train/cat/1.txt"}


def test_data_without_files_for_testing_is_open_also_beside_data_that_has_them(desk, folder):
    desk.bench.data = folder
    assert open_labels(desk.bench, data_ref()) == [], "nothing was laid out"
    lay_out(desk.bench)
    assert open_labels(desk.bench, data_ref(official_test=True)) == []
    assert open_labels(desk.bench, data_ref(official_test=False)), "its test rows were cut off from what was laid out"
    assert open_labels(desk.bench, data_ref(source="bundled", official_test=False)) == []


def test_files_that_the_task_names_are_laid_out_where_the_person_sits_at_this_machine(desk, tmp_path, monkeypatch):
    for name in ("staff.csv", "fix.py"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF")
    monkeypatch.chdir(tmp_path)
    desk.bench.data = desk.bench.paper = None
    task = f"Count the rows of {tmp_path}/staff.csv. Then run fix.py, and read ./paper.pdf and none.csv, 3.5 times and/or more."
    assert not hand_over(desk.bench, task, here=False).files
    given = hand_over(desk.bench, task, here=True)
    assert sorted(given.files) == ["fix.py", "staff.csv"] and desk.bench.paper == str(tmp_path / "paper.pdf")
    assert given.names[f"{tmp_path}/staff.csv"] == "staff.csv" and "read_csv('staff.csv')" in given.look.code
    assert given.names["./paper.pdf"] == "the paper paper"
    assert (desk.run.folder / "work" / "staff.csv").is_file() and given.look.kind == "files"


def test_a_folder_that_the_task_names_is_laid_out_by_its_files(desk, folder):
    desk.bench.data = desk.bench.paper = None
    assert not hand_over(desk.bench, "What is in / and in /tmp?", here=True).files
    given = hand_over(desk.bench, f"Join the tables in {folder}/, please.", here=True)
    assert sorted(given.files) == ["TREC.train", "other.csv"], "its test part stays back here too"


def test_what_was_given_goes_before_what_is_named(desk, folder, tmp_path):
    other = tmp_path / "named.csv"
    other.write_text("a\n1\n")
    desk.bench.data = folder / "other.csv"
    assert list(hand_over(desk.bench, f"Look at {other}", here=True).files) == ["other.csv"]


def test_hidden_files_and_links_that_lead_out_of_a_folder_stay_where_they_are(desk, folder, tmp_path):
    (tmp_path / "key.txt").write_text("secret")
    (folder / ".env").write_text("KEY=secret")
    (folder / "link.csv").symlink_to(tmp_path / "key.txt")
    desk.bench.data = desk.bench.paper = None
    named = hand_over(desk.bench, f"Join the tables in {folder}/, please.", here=True).files
    assert sorted(named) == ["TREC.train", "other.csv"]


def test_two_files_of_one_name_stay_two(desk, tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "rows.csv").write_text(f"{place}\n1\n")
    desk.bench.data = desk.bench.paper = None
    given = hand_over(desk.bench, f"Compare {tmp_path}/a/rows.csv and {tmp_path}/b/rows.csv.", here=True)
    work = desk.run.folder / "work"
    assert {(work / name).read_text()[0] for name in given.files} == {"a", "b"}
    assert {(work / given.names[f"{tmp_path}/{place}/rows.csv"]).read_text()[0] for place in "ab"} == {"a", "b"}
