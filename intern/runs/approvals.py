"""Decisions by a person, on the server: one decision per request, bound to exact content, owner-checked, expiring.

The brain can ask for an approval; nothing it says can give one. A decision is kept in the log's database, so it may
come from another process (a second tab, the API, the command line) or after a restart.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass
from typing import Literal

from intern.runs.events import ApprovalAction, ApprovalDecided, ApprovalRequested
from intern.runs.log import RunLog

Decision = Literal["approved", "rejected", "expired"]


class ApprovalError(RuntimeError):
    """The decision could not be taken: unknown, already decided, or expired. The message says which."""


@dataclass(frozen=True)
class Approval:
    """One request and, once taken, its decision."""

    id: str
    run_id: str
    action: ApprovalAction
    subject: str
    price_usd: float
    expires: float
    decision: Decision | None
    decided_by: str | None
    feedback: str


class Approvals:
    """The approvals of one log."""

    def __init__(self, log: RunLog, ttl_seconds: float = 7 * 24 * 3600) -> None:
        self._log = log
        self._ttl = ttl_seconds

    def request(
        self,
        run_id: str,
        action: ApprovalAction,
        subject: str,
        *,
        title: str,
        summary: str,
        price_usd: float = 0.0,
        artifact: str | None = None,
        program: str | None = None,
        valid_seconds: float | None = None,
    ) -> Approval:
        """Ask once: the same action on the same subject gives the same request (also after a restart).

        `subject` is a hash of what would happen, so an edited plan needs a new decision. `program` names an artifact that
        the person may edit. A yes that is older than `valid_seconds` no longer counts: the question is asked anew.
        """
        self._expire(run_id)
        if valid_seconds is not None:
            self._forget_old_yes(run_id, action, subject, valid_seconds)
        existing = self._find_or_insert(run_id, action, subject, price_usd)
        # Also for a request that was there: its process may have died before it was said in the log.
        self._log.append(
            run_id,
            ApprovalRequested(
                approval_id=existing.id,
                action=action,
                title=title,
                summary=summary,
                price_usd=price_usd,
                subject=subject,
                artifact=artifact,
                program=program,
            ),
            key=f"approval:{existing.id}",
        )
        self._tell(existing)
        return existing

    def _find_or_insert(self, run_id: str, action: str, subject: str, price_usd: float) -> Approval:
        now = time.time()
        with self._log.transaction() as connection:  # one transaction: two askers at once get one request
            existing = self.find(run_id, action, subject)
            if existing is not None and existing.decision != "expired":
                return existing
            connection.execute(
                "INSERT INTO approvals (id, run_id, action, subject, price_usd, created, expires)"
                " VALUES (?,?,?,?,?,?,?)",
                (approval_id := secrets.token_urlsafe(9), run_id, action, subject, price_usd, now, now + self._ttl),
            )
        return self.get(approval_id)

    def _expire(self, run_id: str) -> None:
        """Close the requests whose time is over, so that the same question can be asked anew."""
        late = self._log.query(
            "SELECT id FROM approvals WHERE run_id=? AND decision IS NULL AND expires<?", (run_id, time.time())
        )
        for row in late:
            self.withdraw(run_id, row["id"], by="its time limit")

    def _forget_old_yes(self, run_id: str, action: str, subject: str, seconds: float) -> None:
        with self._log.transaction() as connection:
            connection.execute(
                "UPDATE approvals SET decision='expired'"
                " WHERE run_id=? AND action=? AND subject=? AND decision='approved' AND decided<?",
                (run_id, action, subject, time.time() - seconds),
            )

    def withdraw(self, run_id: str, approval_id: str, by: str) -> None:
        """Close a request that nobody decided: its time is over, or what it asked for has changed."""
        with self._log.transaction() as connection:
            closed = connection.execute(
                "UPDATE approvals SET decision='expired' WHERE id=? AND decision IS NULL", (approval_id,)
            ).rowcount
        if closed:
            self._log.append(
                run_id,
                ApprovalDecided(approval_id=approval_id, decision="expired", by=by),
                key=f"decision:{approval_id}",
            )

    def get(self, approval_id: str) -> Approval:
        """Raises ApprovalError when there is none."""
        rows = self._log.query("SELECT * FROM approvals WHERE id=?", (approval_id,))
        if not rows:
            raise ApprovalError(f"There is no approval request {approval_id!r}.")
        return _approval(rows[0])

    def find(self, run_id: str, action: str, subject: str) -> Approval | None:
        """The newest request for this exact subject."""
        rows = self._log.query(
            "SELECT * FROM approvals WHERE run_id=? AND action=? AND subject=? ORDER BY created DESC LIMIT 1",
            (run_id, action, subject),
        )
        return _approval(rows[0]) if rows else None

    def pending(self, run_id: str) -> list[Approval]:
        """Requests of a run that still wait for a person."""
        rows = self._log.query(
            "SELECT * FROM approvals WHERE run_id=? AND decision IS NULL ORDER BY created", (run_id,)
        )
        return [approval for approval in map(_approval, rows) if approval.decision is None]

    def decide(
        self, run_id: str, approval_id: str, decision: Literal["approved", "rejected"], by: str, feedback: str = ""
    ) -> Approval:
        """Take the one decision. Raises ApprovalError when it was taken before, expired, or is not of this run."""
        approval = self.get(approval_id)
        if approval.run_id != run_id:
            raise ApprovalError(f"There is no approval request {approval_id!r} in run {run_id}.")
        if approval.decision is not None:
            self._tell(approval)
            raise ApprovalError(f"This request was {approval.decision} already; one request takes one decision.")
        with self._log.transaction() as connection:
            taken = connection.execute(
                "UPDATE approvals SET decision=?, decided_by=?, feedback=?, decided=?"
                " WHERE id=? AND decision IS NULL AND expires>=?",
                (decision, by, feedback, now := time.time(), approval_id, now),
            ).rowcount
        if not taken:
            raise ApprovalError("Somebody decided this request a moment ago.")
        self._tell(approval := self.get(approval_id))
        return approval

    def _tell(self, approval: Approval) -> None:
        """Say a person's decision in the log, once: a process may have died between taking it and saying it."""
        if approval.decision in ("approved", "rejected"):
            self._log.append(
                approval.run_id,
                ApprovalDecided(
                    approval_id=approval.id,
                    decision=approval.decision,
                    by=approval.decided_by or "",
                    feedback=approval.feedback,
                ),
                key=f"decision:{approval.id}",
            )


def _approval(row: sqlite3.Row) -> Approval:
    value = dict(row)
    decision = value["decision"]
    if decision is None and value["expires"] < time.time():
        decision = "expired"
    return Approval(
        id=value["id"],
        run_id=value["run_id"],
        action=value["action"],
        subject=value["subject"],
        price_usd=value["price_usd"],
        expires=value["expires"],
        decision=decision,
        decided_by=value["decided_by"],
        feedback=value["feedback"] or "",
    )
