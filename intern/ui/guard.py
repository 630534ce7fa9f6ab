"""Who may talk to the app from a browser: pages of its own, not those of strangers; and what a page of ours may do.

A site that somebody has open beside the app could otherwise post to it in their name, show it in a hidden frame to
catch a click on Approve, or make its own name point to this machine and read everything.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES = {True: "'self' https://huggingface.co https://*.hf.space", False: "'self'"}
"""Where the app may be shown in a frame: on a Space (True) the Hub does so."""
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Guard:
    """ASGI middleware. `hosts`: names under which the app may be reached beside this machine's own."""

    def __init__(self, app: ASGIApp, *, space: bool, loopback: bool, hosts: Sequence[str] = ()) -> None:
        self._app, self._space, self._loopback = app, space, loopback
        self._hosts = frozenset(host.lower() for host in hosts)
        self._headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",  # an address holds a run's id
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A Space whose address is not known cannot tell its own pages from others'.
        known = bool(self._hosts) or not self._space
        refusal = self.refusal(scope["method"], Headers(scope=scope)) if known else ""
        if refusal:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # Beside a policy that a file brought along: both hold.
                headers.append("content-security-policy", f"frame-ancestors {FRAMES[self._space]}")
            await send(message)

        await self._app(scope, receive, with_headers)

    def refusal(self, method: str, headers: Headers) -> str:
        """Why a request is not taken; "" for one that is."""
        host = _name(f"//{headers.get('host', '')}")
        if self._loopback and not self._is_ours(host):
            return f"The app does not know itself as {host!r}: add the name to app.hosts in its settings.\n"
        origin = headers.get("origin")
        if origin is None or method not in CHANGES:
            return ""
        theirs = _name(origin)
        if theirs == host or self._is_ours(theirs):
            return ""
        page = theirs or "nowhere"
        return f"A page of {page} may not change anything here (is it this app's own address? add it to app.hosts).\n"

    def _is_ours(self, name: str) -> bool:
        return name in self._hosts or is_loopback(name)


def is_loopback(name: str) -> bool:
    """Whether only this machine can be meant."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
