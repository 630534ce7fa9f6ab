"""The phase that the sentences before a value are about: "We then fine-tune …"."""

from __future__ import annotations

import re

TELLS_PHASE = re.compile(
    r"(?:\b(?:for|during|in) (?:the )?(?P<a>pre-?training|fine-?tuning)\b(?! (?:data|set|corpus|examples))|"
    r"\b[Ww]e (?:also |first |then |further )?(?P<b>pre-?train|fine-?tune)\b)[^.]*"
)


def phase_told(before: str) -> str:
    """The phase that earlier sentences of a paragraph are about, "" where they name none or several."""
    if re.search(r"\btrain\w* from scratch\b", before):
        return ""
    matches = list(TELLS_PHASE.finditer(before))
    if matches and matches[-1].group("b"):
        matches = matches[-1:]  # "We then fine-tune …": from here on it is about that
    told = {(match.group("a") or match.group("b"))[:3].lower() for match in matches}
    return {"pre": "pre-training", "fin": "fine-tuning"}[told.pop()] if len(told) == 1 else ""
