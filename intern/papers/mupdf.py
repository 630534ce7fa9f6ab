"""PyMuPDF without the add-ons that it loads by itself: a layout model and a Markdown writer, which reading does not use."""

from __future__ import annotations

import sys

ADD_ONS = ("pymupdf.layout", "pymupdf4llm")
"""Both are optional to PyMuPDF, and cost each reader half a second."""

_left_out = [name for name in ADD_ONS if "pymupdf" not in sys.modules and name not in sys.modules]
for _name in _left_out:
    sys.modules[_name] = None  # type: ignore[assignment]  # the import system's own way to say "not to be had"

import pymupdf  # noqa: E402

for _name in _left_out:
    del sys.modules[_name]  # who wants it may still import it

__all__ = ["pymupdf"]
