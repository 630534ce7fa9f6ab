"""How a measured number is written for people."""

from __future__ import annotations


def shown(value: float, digits: int = 4, sign: bool = False) -> str:
    """Four significant digits, large numbers whole and grouped: 0.9164, 28.4, 45,981."""
    plus = "+" if sign else ""
    return f"{value:{plus},.0f}" if abs(value) >= 10_000 else f"{value:{plus}.{digits}g}"
