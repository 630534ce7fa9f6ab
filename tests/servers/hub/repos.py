"""Repositories: create, delete, move, settings, who may see and change them."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import identity
from tests.servers.hub.errors import HubError, bad_request, forbidden, repo_not_found, revision_not_found
from tests.servers.hub.gitobjects import Files
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.store import Store, new_id, now

KINDS = {"models": "model", "datasets": "dataset", "spaces": "space", "kernels": "kernel", "buckets": "bucket"}
NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_][A-Za-z0-9._-]{0,95}(?<![.-])$")
SDKS = ("gradio", "docker", "static", "streamlit")

router = Router()


@dataclass
class Repo:
    """A repository or a bucket as it is stored."""

    number: int
    oid: str
    kind: str
    id: str
    private: bool
    visibility: str
    gated: str | None
    created: str
    modified: str
    maker: str
    client: str | None
    extra: dict[str, Any]

    @property
    def namespace(self) -> str:
        return self.id.split("/")[0]

    @property
    def path(self) -> str:
        """Where it is on the web: "datasets/a/b", "a/b" for a model."""
        return self.id if self.kind == "model" else f"{self.kind}s/{self.id}"

    def save(self, store: Store) -> None:
        store.run("UPDATE repos SET id=?, private=?, visibility=?, gated=?, modified=?, extra=? WHERE number=?", self.id,
                  int(self.private), self.visibility, self.gated, self.modified, json.dumps(self.extra), self.number)  # fmt: skip


def _from_row(row: Any) -> Repo:
    return Repo(**{**dict(row), "private": bool(row["private"]), "extra": json.loads(row["extra"])})


def lookup(store: Store, kind: str, id: str) -> Repo | None:
    row = store.one("SELECT * FROM repos WHERE kind=? AND id=? COLLATE NOCASE", kind, id)
    return _from_row(row) if row else None


def all_of(store: Store, kind: str) -> list[Repo]:
    return [_from_row(row) for row in store.all("SELECT * FROM repos WHERE kind=? ORDER BY number DESC", kind)]


# -- who may ---------------------------------------------------------------------------------------------------


def may_see(store: Store, caller: Identity, repo: Repo) -> bool:
    if not repo.private:
        return True
    role = identity.role_in(store, caller, repo.namespace)
    return role is not None and (
        caller.holds("repo.content.read", repo.namespace, repo.id) or _contributed(caller, repo)
    )


def may_write(store: Store, caller: Identity, repo: Repo, permission: str = "repo.write") -> bool:
    role = identity.role_in(store, caller, repo.namespace)
    by_role = role in identity.WRITERS or (role == "contributor" and repo.maker == caller.user)
    return by_role and (caller.holds(permission, repo.namespace, repo.id) or _contributed(caller, repo))


def _contributed(caller: Identity, repo: Repo) -> bool:
    """An OAuth app with contribute-repos reaches what it made itself, and nothing else."""
    return (
        caller.client is not None and caller.client == repo.client and caller.holds("repo.contribute", repo.namespace)
    )


def readable(hub: Any, caller: Identity, kind: str, id: str) -> Repo:
    """A repository the caller may see. Raises RepoNotFound otherwise, or a redirect when it has moved."""
    kind = KINDS.get(kind, kind)
    repo = lookup(hub.store, kind, id)
    if repo is None:
        moved = hub.store.one("SELECT new FROM moved WHERE kind=? AND old=?", kind, id)
        target = lookup(hub.store, kind, moved["new"]) if moved else None
        if target is not None and may_see(hub.store, caller, target):
            raise Moved(id, target.id)
    if repo is None or not may_see(hub.store, caller, repo):
        raise repo_not_found(caller.anonymous)
    return repo


class Moved(HubError):
    """A 307 to the same address under the new name; `answer` fills in the address."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(307, f"Temporary Redirect. Redirecting to {new}")
        self.old, self.new = old, new

    def towards(self, raw_path: str, query: str) -> Moved:
        self.headers["Location"] = raw_path.replace(self.old, self.new, 1) + (f"?{query}" if query else "")
        return self


