"""Spaces: runtime, hardware, secrets and variables. Nothing is built or run; the stages are what a Space would show."""

from __future__ import annotations

from typing import Any

from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router

router = Router()


def begin(hub: Any, repo: Repo, body: dict[str, Any], keep_files: bool = False) -> None:
    """A new Space's runtime, and its README unless files were copied."""
    repo.extra["sdk"] = repo.extra.get("sdk") or body.get("sdk")
    repo.save(hub.store)


def runtime(repo: Repo) -> dict[str, Any]:
    return {
        "stage": "NO_APP_FILE",
        "hardware": {"current": None, "requested": None},
        "gcTimeout": 172800,
        "storage": None,
    }
