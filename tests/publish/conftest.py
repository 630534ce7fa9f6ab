"""Finished jobs on disk, as training programs leave them, and the measured runs that belong to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from intern.experiments import programs
from intern.experiments.compare import compare, summarise
from intern.experiments.spec import ExperimentSpec
from intern.publish.bundle import Bundle, stage_bundle
from tests.experiments.samples import claim, install_tiny, reading, seed_run, spec


class Shop:
    """Stages bundles of one experiment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.jobs = root / "jobs"

    def job(self, made: ExperimentSpec, seed: int) -> Path:
        """A finished job's folder."""
        folder = self.jobs / f"{made.id}-seed{seed}"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "model").mkdir(exist_ok=True)
        (folder / "model/config.json").write_text('{"words": 3}')
        (folder / "model/model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}" + bytes([seed]))
        (folder / "spec.json").write_text("{}")
        (folder / "predictions.jsonl").write_text(json.dumps({"id": "test-0", "prediction": "yes"}) + "\n")
        (folder / "data/test.jsonl").write_text(json.dumps({"id": "test-0", "text": "what is a cat"}) + "\n")
        return folder

    def stage(
        self, made: ExperimentSpec | None = None, *, paper: Any = None, runs: list | None = None, **more: Any
    ) -> Bundle:
        made = made or spec()
        runs = runs if runs is not None else [seed_run(1, 0.9125, spec_hash=made.spec_hash),
                                              seed_run(2, 0.9375, spec_hash=made.spec_hash)]  # fmt: skip
        for run in runs:
            self.job(made, run.seed)
        paper = paper or reading(results=(claim("TREC", "accuracy", 91.2), claim("MR", "accuracy", 76.1)))
        summary = summarise(made, runs)
        values = {"not_stated": ["seed"], "audit": ["No test row occurs in the training part."]} | more
        return stage_bundle(
            self.root / "bundle", self.jobs, made, runs, summary, compare(made, summary, paper), **values
        )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    install_tiny(tmp_path / "programs")
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "programs")
    return Shop(tmp_path)
