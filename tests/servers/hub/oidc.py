"""Sign-in with this Hub: OpenID Connect with code flow (PKCE or secret), refresh, and the device flow of `hf auth login`.

Whoever opens `/oauth/authorize` is shown a page with a button for every user, and one to refuse; `login_hint=NAME` in the
address presses that user's button, for tests without a browser. Apps are registered with `--oauth-app`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.servers.hub import identity
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.identity import SCOPES, Identity
from tests.servers.hub.routing import Router

CODE_SECONDS = 120
TOKEN_SECONDS = 8 * 3600
DEVICE_CLIENT = "26be6b09-91c5-47da-9861-d2d2bb7a7e36"
"""The command line's own app, public as in the client's source."""
DEVICE_SCOPES = ("openid", "profile", "email", *SCOPES)

router = Router()


def add_app(store: Any, client: str, secret: str, redirects: list[str]) -> None:
    store.put_document("oauth-app", client, client, {"secret": secret, "redirects": redirects})


def key(hub: Any) -> RSAKey:
    """The signing key, kept in the store."""
    kept = hub.store.document("oauth-key", "rsa")
    if kept is None:
        kept = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)
        hub.store.put_document("oauth-key", "rsa", "", kept)
    return RSAKey.import_key(kept)


class OAuthError(HubError):
    """An error in the shape of RFC 6749."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(status, text)
        self.answer = {"error": code, "error_description": text}

    def response(self) -> Response:
        return JSONResponse(self.answer, status_code=self.status, headers={"Cache-Control": "no-store"})


# -- discovery -----------------------------------------------------------------------------------------------


@router.get("/.well-known/openid-configuration")
async def configuration(hub: Any, request: Request, caller: Identity) -> Response:
    return JSONResponse(
        {
            "issuer": hub.url, "authorization_endpoint": f"{hub.url}/oauth/authorize", "token_endpoint": f"{hub.url}/oauth/token",
            "userinfo_endpoint": f"{hub.url}/oauth/userinfo", "jwks_uri": f"{hub.url}/oauth/jwks",
            "device_authorization_endpoint": f"{hub.url}/oauth/device", "scopes_supported": list(DEVICE_SCOPES),
            "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "claims_supported": ["sub", "name", "preferred_username", "picture", "profile", "email", "email_verified"],
        }
    )  # fmt: skip


@router.get("/oauth/jwks")
async def jwks(hub: Any, request: Request, caller: Identity) -> Response:
    return JSONResponse({"keys": [key(hub).as_dict(private=False) | {"use": "sig", "alg": "RS256"}]})


# -- authorisation code --------------------------------------------------------------------------------------


def _asked(hub: Any, query: dict[str, str]) -> dict[str, str]:
    """The checked request of an app. Raises 400 on this page, never by a redirect to an address that is not the app's."""
    app = hub.store.document("oauth-app", query.get("client_id", ""))
    if app is None:
        raise bad_request("Invalid client_id")
    if query.get("redirect_uri") not in app["redirects"]:
        raise bad_request("Invalid redirect_uri: it is not one of the app's")
    if query.get("response_type") != "code":
        raise bad_request("Unsupported response_type")
    unknown = set(query.get("scope", "").split()) - set(DEVICE_SCOPES)
    if unknown or "openid" not in query.get("scope", "").split():
        raise bad_request(f"Invalid scope: {' '.join(unknown) or 'openid is missing'}")
    return query


@router.get("/oauth/authorize")
async def authorize(hub: Any, request: Request, caller: Identity) -> Response:
    query = _asked(hub, dict(request.query_params))
    if "login_hint" in query:
        return _granted(hub, query, query["login_hint"])
    users = [row["name"] for row in hub.store.all("SELECT name FROM accounts WHERE type='user' ORDER BY name")]
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in query.items()
    )
    buttons = "".join(f'<button name="user" value="{name}">Authorize as {name}</button> ' for name in users)
    page = f"""<!doctype html><title>Authorize {html.escape(query["client_id"])}</title>
        <h1>{html.escape(query["client_id"])} asks for: {html.escape(query["scope"])}</h1>
        <form method="post" action="/oauth/authorize">{hidden}{buttons}<button name="user" value="">Deny</button></form>"""
    return HTMLResponse(page)


