"""The command line with an LLM for a brain: a scripted server in a process of its own, everything else for real."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, CommandLine


@pytest.fixture
def llm(tmp_path: Path) -> Iterator[Callable[..., tuple[str, Path]]]:
    """Start `python -m tests.servers.llm` with a script; returns its base URL and the record of its requests."""
    started: list[subprocess.Popen[str]] = []

    def start(*turns: Any) -> tuple[str, Path]:
        script, record = tmp_path / "script.json", tmp_path / "requests.jsonl"
        script.write_text(json.dumps({"turns": turns}))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.llm", "--port", "0", "--script", str(script), "--record", str(record)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        line = process.stdout.readline()
        assert re.fullmatch(r"ready http://127\.0\.0\.1:\d+\n", line), line
        return f"{line.split()[1]}/v1", record

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=60)


def test_an_llm_reads_a_paper_and_answers(intern: CommandLine, llm):
    url, record = llm(
        {"reply": "I look.\n<run>\nhit = find_paper(query='attention is all you need')\nprint(hit['title'])\n", "drip": 0.01},
        {"status": 503},
        "Both at once.\n<run>\nfacts = extract_setup(paper_id=hit['paper_id'])\ntables = paper_table(paper_id=hit['paper_id'])\n"
        "rate = [h for h in facts['hyperparameters'] if h.startswith('dropout')]\nprint(rate, len(tables['tables']))\n",
        "<run>\nfinal_answer('Stated: ' + '; '.join(rate))\n",
    )  # fmt: skip
    done = intern("run", "what dropout does it use?", "--model", "scripted", "--json", INTERN_LLM_BASE_URL=url,
                  INTERN_LLM_API_KEY="own-key", HF_TOKEN="hf_of_the_person", timeout=60)  # fmt: skip
    assert done.code == 0, done.err
    report = done.json
    assert report["status"] == "done" and report["brain"] == "scripted" and report["setup"]["hyperparameters"]
    answer = intern("runs", "show", report["run_id"])
    assert answer.code == 0
    requests = [json.loads(line) for line in record.read_text().splitlines()]
    assert len(requests) == 4 and {r["authorization"] for r in requests} == {"Bearer own-key"}
    assert "hf_of_the_person" not in record.read_text(), "an own server does not get the person's Hub token"
    shown = requests[-1]["body"]["messages"]
    assert re.search(r"dropout = 0\.1 \[.*p\. \d+\]", shown[-1]["content"])
    assert [m["role"] for m in shown] == ["system", "user", "assistant", "user", "assistant", "user"]


def test_a_server_that_refuses_the_key_is_one_line_and_exit_code_1(intern: CommandLine, llm):
    url, _ = llm({"status": 401})
    done = intern("run", "read a paper", "--model", "scripted", "--json", INTERN_LLM_BASE_URL=url, timeout=60)
    assert done.code == 1 and done.json["status"] == "failed"
    assert "refused the key" in done.err and "Traceback" not in done.err


def test_a_connection_that_is_reset_is_told_in_words_and_survived(intern: CommandLine, llm):
    url, _ = llm({"reply": "I count.\n<run>\n", "cut": 5, "reset": True}, "<run>\nfinal_answer('done')\n")
    done = intern("run", "hello", "--model", "scripted", "--json", INTERN_LLM_BASE_URL=url, timeout=60)
    assert done.code == 0, done.err
    assert "broke off (Connection reset by peer)" in done.err and "Errno" not in done.err


def test_an_answer_that_is_always_cut_ends_with_one_line_and_exit_code_1(intern: CommandLine, llm):
    url, record = llm(*[{"reply": "I think of it.\n<run>\nprint(1)\n", "cut": 9}] * 5)
    done = intern("run", "hello", "--model", "scripted", "--json", INTERN_LLM_BASE_URL=url, timeout=60)
    assert done.code == 1 and done.json["status"] == "failed"
    assert "did not answer after 4 tries: the answer was cut off" in done.err and "Traceback" not in done.err
    assert len(record.read_text().splitlines()) == 4


def test_a_spent_budget_of_tokens_stops_with_what_is_known_and_a_message_allows_as_much_again(
    intern: CommandLine, llm, tmp_path: Path
):
    settings = tmp_path / "intern.yaml"
    settings.write_text("limits: {tokens: 5000}\n")
    url, _ = llm({"reply": "One.\n<run>\nprint(6 * 7)\n", "usage": {"prompt_tokens": 4990, "completion_tokens": 20}},
                 "<run>\nfinal_answer('42')\n")  # fmt: skip
    spent = intern(
        "run", "hello", "--model", "scripted", "--json", INTERN_LLM_BASE_URL=url, INTERN_CONFIG=str(settings)
    )
    assert spent.code == 3 and spent.json["status"] == "stopped"
    assert "The budget of 5,000 tokens is used up. A message to this run allows as much again." in spent.err
    resumed = intern("runs", "resume", spent.json["run_id"], INTERN_LLM_BASE_URL=url, INTERN_CONFIG=str(settings))
    assert resumed.code == 3, "nobody has allowed more"
    more = intern("runs", "send", spent.json["run_id"], "go on", INTERN_LLM_BASE_URL=url, INTERN_CONFIG=str(settings))
    assert more.code == 0 and "42" in more.out, more.err


class Hello(BaseHTTPRequestHandler):
    """A web server in the world outside the sandbox."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from outside")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("allowed", [True, False])
