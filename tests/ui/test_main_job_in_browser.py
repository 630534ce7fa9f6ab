"""The main job through the front door: `python app.py`, a browser, a task, an approval, a published folder."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest

from tests.ui.conftest import AppProcess
from tests.ui.test_browser import wait_text

TASK = "reproduce paper: attention is all you need, with 1 seed, 60 steps"


@pytest.fixture
def app(tmp_path):
    app = AppProcess(tmp_path / "home")
    try:
        app.wait()
        yield app
    finally:
        app.end()


def start(page) -> None:
    page.wait_for_selector("#task textarea")
    page.locator("#options button").first.click()
    page.fill("#minutes input", "8")  # enough for a busy machine; 60 steps take a fraction of it
    page.fill("#task textarea", TASK)
    began = time.monotonic()
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .user")
    assert time.monotonic() - began < 60


def arrives(page, selector: str, seconds: float) -> None:
    """Waits for something of the run; an error that the run tells is the better message."""
    page.wait_for_selector(f"{selector}, #chat .note-error", timeout=seconds * 1000)
    errors = page.locator("#chat .note-error").all_inner_texts()
    assert not errors, errors


def watch_it_work(page) -> None:
    """Steps, plan, code and curve arrive by themselves; a reload in the middle is back in the run."""
    wait_text(page, "#chat", "find_paper", 60)
    wait_text(page, ".plan", "Train and measure", 60)
    page.wait_for_selector("#chat pre code", state="attached", timeout=90_000)
    arrives(page, ".chart polyline, .chart circle", 240)
    address = page.url
    page.reload()
    began = time.monotonic()
    page.wait_for_selector(".chart polyline, .chart circle", timeout=90_000)
    wait_text(page, ".runbar .chip", "Working")
    assert time.monotonic() - began < 60  # two seconds on a machine that does nothing else
    assert page.url == address and page.locator("#chat .user").count() == 1
    page.get_by_role("tab", name="Paper").click()
    wait_text(page, "#paper-panel", "Attention Is All You Need")
    page.get_by_role("tab", name="Experiment").click()
    wait_text(page, "#experiment-panel", "Deviations from the paper")
    page.get_by_role("tab", name="Logs").click()
    wait_text(page, "#log", "started", 30)


def approve(page) -> None:
    arrives(page, "#approve", 240)
    wait_text(page, "#approval", "Costs nothing")
    page.locator("#approval-more button").first.click()
    wait_text(page, "#approval-card", "Deviations")
    page.click("#approve")
    wait_text(page, ".runbar .chip", "Done", 60)


def test_from_the_task_to_the_published_folder(watched, app, tmp_path):
    page = watched().page
    page.goto(app.url)
    start(page)
    watch_it_work(page)
    approve(page)
    page.get_by_role("tab", name="Results").click()
    wait_text(page, "#results", "sealed")
    wait_text(page, "#results", "over 1 seed")
    assert page.locator("#results .bars .mark").count() >= 1
    wait_text(page, "#results", "test rows")
    page.get_by_role("tab", name="Publish").click()
    location = Path(page.locator("#publication .published code").inner_text())
    assert location.is_relative_to(tmp_path / "home" / "published")
    assert (location / "README.md").is_file() and any(location.rglob("*.safetensors"))
    with page.expect_download() as download:
        page.locator("#publication .action").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert f"{location.name}/README.md" in archive.namelist()
    page.get_by_role("tab", name="Files").click()
    wait_text(page, "#files", "card.md")
    assert page.locator("#chat .note-error").count() == 0
