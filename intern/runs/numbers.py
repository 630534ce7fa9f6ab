"""How a measured number is written for people."""

from __future__ import annotations

import math


def shown(value: float, digits: int = 4, sign: bool = False) -> str:
    """Four significant digits, large numbers whole and grouped: 0.9164, 28.4, 45,981."""
    plus = "+" if sign else ""
    return f"{value:{plus},.0f}" if abs(value) >= 10_000 else f"{value:{plus}.{digits}g}"


def with_spread(mean: float, std: float | None) -> tuple[str, str]:
    """A mean and its standard deviation: two significant digits of the deviation, the mean to the same decimals.

    (99.7312, 0.1694) is ("99.73", "0.17"). Without a deviation the second is empty; one that is zero, or too small to
    be told beside its mean, leaves the mean its four digits.
    """
    if std is None:
        return shown(mean), ""
    if not (math.isfinite(std) and math.isfinite(mean)) or std <= abs(mean) * 1e-6:
        return shown(mean), shown(std, 2)
    decimals = max(0, 1 - math.floor(math.log10(std)))
    return f"{mean:,.{decimals}f}", f"{std:,.{decimals}f}"
