"""The main job through the front door: `python app.py`, a browser, a task, an approval, a published folder."""

from __future__ import annotations

import time
from pathlib import Path

from tests.ui.conftest import AppProcess
from tests.ui.test_browser import wait_text


def test_from_the_task_to_the_published_folder(watched, tmp_path):
    app = AppProcess(tmp_path / "home")
    try:
        assert app.wait() < 10
        page = watched().page
        page.goto(app.url)
        page.wait_for_selector("#task textarea")
        page.locator("#options button").first.click()
        page.fill("#minutes input", "2")
        page.fill("#task textarea", "reproduce paper: attention is all you need, with 1 seed, 60 steps")
        began = time.monotonic()
        page.keyboard.press("Enter")
        page.wait_for_selector("#chat .user")
        assert time.monotonic() - began < 3
        # Steps, plan, code and curve arrive live.
        wait_text(page, "#chat", "find_paper", 60)
        wait_text(page, ".plan", "Train and measure", 60)
        page.wait_for_selector("#chat pre code", state="attached", timeout=60_000)
        page.wait_for_selector(".chart polyline, .chart circle", timeout=120_000)
        address = page.url
        # Reload in the middle of the training: back in the run.
        page.reload()
        began = time.monotonic()
        page.wait_for_selector(".chart polyline, .chart circle", timeout=20_000)
        wait_text(page, ".runbar .chip", "Working")
        assert time.monotonic() - began < 5  # two seconds when the training leaves the cores alone
        assert page.url == address and page.locator("#chat .user").count() == 1
        page.get_by_role("tab", name="Paper & experiment").click()
        wait_text(page, "#paper-panel", "Attention Is All You Need")
        wait_text(page, "#paper-panel", "Deviations from the paper")
        page.get_by_role("tab", name="Logs").click()
        wait_text(page, "#log", "started", 30)
        # A person decides.
        page.wait_for_selector("#approve", timeout=120_000)
        wait_text(page, "#approval", "Costs nothing")
        page.click("#approve")
        wait_text(page, ".runbar .chip", "Done", 60)
        page.get_by_role("tab", name="Results").click()
        wait_text(page, "#results", "sealed")
        wait_text(page, "#results", "over 1 seed")
        location = Path(page.locator("#results .published code").inner_text())
        assert location.is_relative_to(tmp_path / "home" / "published")
        assert (location / "README.md").is_file()
        assert any(location.rglob("*.safetensors"))
        page.get_by_role("tab", name="Files").click()
        wait_text(page, "#files", "README.md")
        assert page.locator("#chat .note-error").count() == 0
    finally:
        app.end()
