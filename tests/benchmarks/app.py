"""What the app costs: `python -m tests.benchmarks.app [start|events|answers|load|memory|back|first]` prints tables. Not a test.

Pages are played over HTTP as a browser does it (queue, stream of server-sent events, a tick a second); the app is
`python app.py` in a process of its own. Say "busy box" beside numbers from a machine that others use at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from intern.runs import events as e
from intern.service import Service
from tests.ui.conftest import AppProcess
from tests.ui.seeding import Seeder, settings_in

ANSWERS, TOKENS = 20, 400
CHATS, HERTZ, SECONDS = 30, 4, 40
LOADS = 1000
STAMP = re.compile(r"t=(\d+\.\d+);")


@contextmanager
def app(home: Path, **environment: str) -> Iterator[AppProcess]:
    served = AppProcess(home, **environment)
    try:
        served.wait()
        yield served
    finally:
        served.end()


def megabytes(served: AppProcess) -> float:
    return psutil.Process(served.process.pid).memory_info().rss / 2**20


class Page:
    """One open page: its session, and the app's events by component and name."""

    def __init__(self, web: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self.web, self.session = web, secrets.token_hex(6)
        self.values = {c["id"]: "" if c["type"] == "textbox" else c["props"].get("value") for c in config["components"]}
        self.names = {c["props"].get("elem_id"): c["id"] for c in config["components"] if c["props"].get("elem_id")}
        self.bytes = self.events = 0
        self.config = config

    def event(self, element: str, name: str) -> dict[str, Any]:
        wanted = [self.names[element], name]
        found = (d for d in self.config["dependencies"] if wanted in d["targets"] and d["backend_fn"])
        return next(found)

    def loading(self) -> dict[str, Any]:
        return next(
            d for d in self.config["dependencies"] if d["backend_fn"] and any(t[1] == "load" for t in d["targets"])
        )

    def ticking(self) -> dict[str, Any]:
        return next(
            d for d in self.config["dependencies"] if d["backend_fn"] and any(t[1] == "tick" for t in d["targets"])
        )

    def data(self, event: dict[str, Any], **given: Any) -> list[Any]:
        """What the browser would send: the components' values, some of them changed."""
        changed = {self.names[name.replace("_", "-")]: value for name, value in given.items()}
        return [changed.get(i, self.values[i]) for i in event["inputs"]]

    async def at_once(self, event: dict[str, Any], **given: Any) -> dict[str, Any]:
        """An event that does not go through the queue."""
        body = {"data": self.data(event, **given), "fn_index": event["id"], "session_hash": self.session}
        answer = await self.web.post("/gradio_api/run/predict", json=body)
        answer.raise_for_status()
        return answer.json()

    async def queued(self, event: dict[str, Any], **given: Any) -> Any:
        """Messages of a queued event until it is complete, counted as they come over the wire."""
        body = {"data": self.data(event, **given), "fn_index": event["id"], "session_hash": self.session}
        (await self.web.post("/gradio_api/queue/join", json=body)).raise_for_status()
        url = f"/gradio_api/queue/data?session_hash={self.session}"
        async with self.web.stream("GET", url, timeout=600) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: "):
                    continue
                self.bytes += len(line)
                message = json.loads(line[6:])
                self.events += message["msg"] != "heartbeat"
                yield line, message
                if message["msg"] in ("process_completed", "close_stream") and message["msg"] == "process_completed":
                    return


def output(page: Page, event: dict[str, Any], message: dict[str, Any], element: str) -> Any:
    return message["output"]["data"][event["outputs"].index(page.names[element])]


async def _call(web: httpx.AsyncClient, name: str, **given: Any) -> Any:
    """An endpoint's answer."""
    asked = await web.post(f"/gradio_api/call/v2/{name}", json=given)
    asked.raise_for_status()
    async with web.stream("GET", f"/gradio_api/call/{name}/{asked.json()['event_id']}") as stream:
        lines = [line async for line in stream.aiter_lines()]
    told = [line[6:] for line in lines if line.startswith("data: ") and line != "data: null"]
    return json.loads(told[-1])[0]


# -- start ---------------------------------------------------------------------------------------------------


def start(folder: Path, times: int = 5) -> None:
    rows = []
    for number in range(times):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            began = time.monotonic()
            with app(Path(home)) as served:
                process = psutil.Process(served.process.pid)
                rows.append((time.monotonic() - began, sum(process.cpu_times()[:2]), megabytes(served)))
        if number == 0:
            rows.clear()  # the disk's cache is filled
    print("| start → page, s | processor, s | RSS, MiB |\n|---|---|---|")
    print("| " + " | ".join(f"{statistics.median(column):.2f}" for column in zip(*rows, strict=True)) + " |")


# -- long answers --------------------------------------------------------------------------------------------


async def answers(folder: Path) -> None:
    """One run of 20 steps, each an answer of 400 tokens in as many pieces, watched by one page."""
    words = " ".join(f"word{n % 97}" for n in range(TOKENS))
    turns = [{"reply": f"{words}\n<run>\nprint({n})\n</run>", "piece": 6} for n in range(ANSWERS - 1)]
    script = folder / "script.json"
    script.write_text(json.dumps([*turns, {"reply": f"{words}\n<run>\nfinal_answer('done')\n</run>", "piece": 6}]))
    llm = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.llm", "--script", str(script), "--context", "200000"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert llm.stdout is not None
        url = llm.stdout.readline().split()[1] + "/v1"
        with app(folder / "answers", INTERN_LLM_BASE_URL=url, INTERN_MODEL="scripted") as served:
            time.sleep(5)  # the sandbox is warm, as it is for whoever reads the page first
            async with httpx.AsyncClient(base_url=served.url) as web:
                await _watch_answers(web)
    finally:
        llm.terminate()
        llm.wait()


async def _watch_answers(web: httpx.AsyncClient) -> None:
    page = Page(web, (await web.get("/config")).json())
    await page.at_once(page.loading())
    sending, following = page.event("task", "submit"), page.event("follow", "change")
    began = time.monotonic()
    async for _, message in page.queued(sending, said="say a lot"):
        if message["msg"] == "process_completed":
            follow, run = (output(page, sending, message, name) for name in ("follow", "run-id"))
    seen = time.monotonic() - began
    page.events = page.bytes = 0
    ticks = asyncio.create_task(_tick(page, run))
    async for _ in page.queued(following, follow=follow):
        pass
    took = time.monotonic() - began
    ticks.cancel()
    status = (await _call(web, "get_run", run_id=run))["status"]
    print(
        "| submit → shown, ms | submit → done, s | updates | updates/s | kB of the chat | status |\n|---|---|---|---|---|---|"
    )
    rate = page.events / took
    print(f"| {1000 * seen:.0f} | {took:.2f} | {page.events} | {rate:.1f} | {page.bytes / 1000:.0f} | {status} |")


async def _tick(page: Page, run: str) -> None:
    while True:
        await asyncio.sleep(1)
        await page.at_once(page.ticking(), run_id=run)


# -- load ----------------------------------------------------------------------------------------------------


async def load(folder: Path) -> None:
    """30 pages follow 30 runs that say something four times a second, while this machine trains."""
    home = folder / "load"
    with app(home) as served:
        service = Service(settings_in(home))
        chats = [Seeder(service, f"chat {n}") for n in range(CHATS)]
        for chat in chats:
            chat.paper()
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx.AsyncClient(base_url=served.url, limits=limits, timeout=60) as web:
            config = (await web.get("/config")).json()
            task = "reproduce paper: attention is all you need, with 1 seed"
            training = (await _call(web, "start_run", task=task, max_minutes=5, publish="never"))["run_id"]
            await _until_it_trains(web, training)
            cpu = psutil.Process(served.process.pid)
            before, began = sum(cpu.cpu_times()[:2]), time.monotonic()
            delays: list[float] = []
            errors: list[str] = []
            pages = [Page(web, config) for _ in chats]
            tasks = [asyncio.create_task(_listen(p, c.id, delays, errors)) for p, c in zip(pages, chats, strict=True)]
            tasks += [asyncio.create_task(_tick_safely(p, c.id, errors)) for p, c in zip(pages, chats, strict=True)]
            await asyncio.to_thread(_speak, chats)
            await asyncio.sleep(1)
            share = (sum(cpu.cpu_times()[:2]) - before) / (time.monotonic() - began)
            for listener in tasks:
                listener.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            still = (await _call(web, "get_run", run_id=training))["status"]
            await _call(web, "stop_run", run_id=training)
        for chat in chats:
            chat.end("done")
    cuts = statistics.quantiles(delays, n=100)
    print("| chats | said | seen | p50, ms | p95, ms | p99, ms | errors | app, cores | training | load of the box |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    said = CHATS * HERTZ * SECONDS
    print(f"| {CHATS} | {said} | {len(delays)} | {1000 * cuts[49]:.0f} | {1000 * cuts[94]:.0f} | {1000 * cuts[98]:.0f} "
          f"| {len(errors)} | {share:.2f} | {still} | {os.getloadavg()[0]:.1f} |")  # fmt: skip
    for error in errors[:3]:
        print(f"error: {error}")


async def _until_it_trains(web: httpx.AsyncClient, run: str) -> None:
    for _ in range(240):
        batch = await _call(web, "stream_run", run_id=run, follow=False)
        if any(event["body"]["kind"] == "metric" for event in batch["events"]):
            return
        await asyncio.sleep(0.5)
    raise TimeoutError("the training did not begin")


def _speak(chats: list[Seeder]) -> None:
    """Each chat says when it is, four times a second."""
    for chat in chats:
        chat.emit(e.Thought(step=9, text="I count."))
        chat.emit(e.Code(step=9, code="count()"))
    began = time.monotonic()
    for number in range(HERTZ * SECONDS):
        for chat in chats:
            chat.emit(e.Output(step=9, text=f"t={time.time():.4f}; number {number}\n"))
        time.sleep(max(0.0, began + (number + 1) / HERTZ - time.monotonic()))


async def _listen(page: Page, run: str, delays: list[float], errors: list[str]) -> None:
    seen = 0.0
    try:
        async for line, message in page.queued(page.event("follow", "change"), follow=f"{run} x"):
            if message["msg"] == "process_completed" and not message.get("success", True):
                errors.append(str(message)[:200])
            now, stamps = time.time(), [float(stamp) for stamp in STAMP.findall(line)]
            delays += [now - stamp for stamp in stamps if stamp > seen]
            seen = max([seen, *stamps])
    except httpx.HTTPError as error:
        errors.append(repr(error))


async def _tick_safely(page: Page, run: str, errors: list[str]) -> None:
    try:
        await _tick(page, run)
    except httpx.HTTPError as error:
        errors.append(repr(error))


# -- memory --------------------------------------------------------------------------------------------------


async def memory(folder: Path) -> None:
    """A page is opened a thousand times; the state of 200 pages is kept."""
    found = []
    with app(folder / "memory") as served:
        time.sleep(6)
        async with httpx.AsyncClient(base_url=served.url, timeout=60) as web:
            config = (await web.get("/config")).json()
            for number in range(LOADS + 1):
                if number % 200 == 0:
                    found.append((number, megabytes(served)))
                (await web.get("/")).raise_for_status()
                page = Page(web, config)
                await page.at_once(page.loading())
    print("| page loads | " + " | ".join(str(n) for n, _ in found) + " |\n|---|" + "---|" * len(found))
    print("| RSS, MiB | " + " | ".join(f"{rss:.0f}" for _, rss in found) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["start", "events", "answers", "load", "memory", "back", "first"])
    wanted = parser.parse_args().what
    print(f"load of the box at the beginning: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "start" in wanted:
            start(folder)
        from tests.benchmarks.app_back import back
        from tests.benchmarks.app_events import events, first  # they need the page above

        for part in (events, answers, load, memory, back, first):
            if part.__name__ in wanted:
                print(f"\n{part.__name__}")
                asyncio.run(part(folder))


if __name__ == "__main__":
    main()
