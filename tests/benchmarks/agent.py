"""What the loop costs beside the model: `python -m tests.benchmarks.agent` prints a table. Not a test.

The model is a scripted server in a process of its own that answers at once, so all time is ours. Each figure is from one
run of this program; what must hold on any machine are the ratios (20 against 100 steps) and the counts.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT, clean_environment

ECHO = "Next.\n<run>\nprint('step {n}')\n"
LONG = "Next.\n<run>\nprint('{n} ' + 'x' * 15000)\n"
DONE = "<run>\nfinal_answer('done')\n"


@contextmanager
def server(turns: list[Any], folder: Path) -> Iterator[tuple[str, Path]]:
    """A scripted model in its own process; gives its base URL and the record of requests."""
    script, record = folder / "script.json", folder / "record.jsonl"
    script.write_text(json.dumps(turns))
    record.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.llm", "--script", str(script), "--record", str(record), "--context", "200000"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process.stdout.readline().split()[1] + "/v1", record
    finally:
        process.terminate()
        process.wait()


def recorded(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def steps(count: int, text: str = ECHO) -> list[str]:
    return [text.format(n=n) for n in range(count)] + [DONE]


def first_request(folder: Path, times: int = 5) -> tuple[float, float]:
    """Seconds from starting the command to the model's first request, and CPU seconds of the whole command: medians."""
    seconds, cpu = [], []
    for number in range(times):
        with server(["Nothing to do."], folder) as (url, record):
            environment = clean_environment(folder / f"home{number}") | {"INTERN_LLM_BASE_URL": url}
            started, before = time.time(), os.times()
            process = subprocess.Popen(
                [sys.executable, "-m", "intern", "run", "hello", "--model", "scripted"], cwd=ROOT, env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            process.wait()
            after = os.times()
            cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
            seconds.append(recorded(record)[0]["time"] - started)
    return statistics.median(seconds), statistics.median(cpu)


def smolagents_alone(times: int = 5) -> float:
    """Seconds that a process takes which does no more than import smolagents, median: the floor of any CodeAgent."""
    seconds = []
    for _ in range(times):
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", "import smolagents"], check=True)
        seconds.append(time.monotonic() - started)
    return statistics.median(seconds)


def loop(folder: Path, count: int, text: str = ECHO) -> dict[str, Any]:
    """A run of `count` steps in this process: overhead a step, prompt tokens, connections, memory."""
    from intern.service import RunRequest, Service
    from intern.settings import RunLimits, Settings

    home = folder / f"home-{count}-{len(text)}"
    with server(steps(count, text), folder) as (url, record):
        settings = Settings(
            home=home, offline=True, model="scripted", llm_base_url=url, limits=RunLimits(steps=count + 5)
        )
        service = Service(settings)
        me = psutil.Process()
        before, cpu = me.memory_info().rss, time.process_time()
        run_id = service.start_run(RunRequest(task="count")).run_id
        service.join(run_id)
        cpu, grown = time.process_time() - cpu, me.memory_info().rss - before
        assert service.info(run_id).status == "done", service.answer(run_id)
        service.close("over")
        asked = recorded(record)
    gaps = [r["since_answer"] * 1000 for r in asked[1:]]
    prompts = [sum(len(m["content"]) for m in r["body"]["messages"]) for r in asked]
    texts = ["\0".join(m["content"] for m in r["body"]["messages"]) for r in asked]
    return {
        "p50": statistics.median(gaps), "p95": statistics.quantiles(gaps, n=20)[-1], "first10": statistics.median(gaps[1:11]),
        "last10": statistics.median(gaps[-10:]), "cpu": cpu * 1000 / count, "mb": grown / 1e6,
        "first_prompt": prompts[0] / 4, "growth": (prompts[-1] - prompts[0]) / count / 4, "sent": sum(prompts) / 4,
        "connections": len({r["connection"] for r in asked}),
        "prefixes": sum(b.startswith(a) for a, b in itertools.pairwise(texts)) / (len(texts) - 1),
    }  # fmt: skip


def per_token(folder: Path, tokens: int = 4000, answers: int = 5) -> float:
    """CPU milliseconds of this process for each streamed token."""
    from smolagents.models import ChatMessage, MessageRole

    from intern.agent.endpoint import EndpointModel

    text = " ".join("".join(random.Random(n).choices("abcdefgh", k=4)) for n in range(tokens))
    with server([{"reply": text, "piece": 5}] * (answers + 1), folder) as (url, _):
        model = EndpointModel("scripted", url, None, threading.Event())
        model.on_text = lambda text: None
        hello = [ChatMessage(role=MessageRole.USER, content="hello")]
        model.generate(hello)
        started = time.process_time()
        for _ in range(answers):
            model.generate(hello)
        return (time.process_time() - started) * 1000 / (answers * tokens)


def main() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loop(folder, 5)  # imports, and the sandbox's first start
        short, long, big = loop(folder, 20), loop(folder, 100), loop(folder, 100, LONG)
        start, cpu = first_request(folder)
        rows = [
            ("start to first request, s", start, "0.5"),
            ("CPU of that command to its end, s", cpu, ""),
            ("the same against importing smolagents alone, ratio", start / smolagents_alone(), "about 1"),
            ("overhead per step p50, ms: 20 steps", short["p50"], "3"),
            ("overhead per step p50, ms: 100 steps", long["p50"], "3"),
            ("100 steps against 20, ratio", long["p50"] / short["p50"], "about 1"),
            ("100 steps: last 10 against first 10, ratio", long["last10"] / long["first10"], "about 1"),
            ("overhead per step p95, ms: 100 steps", long["p95"], ""),
            ("CPU per step, ms: 20 steps", short["cpu"], ""),
            ("CPU per step, ms: 100 steps", long["cpu"], ""),
            ("CPU per streamed token, ms", per_token(folder), "0.05"),
            ("connections: 100 steps", long["connections"], "1"),
            ("first prompt, tokens", long["first_prompt"], "3000"),
            ("growth per step, tokens", long["growth"], "40 + output"),
            ("prompt tokens sent: 100 steps", long["sent"], "500000"),
            ("prompts that begin with the one before, share", long["prefixes"], "1"),
            ("RSS growth, 100 steps of 15 KB, MB", big["mb"], "20"),
        ]  # fmt: skip
        for label, value, mark in rows:
            print(f"{label:<50} {value:>12,.3f}   {f'mark: {mark}' if mark else ''}")


if __name__ == "__main__":
    main()
