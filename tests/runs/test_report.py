"""A report is a fold over facts: the last word counts, and nothing of an earlier experiment stays beside a new one."""

from __future__ import annotations

from intern.runs.events import ApprovalDecided, ApprovalRequested, Artifact, Event, Fact, Note, Status
from intern.runs.report import RunReport, build_report, last_reason, pending_approvals

SCHEMA = (
    "run_id status brain paper setup spec deviations runs summary comparison published cost_usd artifacts events_path"
)


def events(*bodies) -> list[Event]:
    return [Event(run_id="r", seq=n, time=0.0, body=body) for n, body in enumerate(bodies, 1)]


def report(*bodies) -> RunReport:
    return build_report("r", "done", "planner", events(*bodies), "/home/runs.sqlite")


def spec(spec_id: str, *deviations: str) -> Fact:
    return Fact(name="spec", value={"spec_id": spec_id, "deviations": list(deviations)})


def seed_run(spec_id: str, seed: int, value: float) -> Fact:
    return Fact(name="seed_run", key=f"{spec_id}-seed{seed}", value={"seed": seed, "metrics": {"acc": value}})


def test_the_schema_is_the_designs():
    assert list(report().model_dump()) == SCHEMA.split()


def test_an_empty_run_has_an_empty_report():
    empty = report()
    assert (empty.paper, empty.spec, empty.runs, empty.summary, empty.published) == (None, None, [], None, None)


def test_facts_fill_the_report():
    full = report(
        Fact(name="paper", value={"title": "T"}),
        Fact(name="setup", value={"hyperparameters": []}),
        spec("s", "fewer steps"),
        seed_run("s", 1, 0.5),
        seed_run("s", 2, 0.7),
        Fact(name="summary", value={"mean": 0.6}),
        Fact(name="comparison", value=[{"comparable": False}]),
        Fact(name="published", value={"kind": "folder"}),
        Note(text="not a fact"),
    )
    assert full.paper == {"title": "T"} and full.deviations == ["fewer steps"]
    assert [r["seed"] for r in full.runs] == [1, 2]
    assert full.summary == {"mean": 0.6} and full.comparison == [{"comparable": False}]
    assert full.published == {"kind": "folder"}


def test_a_fact_of_the_same_name_and_key_replaces_the_earlier_one():
    again = report(spec("s"), seed_run("s", 1, 0.1), seed_run("s", 1, 0.2))
    assert [r["metrics"]["acc"] for r in again.runs] == [0.2]


def test_a_new_experiment_starts_with_no_numbers():
    """A number of the first spec beside the second spec would be a number without its evidence."""
    redesigned = report(
        spec("one", "a"), seed_run("one", 1, 0.1), Fact(name="summary", value={"mean": 0.1}),
        Fact(name="comparison", value=[{"comparable": True}]), spec("two", "b"), seed_run("two", 1, 0.9),
    )  # fmt: skip
    assert redesigned.spec["spec_id"] == "two" and redesigned.deviations == ["b"]
    assert [r["metrics"]["acc"] for r in redesigned.runs] == [0.9]
    assert redesigned.summary is None and redesigned.comparison == []


def test_the_same_spec_said_again_keeps_its_numbers():
    again = report(spec("one"), seed_run("one", 1, 0.1), Fact(name="summary", value={"mean": 0.1}), spec("one"))
    assert len(again.runs) == 1 and again.summary == {"mean": 0.1}


def test_an_artifact_is_listed_once_as_it_is_now():
    def artifact(digest: str) -> Artifact:
        return Artifact(name="a.txt", bytes=1, sha256=digest, media_type="text/plain")

    (only,) = report(artifact("1"), artifact("2")).artifacts
    assert only["sha256"] == "2" and "kind" not in only


def request(approval_id: str) -> ApprovalRequested:
    return ApprovalRequested(
        approval_id=approval_id, action="publish", title=approval_id, summary="", price_usd=0, subject="x"
    )


def test_pending_approvals_are_those_without_a_decision():
    log = events(request("a"), request("b"), ApprovalDecided(approval_id="a", decision="rejected", by="ada"))
    assert [p.approval_id for p in pending_approvals(log)] == ["b"]


def test_the_last_reason_is_a_status_reason_or_an_error_note():
    assert last_reason(events(Status(status="running"), Note(level="error", text="bad"))) == "bad"
    assert last_reason(events(Note(level="error", text="bad"), Status(status="failed", reason="worse"))) == "worse"
    assert last_reason(events(Note(text="an info"))) == ""
