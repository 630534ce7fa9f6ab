"""What stands above a paragraph: the sections its section is in, and the run-in heading it goes on from."""

from __future__ import annotations

import re

from intern.papers.model import Document, Section

_LEAD = re.compile(r"[A-Z][^.:;]{2,58}[.:]?")
_NO_LEAD = re.compile(r"(?:Table|Figure|Fig|Algorithm|Theorem|Lemma|Definition|Proof|Corollary|Remark|Equation)\b")
_SYMBOL = re.compile(r"\s?[=∈≤≥<>]")
"""What stands behind a symbol in italics at the start of a line: no run-in heading."""


def fill(document: Document) -> None:
    """Sets `above` and `lead` of every paragraph; a run-in heading holds until the next one or the section's end."""
    above = _ancestors(document.sections)
    place, lead = -2, ""
    for paragraph in document.paragraphs:
        if paragraph.place >= 0:
            paragraph.above = above[paragraph.place]
        if paragraph.place != place:
            place, lead = paragraph.place, ""
        if _is_lead(paragraph.lead) and not _SYMBOL.match(paragraph.text, len(paragraph.lead)):
            lead = paragraph.lead.strip(" .:")
        paragraph.lead = lead


def _is_lead(text: str) -> bool:
    return bool(_LEAD.fullmatch(text)) and not _NO_LEAD.match(text) and len(text.split()) <= 8


def _ancestors(sections: list[Section]) -> list[str]:
    out: list[str] = []
    trail: list[Section] = []
    for section in sections:
        trail = [item for item in trail if item.level < section.level]
        out.append(" / ".join(item.title for item in trail))
        trail.append(section)
    return out
