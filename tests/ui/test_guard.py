"""A stranger's page can neither post to the app, nor frame it, nor take its name."""

from __future__ import annotations

import json

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from intern.ui.guard import Guard, is_loopback

START = {"data": ["read paper: attention is all you need"]}


def test_every_answer_has_the_headers(served):
    for path in ("/", "/config", "/gradio_api/info", "/run-files/artifact/x/y", "/nothing"):
        headers = httpx.get(f"{served.url}{path}", timeout=90).headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://["])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_strangers_page_starts_nothing(served, origin, kind):
    before = len(served.service.list_runs())
    headers = {"origin": origin} | ({"content-type": kind} if kind else {})
    for path in (
        "/gradio_api/run/start_run",
        "/gradio_api/call/start_run",
        "/gradio_api/queue/join",
        "/gradio_api/mcp/",
    ):
        answer = httpx.post(f"{served.url}{path}", content=json.dumps(START), headers=headers, timeout=90)
        assert answer.status_code == 403 and "may not change anything" in answer.text, path
    assert len(served.service.list_runs()) == before


def test_another_name_for_this_machine_is_refused(served):
    port = served.url.rpartition(":")[2]
    answer = httpx.get(served.url, headers={"host": f"evil.example:{port}"}, timeout=90)
    assert answer.status_code == 403 and "app.hosts" in answer.text
    assert httpx.get(served.url, headers={"host": f"localhost:{port}"}, timeout=90).status_code == 200


@pytest.mark.parametrize(
    ("loopback", "hosts", "host", "origin", "taken"),
    [
        (True, (), "127.0.0.1:7860", "http://127.0.0.1:7860", True),
        (True, (), "localhost:7860", "http://127.0.0.1:3000", True),
        (True, (), "[::1]:7860", None, True),
        (True, (), "lab.example", "https://lab.example", False),
        (True, ("Lab.example",), "lab.example", "https://lab.example", True),
        (True, ("lab.example",), "127.0.0.1:7860", "https://lab.example", True),
        (False, (), "lab.example:7860", "http://lab.example:7860", True),
        (False, (), "lab.example:7860", "http://other.example", False),
        (True, (), "", None, False),
    ],
)
def test_who_is_let_in(loopback, hosts, host, origin, taken):
    guard = Guard(None, space=False, loopback=loopback, hosts=hosts)  # type: ignore[arg-type]
    headers = Headers({"host": host} | ({"origin": origin} if origin else {}))
    assert (guard.refusal("POST", headers) == "") is taken


@pytest.mark.parametrize(
    ("hosts", "origin", "status"),
    [
        (["ada-intern.hf.space"], "https://ada-intern.hf.space", 200),
        (["ada-intern.hf.space"], "https://eve-trap.hf.space", 403),
        (["ada-intern.hf.space"], None, 200),  # a program, with its token
        ([], "https://ada-intern.hf.space", 200),  # an address that it was not told
    ],
)
def test_on_a_space_only_its_own_pages_change_anything(hosts, origin, status):
    async def app(scope, receive, send):
        await PlainTextResponse("done")(scope, receive, send)

    guard = Guard(app, space=True, loopback=False, hosts=hosts)
    headers = {"host": "ada-intern.hf.space"} | ({"origin": origin} if origin else {})
    assert TestClient(guard).post("/gradio_api/call/decide_approval", headers=headers).status_code == status


def test_what_is_this_machine():
    assert [is_loopback(name) for name in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "app.localhost")] == [True] * 5
    assert [is_loopback(name) for name in ("0.0.0.0", "10.0.0.1", "localhost.evil", "", "127.0.0.1.evil")] == [
        False
    ] * 5
