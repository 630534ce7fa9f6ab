"""The machines on offer, with the Hub's published prices of 2026-08-22. Here all of them are this one machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flavor:
    """One kind of machine. Memory in GB, price in USD an hour."""

    name: str
    pretty: str
    cpu: int
    ram: int
    disk: int
    price: float
    gpu: str | None = None
    count: int = 0
    vram: int = 0

    @property
    def micro_usd_a_minute(self) -> int:
        return round(self.price * 1e6 / 60)

    def told(self) -> dict[str, Any]:
        """The wire form."""
        accelerator = None
        if self.gpu:
            accelerator = {"type": "gpu", "model": self.gpu, "quantity": str(self.count), "vram": f"{self.vram * self.count} GB",
                           "manufacturer": "Nvidia"}  # fmt: skip
        return {
            "name": self.name, "prettyName": self.pretty, "cpu": f"{self.cpu} vCPU", "ram": f"{self.ram} GB",
            "ephemeralStorage": f"{self.disk} GB", "accelerator": accelerator, "unitCostMicroUSD": self.micro_usd_a_minute,
            "unitCostUSD": self.micro_usd_a_minute / 1e6, "unitLabel": "minute",
        }  # fmt: skip


def _gpu(
    name: str, pretty: str, gpu: str, vram: int, cpu: int, ram: int, disk: int, prices: dict[int, float]
) -> list[Flavor]:
    """One GPU flavor in several counts; `name` holds {n} where the count goes."""
    return [
        Flavor(name.format(n=count), pretty.format(n=count), cpu * count, ram * count, disk, price, gpu, count, vram)
        for count, price in prices.items()
    ]


FLAVORS = {
    flavor.name: flavor
    for flavor in [
        Flavor("cpu-basic", "CPU Basic", 2, 16, 50, 0.01),
        Flavor("cpu-upgrade", "CPU Upgrade", 8, 32, 50, 0.03),
        Flavor("cpu-performance", "CPU Performance", 32, 256, 1000, 1.90),
        Flavor("cpu-xl", "CPU XL", 16, 124, 1000, 1.00),
        Flavor("t4-small", "Nvidia T4 - small", 4, 15, 50, 0.40, "T4", 1, 16),
        Flavor("t4-medium", "Nvidia T4 - medium", 8, 30, 100, 0.60, "T4", 1, 16),
        Flavor("a10g-small", "Nvidia A10G - small", 4, 15, 110, 1.00, "A10G", 1, 24),
        Flavor("a10g-large", "Nvidia A10G - large", 12, 46, 200, 1.50, "A10G", 1, 24),
        *_gpu("a10g-largex{n}", "{n}x Nvidia A10G - large", "A10G", 24, 12, 46, 1000, {2: 3.00, 4: 5.00}),
        *_gpu("l4x{n}", "{n}x Nvidia L4", "L4", 24, 8, 30, 400, {1: 0.80, 4: 3.80}),
        *_gpu("l40sx{n}", "{n}x Nvidia L40S", "L40S", 48, 8, 62, 380, {1: 1.80, 4: 8.30, 8: 23.50}),
        Flavor("a100-large", "Nvidia A100 - large", 12, 142, 1000, 2.50, "A100", 1, 80),
        *_gpu("a100x{n}", "{n}x Nvidia A100", "A100", 80, 12, 142, 1000, {4: 10.00, 8: 20.00}),
        Flavor("h200", "Nvidia H200", 23, 256, 3000, 5.00, "H200", 1, 141),
        *_gpu("h200x{n}", "{n}x Nvidia H200", "H200", 141, 23, 256, 3000, {2: 10.00, 4: 20.00, 8: 40.00}),
        Flavor("rtx-pro-6000", "Nvidia RTX PRO 6000", 23, 256, 1000, 2.75, "RTX PRO 6000", 1, 96),
        *_gpu(
            "rtx-pro-6000x{n}",
            "{n}x Nvidia RTX PRO 6000",
            "RTX PRO 6000",
            96,
            23,
            256,
            1000,
            {2: 5.50, 4: 11.00, 8: 22.00},
        ),
    ]
}
