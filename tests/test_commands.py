"""The command line as a newcomer meets it: its help, the README's commands, and what its streams carry."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest
import typer.main

from intern.commands import app
from tests.conftest import ROOT, CommandLine, clean_environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^python -m intern (.+?)\s*(?:#.*)?$", README, re.MULTILINE)))
NAMES = ["run", "read", "serve", "doctor", "runs", *(f"runs {name}" for name in (
    "list", "show", "send", "resume", "edit", "stop", "undo", "export", "sweep"
))]  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_is_understood(line: str) -> None:
    """Each is taken apart as the command line itself would; nothing is run."""
    rest, command = shlex.split(line), typer.main.get_command(app)
    context = command.make_context("intern", [*rest], resilient_parsing=True)
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, rest)
        assert command is not None and name is not None
        leaf = not hasattr(command, "resolve_command")
        context = command.make_context(name, [*rest], parent=context, resilient_parsing=not leaf)
    assert context.params


def test_the_readmes_commands_were_found() -> None:
    assert len(COMMANDS) >= 10 and any(line.startswith("runs export") for line in COMMANDS)


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_a_command_and_all_its_options_do(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        app([*name.split(), "--help"])
    told = capsys.readouterr()
    assert left.value.code == 0 and told.err == ""
    options = re.findall(r"^\W*(--[a-z-]+)\s+(?:<[^>]*>)?(.*)$", told.out, re.MULTILINE)
    assert options and all(re.search(r"[A-Za-z]{3}", words) for _, words in options), options
    assert "(default: .zip" not in told.out, "what looks like a tag is swallowed"


def test_the_first_page_of_help_tells_the_exit_codes(intern: CommandLine) -> None:
    told = intern("--help")
    assert told.code == 0
    words = " ".join(told.out.split())
    for code in ("0 done", "1 the run failed", "2 bad usage", "3 stopped at an approval", "130 interrupted"):
        assert code in words


def test_json_is_all_that_is_on_stdout(intern: CommandLine, tmp_path: Path) -> None:
    """Of every command that knows --json, also for an answer without a run, a run that failed, and a turn undone."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "A Paper of One Line", fontsize=20)
        document.save(tmp_path / "paper.pdf")
    assert intern("read", str(tmp_path / "paper.pdf"), "--json").json["pages"] == 1
    first = intern("run", "what is the capital of France?", "--json")
    run_id = first.json["run_id"]
    assert first.json["status"] == "done"
    failed = intern("run", "reproduce paper: a paper that nobody wrote about submarines", "--json")
    assert (failed.code, failed.json["status"]) == (1, "failed")
    again = intern("runs", "send", run_id, "and of Spain?", "--json")
    assert again.json["run_id"] == run_id
    assert intern("runs", "undo", run_id, "--json").json["run_id"] == run_id
    assert [run["run_id"] for run in intern("runs", "list", "--json").json] == [failed.json["run_id"], run_id]
    assert intern("runs", "show", run_id, "--json").json["run_id"] == run_id
    refused = intern("runs", "resume", run_id, "--json")
    assert refused.code == 2 and refused.out == "" and refused.err.count("\n") == 1
    sweep = intern("runs", "sweep")
    assert sweep.code == 2 and sweep.out == "" and "HF_TOKEN" in sweep.err


def test_an_interrupt_before_there_is_a_run_is_just_that(tmp_path: Path) -> None:
    """While it still imports, or looks whether there is a network: 130, and no traceback of ours."""
    code = "import _thread, intern.commands as m; m.Service = lambda *a: _thread.interrupt_main() or __import__('time').sleep(5)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; m.app(['run', 'hello'])"],
        cwd=ROOT, env=clean_environment(tmp_path / "home"), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
