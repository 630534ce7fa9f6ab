"""What a column of a table of results holds: its measure and its data set, from the headings above it."""

from __future__ import annotations

import re

from intern.papers import known_data
from intern.papers.dataset_names import expanded
from intern.papers.datasets import clean_name, in_label
from intern.papers.labels import canonical
from intern.papers.measures import Measure, find_measure
from intern.papers.model import Grid
from intern.papers.result_columns import (
    SKIP,
    is_architecture,
    is_assignment,
    is_change,
    is_method_heading,
    is_setting,
    may_name_data,
)
from intern.papers.result_context import Context, language_pair, named_in
from intern.papers.result_costs import at_target, cost_of
from intern.papers.usual_measures import usual


def of_heading(
    parts: list[str], context: Context, label: str, extra: str, known: set[str]
) -> tuple[Measure | None, str]:
    """Measure and data set of a column; no measure for columns of sizes."""
    parts = [re.sub(r"(?<=[a-z])\.(?=[a-z]{2}[\w-]*$)", " ", part) for part in parts]  # "LibriSpeech.test-clean"
    text = " ".join(parts)
    if context.letters and parts and parts[-1].strip() in _LETTERS:
        parts = [*parts[:-1], _LETTERS[parts[-1].strip()]]
        text = " ".join(parts)
    if context.ranked and parts and parts[-1].strip(" ↑↓") == "MR":
        parts = [*parts[:-1], "mean rank"]
        text = " ".join(parts)
    if len(parts) > 1 and len(parts[-1]) <= 2 and find_measure(parts[-1]) is None and is_setting(parts[-1:]):
        return None, ""
    if counted := _STEPS_TO.search(text):
        name = f"{counted.group('u').lower()} to {counted.group('n')}% accuracy"
        return Measure(name, False), context.data
    if context.target is not None and _LEVEL.fullmatch(text.strip()):
        return at_target(context.target, text), context.data
    if parts and (cost := cost_of(parts[-1])):
        above = next((name for part in parts[:-1] if (name := in_label(part) or "")), "")
        return (cost, above or context.data) if context.costs else (None, "")
    part = text.strip()
    if _PART.fullmatch(part) and not context.from_caption and (usually := usual(context.captioned)):
        return usually, f"{context.captioned} ({part})"
    if _AGGREGATE.fullmatch(text.strip()) and find_measure(text) is None and _is_scored(context):
        return Measure(f"{text.strip().lower()} score", True), context.data
    shot = _SHOT.search(parts[-1]) if parts else None
    if shot:
        parts = [*parts[:-1], _SHOT.sub("", parts[-1]).strip()]
    measure, data = _of_heading([part for part in parts if part], context, label, extra, known)
    if shot and not any(parts) and context.from_caption:
        measure, data = context.measure, context.data
    if shot and data:
        data = f"{data} ({shot.group().strip()})"
    if measure is not None and context.target is not None and find_measure(_LEVELLED.sub("", text)) is None:
        measure = at_target(context.target, text, label)
    return measure, data


_STEPS_TO = re.compile(
    r"(?P<u>steps|rounds|epochs|iterations) (?:needed )?to (?:reach )?(?P<n>\d{1,2}(?:\.\d+)?) ?%", re.I
)
_LEVELLED = re.compile(r"\d{1,2}(?:\.\d+)? ?% \w+")
_LETTERS = {"P": "precision", "R": "recall", "F": "F1"}
_LEVEL = re.compile(r"\d{1,2}(?:\.\d+)? ?%")
_SHOT = re.compile(r"(?:\d+-way,? ?)?\b\d+[- ]shot\b", re.I)


