"""Who asks, and what they may do: users, organisations, tokens with roles, fine-grained grants and OAuth scopes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub.errors import HubError, forbidden, invalid_token, login_needed
from tests.servers.hub.routing import Router
from tests.servers.hub.store import Store, now, stable_id

DEFAULT_CREDIT_USD = 10.0
WRITERS = ("admin", "write")

# What an OAuth scope stands for, in the words of fine-grained tokens.
SCOPES = {
    "read-repos": ("repo.content.read",),
    "gated-repos": ("repo.access.read",),
    "write-repos": ("repo.content.read", "repo.write"),
    "manage-repos": ("repo.content.read", "repo.write", "repo.manage"),
    "contribute-repos": ("repo.contribute",),
    "jobs": ("job.read", "job.write"),
    "inference-api": ("inference.serverless.write",),
    "write-discussions": ("discussion.write",),
    "read-collections": ("collection.read",),
    "write-collections": ("collection.read", "collection.write"),
    "read-billing": ("user.billing.read",),
    "read-memberships": ("org.read",),
}


@dataclass(frozen=True)
class Identity:
    """The caller. `user` is None for an anonymous one."""

    user: str | None = None
    token: str = ""
    role: str = "none"
    grants: dict[str, Any] = field(default_factory=dict)
    client: str | None = None

    @property
    def anonymous(self) -> bool:
        return self.user is None

    def holds(self, permission: str, namespace: str, repo: str | None = None) -> bool:
        """Whether the *token* carries a permission there; what the *user* may do is asked apart from it."""
        if self.role == "write":
            return True
        if self.role == "read":
            return permission in ("repo.content.read", "repo.access.read", "job.read", "org.read", "user.billing.read",
                                  "collection.read")  # fmt: skip
        if self.role == "oauth":
            return any(permission in SCOPES.get(scope, ()) for scope in self.grants.get("scopes", []))
        for scoped in self.grants.get("scoped", []):
            entity = scoped["entity"]
            here = entity["name"] == (namespace if entity["type"] in ("user", "org") else repo)
            given = set(scoped["permissions"])
            # "Write access to contents/settings" is one tick: it includes reading, creating and deleting.
            if "repo.write" in given:
                given |= {"repo.content.read", "repo.manage"}
            if "job.write" in given:
                given |= {"job.read"}
            if here and permission in given:
                return True
        return permission in self.grants.get("global", [])


def identify(store: Store, request: Request) -> Identity:
    """The caller by the Authorization header. Raises 401 for a token that is unknown, expired or revoked."""
    header = request.headers.get("authorization", "")
    if not header:
        return Identity()
    kind, _, token = header.partition(" ")
    row = store.one("SELECT * FROM tokens WHERE token=?", token.strip()) if kind.lower() == "bearer" else None
    if row is None or row["revoked"] or (row["expires"] and row["expires"] < time.time()):
        raise invalid_token()
    return Identity(row["user"], row["token"], row["role"], json.loads(row["grants"]), row["client"])


def signed_in(caller: Identity) -> str:
    if caller.user is None:
        raise login_needed()
    return caller.user


def role_in(store: Store, caller: Identity, namespace: str) -> str | None:
    """What the caller is to a namespace: admin of their own, their role in an organisation, or None."""
    if caller.user is None:
        return None
    if caller.user == namespace:
        return "admin"
    row = store.one("SELECT role FROM members WHERE org=? AND user=?", namespace, caller.user)
    return row["role"] if row else None


def demand(store: Store, caller: Identity, permission: str, namespace: str, message: str) -> None:
    """Raises 401 for nobody, 403 for a user or a token that may not."""
    signed_in(caller)
    role = role_in(store, caller, namespace)
    enough = role in WRITERS or (role is not None and permission.endswith(".read"))
    if not enough or not caller.holds(permission, namespace):
        raise forbidden(message)


# -- accounts ------------------------------------------------------------------------------------------------


def add_user(
    store: Store, name: str, full_name: str, credit_usd: float = DEFAULT_CREDIT_USD, is_pro: bool = False
) -> None:
    store.run("INSERT OR IGNORE INTO accounts VALUES (?,?,'user',?,?,?,?,?)", name, stable_id(f"user/{name}"), full_name,
              f"{name}@hub.test", int(is_pro), 1, round(credit_usd * 1e6))  # fmt: skip


def add_org(
    store: Store, name: str, full_name: str, members: dict[str, str], credit_usd: float = DEFAULT_CREDIT_USD
) -> None:
    store.run("INSERT OR IGNORE INTO accounts VALUES (?,?,'org',?,NULL,0,1,?)", name, stable_id(f"org/{name}"), full_name,
              round(credit_usd * 1e6))  # fmt: skip
    for user, role in members.items():
        store.run("INSERT OR REPLACE INTO members VALUES (?,?,?)", name, user, role)


def add_token(
    store: Store, token: str, user: str, role: str = "write", grants: dict[str, Any] | None = None,
    client: str | None = None, expires: float | None = None, label: str | None = None,
) -> None:  # fmt: skip
    """`role`: write, read, fineGrained (with `grants`) or oauth (with `grants["scopes"]`)."""
    store.run("INSERT OR REPLACE INTO tokens VALUES (?,?,?,?,?,?,?,?,0)", token, user, role, label or f"{role} token",
              json.dumps(grants or {}), client, expires, now())  # fmt: skip


def account(store: Store, name: str) -> dict[str, Any]:
    """Raises 404 when there is no such account."""
    row = store.one("SELECT * FROM accounts WHERE name=?", name)
    if row is None:
        raise HubError(404, "This user does not exist")
    return dict(row)


def owner(store: Store, name: str) -> dict[str, str]:
    found = account(store, name)
    return {"id": found["oid"], "name": name, "type": found["type"]}


# -- routes --------------------------------------------------------------------------------------------------

router = Router()


@router.get("/api/whoami-v2")
async def whoami(hub: Any, request: Request, caller: Identity) -> Response:
    user = account(hub.store, signed_in(caller))
    seen = caller.role != "oauth" or "email" in caller.grants.get("scopes", [])
    orgs_seen = caller.role != "oauth" or caller.holds("org.read", user["name"])
    orgs = hub.store.all(
        "SELECT members.role, accounts.* FROM members JOIN accounts ON accounts.name=org WHERE user=?", user["name"]
    )
    body = {
        "type": "user", "id": user["oid"], "name": user["name"], "fullname": user["fullname"], "isPro": bool(user["is_pro"]),
        "canPay": bool(user["can_pay"]), "periodEnd": None, "avatarUrl": f"/avatars/{user['name']}.svg", "billingMode": "prepaid",
        "orgs": [
            {"type": "org", "id": org["oid"], "name": org["name"], "fullname": org["fullname"], "email": org["email"],
             "canPay": bool(org["can_pay"]), "periodEnd": None, "isEnterprise": False, "roleInOrg": org["role"],
             "avatarUrl": f"{hub.url}/avatars/{org['name']}.svg"}
            for org in orgs if orgs_seen
        ],
        "auth": _auth(hub.store, caller),
    }  # fmt: skip
    if seen:
        body |= {"email": user["email"], "emailVerified": True}
    return JSONResponse(body)


def _auth(store: Store, caller: Identity) -> dict[str, Any]:
    row = store.one("SELECT * FROM tokens WHERE token=?", caller.token)
    assert row is not None
    if caller.role == "oauth":
        expires = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(row["expires"] or time.time() + 28800))
        return {"type": "app_token_as_user", "expiresAt": expires, "scopes": caller.grants.get("scopes", []),
                "clientId": caller.client}  # fmt: skip
    told = {"displayName": row["label"], "role": caller.role, "createdAt": row["created"]}
    if caller.role == "fineGrained":
        told["fineGrained"] = {"canReadGatedRepos": "repo.access.read" in caller.grants.get("global", []),
                               "global": caller.grants.get("global", []), "scoped": caller.grants.get("scoped", [])}  # fmt: skip
    return {"type": "access_token", "accessToken": told}


@router.get("/api/users/{name}/overview")
async def user_overview(hub: Any, request: Request, caller: Identity, name: str) -> Response:
    return _overview(hub, name, "user")


@router.get("/api/organizations/{name}/overview")
async def organization_overview(hub: Any, request: Request, caller: Identity, name: str) -> Response:
    return _overview(hub, name, "org")


def _overview(hub: Any, name: str, type: str) -> Response:
    found = account(hub.store, name)
    if found["type"] != type:
        raise HubError(404, "This user does not exist")
    kinds = {r["kind"]: r["n"] for r in hub.store.all(
        "SELECT kind, COUNT(*) AS n FROM repos WHERE id LIKE ? AND NOT private GROUP BY kind", f"{name}/%")}  # fmt: skip
    body = {
        "_id": found["oid"], "avatarUrl": f"{hub.url}/avatars/{name}.svg", "fullname": found["fullname"],
        "isPro": bool(found["is_pro"]), "numModels": kinds.get("model", 0), "numDatasets": kinds.get("dataset", 0),
        "numSpaces": kinds.get("space", 0), "numDiscussions": 0, "numPapers": 0, "numUpvotes": 0, "numLikes": 0,
        "numFollowing": 0, "numFollowers": 0, "orgs": [], "type": type, "createdAt": "2024-01-01T00:00:00.000Z",
    } | ({"user": name} if type == "user" else {"name": name})  # fmt: skip
    return JSONResponse(body)


def listed(hub: Any, row: Any) -> dict[str, Any]:
    """A user as lists of users show them."""
    return {"_id": row["oid"], "user": row["name"], "fullname": row["fullname"], "isPro": bool(row["is_pro"]), "type": "user",
            "avatarUrl": f"{hub.url}/avatars/{row['name']}.svg"}  # fmt: skip


@router.get("/api/organizations/{name}/members")
async def members(hub: Any, request: Request, caller: Identity, name: str) -> Response:
    rows = hub.store.all("SELECT accounts.* FROM members JOIN accounts ON name=user WHERE org=?", name)
    return JSONResponse([listed(hub, row) for row in rows])
