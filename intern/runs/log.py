"""The append-only event log: one SQLite file (WAL) under INTERN_HOME, shared by every face and process.

Appending is transactional: an event is either in the log with the next sequence number, or not at all. An event
may carry a `key`; a second one with the same key is ignored, which is what makes resuming after `kill -9` exact:
work that is done again says the same thing again, and the log keeps it once.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from pydantic import BaseModel, JsonValue, TypeAdapter

from intern.runs.events import FINAL_STATUSES, Event, EventPayload, RunStatus, Status

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, request TEXT NOT NULL,
    status TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, client_key TEXT,
    lease_pid INTEGER, lease_started REAL, stop_asked INTEGER NOT NULL DEFAULT 0, UNIQUE (owner, client_key));
CREATE TABLE IF NOT EXISTS events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, time REAL NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, key TEXT, PRIMARY KEY (run_id, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS event_keys ON events (run_id, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS spending ON events (run_id, seq) WHERE kind IN ('usage', 'cost');
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, run_id TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    price_usd REAL NOT NULL, created REAL NOT NULL, expires REAL NOT NULL,
    decision TEXT, decided_by TEXT, feedback TEXT, decided REAL);
CREATE UNIQUE INDEX IF NOT EXISTS open_subject ON approvals (run_id, action, subject) WHERE decision IS NULL;
"""

_payload: TypeAdapter[EventPayload] = TypeAdapter(EventPayload)


class RunNotFoundError(LookupError):
    """No run has this id (or it belongs to somebody else: the two must look the same)."""


class RunBusyError(RuntimeError):
    """Another live process is working on this run."""


class RunRecord(BaseModel):
    """One row of the run list. `request` is the face's own JSON form of what was asked."""

    id: str
    owner: str
    title: str
    request: JsonValue
    status: RunStatus
    created: float
    updated: float


