"""What publishing a bundle would change, file by file, beside what lies in the same place already."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from intern.publish.folder import MARKER

CARD = "README.md"
MOST_LINES = 200


class FileChange(BaseModel):
    """One file of the bundle or of the earlier publication; `bytes` is its new size, the old one when it goes."""

    path: str
    bytes: int
    change: Literal["new", "changed", "same", "gone"]


def folder_changes(staged: Path, earlier: Path | None) -> list[FileChange]:
    """Every file of a staged bundle against an earlier publication (all new when there is none)."""
    ours, theirs = _files(staged), _files(earlier) if earlier is not None else {}
    found = [
        FileChange(path=name, bytes=path.stat().st_size, change=_change(path, theirs.get(name)))
        for name, path in ours.items()
    ]
    gone = [
        FileChange(path=name, bytes=path.stat().st_size, change="gone")
        for name, path in theirs.items()
        if name not in ours
    ]
    return found + gone


def card_difference(staged: Path, earlier: Path) -> str:
    """The model card's changed lines as a unified diff; "" when there is no earlier card or it is the same."""
    new, old = staged / CARD, earlier / CARD
    if not new.is_file() or not old.is_file():
        return ""
    before, after = (path.read_text(encoding="utf-8", errors="replace").splitlines() for path in (old, new))
    lines = list(difflib.unified_diff(before, after, "published", "now", lineterm="", n=2))
    more = [f"… {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path for path in found if path.name != MARKER}


def _change(path: Path, earlier: Path | None) -> Literal["new", "changed", "same"]:
    if earlier is None:
        return "new"
    same = path.stat().st_size == earlier.stat().st_size and _digest(path) == _digest(earlier)
    return "same" if same else "changed"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
