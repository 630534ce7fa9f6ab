# ruff: noqa: E501  the patterns are data, one a line
"""Optimizers of one sentence told apart by what each is for: "FTRL for the wide part and Adam for the deep one"."""

from __future__ import annotations

import re

_FOR = re.compile(
    r"(?: optimi[sz]er)?(?: with [^,;.]{3,40}?)? (?:for|on|to (?:train|optimi[sz]e|update)) (?:the |our |all )?"
    r"(?P<w>[A-Za-z][\w -]{1,30}?)(?=,| and | while | whereas |;|\.(?:\s|$)| of | with |$)"
)
_RESPECTIVELY = re.compile(
    r"\boptimi[sz]ers? (?:of|for|used (?:for|in)) (?:the )?(?P<a>[\w-]+(?: [\w-]+)?) and (?:the )?(?P<b>[\w-]+(?: [\w-]+)?) "
    r"(?:are|were|is) (?:set to )?(?P<x>[\w-]+) and (?P<y>[\w-]+),? respectively|"
    r"\b(?:use|used|uses|employ|with|using|by) (?P<p>[\w-]+) and (?P<q>[\w-]+) (?:optimi[sz]ers? )?(?:for|to (?:train|optimi[sz]e)) (?:the )?"
    r"(?P<c>[\w-]+(?: [\w-]+)?) and (?:the )?(?P<d>[\w-]+(?: [\w-]+)?),? respectively"
)


def holder(text: str, start: int, end: int, several: bool) -> str:
    """What the optimizer at [start, end) of a sentence is for, "" where the sentence says it of one only."""
    if match := _RESPECTIVELY.search(text):
        for name, words in (("x", "a"), ("y", "b"), ("p", "c"), ("q", "d")):
            low, high = match.span(name)
            if low < end and start < high:
                return match.group(words)
    if not several:
        return ""
    told = _FOR.match(text, end)
    return told.group("w").strip() if told and not re.match(r"(?:all|both|training|\d|opti)", told.group("w")) else ""