def _of_heading(
    parts: list[str], context: Context, label: str, extra: str, known: set[str]
) -> tuple[Measure | None, str]:
    text = " ".join(parts)
    if is_architecture(text) and context.data and not canonical(text):
        return (
            context.measure if context.from_caption else meant(context.data, context) or context.measure
        ), context.data
    if context.trained_on and context.data and context.measure and not find_measure(text) and not SKIP.search(text):
        return context.measure, context.data
    data = next((name for part in reversed(parts) if (name := in_label(part))), "")
    data = data or next((_with_short(name, part) for part in reversed(parts) if (name := expanded(part, known))), "")
    data = data or next(
        (plain for part in reversed(parts) if (plain := re.sub(r"\s*[↑↓]", "", clean_name(part))) in known), ""
    )
    data = data or counted_data(text)
    measure = (
        context.arrows.get(text.strip()[-1:])
        or find_measure(without(text, data))
        or context.short.get(parts[-1] if parts else "")
    )
    if (
        measure is not None
        and context.errors
        and re.fullmatch(r"top-[15] accuracy", measure.name)
        and "acc" not in text
    ):
        measure = Measure(measure.name.replace("accuracy", "error"), False)
    if measure is not None and re.fullmatch(r"scores?", text.strip(), re.I) and context.from_caption:
        measure = context.measure
    if is_change(text) or (not data and is_setting(parts)):
        return None, ""
    if measure is not None and measure.name in ("score", "average reward") and re.search(r"avg|average", text, re.I):
        if data in ("", counted_data(text)) or context.measure is None or len(parts) == 1:
            whole = counted_data(text) or context.data or in_label(text) or ""
            stated = context.measure if context.from_caption else None
            return stated or Measure("score", True), f"{whole} average".strip()
        measure = context.measure
    if measure is None and not _is_listed(text, context) and SKIP.search(without(text, data)):
        return None, ""
    if measure is not None and measure.name == "loss" and re.search(r"params", text):
        return None, ""
    short = re.sub(r"[↑↓()%]|\s*[†‡*§]+$", "", text.strip()).strip()
    if measure is None and not data and short not in known and is_measure_of_its_own(text, short, context):
        measure = Measure(short, "↓" not in text)
    split = re.search(r"\b((?:dev|test|val(?:idation)?)(?:-(?:clean|other|std|dev|seen|unseen))?)\d?\b", text, re.I)
    if measure is None and not data and context.from_caption and context.data and _names_a_part(short):
        return context.measure, f"{context.data} ({short})"
    named = (
        short in known
        or (context.captioned and context.from_caption and _PART.fullmatch(short))
        or ((context.from_caption or context.listed) and may_name_data(short))
        or (context.listed and bool(_SMALL_NAME.fullmatch(short)))
        or (split and (len(short) <= 10 or (len(parts) == 2 and len(short) <= 24)))
    )
    if measure is None and not data and not named:
        return None, ""
    found = [hit for hit in known_data.find_names(label) if hit[0] in known] or named_in(label, known)
    if context.captioned:  # "Large (X-960)": what the model was trained on, where the caption says what is tested on
        found = [hit for hit in found if not re.search(r"\w \($", label[: hit[1]])]
    if not data and measure is not None:
        data = _within(_spanning(parts), context, known) or (found[0][0] if found else context.data) or _beneath(parts)
        if data == context.data and data and (half := _half(parts)):
            data = f"{data} ({half})"
        if data and split and split.group(1).lower() not in data.lower():
            data = f"{data} {split.group(1).lower()}"
    elif not data:
        data = short if len(short) < 40 else context.data
        if context.captioned and short not in known and not language_pair(short):
            data = f"{context.captioned} ({short})"
        if split and len(short) <= 10 and context.data:
            data = f"{context.data} {short.lower()}"
    elif split:
        data = f"{data} {split.group(1).lower()}"
    if extra and re.search(r"[a-z]{3}", extra) and len(extra) < 40 and extra.lower() not in data.lower():
        data = f"{data} ({extra})"
    bare = re.sub(r" (?:dev|test|val|validation)(?:-\w+)?$", "", data)
    if data == short and context.data and context.from_caption and _ASPECT.fullmatch(short):
        data = f"{context.data} ({short})"
    measured = (
        measure or context.by_data.get(bare) or (context.measure if context.from_caption else meant(bare, context))
    )
    return measured or context.measure, _exact(parts, data, known)


_SMALL_NAME = re.compile(r"(?!average|mean|overall|total|all|rank)[a-z][a-z\d]{3,}(?:[-_][a-z\d]+)*")
"""A name in small letters, such as data sets of programs have."""


