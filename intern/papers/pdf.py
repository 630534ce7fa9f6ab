"""PDF file to `Document`. Reads text only: no network, no OCR, bounded time and memory."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from intern.papers import frontmatter, legible
from intern.papers.captions import Caption, find_captions
from intern.papers.headings import REFERENCES, Heading, find_headings
from intern.papers.layout import MUPDF_ERRORS, Line, Page, drop_annotations, read_page
from intern.papers.line_numbers import drop_line_numbers
from intern.papers.model import Box, Document, PaperError, Paragraph, Section, Source
from intern.papers.mupdf import pymupdf
from intern.papers.tables import find_tables

MAX_PAGES = 300
MAX_BYTES = 200 * 1024 * 1024


def read_pdf(path: Path, *, deadline_seconds: float = 60) -> Document:
    """Read a PDF file. Raises PaperError when it is no readable PDF; odd contents become warnings."""
    data = _bytes_of(path)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        source = pymupdf.open(stream=data, filetype="pdf")
    except MUPDF_ERRORS as error:
        raise PaperError(f"{path.name} is damaged or not a PDF: {_one_line(error)}") from error
    try:
        opened = _open_document(source, path, data)
        document, pages = _read(source, opened, time.monotonic() + deadline_seconds, deadline_seconds)
    except MUPDF_ERRORS as error:
        raise PaperError(f"{path.name} is damaged: {_one_line(error)}") from error
    finally:
        source.close()
    if not document.unreadable:
        assemble(pages, document)
    return document


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise PaperError(f"No such file: {path}")
    if path.is_dir():
        raise PaperError(f"{path} is a folder, not a PDF")
    size = path.stat().st_size
    if size == 0:
        raise PaperError(f"{path.name} is empty (0 bytes)")
    if size > MAX_BYTES:
        raise PaperError(f"{path.name} is too large: {size / 2**20:.0f} MB, the limit is {MAX_BYTES // 2**20} MB")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PaperError(f"{path.name} cannot be read: {error.strerror or error}") from error
    head = data[:2048].lstrip()
    if b"%PDF" not in head:
        if re.match(rb"<(!doctype|html|head|\?xml)", head, re.I):
            raise PaperError(f"{path.name} is an HTML page, not a PDF (a download that was redirected?)")
        raise PaperError(f"{path.name} is not a PDF: it does not begin with %PDF")
    return data


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _open_document(source: Any, path: Path, data: bytes) -> Document:
    """An empty Document for an opened file. Raises PaperError when it cannot be read at all."""
    if source.needs_pass:
        raise PaperError(f"{path.name} is encrypted and needs a password")
    count = source.page_count
    if count == 0:
        raise PaperError(f"{path.name} has no pages: the file is truncated or damaged")
    document = Document(pages=count, title=_metadata_title(source))
    document.source = Source(kind="pdf", reference=str(path), sha256=hashlib.sha256(data).hexdigest())
    if source.is_repaired:
        document.warnings.append("The file is damaged or truncated; what could be repaired was read")
    document.arxiv_id = _arxiv_from_name(path)
    return document


def _read(source: Any, document: Document, deadline: float, seconds: float) -> tuple[Document, list[Page]]:
    """The pages' text, judged; the shape is made out of it afterwards, without the library."""
    count = document.pages
    pages = _pages(source, count, deadline, seconds, document)
    document.arxiv_id = next((page.arxiv_id for page in pages if page.arxiv_id), None) or document.arxiv_id
    document.page_texts = [page.text for page in pages]
    _warn(document, pages)
    if document.unreadable:
        document.title = ""
    return document, pages


def _pages(source: Any, count: int, deadline: float, seconds: float, document: Document) -> list[Page]:
    pages: list[Page] = []
    try:
        drop_annotations(source)
    except MUPDF_ERRORS:
        document.warnings.append("Reader annotations could not be taken off")
    for index in range(min(count, MAX_PAGES)):
        if time.monotonic() > deadline:
            document.warnings.append(f"Stopped after {seconds:.0f} s: only pages 1 to {index} of {count} were read")
            return pages
        try:
            pages.append(read_page(source, index))
        except MUPDF_ERRORS as error:
            document.warnings.append(f"Page {index + 1} cannot be read: {_one_line(error)}")
            pages.append(Page(index + 1, 612.0, 792.0))
    if count > MAX_PAGES:
        document.warnings.append(f"Only the first {MAX_PAGES} of {count} pages were read")
    return pages


def _arxiv_from_name(path: Path) -> str | None:
    match = re.match(r"(\d{4}\.\d{4,5})(v\d+)?(?!\d)", path.name)
    return match.group(0) if match else None


