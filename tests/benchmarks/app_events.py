"""How soon something happens after a click: over HTTP as a browser asks, through the endpoints, and in Chromium."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from intern.ui.layout import EXAMPLES
from tests.benchmarks.app import Page, _call, app, output
from tests.ui.conftest import CHROMIUM_FLAGS

TIMES = 12
TASK = "what can you do?"
MARKS = {"said": "#chat .user", "working": "#chat .working", "run": ".runbar .chip", "reply": "#chat .note"}
"""What is waited for on the page: the person's own words, that it works, the run with its plan, the first words back."""
WATCH = """(marks) => {
  window.marks = {};
  let began = 0;
  addEventListener('keydown', (event) => { if (event.key === 'Enter') began = performance.now(); }, true);
  new MutationObserver(() => {
    if (!began) return;
    for (const [name, selector] of Object.entries(marks))
      if (!(name in window.marks) && document.querySelector(selector)) window.marks[name] = performance.now() - began;
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, characterData: true });
}"""


async def events(folder: Path) -> None:
    """Prints a table. Each time another page starts another run, which has ended before the next begins."""
    rows: dict[str, list[float]] = {}
    with app(folder / "events") as served:
        time.sleep(10)  # the libraries are loaded, as they are for whoever reads the page first
        async with httpx.AsyncClient(base_url=served.url, timeout=60) as web:
            for _ in range(TIMES):
                for name, took in (await _over_http(web) | await _through_endpoints(web)).items():
                    rows.setdefault(name, []).append(took)
        for name, took in await asyncio.to_thread(_in_chromium, served.url):
            rows.setdefault(name, []).append(took)
    print("| from the click or POST to | median, ms | lowest | highest | times |\n|---|---|---|---|---|")
    for name, times in rows.items():
        print(f"| {name} | {statistics.median(times):.0f} | {min(times):.0f} | {max(times):.0f} | {len(times)} |")
    print(f"load of the box: {os.getloadavg()[0]:.1f}")


async def _over_http(web: httpx.AsyncClient) -> dict[str, float]:
    page = Page(web, (await web.get("/config")).json())
    await page.at_once(page.loading())
    found: dict[str, float] = {}
    sending, run = page.event("task", "submit"), ""
    began = time.monotonic()
    async for _, message in page.queued(sending, said=TASK):
        found.setdefault("HTTP: the first event (accepted)", 1000 * (time.monotonic() - began))
        if message["msg"] == "process_completed":
            found["HTTP: the event with the run and the words said"] = 1000 * (time.monotonic() - began)
            run = output(page, sending, message, "run-id")
    await _until_done(web, run)
    return found


async def _through_endpoints(web: httpx.AsyncClient) -> dict[str, float]:
    began = time.monotonic()
    run = (await _call(web, "start_run", task=TASK))["run_id"]
    started = 1000 * (time.monotonic() - began)
    asked = await web.post("/gradio_api/call/v2/stream_run", json={"run_id": run})
    async with web.stream("GET", f"/gradio_api/call/stream_run/{asked.json()['event_id']}") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: ") and json.loads(line[6:]):
                break
    first = 1000 * (time.monotonic() - began)
    await _until_done(web, run)
    return {"API: start_run answers": started, "API: the first event of stream_run": first}


async def _until_done(web: httpx.AsyncClient, run: str) -> None:
    deadline = time.monotonic() + 60
    while (await _call(web, "get_run", run_id=run))["status"] in ("queued", "running"):
        if time.monotonic() > deadline:
            raise TimeoutError("the run did not end")


def _in_chromium(url: str) -> list[tuple[str, float]]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        print("No Chromium here: the page is not measured.")
        return []
    from playwright.sync_api import sync_playwright

    names = {
        "said": "Chromium: my words are in the page",
        "working": "Chromium: it says that it works",
        "run": "Chromium: the run is shown",
        "reply": "Chromium: the first words back",
    }
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for _ in range(TIMES):
            page: Any = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(url)
            page.wait_for_selector("#chat .example")
            page.wait_for_timeout(1500)
            page.evaluate(WATCH, MARKS)
            page.fill("#task textarea", TASK)
            page.keyboard.press("Enter")
            page.wait_for_selector(".runbar .chip.done", timeout=60_000)
            found += [(names[name], took) for name, took in page.evaluate("window.marks").items()]
            page.close()
        browser.close()
    return found


async def first(folder: Path) -> None:
    """Somebody opens the app for the first time and clicks twice: an example, and Approve. Until the folder is published."""
    with app(folder / "first") as served:
        rows = await asyncio.to_thread(_two_clicks, served.url)
    print(
        "| example | opened → a decision is asked, s | → published, s | clicks | figure shown |\n|---|---|---|---|---|"
    )
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(f"load of the box: {os.getloadavg()[0]:.1f}")


def _two_clicks(url: str) -> list[tuple[str, ...]]:
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        for example in EXAMPLES[:2]:
            page: Any = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(900_000)
            began = time.monotonic()
            page.goto(url)
            page.locator("#chat .example", has_text=example.title).click()
            page.wait_for_selector("#approve, #chat .note-error")
            asked = time.monotonic() - began
            if errors := page.locator("#chat .note-error").all_inner_texts():
                rows.append((example.title, f"{asked:.0f}", "failed", "1", " ".join(errors)))
                continue
            page.click("#approve")
            page.wait_for_selector(".runbar .chip.done")
            figure = page.locator("#results .figure").inner_text().replace("\n", " ")
            rows.append((example.title, f"{asked:.0f}", f"{time.monotonic() - began:.0f}", "2", figure))
            page.close()
        browser.close()
    return rows
