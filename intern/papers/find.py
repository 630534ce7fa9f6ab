"""From what a person types (a path, arXiv id, URL, DOI or title) to a paper that can be read.

Offline, local files and the built-in cards are all there is, and the error says so.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intern.papers.cards import bare_id, known_cards, load_card
from intern.papers.model import PaperError, Reading, SourceKind
from intern.papers.read import read_paper_file, readable
from intern.settings import Settings

if TYPE_CHECKING:
    from intern.papers.sources import PaperEntry

__all__ = ["FoundPaper", "arxiv_id_in", "find_paper", "load_card", "search_papers"]

_ID = re.compile(r"(?<!\d)(?<!\d\.)(\d{4}\.\d{4,5})(v\d+)?(?![\d])")
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
        elif self.arxiv_id is not None:
            reading = load_card(self.arxiv_id)
        else:
            raise PaperError("Nothing to read: neither a file nor an arXiv id")
        if self.note:
            reading.warnings.append(self.note)
        return reading


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
    if not online:
        return _find_card(query)
    return _find_online(query, settings)


def search_papers(query: str, settings: Settings, limit: int = 8) -> tuple[list[PaperEntry], list[str]]:
    """Entries of all sources, one for each paper, and what went wrong at which source. Never raises PaperError."""
    from intern.papers.sources import Arxiv, HubPapers, SemanticScholar

    out: dict[str, PaperEntry] = {}
    problems: list[str] = []
    for source in (HubPapers(settings), Arxiv(settings), SemanticScholar(settings)):
        try:
            found = source.search(query, limit)
        except PaperError as error:
            problems.append(str(error))
            continue
        for entry in found:
            key = bare_id(entry.arxiv_id) if entry.arxiv_id else " ".join(_words(entry.title))
            out.setdefault(key, entry)
    ranked = sorted(out.values(), key=lambda entry: -_likeness(query, entry.title))
    return ranked[:limit], problems


def _find_online(query: str, settings: Settings) -> FoundPaper:
    """By id, DOI or title from the sources; a built-in card when they fail."""
    from intern.papers.sources import SemanticScholar

    arxiv_id = arxiv_id_in(query)
    problems: list[str] = []
    if arxiv_id is None and (doi := _DOI.search(query)):
        arxiv_id = SemanticScholar(settings).entry(f"DOI:{doi.group().rstrip('.,')}").arxiv_id
        if arxiv_id is None:
            raise PaperError(f"{doi.group()} is not on arXiv: give its PDF file instead")
    elif arxiv_id is None and re.match(r"https?://", query):
        raise PaperError(f"{query} is not a paper address that is known here: download the PDF and give the file")
    title = ""
    if arxiv_id is None:
        entries, problems = search_papers(query, settings, 5)
        best = next((entry for entry in entries if entry.arxiv_id and _likeness(query, entry.title) >= 0.6), None)
        if best is None:
            try:
                return _find_card(query)
            except PaperError as error:
                raise PaperError("; ".join([f"No paper found for {query!r}", *problems])) from error
        arxiv_id, title = best.arxiv_id, best.title
    assert arxiv_id is not None
    return _download(arxiv_id, title, settings, problems)


def _download(arxiv_id: str, title: str, settings: Settings, problems: list[str]) -> FoundPaper:
    """Source before HTML before PDF: the earlier, the less is lost."""
    from intern.papers.sources import Arxiv

    arxiv = Arxiv(settings)
    kinds: tuple[tuple[str, SourceKind], ...] = (("e-print", "latex"), ("html", "html"), ("pdf", "pdf"))
    for place, kind in kinds:
        try:
            path = arxiv.file(arxiv_id, place)
            if path.suffix == ".pdf" and kind != "pdf":
                kind = "pdf"
            elif not readable(path):
                continue
        except PaperError as error:
            problems.append(str(error))
            continue
        return FoundPaper(
            kind=kind, title=title, arxiv_id=arxiv_id, path=path, url=f"{settings.network.arxiv}/abs/{arxiv_id}"
        )
    if bare_id(arxiv_id) in known_cards():
        note = f"arXiv did not give the paper ({problems[-1]}): this is the built-in card"
        return FoundPaper(kind="card", title=known_cards()[bare_id(arxiv_id)], arxiv_id=bare_id(arxiv_id), note=note)
    raise PaperError(f"{arxiv_id} could not be fetched: {'; '.join(dict.fromkeys(problems))}")


def _likeness(query: str, title: str) -> float:
    wanted, words = _words(query), _words(title)
    ratio = difflib.SequenceMatcher(None, " ".join(wanted), " ".join(words)).ratio()
    return max(ratio, 0.9) if len(wanted) >= 2 and set(wanted) <= set(words) else ratio


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
