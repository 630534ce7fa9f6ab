"""MCP servers of a run: started apart, with their own credentials only, and gone when the run's turn ends.

The protocol is the `mcp` package's; it lives in one thread with an event loop for all servers of a run.
"""

from __future__ import annotations

import concurrent.futures
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intern.later import Later
from intern.runs.workspace import Run, RunStopped
from intern.sandbox import linux
from intern.settings import McpServer
from intern.tools.workbench import ToolError

if TYPE_CHECKING:
    import asyncio

    import mcp
    from anyio.from_thread import BlockingPortal
    from mcp.types import CallToolResult, Tool
else:
    asyncio = Later("asyncio")

START_SECONDS = 20.0
CLOSE_SECONDS = 6.0
MOST_TOOLS = 200


@dataclass
class Connection:
    """One server: its tools, and how to call them."""

    name: str
    settings: McpServer
    folder: Path
    run: Run
    tools: list[Tool] = field(default_factory=list)
    portal: BlockingPortal | None = None
    session: mcp.ClientSession | None = None
    stop: asyncio.Event | None = None
    work: concurrent.futures.Future[None] | None = None
    ended: str = ""
    """Why it cannot be used, once it cannot."""

    def call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """What the server answers. Raises ToolError (one line), RunStopped."""
        from mcp import McpError

        if self.ended or self.session is None or self.portal is None:
            raise ToolError(self._gone(self.ended))
        session, seconds = self.session, self.settings.seconds
        try:
            return self._wait(lambda: session.call_tool(tool, arguments, timedelta(seconds=seconds)), seconds + 5)
        except McpError as error:
            if "closed" in error.error.message.lower():
                self.ended = "it closed the connection"
                raise ToolError(self._gone(self.ended)) from None
            raise ToolError(f"The MCP server {self.name} says: {' '.join(error.error.message.split())[:300]}") from None
        except TimeoutError:
            raise ToolError(f"The MCP server {self.name} did not answer within {seconds:g} s.") from None
        except RuntimeError as error:  # what the package raises for a result that does not fit the tool's own schema
            raise ToolError(
                f"The MCP server {self.name} broke the protocol: {' '.join(str(error).split())[:200]}"
            ) from None
        except Exception as error:  # noqa: BLE001 - streams of anyio, httpx and the operating system: all mean that it is gone
            self.ended = type(error).__name__
            raise ToolError(self._gone(self.ended)) from None

    def _wait(self, task: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """The task's result, or RunStopped as soon as the run is stopped."""
        assert self.portal is not None
        future = self.portal.start_task_soon(task)
        waited = 0.0
        while True:
            done, _ = concurrent.futures.wait([future], timeout=0.1)
            if done:
                return future.result()
            waited += 0.1
            if self.run.cancel.is_set() or waited > seconds or (self.work is not None and self.work.done()):
                future.cancel()
                self.run.check()
                if waited > seconds:
                    raise TimeoutError
                raise ConnectionError("ended")

    def _gone(self, why: str) -> str:
        return f"The MCP server {self.name} has ended ({why or 'it is closed'}): its tools do not work any more in this turn."

    async def serve(self, ready: concurrent.futures.Future[None]) -> None:
        """Connect, list the tools, and stay until `stop`."""
        import mcp

        self.stop = asyncio.Event()
        try:
            async with AsyncExitStack() as stack:
                read, write = await (self._program(stack) if self.settings.command else self._address(stack))
                session = await stack.enter_async_context(mcp.ClientSession(read, write))
                await session.initialize()
                cursor: str | None = None
                while len(self.tools) < MOST_TOOLS:
                    page = await session.list_tools(cursor)
                    self.tools += page.tools
                    if (cursor := page.nextCursor) is None:
                        break
                self.session = session
                ready.set_result(None)
                await self.stop.wait()
        except BaseException as error:
            self.ended = self.ended or _reason(error)
            if not ready.done():
                ready.set_exception(ConnectionError(self.ended))
            if not isinstance(error, Exception):
                raise
        finally:
            self.session = None

    async def _program(self, stack: AsyncExitStack) -> Any:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        assert self.settings.command is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        # Its own home: what programs leave in the person's (a Hub token among them) is not its business.
        environment = {"HOME": str(self.folder)} | self.settings.filled(self.settings.env)
        wrapped = [str(Path(__file__).with_name("mcp_child.py")), str(os.getpid()), self.settings.command]
        program = StdioServerParameters(
            command=sys.executable, args=["-I", "-S", *wrapped, *self.settings.args], env=environment, cwd=self.folder
        )
        complaints = stack.enter_context(open(self.folder / "stderr.log", "w", encoding="utf-8"))  # noqa: SIM115
        return await stack.enter_async_context(stdio_client(program, complaints))

    async def _address(self, stack: AsyncExitStack) -> Any:
        import httpx
        from mcp.client.streamable_http import streamable_http_client

        assert self.settings.url is not None
        timeout = httpx.Timeout(15, read=self.settings.seconds + 5)
        client = httpx.AsyncClient(
            headers=self.settings.filled(self.settings.headers), timeout=timeout, follow_redirects=False
        )
        await stack.enter_async_context(client)
        read, write, _ = await stack.enter_async_context(streamable_http_client(self.settings.url, http_client=client))
        return read, write


class McpServers:
    """All servers of one run's turn."""

    def __init__(self, servers: dict[str, McpServer], run: Run, home: Path) -> None:
        self._run = run
        self._stack: Any = None
        self.connections = [Connection(name, server, home / "mcp" / name, run) for name, server in servers.items()]
        """Those that work, once started."""
        self._all = self.connections

    def start(self) -> None:
        """Connect to all at once; one that does not answer is said in the log and left out. Raises RunStopped."""
        if not self.connections:
            return
        from anyio.from_thread import start_blocking_portal

        logging.getLogger("mcp").setLevel(logging.CRITICAL)  # a server's banner on stdout is worth no traceback
        linux.protect_memory()  # before a program of somebody else's starts beside this process and its tokens
        self._stack = start_blocking_portal()
        portal = self._stack.__enter__()
        waiting: list[concurrent.futures.Future[None]] = []
        for connection in self.connections:
            connection.portal = portal
            ready: concurrent.futures.Future[None] = concurrent.futures.Future()
            connection.work = portal.start_task_soon(connection.serve, ready)
            waiting.append(ready)
        left = START_SECONDS
        while left > 0 and not all(ready.done() for ready in waiting):
            concurrent.futures.wait(waiting, timeout=0.1)
            left -= 0.1
            if self._run.cancel.is_set():
                self.close()
                raise RunStopped
        for connection, ready in zip(self.connections, waiting, strict=True):
            if not ready.done() or ready.exception() is not None:
                why = connection.ended or f"no answer within {START_SECONDS:g} s"
                self._run.note(f"The MCP server {connection.name} is not there: {why}", "warning")
        self.connections = [c for c in self.connections if c.session is not None]

    def close(self) -> None:
        """End every server's program and the thread."""
        if self._stack is None:
            return
        stack, self._stack = self._stack, None
        works = [c.work for c in self._all if c.work is not None]
        for connection in self._all:
            if connection.session is None and connection.work is not None:
                connection.work.cancel()  # it never came to be
            elif connection.stop is not None and connection.portal is not None:
                connection.portal.start_task_soon(_set, connection.stop)
        concurrent.futures.wait(works, timeout=CLOSE_SECONDS)
        for work in works:
            work.cancel()
        stack.__exit__(None, None, None)


async def _set(event: asyncio.Event) -> None:
    event.set()


def _reason(error: BaseException) -> str:
    """The innermost plain cause of what anyio's task groups wrap."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = " ".join(str(error.args[0] if isinstance(error, LookupError) and error.args else error).split())
    return text[:200] or type(error).__name__
