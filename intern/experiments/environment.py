"""What a repetition needs to know of the machine that measured: Python, every package, processor, memory."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from importlib.metadata import distributions
from pathlib import Path

import psutil

LOCKED = (
    "torch", "transformers", "tokenizers", "datasets", "peft", "accelerate", "sacrebleu", "scikit-learn", "lightgbm", "numpy",
    "scipy", "pandas", "num2words",
)  # fmt: skip
"""Packages that a result may depend on; they are shown one by one, all others by the lock's digest."""


def environment() -> dict[str, str]:
    """Versions and hardware; `lock` is the sha256 of `lock_file()`."""
    installed = _installed()
    found = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
        "memory_gb": f"{psutil.virtual_memory().total / 2**30:.1f}",
        "lock": hashlib.sha256(lock_file().encode()).hexdigest(),
    }
    return found | {name: installed[name] for name in LOCKED if name in installed}


def of_another(told: dict[str, str]) -> dict[str, str]:
    """The same of another machine, from what it told: `python`, `machine`, `accelerator`, and all package versions."""
    packages = {name.lower().replace("_", "-"): version for name, version in told.items()}
    about: dict[str, str] = {}
    for name in ("python", "machine", "accelerator"):
        if name in packages:
            about[name] = packages.pop(name)
    lines = "".join(f"{name}=={version}\n" for name, version in sorted(packages.items()))
    about["lock"] = hashlib.sha256(lines.encode()).hexdigest()
    return about | {name: packages[name] for name in LOCKED if name in packages}


def lock_file() -> str:
    """Every installed package as `name==version`, one a line, as pip reads it."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(_installed().items()))


@functools.cache
def _installed() -> dict[str, str]:
    return {str(d.metadata["Name"]).lower().replace("_", "-"): d.version for d in distributions() if d.metadata["Name"]}


@functools.cache
def _processor() -> str:
    """Its name, where the system tells."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
