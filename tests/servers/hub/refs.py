"""Branches, tags, commit lists and squashing."""

from __future__ import annotations

import html
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import commits, repos
from tests.servers.hub.errors import HubError, bad_request, revision_not_found
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.tree import next_link, page_of

INVALID = re.compile(r"[\x00-\x20~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.lock$|^-|\.$")

router = Router()


@router.get("/api/{kind}/{id}/refs")
async def refs(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    told: dict[str, Any] = {"tags": [], "branches": [], "converts": []}
    if request.query_params.get("include_prs") in ("1", "true"):
        told["pullRequests"] = []
    places = {"refs/heads/": "branches", "refs/tags/": "tags", "refs/convert/": "converts", "refs/pr/": "pullRequests"}
    for row in hub.store.all("SELECT ref, target FROM refs WHERE repo=? ORDER BY rowid", repo.number):
        for prefix, place in places.items():
            if row["ref"].startswith(prefix) and place in told:
                name = row["ref"][len(prefix) :]
                told[place].append({"name": name, "ref": row["ref"], "targetCommit": row["target"]})
    return JSONResponse(told)


@router.get("/api/{kind}/{id}/commits/{rev}")
async def list_commits(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    oid: str | None = repos.resolved(hub.store, repo, rev)
    rows = {row["oid"]: row for row in hub.store.all("SELECT * FROM commits WHERE repo=?", repo.number)}
    chain = []
    while oid:
        chain.append(rows[oid])
        oid = rows[oid]["parent"]
    start, limit = page_of(request, 50)
    formatted = "formatted" in request.query_params.getlist("expand[]") + request.query_params.getlist("expand")
    told = []
    for row in chain[start : start + limit]:
        item = {"id": row["oid"], "title": row["title"], "message": row["message"], "date": row["date"],
                "authors": [{"user": row["author"], "avatar": ""}],
                "parents": [row["parent"]] if row["parent"] else []}  # fmt: skip
        if formatted:
            message = f"<p>{html.escape(row['message'])}</p>" if row["message"] else ""
            item["formatted"] = {"title": html.escape(row["title"]), "message": message}
        told.append(item)
    headers = {"X-Total-Count": str(len(chain))}
    if start + limit < len(chain):
        headers |= next_link(hub, request, start + limit)
    return JSONResponse(told, headers=headers)


@router.post("/api/{kind}/{id}/branch/{branch}")
async def create_branch(hub: Any, request: Request, caller: Identity, kind: str, id: str, branch: str) -> Response:
    raw = await request.body()
    body = (await request.json()) if raw else {}
    repo = repos.writable(hub, caller, kind, id)
    ref = f"refs/heads/{branch}"
    if INVALID.search(branch) or branch.startswith("refs/"):
        raise bad_request(f"Invalid branch name: {branch}")
    if hub.store.one("SELECT 1 FROM refs WHERE repo=? AND ref=?", repo.number, ref) and not body.get("overwrite"):
        raise HubError(409, f"Reference {ref} already exists")
    if body.get("emptyBranch"):
        commits.write(hub, repo, ref, {}, None, "initial commit", "", str(caller.user))
        return Response("OK", 201)
    start = repos.resolved(hub.store, repo, body.get("startingPoint") or "main")
    hub.store.run("INSERT OR REPLACE INTO refs VALUES (?,?,?)", repo.number, ref, start)
    return Response("OK", 201)


@router.delete("/api/{kind}/{id}/branch/{branch}")
async def delete_branch(hub: Any, request: Request, caller: Identity, kind: str, id: str, branch: str) -> Response:
    repo = repos.writable(hub, caller, kind, id)
    if branch == "main":
        raise HubError(403, "Cannot delete refs/heads/main")
    return _drop(hub, repo, f"refs/heads/{branch}", branch)


@router.post("/api/{kind}/{id}/tag/{rev}")
async def create_tag(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    body = await request.json()
    repo = repos.writable(hub, caller, kind, id)
    name = str(body.get("tag", ""))
    target = repos.resolved(hub.store, repo, rev)
    if not name or INVALID.search(name):
        raise bad_request(f"Invalid tag name: {name}")
    if hub.store.one("SELECT 1 FROM refs WHERE repo=? AND ref=?", repo.number, f"refs/tags/{name}"):
        raise HubError(409, f"Tag reference exists already: {name}")
    hub.store.run("INSERT INTO refs VALUES (?,?,?)", repo.number, f"refs/tags/{name}", target)
    return Response("OK", 201)


@router.delete("/api/{kind}/{id}/tag/{rev}")
async def delete_tag(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    repo = repos.writable(hub, caller, kind, id)
    return _drop(hub, repo, f"refs/tags/{rev}", rev)


def _drop(hub: Any, repo: Any, ref: str, name: str) -> Response:
    if hub.store.one("SELECT 1 FROM refs WHERE repo=? AND ref=?", repo.number, ref) is None:
        raise revision_not_found(name)
    hub.store.run("DELETE FROM refs WHERE repo=? AND ref=?", repo.number, ref)
    return Response("OK")


@router.post("/api/{kind}/{id}/super-squash/{rev}")
async def super_squash(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    body = await request.json()
    repo = repos.writable(hub, caller, kind, id)
    head = repos.resolved(hub.store, repo, rev)
    ref = commits.branch_ref(hub, repo, rev)
    files = repos.files_at(hub.store, repo, head)
    title = body.get("message") or f"Super-squash branch '{rev}'"
    oid = commits.write(hub, repo, ref, files, None, title, "", str(caller.user))
    return JSONResponse({"commitId": oid})
