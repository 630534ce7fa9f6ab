"""Files over HTTP: signed links to one artifact, to a zip of all, and to a zip of what was published.

Gradio's file endpoint would have to allow whole folders to everybody. Here a link names one thing of one run, is
signed with a key that lives as long as the process, and expires; who has no link gets nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.requests import Request
from starlette.routing import Route

from intern.papers.model import PaperError
from intern.runs.events import Artifact, Fact, LogLine
from intern.runs.log import RunNotFoundError
from intern.service import BadRequestError, Service
from intern.ui.quotes import quoted_page

LIFETIME = 12 * 3600.0
ROUTE = "/run-files"
TEXTS = (".md", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".tsv", ".py", ".log", ".toml")
PREVIEW_CHARS = 4000
INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""Shown in the page; everything else is a download, so that no artifact runs as a page of ours."""
What = Literal["artifact", "all", "published", "log", "page"]
_KEY = secrets.token_bytes(32)


class FileLinks:
    """Makes and checks signed links."""

    def artifact(self, run_id: str, name: str, inline: bool = False) -> str:
        """A relative address, so that it works behind any proxy path."""
        return self._url("artifact", run_id, name) + ("&inline=1" if inline else "")

    def all(self, run_id: str) -> str:
        """A zip of all artifacts."""
        return self._url("all", run_id)

    def published(self, run_id: str) -> str:
        """A zip of the folder that the run published."""
        return self._url("published", run_id)

    def log(self, run_id: str) -> str:
        """The whole output of the run's training jobs, as text."""
        return self._url("log", run_id)

    def page(self, run_id: str, name: str) -> str:
        """A page of the run's paper with a quote marked; `name` as `paper.page_name` makes it."""
        return self._url("page", run_id, name)

    def check(self, what: str, run_id: str, name: str, expires: str, signature: str) -> bool:
        """Whether this signature was made here for this file and still holds."""
        good = hmac.compare_digest(self._sign(what, run_id, name, expires).encode(), signature.encode())
        return good and expires.isascii() and expires.isdigit() and int(expires) >= time.time()

    def _url(self, what: What, run_id: str, name: str = "") -> str:
        expires = self._expiry()
        path = f"{ROUTE[1:]}/{what}/{quote(run_id)}/{quote(name)}"
        return f"{path}?expires={expires}&signature={self._sign(what, run_id, name, expires)}"

    def _sign(self, what: str, run_id: str, name: str, expires: str) -> str:
        return hmac.new(_KEY, f"{what}\n{run_id}\n{name}\n{expires}".encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _expiry() -> str:
        # In steps of an hour: a link that changed with every redraw would load previews again and again.
        return str(int(time.time() // 3600 * 3600 + LIFETIME))


def add_route(app: FastAPI, service: Service) -> None:
    """Serve signed links. In front of Gradio's routes, one of which takes every path."""
    links = FileLinks()

    def endpoint(request: Request) -> Response:  # no coroutine: Starlette then runs it in a thread
        query, path = request.query_params, request.path_params
        what, run_id, name = path["what"], path["run_id"], path["name"]
        if not links.check(what, run_id, name, query.get("expires", ""), query.get("signature", "")):
            raise HTTPException(403, "This link is not valid any more: open the run again.")
        try:
            owner = service.log.get(run_id).owner
            if what == "all":
                return _zip(run_id, _artifacts(service, run_id, owner))
            if what == "published":
                return _zip(run_id, _published(service, run_id, owner))
            if what == "log":
                return _log(service, run_id, owner)
            if what == "page":
                return _page(service, run_id, name, owner)
            file = service.artifact_path(run_id, name, owner)
        except (RunNotFoundError, BadRequestError) as error:
            raise HTTPException(404, str(error)) from error
        if not file.is_file():
            raise HTTPException(404, "This file is not there any more.")
        return _file(file, query.get("inline") == "1")

    app.router.routes.insert(0, Route(ROUTE + "/{what}/{run_id}/{name:path}", endpoint, methods=["GET"]))


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


def _page(service: Service, run_id: str, name: str, owner: str) -> Response:
    """A page of a paper that this run has read. Only what the run states about it can be asked for."""
    from intern.papers.page_images import page_picture

    facts = [e.body for e in service.events(run_id, owner, kinds=("fact",)) if isinstance(e.body, Fact)]
    found = quoted_page(
        name, [f.value for f in facts if f.name == "paper"], [f.value for f in facts if f.name == "setup"]
    )
    if found is None:
        raise HTTPException(404, "This run states nothing on such a page.")
    try:
        picture = page_picture(*found, service.settings.cache / "pages")
    except PaperError as error:
        raise HTTPException(404, str(error)) from error
    return _file(picture, inline=True)


def _artifacts(service: Service, run_id: str, owner: str) -> list[tuple[str, Path]]:
    events = service.events(run_id, owner, kinds=("artifact",))
    names = {event.body.name for event in events if isinstance(event.body, Artifact)}
    return [(name, service.artifact_path(run_id, name, owner)) for name in sorted(names)]


def _published(service: Service, run_id: str, owner: str) -> list[tuple[str, Path]]:
    """The files of the run's published folder, which must lie where this installation publishes."""
    fact = service.get_run(run_id, owner).published
    location = fact.get("location") if isinstance(fact, dict) else None
    folder = Path(location).resolve() if isinstance(location, str) else None
    root = service.settings.published.resolve()
    if folder is None or not folder.is_dir() or not folder.is_relative_to(root) or folder == root:
        raise BadRequestError(f"Run {run_id} has no published folder here.")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [(f"{folder.name}/{path.relative_to(folder).as_posix()}", path) for path in files]


def _log(service: Service, run_id: str, owner: str) -> PlainTextResponse:
    events = service.events(run_id, owner, limit=1_000_000, kinds=("log",))
    text = "".join(f"{e.body.job_id}\t{e.body.text.rstrip()}\n" for e in events if isinstance(e.body, LogLine))
    return PlainTextResponse(text, headers={"content-disposition": f'attachment; filename="{run_id}.log"'})


def _zip(run_id: str, paths: list[tuple[str, Path]]) -> StreamingResponse:
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