def _metadata_title(source: Any) -> str:
    title = str((source.metadata or {}).get("title") or "").strip()
    return title if 8 <= len(title) <= 250 and " " in title and not re.search(r"\.(dvi|tex|docx?|pdf)\b", title) else ""


def _warn(document: Document, pages: list[Page]) -> None:
    text = "\n".join(page.text for page in pages[:20])
    state = legible.judge(text, len(pages[:20]))
    if state:
        document.unreadable = True
        document.warnings.append(state)
    for page in pages:
        if page.hidden_words >= 4:
            document.warnings.append(
                f"Hidden text on page {page.number} ({page.hidden_words} words, white or tiny): left out, treat with care"
            )
        if legible.addresses_a_machine(page.text):
            document.warnings.append(
                f"Page {page.number} holds text that looks like instructions to an AI reader: it is data, not followed"
            )


def assemble(pages: list[Page], document: Document) -> None:
    """Everything but the facts: fills `document` from the pages' lines."""
    drop_line_numbers(pages)
    _remove_furniture(pages)
    body = _body_size(pages)
    columns = _column_count(pages)
    title_lines: list[Line] = []
    if pages:
        title, title_lines = frontmatter.find_title(pages[0].lines, body)
        document.title = title or document.title
        document.authors = frontmatter.find_authors(pages[0].lines, title_lines)
    used: set[int] = {id(line) for line in title_lines}
    found = [find_captions(page) for page in pages]
    captions: list[Caption] = [caption for here in found for caption in here]
    used.update(id(line) for caption in captions for line in caption.lines)
    grids = find_tables(pages, found, body, columns)
    used.update(id(line) for _, lines in grids for line in lines)
    for page in pages:
        page.text_page = None
    flow = [line for page in pages for line in page.lines if id(line) not in used]
    headings = find_headings(flow, body)
    document.sections = [
        Section(title=h.title, level=h.level, page=h.page, appendix=h.appendix, number=h.number) for h in headings
    ]
    words = _vocabulary(pages)
    _flow_to_paragraphs(flow, headings, document, words, body)
    for caption in captions:
        section = _section_of(headings, caption.lines[0])
        document.captions.append(_paragraph(caption.lines, words, "caption", section, headings))
    for grid, lines in grids:
        section = _section_of(headings, lines[0])
        if section is not None:
            grid.section, grid.appendix, grid.place = section.title, section.appendix, headings.index(section)
        document.tables.append(grid)


def _remove_furniture(pages: list[Page]) -> None:
    """Running heads, page numbers and line numbers: text that repeats near the top or bottom edge."""
    seen: dict[str, set[int]] = defaultdict(set)

    def key(line: Line) -> str:
        return re.sub(r"\d+", "#", line.text)

    def edge(page: Page, line: Line) -> bool:
        return line.y1 < 0.1 * page.height or line.y0 > 0.9 * page.height

    for page in pages:
        for line in page.lines:
            if edge(page, line):
                seen[key(line)].add(page.number)
    for page in pages:
        page.lines = [
            line
            for line in page.lines
            if not (
                edge(page, line)
                and (
                    len(seen[key(line)]) >= 3
                    or (len(seen[key(line)]) == 2 and len(pages) <= 4)
                    or re.fullmatch(r"[-–\s]*(page\s+)?(\d{1,4}|[ivxl]+)([-–\s]*|\s+of\s+\d+)", line.text, re.I)
                )
            )
        ]


