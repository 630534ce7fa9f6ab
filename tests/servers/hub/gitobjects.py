"""True git hashes without git: clients check them (`verify_repo_checksums`) and compare them to skip unchanged files."""

from __future__ import annotations

import hashlib
from typing import TypedDict


class Entry(TypedDict):
    """A file of a commit. `oid` is git's blob hash (for a large file: of its pointer), `large` the content's SHA-256."""

    oid: str
    size: int
    large: str | None


Files = dict[str, Entry]


def blob_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def pointer(sha256: str, size: int) -> bytes:
    """What git itself stores for a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def regular(content: bytes) -> Entry:
    return {"oid": blob_oid(content), "size": len(content), "large": None}


def large(sha256: str, size: int) -> Entry:
    return {"oid": blob_oid(pointer(sha256, size)), "size": size, "large": sha256}


def tree_oids(files: Files) -> dict[str, str]:
    """Git's tree hash of every folder; the root is ""."""
    folders: dict[str, dict[str, tuple[str, str]]] = {"": {}}
    for path, entry in files.items():
        parent, _, name = path.rpartition("/")
        folders.setdefault(parent, {})[name] = ("100644", entry["oid"])
        while parent:
            above = parent.rpartition("/")[0]
            folders.setdefault(above, {})
            parent = above
    oids: dict[str, str] = {}
    for folder in sorted(folders, key=lambda path: -1 if path == "" else path.count("/"), reverse=True):
        names = folders[folder]
        # git sorts a folder as if its name ended in a slash
        ordered = sorted(names, key=lambda name: name + "/" if names[name][0] == "40000" else name)
        body = b"".join(f"{names[n][0]} {n}".encode() + b"\0" + bytes.fromhex(names[n][1]) for n in ordered)
        oids[folder] = hashlib.sha1(b"tree %d\0" % len(body) + body).hexdigest()
        if folder:
            above, _, name = folder.rpartition("/")
            folders[above][name] = ("40000", oids[folder])
    return oids


def commit_oid(tree: str, parent: str | None, author: str, date: str, message: str) -> str:
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {author} {date}", "", message]
    body = "\n".join(lines).encode()
    return hashlib.sha1(b"commit %d\0" % len(body) + body).hexdigest()
