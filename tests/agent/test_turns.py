"""Several turns of one conversation through the service, with an LLM over HTTP: memory, variables, questions, kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intern.agent import trouble
from intern.agent.kept import Kept, SandboxKeeper
from intern.service import BadRequestError, RunRequest, Service
from intern.settings import Settings
from tests.agent.conftest import code
from tests.conftest import ROOT, clean_environment
from tests.servers.llm import LlmServer, serving


def service_for(home: Path, server: LlmServer) -> Service:
    return Service(Settings(home=home, offline=True, model="scripted", llm_base_url=f"{server.url}/v1"))


@pytest.fixture
def closing() -> Iterator[list[Service]]:
    services: list[Service] = []
    yield services
    for service in services:
        service.close("over")


def turn(service: Service, run_id: str, status: str = "done") -> str:
    assert service.join(run_id, 60)
    assert service.info(run_id).status == status, service.answer(run_id)
    return service.answer(run_id)


def test_a_follow_up_has_the_memory_and_the_variables(home, closing):
    with serving(code("x = 41\nprint(x)"), "It is 41.", code("final_answer(x + 1)")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="count")).run_id
        assert turn(service, run_id) == "It is 41."
        service.send_message(run_id, "and one more?")
        assert turn(service, run_id) == "42"
        shown = [m["content"] for m in server.requests[2]["body"]["messages"]]
        assert shown[-1] == "and one more?" and "Observation of step 1:\n41\n" in shown
        assert service.get_run(run_id).cost_usd == 0.0, "a server on this machine costs nothing"


def test_a_question_waits_for_the_answer_and_then_goes_on_with_the_variables(home, closing):
    asks = code("x = 1\nask_user(question='Red or blue?', options=['red', 'blue'])\nprint('never')")
    with serving(asks, code("final_answer(f'blue {x}')")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="paint")).run_id
        assert "Red or blue?" in turn(service, run_id, "waiting")
        assert service.question(run_id).options == ["red", "blue"]
        service.send_message(run_id, "blue")
        assert turn(service, run_id) == "blue 1" and service.question(run_id) is None
        shown = [m["content"] for m in server.requests[1]["body"]["messages"]]
        assert "You asked the person" in shown[-1] and shown[-1].endswith("blue")
        assert "never" not in shown[-1]


def test_a_limit_ends_the_run_with_what_is_known(home, closing):
    with serving(*[code(f"print({n})") for n in range(60)]) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="count for ever", max_steps=12)).run_id
        assert "within 12 steps. Resume the run for as many more." in turn(service, run_id, "stopped")
        notes = [e.body.text for e in service.events(run_id, kinds=("note",))]
        assert "12 steps were done" in notes[-1]
        service.resume_run(run_id)
        turn(service, run_id, "stopped")
        assert [len(server.requests), len(service.events(run_id, kinds=("code",)))] == [24, 24]


FINISH = code("final_answer('done all the same')")


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "retry_after": 0.2}, {"status": 500}, {"status": 502, "message": "<html>"}, {"status": 503},
        {"reply": FINISH, "cut": 12}, {"malformed": True}, {"empty": True}, {"reply": ""},
        {"reply": FINISH, "finish": "length"}, {"reply": code("1 +")}, {"reply": "half", "error": {"code": 503, "message": "x"}},
    ],
    ids=["429", "500", "502", "503", "cut", "malformed", "no choices", "empty", "length", "broken code", "error in stream"],
)  # fmt: skip
def test_a_fault_in_the_middle_of_a_run_is_survived(home, closing, monkeypatch, fault):
    monkeypatch.setattr(trouble, "WAITS_SECONDS", (0.1, 0.1, 0.1))
    with serving(code("x = 1\nprint(x)"), fault, FINISH) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="work")).run_id
        assert turn(service, run_id) == "done all the same" and len(server.requests) == 3


@pytest.mark.parametrize(("status", "words"), [(401, "key"), (402, "no credit"), (403, "may not"), (404, "not know")])
def test_a_final_fault_is_one_clear_line_and_a_failed_run(home, closing, status, words):
    with serving(code("print(1)"), {"status": status}, FINISH) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="work")).run_id
        said = turn(service, run_id, "failed")
        assert words in said and "\n" not in said and "defect" not in said and len(server.requests) == 2


RUN = """
import sys
from pathlib import Path
from intern.service import BadRequestError, RunRequest, Service
from intern.settings import Settings
service = Service(Settings(home=Path(sys.argv[1]), offline=True, model="scripted", llm_base_url=sys.argv[2]))
info = service.start_run(RunRequest(task="long work"))
print(info.run_id, flush=True)
service.join(info.run_id)
"""


def test_after_kill_9_the_memory_is_rebuilt_and_lost_variables_are_said(home, closing):
    busy = code("import time\nprint('busy', flush=True)\ntime.sleep(3)\nprint(x)", "I wait.")
    with serving(code("x = 7\nprint('set')"), busy, code("x = 7\nfinal_answer('again ' + str(x))")) as server:
        process = subprocess.Popen([sys.executable, "-c", RUN, str(home), f"{server.url}/v1"], cwd=ROOT,
                                   env=clean_environment(home), stdout=subprocess.PIPE, text=True)  # fmt: skip
        run_id = process.stdout.readline().strip()
        closing.append(service := service_for(home, server))
        deadline = time.monotonic() + 60
        while not any("busy" in e.body.text for e in service.events(run_id, kinds=("output",))):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert service.recover() == [run_id]
        assert turn(service, run_id) == "again 7"
        assert len(server.requests) == 3, "the step that was cut short ran again without asking the brain"
        last = server.requests[2]["body"]["messages"][-1]["content"]
        assert "started anew after step 1" in last and "NameError" in last
        assert json.dumps(server.requests[2]["body"]["messages"]).startswith(
            json.dumps(server.requests[1]["body"]["messages"])[:-1]
        )


class Probe:
    """Stands where an executor stands, and tells whether it was ended."""

    ended = False

    def cleanup(self) -> None:
        self.ended = True


def test_kept_sandboxes_are_few_and_do_not_stay_for_ever():
    probes = [Probe() for _ in range(3)]
    keeper = SandboxKeeper(most=2, idle_seconds=0.3)
    for number, probe in enumerate(probes):
        keeper.keep(f"run{number}", Kept(probe, 0))  # type: ignore[arg-type]
    assert [p.ended for p in probes] == [True, False, False]
    assert keeper.take("run2").executor is probes[2]
    deadline = time.monotonic() + 5
    while not probes[1].ended and time.monotonic() < deadline:
        time.sleep(0.02)
    assert probes[1].ended and not probes[2].ended and keeper.take("run1") is None


@pytest.mark.parametrize(("typed", "code_of_exit"), [(b"blue\n", 0), (b"\n", 3)], ids=["answered", "no answer"])
def test_at_the_terminal_the_question_is_put_to_the_person(home, typed, code_of_exit):
    asks = code("ask_user(question='Red or blue?', options=['red', 'blue'])")
    with serving(asks, code("final_answer('painted')")) as server:
        keyboard, terminal = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "intern", "run", "paint", "--model", "scripted"], cwd=ROOT, stdin=terminal,
            env=clean_environment(home) | {"INTERN_LLM_BASE_URL": f"{server.url}/v1"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.write(keyboard, typed)
        out, err = process.communicate(timeout=60)
        os.close(keyboard)
        os.close(terminal)
    assert "Red or blue? (red, blue)" in err
    assert process.returncode == code_of_exit, err
    assert ("painted" in out) == (code_of_exit == 0)


def test_the_brain_can_be_changed_between_turns(home, closing):
    with serving(code("x = 41\nprint(x)"), "It is 41.", code("final_answer(x + 1)")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="count")).run_id
        turn(service, run_id)
        service.send_message(run_id, "and one more?", model="another")
        assert turn(service, run_id) == "42"
        assert [r["body"]["model"] for r in server.requests] == ["scripted", "scripted", "another"]
        shown = [m["content"] for m in server.requests[-1]["body"]["messages"]]
        assert "It is 41." in shown, "it knows what was said before"
        report = service.get_run(run_id)
        assert report.brain == "another" and any(
            "Brain: another" in getattr(e.body, "text", "") for e in service.events(run_id)
        )
        service.send_message(run_id, "sing a song", model="planner")
        assert service.join(run_id, 60) and service.get_run(run_id).brain == "planner" and len(server.requests) == 3
        with pytest.raises(BadRequestError, match="no model"):
            other = Service(service.settings.model_copy(update={"llm_base_url": None}))
            other.send_message(run_id, "go on", model="nowhere")
