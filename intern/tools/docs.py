"""Documentation: signatures and docstrings of what is installed here, and guide pages on the Hub.

Installed packages are read from source: nothing is imported or executed.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

from intern.tools.base import RoomTool
from intern.tools.fetching import FetchError
from intern.tools.web import AS_DATA, PAGE_CHARS, fetcher
from intern.tools.workbench import ToolError

MOST_HITS = 8
LONG_DOC = 3500
SHORT_DOC = 160
MOST_SECONDS = 15.0
SKIPPED = frozenset({"tests", "test", "testing", "_vendor", "vendor", "legacy", "deprecated"})
GUIDE = re.compile(r"^\s*[-*] \[([^\]\n]+)\]\(https?://[^/\s)]+(/[^\s)]+)\)", re.MULTILINE)
"""An entry of a library's llms.txt: title, and the page's path."""
DEFINED = re.compile(rb"^([ \t]*)(?:class|(?:async )?def)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Hit:
    """A definition: where it is and how well its name fits (smaller is better)."""

    rank: tuple[int, ...]
    name: str
    file: Path
    line: int


class SearchDocs(RoomTool):
    name = "search_docs"
    description = (
        "Signatures and docstrings of installed packages, as installed here. query: a dotted name like "
        "'transformers.TrainingArguments' or 'torch.nn.Linear.forward', or 'package word'. One good hit gives its whole "
        "docstring, several give one line each. Use it before you call what you are not sure of. With guides=True: the "
        "Hub's guide pages of a library (network), like query='peft quicktour lora'."
    )
    inputs = {
        "query": {"type": "string", "description": "a dotted name, or a package and part of a name"},
        "guides": {"type": "boolean", "description": "guide pages instead", "nullable": True},
    }
    reads_only = True

    def forward(self, query: str, guides: bool | None = False) -> dict[str, Any]:
        if guides:
            return self._guides(query)
        package, *rest = [p for p in re.split(r"[.\s]+", query.strip()) if p] or [""]
        folder = package_folder(package)
        words = [w for w in rest if re.fullmatch(r"\w+", w)]
        if not words:
            return {"package": package, "version": _version(package), "about": _module_doc(folder / "__init__.py"),
                    "next": f"give a name too, like '{package}.Something'"}  # fmt: skip
        hits = find_definitions(folder, words, self.bench.run.check)
        if not hits:
            raise ToolError(f"Nothing in {package} {_version(package)} is called {'.'.join(words)}.")
        best = [h for h in hits if h.rank[0] == hits[0].rank[0]]
        if hits[0].rank[0] == 0 and len({h.name for h in best}) == 1:
            return {"package": package, "version": _version(package), **described(hits[0], package, folder, LONG_DOC)}
        found = [described(h, package, folder, SHORT_DOC) for h in hits[:MOST_HITS]]
        return {"package": package, "version": _version(package), "found": found, "more": max(0, len(hits) - MOST_HITS)}

    def _guides(self, query: str) -> dict[str, Any]:
        """Pages of a library's guides on the Hub, the best one's text with them. Raises ToolError."""
        library, *words = [w.lower() for w in re.findall(r"[\w-]+", query)] or [""]
        if not self.bench.online:
            raise ToolError("There is no network for guide pages: without guides=True the installed packages are read.")
        base = self.bench.settings.network.hub.rstrip("/")
        reader = fetcher(self.bench, base=base)
        try:
            index = reader.get(f"{base}/docs/{library}/llms.txt").text
        except FetchError as error:
            if error.status == 404:
                raise ToolError(
                    f"The Hub has no guides of {library!r}: begin the query with a library's name."
                ) from None
            raise
        ranked = sorted(
            ((-sum(w in f"{title} {path}".lower() for w in words), len(path), title, path)
             for title, path in GUIDE.findall(index)),
        )  # fmt: skip
        best = [(title, path) for fitting, _, title, path in ranked if fitting][:MOST_HITS]
        if not best:
            return {
                "library": library,
                "pages": [title for _, _, title, _ in ranked[:40]],
                "next": "name a page's words",
            }
        title, path = best[0]
        page = reader.get(f"{base}{path.removesuffix('.md')}.md")
        return {"library": library, "title": title, "url": page.url, "note": AS_DATA, "text": self.fit(page.text, PAGE_CHARS),
                "others": [other for other, _ in best[1:]]}  # fmt: skip


def package_folder(package: str) -> Path:
    """Where an installed package's source is. Raises ToolError."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin or not spec.submodule_search_locations:
        raise ToolError(
            f"There is no package {package!r} installed here. Begin the query with a package's import name."
        )
    return Path(spec.origin).parent


