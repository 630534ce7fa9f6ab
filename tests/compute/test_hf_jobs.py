"""Rented jobs with the real client against a real server that runs them: one attempt is one job, and no token goes along."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from intern.account import Account
from intern.compute import hf_jobs, remote_log
from intern.compute.base import ComputeError, JobSpec, RemoteTerms
from intern.compute.hf_calls import LABEL, command, is_output, upload_list
from intern.compute.hf_jobs import BUCKET, HfJobsBackend
from intern.compute.hf_sweep import end_jobs, orphans, sweep
from intern.requests import RunRequest
from intern.runs.events import Cost
from intern.runs.ledger import Ledger
from intern.runs.log import RunLog
from intern.runs.workspace import RunNeedsAccount
from tests.compute.test_tail import Heard
from tests.hub import ALICE, HubServer, running_hub

GOOD = """
import json, os, time
from pathlib import Path
spec = json.loads(Path("spec.json").read_text())
print("hello from seed", spec["seed"], flush=True)
with open("metrics.jsonl", "a") as out:
    for step in (1, 2):
        out.write(json.dumps({"step": step, "name": "loss", "value": 1 / step, "time": time.time()}) + "\\n")
        out.flush()
Path("model").mkdir()
Path("model/config.json").write_text("{}")
rows = [json.loads(line) for line in open("data/test.jsonl")]
Path("predictions.jsonl").write_text("".join(json.dumps({"id": r["id"], "prediction": "yes"}) + "\\n" for r in rows))
"""
WAITS = "import time\nfrom pathlib import Path\nprint('at work', flush=True)\ntime.sleep(%s)\n" + GOOD


class Stop(BaseException):
    pass


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub"), "--job-delay", "0.05", "--credit", "bob:0") as found:
        yield found


class Bench:
    """A run with a rented backend; `again()` is that of the next process."""

    def __init__(self, hub: HubServer, root: Path, account: Account | None = None) -> None:
        self.hub, self.root = hub, root
        self.log = RunLog(root / "runs.sqlite")
        known = self.log.runs()
        self.run_id = known[0].id if known else self.log.create("alice", "t", RunRequest(task="t"))[0]
        self.ledger = Ledger(self.log, self.run_id)
        self.account = account or hub.account()
        self.leaving = False
        self.backend = HfJobsBackend(
            account=lambda: self.account, run_id=self.run_id, notes=root / "notes", ledger=self.ledger,
            leaving=lambda: self.leaving, outside=nullcontext, poll_seconds=(0.1, 0.3),
        )  # fmt: skip

    def again(self) -> Bench:
        return Bench(self.hub, self.root, self.account)

    def job(self, program: str = GOOD, *, seed: int = 1, attempt: int = 1, timeout: int = 60, **terms) -> JobSpec:
        job_id = f"abc-seed{seed}"
        folder = self.root / "jobs" / job_id
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "program.py").write_text(program)
        (folder / "runtime.py").write_text("")
        (folder / "spec.json").write_text(json.dumps({"seed": seed, "threads": 1}))
        (folder / "data" / "test.jsonl").write_text('{"id": "test-0", "text": "who"}\n')
        labels = {**LABEL, "intern-run": self.run_id, "intern-job": job_id, "intern-attempt": str(attempt),
                  "intern-microusd-per-hour": "600000"}  # fmt: skip
        made = {"flavor": "cpu-basic", "usd_per_hour": 0.6, "timeout_seconds": timeout, "image": "python:3.12",
                "requirements": (), "labels": labels, "attempt": attempt} | terms  # fmt: skip
        return JobSpec(
            id=job_id, folder=folder, argv=["program.py"], threads=1, hard_limit_seconds=30, terms=RemoteTerms(**made)
        )

    def run(self, job: JobSpec | None = None, check=lambda: None):
        heard = Heard()
        return self.backend.run(job or self.job(), heard, check), heard

    @property
    def jobs(self):
        return list(self.hub.api().list_jobs(namespace=self.account.name, labels={"intern-run": self.run_id}))

    @property
    def costs(self) -> list[tuple[str, float | None]]:
        return [(e.body.phase, e.body.usd) for e in self.log.events(self.run_id) if isinstance(e.body, Cost)]


@pytest.fixture
def bench(server: HubServer, tmp_path):
    yield Bench(server, tmp_path)
    server.clear()


def test_a_job_runs_elsewhere_and_its_files_come_back(bench):
    result, heard = bench.run()
    assert result.exit_status == 0 and result.environment and result.environment["python"]
    folder = bench.root / "jobs" / "abc-seed1"
    assert json.loads((folder / "predictions.jsonl").read_text()) == {"id": "test-0", "prediction": "yes"}
    assert (folder / "model" / "config.json").read_text() == "{}"
    assert "hello from seed 1" in (folder / "log.txt").read_text()
    assert heard.lines == ["hello from seed 1"] and [(m.step, m.value) for m in heard.metrics] == [(1, 1.0), (2, 0.5)]
    assert [phase for phase, _ in heard.states] == ["waiting", "started"] or heard.states[0][0] == "waiting"
    (job,) = bench.jobs
    assert job.status.stage == "COMPLETED" and job.labels["intern-run"] == bench.run_id


def test_money_is_held_at_worst_and_settled_at_the_time_used(bench):
    bench.run(bench.job(timeout=600))
    assert bench.costs == [("held", 0.1), ("settled", 0.01)]  # 10 minutes at worst, one begun minute in the end
    assert bench.ledger.committed() == pytest.approx(0.01)


def test_no_token_goes_with_a_job(bench):
    """It looks everywhere that a job can look, and everything that others can see of it is looked at as well."""
    spy = """
