"""Tools to look things up: a long output, and how a tool is called."""

from __future__ import annotations

from typing import Any

from intern.agent.outputs import Outputs
from intern.tools.base import RoomTool
from intern.tools.workbench import ToolError

PIECE = 6000


class ReadMore(RoomTool):
    name = "read_more"
    description = "A piece of an output that was cut, by its handle, from a character on."
    inputs = {
        "handle": {"type": "string", "description": 'as shown where it was cut, like "step7"'},
        "start": {"type": "integer", "description": "first character", "nullable": True},
    }
    quiet = True
    reads_only = True

    def forward(self, handle: str, start: int | None = 0) -> dict[str, Any]:
        begin = max(0, start or 0)
        try:
            text, length = Outputs(self.bench.run.folder / "outputs").read(handle, begin, PIECE)
        except LookupError as error:
            raise ToolError(str(error)) from None
        return {
            "text": text,
            "start": begin,
            "next": begin + len(text) if begin + len(text) < length else None,
            "length": length,
        }


class HelpTool(RoomTool):
    name = "help_tool"
    description = "What a tool does and takes, in full; without a name, all tools by name."
    inputs = {"name": {"type": "string", "description": "the tool's name", "nullable": True}}
    quiet = True
    reads_only = True

    def forward(self, name: str | None = "") -> dict[str, Any]:
        known = {tool.name: tool for tool in self.bench.tools}
        if not name:
            return {"tools": list(known)}
        if name not in known:
            raise ToolError(f"There is no tool {name!r}; there are: {', '.join(known)}.")
        tool = known[name]
        arguments = {
            argument: f"{about['type']}{' (optional)' if about.get('nullable') else ''}: {about['description']}"
            for argument, about in tool.inputs.items()
        }
        return {"name": name, "does": tool.description, "arguments": arguments}
