"""Cards: the metadata at the top of a README, the tags it stands for, and `validate-yaml`."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.hub.gitobjects import Files
from tests.servers.hub.routing import Router
from tests.servers.hub.store import Store

FRONT = re.compile(r"\A\s*---[ \t]*\r?\n(.*?\r?\n)?---[ \t]*(\r?\n|\Z)", re.DOTALL)
ARXIV = re.compile(r"(?:arxiv\.org/(?:abs|pdf)/|arxiv:)(\d{4}\.\d{4,5})", re.IGNORECASE)
LICENCES = frozenset(Path(__file__).with_name("licences.txt").read_text().split())
LISTS_OF_TEXT = ("datasets", "tags", "metrics", "task_categories", "size_categories", "annotations_creators")

router = Router()


def front_matter(text: str) -> str | None:
    """The YAML at the top, or None."""
    found = FRONT.match(text)
    return (found.group(1) or "") if found else None


def metadata(text: str) -> dict[str, Any] | None:
    """The metadata of a README; None when there is none or it is broken."""
    source = front_matter(text)
    if source is None:
        return None
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError:
        return None
    return jsonable(data) if isinstance(data, dict) else None


def jsonable(value: Any) -> Any:
    """YAML knows dates, JSON does not."""
    if isinstance(value, dict):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def of_files(store: Store, files: Files) -> dict[str, Any] | None:
    """The metadata of the README among a commit's files."""
    entry = files.get("README.md")
    if entry is None or entry["large"]:
        return None
    return metadata(store.blob("git", entry["oid"]).read_text(encoding="utf-8", errors="replace"))


def tags(store: Store, kind: str, files: Files, data: dict[str, Any] | None) -> list[str]:
    """The tags the Hub shows: those written down, and those that follow from metadata and files."""
    data = data or {}
    found: list[str] = []
    suffixes = {path.rsplit(".", 1)[-1] for path in files}
    if kind == "model":
        found += [
            name for name in (data.get("library_name"), "safetensors" if "safetensors" in suffixes else None) if name
        ]
        found += [data["pipeline_tag"]] if data.get("pipeline_tag") else []
        found += ["model-index"] if data.get("model-index") else []
        found += [f"base_model:{name}" for name in listed(data.get("base_model"))]
        found += [f"dataset:{name}" for name in listed(data.get("datasets"))]
        found += listed(data.get("language"))
    elif kind == "dataset":
        for key in ("task_categories", "task_ids", "language", "size_categories", "annotations_creators"):
            found += [f"{key}:{value}" for value in listed(data.get(key))]
    elif data.get("sdk"):
        found.append(str(data["sdk"]))
    found += listed(data.get("tags"))
    entry = files.get("README.md")
    if entry and not entry["large"]:
        readme = store.blob("git", entry["oid"]).read_text(encoding="utf-8", errors="replace")
        found += [f"arxiv:{number}" for number in ARXIV.findall(readme)]
    found += [f"license:{name}" for name in listed(data.get("license"))]
    found.append("region:us")
    return list(dict.fromkeys(str(tag) for tag in found))


def listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def problems(text: str, kind: str) -> tuple[list[str], list[str]]:
    """What is wrong with a card: (warnings, errors)."""
    source = front_matter(text)
    if source is None or not source.strip():
        return ["empty or missing yaml metadata in repo card"], []
    try:
        data = yaml.safe_load(source)
    except yaml.YAMLError as error:
        return [], [str(error)]
    if data is None:
        return ["empty or missing yaml metadata in repo card"], []
    if not isinstance(data, dict):
        return [], ['"value" must be of type object']
    errors: list[str] = []
    for name in listed(data.get("license")):
        if name not in LICENCES:
            errors.append(f'"license" must be one of [{", ".join(sorted(LICENCES))}], or an array; it is "{name}"')
    for key in LISTS_OF_TEXT:
        if key in data and not (data[key] is None or isinstance(data[key], str)) and not isinstance(data[key], list):
            errors.append(f'"{key}" must be an array')
        elif isinstance(data.get(key), list) and not all(isinstance(item, str) for item in data[key]):
            errors.append(f'"{key}[0]" must be a string')
    errors += _model_index(data.get("model-index")) if kind == "model" else []
    if kind == "model" and "pipeline_tag" in data and not isinstance(data["pipeline_tag"], str):
        errors.append('"pipeline_tag" must be a string')
    errors += _space(data) if kind == "space" else []
    return [], errors


def _model_index(index: Any) -> list[str]:
    if index is None:
        return []
    if not isinstance(index, list):
        return ['"model-index" must be an array']
    errors = []
    for i, model in enumerate(index):
        where = f"model-index[{i}]"
        if not isinstance(model, dict) or not isinstance(model.get("name"), str):
            errors.append(f'"{where}.name" is required')
            continue
        for j, result in enumerate(model.get("results") or []):
            here = f"{where}.results[{j}]"
            if not isinstance(result.get("task"), dict) or "type" not in result["task"]:
                errors.append(f'"{here}.task.type" is required')
            data = result.get("dataset")
            for key in ("name", "type"):
                if not isinstance(data, dict) or not isinstance(data.get(key), str):
                    errors.append(f'"{here}.dataset.{key}" is required')
            for k, metric in enumerate(result.get("metrics") or []):
                for key in ("type", "value"):
                    if key not in metric:
                        errors.append(f'"{here}.metrics[{k}].{key}" is required')
    return errors


def _space(data: dict[str, Any]) -> list[str]:
    errors = []
    if data.get("sdk") not in (None, "gradio", "docker", "static", "streamlit"):
        errors.append('"sdk" must be one of [gradio, docker, static, streamlit]')
    colours = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
    for key in ("colorFrom", "colorTo"):
        if key in data and data[key] not in colours:
            errors.append(f'"{key}" must be one of [{", ".join(colours)}]')
    if len(str(data.get("short_description", ""))) > 60:
        errors.append('"short_description" length must be less than or equal to 60 characters long')
    return errors


@router.post("/api/validate-yaml")
async def validate_yaml(hub: Any, request: Request, caller: Any) -> Response:
    body = await request.json()
    warnings, errors = problems(str(body.get("content", "")), str(body.get("repoType", "model")))
    told = {"warnings": [{"message": text} for text in warnings], "errors": [{"message": text} for text in errors]}
    return JSONResponse(told, status_code=400 if errors else 200)
