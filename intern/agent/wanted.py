"""Files that a task wants written or changed, and whether they are."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from intern.sandbox.hostfiles import read_file

SCRIPT_BYTES = 1 << 20
WRITING = re.compile(r"\b(?:writ|sav|creat|export|stor|generat|mak|produc|plot|draw)\w*", re.IGNORECASE)
CHANGING = re.compile(r"\b(?:fix|repair|correct|edit|chang|updat|rewrit|refactor)\w*", re.IGNORECASE)
RUNNING = re.compile(r"\bshell\(|\bsubprocess\b|\brunpy\b|\bexec\(|os\.system\(|^!", re.MULTILINE)
"""Code that runs a script."""
FILE = re.compile(
    r"(?<![\w./-])[\w-]+\.(?:py|json|csv|tsv|txt|md|yaml|yml|toml|jsonl|sh|html|png|svg|jpe?g|npy|npz|pkl|parquet)\b"
)


@dataclass(frozen=True)
class WantedFile:
    """A file that the task wants written; `before`: the hash of what it held at first (None: it was not there)."""

    path: Path
    before: bytes | None
    did: tuple[str, ...] = ()
    """What a script did by itself, not inside its functions."""
    source: str = ""
    """What a script held at first."""

    def is_done(self) -> bool:
        now = _hash(self.path)
        return now is not None and now != self.before

    def text(self) -> str:
        """What it holds now; "" when it cannot be read."""
        try:
            return read_file(self.path.parent, self.path.name, SCRIPT_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    def lost(self) -> str:
        """What the script did before it was changed and does no more, if it does less now; "" for nothing."""
        now = _calls(self.path)
        return "\n".join(line for line in self.did if line not in now) if len(now) < len(self.did) else ""


def wanted_files(task: str, folder: Path) -> list[WantedFile]:
    """Files that a task asks to write or to change, as far as its words tell."""
    wanted, words = [], FILE.sub(" ", task)
    for name in dict.fromkeys(FILE.findall(task)):
        before = _hash(folder / name)
        if (CHANGING if before is not None else WRITING).search(words):
            file = WantedFile(folder / name, before, _calls(folder / name))
            wanted.append(replace(file, source=file.text() if before is not None else ""))
    only = [w for w in wanted if w.before is not None]
    return [w for w in wanted if w.before is None or len(only) == 1]


def is_about_change(task: str) -> bool:
    """Whether a task asks to change something; "fix.py" alone does not."""
    return CHANGING.search(FILE.sub(" ", task)) is not None


def _hash(file: Path) -> bytes | None:
    try:
        return hashlib.sha256(read_file(file.parent, file.name)).digest()
    except OSError:
        return None


def _calls(file: Path) -> tuple[str, ...]:
    """What a script does by itself, not inside its functions."""
    try:
        return calls_of(read_file(file.parent, file.name, SCRIPT_BYTES)) if file.suffix == ".py" else ()
    except OSError:
        return ()


def calls_of(source: str | bytes) -> tuple[str, ...]:
    """The statements of a program outside its functions that call something; () of what is no Python."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    doing = (ast.Expr, ast.For, ast.While, ast.With, ast.If)
    return tuple(
        ast.unparse(s) for s in body if isinstance(s, doing) and any(isinstance(n, ast.Call) for n in ast.walk(s))
    )
