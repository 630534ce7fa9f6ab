"""What tools cost beside their work: `python -m tests.benchmarks.tools` prints a table. Not a test.

Everything is real (sandbox, MCP server, web server on loopback); times are medians of one run of this program.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from intern.compute.local import LocalBackend
from intern.requests import RunRequest
from intern.runs.approvals import Approvals
from intern.runs.log import RunLog
from intern.runs.workspace import Run
from intern.settings import JobLimits, McpServer, Settings, Web
from intern.tools.all_tools import build_tools, usable
from intern.tools.mcp_servers import McpServers
from intern.tools.mcp_tools import mcp_tools
from intern.tools.prompt import system_prompt
from intern.tools.workbench import Workbench
from tests.conftest import ROOT
from tests.servers.web import WebServer


def bench_in(home: Path, web: WebServer) -> Workbench:
    """A run's tools as an LLM brain with a network has them."""
    settings = Settings(home=home, web=Web(allowed_hosts=(web.host,)))
    log = RunLog(home / "runs.sqlite")
    run_id = log.create("local", "t", RunRequest(task="t"))[0]
    run = Run(run_id, "local", log, Approvals(log), home / "runs" / run_id, step=1)
    bench = Workbench(
        run=run, settings=settings, backend=LocalBackend(JobLimits()), online=True, minutes=5, usd=0, publish="never",
        approve_within_budget=False, has_llm=True,
    )  # fmt: skip
    build_tools(bench)
    return bench


def median_ms(call: Callable[[], object], times: int = 15) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, WebServer() as web:
        home = Path(folder)
        bench = bench_in(home, web)
        tools = {tool.name: tool for tool in bench.tools}
        rows = [
            (
                "first prompt with all tools, tokens (characters / 4)",
                len(system_prompt(usable(bench.tools))) / 4,
                "3000",
            )
        ]
        tools["shell"](command="true")  # the forkserver is there now
        rows.append(("shell: a command that does nothing, ms", median_ms(lambda: tools["shell"](command="true")), ""))
        table = bench.run.folder / "work" / "rows.csv"
        table.write_text("text,label\n" + "".join(f"a sentence number {n},{n % 3}\n" for n in range(1000)))
        rows.append(
            (
                "inspect_dataset: 1,000 rows, in the sandbox, ms",
                median_ms(lambda: tools["inspect_dataset"](path="rows.csv"), 5),
                "",
            )
        )
        web.page("/p", "<p>words</p>" * 1000)
        rows.append(
            (
                "web_fetch: a page of 12 KB on loopback, ms",
                median_ms(lambda: tools["web_fetch"](url=f"{web.url}/p")),
                "",
            )
        )
        program = McpServer(
            command=sys.executable, args=("-m", "tests.servers.mcp_server"), env={"PYTHONPATH": str(ROOT)}
        )
        started = time.perf_counter()
        servers = McpServers({"t": program}, bench.run, home)
        servers.start()
        rows.append(("MCP: start of a Python server over stdio, ms", 1000 * (time.perf_counter() - started), ""))
        remote = {tool.name: tool for tool in mcp_tools(bench, servers.connections)}
        rows.append(("MCP: one call over stdio, ms", median_ms(lambda: remote["t_look_up"](word="x")), ""))
        servers.close()
        for name, value, mark in rows:
            print(f"{name:<58}{value:>9.1f}   {'mark: ' + mark if mark else ''}".rstrip())


if __name__ == "__main__":
    main()
