"""Values as papers and people write them, in the types that programs take."""

from __future__ import annotations

import re
from typing import Any

from intern.experiments.spec import Value

NUMBER = re.compile(r"\s*[~≈]?\s*(-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w%])")
"""A number that a text begins with; "300K" and "5%" are none, since their unit would change the value."""
TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "used": True,
    "false": False,
    "no": False,
    "off": False,
    "not used": False,
}


def coerce(value: Any, like: Value) -> Value | None:
    """`value` in the type of `like`, or None. Text gives the number that it begins with, or all of them for a list."""
    if isinstance(like, bool):
        return value if isinstance(value, bool) else TRUTHS.get(str(value).strip().lower())
    if isinstance(like, list):
        found = (coerce(part, like[0]) for part in _parts(value))
        return [number for number in found if number is not None] or None  # type: ignore[return-value]
    if isinstance(like, int | float):
        match = NUMBER.match(str(value))
        if match is None:
            return None
        number = float(match[1].replace(",", ""))
        return int(number) if isinstance(like, int) and number.is_integer() else number
    return str(value)


def _parts(value: Any) -> list[Any]:
    """The items of a list, or of a text like "3, 4, 5" or "3,4,5" or "1,024 and 2,048"."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, list | tuple) else [value]
    parts = [part for part in re.split(r"[;,]?\s+|;", value.strip(" ()[]{}")) if part]
    return parts[0].split(",") if len(parts) == 1 else parts


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_float(value: object) -> float:
    return float(value)  # type: ignore[arg-type]


def show(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def words_of(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
