"""The families beyond sentences, run as modules in this process (importing torch once): they learn, they say all that
the contract wants, and a job that was cut off and started again ends with the same predictions."""

from __future__ import annotations

import importlib.util
import json
import math
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intern.experiments.data import prepare, sealed_labels
from intern.experiments.evidence import prediction_list
from intern.experiments.metrics import score
from intern.experiments.programs import load_manifests, program_files
from intern.experiments.sources import at_hand, find_local
from tests.experiments.programs.jobs import environment, metrics, values

MANIFESTS = load_manifests()
QUICK = {
    "image_mlp": {"steps": 200, "hidden_units": 64, "batch_norm": True, "evaluate_every": 50, "checkpoint_every": 60},
    "image_cnn": {"steps": 60, "filters": [8, 16], "evaluate_every": 20, "checkpoint_every": 25},
    "image_vit": {"steps": 60, "hidden_size": 32, "layers": 1, "patch_size": 2, "evaluate_every": 20, "checkpoint_every": 25},
    "distillation": {
        "steps": 240, "hidden_units": 32, "teacher_hidden_units": 128, "teacher_jitter": 0, "teacher_dropout": 0.2,
        "batch_size": 50, "evaluate_every": 40, "checkpoint_every": 70,
    },
    "language_model": {
        "steps": 60, "hidden_size": 32, "layers": 1, "heads": 2, "max_seq_len": 32, "learning_rate": 0.01,
        "evaluate_every": 20, "evaluate_windows": 10, "checkpoint_every": 25, "warmup_steps": 5,
    },
    "text_transformer": {
        "steps": 60, "hidden_size": 32, "layers": 1, "heads": 2, "ffn_size": 32, "evaluate_every": 20, "warmup_steps": 5,
        "checkpoint_every": 25, "learning_rate": 0.005,
    },
    "tabular_classification": {"iterations": 50},
    "tabular_regression": {"iterations": 60, "trials": 2},
}  # fmt: skip
TARGET = {  # the primary metric, and what it must reach; guessing gets 0.1, 4.x bits, 0.25, 0.33, 5.0
    "image_mlp": 0.85, "image_cnn": 0.6, "image_vit": 0.3, "distillation": 0.8, "language_model": 3.2,
    "text_transformer": 0.9, "tabular_classification": 0.85, "tabular_regression": 2.6,
}  # fmt: skip


def text_rows(count: int) -> str:
    """Texts whose class is one of the words in it."""
    chooser = random.Random(0)
    words, lines = ["red", "blue", "green", "black"], []
    for number in range(count):
        colour = chooser.choice(words)
        rest = [f"word{chooser.randrange(20)}" for _ in range(5)]
        rest.insert(chooser.randrange(6), colour)
        lines.append(f"{' '.join(rest)} {number % 7},{words.index(colour)}\n")
    return "text,label\n" + "".join(lines)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """Real data of each family, once: (folder of data, sealed labels)."""
    made: dict[str, tuple[Path, dict[str, str]]] = {}

    def make(task: str) -> tuple[Path, dict[str, str]]:
        if task not in made:
            home = tmp_path_factory.mktemp(task)
            if task == "text-classification":
                (home / "colours.csv").write_text(text_rows(800))
                (candidate,) = find_local(home / "colours.csv")
            else:
                wanted = {"image-classification": "digits", "tabular-classification": "iris",
                          "tabular-regression": "friedman1", "text-generation": "number-words-text"}[task]  # fmt: skip
                candidate = next(c for c in at_hand(task) if c.data_id == wanted)
            prepare(candidate, home / "data", home / "sealed")
            made[task] = (home / "data", sealed_labels(home / "sealed", candidate.data_id))
        return made[task]

    return make


@pytest.fixture
def job(tmp_path, prepared):
    """Make a job's folder."""

    def make(name: str, folder: str = "job", **changes) -> Path:
        manifest, made = MANIFESTS[name], tmp_path / folder
        made.mkdir()
        shutil.copytree(prepared(manifest.task)[0], made / "data")
        for file, copy in zip(program_files(name), ("program.py", "runtime.py"), strict=True):
            shutil.copy(file, made / copy)
        settings = {p.name: p.default if p.small is None else p.small for p in manifest.parameters} | QUICK[name]
        probe = changes.pop("probe_steps", 0)
        spec = {"task": manifest.task, "seed": 1, "threads": 1, "hyperparameters": settings | changes, "seconds": 1e6,
                "probe_steps": probe}  # fmt: skip
        (made / "spec.json").write_text(json.dumps(spec))
        return made

    return make


