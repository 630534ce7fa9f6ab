"""Taking back the last turn: the log keeps it, the memory does not, and a killed process changes nothing of that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from intern.requests import BadRequestError
from intern.runs.log import RunNotFoundError
from intern.service import RunRequest, Service
from intern.ui.view import Views
from tests.agent.conftest import code
from tests.agent.test_turns import closing as closing
from tests.agent.test_turns import service_for, turn
from tests.conftest import ROOT, CommandLine, clean_environment
from tests.servers.llm import serving

TWO_TURNS = (code("x = 1\nprint('first')"), "One.", code("y = 'wrong'\nprint('SECRETLY WRONG')"), "Two, wrongly.")


def shown(server, number: int) -> str:
    return json.dumps(server.requests[number]["body"]["messages"])


def test_an_undone_turn_is_out_of_the_memory_and_in_the_log(home, closing):
    with serving(*TWO_TURNS, code("print(y)"), code("final_answer('better ' + str('y' in globals()))")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="count")).run_id
        turn(service, run_id)
        service.send_message(run_id, "the wrong way, please")
        assert turn(service, run_id) == "Two, wrongly."
        views = Views(service)
        assert "wrongly" in str(views.messages(run_id, "local")[1])
        before = service.last_seq(run_id)
        assert service.undo_turn(run_id).status == "done"
        assert service.answer(run_id) == "One."
        assert service.last_seq(run_id) > before, "the log only grows"
        service.send_message(run_id, "the right way")
        assert turn(service, run_id) == "better False"
        assert "WRONG" not in shown(server, 4) and "wrong way" not in shown(server, 4) and "first" in shown(server, 4)
        assert "Observation of step 3" in shown(server, 5) and "started anew after step 2" in shown(server, 5)
        events = service.events(run_id)
        assert any("SECRETLY WRONG" in str(e.body) for e in events)
        version, messages = views.messages(run_id, "local")
        assert "wrongly" not in str(messages) and "better" in str(messages) and version[0] > before
        with pytest.raises(RunNotFoundError):
            service.undo_turn(run_id, owner="eve")


def test_the_task_itself_can_only_be_replaced_and_a_working_run_is_left_alone(home, closing):
    with serving("Wrong task.", code("import time\ntime.sleep(0.5)\nfinal_answer('the right task')")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="the wrong task", max_minutes=7)).run_id
        turn(service, run_id)
        with pytest.raises(BadRequestError, match="the task itself"):
            service.undo_turn(run_id)
        service.undo_turn(run_id, instead="the other task")
        with pytest.raises(BadRequestError, match="still working"):
            service.undo_turn(run_id)
        assert turn(service, run_id) == "the right task"
        first = server.requests[1]["body"]["messages"][1]["content"]
        assert first.startswith("the other task") and '"minutes": 7' in first and "wrong task" not in shown(server, 1)


def test_a_question_that_was_undone_waits_no_more(home, closing):
    asks = code("ask_user(question='Red or blue?')")
    with serving("Ready.", asks, code("final_answer('fine')")) as server:
        closing.append(service := service_for(home, server))
        run_id = service.start_run(RunRequest(task="paint")).run_id
        turn(service, run_id)
        service.send_message(run_id, "go on")
        turn(service, run_id, "waiting")
        assert service.undo_turn(run_id).status == "done" and service.question(run_id) is None
        service.send_message(run_id, "something else")
        assert turn(service, run_id) == "fine" and "Red or blue" not in shown(server, 2)


GO_ON = """
import sys
from pathlib import Path
from intern.service import Service
from intern.settings import Settings
service = Service(Settings(home=Path(sys.argv[1]), offline=True, model="scripted", llm_base_url=sys.argv[2]))
service.undo_turn(sys.argv[3], instead="the right way")
service.join(sys.argv[3])
"""


def test_after_kill_9_an_undone_turn_stays_undone(home, closing):
    busy = code("import time\nprint('busy', flush=True)\ntime.sleep(2)\nprint('worked')", "I wait.")
    with serving(*TWO_TURNS, busy, code("final_answer('right')")) as server:
        first = service_for(home, server)
        run_id = first.start_run(RunRequest(task="count")).run_id
        turn(first, run_id)
        first.send_message(run_id, "the wrong way, please")
        turn(first, run_id)
        first.close("over")
        process = subprocess.Popen([sys.executable, "-c", GO_ON, str(home), f"{server.url}/v1", run_id], cwd=ROOT,
                                   env=clean_environment(home))  # fmt: skip
        deadline = time.monotonic() + 60
        while not any("busy" in e.body.text for e in first.events(run_id, kinds=("output",))):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        closing.append(service := service_for(home, server))
        assert service.recover() == [run_id]
        assert turn(service, run_id) == "right"
        assert len(server.requests) == 6, "the pending step ran again without asking; the undone ones did not"
        assert "WRONG" not in shown(server, 5) and "worked" in shown(server, 5) and "the right way" in shown(server, 5)


def test_undo_from_the_command_line(home, intern: CommandLine, closing):
    with serving(*TWO_TURNS, code("final_answer('edited')")) as server:
        service: Service = service_for(home, server)
        run_id = service.start_run(RunRequest(task="count")).run_id
        turn(service, run_id)
        service.send_message(run_id, "the wrong way, please")
        turn(service, run_id)
        service.close("over")
        model = {"INTERN_LLM_BASE_URL": f"{server.url}/v1", "INTERN_MODEL": "scripted"}
        done = intern("runs", "undo", run_id, **model)
        assert done.code == 0 and done.out == f"{run_id}: done\n"
        refused = intern("runs", "undo", run_id, **model)
        assert (refused.code == 2 and "--instead" in refused.err) or "do instead" in refused.err
        edited = intern("runs", "undo", run_id, "--instead", "count differently", "--json", **model)
        assert edited.code == 0 and edited.json["status"] == "done", edited.err
        assert "count differently" in shown(server, 4) and "first" not in shown(server, 4)
