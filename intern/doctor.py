"""What works on this installation and what is missing, without changing anything and without spending anything."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from pydantic import BaseModel

from intern import __version__
from intern.account import LOCAL_USER, AccountError, Accounts
from intern.network import is_online
from intern.sandbox.detect import detect
from intern.settings import McpServer, Settings

PACKAGES = (
    "gradio", "smolagents", "huggingface_hub", "transformers", "datasets", "torch", "pymupdf", "sacrebleu", "scikit-learn",
)  # fmt: skip
State = Literal["ok", "limited", "missing"]


class Finding(BaseModel):
    """One line: what was looked at, how it stands, and what to do about it."""

    name: str
    state: State
    detail: str


class DoctorReport(BaseModel):
    intern: str
    python: str
    packages: dict[str, str | None]
    findings: list[Finding]


def examine(settings: Settings) -> DoctorReport:
    """Look at packages, brain, compute, sandbox, network, Hub identity and state folder."""
    packages: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    online = is_online(settings)
    findings = [
        _packages(packages),
        _brain(settings),
        _compute(settings, online),
        _sandbox(settings),
        _network(settings, online),
    ]
    findings += [_identity(settings, online), _home(settings)]
    findings += [_server(name, server) for name, server in settings.mcp.items()]
    return DoctorReport(intern=__version__, python=platform.python_version(), packages=packages, findings=findings)


def _packages(packages: dict[str, str | None]) -> Finding:
    missing = [name for name, found in packages.items() if found is None]
    if missing:
        detail = f"missing: {', '.join(missing)}: pip install -r requirements.txt"
        return Finding(name="packages", state="missing", detail=detail)
    return Finding(name="packages", state="ok", detail="all there")


def _brain(settings: Settings) -> Finding:
    if settings.model == "planner":
        detail = "the built-in planner, not an LLM; INTERN_MODEL chooses one"
        return Finding(name="brain", state="ok", detail=detail)
    from intern.agent.models import UnknownModelError, brain_token, check_model

    try:
        check_model(settings.model, settings, brain_token(settings))
    except UnknownModelError as error:
        return Finding(name="brain", state="missing", detail=str(error))
    where = settings.llm_base_url or "Inference Providers"
    return Finding(name="brain", state="ok", detail=f"{settings.model} at {where}")


def _compute(settings: Settings, online: bool) -> Finding:
    from intern.compute.local import accelerator, usable_threads
    from intern.compute.zerogpu import unavailable

    found = [f"local: {usable_threads()} CPU threads{f', {gpu}' if (gpu := accelerator()) else ', no GPU'}"]
    found.append("ZeroGPU: here" if unavailable() is None else "ZeroGPU: only on a Space that has it")
    try:
        account = Accounts(settings).account(LOCAL_USER, "jobs")
        found.append(f"HF Jobs: as {account.name}, each job is priced and asked about first")
    except AccountError as error:
        found.append(f"HF Jobs: no ({error})" if online else "HF Jobs: no (no network)")
        return Finding(name="compute", state="limited", detail="; ".join(found))
    return Finding(name="compute", state="ok", detail="; ".join(found))


def _sandbox(settings: Settings) -> Finding:
    isolation = detect(settings.sandbox)
    states: dict[str, State] = {"strong": "ok", "weak": "limited", "none": "missing"}
    return Finding(name="sandbox", state=states[isolation.level], detail=isolation.line)


def _network(settings: Settings, online: bool) -> Finding:
    if settings.offline:
        return Finding(name="network", state="limited", detail="off, as set (INTERN_OFFLINE)")
    if not online:
        return Finding(name="network", state="limited", detail="not reachable: cards, local files, generated data only")
    return Finding(name="network", state="ok", detail=f"{settings.network.hub} answers")


def _identity(settings: Settings, online: bool) -> Finding:
    accounts = Accounts(settings)
    if not accounts.has_token(LOCAL_USER):
        return Finding(
            name="hub identity", state="limited", detail="no HF_TOKEN and no `hf auth login`: results go to a folder"
        )
    if not online:
        detail = "there is a token; without network it is not checked"
        return Finding(name="hub identity", state="limited", detail=detail)
    try:
        account = accounts.account(LOCAL_USER)
    except AccountError as error:
        return Finding(name="hub identity", state="missing", detail=str(error))
    may = "only read" if account.role == "read" else "publish and rent, as far as its permissions go"
    return Finding(
        name="hub identity", state="ok", detail=f"{account.name} ({account.role or 'unknown role'}): may {may}"
    )


def _server(name: str, server: McpServer) -> Finding:
    """An MCP server of the settings; it is not started for this."""
    named = f"MCP server {name}"
    try:
        server.filled({**server.env, **server.headers})
    except LookupError as error:
        return Finding(name=named, state="limited", detail=f"cannot be used: {error.args[0]}")
    if server.command is not None and shutil.which(server.command) is None:
        return Finding(name=named, state="limited", detail=f"cannot be used: there is no program {server.command}")
    return Finding(name=named, state="ok", detail=f"{server.url or server.command}; started when an LLM brain works")


def _home(settings: Settings) -> Finding:
    from intern.settings import SettingsError

    try:
        settings.prepare_home()
    except SettingsError as error:
        return Finding(name="state", state="missing", detail=str(error))
    return Finding(name="state", state="ok", detail=str(settings.home))
