"""Ways to show a reading to a person or an agent: a page with its quote marked, a section's text, short summaries.

Everything here is a pure function of a file or a reading, for the tools and the faces to wire up.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from intern.papers.layout import MUPDF_ERRORS
from intern.papers.model import Document, PaperError, Reading, Table
from intern.papers.mupdf import pymupdf
from intern.papers.quotes import fold

_YELLOW = (1.0, 0.9, 0.2)


def page_image(path: Path, page: int, quote: str = "", *, dots_per_inch: int = 110) -> bytes:
    """A page (1-based) as PNG with the quote highlighted where it is found. Raises PaperError."""
    try:
        source = pymupdf.open(path, filetype="pdf")
    except MUPDF_ERRORS as error:
        raise PaperError(f"{path.name} cannot be shown: {' '.join(str(error).split())[:120]}") from error
    with source:
        if not 1 <= page <= source.page_count:
            raise PaperError(f"{path.name} has {source.page_count} pages, there is no page {page}")
        sheet = source[page - 1]
        for box in quote_boxes(sheet, quote):
            sheet.draw_rect(box, color=None, fill=_YELLOW, fill_opacity=0.45)
        scale = min(dots_per_inch, 4000 * 72 / max(sheet.rect.width, sheet.rect.height, 1)) / 72
        return bytes(sheet.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False).tobytes("png"))


def quote_boxes(sheet: pymupdf.Page, quote: str) -> list[pymupdf.Rect]:
    """Boxes of the words of a quote on a page, one for each line; empty when it is not there.

    The quote is looked up without spaces and without hyphens between letters, as everywhere in this room.
    """
    words = sheet.get_text("words")
    text, owners = "", []
    for number, word in enumerate(words):
        part = fold(word[4])
        text += part
        owners.extend([number] * len(part))
    boxes: list[pymupdf.Rect] = []
    at = 0
    for needle in filter(None, (fold(part) for part in quote.split("..."))):
        squeezed, keep = _without_hyphens(text, owners)
        start = squeezed.find(needle, at)
        if start < 0:
            return []
        at = start + len(needle)
        lines: dict[tuple[int, int], pymupdf.Rect] = {}
        for number in dict.fromkeys(keep[start:at]):
            word = words[number]
            key = (word[5], word[6])
            box = pymupdf.Rect(word[:4])
            lines[key] = lines[key] | box if key in lines else box
        boxes.extend(lines.values())
    return boxes


def _without_hyphens(text: str, owners: list[int]) -> tuple[str, list[int]]:
    """Hyphens at word ends go too, once words are run together."""
    kept = [
        n
        for n, char in enumerate(text)
        if not (char == "-" and 0 < n < len(text) - 1 and text[n - 1].isalpha() and text[n + 1].isalpha())
    ]
    return "".join(text[n] for n in kept), [owners[n] for n in kept]


def section_text(document: Document, title: str, *, limit: int = 4000) -> str:
    """The text of the section whose title or number is closest to `title`, cut at `limit` with a note. Raises PaperError."""
    place = _find_section(document, title)
    text = "\n\n".join(item.text for item in document.paragraphs if item.place == place)
    left = len(text) - limit
    return text if left <= 0 else f"{text[:limit]}\n[{left} more characters]"


def _find_section(document: Document, title: str) -> int:
    wanted = re.sub(r"^section\s+", "", title.strip().lower())
    for n, section in enumerate(document.sections):
        if wanted in (section.number.lower(), section.title.lower(), f"{section.number} {section.title}".lower()):
            return n
    for n, section in enumerate(document.sections):
        if wanted and wanted in section.title.lower():
            return n
    known = "; ".join(f"{section.number} {section.title}".strip() for section in document.sections)
    raise PaperError(f"There is no section {title!r}. Sections: {known}")


def find_table(reading: Reading, label: str) -> Table:
    """The table whose caption begins with a label ("Table 2" or "2"). Raises PaperError."""
    wanted = re.sub(r"\s+", " ", label.strip().lower())
    wanted = f"table {wanted}" if wanted.isdigit() else wanted
    for table in reading.tables:
        if re.match(rf"{re.escape(wanted)}(?!\d)", table.caption.lower()):
            return table
    known = ", ".join(re.split(r"[:.|]", table.caption)[0].strip() for table in reading.tables)
    raise PaperError(f"There is no {label!r} in this paper. Tables: {known or 'none'}")


def setup_lines(reading: Reading, *, limit: int = 40) -> list[str]:
    """One short line for each setting: name, value, scope, page; then how many were left out, and what was only tried."""
    facts = sorted(reading.setup.hyperparameters, key=lambda fact: (fact.scope != "main", fact.name))
    lines = []
    for fact in facts[:limit]:
        unit = f" {fact.unit}" if fact.unit else ""
        scope = "" if fact.scope == "main" else f" [{fact.scope}]"
        lines.append(f"{fact.name} = {fact.value}{unit}{scope} (p. {fact.page})")
    if len(facts) > limit:
        lines.append(f"… and {len(facts) - limit} more")
    tried: dict[str, list[str]] = {}
    for fact in reading.setup.variations:
        tried.setdefault(fact.name, []).append(f"{fact.value} (p. {fact.page})")
    return lines + [f"only tried: {name} = {'; '.join(values[:4])}" for name, values in tried.items()]


def main(arguments: list[str]) -> int:
    """`python -m intern.papers.show FILE PAGE` writes the page as PNG, the quote from stdin marked; 2 when it cannot."""
    _bounded()
    try:
        picture = page_image(Path(arguments[0]), int(arguments[1]), sys.stdin.read())
    except PaperError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.buffer.write(picture)
    return 0


def _bounded() -> None:
    """A hostile page may take this much time and memory, and nothing of it outlives the app for longer."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (25, 25))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
