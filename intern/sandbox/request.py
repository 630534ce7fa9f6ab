"""What the host asks the forkserver to start. Plain JSON; both sides trust each other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Request:
    """One session (a worker that runs steps) or one job (a program with its own argv)."""

    kind: Literal["session", "job"]
    workdir: str
    environment: dict[str, str]
    memory_mb: int
    disk_mb: int
    files: int
    procs: int
    readonly: list[str] = field(default_factory=list)
    argv: list[str] = field(default_factory=list)
    niceness: int = 5
    network: bool = False
    """The code may ask the host to connect it (brokered dial)."""

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Request:
        return cls(**json.loads(data))
