"""A number stands beside a paper's claim only when data, test rows, metric and model are the same."""

from __future__ import annotations

import pytest

from intern.experiments.compare import compare, summarise
from intern.experiments.spec import Deviation, MetricSpec
from tests.experiments.samples import claim, data_ref, reading, seed_run, spec


def row(one_claim, made=None, *, runs=(0.9, 0.92), datasets=("TREC", "MR")):
    made = made or spec(deviations=[])
    summary = summarise(made, [seed_run(n, value) for n, value in enumerate(runs, 1)])
    (only,) = compare(made, summary, reading(datasets=datasets, results=(one_claim,)))
    return only


# -- the summary -------------------------------------------------------------------------------------------


def test_mean_and_spread_by_hand():
    summary = summarise(spec(), [seed_run(1, 0.9), seed_run(2, 0.8), seed_run(3, 0.7)])
    assert (summary.metric, summary.n, summary.evidence_level) == ("accuracy", 3, "sealed")
    assert summary.mean == pytest.approx(0.8) and summary.std == pytest.approx(0.1)
    assert summary.others == {"exact_match": pytest.approx(0.8)}


def test_one_seed_has_no_spread():
    assert summarise(spec(), [seed_run(1, 0.9)]).std is None


def test_a_seed_without_evidence_does_not_count():
    failed = seed_run(2, 0.1).model_copy(update={"evidence": None})
    assert summarise(spec(), [seed_run(1, 0.9), failed]).n == 1
    with pytest.raises(ValueError, match="nothing to summarise"):
        summarise(spec(), [failed])


@pytest.mark.parametrize(
    ("levels", "level"),
    [(("sealed", "sealed"), "sealed"), (("sealed", "rescored"), "rescored"), (("reported", "sealed"), "reported")],
)
def test_a_summary_is_as_good_as_its_weakest_seed(levels, level):
    runs = [seed_run(n, 0.9, level=name) for n, name in enumerate(levels, 1)]
    assert summarise(spec(), runs).evidence_level == level


# -- comparable --------------------------------------------------------------------------------------------


def test_same_data_test_rows_metric_and_model():
    found = row(claim("TREC", "accuracy", 91.2))
    assert found.comparable and found.ours == 91.0
    assert found.why == (
        "same data, test split and metric: ours 91.00 ± 1.41 over 2 seeds, difference -0.20 "
        "(within 2σ = 2.83, and 2 seeds are too few to know σ)"
    )


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ((0.91, 0.912, 0.914), "(within 2σ = 0.40)"),
        ((0.90, 0.901, 0.902), "difference -1.10 (beyond 2σ = 0.20)"),
        ((0.93,), "difference +1.80 (one seed: the noise is unknown)"),
    ],
)
def test_a_difference_is_set_against_the_noise(runs, words):
    assert words in row(claim("TREC", "accuracy", 91.2), runs=runs).why


def test_only_shares_are_turned_into_per_cent():
    made = spec(metrics=[MetricSpec(name="perplexity", direction="lower", primary=True)], variant="LSTM", deviations=[])
    summary = summarise(made, [seed_run(1, 0.0, perplexity=3.2)])
    (found,) = compare(made, summary, reading(results=(claim("TREC", "perplexity", 3.0, "LSTM"),)))
    assert found.ours == 3.2


def test_ours_is_in_the_unit_of_the_claim():
    found = row(claim("TREC", "accuracy", 0.912))
    assert found.ours == 0.91 and "± 0.01" in found.why and "-0.00" in found.why


def test_deviations_are_remembered_beside_the_number():
    made = spec(deviations=[Deviation(what="epochs", paper="25", ours="20", reason="time")])
    assert row(claim("TREC", "accuracy", 91.2), made).why.endswith("; mind the deviations (epochs)")


@pytest.mark.parametrize(
    ("one_claim", "made", "why"),
    [
        (claim("MR", "accuracy", 76.1), spec(), "other data: the claim is on MR, ours on TREC"),
        (claim("TREC", "F1", 90.0), spec(), "other metric: F1 was not measured"),
        (claim("TREC", "accuracy", 93.6, "CNN-static"), spec(), "the claim is for CNN-static, ours is CNN-rand"),
        (claim("TREC", "accuracy", 91.2), spec(data=data_ref(official_test=False)), "no test part of their own"),
        (claim("TREC", "accuracy", 91.2), spec(data=data_ref("mine")), "the claim is on TREC, ours on mine"),
        (claim("TREC", "error rate", 8.8), spec(), "other metric"),
    ],
)
def test_what_is_not_comparable_says_why(one_claim, made, why):
    found = row(one_claim, made)
    assert not found.comparable and why in found.why and "difference" not in found.why


def test_all_reasons_are_given():
    found = row(claim("MR", "F1", 90.0, "CNN-static"))
    assert "other data" in found.why and "other metric" in found.why


def test_no_number_stands_beside_a_claim_on_other_data():
    assert row(claim("MR", "accuracy", 76.1)).ours is None
    assert row(claim("TREC", "accuracy", 91.2), spec(data=data_ref("mine"))).ours is None


def test_bleu_over_characters_is_another_metric_than_bleu():
    made = spec(metrics=[MetricSpec(name="bleu_char", primary=True)], variant="Transformer", deviations=[])
    summary = summarise(made, [seed_run(1, 0.0, bleu_char=95.0)])
    (found,) = compare(made, summary, reading(results=(claim("TREC", "BLEU", 27.3, "Transformer"),)))
    assert not found.comparable and "other metric: BLEU" in found.why


def test_bleu_is_per_cent_on_both_sides():
    made = spec(metrics=[MetricSpec(name="bleu", primary=True)], variant="Transformer", deviations=[])
    summary = summarise(made, [seed_run(1, 0.0, bleu=25.0)])
    (found,) = compare(made, summary, reading(results=(claim("TREC", "BLEU", 27.3, "Transformer"),)))
    assert found.comparable and found.ours == 25.0 and "difference -2.30" in found.why


def test_only_the_papers_own_claims_and_those_on_our_data_first():
    summary = summarise(spec(), [seed_run(1, 0.9)])
    results = (
        claim("MR", "accuracy", 76.1),
        claim("TREC", "accuracy", 95.0, own=False),
        claim("TREC", "accuracy", 91.2),
    )
    rows = compare(spec(), summary, reading(results=results))
    assert [(r.claim.dataset, r.claim.value) for r in rows] == [("TREC", 91.2), ("MR", 76.1)]


def test_without_a_paper_there_is_nothing_to_compare():
    assert compare(spec(), summarise(spec(), [seed_run(1, 0.9)]), None) == []
