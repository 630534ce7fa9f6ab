"""What README.md tells people to type works as it stands there."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

from tests.conftest import ROOT, clean_environment
from tests.hub import running_hub
from tests.ui.conftest import AppProcess, awaited
from tests.ui.test_api import wait_for_end

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"


def snippet(language: str, holding: str) -> str:
    """The one code block of README.md in this language that holds these words."""
    blocks = [b for b in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if holding in b]
    assert len(blocks) == 1, f"README.md has {len(blocks)} {language} blocks with {holding!r}"
    return blocks[0]


def test_the_python_client(served, tmp_path, monkeypatch):
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "A Paper of One Line", fontsize=20)
        document.save(tmp_path / "paper.pdf")
    monkeypatch.chdir(tmp_path)
    code = snippet("python", "gradio_client").replace(ADDRESS, served.url)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "README.md", "exec"), found := {})
    assert found["report"]["status"] == "done" and found["cursor"] > 5
    assert re.search(r"done \d\d values", said.getvalue()) and "'answer'" in said.getvalue()
    again = found["app"].predict("something else", client_key="first try", api_name="/start_run")
    assert again["run_id"] == found["run"]["run_id"]


def test_curl(served):
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    code = snippet("bash", "curl").replace(ADDRESS, served.url)
    done = subprocess.run(["bash", "-ec", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answer = next(line for line in done.stdout.splitlines() if line.startswith("data: "))
    (info,) = json.loads(answer.removeprefix("data: "))
    assert info["status"] in ("queued", "running", "done")
    assert info["run_id"] in [run.run_id for run in served.service.list_runs()]


def test_the_mcp_entry(served, client):
    entry = json.loads(snippet("json", "mcpServers").replace(ADDRESS, served.url))["mcpServers"]["intern"]

    async def ask() -> dict:
        from mcp import ClientSession
        from mcp.client.streamable_http import streamablehttp_client

        async with streamablehttp_client(entry["url"]) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            started = await session.call_tool("start_run", {"task": "read paper: attention is all you need"})
            return json.loads(started.content[0].text)

    info = awaited(ask())
    assert wait_for_end(client, info["run_id"])["status"] == "done"


def test_a_space_of_ones_own(tmp_path):
    """The commands, against the Hub on loopback; what they uploaded boots as a Space does."""
    commands = snippet("bash", "hf repos create").replace("YOU", "alice")
    with running_hub(tmp_path / "hub") as hub:
        environment = clean_environment(tmp_path / "home") | hub.environment() | {"HF_HOME": str(tmp_path / "cache")}
        # The `hf` command of this environment, whether it is activated or not.
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-ec", commands], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-2000:]
        api = hub.api()
        files = api.list_repo_files("alice/intern", repo_type="space")
        assert {"app.py", "README.md", "requirements.txt", "intern/ui/app.py", "configs/intern.yaml"} <= set(files)
        allowed = (
            "app.py",
            "README.md",
            "LICENSE",
            "requirements.txt",
            ".gitattributes",
            "intern/",
            "configs/",
            "docs/",
        )
        assert all(name.startswith(allowed) for name in files) and not any("__pycache__" in name for name in files)
        assert api.repo_info("alice/intern", repo_type="space").private
        assert api.get_space_variables("alice/intern")["INTERN_HOME"].value == "/data/intern"
        assert api.space_info("alice/intern").card_data.hf_oauth is True
        copy = api.snapshot_download("alice/intern", repo_type="space", local_dir=tmp_path / "space")
    tracked = subprocess.run(["git", "ls-files", "intern", "configs"], cwd=ROOT, capture_output=True, text=True)
    assert {name for name in tracked.stdout.split() if (ROOT / name).is_file()} <= set(files)
    app = AppProcess(tmp_path / "state", SYSTEM="spaces", SPACE_ID="alice/intern", folder=copy)
    try:
        app.wait()
    finally:
        app.end()
