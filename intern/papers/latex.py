"""LaTeX source (folder, .tex, e-print .tar.gz) to `Document`. Nothing is run: the text is taken apart.

Comments, drafts behind `\\iffalse` and unused files are left out; the paper's own macros are expanded.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from intern.papers.frontmatter import is_name
from intern.papers.latex_text import braces, to_text
from intern.papers.model import Document, PaperError, Source
from intern.papers.plain_document import Cell, DocumentBuilder, tidy

MAX_SOURCE = 30 * 1024 * 1024
MAX_FILES = 3000
_LEVELS = {"part": 1, "section": 1, "subsection": 2, "subsubsection": 3, "paragraph": 4}
_COMMAND = re.compile(r"\\(section|subsection|subsubsection|paragraph|appendix|footnote|bibitem|begin|end)\b(\*?)")


def read_latex(path: Path) -> Document:
    """Read a LaTeX source. Raises PaperError when it holds no document."""
    files, digest = _files(path)
    main = _main_file(files)
    if main is None:
        raise PaperError(f"{path.name} holds no LaTeX document (no \\documentclass)")
    text = _include(files[main], files, PurePosixPath(main).parent)
    preamble, _, body = text.partition("\\begin{document}")
    body = body.partition("\\end{document}")[0]
    body = _expand(body, _macros(preamble + body))
    builder = DocumentBuilder()
    builder.document.source = Source(kind="latex", reference=str(path), sha256=digest)
    match = re.search(r"(\d{4}\.\d{4,5})(v\d+)?", path.name)
    builder.document.arxiv_id = match.group() if match else None
    _front(builder, preamble + body)
    _body(builder, body)
    bibliography = next((files[name] for name in sorted(files) if name.endswith(".bbl")), "")
    for item in re.split(r"\\bibitem", _without_comments(bibliography))[1:]:
        builder.paragraph(to_text(re.sub(r"^\s*(?:\[[^\]]*\])?\s*\{[^}]*\}", "", item)), "reference")
    document = builder.finish()
    document.warnings.append("Read from LaTeX source, which has no pages: every page number is 1")
    return document


def _files(path: Path) -> tuple[dict[str, str], str]:
    """Text of every TeX file by its path in the source, and a hash over all of them. Raises PaperError."""
    raw: dict[str, bytes] = {}
    if not path.exists():
        raise PaperError(f"No such file: {path}")
    if path.is_dir():
        for file in sorted(path.rglob("*"))[:MAX_FILES]:
            if file.suffix in (".tex", ".bbl") and file.is_file() and file.stat().st_size < MAX_SOURCE:
                raw[file.relative_to(path).as_posix()] = file.read_bytes()
    else:
        raw = _unpack(path)
    if not raw:
        raise PaperError(f"{path.name} holds no .tex file")
    digest = hashlib.sha256(b"".join(raw[name] for name in sorted(raw))).hexdigest()
    return {name: _without_comments(_decode(data)) for name, data in raw.items()}, digest


def _unpack(path: Path) -> dict[str, bytes]:
    """TeX files of an archive, read in memory: nothing is written, links are not followed, sizes are bounded."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MAX_SOURCE * 4 + 1)
            if len(data) > MAX_SOURCE * 4:
                raise PaperError(f"{path.name} unpacks to more than {MAX_SOURCE * 4 // 2**20} MB")
        if data[257:262] != b"ustar":
            return {path.stem + ".tex": data} if b"\\" in data else {}
        out: dict[str, bytes] = {}
        total = 0
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for number, member in enumerate(archive):
                if number > MAX_FILES or total > MAX_SOURCE:
                    break
                if member.isfile() and member.name.endswith((".tex", ".bbl")) and member.size < MAX_SOURCE:
                    stream = archive.extractfile(member)
                    out[member.name.removeprefix("./")] = stream.read() if stream else b""
                    total += member.size
        return out
    except (OSError, EOFError, tarfile.TarError, gzip.BadGzipFile) as error:
        raise PaperError(f"{path.name} is no readable archive: {' '.join(str(error).split())[:100]}") from error


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _without_comments(text: str) -> str:
    text = re.sub(r"(?<!\\)((?:\\\\)*)%[^\n]*", r"\1", text)
    text = re.sub(r"\\begin\{comment\}.*?\\end\{comment\}", "", text, flags=re.S)
    return re.sub(r"\\iffalse\b.*?\\fi\b", "", text, flags=re.S)


def _main_file(files: dict[str, str]) -> str | None:
    whole = [name for name, text in files.items() if "\\documentclass" in text and "\\begin{document}" in text]
    return max(whole, key=lambda name: (name.count("/") == 0, len(files[name])), default=None)


