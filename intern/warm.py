"""What a run needs, imported in a thread while the process has to wait for something else anyway."""

from __future__ import annotations

import importlib
import threading

TO_ASK = ("intern.session", "intern.agent.models", "intern.agent.opening", "intern.tools.listing")
"""What the first request to an LLM needs."""
TO_ACT = ("intern.agent.intern", "intern.tools.all_tools", "intern.sandbox.executor")
"""What the first step needs; smolagents, half a second of imports, comes with them."""


def warm_up(brain: str = "planner") -> threading.Thread:
    """Start the imports. Whoever imports the same module meanwhile waits for it, as Python does.

    With an LLM the rest is imported while it thinks: its first request should not wait for that.
    """
    modules = TO_ASK + TO_ACT if brain == "planner" else TO_ASK
    thread = threading.Thread(target=_import, args=(modules,), name="warm-up", daemon=True)
    thread.start()
    return thread


def _import(modules: tuple[str, ...]) -> None:
    for name in modules:
        importlib.import_module(name)
