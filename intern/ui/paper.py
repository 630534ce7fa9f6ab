"""The Paper panel: what the paper states. Each fact opens to its quote and, for a PDF, to its page with the quote marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intern.ui.files import FileLinks
from intern.ui.quotes import page_name
from intern.ui.render import render
from intern.ui.view import RunView

NO_PAGES = {
    "card": "A built-in card has facts with page and section, not the paper itself: give the PDF to see its pages here.",
    "latex": "Read from the paper's LaTeX source, which has no pages to show.",
    "html": "Read from the paper's web page, which has no pages to show.",
    "pdf": "The PDF is not there any more, so its pages cannot be shown.",
}
OPEN_FACTS = 30
"""With more facts than these only the main setup is unfolded."""


def paper(view: RunView, links: FileLinks) -> str:
    """Title, authors, the setup table, data sets, claims, what is not stated, and contradictions."""
    facts = view.facts
    known, setup = _mapping(facts.get("paper")), _mapping(facts.get("setup"))
    source = _mapping(known.get("source"))
    kind = str(source.get("kind") or "")
    pages = Pages(view.run_id, source, links)
    by_scope: dict[str, list[Any]] = {}
    for row in _rows(setup, "hyperparameters"):
        by_scope.setdefault(str(row.get("scope") or "main"), []).append(row)
    few = sum(map(len, by_scope.values())) <= OPEN_FACTS
    groups = [
        ("Main setup" if scope == "main" else scope, values, few or scope == "main")
        for scope, values in sorted(by_scope.items(), key=lambda item: item[0] != "main")
    ]
    if tried := _rows(setup, "variations"):
        groups.append(("Only tried, in ablations or searches", tried, False))
    claims = _rows(setup, "results")
    return render(
        "paper.html",
        paper=known,
        kind=kind,
        setup=setup,
        setup_groups=groups,
        claims=[c for c in claims if c.get("own")],
        baselines=[c for c in claims if not c.get("own")],
        contradictions=_rows(setup, "contradictions"),
        picture=pages.picture,
        no_pages="" if pages.there else NO_PAGES.get(kind, ""),
    )


class Pages:
    """Links to pictures of pages, where the PDF that was read is still there."""

    def __init__(self, run_id: str, source: dict[str, Any], links: FileLinks) -> None:
        self._run_id, self._links = run_id, links
        self._sha256 = str(source.get("sha256") or "")
        self.there = source.get("kind") == "pdf" and bool(self._sha256) and Path(str(source.get("reference"))).is_file()

    def picture(self, page: object, quote: object) -> str:
        """The address of a picture of the page with the quote marked; "" where there is none."""
        if not self.there or not isinstance(page, int) or not isinstance(quote, str):
            return ""
        return self._links.page(self._run_id, page_name(self._sha256, page, quote))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(setup: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = setup.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
