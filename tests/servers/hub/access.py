"""Likes, and access to gated repositories."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import identity, repos
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.store import now, stable_id

router = Router()


# -- likes ---------------------------------------------------------------------------------------------------


@router.post("/api/{kind}/{id}/like")
async def like(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    """The Hub lets only a browser's session like; here a token may, so that lists by likes can be tested."""
    repo = repos.readable(hub, caller, kind, id)
    hub.store.run("INSERT OR IGNORE INTO likes VALUES (?,?)", repo.number, identity.signed_in(caller))
    return Response("OK")


@router.delete("/api/{kind}/{id}/like")
async def unlike(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    hub.store.run("DELETE FROM likes WHERE repo=? AND user=?", repo.number, identity.signed_in(caller))
    return Response("OK")


@router.get("/api/{kind}/{id}/likers")
async def likers(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    rows = hub.store.all("SELECT a.* FROM likes l JOIN accounts a ON a.name=l.user WHERE l.repo=?", repo.number)
    return JSONResponse([identity.listed(hub, row) for row in rows])


@router.get("/api/users/{name}/likes")
async def likes_of(hub: Any, request: Request, caller: Identity, name: str) -> Response:
    rows = hub.store.all(
        "SELECT r.kind, r.id FROM likes l JOIN repos r ON r.number=l.repo WHERE l.user=? AND NOT r.private", name
    )
    return JSONResponse([{"createdAt": now(), "repo": {"name": row["id"], "type": row["kind"]}} for row in rows])


# -- gates ---------------------------------------------------------------------------------------------------


@router.post("/api/{kind}/{id}/ask-access")
async def ask(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    """Asking to be let in; at the real Hub a form in the browser."""
    repo = repos.readable(hub, caller, kind, id)
    _gated(repo)
    status = "accepted" if repo.gated == "auto" else "pending"
    hub.store.run(
        "INSERT OR REPLACE INTO access VALUES (?,?,?,?,1)", repo.number, identity.signed_in(caller), status, now()
    )
    return Response("OK")


def _gated(repo: repos.Repo) -> None:
    if not repo.gated:
        raise bad_request("This repository is not gated")


@router.get("/api/{kind}/{id}/user-access-request/{status}")
async def requests(hub: Any, request: Request, caller: Identity, kind: str, id: str, status: str) -> Response:
    repo = repos.writable(hub, caller, kind, id)
    _gated(repo)
    if status not in ("pending", "accepted", "rejected"):
        raise bad_request('"status" must be one of [pending, accepted, rejected]')
    rows = hub.store.all("SELECT x.*, a.oid, a.fullname, a.email FROM access x JOIN accounts a ON a.name=x.user "
                         "WHERE x.repo=? AND x.status=?", repo.number, status)  # fmt: skip
    told = []
    for row in rows:
        user = {"_id": row["oid"], "user": row["user"], "fullname": row["fullname"]}
        if row["asked"]:  # who was let in without asking has shared no address
            user["email"] = row["email"]
        told.append({"requestId": _request_id(repo, row["user"]), "user": user, "timestamp": row["date"], "status": row["status"],
                     "fields": {}})  # fmt: skip
    return JSONResponse(told)


def _request_id(repo: repos.Repo, user: str) -> str:
    return stable_id(f"access/{repo.oid}/{user}")


@router.post("/api/{kind}/{id}/user-access-request/grant")
async def grant(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    user = str((await request.json()).get("user"))
    repo = repos.writable(hub, caller, kind, id)
    _gated(repo)
    identity.account(hub.store, user)
    if hub.store.one("SELECT 1 FROM access WHERE repo=? AND user=?", repo.number, user):
        raise bad_request("This user has an access request already")
    hub.store.run("INSERT INTO access VALUES (?,?,'accepted',?,0)", repo.number, user, now())
    return JSONResponse({"user": user, "status": "accepted"})


@router.post("/api/{kind}/{id}/user-access-request/handle")
async def handle(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    body = await request.json()
    repo = repos.writable(hub, caller, kind, id)
    _gated(repo)
    status = body.get("status")
    if status not in ("pending", "accepted", "rejected"):
        raise bad_request('"status" must be one of [pending, accepted, rejected]')
    rows = hub.store.all("SELECT * FROM access WHERE repo=?", repo.number)
    found = next(
        (r for r in rows if r["user"] == body.get("user") or _request_id(repo, r["user"]) == body.get("requestId")),
        None,
    )
    if found is None:
        raise HubError(404, "Access request not found")
    if found["status"] == status:
        raise HubError(404, f"Access request is {status} already")
    hub.store.run(
        "UPDATE access SET status=?, date=? WHERE repo=? AND user=?", status, now(), repo.number, found["user"]
    )
    return Response("OK")
