"""arXiv, Hub papers and Semantic Scholar on loopback, in their real formats, with faults on order.

    with PaperServer() as server:
        server.fault("/api/query", status=429, retry_after="2")   # the next request there fails so
        settings = server.settings(home)

Faults: a status with Retry-After, "timeout" (never answers), "malformed" (broken body), "drop" (closed socket).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from intern.settings import Network, Settings

PAPERS = {
    "2101.00001v2": ("Loopback Networks for Small Talk", ["Ada Writer", "Bo Reader"], 2021),
    "2102.00002v1": ("A Second Paper on Loopback", ["Cy Ting"], 2021),
}
SOURCE = r"""\documentclass{article}
\newcommand{\rate}{0.05}
\title{Loopback Networks for Small Talk}
\author{Ada Writer \and Bo Reader}
\begin{document}
\maketitle
\begin{abstract}We train small talkers on MNIST.\end{abstract}
\section{Training}
% The learning rate was 0.9 in a draft.
We use Adam with a learning rate of \rate{} and a batch size of 32 on MNIST.
\begin{table}
\caption{Test accuracy on MNIST.}
\begin{tabular}{lc}\toprule Model & Accuracy \\ \midrule Loopback (ours) & 91.5 \\ Random & 10.0 \\ \bottomrule\end{tabular}
\end{table}
\end{document}
"""
PAGE = """<!DOCTYPE html><html><body class="ltx_document"><article class="ltx_document">
<h1 class="ltx_title ltx_title_document">Loopback Networks for Small Talk</h1>
<div class="ltx_authors"><span class="ltx_personname">Ada Writer</span><span class="ltx_personname">Bo Reader</span></div>
<div class="ltx_abstract"><p class="ltx_p">We train small talkers on MNIST.</p></div>
<section class="ltx_section"><h2 class="ltx_title ltx_title_section"><span class="ltx_tag">1 </span>Training</h2>
<div class="ltx_para"><p class="ltx_p">We use Adam with a learning rate of
<math alttext="5\\times 10^{-2}"><mi>x</mi></math> and a batch size of 32 on MNIST.</p></div>
<figure class="ltx_table"><figcaption class="ltx_caption">Table 1: Test accuracy on MNIST.</figcaption>
<table class="ltx_tabular"><tr><th>Model</th><th>Accuracy</th></tr><tr><td>Loopback (ours)</td><td>91.5</td></tr>
<tr><td>Random</td><td>10.0</td></tr></table></figure></section></article></body></html>"""


def e_print() -> bytes:
    """The source as arXiv sends it: a gzipped tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        data = SOURCE.encode()
        member = tarfile.TarInfo("main.tex")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


