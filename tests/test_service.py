"""The façade, with everything behind it for real: planner or scripted LLM, sandbox, jobs, log; only the program is tiny."""

from __future__ import annotations

import json
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intern.experiments import programs
from intern.runs.approvals import ApprovalError
from intern.runs.events import Event
from intern.runs.log import RunNotFoundError
from intern.service import BadRequestError, RunRequest, Service
from intern.settings import App, Settings
from tests.experiments.samples import TINY_PROGRAM, install_tiny, write_rows
from tests.servers.llm import serving

TASK = "train a classifier of sentences with two seeds"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    install_tiny(tmp_path / "programs")
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "programs")
    return Settings(home=tmp_path / "home", offline=True, app=App(max_running=2))


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    made = Service(settings)
    yield made
    made.close()


@pytest.fixture
def rows(tmp_path: Path) -> str:
    return str(write_rows(tmp_path / "rows"))


@pytest.fixture
def slow_program(tmp_path: Path, settings: Settings) -> Path:
    """The tiny program trains until it finds a file called `go`; returns that file's path."""
    go = tmp_path / "go"
    wait = f"import os\nwhile not spec['probe_steps'] and not os.path.exists({str(go)!r}):\n    time.sleep(0.05)\n"
    (tmp_path / "programs" / "tiny.py").write_text(TINY_PROGRAM.replace("usual = {}\n", wait + "usual = {}\n", 1))
    return go


def request(rows: str | None = None, **more: Any) -> RunRequest:
    return RunRequest(**{"task": TASK, "data": rows, "publish": "never"} | more)


def finished(service: Service, run_id: str, owner: str = "local") -> str:
    """Wait for the run's thread; returns the status."""
    deadline = time.monotonic() + 60
    while not service.join(run_id, timeout=1):
        assert time.monotonic() < deadline, service.info(run_id, owner)
    return service.info(run_id, owner).status


def event(service: Service, run_id: str, kind: str, **wanted: Any) -> Event:
    """Wait for an event of a kind (with these fields)."""
    after, deadline = 0, time.monotonic() + 30
    while time.monotonic() < deadline:
        for found in service.wait_events(run_id, after=after, timeout=1):
            after = found.seq
            if found.body.kind == kind and all(getattr(found.body, k) == v for k, v in wanted.items()):
                return found
    raise AssertionError(f"no {kind} {wanted}")


# -- a whole run -------------------------------------------------------------------------------------------


def test_a_task_becomes_a_report_with_evidence(service, rows):
    info = service.start_run(request(rows))
    assert finished(service, info.run_id) == "done", service.answer(info.run_id)
    report = service.get_run(info.run_id)
    assert report.brain == "planner" and report.summary["metric"] == "accuracy" and report.summary["mean"] == 1.0
    assert [r["seed"] for r in report.runs] == [1, 2] and report.published is None
    assert all(r["evidence"]["level"] == "sealed" and r["exit_status"] == 0 for r in report.runs)
    assert "accuracy 1 ± 0 over 2 seeds" in service.answer(info.run_id)
    assert [e.seq for e in service.events(info.run_id)] == list(range(1, service.last_seq(info.run_id) + 1))


def test_files_of_a_run_are_those_it_recorded_and_no_others(service, rows):
    run_id = service.start_run(request(rows)).run_id
    finished(service, run_id)
    names = {a["name"] for a in service.get_run(run_id).artifacts}
    assert {"experiment.yaml", "evidence/seed-1.json", "predictions/seed-2.jsonl", "comparison.json"} <= names
    for name in names:
        assert service.artifact_path(run_id, name).is_file()
    for name in ("../sealed/rows.jsonl", "../../../runs.sqlite", "/etc/passwd", "nothing.txt", ""):
        with pytest.raises(BadRequestError, match="has no file"):
            service.artifact_path(run_id, name)