def content(hub: Any, caller: Identity, kind: str, id: str) -> Repo:
    """A repository whose files the caller may read: also past its gate."""
    repo = readable(hub, caller, kind, id)
    if not repo.gated or identity.role_in(hub.store, caller, repo.namespace) is not None:
        return repo
    granted = hub.store.one("SELECT status FROM access WHERE repo=? AND user=?", repo.number, caller.user or "")
    if granted and granted["status"] == "accepted" and caller.holds("repo.access.read", repo.namespace, repo.id):
        return repo
    text = f"Access to {repo.kind} {repo.id} is restricted"
    if caller.anonymous:
        raise HubError(
            401, f"{text}. You must have access to it and be authenticated to access it. Please log in.", "GatedRepo"
        )
    raise HubError(
        403,
        f"{text} and you are not in the authorized list. Visit {hub.url}/{repo.path} to ask for access.",
        "GatedRepo",
    )


def writable(hub: Any, caller: Identity, kind: str, id: str, permission: str = "repo.write") -> Repo:
    repo = readable(hub, caller, kind, id)
    identity.signed_in(caller)
    if not may_write(hub.store, caller, repo, permission):
        if caller.role == "read":
            raise forbidden("Forbidden: you must use a write token to upload to a repository.")
        raise forbidden(
            f"Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request, or ask for write access to {repo.id}"
        )
    return repo


def may_create(hub: Any, caller: Identity, kind: str, namespace: str, name: str) -> None:
    identity.signed_in(caller)
    message = f'You don\'t have the rights to create a {kind} under the namespace "{namespace}"'
    role = identity.role_in(hub.store, caller, namespace)
    allowed = any(caller.holds(p, namespace) for p in ("repo.manage", "repo.contribute"))
    if role not in ("admin", "write", "contributor") or not allowed:
        raise forbidden(message)
    if not NAME.match(name) or name.endswith((".git", ".ipynb")):
        raise bad_request(f"Invalid repo name: {name} - name contains forbidden characters, or is too long")


# -- history -------------------------------------------------------------------------------------------------


def resolved(store: Store, repo: Repo, revision: str) -> str:
    """The commit of a branch, a tag, a full ref or a hash. Raises RevisionNotFound."""
    wanted = "main" if revision == "HEAD" else revision
    for ref in (wanted, f"refs/heads/{wanted}", f"refs/tags/{wanted}"):
        row = store.one("SELECT target FROM refs WHERE repo=? AND ref=?", repo.number, ref)
        if row:
            return str(row["target"])
    if re.fullmatch(r"[0-9a-f]{7,40}", wanted):
        row = store.one("SELECT oid FROM commits WHERE repo=? AND oid LIKE ?", repo.number, wanted + "%")
        if row:
            return str(row["oid"])
    raise revision_not_found(revision)


def files_at(store: Store, repo: Repo, commit: str) -> Files:
    row = store.one("SELECT l.files FROM commits c JOIN listings l ON l.oid=c.files WHERE c.repo=? AND c.oid=?",
                    repo.number, commit)  # fmt: skip
    return json.loads(row["files"]) if row else {}


# -- routes --------------------------------------------------------------------------------------------------


@router.post("/api/repos/create")
async def create(hub: Any, request: Request, caller: Identity) -> Response:
    body = await request.json()
    user = identity.signed_in(caller)
    kind, namespace, name = body.get("type") or "model", body.get("organization") or user, str(body.get("name", ""))
    if kind not in ("model", "dataset", "space", "kernel"):
        raise bad_request(f'"type" must be one of [model, dataset, space, kernel]: {kind}')
    visibility = body.get("visibility") or ("private" if body.get("private", by_default(hub, namespace)) else "public")
    if visibility not in ("public", "private") and (kind, visibility) != ("space", "protected"):
        raise bad_request('"visibility" must be one of [public, private]')
    may_create(hub, caller, kind, namespace, name)
    if kind == "space" and body.get("sdk") not in SDKS:
        raise bad_request(f'"sdk" must be one of [{", ".join(SDKS)}]')
    id = f"{namespace}/{name}"
    if existing := lookup(hub.store, kind, id):
        raise HubError(409, f"You already created this {kind} repo", url=f"{hub.url}/{existing.path}", name=id)
    files = {"README.md": f"---\nlicense: {body['license']}\n---\n".encode()} if body.get("license") else {}
    for file in body.get("files") or []:
        text = file["content"]
        files[file["path"]] = base64.b64decode(text) if file.get("encoding") == "base64" else text.encode()
    repo = make(hub, caller, kind, id, visibility, {"sdk": body["sdk"]} if kind == "space" else {}, files=files)
    if kind == "space":
        from tests.servers.hub import spaces

        spaces.begin(hub, repo, body)
    return JSONResponse({"url": f"{hub.url}/{repo.path}", "name": id, "id": repo.oid})


