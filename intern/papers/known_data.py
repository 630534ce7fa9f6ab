# ruff: noqa: E501  the patterns are data, one a line
"""Names of public data sets, as papers write them. Knowledge about the field, not about any paper.

`CANONICAL` maps a written form (lower case) to the name reported. Only names that are no ordinary English word, or that
are written in capitals, are listed; others need "data set" or "corpus" beside them.
"""

from __future__ import annotations

import functools
import re

from intern.papers import known_data_names as data_names


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for entry in re.split(r";\s*", " ".join(data_names.NAMES.split())):
        written, _, name = entry.strip().partition("|")
        if written:
            table[written] = name or written
        if " English-" in written:
            table[written.replace(" English-", " English-to-")] = name or written
    return table


CANONICAL = _table()
NAMES = frozenset(CANONICAL.values())
CASELESS = {
    re.sub(r"[\s_-]+", "", written.lower()): name
    for written, name in CANONICAL.items()
    if written.lower() not in data_names.ORDINARY
}
_VERSION = re.compile(r"-v\d\b")
"""What an environment's name may end with: Hopper-v3."""
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "ro": "Romanian", "cs": "Czech", "zh": "Chinese", "ru": "Russian", "fi": "Finnish",
    "tr": "Turkish", "et": "Estonian", "ja": "Japanese", "vi": "Vietnamese", "es": "Spanish", "it": "Italian", "nl": "Dutch", "ar": "Arabic",
    "hi": "Hindi", "ko": "Korean", "pt": "Portuguese", "pl": "Polish", "lv": "Latvian", "kk": "Kazakh", "gu": "Gujarati", "uk": "Ukrainian",
}  # fmt: skip
_LANGUAGE = "|".join(
    [*LANGUAGES.values(), *(code.title() for code in LANGUAGES), *(code.upper() for code in LANGUAGES)]
)
_TRANSLATION = re.compile(
    rf"(?P<c>WMT|IWSLT)[ -]?['’]?(?:20)?(?P<y>\d\d)[ ,]*(?:\(|the )?(?P<a>{_LANGUAGE})(?: ?[-–→↔/⇔] ?| to |-to-)(?P<b>{_LANGUAGE})(?![A-Za-z])"
)
"""A translation task with its languages by name or code: "WMT14 En-De"."""
_OFFLINE = re.compile(
    r"(?:hopper|half-?cheetah|walker2d|ant|antmaze|maze2d|pen|door|hammer|relocate|kitchen)"
    r"(?:-(?:random|medium|full|expert|replay|umaze|large|diverse|play|human|cloned|complete|partial|mixed))+(?:-v\d)?(?![\w-])",
    re.I,
)
"""Recorded play of a simulated robot; the simulator is another matter: "hopper-medium-replay"."""
_SECOND = re.compile(r"(?:\s?[/+]\s?|(?P<w>,? and |, | & ))-?(?P<n>\d{2,4})(?![\w%]|[.,]\d)")
_AFTER_SECOND = re.compile(r"\s*(?:$|[.,;:)(\[]|data|benchmark|test|train|val|with\b|using\b|respectively|images)")
"""What may follow a number that is the second half of two names: "on X-10 and 100." """
_AHEAD = r"(?![\w]|-[A-Za-z]*Net)"


@functools.cache
def _compiled(form: str, flags: int) -> re.Pattern[str]:
    """Most names never occur in a paper: a pattern is compiled when its first word does."""
    return re.compile(form + _AHEAD, flags)


def _by_first_word() -> dict[str, list[tuple[str, int]]]:
    """Patterns of all names by their first run of letters or digits, longest first. Ordinary words keep their case."""
    table: dict[str, list[tuple[str, int]]] = {}
    for written in sorted(CANONICAL, key=len, reverse=True):
        form = re.escape(written).replace(r"\ ", r"[\s-]?").replace(r"\-", r"[\s-]?")
        telling = " " not in written and re.search(r"[A-Z].*[A-Z]|\d", written)
        strict = written.lower() in data_names.ORDINARY or len(re.sub(r"\W", "", written)) < 5 or not telling
        first = re.match(r"[A-Za-z]+|\d+|.", written)
        if first:
            table.setdefault(first.group().lower(), []).append((form, 0 if strict else re.I))
    return table


_TABLE = _by_first_word()
_START = re.compile(r"(?<![\w-])(?:[A-Za-z]+|\d+)")


def _match_at(text: str, at: int, word: str) -> re.Match[str] | None:
    for form, flags in _TABLE.get(word.lower(), ()):
        if match := _compiled(form, flags).match(text, at):
            return match
    return None


def find_names(text: str) -> list[tuple[str, int, int]]:
    """(canonical name, start, end) of every known data set in a text, longest names first at each place."""
    out: list[tuple[str, int, int]] = []
    done = 0
    for start in _START.finditer(text):
        if start.start() < done:
            continue
        if task := _TRANSLATION.match(text, start.start()):
            done = task.end()
            out.append((_task_name(task), task.start(), done))
            continue
        if play := _OFFLINE.match(text, start.start()):
            done = play.end()
            out.append((f"D4RL {play.group().lower()}", play.start(), done))
            continue
        match = _match_at(text, start.start(), start.group())
        if match and len(match.group()) <= 4 and re.match(r"-[A-Z]{2}", text[match.end() :]):
            continue  # the first letters of a longer name
        if match:
            version = _VERSION.match(text, match.end())
            done = version.end() if version else match.end()
            out.append((name_of(match.group()) + (version.group() if version else ""), match.start(), done))
            if second := _second_name(out[-1][0], text, done):
                done = second[2]
                out.append(second)
    return out


def _second_name(name: str, text: str, end: int) -> tuple[str, int, int] | None:
    """The second of two names that share their first word: "NAME-10/100", "NAME 2007 and 2012"."""
    behind = _SECOND.match(text, end)
    if behind is None or (behind.group("w") and not _AFTER_SECOND.match(text, behind.end())):
        return None
    other = re.sub(r"\d+$", behind.group("n"), name)
    return (other, behind.start("n"), behind.end()) if other != name and other in NAMES else None


def _task_name(task: re.Match[str]) -> str:
    first, second = (LANGUAGES.get(task.group(key).lower(), task.group(key)) for key in ("a", "b"))
    return f"{task.group('c')} 20{task.group('y')} {first}-{second}"


def name_of(written: str) -> str:
    """The reported name of a written form that `find_names` found."""
    if written in CANONICAL:
        return CANONICAL[written]
    squeezed = re.sub(r"[\s-]+", "", written.lower())
    return next(
        (name for known, name in CANONICAL.items() if re.sub(r"[\s-]+", "", known.lower()) == squeezed), written
    )


def is_known(text: str) -> str | None:
    """The canonical name when the whole text is a known data set, else None."""
    plain = text.strip()
    first = _START.match(plain)
    match = _match_at(plain, 0, first.group()) if first else None
    if match and match.end() == len(plain):
        return name_of(match.group())
    return CASELESS.get(re.sub(r"[\s_-]+", "", text.lower()))
