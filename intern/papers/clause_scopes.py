# ruff: noqa: E501  the patterns are data, one a line
"""Which words of a sentence may say what a value holds for: those of its clause, and those that only refer elsewhere blanked.

Everything here keeps offsets: what is left out becomes spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMED = r"[\w.+/^-]+(?: (?!and\b|we\b|with\b|for\b|on\b|in\b|is\b|are\b|but\b|to\b|using\b|train\b|use\b|as\b)[\w.+/^-]+){0,3}"
_REFERS = re.compile(
    rf"\b(?:[Ff]ollowing|[Aa]s in|[Aa]s for|(?<=as )done in|[Ll]ike|[Uu]nlike|[Ss]imilar(?:ly)? (?:to|as)|(?:same|similar|identical)(?: [\w-]+){{0,4}} (?:as|to)|[Ii]dentical to|[Cc]omparable (?:to|with)|"
    rf"[Bb]ased on|[Bb]uilt (?:up)?on|on top of|[Cc]ompar(?:ed?|ing|ison) (?:fairly |directly )?(?:to|with|against)|[Ii]nspired by|in contrast to|(?:smaller|larger|lower|higher|fewer|more|less|longer|shorter|other|rather) than(?: (?:that|those) (?:of|for|in))?|"
    rf"[Ii]nstead of|proposed (?:in|by)|introduced (?:in|by)|also used (?:in|by)|(?:with|at) (?:a )?similar [\w-]+ (?:as|to)|adopted (?:from|by)|borrowed from|"
    rf"[Ww]ithout|(?:tokenizer|vocabulary|architecture|schedule|implementation|code|recipe|protocol|set-?up|settings?|configuration|hyper-?parameters|pre-?processing|optimi[sz]er settings) (?:of|from|by)|initiali[sz](?:e|ed|ing)(?: (?!and\b)[\w-]+){{0,5}}? (?:from|with|by|using)) (?:the |that of |those of |an? |our )?(?P<w>{_NAMED})"
)
"""What follows is another's setting, or where weights come from: names there hold for nothing here."""
_HELD_OUT = re.compile(
    rf"\b(?:the )?(?:development|dev|validation|held-out) (?:set|sets|split|data|portion) (?:of|from) (?:the )?{_NAMED}|"
    r"\bon (?:the )?[A-Z][\w./-]*(?: [A-Z\d][\w./-]*)* (?:development|dev|validation|held-out) (?:set|split|data|portion)s?\b"
)
"""The data that a choice is made on: names there do not say what is trained."""
_COMES_PRETRAINED = re.compile(
    r"(?<![\w-])[A-Z][\w.]*(?:-\d+[KkMm]?)?[ -]pre-?trained(?! (?:on|for|with|using|at)\b)|"
    r"(?<=[A-Z\d\w] )pre-?trained on (?:the )?[A-Z][\w./+-]*(?: [A-Z][\w./+-]*)*(?= (?:is|are|as|and|with)\b|[.,;])(?<!\bare pre)|"
    r"\b(?:weights|backbones?|checkpoints?|features|embeddings|encoders?|networks?|models?|parameters) (?:that (?:is|are|was|were) )?pre-?trained (?:on|with|by|from) (?:the )?[\w./+-]+(?: [A-Z][\w./+-]*)*|"
    r"\b(?:us(?:e|es|ed|ing)|adopt\w*|employ\w*|load\w*|take) (?:the |a )?pre-?trained(?= [\w-]+)|"
    r", (?:which|that) (?:is|are|was|were|has been|have been) (?:\w+ )?pre-?trained (?:on|with) (?:the )?[\w./+-]+(?: [A-Z][\w./+-]*)*|"
    r"\b(?:an?|its|their|of|from|with|using|available|frozen|same|off-the-shelf|existing|public|official) pre-?trained(?= [\w-]+)|"
    r"(?<![\w-])[A-Z]\d(?= (?:backbone|layers?|features|stage|feature map)\b)|"
    r"(?<![\w-])ImageNet(?:-\d+[Kk])?(?= (?:mean|statistics|weights|initiali[sz]ation|checkpoints?|accuracy|features|normali[sz]ation|top-1))"
)
"""How the weights were come by, as an attribute: no phase of this paper."""
_REASON = re.compile(
    r",? (?:because|since) (?:the |our |it |they |we |this |these |[A-Z])[^,;.()]*|"
    r", which (?:we |is |was |has been |were )?(?:\w+ )?(?:found|shown|known|helps?|turned out|proved)\b[^,;.()]*"
)
"""Why a value was chosen."""
_BRACKET = re.compile(r"\([^()]*\)|\[[\d, –-]+\]")
_HOLDS = re.compile(r"\((?:for |on |in |with )?(?:the )?[A-Za-z][\w.+/ -]{0,30}(?:(?:, | and )[A-Z][\w.+/-]*)*\)")
"""A bracket that may name what the value before it holds for."""
_STRONG = re.compile(
    r"; |[—–] |,? (?:while|whereas|whilst|but|except(?! that\b)|however|unless|though|although)\b|, with the exception\b|\. "
)
_JOINT = re.compile(r", (?:and |or |then |with )?| and (?:then )?|(?<=\d) (?:or|to) ")
_NUMBER = re.compile(
    r"(?<![\w.-])(?:\d[\d,.]*\d|\d)(?:[kKM]\b|\s?[×x·]\s?10|e-?\d+|%|\b)(?!-[A-Z])(?![\w/]*[A-Za-z]{3})|\b(?:one|two|three|four|five|six|eight|ten)\b"
)
_UNIT = re.compile(
    r"\b(?:epochs?|iterations?|steps|updates|layers|heads|units|learning rates?|lr|batch size|batches|dropout|weight decay|momentum|warm-?up|hidden size|filters|seeds|rank|embedding)\b",
    re.I,
)
_OPENING = re.compile(
    r"\s*(?:[•∙·-]\s*)?(?:Finally, |Then, |Next, |Here, |Similarly, |Likewise, |However, |Moreover, |In addition, |Instead, |Specifically, |Additionally, |Furthermore, |By default, |In particular, )?(?:[Ff]or|[Oo]n|[Ii]n|[Dd]uring|[Aa]t|[Ww]ith|[Ww]hen|[Tt]o (?:train|fine-tune|pre-train|obtain))\b(?:\([^()]*\)|[^,;:.()])*?(?:, | (?=we\b|all\b|the (?:batch|learning|model|network|number)))"
)


def blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


_FOR_ALL_BUT = re.compile(
    r"\b(?:for|on|in) all (?:the )?(?:other )?(?:\w+ )?(?:data ?sets|tasks|models|experiments|benchmarks|cases),? (?:apart from|except(?: for)?|but|other than) "
    r"(?:the )?(?P<w>[^;()]{2,60}?)(?=,? (?:for|on|in) which|,? where|[.;]|$)"
)
"""Whom a value before it does not hold for: "200 for all data sets apart from A and B, for which we use 400"."""


def without_references(text: str, start: int, end: int) -> str:
    """The sentence without names that are referred to only, and without brackets in which the value at [start, end) is not."""
    for match in _FOR_ALL_BUT.finditer(text):
        if match.start() >= end:
            text = blank(text, *match.span("w"))
    for pattern in (_COMES_PRETRAINED, _REFERS, _REASON, _HELD_OUT):
        for match in list(pattern.finditer(text)):
            low, high = match.span()
            if high <= start or low >= end:
                text = blank(text, low, high)
    for match in list(_BRACKET.finditer(text)):
        low, high = match.span()
        if low < end and start < high:
            continue
        if (
            re.search(r"\d(?:[kKM%]|e-?\d+)? ?$", text[:low])
            and not end <= low <= end + 1
            and re.search(r"[A-Z]", match.group())
        ):
            text = blank(text, low, high)  # what another value holds for
            continue
        if _HOLDS.fullmatch(match.group()) and not _UNIT.search(match.group()):
            continue
        text = blank(text, low, high)
    return text


_SINGLED_OUT = re.compile(
    r"(?:\bexcept(?: for| on| in)?|\bexception of|\bapart from|\baside from) (?:the )?[^,;.()]{2,40}|(?:(?:^|[.;(] ?|\band )(?:For|On|for|on)) (?:the )?[^,;.()]{2,40}(?=,? (?:we|where)\b|,? instead)"
)


def without_origins(text: str) -> str:
    """A text without the names of what weights were pre-trained on."""
    return _COMES_PRETRAINED.sub(" ", text)


def own_names_only(text: str) -> str:
    """A sentence without names that are referred to only or that it singles out: what is left may be what a section is about."""
    return _SINGLED_OUT.sub(" ", without_contrasts(without_references(text, -1, -1)))


