"""Clients of arXiv, Hub papers and Semantic Scholar. Each turns the source's own format into `PaperEntry`."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from intern.papers.model import PaperError
from intern.papers.web import Answer, Web
from intern.settings import Settings

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_FIELDS = "title,authors,abstract,year,externalIds,citationCount,url"


@dataclass(slots=True)
class PaperEntry:
    """A paper as a source lists it."""

    title: str
    authors: list[str] = field(default_factory=list)
    abstract: str = ""
    arxiv_id: str | None = None
    doi: str | None = None
    year: int | None = None
    url: str = ""
    citations: int | None = None
    source: str = ""
    snippet: str = ""


@dataclass(slots=True)
class Linked:
    """What the Hub links to a paper."""

    models: list[str] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    spaces: list[str] = field(default_factory=list)
    code: str = ""


def _json(answer: Answer, who: str) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise PaperError(f"{who} answered with something that is no JSON") from error


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


class Arxiv:
    """arXiv's API (Atom) and its files. One request every three seconds, as arXiv asks."""

    def __init__(self, settings: Settings, web: Web | None = None) -> None:
        self.network = settings.network
        self.web = web or Web(settings, pause=3.0)

    def search(self, title: str, limit: int = 5) -> list[PaperEntry]:
        """Entries whose titles hold the words. Raises PaperError."""
        words = re.findall(r"[\w-]+", title)
        query = " AND ".join(f"ti:{word}" for word in words[:12])
        answer = self.web.get(self.network.arxiv_api, {"search_query": query, "max_results": str(limit)})
        return parse_feed(answer.body)

    def entry(self, arxiv_id: str) -> PaperEntry:
        """The entry of one id. Raises PaperError when arXiv has none."""
        answer = self.web.get(self.network.arxiv_api, {"id_list": arxiv_id, "max_results": "1"})
        entries = parse_feed(answer.body)
        if not entries:
            raise PaperError(f"arXiv has no paper {arxiv_id}")
        return entries[0]

    def file(self, arxiv_id: str, kind: str) -> Path:
        """The file of a paper: kind "e-print", "html" or "pdf". Raises PaperError."""
        answer = self.web.get(f"{self.network.arxiv}/{kind}/{arxiv_id}", fresh=30 * 86400)
        suffix = file_suffix(answer.body)
        if kind == "pdf" and suffix != ".pdf":
            raise PaperError(f"arXiv did not send a PDF for {arxiv_id}")
        path = answer.path.with_suffix(suffix)
        if not path.exists() or path.stat().st_size != len(answer.body):
            path.write_bytes(answer.body)
        return path


def file_suffix(body: bytes) -> str:
    """The kind of file by its first bytes."""
    if body[:1024].lstrip().startswith(b"%PDF"):
        return ".pdf"
    if body[:2] == b"\x1f\x8b":
        return ".tar.gz"
    if body[257:262] == b"ustar":
        return ".tar"
    if re.match(rb"\s*<(!doctype html|html)", body[:200], re.I):
        return ".html"
    return ".tex"


def parse_feed(body: bytes) -> list[PaperEntry]:
    """Entries of an arXiv Atom feed. Raises PaperError when it is malformed or holds arXiv's error entry."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise PaperError("arXiv answered with malformed XML") from error
    out = []
    for item in root.iter(f"{_ATOM}entry"):
        link = item.findtext(f"{_ATOM}id", "").strip()
        title = _text(item.findtext(f"{_ATOM}title", ""))
        if "api/errors" in link:
            raise PaperError(f"arXiv refused the query: {_text(item.findtext(f'{_ATOM}summary', ''))[:120]}")
        match = re.search(r"abs/(.+)$", link)
        if not title or not match:
            continue
        published = item.findtext(f"{_ATOM}published", "")
        out.append(
            PaperEntry(
                title=title,
                authors=[_text(author.findtext(f"{_ATOM}name", "")) for author in item.iter(f"{_ATOM}author")],
                abstract=_text(item.findtext(f"{_ATOM}summary", "")),
                arxiv_id=match.group(1),
                doi=item.findtext(f"{_ARXIV}doi"),
                year=int(published[:4]) if published[:4].isdigit() else None,
                url=link,
                source="arXiv",
            )
        )
    return out


class HubPapers:
    """Papers on the Hub: search, facts with linked repositories, and the text as Markdown."""

    def __init__(self, settings: Settings, web: Web | None = None) -> None:
        self.base = settings.network.hub.rstrip("/")
        self.web = web or Web(settings, pause=0.2)

    def search(self, query: str, limit: int = 5) -> list[PaperEntry]:
        """Entries for a query. Raises PaperError."""
        answer = self.web.get(f"{self.base}/api/papers/search", {"q": query, "limit": str(limit)})
        items = _json(answer, "The Hub")
        if not isinstance(items, list):
            raise PaperError("The Hub answered a paper search with an unknown format")
        return [entry for item in items[:limit] if isinstance(item, dict) and (entry := self._entry(item))]

    def info(self, arxiv_id: str) -> tuple[PaperEntry, Linked]:
        """A paper's entry and what is linked to it. Raises PaperError."""
        item = _json(self.web.get(f"{self.base}/api/papers/{quote(arxiv_id)}"), "The Hub")
        entry = self._entry(item) if isinstance(item, dict) else None
        if entry is None:
            raise PaperError(f"The Hub does not know the paper {arxiv_id}")
        names = {key: [_text(row.get("id")) for row in item.get(key) or [] if isinstance(row, dict)] for key in _LINKED}
        linked = Linked(
            names["linkedModels"], names["linkedDatasets"], names["linkedSpaces"], _text(item.get("githubRepo"))
        )
        return entry, linked

    def markdown(self, arxiv_id: str) -> str:
        """The paper's text as the Hub renders it. Raises PaperError."""
        return self.web.get(f"{self.base}/papers/{quote(arxiv_id)}.md").body.decode("utf-8", "replace")

    def _entry(self, item: dict[str, Any]) -> PaperEntry | None:
        inner = item.get("paper")
        paper: dict[str, Any] = inner if isinstance(inner, dict) else item
        arxiv_id, title = _text(paper.get("id")), _text(item.get("title") or paper.get("title"))
        if not title:
            return None
        published = _text(paper.get("publishedAt"))
        return PaperEntry(
            title=title,
            authors=[_text(row.get("name")) for row in paper.get("authors") or [] if isinstance(row, dict)],
            abstract=_text(paper.get("summary")),
            arxiv_id=arxiv_id or None,
            year=int(published[:4]) if published[:4].isdigit() else None,
            url=f"{self.base}/papers/{arxiv_id}" if arxiv_id else "",
            source="Hub",
        )


