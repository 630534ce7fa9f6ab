# ruff: noqa: E501  the patterns are data, one a line
"""The size of a network's filters, told for all of them: "filters with a receptive field of 3 × 3"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHAPE = r"(?P<{0}>\d{{1,2}}) ?[×x] ?(?P<{1}>\d{{1,2}}(?: ?[×x] ?\d{{1,2}})?)(?! ?[×x] ?\d)(?!\w|\.\d)"
_FIELD = re.compile(
    r"\b(?:filters?|kernels?|convolution\w*|conv\.?)\b(?:(?!pool|stride|\bfirst\b|\b1 ?[×x] ?1\b)[^.;\d]){0,60}?\b(?:receptive fields?|(?:kernel|filter) sizes?|sizes?)(?: of| is| are|:| =| with)* "
    + _SHAPE.format("a", "b")
    + r"|\breceptive fields? of (?:the |all |each |our )?(?:\w+ )?(?:filters|kernels|units|layers)(?: is| are| of|:| =)* "
    + _SHAPE.format("c", "d")
    + r"|\bconv\w*(?: layers?)? (?:(?:all|only|always|uses?|with|small|have|has|use|an?|bank of|stack of|set of) )+"
    + _SHAPE.format("e", "f")
    + r" (?:filters|kernels)\b",
    re.I,
)


def filter_shape(text: str) -> Iterator[tuple[str, int, int]]:
    """The one shape that all filters share, where a sentence tells it without their number."""
    match = _FIELD.search(text)
    if match is None or re.search(
        r"\d+ (?:\w+ )?(?:filters|kernels|channels|feature maps) (?:of|with)", text[: match.end()]
    ):
        return
    sides = [side for side in match.groups() if side]
    yield re.sub(r" ?[×x] ?", "x", "x".join(sides)), match.start(), match.end()
