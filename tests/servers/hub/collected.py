"""Collections: named lists of repositories, papers and other collections."""

from __future__ import annotations

import html
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import identity, repos
from tests.servers.hub.errors import HubError, bad_request, forbidden
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.store import new_id, now

TYPES = ("model", "dataset", "space", "paper", "collection", "bucket")

router = Router()


def _load(hub: Any, caller: Identity, slug: str, write: bool = False) -> dict[str, Any]:
    """By slug; only the id at its end counts. Raises 404 also for someone else's private one."""
    body = hub.store.document("collection", slug.rsplit("-", 1)[-1])
    mine = body is not None and identity.role_in(hub.store, caller, body["owner"]["name"]) is not None
    if body is None or (body["private"] and not mine):
        raise HubError(404, "Collection not found")
    if write and not (mine and caller.holds("collection.write", body["owner"]["name"])):
        raise forbidden("You don't have the rights to change this collection")
    return body


def _save(hub: Any, body: dict[str, Any]) -> None:
    body["lastUpdated"] = now()
    for position, item in enumerate(body["items"]):
        item["position"] = position
    hub.store.put_document("collection", body["_id"], body["owner"]["name"], body)


@router.post("/api/collections")
async def create(hub: Any, request: Request, caller: Identity) -> Response:
    asked = await request.json()
    namespace = asked.get("namespace") or identity.signed_in(caller)
    text = f'You don\'t have the rights to create a collection under the namespace "{namespace}"'
    identity.demand(hub.store, caller, "collection.write", namespace, text)
    title = str(asked.get("title", "")).strip()
    if not title or len(str(asked.get("description") or "")) > 150:
        raise bad_request('"title" is required; "description" is at most 150 characters long')
    id = new_id()
    slug = f"{namespace}/{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}-{id}"
    body = {
        "_id": id, "slug": slug, "title": title, "description": asked.get("description"), 
        "private": bool(asked.get("private")),
        "owner": identity.owner(hub.store, namespace), "items": [], "theme": "green",
        "upvotes": 0, "position": 0, "gating": False,
    }  # fmt: skip
    _save(hub, body)
    return JSONResponse(body)


@router.get("/api/collections")
async def list_collections(hub: Any, request: Request, caller: Identity) -> Response:
    query, told = request.query_params, []
    for body in hub.store.documents("collection"):
        mine = identity.role_in(hub.store, caller, body["owner"]["name"]) is not None
        owners, items = query.getlist("owner"), query.getlist("item")
        held = {f"{item['type']}s/{item['id']}" for item in body["items"]}
        if (mine or not body["private"]) and (not owners or body["owner"]["name"] in owners) and held.issuperset(items):
            told.append({key: value for key, value in body.items() if key != "position"})
    return JSONResponse(told)


@router.get("/api/collections/{owner}/{slug}")
async def info(hub: Any, request: Request, caller: Identity, owner: str, slug: str) -> Response:
    return JSONResponse(_load(hub, caller, slug))


@router.on("PATCH", "/api/collections/{owner}/{slug}")
async def update(hub: Any, request: Request, caller: Identity, owner: str, slug: str) -> Response:
    body = _load(hub, caller, slug, write=True)
    asked = await request.json()
    body |= {key: asked[key] for key in ("title", "description", "private", "theme", "position") if key in asked}
    title = re.sub(r"[^a-z0-9]+", "-", body["title"].lower()).strip("-")
    body["slug"] = f"{body['owner']['name']}/{title}-{body['_id']}"
    _save(hub, body)
    return JSONResponse({"success": True, "data": body})


@router.delete("/api/collections/{owner}/{slug}")
async def delete(hub: Any, request: Request, caller: Identity, owner: str, slug: str) -> Response:
    hub.store.delete_document("collection", _load(hub, caller, slug, write=True)["_id"])
    return JSONResponse({"success": True})


def _exists(hub: Any, caller: Identity, type: str, id: str) -> dict[str, Any]:
    """What a list shows of an item. Raises 404."""
    if type == "paper":
        if id not in hub.papers:
            raise HubError(404, "Paper not found")
        return {"id": id, "title": hub.papers[id]["title"]}
    if type == "collection":
        return {"id": (found := _load(hub, caller, id))["_id"], "slug": found["slug"], "title": found["title"]}
    return {"id": repos.readable(hub, caller, type, id).id}


@router.post("/api/collections/{owner}/{slug}/items")
async def add_item(hub: Any, request: Request, caller: Identity, owner: str, slug: str) -> Response:
    body = _load(hub, caller, slug, write=True)
    asked = await request.json()
    type = asked.get("item", {}).get("type")
    if type not in TYPES:
        raise bad_request(f'"item.type" must be one of [{", ".join(TYPES)}]')
    shown = _exists(hub, caller, type, str(asked["item"].get("id")))
    if any((item["type"], item["id"]) == (type, shown["id"]) for item in body["items"]):
        raise HubError(409, "Item is already in the collection")
    item = {"_id": new_id(), "type": type, **shown}
    if asked.get("note"):
        item["note"] = _note(asked["note"])
    body["items"].append(item)
    _save(hub, body)
    return JSONResponse(body)


def _note(text: str) -> dict[str, str]:
    return {"text": text, "html": html.escape(text)}


def _item(body: dict[str, Any], id: str) -> dict[str, Any]:
    for item in body["items"]:
        if item["_id"] == id:
            return item
    raise HubError(404, "Item not found in the collection")


@router.on("PATCH", "/api/collections/{owner}/{slug}/items/{item}")
async def update_item(hub: Any, request: Request, caller: Identity, owner: str, slug: str, item: str) -> Response:
    body = _load(hub, caller, slug, write=True)
    asked, found = await request.json(), _item(body, item)
    if "note" in asked:
        found["note"] = _note(asked["note"])
    if "position" in asked:
        body["items"].remove(found)
        body["items"].insert(asked["position"], found)
    _save(hub, body)
    return JSONResponse({"success": True})


@router.delete("/api/collections/{owner}/{slug}/items/{item}")
async def delete_item(hub: Any, request: Request, caller: Identity, owner: str, slug: str, item: str) -> Response:
    body = _load(hub, caller, slug, write=True)
    body["items"].remove(_item(body, item))
    _save(hub, body)
    return JSONResponse({"success": True})
