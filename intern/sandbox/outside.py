"""The worker's side of the brokered dial: sockets whose connections the host makes, for hosts that the owner allows.

Python's own socket users (urllib, requests, httpx, aiohttp) work unchanged. Installed only when a run may use the
network; without it no network socket can be made at all.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

Dial = Callable[[str, int], int]
"""(host, port) -> a connected descriptor. Raises OSError when the host refuses."""

_NETWORK = (socket.AF_INET, socket.AF_INET6)
_plain_socket = socket.socket
_plain_lookup = socket.getaddrinfo


def install(dial: Dial) -> None:
    """Replace socket.socket and getaddrinfo in this process."""

    class BrokeredSocket(_plain_socket):
        """A TCP socket whose connect asks the host. What it holds is one end of a socket pair."""

        def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
            network = family in (-1, *_NETWORK) and fileno is None
            if network and type in (-1, socket.SOCK_STREAM):
                super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
            else:
                super().__init__(family, type, proto, fileno)
            self._brokered = network

        @property
        def family(self) -> socket.AddressFamily:
            return socket.AF_INET if self._brokered else super().family

        def connect(self, address: Any) -> None:
            if not self._brokered:
                return super().connect(address)
            descriptor = dial(str(address[0]), int(address[1]))
            try:
                blocking = os.get_blocking(self.fileno())
                os.dup2(descriptor, self.fileno(), inheritable=False)
                os.set_blocking(self.fileno(), blocking)
            finally:
                os.close(descriptor)

        def connect_ex(self, address: Any) -> int:
            try:
                self.connect(address)
            except OSError as error:
                return error.errno or 111
            return 0

        def setsockopt(self, level: int, option: int, *value: Any) -> None:
            if not self._brokered or level == socket.SOL_SOCKET:
                super().setsockopt(level, option, *value)

        def getpeername(self) -> Any:
            return ("brokered", 0) if self._brokered else super().getpeername()

    def look_up(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
        if host is None or family == socket.AF_UNIX:
            return _plain_lookup(host, port, family, type, proto, flags)
        name = host.decode() if isinstance(host, bytes) else str(host)
        number = {"http": 80, "https": 443}.get(port) or int(port or 0)
        # The name itself stands where the address should: the host looks it up, after it has checked it.
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (name, number))]

    socket.socket = BrokeredSocket  # type: ignore[misc]
    socket.SocketType = BrokeredSocket  # type: ignore[assignment]
    socket.getaddrinfo = look_up
