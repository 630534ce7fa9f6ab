"""Downloads: `resolve` tells a file's identity and gives its bytes; large files are redirected to a signed address."""

from __future__ import annotations

import asyncio
import mimetypes
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from tests.servers.hub import lfs, repos
from tests.servers.hub.errors import HubError, entry_not_found
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router

router = Router()


@router.get("/{prefix}{id}/resolve/{rev}/{path:path}")
async def resolve(
    hub: Any, request: Request, caller: Identity, prefix: str | None, id: str, rev: str, path: str
) -> Response:
    repo = repos.content(hub, caller, prefix or "models", id)
    commit = repos.resolved(hub.store, repo, rev)
    entry = repos.files_at(hub.store, repo, commit).get(path)
    if entry is None:
        raise entry_not_found(path, commit)
    name = path.rsplit("/", 1)[-1]
    headers = {
        "X-Repo-Commit": commit,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}; filename=\"{quote(name)}\";",
        "Access-Control-Expose-Headers": "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,"
        "Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash",
    }
    if not entry["large"]:
        headers["ETag"] = f'"{entry["oid"]}"'
        kind = "text/plain; charset=utf-8" if entry["size"] < 2**20 else "application/octet-stream"
        return FileResponse(hub.store.blob("git", entry["oid"]), headers=headers, media_type=kind)
    headers |= {"X-Linked-Size": str(entry["size"]), "X-Linked-ETag": f'"{entry["large"]}"', "Vary": "Origin, Accept"}
    row = hub.store.one("SELECT xet FROM large WHERE sha256=?", entry["large"])
    if row and row["xet"]:
        headers["X-Xet-Hash"] = row["xet"]
        token = f"{hub.url}/api/{repo.kind}s/{repo.id}/xet-read-token/{commit}"
        headers["Link"] = (
            f'<{token}>; rel="xet-auth", <{hub.storage_url}/v1/reconstructions/{row["xet"]}>; rel="xet-reconstruction-info"'
        )
    target = lfs.download_url(hub, entry["large"], quote(name))
    text = f"Found. Redirecting to {target}"
    return PlainTextResponse(text, 302, headers | {"Location": target, "ETag": f'"{entry["oid"]}"'})


@router.get("/{prefix}{id}/raw/{rev}/{path:path}")
async def raw(
    hub: Any, request: Request, caller: Identity, prefix: str | None, id: str, rev: str, path: str
) -> Response:
    """The file as git has it: a large file's pointer."""
    from tests.servers.hub import gitobjects

    repo = repos.content(hub, caller, prefix or "models", id)
    commit = repos.resolved(hub.store, repo, rev)
    entry = repos.files_at(hub.store, repo, commit).get(path)
    if entry is None:
        raise entry_not_found(path, commit)
    if entry["large"]:
        return Response(gitobjects.pointer(entry["large"], entry["size"]), media_type="text/plain")
    return FileResponse(hub.store.blob("git", entry["oid"]), media_type="text/plain", headers={"X-Repo-Commit": commit})


@router.get("/cdn/{sha256}")
async def cdn(hub: Any, request: Request, caller: Identity, sha256: str) -> Response:
    """A large file by a signed address; whole or in ranges."""
    if not hub.verify(sha256, request.query_params.get("Signature", "")):
        raise HubError(403, "Access denied")
    path = await asyncio.to_thread(hub.xet.large_file, sha256)
    kind = mimetypes.guess_type(request.query_params.get("filename", ""))[0] or "application/octet-stream"
    return FileResponse(path, media_type=kind, headers={"ETag": f'"{sha256}"', "Accept-Ranges": "bytes"})