def _is_listed(heading: str, context: Context) -> bool:
    """Whether a heading with a hyphen stands among data sets: "Arxiv-year" is no year there."""
    return (
        context.listed
        and "-" in heading
        and (may_name_data(heading.strip()) or bool(_SMALL_NAME.fullmatch(heading.strip(" †‡*"))))
    )


_PART = re.compile(
    r"(?:low|mid|medium|high|easy|hard|all|overall|seen|unseen|base|novel|head|tail|few|many|clean|noisy|short|long|small|large|random|scaffold)"
    r"(?:[- ](?:resource|shot|tail|classes|set))?",
    re.I,
)
"""Headings that name a part of the data set that the caption names."""
_AGGREGATE = re.compile(r"(?:[A-Za-z][\w-]* ){0,3}(?:mean|median|IQM)(?: ?\(?%\)?)?(?: ?[↑↓])?", re.I)


def _is_scored(context: Context) -> bool:
    """Whether the table is about scores of games, whose mean or median over all games is a result."""
    reported = context.measure is not None and context.measure.name in ("score", "average reward")
    return reported or bool(re.search(r"\b(?:Atari|ALE|Procgen|games?)\b", context.data))


def _with_short(name: str, heading: str) -> str:
    """A data set's name with the short form that the table has for it, where that is no more than its beginning."""
    short = re.sub(r"[↑↓*†‡]|\s*\(.*\)$", "", heading).strip()
    told = f"({short})" in name or name.lower().startswith(short.lower().rstrip("."))
    return name if told or not re.fullmatch(r"[A-Z\d-]{2,8}", short) else f"{name} ({short})"


_OF_CLASSES = ("EM", "F1", "micro-F1", "macro-F1", "weighted-F1", "AUC", "balanced accuracy", "MCC")
"""Measures that a paper may report where others report accuracy."""


def meant(name: str, context: Context) -> Measure | None:
    """The usual measure of a data set, unless the paper as a whole speaks of errors where others give accuracies."""
    found = usual(name)
    reported = context.measure
    if found and found.name == "accuracy" and context.stated and context.stated.name in _OF_CLASSES:
        return context.stated
    if found and reported and found.name == "accuracy" and "error" in reported.name:
        return reported
    if found and reported and found.name == "accuracy" and reported.name.endswith("accuracy"):
        return reported
    return found


def halves_of_data(grid: Grid) -> list[str]:
    """For each column the heading that alone tells it from another one with its data set and measure: a direction, a task."""
    heads = [[part.strip() for part in parts] for parts in grid.columns]
    out = [""] * len(heads)
    for n, parts in enumerate(heads):
        for depth, part in enumerate(parts[:-1]):
            plain = find_measure(part) is None and in_label(part) is None and not is_assignment(part)
            others = (other for other in heads if len(other) == len(parts) and other[-1] == parts[-1])
            told = any(other[depth] != part and _without(other, depth) == _without(parts, depth) for other in others)
            if plain and told and re.fullmatch(r"[A-Z][\w-]*(?: [\w-]+){0,2}", part) and find_measure(parts[-1]):
                known = any(in_label(other) for other in parts)
                out[n] = part if known else ""
    return out


def _without(parts: list[str], depth: int) -> list[str]:
    return parts[:depth] + parts[depth + 1 :]


def is_measure_of_its_own(text: str, short: str, context: Context) -> bool:
    """Whether a heading that no list knows is a measure: by an arrow behind it, or as a short form beside measures."""
    if _ARROWED.fullmatch(text) and (context.pure or not context.from_caption):
        return True
    return context.pure and not context.listed and bool(_SHORT_FORM.fullmatch(short)) and not is_architecture(short)


_SHORT_FORM = re.compile(r"[A-Z]{2,6}\d{0,2}|[A-Z][a-z]{0,3}[A-Z]{2,4}[a-z]?|(?:[A-Z][a-z]{1,3}){2,3}[A-Z]")
_ARROWED = re.compile(r"[A-Za-z][\w .@/-]{0,22}\s?\(?[↑↓]\)?")
_COUNTED = re.compile(
    r"(?<![\w.])\d{1,3} (?:\w+ )?(?:data ?sets|tasks|benchmarks|environments|games|languages)\b", re.I
)