import os, subprocess
from pathlib import Path
print("ENV", dict(os.environ))
print("ARGS", Path("/proc/self/cmdline").read_bytes(), Path("/proc/self/environ").read_bytes())
parent = os.getppid()
for name in ("environ", "cmdline"):
    print("PARENT", Path(f"/proc/{parent}/{name}").read_bytes())
entry = Path(f"/proc/{parent}/cmdline").read_bytes().split(b"\\0")[1].decode()
for root in (os.getcwd(), os.path.dirname(entry)):
    for path in Path(root).rglob("*"):
        if path.is_file() and path.stat().st_size < 10**6:
            print("FILE", path, path.read_bytes())
for home in (Path.home() / ".cache/huggingface/token", Path.home() / ".huggingface/token"):
    print("HOME", home, home.exists() and home.read_text())
"""
    job = bench.job(spy + GOOD)
    bench.backend.submit(job)
    api, bucket = bench.hub.api(), f"alice/{BUCKET}"
    stored = [
        entry.path for entry in api.list_bucket_tree(bucket, f"{bench.run_id}", recursive=True) if entry.type == "file"
    ]
    api.download_bucket_files(bucket, [(path, bench.root / "copy" / path) for path in stored])
    _, heard = bench.run(job)
    assert any(line.startswith("ENV") for line in heard.lines) and any(
        "data/test.jsonl" in line for line in heard.lines
    )
    (info,) = bench.jobs
    said = [*heard.lines, repr(info), json.dumps(info.environment), json.dumps(info.command), repr(info.volumes)]
    said += [path.read_text(errors="replace") for path in (bench.root / "copy").rglob("*") if path.is_file()]
    said += [path.read_text(errors="replace") for path in bench.root.rglob("*") if path.is_file()]
    assert len(stored) >= 5 and not [text for text in said if ALICE in text]
    assert not info.secrets and not info.environment and not [a for a in info.command if "hf_" in a.lower()]
    assert api.bucket_info(bucket).private


def test_the_test_labels_are_not_among_what_is_sent(bench, tmp_path):
    job = bench.job()
    (tmp_path / "sealed").mkdir()
    (tmp_path / "sealed" / "rows.jsonl").write_text('{"id": "test-0", "label": "HUM"}\n')
    (job.folder / "data" / "link.jsonl").symlink_to(tmp_path / "sealed" / "rows.jsonl")
    (job.folder / "notes.txt").write_text("not asked for")
    sent = [place for _, place in upload_list(job, "f")]
    assert sorted(sent) == [
        "f/entry.py",
        "f/in/data/test.jsonl",
        "f/in/program.py",
        "f/in/runtime.py",
        "f/in/spec.json",
    ]


def test_the_packages_are_exact_and_the_programs_own_header_is_not_used():
    terms = RemoteTerms(
        flavor="a", usd_per_hour=1, timeout_seconds=60, image="i", requirements=("torch==2.13.0", "numpy"), labels={}
    )
    assert command(terms) == [
        "uv", "run", "--no-project", "--with", "torch==2.13.0", "--with", "numpy", "python", "/intern/entry.py",
    ]  # fmt: skip


def test_the_same_attempt_is_one_job(bench):
    bench.run()
    bench.again().run(bench.job())  # the note on disk
    for note in (bench.root / "notes").glob("*.json"):
        note.unlink()
    bench.again().run(bench.job())  # its labels
    assert len(bench.jobs) == 1 and bench.costs.count(("held", 0.01)) == 1 and len(bench.costs) == 2
    bench.run(bench.job(attempt=2))
    assert len(bench.jobs) == 2


@pytest.mark.parametrize("fault", [{"cut": 0}, {"status": 503}, {"status": 500}, {"status": 429}], ids=str)
def test_an_answer_that_is_lost_or_bad_starts_no_second_job(bench, fault):
    bench.hub.fault("/api/jobs/alice$", method="POST", times=1, **fault)
    result, _ = bench.run()
    assert result.exit_status == 0 and len(bench.jobs) == 1


@pytest.mark.parametrize(("status", "words"), [(403, "may not start jobs in alice"), (401, "does not take your token")])
def test_a_refusal_is_told_and_nothing_is_owed(bench, status, words):
    bench.hub.fault("/api/jobs/alice$", method="POST", status=status, times=-1)
    with pytest.raises(ComputeError, match=words):
        bench.run()
    assert bench.jobs == [] and bench.ledger.committed() == 0


def test_no_credit_is_told_plainly(server, tmp_path):
    from tests.hub import BOB

    poor = Bench(server, tmp_path, server.account("bob", BOB))
    with pytest.raises(ComputeError, match=r"bob has no credit for HF Jobs: add some .* or train here"):
        poor.run()
    assert poor.ledger.committed() == 0


def test_a_failed_program_keeps_its_status_and_last_words(bench):
    result, heard = bench.run(bench.job("import sys\nprint('the data looks odd')\nsys.exit(3)"))
    assert result.exit_status == 3 and heard.lines == ["the data looks odd"]
    assert "the data looks odd" in (bench.root / "jobs" / "abc-seed1" / "log.txt").read_text()
    assert bench.backend.known("abc-seed1").failed


def test_the_time_limit_of_the_hardware_is_told(bench):
    result, _ = bench.run(bench.job(WAITS % 60, timeout=1))
    assert result.timed_out and "time limit of 1 s" in result.reason
    assert bench.costs[-1][0] == "settled"


def started(heard: Heard, bench: Bench):
    """A check that raises once the job is seen to be at work."""

    def check() -> None:
        if "at work" in heard.lines:
            raise Stop

    return check


def test_a_stopped_run_ends_its_job(bench):
    heard = Heard()
    with pytest.raises(Stop):
        bench.backend.run(bench.job(WAITS % 60), heard, started(heard, bench))
    (job,) = bench.jobs
    assert job.status.stage == "CANCELED" and bench.costs[-1] == ("settled", 0.01)


def test_a_stop_that_the_hub_does_not_answer_is_told_with_what_ends_the_job(bench, monkeypatch):
    monkeypatch.setattr(hf_jobs, "cancel_job", partial(hf_jobs.cancel_job, patience=0.5))
    heard = Heard()
    stop = started(heard, bench)

    def check() -> None:
        try:
            stop()
        except Stop:
            bench.hub.fault("/api/jobs/alice/", status=500)
            raise

    with pytest.raises(Stop):
        bench.backend.run(bench.job(WAITS % 60), heard, check)
    bench.hub.clear()
    assert bench.jobs[0].status.stage == "RUNNING"
    (note,) = [e.body for e in bench.log.events(bench.run_id, kinds=("note",))]
    assert note.level == "warning" and "runs sweep --yes" in note.text and "cost up to $0.01" in note.text
    assert [phase for phase, _ in bench.costs] == ["held"], "all that was held stays held"
    bench.hub.api().cancel_job(job_id=bench.jobs[0].id, namespace="alice")


def test_a_job_goes_on_when_the_app_leaves_and_is_found_again(bench):
    heard = Heard()
    bench.leaving = True
    with pytest.raises(Stop):
        bench.backend.run(bench.job(WAITS % 1), heard, started(heard, bench))
    assert bench.jobs[0].status.stage == "RUNNING"
    result, later = bench.again().run(bench.job(WAITS % 1))
    assert result.exit_status == 0 and len(bench.jobs) == 1
    assert later.lines == ["at work", "hello from seed 1"], "the log is told from the beginning, with the same numbers"


def test_a_silent_hub_is_waited_for(bench):
    bench.hub.fault("/api/jobs/alice/[0-9a-f]+$", method="GET", status=500, skip=1, times=4)
    bench.hub.fault(
        "/api/jobs/alice/[0-9a-f]+$", method="GET", status=404, skip=1, times=2
    )  # then: it is there after all
    result, heard = bench.run(bench.job(WAITS % 1))
    assert result.exit_status == 0
    assert any("does not answer" in reason for _, reason in heard.states)


@pytest.mark.parametrize(
    "fault", [{"status": 500, "times": 8}, {"cut": 60, "times": 1}, {"status": 404, "times": 2}], ids=str
)
def test_a_log_that_breaks_off_is_read_on_and_no_line_is_told_twice(bench, fault):
    bench.hub.fault("/api/jobs/alice/[0-9a-f]+/logs$", method="GET", **fault)
    result, heard = bench.run(bench.job(WAITS % 1))
    assert result.exit_status == 0 and heard.lines == ["at work", "hello from seed 1"]
    assert [(m.step, m.value) for m in heard.metrics] == [(1, 1.0), (2, 0.5)]


def test_a_token_revoked_meanwhile_parks_the_run_and_leaves_the_job(bench):
    heard = Heard()

    def revoke() -> None:
        if "at work" in heard.lines:
            bench.account = Account("alice", "hf_RevokedRevokedRevokedRevokedRevoked", bench.hub.url)

    with pytest.raises(RunNeedsAccount, match="sign in again"):
        bench.backend.run(bench.job(WAITS % 2), heard, revoke)
    bench.account = bench.hub.account()
    assert bench.again().run(bench.job(WAITS % 2))[0].exit_status == 0 and len(bench.jobs) == 1


@pytest.mark.parametrize("finished", [False, True])
def test_a_job_that_is_not_there_any_more_ends_and_its_files_count_if_there_are_any(bench, finished):
    """Three such answers in a row are believed; what it cost is unknown, so all that was held stays held."""
    job = bench.job(GOOD if finished else WAITS % 60)
    remote = bench.backend.submit(job)
    if finished:
        wait_until(lambda: bench.jobs[0].status.stage == "COMPLETED")
    bench.hub.fault(f"/api/jobs/alice/{remote.job_id}$", method="GET", status=404, times=-1)
    result, _ = bench.again().run(job)
    assert result.exit_status == (0 if finished else 1)
    assert finished or "does not know the job any more" in result.reason
    known = bench.backend.known("abc-seed1")
    assert known.ended and known.failed is not finished
    assert bench.costs == [("held", 0.01), ("settled", None)] and bench.ledger.committed() == 0.01
    bench.hub.clear()
    bench.hub.api().cancel_job(job_id=remote.job_id, namespace="alice")


def wait_until(said, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not said() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert said()


def test_a_damaged_file_counts_as_nothing(bench):
    bench.backend.submit(job := bench.job())
    wait_until(lambda: bench.jobs[0].status.stage == "COMPLETED")
    place = f"{bench.run_id}/abc-seed1-1/out/predictions.jsonl"
    bench.hub.api().batch_bucket_files(f"alice/{BUCKET}", add=[(b'{"id": "test-0", "prediction": "better"}\n', place)])
    with pytest.raises(ComputeError, match="arrived damaged"):
        bench.run(job)
    assert not (job.folder / "predictions.jsonl").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "model/../../x", "program.py", "model", "a/model/x", "model\\..\\x", ""]
)
def test_only_the_agreed_files_are_taken_over(name):
    assert not is_output(name)
    assert is_output("model/a/b.safetensors") and is_output("predictions.jsonl")


def test_the_bucket_is_tidied_once_a_seed_is_measured(bench):
    bench.run(job := bench.job())
    listed = [e.path for e in bench.hub.api().list_bucket_tree(f"alice/{BUCKET}", bench.run_id, recursive=True)]
    assert listed
    bench.backend.tidy(job)
    left = [
        e for e in bench.hub.api().list_bucket_tree(f"alice/{BUCKET}", bench.run_id, recursive=True) if e.type == "file"
    ]
    assert left == []


def test_a_sweep_ends_what_nobody_waits_for_and_only_that(bench):
    mine, theirs = bench.backend.submit(bench.job(WAITS % 60)), bench.again()
    theirs.run_id = "another-machines-run"
    theirs.backend.run_id = "another-machines-run"
    other = theirs.backend.submit(theirs.job(WAITS % 60, seed=2))
    account, log = bench.account, bench.log
    assert orphans(account, lambda run: "wanted") == []
    found = orphans(account, lambda run: "over" if run == bench.run_id else "unknown")
    known = [o for o in found if o.known]
    assert {o.run_id for o in known} == {bench.run_id} and {o.what for o in known} == {"job", "files"}
    sweep(account, known, lambda run: Ledger(log, run))
    stages = {info.id: info.status.stage for info in bench.hub.api().list_jobs(namespace="alice")}
    assert stages[mine.job_id] == "CANCELED" and stages[other.job_id] in ("SCHEDULING", "RUNNING")
    assert bench.costs[-1] in (("settled", 0.01), ("settled", 0.0))  # 0: it had no machine yet
    assert end_jobs(account, "another-machines-run", theirs.ledger) == 1


def test_a_flood_of_output_does_not_hold_the_run(bench, monkeypatch):
    monkeypatch.setattr(remote_log, "LAST_LINES_SECONDS", 5.0)
    result, heard = bench.run(bench.job("for n in range(8000): print('line', n)\n" + GOOD))
    assert result.exit_status == 0 and heard.lines[0] == "line 0" and len(heard.lines) > 1000
