"""A hostile program leaves links, pipes and huge files where the host looks: it refuses in words, never follows or waits."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from intern.compute.base import JobSpec, ProgramMetric
from intern.compute.local import LocalBackend
from intern.compute.tail import JobTail, LineTail
from intern.experiments import evidence, run
from intern.experiments.evidence import NoEvidenceError, read_predictions
from intern.publish.bundle import NothingToPublishError, _stage_model
from intern.sandbox import hostfiles
from intern.settings import JobLimits

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no code runs there")
ROWS = '{"id": "a", "prediction": "yes"}\n'


class Heard:
    def __init__(self) -> None:
        self.metrics: list[ProgramMetric] = []
        self.lines: list[str] = []
        self.states: list[tuple[str, str]] = []

    def metric(self, metric: ProgramMetric) -> None:
        self.metrics.append(metric)

    def log(self, text: str, offset: int) -> None:
        self.lines.append(text)

    def state(self, phase: str, reason: str = "") -> None:
        self.states.append((phase, reason))


def elsewhere(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


TRAPS = {
    "link": lambda place, outside: place.symlink_to(outside),
    "hard link": lambda place, outside: os.link(outside, place),
    "pipe": lambda place, outside: os.mkfifo(place),
    "folder": lambda place, outside: place.mkdir(),
    "link to nowhere": lambda place, outside: place.symlink_to(place.parent / "nowhere"),
    "link to an endless device": lambda place, outside: place.symlink_to("/dev/zero"),
}


@pytest.fixture(params=TRAPS)
def trap(request, tmp_path):
    """Puts a trap at a name of the job's folder; what it may lead to holds `text`."""
    folder = tmp_path / "job"
    folder.mkdir()

    def put(name: str, text: str = "secret\n") -> Path:
        TRAPS[request.param](folder / name, elsewhere(tmp_path / "outside" / "file", text))
        return folder

    return put


def in_time(action, seconds: float = 5.0):
    """The result of `action`, which must not wait for anything. An exception is raised here."""
    result: list = []

    def work() -> None:
        try:
            result.append((action(), None))
        except Exception as error:  # noqa: BLE001  (raised again below)
            result.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert result, "the host waits for ever"
    value, error = result[0]
    if error is not None:
        raise error
    return value


def test_evidence_refuses_traps(trap):
    folder = trap("predictions.jsonl", ROWS)
    with pytest.raises(NoEvidenceError, match=r"predictions\.jsonl"):
        in_time(lambda: read_predictions(folder / "predictions.jsonl", ["a"]))


def test_evidence_refuses_a_huge_file(tmp_path, monkeypatch):
    (tmp_path / "predictions.jsonl").write_text(ROWS)
    assert read_predictions(tmp_path / "predictions.jsonl", ["a"]) == ["yes"]
    monkeypatch.setattr(evidence, "MOST_BYTES", len(ROWS) - 1)
    with pytest.raises(NoEvidenceError, match="larger than"):
        read_predictions(tmp_path / "predictions.jsonl", ["a"])


