"""Sentences that open with the setting they are about: "Regarding the batch size, we use 32 for the small sets"."""

from __future__ import annotations

import re

_OPENS = re.compile(r"(?:Regarding|As for|Concerning|In terms of|With (?:regard|respect) to)(?: the| our)? ")
_TAKES = re.compile(
    r"\b(?:uses?|utili[sz]es?|used|takes?|adopts?|employs?|sets?(?: it)?(?: to| at)?|chose|choose)(?: an?| a value of)? $"
)


def value_of(text: str, start: int, end: int, values: re.Pattern[str]) -> tuple[int, int] | None:
    """Where the first value behind the topic at [start, end) stands, if someone takes it."""
    if not _OPENS.fullmatch(text[:start]) or not text[end:].startswith(", "):
        return None
    match = values.search(text, end)
    return match.span() if match and _TAKES.search(text[: match.start()]) else None
