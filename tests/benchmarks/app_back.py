"""How soon an open page is back in its run: after a reload, and after the server was killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import time
from pathlib import Path
from typing import Any

from intern.service import Service
from tests.ui.conftest import CHROMIUM_FLAGS, AppProcess
from tests.ui.seeding import Seeder, settings_in

TIMES = 5
QUESTION = "() => (document.querySelector('#approval')?.innerText ?? '').includes('$3.00 at most')"
FRESH = f"() => window.before === undefined && ({QUESTION})()"


async def back(folder: Path) -> None:
    """Prints a table. The run waits for a decision, which is what a person wants to see again."""
    import asyncio

    rows = await asyncio.to_thread(_measure, folder / "back")
    print("| seconds until the page is back in its run | median | lowest | highest | times |\n|---|---|---|---|---|")
    for name, took in rows.items():
        print(f"| {name} | {statistics.median(took):.2f} | {min(took):.2f} | {max(took):.2f} | {len(took)} |")
    print(f"load of the box: {os.getloadavg()[0]:.1f}")


def _measure(home: Path) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    seeder = Seeder(Service(settings_in(home)), "survives")
    seeder.paper()
    seeder.ask(price=3)
    seeder.log.release(seeder.id)
    reloads: list[float] = []
    answers: list[float] = []
    restarts: list[float] = []
    served = AppProcess(home)
    served.wait()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.goto(f"{served.url}/?run={seeder.id}")
        page.wait_for_function(QUESTION)
        for _ in range(TIMES):
            page.evaluate("window.before = true")
            reloads.append(_back(page, page.reload))
        for _ in range(TIMES):
            time.sleep(8)  # the libraries are loaded
            page.evaluate("window.before = true")
            served.process.send_signal(signal.SIGKILL)
            served.process.wait()
            time.sleep(2)
            served = AppProcess(home, served.port)
            answers.append(served.wait())
            restarts.append(_back(page, lambda: None))
        browser.close()
    served.end()
    return {
        "after a reload": reloads,
        "after a kill: until the server answers": answers,
        "after a kill: from then until the page is back": restarts,
    }


def _back(page: Any, action: Any) -> float:
    began = time.monotonic()
    action()
    page.wait_for_function(FRESH, timeout=60_000)
    return time.monotonic() - began
