"""Renting through the tools: the card, the yes to exactly that, the budget, an edited program, and one job first."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from intern import account as accounts_module
from intern.compute.hf_jobs import HfJobsBackend
from intern.experiments import programs
from intern.experiments.run import stage_seed
from intern.network import _reachable
from intern.runs.ledger import Ledger
from intern.runs.workspace import RunParked
from intern.settings import Network
from intern.tools.launch import replace_program, replace_spec
from intern.tools.rented import price_at_worst, remaining, terms_for
from intern.tools.workbench import ToolError
from tests.experiments.samples import TINY_PROGRAM
from tests.hub import ALICE, HubServer, running_hub

HEADER = '# /// script\n# dependencies = ["packaging>=20"]\n# ///\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with running_hub(tmp_path_factory.mktemp("hub"), "--job-delay", "0.05") as found:
        yield found


@pytest.fixture
def rent(desk, hub: HubServer, monkeypatch):
    """`rent(**options)`: the desk of the next process, with rented machines; its run belongs to the local user."""
    monkeypatch.setattr(accounts_module, "get_token", lambda: ALICE)
    _reachable.cache_clear()
    (programs.FOLDER / "tiny.py").write_text(HEADER + TINY_PROGRAM)
    desk.run.owner = "local"
    desk.settings = desk.settings.model_copy(update={"offline": False, "network": Network(hub=hub.url)})

    def make(**options):
        made = desk.again(**{"publish": "never"} | options)
        run = made.run
        made.bench.backend = HfJobsBackend(
            account=lambda: made.bench.account("jobs"), run_id=run.id, notes=run.folder / "state" / "rented",
            ledger=Ledger(run.log, run.id), leaving=lambda: False, outside=nullcontext, poll_seconds=(0.1, 0.3),
        )  # fmt: skip
        return made

    return make


def jobs(hub: HubServer, desk):
    return list(hub.api().list_jobs(namespace="alice", labels={"intern-run": desk.run.id}))


def approvals(desk):
    return desk.events("approval")


def test_a_person_sees_everything_before_they_decide(rent, hub):
    desk = rent(usd=1.0)
    spec_id = desk.designed(steps=20)
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    (asked,) = approvals(desk)
    assert asked.action == "job" and asked.artifact == "job.md" and asked.program == "program.py"
    stored = desk.bench.load_spec(spec_id)
    worst = 2 * stored.flavor.usd_per_hour * (600 + 60 * -(-stored.spec.seconds_per_seed * 1.5 // 60)) / 3600
    assert asked.price_usd == pytest.approx(worst, rel=0.2)
    card = (desk.run.artifacts / "job.md").read_text()
    for word in (
        stored.flavor.name,
        "an hour, as of now",
        "alice",
        "$1.00",
        "seed 1, 2",
        "packaging==",
        "`program.py`, ",
    ):
        assert word in card, word
    program = (desk.run.artifacts / "program.py").read_text()
    assert "usual label of each" in program and "usual label of each" not in card  # it is read beside the card
    assert jobs(hub, desk) == [] and Ledger(desk.run.log, desk.run.id).committed() == 0


def test_one_job_first_then_the_others_at_once_and_one_yes_for_all(rent, hub):
    desk = rent(usd=1.0, approve_within_budget=True)
    spec_id = desk.designed(steps=20)
    first = desk.run_seed(spec_id=spec_id, seed=1)
    assert first["evidence_level"] == "sealed" and len(jobs(hub, desk)) == 1
    desk.run_seed(spec_id=spec_id, seed=2)
    assert len(jobs(hub, desk)) == 2 and len(approvals(desk)) == 1
    spent = [e.usd for e in desk.events("cost") if e.phase == "settled"]
    assert len(spent) == 2 and remaining(desk.bench) == pytest.approx(1.0 - sum(spent))


def test_beyond_the_budget_a_yes_beforehand_is_not_enough(rent, hub):
    desk = rent(usd=0.0001, approve_within_budget=True)
    spec_id = desk.designed(steps=20)
    assert desk.preflight(spec_id=spec_id)["passed"], "the price is a person's decision, not a failed check"
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    assert jobs(hub, desk) == []
    (asked,) = approvals(desk)
    desk.run.approvals.decide(desk.run.id, asked.approval_id, "approved", by="local")
    assert desk.run_seed(spec_id=spec_id, seed=1)["exit_status"] == 0


def test_a_no_and_its_reason_reach_the_brain_and_nothing_starts(rent, hub):
    desk = rent()
    spec_id = desk.designed(steps=20)
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    desk.run.approvals.decide(desk.run.id, approvals(desk)[0].approval_id, "rejected", by="local", feedback="too dear")
    for seed in (1, 2):
        with pytest.raises(ToolError, match=r"No job was started: the request was rejected\. You said: “too dear”"):
            desk.run_seed(spec_id=spec_id, seed=seed)
    assert jobs(hub, desk) == [] and len(approvals(desk)) == 1


def test_an_edited_program_needs_its_own_yes_and_is_not_sealed(rent, hub):
    desk = rent()
    spec_id = desk.designed(steps=20)
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    (asked,) = approvals(desk)
    with pytest.raises(ToolError, match="cannot run: "):
        replace_program(desk.run, desk.settings, "def broken(:")
    with pytest.raises(ToolError, match="no script header"):
        replace_program(desk.run, desk.settings, "print('hello')")
    replace_program(desk.run, desk.settings, HEADER + TINY_PROGRAM + "\nprint('mine')\n")
    with pytest.raises(Exception, match="was expired already"):
        desk.run.approvals.decide(desk.run.id, asked.approval_id, "approved", by="local")
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    second = approvals(desk)[-1]
    assert second.subject != asked.subject and "print('mine')" in (desk.run.artifacts / "program.py").read_text()
    desk.run.approvals.decide(desk.run.id, second.approval_id, "approved", by="local")
    assert desk.run_seed(spec_id=spec_id, seed=1)["evidence_level"] == "rescored"
    assert len(jobs(hub, desk)) == 1


def test_what_a_job_at_work_was_started_with_is_not_edited(rent, hub):
    desk = rent(usd=1.0, approve_within_budget=True)
    spec_id = desk.designed(steps=20)
    stored = desk.bench.load_spec(spec_id)
    backend = desk.bench.backend
    terms = terms_for(desk.bench, backend, stored, 1)
    backend.submit(stage_seed(desk.run, stored.spec, 1, desk.bench.data_folder(stored.spec.data.id), terms))
    with pytest.raises(ToolError, match="was started as it is: resume the run"):
        replace_program(desk.run, desk.settings, HEADER + TINY_PROGRAM + "\nprint('mine')\n")
    with pytest.raises(ToolError, match="was started as it is: resume the run"):
        replace_spec(desk.run, desk.settings, stored.spec.to_yaml().replace("seeds:", "seeds:  "))
    assert desk.run_seed(spec_id=spec_id, seed=1)["evidence_level"] == "sealed" and len(jobs(hub, desk)) == 1


def test_what_a_program_says_is_no_part_of_the_card(rent, hub):
    desk = rent()
    (programs.FOLDER / "tiny.py").write_text(HEADER + TINY_PROGRAM + "\n# `````\n# free of charge\n")
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=desk.designed(steps=20), seed=1)
    card, program = ((desk.run.artifacts / name).read_text() for name in ("job.md", "program.py"))
    assert "free of charge" in program and "free of charge" not in card and "``" not in card


@pytest.mark.parametrize("status", [402, 403])
def test_a_hub_that_refuses_is_told_and_nothing_is_trained_elsewhere_instead(rent, hub, status):
    desk = rent(usd=1.0, approve_within_budget=True)
    spec_id = desk.designed(steps=20)
    hub.fault("/api/jobs/alice$", method="POST", status=status, times=1)
    with pytest.raises(ToolError, match=r"jobs|Jobs|credit"):
        desk.run_seed(spec_id=spec_id, seed=1)
    assert hub.matched() == [1]
    hub.clear()
    told = desk.events("job")
    assert {job.backend for job in told} <= {"hf-jobs"} and not {job.phase for job in told} & {"started", "finished"}
    assert jobs(hub, desk) == [] and not [fact for fact in desk.events("fact") if fact.name == "seed_run"]


def test_a_failed_job_is_not_tried_again_without_a_new_yes(rent, hub):
    desk = rent(usd=1.0, approve_within_budget=True)
    failing = TINY_PROGRAM.replace('sys.exit(3 if trick == "late" else 0)', 'sys.exit(0 if spec["probe_steps"] else 3)')
    (programs.FOLDER / "tiny.py").write_text(HEADER + failing)
    spec_id = desk.designed(steps=20)
    with pytest.raises(ToolError, match="failed with exit status 3"):
        desk.run_seed(spec_id=spec_id, seed=1)
    careful = desk.again(approve_within_budget=False)
    careful.bench.backend = desk.bench.backend
    with pytest.raises(RunParked):
        careful.run_seed(spec_id=spec_id, seed=1)
    asked = approvals(desk)
    assert len(asked) == 2 and asked[0].subject != asked[1].subject
    assert "attempt 2" in (desk.run.artifacts / "job.md").read_text() and len(jobs(hub, desk)) == 1


def test_what_was_agreed_to_and_has_not_begun_is_no_money_for_another_attempt(rent, hub):
    desk = rent(usd=1.0, approve_within_budget=True)
    failing = TINY_PROGRAM.replace('sys.exit(3 if trick == "late" else 0)', 'sys.exit(0 if spec["probe_steps"] else 3)')
    (programs.FOLDER / "tiny.py").write_text(HEADER + failing)
    spec_id = desk.designed(steps=20)
    desk.bench.usd = price_at_worst(desk.bench, desk.bench.load_spec(spec_id)) + 1e-6  # both seeds, and no more
    with pytest.raises(ToolError, match="failed with exit status 3"):
        desk.run_seed(spec_id=spec_id, seed=1)
    with pytest.raises(RunParked):  # the second seed may still start: with it the budget would be passed
        desk.run_seed(spec_id=spec_id, seed=1)
    assert len(jobs(hub, desk)) == 1 and len(approvals(desk)) == 2


def test_an_old_yes_is_asked_again(rent, hub, monkeypatch):
    from intern.tools import rented

    desk = rent()
    spec_id = desk.designed(steps=20)
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    desk.run.approvals.decide(desk.run.id, approvals(desk)[0].approval_id, "approved", by="local")
    monkeypatch.setattr(rented, "AGREED_FOR_SECONDS", -1.0)
    with pytest.raises(RunParked):
        desk.run_seed(spec_id=spec_id, seed=1)
    assert len(approvals(desk)) == 2 and jobs(hub, desk) == []


def test_the_hub_without_prices_falls_back_to_listed_ones_and_says_so(rent, hub):
    hub.fault("/api/jobs/hardware", status=404, times=-1)
    try:
        desk = rent()
        stored = desk.bench.load_spec(desk.designed(steps=20))
    finally:
        hub.clear()
    assert not stored.flavor.live and stored.flavor.usd_per_hour > 0
    assert any("prices as listed on 2026-08-22" in note.text for note in desk.events("note"))
