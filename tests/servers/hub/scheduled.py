"""Scheduled jobs: kept, listed, suspended, run by hand. The clock starts none by itself: a test says `run`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import jobs
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.store import new_id, now

EVERY = {"@hourly": 1, "@daily": 24, "@weekly": 168, "@monthly": 720, "@yearly": 8760, "@annually": 8760}
CRON = re.compile(r"(\S+\s+){4}\S+$")

router = Router()


def _checked_schedule(schedule: Any) -> str:
    if schedule not in EVERY and not CRON.match(str(schedule)):
        raise bad_request(f"Invalid schedule: {schedule}")
    return str(schedule)


def _next(body: dict[str, Any]) -> str | None:
    """When it would run next; for CRON expressions not worked out."""
    if body["suspend"] or body["schedule"] not in EVERY:
        return None
    return (datetime.now(UTC) + timedelta(hours=EVERY[body["schedule"]])).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _told(body: dict[str, Any]) -> Response:
    return JSONResponse(_shape(body))


def _shape(body: dict[str, Any]) -> dict[str, Any]:
    spec = body["jobSpec"] | {"secrets": dict.fromkeys(body["jobSpec"]["secrets"], "")}
    told = {key: body[key] for key in ("id", "createdAt", "schedule", "suspend", "concurrency")}
    return told | {
        "owner": spec["owner"],
        "jobSpec": spec,
        "status": {"lastJob": body.get("lastJob"), "nextJobRunAt": _next(body)},
    }


def _load(hub: Any, caller: Identity, namespace: str, id: str, permission: str = "job.write") -> dict[str, Any]:
    jobs.allowed(hub, caller, namespace, permission)
    body = hub.store.document("scheduled-job", id)
    if body is None or body["jobSpec"]["owner"]["name"] != namespace:
        raise HubError(404, "Scheduled job not found")
    return body


def _save(hub: Any, body: dict[str, Any]) -> Response:
    hub.store.put_document("scheduled-job", body["id"], body["jobSpec"]["owner"]["name"], body)
    return _told(body)


@router.post("/api/scheduled-jobs/{namespace}")
async def create(hub: Any, request: Request, caller: Identity, namespace: str) -> Response:
    body = await request.json()
    jobs.allowed(hub, caller, namespace, "job.write")
    spec = jobs.checked_spec(hub, caller, namespace, body.get("jobSpec") or {})
    return _save(hub, {
        "id": new_id(), "createdAt": now(), "jobSpec": spec, "schedule": _checked_schedule(body.get("schedule")),
        "suspend": bool(body.get("suspend")), "concurrency": bool(body.get("concurrency")),
    })  # fmt: skip


@router.get("/api/scheduled-jobs/{namespace}")
async def list_scheduled(hub: Any, request: Request, caller: Identity, namespace: str) -> Response:
    jobs.allowed(hub, caller, namespace, "job.read")
    found = hub.store.documents("scheduled-job", namespace)
    for label in request.query_params.getlist("label"):
        key, _, value = label.partition("=")
        found = [body for body in found if body["jobSpec"]["labels"].get(key) == value]
    return JSONResponse([_shape(body) for body in found])


@router.get("/api/scheduled-jobs/{namespace}/{job}")
async def inspect(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    return _told(_load(hub, caller, namespace, job, "job.read"))


@router.delete("/api/scheduled-jobs/{namespace}/{job}")
async def delete(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    _load(hub, caller, namespace, job)
    hub.store.delete_document("scheduled-job", job)
    return Response(status_code=204)


@router.post("/api/scheduled-jobs/{namespace}/{job}/{action}")
async def act(hub: Any, request: Request, caller: Identity, namespace: str, job: str, action: str) -> Response:
    body = _load(hub, caller, namespace, job)
    if action in ("suspend", "resume"):
        return _save(hub, body | {"suspend": action == "suspend"})
    if action != "run":
        raise HubError(404, "Sorry, we can't find the page you are looking for.")
    started = jobs.start(hub, namespace, body["jobSpec"], {"type": "scheduled-job", "id": body["id"]})
    _save(hub, body | {"lastJob": {"id": started.body["id"], "at": now()}})
    return JSONResponse(jobs.told(started))


@router.put("/api/scheduled-jobs/{namespace}/{job}/schedule")
async def reschedule(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    asked = await request.json()
    return _save(hub, _load(hub, caller, namespace, job) | {"schedule": _checked_schedule(asked.get("schedule"))})


@router.put("/api/scheduled-jobs/{namespace}/{job}/labels")
async def set_labels(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    body = _load(hub, caller, namespace, job)
    body["jobSpec"]["labels"] = jobs.checked_labels((await request.json()).get("labels"))
    return _save(hub, body)
