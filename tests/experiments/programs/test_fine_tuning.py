"""Tuning pretrained weights: small real networks, made here, on labelled texts and on a text."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.experiments.programs.jobs import kill_after, make_job, metrics, run, run_well, values
from tests.weights import make_decoder, make_encoder

SLOW = pytest.mark.skipif(not os.environ.get("INTERN_SLOW"), reason="many starts of torch; INTERN_SLOW=1 runs it")
FRUIT = ("apple", "pear", "plum", "cherry", "fig")
TOOLS = ("hammer", "saw", "drill", "wrench", "file")


def sentences(count: int) -> list[tuple[str, str]]:
    """(text, label) that words decide."""
    chooser, found = random.Random(3), []
    for n in range(count):
        kind, words = ("fruit", FRUIT) if n % 2 else ("tool", TOOLS)
        found.append((f"i would like a {chooser.choice(words)} and one {chooser.choice(words)} today", kind))
    return found


def rows(count: int, start: int = 0) -> list[dict[str, str]]:
    return [{"id": f"r{n}", "text": t, "label": k} for n, (t, k) in enumerate(sentences(start + count)) if n >= start]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("weights") / "encoder", [t for t, _ in sentences(80)], steps=20)


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = " ".join(t for t, _ in sentences(200))
    return make_decoder(tmp_path_factory.mktemp("weights") / "decoder", text, steps=60)


def with_weights(job: Path, weights: Path) -> Path:
    spec = json.loads((job / "spec.json").read_text())
    spec["weights"] = {"id": "me/base", "revision": "c" * 40, "fingerprint": "f" * 64}
    (job / "spec.json").write_text(json.dumps(spec))
    (job / "weights").symlink_to(weights)
    return job


def text_job(folder: Path, weights: Path, program: str = "fine_tuning", **settings: object) -> Path:
    usual = {"steps": 60, "batch_size": 8, "learning_rate": 5e-3, "warmup_steps": 3, "evaluate_every": 20}
    made = make_job(folder, program, rows(80), rows(10, 80), rows(20, 90), **{**usual, **settings})
    return with_weights(made, weights)


def language_job(folder: Path, weights: Path, program: str = "language_model_tuning_lora", **settings: object) -> Path:
    text = ". ".join(t for t, _ in sentences(320))
    train, held, test = text[:8000], text[8000:10000], text[10000:]
    tests = [{"id": f"t{n}", "context": test[n * 60 : n * 60 + 59]} for n in range(20)]
    usual = {
        "method": "lora",
        "steps": 20,
        "batch_size": 4,
        "learning_rate": 5e-3,
        "max_seq_len": 32,
        "evaluate_every": 10,
    }
    parts = [{"id": "0", "text": train}], [{"id": "1", "text": held}]
    made = make_job(folder, program, *parts, tests, **{**usual, **settings})
    return with_weights(made, weights)


def predicted(job: Path) -> list[dict]:
    return [json.loads(line) for line in (job / "predictions.jsonl").read_text().splitlines()]


# -- the arithmetic ----------------------------------------------------------------------------------------


def test_the_next_character_is_summed_over_all_ways_to_write_it(program_module: Callable[[str], ModuleType]) -> None:
    """Against brute force: every text of a toy vocabulary, by a bigram model, counted character by character."""
    import torch

    module = program_module("fine_tuning")
    texts = ["", "a", "b", "ab", "ba", "abb"]
    table = torch.softmax(torch.randn(6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64), dim=1)
    table[:, 0] = 0
    table /= table.sum(dim=1, keepdim=True)
    letters = module.NextCharacter(texts, "ab" * 50)
    tokens = [1, 1, 3]  # "a", "a", "ab": the last tokens could also be "a" + "abb…" or go on as "abb"
    found = letters.shares(tokens, torch.stack([table[t] for t in tokens]))
    shares = {c: found[n].item() for n, c in enumerate(letters.characters)}
    # All ways to write what follows the first token, "aab", that keep to the tokens given so far.
    by_hand = {"a": 0.0, "b": 0.0}
    first, second, third = 1, 1, 3
    go_on = table[first][second] * table[second][third]
    for token in range(1, 6):
        by_hand[texts[token][0]] += (go_on * table[third][token]).item()
    by_hand["b"] += (table[first][second] * table[second][5]).item()  # "abb" covers the last token and goes on
    total = sum(by_hand.values())
    for character, share in by_hand.items():
        assert shares[character] == pytest.approx(share / total, abs=2e-4)
    assert sum(shares.values()) == pytest.approx(1)


# -- jobs --------------------------------------------------------------------------------------------------


def test_a_classifier_is_tuned_and_its_model_is_used(tmp_path: Path, encoder: Path) -> None:
    job = text_job(tmp_path / "job", encoder)
    said = run_well(job)
    assert "starts from me/base@cccccccccccc" in said and "new: " in said
    right = sum(p["prediction"] == r["label"] for p, r in zip(predicted(job), rows(20, 90), strict=True))
    assert right >= 19 and all(math.isclose(sum(p["probabilities"].values()), 1, abs_tol=1e-3) for p in predicted(job))
    steps = [step for step, name, _ in metrics(job) if name == "validation_loss"]
    assert steps == [0, 20, 40, 60], "validation before the first step, then as often as asked"
    # All that was learnt is in model/: it needs no weights.
    (job / "weights").unlink()
    assert run_well(job, "--predict", "model", "i would like a plum and one fig today").split() == ["fruit"]


def test_lora_tunes_a_language_model_and_leaves_an_adapter(tmp_path: Path, decoder: Path) -> None:
    job = language_job(tmp_path / "job", decoder)
    said = run_well(job)
    assert "parameters are trained (lora)" in said
    bits = values(job, "validation_bits_per_char")
    assert bits[-1] < bits[0], "tuned weights know the text better than the weights as they were"
    assert all(math.isclose(sum(p["prediction"].values()), 1, abs_tol=2e-3) for p in predicted(job))
    config = json.loads((job / "model" / "adapter" / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["revision"]) == ("me/base", "c" * 40)
    assert (job / "model" / "model.safetensors").is_file() and (job / "model" / "tokenizer.json").is_file()


@SLOW
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["classifier", "language model"])
def test_a_killed_tuning_goes_on_to_the_same_predictions(
    tmp_path: Path, encoder: Path, decoder: Path, kind: str
) -> None:
    make, weights = (text_job, encoder) if kind == "classifier" else (language_job, decoder)
    options = {"steps": 60, "checkpoint_every": 5, "patience": 0}
    whole, killed = make(tmp_path / "whole", weights, **options), make(tmp_path / "killed", weights, **options)
    run_well(whole)
    kill_after(killed, 10)
    assert "going on from the checkpoint" in run_well(killed)
    assert predicted(whole) == predicted(killed)


@SLOW
@pytest.mark.slow
def test_zero_steps_measure_the_weights_as_they_are_and_a_random_start_takes_their_shape(
    tmp_path: Path, decoder: Path
) -> None:
    still = language_job(tmp_path / "still", decoder, "language_model_tuning", method="full", steps=0)
    run_well(still)
    assert [step for step, _, _ in metrics(still)] == [0, 0] and not (still / "model").exists()
    assert len(predicted(still)) == 20
    fresh = language_job(tmp_path / "fresh", decoder, "language_model_tuning", method="full", start="random")
    assert "random weights in the shape of me/base" in run_well(fresh)
    assert values(fresh, "validation_loss")[0] > values(still, "validation_loss")[0]


@SLOW
@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "settings", "said"),
    [
        ("", {"method": "lora", "start": "random"}, "LoRA keeps the weights"),
        ("", {"learning_rate": 1e30, "grad_clip": 0.0}, "training has diverged"),
        ("config.json", {}, "this program starts from weights"),
        ("tokenizer.json", {}, "no tokenizer that can be read"),
        ("model.safetensors", {}, "the weights cannot be used for text-classification"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(
    tmp_path: Path, encoder: Path, spoil: str, settings: dict, said: str
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(encoder, weights)
    if spoil:
        (weights / spoil).unlink()
        (weights / "tokenizer_config.json").unlink()
        (weights / "vocab.txt").unlink(missing_ok=True)
    done = run(text_job(tmp_path / "job", weights, **settings))
    assert done.returncode != 0 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


@SLOW
@pytest.mark.slow
def test_a_model_of_our_own_program_is_tuned_with_its_characters(tmp_path: Path, decoder: Path) -> None:
    text = ". ".join(t for t, _ in sentences(320))
    parts = ([{"id": "0", "text": text[:9000]}], [{"id": "1", "text": text[9000:11000]}])
    tests = [{"id": "t0", "context": text[11000:11050]}]
    first = make_job(
        tmp_path / "first", "language_model", *parts, tests, steps=40, layers=2, hidden_size=32, heads=2, max_seq_len=64,
        batch_size=8,
    )  # fmt: skip
    run_well(first)
    tuned = language_job(tmp_path / "tuned", first / "model", steps=20)
    run_well(tuned)
    bits = values(tuned, "validation_bits_per_char")
    assert bits[-1] < bits[0] and (tuned / "model" / "characters.json").is_file()
    whole = text_job(tmp_path / "classifier", first / "model")
    run_well(whole)
    assert {p["prediction"] for p in predicted(whole)} <= {"fruit", "tool"}
