"""The library beside every program."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field

import numpy
import pytest
import torch

from tests.experiments.programs.jobs import metrics

SPEC = {"task": "translation", "seed": 3, "threads": 1, "hyperparameters": {}, "seconds": 60.0, "probe_steps": 0}


@dataclass
class Settings:
    layers: int = 2
    dropout: float = 0.1
    filter_sizes: list[int] = field(default_factory=lambda: [3, 4, 5])
    optimizer: str = "adam"
    lowercase: bool = False


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("train", "validation", "test"):
        (tmp_path / "data" / f"{name}.jsonl").write_text('{"id": "1"}\n')
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    return tmp_path


class Counter:
    """The smallest thing that a checkpoint can hold."""

    def __init__(self, value=0):
        self.value = value

    def state_dict(self):
        return {"value": self.value}

    def load_state_dict(self, state):
        self.value = state["value"]


def test_settings_take_the_papers_ways_of_writing(runtime):
    made = runtime.settings_from(Settings, {"layers": 6.0, "dropout": 0, "filter_sizes": "3, 4,5 7"})
    assert made == Settings(layers=6, dropout=0.0, filter_sizes=[3, 4, 5, 7])
    assert isinstance(made.layers, int) and isinstance(made.dropout, float)
    assert runtime.settings_from(Settings, {"layers": "100000"}).layers == 100000


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": 1.5},
        {"layers": "many"},
        {"layers": True},
        {"dropout": math.nan},
        {"dropout": [0.1]},
        {"filter_sizes": []},
        {"filter_sizes": "wide"},
        {"filter_sizes": 3},
        {"optimizer": 1},
        {"lowercase": "yes"},
        {"layer": 2},
    ],
)
def test_settings_refuse_what_they_cannot_mean(runtime, wrong):
    with pytest.raises(runtime.InputError, match=next(iter(wrong))):
        runtime.settings_from(Settings, wrong)


@pytest.mark.parametrize(
    "change",
    [{"seed": -1}, {"threads": 0}, {"seconds": 0}, {"seconds": "60"}, {"seed": 1.5}, {"extra": 1}, {"task": None}],
)
def test_a_wrong_spec_is_refused(runtime, folder, change):
    wrong = SPEC | change
    if change == {"task": None}:
        del wrong["task"]
    (folder / "spec.json").write_text(json.dumps(wrong))
    with pytest.raises(runtime.InputError, match=r"spec\.json"):
        runtime.Spec.read(folder / "spec.json")


@pytest.mark.parametrize(
    "line", ["{", "[]", "7", '{"id": "1"}', '{"id": "1", "text": 3}', '{"id": "1", "text": "\\ud800"}']
)
def test_a_wrong_row_is_named(runtime, tmp_path, line):
    file = tmp_path / "train.jsonl"
    file.write_text('{"id": "0", "text": "fine"}\n\n' + line + "\n")
    with pytest.raises(runtime.InputError, match=r"train\.jsonl, line 3"):
        runtime.read_rows(file, ("id", "text"))


def test_rows_may_hold_any_line_separator_and_other_columns(runtime, tmp_path):
    file = tmp_path / "train.jsonl"
    text = "a\u2028b\x85c\x0bd"
    file.write_text(json.dumps({"id": "0", "text": text, "more": 1}, ensure_ascii=False) + "\n")
    assert runtime.read_rows(file, ("id", "text")) == [{"id": "0", "text": text}]
    file.write_text("\n")
    assert runtime.read_rows(file, ("id",), may_be_empty=True) == []
    with pytest.raises(runtime.InputError, match="no rows"):
        runtime.read_rows(file, ("id",))


def test_the_log_is_cut_back_to_the_checkpoint(runtime, tmp_path):
    file = tmp_path / "metrics.jsonl"
    log = runtime.MetricLog(file)
    log.log(1, loss=2.0)
    kept = log.length
    log.log(2, loss=1.0, rate=0.1)
    log.close()
    again = runtime.MetricLog(file, keep=kept)
    again.log(2, loss=0.9)
    again.close()
    assert metrics(tmp_path) == [(1, "loss", 2.0), (2, "loss", 0.9)]


def test_the_log_refuses_what_is_not_a_number(runtime, tmp_path):
    log = runtime.MetricLog(tmp_path / "metrics.jsonl")
    with pytest.raises(ValueError):
        log.log(1, loss=math.nan)
    log.close()
    assert metrics(tmp_path) == []


def test_a_checkpoint_brings_everything_back(runtime, folder):
    job = runtime.Job.open(folder)
    for loss in (3.0, 2.0):
        job.step_done(loss)
    job.progress.epoch, job.progress.batch = 4, 5
    job.log.log(2, loss=2.0)
    job.save({"counter": Counter(7)})
    expected = (random.random(), numpy.random.rand(), torch.rand(1).item())
    job.log.log(3, loss=1.0)
    job.log.close()

    again = runtime.Job.open(folder)
    counter = Counter()
    again.restore({"counter": counter})
    assert counter.value == 7
    assert (random.random(), numpy.random.rand(), torch.rand(1).item()) == expected
    assert vars(again.progress) == vars(job.progress)
    assert again.seconds_before > 0 and again.seconds_used() > again.seconds_before
    again.log_loss()
    assert metrics(folder) == [(2, "loss", 2.0), (2, "train_loss", 2.5)]


@pytest.mark.parametrize("change", ["spec", "data", "program", "torn", "metrics"])
def test_a_checkpoint_of_something_else_is_not_used(runtime, folder, change):
    job = runtime.Job.open(folder)
    job.log.log(1, loss=1.0)
    job.save({"counter": Counter(7)})
    job.log.close()
    (folder / "predictions.jsonl").write_text('{"id": "1", "prediction": "of another run"}\n')
    if change == "spec":
        (folder / "spec.json").write_text(json.dumps(SPEC | {"seed": 4}))
    elif change == "data":
        (folder / "data" / "train.jsonl").write_text('{"id": "2"}\n')
    elif change == "program":
        (folder / "program.py").write_text("print('of a later version')\n")
    elif change == "torn":
        content = (folder / "checkpoint.pt").read_bytes()
        (folder / "checkpoint.pt").write_bytes(content[: len(content) // 2])
    else:
        (folder / "metrics.jsonl").write_text("")
    again = runtime.Job.open(folder)
    assert again.saved is None and again.progress.step == 0
    assert metrics(folder) == []
    assert not (folder / "predictions.jsonl").exists(), "left-overs would pass for this run's results"


def test_more_time_is_no_other_run(runtime, folder):
    job = runtime.Job.open(folder)
    job.save({})
    (folder / "spec.json").write_text(json.dumps(SPEC | {"seconds": 90.0}))
    assert runtime.Job.open(folder).saved is not None


def test_a_probe_does_not_touch_a_real_run(runtime, folder):
    runtime.Job.open(folder).save({})
    (folder / "spec.json").write_text(json.dumps(SPEC | {"probe_steps": 3}))
    with pytest.raises(runtime.InputError, match="probe"):
        runtime.Job.open(folder)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_diverged_loss_ends_training(runtime, folder, loss):
    job = runtime.Job.open(folder)
    job.step_done(1.0)
    with pytest.raises(runtime.ProgramError, match="step 2") as error:
        job.step_done(loss)
    assert error.value.exit_status == 1


def test_warm_up_steps_do_not_count(runtime, folder):
    job = runtime.Job.open(folder)
    job._first_step_at = 100.0
    job._step_times = [110.0, 115.0, 118.0, 119.0, 120.0, 121.0, 122.0]
    assert job.seconds_per_step() == pytest.approx(1.0)
    job._step_times = [110.0]
    assert job.seconds_per_step() == pytest.approx(10.0)


def test_the_order_depends_on_seed_and_pass_alone(runtime):
    first = runtime.shuffled(50, 1, 0)
    torch.rand(10)
    assert runtime.shuffled(50, 1, 0) == first and sorted(first) == list(range(50))
    assert runtime.shuffled(50, 1, 1) != first and runtime.shuffled(50, 2, 0) != first
    assert len(runtime.shuffled(3, 2**63, 5)) == 3


def test_predictions_must_be_complete(runtime, folder):
    job = runtime.Job.open(folder)
    with pytest.raises(ValueError):
        job.write_predictions([{"id": "1"}, {"id": "2"}], ["only one"])
    assert not (folder / "predictions.jsonl").exists()


def test_products_are_halved_only_where_they_are_asked_to_be(runtime):
    """Forward and backward through a linear layer: the weights and their gradients stay whole either way."""
    assert runtime.half_precision("bfloat16") and not runtime.half_precision("float32")
    layer, given = torch.nn.Linear(64, 64), torch.randn(8, 64)
    for half, kind in ((False, torch.float32), (True, torch.bfloat16)):
        layer.zero_grad()
        with runtime.precision(half):
            out = layer(given)
        out.float().square().mean().backward()
        assert out.dtype == kind and layer.weight.dtype == layer.weight.grad.dtype == torch.float32
        assert torch.allclose(out.float(), layer(given), atol=0.05)


def test_half_precision_by_itself_only_where_the_processor_has_it(runtime, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False, "amx_bf16": False})
    monkeypatch.setattr(runtime, "device", lambda: torch.device("cpu"))
    assert not runtime.half_precision("auto")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert runtime.half_precision("auto")
