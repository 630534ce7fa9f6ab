"""What HF Jobs rents out and at which price: asked of the Hub, else as listed in configs/hardware.yaml (and said so)."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict

from intern.account import HUB_ERRORS, Account
from intern.compute.base import ComputeError
from intern.settings import CONFIGS

if TYPE_CHECKING:
    from huggingface_hub import JobHardwareInfo

HOURS = {"minute": 60.0, "hour": 1.0, "second": 3600.0}
MINUTES_ARE_LONG = 30.0
"""Estimated minutes of one seed on this machine's processor from which on a GPU is chosen."""
SYSTEM_GB = 1.0
START_SECONDS = 600
"""For fetching the image and installing the packages, paid like all time of a job."""
TIME_MARGIN = 1.5
"""A job may take so many times the training time that was planned."""


class Flavor(BaseModel):
    """One kind of machine. `vram_gb` is of one GPU; `live` tells a price of today from a listed one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    cpus: int
    memory_gb: float
    accelerator: str = ""
    gpus: int = 0
    vram_gb: float = 0.0
    usd_per_hour: float
    live: bool = False

    @property
    def words(self) -> str:
        """One line for people."""
        gpu = f", {self.gpus} × {self.accelerator} ({self.vram_gb:g} GB)" if self.gpus else ""
        return f"{self.name}: {self.cpus} CPUs, {self.memory_gb:g} GB{gpu}, ${self.usd_per_hour:g}/h"


class Hardware(BaseModel):
    """configs/hardware.yaml."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    listed: str
    image: str
    flavors: list[Flavor]


@functools.lru_cache(maxsize=1)
def listed_hardware() -> Hardware:
    """What the file says. Raises pydantic.ValidationError for a file that is wrong."""
    values = yaml.safe_load((CONFIGS / "hardware.yaml").read_text(encoding="utf-8"))
    return Hardware.model_validate({**values, "listed": str(values["listed"])})


def live_flavors(account: Account) -> list[Flavor]:
    """What the Hub offers at this moment; the listed ones where it cannot say. Never empty."""
    try:
        found = [flavor for info in account.api.list_jobs_hardware() if (flavor := _flavor(info)) is not None]
    except (*HUB_ERRORS, KeyError, TypeError, ValueError):
        found = []
    return found or list(listed_hardware().flavors)


def _flavor(info: JobHardwareInfo) -> Flavor | None:
    """None for a line that cannot be read: a machine whose price is not understood is not rented."""
    hours = HOURS.get(info.unit_label)
    cpus, memory = _number(info.cpu), _gigabytes(info.ram)
    if hours is None or cpus is None or memory is None or info.unit_cost_micro_usd is None:
        return None
    gpu = info.accelerator
    gpus = max(1, int(_number(str(gpu.quantity)) or 1)) if gpu else 0
    return Flavor(
        name=info.name,
        cpus=max(1, int(cpus)),
        memory_gb=memory,
        accelerator=gpu.model if gpu else "",
        gpus=gpus,
        vram_gb=(_gigabytes(gpu.vram) or 0.0) / gpus if gpu else 0.0,  # told for all GPUs together
        usd_per_hour=round(info.unit_cost_micro_usd * hours / 1e6, 4),
        live=True,
    )


def _number(text: str) -> float | None:
    match = re.search(r"\d+(?:\.\d+)?", text or "")
    return float(match[0]) if match else None


def _gigabytes(text: str) -> float | None:
    number = _number(text)
    factor = 1024.0 if re.search(r"\bTi?B\b", text or "") else 1 / 1024 if re.search(r"\bMi?B\b", text or "") else 1.0
    return None if number is None else number * factor


def choose_flavor(
    flavors: Sequence[Flavor], *, memory_mb: float, minutes: float, threads: int, name: str | None = None
) -> Flavor:
    """The cheapest machine that holds the program, or the one of this `name`. Raises ComputeError.

    `memory_mb`: what the program needs; `minutes`: the estimate for one seed on this machine with `threads` threads. A
    seed of more than half an hour gets a GPU; a shorter one as many CPU threads as were timed here (eight are enough).
    """
    need = memory_mb / 1024 + SYSTEM_GB
    if name is not None:
        chosen = next((flavor for flavor in flavors if flavor.name == name), None)
        if chosen is None:
            known = ", ".join(flavor.name for flavor in sorted(flavors, key=lambda f: f.usd_per_hour))
            raise ComputeError(f"HF Jobs has no machine {name!r}; there are: {known}.")
        if chosen.memory_gb < need:
            raise ComputeError(
                f"The program needs about {need:.1f} GB; {chosen.words}. Choose a larger one (--flavor)."
            )
        return chosen
    with_gpu = minutes > MINUTES_ARE_LONG
    fitting = [
        flavor
        for flavor in flavors
        if flavor.memory_gb >= need
        and (flavor.vram_gb >= need if with_gpu else not flavor.gpus and flavor.cpus >= min(threads, 8))
    ]
    if not fitting:
        kind = "a GPU and " if with_gpu else ""
        raise ComputeError(f"No machine of HF Jobs has {kind}{need:.1f} GB: make the model or the batch smaller.")
    return min(fitting, key=lambda flavor: (flavor.usd_per_hour, -flavor.cpus))
