"""The research sub-agent: an LLM asks it through the front door, and it reads from real servers on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intern.requests import RunRequest
from intern.runs.events import Research, Usage
from intern.service import Service
from intern.settings import Network, Settings, Web
from intern.settings import Research as Budget
from intern.tools.workbench import ToolError
from intern.ui.view import Views
from tests.agent.conftest import code
from tests.agent.test_turns import closing as closing
from tests.agent.test_turns import turn
from tests.conftest import ROOT, clean_environment
from tests.servers.llm import LlmServer, serving
from tests.servers.web import WebServer
from tests.tools.conftest import Desk

ASK = code("r = research(question='Which dropout?')\nprint(r)", "I have it looked up.")
DONE = code("final_answer(str(r.get('findings') or r.get('stopped')))")


def service_for(home: Path, llm: LlmServer, web: WebServer, **budget: float) -> Service:
    network = Network(
        hub=web.url, viewer=web.url, github=web.url, arxiv=web.url, arxiv_api=web.url, semantic_scholar=web.url
    )
    return Service(
        Settings(home=home, model="scripted", llm_base_url=f"{llm.url}/v1", network=network,
                 web=Web(allowed_hosts=(web.host,)), research=Budget(**budget))  # type: ignore[arg-type]
    )  # fmt: skip


def test_findings_come_back_with_sources_and_unread_sources_are_told_apart(home, closing):
    with WebServer() as web:
        web.page("/dropout", "<h1>Dropout</h1><p>We use a rate of 0.1.</p>")
        reads = code(f"page = web_fetch(url='{web.url}/dropout')\nprint(page['text'])", "I open the page.")
        told = [
            {"finding": "0.1", "source": f"{web.url}/dropout", "quote": "a rate of 0.1"},
            {"finding": "0.3", "source": "arXiv 1207.0580 p. 3"},
        ]
        with serving(ASK, reads, code(f"final_answer({told!r})"), DONE) as llm:
            closing.append(service := service_for(home, llm, web))
            run_id = service.start_run(RunRequest(task="find out")).run_id
            answer = turn(service, run_id)
            inner, outer = (json.dumps(llm.requests[n]["body"]["messages"]) for n in (1, 3))
            views = str(Views(service).messages(run_id, "local")[1])
    assert (
        "'source': '" + web.url in answer
        and answer.count("was not opened") == 1
        and answer.index("0.3") < answer.index("was not")
    )
    assert "publish" not in inner and "files(" not in inner and "web_fetch" in inner, "only what reads"
    assert "rate of 0.1" in outer and "I open the page" not in outer, "its steps are not in the intern's memory"
    seen = [e.body for e in service.events(run_id, kinds=("research",)) if isinstance(e.body, Research)]
    assert [(r.number, r.what) for r in seen if r.what != "seen"] == [
        (0, "question"), (1, "thought"), (1, "code"), (1, "tool"), (2, "thought"), (2, "code"), (2, "findings"),
    ]  # fmt: skip
    assert "Research 1" in views and "I open the page." in views
    usage = [e.body for e in service.events(run_id, kinds=("usage",)) if isinstance(e.body, Usage)]
    assert len(usage) == 4, "what it took is in the run's account"
    assert len({r["connection"] for r in llm.requests}) == 1


def test_a_brains_question_gives_it_no_file_of_the_machine(home, closing, tmp_path):
    secret = tmp_path / "secret.tex"
    secret.write_text("\\documentclass{article}\\title{Hidden}\\begin{document}\\section{One} Words.\\end{document}")
    ask = code(f"r = research(question='What is the title of {secret}?')\nprint(r)", "I ask.")
    reads = code(f"try:\n    print(find_paper(query={str(secret)!r}))\nexcept Exception as error:\n    print(error)")
    with WebServer() as web, serving(ask, reads, code("final_answer([])"), DONE) as llm:
        closing.append(service := service_for(home, llm, web))
        turn(service, service.start_run(RunRequest(task="find out")).run_id)
        seen = json.dumps(llm.requests[2]["body"]["messages"])
    assert "was not given to this run" in seen and "Hidden" not in seen


@pytest.mark.parametrize(("budget", "why"), [({"steps": 2}, "within 2 steps"), ({"tokens": 300}, "tokens is used up")])
def test_its_budget_ends_it_and_the_intern_goes_on_with_what_is_known(home, closing, budget, why):
    with WebServer() as web, serving(ASK, *[code(f"print('looked {n}')") for n in range(9)]) as llm:
        # The script knows no order: the intern's own next request gets this when the sub-agent is over.
        closing.append(service := service_for(home, llm, web, **budget))
        take = llm.take
        llm.take = lambda request: (  # type: ignore[method-assign]
            take(request) | ({"reply": DONE} if "stopped" in str(request["body"]["messages"][-1]) else {})
        )
        run_id = service.start_run(RunRequest(task="find out")).run_id
        assert why in turn(service, run_id)
        last = str(llm.requests[-1]["body"]["messages"][-1])
    assert "What is known so far" in last and "steps were done" in last


def test_what_it_took_counts_against_the_runs_limit(home, closing):
    with WebServer() as web, serving(ASK, *[code(f"print({n})") for n in range(9)]) as llm:
        closing.append(service := service_for(home, llm, web))
        service.settings.limits.tokens = 700
        run_id = service.start_run(RunRequest(task="find out")).run_id
        assert "700 tokens is used up" in turn(service, run_id, "stopped")


def test_it_is_stopped_within_a_second(home, closing):
    with WebServer() as web, serving(ASK, {"reply": code("print(1)"), "drip": 0.2, "piece": 1}) as llm:
        closing.append(service := service_for(home, llm, web))
        run_id = service.start_run(RunRequest(task="find out")).run_id
        deadline = time.monotonic() + 30
        while len(llm.requests) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        started = time.monotonic()
        assert service.stop_run(run_id).status == "stopped"
        assert time.monotonic() - started < 15, "a second, and some for a busy machine"


RUN = """
import sys
from pathlib import Path
from intern.service import RunRequest, Service
from intern.settings import Network, Settings
network = Network(hub=sys.argv[3])
service = Service(Settings(home=Path(sys.argv[1]), model="scripted", llm_base_url=sys.argv[2], network=network))
info = service.start_run(RunRequest(task="find out"))
print(info.run_id, flush=True)
service.join(info.run_id)
"""


def test_after_kill_9_it_goes_on_where_it_was(home, closing):
    looks = code("print('looked once')")
    busy = code("import time\nprint('busy', flush=True)\ntime.sleep(1.5)")
    with (
        WebServer() as web,
        serving(ASK, looks, busy, code("final_answer([{'finding': 'f', 'source': ''}])"), DONE) as llm,
    ):
        process = subprocess.Popen([sys.executable, "-c", RUN, str(home), f"{llm.url}/v1", web.url], cwd=ROOT,
                                   env={k: v for k, v in clean_environment(home).items() if k != "INTERN_OFFLINE"},
                                   stdout=subprocess.PIPE, text=True)  # fmt: skip
        run_id = process.stdout.readline().strip()
        deadline = time.monotonic() + 60
        while len(llm.requests) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        closing.append(service := service_for(home, llm, web))
        assert service.recover() == [run_id]
        assert "'finding': 'f'" in turn(service, run_id)
        assert len(llm.requests) == 5, "nothing that was answered was asked again"
        looked = [
            e
            for e in service.events(run_id, kinds=("research",))
            if "looked once" in e.body.text and e.body.what == "seen"
        ]
        assert len(looked) == 1


def test_the_planner_says_that_it_needs_an_llm(desk: Desk):
    with pytest.raises(ToolError, match="needs an LLM"):
        desk.research(question="Which dropout?")
    desk.bench.has_llm = True
    with pytest.raises(ToolError, match="empty"):
        desk.research(question=" ")
