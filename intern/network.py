"""Is there a network, and which part of it may be reached: the two questions before anything connects.

The first is asked once a process and answered within two seconds, so that nothing waits for retries later.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

from intern.settings import Settings

WEB_PORTS = (80, 443)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_online(settings: Settings) -> bool:
    """Whether the Hub's host answers on its port; False at once with INTERN_OFFLINE=1."""
    if settings.offline:
        return False
    return _reachable(settings.network.hub, settings.network.probe_seconds)


@functools.lru_cache(maxsize=8)
def _reachable(url: str, seconds: float) -> bool:
    # Name look-up has no timeout of its own (a broken resolver can take half a minute), hence the thread.
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((address.hostname or "", port), timeout=seconds).close()
        except OSError:
            return
        answered.set()

    thread = threading.Thread(target=connect, daemon=True, name="network-probe")
    thread.start()
    thread.join(seconds)
    return answered.is_set()


def allowing_entry(host: str, port: int, allowed: Sequence[str]) -> str | None:
    """The entry of a list (`name`, `*.name` for all below, `name:port` for another port) that allows this host."""
    for entry in allowed:
        name, _, number = entry.lower().partition(":")
        right_port = port == int(number) if number else port in WEB_PORTS
        if right_port and (host == name or (name.startswith("*.") and host.endswith(name[1:]))):
            return entry
    return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where an IPv6 address holds an IPv4 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast
