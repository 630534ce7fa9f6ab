"""Xet storage: short-lived tokens, the CAS that hf_xet and the npm client talk to, and the server's own reading and writing.

A file is a list of terms (chunk ranges of xorbs); xorbs are stored as they were sent. The server reads and writes file
contents with hf_xet itself over loopback, so that it need not know how chunks are compressed or cut.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from tests.servers.hub import lfs, repos
from tests.servers.hub.errors import HubError, bad_request, entry_not_found
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router

TOKEN_SECONDS = 900
RECORD = 48
WITH_VERIFICATION, WITH_METADATA = 1 << 31, 1 << 30
LAST = b"\xff" * 32

router = Router()


# -- hashes --------------------------------------------------------------------------------------------------


def hash_text(raw: bytes) -> str:
    """A hash as text: four little-endian 64-bit numbers."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", raw))


# -- tokens --------------------------------------------------------------------------------------------------


def token_for(hub: Any, repo: Repo, scope: str) -> Response:
    expires = int(time.time()) + TOKEN_SECONDS
    text = f"{repo.number}:{scope}:{expires}"
    token = base64.urlsafe_b64encode(f"{text}:{hub.sign(text)}".encode()).decode()
    headers = {"X-Xet-Cas-Url": hub.storage_url, "X-Xet-Access-Token": token, "X-Xet-Token-Expiration": str(expires)}
    return JSONResponse({"accessToken": token, "exp": expires, "casUrl": hub.storage_url}, headers=headers)


def holder(hub: Any, request: Request, scope: str) -> int:
    """The repository that a CAS token is for. Raises 401, or 403 for a read token that writes."""
    try:
        text = base64.urlsafe_b64decode(request.headers.get("authorization", "").removeprefix("Bearer ")).decode()
        number, given, expires, signature = text.rsplit(":", 3)
    except ValueError as error:
        raise HubError(401, "Invalid Xet token") from error
    if not hub.verify(f"{number}:{given}:{expires}", signature) or int(expires) < time.time():
        raise HubError(401, "Expired Xet token")
    if scope == "write" and given != "write":
        raise HubError(403, "This Xet token may not write")
    return int(number)


