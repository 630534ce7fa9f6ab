"""A person looks at the experiment before it starts, changes it, and what starts is what they agreed to."""

from __future__ import annotations

import pytest

from intern.commands import app
from intern.runs.approvals import ApprovalError
from intern.runs.events import Fact
from intern.runs.log import RunNotFoundError
from intern.service import BadRequestError, Service
from tests.test_service import finished, request, rows, service, settings, slow_program  # noqa: F401


def waiting(service: Service, rows: str, **more: object) -> str:  # noqa: F811
    run_id = service.start_run(request(rows, review=True, **more)).run_id
    assert finished(service, run_id) == "waiting", service.answer(run_id)
    assert not service.events(run_id, kinds=("job",)), "nothing has started"
    return run_id


def test_nothing_starts_before_a_yes(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    (asked,) = service.pending(run_id)
    assert asked.action == "job" and asked.price_usd == 0 and asked.artifact == "experiment.yaml"
    service.decide_approval(run_id, asked.approval_id, "approved")
    assert finished(service, run_id) == "done" and service.get_run(run_id).summary["n"] == 2


def test_an_edited_experiment_is_checked_agreed_to_and_run(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    (first,) = service.pending(run_id)
    text = service.spec_yaml(run_id)
    service.edit_spec(run_id, text.replace("value: 60", "value: 30").replace("seeds:\n- 1\n- 2", "seeds: [7, 8, 9]"))
    (asked,) = service.pending(run_id)
    assert asked.approval_id != first.approval_id, "an edited plan needs a new decision"
    with pytest.raises(ApprovalError):
        service.decide_approval(run_id, first.approval_id, "approved")
    service.decide_approval(run_id, asked.approval_id, "approved")
    assert finished(service, run_id) == "done", service.answer(run_id)
    report = service.get_run(run_id)
    assert [r["seed"] for r in report.runs] == [7, 8, 9] and report.summary["n"] == 3
    assert {h["name"]: (h["value"], h["origin"]) for h in report.spec["hyperparameters"]}["steps"] == (30, "user")
    assert {r["evidence"]["spec_hash"][:12] for r in report.runs} == {report.spec["spec_id"]}
    with pytest.raises(BadRequestError, match="frozen"):
        service.edit_spec(run_id, text)


def test_an_edit_that_is_taken_back_is_the_first_experiment_again(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    text = service.spec_yaml(run_id)
    service.edit_spec(run_id, text.replace("value: 60", "value: 30"))
    service.edit_spec(run_id, text)
    assert "value: 60\n  origin: user" in service.spec_yaml(run_id)
    (asked,) = service.pending(run_id)
    service.decide_approval(run_id, asked.approval_id, "approved")
    assert finished(service, run_id) == "done", service.answer(run_id)


def test_an_edit_that_does_not_fit_is_refused_by_pre_flight(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    service.edit_spec(run_id, service.spec_yaml(run_id).replace("seconds_per_seed: ", "seconds_per_seed: 99"))
    (asked,) = service.pending(run_id)
    service.decide_approval(run_id, asked.approval_id, "approved")
    assert finished(service, run_id) == "failed" and "do not fit" in service.answer(run_id)
    assert not service.events(run_id, kinds=("job",))


def test_a_no_is_the_end_of_it(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    (asked,) = service.pending(run_id)
    service.decide_approval(run_id, asked.approval_id, "rejected", feedback="too short")
    assert finished(service, run_id) == "done"
    assert "Not started" in service.answer(run_id) and "too short" in service.answer(run_id)
    assert not service.events(run_id, kinds=("job",))


def test_what_is_wrong_is_said_and_nothing_changes(service, rows):  # noqa: F811
    run_id = waiting(service, rows)
    text = service.spec_yaml(run_id)
    with pytest.raises(
        BadRequestError, match=r"experiment.yaml, line \d+, hyperparameters\[0\].value: steps cannot be"
    ):
        service.edit_spec(run_id, text.replace("value: 60", "value: lots"))
    assert service.spec_yaml(run_id) == text and len(service.pending(run_id)) == 1
    for call in (lambda: service.spec_yaml(run_id, "eve"), lambda: service.edit_spec(run_id, text, "eve")):
        with pytest.raises(RunNotFoundError):
            call()


def test_a_run_whose_record_names_no_experiment_has_none_to_edit(service, settings):  # noqa: F811
    """As older versions wrote it, or a hand."""
    run_id = service.start_run(request(None, task="what is the capital of France?")).run_id
    finished(service, run_id)
    service.log.append(run_id, Fact(name="spec", value={"title": "odd"}))
    with pytest.raises(BadRequestError, match="no experiment that can be edited"):
        service.spec_yaml(run_id)


def test_a_run_at_work_is_not_edited(service, rows, slow_program):  # noqa: F811
    run_id = service.start_run(request(rows)).run_id
    with pytest.raises(BadRequestError, match="working on this run"):
        service.edit_spec(run_id, "")
    service.stop_run(run_id)


def test_from_the_command_line(service, rows, settings, tmp_path, monkeypatch, capsys):  # noqa: F811
    run_id = waiting(service, rows)
    monkeypatch.setenv("INTERN_HOME", str(settings.home))
    with pytest.raises(SystemExit) as left:
        app(["runs", "edit", run_id])
    text = capsys.readouterr().out
    assert left.value.code == 0 and text == service.spec_yaml(run_id)
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("value: 60", "value: 20"))
    with pytest.raises(SystemExit):
        app(["runs", "edit", run_id, "--to", str(mine)])
    assert "value: 20\n  origin: user" in capsys.readouterr().out
    mine.write_text(text.replace("value: 60", "value: x"))
    with pytest.raises(SystemExit) as left:
        app(["runs", "edit", run_id, "--to", str(mine)])
    assert left.value.code == 2 and "experiment.yaml, line" in capsys.readouterr().err
    service.resume_run(run_id, approve_within_budget=True)
    assert finished(service, run_id) == "done" and service.get_run(run_id).summary["n"] == 2
    with pytest.raises(SystemExit):
        app(["runs", "show", run_id])
    shown = capsys.readouterr().out
    assert "majority class" in shown and "95 % over test rows" in shown
    assert "Doubt: The predictions are byte for byte those of seed 1" in shown
