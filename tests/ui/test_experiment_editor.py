"""The experiment is changed in the page before it trains, and what was changed is what trains."""

from __future__ import annotations

import pytest

from intern.experiments import programs
from intern.service import RunRequest
from tests.experiments.samples import install_tiny, write_rows
from tests.ui.test_browser import open_run, shows_tab, wait_text


@pytest.fixture
def waiting(served, tmp_path, monkeypatch):
    """A run that shows its experiment and waits for a yes."""
    install_tiny(tmp_path / "programs")
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "programs")
    request = RunRequest(
        task="train a classifier of sentences with two seeds", data=str(write_rows(tmp_path / "rows")), review=True,
        publish="never",
    )  # fmt: skip
    run_id = served.service.start_run(request).run_id
    assert served.service.join(run_id, 60)
    assert served.service.info(run_id).status == "waiting", served.service.answer(run_id)
    return run_id


def write(page, before: str, after: str) -> None:
    """Replace text in the editor as a person would: all of it selected and typed anew."""
    text = page.locator("#spec-text .cm-content")
    lines = text.evaluate("node => [...node.querySelectorAll('.cm-line')].map(line => line.textContent)")
    whole = "\n".join(lines)
    assert whole.count(before) == 1, whole
    text.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(whole.replace(before, after))


def test_the_experiment_is_edited_and_the_edited_one_trains(watched, served, waiting):
    page = open_run(watched, served, waiting, viewport={"width": 1440, "height": 1600})
    shows_tab(page, "Experiment")
    wait_text(page, "#approval", "Start “")
    write(page, "seeds:\n- 1\n- 2\n", "seeds:\n- 1\n- 1\n")
    page.click("#save-spec")
    wait_text(page, ".toast-wrap", "different whole numbers")
    page.locator(".toast-wrap button").first.click()
    write(page, "seeds:\n- 1\n- 1\n", "seeds:\n- 7\n")
    page.click("#save-spec")
    wait_text(page, "#experiment-panel", "Seeds\n7")
    wait_text(page, "#approval", "1 seed, ")
    page.click("#approve")
    wait_text(page, ".runbar .chip", "Done", 60)
    page.wait_for_selector("#editor", state="hidden")
    report = served.service.get_run(waiting)
    assert [run["seed"] for run in report.runs] == [7]
