"""Shell commands: in the real jail, streamed, cut, bounded, stopped."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from intern.runs.events import Output
from intern.runs.workspace import RunStopped
from intern.tools.workbench import ToolError
from tests.tools.conftest import Desk


def test_a_command_works_on_the_files_of_the_work_folder(desk: Desk):
    desk.files(action="write", path="a.txt", text="one\ntwo\n")
    done = desk.shell(command="wc -l < a.txt; echo there >&2; mkdir -p out && cp a.txt out/ ; exit 3")
    assert done["exit_status"] == 3 and done["output"].split() == ["2", "there"]
    assert (desk.run.folder / "work" / "out" / "a.txt").read_text() == "one\ntwo\n"
    assert "".join(o.text for o in desk.events("output") if isinstance(o, Output)).split()[-2:] == ["2", "there"]


def test_it_has_no_token_no_network_and_nobody_elses_files(desk: Desk, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("INTERN_GITHUB_TOKEN", "ghp_secret")
    (desk.run.folder / "sealed").mkdir(exist_ok=True)
    (desk.run.folder / "sealed" / "rows.jsonl").write_text("the labels")
    shown = desk.shell(
        command=f"env; cat {desk.run.folder}/sealed/rows.jsonl; cat {desk.settings.home}/runs.sqlite | wc -c; "
        "cat /proc/*/environ | tr '\\0' '\\n'; (echo > /dev/tcp/127.0.0.1/80) 2>&1"
    )["output"]
    assert "secret" not in shown and "the labels" not in shown
    assert "denied" in shown or "No such file" in shown


def test_a_long_output_is_cut_and_has_a_handle(desk: Desk):
    shown = desk.shell(command="seq 20000")["output"]
    assert len(shown) < 7000 and 'read_more("shell1", ' in shown
    assert desk.read_more(handle="shell1", start=0)["length"] == len("".join(f"{n}\n" for n in range(1, 20001)))
    desk.shell(command="seq 30000")
    assert desk.read_more(handle="shell1-x", start=0)["text"].startswith("1\n2\n")


def test_it_ends_at_its_time_limit_with_all_that_it_started(desk: Desk):
    started = time.monotonic()
    done = desk.shell(command="echo begun; sleep 654.321 & sleep 654.321", seconds=1)
    assert time.monotonic() - started < 60
    assert done["exit_status"] is None and "longer than 1 s" in done["ended"] and "begun" in done["output"]
    assert not [p for p in psutil.process_iter(["cmdline"]) if "654.321" in (p.info["cmdline"] or [])]


def test_background_processes_end_with_the_call(desk: Desk):
    assert desk.shell(command="sleep 765.432 & echo done")["exit_status"] == 0
    assert not [p for p in psutil.process_iter(["cmdline"]) if "765.432" in (p.info["cmdline"] or [])]


def test_it_stops_within_a_second(desk: Desk):
    desk.shell(command="true")  # the forkserver is there now
    stopped: list[float] = []

    def stop() -> None:
        time.sleep(1)
        stopped.append(time.monotonic())
        desk.run.cancel.set()

    threading.Thread(target=stop).start()
    with pytest.raises(RunStopped):
        desk.shell(command="trap '' INT TERM; while true; do :; done")
    assert time.monotonic() - stopped[0] < 15, "a second, and some for a busy machine"


@pytest.mark.parametrize("command", ["", "  ", "a\0b"])
def test_what_is_no_command_is_refused(desk: Desk, command):
    with pytest.raises(ToolError, match="Give a command"):
        desk.shell(command=command)
