"""The Jobs API: run, inspect, list, cancel, rerun, labels, logs and metrics as events, hardware and prices."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.servers.hub import identity, volumes
from tests.servers.hub.errors import HubError, bad_request
from tests.servers.hub.hardware import FLAVORS
from tests.servers.hub.identity import Identity
from tests.servers.hub.routing import Router
from tests.servers.hub.runner import Job
from tests.servers.hub.tree import next_link, page_of

DEFAULT_TIMEOUT = 30 * 60
LABEL = re.compile(r"[A-Za-z0-9_-]{1,100}$")
NAME = re.compile(r"[A-Za-z0-9._-]{0,100}$")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
RESERVED = ("JOB_ID", "ACCELERATOR", "CPU_CORES", "MEMORY")
SSE = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

router = Router()


# -- what is asked for ---------------------------------------------------------------------------------------


def _texts(body: dict[str, Any], key: str) -> dict[str, str]:
    """Variables or secrets: names to texts. Numbers are written out, as the Hub does."""
    given = body.get(key) or {}
    if not isinstance(given, dict) or not all(VARIABLE.match(str(name)) for name in given):
        raise bad_request(f'"{key}" must be an object of variable names and values')
    if any(value is None or isinstance(value, dict | list) for value in given.values()):
        raise bad_request(f'"{key}" must hold strings')
    if taken := [name for name in given if name in RESERVED]:
        raise bad_request(f'"{key}" may not set {taken[0]}')
    return {str(name): str(value) for name, value in given.items()}


def checked_labels(given: Any) -> dict[str, str]:
    if not isinstance(given or {}, dict):
        raise bad_request('"labels" must be an object')
    for key, value in (given or {}).items():
        pattern = NAME if key == "name" else LABEL
        if not LABEL.match(str(key)) or not (pattern.match(str(value)) or value == ""):
            raise bad_request(f'Invalid label {key}={value}: up to 100 letters, digits, "-" and "_"')
    return {str(key): str(value) for key, value in (given or {}).items()}


def checked_spec(hub: Any, caller: Identity, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    """A job's wire form from a request, with `timeoutSeconds` and `attempts`. Raises 400, 403 or 404."""
    image, space = body.get("dockerImage"), body.get("spaceId")
    if bool(image) == bool(space):
        raise bad_request('Exactly one of "dockerImage" and "spaceId" is required')
    command, arguments = body.get("command") or [], body.get("arguments") or []
    if (
        not isinstance(command, list)
        or not command
        or not all(isinstance(part, str) for part in [*command, *arguments])
    ):
        raise bad_request('"command" must be a non-empty array of strings')
    flavor = body.get("flavor")
    if flavor not in FLAVORS:
        raise bad_request(f'"flavor" must be one of [{", ".join(FLAVORS)}]')
    for key in ("expose", "ssh", "network"):
        if body.get(key):
            raise bad_request(f'"{key}" is not served by this test server')
    timeout, attempts = body.get("timeoutSeconds", DEFAULT_TIMEOUT), body.get("attempts", 1)
    if not isinstance(timeout, int) or timeout <= 0:
        raise bad_request('"timeoutSeconds" must be a positive number')
    if not isinstance(attempts, int) or not 1 <= attempts <= 10:
        raise bad_request('"attempts" must be between 1 and 10')
    volumes.check(hub, caller, body.get("volumes") or [])
    return {
        "owner": identity.owner(hub.store, namespace), "dockerImage": image, "spaceId": space, "command": command,
        "arguments": arguments, "environment": _texts(body, "environment"), "flavor": flavor,
        "labels": checked_labels(body.get("labels")), "volumes": body.get("volumes"), "retry": attempts - 1,
        "timeout": timeout, "arch": "amd64", "secrets": _texts(body, "secrets"),
    }  # fmt: skip


def start(hub: Any, namespace: str, spec: dict[str, Any], initiator: dict[str, Any]) -> Job:
    """Run a checked spec. Raises 402 without credit."""
    if identity.account(hub.store, namespace)["credit"] <= 0:
        raise HubError(402, "Pre-paid credit balance is insufficient - add more credits to your account to use Jobs.")
    secrets = spec["secrets"]
    body = spec | {"secrets": sorted(secrets), "initiator": initiator}
    return hub.runner.submit(body, spec["timeout"], spec["retry"] + 1, secrets, spec["environment"])


# -- what is told --------------------------------------------------------------------------------------------


def _time(text: str | None) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else time.time()


def told(job: Job) -> dict[str, Any]:
    """The wire form: names of secrets only."""
    body = dict(job.body)
    started = _time(body["startedAt"]) if body["startedAt"] else None
    end = _time(body["finishedAt"])
    body["durations"] = {
        "schedulingSecs": int(started - _time(body["createdAt"])) if started else None,
        "runningSecs": int(end - started) if started else None,
        "totalSecs": int(end - _time(body["createdAt"])),
    }
    body["secrets"] = dict.fromkeys(body["secrets"], "")
    body |= {"type": "job", "timeoutSeconds": body["timeout"], "attempts": body["retry"] + 1}
    return {key: value for key, value in body.items() if value is not None or key in ("startedAt", "finishedAt")}


