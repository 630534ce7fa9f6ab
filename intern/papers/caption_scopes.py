# ruff: noqa: E501  the patterns are data, one a line
"""What a table's caption says that all its settings hold for."""

from __future__ import annotations

import re

from intern.papers.model import Grid

PHASED = re.compile(r"pre-?\s?train|fine-?\s?tun|\bSFT\b|stage|phase", re.I)
_CAPTION_FOR = re.compile(
    r"\b(?:for|of|on|in|to train|used to (?:train|fine-tune))\s+(?:the |our |different |all |full |"
    r"(?:pre-?|fine-?)?training (?:of )?|"
    r"fine-?tuning (?:of )?)*((?:[A-Z](?:[\w./-]*\w)?|base|large|small|big|medium)(?:\s(?:[A-Z\d](?:[\w./-]*\w)?|"
    r"base|large|small|medium))*)"
)
_CAPTION_GROUP = re.compile(
    r"\b(?:for|of|in|on) (?:the |our |all )*(?P<n>(?!all\b|our\b|each\b|every\b|both\b|these\b|different\b|various\b|main\b|proposed\b|best\b|final\b|downstream\b|training\b|trained\b|several\b|deep\b|neural\b|two\b|three\b|four\b|baseline\b|reported\b|following\b|above\b|same\b|remaining\b|numerical\b|empirical\b)"
    r"[a-z][\w-]+(?: [a-z][\w-]+){0,2}?(?: benchmarks?(?=[.,;:]|$)| (?=models|networks|tasks?|experiments?|agents?|data ?sets?|environments?)))"
    r"(?:models|networks|tasks?|experiments?|agents?|data ?sets?|environments?|)(?=[.,;:]|$)"
)
"""A group in small letters that a table of settings is about: "for the recurrent models"."""
_USED_IN = re.compile(
    r"\bused (?:in|for|on|with) (?:the |our |all )?(?P<n>[A-Z][\w-]*)(?: (?:domain|suite|\w+))? experiments?\b"
)
_PHASE_OF = re.compile(
    r"\b(?:hyper-?\s?parameters?|settings?|configurations?|details|setups?|recipes?|used|values)\b[^.]{0,30}?\b(?:for|of|during|in|to)"
    r"(?: the| our)? (?P<p>pre-?\s?train\w*|fine-?\s?tun\w*)|^(?:\S+ \S+[:.] )?(?P<q>pre-?\s?train\w*|fine-?\s?tun\w*)",
    re.I,
)


_SETTING_OF = re.compile(
    r"(?P<n>[A-Z][\w./-]*(?: [\w./-]+){0,3}?) (?:training |environment[- ]specific |model )?"
    r"(?:settings?|configurations?|recipes?|hyper-?\s?parameters?|parameters)\s*(?:[.,;:(]|$)"
)


def caption_scope(grid: Grid) -> list[str]:
    """What the caption says the whole table holds for, unless the table's own headings and labels tell it apart."""
    caption = re.sub(r"^\w+\.? ?[\dA-Z.]+\s*[:.|]\s*", "", grid.caption)
    phase = [_phase(match.group("p") or match.group("q")) for match in _PHASE_OF.finditer(caption)][:1]
    if tells_phases(grid):
        phase = []
    used = [match.group("n") for match in _USED_IN.finditer(caption)]
    if match := _SETTING_OF.match(caption):
        inside_words = re.sub(r"\s\d+$", "", match.group("n").strip())
        if not re.match(
            r"(?:the|our|default|per|overview|summary|list|details|description|further|best|chosen|selected|full|all|additional|common|other|training|model|hyper\S*|main|full|complete|detailed)\b",
            inside_words,
            re.I,
        ):
            return [
                _phase(inside_words) if re.match(r"pre-?train|(?:\S+ )*fine-?tun", inside_words, re.I) else inside_words
            ]
    found = used or [match.group(1).rstrip(".") for match in _CAPTION_FOR.finditer(caption)]
    inside = {_squeezed(part) for parts in grid.columns for part in parts} | {_squeezed(row[0]) for row in grid.rows}
    inside -= {
        _squeezed(told[0]) for row in grid.rows[: grid.head] if len(told := [cell for cell in row[1:] if cell]) == 1
    }
    if not found and (match := _CAPTION_GROUP.search(caption)):
        return [*phase, match.group("n").strip()]
    names = [
        text
        for text in found
        if not re.fullmatch(r"(?:Table|Figure|Section|Appendix|Sec|Eq)\b.*|We|The|All|GLUE|Adam\w*|SGD", text)
        and _squeezed(text) not in inside
        and not _tells_columns_apart(_squeezed(text), grid)
    ]
    names[1:] = [name for name in names[1:2] if not any(_squeezed(name) in part for part in inside)]
    return phase + names


def _tells_columns_apart(name: str, grid: Grid) -> bool:
    """Whether a name is part of some columns' headings but not of others."""
    heads = [_squeezed(" ".join(parts)) for parts in grid.columns[1:] if parts]
    return len(name) > 3 and 0 < sum(name in head for head in heads) < len(heads)


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _phase(words: str) -> str:
    return "pre-training" if words.lower().startswith("pre") else "fine-tuning"


def tells_phases(grid: Grid) -> bool:
    """Whether columns or groups of a table are pre-training and fine-tuning: then its caption need not say which."""
    told_apart = [*(part for parts in grid.columns for part in parts), *(group for group in grid.groups if group)]
    return len({text for text in told_apart if PHASED.search(text)}) >= 2
