"""Improve mode's end, through the tools: a seed that gives no number does not take the others' numbers along."""

from __future__ import annotations

import pytest

from intern.experiments.journal import Journal
from intern.experiments.run import ProgramFailedError
from intern.tools import improving
from intern.tools.workbench import ToolError


@pytest.fixture
def failing(monkeypatch):
    """Seeds whose training on the test part is killed, as on a machine that stands still."""
    seeds: set[int] = set()
    train = improving.train_seed

    def or_fail(bench, stored, seed, name, *rest, **more):
        if name.startswith("test of") and seed in seeds:
            raise ProgramFailedError("The job was ended after 119 s, its hard limit.")
        return train(bench, stored, seed, name, *rest, **more)

    monkeypatch.setattr(improving, "train_seed", or_fail)
    return seeds


def test_the_end_counts_the_seeds_that_were_measured(desk, failing):
    started = desk.start_improving(spec_id=desk.designed(steps=20))
    failing.add(1)
    done = desk.finish_improving(improve_id=started["improve_id"])
    left = len(desk.bench.load("improve", started["improve_id"], Journal).final_seeds) - 1
    assert f"over {left} seed" in done["words"]
    notes = [n.text for n in desk.events("note") if n.level == "warning"]
    assert any(n.startswith("Seed 1 of the test of attempt 0 gives no number: The job was ended") for n in notes)
    told = [f.value for f in desk.events("fact") if f.name == "improvement"][-1]
    assert (told["kept"], told["discarded"], told["failed"]) == (0, 0, 0) and told["final"]["baseline"]


def test_no_seed_at_all_is_no_end(desk, failing):
    started = desk.start_improving(spec_id=desk.designed(steps=20))
    failing |= {1, 2, 3}
    with pytest.raises(ToolError, match="hard limit"):
        desk.finish_improving(improve_id=started["improve_id"])
