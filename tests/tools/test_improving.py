"""Improve mode's end, through the tools: a seed that gives no number does not take the others' numbers along."""

from __future__ import annotations

import pytest

from intern.experiments.journal import Journal, Node
from intern.experiments.run import ProgramFailedError
from intern.tools import improving, pacing
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


def journal(*took: float, plan: float = 20.0, budget: float = 280.0) -> Journal:
    """An improvement whose attempts took so many seconds a training."""
    made = Journal(
        id="i", title="t", spec_id="s", data_id="d", selection_id="d-selection", metric="accuracy",
        higher_is_better=True, seconds_per_seed=plan, budget_seconds=budget, spent_seconds=sum(took),
    )  # fmt: skip
    for number, seconds in enumerate(took):
        node = Node(id=number, parent=None, by="search", spec_id="s", program="p", hyperparameters=[], scores=[1.0])
        made.nodes.append(node.model_copy(update={"seconds": seconds}))
    return made


def test_one_training_that_the_machine_held_up_does_not_end_the_search(desk):
    calm = pacing.pace(desk.bench, journal(4, 4, 4, 4))
    assert calm.each == pytest.approx(4 * pacing.MARGIN)
    once = pacing.pace(desk.bench, journal(4, 4, 60, 4)).each
    assert calm.each < once < 20 * pacing.MARGIN
    assert pacing.pace(desk.bench, journal(4, 60, 60, 4)).each == pytest.approx(60 * pacing.MARGIN)


def test_a_training_may_take_longer_than_planned_but_not_longer_than_there_is(desk):
    assert pacing.trial_seconds(desk.bench, journal(4, 4), 2) == 20 * pacing.SLACK
    late = journal(*[40.0] * 6)  # 40 of 280 s are left
    assert pacing.trial_seconds(desk.bench, late, 2) == 20.0 and pacing.attempts_left(desk.bench, late) == 0
    pacing.plan_final(desk.bench, late)
    assert (late.final_seeds, late.final_seconds) == ([1, 2], 20.0), "two seeds at least, each as long as planned"
    rich = journal(4, 4)
    pacing.plan_final(desk.bench, rich)
    assert (rich.final_seeds, rich.final_seconds) == ([1, 2, 3], 40.0)
