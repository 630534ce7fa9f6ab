"""Seeds of one experiment at the same time, one thread each, where that is faster than one after the other.

A small model gains little from a second core, so two seeds on a core each are done sooner. Whether that holds is measured
by a second smoke run at one thread; the memory of both has to fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import psutil

from intern.compute.local import usable_threads
from intern.experiments.design import Probe
from intern.experiments.evidence import NoEvidenceError, SeedRun
from intern.experiments.preflight import MEMORY_MARGIN
from intern.experiments.run import ProgramFailedError

PROBE_SHARE = 0.1
"""Of the time that is left: more than this no second smoke run may take."""
LEAST_SECONDS = 90.0
"""Of all seeds one after the other: below this a second smoke run does not pay."""
MOST_SEEDS = 5
"""More are asked for in improve mode, which trains one after the other, each to be judged before the next."""
CROWDED = 1.15
"""How much slower a step is expected to be beside another training, whatever the cores."""


class Lanes(NamedTuple):
    """How many seeds train at a time, with how many threads each, and how fast that is."""

    width: int
    threads: int
    timing: Probe

    def rounds(self, seeds: int) -> int:
        """Trainings that follow each other."""
        return math.ceil(seeds / self.width)


def choose_lanes(
    timing: Probe, seeds: int, needed: Callable[[Probe], float], again: Callable[[], Probe], *, took: float, left: float
) -> Lanes:
    """`timing`: with all threads, a smoke run that took `took` of the seconds before `left`; `needed`: seconds of one seed at
    such a speed; `again`: the smoke run at one thread."""
    cores = usable_threads()
    alone = Lanes(1, cores, timing)
    count = min(cores, seeds)
    free_mb = psutil.virtual_memory().available / 2**20
    if not 2 <= seeds <= MOST_SEEDS or count < 2 or timing.peak_memory_mb * MEMORY_MARGIN * count > free_mb:
        return alone
    one_by_one = needed(timing) * seeds
    if one_by_one < LEAST_SECONDS or timing.peak_gpu_memory_mb or took > PROBE_SHARE * left:
        return alone
    single = again()
    crowded = single.model_copy(update={"seconds_per_step": single.seconds_per_step * CROWDED})
    beside = Lanes(count, 1, crowded)
    return beside if needed(crowded) * beside.rounds(seeds) < one_by_one else alone


def train_together(
    seeds: Sequence[int], lanes: int, train: Callable[[int], SeedRun], keep: Callable[[SeedRun], None]
) -> SeedRun:
    """Train the seeds, `lanes` at a time; returns what became of the first and hands the others to `keep`.

    Raises what training the first raised. Another one that gave no number is left to its own turn, which says why.
    """
    with ThreadPoolExecutor(lanes, "seed") as pool:
        futures: list[Future[SeedRun]] = [pool.submit(train, seed) for seed in seeds]
        first = futures[0].exception()
        for future in futures[1:]:
            try:
                keep(future.result())
            except (ProgramFailedError, NoEvidenceError):
                continue
    if first is not None:
        raise first
    return futures[0].result()
