"""What works on this installation and what is missing, without changing anything and without spending anything."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import psutil
from pydantic import BaseModel

from intern import __version__
from intern.account import LOCAL_USER, AccountError, Accounts, on_space, space_owner
from intern.network import is_online
from intern.sandbox.detect import detect
from intern.settings import McpServer, Settings

PACKAGES = (
    "gradio", "smolagents", "huggingface_hub", "transformers", "peft", "datasets", "torch", "pymupdf", "sacrebleu",
    "scikit-learn",
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
    findings += [_home(settings), *(_space(settings) if on_space() else [_identity(settings, online)])]
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
    from intern.agent.models import UnknownModelError, check_model

    owner = space_owner() or LOCAL_USER
    try:
        check_model(settings.model, settings, Accounts(settings).brain_token(owner))
    except UnknownModelError as error:
        return Finding(name="brain", state="missing", detail=str(error))
    where = settings.llm_base_url or "Inference Providers"
    return Finding(name="brain", state="ok", detail=f"{settings.model} at {where}")


def _compute(settings: Settings, online: bool) -> Finding:
    from intern.compute.local import accelerator, usable_threads
    from intern.compute.zerogpu import unavailable

    threads = usable_threads()
    words = "1 CPU thread" if threads == 1 else f"{threads} CPU threads"
    found = [f"local: {words}{f', {gpu}' if (gpu := accelerator()) else ', no GPU'}"]
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
    if state_is_lost(settings):
        detail = (
            f"{settings.home} is lost when the Space restarts: attach a storage bucket in the Space's settings and set "
            "the variable INTERN_HOME to a folder in it, for example /data/intern"
        )
        return Finding(name="state", state="limited", detail=detail)
    return Finding(name="state", state="ok", detail=str(settings.home))


LOST = ("overlay", "tmpfs", "ramfs", "aufs")
"""File systems that a container has for itself."""


def state_is_lost(settings: Settings) -> bool:
    """Whether this is a Space whose state lies on the disk of its container, which a restart makes anew."""
    if not on_space():
        return False
    home = settings.home.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if home.is_relative_to(part.mountpoint)]
    nearest = max(mounts, key=lambda part: len(part.mountpoint), default=None)
    return nearest is None or nearest.mountpoint == "/" or nearest.fstype in LOST


def _space(settings: Settings) -> list[Finding]:
    """What the owner of a Space decides with its settings."""
    owner = space_owner() or "unknown"
    found = []
    if os.environ.get("OAUTH_CLIENT_ID"):
        scopes = os.environ.get("OAUTH_SCOPES", "")
        found.append(Finding(name="sign-in", state="ok", detail=f"visitors sign in with: {scopes}"))
    else:
        detail = "off: put `hf_oauth: true` and `hf_oauth_scopes` into the head of README.md, as in the original"
        found.append(Finding(name="sign-in", state="limited", detail=detail))
    app = settings.app
    nobody = f"visitors without sign-in may train {app.anonymous_minutes:g} minutes a run with the planner"
    detail = nobody if app.anonymous else "only who signs in may start runs (INTERN_ANONYMOUS)"
    people = f"; {app.runs_per_person} runs at a time and {app.visitor_minutes:g} minutes for who signs in"
    found.append(Finding(name="visitors", state="ok", detail=f"{detail}{people}; set INTERN_ANONYMOUS=off or on"))
    key = os.environ.get("INTERN_LLM_API_KEY") if settings.llm_base_url else os.environ.get("HF_TOKEN")
    if not key:
        detail = "no secret: everybody's models and rented machines are paid by their own sign-in"
    elif app.share_brain:
        detail = "the secret pays the models of EVERYBODY who comes (INTERN_SHARE_BRAIN)"
    else:
        detail = f"the secret pays the models of {owner} only, and only when signed in"
    found.append(Finding(name="who pays", state="limited" if key and app.share_brain else "ok", detail=detail))
    return found
