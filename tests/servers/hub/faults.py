"""Faults on order: rate limits, server errors, slowness and cut connections, for requests that match a rule.

Rules come from `--faults FILE.json` (a list) or at run time from `PUT /.hub/faults`; `GET` shows them with their counts,
`DELETE` removes all. A rule: {"method": "POST" (any if absent), "path": a regular expression searched in the path, "user": the
name of the caller or absent, "skip": let so many matches through first (0), "times": how often it acts (-1 = always), and
one of
  "status": 429|500|503|402|…, with "retry_after" (seconds, a header), "message", "code" (X-Error-Code);
  "delay": seconds before the request is handled (alone, or with the others);
  "cut": close the connection after so many bytes of the answer's body (0 = before the headers), the work having been done.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Send

from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.routing import Router
from tests.servers.hub.store import Store


@dataclass
class Fault:
    """One rule."""

    path: str
    method: str | None = None
    user: str | None = None
    skip: int = 0
    times: int = 1
    status: int | None = None
    retry_after: float | None = None
    message: str = "injected fault"
    code: str | None = None
    delay: float = 0.0
    cut: int | None = None
    matched: int = 0

    def acts(self) -> bool:
        self.matched += 1
        return self.matched > self.skip and (self.times < 0 or self.matched <= self.skip + self.times)

    async def before(self) -> Response | None:
        """Waits; the answer that replaces the real one, if any."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.status is None:
            return None
        headers = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        if self.status == 429:
            wait = self.retry_after or 1
            headers |= {"RateLimit": f'"api";r=0;t={wait:g}', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
        return HubError(self.status, self.message, self.code, headers).response()

    def around(self, send: Send, close: Callable[[], None]) -> Send:
        """The sender that cuts the answer off, with `close` to end the connection."""
        if self.cut is None:
            return send
        left, started = self.cut, False

        async def cutting(message: Message) -> None:
            nonlocal left, started
            if started and left <= 0:
                return  # the rest goes nowhere
            if message["type"] == "http.response.start" and left > 0:
                await send(message)
            elif message["type"] == "http.response.body":
                part = message.get("body", b"")[:left]
                left -= len(part)
                if part:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            started = True
            if left <= 0:
                close()

        return cutting


class Faults:
    """The rules in force."""

    def __init__(self, store: Store) -> None:
        self.rules: list[Fault] = []
        self._store = store

    def load(self, rules: list[dict[str, Any]]) -> None:
        try:
            self.rules = [Fault(**rule) for rule in rules]
        except TypeError as error:
            raise bad_request(f"unknown fault: {error}") from error

    def match(self, request: Request) -> Fault | None:
        for rule in self.rules:
            if rule.method not in (None, request.method) or not re.search(rule.path, request.url.path):
                continue
            if rule.user is not None and rule.user != self._user(request):
                continue
            if rule.acts():
                return rule
        return None

    def _user(self, request: Request) -> str | None:
        token = request.headers.get("authorization", "").partition(" ")[2]
        row = self._store.one("SELECT user FROM tokens WHERE token=?", token)
        return row["user"] if row else None


router = Router()


@router.get("/.hub/faults")
async def show(hub: Any, request: Request, caller: Any) -> Response:
    return JSONResponse([asdict(rule) for rule in hub.faults.rules])


@router.put("/.hub/faults")
async def replace(hub: Any, request: Request, caller: Any) -> Response:
    hub.faults.load(await request.json())
    return await show(hub, request, caller)


@router.delete("/.hub/faults")
async def clear(hub: Any, request: Request, caller: Any) -> Response:
    hub.faults.rules = []
    return JSONResponse([])
