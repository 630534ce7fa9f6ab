"""The sentence classifier, as a process in a job's folder and piece by piece."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.experiments.programs.jobs import (
    environment,
    kill_after,
    make_job,
    metrics,
    predictions,
    run,
    run_well,
    values,
    write_rows,
)

SENTENCES = Path(__file__).resolve().parents[4] / "shared" / "data" / "sentences"
TINY = {"embedding_dim": 8, "feature_maps": 4, "batch_size": 10, "epochs": 12, "patience": 12, "checkpoint_every": 7}


def questions(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Texts whose label is told by one of their words."""
    chooser = random.Random(seed)
    signs = {"place": ["where", "city"], "person": ["who", "man"], "time": ["when", "year"]}
    rows = []
    for number in range(count):
        label = chooser.choice(sorted(signs))
        words = [chooser.choice(signs[label]), *chooser.choices("abcdefgh", k=chooser.randint(0, 9))]
        chooser.shuffle(words)
        rows.append({"id": f"q{number}", "text": " ".join(words), "label": label})
    return rows


def job(folder: Path, **options) -> Path:
    rows = questions(260)
    return make_job(folder, "text_classification", rows[:180], rows[180:220], rows[220:], **TINY | options)


def accuracy(folder: Path, rows: list[dict[str, str]]) -> float:
    given = predictions(folder)
    assert list(given) == [row["id"] for row in rows]
    return sum(given[row["id"]] == row["label"] for row in rows) / len(rows)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = job(tmp_path_factory.mktemp("finished") / "job")
    run_well(folder)
    return folder


def test_it_learns_and_leaves_everything_complete(finished):
    assert accuracy(finished, questions(260)[220:]) > 0.8
    assert values(finished, "epoch") == list(range(1, 13))
    losses = values(finished, "train_loss")
    assert losses[-1] < losses[0]
    assert values(finished, "best_validation_accuracy") == [max(values(finished, "validation_accuracy"))]
    assert {file.name for file in (finished / "model").iterdir()} >= {"config.json", "model.safetensors", "vocab.json"}
    assert not list(finished.glob("*.tmp"))


def test_the_same_seed_gives_the_same_and_another_does_not(finished, tmp_path):
    again = job(tmp_path / "again")
    other = job(tmp_path / "other", seed=2)
    run_well(again)
    run_well(other)
    assert (again / "predictions.jsonl").read_bytes() == (finished / "predictions.jsonl").read_bytes()
    assert metrics(again) == metrics(finished)
    assert metrics(other) != metrics(finished)


def test_the_model_loads_back_and_repeats_its_predictions(finished):
    expected = predictions(finished)
    texts = {row["id"]: row["text"] for row in questions(260)[220:]}
    printed = run_well(finished, "--predict", "model", *texts.values())
    assert printed.splitlines() == list(expected.values())
    assert run_well(finished, "--predict", "model", given="-where is it\n\n").count("\n") == 2
    code = (
        "import sys, json; from program import TextCNN, Vocabulary, label; from pathlib import Path\n"
        "model = TextCNN.from_pretrained('model')\n"
        "print(json.dumps(label(model, Vocabulary.load(Path('model/vocab.json')), [sys.argv[1]])))"
    )
    key, text = next(iter(texts.items()))
    loaded = subprocess.run(
        [sys.executable, "-c", code, text], cwd=finished, env=environment(finished), capture_output=True, text=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout.splitlines()[-1]) == [expected[key]]


def test_killed_twice_and_started_again_it_ends_the_same(tmp_path):
    options = {"epochs": 40, "patience": 40, "checkpoint_every": 13}
    whole, broken = job(tmp_path / "whole", **options), job(tmp_path / "broken", **options)
    run_well(whole)
    for step in (100, 300):
        kill_after(broken, step)
        assert not (broken / "predictions.jsonl").exists()
    assert "going on from the checkpoint" in run_well(broken)
    assert (broken / "predictions.jsonl").read_bytes() == (whole / "predictions.jsonl").read_bytes()
    assert metrics(broken) == metrics(whole), "a line was lost, doubled or differs"


def test_finished_and_started_again_it_changes_nothing(finished):
    before = (finished / "predictions.jsonl").read_bytes(), metrics(finished)
    run_well(finished)
    assert ((finished / "predictions.jsonl").read_bytes(), metrics(finished)) == before


