"""The server: one ASGI application that finds the route, knows the caller and answers errors as the Hub does."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.servers.hub import (
    access,
    buckets,
    cards,
    collected,
    commits,
    discussions,
    faults,
    identity,
    jobs,
    lfs,
    listing,
    oidc,
    papers,
    refs,
    repos,
    resolve,
    runner,
    scheduled,
    spaces,
    tree,
    viewer,
    xet,
)
from tests.servers.hub.errors import HubError, page_not_found, repo_not_found
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Route, find
from tests.servers.hub.store import Store

MODULES = [
    faults, identity, repos, scheduled, jobs, buckets, xet, lfs, cards, refs, tree, commits, resolve, papers, viewer, oidc,
    spaces, listing, discussions, access, collected,
]  # fmt: skip
"""Where two patterns fit a path, the earlier module answers."""

UNSIGNED = (
    "/v1/",
    "/v2/",
    "/xorbs/",
    "/cdn/",
    "/bucket-cdn/",
    "/lfs-upload/",
    "/.hub/",
    "/oauth/token",
    "/oauth/device",
)
"""Paths with tokens or signatures of their own, where the Authorization header names no user."""

WITHOUT_NAMESPACE = re.compile(
    r"/api/(models|datasets|spaces)/[^/]+(/(revision|tree|commits?|refs|like|preupload|paths-info|branch|tag|discussions)(/.*)?)?$"
    r"|/((datasets|spaces)/)?[^/]+/resolve/"
)
"""Repositories without a namespace exist at the Hub for historical reasons only; here there are none."""


class Hub:
    """All that a handler needs. `url` is the server's own address; storage has a port of its own, as it has hosts at the Hub."""

    def __init__(self, root: Path, url: str, storage_url: str, namespaces: bool = True) -> None:
        self.store = Store(root)
        self.url = url
        self.storage_url = storage_url
        self.routes: list[Route] = [route for module in MODULES for route in module.router.routes]
        self.faults = faults.Faults(self.store)
        self.key = self._key()
        self.runner = runner.Runner(self, None if namespaces else False)
        self.xet = xet.Client(self)
        self.papers = papers.load(papers.BUNDLED)

    def _key(self) -> bytes:
        """Signs addresses and tokens; kept, so that they stay good over a restart."""
        path = self.store.root / "key"
        if not path.exists():
            path.write_text(secrets.token_hex(32))
        return bytes.fromhex(path.read_text())

    def sign(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def verify(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(text), signature)

    async def answer(self, request: Request) -> Response:
        raw_path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace")
        try:
            found = find(self.routes, request.method, raw_path)
            if found is None:
                if WITHOUT_NAMESPACE.match(raw_path):
                    raise repo_not_found("authorization" not in request.headers)
                raise page_not_found()
            handler, values = found
            caller = Identity() if raw_path.startswith(UNSIGNED) else identity.identify(self.store, request)
            return await handler(self, request, caller, **values)
        except repos.Moved as error:
            return error.towards(raw_path, request.url.query).response()
        except HubError as error:
            return error.response()
        except (json.JSONDecodeError, UnicodeDecodeError):
            return HubError(400, "Invalid JSON body").response()
        except ClientDisconnect:
            return Response(status_code=499)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        fault = self.faults.match(request) if not scope["path"].startswith("/.hub/") else None
        if fault is not None:
            replaced = await fault.before()
            if replaced is not None:
                await replaced(scope, receive, send)
                return
            send = fault.around(send, scope["hub.close"])
        response = await self.answer(request)
        response.headers["X-Request-Id"] = f"Root=1-{secrets.token_hex(12)}"
        # uvicorn's own Date may be two seconds old; clients compare it with the time of log lines
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["X-Powered-By"] = "huggingface-moon"
        await response(scope, receive, send)


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(body, status_code=status, headers=headers)


def application(hub: Hub) -> ASGIApp:
    """The ASGI application of one Hub, for uvicorn. Ending it ends every job."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        hub.runner.start()
        try:
            yield
        finally:
            await hub.runner.close()
            hub.store.close()

    class Everything:
        """A class, because Starlette limits the methods of a function's route."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await hub(scope, receive, send)

    inner = Starlette(routes=[StarletteRoute("/{path:path}", Everything())], lifespan=lifespan)

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            # ASGI has no word for hanging up; uvicorn's sender belongs to the object that holds the connection
            scope["hub.close"] = lambda: send.__self__.transport.close()
        await inner(scope, receive, send)

    return outer
