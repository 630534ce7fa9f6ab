"""A gain counts beyond two sigmas of the same thing measured again; a lucky seed does not."""

from __future__ import annotations

import random

import pytest

from intern.experiments.metrics import Prediction
from intern.experiments.noise import judge, noise_floor, paired_sigma


def test_a_lucky_seed_is_no_improvement():
    """Seed 42 to 137 is "better" by 0.01: within what the baseline does by itself."""
    baseline = [0.80, 0.81, 0.82]
    floor = noise_floor("accuracy", baseline)
    assert floor.sigma == pytest.approx(0.01) and floor.least_gain == pytest.approx(0.02)
    found = judge(floor, baseline, [0.82])
    assert not found.improved and "within the noise floor" in found.words
    assert judge(floor, baseline, [0.84]).improved
    assert "worse beyond" in judge(floor, baseline, [0.70]).words


def test_lower_is_better_where_it_is():
    floor = noise_floor("rmse", [2.0, 2.1, 1.9])
    better, worse = judge(floor, [2.0, 2.1, 1.9], [1.5]), judge(floor, [2.0, 2.1, 1.9], [2.5])
    assert better.improved and better.gain == pytest.approx(0.5) and not worse.improved


def test_one_measurement_of_the_baseline_is_no_floor():
    found = judge(noise_floor("accuracy", [0.5]), [0.5], [0.99])
    assert not found.improved and "noise is unknown" in found.words
    with pytest.raises(ValueError, match="not measured"):
        noise_floor("accuracy", [])


def test_a_method_without_chance_still_has_the_noise_of_its_rows():
    floor = noise_floor("accuracy", [0.9, 0.9], over_rows=0.02)
    assert floor.sigma == 0.02 and not judge(floor, [0.9, 0.9], [0.93]).improved


def test_the_noise_of_rows_is_that_of_a_difference():
    """Two models that differ on 40 of 400 rows: sigma of the difference is sqrt(40)/400."""
    chance = random.Random(1)
    right = [chance.choice("ab") for _ in range(400)]
    old = [Prediction(r) for r in right]
    new = [Prediction("x") if n < 40 else p for n, p in enumerate(old)]
    assert paired_sigma("accuracy", old, old, right) == 0
    assert paired_sigma("accuracy", old, new, right) == pytest.approx((0.1 * 0.9 / 400) ** 0.5, rel=0.15)
