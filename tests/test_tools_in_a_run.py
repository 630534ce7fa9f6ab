"""Through the front door: an LLM behind HTTP uses every tool that reaches outside, in one run of the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from huggingface_hub import HfApi

from tests.agent.conftest import code
from tests.conftest import ROOT, CommandLine
from tests.servers.hub.process import running_hub
from tests.servers.llm import serving
from tests.servers.web import WebServer, github, viewer

MESSY = "text,label\nfine,pos\nfine,pos\n,neg\nodd,POS\nbad,neg\n"


def test_an_llm_uses_every_tool_that_reaches_outside(intern: CommandLine, home: Path, tmp_path: Path):
    with running_hub(tmp_path / "hub") as hub, WebServer() as web:
        api = HfApi(endpoint=hub.url, token="hf_alice")
        api.create_repo("alice/secret", private=True)
        api.upload_file(
            path_or_fileobj=b"---\nlicense: mit\n---\n# Mine", path_in_repo="README.md", repo_id="alice/secret"
        )
        web.page("/page", "<h1>Schedules</h1><p>Warm up for 4000 steps.</p>")
        github(web, "org/small", {"examples/warmup.py": "def warmup(step): ...\n"})
        viewer(web, "org/reviews")
        config = tmp_path / "intern.yaml"
        server = {
            "command": sys.executable,
            "args": ["-m", "tests.servers.mcp_server"],
            "env": {"PYTHONPATH": str(ROOT)},
        }
        network = {"viewer": web.url, "github": web.url}
        config.write_text(
            yaml.safe_dump({"network": network, "web": {"allowed_hosts": [web.host]}, "mcp": {"notes": server}})
        )
        turns = [
            code(f"files(action='write', path='rows.csv', text={MESSY!r})\n"
                 "print(inspect_dataset(path='rows.csv')['files']['rows.csv']['worries'])"),
            code("print(shell(command='sort -u rows.csv | wc -l; env | grep -c hf_a')['output'])"),
            code("print(hub_search(query='secret', author='alice'))\nprint(hub_info(id='alice/secret'))"),
            code("print(inspect_dataset(path='hub:org/reviews')['columns']['label'])"),
            code("print(github_examples(query='warmup', repo='org/small'))\n"
                 "print(github_examples(repo='org/small', path='examples/warmup.py')['text'])"),
            code(f"print(web_fetch(url='{web.url}/page')['text'])\n"
                 "try:\n    web_fetch(url='http://169.254.169.254/latest')\nexcept Exception as error:\n    print(error)"),
            code("print(notes_look_up(word='gradient')['data'])\nprint(help_tool(name='notes_write_note')['does'])"),
            code("final_answer('all of them')"),
        ]  # fmt: skip
        with serving(*turns) as llm:
            done = intern(
                "run", "look around", "--model", "scripted", "--json", timeout=120, INTERN_LLM_BASE_URL=f"{llm.url}/v1",
                INTERN_OFFLINE="", INTERN_CONFIG=str(config), HF_ENDPOINT=hub.url, HF_TOKEN="hf_alice",
            )  # fmt: skip
            assert done.code == 0, done.err[-3000:]
            prompt = llm.requests[0]["body"]["messages"][0]["content"]
            seen = [request["body"]["messages"][-1]["content"] for request in llm.requests[1:]]
            everything = json.dumps(llm.requests)
        asked = web.requests
    assert len(prompt) / 4 < 3000 and all(f"- {name}(" in prompt for name in ("web_fetch", "hub_info", "notes_look_up"))
    assert "repeat another row" in seen[0] and "values are missing" in seen[0]
    assert seen[1].split("\n")[1:3] == ["5", "0"], "five different lines, no token in the environment"
    assert "alice/secret" in seen[2] and "'licence': 'mit'" in seen[2] and "# Mine" in seen[2], (
        "the owner sees their own"
    )
    assert "'neg': 870" in seen[3]
    assert "examples/warmup.py" in seen[4] and "def warmup(step)" in seen[4]
    assert "# Schedules" in seen[5] and "not among the hosts that may be read" in seen[5]
    assert "gradient" in seen[6] and "Asks the person first" in seen[6]
    assert "hf_alice" not in everything
    sent = {path: headers.get("authorization") for path, _, headers in asked}
    assert sent.pop("/statistics") == "Bearer hf_alice" and sent["/page"] is None
    assert all(value is None for path, value in sent.items() if path.startswith(("/repos", "/page")))


def test_offline_the_prompt_has_no_tool_that_cannot_work(intern: CommandLine):
    with serving(
        code("try:\n    hub_search(query='x')\nexcept Exception as error:\n    print(error)"), "Understood."
    ) as llm:
        done = intern("run", "look around", "--model", "scripted", INTERN_LLM_BASE_URL=f"{llm.url}/v1", timeout=60)
        assert done.code == 0, done.err
        prompt = llm.requests[0]["body"]["messages"][0]["content"]
        assert not any(f"- {name}(" in prompt for name in ("web_fetch", "hub_search", "hub_info", "github_examples"))
        assert "- shell(" in prompt and "- research(" in prompt
        assert "There is no network, so hub_search cannot work" in llm.requests[1]["body"]["messages"][-1]["content"]


def test_what_an_mcp_server_would_write_is_named_and_yes_does_not_agree_to_it(intern: CommandLine, tmp_path: Path):
    config, notes = tmp_path / "intern.yaml", tmp_path / "notes.txt"
    server = {"command": sys.executable, "args": ["-m", "tests.servers.mcp_server"], "env": {"PYTHONPATH": str(ROOT)}}
    config.write_text(yaml.safe_dump({"mcp": {"notes": server}}))
    forgets = code("print(help_tool(name='notes_write_note')['does'])\nnotes_write_note(text='x')")
    with serving(forgets, code(f"notes_write_note(text='x', file={str(notes)!r})"), code("final_answer('no')")) as llm:
        done = intern(
            "run", "note it", "--model", "scripted", "--yes", timeout=120, INTERN_LLM_BASE_URL=f"{llm.url}/v1",
            INTERN_CONFIG=str(config),
        )  # fmt: skip
        told = llm.requests[1]["body"]["messages"][-1]["content"]
    assert done.code == 3 and not notes.exists()
    assert (
        "Waiting for your decision: Call write_note of the MCP server “notes”?" in done.err
        and "[--yes]" not in done.err
    )
    assert "Writes a note [MCP server notes]. Asks the person first.\n" in told
    assert "needs the argument 'file'" in told and "Hint: notes_write_note(text, file)" in told
