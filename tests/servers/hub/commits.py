"""Writing history: preupload, commit (NDJSON), and what makes a new repository's first commit."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from pathlib import Path
from typing import Any

import pathspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import cards, gitobjects, identity, repos
from tests.servers.hub.errors import HubError, bad_request, entry_not_found, forbidden, revision_not_found
from tests.servers.hub.gitobjects import Files
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import now

LARGE = 10 * 1024 * 1024
LFS_PATTERNS = Path(__file__).with_name("lfs_patterns.txt").read_text().split()
MEDIA_PATTERNS = Path(__file__).with_name("lfs_patterns_media.txt").read_text().split()
"""What goes to large file storage by name; media only in data sets."""

README = """---
title: {name}
emoji: 🌖
colorFrom: indigo
colorTo: gray
sdk: {sdk}
pinned: false
---

Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference
"""

router = Router()


def begin(hub: Any, repo: Repo, author: str | None, more: dict[str, bytes]) -> None:
    """The initial commit: .gitattributes, a Space's README, and `more`, which may replace them."""
    patterns = [*LFS_PATTERNS, *(MEDIA_PATTERNS if repo.kind == "dataset" else [])]
    text = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns)
    files: Files = {}
    first = {".gitattributes": text.encode()}
    if repo.kind == "space":
        first["README.md"] = README.format(name=repo.id.split("/")[1], sdk=repo.extra["sdk"]).encode()
    for path, content in (first | more).items():
        files[path] = gitobjects.regular(content)
        hub.store.put_blob("git", files[path]["oid"], content)
    write(hub, repo, "refs/heads/main", files, None, "initial commit", "", author or "system")


def write(
    hub: Any, repo: Repo, ref: str, files: Files, parent: str | None, title: str, message: str, author: str
) -> str:
    """Record a commit and move the ref to it; its hash."""
    date = now()
    root = gitobjects.tree_oids(files)[""]
    # Two commits of the same files by the same person in one millisecond are still two commits.
    salt = f"{date} {secrets.token_hex(4)}"
    oid = gitobjects.commit_oid(root, parent, author, salt, f"{title}\n\n{message}".strip())
    with hub.store.lock:
        hub.store.run("INSERT OR IGNORE INTO listings VALUES (?,?)", root, json.dumps(files))
        hub.store.run(
            "INSERT INTO commits VALUES (?,?,?,?,?,?,?,?)", oid, repo.number, parent, root, title, message, author, date
        )
        hub.store.run("INSERT OR REPLACE INTO refs VALUES (?,?,?)", repo.number, ref, oid)
        hub.store.run("UPDATE repos SET modified=? WHERE number=?", date, repo.number)
    return oid


