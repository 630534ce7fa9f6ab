"""Where a list of values ends: "3,072 and 8 attention heads" is no list of two."""

from __future__ import annotations

import re

from intern.papers.grammar import Bond
from intern.papers.numbers import NUMBER, parse_number

_NEXT_NOUN = re.compile(
    r" (?!for\b|on\b|in\b|respectively|as\b|at\b|when\b|while\b|per\b|with\b|to\b|and\b|or\b|is\b|are\b|was\b|by\b|using\b|"
    r"of\b|where\b|which\b|depending\b|works?\b)[a-z-]+ ?[a-z]*|"
    r" (?:[A-Z][\w-]* ){0,3}(?:GPU|TPU|CPU|NPU)s?\b"
)


LAST_OF_LIST = re.compile(rf",? and (?P<n>{NUMBER})$")


_COUNTED = re.compile(
    r" (?:training |gradient |attention |hidden |warm-?up |inner |outer |local |decoder |encoder )?"
    r"(?:iterations|steps|epochs|updates|layers|heads|units|tokens)\b"
)
_OF_ANOTHER = re.compile(
    r"\b(?:windows?|strides?|lengths?|sequences|thresholds?|radius|rates?|probability|ratio|depth|vocabulary|dropout|patience|"
    r"decay|momentum) (?:size )?(?:of|=|is) $",
    re.I,
)


def last_only(text: str, start: int, end: int) -> int:
    """Where the last of two numbers begins if the first belongs to a noun before it: "a window of 10 and 128 dimensions"."""
    two = re.fullmatch(rf"{NUMBER}(?:,? and|,) (?P<last>{NUMBER})", text[start:end])
    before = text[max(0, start - 40) : start]
    return (
        start + two.start("last") if two and (_OF_ANOTHER.search(before) or re.search(r"\w ?= ?$", before)) else start
    )


def own_part(text: str, start: int, end: int) -> tuple[int, int]:
    """A list without its last number where that counts the noun behind it: "inner size 3,072 and 8 attention heads"."""
    two = re.fullmatch(rf"(?P<first>{NUMBER}), {NUMBER}", text[start:end])
    if two and _COUNTED.match(text, end) and not re.search(r"\bat $", text[:start]):
        return start, start + two.end("first")  # "batch size 64, 10 epochs"
    listed = re.search(rf"(?P<first>.+?),? and {NUMBER}$", text[start:end], re.S)
    noun = _NEXT_NOUN.match(text, end)
    if (
        listed
        and noun
        and not re.match(
            r" (?:hidden |lstm |gru )?(?:units|neurons|cells|nodes|filters|channels|kernels)\b", noun.group()
        )
        and not re.search(r"\bre?spectively", text[end : end + 90])
        and text[start - 1 : start] not in ("{", "[")
    ):
        before = text[max(0, start - 30) : start]
        if not re.search(rf"{re.escape(noun.group().split()[0][:5])}", before):
            return start, start + listed.end("first")
    return start, end


def without_others(text: str, start: int, end: int, name: str, bonds: list[Bond]) -> tuple[int, int]:
    """A list without the numbers at its ends that another name claims: "a hidden size of 128, 4 heads"."""
    for bond in bonds:
        if start < bond.start < end and bond.at >= bond.end:
            if bond.term.name == name:
                start = bond.start
            elif joint := re.search(r"\s*(?:,|,? and|/)\s*$", text[start : bond.start]):
                end = start + joint.start()
    return start, end


_CHOSEN = re.compile(
    r"[}\])]?[^.\d]{0,40}?\b(?:chose|choose|settled? on|use|used|selected|picked|kept|adopt|adopted|decided on) "
    rf"(?P<a>{NUMBER})(?![\w%]| ?(?:and|or|to|,) ?\d)|"
    rf"[}}\])]?(?:,|;| and| but|,? of which| where)* (?:(?:a|an|the) (?:value |rate |size )?(?:of )?)?(?P<b>{NUMBER}) "
    r"(?:gave|gives|works|worked|performs|performed|is|was|yields|yielded|led to|turned out|being|achieves|achieved)"
    r"(?: to be)? (?:the )?best\b|"
    rf",? (?:finding|and found|and find|we found) (?P<c>{NUMBER}) (?:as |to be |to work |to perform )?(?:the )?best\b"
)


def chosen_of(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the one value of the list at [start, end) stands that the words behind it say was taken; None without any."""
    match = _CHOSEN.match(text, end)
    if match is None:
        return None
    group = next(letter for letter in "abc" if match.group(letter))
    value = parse_number(match.group(group))
    tried = {parse_number(part.group()) for part in re.finditer(NUMBER, text[start:end])}
    return match.span(group) if value is not None and value in tried else None
