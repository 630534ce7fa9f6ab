"""Data laid out for a small model's code: what is for testing stays back, and what was open is not called sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from intern.tools.given import lay_out, open_labels
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
