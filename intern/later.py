"""A module that is imported when it is first used: for large libraries that most runs never need.

if TYPE_CHECKING:
    import numpy as np
else:
    np = Later("numpy")
"""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for a module until one of its names is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._name), name)
        setattr(self, name, value)
        return value
