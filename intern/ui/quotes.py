"""Which page of which paper a link may show: only a quote that the run itself states, in the PDF that it read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import JsonValue


def page_name(sha256: str, page: int, quote: str) -> str:
    """What a page link names: which content, which page, which quote."""
    return f"{sha256[:16]}-{page}-{hashlib.sha256(quote.encode()).hexdigest()[:16]}"


def quoted_page(name: str, papers: list[JsonValue], setups: list[JsonValue]) -> tuple[Path, str, int, str] | None:
    """File, its sha256, page and quote that a page link names, if the run has read and stated them."""
    for value in papers:
        source = _mapping(_mapping(value).get("source"))
        sha256 = str(source.get("sha256") or "")
        if source.get("kind") != "pdf" or not sha256 or not name.startswith(f"{sha256[:16]}-"):
            continue
        for setup in setups:
            for page, quote in _quotes(setup):
                if page_name(sha256, page, quote) == name:
                    return Path(str(source.get("reference"))), sha256, page, quote
    return None


def _quotes(value: JsonValue) -> Iterator[tuple[int, str]]:
    """Every page and quote in a setup, however deep."""
    if isinstance(value, dict):
        page, quote = value.get("page"), value.get("quote")
        if isinstance(page, int) and isinstance(quote, str):
            yield page, quote
        for inner in value.values():
            yield from _quotes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _quotes(inner)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
