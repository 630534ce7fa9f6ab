"""Runs a module of the tests as an ordinary user, also where the tests themselves run as root."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


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
                **_as_nobody(),
            )
        except OSError:
            continue
        if check.returncode == 0:
            return candidate, environment
    pytest.skip("no interpreter that an unprivileged user can run (the tests run as root here)")


def _as_nobody() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def run(module: str, *arguments: str, seconds: float = 300, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m module arguments` as an unprivileged user."""
    interpreter, environment = _interpreter()
    return subprocess.run(
        [interpreter, "-m", module, *arguments],
        env=environment | variables,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=seconds,
        **_as_nobody(),
    )
