"""The tool that finds where a paper says something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intern.tools.base import RoomTool
from intern.tools.papers import AS_DATA
from intern.tools.workbench import ToolError

MOST_CHARACTERS = 420


class SearchPaper(RoomTool):
    name = "search_paper"
    description = (
        "The passages of a paper that fit a question best, each with its page: a search by words, not an answer."
    )
    inputs = {
        "paper_id": {"type": "string", "description": "from find_paper"},
        "query": {"type": "string", "description": "the words of the question"},
    }
    reads_only = True

    def forward(self, paper_id: str, query: str) -> dict[str, Any]:
        from intern.papers.passages import find_passages
        from intern.papers.read import read_document

        reading = self.bench.load_paper(paper_id)
        if reading is None:
            raise ToolError("Which paper? Give the paper_id that find_paper returned.")
        if reading.source.kind == "card":
            raise ToolError("This is a built-in card: facts without text. extract_setup has them.")
        found = find_passages(read_document(Path(reading.source.reference)), query)
        return {
            "note": AS_DATA,
            "passages": [{"page": p.page, "section": p.where[:80], "text": p.text[:MOST_CHARACTERS]} for p in found],
        }
