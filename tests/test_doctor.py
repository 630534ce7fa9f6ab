"""What `doctor` finds, in words that fit what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intern.doctor import examine
from intern.settings import Settings
from tests.conftest import CommandLine


@pytest.mark.parametrize(("threads", "said"), [(1, "local: 1 CPU thread,"), (2, "local: 2 CPU threads,")])
def test_one_thread_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, said: str) -> None:
    monkeypatch.setattr("intern.compute.local.usable_threads", lambda: threads)
    monkeypatch.setattr("intern.compute.local.accelerator", lambda: "")
    found = {f.name: f.detail for f in examine(Settings(home=tmp_path, offline=True)).findings}
    assert found["compute"].startswith(said)


def test_from_the_command_line_it_is_one_json_document_or_a_table(intern: CommandLine) -> None:
    told = intern("doctor", "--json")
    assert told.code == 0, told.err
    assert {f["name"]: f["state"] for f in told.json["findings"]}["network"] == "limited"
    shown = intern("doctor")
    assert shown.code == 0 and "hub identity" in shown.out and "Traceback" not in shown.err
    with pytest.raises(json.JSONDecodeError):
        json.loads(shown.out)
