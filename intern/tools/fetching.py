"""GET requests into the world outside: to allowed hosts only, to the address that was checked, with bounds, no secrets.

A name is resolved once and the connection goes to that address, so that a second, different answer of the name server
cannot lead inside. Every redirect is a new request with all checks. A header is sent to the host that it was meant for
and to no other.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpcore

from intern.network import allowing_entry, is_public
from intern.papers.web import retry_after
from intern.runs.workspace import Run
from intern.tools.workbench import ToolError

TRIES = 3
MOST_REDIRECTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 20.0
"""Seconds; a server that asks for more is not waited for."""
CONNECT_SECONDS = 8.0
READ_SECONDS = 10.0
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
REASONS = {
    401: "wants a login", 403: "refuses it", 404: "has no such page", 410: "has it no longer", 429: "asks to slow down",
}  # fmt: skip


class FetchError(ToolError):
    """The page could not be had; one line. `status` is the server's, when it answered."""

    def __init__(self, message: str, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True)
class Page:
    """An answer. `url` is where it came from in the end; `cut` = it was longer than the limit."""

    url: str
    media_type: str
    body: bytes
    headers: Mapping[str, str]
    cut: bool = False

    @property
    def text(self) -> str:
        """The body as text, by the charset that the server names, else UTF-8."""
        charset = self.headers.get("content-type", "").partition("charset=")[2].partition(";")[0].strip(" \"'")
        try:
            return self.body.decode(charset or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


@dataclass
class Fetcher:
    """Reads pages for one run. `allowed`: hosts as in settings (`name`, `*.name`, `name:port`).

    `base`: a URL of the settings; its host is allowed too, and may be one of a private network.
    """

    run: Run
    allowed: Sequence[str]
    seconds: float
    most_bytes: int
    base: str = ""
    resolve: Callable[[str, int], list[str]] = field(default_factory=lambda: addresses)

    def get(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """The page at `url`, retried and redirected where that is right. Raises FetchError, RunStopped."""
        deadline = time.monotonic() + self.seconds
        url = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}" if params else url
        start = _origin(url)
        for _ in range(MOST_REDIRECTS + 1):
            own = headers if _origin(url) == start else None
            page, target = self._patiently(url, own or {}, deadline)
            if page is not None:
                return page
            url = urljoin(url, target)
        raise FetchError(f"{start[1]} redirects in circles.")

    def _patiently(self, url: str, headers: Mapping[str, str], deadline: float) -> tuple[Page | None, str]:
        """One address, tried again where that may help: a page, or where it is now."""
        for attempt in range(1, TRIES + 1):
            wait = FIRST_WAIT * 2 ** (attempt - 1)
            try:
                return self._once(url, headers, deadline)
            except FetchError as error:
                if error.status not in AGAIN | {0} or attempt == TRIES:
                    raise
                wait = retry_after(asked := error.headers.get("retry-after", ""), wait)
                if wait > LONGEST_WAIT or time.monotonic() + wait > deadline:
                    more = f" It asks to wait {wait:.0f} s: try again later." if asked else ""
                    raise FetchError(f"{error}{more}", error.status, error.headers) from None
            self.run.wait_for(_timer(wait))
        raise AssertionError("unreachable")

    def _once(self, url: str, headers: Mapping[str, str], deadline: float) -> tuple[Page | None, str]:
        scheme, host, port = _origin(url)
        own = bool(self.base) and _origin(self.base)[1:] == (host, port)
        entry = host if own else allowing_entry(host, port, self.allowed)
        if scheme not in ("http", "https") or not host or entry is None:
            where = (
                "" if not host or scheme not in ("http", "https") else host if port in (80, 443) else f"{host}:{port}"
            )
            raise FetchError(
                f"{where or url[:80]!r} is not among the hosts that may be read (web.allowed_hosts in the settings): "
                f"{', '.join(self.allowed)}."
            )
        if urlsplit(url).username is not None:
            raise FetchError("An address with a user name in it is not read: credentials are never sent.")
        literal = entry.partition(":")[0]
        backend = _Pinned(self.resolve, lambda a: is_public(a) or own or a == literal, lambda: self._left(deadline))
        sent = {"user-agent": "intern/0.1", "accept": "*/*", "accept-encoding": "identity", **headers}
        timeouts = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool,
                pool.stream("GET", _ascii(url), headers=list(sent.items()), extensions={"timeout": timeouts}) as answer,
            ):
                return self._taken(url, host, answer, deadline)
        except httpcore.TimeoutException:
            raise FetchError(f"{host} did not answer in time.", 0) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise FetchError(f"{host} cannot be read: {reason}.", 0) from None
        except (httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
            if isinstance(error, FetchError):
                raise
            raise FetchError(f"{url[:200]!r} is no address of a page: {error}.") from None

    def _taken(self, url: str, host: str, answer: httpcore.Response, deadline: float) -> tuple[Page | None, str]:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        if answer.status in MOVED and (target := headers.get("location")):
            return None, target
        if answer.status != 200:
            said = REASONS.get(answer.status, "failed")
            raise FetchError(f"{host} {said} (HTTP {answer.status}).", answer.status, headers)
        parts, size = [], 0
        assert isinstance(answer.stream, Iterable)
        for part in answer.stream:
            self._left(deadline)
            parts.append(part)
            size += len(part)
            if size > self.most_bytes:
                break
        body = b"".join(parts)[: self.most_bytes]
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Page(url, media_type, body, headers, cut=size > self.most_bytes), ""

    def _left(self, deadline: float) -> float:
        """Seconds that are left. Raises RunStopped, httpcore.ReadTimeout."""
        self.run.check()
        if (left := deadline - time.monotonic()) <= 0:
            raise httpcore.ReadTimeout("too slow")
        return left


@contextlib.contextmanager
def as_promised(whose: str) -> Iterator[None]:
    """Taking apart an answer that may have any shape: what does not fit becomes one line. Raises ToolError."""
    try:
        yield
    except ToolError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ToolError(f"{whose}'s answer is not what its API promises ({type(error).__name__}).") from error


def addresses(host: str, port: int) -> list[str]:
    """IP addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Pinned(httpcore.NetworkBackend):
    """Connects to an address that was checked: a public one, or the very address that the settings name."""

    def __init__(
        self, resolve: Callable[[str, int], list[str]], fine: Callable[[str], bool], left: Callable[[], float]
    ) -> None:
        self._resolve, self._fine, self._left = resolve, fine, left
        self._plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        try:
            found = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"its name is unknown ({error.strerror or error})") from None
        usable = [address for address in found if self._fine(address)]
        if not usable:
            raise FetchError(f"{host} is no host of the public internet: it leads to {', '.join(found) or 'nowhere'}.")
        problem: Exception = httpcore.ConnectError("no address answers")
        for address in usable:
            try:
                seconds = min(CONNECT_SECONDS, self._left())
                return _Bounded(self._plain.connect_tcp(address, port, timeout=seconds), self._left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


class _Bounded(httpcore.NetworkStream):
    """A connection whose reads together end at a deadline: a server that drips cannot hold anybody."""

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._inner, self._left = inner, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, min(timeout or READ_SECONDS, self._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        return _Bounded(self._inner.start_tls(*arguments, **options), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; an impossible one has no host."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url.strip())
        default = {"http": 80, "https": 443}.get(parts.scheme, 0)
        return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or default
    return "", "", 0


def _ascii(url: str) -> str:
    """An address as it travels: no fragment, spaces and letters beyond ASCII percent-encoded."""
    plain = url.strip().partition("#")[0]
    host = urlsplit(plain).hostname or ""
    if not host.isascii():
        plain = plain.replace(host, host.encode("idna").decode(), 1)
    return "".join(c if "!" <= c <= "~" else "".join(f"%{b:02X}" for b in c.encode()) for c in plain)


def _timer(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until
