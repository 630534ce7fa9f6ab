"""The event log: in order, without gaps, once, for all threads and processes, and readable whatever was put in."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from intern.runs.events import Code, Fact, LogLine, Metric, Note, Status, UserMessage
from intern.runs.log import RunBusyError, RunLog, RunNotFoundError
from intern.service import RunRequest
from tests.conftest import ROOT


def texts(log: RunLog, run_id: str) -> list[str]:
    return [e.body.text for e in log.events(run_id, kinds=("note",))]  # type: ignore[union-attr]


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


# -- appending ---------------------------------------------------------------------------------------------


def test_events_come_back_as_they_went_in_and_count_from_one(log, run_id):
    bodies = [
        UserMessage(text="train"),
        Code(step=1, code="print('<run>')\n"),
        Metric(job_id="j", seed=1, step=5, name="loss", value=0.25),
        Fact(name="summary", value={"mean": 1.5, "std": None, "names": ["é", "\u2028"]}),
    ]
    for body in bodies:
        log.append(run_id, body)
    events = log.events(run_id)
    assert [e.body for e in events] == bodies
    assert [e.seq for e in events] == [1, 2, 3, 4]
    assert log.last_seq(run_id) == 4


def test_a_key_is_taken_once_and_leaves_no_gap(log, run_id):
    assert log.append(run_id, Note(text="first"), key="k").seq == 1
    assert log.append(run_id, Note(text="again"), key="k") is None
    assert log.append(run_id, Note(text="other"), key="l").seq == 2
    assert texts(log, run_id) == ["first", "other"]


def test_keys_of_different_runs_do_not_meet(log, run_id):
    other = log.create("ada", "b", RunRequest(task="b"))[0]
    log.append(run_id, Note(text="one"), key="k")
    assert log.append(other, Note(text="two"), key="k") is not None


def test_reading_after_a_cursor_by_kind_and_by_limit(log, run_id):
    for number in range(6):
        log.append(run_id, Note(text=str(number)) if number % 2 else LogLine(job_id="j", text=str(number)))
    assert [e.seq for e in log.events(run_id, after=4)] == [5, 6]
    assert [e.seq for e in log.events(run_id, kinds=("note",))] == [2, 4, 6]
    assert [e.seq for e in log.events(run_id, after=1, limit=2)] == [2, 3]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_json_cannot_hold_is_refused_at_the_door(value):
    """Else a diverged loss would make the whole log unreadable."""
    with pytest.raises(ValidationError, match="finite"):
        Metric(job_id="j", seed=1, step=1, name="loss", value=value)


@given(
    st.lists(st.tuples(st.text(max_size=40), st.sampled_from([None, "a", "b", "c"])), max_size=12),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_and_each_key_keeps_its_first_event(tmp_path_factory, entries):
    log = RunLog(tmp_path_factory.mktemp("log") / "runs.sqlite")
    run_id = log.create("ada", "t", RunRequest(task="t"))[0]
    kept, seen = [], set()
    for text, key in entries:
        text = text.encode("utf-8", "replace").decode()
        log.append(run_id, Note(text=text), key)
        if key is None or key not in seen:
            kept.append(text)
        seen.add(key)
    assert texts(log, run_id) == kept
    assert [e.seq for e in log.events(run_id)] == list(range(1, len(kept) + 1))


# -- many writers ------------------------------------------------------------------------------------------

WRITER = """
import sys, threading
from pathlib import Path
from intern.runs.log import RunLog
from intern.runs.events import Note
log, run_id, name = RunLog(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
def write(thread):
    for number in range(15):
        log.append(run_id, Note(text=f"{name}-{thread}-{number}"))
        log.append(run_id, Note(text=f"shared-{number}"), key=f"shared-{number}")
threads = [threading.Thread(target=write, args=(t,)) for t in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


def test_two_processes_with_four_threads_each_leave_no_gap_and_no_double(log, run_id):
    writers = [python(WRITER, str(log.path), run_id, name) for name in ("left", "right")]
    assert [w.wait(60) for w in writers] == [0, 0]
    events = log.events(run_id)
    assert [e.seq for e in events] == list(range(1, 2 * 4 * 15 + 15 + 1))
    found = texts(log, run_id)
    assert len(set(found)) == len(found)
    for name in ("left", "right"):
        for thread in range(4):
            mine = [int(t.rsplit("-", 1)[1]) for t in found if t.startswith(f"{name}-{thread}-")]
            assert mine == list(range(15)), "a thread's own events stay in its order"


def test_a_writer_that_is_killed_leaves_whole_events_only(log, run_id):
    code = WRITER.replace("range(15)", "range(100000)").replace("threads =", "print('go', flush=True)\nthreads =")
    writer = python(code, str(log.path), run_id, "victim")
    writer.stdout.readline()
    while log.last_seq(run_id) < 20:
        time.sleep(0.02)
    writer.kill()
    writer.wait()
    written = log.last_seq(run_id)
    assert [e.seq for e in log.events(run_id)] == list(range(1, written + 1))
    assert log.append(run_id, Note(text="and on")).seq == written + 1
    assert sqlite3.connect(log.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


# -- waiting -----------------------------------------------------------------------------------------------


def test_wait_returns_what_is_there_at_once(log, run_id):
    log.append(run_id, Note(text="x"))
    started = time.monotonic()
    assert len(log.wait(run_id, after=0, timeout=60)) == 1
    assert time.monotonic() - started < 30


def test_wait_ends_empty_at_its_timeout(log, run_id):
    started = time.monotonic()
    assert log.wait(run_id, after=0, timeout=0.3) == []
    assert 0.25 < time.monotonic() - started < 1.5


def test_wait_wakes_up_for_another_thread(log, run_id):
    threading.Timer(0.2, lambda: log.append(run_id, Note(text="now"))).start()
    started = time.monotonic()
    assert [e.body.text for e in log.wait(run_id, after=0, timeout=90)] == ["now"]
    assert time.monotonic() - started < 2


def test_wait_wakes_up_for_another_process(log, run_id):
    """Another log object on the same file has another condition, as another process has."""
    threading.Timer(0.2, lambda: RunLog(log.path).append(run_id, Note(text="now"))).start()
    started = time.monotonic()
    assert [e.body.text for e in log.wait(run_id, after=0, timeout=90)] == ["now"]
    assert time.monotonic() - started < 2


# -- runs and their owners ---------------------------------------------------------------------------------


def test_a_run_keeps_its_request_and_its_owner(log):
    request = RunRequest(task="t", publish="never")
    run_id, new = log.create("ada", "title", request)
    record = log.get(run_id)
    assert new and record.owner == "ada" and record.title == "title" and record.status == "queued"
    assert RunRequest.model_validate(record.request) == request


def test_runs_are_listed_newest_first_and_by_owner(log):
    ids = [log.create(owner, owner, RunRequest(task="t"))[0] for owner in ("ada", "bob", "ada")]
    assert [r.id for r in log.runs()] == ids[::-1]
    assert [r.id for r in log.runs("ada")] == [ids[2], ids[0]]
    assert [r.id for r in log.runs(limit=1)] == [ids[2]]


def test_the_same_client_key_is_the_same_run_for_one_owner_only(log):
    first = log.create("ada", "t", RunRequest(task="t"), "click-1")
    assert log.create("ada", "t", RunRequest(task="t"), "click-1") == (first[0], False)
    assert log.create("bob", "t", RunRequest(task="t"), "click-1")[1] is True


def test_no_such_run(log):
    for ask in (log.get, log.lease):
        with pytest.raises(RunNotFoundError):
            ask("nothing")


def test_a_status_event_is_the_status_of_the_run(log, run_id):
    log.lease(run_id)
    for status in ("running", "waiting", "running", "done"):
        log.append(run_id, Status(status=status))
        assert log.get(run_id).status == status


# -- leases ------------------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from intern.runs.log import RunLog
from intern.runs.events import Status
log, run_id = RunLog(Path(sys.argv[1])), sys.argv[2]
log.lease(run_id)
log.append(run_id, Status(status=sys.argv[3]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(log, run_id):
    """Start a process that works on the run; it dies at the end of the test at the latest."""
    started = []

    def start(status: str = "running") -> subprocess.Popen[str]:
        process = python(HOLDER, str(log.path), run_id, status)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_run_of_a_living_process_is_running_and_cannot_be_taken(log, run_id, holder):
    process = holder()
    assert log.get(run_id).status == "running"
    with pytest.raises(RunBusyError, match=str(process.pid)):
        log.lease(run_id)
    log.release(run_id)  # not ours to give back
    with pytest.raises(RunBusyError):
        log.lease(run_id)


def test_a_killed_process_leaves_an_interrupted_run_that_can_be_taken(log, run_id, holder):
    process = holder()
    process.send_signal(signal.SIGKILL)
    while log.get(run_id).status == "running":  # a zombie counts as dead, before anybody waits for it
        time.sleep(0.02)
    assert log.get(run_id).status == "interrupted"
    log.lease(run_id)
    assert log.get(run_id).status == "running"


def test_a_waiting_run_needs_no_process(log, run_id, holder):
    holder("waiting").kill()
    time.sleep(0.2)
    assert log.get(run_id).status == "waiting"


def test_a_pid_that_was_given_to_another_process_is_not_the_holder(log, run_id):
    log.lease(run_id)
    log.append(run_id, Status(status="running"))
    with log.transaction() as db:
        db.execute("UPDATE runs SET lease_pid=?, lease_started=lease_started-5000", (os.getppid(),))
    assert log.get(run_id).status == "interrupted"


def test_a_stop_wish_reaches_the_holder_and_is_gone_with_the_next_lease(log, run_id):
    log.lease(run_id)
    assert not log.stop_asked(run_id)
    RunLog(log.path).ask_stop(run_id)
    assert log.stop_asked(run_id)
    log.lease(run_id)
    assert not log.stop_asked(run_id)


def test_a_failed_transaction_leaves_nothing(log, run_id):
    with pytest.raises(RuntimeError), log.transaction() as db:
        db.execute("UPDATE runs SET title='half'")
        raise RuntimeError
    assert log.get(run_id).title == "a task"


def test_every_payload_is_one_line_of_json(log, run_id):
    log.append(run_id, Note(text="two\nlines"))
    (row,) = log.query("SELECT payload FROM events")
    assert "\n" not in row["payload"] and json.loads(row["payload"])["text"] == "two\nlines"


def test_the_log_makes_its_folder(tmp_path):
    assert RunLog(tmp_path / "deep" / "er" / "runs.sqlite").runs() == []
    assert Path(tmp_path / "deep" / "er" / "runs.sqlite").exists()