@pytest.fixture
def train(program_module, runtime):
    """Run a job in this process; `cut` ends it right after that many checkpoints, as a kill would."""

    def run(name: str, folder: Path, cut: int = 0) -> None:
        program, job = program_module(program_files(name)[0].stem), runtime.Job.open(folder)
        if cut:
            saves, save = iter(range(1, cut + 1)), job.save

            def save_and_stop(parts):
                save(parts)
                if next(saves) == cut:
                    raise KeyboardInterrupt

            job.save = save_and_stop
        try:
            program.train(job)
        finally:
            job.log.close()

    return run


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "predictions.jsonl").read_text().split("\n") if line]


@pytest.mark.parametrize("name", list(QUICK))
def test_it_learns_and_keeps_the_contract(name, job, train, prepared):
    folder = job(name)
    train(name, folder)
    manifest, labels = MANIFESTS[name], prepared(MANIFESTS[name].task)[1]
    written = lines(folder)
    assert [row["id"] for row in written] == list(labels), "one prediction for each test row, in order"
    given = prediction_list(folder, list(labels), manifest.task)
    found = score([m.name for m in manifest.metrics], given, list(labels.values()))
    primary = next(m for m in manifest.metrics if m.primary)
    value = found[primary.name]
    assert value >= TARGET[name] if primary.direction == "higher" else value <= TARGET[name], found
    if manifest.task != "tabular-regression":
        for row in written[:20]:
            shares = row["prediction"] if manifest.task == "text-generation" else row["probabilities"]
            assert all(0 <= p <= 1 for p in shares.values()) and math.isclose(sum(shares.values()), 1, abs_tol=1e-3)
            assert row["prediction"] in (shares, max(shares, key=shares.get))
    files = [f.name for f in (folder / "model").iterdir()]
    assert not any(f.endswith((".pt", ".bin", ".pkl")) for f in files) and len(files) >= 2
    assert any("validation" in key for _, key, _ in metrics(folder))


@pytest.mark.parametrize("name", list(QUICK))
def test_a_probe_says_what_the_design_needs(name, job, train):
    folder = job(name, probe_steps=4)
    train(name, folder)
    said = {key: value for _, key, value in metrics(folder)}
    assert {"seconds_per_step", "startup_seconds", "seconds_per_prediction", "parameters", "peak_memory_mb"} <= set(
        said
    )
    assert said["seconds_per_step"] > 0 and said["parameters"] > 0 and said["startup_memory_mb"] > 0
    assert len(lines(folder)) == 8 and not (folder / "model").exists() and not (folder / "checkpoint.pt").exists()


@pytest.mark.parametrize(
    "name", ["image_mlp", "distillation", "language_model", "text_transformer", "tabular_regression"]
)
def test_a_job_that_was_cut_off_goes_on_to_the_same_predictions(name, job, train):
    whole, cut = job(name, "whole"), job(name, "cut")
    train(name, whole)
    with pytest.raises(KeyboardInterrupt):
        train(name, cut, cut=2)
    assert not (cut / "predictions.jsonl").exists()
    train(name, cut)
    assert (cut / "predictions.jsonl").read_bytes() == (whole / "predictions.jsonl").read_bytes()
    kept = [row for row in metrics(cut) if row[1] != "trial"]
    assert kept == [row for row in metrics(whole) if row[1] != "trial"], "nothing is logged twice or lost"


def test_divergence_ends_a_job_with_an_alert(job, train, runtime):
    folder = job("image_mlp", learning_rate=1e6, batch_norm=False)
    with pytest.raises(runtime.ProgramError, match=r"diverged\. Try a lower learning rate"):
        train("image_mlp", folder)
    assert values(folder, "diverged") == [1.0] and not (folder / "predictions.jsonl").exists()


def test_early_stopping_looks_at_validation_and_keeps_the_best(job, train):
    folder = job("image_mlp", steps=3000, patience=2, evaluate_every=40)
    train("image_mlp", folder)
    seen = values(folder, "validation_accuracy")
    assert 3 <= len(seen) < 75 and seen.index(max(seen)) >= 0
    (best,) = values(folder, "best_step")
    assert best == 40 * (len(seen) - 2), "two evaluations after the best one it stopped"


def test_batch_norm_is_another_network_and_the_teacher_is_larger(job, program_module):
    module = program_module("image_classification")
    plain, normed = (module.Net([1, 8, 8], ["a", "b"], {"batch_norm": used}) for used in (False, True))
    names = [type(part).__name__ for part in normed.body]
    assert names.count("BatchNorm1d") == 2 and "BatchNorm1d" not in [type(part).__name__ for part in plain.body]


