"""The dataset viewer, under /viewer: computed from a data set's CSV, JSON and Parquet files with pyarrow.

At the Hub it has a host of its own, which no client lets you choose; point yours at `{url}/viewer`.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import sqlite3
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import cards, commits, gitobjects, lfs, repos
from tests.servers.hub.errors import HubError
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router

MOST_ROWS = 100
SPLITS = {"train": r"train", "validation": r"valid|\bdev\b|(?<![a-z])dev(?![a-z])", "test": r"test|eval"}
READERS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
PARQUET = "refs/convert/parquet"

router = Router()


@dataclass(frozen=True)
class Split:
    """The files of one split of one configuration."""

    config: str
    name: str
    paths: tuple[str, ...]


def _failed(status: int, message: str, code: str) -> HubError:
    return HubError(status, message, code)


def splits_of(hub: Any, repo: Repo) -> list[Split]:
    """By the card's `configs`, otherwise by file names."""
    files = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))
    names = sorted(path for path in files if path.endswith(READERS) and not path.endswith("dataset_infos.json"))
    found: list[Split] = []
    for config in (cards.of_files(hub.store, files) or {}).get("configs") or []:
        data = config.get("data_files") or []
        if isinstance(data, str) or (data and isinstance(data[0], str)):
            data = [{"split": "train", "path": data}]
        for entry in data:
            patterns = cards.listed(entry["path"])
            chosen = tuple(path for path in names if any(fnmatch(path, pattern) for pattern in patterns))
            found.append(Split(config.get("config_name", "default"), entry["split"], chosen))
    if found:
        return found
    groups: dict[str, list[str]] = {}
    for path in names:
        split = next((name for name, pattern in SPLITS.items() if re.search(pattern, path.lower())), "train")
        groups.setdefault(split, []).append(path)
    return [Split("default", name, tuple(groups[name])) for name in SPLITS if name in groups]


def table(hub: Any, repo: Repo, split: Split) -> pa.Table:
    """All rows of a split. Blocks. Raises 422 for files that cannot be read."""
    files = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))
    parts = []
    for path in split.paths:
        entry = files[path]
        source = hub.xet.large_file(entry["large"]) if entry["large"] else hub.store.blob("git", entry["oid"])
        try:
            parts.append(_read(path, source))
        except (pa.ArrowException, ValueError) as error:
            raise _failed(422, f"Cannot load {path}: {error}", "DatasetGenerationError") from error
    return pa.concat_tables(parts, promote_options="default")


def _read(path: str, source: Any) -> pa.Table:
    if path.endswith(".parquet"):
        return pa.parquet.read_table(source)
    if path.endswith((".csv", ".tsv")):
        options = pa.csv.ParseOptions(delimiter="\t" if path.endswith(".tsv") else ",", newlines_in_values=True)
        return pa.csv.read_csv(source, parse_options=options)
    text = source.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        return pa.Table.from_pylist(json.loads(text))
    return pa.json.read_json(io.BytesIO(text.encode()))


def _features(rows: pa.Table) -> list[dict[str, Any]]:
    return [{"feature_idx": i, "name": field.name, "type": _type(field.type)} for i, field in enumerate(rows.schema)]


def _type(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"feature": _type(kind.value_type), "_type": "List"}
    if pa.types.is_struct(kind):
        return {field.name: _type(field.type) for field in kind}
    name = {"double": "float64", "float": "float32", "large_string": "string"}.get(str(kind), str(kind))
    return {"dtype": name, "_type": "Value"}


async def _chosen(hub: Any, request: Request, caller: Identity) -> tuple[Repo, Split, pa.Table]:
    """The data set, split and rows that a request names. Raises 401/404 with the viewer's error codes."""
    query = request.query_params
    for key in ("dataset", "config", "split"):
        if key not in query:
            raise _failed(422, f"Parameter '{key}' is required", "MissingRequiredParameter")
    repo = _dataset(hub, request, caller)
    split = next((s for s in splits_of(hub, repo) if (s.config, s.name) == (query["config"], query["split"])), None)
    if split is None:
        raise _failed(404, "The split does not exist", "SplitNotFoundError")
    return repo, split, await asyncio.to_thread(table, hub, repo, split)


