"""Spaces: runtime, hardware, secrets, variables, volumes. Nothing is built or run: the stages are what a Space would show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.servers.hub import identity, repos
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.hardware import FLAVORS
from tests.servers.hub.identity import Identity
from tests.servers.hub.jobs import VARIABLE
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.store import now

FREE = "cpu-basic"
ZERO = "zero-a10g"
FREE_SLEEP_SECONDS = 172800

router = Router()


def begin(hub: Any, repo: Repo, body: dict[str, Any]) -> None:
    """What a new Space is given with its creation. The values of secrets are kept, and never told."""
    repo.extra |= {
        "hardware": body.get("hardware") or FREE, "sleep": body.get("sleepTimeSeconds"), "stage": None, "dev_mode": False,
        "secrets": {item["key"]: _entry(item) for item in body.get("secrets") or []},
        "variables": {item["key"]: _entry(item) for item in body.get("variables") or []}, "volumes": body.get("volumes"),
    }  # fmt: skip
    repo.save(hub.store)


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    return {"value": str(item["value"]), "description": item.get("description"), "updatedAt": now()}


def runtime(hub: Any, repo: Repo) -> dict[str, Any]:
    """The state a Space shows: running as soon as it has an app file, unless paused."""
    extra = repo.extra
    files = repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))
    app = {"static": "index.html", "docker": "Dockerfile"}.get(extra.get("sdk", ""), "app.py")
    stage = extra.get("stage") or ("RUNNING" if app in files else "NO_APP_FILE")
    hardware = extra.get("hardware", FREE)
    sleep = extra.get("sleep") or (FREE_SLEEP_SECONDS if hardware == FREE else -1)
    told = {
        "stage": stage, "hardware": {"current": hardware if stage == "RUNNING" else None, "requested": hardware},
        "gcTimeout": sleep, "storage": None, "devMode": bool(extra.get("dev_mode")), "replicas": {"current": 1, "requested": 1},
    }  # fmt: skip
    if extra.get("volumes") is not None:
        told["volumes"] = extra["volumes"]
    return told


def _owned(hub: Any, caller: Identity, id: str) -> Repo:
    return repos.writable(hub, caller, "space", id, "repo.manage")


def _changed(hub: Any, repo: Repo, **extra: Any) -> Response:
    repo.extra |= extra
    repo.save(hub.store)
    return JSONResponse(runtime(hub, repo))


# -- runtime -------------------------------------------------------------------------------------------------


@router.get("/api/spaces/{id}/runtime")
async def get_runtime(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return JSONResponse(runtime(hub, repos.readable(hub, caller, "space", id)))


@router.get("/api/spaces/hardware")
async def hardware(hub: Any, request: Request, caller: Identity) -> Response:
    zero = {"name": ZERO, "prettyName": "ZeroGPU", "cpu": "8 vCPU", "ram": "64 GB", "ephemeralStorage": "50 GB",
            "accelerator": {"type": "gpu", "model": "RTX PRO 6000", "quantity": "1", "vram": "48 GB", "manufacturer": "Nvidia"},
            "unitCostMicroUSD": 0, "unitCostUSD": 0.0, "unitLabel": "minute"}  # fmt: skip
    told = [flavor.told() for flavor in FLAVORS.values() if not flavor.name.startswith(("h200", "cpu-xl", "cpu-perf"))]
    told[0] |= {"unitCostMicroUSD": 0, "unitCostUSD": 0.0}
    return JSONResponse([told[0], zero, *told[1:]])


@router.get("/api/spaces/zero-gpu/quota")
async def quota(hub: Any, request: Request, caller: Identity) -> Response:
    user = identity.account(hub.store, identity.signed_in(caller))
    base = 1500 if user["is_pro"] else 210
    return JSONResponse({"base": base, "current": base, "resetsAt": None, "overquotaUsed": None})


@router.post("/api/spaces/{id}/hardware")
async def request_hardware(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    body = await request.json()
    repo = _owned(hub, caller, id)
    flavor = body.get("flavor")
    if flavor != ZERO and flavor not in FLAVORS:
        raise bad_request(f'"flavor" must be one of [{", ".join([ZERO, *FLAVORS])}]')
    user = identity.account(hub.store, repo.namespace)
    if flavor == ZERO and not user["is_pro"]:
        raise HubError(403, "ZeroGPU Spaces are for PRO users and for Team and Enterprise organisations")
    if flavor not in (FREE, ZERO) and user["credit"] <= 0:
        raise HubError(402, "Payment required: add a payment method or credit to upgrade this Space")
    if body.get("sleepTimeSeconds") is not None and flavor == FREE:
        raise bad_request("The sleep time of a Space on free hardware cannot be set")
    return _changed(hub, repo, hardware=flavor, sleep=body.get("sleepTimeSeconds") or repo.extra.get("sleep"))


@router.post("/api/spaces/{id}/sleeptime")
async def sleep_time(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    seconds = (await request.json()).get("seconds")
    if not isinstance(seconds, int):
        raise bad_request('"seconds" must be a number')
    return _changed(hub, _owned(hub, caller, id), sleep=seconds)


@router.post("/api/spaces/{id}/pause")
async def pause(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    repo = _owned(hub, caller, id)
    if repo.extra.get("sdk") == "static":
        raise bad_request("Cannot pause a static Space")
    return _changed(hub, repo, stage="PAUSED")


@router.post("/api/spaces/{id}/restart")
async def restart(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return _changed(hub, _owned(hub, caller, id), stage=None)


@router.post("/api/spaces/{id}/dev-mode")
async def dev_mode(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    enabled = bool((await request.json()).get("enabled"))
    return _changed(hub, _owned(hub, caller, id), dev_mode=enabled)


@router.put("/api/spaces/{id}/volumes")
async def set_volumes(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    from tests.servers.hub import volumes

    wanted = (await request.json()).get("volumes") or []
    volumes.check(hub, caller, wanted)
    return _changed(hub, _owned(hub, caller, id), volumes=wanted)


@router.delete("/api/spaces/{id}/volumes")
async def delete_volumes(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return _changed(hub, _owned(hub, caller, id), volumes=[])


@router.get("/api/spaces/{id}/logs/{sort}")
async def logs(hub: Any, request: Request, caller: Identity, id: str, sort: str) -> Response:
    """One line that says that there is nothing to show."""
    repos.writable(hub, caller, "space", id)

    async def events() -> AsyncIterator[str]:
        text = f"===== {'Application Startup' if sort == 'run' else 'Build'}: this test server runs no Spaces ====="
        yield f"data: {json.dumps({'data': text, 'timestamp': now()})}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


# -- secrets and variables -----------------------------------------------------------------------------------


def _told(repo: Repo, sort: str) -> Response:
    """Variables with their values, secrets without."""
    entries = repo.extra.get(sort) or {}
    shown = {}
    for key, entry in entries.items():
        shown[key] = {
            "key": key,
            **{k: v for k, v in entry.items() if v is not None and (k != "value" or sort == "variables")},
        }
    return JSONResponse(shown)


async def _set(hub: Any, request: Request, caller: Identity, id: str, sort: str) -> Response:
    body = await request.json()
    repo = _owned(hub, caller, id)
    other = "variables" if sort == "secrets" else "secrets"
    if not VARIABLE.match(str(body.get("key", ""))) or body.get("value") is None:
        raise bad_request('"key" and "value" are required; a key is letters, digits and "_"')
    if body["key"] in (repo.extra.get(other) or {}):
        raise bad_request(f"Collision on variables and secrets names: {body['key']}")
    repo.extra.setdefault(sort, {})[body["key"]] = _entry(body)
    repo.save(hub.store)
    return _told(repo, sort)


async def _delete(hub: Any, request: Request, caller: Identity, id: str, sort: str) -> Response:
    key = (await request.json()).get("key")
    repo = _owned(hub, caller, id)
    (repo.extra.get(sort) or {}).pop(key, None)
    repo.save(hub.store)
    return _told(repo, sort)


@router.get("/api/spaces/{id}/secrets")
async def get_secrets(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return _told(_owned(hub, caller, id), "secrets")


@router.post("/api/spaces/{id}/secrets")
async def set_secret(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return await _set(hub, request, caller, id, "secrets")


@router.delete("/api/spaces/{id}/secrets")
async def delete_secret(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return await _delete(hub, request, caller, id, "secrets")


@router.get("/api/spaces/{id}/variables")
async def get_variables(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return _told(_owned(hub, caller, id), "variables")


@router.post("/api/spaces/{id}/variables")
async def set_variable(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return await _set(hub, request, caller, id, "variables")


@router.delete("/api/spaces/{id}/variables")
async def delete_variable(hub: Any, request: Request, caller: Identity, id: str) -> Response:
    return await _delete(hub, request, caller, id, "variables")


@router.get("/api/spaces/templates")
async def templates(hub: Any, request: Request, caller: Identity) -> Response:
    return JSONResponse([])


@router.get("/api/spaces/semantic-search")
async def semantic_search(hub: Any, request: Request, caller: Identity) -> Response:
    """By words in name and title; the real one compares meanings."""
    from tests.servers.hub import cards

    words = request.query_params.get("q", "").lower().split()
    told = []
    for repo in repos.all_of(hub.store, "space"):
        if repo.private:
            continue
        card = cards.of_files(hub.store, repos.files_at(hub.store, repo, repos.resolved(hub.store, repo, "main"))) or {}
        text = f"{repo.id} {card.get('title', '')}".lower()
        if any(word in text for word in words):
            score = sum(word in text for word in words) / len(words)
            told.append({"id": repo.id, "author": repo.namespace, "title": card.get("title", ""), "emoji": card.get("emoji"),
                         "sdk": repo.extra.get("sdk"), "likes": 0, "private": False, "tags": [], "runtime": runtime(hub, repo),
                         "semanticRelevancyScore": score})  # fmt: skip
    return JSONResponse(sorted(told, key=lambda item: -item["semanticRelevancyScore"]))
