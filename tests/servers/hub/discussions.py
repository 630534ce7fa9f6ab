"""Discussions and pull requests. A pull request is a ref of its own, refs/pr/N; merging replays its changes on main."""

from __future__ import annotations

import difflib
import html
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import identity, repos
from tests.servers.hub.errors import HubError, bad_request, forbidden
from tests.servers.hub.gitobjects import Files
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import new_id, now

PAGE = 50

router = Router()


def open_pull(hub: Any, repo: Repo, caller: Identity, header: dict[str, Any]) -> int:
    """A new pull request for a commit that asked for one; its number."""
    text = header.get("description") or ""
    return create(hub, repo, caller, header["summary"], text, pull=True, status="open")


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
        head = repos.resolved(hub.store, repo, "main")
        hub.store.run("INSERT OR REPLACE INTO refs VALUES (?,?,?)", repo.number, f"refs/pr/{number}", head)
        body["changes"] = {"base": "refs/heads/main"}
        body["filesWithConflicts"] = []
    save(hub, repo, body)
    return number


def event(type: str, user: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": new_id(), "type": type, "createdAt": now(), "author": {"name": user}, "data": data}


def comment(text: str, user: str) -> dict[str, Any]:
    return {"raw": text, "html": f"<p>{html.escape(text)}</p>", "updatedAt": now(), "author": {"name": user}}


def save(hub: Any, repo: Repo, body: dict[str, Any]) -> None:
    hub.store.run("INSERT OR REPLACE INTO discussions VALUES (?,?,?)", repo.number, body["num"], json.dumps(body))


def _load(hub: Any, repo: Repo, num: str) -> dict[str, Any]:
    row = hub.store.one(
        "SELECT body FROM discussions WHERE repo=? AND num=?", repo.number, int(num) if num.isdigit() else 0
    )
    if row is None:
        raise HubError(404, "Discussion not found")
    return json.loads(row["body"])


def _speaker(hub: Any, caller: Identity, kind: str, id: str) -> Repo:
    """A repository on which the caller may write discussions: anyone who sees it, by a token that may."""
    repo = repos.readable(hub, caller, kind, id)
    identity.signed_in(caller)
    if not caller.holds("discussion.write", repo.namespace, repo.id):
        raise forbidden("Forbidden: your token may not take part in discussions")
    return repo


# -- pull requests -------------------------------------------------------------------------------------------


def changes(hub: Any, repo: Repo, num: int) -> tuple[Files, Files]:
    """A pull request's files, and the files it began from."""
    head = repos.resolved(hub.store, repo, f"refs/pr/{num}")
    rows = {
        row["oid"]: row["parent"] for row in hub.store.all("SELECT oid, parent FROM commits WHERE repo=?", repo.number)
    }
    main: set[str] = set()
    oid: str | None = repos.resolved(hub.store, repo, "main")
    while oid:
        main.add(oid)
        oid = rows[oid]
    base: str | None = head
    while base and base not in main:
        base = rows[base]
    return repos.files_at(hub.store, repo, head), repos.files_at(hub.store, repo, base) if base else {}


def conflicts(hub: Any, repo: Repo, num: int) -> list[str]:
    """Files changed both by the pull request and on main since."""
    after, before = changes(hub, repo, num)
    main = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))
    touched = {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)}
    return sorted(path for path in touched if main.get(path) not in (before.get(path), after.get(path)))


def diff(hub: Any, repo: Repo, num: int) -> str:
    after, before = changes(hub, repo, num)
    parts = []
    for path in sorted(after.keys() | before.keys()):
        if after.get(path) != before.get(path):
            old, new = _lines(hub, before, path), _lines(hub, after, path)
            parts.append(
                f"diff --git a/{path} b/{path}\n" + "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
            )
    return "".join(parts)


def _lines(hub: Any, files: Files, path: str) -> list[str]:
    entry = files.get(path)
    if entry is None:
        return []
    if entry["large"]:
        return [f"oid sha256:{entry['large']}\n"]
    return hub.store.blob("git", entry["oid"]).read_text(errors="replace").splitlines(keepends=True)


# -- routes --------------------------------------------------------------------------------------------------


@router.get("/api/{kind}/{id}/discussions")
async def list_discussions(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    query = request.query_params
    found = [
        json.loads(r["body"])
        for r in hub.store.all("SELECT body FROM discussions WHERE repo=? ORDER BY num DESC", repo.number)
    ]
    type, status = query.get("type", "all"), query.get("status", "all")
    if type != "all":
        found = [body for body in found if body["isPullRequest"] == (type == "pull_request")]
    if status != "all":
        found = [body for body in found if (body["status"] in ("open", "draft")) == (status == "open")]
    if "author" in query:
        found = [body for body in found if body["author"]["name"] == query["author"]]
    start = int(query.get("p", "0")) * PAGE
    told = [{key: value for key, value in body.items() if key != "events"} for body in found[start : start + PAGE]]
    return JSONResponse({"discussions": told, "count": len(found), "start": start, "numClosedDiscussions": 0})


@router.post("/api/{kind}/{id}/discussions")
async def create_discussion(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    body = await request.json()
    repo = _speaker(hub, caller, kind, id)
    title = str(body.get("title", "")).strip()
    if not 3 <= len(title) <= 200:
        raise bad_request(
            '"title" length must be at least 3 characters long' if len(title) < 3 else '"title" is too long'
        )
    pull = bool(body.get("pullRequest"))
    num = create(hub, repo, caller, title, str(body.get("description", "")), pull, "draft" if pull else "open")
    return JSONResponse({"num": num, "pullRequest": pull, "url": f"{hub.url}/{repo.path}/discussions/{num}"})


@router.get("/api/{kind}/{id}/discussions/{num}")
async def details(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    body = _load(hub, repo, num)
    if body["isPullRequest"]:
        if body["status"] != "merged":
            body["filesWithConflicts"] = conflicts(hub, repo, body["num"])
        if "diff" in request.query_params:
            body["diff"] = diff(hub, repo, body["num"])
        body["events"] += _commits(hub, repo, body["num"])
        body["events"].sort(key=lambda item: item["createdAt"])
    return JSONResponse(body)


def _commits(hub: Any, repo: Repo, num: int) -> list[dict[str, Any]]:
    """The commits of a pull request as events."""
    rows = {row["oid"]: row for row in hub.store.all("SELECT * FROM commits WHERE repo=?", repo.number)}
    main: set[str] = set()
    oid: str | None = repos.resolved(hub.store, repo, "main")
    while oid:
        main.add(oid)
        oid = rows[oid]["parent"]
    found, oid = [], repos.resolved(hub.store, repo, f"refs/pr/{num}")
    while oid and oid not in main:
        row = rows[oid]
        found.append({"id": oid[:24], "type": "commit", "createdAt": row["date"], "author": {"name": row["author"]},
                      "data": {"subject": row["title"], "oid": oid}})  # fmt: skip
        oid = row["parent"]
    return found


@router.post("/api/{kind}/{id}/discussions/{num}/comment")
async def add_comment(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str) -> Response:
    text = str((await request.json()).get("comment", ""))
    if not text.strip():
        raise bad_request('"comment" is not allowed to be empty')
    repo = _speaker(hub, caller, kind, id)
    body = _load(hub, repo, num)
    user = identity.signed_in(caller)
    body["events"].append(event("comment", user, {"edited": False, "hidden": False, "latest": comment(text, user)}))
    save(hub, repo, body)
    return JSONResponse({"newMessage": body["events"][-1]})


@router.post("/api/{kind}/{id}/discussions/{num}/title")
async def rename(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str) -> Response:
    title = str((await request.json()).get("title", "")).strip()
    repo, body = _owned(hub, caller, kind, id, num)
    body["events"].append(event("title-change", identity.signed_in(caller), {"from": body["title"], "to": title}))
    body["title"] = title
    save(hub, repo, body)
    return JSONResponse({"newTitle": body["events"][-1]})


def _owned(hub: Any, caller: Identity, kind: str, id: str, num: str) -> tuple[Repo, dict[str, Any]]:
    """For what only the author and the repository's writers may do."""
    repo = _speaker(hub, caller, kind, id)
    body = _load(hub, repo, num)
    if body["author"]["name"] != caller.user and not repos.may_write(hub.store, caller, repo):
        raise forbidden("Forbidden: only the author or a maintainer may do this")
    return repo, body


def _set_status(hub: Any, repo: Repo, body: dict[str, Any], user: str, status: str, text: str | None) -> None:
    body["status"] = status
    if text:
        body["events"].append(event("comment", user, {"edited": False, "hidden": False, "latest": comment(text, user)}))
    body["events"].append(event("status-change", user, {"status": status}))
    save(hub, repo, body)


@router.post("/api/{kind}/{id}/discussions/{num}/status")
async def change_status(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str) -> Response:
    asked = await request.json()
    if asked.get("status") not in ("open", "closed"):
        raise bad_request('"status" must be one of [open, closed]')
    repo, body = _owned(hub, caller, kind, id, num)
    _set_status(hub, repo, body, identity.signed_in(caller), asked["status"], asked.get("comment"))
    return JSONResponse({"newStatus": body["events"][-1]})


@router.post("/api/{kind}/{id}/discussions/{num}/merge")
async def merge(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str) -> Response:
    from tests.servers.hub import commits

    raw = await request.body()
    text = (json.loads(raw) or {}).get("comment") if raw else None
    repo = repos.writable(hub, caller, kind, id)
    body = _load(hub, repo, num)
    if not body["isPullRequest"] or body["status"] not in ("open", "draft"):
        raise bad_request("Only an open pull request can be merged")
    if conflicts(hub, repo, body["num"]):
        raise HubError(409, "This pull request has conflicts with main")
    after, before = changes(hub, repo, body["num"])
    head = repos.resolved(hub.store, repo, "main")
    files = repos.files_at(hub.store, repo, head)
    for path in after.keys() | before.keys():
        if after.get(path) != before.get(path):
            files.pop(path, None)
            if path in after:
                files[path] = after[path]
    user = identity.signed_in(caller)
    title = f"{body['title']} (#{num})"
    body["changes"]["mergeCommitId"] = commits.write(hub, repo, "refs/heads/main", files, head, title, "", user)
    _set_status(hub, repo, body, user, "merged", text)
    return JSONResponse({"newStatus": body["events"][-1]})


def _comment_of(hub: Any, caller: Identity, kind: str, id: str, num: str, comment_id: str) -> tuple[Repo, Any, Any]:
    repo = _speaker(hub, caller, kind, id)
    body = _load(hub, repo, num)
    found = next((item for item in body["events"] if item["id"] == comment_id), None)
    if found is None:
        raise HubError(404, "Comment not found")
    if found["author"]["name"] != caller.user and not repos.may_write(hub.store, caller, repo):
        raise forbidden("Forbidden: this is someone else's comment")
    return repo, body, found


@router.post("/api/{kind}/{id}/discussions/{num}/comment/{comment_id}/edit")
async def edit(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str, comment_id: str) -> Response:
    text = str((await request.json()).get("content", ""))
    repo, body, found = _comment_of(hub, caller, kind, id, num, comment_id)
    if found["data"]["hidden"]:
        raise forbidden("Forbidden: a hidden comment cannot be edited")
    history = [found["data"]["latest"], *found["data"].get("history", [])]
    found["data"] |= {"edited": True, "latest": comment(text, identity.signed_in(caller)), "history": history}
    save(hub, repo, body)
    return JSONResponse({"updatedComment": found})


@router.post("/api/{kind}/{id}/discussions/{num}/comment/{comment_id}/hide")
async def hide(hub: Any, request: Request, caller: Identity, kind: str, id: str, num: str, comment_id: str) -> Response:
    repo, body, found = _comment_of(hub, caller, kind, id, num, comment_id)
    found["data"]["hidden"] = True
    found["data"]["latest"] = comment("This comment has been hidden", identity.signed_in(caller))
    save(hub, repo, body)
    return JSONResponse({"updatedComment": found})
