"""arXiv HTML (LaTeXML, also ar5iv) to `Document`. Other pages are refused: they hold no paper."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from intern.papers.frontmatter import is_name
from intern.papers.latex_text import to_text
from intern.papers.model import Document, PaperError, Source
from intern.papers.plain_document import Cell, DocumentBuilder, tidy

MAX_BYTES = 40 * 1024 * 1024
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "source", "wbr", "area", "base", "embed", "track", "param"}
_SILENT = {"script", "style", "nav", "header", "footer", "button", "svg", "template", "noscript"}
_HEADINGS = {"h1": 1, "h2": 1, "h3": 2, "h4": 3, "h5": 4, "h6": 4}


@dataclass(slots=True)
class Node:
    """An element with its classes and children (elements or text)."""

    tag: str
    classes: frozenset[str] = frozenset()
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str = "", with_class: str = "") -> list[Node]:
        """Descendants with a tag and class, in order."""
        out: list[Node] = []
        stack = [child for child in reversed(self.children) if isinstance(child, Node)]
        while stack:
            node = stack.pop()
            if (not tag or node.tag == tag) and (not with_class or with_class in node.classes):
                out.append(node)
            stack.extend(child for child in reversed(node.children) if isinstance(child, Node))
        return out

    def text(self, without: frozenset[str] = frozenset()) -> str:
        """The text in it; mathematics by its TeX, notes and tags left out where asked."""
        out: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                out.append(node)
            elif node.classes & without or node.tag in _SILENT:
                continue
            elif node.tag == "math" and node is not self:
                out.append(to_text(f"${node.attributes.get('alttext', '')}$"))
            elif node.tag == "sup" and not node.all("math"):
                out.append("^" + node.text().strip())
            else:
                if node.tag == "br":
                    out.append(" ")
                stack.extend(reversed(node.children))
        return "".join(out)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.open: list[Node] = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        node = Node(tag, frozenset(attributes.get("class", "").split()), attributes)
        self.open[-1].children.append(node)
        if tag not in _VOID and len(self.open) < 400:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open[-1].tag == tag and tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_html(path: Path) -> Document:
    """Read a LaTeXML page. Raises PaperError when the page is no paper."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PaperError(f"{path.name} is too large for a paper page")
        data = path.read_bytes()
    except OSError as error:
        raise PaperError(f"{path.name} cannot be read: {error.strerror or error}") from error
    tree = _Tree()
    tree.feed(data.decode("utf-8", "replace"))
    article = next(iter(tree.root.all("article")), tree.root)
    if not tree.root.all(with_class="ltx_document") and not article.all(with_class="ltx_para"):
        raise PaperError(f"{path.name} is an HTML page, but not a paper in arXiv's HTML")
    builder = DocumentBuilder()
    builder.document.source = Source(kind="html", reference=str(path), sha256=hashlib.sha256(data).hexdigest())
    stamp = re.search(rb"arXiv:(\d{4}\.\d{4,5}(?:v\d+)?)", data)
    builder.document.arxiv_id = stamp.group(1).decode() if stamp else None
    _front(builder, article)
    _walk(builder, article)
    document = builder.finish()
    document.warnings.append("Read from HTML, which has no pages: every page number is 1")
    return document


_NOTES = frozenset({"ltx_note", "ltx_ERROR", "ltx_role_footnote", "ltx_tag_note", "ltx_missing"})


def _front(builder: DocumentBuilder, article: Node) -> None:
    document = builder.document
    title = next(iter(article.all(with_class="ltx_title_document")), None)
    document.title = tidy(title.text(_NOTES)) if title else ""
    for person in article.all(with_class="ltx_personname"):
        for part in re.split(r",|\band\b|&|\n|;|\s{3,}", re.sub(r"\^\S+|[*†‡§¶\d]", ",", person.text(_NOTES))):
            if is_name(tidy(part)):
                document.authors.append(tidy(part))
    document.authors = list(dict.fromkeys(document.authors))
    abstract = next(iter(article.all(with_class="ltx_abstract")), None)
    if abstract is not None:
        document.abstract = tidy(" ".join(part.text(_NOTES) for part in abstract.all("p")))
        builder.paragraph(document.abstract, "abstract")


def _walk(builder: DocumentBuilder, article: Node) -> None:
    """Headings, paragraphs, tables, captions and notes in reading order."""
    stack: list[Node | str] = [article]
    appendix = False
    while stack:
        node = stack.pop()
        if isinstance(node, str) or node.tag in _SILENT:
            continue
        classes = node.classes
        if "ltx_abstract" in classes or "ltx_authors" in classes or "ltx_title_document" in classes:
            continue
        if "ltx_appendix" in classes and not appendix:
            appendix = True
            builder.begin_appendix()
        if "ltx_bibliography" in classes:
            for item in node.all(with_class="ltx_bibitem"):
                builder.paragraph(item.text(_NOTES), "reference")
        elif node.tag in _HEADINGS and any(name.startswith("ltx_title") for name in classes):
            number = next(iter(node.all(with_class="ltx_tag")), None)
            builder.section(node.text(_NOTES | {"ltx_tag"}), _level(node), numbered=number is not None)
        elif node.tag == "figure" or "ltx_figure" in classes or "ltx_table" in classes:
            _figure(builder, node)
        elif node.tag == "table" and "ltx_tabular" in classes:
            builder.table(_rows(node), "Table")
        elif "ltx_role_footnote" in classes:
            builder.paragraph(node.text(frozenset({"ltx_note_mark"})), "footnote")
        elif node.tag == "p" or "ltx_p" in classes:
            builder.paragraph(node.text(_NOTES))
            stack.extend(reversed(node.all(with_class="ltx_role_footnote")))
        else:
            stack.extend(reversed(node.children))


def _level(node: Node) -> int:
    for name, level in (
        ("ltx_title_subsubsection", 3),
        ("ltx_title_subsection", 2),
        ("ltx_title_section", 1),
        ("ltx_title_appendix", 1),
    ):
        if name in node.classes:
            return level
    return _HEADINGS[node.tag]


def _figure(builder: DocumentBuilder, node: Node) -> None:
    caption = next(iter(node.all("figcaption")), None)
    text = tidy(caption.text(_NOTES)) if caption else ""
    if text:
        builder.paragraph(text, "caption")
    for table in node.all("table", "ltx_tabular"):
        builder.table(_rows(table), text or "Table")


def _rows(table: Node) -> list[list[Cell]]:
    def span(cell: Node, name: str) -> int:
        value = cell.attributes.get(name, "1")
        return min(int(value), 100) if value.isdigit() and int(value) > 0 else 1

    rows = []
    for row in table.all("tr"):
        cells = [child for child in row.children if isinstance(child, Node) and child.tag in ("td", "th")]
        rows.append([Cell(cell.text(_NOTES), span(cell, "colspan"), span(cell, "rowspan")) for cell in cells])
    return rows