def test_a_probe_reports_timings_and_leaves_no_model(tmp_path):
    folder = job(tmp_path / "probe", probe_steps=8)
    run_well(folder)
    measured = {name: value for _, name, value in metrics(folder)}
    names = ("seconds_per_step", "startup_seconds", "seconds_per_prediction", "parameters", "peak_memory_mb")
    assert all(measured[name] > 0 for name in names)
    assert measured["seconds_per_step"] < measured["startup_seconds"] and measured["peak_memory_mb"] < 2000
    assert max(step for step, _, _ in metrics(folder)) == 8
    assert len(predictions(folder)) == 8
    assert not (folder / "model").exists() and not (folder / "checkpoint.pt").exists()


def test_it_stops_when_the_time_is_up_with_a_complete_result(tmp_path):
    folder = job(tmp_path / "short", epochs=1_000_000, patience=1_000_000, seconds=6)
    run_well(folder)
    (stopped,) = values(folder, "stopped_early")
    assert stopped == max(step for step, _, _ in metrics(folder))
    assert len(predictions(folder)) == 40 and (folder / "model" / "model.safetensors").exists()


def test_a_diverged_loss_is_told_and_leaves_no_result(tmp_path):
    folder = job(tmp_path / "diverged", learning_rate=1e38)
    done = run(folder)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the loss became ") and "Traceback" not in done.stderr
    assert not (folder / "predictions.jsonl").exists() and not (folder / "model").exists()


def test_odd_rows(tmp_path):
    """One label, no validation, empty and very long texts, words never seen, all kinds of characters."""
    train = [
        {"id": str(n), "text": text, "label": "Ja – 是"}
        for n, text in enumerate(["", "größe 語", "a " * 500, "\u2028"])
    ]
    test = [{"id": f"t{n}", "text": text} for n, text in enumerate(["", "never seen", "🙂\u0000\u2029 x", "b " * 500])]
    folder = make_job(tmp_path / "odd", "text_classification", train, [], test, **TINY)
    run_well(folder)
    assert set(predictions(folder).values()) == {"Ja – 是"} and len(predictions(folder)) == 4
    assert values(folder, "epoch")[-1] == 12 and not values(folder, "validation_accuracy")


def test_a_label_only_in_validation_counts_as_wrong(tmp_path):
    rows = questions(40)
    strange = [row | {"label": "unheard of"} for row in rows[30:35]]
    folder = make_job(tmp_path / "job", "text_classification", rows[:30], strange, rows[35:], **TINY)
    run_well(folder)
    assert values(folder, "best_validation_accuracy") == [0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"optimizer": "sgd"}, "optimizer 'sgd' is not offered"),
        ({"filter_sizes": [0]}, "filter_sizes must be at least 1"),
        ({"warmup": 3}, "no hyperparameter warmup"),
        ({"activation": "swish"}, "activation 'swish' is not offered"),
    ],
)
def test_wrong_values_are_refused_in_one_line(tmp_path, change, said):
    done = run(job(tmp_path / "wrong", **change))
    assert done.returncode == 2 and said in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_rows_or_no_model_is_refused_in_one_line(tmp_path):
    folder = job(tmp_path / "empty")
    write_rows(folder / "data" / "train.jsonl", [])
    done = run(folder)
    assert (done.returncode, done.stderr) == (2, "error: train.jsonl holds no rows\n")
    done = run(folder, "--predict", "model", "where")
    assert (done.returncode, done.stderr) == (2, "error: model is not a model's folder: it has no config.json\n")
    (folder / "model").mkdir()
    (folder / "model" / "config.json").write_text("{}")
    done = run(folder, "--predict", "model", "where")
    assert done.returncode == 2 and "error: model is not a model of this program" in done.stderr
    assert "Traceback" not in done.stderr


# --- piece by piece ----------------------------------------------------------------------------------------------


