"""Renting a machine, before anything is planned: which there are, what they cost, and how long a job may last."""

from __future__ import annotations

import math
from collections.abc import Sequence

from intern.account import AccountError
from intern.compute.flavors import START_SECONDS, TIME_MARGIN, Flavor, listed_hardware, live_flavors
from intern.service import Service
from intern.ui.render import render

SEEDS = 3
"""How many jobs the example in the hint has: the usual number of seeds."""
CHEAPEST = "The cheapest that fits"


def machines(service: Service, owner: str) -> list[Flavor]:
    """By price. Of today where this person may rent (the Hub is asked), else as listed."""
    try:
        found = live_flavors(service.accounts.account(owner, "jobs"))
    except AccountError:
        found = listed_hardware().flavors
    return sorted(found, key=lambda flavor: flavor.usd_per_hour)


def choices(flavors: Sequence[Flavor]) -> list[tuple[str, str]]:
    """For a drop-down: what is shown, and the machine's name."""
    return [(CHEAPEST, ""), *((flavor.words, flavor.name) for flavor in flavors)]


def terms(flavors: Sequence[Flavor], name: str, minutes: float, budget: float) -> str:
    """What renting would mean, as HTML: time limit, price at worst, what the budget does, and that one is asked first.

    `minutes`: training time of all seeds; `budget`: US dollars. For no machine in particular the cheapest speaks.
    """
    flavor = next((one for one in flavors if one.name == name), flavors[0])
    worst = {jobs: at_worst(flavor, minutes, jobs) for jobs in (1, SEEDS)}
    return render(
        "rent.html", flavor=flavor, chosen=bool(name), minutes=minutes, limit=limit_minutes(minutes, 1), worst=worst[1],
        seeds=SEEDS, worst_seeds=worst[SEEDS], budget=budget, listed=listed_hardware().listed,
    )  # fmt: skip


def limit_minutes(minutes: float, jobs: int) -> int:
    """The time limit of each of so many jobs that share these minutes of training."""
    return math.ceil(minutes / jobs * TIME_MARGIN + START_SECONDS / 60)


def at_worst(flavor: Flavor, minutes: float, jobs: int) -> float:
    """US dollars when every job takes its whole time limit."""
    return flavor.usd_per_hour / 60 * limit_minutes(minutes, jobs) * jobs
