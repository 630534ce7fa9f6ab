"""Runs a module of the tests as an ordinary user, also where the tests themselves run as root."""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
STRANGERS = itertools.count()
"""How many users this process has been so far; see `_as_a_stranger`."""


@functools.lru_cache(maxsize=1)
def _interpreter() -> tuple[str, dict[str, str]]:
    """An interpreter that user NOBODY can run, and the environment it needs. Skips the test when there is none."""
    packages = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]),
    }
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            check = subprocess.run(
                [candidate, "-c", "import intern.settings, yaml"],
                env=environment,
                cwd="/",
                capture_output=True,
                timeout=60,
                **_as_a_stranger(),
            )
        except OSError:
            continue
        if check.returncode == 0:
            return candidate, environment
    pytest.skip("no interpreter that an unprivileged user can run (the tests run as root here)")


@functools.lru_cache(maxsize=1)
def _users() -> int:
    """How many user ids can be taken here: a container may have few."""
    try:
        return sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text().splitlines())
    except OSError:
        return 0


def _as_a_stranger() -> dict[str, Any]:
    """A user whom nothing else here belongs to, since some probes signal all that is theirs; nobody else where that fails."""
    if os.getuid() != 0:
        return {}
    number = 20_000 + (os.getpid() * 64 + next(STRANGERS)) % 40_000
    user = number if _users() > 60_000 else NOBODY
    return {"user": user, "group": user, "extra_groups": []}


def run(module: str, *arguments: str, seconds: float = 300, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m module arguments` as an unprivileged user.

    It is told (SCRATCH_USER) whether nothing of a person's belongs to that user, so that all of it may be signalled.
    """
    interpreter, environment = _interpreter()
    who = _as_a_stranger()
    variables |= {"SCRATCH_USER": "1"} if who else {}
    return subprocess.run(
        [interpreter, "-m", module, *arguments],
        env=environment | variables,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=seconds,
        **who,
    )