def _dataset(hub: Any, request: Request, caller: Identity) -> Repo:
    try:
        return repos.content(hub, caller, "dataset", request.query_params.get("dataset", ""))
    except repos.Moved:
        raise
    except HubError as error:
        code = "ExternalUnauthenticatedError" if caller.anonymous else "ExternalAuthenticatedError"
        text = "The dataset does not exist, or is not accessible with the current credentials (private or gated)."
        raise _failed(401 if caller.anonymous else 404, text, code) from error


def _rows(rows: pa.Table, offset: int, whole: int, indices: list[int] | None = None) -> dict[str, Any]:
    told = [
        {"row_idx": indices[i] if indices else offset + i, "row": row, "truncated_cells": []}
        for i, row in enumerate(cards.jsonable(rows.to_pylist()))
    ]
    return {
        "features": _features(rows),
        "rows": told,
        "num_rows_total": whole,
        "num_rows_per_page": MOST_ROWS,
        "partial": False,
    }


def _window(request: Request) -> tuple[int, int]:
    try:
        offset, length = (
            int(request.query_params.get("offset", "0")),
            int(request.query_params.get("length", str(MOST_ROWS))),
        )
    except ValueError as error:
        raise _failed(422, "Parameters 'offset' and 'length' must be integers", "InvalidParameter") from error
    if offset < 0 or not 0 <= length <= MOST_ROWS:
        raise _failed(422, f"Parameter 'length' must not be greater than {MOST_ROWS}", "InvalidParameter")
    return offset, length


@router.get("/viewer/is-valid")
async def is_valid(hub: Any, request: Request, caller: Identity) -> Response:
    good = bool(splits_of(hub, _dataset(hub, request, caller)))
    return JSONResponse({"viewer": good, "preview": good, "search": good, "filter": good, "statistics": False})


@router.get("/viewer/splits")
async def splits(hub: Any, request: Request, caller: Identity) -> Response:
    repo = _dataset(hub, request, caller)
    found = splits_of(hub, repo)
    if not found:
        raise _failed(422, "The dataset is empty.", "EmptyDatasetError")
    told = [{"dataset": repo.id, "config": split.config, "split": split.name} for split in found]
    return JSONResponse({"splits": told, "pending": [], "failed": []})


@router.get("/viewer/first-rows")
async def first_rows(hub: Any, request: Request, caller: Identity) -> Response:
    repo, split, rows = await _chosen(hub, request, caller)
    told = _rows(rows.slice(0, MOST_ROWS), 0, rows.num_rows)
    return JSONResponse({"dataset": repo.id, "config": split.config, "split": split.name, "features": told["features"],
                         "rows": told["rows"], "truncated": rows.num_rows > MOST_ROWS})  # fmt: skip


@router.get("/viewer/rows")
async def get_rows(hub: Any, request: Request, caller: Identity) -> Response:
    offset, length = _window(request)
    _, _, rows = await _chosen(hub, request, caller)
    return JSONResponse(_rows(rows.slice(offset, length), offset, rows.num_rows))


@router.get("/viewer/search")
async def search(hub: Any, request: Request, caller: Identity) -> Response:
    offset, length = _window(request)
    words = request.query_params.get("query", "").lower().split()
    _, _, rows = await _chosen(hub, request, caller)
    hits = [i for i, row in enumerate(rows.to_pylist())
            if any(word in " ".join(v for v in row.values() if isinstance(v, str)).lower() for word in words)]  # fmt: skip
    page = hits[offset : offset + length]
    return JSONResponse(_rows(rows.take(page), offset, len(hits), page))