@router.post("/oauth/authorize")
async def decided(hub: Any, request: Request, caller: Identity) -> Response:
    """The page's form; or the request itself with a session cookie, which here is `token=` and one of the user's tokens."""
    form = dict(request.query_params) | await _form(request)
    user = form.pop("user", "")
    session = hub.store.one("SELECT user FROM tokens WHERE token=? AND NOT revoked", request.cookies.get("token", ""))
    return _granted(hub, _asked(hub, form), session["user"] if session else user)


def _granted(hub: Any, query: dict[str, str], user: str) -> Response:
    told = {"state": query["state"]} if "state" in query else {}
    if not user:
        told |= {"error": "access_denied", "error_description": "The user denied the request"}
    else:
        identity.account(hub.store, user)
        code = secrets.token_urlsafe(24)
        kept = {"user": user, "until": time.time() + CODE_SECONDS, **query}
        hub.store.put_document("oauth-code", code, user, kept)
        told["code"] = code
    joint = "&" if "?" in query["redirect_uri"] else "?"
    return RedirectResponse(f"{query['redirect_uri']}{joint}{urlencode(told)}", 303)


# -- tokens --------------------------------------------------------------------------------------------------


async def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}


@router.post("/oauth/token")
async def token(hub: Any, request: Request, caller: Identity) -> Response:
    form = await _form(request)
    basic = request.headers.get("authorization", "")
    if basic.startswith("Basic "):
        client, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
        form |= {"client_id": client, "client_secret": secret}
    grant = form.get("grant_type")
    if grant == "authorization_code":
        return _by_code(hub, form)
    if grant == "refresh_token":
        return _by_refresh(hub, form)
    if grant == "urn:ietf:params:oauth:grant-type:device_code":
        return _by_device(hub, form)
    raise OAuthError("unsupported_grant_type", f"Unsupported grant_type: {grant}")


def _check_client(hub: Any, form: dict[str, str], proven: bool) -> None:
    """The app's secret, unless PKCE or a public app makes it needless."""
    app = hub.store.document("oauth-app", form.get("client_id", ""))
    public = form.get("client_id") == DEVICE_CLIENT
    if not public and (
        app is None or not (form.get("client_secret") == app["secret"] or (proven and not form.get("client_secret")))
    ):
        raise OAuthError("invalid_client", "Invalid client credentials", 401)


def _by_code(hub: Any, form: dict[str, str]) -> Response:
    kept = hub.store.document("oauth-code", form.get("code", ""))
    challenge = (kept or {}).get("code_challenge")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    proven = challenge is not None and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
    if kept is not None and proven:
        form.setdefault("client_id", kept["client_id"])  # the npm client proves itself by the verifier alone
    _check_client(hub, form, proven)
    hub.store.delete_document("oauth-code", form.get("code", ""))  # a code is good once
    same = kept is not None and all(kept[name] == form.get(name) for name in ("client_id", "redirect_uri"))
    if kept is None or not same or kept["until"] < time.time() or (challenge and not proven):
        raise OAuthError("invalid_grant", "The authorization code is invalid, used or expired")
    return _issued(hub, kept["user"], kept["client_id"], kept["scope"].split(), kept.get("nonce"))


def _by_refresh(hub: Any, form: dict[str, str]) -> Response:
    kept = hub.store.document("oauth-refresh", form.get("refresh_token", ""))
    _check_client(hub, form, False)
    if kept is None or kept["client"] != form.get("client_id"):
        raise OAuthError("invalid_grant", "The refresh token is invalid or revoked")
    hub.store.delete_document("oauth-refresh", form["refresh_token"])
    return _issued(hub, kept["user"], kept["client"], kept["scopes"], None)


