"""Artifacts over HTTP: signed links to single files and to a zip of all, served by a route of our own.

Gradio's file endpoint would have to allow whole folders to everybody. Here a link names one recorded artifact of one
run, is signed with a key that lives as long as the process, and expires; who has no link gets nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.requests import Request
from starlette.routing import Route

from intern.runs.events import Artifact
from intern.runs.log import RunNotFoundError
from intern.service import BadRequestError, Service

LIFETIME = 12 * 3600.0
ROUTE = "/artifacts"
TEXTS = (".md", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".tsv", ".py", ".log", ".toml")
PREVIEW_CHARS = 4000
INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""Shown in the page; everything else is a download, so that no artifact runs as a page of ours."""
ALL = ""
"""The name that stands for the zip of all files."""
_KEY = secrets.token_bytes(32)


class FileLinks:
    """Makes and checks signed links."""

    def url(self, run_id: str, name: str, inline: bool = False) -> str:
        """A relative address, so that it works behind any proxy path."""
        expires = self._expiry()
        shown = "&inline=1" if inline else ""
        path = f"{ROUTE[1:]}/{quote(run_id)}/{quote(name)}"
        return f"{path}?expires={expires}&signature={self._sign(run_id, name, expires)}{shown}"

    def zip_url(self, run_id: str) -> str:
        return self.url(run_id, ALL)

    def check(self, run_id: str, name: str, expires: str, signature: str) -> bool:
        """Whether this signature was made here for this file and still holds."""
        good = hmac.compare_digest(self._sign(run_id, name, expires).encode(), signature.encode())
        return good and expires.isascii() and expires.isdigit() and int(expires) >= time.time()

    def _sign(self, run_id: str, name: str, expires: str) -> str:
        return hmac.new(_KEY, f"{run_id}\n{name}\n{expires}".encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _expiry() -> str:
        # In steps of an hour: a link that changed with every redraw would load previews again and again.
        return str(int(time.time() // 3600 * 3600 + LIFETIME))


def add_route(app: FastAPI, service: Service) -> None:
    """Serve signed links. In front of Gradio's routes, one of which takes every path."""
    links = FileLinks()

    def serve(run_id: str, name: str, expires: str, signature: str, inline: bool) -> Response:
        if not links.check(run_id, name, expires, signature):
            raise HTTPException(403, "This link is not valid any more: open the run again.")
        try:
            owner = service.log.get(run_id).owner
            if name == ALL:
                return _zip(service, run_id, owner)
            path = service.artifact_path(run_id, name, owner)
        except (RunNotFoundError, BadRequestError) as error:
            raise HTTPException(404, str(error)) from error
        if not path.is_file():
            raise HTTPException(404, "This file is not there any more.")
        return _file(path, inline)

    def endpoint(request: Request) -> Response:  # no coroutine: Starlette then runs it in a thread
        query = request.query_params
        values = (query.get("expires", ""), query.get("signature", ""), query.get("inline") == "1")
        return serve(request.path_params["run_id"], request.path_params["name"], *values)

    app.router.routes.insert(0, Route(ROUTE + "/{run_id}/{name:path}", endpoint, methods=["GET"]))


def preview(path: Path, artifact: Artifact) -> str:
    """The beginning of a short text file; "" for anything else."""
    if path.suffix.lower() not in TEXTS or artifact.bytes > 2_000_000 or not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(PREVIEW_CHARS + 1)
    return text if len(text) <= PREVIEW_CHARS else text[:PREVIEW_CHARS] + "\n…"


def _file(path: Path, inline: bool) -> FileResponse:
    response = FileResponse(path, filename=path.name)
    show = inline and response.media_type in INLINE
    if show:
        response.headers["content-disposition"] = "inline"
    response.headers["x-content-type-options"] = "nosniff"
    response.headers["content-security-policy"] = "sandbox; default-src 'none'"
    return response


def _zip(service: Service, run_id: str, owner: str) -> StreamingResponse:
    artifacts = service.events(run_id, owner, kinds=("artifact",))
    names = {event.body.name for event in artifacts if isinstance(event.body, Artifact)}
    paths = [(name, service.artifact_path(run_id, name, owner)) for name in sorted(names)]
    headers = {"content-disposition": f'attachment; filename="{run_id}.zip"'}
    return StreamingResponse(_zipped(paths), media_type="application/zip", headers=headers)


def _zipped(paths: list[tuple[str, Path]]) -> Iterator[bytes]:
    """A zip written while it is sent: memory stays at one block, however large the model is."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, path in paths:
            if not path.is_file():
                continue
            with path.open("rb") as source, archive.open(zipfile.ZipInfo.from_file(path, name), "w") as target:
                while block := source.read(1 << 20):
                    target.write(block)
                    yield sink.take()
    yield sink.take()


class _Sink:
    """A file that cannot seek: what is written waits here to be sent."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data
