"""Facts on one repository, and lists of them with search and filters."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub import cards, gitobjects, identity, repos
from tests.servers.hub.errors import bad_request
from tests.servers.hub.gitobjects import Files
from tests.servers.hub.identity import Identity
from tests.servers.hub.repos import Repo
from tests.servers.hub.routing import Router
from tests.servers.hub.tree import TRUE, next_link, page_of

ALWAYS = ("_id", "id", "private")
TRENDING = {
    "trendingScore": "likes",
    "trending_score": "likes",
    "created_at": "createdAt",
    "last_modified": "lastModified",
}
NEVER_SET = ("resourceGroup", "evalResults", "xetEnabled", "model-index", "citation", "mainSize", "region")
TASKS = {
    "ForCausalLM": "text-generation", "ForSequenceClassification": "text-classification", "ForMaskedLM": "fill-mask",
    "ForTokenClassification": "token-classification", "ForQuestionAnswering": "question-answering",
    "ForImageClassification": "image-classification", "ForConditionalGeneration": "text2text-generation",
}  # fmt: skip

router = Router()


def described(hub: Any, caller: Identity, repo: Repo, revision: str = "main", blobs: bool = False) -> dict[str, Any]:
    """All that the Hub says of a repository at a revision."""
    commit = repos.resolved(hub.store, repo, revision)
    files = repos.files_at(hub.store, repo, commit)
    card = cards.of_files(hub.store, files)
    likes = hub.store.one("SELECT COUNT(*) AS n FROM likes WHERE repo=?", repo.number)["n"]
    told: dict[str, Any] = {
        "_id": repo.oid, "id": repo.id, "author": repo.namespace, "sha": commit, "lastModified": repo.modified,
        "createdAt": repo.created, "private": repo.private, "gated": repo.gated or False, "disabled": False, "downloads": 0,
        "downloadsAllTime": 0, "likes": likes, "trendingScore": likes, "cardData": card,
        "tags": cards.tags(hub.store, repo.kind, files, card),
        "siblings": [_sibling(path, entry, blobs) for path, entry in sorted(files.items())],
        "usedStorage": sum({e["large"]: e["size"] for e in files.values() if e["large"]}.values()),
    }  # fmt: skip
    if repo.visibility == "protected":
        told["visibility"] = "protected"
    if repo.kind == "model":
        told |= _model(hub, files, card or {}) | {"modelId": repo.id}
    elif repo.kind == "dataset":
        told["description"] = _description(hub, files)
    elif repo.kind == "space":
        from tests.servers.hub import spaces

        slug = repo.id.replace("/", "-").replace("_", "-").replace(".", "-").lower()
        told |= {"sdk": repo.extra.get("sdk"), "subdomain": slug, "host": f"{hub.url}/spaces/{repo.id}/host",
                 "runtime": spaces.runtime(hub, repo), "models": cards.listed((card or {}).get("models")),
                 "datasets": cards.listed((card or {}).get("datasets"))}  # fmt: skip
    if repo.gated and identity.role_in(hub.store, caller, repo.namespace) is None:
        told["cardData"] = card
    return told


def _sibling(path: str, entry: gitobjects.Entry, blobs: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": path}
    if blobs:
        told |= {"blobId": entry["oid"], "size": entry["size"]}
        if entry["large"]:
            size = len(gitobjects.pointer(entry["large"], entry["size"]))
            told["lfs"] = {"sha256": entry["large"], "size": entry["size"], "pointerSize": size}
    return told


def _text(hub: Any, files: Files, path: str) -> str:
    entry = files.get(path)
    return hub.store.blob("git", entry["oid"]).read_text(errors="replace") if entry and not entry["large"] else ""


def _description(hub: Any, files: Files) -> str:
    body = cards.FRONT.sub("", _text(hub, files, "README.md"))
    return re.sub(r"\s+", " ", body).strip()[:500]


def _model(hub: Any, files: Files, card: dict[str, Any]) -> dict[str, Any]:
    import json

    config = {}
    if text := _text(hub, files, "config.json"):
        try:
            config = json.loads(text)
        except json.JSONDecodeError:
            config = {}
    architectures = config.get("architectures") or [] if isinstance(config, dict) else []
    task = next((name for end, name in TASKS.items() for a in architectures if str(a).endswith(end)), None)
    told: dict[str, Any] = {
        "pipeline_tag": card.get("pipeline_tag") or task,
        "library_name": card.get("library_name") or ("transformers" if architectures else None),
        "config": {key: config[key] for key in ("architectures", "model_type") if key in config} if config else {},
        "spaces": [], "inference": None, "mask_token": None, "widgetData": None, "transformersInfo": None,
        "safetensors": None, "gguf": None, "securityRepoStatus": None, "inferenceProviderMapping": {},
        "baseModels": None, "childrenModelCount": None,
    }  # fmt: skip
    if card.get("model-index"):
        told["model-index"] = card["model-index"]
    return told


def _info(hub: Any, request: Request, caller: Identity, kind: str, id: str, revision: str) -> Response:
    repo = repos.readable(hub, caller, kind, id)
    told = described(hub, caller, repo, revision, request.query_params.get("blobs") in TRUE)
    return JSONResponse(_expanded(request, told, {"_id", "id", *(("modelId",) if kind == "models" else ())}, full=True))


def _expanded(request: Request, told: dict[str, Any], few: set[str], full: bool) -> dict[str, Any]:
    """Only what was asked for by `expand`; otherwise everything, or the `few`."""
    wanted = request.query_params.getlist("expand") + request.query_params.getlist("expand[]")
    if wanted:
        unknown = [key for key in wanted if key not in told and key not in NEVER_SET]
        if unknown:
            raise bad_request(f'"expand" must be one of [{", ".join(sorted(told))}]: {unknown[0]}')
        return {key: told[key] for key in told if key in {"_id", "id", *wanted}}
    hidden = {"downloadsAllTime", "trendingScore"}
    return {
        k: v for k, v in told.items() if k not in hidden and (full or k in few) and (v is not None or k == "cardData")
    }


@router.get("/api/{kind}/{id}")
async def info(hub: Any, request: Request, caller: Identity, kind: str, id: str) -> Response:
    return _info(hub, request, caller, kind, id, "main")


@router.get("/api/{kind}/{id}/revision/{rev}")
async def info_at(hub: Any, request: Request, caller: Identity, kind: str, id: str, rev: str) -> Response:
    return _info(hub, request, caller, kind, id, rev)


@router.get("/api/{kind}")
async def list_repos(hub: Any, request: Request, caller: Identity, kind: str) -> Response:
    query = request.query_params
    full = query.get("full") in TRUE
    found = []
    for repo in repos.all_of(hub.store, repos.KINDS[kind]):
        if repos.may_see(hub.store, caller, repo):
            told = described(hub, caller, repo)
            if _fits(query, repo, told):
                found.append(told)
    order = TRENDING.get(query.get("sort", "trendingScore"), query.get("sort", "likes"))
    if found and order not in found[0] and order != "downloads":
        raise bad_request(f'"sort" must be one of [createdAt, downloads, lastModified, likes, trendingScore]: {order}')
    found.sort(key=lambda told: told.get(order) or 0, reverse=query.get("direction", "-1") != "1")
    start, limit = page_of(request, 1000)
    few = {*ALWAYS, "modelId", "likes", "downloads", "tags", "pipeline_tag", "library_name", "createdAt", "trendingScore", "sdk",
           *(("author", "sha", "lastModified", "siblings", "gated", "disabled") if full else ()),
           *(("cardData",) if query.get("cardData") in TRUE or (full and kind != "models") else ()),
           *(("config",) if query.get("config") in TRUE else ()),
           *(("author", "gated", "lastModified", "description") if kind != "models" else ())}  # fmt: skip
    page = [_expanded(request, told, few, full=False) for told in found[start : start + limit]]
    headers = next_link(hub, request, start + limit) if start + limit < len(found) else {}
    return JSONResponse(page, headers=headers)


def _fits(query: Any, repo: Repo, told: dict[str, Any]) -> bool:
    name = repo.id.lower()
    if any(word.lower() not in name for text in query.getlist("search") for word in text.split()):
        return False
    if query.get("author") and repo.namespace.lower() != query["author"].lower():
        return False
    wanted = [value for text in query.getlist("filter") + query.getlist("tags") for value in text.split(",")]
    tags = {str(tag).lower() for tag in told["tags"]} | {str(told.get("pipeline_tag")), str(told.get("library_name"))}
    if any(value.lower() not in tags for value in wanted):
        return False
    if query.get("pipeline_tag") and told.get("pipeline_tag") != query["pipeline_tag"]:
        return False
    if "gated" in query and bool(repo.gated) != (query["gated"] in TRUE):
        return False
    return all(key not in query for key in ("inference", "inference_provider", "num_parameters"))


@router.get("/api/settings/repositories")
async def own_repositories(hub: Any, request: Request, caller: Identity) -> Response:
    return _with_sizes(hub, request, identity.signed_in(caller))


@router.get("/api/organizations/{name}/settings/repositories")
async def repositories_of(hub: Any, request: Request, caller: Identity, name: str) -> Response:
    text = f"You don't have the rights to see the settings of {name}"
    identity.demand(hub.store, caller, "repo.content.read", name, text)
    return _with_sizes(hub, request, name)


def _with_sizes(hub: Any, request: Request, namespace: str) -> Response:
    """All of a namespace's repositories and buckets by the room they take, the largest first."""
    held = "SELECT COALESCE(SUM(l.size), 0) AS n FROM large_in i JOIN large l ON l.sha256=i.sha256 WHERE i.repo=?"
    in_bucket = "SELECT COALESCE(SUM(size), 0) AS n FROM bucket_files WHERE repo=?"
    told = []
    for kind in ("model", "dataset", "space", "kernel", "bucket"):
        for repo in repos.all_of(hub.store, kind):
            if repo.namespace == namespace:
                size = hub.store.one(in_bucket if kind == "bucket" else held, repo.number)["n"]
                told.append(
                    {
                        "id": repo.id,
                        "type": kind,
                        "storage": size,
                        "updatedAt": repo.modified,
                        "visibility": repo.visibility,
                    }
                )
    told.sort(key=lambda item: -item["storage"])
    whole = sum(item["storage"] for item in told) or 1
    told = [item | {"storagePercent": round(100 * item["storage"] / whole, 2)} for item in told]
    start, limit = page_of(request, 100)
    headers = next_link(hub, request, start + limit) if start + limit < len(told) else {}
    return JSONResponse(told[start : start + limit], headers=headers)
