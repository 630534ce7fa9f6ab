"""What outlives the process: an SQLite index and content-addressed blobs on disk, both under the server's root."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, oid TEXT, type TEXT, fullname TEXT, email TEXT, is_pro INT,
  can_pay INT, credit INT);
CREATE TABLE IF NOT EXISTS members (org TEXT, user TEXT, role TEXT, PRIMARY KEY (org, user));
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, user TEXT, role TEXT, label TEXT, grants TEXT, client TEXT,
  expires REAL, created TEXT, revoked INT DEFAULT 0);
CREATE TABLE IF NOT EXISTS repos (number INTEGER PRIMARY KEY, oid TEXT, kind TEXT, id TEXT, private INT, visibility TEXT,
  gated TEXT, created TEXT, modified TEXT, maker TEXT, client TEXT, extra TEXT, UNIQUE (kind, id));
CREATE TABLE IF NOT EXISTS moved (kind TEXT, old TEXT, new TEXT, PRIMARY KEY (kind, old));
CREATE TABLE IF NOT EXISTS refs (repo INT, ref TEXT, target TEXT, PRIMARY KEY (repo, ref));
CREATE TABLE IF NOT EXISTS commits (oid TEXT, repo INT, parent TEXT, files TEXT, title TEXT, message TEXT, author TEXT,
  date TEXT, PRIMARY KEY (repo, oid));
CREATE TABLE IF NOT EXISTS listings (oid TEXT PRIMARY KEY, files TEXT);
CREATE TABLE IF NOT EXISTS large (sha256 TEXT PRIMARY KEY, size INT, xet TEXT);
CREATE TABLE IF NOT EXISTS large_in (repo INT, sha256 TEXT, pushed TEXT, PRIMARY KEY (repo, sha256));
CREATE TABLE IF NOT EXISTS xet_files (hash TEXT PRIMARY KEY, size INT, sha256 TEXT, terms TEXT);
CREATE TABLE IF NOT EXISTS xet_in (repo INT, hash TEXT, PRIMARY KEY (repo, hash));
CREATE TABLE IF NOT EXISTS xorbs (hash TEXT PRIMARY KEY, offsets TEXT);
CREATE TABLE IF NOT EXISTS bucket_files (repo INT, path TEXT, xet TEXT, size INT, mtime INT, uploaded TEXT, type TEXT,
  PRIMARY KEY (repo, path));
CREATE TABLE IF NOT EXISTS discussions (repo INT, num INT, body TEXT, PRIMARY KEY (repo, num));
CREATE TABLE IF NOT EXISTS access (repo INT, user TEXT, status TEXT, date TEXT, asked INT, PRIMARY KEY (repo, user));
CREATE TABLE IF NOT EXISTS likes (repo INT, user TEXT, PRIMARY KEY (repo, user));
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, namespace TEXT, created TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS documents (type TEXT, id TEXT, owner TEXT, body TEXT, PRIMARY KEY (type, id));
"""


class Store:
    """The index and the blobs. Every method may be called from any thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._database = sqlite3.connect(root / "hub.sqlite", check_same_thread=False, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA)

    def run(self, sql: str, *values: Any) -> None:
        with self.lock:
            self._database.execute(sql, values)

    def many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.lock:
            self._database.execute("BEGIN")
            self._database.executemany(sql, rows)
            self._database.execute("COMMIT")

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self.lock:
            return self._database.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self.lock:
            return self._database.execute(sql, values).fetchone()

    def close(self) -> None:
        with self.lock:
            self._database.close()

    # -- documents: small records that are only ever read whole ----------------------------------------------

    def put_document(self, type: str, id: str, owner: str, body: dict[str, Any]) -> None:
        self.run("INSERT OR REPLACE INTO documents VALUES (?,?,?,?)", type, id, owner, json.dumps(body))

    def document(self, type: str, id: str) -> dict[str, Any] | None:
        row = self.one("SELECT body FROM documents WHERE type=? AND id=?", type, id)
        return json.loads(row["body"]) if row else None

    def documents(self, type: str, owner: str | None = None) -> list[dict[str, Any]]:
        rows = self.all("SELECT body FROM documents WHERE type=? AND (? IS NULL OR owner=?) ORDER BY rowid",
                        type, owner, owner)  # fmt: skip
        return [json.loads(row["body"]) for row in rows]

    def delete_document(self, type: str, id: str) -> None:
        self.run("DELETE FROM documents WHERE type=? AND id=?", type, id)

    # -- blobs -----------------------------------------------------------------------------------------------

    def blob(self, sort: str, name: str) -> Path:
        """Where a blob is or would be. `sort` is git (by git's SHA-1), large (by SHA-256) or xorb (by its hash)."""
        return self.root / "blobs" / sort / name[:2] / name

    def put_blob(self, sort: str, name: str, content: bytes) -> Path:
        path = self.blob(sort, name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{name}.{secrets.token_hex(4)}")
            part.write_bytes(content)
            part.replace(path)
        return path

    def temporary(self) -> Path:
        """A new file's place on the same disk, so that renaming it is atomic."""
        folder = self.root / "tmp"
        folder.mkdir(exist_ok=True)
        return folder / secrets.token_hex(8)

    def adopt_large(self, part: Path, sha256: str) -> None:
        """Move a received file into place and index it."""
        path = self.blob("large", sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        size = part.stat().st_size
        part.replace(path)
        self.run("INSERT OR IGNORE INTO large VALUES (?,?,NULL)", sha256, size)


def now() -> str:
    """The time as the Hub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def new_id() -> str:
    """24 hex digits, as the Hub's ids are."""
    return secrets.token_hex(12)


def stable_id(text: str) -> str:
    """An id that is the same after every start."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]