def by_default(hub: Any, namespace: str) -> bool:
    """Whether a namespace's repositories are private when nothing is said: a setting of some organisations."""
    return hub.store.document("private-by-default", namespace) is not None


def make(
    hub: Any,
    caller: Identity,
    kind: str,
    id: str,
    visibility: str,
    extra: dict[str, Any],
    first_commit: bool = True,
    files: dict[str, bytes] | None = None,
) -> Repo:
    """A new, empty repository with its initial commit."""
    from tests.servers.hub import commits

    date = now()
    hub.store.run("INSERT INTO repos (oid,kind,id,private,visibility,gated,created,modified,maker,client,extra) "
                  "VALUES (?,?,?,?,?,NULL,?,?,?,?,?)", new_id(), kind, id, int(visibility == "private"), visibility,
                  date, date, caller.user, caller.client, json.dumps(extra))  # fmt: skip
    hub.store.run("DELETE FROM moved WHERE kind=? AND old=?", kind, id)
    repo = lookup(hub.store, kind, id)
    assert repo is not None
    if first_commit:
        commits.begin(hub, repo, caller.user, files or {})
    return repo


@router.delete("/api/repos/delete")
async def delete(hub: Any, request: Request, caller: Identity) -> Response:
    body = await request.json()
    id = f"{body.get('organization') or identity.signed_in(caller)}/{body.get('name')}"
    repo = writable(hub, caller, body.get("type") or "model", id, "repo.manage")
    remove(hub.store, repo)
    return Response("OK")


def remove(store: Store, repo: Repo) -> None:
    """Forget a repository; blobs that others may share stay."""
    for table in ("refs", "commits", "large_in", "xet_in", "bucket_files", "discussions", "access", "likes"):
        store.run(f"DELETE FROM {table} WHERE repo=?", repo.number)
    store.run("DELETE FROM repos WHERE number=?", repo.number)


@router.post("/api/repos/move")
async def move(hub: Any, request: Request, caller: Identity) -> Response:
    body = await request.json()
    kind = body.get("type") or "model"
    repo = writable(hub, caller, kind, str(body["fromRepo"]), "repo.manage")
    namespace, _, name = str(body["toRepo"]).partition("/")
    may_create(hub, caller, kind, namespace, name)
    if lookup(hub.store, kind, body["toRepo"]):
        raise HubError(409, f"A {kind} repository called {body['toRepo']} already exists")
    old, repo.id = repo.id, body["toRepo"]
    repo.save(hub.store)
    hub.store.run("INSERT OR REPLACE INTO moved VALUES (?,?,?)", kind, old, repo.id)
    hub.store.run("UPDATE moved SET new=? WHERE kind=? AND new=?", repo.id, kind, old)
    return Response("OK")


@router.put("/api/{kind}/{id}/settings")
async def settings(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    body = await request.json()
    repo = writable(hub, caller, kind, id, "repo.manage")
    if "gated" in body:
        if body["gated"] not in ("auto", "manual", False):
            raise bad_request('"gated" must be one of [auto, manual, false]')
        repo.gated = body["gated"] or None
    if "visibility" in body or "private" in body:
        repo.visibility = body.get("visibility") or ("private" if body["private"] else "public")
        repo.private = repo.visibility == "private"
    repo.save(hub.store)
    return JSONResponse({"private": repo.private, "visibility": repo.visibility, "gated": repo.gated or False})


@router.get("/api/{kind}/{id}/auth-check")
async def auth_check(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    content(hub, caller, kind, id)
    return Response("OK")


@router.get("/api/{kind}/{id}/auth-check/write")
async def auth_check_write(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    writable(hub, caller, kind, id)
    return Response("OK")


@router.post("/api/{kind}/{id}/duplicate")
async def duplicate(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    from tests.servers.hub import commits, spaces

    body = await request.json()
    source = content(hub, caller, kind, id)
    namespace, _, name = str(body["repository"]).partition("/")
    may_create(hub, caller, source.kind, namespace, name)
    if existing := lookup(hub.store, source.kind, body["repository"]):
        raise HubError(409, f"You already created this {source.kind} repo", url=f"{hub.url}/{existing.path}")
    visibility = body.get("visibility") or ("private" if body.get("private", source.private) else "public")
    copy = make(
        hub, caller, source.kind, body["repository"], visibility, {"sdk": source.extra.get("sdk")}, first_commit=False
    )
    commits.copy_history(hub, source, copy)
    if copy.kind == "space":
        spaces.begin(hub, copy, body)
    return JSONResponse({"url": f"{hub.url}/{copy.path}", "filesCopyPending": False})
