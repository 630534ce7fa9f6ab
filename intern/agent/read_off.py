"""An answer that is read off a paper or a signature: what it lacks, and what the harness adds to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intern.agent.doubt_words import ABOUT_PAGES, CITED_ELSEWHERE, PAGE, UNCITED, UNDEFAULTED, VALUELESS
from intern.agent.reading import (
    cites_elsewhere,
    defaults_left_out,
    paged_lines,
    pages_of,
    says_pages_only,
    sources,
    values_of,
)
from intern.agent.sayings import NUMBER, words_of

MOST_PAGE_CHARACTERS = 20
"""Of an answer that names a page and nothing else."""


@dataclass
class ReadOff:
    """Looks at the answers of one turn."""

    task: str = ""
    missing_defaults: tuple[str, ...] = ()
    """What the signature says of the parameters that were asked for and the answer did not say."""
    unpaged: str = ""
    """An answer that was good but for its page …"""
    source: str = ""
    """… and the line, with its page, that has most of its words."""

    def uncited(self, words: str, evidence: Iterable[str]) -> tuple[str, str] | None:
        """Asked for the page, it says none, or another than where its values stand: the kind of doubt, and its words."""
        if not ABOUT_PAGES.search(self.task) or self.unpaged:
            return None
        lines = paged_lines(evidence, self.task)
        if says_pages_only(words) and lines:
            there = [line for line in lines if pages_of(line) & pages_of(words)]
            self.source = "; ".join(sources("", self.task, there or lines))
            return "valueless", VALUELESS.format(line=self.source)
        elsewhere = cites_elsewhere(words, lines)
        if not lines or (PAGE.search(words) and not elsewhere):
            return None
        self.unpaged, self.source = words, "; ".join(sources(words, self.task, lines))
        said = CITED_ELSEWHERE.format(line=self.source) if elsewhere else UNCITED.format(line=f" ({self.source})")
        return "uncited", said

    def undefaulted(self, words: str, evidence: Iterable[str]) -> tuple[str, str] | None:
        """Asked for a parameter's default, it says another or none."""
        left = defaults_left_out(self.task, words, evidence)
        self.missing_defaults = tuple(left)
        return ("undefaulted", UNDEFAULTED.format(values=", ".join(left))) if left else None

    def completed(self, answer: str) -> str:
        """The answer with what a small model leaves out when it is asked for the page: the value, or the page again."""
        told, first = set(NUMBER.findall(answer)), self.unpaged.strip()
        if values_of(first) - values_of(answer) and len(answer) < MOST_PAGE_CHARACTERS:
            return f"{first} ({answer.strip()})"
        cited = pages_of(answer)
        astray = not PAGE.search(answer) if not cited else not cited & pages_of(self.source)
        pages_only = self.source and says_pages_only(answer)
        if pages_only or (first and astray and told & words_of(self.source)):
            return f"{answer}\n\nWhere it stands: {self.source}"
        left = [v for v in self.missing_defaults if v.partition("=")[2].strip("'\"") not in answer]
        return f"{answer}\n\nWhat the signature says: {', '.join(left)}" if left else answer
