"""Paragraphs cut into sentences, each with where it stands and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intern.papers.model import Document, Paragraph

MAX_SENTENCE = 2500
"""Characters; what is longer is no sentence, and the rules need not look at all of it."""
_END = re.compile(r"(?<=[.?!])[\"')\]]*(?:\^\d{1,2})?\s+(?=[\"'(\[]?[A-Z0-9•α-ωϵ])")
_ABBREVIATION = re.compile(
    r"(\b(eqn|eqns|sect|chap|alg|thm|prop|"
    r"et al|e\.g|i\.e|cf|vs|resp|fig|figs|tab|eq|eqs|sec|ref|refs|no|approx|dr|prof|st|etc|w\.r\.t|a\.k\.a|(?<!-)[A-Z])\.)$",
    re.I,
)


@dataclass(slots=True)
class Sentence:
    """A sentence inside its paragraph; `start` is its offset there."""

    text: str
    start: int
    paragraph: Paragraph
    number: int
    before: str = ""
    """The sentence before it in the paragraph."""

    @property
    def section(self) -> str:
        return self.paragraph.section

    @property
    def where(self) -> str:
        """A locator for a card: "section 5.3", "abstract", "caption of Table 2"."""
        paragraph = self.paragraph
        if paragraph.kind == "caption":
            label = re.match(r"(\w+)\.? (\w+(?:\.\d+)?)", paragraph.text)
            return f"caption of {label.group(1)} {label.group(2)}" if label else f"page {self.page}"
        if paragraph.kind == "abstract" or paragraph.section.lower() == "abstract":
            return "abstract"
        kind = "footnote in " if paragraph.kind == "footnote" else ""
        return f"{kind}{paragraph.locator}" if paragraph.locator else f"page {self.page}"

    @property
    def page(self) -> int:
        return self.paragraph.page_at(self.start)


def split(paragraph: Paragraph) -> list[Sentence]:
    """Sentences of one paragraph."""
    text = paragraph.text
    cuts = [0]
    for match in _END.finditer(text):
        if not _ABBREVIATION.search(text[cuts[-1] : match.start()][-12:]) or re.search(
            r"\bal\.\)$", text[: match.start()]
        ):
            cuts.append(match.end())
    out: list[Sentence] = []
    for number, (start, end) in enumerate(zip(cuts, [*cuts[1:], len(text)], strict=True)):
        piece = text[start:end].strip()[:MAX_SENTENCE]
        if piece:
            out.append(Sentence(piece, start, paragraph, number, out[-1].text if out else ""))
    return out


def all_sentences(document: Document) -> Iterator[Sentence]:
    """Sentences of text, footnotes and captions, in that order."""
    for group in (document.paragraphs, document.footnotes, document.captions):
        for paragraph in group:
            if not _is_figure_text(paragraph):
                yield from split(paragraph)


def _is_figure_text(paragraph: Paragraph) -> bool:
    """Labels and axes of a figure that ended up between the paragraphs: numbers without a sentence around them."""
    text = paragraph.text
    if len(re.findall(r"\(\w+\): [A-Z]\w+\(", text)) >= 2:
        return True  # a network printed by its program
    if text.count("=") >= 2 and not re.search(r"[,:;]|\b(the|of|and|with|is|are|we|for|to|in|a)\b", text):
        return True
    if paragraph.kind == "caption" or len(text) > 400 or re.search(r"[:=]|\.\s|[\w)\]]\.$", text):
        return False
    words = text.split()
    numbers = sum(any(char.isdigit() for char in word) for word in words)
    return (
        len(words) < 3 or numbers >= 0.4 * len(words) or not re.search(r"\b(the|of|and|with|is|we|for|to|in|a)\b", text)
    )
