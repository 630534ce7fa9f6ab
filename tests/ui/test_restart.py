"""The server is killed and started again: the page comes back by itself, and the run is where it was."""

from __future__ import annotations

import json
import signal
import sqlite3

from intern.service import Service
from tests.ui.conftest import AppProcess
from tests.ui.seeding import Seeder, settings_in
from tests.ui.test_browser import wait_text


def test_a_killed_server_that_comes_back_finds_its_page_and_its_question(watched, tmp_path):
    home = tmp_path / "home"
    seeder = Seeder(Service(settings_in(home)), "survives")
    seeder.paper()
    approval = seeder.ask(price=3)
    seeder.log.release(seeder.id)
    app = AppProcess(home)
    again = None
    try:
        app.wait()
        page = watched().page
        page.goto(f"{app.url}/?run={seeder.id}")
        wait_text(page, "#approval", "$3.00 at most")
        page.evaluate("window.beforeTheKill = true")
        app.process.send_signal(signal.SIGKILL)
        app.process.wait()
        again = AppProcess(home, app.port)
        again.wait()
        page.wait_for_function("window.beforeTheKill === undefined", timeout=90_000)
        wait_text(page, "#approval", "$3.00 at most")
        assert page.locator("#chat .user").count() == 1
        page.fill("#feedback textarea", "too dear")
        page.click("#reject")
        page.wait_for_selector("#approval", state="hidden")
    finally:
        app.end()
        if again is not None:
            again.end()
    with sqlite3.connect(home / "runs.sqlite") as database:
        rows = database.execute("SELECT payload FROM events WHERE kind='decision'").fetchall()
    decisions = [json.loads(payload) for (payload,) in rows]
    assert [(d["approval_id"], d["decision"], d["feedback"]) for d in decisions] == [(approval, "rejected", "too dear")]
