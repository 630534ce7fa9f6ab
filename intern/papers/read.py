"""The room's front door: a file on disk to a `Reading`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from intern.papers.model import Document, PaperError, Reading, Table

MAX_TABLES = 60


def read_document(path: Path, *, deadline_seconds: float = 60) -> Document:
    """A PDF, LaTeX source (folder, .tex, .tar, .tar.gz, .tgz, .gz) or HTML page as a Document. Raises PaperError."""
    from intern.papers.pdf import read_pdf

    kind = _kind(path)
    if kind == "latex":
        from intern.papers.latex import read_latex

        return read_latex(path)
    if kind == "html":
        from intern.papers.html import read_html

        return read_html(path)
    return read_pdf(path, deadline_seconds=deadline_seconds)


def _kind(path: Path) -> str:
    name = path.name.lower()
    if path.is_dir() or name.endswith((".tex", ".tar", ".tar.gz", ".tgz", ".tex.gz")):
        return "latex"
    return "html" if name.endswith((".html", ".htm", ".xhtml")) else "pdf"


def readable(path: Path) -> bool:
    """Whether a file can be read as a paper at all: a source without TeX in it cannot."""
    try:
        return bool(read_document(path).paragraphs)
    except PaperError:
        return False


def read_paper_file(path: Path, *, deadline_seconds: float = 60) -> Reading:
    """A paper's typed setup from a file. Raises PaperError (one clear line) when the file cannot be read."""
    return to_reading(read_document(Path(path), deadline_seconds=deadline_seconds))


def to_reading(document: Document) -> Reading:
    """Extract the setup of a Document and put both into the public form."""
    from intern.papers.legible import NOTHING_READ
    from intern.papers.setup import extract

    warnings = list(document.warnings)
    if not document.paragraphs and not any(NOTHING_READ in warning for warning in warnings):
        warnings.append(NOTHING_READ)
    return Reading(
        title=document.title,
        authors=document.authors,
        abstract=document.abstract,
        arxiv_id=document.arxiv_id,
        pages=document.pages,
        sections=document.sections,
        tables=[Table(page=grid.page, caption=grid.caption, rows=grid.rows) for grid in document.tables[:MAX_TABLES]],
        setup=extract(document),
        warnings=warnings,
        source=document.source,
    )


def main(arguments: list[str]) -> int:
    """`python -m intern.papers.read FILE` prints the reading as JSON; 2 when it cannot be read."""
    try:
        reading = read_paper_file(Path(arguments[0]))
    except PaperError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(reading.model_dump(mode="json"), ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