def _job(hub: Any, caller: Identity, namespace: str, id: str, permission: str = "job.read") -> Job:
    allowed(hub, caller, namespace, permission)
    job = hub.runner.jobs.get(id)
    if job is None or job.body["owner"]["name"] != namespace:
        raise HubError(404, "Job not found")
    return job


def allowed(hub: Any, caller: Identity, namespace: str, permission: str) -> None:
    verb = "manage" if permission.endswith(".write") else "see"
    identity.demand(
        hub.store,
        caller,
        permission,
        namespace,
        f'You don\'t have the rights to {verb} jobs under the namespace "{namespace}"',
    )


# -- routes --------------------------------------------------------------------------------------------------


@router.get("/api/jobs/hardware")
async def hardware(hub: Any, request: Request, caller: Identity) -> Response:
    return JSONResponse([flavor.told() for flavor in FLAVORS.values()])


@router.post("/api/jobs/{namespace}")
async def run(hub: Any, request: Request, caller: Identity, namespace: str) -> Response:
    body = await request.json()
    allowed(hub, caller, namespace, "job.write")
    spec = checked_spec(hub, caller, namespace, body)
    user = identity.owner(hub.store, str(caller.user))
    return JSONResponse(told(start(hub, namespace, spec, {"type": "user", "id": user["id"], "name": user["name"]})))


@router.get("/api/jobs/{namespace}")
async def list_jobs(hub: Any, request: Request, caller: Identity, namespace: str) -> Response:
    allowed(hub, caller, namespace, "job.read")
    query = request.query_params
    stages = query.getlist("stage")
    labels = [text.partition("=")[::2] for text in query.getlist("label")]
    found = [
        job for job in reversed(hub.runner.jobs.values())
        if job.body["owner"]["name"] == namespace and (not stages or job.stage in stages)
        and all(job.body["labels"].get(key) == value for key, value in labels)
    ]  # fmt: skip
    start_at, limit = page_of(request, 100)
    headers = next_link(hub, request, start_at + limit) if start_at + limit < len(found) else {}
    return JSONResponse([told(job) for job in found[start_at : start_at + limit]], headers=headers)


@router.get("/api/jobs/{namespace}/{job}")
async def inspect(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    return JSONResponse(told(_job(hub, caller, namespace, job)))


@router.post("/api/jobs/{namespace}/{job}/cancel")
async def cancel(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    found = _job(hub, caller, namespace, job, "job.write")
    await hub.runner.stop(found, "CANCELED")
    if found.task is not None:
        await asyncio.wait([found.task], timeout=10)
    return JSONResponse(told(found))


@router.post("/api/jobs/{namespace}/{job}/duplicate")
async def rerun(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    found = _job(hub, caller, namespace, job, "job.write")
    keys = (
        "owner",
        "dockerImage",
        "spaceId",
        "command",
        "arguments",
        "flavor",
        "labels",
        "volumes",
        "retry",
        "timeout",
        "arch",
    )
    spec = {key: found.body.get(key) for key in keys} | {"secrets": found.secrets, "environment": found.environment}
    volumes.check(hub, caller, spec["volumes"] or [])
    return JSONResponse(told(start(hub, namespace, spec, {"type": "duplicated-job", "id": found.body["id"]})))


@router.put("/api/jobs/{namespace}/{job}/labels")
async def set_labels(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    body = await request.json()
    found = _job(hub, caller, namespace, job, "job.write")
    found.body["labels"] = checked_labels(body.get("labels"))
    hub.runner._save(found)
    return JSONResponse(told(found))


@router.get("/api/jobs/{namespace}/{job}/logs")
async def logs(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    """Every connection gets the whole log in the same order, or its last `tail` lines, and then what comes."""
    found = _job(hub, caller, namespace, job)
    tail = request.query_params.get("tail")
    skip = max(0, len(found.lines) - int(tail)) if tail and tail.isdigit() else 0

    async def events() -> AsyncIterator[str]:
        number = 0
        async for line in hub.runner.follow(found):
            if line is None:
                yield ": keep-alive\n\n"
                continue
            number += 1
            if number > skip:
                yield f"data: {json.dumps({'data': line[1], 'timestamp': line[0]})}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers=SSE)


@router.get("/api/jobs/{namespace}/{job}/metrics")
async def metrics(hub: Any, request: Request, caller: Identity, namespace: str, job: str) -> Response:
    found = _job(hub, caller, namespace, job)
    if found.ended:
        raise HubError(406, "The job has ended")

    async def events() -> AsyncIterator[str]:
        before, at = hub.runner.usage(found)["cpu_seconds"], time.monotonic()
        while not found.ended:
            await asyncio.sleep(1)
            usage = hub.runner.usage(found)
            used = usage.pop("cpu_seconds")
            elapsed = time.monotonic() - at
            share = max(0.0, used - before) / elapsed / (usage["cpu_millicores"] / 1000)
            before, at = used, time.monotonic()
            yield f"event: metric\ndata: {json.dumps({'cpu_usage_pct': round(100 * share), **usage})}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers=SSE)