def find_definitions(folder: Path, words: list[str], check: Callable[[], None]) -> list[Hit]:
    """Classes and functions whose name is the last word (or holds it), best first. `check` is called for each file."""
    wanted, context = words[-1].lower(), [w.lower() for w in words[:-1]]
    needle, hits = wanted.encode(), []
    deadline = time.monotonic() + MOST_SECONDS
    for file in _sources(folder):
        check()
        if time.monotonic() > deadline:
            break
        source = file.read_bytes()
        if needle not in source.lower():
            continue
        parts = [p.lower() for p in file.relative_to(folder).with_suffix("").parts]
        for match in DEFINED.finditer(source):
            name = match[2].decode()
            if wanted not in name.lower():
                continue
            inexact = 0 if name == words[-1] else 1 if name.lower() == wanted else 2
            missing = sum(not any(c in p for p in parts) and c.encode() not in source.lower() for c in context)
            if missing or (inexact == 2 and name.startswith("_")):
                continue
            outside = sum(not any(c in p for p in parts) for c in context)
            nested = 1 if match[1] else 0
            line = source.count(b"\n", 0, match.start(2)) + 1
            hits.append(Hit((inexact, outside, nested, len(parts), len(name)), name, file, line))
    return sorted(hits, key=lambda h: (h.rank, h.file.as_posix(), h.line))


def described(hit: Hit, package: str, folder: Path, length: int) -> dict[str, Any]:
    """Name, signature, docstring and place of a definition."""
    source = hit.file.read_text(encoding="utf-8", errors="replace")
    where = f"{package}/{hit.file.relative_to(folder).as_posix()}:{hit.line}"
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {"name": hit.name, "where": where, "signature": source.splitlines()[hit.line - 1].strip(), "doc": ""}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name == hit.name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first <= hit.line <= node.body[0].lineno:
                doc = ast.get_docstring(node) or ""
                if length == SHORT_DOC:
                    doc = " ".join(doc.partition("\n\n")[0].split())
                return {"name": hit.name, "where": where, "signature": signature(node), "doc": doc[:length]}
    return {"name": hit.name, "where": where, "signature": "", "doc": ""}


def signature(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """`name(arguments) -> result`; of a class its constructor, or the fields of a dataclass."""
    if not isinstance(node, ast.ClassDef):
        result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return f"{node.name}({ast.unparse(node.args)}){result}"
    bases = ", ".join(ast.unparse(b) for b in node.bases)
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    if made := methods.get("__init__"):
        return f"class {node.name}({bases}): __init__({ast.unparse(made.args)})"
    fields = [ast.unparse(n).partition("\n")[0] for n in node.body if isinstance(n, ast.AnnAssign)]
    shown = [re.sub(r"field\(\s*default=([^,)]+).*", r"\1", f)[:90] for f in fields]
    shown = [s.partition(" = field(")[0] for s in shown]
    return f"class {node.name}({bases})" + (f": {'; '.join(shown)}" if shown else "")


def _sources(folder: Path) -> Iterator[Path]:
    files = [f for f in folder.rglob("*.py*") if f.suffix in (".py", ".pyi")]
    yield from (
        f for f in sorted(files, key=lambda f: (len(f.parts), f)) if not SKIPPED & set(f.relative_to(folder).parts)
    )


def _module_doc(file: Path) -> str:
    try:
        return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "")[:LONG_DOC]
    except (SyntaxError, OSError, UnicodeDecodeError):
        return ""


def _version(package: str) -> str:
    for name in packages_distributions().get(package, [package]):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