_HOLDER = re.compile(
    r"(?<![\w.-])\d[\d.,]*(?:[kKM]|e-?\d+|%)?(?: (?!for\b|on\b)[a-z]+){0,3} (?:for|on) (?:the )?(?P<w>[A-Za-z][\w.+-]*)"
)


def contrasts(sentence: str) -> list[re.Match[str]]:
    """Values of a sentence with what each holds for, where that is not the same: "3.0 for locomotion; 10.0 for AntMaze"."""
    found = list(_HOLDER.finditer(sentence))
    return found if len({match.group("w").lower() for match in found}) > 1 else []


def without_contrasts(text: str) -> str:
    """A text without names that a sentence tells apart from others: it is about none of them alone."""
    out = []
    for sentence in re.split(r"(?<=[.?!])\s", text):
        for match in contrasts(sentence):
            sentence = blank(sentence, *match.span("w"))
        out.append(sentence)
    return " ".join(out)


@dataclass(frozen=True, slots=True)
class Reach:
    """Stretches of a sentence around a value, as offsets: its own clause first."""

    own: tuple[int, int]
    opening: tuple[int, int]
    """What the sentence, or the part of it behind a semicolon, begins with: "For X, …"."""
    before: tuple[int, int]
    """Clauses before, as far as they go on to the value."""
    behind: tuple[int, int]
    """Clauses behind it that tell no other value of its kind."""


def aside_of(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The inside of the brackets in which a value stands."""
    for match in _BRACKET.finditer(text):
        if match.start() < start and end <= match.end():
            return match.start() + 1, match.end() - 1
    return None


def reach(text: str, start: int, end: int) -> Reach:
    """How far words count for the value at [start, end) of a sentence."""
    strong = [match.span() for match in _STRONG.finditer(text)]
    left = max([high for _, high in strong if high <= start], default=0)
    right = min([low for low, _ in strong if low >= end], default=len(text))
    joints = _joints(text, left, right)
    low = max([match_end for _, match_end in joints if match_end <= start], default=left)
    high = min([match_start for match_start, _ in joints if match_start >= end], default=right)
    opening = (left, left)
    if found := _OPENING.match(text, left):
        opening = (left, min(found.end(), low)) if found.end() <= start else opening
    elif left and (found := _OPENING.match(text)) and not re.search(r"[;.]", text[:left]) and found.end() <= start:
        opening = (0, found.end())
    behind = high
    kinds = {match.group().lower().rstrip("s") for match in _UNIT.finditer(text, low, high)}
    for place in [match_start for match_start, _ in joints if match_start > high] + [right]:
        told = text[behind:place]
        others = {match.group().lower().rstrip("s") for match in _UNIT.finditer(told)}
        if (
            kinds & others
            or (has_number(told) and not others)
            or re.match(r",? (?:and |or |then )*(?:for|on|in|during|the|our) ", told)
        ):
            break
        behind = place
    return Reach((low, high), opening, (left, low), (high, behind))


def _joints(text: str, left: int, right: int) -> list[tuple[int, int]]:
    """Where clauses are joined: not between the items of a list ("for small, medium and large models")."""
    asides = [match.span() for match in _BRACKET.finditer(text)]
    found = [
        match.span()
        for match in _JOINT.finditer(text, left, right)
        if not any(low < match.start() < high for low, high in asides)
    ]
    ends = [*(low for low, _ in found[1:]), right][: len(found)]
    return [
        (low, high)
        for (low, high), until in zip(found, ends, strict=True)
        if has_number(text[high:until]) or len(text[high:until].split()) > 3
    ]


_PAIRED = re.compile(
    r"(?:^|[;,] (?:and |while |whereas |but )?)(?:[Ff]or|[Ii]n|[Oo]n) (?:the |our )?(?P<w>(?!contrast|comparison|addition|particular|practice|simplicity|convenience|example|all\b|both\b|our\b|this\b|these\b|each\b|general|order)"
    r"[\w][\w /-]{1,38}?)(?: (?:problems?|tasks?|experiments?|data ?sets?|models?))?,? (?=we\b|the (?:\w+ )?(?:batch|learning|model|network|number|hidden|dropout)|it is\b|a\b)"
)


def paired_opening(text: str, start: int) -> str:
    """What the nearest opening before a value names in a sentence that has several: "In the A, we use 20; in the B, we use 40"."""
    found = list(_PAIRED.finditer(text))
    before = [match for match in found if match.end() <= start]
    return before[-1].group("w") if len({match.group("w") for match in found}) >= 2 and before else ""


def has_number(text: str) -> bool:
    return _NUMBER.search(text) is not None
