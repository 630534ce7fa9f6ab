"""A person's YAML: what may change changes, and everything that is wrong is named with its line and field."""

from __future__ import annotations

import pytest
import yaml

from intern.experiments.editing import SpecError, edit_spec, read_spec
from intern.experiments.spec import Hyperparameter
from tests.experiments.samples import manifest, parameter, spec

BEFORE = spec(
    hyperparameters=[
        Hyperparameter(name="steps", value=60, origin="scaled", page=3, paper_value=500, reason="time"),
        Hyperparameter(name="dropout", value=0.5, origin="paper", page=4, paper_value=0.5),
        Hyperparameter(name="optimizer", value="adam", origin="assumed", reason="usual"),
    ]
)
PROGRAM = manifest(
    parameter("steps", 500), parameter("dropout", 0.5), parameter("optimizer", "adam", choices=["adam", "sgd"])
)


def changed(old: str, new: str) -> str:
    text = BEFORE.to_yaml()
    assert text.count(old) >= 1, text
    return text.replace(old, new, 1)


def test_what_is_not_changed_is_the_same_experiment():
    assert edit_spec(BEFORE, BEFORE.to_yaml(), PROGRAM) == BEFORE


def test_an_edited_value_is_the_persons_and_its_deviation_follows():
    after = edit_spec(BEFORE, changed("value: 60", "value: 80").replace("value: 0.5", "value: 0.1", 1), PROGRAM)
    steps, dropout, optimizer = after.hyperparameters
    assert (steps.value, steps.origin, steps.paper_value) == (80, "user", 500) and dropout.origin == "user"
    assert optimizer == BEFORE.hyperparameters[2] and after.spec_hash != BEFORE.spec_hash
    told = {d.what: (d.paper, d.ours, d.reason) for d in after.deviations}
    assert told == {"steps": ("500 (p. 3)", "80", "as you asked"), "dropout": ("0.5 (p. 4)", "0.1", "as you asked")}


def test_a_value_that_is_set_back_to_the_papers_is_no_deviation():
    assert edit_spec(BEFORE, changed("value: 60", "value: 500"), PROGRAM).deviations == []


def test_an_origin_cannot_be_claimed():
    after = edit_spec(BEFORE, changed("value: 60\n  origin: scaled", "value: 70\n  origin: paper"), PROGRAM)
    assert after.hyperparameters[0].origin == "user"
    unchanged = edit_spec(BEFORE, changed("origin: scaled", "origin: paper"), PROGRAM)
    assert unchanged.hyperparameters[0].origin == "scaled"


def test_seeds_and_time_can_be_edited():
    after = edit_spec(BEFORE, changed("seeds:\n- 1\n- 2", "seeds: [5, 6, 7]"), PROGRAM)
    assert after.seeds == [5, 6, 7]
    assert edit_spec(BEFORE, changed("seconds_per_seed: 10.0", "seconds_per_seed: 40"), PROGRAM).seconds_per_seed == 40


def line_of(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "field", "why"),
    [
        ("value: 60", "value: many", "hyperparameters[0].value", "steps cannot be 'many'"),
        ("value: adam", "value: lion", "hyperparameters[2].value", "optimizer cannot be 'lion'"),
        ("name: dropout", "name: dropuot", "hyperparameters[1].name", "has no 'dropuot'"),
        ("fingerprint: ffff", "fingerprint: aaaa", "data", "cannot be changed here"),
        ("program: tiny", "program: big", "program", "cannot be changed here"),
        ("seconds_per_seed: 10.0", "seconds_per_seed: -1", "seconds_per_seed", "more than 0"),
        ("seconds_per_seed: 10.0", "seconds_per_seed: soon", "seconds_per_seed", "valid number"),
        ("- 1\n- 2", "- 1\n- 1", "seeds", "different whole numbers"),
        ("title: ", "titel: ", "titel", "Extra inputs"),
        ("threads: 1", "threads: 0", "threads", "at least 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field(old, new, field, why):
    text = changed(old, new)
    with pytest.raises(SpecError) as refused:
        edit_spec(BEFORE, text, PROGRAM)
    problem = next(p for p in refused.value.problems if field in p)
    assert why in problem, problem
    number = int(problem.split("line ")[1].split(",")[0])
    key = field.split(".")[-1].split("[")[0]
    assert key in text.splitlines()[number - 1], problem


def test_all_problems_are_told_at_once():
    with pytest.raises(SpecError) as refused:
        edit_spec(BEFORE, changed("value: 60", "value: many").replace("threads: 1", "threads: 0"), PROGRAM)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1", "not YAML"),
        ("", "holds no experiment"),
        ("- 1", "holds no experiment"),
        ("title: x", "Field required"),
    ],
)
def test_what_is_no_experiment_at_all(text, why):
    with pytest.raises(SpecError, match=why):
        read_spec(text)


def test_a_spec_goes_round():
    assert read_spec(BEFORE.to_yaml()) == BEFORE and yaml.safe_load(BEFORE.to_yaml())["title"] == BEFORE.title
