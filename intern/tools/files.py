"""The files tool: read, write and edit text files of the run's work folder; nothing is overwritten unread."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import secrets
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel

from intern.sandbox.hostfiles import TEMPORARY, read_file
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError, Workbench

MOST_BYTES = 1_000_000
MOST_LISTED = 200
DIFF_CHARS = 6000


class KnownFiles(BaseModel):
    """What the brain has read or written: path -> sha256 of that content."""

    seen: dict[str, str] = {}


class Files(RoomTool):
    name = "files"
    description = (
        "Work-folder text files: action list, read, write or edit. A file must be read before it is changed. write takes "
        "`text`; edit replaces `old`, which must occur exactly once, by `text`. Shows the person a diff. Code can "
        "open() the same files by their relative paths."
    )
    inputs = {
        "action": {"type": "string", "description": "list, read, write or edit"},
        "path": {"type": "string", "description": 'relative to the work folder, like "train.py"', "nullable": True},
        "text": {"type": "string", "description": "write: the content; edit: the replacement", "nullable": True},
        "old": {"type": "string", "description": "edit: the text to replace", "nullable": True},
    }

    def forward(
        self, action: str, path: str | None = "", text: str | None = None, old: str | None = None
    ) -> dict[str, Any]:
        folder = self.bench.run.folder / "work"
        folder.mkdir(parents=True, exist_ok=True)
        if action == "list":
            return {"files": _listed(folder)}
        if action not in ("read", "write", "edit"):
            raise ToolError(f"The action {action!r} is none of list, read, write, edit.")
        name = PurePosixPath(path or "").as_posix()
        if action == "read":
            content = _content(folder, name)
            if content is None:
                raise ToolError(
                    f"There is no file {name!r} in the work folder; files(action='list') shows what there is."
                )
            _remember(self.bench, name, content)
            return {"path": name, "text": content, "lines": content.count("\n") + 1}
        if text is None:
            raise ToolError(f"{action} needs `text`.")
        return self._change(folder, name, action, text, old)

    def _change(self, folder: Path, name: str, action: str, text: str, old: str | None) -> dict[str, Any]:
        before = _content(folder, name)
        if before is not None and _known(self.bench).seen.get(name) != _digest(before):
            raise ToolError(f"{name} is there already and you have not read it as it is now: read it first.")
        after = text
        if action == "edit":
            if before is None:
                raise ToolError(f"There is no file {name!r} to edit: write it.")
            if not old or before.count(old) != 1:
                times = before.count(old) if old else 0
                raise ToolError(f"`old` occurs {times} times in {name}; it must occur exactly once: take more lines.")
            after = before.replace(old, text)
        if len(after.encode()) > MOST_BYTES:
            raise ToolError(f"The text is longer than {MOST_BYTES:,} bytes: write large files from code.")
        _write(folder, name, after)
        _remember(self.bench, name, after)
        diff = _diff(name, before or "", after)
        self.bench.show(diff[:DIFF_CHARS])
        added = sum(line.startswith("+") and not line.startswith("+++") for line in diff.splitlines())
        removed = sum(line.startswith("-") and not line.startswith("---") for line in diff.splitlines())
        return {"path": name, "lines": after.count("\n") + 1, "added": added, "removed": removed}


def _listed(folder: Path) -> list[str]:
    found = []
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", ".git", TEMPORARY))
        for name in sorted(names):
            path = Path(root) / name
            if path.is_symlink():
                continue
            found.append(f"{path.relative_to(folder).as_posix()} ({path.stat().st_size:,} bytes)")
            if len(found) >= MOST_LISTED:
                return [*found, "… more are not listed"]
    return found


def _content(folder: Path, name: str) -> str | None:
    """The text of a file; None when there is none. Raises ToolError for what is no text file of the work folder."""
    try:
        return read_file(folder, name, MOST_BYTES).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ToolError(f"{name} is no UTF-8 text: open it from code.") from None
    except OSError as error:
        raise ToolError(f"{name!r} cannot be read: {error.strerror or error}.") from None


def _write(folder: Path, name: str, text: str) -> None:
    """Put a file in place at once, never through a link: the sandbox's code could have made one."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise ToolError(f"{name!r} is not a path inside the work folder.")
    current = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=current)
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
            os.close(current)
            current = below
        partial = f".{secrets.token_hex(6)}.partial"
        made = os.open(
            partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=current
        )
        with os.fdopen(made, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
        os.rename(partial, parts[-1], src_dir_fd=current, dst_dir_fd=current)
    except OSError as error:
        raise ToolError(f"{name!r} cannot be written: {error.strerror or error}.") from None
    finally:
        os.close(current)


def _diff(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(lines) + "\n"


def _known(bench: Workbench) -> KnownFiles:
    try:
        return bench.load("files", "seen", KnownFiles)
    except ToolError:
        return KnownFiles()


def _remember(bench: Workbench, name: str, content: str) -> None:
    known = _known(bench)
    bench.save("files", "seen", KnownFiles(seen=known.seen | {name: _digest(content)}))


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
