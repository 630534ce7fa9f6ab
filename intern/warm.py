"""What a run needs, imported in a thread while the process has to wait for something else anyway."""

from __future__ import annotations

import importlib
import threading

MODULES = ("intern.agent.intern", "intern.agent.models", "intern.tools", "intern.sandbox.executor")
"""What a session builds its agent from; smolagents, half a second of imports, comes with them."""


def warm_up() -> threading.Thread:
    """Start the imports. Whoever imports the same module meanwhile waits for it, as Python does."""
    thread = threading.Thread(target=_import, name="warm-up", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    for name in MODULES:
        importlib.import_module(name)