def _include(text: str, files: dict[str, str], folder: PurePosixPath, depth: int = 0) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match.group(1).strip().removeprefix("./")
        for candidate in (name, f"{name}.tex", str(folder / name), str(folder / f"{name}.tex")):
            if candidate in files and depth < 8:
                return _include(files[candidate], files, folder, depth + 1)
        return ""

    return re.sub(r"\\(?:input|include|subfile)\s*\{([^}]+)\}", replace, text)[:MAX_SOURCE]


def _macros(text: str) -> dict[str, tuple[int, str]]:
    """The paper's own commands: name -> (number of arguments, body)."""
    out: dict[str, tuple[int, str]] = {}
    for match in re.finditer(
        r"\\(?:re)?newcommand\*?\s*\{?\\(\w+)\}?\s*(?:\[(\d)\])?\s*(?=\{)|\\def\\(\w+)\s*(?=\{)", text
    ):
        body, _ = braces(text, match.end())
        name = match.group(1) or match.group(3)
        if len(body) < 2000 and f"\\{name}" not in body:
            out[name] = (int(match.group(2) or 0), body)
    return out


def _expand(text: str, macros: dict[str, tuple[int, str]]) -> str:
    """Replace the paper's macros, a few levels deep and within a bound."""
    text = re.sub(r"\\(?:re)?newcommand\*?\s*\{?\\\w+\}?(?:\[\d\])?", " ", text)
    if not macros:
        return text
    pattern = re.compile(r"\\(" + "|".join(sorted(map(re.escape, macros), key=len, reverse=True)) + r")(?![A-Za-z])")
    for _ in range(4):
        out: list[str] = []
        at = 0
        for match in pattern.finditer(text):
            if match.start() < at:
                continue
            count, body = macros[match.group(1)]
            end = match.end()
            for number in range(1, count + 1):
                argument, end = braces(text, end)
                body = body.replace(f"#{number}", argument)
            out.extend((text[at : match.start()], body))
            at = end
        out.append(text[at:])
        changed = "".join(out)
        if changed == text or len(changed) > MAX_SOURCE:
            break
        text = changed
    return text


def _front(builder: DocumentBuilder, text: str) -> None:
    document = builder.document
    if match := re.search(r"\\(?:icml)?title(?:\[[^\]]*\])?\s*(?=\{)", text):
        document.title = tidy(to_text(re.sub(r"\\\\", " ", braces(text, match.end())[0])))
    named = [braces(text, match.end())[0] for match in re.finditer(r"\\(?:icml)?author(?:\[[^\]]*\])?\s*(?=\{)", text)]
    for block in named:
        block = re.sub(
            r"\\(?:thanks|footnotemark|inst|affiliation|footnote|email|"
            r"textsuperscript)(?:\[[^\]]*\])?\s*(\{(?:[^{}]|\{[^{}]*\})*\})?",
            " ",
            block,
        )
        for part in re.split(r"\\and\b|\\And\b|\\AND\b|\\\\|,|\\quad|\\qquad|&|\n\s*\n", block, flags=re.S):
            name = tidy(re.sub(r"[*†‡§¶\d^$]|\[.*?\]", "", to_text(part))).strip(" .,{}")
            if is_name(name):
                document.authors.append(name)
    document.authors = list(dict.fromkeys(document.authors))
    if match := re.search(r"\\begin\{abstract\}(.*?)\\end\{abstract\}", text, re.S):
        document.abstract = tidy(to_text(match.group(1)))
    elif match := re.search(r"\\abstract\s*(?=\{)", text):
        document.abstract = tidy(to_text(braces(text, match.end())[0]))


def _body(builder: DocumentBuilder, text: str) -> None:
    """Walk through the body: headings, floats, footnotes, text between."""
    counters = {"table": 0, "figure": 0}
    if builder.document.abstract:
        builder.paragraph(builder.document.abstract, "abstract")
    text = re.sub(r"\\begin\{abstract\}.*?\\end\{abstract\}", "", text, flags=re.S)
    text = re.sub(r"\\begin\{thebibliography\}(.*?)\\end\{thebibliography\}", r"\\bibliography{}", text, flags=re.S)
    text = _numbered_citations(text)
    text = _take_out(
        text, r"\\begin\{((?:wrap)?(?:table|figure)\*?)\}", lambda kind, inner: _float(builder, counters, kind, inner)
    )
    text = _footnotes(builder, text)
    at = 0
    for match in re.finditer(
        r"\\(part|section|subsection|subsubsection|paragraph)(\*?)\s*(?:\[[^\]]*\])?\s*(?=\{)|"
        r"\\appendix\b|\\begin\{appendi\w+\}|\\bibliography\s*\{[^}]*\}",
        text,
    ):
        _paragraphs(builder, text[at : match.start()])
        if match.group(1) is None:
            builder.begin_appendix()
            at = match.end()
            continue
        title, at = braces(text, match.end())
        if match.group(1) == "paragraph":
            at_text = f"\n\n{to_text(title)}: "
            builder.paragraph(at_text)
        else:
            builder.section(to_text(title), _LEVELS[match.group(1)], numbered=not match.group(2))
    _paragraphs(builder, text[at:])


