"""From what a person types (a path, arXiv id, URL, DOI or title) to a paper that can be read.

Offline, local files and the built-in cards are all there is, and the error says so.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from intern.papers.cards import bare_id, known_cards, load_card
from intern.papers.model import PaperError, Reading, SourceKind
from intern.papers.read import read_paper_file
from intern.settings import Settings

__all__ = ["FoundPaper", "arxiv_id_in", "find_paper", "load_card"]

_ID = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(v\d+)?(?![\d])")
_OLD_ID = re.compile(
    r"\b((?:astro-ph|cond-mat|cs|math|stat|physics|quant-ph|eess|q-bio|nlin|hep-\w+)(?:\.[A-Z]{2})?/\d{7})(v\d+)?"
)
_DOI = re.compile(r"\b10\.\d{4,9}/\S+")


@dataclass(slots=True)
class FoundPaper:
    """A paper at hand: `path` of a file to read, or a built-in card when `kind` is "card"."""

    kind: SourceKind
    title: str = ""
    arxiv_id: str | None = None
    path: Path | None = None
    url: str = ""
    note: str = ""

    def read(self, *, deadline_seconds: float = 60) -> Reading:
        """Read it. Raises PaperError."""
        if self.path is not None:
            reading = read_paper_file(self.path, deadline_seconds=deadline_seconds)
            reading.arxiv_id = reading.arxiv_id or self.arxiv_id
            return reading
        if self.arxiv_id is None:
            raise PaperError("Nothing to read: neither a file nor an arXiv id")
        return load_card(self.arxiv_id)


def arxiv_id_in(text: str) -> str | None:
    """The arXiv id in an id, URL or DOI, with its version if one is given; None when there is none."""
    for pattern in (_ID, _OLD_ID):
        if match := pattern.search(text):
            return match.group(1) + (match.group(2) or "")
    return None


def find_paper(query: str, settings: Settings, online: bool) -> FoundPaper:
    """Find one paper. Raises PaperError, with what is known, when it is not at hand."""
    query = query.strip()
    if not query:
        raise PaperError("Name a paper: a file, an arXiv id or URL, a DOI, or a title")
    local = Path(query).expanduser()
    if _exists(local):
        return FoundPaper(kind="pdf", title=local.stem, path=local, arxiv_id=arxiv_id_in(local.name))
    if re.search(r"\.(pdf|tex|tar|tgz|gz|html?)$", query, re.I) and not re.match(r"https?://", query):
        raise PaperError(f"No such file: {query}")
    return _find_card(query)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _find_card(query: str) -> FoundPaper:
    cards = known_cards()
    arxiv_id = arxiv_id_in(query)
    if arxiv_id is not None and bare_id(arxiv_id) in cards:
        found = bare_id(arxiv_id)
        return FoundPaper(kind="card", title=cards[found], arxiv_id=found)
    if arxiv_id is None and not _DOI.search(query):
        best = _closest(query, cards)
        if best is not None:
            return FoundPaper(kind="card", title=cards[best], arxiv_id=best)
    known = "; ".join(f"{key} {title}" for key, title in cards.items())
    raise PaperError(f"{query!r} is not at hand offline. Give a PDF file, or one of the built-in papers: {known}")


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _closest(query: str, cards: dict[str, str]) -> str | None:
    """The card whose title is close to the query, or holds all its words."""
    wanted = _words(query)
    scored = []
    for key, title in cards.items():
        words = _words(title)
        ratio = difflib.SequenceMatcher(None, " ".join(wanted), " ".join(words)).ratio()
        if (len(wanted) >= 2 and set(wanted) <= set(words)) or (len(wanted) == 1 and wanted[0] == words[0]):
            ratio = max(ratio, 0.9)
        scored.append((ratio, key))
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= 0.72 else None
