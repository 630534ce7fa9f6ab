"""The first request leaves before the rest of the session is there, and nothing is left of it when that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from intern.runs.events import Status
from intern.service import RunRequest, Service
from intern.settings import Settings
from tests.conftest import ROOT, clean_environment
from tests.servers.llm import serving

WATCHED = """
import sys, httpx2
stream = httpx2.Client.stream
def watched(self, *arguments, **more):
    print("loaded:", sorted({"smolagents", "rich", "intern.tools.base"} & set(sys.modules)), file=sys.stderr)
    return stream(self, *arguments, **more)
httpx2.Client.stream = watched
sys.argv = ["intern", "run", "hello", "--model", "scripted"]
from intern.__main__ import main
main()
"""


def test_the_first_request_waits_for_no_library_of_the_steps(tmp_path: Path):
    with serving("Look.\n<run>\nprint(6 * 7)\n", "It is 42.") as server:
        environment = clean_environment(tmp_path / "home") | {"INTERN_LLM_BASE_URL": f"{server.url}/v1"}
        done = subprocess.run(
            [sys.executable, "-c", WATCHED], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stderr
    first, second = [line for line in done.stderr.splitlines() if line.startswith("loaded:")]
    assert "smolagents" not in first and "intern.tools.base" not in first and "smolagents" in second
    assert "It is 42." in done.stdout
    shown = [[m["content"] for m in r["body"]["messages"]] for r in server.requests]
    assert shown[1][: len(shown[0])] == shown[0] and "42" in shown[1][-1], "the second prompt goes on from the first"


def test_a_session_that_cannot_be_built_takes_its_first_request_back(home: Path, monkeypatch):
    monkeypatch.setattr("intern.tools.all_tools.build_tools", lambda bench: 1 / 0)
    with serving({"reply": "Too late.", "stall": 60}) as server:
        service = Service(Settings(home=home, offline=True, model="scripted", llm_base_url=f"{server.url}/v1"))
        run_id = service.start_run(RunRequest(task="hello")).run_id
        assert service.join(run_id, 50), "nobody waits for the answer"
        events = service.events(run_id)
        service.close("over")
    last = events[-1].body
    assert isinstance(last, Status) and last.status == "failed" and "ZeroDivisionError" in last.reason