class RunLog:
    """All runs of one INTERN_HOME. Safe to use from many threads; each gets its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._changed = threading.Condition()
        with self.transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    # -- connections -------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")  # WAL + NORMAL survives kill -9; only power loss may cut
            self._local.connection = connection
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write, all or nothing; for the other tables of this room."""
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def query(self, sql: str, values: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """Rows of a read; for the other tables of this room."""
        return self._connection().execute(sql, values).fetchall()

    # -- runs --------------------------------------------------------------------------------------------

    def create(self, owner: str, title: str, request: BaseModel, client_key: str | None = None) -> tuple[str, bool]:
        """Make a run; returns its id and whether it is new (the same `client_key` gives the same run again)."""
        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(8)}"
        now = time.time()
        with self.transaction() as db:
            if client_key is not None:
                row = db.execute("SELECT id FROM runs WHERE owner=? AND client_key=?", (owner, client_key)).fetchone()
                if row:
                    return row["id"], False
            db.execute(
                "INSERT INTO runs (id, owner, title, request, status, created, updated, client_key)"
                " VALUES (?,?,?,?,?,?,?,?)",
                (run_id, owner, title, request.model_dump_json(), "queued", now, now, client_key),
            )
        return run_id, True

    def get(self, run_id: str) -> RunRecord:
        """Raises RunNotFoundError."""
        row = self._connection().execute("SELECT * FROM runs WHERE id=?", (run_id,)).fetchone()
        if row is None:
            raise RunNotFoundError(f"There is no run {run_id!r}. `python -m intern runs list` shows them.")
        return self._record(row)

    def runs(self, owner: str | None = None, limit: int = 100) -> list[RunRecord]:
        """Newest first; all owners when `owner` is None."""
        where, values = ("WHERE owner=?", [owner]) if owner is not None else ("", [])
        query = f"SELECT * FROM runs {where} ORDER BY created DESC LIMIT ?"
        return [self._record(row) for row in self._connection().execute(query, [*values, limit])]

    def _record(self, row: sqlite3.Row) -> RunRecord:
        status = row["status"]
        if status not in FINAL_STATUSES and status != "queued" and not _alive(row["lease_pid"], row["lease_started"]):
            # `waiting` needs no process: the decision is kept and a resume picks it up.
            status = status if status == "waiting" else "interrupted"
        return RunRecord.model_validate({**dict(row), "request": json.loads(row["request"]), "status": status})

    def orphans(self) -> list[str]:
        """Runs that were at work (or in the queue) when their process died."""
        rows = self.query("SELECT * FROM runs WHERE status IN ('running', 'queued') ORDER BY created")
        return [row["id"] for row in rows if not _alive(row["lease_pid"], row["lease_started"])]

    def rename(self, run_id: str, title: str) -> None:
        with self.transaction() as db:
            db.execute("UPDATE runs SET title=?, updated=? WHERE id=?", (title, time.time(), run_id))

    def spent(self, owner: str) -> tuple[float, int]:
        """US dollars of all runs of a person, and how many pieces of work have a price that nobody knows."""
        rows = self.query(
            "SELECT SUM(json_extract(payload, '$.usd')), SUM(json_extract(payload, '$.usd') IS NULL) FROM events"
            " WHERE kind IN ('usage', 'cost') AND run_id IN (SELECT id FROM runs WHERE owner=?)"
            " AND (kind='usage' OR json_extract(payload, '$.phase')='settled')",
            (owner,),
        )
        return float(rows[0][0] or 0.0), int(rows[0][1] or 0)

    def delete(self, run_id: str) -> None:
        """Forget a run and all that is recorded of it. Raises RunBusyError while a live process works on it."""
        with self.transaction() as db:
            row = db.execute("SELECT lease_pid, lease_started FROM runs WHERE id=?", (run_id,)).fetchone()
            if row is not None and _alive(row["lease_pid"], row["lease_started"]):
                raise RunBusyError(f"Run {run_id} is being worked on: stop it first, then delete it.")
            for table, column in (("events", "run_id"), ("approvals", "run_id"), ("runs", "id")):
                db.execute(f"DELETE FROM {table} WHERE {column}=?", (run_id,))

    # -- who works on it ---------------------------------------------------------------------------------

    def lease(self, run_id: str) -> None:
        """Claim a run for this process. Raises RunBusyError while another live process holds it."""
        me = psutil.Process()
        with self.transaction() as db:
            row = db.execute("SELECT lease_pid, lease_started FROM runs WHERE id=?", (run_id,)).fetchone()
            if row is None:
                raise RunNotFoundError(f"There is no run {run_id!r}.")
            if row["lease_pid"] != me.pid and _alive(row["lease_pid"], row["lease_started"]):
                raise RunBusyError(f"Run {run_id} is being worked on by process {row['lease_pid']}.")
            db.execute(
                "UPDATE runs SET lease_pid=?, lease_started=?, stop_asked=0 WHERE id=?",
                (me.pid, me.create_time(), run_id),
            )

    def release(self, run_id: str) -> None:
        with self.transaction() as db:
            db.execute(
                "UPDATE runs SET lease_pid=NULL, lease_started=NULL WHERE id=? AND lease_pid=?", (run_id, os.getpid())
            )

    def ask_stop(self, run_id: str) -> None:
        """Ask whichever process works on the run to stop it."""
        with self.transaction() as db:
            db.execute("UPDATE runs SET stop_asked=1 WHERE id=?", (run_id,))

    def stop_asked(self, run_id: str) -> bool:
        return bool(self.query("SELECT stop_asked FROM runs WHERE id=?", (run_id,))[0][0])

    # -- events ------------------------------------------------------------------------------------------

    def append(self, run_id: str, body: EventPayload, key: str | None = None) -> Event | None:
        """Add one event; returns None when an event with this key is already there."""
        now = time.time()
        with self.transaction() as db:
            added = db.execute(
                "INSERT INTO events (run_id, seq, time, kind, payload, key) "
                "SELECT ?, COALESCE(MAX(seq),0) + 1, ?, ?, ?, ? FROM events WHERE run_id=? "
                "ON CONFLICT (run_id, key) WHERE key IS NOT NULL DO NOTHING RETURNING seq",
                (run_id, now, body.kind, body.model_dump_json(), key, run_id),
            ).fetchall()  # to its end: only then is the statement done
            if not added:
                return None
            seq: int = added[0][0]
            if isinstance(body, Status):
                db.execute("UPDATE runs SET status=?, updated=? WHERE id=?", (body.status, now, run_id))
            else:
                db.execute("UPDATE runs SET updated=? WHERE id=?", (now, run_id))
        with self._changed:
            self._changed.notify_all()
        return Event(run_id=run_id, seq=seq, time=now, body=body)

    def events(self, run_id: str, after: int = 0, limit: int = 10_000, kinds: tuple[str, ...] = ()) -> list[Event]:
        """Events with seq > `after`, in order; only of `kinds` when given."""
        query = "SELECT seq, time, payload FROM events WHERE run_id=? AND seq>?"
        values: list[object] = [run_id, after]
        if kinds:
            query += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += kinds
        rows = self._connection().execute(query + " ORDER BY seq LIMIT ?", [*values, limit])
        return [
            Event(run_id=run_id, seq=row["seq"], time=row["time"], body=_payload.validate_json(row["payload"]))
            for row in rows
        ]

    def last_seq(self, run_id: str) -> int:
        """The newest sequence number, 0 for an empty log."""
        return int(self.query("SELECT COALESCE(MAX(seq),0) FROM events WHERE run_id=?", (run_id,))[0][0])

    def wait(self, run_id: str, after: int, timeout: float) -> list[Event]:
        """Like `events`, but waits up to `timeout` seconds for the first one.

        Another process may be the writer, so the wait also looks by itself four times a second.
        """
        deadline = time.monotonic() + timeout
        while not (found := self.events(run_id, after)):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            with self._changed:
                self._changed.wait(min(left, 0.25))
        return found


def _alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that took a lease still runs (a pid alone may have been given to another)."""
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
