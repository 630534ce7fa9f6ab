"""What the host asks the forkserver to start, and what the forkserver adds. Plain JSON; these sides trust each other."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import asdict, dataclass, field
from typing import Literal

MAX_BYTES = 1 << 20
MAX_DESCRIPTORS = 8
MESSAGE_BYTES = 4096


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


@dataclass(frozen=True)
class Layers:
    """Which layers are applied. The forkserver finds out which ones work; tests switch some off."""

    landlock: int
    """ABI version to use, 0: none."""
    seccomp: bool
    namespaces: bool
    no_connect: bool = False
    """Refuse unix sockets' connect: some service's socket file is open to this user."""


@dataclass(frozen=True)
class Order:
    """A request with its layers and descriptors, on its way to the processes that wait for one.

    `descriptors`: the guardian's socket to the host (only on the way to the guardian), the output, and for a session
    the wire.
    """

    request: Request
    layers: Layers
    descriptors: list[int]

    def send(self, waiting: socket.socket) -> None:
        data = json.dumps([asdict(self.request), asdict(self.layers)]).encode()
        socket.send_fds(waiting, [data], self.descriptors)

    @classmethod
    def receive(cls, waiting: socket.socket) -> Order | None:
        """Wait for one; None when none will come."""
        data, descriptors, _, _ = socket.recv_fds(waiting, MAX_BYTES, MAX_DESCRIPTORS)
        if not data:
            return None
        request, layers = json.loads(data)
        return cls(Request(**request), Layers(**layers), list(descriptors))


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends for orders, each message whole."""
    return socket.socketpair(socket.AF_UNIX, getattr(socket, "SOCK_SEQPACKET", socket.SOCK_DGRAM))


def last_words(waiting: socket.socket) -> bytes:
    """One message of the other end; empty when it is gone. Raises TimeoutError or BlockingIOError when none has come.

    An end that closes with messages unread resets the connection, and the kernel tells that first: what it had said
    before is still there and comes next.
    """
    try:
        return waiting.recv(MESSAGE_BYTES)
    except (TimeoutError, BlockingIOError):
        raise
    except ConnectionResetError:
        with contextlib.suppress(OSError):
            return waiting.recv(MESSAGE_BYTES, socket.MSG_DONTWAIT)
    except OSError:
        pass
    return b""
