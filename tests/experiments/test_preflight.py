"""Each check fails for its own reason, says what to do, and lets everything else through."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intern.experiments.data import prepare
from intern.experiments.preflight import Situation, preflight
from intern.experiments.sources import find_local
from intern.experiments.spec import Hyperparameter
from tests.experiments.samples import manifest, parameter, probe, spec, write_rows


@pytest.fixture
def ready(tmp_path: Path) -> Situation:
    """Everything is as it should be."""
    (candidate,) = find_local(write_rows(tmp_path / "rows"))
    data = prepare(candidate, tmp_path / "data", tmp_path / "sealed")
    return Situation(
        spec=spec(data=data.ref), manifest=manifest(parameter("steps", 500)), probe=probe(), data=tmp_path / "data",
        sealed=tmp_path / "sealed", memory_mb=1000, free_disk_mb=5000, seconds_left=100, seeds_left=2, usd_left=0.0,
    )  # fmt: skip


def failed(situation: Situation) -> dict[str, str]:
    return {c.check: c.detail for c in preflight(situation) if not c.ok}


def rewrite(path: Path, change: Any) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in change(rows)))


def test_what_is_ready_passes_and_an_unknown_licence_is_flagged(ready):
    checks = preflight(ready)
    assert all(c.ok for c in checks)
    assert [c.check for c in checks] == [
        "data", "columns", "leakage", "smoke run", "memory", "disk", "time", "money", "destination", "licence",
    ]  # fmt: skip
    assert [c.check for c in checks if c.flagged] == ["licence"]
    assert "is not known" in checks[-1].detail
    assert {c.check: c.detail for c in checks}["columns"] == "text → label (text-classification)"


CHANGES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no smoke run": ({"probe": None}, "smoke run", "design the experiment again"),
    "no step": ({"probe": probe(step=0.0)}, "smoke run", "did not really train"),
    "no predictions": ({"probe": probe().model_copy(update={"predictions": 0})}, "smoke run", "no predictions"),
    "memory": ({"memory_mb": 60}, "memory", "make the model or batch smaller"),
    "gpu": (
        {"gpu_memory_mb": 100.0, "probe": probe().model_copy(update={"peak_gpu_memory_mb": 90.0})},
        "memory",
        "90 MB of 100 MB GPU memory",
    ),
    "disk": ({"free_disk_mb": 10}, "disk", "make room"),
    "time": ({"seconds_left": 1.0, "seeds_left": 20}, "time", "20 seeds of 10 s do not fit"),
    "unknown price": ({"price_usd": None}, "money", "nobody knows"),
    "destination": ({"publishing": True, "destination": Path("/proc/nothing/here")}, "destination", "cannot be written"),
    "other task": ({"manifest": manifest(task="translation")}, "columns", "is for translation"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "check", "why"), CHANGES.values(), ids=CHANGES)
def test_one_thing_wrong_is_one_failed_check(ready, change, check, why):
    found = failed(replace(ready, **change))
    assert list(found) == [check]
    assert re.search(why, found[check]), found


def test_money_within_the_budget_passes_and_is_said(ready):
    checks = {c.check: c for c in preflight(replace(ready, price_usd=0.4, usd_left=1.0))}
    assert checks["money"].ok and checks["money"].detail == "at most $0.40 of $1.00" and not checks["money"].flagged


def test_money_beyond_the_budget_is_for_a_person_to_decide(ready):
    checks = {c.check: c for c in preflight(replace(ready, price_usd=0.4, usd_left=0.1))}
    assert checks["money"].ok and checks["money"].flagged and "a person has to agree" in checks["money"].detail


def test_a_setting_that_the_program_does_not_have(ready):
    strange = ready.spec.model_copy(
        update={"hyperparameters": [Hyperparameter(name="magic", value=1, origin="assumed")]}
    )
    assert "no setting 'magic'" in failed(replace(ready, spec=strange))["columns"]


def test_labels_that_the_test_part_shows(ready):
    rewrite(ready.data / "test.jsonl", lambda rows: [row | {"label": "HUM"} for row in rows])
    assert "not sealed" in failed(ready)["columns"]


def test_sealed_labels_of_other_rows(ready):
    rewrite(ready.data / "test.jsonl", lambda rows: rows[1:])
    assert "not the same rows" in failed(ready)["data"]


def test_a_test_part_that_is_the_training_part_is_no_test(ready):
    """A file that is called train and holds the evaluation rows."""
    tests = [json.loads(line)["text"] for line in (ready.data / "test.jsonl").read_text().splitlines()]
    rewrite(ready.data / "train.jsonl", lambda rows: [r | {"text": tests[n % 10].upper()} for n, r in enumerate(rows)])
    assert "10 of 10 test rows also occur in the training part" in failed(ready)["leakage"]


def test_a_few_shared_rows_are_flagged(ready):
    tests = [json.loads(line)["text"] for line in (ready.data / "test.jsonl").read_text().splitlines()]
    rewrite(ready.data / "train.jsonl", lambda rows: [rows[0] | {"text": f"{tests[0]} "}, *rows[1:]])
    leakage = next(c for c in preflight(ready) if c.check == "leakage")
    assert leakage.ok and leakage.flagged and leakage.detail.startswith("1 of 10 test rows")
