"""Discussions and pull requests."""

from __future__ import annotations

import json
from typing import Any

from tests.servers.hub import identity
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import new_id, now

router = Router()


def open_pull(hub: Any, repo: Repo, caller: Identity, header: dict[str, Any]) -> int:
    """A new pull request for a commit that asked for one; its number."""
    return create(hub, repo, caller, header["summary"], header.get("description") or "", pull=True, status="open")


def create(hub: Any, repo: Repo, caller: Identity, title: str, text: str, pull: bool, status: str) -> int:
    row = hub.store.one("SELECT COALESCE(MAX(num), 0) + 1 AS n FROM discussions WHERE repo=?", repo.number)
    number = int(row["n"])
    user = identity.signed_in(caller)
    body: dict[str, Any] = {
        "num": number, "title": title, "author": {"name": user}, "createdAt": now(), "status": status, "isPullRequest": pull,
        "repo": {"name": repo.id, "type": repo.kind}, "events": [],
    }  # fmt: skip
    body["events"].append(event("comment", user, {"edited": False, "hidden": False, "latest": comment(text, user)}))
    if pull:
        body["changes"] = {"base": "refs/heads/main"}
        body["filesWithConflicts"] = []
    save(hub, repo, body)
    return number


def event(type: str, user: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": new_id(), "type": type, "createdAt": now(), "author": {"name": user}, "data": data}


def comment(text: str, user: str) -> dict[str, Any]:
    return {"raw": text, "html": f"<p>{text}</p>", "updatedAt": now(), "author": {"name": user}}


def save(hub: Any, repo: Repo, body: dict[str, Any]) -> None:
    hub.store.run("INSERT OR REPLACE INTO discussions VALUES (?,?,?)", repo.number, body["num"], json.dumps(body))
