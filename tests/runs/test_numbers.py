"""How measured numbers are written for people."""

from __future__ import annotations

import pytest

from intern.runs.numbers import shown, with_spread


@pytest.mark.parametrize(
    ("mean", "std", "said"),
    [
        (99.7312, 0.1694, ("99.73", "0.17")), (0.9912, 0.00213, ("0.9912", "0.0021")), (90.0, 1.0, ("90.0", "1.0")),
        (45981.4, 1234.0, ("45,981", "1,234")), (0.5, None, ("0.5", "")), (1.0, 0.0, ("1", "0")),
        (28.4, 1e-9, ("28.4", "1e-09")), (-0.25, 0.5, ("-0.25", "0.50")), (float("nan"), 1.0, ("nan", "1")),
    ],
)  # fmt: skip
def test_a_mean_has_the_decimals_of_its_deviation(mean: float, std: float | None, said: tuple[str, str]):
    assert with_spread(mean, std) == said


def test_large_numbers_are_whole_and_grouped():
    assert [shown(value) for value in (0.91642, 28.4, 45981.2)] == ["0.9164", "28.4", "45,981"]
