"""How well this machine can separate sandboxed code from everything else, found out by trying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from intern.sandbox import linux
from intern.sandbox.pool import SandboxUnavailable, findings, refusal, weak_allowed
from intern.sandbox.probe import Findings
from intern.settings import SandboxLimits

Level = Literal["strong", "weak", "none"]


@dataclass(frozen=True)
class Isolation:
    """`level`: strong (several users), weak (one user, on an own machine, after consent), none (no code runs)."""

    level: Level
    line: str
    """One sentence or two for the app, `doctor` and `/health`."""
    missing: tuple[str, ...] = ()
    """What was possible that must not be, when the level is below strong."""
    allowed: bool = True
    """May code run here now (strong, or weak with consent)?"""


def detect(limits: SandboxLimits | None = None) -> Isolation:
    """The isolation that this machine really gives; tried once per process (the first call takes some tenths of a
    second)."""
    try:
        found = findings()
    except SandboxUnavailable as error:
        return Isolation("none", f"Isolation: none. {error}", (str(error),), allowed=False)
    if found.level == "strong":
        return Isolation("strong", f"Isolation: strong ({layer_names(found)}). {limit_names(limits)}")
    if weak_allowed():
        warning = f"Isolation: weak{_lack()}. Code that the intern writes can read your files and use your network."
        return Isolation("weak", warning, found.failed)
    return Isolation("weak", f"Isolation: weak{_lack()}. {refusal()}", found.failed, allowed=False)


def _lack() -> str:
    """What macOS could have besides; Seatbelt comes with the package nono-py, which is not used yet."""
    return "" if linux.IS_LINUX else " (not Linux; Seatbelt by nono-py is not used)"


def layer_names(found: Findings) -> str:
    layers = found.layers
    names = [f"Landlock {layers.landlock}"] if layers.landlock else []
    names += ["seccomp"] if layers.seccomp else []
    names += ["namespaces"] if layers.namespaces else []
    return ", ".join(names) + ("" if layers.namespaces else "; no namespaces")


def limit_names(limits: SandboxLimits | None) -> str:
    limits = limits or SandboxLimits()
    network = f"to {', '.join(limits.allowed_hosts)} only" if limits.allowed_hosts else "off"
    return (
        f"Network: {network}. Limits: {limits.memory_mb / 1024:g} GB, {limits.procs} processes, "
        f"{limits.disk_mb / 1024:g} GB disk."
    )
