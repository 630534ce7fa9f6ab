"""Buckets: folders of Xet files without history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.servers.hub import identity, repos
from tests.servers.hub.errors import HubError, bad_request, entry_not_found
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import now
from tests.servers.hub.tree import TRUE, next_link, page_of

router = Router()


def milliseconds(value: int | None) -> str | None:
    if value is None:
        return None
    return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def files_of(hub: Any, bucket: Repo, prefix: str = "") -> list[Any]:
    """The stored rows below a folder, by path."""
    rows = hub.store.all("SELECT * FROM bucket_files WHERE repo=? ORDER BY path", bucket.number)
    start = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return [row for row in rows if row["path"].startswith(start)]


def put_file(
    hub: Any, bucket: Repo, path: str, xet: str, size: int, mtime: int | None, type: str | None = None
) -> None:
    hub.store.run(
        "INSERT OR REPLACE INTO bucket_files VALUES (?,?,?,?,?,?,?)", bucket.number, path, xet, size, mtime, now(), type
    )
    hub.store.run("UPDATE repos SET modified=? WHERE number=?", now(), bucket.number)


def _told(hub: Any, bucket: Repo) -> dict[str, Any]:
    row = hub.store.one(
        "SELECT COUNT(*) AS n, COALESCE(SUM(size), 0) AS size FROM bucket_files WHERE repo=?", bucket.number
    )
    return {"_id": bucket.oid, "id": bucket.id, "author": bucket.namespace, "private": bucket.private,
            "visibility": bucket.visibility,
            "createdAt": bucket.created, "updatedAt": bucket.modified, "size": row["size"], "totalFiles": row["n"]}  # fmt: skip


def _file(row: Any) -> dict[str, Any]:
    return {"type": "file", "path": row["path"], "size": row["size"], "xetHash": row["xet"], "mtime": milliseconds(row["mtime"]),
            "uploadedAt": row["uploaded"]}  # fmt: skip


def _id(caller: Identity, id: str) -> str:
    namespace, _, name = id.partition("/")
    return f"{identity.signed_in(caller) if namespace == 'me' else namespace}/{name}"


@router.get("/api/buckets/{namespace}")
async def list_buckets(hub: Any, request: Request, caller: Identity, namespace: str) -> Response:
    namespace = _id(caller, f"{namespace}/").rstrip("/")
    identity.account(hub.store, namespace)
    search = request.query_params.get("search", "").lower()
    found = [b for b in repos.all_of(hub.store, "bucket") if b.namespace == namespace and search in b.id.lower()]
    found = [bucket for bucket in found if repos.may_see(hub.store, caller, bucket)]
    start, limit = page_of(request, 100)
    headers = next_link(hub, request, start + limit) if start + limit < len(found) else {}
    return JSONResponse([_told(hub, bucket) for bucket in found[start : start + limit]], headers=headers)


@router.post("/api/buckets/{id}")
async def create(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    id = _id(caller, id)
    namespace, _, name = id.partition("/")
    repos.may_create(hub, caller, "bucket", namespace, name)
    visibility = body.get("visibility") or (
        "private" if body.get("private", repos.by_default(hub, namespace)) else "public"
    )
    if visibility not in ("public", "private"):
        raise bad_request('"visibility" must be one of [public, private]')
    if repos.lookup(hub.store, "bucket", id):
        raise HubError(409, "You already created this bucket", url=f"{hub.url}/buckets/{id}", name=id)
    bucket = repos.make(hub, caller, "bucket", id, visibility, {}, first_commit=False)
    return JSONResponse({"url": f"{hub.url}/buckets/{id}", "name": id, "id": bucket.oid})


@router.get("/api/buckets/{id}")
async def info(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return JSONResponse(_told(hub, repos.readable(hub, caller, "bucket", _id(caller, id))))


@router.delete("/api/buckets/{id}")
async def delete(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    repos.remove(hub.store, repos.writable(hub, caller, "bucket", _id(caller, id), "repo.manage"))
    return Response("OK")


@router.put("/api/buckets/{id}/settings")
async def settings(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    body = await request.json()
    bucket = repos.writable(hub, caller, "bucket", id, "repo.manage")
    if "visibility" in body or "private" in body:
        bucket.visibility = body.get("visibility") or ("private" if body["private"] else "public")
        bucket.private = bucket.visibility == "private"
    bucket.save(hub.store)
    return JSONResponse({"private": bucket.private})


@router.get("/api/buckets/{id}/tree")
async def root(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return _tree(hub, request, caller, id, "")


@router.get("/api/buckets/{id}/tree/{path:path}")
async def tree(hub: Any, request: Request, caller: Identity, id: str, path: str) -> Response:
    return _tree(hub, request, caller, id, path)


def _tree(hub: Any, request: Request, caller: Identity, id: str, path: str) -> Response:
    bucket = repos.readable(hub, caller, "bucket", id)
    recursive = request.query_params.get("recursive", "true") in TRUE
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    rows = files_of(hub, bucket, path)
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        parts = row["path"][len(prefix) :].split("/")
        if len(parts) == 1 or recursive:
            found[row["path"]] = _file(row)
        else:
            folder = prefix + parts[0]
            newest = max(row["uploaded"], found.get(folder, {}).get("uploadedAt", ""))
            found[folder] = {"type": "directory", "path": folder, "uploadedAt": newest}
    if not rows and prefix:
        # A prefix may be a file's own path, or nothing at all: a bucket has no folders of its own.
        row = hub.store.one("SELECT * FROM bucket_files WHERE repo=? AND path=?", bucket.number, path.strip("/"))
        found = {path: _file(row)} if row else {}
    names = sorted(found)
    start, limit = page_of(request, 1000)
    headers = next_link(hub, request, start + limit) if start + limit < len(names) else {}
    return JSONResponse([found[name] for name in names[start : start + limit]], headers=headers)


@router.post("/api/buckets/{id}/paths-info")
async def paths_info(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    body = await request.json()
    bucket = repos.readable(hub, caller, "bucket", id)
    rows = {row["path"]: row for row in files_of(hub, bucket)}
    return JSONResponse([_file(rows[path]) for path in body["paths"] if path in rows])


@router.post("/api/buckets/{id}/batch")
async def batch(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    bucket = repos.writable(hub, caller, "bucket", id)
    lines = [json.loads(line) for line in (await request.body()).splitlines() if line.strip()]
    failed: list[dict[str, str]] = []
    for line in lines:
        error = _operation(hub, caller, bucket, line)
        if error:
            failed.append({"path": str(line.get("path")), "error": error})
    body = {"success": not failed, "processed": len(lines), "succeeded": len(lines) - len(failed), "failed": failed}
    return JSONResponse(body, status_code=422 if lines and len(failed) == len(lines) else 200)


def _operation(hub: Any, caller: Identity, bucket: Repo, line: dict[str, Any]) -> str | None:
    """Apply one line; what is wrong with it, or None."""
    path = str(line.get("path", ""))
    if not path or path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
        return "Invalid path"
    if line["type"] == "deleteFile":
        if hub.store.one("SELECT 1 FROM bucket_files WHERE repo=? AND path=?", bucket.number, path) is None:
            return "File not found"
        hub.store.run("DELETE FROM bucket_files WHERE repo=? AND path=?", bucket.number, path)
        return None
    if line["type"] not in ("addFile", "copyFile"):
        return f"Unknown operation: {line['type']}"
    holder = bucket.number
    if line["type"] == "copyFile":
        try:
            holder = repos.content(hub, caller, line["sourceRepoType"], line["sourceRepoId"]).number
        except HubError as error:
            return error.message
    row = hub.store.one(
        "SELECT f.size FROM xet_files f JOIN xet_in i ON i.hash=f.hash WHERE i.repo=? AND f.hash=?",
        holder,
        line["xetHash"],
    )
    if row is None:
        return "Xet file not found"
    hub.store.run("INSERT OR IGNORE INTO xet_in VALUES (?,?)", bucket.number, line["xetHash"])
    put_file(hub, bucket, path, line["xetHash"], row["size"], line.get("mtime"), line.get("contentType"))
    return None


@router.get("/buckets/{id}/resolve/{path:path}")
async def resolve(hub: Any, request: Request, caller: Identity, id: str, path: str) -> Response:
    bucket = repos.readable(hub, caller, "bucket", id)
    row = hub.store.one("SELECT * FROM bucket_files WHERE repo=? AND path=?", bucket.number, path)
    if row is None:
        raise entry_not_found(path)
    headers = {
        "X-Xet-Hash": row["xet"], "X-Linked-Size": str(row["size"]), "X-Linked-ETag": f'"{row["xet"]}"',
        "ETag": f'"{row["xet"]}"',
        "Link": f'<{hub.url}/api/buckets/{bucket.id}/xet-read-token>; rel="xet-auth", '
                f'<{hub.storage_url}/v1/reconstructions/{row["xet"]}>; rel="xet-reconstruction-info"',
    }  # fmt: skip
    name = f"{bucket.number}/{row['xet']}"
    return RedirectResponse(f"{hub.storage_url}/bucket-cdn/{name}?Signature={hub.sign(name)}", 302, headers)


@router.get("/bucket-cdn/{number}/{hash}")
async def cdn(hub: Any, request: Request, caller: Identity, number: str, hash: str) -> Response:
    import asyncio

    from starlette.responses import FileResponse

    if not hub.verify(f"{number}/{hash}", request.query_params.get("Signature", "")):
        raise HubError(403, "Access denied")
    path = hub.store.root / "bucket-cdn" / hash
    if not path.exists():
        row = hub.store.one("SELECT size FROM xet_files WHERE hash=?", hash)
        part = hub.store.temporary()
        await asyncio.to_thread(hub.xet.download, int(number), [(hash, row["size"], part)])
        path.parent.mkdir(exist_ok=True)
        part.replace(path)
    return FileResponse(path, media_type="application/octet-stream", headers={"ETag": f'"{hash}"'})
