"""Makes the pictures of README and docs from the real app: a browser gives it the task and takes pictures on the way.

    python docs/screenshots.py [--minutes 5] [--chromium /usr/bin/chromium]

Writes docs/app.png (while it trains), docs/decision.png, docs/results.png and docs/phone.png.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
TASK = "reproduce paper: attention is all you need"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def serve(home: str, port: int) -> subprocess.Popen[bytes]:
    """`python app.py`, answering."""
    environment = os.environ | {"INTERN_HOME": home, "INTERN_OFFLINE": "1"}
    command = [sys.executable, "app.py", "--port", str(port)]
    app = subprocess.Popen(command, cwd=HERE.parent, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5).close()
            return app
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError("the app did not answer")


def picture(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / name)


def tour(browser: Browser, url: str, minutes: float) -> None:
    """One run from the task to the published folder."""
    patience = (minutes * 1.5 + 5) * 60_000
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.wait_for_selector("#task textarea")
    page.locator("#options button").first.click()
    page.fill("#minutes input", str(minutes))
    page.locator("#options button").first.click()
    page.fill("#task textarea", TASK)
    page.keyboard.press("Enter")
    # Two curves in a chart: the second seed is on its way.
    page.wait_for_selector(".chart polyline:nth-of-type(2)", timeout=patience)
    both = "chart => chart.querySelectorAll('polyline, circle').length >= 2"
    page.wait_for_function(f"[...document.querySelectorAll('.chart')].filter({both}).length >= 3", timeout=patience)
    picture(page, "app.png")
    page.wait_for_selector("#approve", timeout=patience)
    page.get_by_role("tab", name="Paper & experiment").click()
    picture(page, "decision.png")
    page.click("#approve")
    page.wait_for_function("document.querySelector('.runbar .chip').innerText === 'Done'", timeout=120_000)
    page.get_by_role("tab", name="Results").click()
    picture(page, "results.png")
    phone = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark", device_scale_factor=2)
    phone.goto(page.url)
    phone.wait_for_selector("#results .headline")
    phone.locator("#right").evaluate("node => node.scrollIntoView()")
    picture(phone, "phone.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    arguments = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        app = serve(home, port)
        try:
            flags = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=arguments.chromium, args=flags)
            tour(browser, f"http://127.0.0.1:{port}", arguments.minutes)
            browser.close()
        finally:
            app.terminate()
            app.wait(20)


if __name__ == "__main__":
    main()
