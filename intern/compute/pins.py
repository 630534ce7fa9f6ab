"""Exact versions for a program's requirements (its PEP 723 header): those that its smoke run used on this machine."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from intern.compute.base import ComputeError

HEADER = re.compile(r"(?m)^# /// script$\s(?P<content>(?:^#(?:| .*)$\s)+)^# ///$")


def header_requirements(program: str) -> list[str]:
    """The `dependencies` of a program's header, as written. Raises ComputeError for a header that cannot be read."""
    match = HEADER.search(program)
    if match is None:
        raise ComputeError("The program has no script header (PEP 723), so what it needs is not known.")
    lines = [line.removeprefix("#").removeprefix(" ") for line in match["content"].splitlines()]
    try:
        wanted = tomllib.loads("\n".join(lines)).get("dependencies", [])
        return [str(Requirement(text)) for text in wanted]
    except (tomllib.TOMLDecodeError, InvalidRequirement, TypeError) as error:
        raise ComputeError(f"The program's script header cannot be read: {error}") from error


def pinned(program: str) -> list[str]:
    """The requirements with the versions of this machine; one that is not here (or another version) stays as written."""
    return [_pin(Requirement(text)) for text in header_requirements(program)]


def _pin(wanted: Requirement) -> str:
    try:
        here = Version(version(wanted.name)).public  # without "+cpu" and the like: another machine takes its own build
    except PackageNotFoundError:
        return str(wanted)
    if not wanted.specifier.contains(here, prereleases=True):
        return str(wanted)
    extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
    return f"{wanted.name}{extras}=={here}"
