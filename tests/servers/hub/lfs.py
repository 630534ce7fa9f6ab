"""Git LFS: the batch call, uploads in one or several parts, verification, and copies between repositories."""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import repos
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import Store, now

PART = int(os.environ.get("HUB_LFS_PART_BYTES", 64 * 1024 * 1024))
"""Files above this size are uploaded in parts of it."""

SHA256 = re.compile(r"[0-9a-f]{64}$")

router = Router()


def grant(store: Store, repo: Repo, sha256: str) -> None:
    """Note that a repository holds a large file."""
    store.run("INSERT OR IGNORE INTO large_in VALUES (?,?,?)", repo.number, sha256, now())


@router.post("/{prefix}{id}.git/info/lfs/objects/batch")
async def batch(hub: Any, request: Request, caller: Identity, prefix: str | None, id: str) -> Response:
    body = await request.json()
    upload = body.get("operation") == "upload"
    access = repos.writable if upload else repos.content
    pull = str(body.get("ref", {}).get("name", "")).startswith("refs/pr/")
    repo = (repos.readable if pull else access)(hub, caller, prefix or "models", id)
    told = [_actions(hub, repo, item, upload, body.get("transfers") or ["basic"]) for item in body.get("objects", [])]
    multipart = any("chunk_size" in o.get("actions", {}).get("upload", {}).get("header", {}) for o in told)
    answer = {"transfer": "multipart" if multipart else "basic", "objects": told, "hash_algo": "sha256"}
    return JSONResponse(answer, media_type="application/vnd.git-lfs+json")


def _actions(hub: Any, repo: Repo, item: dict[str, Any], upload: bool, transfers: list[str]) -> dict[str, Any]:
    oid, size = str(item.get("oid")), item.get("size")
    if not SHA256.match(oid) or not isinstance(size, int):
        raise bad_request(f"Invalid LFS object: {oid}")
    held = hub.store.one("SELECT 1 FROM large_in WHERE repo=? AND sha256=?", repo.number, oid)
    told: dict[str, Any] = {"oid": oid, "size": size, "authenticated": True}
    if not upload:
        if held is None:
            return told | {"error": {"code": 404, "message": "Object does not exist"}}
        return told | {"actions": {"download": {"href": download_url(hub, oid)}}}
    if held is not None:
        return told
    where = f"{hub.storage_url}/lfs-upload/{repo.number}/{oid}/{size}"
    verify = {"href": f"{where}/verify?{_signature(hub, f'{repo.number}/{oid}/{size}')}", "header": {}}
    if size > PART and "multipart" in transfers:
        parts = {
            str(number + 1): f"{where}/part/{number + 1}?{_signature(hub, f'{repo.number}/{oid}/{size}')}"
            for number in range(math.ceil(size / PART))
        }
        complete = f"{where}/complete?{_signature(hub, f'{repo.number}/{oid}/{size}')}"
        return told | {
            "actions": {"upload": {"href": complete, "header": {"chunk_size": str(PART), **parts}}, "verify": verify}
        }
    put = f"{where}/whole?{_signature(hub, f'{repo.number}/{oid}/{size}')}"
    return told | {"actions": {"upload": {"href": put}, "verify": verify}}


def _signature(hub: Any, text: str) -> str:
    return f"Signature={hub.sign(text)}"


def download_url(hub: Any, sha256: str, name: str = "") -> str:
    """A signed address that needs no token, as a CDN's is."""
    return f"{hub.storage_url}/cdn/{sha256}?filename={name}&{_signature(hub, sha256)}"


def _check(hub: Any, request: Request, text: str) -> None:
    if not hub.verify(text, request.query_params.get("Signature", "")):
        raise HubError(403, "The request signature we calculated does not match the signature you provided")


async def _receive(hub: Any, request: Request, into: Path) -> str:
    """Stream a body to disk; its SHA-256."""
    digest = hashlib.sha256()
    into.parent.mkdir(parents=True, exist_ok=True)
    with into.open("wb") as file:
        async for piece in request.stream():
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _keep(hub: Any, number: int, oid: str, size: int, part: Path, digest: str) -> None:
    if digest != oid or part.stat().st_size != size:
        part.unlink()
        raise HubError(422, f"The content does not have the SHA-256 {oid} and the size {size}")
    hub.store.adopt_large(part, oid)
    hub.store.run("INSERT OR IGNORE INTO large_in VALUES (?,?,?)", number, oid, now())


@router.put("/lfs-upload/{number}/{oid}/{size}/whole")
async def put_whole(hub: Any, request: Request, caller: Identity, number: str, oid: str, size: str) -> Response:
    _check(hub, request, f"{number}/{oid}/{size}")
    part = hub.store.temporary()
    digest = await _receive(hub, request, part)
    _keep(hub, int(number), oid, int(size), part, digest)
    return Response(headers={"ETag": f'"{oid}"'})


