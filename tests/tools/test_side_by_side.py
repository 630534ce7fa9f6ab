"""Seeds that train at the same time: only where it is measured to be faster, fits memory, and each stays its own."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from intern.experiments.design import Probe
from intern.experiments.evidence import SeedRun
from intern.experiments.run import ProgramFailedError
from intern.tools import side_by_side
from intern.tools.side_by_side import choose_lanes, train_together


def timed(step: float, memory: float = 100.0) -> Probe:
    return Probe(
        startup_seconds=1, seconds_per_step=step, seconds_per_prediction=0, parameters=9, peak_memory_mb=memory
    )


@pytest.mark.parametrize(
    ("seeds", "single", "steps", "memory", "left", "lanes"),
    [
        (3, 0.012, 10_000, 100.0, 300, (2, 1)),  # a second core helps little: two at a time
        (3, 0.030, 10_000, 100.0, 300, (1, 2)),  # it helps much: one after the other
        (3, 0.012, 100, 100.0, 300, (1, 2)),  # over in a moment
        (1, 0.012, 10_000, 100.0, 300, (1, 2)),
        (14, 0.012, 10_000, 100.0, 300, (1, 2)),  # improve mode
        (3, 0.012, 10_000, 3000.0, 300, (1, 2)),  # two do not fit
        (3, 0.012, 10_000, 100.0, 80, (1, 2)),  # a second smoke run of 10 s would be too dear
    ],
)
def test_lanes_are_chosen_by_measuring(monkeypatch, seeds, single, steps, memory, left, lanes):
    monkeypatch.setattr(side_by_side, "usable_threads", lambda: 2)
    free = SimpleNamespace(available=8 * 2**30)
    monkeypatch.setattr(side_by_side.psutil, "virtual_memory", lambda: free)
    chosen = choose_lanes(
        timed(0.010, memory), seeds, lambda t: t.startup_seconds + steps * t.seconds_per_step, lambda: timed(single),
        took=10.0, left=left,
    )  # fmt: skip
    assert (chosen.width, chosen.threads) == lanes
    assert chosen.rounds(seeds) == -(-seeds // chosen.width)


def measured(seed: int) -> SeedRun:
    return SeedRun(seed=seed, backend="local", seconds=1.0, exit_status=0, metrics={"accuracy": 0.5})


def test_so_many_train_at_a_time_and_a_failure_is_left_to_its_own_turn():
    at_work, most, kept, lock = 0, 0, [], threading.Lock()

    def train(seed: int) -> SeedRun:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.1)
        with lock:
            at_work -= 1
        if seed == 3:
            raise ProgramFailedError("no memory")
        return measured(seed)

    assert train_together([1, 2, 3, 4], 2, train, kept.append).seed == 1
    assert most == 2 and [run.seed for run in kept] == [2, 4]
    with pytest.raises(ProgramFailedError, match="no memory"):
        train_together([3, 1], 2, train, kept.append)
    assert [run.seed for run in kept] == [2, 4, 1]


def test_one_call_measures_all_seeds_and_each_is_told(desk, monkeypatch):
    """Through the tools, with the real backend: two jobs at a time, evidence of each, one thread each."""
    monkeypatch.setattr("intern.compute.local.usable_threads", lambda: 2)
    spec_id = desk.designed(steps=20)
    stored = desk.bench.load_spec(spec_id)
    one_thread = stored.spec.model_copy(update={"threads": 1})
    desk.bench.save("spec", one_thread.id, stored.model_copy(update={"spec": one_thread, "lanes": 2}))
    told = desk.run_seed(spec_id=one_thread.id, seed=1)
    assert told["seed"] == 1 and told["also_measured"] == [2]
    facts = {f.key: f.value for f in desk.events("fact") if f.name == "seed_run"}
    assert set(facts) == {f"{one_thread.id}-seed1", f"{one_thread.id}-seed2"}
    assert all(f["evidence"]["level"] == "sealed" for f in facts.values())
    jobs = [(j.seed, j.phase) for j in desk.events("job")]
    assert jobs.index((2, "started")) < jobs.index((1, "finished")), jobs
    count = len(jobs)
    assert desk.run_seed(spec_id=one_thread.id, seed=2)["seed"] == 2 and len(desk.events("job")) == count