def counted_data(text: str) -> str:
    """Data told by its number: the "38 datasets" of an average over 38 datasets."""
    match = _COUNTED.search(text)
    return match.group() if match else ""


def _names_a_part(heading: str) -> bool:
    """Whether a heading in lower case can be a part of the data or a way to test: no names, settings or remarks."""
    return bool(_LOWER.fullmatch(heading)) and not is_method_heading(heading) and not _REMARK.search(heading)


_REMARK = re.compile(
    r"back-?bone|network|encoder|decoder|init|pre-?train|source|type|kind|name|notes?|ref|venue|published|variant|setting|value|"
    r"optimi[sz]er|loss|layer|step|epoch|stage|level|input|output|rank|seed|fold|run|delta|gain",
    re.I,
)
_LOWER = re.compile(r"[a-z]{2,}(?:\d{1,4})?(?:[ -][a-z]+){0,2}")
_ASPECT = re.compile(
    r"(?:all|full|overall|total|both|no|with|without|only|short|long|easy|hard|clean|other|noisy)\b.*", re.I
)
"""Headings that name a part of the data, not data of their own."""


_SPLITS = re.compile(
    r"dev|test|val(?:idation)?|metrics?|measures?|scores?|evaluations?|method|model|system|results?|set|dev set|test set|"
    r"ours|train(?:ing)?",
    re.I,
)


_NAME = re.compile(r"(?:[A-Z]|[a-z]{1,3}[A-Z])[\w.-]*(?:\([\w ]+\))?(?: [\w.-]+){0,2}")


def _spanning(parts: list[str]) -> str:
    """A heading above the measure that names neither a measure nor a split: the data set, known or not."""
    for part in parts[:-1]:
        plain = clean_name(part).rstrip(".")
        named = _NAME.fullmatch(plain) and not _SPLITS.fullmatch(plain)
        if named and find_measure(part) is None and not SKIP.search(part):
            return plain
    return ""


def _within(name: str, context: Context, known: set[str]) -> str:
    """A heading above the measure that no list knows, as a part of the one data set that the caption names."""
    listed = not name or name in known or in_label(name)
    return name if listed or not context.captioned else f"{context.captioned} ({name})"


_HALF = re.compile(r"[A-Z][\w-]*(?: ?\([^()]{3,40}\))?")


def _half(parts: list[str]) -> str:
    """A heading above the measure that names a direction or half of the task: "D2T (document→triple)"."""
    above = [part.strip() for part in parts[:-1] if "→" in part and _HALF.fullmatch(part.strip())]
    return above[0] if above and find_measure(above[0]) is None else ""


def _beneath(parts: list[str]) -> str:
    """A heading below the measure that may name data, in a table that says nothing else about its data."""
    plain = clean_name(parts[-1]).rstrip(".") if len(parts) > 1 else ""
    told = may_name_data(plain) and not _SPLITS.fullmatch(plain) and not SKIP.search(plain)
    return plain if told and find_measure(plain) is None and find_measure(" ".join(parts[:-1])) else ""


def without(text: str, data: str) -> str:
    return text.replace(data, " ") if data else text


def _exact(parts: list[str], data: str, known: set[str]) -> str:
    """A variant of the data set that the heading spells out (MNLI-m, EN-DE) is kept."""
    for part in parts:
        plain = clean_name(part)
        if data and plain.startswith(data) and 0 < len(plain) - len(data) <= 4 and "(" not in plain:
            return plain
        if data and re.fullmatch(rf"{re.escape(data)}(?:\(\w+\))?-\d+[kKM]?", plain):
            return plain  # a subset by its size: NAME-10k
        if re.fullmatch(r"[A-Z][A-Za-z] ?[-–→↔] ?[A-Z][A-Za-z]|[A-Z]{2}[-→][A-Z]{2}", plain) and plain not in data:
            return next(
                (name for name in sorted(known) if language_pair(name) == language_pair(plain)),
                f"{data} {plain}".strip(),
            )
    return data