def copy_history(hub: Any, source: Repo, target: Repo) -> None:
    """All commits, branches and tags of one repository in another (pull requests stay behind)."""
    for table, where in (("commits", ""), ("refs", "AND ref NOT LIKE 'refs/pr/%'"), ("large_in", ""), ("xet_in", "")):
        rows = [dict(row) for row in hub.store.all(f"SELECT * FROM {table} WHERE repo=? {where}", source.number)]
        for row in rows:
            row["repo"] = target.number
            hub.store.run(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", *row.values())


def lfs_matcher(hub: Any, files: Files) -> pathspec.PathSpec:
    """Which paths .gitattributes sends to large file storage."""
    entry = files.get(".gitattributes")
    text = hub.store.blob("git", entry["oid"]).read_text(errors="replace") if entry and not entry["large"] else ""
    patterns = [line.split()[0] for line in text.splitlines() if "filter=lfs" in line]
    return pathspec.PathSpec.from_lines("gitignore", patterns)


def is_binary(sample: bytes) -> bool:
    if b"\0" in sample:
        return True
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start < len(sample) - 3  # a sample may end in the middle of a character
    return False


@router.post("/api/{kind}/{id}/preupload/{rev}")
async def preupload(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    body = await request.json()
    repo = _target(hub, request, caller, kind, id)
    wanted = body.get("files")
    if not isinstance(wanted, list) or len(wanted) > 256:
        raise bad_request('"files" must be an array of at most 256 items')
    files = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, rev))
    stored_large = lfs_matcher(hub, files)
    ignored = pathspec.PathSpec.from_lines("gitignore", _gitignore(hub, body, files).splitlines())
    told = []
    for file in wanted:
        path = file["path"]
        sample = base64.b64decode(file.get("sample") or "")
        large = stored_large.match_file(path) or file["size"] > LARGE or is_binary(sample)
        answer = {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": ignored.match_file(path)}
        if entry := files.get(path):
            answer["oid"] = entry["large"] or entry["oid"]
        told.append(answer)
    return JSONResponse({"files": told, "commitOid": repos.resolved(hub.store, repo, rev)})


def _gitignore(hub: Any, body: dict[str, Any], files: Files) -> str:
    if body.get("gitIgnore") is not None:
        return str(body["gitIgnore"])
    entry = files.get(".gitignore")
    return hub.store.blob("git", entry["oid"]).read_text(errors="replace") if entry and not entry["large"] else ""


def _target(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Repo:
    """The repository to write to; a pull request needs no more than reading it."""
    if request.query_params.get("create_pr") in ("1", "true"):
        repo = repos.readable(hub, caller, kind, id)
        identity.signed_in(caller)
        if not repos.may_write(hub.store, caller, repo) and not caller.holds(
            "discussion.write", repo.namespace, repo.id
        ):
            raise forbidden("Forbidden: your token may not open pull requests")
        return repo
    return repos.writable(hub, caller, kind, id)


# -- commit --------------------------------------------------------------------------------------------------


@router.post("/api/{kind}/{id}/commit/{rev}")
async def commit(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    from tests.servers.hub import discussions

    pull = request.query_params.get("create_pr") in ("1", "true")
    repo = _target(hub, request, caller, kind, id)
    lines = [json.loads(line) for line in (await request.body()).splitlines() if line.strip()]
    header = next((line["value"] for line in lines if line["key"] == "header"), None)
    if header is None or not header.get("summary"):
        raise bad_request('"summary" is not allowed to be empty')
    with hub.store.lock:
        base = repos.resolved(hub.store, repo, rev)
        ref: str | None = branch_ref(hub, repo, rev)
        parent = header.get("parentCommit")
        if parent and not pull and parent != base:
            raise HubError(412, "The branch was updated since you opened this page. Please refresh and try again.")
        if parent and pull:
            base = repos.resolved(hub.store, repo, parent)
        files = repos.files_at(hub.store, repo, base)
        for line in lines:
            if line["key"] != "header":
                _apply(hub, repo, files, line["key"], line["value"])
        _check_card(hub, repo, files, lines)
        number = discussions.open_pull(hub, repo, caller, header) if pull else None
        ref = f"refs/pr/{number}" if pull else ref
        oid = write(hub, repo, ref, files, base, header["summary"], header.get("description") or "", str(caller.user))
    body = {"success": True, "commitOid": oid, "commitUrl": f"{hub.url}/{repo.path}/commit/{oid}", "hookOutput": ""}
    if pull:
        body["pullRequestUrl"] = f"{hub.url}/{repo.path}/discussions/{number}"
    return JSONResponse(body)


def branch_ref(hub: Any, repo: Repo, revision: str) -> str:
    """The ref that a commit moves: a branch or a pull request. Raises RevisionNotFound, also for a tag or a hash."""
    wanted = "main" if revision == "HEAD" else revision
    for ref in (f"refs/heads/{wanted}", wanted if wanted.startswith(("refs/heads/", "refs/pr/")) else ""):
        if hub.store.one("SELECT 1 FROM refs WHERE repo=? AND ref=?", repo.number, ref):
            return ref
    raise revision_not_found(revision)


def _apply(hub: Any, repo: Repo, files: Files, key: str, value: dict[str, Any]) -> None:
    path = str(value.get("path", ""))
    _check_path(path)
    if key == "file":
        try:
            text = value["content"]
            content = base64.b64decode(text, validate=True) if value.get("encoding") == "base64" else text.encode()
        except binascii.Error as error:
            raise bad_request(f"Invalid base64 content of {path}") from error
        _make_room(files, path)
        files[path] = gitobjects.regular(content)
        hub.store.put_blob("git", files[path]["oid"], content)
    elif key == "lfsFile":
        held = "SELECT l.size, l.xet FROM large l JOIN large_in i ON i.sha256=l.sha256 WHERE i.repo=? AND l.sha256=?"
        known = hub.store.one(held,
                              repo.number, value.get("oid"))  # fmt: skip
        if known is None:
            raise bad_request(f"LFS pointer pointed to a file that does not exist: {path} ({value.get('oid')})")
        if value.get("size") not in (None, known["size"]):
            raise bad_request(f"LFS pointer of {path} tells a size other than the uploaded file's")
        if known["xet"]:
            hub.store.run("INSERT OR IGNORE INTO xet_in VALUES (?,?)", repo.number, known["xet"])
        _make_room(files, path)
        files[path] = gitobjects.large(value["oid"], known["size"])
    elif key in ("deletedFile", "deletedFolder", "deletedEntry"):
        # A file's deletion that names a folder deletes the folder.
        folder = path.rstrip("/") + "/"
        gone = [name for name in files if name.startswith(folder) or (key != "deletedFolder" and name == path)]
        if not gone:
            raise entry_not_found(path)
        for name in gone:
            del files[name]
    else:
        raise bad_request(f'"key" must be one of [header, file, lfsFile, deletedFile, deletedFolder]: {key}')


def _check_path(path: str) -> None:
    parts = path.rstrip("/").split("/")
    if (
        not path
        or path.startswith("/")
        or any(part in ("", ".", "..", ".git") for part in parts)
        or path.startswith("..\\")
    ):
        raise HubError(422, f"Invalid path in repo: {path}")


def _make_room(files: Files, path: str) -> None:
    """A file replaces a folder of its name, and files where its own folders must be."""
    for name in [n for n in files if n.startswith(f"{path}/")]:
        del files[name]
    parent = path.rpartition("/")[0]
    while parent:
        files.pop(parent, None)
        parent = parent.rpartition("/")[0]


def _check_card(hub: Any, repo: Repo, files: Files, lines: list[dict[str, Any]]) -> None:
    """A card whose metadata is invalid is refused, as the Hub's hook does."""
    if not any(line["key"] == "file" and line["value"]["path"] == "README.md" for line in lines):
        return
    text = hub.store.blob("git", files["README.md"]["oid"]).read_text(encoding="utf-8", errors="replace")
    errors = cards.problems(text, repo.kind)[1]
    if errors:
        raise bad_request("Invalid metadata in README.md.\n" + "\n".join(f"- {error}" for error in errors))
