"""The search proposes one or two settings at a time, never the person's, never the same twice, and learns."""

from __future__ import annotations

from typing import Any

from intern.experiments.journal import Journal, Node
from intern.experiments.programs import load_manifests
from intern.experiments.search import free_settings, propose
from intern.experiments.spec import Hyperparameter
from intern.experiments.tree_picture import tree_svg
from tests.experiments.samples import manifest, parameter

PROGRAM = manifest(
    parameter("steps", 500),
    parameter("learning_rate", 0.1),
    parameter("dropout", 0.0),
    parameter("hidden_units", 64),
    parameter("batch_norm", False),
    parameter("optimizer", "adam", choices=["adam", "sgd"]),
    parameter("filter_sizes", [3, 4]),
    parameter("weight_decay", 0.0),
)


def values(**changed: Any) -> list[Hyperparameter]:
    return [
        Hyperparameter(
            name=p.name, value=changed.get(p.name, p.default), origin="user" if p.name == "dropout" else "assumed"
        )
        for p in PROGRAM.parameters
    ]


def journal(*scores: float, higher: bool = True) -> Journal:
    made = Journal(
        id="i", title="Improving “this” & that", spec_id="s", data_id="d", selection_id="d-selection", metric="accuracy",
        higher_is_better=higher, seconds_per_seed=10, budget_seconds=100,
    )  # fmt: skip
    for n, score in enumerate(scores):
        made.nodes.append(
            Node(id=n, parent=0 if n else None, by="search", spec_id=str(n), program="tiny", hyperparameters=values(),
                 scores=[score], outcome="discarded" if n else "baseline", at=float(n))
        )  # fmt: skip
    return made


def test_what_may_be_searched():
    free = free_settings(PROGRAM, values())
    assert sorted(free) == ["batch_norm", "hidden_units", "learning_rate", "optimizer", "weight_decay"]


def test_given_weights_are_not_left_for_random_ones_and_time_limits_are_no_ideas():
    for name in ("fine_tuning", "language_model_tuning_lora", "tabular_regression"):
        program = load_manifests()[name]
        settled = [Hyperparameter(name=p.name, value=p.default, origin="assumed") for p in program.parameters]
        free = free_settings(program, settled)
        assert "learning_rate" in free and not {"start", "steps", "cpu_seconds", "trials"} & set(free)


def test_a_proposal_changes_one_or_two_settings_and_is_the_same_for_the_same_journal():
    made = journal(0.5)
    first = propose(made, PROGRAM, set())
    assert 1 <= len(first) <= 2 and first == propose(made, PROGRAM, set())
    assert all(first[name] != h.value for h in values() for name in [h.name] if name in first)
    assert set(propose(made, PROGRAM, {"learning_rate"})) == {"learning_rate"}


def test_nothing_free_is_nothing_to_propose():
    only = manifest(parameter("steps", 500))
    made = journal(0.5)
    made.nodes[0].hyperparameters = [Hyperparameter(name="steps", value=500, origin="assumed")]
    assert propose(made, only, set()) == {}


def test_a_width_is_halved_or_doubled():
    """So that what has to divide it still does."""
    wide = manifest(parameter("hidden_size", 128))
    made = journal(0.5)
    made.nodes[0].hyperparameters = [Hyperparameter(name="hidden_size", value=128, origin="assumed")]
    found = set()
    for score in (0.4, 0.3):
        (value,) = propose(made, wide, set()).values()
        found.add(value)
        tried = [Hyperparameter(name="hidden_size", value=value, origin="assumed")]
        made.nodes.append(made.nodes[0].model_copy(update={
            "id": len(made.nodes), "parent": 0, "outcome": "discarded", "scores": [score], "hyperparameters": tried,
        }))  # fmt: skip
    assert found == {64, 256} and propose(made, wide, set()) == {}


def test_all_values_tried_is_the_end():
    switch = manifest(parameter("batch_norm", False))
    made = journal(0.5)
    made.nodes[0].hyperparameters = [Hyperparameter(name="batch_norm", value=False, origin="assumed")]
    assert propose(made, switch, set()) == {"batch_norm": True}
    made.nodes.append(made.nodes[0].model_copy(update={
        "id": 1, "parent": 0, "outcome": "discarded",
        "hyperparameters": [Hyperparameter(name="batch_norm", value=True, origin="assumed")],
    }))  # fmt: skip
    assert propose(made, switch, set()) == {}


def test_it_finds_a_better_rate_than_chance_would():
    """A smooth valley at 0.02, from 0.1: the best of twelve proposals is near it, in both directions of the metric."""
    program = manifest(parameter("learning_rate", 0.1))

    def loss(rate: float) -> float:
        return abs(rate - 0.04) / 0.04

    for higher in (True, False):
        sign = -1.0 if higher else 1.0
        made = journal(sign * loss(0.1), higher=higher)
        made.nodes[0].hyperparameters = [Hyperparameter(name="learning_rate", value=0.1, origin="assumed")]
        for n in range(1, 13):
            rate = float(str(propose(made, program, set())["learning_rate"]))
            node = made.nodes[0].model_copy(update={
                "id": n, "parent": made.best, "scores": [sign * loss(rate)], "outcome": "discarded",
                "hyperparameters": [Hyperparameter(name="learning_rate", value=rate, origin="assumed")],
            })  # fmt: skip
            made.nodes.append(node)
            if made.better(sign * loss(rate), made.best_node.scores[0]):
                made.best, node.outcome = n, "kept"
        assert loss(float(str(made.best_node.hyperparameters[0].value))) < 0.25


def test_the_picture_shows_each_attempt_and_escapes_what_it_shows():
    made = journal(0.5, 0.6, 0.55)
    picture = tree_svg(made)
    assert picture.count("<circle") == 6 and "Improving “this” &amp; that" in picture
    assert "Nothing is measured" in tree_svg(journal())
    assert "| **0** |" in made.to_markdown()
