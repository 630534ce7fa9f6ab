"""A real MCP server for tests: `python -m tests.servers.mcp_server` speaks stdio; `--port P` streamable HTTP.

Its tools show what it was given, write, fail, wait, die, and answer at length.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from mcp.server.fastmcp import Context, FastMCP, Image
from mcp.types import ToolAnnotations

READS = ToolAnnotations(readOnlyHint=True)


def build(port: int = 0) -> FastMCP:
    server = FastMCP("test", port=port, host="127.0.0.1", log_level="ERROR")

    @server.tool(annotations=READS)
    def look_up(word: str, times: int = 1) -> dict[str, str]:
        """Looks a word up. More about it: it is only a test."""
        return {"meaning": f"{word} " * times}

    @server.tool(annotations=READS)
    def environment() -> str:
        """What the server was given."""
        return json.dumps({"environment": dict(os.environ), "folder": str(Path.cwd()), "pid": os.getpid()})

    @server.tool()
    def write_note(text: str, file: str) -> str:
        """Writes a note."""
        with open(file, "a", encoding="utf-8") as opened:
            opened.write(f"{text}\n")
        return "written"

    @server.tool(annotations=READS)
    def fail() -> str:
        """Fails."""
        raise ValueError("nothing\ndoing")

    @server.tool(annotations=READS)
    def wait(seconds: float) -> str:
        """Waits."""
        time.sleep(seconds)
        return "waited"

    @server.tool(annotations=READS)
    def die() -> str:
        """Dies."""
        os._exit(1)

    @server.tool(annotations=READS)
    def picture() -> Image:
        """A picture."""
        return Image(data=b"\x89PNG", format="png")

    @server.tool(annotations=READS)
    def headers(context: Context) -> str:
        """What the request had as headers."""
        request = context.request_context.request
        return json.dumps(dict(request.headers)) if request is not None else "none"

    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--many", type=int, default=0, help="so many tools more")
    options = parser.parse_args()
    made = build(options.port)
    for number in range(options.many):
        made.add_tool(
            lambda question="": question, name=f"more_{number}", description="One of many. " * 40, annotations=READS
        )
    made.run("streamable-http" if options.port else "stdio")
