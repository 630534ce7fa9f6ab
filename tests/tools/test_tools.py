"""What an agent can do, tool by tool: results with evidence, errors in one line, everything still there after a restart."""

from __future__ import annotations

import json

import pytest
from smolagents import Tool

from intern.runs.workspace import RunFailed, RunOverBudget, RunStopped
from intern.sandbox.arguments import checked_arguments
from intern.tools.all_tools import TOOLS
from intern.tools.workbench import ToolError
from tests.conftest import shared
from tests.experiments.samples import install_tiny

# -- the shape of a tool -----------------------------------------------------------------------------------


def test_every_tool_says_what_it_needs_and_takes_it(desk):
    names = [tool.name for tool in TOOLS]
    assert len(set(names)) == len(names)
    for tool in desk.tools.values():
        assert isinstance(tool, Tool) and tool.description
        assert all(described["description"] for described in tool.inputs.values())


def test_a_call_is_in_the_log_with_its_time(desk):
    desk.choose_program(task="a classifier", paper_id="")
    started, finished = desk.events("tool")
    assert (started.phase, finished.phase, finished.name) == ("started", "finished", "choose_program")
    assert "task='a classifier'" in started.arguments and finished.seconds is not None


def test_two_calls_in_a_step_are_two_and_a_step_that_runs_again_adds_none(desk):
    for _ in range(2):
        desk.choose_program(task="a classifier", paper_id="")
    assert len(desk.events("tool")) == 4
    again = desk.again()
    for _ in range(2):
        again.choose_program(task="a classifier", paper_id="")
    assert len(desk.events("tool")) == 4


def test_a_stopped_run_calls_no_tool(desk):
    desk.run.cancel.set()
    with pytest.raises(RunStopped):
        desk.choose_program(task="a classifier", paper_id="")
    assert desk.events("tool") == []


BAD_CALLS = {
    "paper": ("find_paper", {"query": "no such paper at all"}),
    "paper file": ("find_paper", {"query": "/nothing/here.pdf"}),
    "paper id": ("extract_setup", {"paper_id": "nope"}),
    "no paper id": ("extract_setup", {"paper_id": ""}),
    "table of no paper": ("paper_table", {"paper_id": ""}),
    "program": ("find_data", {"program": "nope", "paper_id": ""}),
    "data": ("prepare_data", {"program": "tiny", "data_id": "nope"}),
    "unprepared data": ("design_experiment", {"program": "tiny", "data_id": "nope", "paper_id": ""}),
    "spec": ("preflight", {"spec_id": "nope"}),
    "seed of no spec": ("run_seed", {"spec_id": "nope", "seed": 1}),
    "comparison": ("compare_with_paper", {"spec_id": "nope"}),
    "bundle of no spec": ("preview_publication", {"spec_id": "../../etc/passwd"}),
    "bundle": ("publish", {"bundle_id": "nope", "target": "folder"}),
    "hub": ("publish", {"bundle_id": "nope", "target": "hub"}),
    "plan": ("update_plan", {"items": ["Read"]}),
}