_LINKED = ("linkedModels", "linkedDatasets", "linkedSpaces")


class SemanticScholar:
    """Semantic Scholar's graph: search, references, citations, snippets and recommendations."""

    def __init__(self, settings: Settings, web: Web | None = None) -> None:
        self.base = settings.network.semantic_scholar.rstrip("/")
        self.web = web or Web(settings, pause=1.1)

    def search(self, query: str, limit: int = 5) -> list[PaperEntry]:
        """Entries for a query. Raises PaperError."""
        url = f"{self.base}/graph/v1/paper/search"
        data = self._rows(url, {"query": query, "limit": str(limit), "fields": _FIELDS}, "data")
        return [entry for row in data if (entry := _scholar_entry(row))]

    def entry(self, paper: str) -> PaperEntry:
        """One paper by "ARXIV:1706.03762", "DOI:10…" or its own id. Raises PaperError."""
        row = _json(
            self.web.get(f"{self.base}/graph/v1/paper/{quote(paper, safe=':/')}", {"fields": _FIELDS}),
            "Semantic Scholar",
        )
        entry = _scholar_entry(row) if isinstance(row, dict) else None
        if entry is None:
            raise PaperError(f"Semantic Scholar does not know {paper}")
        return entry

    def references(self, paper: str, limit: int = 50) -> list[PaperEntry]:
        """Papers it cites. Raises PaperError."""
        return self._linked(paper, "references", "citedPaper", limit)

    def citations(self, paper: str, limit: int = 50) -> list[PaperEntry]:
        """Papers that cite it. Raises PaperError."""
        return self._linked(paper, "citations", "citingPaper", limit)

    def recommendations(self, paper: str, limit: int = 10) -> list[PaperEntry]:
        """Papers like it. Raises PaperError."""
        url = f"{self.base}/recommendations/v1/papers/forpaper/{quote(paper, safe=':/')}"
        data = self._rows(url, {"limit": str(limit), "fields": _FIELDS}, "recommendedPapers")
        return [entry for row in data if (entry := _scholar_entry(row))]

    def snippets(self, query: str, limit: int = 5) -> list[PaperEntry]:
        """Passages that fit a query, each with its paper. Raises PaperError."""
        data = self._rows(f"{self.base}/graph/v1/snippet/search", {"query": query, "limit": str(limit)}, "data")
        out = []
        for row in data:
            paper, snippet = row.get("paper"), row.get("snippet")
            entry = _scholar_entry(paper) if isinstance(paper, dict) else None
            if entry is not None and isinstance(snippet, dict):
                entry.snippet = _text(snippet.get("text"))[:600]
                out.append(entry)
        return out

    def _linked(self, paper: str, kind: str, key: str, limit: int) -> list[PaperEntry]:
        url = f"{self.base}/graph/v1/paper/{quote(paper, safe=':/')}/{kind}"
        data = self._rows(url, {"limit": str(limit), "fields": _FIELDS}, "data")
        rows = [row.get(key) for row in data]
        return [entry for row in rows if isinstance(row, dict) and (entry := _scholar_entry(row))]

    def _rows(self, url: str, params: dict[str, str], key: str) -> list[dict[str, Any]]:
        answer = _json(self.web.get(url, params), "Semantic Scholar")
        rows = answer.get(key) if isinstance(answer, dict) else None
        return [row for row in rows or [] if isinstance(row, dict)]


def _scholar_entry(row: dict[str, Any]) -> PaperEntry | None:
    title = _text(row.get("title"))
    if not title:
        return None
    external = row.get("externalIds")
    ids: dict[str, Any] = external if isinstance(external, dict) else {}
    year, citations = row.get("year"), row.get("citationCount")
    return PaperEntry(
        title=title,
        authors=[_text(author.get("name")) for author in row.get("authors") or [] if isinstance(author, dict)],
        abstract=_text(row.get("abstract")),
        arxiv_id=_text(ids.get("ArXiv")) or None,
        doi=_text(ids.get("DOI")) or None,
        year=year if isinstance(year, int) else None,
        url=_text(row.get("url")),
        citations=citations if isinstance(citations, int) else None,
        source="Semantic Scholar",
    )
