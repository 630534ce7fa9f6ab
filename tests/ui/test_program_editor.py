"""The program of a rented job is read and changed in the page; the changed one needs a decision of its own."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.experiments.samples import write_rows
from tests.ui.test_browser import wait_text

TASK = "train a text classifier, epochs=2, two seeds"


@pytest.fixture
def parked(hub, intern, tmp_path):
    """A run that asks whether it may rent a machine."""
    rows = str(write_rows(tmp_path / "rows", 120))
    options = ("--data", rows, "--compute", "hf-jobs", "--publish", "never", "--budget-usd", "2", "--json")
    finished = intern("run", TASK, *options, **hub.environment())
    assert finished.code == 3, finished.err
    return finished.json["run_id"]


def decisions(home) -> list[tuple[str, str]]:
    with sqlite3.connect(home / "runs.sqlite") as db:
        rows = db.execute("SELECT payload FROM events WHERE kind='decision' ORDER BY seq").fetchall()
    return [(row["decision"], row["feedback"]) for row in (json.loads(text) for (text,) in rows)]


def write(page, text: str) -> None:
    """Replace all of the program, as a person would: selected and pasted over."""
    page.locator("#program-text .cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_the_program_of_a_rented_job_is_edited_and_asked_about_anew(watched, hub, home, parked, app_at_hub):
    page = watched(viewport={"width": 1440, "height": 1600}).page
    page.goto(f"{app_at_hub.url}/?run={parked}")
    wait_text(page, "#approval", "at most, in total")
    for words in ("/h", "min each", "at worst", "billed to alice", "Of this run's budget $2.00 are left"):
        wait_text(page, "#approval-summary", words)
    page.locator("#program-box button").first.click()
    wait_text(page, "#program-box", "rescored")
    first = page.locator("#approval-id textarea, #approval-id input").input_value()

    program = home / "runs" / parked / "artifacts" / "program.py"
    before = program.read_text()

    page.click("#save-program")
    wait_text(page, ".toast-wrap", "The program is as it was")
    page.locator(".toast-wrap button").first.click()
    write(page, before + "def (\n")
    page.click("#save-program")
    wait_text(page, ".toast-wrap", "The edited program cannot run")
    page.locator(".toast-wrap button").first.click()
    assert decisions(home) == [], "what cannot run replaces nothing"

    write(page, before + "# mine\n")
    page.click("#save-program")
    page.wait_for_function(
        "first => ![first, ''].includes(document.querySelector('#approval-id textarea, #approval-id input')?.value)",
        arg=first, timeout=90_000,
    )  # fmt: skip
    wait_text(page, "#chat", "its results count as rescored, not sealed")
    assert [decision for decision, _ in decisions(home)] == ["expired"]
    assert program.read_text() == before + "# mine\n"

    page.fill("#feedback textarea", "too dear")
    page.click("#reject")
    wait_text(page, "#chat", "too dear", 60)
    page.wait_for_selector("#approval", state="hidden")
    assert decisions(home)[-1] == ("rejected", "too dear")
    assert not list(hub.api().list_jobs(namespace="alice", labels={"intern-run": parked})), "nothing was rented"
