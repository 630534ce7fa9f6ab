"""Selection rows come from what programs may learn from, are sealed like test rows, and are never the test rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intern.experiments.data import prepare, sealed_labels
from intern.experiments.preflight import Situation, preflight
from intern.experiments.selection import selection_data
from intern.experiments.sources import find_local
from tests.experiments.samples import manifest, parameter, probe, spec


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(folder: Path, **parts: int) -> Path:
    folder.mkdir()
    for part, count in parts.items():
        lines = [f"{part} sentence number {n},{'yes' if n % 2 else 'no'}\n" for n in range(count)]
        (folder / f"{part}.csv").write_text("text,label\n" + "".join(lines))
    return folder


@pytest.mark.parametrize(("validation", "source"), [(120, "dev sentence"), (10, "train sentence")])
def test_the_selection_part_is_sealed_and_nobody_elses(tmp_path, validation, source):
    (candidate,) = find_local(write(tmp_path / "rows", train=200, dev=validation, test=50))
    data, sealed = tmp_path / "data", tmp_path / "sealed"
    before = prepare(candidate, data, sealed)
    made = selection_data(before, data, tmp_path / "selection", sealed)
    parts = {name: rows(tmp_path / "selection" / f"{name}.jsonl") for name in ("train", "validation", "test")}
    assert {name: len(part) for name, part in parts.items()} == made.ref.splits
    assert all("label" not in row and str(row["text"]).startswith(source) for row in parts["test"])
    texts = [{row["text"] for row in part} for part in parts.values()]
    assert not texts[0] & texts[2] and not texts[1] & texts[2]
    assert not texts[2] & {row["text"] for row in rows(data / "test.jsonl")}
    labels = sealed_labels(sealed, made.ref.id)
    assert list(labels) == [row["id"] for row in parts["test"]] and made.ref.fingerprint != before.ref.fingerprint
    right = {row["text"]: row["label"] for name in ("train", "validation") for row in rows(data / f"{name}.jsonl")}
    assert [right[row["text"]] for row in parts["test"]] == list(labels.values())
    again = selection_data(before, data, tmp_path / "again", sealed)
    assert again.ref.fingerprint == made.ref.fingerprint, "a run that goes on has the same part"


def test_it_passes_pre_flight_like_any_data(tmp_path):
    (candidate,) = find_local(write(tmp_path / "rows", train=200, dev=120, test=50))
    before = prepare(candidate, tmp_path / "data", tmp_path / "sealed")
    made = selection_data(before, tmp_path / "data", tmp_path / "selection", tmp_path / "sealed")
    checks = preflight(
        Situation(
            spec=spec(data=made.ref), manifest=manifest(parameter("steps", 500)), probe=probe(), data=tmp_path / "selection",
            sealed=tmp_path / "sealed", memory_mb=1000, free_disk_mb=5000, seconds_left=100, seeds_left=2, usd_left=0,
        )
    )  # fmt: skip
    assert all(check.ok for check in checks), checks


def test_a_text_is_cut_so_that_no_context_shows_another_rows_character(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "story.txt").write_text("\n".join(f"{n} was born once upon a time, as number {n}" for n in range(4000)))
    (candidate,) = find_local(folder, "text-generation")
    before = prepare(candidate, tmp_path / "data", tmp_path / "sealed")
    made = selection_data(before, tmp_path / "data", tmp_path / "selection", tmp_path / "sealed")
    tests = rows(tmp_path / "selection" / "test.jsonl")
    labels = sealed_labels(tmp_path / "sealed", made.ref.id)
    assert len(tests) == len(labels) >= 20 and all(set(row) == {"id", "context"} for row in tests)
    learned = "".join(str(row["text"]) for row in rows(tmp_path / "selection" / "train.jsonl"))
    held = [str(row["context"]) + str(labels[str(row["id"])]) for row in tests]
    assert not any(text in learned for text in held)
