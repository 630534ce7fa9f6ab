"""Which open page shows and streams which run."""

from __future__ import annotations

import secrets
import threading


class Followers:
    """Which run each open page shows and streams: one stream a page, an old one ends by itself, late answers are known."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, str]] = {}
        self._open: dict[str, str] = {}
        self._lock = threading.Lock()

    def turn_to(self, page: str, run_id: str) -> None:
        """The page shows this run from now on ("": none)."""
        with self._lock:
            self._open[page] = run_id

    def has_left(self, page: str, run_id: str) -> bool:
        """Whether the page has turned to something else since it asked about this run."""
        with self._lock:
            return self._open.get(page, run_id) != run_id

    def forget(self, page: str) -> None:
        """The page is closed."""
        with self._lock:
            self._open.pop(page, None)
            self._pages.pop(page, None)

    def attach(self, page: str, run_id: str) -> str:
        """Begin a stream; returns its ticket. The page's older stream ends."""
        ticket = secrets.token_hex(8)
        with self._lock:
            self._pages[page] = (run_id, ticket)
        return ticket

    def holds(self, page: str, ticket: str) -> bool:
        with self._lock:
            return self._pages.get(page, ("", ""))[1] == ticket

    def follows(self, page: str, run_id: str) -> bool:
        """Whether the page streams this run now."""
        with self._lock:
            return self._pages.get(page, ("", ""))[0] == run_id

    def leave(self, page: str, ticket: str | None = None) -> None:
        """End a page's stream (only this one, when a ticket is given)."""
        with self._lock:
            if ticket is None or self._pages.get(page, ("", ""))[1] == ticket:
                self._pages.pop(page, None)
