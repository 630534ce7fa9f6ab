"""What a person should know of a data set before a number is believed, in plain words; the worst come first."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence

from intern.experiments.images import Pixels
from intern.experiments.loading import Row, canonical
from intern.experiments.spec import Task

SMALL_TEST = 100
UNEVEN = 20
"""A class with this many times the rows of another is worth a word."""
FAR = 10.0
"""A number this many times the middle half's width away from it is odd."""
RUN = 8
"""Words in a row that two texts must share to be called near-duplicates."""
Parts = dict[str, list[Row]]


def audit_rows(parts: Parts, task: Task) -> list[str]:
    """Missing, doubled and odd values in the rows as they came, by split ("" = not split)."""
    found = []
    for name, part in parts.items():
        where = f"the {name} file" if name else "the data"
        empty = sum(not usable(r) for r in part)
        if empty:
            found.append(f"{empty} rows of {where} lack a text or a label and are left out.")
        doubled = len(part) - len({canonical(r.input) for r in part})
        if doubled:
            thing = {
                "image-classification": "picture",
                "tabular-classification": "values",
                "tabular-regression": "values",
            }
            found.append(f"{doubled} of {len(part)} rows of {where} repeat another row's {thing.get(task, 'text')}.")
    every = [row for part in parts.values() for row in part]
    if task in ("tabular-classification", "tabular-regression"):
        found += _columns(every)
    elif task == "text-classification":
        found += _long_texts(every)
    if task == "tabular-regression":
        found += _odd("The value to predict", [float(r.label) for r in every if r.label])
    return found


def usable(row: Row) -> bool:
    """Whether a row has an input and a label."""
    return bool(row.input) and bool(row.label)


def audit_splits(splits: Parts, task: Task) -> list[str]:
    """How train and test hang together: doubles, near-duplicates, classes, and what the simplest guess would score."""
    train, test = splits["train"], splits["test"]
    found = _overlap(train, test)
    if len(test) < SMALL_TEST:
        found.append(f"There are only {len(test)} test rows: one row more or less is {100 / len(test):.1f} per cent.")
    if task.endswith("-classification"):
        found += _classes(train, test)
    return found


def _overlap(train: Sequence[Row], test: Sequence[Row]) -> list[str]:
    """Test rows that are also in training make a score look better than it is."""
    found = shared_rows(train, test, "the training part", "a training row", "test rows")
    return found or ["No test row occurs in the training part."]


def shared_rows(one: Sequence[Row], other: Sequence[Row], place: str, a_row: str, things: str) -> list[str]:
    """How many rows of `other` (called `things`) are in `one` (called `place`; one is `a_row`) too, or nearly."""
    seen = {_folded(r) for r in one}
    left = [r for r in other if _folded(r) not in seen]
    shared = len(other) - len(left)
    near_keys = {key for r in one for key in _near_keys(r)}
    near = sum(any(key in near_keys for key in _near_keys(r)) for r in left)
    found = []
    if shared:
        same = "same text" if isinstance(other[0].input, str) else "same values"
        occur = "occurs" if shared == 1 else "occur"
        found.append(f"{shared} of {len(other)} {things} also {occur} in {place} ({same}).")
    if near:
        found.append(
            f"{near} of {len(other)} {things} {'is' if near == 1 else 'are'} nearly the same as {a_row} ({_nearly(other[0])})."
        )
    return found


def _folded(row: Row) -> str:
    return " ".join(row.input.casefold().split()) if isinstance(row.input, str) else canonical(row.input)


def _nearly(row: Row) -> str:
    if isinstance(row.input, str):
        return f"the same words but for numbers and marks, or {RUN} words in a row"
    if isinstance(row.input, Pixels):
        return "the same picture at half the resolution in 8 shades"
    return "the same values to three digits"


def _near_keys(row: Row) -> list[str]:
    """What rows that are nearly the same have in common."""
    value = row.input
    if isinstance(value, Pixels):
        return [_coarse(value)]
    if not isinstance(value, str):
        parts = (f"{v:.3g}" if isinstance(v, float) else str(v).casefold() for v in value.values())
        return ["|".join(parts)]
    words = re.findall(r"[^\W\d_]+", value.casefold())
    if len(words) < 4:
        return []
    runs = [" ".join(words[n : n + RUN]) for n in range(len(words) - RUN + 1)]
    return [" ".join(words), *runs]


def _coarse(image: Pixels) -> str:
    """Every second pixel of every second line, averaged with its neighbours, in 8 shades."""
    height, width = image.shape[:2]
    depth = image.shape[2] if len(image.shape) == 3 else 1
    line, data = width * depth, image.data
    shades = [
        (data[at] + data[at + depth] + data[at + line] + data[at + line + depth]) >> 7
        for y in range(0, height - 1, 2)
        for x in range(0, width - 1, 2)
        for at in range(y * line + x * depth, y * line + x * depth + depth)
    ]
    return bytes(shades).hex()


def _classes(train: Sequence[Row], test: Sequence[Row]) -> list[str]:
    counts = Counter(r.label for r in train)
    found = []
    (most, many), (least, few) = counts.most_common()[0], counts.most_common()[-1]
    if unseen := sorted({r.label for r in test} - set(counts)):
        wrong = sum(r.label in unseen for r in test)
        found.append(
            f"{wrong} test rows have a label that training never shows ({', '.join(unseen[:5])}): always wrong."
        )
    if many >= UNEVEN * few:
        found.append(f"The classes are very uneven: {many:,} rows of {most!r}, {few:,} of {least!r}.")
    always = sum(r.label == most for r in test) / len(test)
    if len(counts) > 1 and always >= 0.6:
        found.append(f"Always saying {most!r} would be right for {100 * always:.1f} % of the test rows.")
    return found


def _columns(rows: Sequence[Row]) -> list[str]:
    """Missing and odd values by column."""
    found, names = [], list(rows[0].input) if rows and isinstance(rows[0].input, dict) else []
    for name in names:
        values = [row.input[name] for row in rows if isinstance(row.input, dict)]
        if missing := sum(v is None for v in values):
            found.append(f"{name}: {missing:,} of {len(values):,} values are missing.")
        found += _odd(name, [v for v in values if isinstance(v, float)])
        if len({v for v in values if v is not None}) == 1:
            found.append(f"{name} has the same value in every row.")
    return found


def _odd(name: str, numbers: Sequence[float]) -> list[str]:
    if len(numbers) < 20 or len(set(numbers)) < 10:
        return []
    low, middle, high = statistics.quantiles(numbers, n=4)
    width = high - low
    far = [v for v in numbers if width and abs(v - middle) > FAR * width]
    if not far:
        return []
    extreme = max(far, key=lambda v: abs(v - middle))
    return [
        f"{name}: {len(far):,} values lie far from the rest (as far as {extreme:g}, half of them within {low:g}–{high:g})."
    ]


def _long_texts(rows: Sequence[Row]) -> list[str]:
    lengths = [len(r.input) for r in rows if isinstance(r.input, str) and r.input]
    if len(lengths) < 20:
        return []
    middle = statistics.median(lengths)
    far = sum(length > FAR * middle for length in lengths)
    return (
        [f"{far} texts are more than {FAR:.0f} times as long as the middle one ({middle:.0f} characters)."]
        if far
        else []
    )
