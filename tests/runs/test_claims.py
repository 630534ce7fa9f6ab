"""Numbers of an answer against what the harness established: only what nobody measured is named."""

from __future__ import annotations

import pytest

from intern.runs.claims import failed_without_result, unsupported_claims
from intern.runs.events import Event, EventPayload, Fact, Job, Metric, Note


def log(*bodies: EventPayload) -> list[Event]:
    return [Event(run_id="r", seq=n, time=0.0, body=body) for n, body in enumerate(bodies, 1)]


SEEDS = tuple(
    Fact(name="seed_run", key=f"abc-seed{n}", value={"seed": n, "metrics": {"accuracy": value, "auc": value / 2}})
    for n, value in enumerate((0.912, 0.918), 1)
)
MEASURED = (*SEEDS, Metric(job_id="j", seed=1, step=3, name="dev_accuracy", value=0.987),
            Note(text="noise floor 2σ = 0.0169"))  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "doubted"),
    [
        ("Accuracy 0.912 and 0.918.", []),
        ("Accuracy 91.2 % on the test.", []),
        ("The mean accuracy is 0.915, its AUC 0.4575.", []),
        ("The accuracy is beyond the noise of 0.0169.", []),
        ("Accuracy 0.95.", ["0.95"]),
        ("It took 12.7 s. Learning rate 0.0031.", []),
        ("An error of 3.21 per cent\nand BLEU 27.3.", ["3.21", "27.3"]),
        ("Accuracy 0.987.", ["0.987 (it stands in the program's own log, which is no measurement)"]),
        ("Accuracy on version 1.2.3 is 0.91.", []),
        ("Accuracy of 1 over 2 seeds.", []),
    ],
)
def test_only_what_nobody_measured_is_doubted(answer, doubted):
    assert unsupported_claims(answer, log(*MEASURED)) == doubted


SPEC = Fact(name="spec", value={
    "title": "a script of 0.97", "variant": "reaches 0.96 accuracy", "budget": {"minutes": 7.5, "usd": 0.0},
    "hyperparameters": [{"name": "weight_decay", "value": 0.95, "origin": "user", "reason": "gave 0.94 before"}],
    "deviations": [{"what": "dropout", "paper": "0.3 (p. 4)", "ours": "0.1", "reason": "0.93 was wanted"}]})  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "doubted"),
    [
        ("Accuracy 0.97, then 0.96, 0.94 and 0.93.", ["0.97", "0.96", "0.94", "0.93"]),
        ("With weight decay 0.95 the accuracy is 0.912.", []),
        ("Accuracy 0.912 at weight_decay=0.95 and dropout from 0.3 to 0.1 in 7.5 minutes.", []),
        ("Accuracy 0.95.", ["0.95"]),
        ("With weight decay 0.95 the accuracy is 0.95.", ["0.95"]),
    ],
)
def test_what_was_set_counts_beside_its_own_name_only(answer, doubted):
    assert unsupported_claims(answer, log(SPEC, *SEEDS)) == doubted


def test_a_paper_may_be_quoted_while_nothing_is_measured():
    paper = Fact(name="paper", value={"title": "x"})
    assert unsupported_claims("Its BLEU is 28.4.", log(paper)) == []
    assert unsupported_claims("Our BLEU is 28.4.", log(paper, *SEEDS)) == ["28.4"]


def test_a_seed_that_is_told_twice_counts_once_in_the_mean():
    """Seeds that trained side by side are told when they end, and again when their turn comes."""
    assert unsupported_claims("The mean accuracy is 0.915.", log(*MEASURED, SEEDS[1])) == []


def test_a_doubt_is_no_measurement():
    note = Note(text="The answer names numbers that no measurement of this run supports: 0.95.")
    assert unsupported_claims("Accuracy 0.95.", log(*SEEDS, note)) == ["0.95"]


def test_trainings_that_all_failed():
    failed = Job(job_id="j", spec_id="s", seed=1, backend="local", phase="failed", reason="exit status 3")
    assert failed_without_result(log(failed, failed)).startswith("Nothing was measured in this run: 2 trainings failed")
    assert failed_without_result(log(failed, *SEEDS)) == "" and failed_without_result(log()) == ""


TRIED = Fact(name="improvement", key="i", value={
    "kept": 1, "noise_floor": 0.0123, "noise": "2σ = 0.55 said a text", "attempts": [
        {"attempt": 1, "scores": [0.933], "mean": 0.933, "by": "a brain that says 0.99", "outcome": "kept",
         "changes": [{"name": "drop_rate", "before": 0.1, "after": 0.97}]}]})  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "doubted"),
    [
        ("Accuracy 0.933, beyond a noise floor of 0.0123.", []),
        ("Accuracy 0.933 with drop rate 0.97.", []),
        ("Accuracy 0.97.", ["0.97"]),
        ("Accuracy 0.99, or 0.55.", ["0.99", "0.55"]),
    ],
)
def test_an_improvement_supports_its_scores_not_what_it_set_or_was_told(answer, doubted):
    assert unsupported_claims(answer, log(TRIED, *SEEDS)) == doubted


def test_a_note_that_quotes_the_brain_or_its_program_supports_nothing():
    """Words of a program's log, of a title and of a reason are nobody's measurement, though the harness repeats them."""
    quoting = (
        Note(text="Attempt 2: x 1.0 → 0.961: failed (Its last words: accuracy 0.972)", quotes=True),
        Note(text="Seed 1: The predictions are byte for byte those of “my 0.983 model”: the change had no effect."),
        Fact(
            name="seed_run", key="abc-seed3", value={"metrics": {"accuracy": 0.915}, "evidence": {"flags": ["“0.994”"]}}
        ),
    )
    answer = "Accuracy 0.961, 0.972, 0.983 and 0.994; 0.912 was measured."
    assert unsupported_claims(answer, log(*MEASURED, *quoting)) == ["0.961", "0.972", "0.983", "0.994"]
