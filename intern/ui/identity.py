"""Who is calling. Away from a Space there is one user, `local`; on a Space a run belongs to a Hub account or to one
browser. Every handler and endpoint asks here first and then lets the service check whose run it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import time

import gradio as gr
import httpx

from intern.account import Accounts, on_space
from intern.service import LOCAL_USER

ANONYMOUS = re.compile(r"anon-[0-9a-f]{32}")
NAME_KEPT_SECONDS = 600.0


class IdentityError(PermissionError):
    """The caller cannot be told from others; the message says how to sign in."""


def can_sign_in() -> bool:
    """A LoginButton off a Space, or on one without OAuth, would stop the launch."""
    return on_space() and bool(os.environ.get("OAUTH_CLIENT_ID"))


def new_visitor() -> str:
    """A name for a browser that has not signed in; it is kept there and works like a password."""
    return f"anon-{secrets.token_hex(16)}"


def is_visitor(name: object) -> bool:
    """Whether this is a name that `new_visitor` may have given."""
    return isinstance(name, str) and ANONYMOUS.fullmatch(name) is not None


def page_owner(profile: gr.OAuthProfile | None, visitor: str | None) -> str:
    """The owner for a click in the page. Raises IdentityError when a Space's visitor has no name yet."""
    if not on_space():
        return LOCAL_USER
    if profile is not None:
        return profile.username
    if visitor is not None and is_visitor(visitor):
        return visitor
    raise IdentityError("The page is still loading: try again in a moment.")


def shown_name(owner: str) -> str:
    """For the header."""
    if owner == LOCAL_USER:
        return "local user"
    return "visitor (not signed in)" if is_visitor(owner) else owner


class ApiCallers:
    """The owner for an API or MCP call: whoever the Hub says the token is. Answers are kept for ten minutes."""

    def __init__(self, endpoint: str, accounts: Accounts) -> None:
        self._endpoint, self._accounts = endpoint, accounts
        self._names: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def owner(self, request: gr.Request | None, token: gr.OAuthToken | None) -> str:
        """Raises IdentityError on a Space without a valid token."""
        if not on_space():
            return LOCAL_USER
        secret = token.token if token is not None else _header_token(request)
        if not secret:
            raise IdentityError("Sign in first: pass your Hugging Face token (scope: read) with the call.")
        key = hashlib.sha256(secret.encode()).hexdigest()
        name = self._name(key, secret)
        # Their runs act with the token that they brought, unless the page's own sign-in can do it.
        self._accounts.bring(name, secret)
        return name

    def _name(self, key: str, secret: str) -> str:
        with self._lock:
            known = self._names.get(key)
        if known is not None and time.monotonic() - known[0] < NAME_KEPT_SECONDS:
            return known[1]
        name = self._ask_hub(secret)
        with self._lock:
            if len(self._names) > 1000:
                self._names.clear()
            self._names[key] = (time.monotonic(), name)
        return name

    def _ask_hub(self, secret: str) -> str:
        try:
            headers = {"authorization": f"Bearer {secret}"}
            answer = httpx.get(f"{self._endpoint}/api/whoami-v2", headers=headers, timeout=10)
            answer.raise_for_status()
            name = answer.json()["name"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise IdentityError("The Hub does not know this token (or cannot be reached): sign in again.") from error
        return str(name)


def _header_token(request: gr.Request | None) -> str:
    """The token that gradio_client, or an MCP client by its configuration, sends in a header."""
    headers = getattr(request, "headers", None) or {}
    value = headers.get("x-hf-authorization") or headers.get("authorization") or ""
    scheme, _, secret = value.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
