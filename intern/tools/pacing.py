"""How improve mode divides its time: trainings of uneven length on a machine that others use too.

A training may take longer than planned before it is cut short, since a number that was cut short says more about the machine
than about the change; what it really took decides how many more there will be.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

from intern.experiments.journal import Journal
from intern.tools.workbench import Workbench

BASELINE_SEEDS, FEW_SEEDS = 3, 2
MANY_TRAININGS = 10
"""With time for so many trainings the baseline, and the test at the end, take three seeds; else two."""
MARGIN = 1.15
"""Of a training's time: what staging and scoring take."""
SLACK = 2.0
"""A training is cut short only after so many times what was planned for it."""
RECENT = 5
"""So many of the last attempts say how long the next training will take: a machine gets busier, and calm again."""


class Pace(NamedTuple):
    """Seconds that are left, seconds of one training as they go now, and how many trainings that is."""

    left: float
    each: float

    def fitting(self) -> int:
        return int(self.left / self.each)


def seeds_of(journal: Journal) -> list[int]:
    """The seeds of the baseline, and at most of the test at the end."""
    many = journal.budget_seconds >= MANY_TRAININGS * journal.seconds_per_seed * 0.9  # the design took some of it
    return list(range(1, (BASELINE_SEEDS if many else FEW_SEEDS) + 1))


def pace(bench: Workbench, journal: Journal) -> Pace:
    """A killed process's time counts as its journal has it."""
    taken = [n.seconds / len(n.scores) for n in journal.nodes if n.scores]
    left = min(journal.budget_seconds - journal.spent_seconds, bench.seconds_left)
    if not taken:
        return Pace(max(0.0, left), journal.seconds_per_seed * MARGIN)
    # One training that the machine held up is no measure of the next ones; two of five are.
    usual = sorted(taken[-RECENT:])[-2:][0]
    return Pace(max(0.0, left), max(usual, statistics.fmean(taken[-RECENT:])) * MARGIN)


def attempts_left(bench: Workbench, journal: Journal) -> int:
    """How many more trainings fit beside the test at the end."""
    # The baseline is measured in full at the end; for a best one that may still come, few seeds are kept back.
    seeds = len(seeds_of(journal))
    return max(0, pace(bench, journal).fitting() - seeds - (seeds if journal.best else FEW_SEEDS))


def trial_seconds(bench: Workbench, journal: Journal, seeds: int) -> float:
    """The time limit of a training on the selection part, where so many of them may follow each other."""
    most = pace(bench, journal).left / seeds  # more than is left would not pass the check before the launch
    return round(max(1.0, min(journal.seconds_per_seed * SLACK, most)), 1)


def plan_final(bench: Workbench, journal: Journal) -> None:
    """Settle the test at the end: as many seeds as fit, two at least, and the time of each.

    The first call's word counts, so that a killed run goes on with the same.
    """
    if journal.final_seeds is not None:
        return
    now, experiments = pace(bench, journal), 2 if journal.best else 1
    journal.final_seeds = seeds_of(journal)[: max(FEW_SEEDS, now.fitting() // experiments)]
    share = now.left / (experiments * len(journal.final_seeds))
    journal.final_seconds = round(min(journal.seconds_per_seed * SLACK, max(journal.seconds_per_seed, share)), 1)
