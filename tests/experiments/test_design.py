"""From a paper and a budget to an experiment: every value has an origin, every difference is listed with its reason."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.experiments.design import (
    DesignError,
    build_spec,
    choose,
    choose_metrics,
    choose_program,
    fit_to_budget,
    matching_dataset,
    seconds_needed,
)
from intern.experiments.programs import load_manifests
from intern.experiments.spec import Deviation, ExperimentSpec, Hyperparameter, MetricSpec
from tests.experiments.samples import manifest, parameter, prepared, probe, reading, spec, stated

STEPS = parameter("steps", 1000, 200, "fewer steps")
RATE = parameter("dropout", 0.5)
SIZES = parameter("filter_sizes", [3, 4, 5])


def settle(parameters, rows=(), asked=None, **more):
    """What `choose` makes of one parameter: the value, and the deviations."""
    chosen, deviations = choose(manifest(parameters), reading(*rows, **more), prepared(), asked or {})
    return chosen[0], deviations


# -- where values come from --------------------------------------------------------------------------------


def test_a_value_of_the_paper_is_taken_with_its_page():
    value, deviations = settle(RATE, [stated("dropout", 0.3, page=4)])
    assert (value.value, value.origin, value.page) == (0.3, "paper", 4)
    assert deviations == []


def test_a_value_that_is_too_big_for_the_budget_is_scaled_and_listed():
    value, deviations = settle(STEPS, [stated("steps", 100_000, page=7)])
    assert (value.value, value.origin, value.paper_value) == (200, "scaled", 100_000)
    assert deviations == [Deviation(what="steps", paper="100,000 (p. 7)", ours="200", reason="fewer steps")]


def test_a_value_that_is_small_already_is_left_alone():
    value, deviations = settle(STEPS, [stated("steps", 50)])
    assert (value.value, value.origin, deviations) == (50, "paper", [])


def test_what_the_paper_does_not_state_is_assumed_and_no_deviation():
    value, deviations = settle(RATE)
    assert (value.value, value.origin, value.page, value.paper_value) == (0.5, "assumed", None, None)
    assert value.reason == "because" and deviations == []


def test_what_a_person_asks_for_wins_and_is_listed():
    value, deviations = settle(STEPS, [stated("steps", 100_000, page=7)], {"steps": 30.0})
    assert (value.value, value.origin, value.page) == (30, "user", 7)
    assert deviations == [Deviation(what="steps", paper="100,000 (p. 7)", ours="30", reason="as you asked")]


def test_asking_for_the_papers_own_value_is_no_deviation():
    assert settle(RATE, [stated("dropout", 0.3)], {"dropout": 0.3})[1] == []


def test_without_a_paper_everything_is_assumed_or_asked():
    chosen, deviations = choose(manifest(STEPS, RATE), None, prepared(), {"dropout": 0.1})
    assert [(h.name, h.value, h.origin) for h in chosen] == [("steps", 200, "assumed"), ("dropout", 0.1, "user")]
    assert deviations == []


def test_a_value_that_the_program_cannot_take_is_replaced_and_listed():
    value, deviations = settle(RATE, [stated("dropout", "variational")])
    assert (value.value, value.origin, value.paper_value) == (0.5, "assumed", "variational")
    assert deviations[0].paper == "variational (p. 3)" and "cannot take" in deviations[0].reason


CHOICE = parameter("optimizer", "adam", choices=["adam", "nesterov momentum"])


@pytest.mark.parametrize(
    ("said", "value", "origin"),
    [
        ("Adam", "adam", "paper"),
        ("the Adam optimizer", "adam", "paper"),
        ("Nesterov-momentum", "nesterov momentum", "paper"),
        ("AdamW", "adam", "assumed"),  # another method, though the word is in it
        ("momentum", "adam", "assumed"),
        ("SGD", "adam", "assumed"),
    ],
)
def test_a_named_method_is_the_papers_or_a_listed_deviation(said, value, origin):
    found, deviations = settle(CHOICE, [stated("optimizer", said)])
    assert (found.value, found.origin) == (value, origin)
    assert [d.paper for d in deviations] == ([f"{said} (p. 3)"] if origin == "assumed" else [])


@pytest.mark.parametrize("asked", [{"size": 3}, {"dropout": "much"}, {"dropout": None}])
def test_a_setting_that_does_not_exist_or_fit_is_refused(asked):
    with pytest.raises(DesignError, match=r"no setting 'size'; it has: dropout|dropout cannot be"):
        settle(RATE, asked=asked)


@pytest.mark.parametrize(
    ("like", "said", "value"),
    [
        (100, "100,000", 100_000),
        (100, "~4000 steps", 4000),
        (0.1, "1e-4", 1e-4),
        (0.1, "1e+2", 100.0),
        (100, 2e16, 20_000_000_000_000_000),
        ([1], "3, 4, 5", [3, 4, 5]),
        ([1], "3,4,5", [3, 4, 5]),
        ([1], [3, 4], [3, 4]),
        ([1], "windows of 3, 4 and 5", [3, 4, 5]),
        ([0.1], [1, 0.5], [1.0, 0.5]),
        ([1], "1,024, 2,048", [1024, 2048]),
        ("adam", "Adadelta", "Adadelta"),
    ],
)
def test_values_come_in_the_programs_type(like, said, value):
    assert settle(parameter("thing", like), asked={"thing": said})[0].value == value


@pytest.mark.parametrize("said", ["300K", "5%", "see equation 3", "beta2 = 0.98", True])
def test_a_text_whose_number_may_mean_something_else_is_not_understood(said):
    """A guess would be a value that the paper does not state."""
    value, deviations = settle(parameter("thing", 100), [stated("thing", said)])
    assert (value.value, value.origin) == (100, "assumed") and "cannot take" in deviations[0].reason


# -- which row of the paper --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("main", 0.1), ("big", 0.3)], 0.1),
        ([("big", 0.3), ("base model", 0.1)], 0.1),
        ([("MR", 0.2), ("TREC", 0.4), ("main", 0.1)], 0.4),
        ([("big", 0.3)], 0.3),
    ],
)
def test_the_row_for_this_data_then_the_general_one_then_the_only_one(rows, value):
    assert settle(RATE, [stated("dropout", v, scope=scope) for scope, v in rows])[0].value == value


def test_a_data_sets_name_inside_another_word_is_not_its_scope():
    rows = [stated("dropout", 0.1), stated("dropout", 0.9, scope="cross-domain")]
    chosen, _ = choose(manifest(RATE), reading(*rows, datasets=("CR",)), prepared("CR"), {})
    assert chosen[0].value == 0.1


def test_stated_settings_without_a_place_in_the_program_are_listed():
    _, deviations = settle(RATE, [stated("gradient_clipping", 5, page=8)])
    assert deviations == [Deviation(what="gradient_clipping", paper="5 (p. 8)", ours="not used",
                                    reason="the tiny program has no such setting")]  # fmt: skip


# -- the data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "what", "ours"),
    [
        (prepared("TREC"), None, None),
        (prepared("TREC", official_test=False, split_note="10 rows held out"), "test split", "10 rows held out"),
        (prepared("mine"), "data set", "mine"),
        (prepared("numbers", source="generated", official_test=False), "data set", "numbers"),
    ],
)
def test_other_data_than_the_papers_is_listed(data, what, ours):
    _, deviations = choose(manifest(RATE), reading(), data, {})
    assert [(d.what, d.ours) for d in deviations] == ([(what, ours)] if what else [])


def test_a_data_set_is_known_by_the_names_papers_use():
    for printed, known in (("movie reviews", "MR"), ("SST2", "SST-2")):
        found = matching_dataset(reading(datasets=(printed,)), known)
        assert found is not None
        assert found.name == printed
    assert matching_dataset(reading(datasets=("MR",)), "TREC") is None


# -- the budget --------------------------------------------------------------------------------------------


def fitted(parameters, seconds, rows=(), asked=None, **timing):
    chosen, deviations = choose(manifest(*parameters), reading(*rows), prepared(), asked or {})
    return fit_to_budget(chosen, deviations, prepared(), probe(**timing), seconds)


def test_what_fits_is_not_changed():
    chosen, deviations = fitted([STEPS], seconds=10, step=0.01)
    assert chosen[0].value == 200 and deviations == []


def test_what_does_not_fit_is_cut_to_what_does():
    (steps,), deviations = fitted([STEPS], seconds=2, rows=[stated("steps", 1000)], step=0.01)
    assert steps.value == 80 and steps.origin == "scaled"  # (2 s - 1 s of start-up) * 0.8 / 10 ms
    assert [(d.what, d.paper, d.ours) for d in deviations] == [("steps", "1,000 (p. 3)", "80")]
    assert "10 ms a step" in deviations[0].reason


def test_a_cut_of_what_a_person_asked_for_says_so():
    (steps,), _ = fitted([STEPS], seconds=2, asked={"steps": 900}, step=0.01)
    assert steps.value == 80 and steps.origin == "scaled" and "you asked for 900" in steps.reason


def test_warm_up_is_cut_with_the_steps():
    parameters = [STEPS, parameter("warmup_steps", 4000, 100)]
    chosen, deviations = fitted(parameters, seconds=2, rows=[stated("warmup_steps", 4000)], step=0.01)
    assert [h.value for h in chosen] == [80, 26]
    assert {d.what: (d.paper, d.ours) for d in deviations} == {
        "steps": ("not stated", "80"),
        "warmup_steps": ("4,000 (p. 3)", "26"),
    }


def test_epochs_are_cut_too():
    """100 training rows in batches of 10 are 10 steps an epoch."""
    parameters = [parameter("epochs", 25), parameter("batch_size", 10)]
    chosen, _ = fitted(parameters, seconds=2, step=0.01)
    assert chosen[0].value == 8


@pytest.mark.parametrize("parameters", [[STEPS], [parameter("epochs", 25), parameter("batch_size", 1)]])
@pytest.mark.parametrize("step", [0.01, 0.5, 3.0])
def test_a_budget_that_is_too_small_is_refused_with_minutes_that_are_enough(parameters, step):
    with pytest.raises(DesignError, match=r"Allow at least \d+ minutes") as refused:
        fitted(parameters, seconds=1.2, step=step)
    minutes = int(re.search(r"(\d+) minutes", str(refused.value))[1])
    reserve, probing = 25, 1.0
    chosen, _ = fitted(parameters, seconds=(minutes * 60 - reserve - probing) / 2, step=step)
    assert chosen[0].value >= 1


def test_a_short_training_that_was_asked_for_and_fits_is_not_refused():
    (steps,), _ = fitted([STEPS], seconds=1.5, asked={"steps": 20}, step=0.01)
    assert (steps.value, steps.origin) == (20, "user")


def test_prediction_time_counts():
    with pytest.raises(DesignError):
        fitted([STEPS], seconds=5, step=0.001, prediction=1.0)  # 4 test rows at 1 s and 1 s of start-up


@given(
    step=st.floats(1e-4, 2), startup=st.floats(0, 5), prediction=st.floats(0, 0.5), seconds=st.floats(1, 600),
    paper=st.integers(1, 10**6),
)  # fmt: skip
def test_a_design_fits_its_budget_and_lists_every_difference(step, startup, prediction, seconds, paper):
    try:
        chosen, deviations = fitted(
            [STEPS], seconds, [stated("steps", paper)], step=step, startup=startup, prediction=prediction
        )
    except DesignError:
        return
    (steps,) = chosen
    timing = probe(step=step, startup=startup, prediction=prediction)
    assert startup + 4 * prediction + steps.value * step <= seconds + 1e-6
    assert seconds_needed(chosen, prepared(), timing) >= steps.value * step
    assert (steps.value == paper) == (deviations == []) == (steps.origin == "paper")
    if deviations:
        assert deviations[0].what == "steps" and deviations[0].ours == f"{steps.value:,}" and deviations[0].reason


# -- the rest ----------------------------------------------------------------------------------------------


def test_bleu_over_words_needs_references_of_four_words():
    bleu = manifest(RATE, metrics=[MetricSpec(name="bleu", primary=True), MetricSpec(name="exact_match")])
    assert choose_metrics(bleu, prepared(label_words=9.0)) == (bleu.metrics, [])
    metrics, deviations = choose_metrics(bleu, prepared(label_words=1.0))
    assert [m.name for m in metrics] == ["bleu_char", "exact_match"] and metrics[0].primary
    assert deviations[0].ours == "BLEU over characters"


def test_a_program_is_chosen_by_its_words_in_paper_and_request():
    manifests = load_manifests()
    assert choose_program(manifests, None, "a transformer for translation")[0][0] == "translation"
    assert choose_program(manifests, reading(), "sentence classification")[0][0] == "text_classification"
    assert choose_program(manifests, None, "grow tomatoes") == []
    for method in ("vision transformer", "vit"):  # the data set suits several programs, the method names one
        assert choose_program(manifests, None, f"train a {method} on digits, steps=60")[0][0] == "image_vit"


def test_a_spec_survives_yaml_and_its_id_is_its_content():
    data, paper = prepared(), reading(stated("steps", 1000))
    chosen, deviations = choose(manifest(STEPS), paper, data, {})
    made = build_spec(
        manifest(STEPS), paper, data, chosen, [MetricSpec(name="accuracy", primary=True)], deviations, title="t",
        seeds=[1, 2], minutes=5, usd=0, backend="local", threads=2, seconds_per_seed=12.34,
    )  # fmt: skip
    again = ExperimentSpec.from_yaml(made.to_yaml())
    assert again == made and again.spec_hash == made.spec_hash and made.id == made.spec_hash[:12]
    changed = made.model_copy(update={"seeds": [1, 3]})
    assert changed.id != made.id
    assert made.primary_metric.name == "accuracy" and made.value("steps") == 200 and made.value("nothing") is None


def test_an_experiment_has_a_seed_and_known_fields():
    with pytest.raises(ValueError, match="seeds"):
        spec(seeds=[])
    with pytest.raises(ValueError, match="extra_field"):
        spec(extra_field=1)
    with pytest.raises(ValueError, match="origin"):
        Hyperparameter(name="a", value=1, origin="guessed")


# -- units, scopes, suggestions ------------------------------------------------------------------------------

LENGTH = (parameter("batch_size", 10), parameter("steps", 5000, 3000, "as many as fit"))


@pytest.mark.parametrize(
    ("rows", "asked", "value", "origin"),
    [
        ([stated("epochs", 12)], {}, 120, "paper"),  # 100 training rows in batches of 10
        ([stated("epochs", 1000)], {}, 3000, "scaled"),
        ([stated("epochs", 12), stated("batch_size", 50)], {}, 24, "paper"),
        ([stated("epochs", 12), stated("steps", 70)], {}, 70, "paper"),
        ([], {"epochs": 3.0}, 30, "user"),
        ([], {"epochs": 3.0, "batch_size": 20.0}, 15, "user"),
        ([], {}, 3000, "assumed"),
    ],
)
def test_epochs_and_steps_are_the_same_length(rows, asked, value, origin):
    chosen, _ = choose(manifest(*LENGTH), reading(*rows), prepared(), asked)
    steps = next(h for h in chosen if h.name == "steps")
    assert (steps.value, steps.origin) == (value, origin)


def test_steps_are_epochs_where_a_program_counts_those_and_batches_of_rows():
    program = (parameter("batch_size", 10), parameter("epochs", 25))
    chosen, _ = choose(manifest(*program), reading(), prepared(), {"steps": 50.0})
    assert chosen[1].value == 5
    with pytest.raises(DesignError, match="no setting 'epochs'"):
        choose(manifest(*LENGTH, batch_of="tokens"), reading(), prepared(), {"epochs": 3.0})


def test_what_is_stated_for_another_data_set_of_the_paper_is_not_ours():
    rows = [stated("dropout", 0.9, scope="Inception ImageNet"), stated("layers", 3, scope="TREC")]
    paper = reading(*rows, datasets=("TREC", "ImageNet"))
    (dropout, layers), _ = choose(manifest(RATE, parameter("layers", 2)), paper, prepared(), {})
    assert (dropout.value, dropout.origin) == (0.5, "assumed") and (layers.value, layers.origin) == (3, "paper")
    (elsewhere, _), _ = choose(manifest(RATE, parameter("layers", 2)), paper, prepared("mine"), {})
    assert (elsewhere.value, elsewhere.reason) == (0.9, "stated for: Inception ImageNet")


def test_a_larger_network_has_its_own_row_of_the_paper():
    small = parameter("hidden_units", 10, not_scope=["large", "teacher"])
    large = parameter("teacher_hidden_units", 20, stated_as="hidden_units", scope=["large", "teacher"])
    rows = [stated("hidden_units", 1200, scope="large net on TREC"), stated("hidden_units", 800, scope="TREC")]
    chosen, deviations = choose(manifest(small, large), reading(*rows), prepared(), {})
    assert [h.value for h in chosen] == [800, 1200] and deviations == []


def test_a_method_in_the_title_is_used_and_said_to_be_assumed():
    program = manifest(parameter("batch_norm", False, suggested_by={"convolutions for": True}))
    (value,), _ = choose(program, reading(), prepared(), {})
    assert (value.value, value.origin, value.reason) == (True, "assumed", "the paper is about convolutions for")
    (asked,), _ = choose(program, reading(), prepared(), {"batch_norm": "false"})
    assert (asked.value, asked.origin) == (False, "user")


def test_an_estimate_adds_up_to_what_was_measured():
    from intern.experiments.estimate import estimate

    timing = probe(step=0.01).model_copy(
        update={"parameters": 2**20, "startup_memory_mb": 100.0, "peak_memory_mb": 150.0}
    )
    chosen, _ = choose(manifest(STEPS, parameter("optimizer", "adam")), None, prepared(), {})
    found = estimate(chosen, prepared(), timing)
    assert (found.weights_mb, found.gradients_mb, found.optimizer_mb, found.startup_mb) == (4, 4, 8, 96)
    parts = found.startup_mb + found.weights_mb + found.gradients_mb + found.optimizer_mb + found.activations_mb
    assert parts == found.measured_mb == 150.0
    assert "about 4 s a seed; 150 MB measured" in found.words()  # 200 steps of 10 ms, a fifth more, and start-up


def test_sizes_other_than_the_papers_are_listed():
    paper = reading()
    paper.setup.datasets[0] = paper.setup.datasets[0].model_copy(update={"train": 5452, "test": 4})
    _, deviations = choose(manifest(RATE), paper, prepared(), {})
    assert [(d.what, d.paper, d.ours) for d in deviations] == [
        ("size of the data (train)", "5,452 rows (p. 2)", "110 rows")
    ]
