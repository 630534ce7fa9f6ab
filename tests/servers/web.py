"""Ordinary web servers on loopback, with faults on order: pages, GitHub's REST API, the dataset viewer, HF's docs.

    with WebServer() as server:
        server.page("/a", "<p>text</p>")
        server.fault("/a", status=503)          # the next request there fails so

Faults: a status with headers, "timeout" (never answers), "drip" (a byte at a time, for ever), "malformed" (half of the
body), "drop" (closed socket). `requests` lists (path, query, headers) as they came.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Answer:
    body: bytes
    kind: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    path: str
    status: int = 0
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class WebServer:
    """Starts on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.over = threading.Event()

    def __enter__(self) -> WebServer:
        outer = self

        class Handler(_Handler):
            state = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def page(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        self.pages[path] = Answer(body.encode() if isinstance(body, str) else body, kind, headers=headers)

    def json(self, path: str, value: Any, status: int = 200, **headers: str) -> None:
        self.pages[path] = Answer(json.dumps(value).encode(), "application/json; charset=utf-8", status, headers)

    def moved(self, path: str, target: str, status: int = 302) -> None:
        self.pages[path] = Answer(b"", "text/plain", status, {"location": target})

    def fault(self, path: str, *, status: int = 0, kind: str = "", times: int = 1, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.extend(Fault(path, status, kind, named) for _ in range(times))

    def asked(self, path: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Query and headers of the requests for a path."""
        return [(query, headers) for seen, query, headers in self.requests if seen == path]


class _Handler(BaseHTTPRequestHandler):
    state: WebServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.state.requests.append((path, query, {k.lower(): v for k, v in self.headers.items()}))
        fault = next((f for f in self.state.faults if f.path == path), None)
        if fault is not None:
            self.state.faults.remove(fault)
            if self._failed(fault):
                return
        answer = self.state.pages.get(path) or Answer(b'{"message": "Not Found"}', "application/json", 404)
        body = answer.body[: len(answer.body) // 2] if fault is not None and fault.kind == "malformed" else answer.body
        self._send(answer.status, body, answer.kind, answer.headers)

    def _failed(self, fault: Fault) -> bool:
        if fault.kind == "timeout":
            self.state.over.wait(30)
            self.close_connection = True
        elif fault.kind == "drop":
            self.close_connection = True
        elif fault.kind == "drip":
            self._drip()
        elif fault.status:
            self._send(fault.status, b"", "text/plain", fault.headers)
        else:
            return False
        return True

    def _drip(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.state.over.wait(0.1):
                self.wfile.write(b".")
                self.wfile.flush()

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"content-type": kind, "content-length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)


def github(server: WebServer, repo: str, files: dict[str, str | bytes]) -> None:
    """A repository as GitHub's REST API (2022-11-28) tells of it."""
    tree = [
        {
            "path": path,
            "mode": "100644",
            "type": "blob",
            "sha": "0" * 40,
            "size": len(body),
            "url": f"{server.url}/blob",
        }
        for path, body in files.items()
    ]
    server.json(f"/repos/{repo}/git/trees/HEAD", {"sha": "0" * 40, "url": "", "tree": tree, "truncated": False})
    for path, body in files.items():
        data = body if isinstance(body, bytes) else body.encode()
        # GitHub breaks base64 into lines of 60.
        encoded = base64.encodebytes(data).decode()
        server.json(
            f"/repos/{repo}/contents/{path}",
            {"type": "file", "encoding": "base64", "size": len(data), "name": path.rsplit("/", 1)[-1], "path": path,
             "content": encoded, "sha": "0" * 40, "html_url": f"https://github.com/{repo}/blob/main/{path}"},
        )  # fmt: skip
    found = {"total_count": 1, "incomplete_results": False}
    owner = {"login": repo.partition("/")[0]}
    entry = {"id": 1, "name": repo.partition("/")[2], "full_name": repo, "owner": owner, "stargazers_count": 321,
             "description": "Small examples", "html_url": f"https://github.com/{repo}"}  # fmt: skip
    server.json("/search/repositories", found | {"items": [entry]})
    hit = {"name": "x.py", "path": next(iter(files)), "sha": "0" * 40, "repository": entry, "score": 1.0}
    server.json("/search/code", found | {"items": [hit]})


def viewer(server: WebServer, name: str, *, partial: bool = False) -> None:
    """A data set as the dataset viewer's API tells of it: two splits, a text and a class."""
    features = [
        {"feature_idx": 0, "name": "text", "type": {"dtype": "string", "_type": "Value"}},
        {"feature_idx": 1, "name": "label", "type": {"names": ["neg", "pos"], "_type": "ClassLabel"}},
    ]
    place = {"dataset": name, "config": "default"}
    server.json("/splits", {"splits": [{**place, "split": s} for s in ("train", "test")], "pending": [], "failed": []})
    sizes = [{**place, "split": s, "num_rows": n, "num_columns": 2} for s, n in (("train", 900), ("test", 100))]
    rest = {"pending": [], "failed": [], "partial": partial}
    server.json("/size", {"size": {"dataset": {}, "configs": [], "splits": sizes}, **rest})
    info = {"default": {"features": {f["name"]: f["type"] for f in features}, "splits": {}}}
    server.json("/info", {"dataset_info": info, **rest})
    statistics = [
        {"column_name": "text", "column_type": "string_text",
         "column_statistics": {"nan_count": 3, "nan_proportion": 0.003, "min": 2, "max": 800, "mean": 120.5, "median": 100,
                               "std": 40.0, "histogram": {"hist": [1], "bin_edges": [2, 800]}}},
        {"column_name": "label", "column_type": "class_label",
         "column_statistics": {"nan_count": 0, "nan_proportion": 0.0, "no_label_count": 0, "no_label_proportion": 0.0,
                               "n_unique": 2, "frequencies": {"neg": 870, "pos": 30}}},
    ]  # fmt: skip
    server.json("/statistics", {"num_examples": 900, "statistics": statistics, "partial": partial})
    rows = [
        {"row_idx": n, "row": {"text": f"row {n} " + "x" * 400, "label": n % 2}, "truncated_cells": []}
        for n in range(9)
    ]
    server.json("/first-rows", {**place, "split": "train", "features": features, "rows": rows, "truncated": False})