def test_code_reaches_only_a_host_that_its_owner_allowed(intern: CommandLine, llm, home: Path, allowed: bool):
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as outside:
        threading.Thread(target=outside.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{outside.server_address[1]}"
        url, _ = llm(
            "<run>\nimport urllib.request\ntry:\n"
            f"    text = urllib.request.urlopen('http://{host}/', timeout=5).read().decode()\n"
            "except OSError as error:\n    text = 'refused'\nprint(text)\n",
            "<run>\nfinal_answer(text)\n",
        )  # fmt: skip
        options = ["--allow-host", host] if allowed else []
        done = intern("run", "say hello", "--model", "scripted", *options, INTERN_LLM_BASE_URL=url, timeout=60)
        outside.shutdown()
    assert done.code == 0, done.err
    assert ("hello from outside" in done.out) is allowed
    assert ("as you allowed" in done.err) is allowed
    connected = [line for line in done.err.splitlines() if host in line and "connect" in line.lower()]
    assert bool(connected) is allowed, "each connection is told"


MAIN_JOB = [
    "Paper first.\n<run>\npaper = find_paper(query='1706.03762')\nfacts = extract_setup(paper_id=paper['paper_id'])\n"
    "menu = choose_program(task='reproduce', paper_id=paper['paper_id'])\nprint(facts['not_stated'], menu['programs'])\n",
    "Data, then a very small design.\n<run>\nprog = menu['programs'][0]['program']\n"
    "sets = find_data(program=prog, paper_id=paper['paper_id'])['data']\n"
    "ready = prepare_data(program=prog, data_id=sets[0]['data_id'])\n"
    "small = {'steps': 20, 'warmup_steps': 5, 'layers': 1, 'hidden_size': 32, 'ffn_size': 64, 'max_seq_len': 24,\n"
    "         'beam_size': 1, 'evaluate_every': 1000, 'batch_size': 256, 'average_checkpoints': 1}\n"
    "plan = design_experiment(program=prog, data_id=ready['data_id'], paper_id=paper['paper_id'], seeds=1, values=small)\n"
    "print(plan['seconds_per_seed'], len(plan['deviations']))\n",
    "Checks, the seed, comparison.\n<run>\nok = preflight(spec_id=plan['spec_id'])\nassert ok['passed'], ok\n"
    "scores = [run_seed(spec_id=plan['spec_id'], seed=k)['metrics'] for k in plan['seeds']]\n"
    "table = compare_with_paper(spec_id=plan['spec_id'])\nprint(scores, table['rows'][:2])\n",
    "<run>\nkit = preview_publication(spec_id=plan['spec_id'])\nout = publish(bundle_id=kit['bundle_id'], target='folder')\n"
    "final_answer('Published to ' + out['location'])\n",
]


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("INTERN_SLOW"),
    reason="a minute of training; INTERN_SLOW=1 runs it (test_service.py has the path)",
)
def test_an_llm_does_the_main_job_in_four_steps_with_the_real_program(intern: CommandLine, llm):
    url, _ = llm(*MAIN_JOB)
    done = intern("run", "reproduce paper: attention is all you need", "--model", "scripted", "--yes", "--publish", "folder",
                  "--json", INTERN_LLM_BASE_URL=url, timeout=300)  # fmt: skip
    assert done.code == 0, done.err[-3000:]
    report = done.json
    assert report["summary"]["n"] == 1 and report["summary"]["evidence_level"] == "sealed"
    assert [r["exit_status"] for r in report["runs"]] == [0]
    origins = {h["name"]: h["origin"] for h in report["spec"]["hyperparameters"]}
    assert origins["steps"] == "user" and {d["what"] for d in report["deviations"]} >= {"steps", "layers", "data set"}
    assert (Path(report["published"]["location"]) / "README.md").is_file()
    assert not any(row["comparable"] for row in report["comparison"])
