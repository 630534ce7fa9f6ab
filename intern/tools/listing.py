"""What the prompt says of the tools, from a file beside this one: the first request leaves before the tools are imported.

`python -m intern.tools.listing` writes the file anew from the tools themselves; a test compares the two.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intern.tools.prompt import first_sentence

FILE = Path(__file__).with_name("listing.json")


@dataclass
class ToolCard:
    """A tool as the prompt lists it: the first sentence of its description, its arguments, what it cannot work without."""

    name: str
    description: str
    inputs: dict[str, dict[str, Any]]
    needs: tuple[str, ...] = ()


def listed(online: bool, has_llm: bool) -> list[ToolCard]:
    """The tools that can work in a run like this, in the order of all_tools."""
    there = {"network": online, "llm": has_llm}
    cards = (ToolCard(**{**entry, "needs": tuple(entry["needs"])}) for entry in json.loads(FILE.read_text("utf-8")))
    return [card for card in cards if all(there[need] for need in card.needs)]


def described() -> list[ToolCard]:
    """The same from the tools themselves, which are imported for it."""
    from intern.tools.all_tools import TOOLS

    cards = []
    for tool in TOOLS:
        inputs: Any = tool.inputs
        arguments = {name: {"nullable": True} if about.get("nullable") else {} for name, about in inputs.items()}
        cards.append(ToolCard(tool.name, first_sentence(tool.description), arguments, tuple(sorted(tool.needs))))
    return cards


def as_text(cards: list[ToolCard]) -> str:
    """One line for each tool."""
    lines = ",\n".join(json.dumps(asdict(card), ensure_ascii=False) for card in cards)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    FILE.write_text(as_text(described()), "utf-8")
