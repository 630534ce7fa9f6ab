"""Routes over the raw path: an encoded slash in a revision (`refs%2Fpr%2F1`) is not a separator.

Patterns: `{kind}` models, datasets, spaces or kernels; `{prefix}` the optional type of a web address ("datasets/"); `{id}`
namespace/name; `{rev}` a revision; `{x}` one segment; `{x:path}` all that is left. Values arrive decoded.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response

Handler = Callable[..., Awaitable[Response]]

SPECIAL = {
    "kind": r"(?P<kind>models|datasets|spaces|kernels)",
    "id": r"(?P<id>[^/]+/[^/]+)",
    "rev": r"(?P<rev>refs/(?:pr|convert|heads|tags)/[^/]+|[^/]+)",
}


@dataclass(frozen=True)
class Route:
    """One method on one pattern."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Router:
    """Collects the routes of one module."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.routes.append(Route(method, compiled(path), handler))
            return handler

        return add

    def get(self, path: str) -> Callable[[Handler], Handler]:
        return self.on("GET", path)

    def post(self, path: str) -> Callable[[Handler], Handler]:
        return self.on("POST", path)

    def put(self, path: str) -> Callable[[Handler], Handler]:
        return self.on("PUT", path)

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        return self.on("DELETE", path)


def compiled(path: str) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    source = ""
    for part in re.split(r"(\{[^}]+\}/?)", path):
        name = part.strip("{}/").removesuffix("}")
        if not part.startswith("{"):
            source += re.escape(part)
        elif name == "prefix":
            source += r"(?:(?P<prefix>datasets|spaces|kernels)/)?"
        elif name.endswith(":path"):
            source += f"(?P<{name[:-5]}>.+)"
        else:
            source += SPECIAL.get(name, f"(?P<{name}>[^/]+)") + ("/" if part.endswith("/") else "")
    return re.compile(source + "/?$")


def find(routes: list[Route], method: str, raw_path: str) -> tuple[Handler, dict[str, Any]] | None:
    """The first route that fits, with its decoded values. HEAD is answered by GET's route."""
    wanted = "GET" if method == "HEAD" else method
    for route in routes:
        if route.method != wanted:
            continue
        found = route.pattern.match(raw_path)
        if found:
            return route.handler, {k: None if v is None else unquote(v) for k, v in found.groupdict().items()}
    return None