def test_an_export_is_the_whole_run(service, rows, tmp_path):
    run_id = service.start_run(request(rows)).run_id
    finished(service, run_id)
    service.export_run(run_id, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        lines = archive.read("events.jsonl").decode().splitlines()
        assert [json.loads(line)["seq"] for line in lines] == list(range(1, service.last_seq(run_id) + 1))
        assert json.loads(archive.read("report.json"))["summary"]["mean"] == 1.0
        assert "artifacts/experiment.yaml" in archive.namelist()
        assert not any("sealed" in name for name in archive.namelist())


def test_a_task_that_cannot_be_done_fails_with_the_reason(service):
    run_id = service.start_run(request(None)).run_id
    assert finished(service, run_id) == "failed"
    assert "no data for tiny here" in service.answer(run_id)


def test_a_task_outside_what_the_planner_can_do_is_answered(service):
    run_id = service.start_run(RunRequest(task="what is the weather?")).run_id
    assert finished(service, run_id) == "done" and "not an LLM" in service.answer(run_id)


def test_only_ones_own_ended_runs_are_deleted_and_their_files_too(service, rows, slow_program):
    run_id = service.start_run(request(rows)).run_id
    event(service, run_id, "job", phase="started")
    with pytest.raises(BadRequestError, match="stop it first"):
        service.delete_run(run_id)
    service.stop_run(run_id)
    with pytest.raises(RunNotFoundError):
        service.delete_run(run_id, "somebody else")
    other = service.start_run(RunRequest(task="write me a poem")).run_id
    finished(service, other)
    folder = service.settings.run_folder(run_id)
    assert folder.is_dir()
    service.delete_run(run_id)
    assert not folder.exists() and [run.run_id for run in service.list_runs()] == [other]
    with pytest.raises(RunNotFoundError):
        service.events(run_id)


def test_a_defect_ends_as_a_failed_run_that_says_so(service, rows, monkeypatch):
    monkeypatch.setattr("intern.tools.prompt.system_prompt", lambda tools, context: 1 / 0)
    run_id = service.start_run(request(rows)).run_id
    assert finished(service, run_id) == "failed"
    assert "A defect of the intern: ZeroDivisionError" in service.answer(run_id)
    assert "ZeroDivisionError" in (service.settings.run_folder(run_id) / "defect.txt").read_text()


def test_on_a_shared_server_no_run_may_reach_out(service):
    with pytest.raises(BadRequestError, match="own machine"):
        service.start_run(RunRequest(task="hello", allowed_hosts=("example.org",)), owner="visitor")


# -- requests ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"task": "  \n"}, "task is empty"),
        ({"data": "/nothing/here"}, "no file or folder /nothing/here"),
        ({"paper": "/nothing/here.pdf"}, "no file /nothing/here.pdf"),
        ({"paper": "thing.pdf"}, "no file thing.pdf"),
        ({"model": "gpt-9"}, "no model 'gpt-9'"),
        ({"model": "org/name"}, "needs an account"),
        ({"compute": "hf-jobs"}, "HF Jobs needs a Hugging Face account: set HF_TOKEN"),
        ({"compute": "zerogpu"}, "no ZeroGPU away from a Space"),
        ({"publish": "hub"}, "Publishing to the Hub needs a Hugging Face account: set HF_TOKEN"),
        ({"flavor": "a100-large"}, "only be chosen for --compute hf-jobs"),
    ],
)
def test_a_request_that_cannot_work_is_refused_at_once(service, change, words, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("intern.account.get_token", lambda: None)  # whoever tests may be signed in
    with pytest.raises(BadRequestError, match=words) as refused:
        service.start_run(request(**change))
    assert "\n" not in str(refused.value) and service.list_runs() == []


def test_a_second_click_is_the_same_run(service, rows):
    first = service.start_run(request(rows), client_key="click")
    assert service.start_run(request(rows), client_key="click").run_id == first.run_id
    assert len(service.list_runs()) == 1


def test_a_run_is_found_by_the_beginning_of_its_id(service):
    run_id = service.start_run(RunRequest(task="hello")).run_id
    finished(service, run_id)
    assert service.complete_id(run_id[:-2]) == run_id
    for wrong in ("x", "nope"):
        with pytest.raises(RunNotFoundError):
            service.complete_id(wrong)


def test_another_persons_run_looks_like_no_run(service):
    run_id = service.start_run(RunRequest(task="hello"), owner="ada").run_id
    finished(service, run_id, "ada")
    calls = [
        lambda: service.info(run_id, "eve"), lambda: service.get_run(run_id, "eve"), lambda: service.events(run_id, "eve"),
        lambda: service.wait_events(run_id, "eve", timeout=0), lambda: service.pending(run_id, "eve"),
        lambda: service.answer(run_id, "eve"), lambda: service.artifact_path(run_id, "card.md", "eve"),
        lambda: service.send_message(run_id, "hi", "eve"), lambda: service.stop_run(run_id, "eve"),
        lambda: service.resume_run(run_id, "eve"), lambda: service.rename_run(run_id, "mine", "eve"),
        lambda: service.decide_approval(run_id, "x", "approved", "eve"), lambda: service.complete_id(run_id, "eve"),
        lambda: service.export_run(run_id, Path("/nothing"), "eve"), lambda: service.last_seq(run_id, "eve"),
        lambda: service.request(run_id, "eve"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(RunNotFoundError):
            call()
    assert service.list_runs("eve") == [] and len(service.list_runs("ada")) == 1


# -- approvals ---------------------------------------------------------------------------------------------


def parked(service: Service, rows: str) -> tuple[str, str]:
    """A run that waits for a decision, and the request."""
    run_id = service.start_run(request(rows, publish="ask")).run_id
    assert finished(service, run_id) == "waiting", service.answer(run_id)
    (pending,) = service.pending(run_id)
    return run_id, pending.approval_id


def test_publishing_waits_for_a_person_and_goes_on_after_a_yes(service, rows, settings):
    run_id, approval = parked(service, rows)
    assert not list(settings.published.glob("*/*"))
    service.decide_approval(run_id, approval, "approved")
    assert finished(service, run_id) == "done"
    published = service.get_run(run_id).published
    assert published["kind"] == "folder" and (Path(published["location"]) / "README.md").is_file()
    phases = [e.body.phase for e in service.events(run_id, kinds=("tool",)) if e.body.name == "publish"]
    assert phases == ["started", "finished"]


def test_a_no_ends_without_publishing_and_is_final(service, rows, settings):
    run_id, approval = parked(service, rows)
    service.decide_approval(run_id, approval, "rejected", feedback="not this one")
    assert finished(service, run_id) == "done"
    assert "not this one" in service.answer(run_id) and service.get_run(run_id).published is None
    with pytest.raises(ApprovalError, match="rejected already"):
        service.decide_approval(run_id, approval, "approved")
    assert not list(settings.published.glob("*/*"))


def test_a_decision_in_the_very_moment_of_the_question_is_not_lost(service, rows):
    """The request is in the log before the run has parked; a quick client answers at once."""
    run_id = service.start_run(request(rows, publish="ask")).run_id
    asked = event(service, run_id, "approval")
    service.decide_approval(run_id, asked.body.approval_id, "approved")
    event(service, run_id, "status", status="done")
    assert service.get_run(run_id).published is not None


def test_what_was_waiting_is_still_waiting_in_the_next_process(service, rows, settings):
    run_id, approval = parked(service, rows)
    service.close()
    following = Service(settings)
    assert following.info(run_id).status == "waiting"
    following.decide_approval(run_id, approval, "approved")
    assert finished(following, run_id) == "done" and following.get_run(run_id).published is not None
    codes = [e.body.step for e in following.events(run_id, kinds=("code",))]
    assert codes == list(range(1, len(codes) + 1)), "no step was decided twice"


def test_yes_in_advance(service, rows):
    run_id = service.start_run(request(rows, publish="folder", approve_within_budget=True)).run_id
    assert finished(service, run_id) == "done" and service.get_run(run_id).published is not None


# -- stopping, going on, talking ---------------------------------------------------------------------------


def test_a_stop_in_training_is_quick_and_a_resume_finishes_the_same_run(service, rows, slow_program):
    run_id = service.start_run(request(rows)).run_id
    event(service, run_id, "job", phase="started")
    with pytest.raises(BadRequestError, match="still working"):
        service.send_message(run_id, "hurry")
    started = time.monotonic()
    assert service.stop_run(run_id).status == "stopped"
    assert time.monotonic() - started < 20
    assert service.stop_run(run_id).status == "stopped", "stopping twice changes nothing"
    slow_program.touch()
    service.resume_run(run_id)
    assert finished(service, run_id) == "done"
    assert service.get_run(run_id).summary["n"] == 2
    with pytest.raises(BadRequestError, match="done"):
        service.resume_run(run_id)


def test_after_a_stop_something_else_can_be_asked(service, rows, slow_program):
    run_id = service.start_run(request(rows)).run_id
    event(service, run_id, "job", phase="started")
    service.stop_run(run_id)
    service.send_message(run_id, "what is the weather?")
    assert finished(service, run_id) == "done"
    assert "not an LLM" in service.answer(run_id)


def test_publish_can_be_asked_for_afterwards(service, rows):
    run_id = service.start_run(request(rows, publish="ask")).run_id
    finished(service, run_id)
    service.send_message(run_id, "publish")
    assert finished(service, run_id) == "waiting"
    (pending,) = service.pending(run_id)
    service.decide_approval(run_id, pending.approval_id, "approved")
    assert finished(service, run_id) == "done" and service.get_run(run_id).published is not None


@pytest.mark.parametrize("words", ["", "  "])
def test_an_empty_message_is_refused(service, words):
    run_id = service.start_run(RunRequest(task="hello")).run_id
    finished(service, run_id)
    with pytest.raises(BadRequestError, match="empty"):
        service.send_message(run_id, words)


def test_two_runs_work_and_the_third_waits_its_turn(service, rows, slow_program):
    ids = [service.start_run(request(rows)).run_id for _ in range(3)]
    deadline = time.monotonic() + 20
    while sorted(service.info(i).status for i in ids) != ["queued", "running", "running"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    third = next(i for i in ids if service.info(i).status == "queued")
    assert service.stop_run(third).status == "stopped", "a queued run can be stopped"
    slow_program.touch()
    assert [finished(service, i) for i in ids if i != third] == ["done", "done"]


# -- an LLM in the planner's place -------------------------------------------------------------------------

LLM_JOB = [
    "I look for a program and data.\n<run>\nbest = choose_program(task='sentences classifier', paper_id='')['programs'][0]\n"
    "options = find_data(program=best['program'], paper_id='')\nprint(best, options)\n",
    "Now seal the test labels and design.\n<run>\nname = options['data'][0]['data_id']\n"
    "d = prepare_data(program=best['program'], data_id=name)\n"
    "e = design_experiment(program=best['program'], data_id=d['data_id'], paper_id='', seeds=2, values={'steps': 20})\n"
    "print(d['audit'], e['deviations'])\n",
    "A slip of mine:\n```python\nprint(undefined_name)\n```",
    "I see. Checks and both seeds.\n<run>\nassert preflight(spec_id=e['spec_id'])['passed']\n"
    "for s in e['seeds']:\n    print(run_seed(spec_id=e['spec_id'], seed=s)['metrics'])\n",
    "<think>hm</think>Compare, stage, publish.\n<run>\nc = compare_with_paper(spec_id=e['spec_id'])\n"
    "b = preview_publication(spec_id=e['spec_id'])\np = publish(bundle_id=b['bundle_id'], target='folder')\nprint(p)\n",
    "<run>\nfinal_answer(f\"Accuracy {c['summary']['mean']:.2f} over {c['summary']['n']} seeds, at {p['location']}.\")\n",
]


def test_an_llm_does_the_whole_job_with_code_of_its_own(settings, rows):
    with serving({"status": 429, "retry_after": 0}, *LLM_JOB) as server:
        service = Service(settings.model_copy(update={"llm_base_url": f"{server.url}/v1"}))
        wanted = request(rows, model="scripted", publish="folder", approve_within_budget=True)
        run_id = service.start_run(wanted).run_id
        assert finished(service, run_id) == "done", service.answer(run_id)
    report = service.get_run(run_id)
    assert report.brain == "scripted" and report.summary["mean"] == 1.0 and len(report.runs) == 2
    assert service.answer(run_id) == f"Accuracy 1.00 over 2 seeds, at {report.published['location']}."
    errors = [e.body.error for e in service.events(run_id, kinds=("observation",)) if e.body.error]
    assert len(errors) == 1 and "undefined_name" in errors[0]
    last = server.requests[-1]["body"]["messages"]
    assert [m["role"] for m in last[:3]] == ["system", "user", "assistant"] and "run_seed(spec_id, seed)" in last[0][
        "content"
    ]


def test_an_llm_that_is_out_of_credit_fails_the_run_in_plain_words(settings, rows):
    with serving({"status": 402}) as server:
        service = Service(settings.model_copy(update={"llm_base_url": f"{server.url}/v1"}))
        run_id = service.start_run(request(rows, model="scripted")).run_id
        assert finished(service, run_id) == "failed"
    assert "no credit left" in service.answer(run_id) and "defect" not in service.answer(run_id)


def test_what_an_llm_says_about_a_number_is_not_the_number(settings, rows):
    boast = [*LLM_JOB[:2], *LLM_JOB[3:4], "<run>\nfinal_answer('accuracy 12.34')\n"]
    with serving(*boast) as server:
        service = Service(settings.model_copy(update={"llm_base_url": f"{server.url}/v1"}))
        run_id = service.start_run(request(rows, model="scripted")).run_id
        assert finished(service, run_id) == "done", service.answer(run_id)
    report = service.get_run(run_id)
    assert "12.34" not in report.model_dump_json() and [r["metrics"]["accuracy"] for r in report.runs] == [1.0, 1.0]


def test_health_counts_running_runs(service, rows, slow_program):
    assert service.health().running == 0
    run_id = service.start_run(request(rows)).run_id
    event(service, run_id, "job", phase="started")
    health = service.health()
    assert health.running == 1 and health.offline and health.brain == "planner" and "local" in health.compute
    service.stop_run(run_id)


def test_many_readers_of_one_run_see_the_same(service, rows):
    run_id = service.start_run(request(rows)).run_id
    seen: list[list[int]] = [[] for _ in range(4)]

    def follow(numbers: list[int]) -> None:
        while not numbers or service.info(run_id).status in ("running", "queued"):
            found = service.wait_events(run_id, after=numbers[-1] if numbers else 0, timeout=0.5)
            numbers += [e.seq for e in found]
        numbers += [e.seq for e in service.events(run_id, after=numbers[-1])]

    readers = [threading.Thread(target=follow, args=(numbers,)) for numbers in seen]
    for reader in readers:
        reader.start()
    finished(service, run_id)
    for reader in readers:
        reader.join(10)
    assert all(numbers == list(range(1, service.last_seq(run_id) + 1)) for numbers in seen)