def test_the_scores_are_those_of_a_convolution(classification):
    torch.manual_seed(0)
    model = classification.TextCNN(20, 3, embedding_dim=6, feature_maps=5).eval()
    with torch.no_grad():
        model.biases.normal_()
    words = model.pad([[3, 4, 5, 4], [7], [], [2, 9, 9, 9, 9, 9, 11]])
    pooled = []
    for weights, bias in zip(model.filters, model.biases, strict=True):
        kernel = weights.permute(2, 1, 0)  # size, width, maps -> maps, width, size
        windows = torch.nn.functional.conv1d(model.embedding(words).transpose(1, 2), kernel, bias)
        pooled.append(windows.relu().amax(dim=2))
    assert torch.allclose(model(words), model.output(torch.cat(pooled, dim=1)), atol=1e-5)


def test_scores_do_not_depend_on_the_rows_beside(classification):
    torch.manual_seed(0)
    model = classification.TextCNN(20, 3, embedding_dim=6, feature_maps=5)
    texts = [[3, 4, 5, 4], [7], [], [2] * 30]
    alone = torch.cat([classification.all_scores(model, [text]) for text in texts])
    assert torch.allclose(classification.all_scores(model, texts), alone, atol=1e-6)


def test_rows_are_updated_as_adadelta_would(classification):
    torch.manual_seed(0)
    start = torch.randn(6, 4)
    table = torch.nn.Parameter(start.clone())
    dense = torch.optim.Adadelta([table], lr=0.7, rho=0.9, eps=1e-6)
    ours = start.clone()
    sparse = classification.RowAdadelta(ours, 0.7, rho=0.9, eps=1e-6)
    for rows in ([0, 2], [2], [5, 0, 1], [2, 3], [4], [0, 1, 2, 3]):
        gradient = torch.randn(len(rows), 4)
        table.grad = torch.zeros_like(table)
        table.grad[rows] = gradient
        dense.step()
        sparse.step(torch.tensor(rows), gradient)
        assert torch.allclose(ours, table, atol=1e-6)


def test_the_norm_of_output_weights_is_bounded(classification):
    model = classification.TextCNN(5, 2, embedding_dim=3, feature_maps=4)
    with torch.no_grad():
        model.output.weight[0] = 2.0
        model.output.weight[1] = 0.1
    before = model.output.weight.detach().clone()
    model.constrain(3.0)
    assert model.output.weight[0].norm().item() == pytest.approx(3.0)
    assert torch.equal(model.output.weight[1], before[1])
    model.constrain(0)
    assert torch.equal(model.output.weight[1], before[1])


def test_the_best_pass_is_kept(classification):
    model = classification.TextCNN(5, 2, embedding_dim=3, feature_maps=4)
    best = classification.Best()
    for accuracy, loss, age in [
        (0.5, 1.0, 0),
        (0.4, 0.1, 1),
        (0.5, 1.0, 2),
        (0.5, 0.9, 0),
        (0.6, 2.0, 0),
        (0.6, 2.0, 1),
    ]:
        with torch.no_grad():
            model.biases.fill_(accuracy + loss)
        best.offer(model, accuracy, loss)
        assert best.age == age
    assert best.weights["biases"].unique().item() == pytest.approx(2.6)


def test_words_are_split_alike_with_and_without_spaces(classification):
    assert classification.split_words("Who's the U.S.-born man?", False) == [
        "Who",
        "'s",
        "the",
        "U.S",
        ".",
        "-",
        "born",
        "man",
        "?",
    ]
    assert classification.split_words("Grüße an 東京 !", True) == ["grüße", "an", "東京", "!"]
    assert classification.split_words(" \t\n", False) == []


@pytest.mark.skipif(not SENTENCES.is_dir(), reason="../shared/data/sentences is not there")
def test_three_passes_over_trec_learn_real_questions(tmp_path):
    def rows(name: str) -> list[dict[str, str]]:
        lines = (SENTENCES / name).read_text(encoding="latin-1").split("\n")
        pairs = [line.split(" ", 1) for line in lines if line.strip()]
        return [{"id": f"{name}-{n}", "label": label, "text": text} for n, (label, text) in enumerate(pairs)]

    train, test = rows("TREC.train.all"), rows("TREC.test.all")
    random.Random(0).shuffle(train)
    folder = make_job(tmp_path / "trec", "text_classification", train[545:], train[:545], test, epochs=3)
    run_well(folder)
    assert accuracy(folder, test) > 0.8
