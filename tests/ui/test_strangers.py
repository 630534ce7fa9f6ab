"""Every function that the app answers, asked with another person's run: by raw requests, public or not.

The functions are read from the app itself, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx
import pytest

from intern.service import Service
from tests.ui.conftest import AppProcess
from tests.ui.seeding import ANSWER, Seeder, finished_run, settings_in

SECRETS = (  # a bare number also stands in the time of some run
    "transformer-number-words",
    "BLEU 97.6",
    '"mean": 97.6',
    '"mean":97.6',
    ANSWER[:40],
    "Vaswani",
    "step 900/900",
    "curves.png",
)
STRANGER = "anon-" + "0" * 32


class Space:
    """A Space on which `ada` has runs, and raw requests to it."""

    def __init__(self, app: AppProcess, service: Service) -> None:
        self.app, self.service = app, service
        self.web = httpx.Client(base_url=app.url, timeout=60)
        self.config = self.web.get("/config").json()
        self.info = self.web.get("/gradio_api/info?all_endpoints=true").json()
        self.names = {c["id"]: c["props"].get("elem_id") or "" for c in self.config["components"]}

    @property
    def functions(self) -> list[dict[str, Any]]:
        """All that runs on the server, whether a page, a script or nobody is meant to call it."""
        return [d for d in self.config["dependencies"] if d["backend_fn"]]

    def call(self, function: dict[str, Any], data: list[Any], run_id: str, **headers: str) -> str:
        """All that the app answers: a direct request, and the same through the queue."""
        event = {"run": run_id, "title": "mine now", "answer": "price", "text": "x"}
        body = {"data": data, "fn_index": function["id"], "session_hash": secrets.token_hex(5), "event_data": event}
        name = function["api_name"] or "predict"
        said = self.web.post(f"/gradio_api/run/{name}", json=body, headers=headers).text
        joined = self.web.post("/gradio_api/queue/join", json=body, headers=headers)
        if joined.status_code != 200:
            return said + joined.text
        with self.web.stream("GET", "/gradio_api/queue/data", params={"session_hash": body["session_hash"]}) as stream:
            for line in stream.iter_lines():
                said += line
                if '"process_completed"' in line or '"close_stream"' in line:
                    break
        return said


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    from tests.ui.oidc import FakeHub

    hub, home = FakeHub(), tmp_path_factory.mktemp("strangers")
    app = AppProcess(home, SYSTEM="spaces", SPACE_ID="someone/intern", HF_ENDPOINT=hub.url)
    try:
        app.wait()
        yield Space(app, Service(settings_in(home)))
    finally:
        app.end()
        hub.close()


def given(space: Space, function: dict[str, Any], run_id: str, visitor: str, artifact: str) -> list[Any]:
    """What a request would hold: the run's id wherever a run is named, else something harmless of the right kind."""
    name = function["api_name"]
    if "/" + str(name) in space.info["named_endpoints"] or name in ("decide_approval",):
        parameters = space.info["named_endpoints"].get(f"/{name}", {}).get("parameters") or [
            {"parameter_name": "run_id"}, {"parameter_name": "approval_id"}, {"parameter_name": "decision"},
        ]  # fmt: skip
        values = {
            "run_id": run_id, "text": "mine now", "name": artifact, "approval_id": "a", "decision": "approved",
            "task": "read paper: attention is all you need", "paper": "attention is all you need", "cursor": 0,
            "follow": False, "limit": 50, "publish": "never", "compute": "local", "review": False, "budget_usd": 0,
        }  # fmt: skip
        return [values.get(p["parameter_name"]) for p in parameters]
    by_place = {
        "run-id": run_id, "follow": f"{run_id} x", "said": "mine now", "task": "mine now", "spec-text": "title: mine",
        "program-text": "print(1)", "search": "", "find": "", "publish": "never", "minutes": 1, "compute": "local",
    }  # fmt: skip
    of_browser = {c["id"]: c["type"] for c in space.config["components"]}
    keys = {c["id"]: c["props"].get("storage_key") for c in space.config["components"]}
    return [
        {"intern-visitor": visitor, "intern-last-run": run_id}[keys[i]]
        if of_browser[i] == "browserstate"
        else by_place.get(space.names[i])
        for i in function["inputs"]
    ]


def untouched(space: Space, run_id: str) -> tuple[Any, ...]:
    return (space.service.info(run_id, "ada").model_dump_json(), len(space.service.events(run_id, "ada")))


def test_no_function_gives_or_changes_a_strangers_run(space):
    done, asks = finished_run(space.service, "ada"), Seeder(space.service, "asks", "ada")
    asks.ask()
    functions = space.functions
    assert len(functions) >= 30 and {"send", "tick", "follow", "rename"} <= {f["api_name"] for f in functions}
    for run_id in (done, asks.id):
        before = untouched(space, run_id)
        for function in functions:
            data = given(space, function, run_id, STRANGER, "bundle/README.md")
            said = space.call(function, data, run_id, **{"x-hf-authorization": "Bearer hf_bob"})
            leaked = [secret for secret in SECRETS if secret in said and secret not in json.dumps(data)]
            if function["api_name"] in ("read_paper",):  # the paper is everybody's
                leaked = [secret for secret in leaked if secret != "Vaswani"]
            assert not leaked, (function["api_name"], leaked)
            assert untouched(space, run_id) == before, function["api_name"]


def test_the_same_requests_of_its_owner_are_answered(space):
    """Else the test above would pass for requests that nobody could make."""
    run_id = finished_run(space.service, "ada")
    answered = {}
    for function in space.functions:
        if function["api_name"] in ("get_run", "list_artifacts", "stream_run"):
            data = given(space, function, run_id, STRANGER, "bundle/README.md")
            said = space.call(function, data, run_id, **{"x-hf-authorization": "Bearer hf_ada"})
            answered[function["api_name"]] = any(secret in said for secret in SECRETS)
    mine = finished_run(space.service, STRANGER)
    for function in space.functions:
        if function["api_name"] in ("restore", "tick", "follow", "open_run", "find"):
            said = space.call(function, given(space, function, mine, STRANGER, ""), mine)
            answered[function["api_name"]] = any(secret in said for secret in (*SECRETS, "reproduce paper"))
    assert all(answered.values()) and len(answered) >= 7, answered
