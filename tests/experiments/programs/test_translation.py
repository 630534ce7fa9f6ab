"""The translation program, as a process in a job's folder and piece by piece."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.programs.jobs import kill_after, make_job, metrics, predictions, run, run_well, values

MULTI30K = Path(__file__).resolve().parents[4] / "shared" / "data" / "multi30k"
TINY = {
    "layers": 1,
    "hidden_size": 32,
    "ffn_size": 64,
    "heads": 2,
    "dropout": 0.1,
    "vocab_size": 290,
    "warmup_steps": 40,
    "lr_factor": 1.0,
    "steps": 120,
    "batch_size": 256,
    "average_checkpoints": 3,
    "beam_size": 2,
    "checkpoint_every": 15,
    "evaluate_every": 50,
    "evaluate_rows": 8,
}
LONG = {"steps": 300, "evaluate_every": 125}
"""Enough to learn five words by far, whichever way the processor multiplies (bfloat16 or not)."""
WORDS = {"one": "eins", "two": "zwei", "three": "drei", "four": "vier", "five": "fünf"}


def phrases(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Up to three number words."""
    chooser = random.Random(seed)
    rows = []
    for number in range(count):
        words = chooser.choices(sorted(WORDS), k=chooser.randint(1, 3))
        rows.append({"id": f"p{number}", "source": " ".join(words), "target": " ".join(WORDS[word] for word in words)})
    return rows


def job(folder: Path, **options) -> Path:
    rows = phrases(240)
    return make_job(folder, "translation", rows[:200], rows[200:220], rows[220:], **TINY | options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = job(tmp_path_factory.mktemp("finished") / "job", **LONG)
    run_well(folder)
    return folder


def test_it_learns_and_leaves_everything_complete(finished):
    rows = phrases(240)[220:]
    given = predictions(finished)
    assert list(given) == [row["id"] for row in rows]
    words = [(a, b) for row in rows for a, b in zip(given[row["id"]].split(), row["target"].split(), strict=False)]
    assert sum(a == b for a, b in words) / len(words) > 0.5
    losses = values(finished, "train_loss")
    assert losses[-1] < 0.6 * losses[0]
    assert values(finished, "validation_loss")[-1] < losses[0]
    assert len(values(finished, "validation_exact_match")) == 3
    wanted = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert {file.name for file in (finished / "model").iterdir()} >= wanted
    assert not list(finished.glob("*.tmp"))


def test_the_model_loads_back_and_repeats_its_predictions(finished):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    expected = predictions(finished)
    sources = {row["id"]: row["source"] for row in phrases(240)[220:]}
    assert run_well(finished, "--predict", "model", *sources.values()).splitlines() == list(expected.values())

    model = AutoModelForSeq2SeqLM.from_pretrained(finished / "model")
    tokenizer = AutoTokenizer.from_pretrained(finished / "model")
    assert (model.generation_config.num_beams, model.generation_config.length_penalty) == (2, 0.6)
    for key, source in list(sources.items())[:5]:
        output = model.generate(**tokenizer(source, return_tensors="pt"))
        assert tokenizer.decode(output[0], skip_special_tokens=True).strip() == expected[key]


def test_killed_and_started_again_it_ends_the_same(finished, tmp_path):
    broken = job(tmp_path / "broken", **LONG)
    kill_after(broken, 60)
    assert not (broken / "predictions.jsonl").exists()
    assert "going on from the checkpoint" in run_well(broken)
    assert (broken / "predictions.jsonl").read_bytes() == (finished / "predictions.jsonl").read_bytes()
    assert metrics(broken) == metrics(finished), "a line was lost, doubled or differs"


def test_a_probe_reports_timings_and_leaves_no_model(tmp_path):
    folder = job(tmp_path / "probe", probe_steps=5)
    run_well(folder)
    measured = {name: value for _, name, value in metrics(folder)}
    names = ("seconds_per_step", "startup_seconds", "seconds_per_prediction", "parameters", "peak_memory_mb")
    assert all(measured[name] > 0 for name in names)
    assert measured["seconds_per_step"] < measured["startup_seconds"] and measured["peak_memory_mb"] < 2000
    assert max(step for step, _, _ in metrics(folder)) == 5
    assert len(predictions(folder)) == 8
    assert not (folder / "model").exists() and not (folder / "checkpoint.pt").exists()


def test_it_stops_when_the_time_is_up_with_a_complete_result(tmp_path):
    folder = job(tmp_path / "short", steps=1_000_000, evaluate_every=1_000_000, seconds=10)
    run_well(folder)
    (stopped,) = values(folder, "stopped_early")
    assert stopped == max(step for step, _, _ in metrics(folder))
    assert len(predictions(folder)) == 20 and (folder / "model" / "model.safetensors").exists()


def test_a_diverged_loss_is_told_and_leaves_no_result(tmp_path):
    done = run(job(tmp_path / "diverged", lr_factor=1e38))
    assert done.returncode == 1
    assert "error: the loss became " in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "diverged" / "predictions.jsonl").exists()


