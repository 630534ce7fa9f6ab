"""A gain counts beyond two sigmas of the same thing measured again; a lucky seed does not."""

from __future__ import annotations

import random

import pytest

from intern.experiments.metrics import Prediction
from intern.experiments.noise import between_means, judge, judge_means, noise_floor, paired_sigma


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


@pytest.mark.parametrize("seeds", [(2, 2), (3, 3), (5, 6), (3, 12)])
def test_between_means_it_is_welchs_test(seeds):
    """A shift of just more than the least gain has a p-value of just under 5 %, as scipy reckons it."""
    stats, chance = pytest.importorskip("scipy.stats"), random.Random(3)
    left, right = ([chance.gauss(0, spread) for _ in range(n)] for n, spread in zip(seeds, (1.0, 2.5), strict=True))
    means = between_means(left, right)
    assert means.factor > 2.0, "never less than two, and more of few seeds"
    centred = [value - sum(right) / len(right) + sum(left) / len(left) for value in right]
    p = [
        stats.ttest_ind([v + s * means.least_gain for v in centred], left, equal_var=False).pvalue for s in (0.99, 1.01)
    ]
    assert p[0] > 0.05 > p[1]


def test_more_seeds_show_a_smaller_difference_and_fewer_a_larger_one_only():
    base, better = [0.80, 0.82, 0.81], [0.825, 0.845, 0.835]
    single = noise_floor("accuracy", base)
    assert judge(single, base, better).improved and judge_means("accuracy", base, better).improved
    assert not judge_means("accuracy", base[:2], better[:2]).improved, "the spread of two seeds is hardly known"
    slight = [value + 0.013 for value in base]
    assert not judge(single, base * 4, slight * 4).improved, "another run may well be as good"
    found = judge_means("accuracy", base * 4, slight * 4)
    assert found.improved and "over 12 and 12 seeds" in found.words, "the mean is not"
    assert not judge_means("accuracy", base * 4, slight * 4, over_rows=0.01).improved, "other rows might differ"
    assert "worse beyond" in judge_means("rmse", base * 4, slight * 4).words
    with pytest.raises(ValueError, match="two seeds of each"):
        between_means([1.0], [1.0, 2.0])
