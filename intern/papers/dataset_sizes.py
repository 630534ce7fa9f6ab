# ruff: noqa: E501  the patterns are data, one a line
"""How large the data sets are, as sentences tell it: "X has 60,000 training and 10,000 test images"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.dataset_folding import Candidate
from intern.papers.numbers import NUMBER, parse_number
from intern.papers.sentences import Sentence

_THINGS = (
    r"(?:examples|images|samples|sentences|sentence pairs|documents|questions|instances|pairs|sessions|photos|pictures|articles|papers|"
    r"molecules|graphs|slides|scans|cases|boxes|shapes|scenes|sequences|utterances|clips|videos|recordings|posts|tweets|reviews|"
    r"dialogues|conversations|records|commits|programs|problems|interactions|ratings|abstracts|summaries|passages|queries)"
)
_KIND = r"(?:training|train|validation|development|dev|testing|test|held-out)"
_COUNTED = re.compile(
    rf"(?<![\w.,-])(?P<n>{NUMBER})\s?(?:(?P<k>{_KIND})(?=,? (?:and )?{NUMBER}\s?(?:\w+ )?{_KIND}\b| {_THINGS}\b| \w+ {_THINGS}\b)|"
    rf"(?:[\w-]+ ){{0,2}}?(?P<k2>{_KIND})?\s?(?:[\w-]+ )?{_THINGS}\b(?! (?:a|per|each|every|(?:in|for|from) (?:a|each|every)) )(?: for (?P<k3>{_KIND})\b)?)",
    re.I,
)
_PARTED = re.compile(
    rf"(?P<a>{NUMBER})\s?/\s?(?P<b>{NUMBER})\s?/\s?(?P<c>{NUMBER})(?= (?:[\w-]+ )?(?:for|in)? ?(?:the )?train\w*(?:/|, )(?:val|dev)\w*(?:/|,? and )test)"
)
"""Three sizes in the usual order: "6k/1k/1k for training, validation and testing"."""
_LINK = re.compile(
    r"\b(?:consist\w*|contain\w*|compris\w*|has|have|having|with|of about|split into|includ\w*|holds?|provides?|is an? (?:[\w-]+ ){1,5}of)\b|\($|: ?$|\((?=\D*\d)",
    re.I,
)
_OF_TRAINING = re.compile(r"\b(?:batch|steps|epochs|iterations|sampled?|subset)\b", re.I)
_KINDS = {
    "training": "train",
    "train": "train",
    "test": "test",
    "testing": "test",
    "validation": "validation",
    "development": "validation",
    "dev": "validation",
}
_LEAST = 100
"""Smaller numbers count classes, seeds or shots as often as examples."""


def sizes_from_text(kept: list[Candidate], sentences: list[Sentence]) -> None:
    """Gives each data set the sizes that a sentence tells behind its name, those of tables first."""
    by_name = {item.name: item for item in kept}
    for sentence in sentences:
        if not re.search(r"\d", sentence.text):
            continue
        named = sorted(_named(sentence.text, by_name), key=lambda place: place[1])
        for at, key, number in _sizes(sentence.text) if named else ():
            before = [place for place in named if place[1] <= at]
            if not before:
                continue
            name, end = before[-1]
            between = sentence.text[end:at]
            if (
                len(between) <= 110
                and not re.search(r"[;.]\s", between)
                and _LINK.search(between)
                and not _OF_TRAINING.search(between)
            ):
                by_name[name].sizes.setdefault(key, number)


def _named(text: str, by_name: dict[str, Candidate]) -> Iterator[tuple[str, int]]:
    """(name, end) of each data set of the paper in a sentence."""
    for name, _, end in known_data.find_names(text):
        if name in by_name:
            yield name, end
    for name in by_name:
        if name in text and not known_data.is_known(name):
            for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
                yield name, match.end()


def _sizes(text: str) -> Iterator[tuple[int, str, int]]:
    """(place, part, number) of each size: parts are "train", "validation", "test" and, for the whole, "size"."""
    for match in _PARTED.finditer(text):
        for group, key in (("a", "train"), ("b", "validation"), ("c", "test")):
            if number := _whole(match.group(group)):
                yield match.start(), key, number
    for match in _COUNTED.finditer(text):
        kind = match.group("k") or match.group("k2") or match.group("k3") or ""
        if kind.lower() != "held-out" and (number := _whole(match.group("n"))):
            yield match.start(), _KINDS.get(kind.lower(), "size"), number


def _whole(text: str) -> int | None:
    number = parse_number(text)
    return int(number) if number and number >= _LEAST and number == int(number) else None
