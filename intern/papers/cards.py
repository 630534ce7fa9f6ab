"""Built-in paper cards: what our own reader found in landmark papers, as facts with locators, without their words.

A card holds names, numbers, pages, locators such as "section 5.3" and a hash of each quote; no sentence of the paper
and no abstract. So the offline path knows the paper, and anyone with the PDF can check every fact.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from intern.papers.model import PaperError, Reading, Source
from intern.papers.quotes import fold
from intern.settings import CONFIGS

FOLDER = CONFIGS / "papers"
NOTE = (
    "built-in card: facts with locators, not the paper's text. What stands in each `quote` is a locator (such as "
    "'section 5.3' or 'Table 3'), not words of the paper; open the paper there to check the fact"
)
FORMAT = 1


def quote_hash(quote: str) -> str:
    """A short hash of a quote, blind to spaces and hyphens at line ends."""
    return hashlib.sha256(fold(quote).encode()).hexdigest()[:16]


def _fact(fact: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    row = {name: getattr(fact, name) for name in fields}
    row = {name: value for name, value in row.items() if value is not None}
    row["locator"] = fact.where or f"page {fact.page}"
    row["quote_hash"] = quote_hash(fact.quote)
    return row


def make_card(reading: Reading) -> dict[str, Any]:
    """The card of a reading, ready for JSON. Tables, abstract and quotes are left out."""
    setup = reading.setup
    hyper = ("name", "value", "unit", "scope", "page")
    data = ("name", "page", "train", "validation", "test", "size")
    result = ("dataset", "metric", "value", "model", "own", "page", "higher_is_better", "table", "row")
    return {
        "format": FORMAT,
        "arxiv_id": reading.arxiv_id,
        "title": reading.title,
        "authors": reading.authors,
        "pages": reading.pages,
        "source_sha256": reading.source.sha256,
        "sections": [{**section.model_dump(mode="json"), "number": section.number} for section in reading.sections],
        "setup": {
            "hyperparameters": [_fact(item, hyper) for item in setup.hyperparameters],
            "datasets": [_fact(item, data) for item in setup.datasets],
            "results": [_fact(item, result) for item in setup.results],
            "variations": [_fact(item, hyper) for item in setup.variations],
            "not_stated": setup.not_stated,
            "contradictions": [
                {"about": item.about, "values": [_fact(value, ("value", "page")) for value in item.values]}
                for item in setup.contradictions
            ],
        },
    }


def write_card(reading: Reading, folder: Path = FOLDER) -> Path:
    """Save a reading's card under its arXiv id. Raises PaperError when it has none."""
    if not reading.arxiv_id:
        raise PaperError("A card is named by its arXiv id, and this paper has none")
    path = folder / f"{bare_id(reading.arxiv_id)}.json"
    path.write_text(json.dumps(make_card(reading), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def bare_id(arxiv_id: str) -> str:
    """An arXiv id without its version, safe as a file name."""
    return re.sub(r"v\d+$", "", arxiv_id).replace("/", "_")


def known_cards() -> dict[str, str]:
    """arXiv id -> title of every built-in card."""
    out: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.json")):
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            out[path.stem] = str(card["title"])
        except (OSError, ValueError, KeyError):
            continue
    return out


def load_card(arxiv_id: str) -> Reading:
    """The built-in card of a paper as a Reading; quotes hold the locators. Raises PaperError when there is none."""
    path = FOLDER / f"{bare_id(arxiv_id)}.json"
    if not path.is_file():
        known = ", ".join(f"{key} ({title})" for key, title in known_cards().items())
        raise PaperError(f"No built-in card for {arxiv_id}. Known: {known or 'none'}")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        return _from_card(card, path)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise PaperError(f"The card {path.name} is damaged: {' '.join(str(error).split())[:120]}") from error


def _from_card(card: dict[str, Any], path: Path) -> Reading:
    def facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [{key: value for key, value in row.items() if key not in ("locator", "quote_hash")} for row in rows]
        return [
            row | {"quote": source["locator"], "where": source["locator"]}
            for row, source in zip(kept, rows, strict=True)
        ]

    setup = card["setup"]
    return Reading.model_validate(
        {
            "title": card["title"],
            "authors": card["authors"],
            "abstract": "",
            "arxiv_id": card["arxiv_id"],
            "pages": card["pages"],
            "sections": card["sections"],
            "setup": {
                "hyperparameters": facts(setup["hyperparameters"]),
                "datasets": facts(setup["datasets"]),
                "results": facts(setup["results"]),
                "variations": facts(setup.get("variations", [])),
                "not_stated": setup["not_stated"],
                "contradictions": [
                    {"about": item["about"], "values": facts(item["values"])} for item in setup["contradictions"]
                ],
            },
            "warnings": [NOTE],
            "source": Source(kind="card", reference=path.name, sha256=card["source_sha256"]),
        }
    )