def test_odd_rows_and_the_paper_s_ways_of_writing(tmp_path):
    """No validation, one pair only, empty and too long texts, all kinds of characters, values as papers print them."""
    train = [
        {"id": "1", "source": "größe 語 " * 40, "target": "🙂 \u2028 zero\u0000" * 40},
        {"id": "2", "source": "", "target": ""},
    ]
    test = [{"id": f"t{n}", "source": text} for n, text in enumerate(["", "never seen ♞", "</s> <pad>", "x " * 500])]
    options = TINY | {"steps": "2", "heads": 2.0, "optimizer": "Adam", "beam_size": 1, "max_seq_len": 16}
    folder = make_job(tmp_path / "odd", "translation", train, [], test, **options)
    run_well(folder)
    assert list(predictions(folder)) == ["t0", "t1", "t2", "t3"]
    assert not values(folder, "validation_loss")


def test_wrong_values_are_refused(translation, runtime):
    for change in ({"heads": 3}, {"steps": 0}, {"dropout": 1.0}, {"vocab_size": 100}, {"optimizer": "sgd"}):
        with pytest.raises(runtime.InputError, match=next(iter(change))):
            runtime.settings_from(translation.Hyperparameters, TINY | change).check()


# --- piece by piece ----------------------------------------------------------------------------------------------


def test_batches_hold_every_row_once_within_their_tokens(translation):
    chooser = random.Random(3)
    pairs = [([5] * chooser.randint(1, 30), [5] * chooser.randint(1, 20)) for _ in range(300)]
    batches = translation.batches_of(pairs, 100, random.Random(1))
    assert sorted(row for batch in batches for row in batch) == list(range(300))
    for side in (0, 1):
        assert all(max(len(pairs[row][side]) for row in batch) * len(batch) <= 100 for batch in batches)
    assert batches == translation.batches_of(pairs, 100, random.Random(1))
    assert batches != translation.batches_of(pairs, 100, random.Random(2))
    assert translation.batches_of([([5] * 300, [5])], 100, None) == [[0]]


def test_the_schedule_is_the_papers(translation):
    paper = translation.Hyperparameters()
    peak = translation.learning_rate(4000, paper)
    assert peak == pytest.approx(512**-0.5 * 4000**-0.5)
    assert translation.learning_rate(1000, paper) == pytest.approx(peak / 4)
    assert translation.learning_rate(16000, paper) == pytest.approx(peak / 2)


@pytest.fixture(scope="module")
def tokenizer(translation):
    options = translation.Hyperparameters(vocab_size=300)
    return translation.train_tokenizer(phrases(50), options)


@settings(max_examples=200)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_the_vocabulary(tokenizer, translation, text):
    (ids,) = translation.encode(tokenizer, [text], 10_000)
    assert ids[-1] == translation.END and translation.UNKNOWN not in ids
    assert not set(ids[:-1]) & {translation.PAD, translation.END} or "<pad>" in text or "</s>" in text
    if not any(mark in text for mark in ("<pad>", "</s>", "<unk>")):
        assert tokenizer.decode(ids, skip_special_tokens=True).strip() == text.strip()


def test_long_texts_are_cut_and_still_end(translation, tokenizer):
    (ids,) = translation.encode(tokenizer, ["one two three " * 20], 8)
    assert len(ids) == 8 and ids[-1] == translation.END


def test_padding_does_not_change_the_loss(translation):
    torch.manual_seed(0)
    model = translation.make_model(translation.Hyperparameters(**TINY), 290, 20).eval()
    sources, targets = torch.randint(3, 290, (2, 7)), torch.randint(3, 290, (2, 5))
    wide = [torch.nn.functional.pad(ids, (0, 4), value=translation.PAD) for ids in (sources, targets)]
    for smoothing in (0.0, 0.1):
        plain = translation.losses(model, sources, targets, smoothing)
        assert torch.allclose(plain, translation.losses(model, *wide, smoothing), atol=1e-5)


def test_averaged_weights(translation):
    settings = translation.Hyperparameters(**TINY)
    model = translation.make_model(settings, 290, 20)
    recent = translation.RecentWeights(3)
    for value in (1.0, 2.0, 3.0, 7.0):
        with torch.no_grad():
            for weights in model.parameters():
                weights.fill_(value)
        recent.add(model)
    recent.average_into(model)
    assert all(torch.allclose(weights, torch.tensor(4.0)) for weights in model.parameters())


@pytest.mark.skipif(not MULTI30K.is_dir(), reason="../shared/data/multi30k is not there")
def test_the_loss_falls_on_real_sentences(tmp_path):
    def rows(split: str, count: int) -> list[dict[str, str]]:
        sides = [
            gzip.decompress((MULTI30K / f"{split}.{side}.gz").read_bytes()).decode().split("\n")[:count]
            for side in ("en", "de")
        ]
        return [
            {"id": f"{split}{n}", "source": en, "target": de} for n, (en, de) in enumerate(zip(*sides, strict=True))
        ]

    options = TINY | {"vocab_size": 1000, "hidden_size": 64, "steps": 60, "batch_size": 1024, "evaluate_every": 30}
    folder = make_job(
        tmp_path / "job", "translation", rows("train", 2000), rows("val", 50), rows("test_2016_flickr", 12), **options
    )
    run_well(folder)
    before, *_, after = values(folder, "train_loss")
    assert after < before - 1
    first, last = values(folder, "validation_loss")
    assert last < first < before