@pytest.mark.parametrize(("name", "arguments"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_what_cannot_be_done_is_said_in_one_line(desk, name, arguments):
    with pytest.raises(ToolError) as refused:
        desk.tools[name](**arguments)
    message = str(refused.value)
    assert message and "\n" not in message and "Traceback" not in message
    if name != "update_plan":
        assert desk.events("tool")[-1].phase == "failed"


@pytest.mark.parametrize(
    ("values", "seeds", "why"),
    [({"size": 3}, 2, "no setting 'size'"), ({"steps": "many"}, 2, "steps cannot be 'many'"), ({}, -1, "seeds")],
)
def test_a_design_that_makes_no_sense_is_refused(desk, values, seeds, why):
    desk.prepare_data(program="tiny", data_id="rows")
    with pytest.raises(ToolError, match=why):
        desk.design_experiment(program="tiny", data_id="rows", paper_id="", seeds=seeds, values=values)


def test_arguments_of_the_wrong_type_never_reach_a_tool(desk):
    with pytest.raises(TypeError):
        checked_arguments("run_seed", desk.run_seed.inputs, {"spec_id": "s", "seed": "one"})


# -- talking -----------------------------------------------------------------------------------------------


def test_each_plan_of_a_step_is_shown(desk):
    desk.update_plan(items=[["Read", "active"]])
    desk.update_plan(items=[("Read", "done")])
    assert [p.items[0].status for p in desk.events("plan")] == ["active", "done"]
    desk.again().update_plan(items=[["Read", "active"]])
    assert len(desk.events("plan")) == 2, "a step that runs again adds none"


def test_what_cannot_be_done_ends_the_run_with_its_reason(desk):
    with pytest.raises(RunFailed, match="no data"):
        desk.cannot_do(reason="no data")
    with pytest.raises(RunOverBudget, match="time"):
        desk.cannot_do(reason="more time", over_budget=True)


# -- papers ------------------------------------------------------------------------------------------------


def test_a_built_in_card_is_said_to_be_one(desk):
    found = desk.find_paper(query="attention is all you need")
    assert found["source"] == "card" and found["paper_id"].startswith("1706.03762")
    (note,) = desk.events("note")
    assert "card" in note.text and "not the paper's text" in note.text
    setup = desk.extract_setup(paper_id=found["paper_id"])
    assert any(line.startswith("dropout = 0.1") and "p. " in line for line in setup["hyperparameters"])
    assert [f.name for f in desk.events("fact")] == ["paper", "setup"]


def test_a_paper_is_read_from_its_file_and_still_known_after_a_restart(desk):
    desk.bench.paper = str(shared("papers/1408.5882.pdf"))
    found = desk.find_paper(query=desk.bench.paper)
    assert found["source"] == "pdf" and "Convolutional" in found["title"]
    setup = desk.again().extract_setup(paper_id=found["paper_id"])
    assert setup["hyperparameters"] and setup["claims"]
    captions = desk.paper_table(paper_id=found["paper_id"])["tables"]
    table = desk.paper_table(paper_id=found["paper_id"], number=1)
    assert captions and len(table["rows"]) > 1
    with pytest.raises(ToolError, match="no table 99"):
        desk.paper_table(paper_id=found["paper_id"], number=99)


def test_tables_of_a_card(desk):
    found = desk.find_paper(query="attention is all you need")
    assert "tables" in desk.paper_table(paper_id=found["paper_id"])


# -- an experiment, for real -------------------------------------------------------------------------------


def test_an_experiment_from_request_to_numbers(desk):
    assert desk.choose_program(task="a sentences classifier", paper_id="")["programs"][0]["program"] == "tiny"
    (data,) = desk.find_data(program="tiny", paper_id="")["data"]
    assert data["has_test_part"] and data["source"] == "local"
    prepared = desk.prepare_data(program="tiny", data_id=data["data_id"])
    assert prepared["splits"] == {"train": 40, "validation": 10, "test": 10} and prepared["official_test"]
    made = desk.design_experiment(program="tiny", data_id=data["data_id"], paper_id="", seeds=2, values={"steps": 20.0})
    assert made["hyperparameters"]["steps"] == 20 and made["seeds"] == [1, 2] and "trick" in made["assumed"]
    checks = desk.preflight(spec_id=made["spec_id"])
    assert checks["passed"], checks
    run = desk.run_seed(spec_id=made["spec_id"], seed=1)
    assert run["metrics"]["accuracy"] == 1.0 and run["evidence_level"] == "sealed"
    compared = desk.compare_with_paper(spec_id=made["spec_id"])
    assert compared["summary"]["n"] == 1 and compared["rows"] == []


def test_every_result_is_plain_json(desk):
    """It is printed by agent code and crosses to the worker."""
    spec_id = desk.measured()
    for result in (desk.find_data(program="tiny", paper_id=""), desk.preflight(spec_id=spec_id),
                   desk.run_seed(spec_id=spec_id, seed=1), desk.preview_publication(spec_id=spec_id)):  # fmt: skip
        assert json.loads(json.dumps(result)) == result


def test_a_measured_seed_is_not_trained_again_not_even_after_a_restart(desk):
    spec_id = desk.designed(steps=20)
    first = desk.run_seed(spec_id=spec_id, seed=1)
    jobs = len(desk.events("job"))
    assert desk.again().run_seed(spec_id=spec_id, seed=1) == first
    assert len(desk.events("job")) == jobs


def test_a_step_that_runs_again_states_no_fact_twice(desk):
    spec_id = desk.designed(steps=20)
    desk.step().run_seed(spec_id=spec_id, seed=1)
    facts = len(desk.events("fact"))
    desk.again().run_seed(spec_id=spec_id, seed=1)
    assert len(desk.events("fact")) == facts


def test_seeds_that_trained_beside_each_other_are_told_once_each(desk):
    spec_id = desk.designed(steps=20)
    stored = desk.bench.load_spec(spec_id)
    alone = stored.model_copy(update={"spec": stored.spec.model_copy(update={"threads": 1}), "lanes": 2})
    desk.bench.save("spec", spec_id := alone.spec.id, alone)
    assert desk.step().run_seed(spec_id=spec_id, seed=1)["also_measured"] == [2]
    assert desk.step().run_seed(spec_id=spec_id, seed=2)["seed"] == 2
    told = [fact.key for fact in desk.events("fact") if fact.name == "seed_run"]
    assert told == [f"{spec_id}-seed1", f"{spec_id}-seed2"]
    # Another experiment came between: the report forgot these numbers, so they are told again.
    desk.step().designed(steps=30)
    desk.step().bench.fact("spec", {"spec_id": spec_id})
    desk.run_seed(spec_id=spec_id, seed=1)
    assert [fact.key for fact in desk.events("fact") if fact.name == "seed_run"][2:] == [f"{spec_id}-seed1"]


def test_a_seed_gets_no_more_time_than_earlier_ones_left(desk):
    spec_id = desk.designed(steps=20)
    planned = desk.bench.load_spec(spec_id).spec.seconds_per_seed

    def limit(seed: int) -> float:
        desk.run_seed(spec_id=spec_id, seed=seed)
        job = desk.run.jobs / f"{spec_id}-seed{seed}" / "spec.json"
        return json.loads(job.read_text())["seconds"]

    assert limit(1) == planned > 120
    desk.bench.started -= desk.bench.seconds_left - 100  # the machine was busy: 100 s are left
    assert 50 < limit(2) <= 100


def test_a_seed_that_was_not_planned_is_not_run(desk):
    spec_id = desk.designed(steps=20)
    with pytest.raises(ToolError, match=r"Seed 7 is not planned; the spec has \[1, 2\]"):
        desk.run_seed(spec_id=spec_id, seed=7)


def test_a_failing_program_is_one_line_and_leaves_no_number(desk):
    spec_id = desk.designed(steps=20, trick="missing")
    with pytest.raises(ToolError, match="lacks 1 of 10"):
        desk.run_seed(spec_id=spec_id, seed=1)
    assert not [f for f in desk.events("fact") if f.name == "seed_run"]
    with pytest.raises(ToolError, match="No seed was measured"):
        desk.compare_with_paper(spec_id=spec_id)


def test_a_program_that_fails_its_smoke_run_is_not_designed_with(desk):
    desk.prepare_data(program="tiny", data_id="rows")
    with pytest.raises(ToolError, match="the data looks odd"):
        desk.design_experiment(program="tiny", data_id="rows", paper_id="", values={"trick": "crash"})


def test_a_budget_that_is_too_small_names_minutes(desk):
    small = desk.again(minutes=0.001)
    small.prepare_data(program="tiny", data_id="rows")
    with pytest.raises(ToolError, match=r"time budget.*--max-minutes"):
        small.design_experiment(program="tiny", data_id="rows", paper_id="")


def test_no_data_is_said_and_nothing_is_made_up(desk):
    nothing = desk.again()
    nothing.bench.data = None
    with pytest.raises(ToolError, match=r"no data for tiny here.*Nothing is downloaded or made up"):
        nothing.find_data(program="tiny", paper_id="")


def test_a_folder_with_hundreds_of_data_sets_is_a_list_that_a_brain_can_read(desk, tmp_path):
    for number in range(300):
        (tmp_path / "rows" / f"set{number:03}.csv").write_text("text,label\n" + "a b,A\n" * (number + 1))
    found = desk.find_data(program="tiny", paper_id="")
    assert (
        found["left_out"] == 301 - len(found["data"])
        and len(json.dumps(found)) < desk.settings.limits.observation_chars
    )
    assert found["data"][0]["data_id"] == "rows", "the one with its own test part first"


def test_preflight_sees_what_would_fail(desk, tmp_path):
    spec_id = desk.designed(steps=20)
    (desk.run.sealed / "rows.jsonl").unlink()
    checks = desk.preflight(spec_id=spec_id)
    assert not checks["passed"]
    assert [c["check"] for c in checks["checks"] if not c["ok"]] == ["data"]
    with pytest.raises(ToolError, match="Pre-flight failed, so nothing was started: prepare the data first"):
        desk.run_seed(spec_id=spec_id, seed=1)


def test_a_changed_program_is_another_hash(desk, tmp_path):
    spec_id = desk.designed(steps=20)
    first = desk.run_seed(spec_id=spec_id, seed=1)
    (tmp_path / "programs" / "tiny.py").write_text((tmp_path / "programs" / "tiny.py").read_text() + "\n# changed\n")
    desk.run_seed(spec_id=spec_id, seed=2)
    one, two = [f.value["evidence"]["program_hash"] for f in desk.events("fact") if f.name == "seed_run"]
    assert first["metrics"]["accuracy"] == 1.0 and one != two
    install_tiny(tmp_path / "programs")