def _numbered_citations(text: str) -> str:
    """Citations as numbers in order of first use, as a printed paper has them."""
    numbers: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        keys = [key.strip() for key in match.group(1).split(",") if key.strip()]
        return "[" + ", ".join(str(numbers.setdefault(key, len(numbers) + 1)) for key in keys) + "]"

    return re.sub(r"\\(?:cite[a-z]*|parencite|textcite)\*?\s*(?:\[[^\]]*\])*\s*\{([^}]*)\}", replace, text)


def _take_out(text: str, begin: str, use: Callable[[str, str], str]) -> str:
    """Cut environments out of a text, handing each to `use`; what it returns stands in its place."""
    out: list[str] = []
    at = 0
    for match in re.finditer(begin, text):
        if match.start() < at:
            continue
        end = text.find(f"\\end{{{match.group(1)}}}", match.end())
        if end < 0:
            continue
        out.extend((text[at : match.start()], use(match.group(1), text[match.end() : end])))
        at = end + len(match.group(1)) + 6
    out.append(text[at:])
    return "".join(out)


def _float(builder: DocumentBuilder, counters: dict[str, int], kind: str, inner: str) -> str:
    """Tables are added where they stand in the source; captions too."""
    name = "table" if "table" in kind else "figure"
    counters[name] += 1
    match = re.search(r"\\caption\s*(?:\[[^\]]*\])?\s*(?=\{)", inner)
    caption = to_text(braces(inner, match.end())[0]) if match else ""
    label = f"{name.title()} {counters[name]}"
    if caption:
        builder.paragraph(f"{label}: {caption}", "caption")
    for tabular in re.finditer(r"\\begin\{(tabular[xy*]?|tabulary)\}(.*?)\\end\{\1\}", inner, re.S):
        builder.table(table_rows(tabular.group(2)), f"{label}: {caption}")
    return "\n\n"


def table_rows(text: str) -> list[list[Cell]]:
    """Rows of a tabular body (its column specification still in front)."""
    text = re.sub(r"^\s*(?:\[[^\]]*\])?", "", text)
    while text.lstrip().startswith("{"):
        _, end = braces(text, len(text) - len(text.lstrip()))
        text = text[end:]
    text = re.sub(
        r"\\(?:toprule|midrule|bottomrule|hline|hhline\{[^}]*\}|cmidrule(?:\([^)]*\))?\s*\{[^}]*\}|"
        r"cline\{[^}]*\}|addlinespace(?:\[[^\]]*\])?|specialrule(?:\{[^}]*\}){3})",
        " ",
        text,
    )
    rows = []
    for line in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", text):
        if line.strip():
            rows.append([_cell(part) for part in re.split(r"(?<!\\)&", line)])
    return rows


def _cell(text: str) -> Cell:
    columns = rows = 1
    for _ in range(2):
        if match := re.match(r"\s*\\multicolumn\s*\{(\d+)\}\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*(?=\{)", text):
            columns, text = int(match.group(1)), braces(text, match.end())[0]
        elif match := re.match(
            r"\s*\\multirow\s*(?:\[[^\]]*\])?\{(-?\d+)\}\s*(?:\[[^\]]*\])?\{[^{}]*\}\s*(?:\[[^\]]*\])?(?=\{)", text
        ):
            rows, text = abs(int(match.group(1))), braces(text, match.end())[0]
    return Cell(to_text(text), min(columns, 60), min(rows, 200))


def _footnotes(builder: DocumentBuilder, text: str) -> str:
    out: list[str] = []
    at = 0
    for match in re.finditer(r"\\footnote(?:text)?\s*(?:\[[^\]]*\])?\s*(?=\{)", text):
        if match.start() < at:
            continue
        note, end = braces(text, match.end())
        builder.paragraph(to_text(note), "footnote")
        out.append(text[at : match.start()])
        at = end
    out.append(text[at:])
    return "".join(out)


def _paragraphs(builder: DocumentBuilder, text: str) -> None:
    text = re.sub(r"\\item\b(?:\s*\[([^\]]*)\])?", r"\n\n• \1 ", text)
    for part in re.split(r"\n\s*\n|\\par\b", text):
        builder.paragraph(to_text(part))