def _part(hub: Any, number: str, oid: str, index: str) -> Path:
    return hub.store.root / "tmp" / f"parts-{number}-{oid}" / f"{int(index):05d}"


@router.put("/lfs-upload/{number}/{oid}/{size}/part/{index}")
async def put_part(
    hub: Any, request: Request, caller: Identity, number: str, oid: str, size: str, index: str
) -> Response:
    _check(hub, request, f"{number}/{oid}/{size}")
    digest = await _receive(hub, request, _part(hub, number, oid, index))
    return Response(headers={"ETag": f'"{digest[:32]}"'})


@router.post("/lfs-upload/{number}/{oid}/{size}/complete")
async def complete(hub: Any, request: Request, caller: Identity, number: str, oid: str, size: str) -> Response:
    _check(hub, request, f"{number}/{oid}/{size}")
    body = await request.json()
    parts = [_part(hub, number, oid, str(part["partNumber"])) for part in body["parts"]]
    if not all(part.exists() for part in parts) or any(not part.get("etag") for part in body["parts"]):
        raise bad_request("One or more of the specified parts could not be found")
    whole, digest = hub.store.temporary(), hashlib.sha256()
    with whole.open("wb") as file:
        for part in parts:
            content = await asyncio.to_thread(part.read_bytes)
            digest.update(content)
            file.write(content)
            part.unlink()
    _keep(hub, int(number), oid, int(size), whole, digest.hexdigest())
    return Response("OK")


@router.post("/lfs-upload/{number}/{oid}/{size}/verify")
async def verify(hub: Any, request: Request, caller: Identity, number: str, oid: str, size: str) -> Response:
    _check(hub, request, f"{number}/{oid}/{size}")
    if hub.store.one("SELECT 1 FROM large_in WHERE repo=? AND sha256=?", int(number), oid) is None:
        raise HubError(404, "Object does not exist")
    return JSONResponse({"message": "ok"})


# -- what a repository holds ---------------------------------------------------------------------------------


@router.get("/api/{kind}/{id}/lfs-files")
async def lfs_files(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    repo = repos.writable(hub, caller, kind, id)
    rows = hub.store.all("SELECT i.sha256, i.pushed, l.size, l.xet FROM large_in i JOIN large l ON l.sha256=i.sha256 "
                         "WHERE i.repo=?", repo.number)  # fmt: skip
    names: dict[str, tuple[str, str]] = {}
    for ref in hub.store.all("SELECT ref, target FROM refs WHERE repo=?", repo.number):
        for path, entry in repos.files_at(hub.store, repo, ref["target"]).items():
            if entry["large"]:
                names.setdefault(entry["large"], (path, ref["ref"]))
    told = [
        {"fileOid": row["sha256"], "oid": row["sha256"], "filename": names.get(row["sha256"], ("", ""))[0], "size": row["size"],
         "pushedAt": row["pushed"], "ref": names.get(row["sha256"], ("", None))[1], "xetHash": row["xet"],
         "pusher": {"name": repo.maker}}
        for row in rows
    ]  # fmt: skip
    return JSONResponse(told)


@router.post("/api/{kind}/{id}/lfs-files/batch")
async def delete_lfs_files(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    """Forget large files; with rewriteHistory, every commit forgets them too."""
    import json

    body = (await request.json())["deletions"]
    repo = repos.writable(hub, caller, kind, id)
    gone = set(body["sha"])
    for sha in gone:
        hub.store.run("DELETE FROM large_in WHERE repo=? AND sha256=?", repo.number, sha)
    if body.get("rewriteHistory", True):
        for row in hub.store.all("SELECT oid, files FROM commits WHERE repo=?", repo.number):
            files = repos.files_at(hub.store, repo, row["oid"])
            kept = {path: entry for path, entry in files.items() if entry["large"] not in gone}
            if kept != files:
                name = f"{row['files']}-{row['oid']}"
                hub.store.run("INSERT OR REPLACE INTO listings VALUES (?,?)", name, json.dumps(kept))
                hub.store.run("UPDATE commits SET files=? WHERE repo=? AND oid=?", name, repo.number, row["oid"])
    return Response("OK")


@router.post("/api/{kind}/{id}/lfs-files/duplicate")
async def duplicate(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    body = await request.json()
    source = repos.content(hub, caller, kind, id)
    target = repos.writable(hub, caller, body["target"]["type"], body["target"]["name"])
    failed = []
    for file in body["files"]:
        row = hub.store.one("SELECT l.xet FROM large_in i JOIN large l ON l.sha256=i.sha256 WHERE i.repo=? AND i.sha256=?",
                            source.number, file["sha256"])  # fmt: skip
        if row is None or row["xet"] != file["xetHash"]:
            failed.append({"sha256": file["sha256"], "error": "File not found in source repository"})
            continue
        grant(hub.store, target, file["sha256"])
        hub.store.run("INSERT OR IGNORE INTO xet_in VALUES (?,?)", target.number, file["xetHash"])
    return JSONResponse({"failed": failed})
