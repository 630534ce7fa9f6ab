"""What an audit of given data found, against what an answer says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intern.agent.doubt_words import ABOUT_FAULTS, AUDIT, DOUBLED


def found_in(printed: str) -> tuple[str, ...]:
    """What is wrong with the data by the audit that a first look has printed, a sentence each."""
    lines = [line.removeprefix(AUDIT) for line in printed.splitlines() if line.startswith(AUDIT)]
    worries = [w for line in lines for w in re.split(r"(?<=\.) (?=\S)", line)]
    return tuple(w for w in worries if w and w != "nothing wrong")


def left_out(worries: Sequence[str], words: str, task: str) -> list[str]:
    """Those that an answer to a task about faults of data does not speak of: nothing of the column, or of doubled rows."""
    if not ABOUT_FAULTS.search(task):
        return []
    said = words.casefold()
    return [w for w in worries if not (w.partition(":")[0].casefold() in said if ":" in w else DOUBLED.search(words))]
