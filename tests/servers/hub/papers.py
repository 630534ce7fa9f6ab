"""Papers: search, one paper with what is linked to it, its text, and the daily list. The corpus is papers.json, or `--papers`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.servers.hub import cards, listing, repos
from tests.servers.hub.errors import HubError
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.tree import page_of

BUNDLED = Path(__file__).with_name("papers.json")

router = Router()


def load(path: Path) -> dict[str, dict[str, Any]]:
    """A list of {id, title, summary, authors[], publishedAt, upvotes, githubRepo?, text} by id."""
    return {paper["id"]: paper for paper in json.loads(path.read_text(encoding="utf-8"))}


def _paper(paper: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": paper["id"], "title": paper["title"], "summary": paper["summary"], "publishedAt": paper["publishedAt"],
        "upvotes": paper.get("upvotes", 0), "authors": [{"name": name, "hidden": False} for name in paper["authors"]],
    }  # fmt: skip


def _item(paper: dict[str, Any]) -> dict[str, Any]:
    """A paper in a list: nested, beside what belongs to its page."""
    return {"paper": _paper(paper), "title": paper["title"], "summary": paper["summary"], "publishedAt": paper["publishedAt"],
            "numComments": 0, "thumbnail": "", "isAuthorParticipating": False}  # fmt: skip


@router.get("/api/papers/search")
async def search(hub: Any, request: Request, caller: Identity) -> Response:
    words = request.query_params.get("q", "").lower().split()
    scored = []
    for paper in hub.papers.values():
        text = f"{paper['title']} {paper['summary']} {' '.join(paper['authors'])}".lower()
        score = sum(word in text for word in words)
        if score:
            scored.append((score, paper["id"], paper))
    scored.sort(key=lambda item: (-item[0], item[1]))
    limit = int(request.query_params.get("limit", "20"))
    return JSONResponse([_item(paper) for _, _, paper in scored[:limit]])


@router.get("/api/daily_papers")
async def daily(hub: Any, request: Request, caller: Identity) -> Response:
    query = request.query_params
    found = sorted(hub.papers.values(), key=lambda paper: paper["publishedAt"], reverse=True)
    if "date" in query:
        found = [paper for paper in found if paper["publishedAt"].startswith(query["date"])]
    if "month" in query:
        found = [paper for paper in found if paper["publishedAt"].startswith(query["month"])]
    if query.get("sort") == "trending":
        found.sort(key=lambda paper: -paper.get("upvotes", 0))
    limit, page = page_of(request, 100)[1], int(query.get("p", "0"))
    return JSONResponse([_item(paper) for paper in found[page * limit : (page + 1) * limit]])


def _find(hub: Any, id: str) -> dict[str, Any]:
    if id not in hub.papers:
        raise HubError(404, "Paper not found")
    return hub.papers[id]


@router.get("/api/papers/{paper}")
async def info(hub: Any, request: Request, caller: Identity, paper: str) -> Response:
    found = _find(hub, paper)
    told = _paper(found)
    for key, kind in (("Models", "model"), ("Datasets", "dataset"), ("Spaces", "space")):
        linked = []
        for repo in repos.all_of(hub.store, kind):
            files = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))
            if not repo.private and f"arxiv:{paper}" in cards.tags(
                hub.store, kind, files, cards.of_files(hub.store, files)
            ):
                linked.append(listing.described(hub, caller, repo))
        told |= {f"linked{key}": linked, f"numTotal{key}": len(linked)}
    if found.get("githubRepo"):
        told["githubRepo"] = found["githubRepo"]
    return JSONResponse(told)


@router.get("/papers/{paper}.md")
async def text(hub: Any, request: Request, caller: Identity, paper: str) -> Response:
    found = _find(hub, paper)
    return PlainTextResponse(f"# {found['title']}\n\n{found['text']}\n", media_type="text/markdown")
