"""The host's side of the brokered dial: connects sandboxed code to the hosts that a run's owner allowed.

The code never holds the connection itself, only one end of a socket pair that a thread here copies to and from it.
What an allowed host lets anyone upload, the code can upload: this limits where, not what.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Sequence

from intern.network import allowing_entry, is_public

HUB_HOSTS = ("huggingface.co", "*.huggingface.co", "*.hf.co")
CONNECT_SECONDS = 15.0
MAX_CONNECTIONS = 64


class Refused(OSError):
    """The dial is not allowed, or the host cannot be reached; the text says which."""


class Broker:
    """Dials for one session. `allowed`: host names, `*.name` for all below, `name:port` for another port.

    `on_connect(host, port, allowed)` hears of every dial.
    """

    def __init__(self, allowed: Sequence[str], on_connect: Callable[[str, int, bool], None] | None = None) -> None:
        self.allowed = tuple(entry.lower() for entry in allowed)
        self.on_connect = on_connect
        self._connections = 0
        self._lock = threading.Lock()
        self._closed = False

    def dial(self, host: str, port: int) -> socket.socket:
        """One end of a socket pair that leads to (host, port). Raises Refused."""
        host = host.lower().rstrip(".")
        entry = self.entry_for(host, port)
        if self.on_connect is not None:
            self.on_connect(host, port, entry is not None)
        if entry is None:
            raise Refused(13, f"the network is off for {host}:{port}; allowed: {', '.join(self.allowed) or 'nothing'}")
        with self._lock:
            if self._closed or self._connections >= MAX_CONNECTIONS:
                raise Refused(11, f"more than {MAX_CONNECTIONS} connections are open")
            self._connections += 1
        try:
            outside = self._connect(host, port, literal=not entry.startswith("*"))
            ours, theirs = socket.socketpair()
        except OSError as error:
            self._done()
            raise Refused(111, f"{host}:{port} cannot be reached: {error}") from error
        threading.Thread(target=self._copy, args=(outside, ours), daemon=True, name="sandbox-dial").start()
        return theirs

    def entry_for(self, host: str, port: int) -> str | None:
        """The entry of the list that allows this, if one does."""
        return allowing_entry(host, port, self.allowed)

    def _connect(self, host: str, port: int, literal: bool) -> socket.socket:
        """Connect to the public addresses of a name; to a private one only if the list names that address itself."""
        problem = OSError("it has no public address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            is_address = literal and host == address[0]
            if not is_address and not is_public(str(address[0])):
                continue
            outside = socket.socket(family, kind, protocol)
            outside.settimeout(CONNECT_SECONDS)
            try:
                outside.connect(address)
            except OSError as error:
                outside.close()
                problem = error
                continue
            outside.settimeout(None)
            return outside
        raise problem

    def _done(self) -> None:
        with self._lock:
            self._connections -= 1

    def close(self) -> None:
        """No more dials; running connections end with the session's own ends."""
        self._closed = True

    def _copy(self, outside: socket.socket, inside: socket.socket) -> None:
        """Copy both ways until both sides have said all."""
        try:
            with outside, inside, selectors.DefaultSelector() as selector:
                selector.register(outside, selectors.EVENT_READ, inside)
                selector.register(inside, selectors.EVENT_READ, outside)
                while selector.get_map():
                    for key, _ in selector.select():
                        source, target = key.fileobj, key.data
                        assert isinstance(source, socket.socket)
                        data = source.recv(1 << 16)
                        if data:
                            target.sendall(data)
                        else:
                            selector.unregister(source)
                            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side is gone; leaving closes the other
        finally:
            self._done()
