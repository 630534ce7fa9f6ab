"""Numbers as papers write them: 1,000, 2K, 3 × 10^-4, 1e-5, 50%, "one million", "half"."""

from __future__ import annotations

import math
import re

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "sixteen": 16, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "hundred": 100, "single": 1,
}  # fmt: skip
SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "hundred": 1e2, "t": 1e12}

_PLAIN = r"(?:\d{1,3}(?:[, ]\d{3})+(?![\d])(?:\.\d+)?|\d+\.\d+|\d+\.(?=[eE]-?\d)|\.\d+|\d+)"
NUMBER = (
    r"(?:-?(?:"
    + _PLAIN
    + r"\s?[x×·*]\s?10\s?(?:\^\s?)?-?\s?\d{1,2}(?!\d|\.\d)"
    + r"|2\s?\^\s?\d{1,2}(?!\d)"
    + r"|10\s?\^\s?-?\s?\d{1,2}(?!\d)|10-\d{1,2}(?![\d-])"
    + r"|"
    + _PLAIN
    + r"(?:\s?[eE]\s?[-+]?\s?\d{1,2}(?![\w]))?(?:\s?%|\s?(?:million|billion|thousand|hundred)\b|\s?[kKMB](?!\w|-(?![a-z])))?))"
)
WORD_NUMBER = (
    r"(?:half a million|"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|sixteen|twenty|thirty|forty|fifty|sixty|single"
    r"|an?(?=\s(?:million|hundred|thousand)))"
    r"(?:[\s-](?:hundred|thousand|million|billion))?)"
)
_POWER = re.compile(rf"(-?{_PLAIN})\s?[x×·*]\s?10\s?(?:\^\s?)?(-?\s?\d{{1,2}})$")
_BARE_POWER = re.compile(r"10\s?(?:\^\s?)?(-?\s?\d{1,2})$")
_POWER_OF_TWO = re.compile(r"2\s?\^\s?(\d{1,2})$")
_SIMPLE = re.compile(rf"(-?{_PLAIN}(?:\s?[eE]\s?[-+]?\s?\d{{1,2}})?)\s?(%|million|billion|thousand|hundred|[kKMBT])?$")


def parse_number(text: str) -> float | None:
    """The value of one number, None when the text is none. 50% is 0.5."""
    text = text.strip().rstrip(".")
    lower = text.lower().replace("-", " ") if text[:1].isalpha() else ""
    if lower:
        return _parse_words(lower)
    if match := _POWER_OF_TWO.fullmatch(text):
        return float(2 ** int(match.group(1)))
    if match := _POWER.fullmatch(text):
        return _scaled(_float(match.group(1)), 10.0 ** int(match.group(2).replace(" ", "")))
    if (match := _BARE_POWER.fullmatch(text)) and ("^" in text or "-" in text):
        return _tidy(10.0 ** int(match.group(1).replace(" ", "")))
    if match := _SIMPLE.fullmatch(text):
        value, unit = _float(match.group(1)), match.group(2)
        if value is None or not unit:
            return value
        return _scaled(value, 0.01 if unit == "%" else SCALES[unit.lower()])
    return None


def _parse_words(text: str) -> float | None:
    if text == "half a million":
        return 5e5
    first, _, second = text.partition(" ")
    value = 1.0 if first in ("a", "an") else WORDS.get(first)
    if value is None:
        return None
    return float(value) * SCALES.get(second.strip(), 1.0) if second else float(value)


def _float(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace(" ", ""))
    except ValueError:
        return None
    return _tidy(value) if math.isfinite(value) else None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else _tidy(value * factor)


def _tidy(value: float) -> float:
    """Six significant digits would lose 106,449; twelve take binary dust away."""
    return float(f"{value:.12g}")


def as_value(number: float) -> int | float:
    """An int where the number is whole."""
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def compact(number: float) -> str:
    """A number for a list in a string: 5e-05 as 5e-5."""
    text = f"{number:g}"
    return re.sub(r"e([-+])0*(\d)", lambda m: f"e{'-' if m.group(1) == '-' else ''}{m.group(2)}", text)
