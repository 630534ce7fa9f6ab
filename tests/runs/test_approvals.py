"""A person decides, once, on exactly what was shown; nobody and nothing else."""

from __future__ import annotations

import threading

import pytest

from intern.runs.approvals import ApprovalError, Approvals
from intern.runs.log import RunLog
from intern.runs.report import pending_approvals
from intern.service import RunRequest


@pytest.fixture
def approvals(log):
    return Approvals(log)


def ask(approvals: Approvals, run_id: str, subject: str = "digest"):
    return approvals.request(run_id, "publish", subject, title="Publish?", summary="3 files", artifact="card.md")


def kinds(log: RunLog, run_id: str) -> list[str]:
    return [e.body.kind for e in log.events(run_id)]


def test_a_request_is_open_and_in_the_log(approvals, log, run_id):
    request = ask(approvals, run_id)
    assert request.decision is None and approvals.pending(run_id) == [request]
    (event,) = log.events(run_id)
    assert event.body.approval_id == request.id and event.body.subject == "digest"


def test_asking_twice_for_the_same_content_is_one_request(approvals, log, run_id):
    assert ask(approvals, run_id) == ask(approvals, run_id)
    assert kinds(log, run_id) == ["approval"]


def test_other_content_needs_another_decision(approvals, run_id):
    first = ask(approvals, run_id, "digest-1")
    approvals.decide(run_id, first.id, "approved", by="ada")
    second = ask(approvals, run_id, "digest-2")
    assert second.id != first.id and second.decision is None


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_decision_is_kept_with_who_and_why(approvals, log, run_id, decision):
    request = ask(approvals, run_id)
    decided = approvals.decide(run_id, request.id, decision, by="ada", feedback="fine")
    assert (decided.decision, decided.decided_by, decided.feedback) == (decision, "ada", "fine")
    assert approvals.pending(run_id) == []
    assert ask(approvals, run_id).decision == decision, "a later request for the same content finds it"
    assert kinds(log, run_id) == ["approval", "decision"]


def test_one_request_takes_one_decision(approvals, log, run_id):
    request = ask(approvals, run_id)
    approvals.decide(run_id, request.id, "rejected", by="ada")
    with pytest.raises(ApprovalError, match="rejected already"):
        approvals.decide(run_id, request.id, "approved", by="ada")
    assert approvals.get(request.id).decision == "rejected"
    assert kinds(log, run_id).count("decision") == 1


def test_eight_deciders_at_once_one_wins(approvals, log, run_id):
    request, outcomes, start = ask(approvals, run_id), [], threading.Barrier(8)

    def decide(number: int) -> None:
        mine = Approvals(RunLog(log.path))  # as another process would
        start.wait()
        try:
            mine.decide(run_id, request.id, "approved" if number % 2 else "rejected", by=f"tab {number}")
            outcomes.append(number)
        except ApprovalError:
            pass

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1
    final = approvals.get(request.id)
    assert final.decided_by == f"tab {outcomes[0]}"
    (event,) = log.events(run_id, kinds=("decision",))
    assert event.body.by == final.decided_by and event.body.decision == final.decision


def test_eight_askers_at_once_get_one_request(log, run_id):
    found, start = [], threading.Barrier(8)

    def request() -> None:
        mine = Approvals(RunLog(log.path))
        start.wait()
        found.append(ask(mine, run_id).id)

    threads = [threading.Thread(target=request) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert kinds(log, run_id) == ["approval"]


def test_another_runs_request_cannot_be_decided_from_here(approvals, log, run_id):
    request = ask(approvals, run_id)
    other = log.create("eve", "b", RunRequest(task="b"))[0]
    with pytest.raises(ApprovalError, match="no approval request"):
        approvals.decide(other, request.id, "approved", by="eve")
    assert approvals.get(request.id).decision is None


def test_an_unknown_request(approvals, run_id):
    with pytest.raises(ApprovalError, match="no approval request 'nope'"):
        approvals.decide(run_id, "nope", "approved", by="ada")


def test_an_expired_request_takes_no_decision_and_is_asked_anew(log, run_id):
    late = Approvals(log, ttl_seconds=-1)
    request = ask(late, run_id)
    assert request.decision == "expired" and late.pending(run_id) == []
    with pytest.raises(ApprovalError, match="expired"):
        late.decide(run_id, request.id, "approved", by="ada")
    again = ask(Approvals(log), run_id)
    assert again.id != request.id and again.decision is None
    assert Approvals(log).decide(run_id, again.id, "approved", by="ada").decision == "approved"


def test_a_decision_outlives_its_process(approvals, log, run_id):
    request = ask(approvals, run_id)
    Approvals(RunLog(log.path)).decide(run_id, request.id, "approved", by="ada")
    assert approvals.get(request.id).decision == "approved"


@pytest.mark.parametrize("again", ["the run asks again", "the person clicks again"])
def test_a_decision_whose_process_died_before_it_was_in_the_log_gets_there(approvals, log, run_id, monkeypatch, again):
    """Else every face would go on showing a request that takes no decision any more."""
    request = ask(approvals, run_id)
    with monkeypatch.context() as dying:
        dying.setattr(log, "append", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            approvals.decide(run_id, request.id, "approved", by="ada", feedback="fine")
    assert [p.approval_id for p in pending_approvals(log.events(run_id))] == [request.id]
    if again == "the run asks again":
        assert ask(approvals, run_id).decision == "approved"
    else:
        with pytest.raises(ApprovalError, match="approved already"):
            approvals.decide(run_id, request.id, "rejected", by="ada")
    assert pending_approvals(log.events(run_id)) == [] and kinds(log, run_id) == ["approval", "decision"]
    told = log.events(run_id)[-1].body
    assert (told.decision, told.by, told.feedback) == ("approved", "ada", "fine")
