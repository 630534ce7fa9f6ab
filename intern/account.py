"""Whose Hub account a run acts for: its owner's, never anybody else's, and never by accident.

On one's own machine it is the account of HF_TOKEN or `hf auth login`. On a Space it is the visitor's OAuth token, kept
in memory while the app runs; the Space's own HF_TOKEN is nobody's. A token is never written to the log, to an event, to
a file or into a job. Every call passes it explicitly: a client without one would fall back to the environment's.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from httpx2 import HTTPError

from intern.network import is_online
from intern.settings import Settings

if TYPE_CHECKING:
    from huggingface_hub import HfApi

LOCAL_USER = "local"
"""The owner of runs on one's own machine."""
Need = Literal["publish", "jobs"]
SCOPES: dict[Need, tuple[str, ...]] = {
    "publish": ("contribute-repos", "write-repos", "manage-repos"),
    "jobs": ("jobs",),
}
"""OAuth scopes, any one of which is enough."""
WORDS: dict[Need, str] = {"publish": "Publishing to the Hub", "jobs": "Training on HF Jobs"}
KNOWN_SECONDS = 600.0
BROUGHT_KEPT = 4
TOKENS_PAGE = "https://huggingface.co/settings/tokens"
HUB_ERRORS = (HTTPError, OSError)
"""What a call to the Hub may raise: answers with an error status, and no answer at all."""


class AccountError(RuntimeError):
    """There is no account that may do this; the message is one line that says what to do."""


@dataclass(frozen=True)
class Account:
    """An account that the Hub has confirmed. Its text form does not show the token."""

    name: str
    """The user name, which is the namespace for repos, buckets and jobs."""
    token: str = field(repr=False)
    endpoint: str
    scopes: frozenset[str] | None = None
    """What an OAuth token may do; None where the Hub does not say (a user access token)."""
    role: str = ""
    """Of a user access token: "read", "write", "fineGrained"."""

    @property
    def api(self) -> HfApi:
        """A client that uses this account's token and no other."""
        return hub_client(self.endpoint, self.token)


def hub_client(endpoint: str, token: str | Literal[False]) -> HfApi:
    """A client with this token (False: none, and not the environment's either)."""
    from huggingface_hub import HfApi  # a fifth of a second: only who asks the Hub waits for it
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()  # progress is told in the log, not drawn on somebody's terminal
    return HfApi(endpoint=endpoint, token=token, library_name="intern")


def on_space() -> bool:
    """Whether this is a Hugging Face Space (they set SYSTEM=spaces)."""
    return os.environ.get("SYSTEM") == "spaces"


def space_owner() -> str | None:
    """The account whose Space this is (INTERN_OWNER for one that belongs to an organisation); None away from a Space."""
    if not on_space():
        return None
    named = os.environ.get("INTERN_OWNER") or os.environ.get("SPACE_AUTHOR_NAME")
    return named or os.environ.get("SPACE_ID", "").partition("/")[0] or None


@dataclass(frozen=True)
class _Token:
    text: str = field(repr=False)
    scopes: frozenset[str] | None = None
    until: float | None = None
    """When it ends, in seconds since 1970, where that is known."""


