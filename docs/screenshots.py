"""Makes the pictures of README and docs from the real app: a browser gives it the tasks and takes pictures on the way.

    python docs/screenshots.py [--minutes 5] [--chromium /usr/bin/chromium]

Writes docs/empty.png, options.png, setup.png, error.png, paper.png, experiment.png, app.png (while it trains), logs.png,
decision.png, publish.png, results.png, files.png, dark.png and phone.png, each below 200 kB (256 colours; needs Pillow).
The paper in the picture is a page of our own.
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

import pymupdf
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
MOST_BYTES = 200_000
PATIENCE = 180_000
"""Milliseconds: a machine that others use too can be slow."""
TASK = "reproduce paper: attention is all you need"
OUR_PAPER = """Small Filters Suffice for Short Questions

A. Writer, B. Reader

Abstract

We train a convolutional network on short questions and reach an accuracy of 91.4 on TREC.

1 Introduction

This page was written for a picture of the app. It states a setup as papers do.

2 Experiments

We train on TREC, which has 5452 training and 500 test questions. We use filter windows of 3, 4
and 5 with 100 feature maps each, dropout of 0.5 and a batch size of 50. Training is done with
Adadelta for 25 epochs, with word vectors of 300 dimensions.

3 Results

Our network reaches an accuracy of 91.4 on TREC.
"""


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
    path = HERE / name
    page.screenshot(path=path)
    with Image.open(path) as taken:  # flat colours: a palette shows no difference and takes half the space
        taken.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{name} has {path.stat().st_size} bytes, more than {MOST_BYTES}.")


def our_paper(folder: Path) -> Path:
    """A PDF page of our own, so that no paper of others is in our pictures."""
    path = folder / "small-filters.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        for number, line in enumerate(OUR_PAPER.splitlines()):
            heading = line[:1].isdigit() or line == "Abstract"
            size = 17 if number == 0 else 12 if heading else 10.5
            page.insert_text((72, 84 + 18 * number), line, fontsize=size, fontname="hebo" if heading else "helv")
        document.save(path)
    return path


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def first_looks(browser: Browser, url: str, folder: Path) -> None:
    """The empty page, the set-up, an error, and a paper that was uploaded without a word."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_selector("#chat .example")
    picture(page, "empty.png")
    page.locator("#options button").first.click()
    picture(page, "options.png")
    page.locator("#options button").first.click()
    page.click("#setup")
    page.wait_for_selector("#checklist li")
    picture(page, "setup.png")
    page.goto(url)
    page.wait_for_selector("#chat .example")
    page.fill("#task textarea", "read paper: a paper that nobody has written")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .note-error", timeout=60_000)
    picture(page, "error.png")
    page.goto(url)
    page.wait_for_selector("#chat .example")
    page.locator("#options button").first.click()
    page.set_input_files("#paper-file input[type=file]", our_paper(folder))
    page.wait_for_selector("#paper-file .file-preview")
    page.locator("#options button").first.click()
    page.click("#send")
    page.wait_for_function("document.querySelector('.runbar .chip')?.innerText === 'Done'", timeout=120_000)
    tab(page, "Paper")
    page.locator(".fact:has(.key:text-is('dropout')) summary").first.click()
    page.wait_for_function("document.querySelector('.fact[open] img')?.naturalWidth > 100", timeout=60_000)
    picture(page, "paper.png")
    page.close()


def tour(browser: Browser, url: str, minutes: float) -> None:
    """One run from the task to the published folder."""
    patience = (minutes * 1.5 + 5) * 60_000
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_selector("#task textarea")
    page.locator("#options button").first.click()
    page.fill("#minutes input", str(minutes))
    page.check("#review input")
    page.locator("#options button").first.click()
    page.fill("#task textarea", TASK)
    page.keyboard.press("Enter")
    page.wait_for_selector("#editor .cm-line", timeout=patience)
    page.locator("#editor").scroll_into_view_if_needed()
    picture(page, "experiment.png")
    page.click("#approve")
    tab(page, "Training")
    # Two curves in a chart: the second seed is on its way.
    page.wait_for_selector(".chart polyline:nth-of-type(2)", timeout=patience)
    both = "chart => chart.querySelectorAll('polyline, circle').length >= 2"
    page.wait_for_function(f"[...document.querySelectorAll('.chart')].filter({both}).length >= 3", timeout=patience)
    picture(page, "app.png")
    tab(page, "Logs")
    picture(page, "logs.png")
    page.wait_for_function("document.querySelector('#approval h2')?.innerText.startsWith('Publish')", timeout=patience)
    tab(page, "Experiment")
    picture(page, "decision.png")
    tab(page, "Publish")
    picture(page, "publish.png")
    page.click("#approve")
    page.wait_for_function("document.querySelector('.runbar .chip').innerText === 'Done'", timeout=120_000)
    tab(page, "Results")
    picture(page, "results.png")
    tab(page, "Files")
    picture(page, "files.png")
    dark = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    dark.set_default_timeout(PATIENCE)
    dark.goto(page.url)
    dark.wait_for_selector("#results .headline")
    picture(dark, "dark.png")
    phone = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark", device_scale_factor=2)
    phone.set_default_timeout(PATIENCE)
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
            first_looks(browser, f"http://127.0.0.1:{port}", Path(home))
            tour(browser, f"http://127.0.0.1:{port}", arguments.minutes)
            browser.close()
        finally:
            app.terminate()
            app.wait(20)


if __name__ == "__main__":
    main()
