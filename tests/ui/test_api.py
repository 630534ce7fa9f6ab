"""The endpoints through gradio_client and through MCP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError

from intern.runs.events import FINAL_STATUSES
from tests.conftest import shared
from tests.ui.conftest import awaited
from tests.ui.seeding import Seeder, finished_run

PUBLIC = {
    "start_run",
    "send_message",
    "get_run",
    "list_runs",
    "stream_run",
    "stop_run",
    "list_artifacts",
    "get_artifact",
    "read_paper",
    "health",
}


def wait_for_end(client, run_id: str, timeout: float = 60) -> dict:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        report = client.predict(run_id, api_name="/get_run")
        if report["status"] in FINAL_STATUSES:
            return report
        time.sleep(0.2)
    raise AssertionError(f"run {run_id} did not end")


@pytest.fixture(scope="module")
def finished(served):
    return finished_run(served.service)


def test_the_endpoints_are_the_contract(client):
    named = {name.strip("/") for name in client.view_api(return_format="dict", print_info=False)["named_endpoints"]}
    assert named == PUBLIC


def test_every_endpoint_says_what_it_does(client):
    info = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name, endpoint in info.items():
        for parameter in endpoint["parameters"]:
            assert parameter["parameter_name"] not in ("request", "token"), name


def test_health(client):
    health = client.predict(api_name="/health")
    assert health["brain"] == "planner" and health["offline"] is True and health["compute"] == ["local"]
    assert "home" not in health


def test_start_a_run_and_follow_it_to_its_end(client):
    began = time.monotonic()
    info = client.predict("read paper: attention is all you need", client_key="key 1", api_name="/start_run")
    assert time.monotonic() - began < 20
    again = client.predict("something else", client_key="key 1", api_name="/start_run")
    assert again["run_id"] == info["run_id"]
    events, cursor, status = [], 0, ""
    for batch in client.submit(info["run_id"], api_name="/stream_run"):
        events += batch["events"]
        assert batch["cursor"] >= cursor
        cursor, status = batch["cursor"], batch["status"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert status == "done"
    kinds = [event["body"]["kind"] for event in events]
    assert kinds[0] == "user" and "code" in kinds and "answer" in kinds
    report = client.predict(info["run_id"], api_name="/get_run")
    assert report["setup"]["hyperparameters"] and report["brain"] == "planner"
    later = client.predict(info["run_id"], cursor, False, api_name="/stream_run")
    assert later["events"] == [] and later["cursor"] == cursor
    listed = client.predict(api_name="/list_runs")["runs"]
    assert info["run_id"] in [run["run_id"] for run in listed]


def test_a_message_continues_the_conversation(client):
    run_id = client.predict("read paper: attention is all you need", api_name="/start_run")["run_id"]
    wait_for_end(client, run_id)
    client.predict(run_id, "what else can you do?", api_name="/send_message")
    wait_for_end(client, run_id)
    batch = client.predict(run_id, 0, False, api_name="/stream_run")
    assert [e["body"]["text"] for e in batch["events"] if e["body"]["kind"] == "user"][-1] == "what else can you do?"


def test_stop(client, served):
    run_id = client.predict("reproduce paper: attention is all you need", api_name="/start_run")["run_id"]
    time.sleep(1.0)
    began = time.monotonic()
    assert client.predict(run_id, api_name="/stop_run")["status"] == "stopped"
    assert time.monotonic() - began < 60
    assert client.predict(run_id, api_name="/stop_run")["status"] == "stopped"


def test_artifacts(client, finished, tmp_path):
    artifacts = client.predict(finished, api_name="/list_artifacts")["artifacts"]
    assert {a["name"] for a in artifacts} >= {"bundle/README.md", "curves.png"}
    path = client.predict(finished, "bundle/README.md", api_name="/get_artifact")
    assert "transformer-number-words" in Path(path).read_text()
    with pytest.raises(AppError, match="has no file"):
        client.predict(finished, "../../runs.sqlite", api_name="/get_artifact")


def test_a_decision_comes_from_a_client_once(client, served):
    seeder = Seeder(served.service, "asks")
    approval = seeder.ask(price=1.25)
    pending = client.predict(seeder.id, 0, False, api_name="/stream_run")["pending"]
    assert [(p["approval_id"], p["price_usd"]) for p in pending] == [(approval, 1.25)]
    with pytest.raises(AppError, match="decision must be"):
        client.predict(seeder.id, approval, "perhaps", api_name="/decide_approval")
    client.predict(seeder.id, approval, "rejected: not now", api_name="/decide_approval")
    with pytest.raises(AppError, match="one decision"):
        client.predict(seeder.id, approval, "approved", api_name="/decide_approval")
    assert served.service.approvals.get(approval).feedback == "not now"


@pytest.mark.parametrize(
    ("endpoint", "arguments", "said"),
    [
        ("/get_run", ["nothing"], "There is no run"),
        ("/start_run", [" "], "The task is empty"),
        ("/send_message", ["nothing", "x"], "There is no run"),
        ("/read_paper", [""], "Name a paper"),
    ],
)
def test_refusals_are_one_clear_line(client, endpoint, arguments, said):
    with pytest.raises(AppError) as error:
        client.predict(*arguments, api_name=endpoint)
    assert said in str(error.value) and "Traceback" not in str(error.value)


def test_read_a_paper_by_title(client):
    reading = client.predict("attention is all you need", api_name="/read_paper")
    assert reading["arxiv_id"].startswith("1706.03762") and reading["setup"]["hyperparameters"]


def test_read_an_uploaded_paper(client):
    reading = client.predict(paper_file=handle_file(shared("papers/1408.5882.pdf")), api_name="/read_paper")
    assert "Sentence Classification" in reading["title"] and reading["pages"] == 6


def test_a_path_of_the_server_is_no_upload(client, served):
    stolen = {"path": str(served.service.log.path), "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": ["t", "", stolen]}).encode()
    request = urllib.request.Request(
        f"{served.url}/gradio_api/run/start_run", body, headers={"content-type": "application/json"}
    )
    before = len(served.service.list_runs())
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=90)
    assert len(served.service.list_runs()) == before


async def _mcp(url: str, calls: list[tuple[str, dict]]) -> tuple[list[str], list[str]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with (
        streamablehttp_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        answers = []
        for name, arguments in calls:
            result = await session.call_tool(name, arguments)
            answers.append(result.content[0].text)
        return tools, answers


def test_mcp_lists_the_endpoints_without_the_decision_and_answers_in_json(served, finished):
    calls = [
        ("health", {}),
        ("list_runs", {"limit": 5}),
        ("get_run", {"run_id": finished}),
        ("stream_run", {"run_id": finished}),
        ("list_artifacts", {"run_id": finished}),
        ("read_paper", {"paper": "attention is all you need"}),
        ("start_run", {"task": "read paper: attention is all you need"}),
    ]
    tools, answers = awaited(_mcp(served.url, calls))
    assert set(tools) == PUBLIC
    health, runs, report, batch, artifacts, reading, started = map(json.loads, answers)
    assert health["brain"] == "planner" and runs["runs"] and report["summary"]["mean"] == 97.6
    assert batch["cursor"] == len(batch["events"]) and artifacts["artifacts"] and reading["setup"]
    assert started["status"] in ("queued", "running", "done")


def test_an_mcp_client_cannot_decide(served):
    seeder = Seeder(served.service, "asks")
    approval = seeder.ask()
    arguments = {"run_id": seeder.id, "approval_id": approval, "decision": "approved"}
    _, answers = awaited(_mcp(served.url, [("decide_approval", arguments)]))
    assert "not found" in answers[0].lower() or "unknown" in answers[0].lower()
    assert served.service.approvals.get(approval).decision is None