def feed(ids: list[str]) -> str:
    """An Atom feed as arXiv's API answers."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{key}</id><published>{PAPERS[key][2]}-01-02T00:00:00Z</published>"
        f"<title>{PAPERS[key][0].replace(' ', chr(10) + '  ', 1)}</title><summary> About it. </summary>"
        + "".join(f"<author><name>{name}</name></author>" for name in PAPERS[key][1])
        + "</entry>"
        for key in ids
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title>{entries}</feed>'


def scholar(key: str) -> dict[str, object]:
    """A paper as Semantic Scholar lists it."""
    title, authors, year = PAPERS[key]
    return {
        "paperId": hashlib.sha1(key.encode()).hexdigest(),
        "title": title,
        "authors": [{"authorId": "1", "name": name} for name in authors],
        "abstract": None,
        "year": year,
        "citationCount": 3,
        "url": "https://example.org",
        "externalIds": {"ArXiv": key.partition("v")[0], "DOI": "10.1000/loop"},
    }


@dataclass
class Fault:
    path: str
    status: int = 0
    retry_after: str = ""
    kind: str = ""


@dataclass
class PaperServer:
    """Starts on a free port of 127.0.0.1; `requests` lists (path, headers) as they came."""

    seconds: float = 3.0
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> PaperServer:
        outer = self

        class Handler(_Handler):
            server_state = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, path: str, *, status: int = 0, retry_after: str = "", kind: str = "", times: int = 1) -> None:
        """The next `times` requests whose path starts with `path` fail."""
        self.faults.extend(Fault(path, status, retry_after, kind) for _ in range(times))

    def settings(self, home: Path) -> Settings:
        network = Network(
            arxiv_api=f"{self.url}/api/query", arxiv=self.url, semantic_scholar=f"{self.url}/s2", hub=f"{self.url}/hub"
        )
        return Settings(home=home, network=network)

    def count(self, path: str) -> int:
        return sum(seen.startswith(path) for seen, _ in self.requests)


class _Handler(BaseHTTPRequestHandler):
    server_state: PaperServer

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        state, parts = self.server_state, urlsplit(self.path)
        state.requests.append((parts.path, {key.lower(): value for key, value in self.headers.items()}))
        fault = next((item for item in state.faults if parts.path.startswith(item.path)), None)
        if fault is not None:
            state.faults.remove(fault)
            if self._fail(fault):
                return
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        status, kind, body = self._route(parts.path, query)
        if fault is not None and fault.kind == "malformed":
            body = body[: len(body) // 2] + b"<oops"
        self._send(status, kind, body)

    def _fail(self, fault: Fault) -> bool:
        if fault.kind == "timeout":
            time.sleep(self.server_state.seconds)
            return True
        if fault.kind == "drop":
            self.connection.close()
            return True
        if fault.status:
            self.send_response(fault.status)
            if fault.retry_after:
                self.send_header("Retry-After", fault.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return True
        return False

    def _send(self, status: int, kind: str, body: bytes) -> None:
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _route(self, path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        if path == "/api/query":
            return 200, "application/atom+xml", feed(_matching(query)).encode()
        for place, kind, body in (
            ("/e-print/", "application/gzip", e_print()),
            ("/html/", "text/html", PAGE.encode()),
        ):
            if path.startswith(place) and _key(path.removeprefix(place)):
                return 200, kind, body
        if path.startswith("/hub/"):
            return self._hub(path.removeprefix("/hub"), query)
        if path.startswith("/s2/"):
            return self._scholar(path.removeprefix("/s2"), query)
        return 404, "text/plain", b"not found"

    def _hub(self, path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        def item(key: str) -> dict[str, object]:
            title, authors, year = PAPERS[key]
            paper = {
                "id": key.partition("v")[0],
                "title": title,
                "authors": [{"name": name, "hidden": False} for name in authors],
                "publishedAt": f"{year}-01-02T00:00:00.000Z",
                "summary": "About it.",
            }
            return {"paper": paper, "title": title, "numComments": 0}

        if path == "/api/papers/search":
            rows = [item(key) for key in PAPERS if _alike(query.get("q", ""), PAPERS[key][0])]
            return 200, "application/json", json.dumps(rows).encode()
        if path.startswith("/api/papers/") and (key := _key(path.removeprefix("/api/papers/"))):
            paper = item(key)["paper"]
            assert isinstance(paper, dict)
            body = {**paper, "linkedModels": [{"id": "ada/talker"}], "linkedDatasets": [], "githubRepo": "https://code"}
            return 200, "application/json", json.dumps(body).encode()
        if path.startswith("/papers/") and (key := _key(path.removeprefix("/papers/").removesuffix(".md"))):
            return 200, "text/markdown", f"# {PAPERS[key][0]}\n".encode()
        return 404, "application/json", b'{"error":"Paper not found"}'

    def _scholar(self, path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
        first, second = (scholar(key) for key in PAPERS)
        answers: dict[str, object] = {
            "/graph/v1/paper/search": {
                "total": 1,
                "data": [first] if _alike(query.get("query", ""), PAPERS["2101.00001v2"][0]) else [],
            },
            "/graph/v1/paper/DOI:10.1000/loop": first,
            "/graph/v1/paper/ARXIV:2101.00001": first,
            "/graph/v1/paper/ARXIV:2101.00001/references": {
                "data": [{"citedPaper": second}, {"citedPaper": {"title": None}}]
            },
            "/graph/v1/paper/ARXIV:2101.00001/citations": {"data": [{"citingPaper": second}]},
            "/recommendations/v1/papers/forpaper/ARXIV:2101.00001": {"recommendedPapers": [second]},
            "/graph/v1/snippet/search": {"data": [{"paper": first, "snippet": {"text": "a passage"}, "score": 0.5}]},
        }
        found = answers.get(path)
        if found is None:
            return 404, "application/json", b'{"error":"Paper not found"}'
        return 200, "application/json", json.dumps(found).encode()


def _key(text: str) -> str | None:
    return next((key for key in PAPERS if text in (key, key.partition("v")[0])), None)


def _alike(query: str, title: str) -> bool:
    words = query.lower().split()
    return bool(words) and all(word in title.lower() for word in words)


def _matching(query: dict[str, str]) -> list[str]:
    if ids := query.get("id_list"):
        return [key for part in ids.split(",") if (key := _key(part))]
    words = [part.removeprefix("ti:") for part in query.get("search_query", "").split(" AND ")]
    return [key for key in PAPERS if all(word.lower() in PAPERS[key][0].lower() for word in words)]