def test_finished_models_predict_from_the_command_line(job, train, png):
    """As the card tells people to."""
    asked = {
        "tabular_classification": '{"petal length (cm)": 1.4, "petal width (cm)": 0.2}',
        "image_cnn": "picture.png",
    }
    for name, text in asked.items():
        folder = job(name, name)
        train(name, folder)
        (folder / "picture.png").write_bytes(png(0, size=(8, 8)))
        done = subprocess.run([sys.executable, "program.py", "--predict", "model", text], cwd=folder,
                              env=environment(folder), capture_output=True, text=True, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() in ("setosa", *map(str, range(10)))


def test_teacher_and_student_have_a_falling_rate_each(job, program_module, runtime):
    """A rate that falls over both would leave the teacher half trained, and start the student at half the rate."""
    module = program_module("image_classification")
    training = module.ImageTraining(runtime.Job.open(job("distillation", steps=100, learning_rate=0.2)))
    rates = []
    for step in (0, 25, 49, 50, 75, 99):
        training._schedule(training.optimizer, step)
        rates.append(training.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.2, 0.1, 0.0, 0.2, 0.1, 0.0], abs=0.002)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("image_mlp", {"architecture": "rnn"}, "mlp, cnn and vit"),
        ("image_vit", {"hidden_size": 30}, "multiple of heads"),
        ("tabular_classification", {"model": "catboost"}, "histgb, lightgbm, autogluon are offered"),
        ("language_model", {"precision": "float8"}, "auto, float32 or bfloat16"),
        ("language_model", {"max_seq_len": 1}, "at least 8"),
        ("text_transformer", {"optimizer": "sgd"}, "adam and adamw"),
    ],
)
def test_what_cannot_work_is_refused(name, change, said, job, train, runtime):
    with pytest.raises(runtime.InputError, match=said):
        train(name, job(name, **change))


def test_a_search_ends_with_the_processor_time_that_it_was_given(job, train, capsys):
    train("tabular_regression", job("tabular_regression", trials=50, cpu_seconds=0.1))  # less than start-up takes
    said = capsys.readouterr().out
    assert "the processor time is up after 1 of 51 settings" in said and "1 settings tried" in said


@pytest.mark.skipif(importlib.util.find_spec("autogluon") is not None, reason="AutoGluon is installed here")
def test_autogluon_is_asked_for_in_plain_words_where_it_is_missing(job, train, runtime):
    with pytest.raises(runtime.InputError, match=r"AutoGluon is not installed.*requirements-automl\.txt"):
        train("tabular_classification", job("tabular_classification", model="autogluon"))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("autogluon") is None, reason="needs requirements-automl.txt")
@pytest.mark.parametrize("name", ["tabular_classification", "tabular_regression"])
def test_autogluon_keeps_the_contract(name, job, train, runtime):
    """The same files as any other program, probed and whole; its model predicts from the command line."""
    probe = job(name, "probe", model="autogluon", probe_steps=3)
    train(name, probe)
    assert {"seconds_per_step", "parameters"} <= {name for _, name, _ in metrics(probe)}
    probed = job(name, model="autogluon")
    spec = json.loads((probed / "spec.json").read_text())
    (probed / "spec.json").write_text(json.dumps(spec | {"seconds": time.monotonic() - runtime.STARTED + 25}))
    train(name, probed)
    wanted = [json.loads(line)["id"] for line in (probed / "data" / "test.jsonl").read_text().splitlines()]
    found = [json.loads(line) for line in (probed / "predictions.jsonl").read_text().splitlines()]
    assert [row["id"] for row in found] == wanted and (probed / "model" / "config.json").is_file()
    assert "validation_score" in {name for _, name, _ in metrics(probed)}


def test_no_text_of_a_test_row_is_needed_to_know_the_columns(tmp_path, program_module):
    """Categories come from the training split; a value that only the test rows have is missing, not an error."""
    module = program_module("tabular")
    rows = [{"features": {"a": float(n), "kind": "xy"[n % 2], "name": f"n{n}"}} for n in range(10)]
    columns = module.Columns.of(rows, ["0", "1"])
    assert (columns.numeric, columns.categories) == (["a"], {"kind": ["x", "y"]})
    matrix = columns.matrix([{"features": {"a": None, "kind": "z"}}])
    assert matrix.shape == (1, 2) and all(math.isnan(v) for v in matrix[0])
