"""Polite HTTP for paper sources: per-host pauses, retries that honour Retry-After, and a cache on disk with ETags.

Only GET, only from the base URLs in the settings. Every failure becomes a PaperError of one line.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx  # the one that huggingface_hub brings, and so is loaded anyway

from intern.papers.model import PaperError
from intern.settings import Settings

TRIES = 3
LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is not waited for."""
MAX_BYTES = 80 * 1024 * 1024
_FRESH = 300.0
"""Seconds for which a cached answer is used without asking."""
_last_request: dict[str, float] = {}
_lock = threading.Lock()


@dataclass(slots=True)
class Answer:
    """A body, its type, and whether it came from the cache (then `stale` says that the source did not answer)."""

    body: bytes
    content_type: str
    path: Path
    cached: bool = False
    stale: bool = False


@dataclass(slots=True)
class Web:
    """HTTP for one source. `pause` is the least time between two requests to its host."""

    settings: Settings
    pause: float = 0.0
    timeout: float = 20.0
    headers: dict[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def get(self, url: str, params: dict[str, str] | None = None, *, fresh: float = _FRESH) -> Answer:
        """The answer to a GET, from the cache where that is still good. Raises PaperError."""
        request = httpx.Request("GET", url, params=params)
        body, meta_file = self._files(str(request.url))
        meta = self._meta(body, meta_file)
        if meta and time.time() - float(str(meta.get("time", 0))) < fresh:
            return Answer(body.read_bytes(), str(meta.get("type", "")), body, cached=True)
        try:
            response = self._ask(str(request.url), meta)
        except PaperError:
            if meta:
                return Answer(body.read_bytes(), str(meta.get("type", "")), body, cached=True, stale=True)
            raise
        if response.status_code == 304 and meta:
            self._save_meta(meta_file, meta | {"time": time.time()})
            return Answer(body.read_bytes(), str(meta.get("type", "")), body, cached=True)
        return self._store(response, body, meta_file, str(request.url))

    def _files(self, url: str) -> tuple[Path, Path]:
        folder = self.settings.cache / "papers"
        key = hashlib.sha256(url.encode()).hexdigest()[:32]
        return folder / f"{key}.body", folder / f"{key}.json"

    def _meta(self, body: Path, meta_file: Path) -> dict[str, object]:
        try:
            meta = json.loads(meta_file.read_text(encoding="utf-8"))
            whole = body.stat().st_size == meta.get("size")
        except (OSError, ValueError):
            return {}
        return meta if isinstance(meta, dict) and whole else {}

    def _save_meta(self, meta_file: Path, meta: dict[str, object]) -> None:
        partial = meta_file.with_suffix(".part")
        partial.write_text(json.dumps(meta), encoding="utf-8")
        partial.replace(meta_file)

    def _store(self, response: httpx.Response, body: Path, meta_file: Path, url: str) -> Answer:
        content = response.content
        kind = response.headers.get("content-type", "")
        try:
            body.parent.mkdir(parents=True, exist_ok=True)
            partial = body.with_suffix(f".{threading.get_ident()}.part")
            partial.write_bytes(content)
            partial.replace(body)
            self._save_meta(
                meta_file,
                {
                    "url": url,
                    "etag": response.headers.get("etag", ""),
                    "modified": response.headers.get("last-modified", ""),
                    "type": kind,
                    "size": len(content),
                    "time": time.time(),
                },
            )
        except OSError as error:
            raise PaperError(f"The cache of papers cannot be written: {error.strerror or error}") from error
        return Answer(content, kind, body)

    def _ask(self, url: str, meta: dict[str, object]) -> httpx.Response:
        """One GET with retries. Raises PaperError when the source does not give an answer."""
        headers = {"User-Agent": "intern-paper-reader/0.1", **self.headers}
        if meta.get("etag"):
            headers["If-None-Match"] = str(meta["etag"])
        elif meta.get("modified"):
            headers["If-Modified-Since"] = str(meta["modified"])
        host = urlsplit(url).netloc
        problem = ""
        for attempt in range(TRIES):
            self._wait_turn(host)
            wait = min(2.0**attempt, 8.0)
            try:
                response = self._fetch(url, headers)
            except httpx.TimeoutException:
                problem = f"{host} did not answer within {self.timeout:.0f} s"
            except httpx.HTTPError as error:
                problem = f"{host} cannot be reached ({type(error).__name__})"
            else:
                if response.status_code < 400:
                    return response
                if response.status_code not in (408, 425, 429, 500, 502, 503, 504):
                    raise PaperError(_refusal(response.status_code, url))
                problem = _refusal(response.status_code, url)
                wait = retry_after(response.headers.get("retry-after", ""), wait)
                if wait > LONGEST_WAIT:
                    raise PaperError(f"{problem}; it asks to wait {wait:.0f} s")
            if attempt + 1 < TRIES:
                self.sleep(wait)
        raise PaperError(f"{problem} (tried {TRIES} times)")

    def _fetch(self, url: str, headers: dict[str, str]) -> httpx.Response:
        with (
            httpx.Client(timeout=self.timeout, follow_redirects=True, max_redirects=5) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            size = 0
            parts: list[bytes] = []
            for part in response.iter_bytes():
                size += len(part)
                if size > MAX_BYTES:
                    raise PaperError(f"{urlsplit(url).netloc} sent more than {MAX_BYTES // 2**20} MB")
                parts.append(part)
            kept = {
                name: value
                for name, value in response.headers.items()
                if name not in ("content-encoding", "content-length")
            }
            return httpx.Response(response.status_code, headers=kept, content=b"".join(parts))

    def _wait_turn(self, host: str) -> None:
        """Keep the least pause between requests to one host, over all threads of the process."""
        with _lock:
            due = _last_request.get(host, -1e9) + self.pause
            now = self.clock()
            _last_request[host] = max(now, due)
        if due > now:
            self.sleep(due - now)


def retry_after(value: str, otherwise: float) -> float:
    """Seconds of a Retry-After header: a number or an HTTP date."""
    value = value.strip()
    if value.isdigit():
        return float(value)
    if value:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return otherwise
        return max(0.0, moment.timestamp() - time.time())
    return otherwise


def _refusal(status: int, url: str) -> str:
    host = urlsplit(url).netloc
    reasons = {404: "has no such paper", 403: "refused the request", 401: "wants a login", 429: "asks to slow down"}
    return f"{host} {reasons.get(status, 'failed')} (HTTP {status})"