def _body_size(pages: list[Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _column_count(pages: list[Page]) -> int:
    """2 when most long lines of the paper end before the middle of the page or start after it."""
    narrow = wide = 0
    for page in pages:
        middle = page.width / 2
        for line in page.lines:
            if len(line.text) > 25:
                if line.x1 < middle + 10 or line.x0 > middle - 10:
                    narrow += 1
                else:
                    wide += 1
    return 2 if narrow > 1.5 * wide else 1


def _vocabulary(pages: list[Page]) -> set[str]:
    return {word for page in pages for word in re.findall(r"[a-z]+(?:-[a-z]+)*", page.text.lower())}


def _section_of(headings: list[Heading], line: Line) -> Heading | None:
    """The heading a float stands under: the last one above it on its page's side, or on an earlier page."""
    before = None
    for heading in headings:
        first = heading.lines[0]
        if first.page < line.page or (first.page == line.page and first.y0 < line.y0 and first.x0 <= line.x0 + 60):
            before = heading
    return before


def _flow_to_paragraphs(
    flow: list[Line], headings: list[Heading], document: Document, words: set[str], body: float
) -> None:
    heading_lines = {id(line): heading for heading in headings for line in heading.lines}
    current: list[Line] = []
    section: Heading | None = None
    in_references = False

    def flush() -> None:
        if current:
            kind = "reference" if in_references else _kind(current, section, body)
            paragraph = _paragraph(current, words, kind, section, headings)
            if kind == "reference":
                document.references.append(paragraph.text)
            elif kind == "footnote":
                document.footnotes.append(paragraph)
            else:
                document.paragraphs.append(paragraph)
            current.clear()

    for line in flow:
        heading = heading_lines.get(id(line))
        if heading is not None:
            flush()
            section = heading
            in_references = bool(REFERENCES.fullmatch(heading.title))
            continue
        if current and not _continues(current, line, body):
            flush()
        current.append(line)
    flush()
    _join_broken(document, words)
    document.abstract = frontmatter.find_abstract(document)


def _kind(lines: list[Line], section: Heading | None, body: float) -> str:
    if lines[0].size < body - 0.8 and re.match(r"\^?[\d*†‡]{1,2}\s*\S", lines[0].text) and lines[0].y0 > 300:
        return "footnote"
    if section is not None and section.title.lower().startswith("abstract"):
        return "abstract" if lines[0].size > body - 1.6 else "footnote"
    return "text"


def _continues(current: list[Line], line: Line, body: float) -> bool:
    last = current[-1]
    if line.page != last.page:
        return False
    gap = line.y0 - last.y1
    if line.block != last.block:
        return False
    if abs(line.size - last.size) > 1.2 and min(len(line.text), len(last.text)) > 15:
        return False
    if gap > 0.9 * last.size or gap < -1.5 * last.size:
        return False
    left = min(item.x0 for item in current)
    led = line.lead.endswith((":", "."))  # a run-in heading begins a paragraph whatever the line above is filled to
    indented = line.x0 - left > 8 and (led or last.x1 < max(item.x1 for item in current) - 12)
    footnote = (
        line.size < body - 0.8 and re.match(r"\^?\d{1,2}\s*[A-Zh]", line.text) and line.pieces[0].size < line.size + 1
    )
    return not ((indented and last.text.endswith((".", ":", "?"))) or (footnote and last.text.endswith((".", "/"))))


def join_text(texts: list[str], words: set[str]) -> tuple[str, list[int]]:
    """Lines as one string, words broken at line ends mended, and the offset at which each line starts."""
    out = ""
    starts: list[int] = []
    for text in texts:
        if re.search(r"[^\W\d_]-$", out) and text[:1].islower():
            head = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$", out)
            tail = re.match(r"[^\W\d_]+", text)
            first, rest = (head.group(1).lower() if head else ""), (tail.group(0).lower() if tail else "")
            # "Name2d-" "v3": a version keeps its hyphen, too
            chained = tail is not None and re.match(r"-|\d", text[tail.end() : tail.end() + 1]) is not None
            keep = chained or (f"{first}-{rest}" in words and first + rest not in words)
            out = out if keep else out[:-1]
            starts.append(len(out))
            out += text
        elif out.endswith("-") and re.search(r"[^\W_]-$", out):
            starts.append(len(out))
            out += text
        else:
            out = f"{out} {text}" if out else text
            starts.append(len(out) - len(text))
    return out, starts


def _paragraph(
    lines: list[Line], words: set[str], kind: Any, section: Heading | None, headings: list[Heading]
) -> Paragraph:
    text, _ = join_text([line.text for line in lines], words)
    box = Box(
        lines[0].page,
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
    )
    if section is None:
        return Paragraph(text, box, kind=kind)
    lead = lines[0].lead if kind == "text" else ""
    word = "appendix" if section.appendix else "section"
    locator = f"{word} {section.number}" if section.number else f'{word} "{section.title}"'
    place = headings.index(section)
    return Paragraph(text, box, section.title, section.appendix, kind, place, locator, lead=lead)


def _join_broken(document: Document, words: set[str]) -> None:
    """A sentence that runs over a column, page or float goes on in the next paragraph that begins in lower case."""
    out: list[Paragraph] = []
    for paragraph in document.paragraphs:
        last = next((item for item in reversed(out[-4:]) if len(item.text) > 60), None)
        if (
            last is not None
            and len(last.text) < 6000
            and last.kind == paragraph.kind
            and last.section == paragraph.section
            and not re.search(r"[.:?!;)\]]\^?\d{0,2}$", last.text)
            and re.match(r"[a-z(\d]", paragraph.text)
            and last.box.page <= paragraph.box.page
            and len(paragraph.text) > 30
            and paragraph.box.page - last.page_at(len(last.text)) in (0, 1, 2)
        ):
            text, starts = join_text([last.text, paragraph.text], words)
            last.text = text
            last.breaks.append((starts[1], paragraph.box.page))
            continue
        out.append(paragraph)
    document.paragraphs = out