def test_a_hole_of_a_terabyte_is_not_read(tmp_path):
    with open(tmp_path / "predictions.jsonl", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(NoEvidenceError, match="larger than"):
        in_time(lambda: read_predictions(tmp_path / "predictions.jsonl", ["a"]), 20.0)


def test_no_metric_or_log_line_comes_through_a_trap(trap):
    metric = json.dumps({"step": 1, "name": "loss", "value": 0.5, "time": 1.0}) + "\n"
    folder, heard = trap("metrics.jsonl", metric), Heard()
    tail = JobTail(folder, folder / "log.txt", heard)
    in_time(lambda: tail.poll(final=True))
    assert not heard.metrics and not heard.lines
    assert in_time(lambda: list(LineTail(folder / "metrics.jsonl").lines(final=True))) == []


def test_a_flood_is_taken_in_portions(tmp_path, monkeypatch):
    monkeypatch.setattr("intern.compute.tail.MOST_BYTES", 1000)
    (tmp_path / "log.txt").write_bytes(b"x" * 9 + b"\n" + b"y" * 9 + b"\n" * 2001)
    tail, seen = LineTail(tmp_path / "log.txt"), 0
    while fresh := len(list(tail.lines())):
        assert fresh <= 1001
        seen += fresh
    assert seen == 2002


def test_early_stops_and_last_words_are_not_read_through_traps(trap):
    folder = trap("metrics.jsonl", '{"step": 7, "name": "stopped_early", "value": 1, "time": 1}\n')
    try:
        assert in_time(lambda: run._stopped_early(folder)) is None  # nothing there
    except NoEvidenceError as error:
        assert "metrics.jsonl" in str(error)
    (folder / "metrics.jsonl").rename(folder / "log.txt")
    result = run.JobResult(id="x", exit_status=1, seconds=1.0)
    words = in_time(lambda: run._last_words(folder, result))
    assert words.endswith("none")


def test_a_trap_is_no_checkpoint(trap):
    folder = trap("checkpoint.pt")
    assert not in_time(lambda: hostfiles.is_file(folder, "checkpoint.pt"))
    (folder / "real.pt").write_bytes(b"x")
    assert hostfiles.is_file(folder, "real.pt")


def test_a_model_with_a_trap_is_not_published(trap, tmp_path):
    folder = trap("weights.safetensors")
    if (folder / "weights.safetensors").is_dir():
        pytest.skip("a folder in the model's folder is no trap")
    (tmp_path / "whole").mkdir()
    folder.rename(tmp_path / "whole" / "model")
    with pytest.raises(NothingToPublishError, match=r"(link|plain file)"):
        in_time(lambda: _stage_model(tmp_path / "whole", tmp_path / "target"))


def test_a_folder_is_copied_within_limits(tmp_path, monkeypatch):
    source = tmp_path / "job" / "model"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_bytes(b"12345")
    (source / "deep" / "b").write_bytes(b"67")
    assert hostfiles.copy_tree(tmp_path / "job", "model", tmp_path / "one") == 7
    assert (tmp_path / "one" / "deep" / "b").read_bytes() == b"67"
    with pytest.raises(OSError, match="larger"):
        hostfiles.copy_tree(tmp_path / "job", "model", tmp_path / "two", limit=6)
    monkeypatch.setattr(hostfiles, "MAX_FILES", 2)
    with pytest.raises(OSError, match="more than 2 files"):
        hostfiles.copy_tree(tmp_path / "job", "model", tmp_path / "three")


def test_a_folder_is_removed_and_a_link_is_not_followed(tmp_path):
    kept = elsewhere(tmp_path / "outside" / "file", "kept")
    (tmp_path / "data").symlink_to(kept.parent)
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("x")
    for name in ("data", "real", "missing"):
        hostfiles.remove(tmp_path, name)
    assert kept.read_text() == "kept" and not (tmp_path / "data").is_symlink() and not (tmp_path / "real").exists()


def test_a_log_is_never_written_through_a_trap(trap, tmp_path):
    folder = trap("log.txt", "before")
    with pytest.raises(OSError):
        os.close(in_time(lambda: hostfiles.open_to_append(folder / "log.txt")))
    outside = tmp_path / "outside" / "file"
    assert outside.read_text() == "before" and not (folder / "nowhere").exists()


HOSTILE = """
import os, time
for name, target in (("metrics.jsonl", "SECRET"), ("predictions.jsonl", "SECRET"), ("checkpoint.pt", "SECRET")):
    os.symlink(target, name)
os.mkfifo("data")
print("done", flush=True)
os.unlink("log.txt"); os.mkfifo("log.txt")
time.sleep(0.6)
"""


def test_a_hostile_program_neither_leads_nor_holds_the_host(tmp_path):
    """With the real backend: it is heard until it takes its log away, and its job ends in time."""
    secret = elsewhere(tmp_path / "outside" / "file", '{"step": 1, "name": "loss", "value": 1, "time": 1}\n')
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "program.py").write_text(HOSTILE.replace("SECRET", str(secret)))
    job = JobSpec(id="x", folder=folder, argv=["program.py"], threads=1, hard_limit_seconds=80.0)
    heard, began = Heard(), time.monotonic()
    result = in_time(lambda: LocalBackend(JobLimits()).run(job, heard, lambda: None), 90.0)
    assert result.exit_status == 0 and not result.resumed and time.monotonic() - began < 60
    assert not heard.metrics and "loss" not in "".join(heard.lines)
    with pytest.raises(NoEvidenceError, match="link"):
        read_predictions(folder / "predictions.jsonl", ["a"])
    with pytest.raises(OSError):  # the next program's output would go into the pipe
        in_time(lambda: LocalBackend(JobLimits()).run(job, heard, lambda: None))


def test_temporary_files_are_in_no_listing(tmp_path):
    from intern.tools.files import _listed

    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "scratch").write_text("x")
    (tmp_path / "made.txt").write_text("x")
    assert _listed(tmp_path) == ["made.txt (1 bytes)"]
