"""Volumes of a job: repositories and buckets as folders, and what a job writes into a bucket back into the bucket."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.hub import buckets, repos
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo

SETTLED_SECONDS = 0.3
"""A file changed more recently is still being written, as long as the job runs."""


class MountError(Exception):
    """A volume that cannot be mounted: the job fails with this message."""


@dataclass
class Volume:
    """A mounted folder. `seen` is what the bucket and the folder last agreed on: path -> (mtime_ns, size)."""

    repo: Repo
    folder: Path
    target: str
    read_only: bool
    prefix: str
    revision: str
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    """One write-back at a time: the last must not be overtaken by one before it."""


def check(hub: Any, caller: Identity, wanted: list[dict[str, Any]]) -> None:
    """A job's creator must be allowed to read, and for a bucket to write, what it mounts. Raises 400, 403 or 404."""
    targets = [str(volume.get("mountPath")) for volume in wanted]
    if len(set(targets)) != len(targets):
        raise bad_request("Duplicate mount paths")
    for volume in wanted:
        kind, target = volume.get("type"), str(volume.get("mountPath"))
        if kind not in ("bucket", "model", "dataset", "space"):
            raise bad_request('"type" must be one of [bucket, model, dataset, space]')
        if not target.startswith("/") or target == "/" or ".." in target.split("/"):
            raise bad_request(f"Invalid mount path: {target}")
        if kind == "bucket" and not volume.get("readOnly"):
            repos.writable(hub, caller, kind, str(volume.get("source")))
        else:
            repo = repos.content(hub, caller, kind, str(volume.get("source")))
            if kind != "bucket":
                repos.resolved(hub.store, repo, volume.get("revision") or "main")


def materialise(hub: Any, folder: Path, wanted: dict[str, Any]) -> Volume:
    """Write a volume's files into a folder; the rights were checked when the job was made. Blocks."""
    repo = repos.lookup(hub.store, wanted["type"], wanted["source"])
    if repo is None:
        raise MountError(f"Failed to mount {wanted['type']} {wanted['source']}: not found")
    prefix = str(wanted.get("path") or "").strip("/")
    read_only = wanted["type"] != "bucket" or bool(wanted.get("readOnly"))
    volume = Volume(repo, folder, wanted["mountPath"], read_only, prefix, wanted.get("revision") or "main")
    folder.mkdir(parents=True)
    found = _bucket_files(hub, volume) if repo.kind == "bucket" else _repo_files(hub, volume)
    if prefix and not found:
        raise MountError(f"Failed to mount {wanted['type']} {wanted['source']}: no such folder: {prefix}")
    volume.seen = scan(folder)
    return volume


def _below(prefix: str, path: str) -> str | None:
    if not prefix:
        return path
    return path[len(prefix) + 1 :] if path.startswith(f"{prefix}/") else None


def _repo_files(hub: Any, volume: Volume) -> int:
    try:
        files = repos.files_at(hub.store, volume.repo, repos.resolved(hub.store, volume.repo, volume.revision))
    except HubError as error:
        raise MountError(f"Failed to mount {volume.repo.id}: {error.message}") from error
    count = 0
    for path, entry in files.items():
        name = _below(volume.prefix, path)
        if name is None:
            continue
        source = hub.xet.large_file(entry["large"]) if entry["large"] else hub.store.blob("git", entry["oid"])
        target = volume.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        count += 1
    return count


def _bucket_files(hub: Any, volume: Volume) -> int:
    rows = buckets.files_of(hub, volume.repo, volume.prefix)
    items = [(row["xet"], row["size"], volume.folder / str(_below(volume.prefix, row["path"]))) for row in rows]
    hub.xet.download(volume.repo.number, items)
    return len(items)


def scan(folder: Path) -> dict[str, tuple[int, int]]:
    """path -> (mtime_ns, size) of all files below a folder."""
    found = {}
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                facts = path.stat()
                found[str(path.relative_to(folder))] = (facts.st_mtime_ns, facts.st_size)
        except OSError:
            continue  # it went away meanwhile
    return found


def write_back(hub: Any, volume: Volume, final: bool) -> None:
    """Bring the bucket up to date with a writable folder. While the job runs, files still being written wait."""
    if not volume.read_only:
        with volume.lock:
            _write_back(hub, volume, final)


def _write_back(hub: Any, volume: Volume, final: bool) -> None:
    present = scan(volume.folder)
    limit = time.time_ns() - int(SETTLED_SECONDS * 1e9)
    changed = [p for p, facts in present.items() if volume.seen.get(p) != facts and (final or facts[0] < limit)]
    gone = [path for path in volume.seen if path not in present]
    if repos.lookup(hub.store, "bucket", volume.repo.id) is None:
        return  # deleted while the job ran
    stored = hub.xet.upload(volume.repo.number, [volume.folder / path for path in changed]) if changed else []
    for path, (hash, size) in zip(changed, stored, strict=True):
        buckets.put_file(hub, volume.repo, _in_bucket(volume, path), hash, size, present[path][0] // 10**6)
        volume.seen[path] = present[path]
    for path in gone:
        hub.store.run("DELETE FROM bucket_files WHERE repo=? AND path=?", volume.repo.number, _in_bucket(volume, path))
        del volume.seen[path]


def _in_bucket(volume: Volume, path: str) -> str:
    return f"{volume.prefix}/{path}" if volume.prefix else path