class Accounts:
    """The accounts of the people whose runs work in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._signed_in: dict[str, _Token] = {}
        self._brought: dict[str, list[_Token]] = {}
        self._known: dict[str, tuple[float, Account]] = {}

    def sign_in(self, owner: str, token: str, scope: str | None = None, until: float | None = None) -> None:
        """Remember a visitor's sign-in to the page. `scope`: the OAuth scopes, separated by spaces; `until`: its end."""
        with self._lock:
            self._signed_in[owner] = _Token(token, frozenset(scope.split()) if scope else None, until)

    def bring(self, owner: str, token: str) -> None:
        """Remember a token that came with a call. It stands beside the page's sign-in and never in its place."""
        with self._lock:
            others = [known for known in self._brought.get(owner, []) if known.text != token]
            self._brought[owner] = [_Token(token), *others][:BROUGHT_KEPT]

    def has_token(self, owner: str) -> bool:
        """Whether there is any token for this person; nothing is asked over the network."""
        return bool(self._tokens(owner))

    def token(self, owner: str) -> str | None:
        """A person's token for reading, or None: nothing is asked over the network, so it may be no good."""
        found = self._tokens(owner)
        return found[0].text if found else None

    def is_installer(self, owner: str) -> bool:
        """Whether this person is the one whose installation this is: alone on their machine, or the Space's owner."""
        return owner == (space_owner() if on_space() else LOCAL_USER)

    def spends_ours(self, owner: str) -> bool:
        """Whether runs of this person may use the keys that this installation was given: on a Space its owner's only."""
        return not on_space() or self._settings.app.share_brain or owner == space_owner()

    def brain_token(self, owner: str) -> str | None:
        """The key with which a run of this person asks its model: their own, or ours where they may spend it."""
        ours = self.spends_ours(owner)
        if self._settings.llm_base_url:
            return os.environ.get("INTERN_LLM_API_KEY") if ours else None
        own = self.token(owner) if on_space() else None
        return own or (os.environ.get("HF_TOKEN") if ours else None)

    def payer(self, owner: str) -> str | None:
        """The organisation that pays for this person's model (INTERN_BILL_TO): ours pays for what our own key asks, and
        for the Space's owner; a visitor's key belongs to no organisation of ours."""
        ours = not on_space() or owner == space_owner() or (self.spends_ours(owner) and not self.token(owner))
        return os.environ.get("INTERN_BILL_TO") if ours else None

    def account(self, owner: str, *needs: Need) -> Account:
        """The Hub account of a run's owner, fit for `needs`. Raises AccountError."""
        what = " and ".join(WORDS[need] for need in needs) or "This"
        what = what[0] + what[1:].replace("Publishing", "publishing") + (" need" if len(needs) > 1 else " needs")
        found = self._tokens(owner)
        if not found:
            raise AccountError(f"{what} a Hugging Face account: {how_to_sign_in(owner)}")
        if not is_online(self._settings):
            why = "INTERN_OFFLINE is set" if self._settings.offline else "the Hub cannot be reached from here"
            raise AccountError(f"{what} the Hub, and {why}: use --compute local and --publish folder.")
        refusals: list[AccountError] = []
        for token in found:
            try:
                return self._fit(owner, token, needs)
            except AccountError as error:
                refusals.append(error)
        raise refusals[0]

    def _fit(self, owner: str, token: _Token, needs: Sequence[Need]) -> Account:
        """The account of this token, if it may do what is needed. Raises AccountError."""
        account = self._confirmed(owner, token.text, token.scopes)
        for need in needs:
            if account.scopes is not None and not account.scopes & set(SCOPES[need]):
                raise AccountError(
                    f"{WORDS[need]} needs the permission {SCOPES[need][0]!r}, which your sign-in does not give: "
                    "sign out and in again and allow it."
                )
            if account.role == "read":
                raise AccountError(
                    f"{WORDS[need]} needs a token that may write; the one of {account.name} may only read: {TOKENS_PAGE}"
                )
        return account

    def _tokens(self, owner: str) -> list[_Token]:
        """What this person has given, the page's sign-in first."""
        with self._lock:
            signed_in, brought = self._signed_in.get(owner), list(self._brought.get(owner, []))
        if signed_in is not None and (signed_in.until is None or signed_in.until > time.time()):
            return [signed_in, *brought]
        if not brought and owner == LOCAL_USER and os.environ.get("SYSTEM") != "spaces":
            token = get_token()
            return [_Token(token)] if token else []
        return brought

    def _confirmed(self, owner: str, token: str, scopes: frozenset[str] | None) -> Account:
        key = hashlib.sha256(f"{owner}\0{token}\0{sorted(scopes or ())}".encode()).hexdigest()
        with self._lock:
            known = self._known.get(key)
        if known is not None and time.monotonic() - known[0] < KNOWN_SECONDS:
            return known[1]
        who = who_is(self._settings.network.hub, token)
        if owner != LOCAL_USER and who["name"] != owner:
            raise AccountError("The token belongs to another account than the run: sign in as its owner.")
        role = str(who.get("auth", {}).get("accessToken", {}).get("role", ""))
        account = Account(str(who["name"]), token, self._settings.network.hub, scopes, role)
        with self._lock:
            self._known[key] = (time.monotonic(), account)
        return account


def get_token() -> str | None:
    """The token of HF_TOKEN or of `hf auth login`; the Hub's client is loaded when it is asked for."""
    import huggingface_hub

    return huggingface_hub.get_token()


def who_is(endpoint: str, token: str) -> dict[str, Any]:
    """The Hub's answer to whoami. Raises AccountError for a token that it does not take, or when it does not answer."""
    try:
        return hub_client(endpoint, token).whoami()
    except HUB_ERRORS as error:
        status = http_status(error)
        if status in (401, 403):
            raise AccountError(
                f"The Hub does not take this token (revoked, expired or mistyped): {TOKENS_PAGE}"
            ) from error
        raise AccountError(f"The Hub could not be asked whose token this is ({short(error)}): try again.") from error


def http_status(error: BaseException) -> int | None:
    """The HTTP status of a Hub client's error; None when there was no answer."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    return status if isinstance(status, int) else None


def short(error: BaseException) -> str:
    """What a Hub client's error says, in one line without request ids and addresses."""
    said = str(getattr(error, "server_message", None) or error) or type(error).__name__
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    kept: Sequence[str] = [line for line in lines if "Request ID" not in line] or lines or [type(error).__name__]
    return re.sub(r"https?://\S+", "(address)", " ".join(kept))[:240]


def how_to_sign_in(owner: str) -> str:
    """What this person has to do, as the end of a sentence."""
    if owner == LOCAL_USER and os.environ.get("SYSTEM") != "spaces":
        return f"set HF_TOKEN (a token from {TOKENS_PAGE}), or run: hf auth login"
    return (
        "sign in with the button in the sidebar (tokens are kept in memory only, so a restart of the app forgets them)."
    )