@router.get("/viewer/filter")
async def filter_rows(hub: Any, request: Request, caller: Identity) -> Response:
    """`where` is SQL on the columns of plain values."""
    offset, length = _window(request)
    where = request.query_params.get("where", "1")
    _, _, rows = await _chosen(hub, request, caller)
    if ";" in where:
        raise _failed(422, "Parameter 'where' contains invalid symbols", "InvalidParameter")
    plain = [f.name for f in rows.schema if not pa.types.is_nested(f.type)]
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in plain)
    with sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE data ({quoted})")
        values = [tuple(row[name] for name in plain) for row in cards.jsonable(rows.select(plain).to_pylist())]
        database.executemany(f"INSERT INTO data VALUES ({','.join('?' * len(plain))})", values)
        try:
            hits = [row[0] - 1 for row in database.execute(f"SELECT rowid FROM data WHERE {where}")]
        except sqlite3.Error as error:
            raise _failed(422, f"Parameter 'where' is invalid: {error}", "InvalidParameter") from error
    page = hits[offset : offset + length]
    return JSONResponse(_rows(rows.take(page), offset, len(hits), page))


@router.get("/viewer/size")
async def size(hub: Any, request: Request, caller: Identity) -> Response:
    repo = _dataset(hub, request, caller)
    told = []
    for split in splits_of(hub, repo):
        rows = await asyncio.to_thread(table, hub, repo, split)
        told.append({"dataset": repo.id, "config": split.config, "split": split.name, "num_rows": rows.num_rows,
                     "num_columns": rows.num_columns, "num_bytes_memory": rows.nbytes,
                     "num_bytes_parquet_files": len(_parquet(rows)),
                     "estimated_num_rows": None})  # fmt: skip
    whole = {
        key: sum(item[key] for item in told) for key in ("num_rows", "num_bytes_memory", "num_bytes_parquet_files")
    }
    body = {"dataset": {"dataset": repo.id, **whole}, "configs": [], "splits": told}
    return JSONResponse({"size": body, "pending": [], "failed": [], "partial": False})


def _parquet(rows: pa.Table) -> bytes:
    target = io.BytesIO()
    pa.parquet.write_table(rows, target)
    return target.getvalue()


def _converted(hub: Any, repo: Repo) -> list[dict[str, Any]]:
    """The Parquet form of all splits, committed to its own ref as the Hub's bot does. Blocks."""
    files: gitobjects.Files = {}
    told = []
    for split in splits_of(hub, repo):
        content = _parquet(table(hub, repo, split))
        sha256 = hashlib.sha256(content).hexdigest()
        part = hub.store.temporary()
        part.write_bytes(content)
        hub.store.adopt_large(part, sha256)
        lfs.grant(hub.store, repo, sha256)
        path = f"{split.config}/{split.name}/0000.parquet"
        files[path] = gitobjects.large(sha256, len(content))
        url = f"{hub.url}/datasets/{repo.id}/resolve/{PARQUET.replace('/', '%2F')}/{path}"
        told.append({"dataset": repo.id, "config": split.config, "split": split.name, "url": url, "filename": "0000.parquet",
                     "size": len(content)})  # fmt: skip
    known = hub.store.one("SELECT target FROM refs WHERE repo=? AND ref=?", repo.number, PARQUET)
    if known is None or repos.files_at(hub.store, repo, known["target"]) != files:
        commits.write(hub, repo, PARQUET, files, None, "Update parquet files", "", "parquet-converter")
    return told


@router.get("/viewer/parquet")
async def parquet(hub: Any, request: Request, caller: Identity) -> Response:
    found = await asyncio.to_thread(_converted, hub, _dataset(hub, request, caller))
    return JSONResponse({"parquet_files": found, "pending": [], "failed": [], "partial": False})


@router.get("/api/datasets/{id}/parquet")
async def parquet_urls(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    found = await asyncio.to_thread(_converted, hub, repos.content(hub, caller, "dataset", id))
    told: dict[str, dict[str, list[str]]] = {}
    for file in found:
        told.setdefault(file["config"], {}).setdefault(file["split"], []).append(file["url"])
    return JSONResponse(told)