@router.get("/api/{kind}/{id}/xet-read-token/{rev}")
async def read_token(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    repo = repos.content(hub, caller, kind, id)
    repos.resolved(hub.store, repo, rev)
    return token_for(hub, repo, "read")


@router.get("/api/{kind}/{id}/xet-write-token/{rev}")
async def write_token(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    from tests.servers.hub.commits import _target

    return token_for(hub, _target(hub, request, caller, kind, id), "write")


@router.get("/api/buckets/{id}/xet-read-token")
async def bucket_read_token(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return token_for(hub, repos.readable(hub, caller, "bucket", id), "read")


@router.get("/api/buckets/{id}/xet-write-token")
async def bucket_write_token(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return token_for(hub, repos.writable(hub, caller, "bucket", id), "write")


# -- CAS: writing --------------------------------------------------------------------------------------------


@router.post("/v1/xorbs/{prefix_name}/{hash}")
async def put_xorb(hub: Any, request: Request, caller: Identity, prefix_name: str, hash: str) -> Response:
    holder(hub, request, "write")
    content = await request.body()
    offsets = chunk_offsets(content)
    known = hub.store.one("SELECT 1 FROM xorbs WHERE hash=?", hash) is not None
    hub.store.put_blob("xorb", hash, content)
    hub.store.run("INSERT OR IGNORE INTO xorbs VALUES (?,?)", hash, json.dumps(offsets))
    return JSONResponse({"was_inserted": not known})


def chunk_offsets(xorb: bytes) -> list[int]:
    """Where each chunk starts in a serialised xorb, and where the last one ends (a footer may follow)."""
    offsets, at = [0], 0
    while at + 8 <= len(xorb) and xorb[at] == 0:
        at += 8 + int.from_bytes(xorb[at + 1 : at + 4], "little")
        offsets.append(at)
    if at > len(xorb) or len(offsets) == 1:
        raise bad_request("Invalid xorb: it holds no chunks, or half a chunk")
    return offsets


@router.post("/v1/shards")
async def put_shard(hub: Any, request: Request, caller: Identity) -> Response:
    register_shard(hub, holder(hub, request, "write"), await request.body())
    return JSONResponse({"result": 1})


@router.post("/v2/shards")
async def put_shard_v2(hub: Any, request: Request, caller: Identity) -> Response:
    register_shard(hub, holder(hub, request, "write"), await request.body())
    return Response(b'{"type":"result","result":1}\n', media_type="application/x-ndjson")


def register_shard(hub: Any, number: int, shard: bytes) -> None:
    """Index the files that a shard describes. Raises 400 when it names xorbs that were never sent."""
    at = RECORD  # after the header
    while at + RECORD <= len(shard) and shard[at : at + 32] != LAST:
        file_hash = hash_text(shard[at : at + 32])
        flags, count = struct.unpack_from("<II", shard, at + 32)
        at += RECORD
        terms = []
        for _ in range(count):
            xorb = hash_text(shard[at : at + 32])
            _, length, start, end = struct.unpack_from("<IIII", shard, at + 32)
            terms.append([xorb, length, start, end])
            at += RECORD
        at += RECORD * count if flags & WITH_VERIFICATION else 0
        sha256 = None
        if flags & WITH_METADATA:
            sha256 = hash_text(shard[at : at + 32])
            at += RECORD
        _register_file(hub, number, file_hash, sha256, terms)


def _register_file(hub: Any, number: int, file_hash: str, sha256: str | None, terms: list[list[Any]]) -> None:
    for xorb, _, _, end in terms:
        row = hub.store.one("SELECT offsets FROM xorbs WHERE hash=?", xorb)
        if row is None or end >= len(json.loads(row["offsets"])):
            raise bad_request(f"Shard names a xorb that was not uploaded: {xorb}")
    size = sum(term[1] for term in terms)
    if sha256 is not None and not sha256.strip("0"):
        sha256 = None
    hub.store.run(
        "INSERT INTO xet_files VALUES (?,?,?,?) ON CONFLICT (hash) DO UPDATE SET sha256=COALESCE(excluded.sha256, sha256)",
        file_hash, size, sha256, json.dumps(terms),
    )  # fmt: skip
    hub.store.run("INSERT OR IGNORE INTO xet_in VALUES (?,?)", number, file_hash)
    if sha256:
        hub.store.run(
            "INSERT INTO large VALUES (?,?,?) ON CONFLICT (sha256) DO UPDATE SET xet=excluded.xet",
            sha256,
            size,
            file_hash,
        )
        repo_row = hub.store.one("SELECT kind FROM repos WHERE number=?", number)
        if repo_row and repo_row["kind"] != "bucket":
            hub.store.run("INSERT OR IGNORE INTO large_in VALUES (?,?,?)", number, sha256, lfs.now())


# -- CAS: reading --------------------------------------------------------------------------------------------


@router.get("/v1/reconstructions/{hash}")
async def reconstruction(hub: Any, request: Request, caller: Identity, hash: str) -> Response:
    terms, skip, ranges = _reconstruct(hub, request, hash)
    fetch = {
        xorb: [
            {"range": {"start": s, "end": e}, "url": url, "url_range": {"start": b, "end": f}}
            for s, e, b, f, url in items
        ]
        for xorb, items in ranges.items()
    }
    return JSONResponse({"offset_into_first_range": skip, "terms": terms, "fetch_info": fetch})


@router.get("/v2/reconstructions/{hash}")
async def reconstruction_v2(hub: Any, request: Request, caller: Identity, hash: str) -> Response:
    terms, skip, ranges = _reconstruct(hub, request, hash)
    xorbs = {
        xorb: [{"url": url, "ranges": [{"chunks": {"start": s, "end": e}, "bytes": {"start": b, "end": f}}]}
               for s, e, b, f, url in items]
        for xorb, items in ranges.items()
    }  # fmt: skip
    return JSONResponse({"offset_into_first_range": skip, "terms": terms, "xorbs": xorbs})


Ranges = dict[str, list[tuple[int, int, int, int, str]]]


def _reconstruct(hub: Any, request: Request, hash: str) -> tuple[list[dict[str, Any]], int, Ranges]:
    """(terms, bytes to skip in the first, per xorb: chunk start, chunk end, first byte, last byte, address)."""
    number = holder(hub, request, "read")
    row = hub.store.one(
        "SELECT f.* FROM xet_files f JOIN xet_in i ON i.hash=f.hash WHERE i.repo=? AND f.hash=?", number, hash
    )
    if row is None:
        raise entry_not_found(hash)
    first, last = _wanted(request, row["size"])
    told, at, skip = [], 0, 0
    for xorb, length, start, end in json.loads(row["terms"]):
        if at < last and at + length > first:
            if not told:
                skip = first - at
            told.append({"hash": xorb, "unpacked_length": length, "range": {"start": start, "end": end}})
        at += length
    ranges: Ranges = {}
    for xorb in {term["hash"] for term in told}:
        offsets = json.loads(hub.store.one("SELECT offsets FROM xorbs WHERE hash=?", xorb)["offsets"])
        spans = sorted((t["range"]["start"], t["range"]["end"]) for t in told if t["hash"] == xorb)
        url = f"{hub.storage_url}/xorbs/{xorb}?Signature={hub.sign(xorb)}"
        ranges[xorb] = [(s, e, offsets[s], offsets[e] - 1, url) for s, e in merged(spans)]
    return told, skip, ranges


def _wanted(request: Request, size: int) -> tuple[int, int]:
    """The half-open byte range of the file that a Range header asks for."""
    header = request.headers.get("range", "")
    if not header:
        return 0, size
    start, _, end = header.removeprefix("bytes=").partition("-")
    if int(start) >= size:
        raise HubError(416, "Range not satisfiable")
    return int(start), min(size, int(end) + 1 if end else size)


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping or touching spans joined: hf_xet ends badly when ranges of a xorb overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@router.get("/xorbs/{hash}")
async def get_xorb(hub: Any, request: Request, caller: Identity, hash: str) -> Response:
    if not hub.verify(hash, request.query_params.get("Signature", "")):
        raise HubError(403, "Access denied")
    return FileResponse(hub.store.blob("xorb", hash), media_type="application/octet-stream")


# -- the server's own use ------------------------------------------------------------------------------------


class Client:
    """Reads and writes file contents through the server's own CAS. Its methods block: call them in a thread."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._session: Any = None

    def _connection(self, number: int, scope: str) -> dict[str, Any]:
        row = self._hub.store.one("SELECT * FROM repos WHERE number=?", number)
        answer = token_for(self._hub, repos._from_row(row), scope)
        token = json.loads(bytes(answer.body))
        if self._session is None:
            os.environ["HF_XET_CACHE"] = str(self._hub.store.root / "xet")
            from hf_xet import XetSession

            self._session = XetSession()
        return {
            "endpoint": self._hub.storage_url,
            "token": token["accessToken"],
            "token_expiry_unix_secs": token["exp"],
        }

    def download(self, number: int, items: list[tuple[str, int, Path]]) -> None:
        """Write files (xet hash, size, target) that a repository or bucket holds."""
        from hf_xet import XetFileInfo

        for _, size, target in items:
            target.parent.mkdir(parents=True, exist_ok=True)
            if size == 0:
                target.write_bytes(b"")
        wanted = [item for item in items if item[1] > 0]
        if not wanted:
            return
        with self._lock, self._session_group(number) as group:
            for hash, size, target in wanted:
                group.start_download_file(XetFileInfo(hash, size), str(target))

    def _session_group(self, number: int) -> Any:
        connection = self._connection(number, "read")
        return self._session.new_file_download_group(**connection)

    def upload(self, number: int, paths: list[Path], sha256: bool = False) -> list[tuple[str, int]]:
        """Store files; (xet hash, size) of each."""
        from hf_xet import COMPUTE_SHA256, SKIP_SHA256

        with self._lock:
            connection = self._connection(number, "write")
            with self._session.new_upload_commit(**connection) as commit:
                option = COMPUTE_SHA256 if sha256 else SKIP_SHA256
                handles = [commit.start_upload_file(str(path), sha256=option) for path in paths]
        found = [handle.result().xet_info for handle in handles]
        return [(info.hash, info.file_size) for info in found]

    def large_file(self, sha256: str) -> Path:
        """The bytes of a large file on disk, however it was uploaded. Raises EntryNotFound."""
        path = self._hub.store.blob("large", sha256)
        if path.exists():
            return path
        row = self._hub.store.one(
            "SELECT l.xet, l.size, i.repo FROM large l JOIN xet_in i ON i.hash=l.xet WHERE l.sha256=?", sha256
        )
        if row is None:
            raise entry_not_found(sha256)
        part = self._hub.store.temporary()
        self.download(row["repo"], [(row["xet"], row["size"], part)])
        digest = hashlib.sha256()
        with part.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        if digest.hexdigest() != sha256:
            raise HubError(500, f"Stored content is not {sha256}")
        path.parent.mkdir(parents=True, exist_ok=True)
        part.replace(path)
        return path

    def ensure_xet(self, number: int, sha256: str) -> None:
        """Give a large file that came by plain LFS its Xet form, as the Hub does in time."""
        row = self._hub.store.one("SELECT xet FROM large WHERE sha256=?", sha256)
        if row and not row["xet"]:
            self.upload(number, [self._hub.store.blob("large", sha256)], sha256=True)


async def in_thread(function: Any, *values: Any) -> Any:
    return await asyncio.to_thread(function, *values)
