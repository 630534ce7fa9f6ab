"""Data sets as words of a scope: the nearest to a value, with those that it is listed with."""

from __future__ import annotations

import re

from intern.papers import known_data


def _both(written: str, name: str) -> str:
    """The paper's word for a data set, with its usual name where that is another: "WT2 (WikiText-2)"."""
    one, other = (re.sub(r"\W+|\bv(?=\d)", "", text.lower()) for text in (written, name))
    if written.isalnum() and one in other and one not in re.split(r"\W+", name.lower()):
        return f"{written} ({name})"  # words run together: who looks for one form finds either
    return name if one == other or one in other or other in one else f"{written} ({name})"


_LISTED = re.compile(r",? (?:and|or|&) (?:the )?|, |/")


def nearest_data(text: str, at: int) -> str:
    """The data set nearest to a place, with those that it stands in one list with."""
    lists: list[list[tuple[str, int, int]]] = []
    for found in sorted(known_data.find_names(text), key=lambda item: item[1]):
        if lists and _LISTED.fullmatch(text, lists[-1][-1][2], found[1]):
            lists[-1].append(found)
        else:
            lists.append([found])
    near = min(lists, key=lambda names: min(abs(start - at) for _, start, _ in names), default=[])
    names = [_both(text[start:end], name) for name, start, end in near]
    if near and (first := _UNKNOWN_FIRST.search(text, 0, near[0][1])):
        names.insert(0, first.group("n"))
    if near and (last := _UNKNOWN_LAST.match(text, near[-1][2])):
        names.append(last.group("n"))
    return ", ".join(dict.fromkeys(names))


_NAME = r"(?P<n>(?!The|Our|We|This|In|Adam|SGD|All|For|On|It|LSTM|GPU)[A-Z][A-Za-z]*[A-Z\d-][\w-]*)"
_UNKNOWN_FIRST = re.compile(rf"\b(?:[Ff]or|[Oo]n) (?:the )?{_NAME},? and (?:the )?$")
_UNKNOWN_LAST = re.compile(rf",? and (?:the )?{_NAME}(?= (?:is|are|was|were|we|data ?sets?|benchmarks?)\b|[.;,)]|$)")
"""A data set that no list knows beside one that is known: "on NewSet-Book and MovieLens"."""
