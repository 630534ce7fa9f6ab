"""Is there a network? Asked once a process, answered within two seconds, so that nothing waits for retries later."""

from __future__ import annotations

import functools
import socket
import threading
from urllib.parse import urlsplit

from intern.settings import Settings


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
