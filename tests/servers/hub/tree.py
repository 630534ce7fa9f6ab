"""Reading a repository's shape: its tree and facts on paths."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import gitobjects, repos
from tests.servers.hub.errors import bad_request, entry_not_found
from tests.servers.hub.gitobjects import Files
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router

PAGE = 1000
EXPANDED_PAGE = 50
TRUE = ("true", "1", "True")

router = Router()


@router.get("/api/{kind}/{id}/tree/{rev}")
async def root(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    return _tree(hub, request, caller, kind, id, rev, "")


@router.get("/api/{kind}/{id}/tree/{rev}/{path:path}")
async def folder(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str, path: str) -> Response:
    return _tree(hub, request, caller, kind, id, rev, path.strip("/"))


def _tree(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str, path: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    commit = repos.resolved(hub.store, repo, rev)
    files = repos.files_at(hub.store, repo, commit)
    recursive = request.query_params.get("recursive") in TRUE
    expand = request.query_params.get("expand") in TRUE
    names = names_under(files, path, recursive)
    if path and not names:
        raise entry_not_found(path, commit)
    start, limit = page_of(request, EXPANDED_PAGE if expand else PAGE)
    page = names[start : start + limit]
    told = described(hub, repo, commit, files, page, expand)
    headers = next_link(hub, request, start + limit) if start + limit < len(names) else {}
    return JSONResponse(told, headers=headers)


def names_under(files: Files, path: str, recursive: bool) -> list[str]:
    """Files and folders below a folder, folders first as the Hub lists them; a folder's name ends in a slash."""
    prefix = f"{path}/" if path else ""
    folders: set[str] = set()
    found: list[str] = []
    for name in files:
        if not name.startswith(prefix):
            continue
        parts = name[len(prefix) :].split("/")
        depth = len(parts) - 1 if recursive else min(1, len(parts) - 1)
        folders |= {prefix + "/".join(parts[: i + 1]) + "/" for i in range(depth)}
        if recursive or len(parts) == 1:
            found.append(name)
    return [*sorted(folders), *sorted(found)]


def described(hub: Any, repo: Repo, commit: str, files: Files, names: list[str], expand: bool) -> list[dict[str, Any]]:
    """The wire form of files and folders (folders end in a slash)."""
    oids = gitobjects.tree_oids(files)
    last = last_commits(hub, repo, commit, names) if expand else {}
    told = []
    for name in names:
        if name.endswith("/"):
            item: dict[str, Any] = {"type": "directory", "oid": oids[name[:-1]], "size": 0, "path": name[:-1]}
        else:
            item = {"type": "file", **wire(hub, name, files)}
        if expand:
            item["lastCommit"] = last[name]
            if item["type"] == "file":
                item["securityFileStatus"] = {"status": "unscanned", "avScan": {}, "pickleImportScan": None}
        told.append(item)
    return told


def wire(hub: Any, path: str, files: Files) -> dict[str, Any]:
    entry = files[path]
    told: dict[str, Any] = {"oid": entry["oid"], "size": entry["size"], "path": path}
    if entry["large"]:
        size = len(gitobjects.pointer(entry["large"], entry["size"]))
        told["lfs"] = {"oid": entry["large"], "size": entry["size"], "pointerSize": size}
        row = hub.store.one("SELECT xet FROM large WHERE sha256=?", entry["large"])
        if row and row["xet"]:
            told["xetHash"] = row["xet"]
    return told


def last_commits(hub: Any, repo: Repo, commit: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """For each name the newest commit that changed it."""
    rows = {row["oid"]: row for row in hub.store.all("SELECT * FROM commits WHERE repo=?", repo.number)}
    open_names, found = set(names), {}
    oid: str | None = commit
    while oid and open_names:
        row = rows[oid]
        after = repos.files_at(hub.store, repo, oid)
        before = repos.files_at(hub.store, repo, row["parent"]) if row["parent"] else {}
        for name in list(open_names):
            if _content(after, name) != _content(before, name):
                found[name] = {"id": oid, "title": row["title"], "date": row["date"]}
                open_names.discard(name)
        oid = row["parent"]
    return found


def _content(files: Files, name: str) -> Any:
    return {k: v for k, v in files.items() if k.startswith(name)} if name.endswith("/") else files.get(name)


def page_of(request: Request, most: int) -> tuple[int, int]:
    """(start, limit) by the query; the cursor is a number."""
    query = request.query_params
    try:
        return int(query.get("cursor", 0)), max(1, min(most, int(query.get("limit", most))))
    except ValueError as error:
        raise bad_request("Invalid cursor or limit") from error


def next_link(hub: Any, request: Request, cursor: int) -> dict[str, str]:
    address = str(request.url.include_query_params(cursor=cursor))
    return {"Link": f'<{hub.url}{address[len(str(request.base_url)) - 1 :]}>; rel="next"'}


@router.post("/api/{kind}/{id}/paths-info/{rev}")
async def paths_info(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    if "json" in request.headers.get("content-type", ""):
        body = await request.json()
        paths, expand = body.get("paths"), bool(body.get("expand"))
    else:
        form = await request.form()
        paths, expand = [str(value) for value in form.getlist("paths")], form.get("expand") in TRUE
    if not isinstance(paths, list) or len(paths) > PAGE:
        raise bad_request(f'"paths" must be an array of at most {PAGE} items')
    repo = repos.readable(hub, caller, kind, id)
    commit = repos.resolved(hub.store, repo, rev)
    files = repos.files_at(hub.store, repo, commit)
    oids = gitobjects.tree_oids(files)
    names = [
        p if p in files else f"{p}/"
        for p in (str(path).strip("/") for path in paths)
        if p in files or (p and p in oids)
    ]
    return JSONResponse(described(hub, repo, commit, files, names, expand))