def _issued(hub: Any, user: str, client: str, scopes: list[str], nonce: str | None) -> Response:
    access, refresh = f"hf_oauth_{secrets.token_urlsafe(32)}", f"hf_oauth_refresh_{secrets.token_urlsafe(24)}"
    expires = time.time() + TOKEN_SECONDS
    identity.add_token(hub.store, access, user, "oauth", {"scopes": scopes}, client, expires, client)
    hub.store.put_document("oauth-refresh", refresh, user, {"user": user, "client": client, "scopes": scopes})
    claims = _claims(hub, user, scopes) | {"iss": hub.url, "aud": client, "iat": int(time.time()), "exp": int(expires)}
    if nonce:
        claims["nonce"] = nonce
    signing = key(hub)
    signed = jwt.encode({"alg": "RS256", "kid": signing.kid}, claims, signing)
    body = {"access_token": access, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes),
            "id_token": signed,            "refresh_token": refresh}  # fmt: skip
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _claims(hub: Any, user: str, scopes: list[str]) -> dict[str, Any]:
    account = identity.account(hub.store, user)
    told = {"sub": account["oid"]}
    if "profile" in scopes:
        told |= {"name": account["fullname"], "preferred_username": user, "profile": f"{hub.url}/{user}",
                 "picture": f"{hub.url}/avatars/{user}.svg", "website": "", "isPro": bool(account["is_pro"])}  # fmt: skip
    if "email" in scopes:
        told |= {"email": account["email"], "email_verified": True}
    return told


@router.get("/oauth/userinfo")
async def userinfo(hub: Any, request: Request, caller: Identity) -> Response:
    user = identity.signed_in(caller)
    scopes = caller.grants.get("scopes", ["profile", "email", "read-memberships"])
    told = _claims(hub, user, scopes)
    rows = hub.store.all("SELECT m.role, a.* FROM members m JOIN accounts a ON a.name=m.org WHERE m.user=?", user)
    told["orgs"] = [{"sub": r["oid"], "name": r["fullname"], "preferred_username": r["name"], "isEnterprise": False,
                     "picture": f"{hub.url}/avatars/{r['name']}.svg", "roleInOrg": r["role"]} for r in rows]  # fmt: skip
    return JSONResponse(told)


# -- device flow ---------------------------------------------------------------------------------------------


@router.post("/oauth/device")
async def device(hub: Any, request: Request, caller: Identity) -> Response:
    form = await _form(request)
    client = form.get("client_id", "")
    if client != DEVICE_CLIENT and hub.store.document("oauth-app", client) is None:
        raise OAuthError("invalid_client", "Invalid client_id", 401)
    code, user_code = secrets.token_urlsafe(24), f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    scopes = form.get("scope", " ".join(DEVICE_SCOPES)).split()
    kept = {
        "client": client,
        "user_code": user_code,
        "scopes": scopes,
        "until": time.time() + 600,
        "user": None,
        "denied": False,
    }
    hub.store.put_document("oauth-device", code, user_code, kept)
    page = f"{hub.url}/oauth/device"
    return JSONResponse({"device_code": code, "user_code": user_code, "verification_uri": page, "expires_in": 600, "interval": 1,
                         "verification_uri_complete": f"{page}?user_code={user_code}"})  # fmt: skip


@router.post("/oauth/device/approve")
async def approve(hub: Any, request: Request, caller: Identity) -> Response:
    """What a person does on the verification page: {"user_code", "user"}, or no user to deny."""
    form = json.loads(await request.body())
    for row in hub.store.all("SELECT id, body FROM documents WHERE type='oauth-device' AND owner=?", form["user_code"]):
        body = json.loads(row["body"]) | {"user": form.get("user"), "denied": not form.get("user")}
        hub.store.put_document("oauth-device", row["id"], form["user_code"], body)
        return Response("OK")
    raise HubError(404, "Unknown user code")


def _by_device(hub: Any, form: dict[str, str]) -> Response:
    kept = hub.store.document("oauth-device", form.get("device_code", ""))
    if kept is None or kept["client"] != form.get("client_id") or kept["until"] < time.time():
        raise OAuthError("expired_token", "The device code has expired")
    if kept["denied"]:
        raise OAuthError("access_denied", "The user denied the request")
    if kept["user"] is None:
        raise OAuthError("authorization_pending", "The user has not decided yet")
    hub.store.delete_document("oauth-device", form["device_code"])
    return _issued(hub, kept["user"], kept["client"], kept["scopes"], None)
