"""Small, real objects of this room for its tests, and a training program that needs no library and no time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from intern.experiments.data import PreparedData
from intern.experiments.design import Probe
from intern.experiments.evidence import Evidence, SeedRun
from intern.experiments.spec import (
    Budget,
    DataRef,
    Deviation,
    ExperimentSpec,
    Hyperparameter,
    MetricSpec,
    ProgramManifest,
    ProgramParameter,
)
from intern.papers.model import Dataset, Reading, Result, Setup
from intern.papers.model import Hyperparameter as Stated

LABELS = {f"test-{n}": "yes" if n % 2 else "no" for n in range(4)}


def stated(name: str, value: Any, page: int = 3, scope: str = "main") -> Stated:
    return Stated(name=name, value=value, scope=scope, page=page, quote=f"{name} {value}")


def claim(dataset: str, metric: str, value: float, model: str = "CNN-rand", *, own: bool = True) -> Result:
    return Result(dataset=dataset, metric=metric, value=value, model=model, own=own, page=4, quote=str(value))


def reading(*rows: Stated, datasets: tuple[str, ...] = ("TREC",), results: tuple[Result, ...] = ()) -> Reading:
    setup = Setup(
        hyperparameters=list(rows), datasets=[Dataset(name=d, page=2, quote=d) for d in datasets], results=list(results)
    )
    return Reading(title="Convolutions for sentences", arxiv_id="1408.5882", pages=6, setup=setup)


def data_ref(name: str = "TREC", **more: Any) -> DataRef:
    values: dict[str, Any] = {
        "id": name.lower(), "source": "local", "description": f"{name}: questions", "licence": "not stated",
        "fingerprint": "f" * 64, "splits": {"train": 100, "validation": 10, "test": 4}, "official_test": True,
    }  # fmt: skip
    return DataRef(**values | more)


def prepared(name: str = "TREC", *, label_words: float = 1.0, split_note: str = "", **more: Any) -> PreparedData:
    return PreparedData(
        ref=data_ref(name, **more), task="text-classification", classes={"yes": 50, "no": 50}, audit=[],
        label_words=label_words, split_note=split_note,
    )  # fmt: skip


def parameter(name: str, default: Any, small: Any = None, reason: str = "because", **more: Any) -> ProgramParameter:
    return ProgramParameter(name=name, default=default, small=small, reason=reason, **more)


def manifest(*parameters: ProgramParameter, **more: Any) -> ProgramManifest:
    values: dict[str, Any] = {
        "name": "tiny", "task": "text-classification", "title": "A tiny classifier", "variant": "CNN-rand",
        "describes": ["sentences", "convolutions"], "parameters": list(parameters),
        "metrics": [MetricSpec(name="accuracy", primary=True), MetricSpec(name="exact_match")], "requirements": ["numpy"],
    }  # fmt: skip
    return ProgramManifest(**values | more)


def probe(*, step: float = 0.01, startup: float = 1.0, prediction: float = 0.0) -> Probe:
    return Probe(
        startup_seconds=startup, seconds_per_step=step, seconds_per_prediction=prediction, parameters=10,
        peak_memory_mb=50,
    )  # fmt: skip


def spec(**more: Any) -> ExperimentSpec:
    values: dict[str, Any] = {
        "title": "Convolutions on TREC", "task": "text-classification", "program": "tiny",
        "paper_title": "Convolutions for sentences", "arxiv_id": "1408.5882", "variant": "CNN-rand", "data": data_ref(),
        "hyperparameters": [Hyperparameter(name="steps", value=60, origin="scaled", page=3, paper_value=500, reason="time")],
        "metrics": [MetricSpec(name="accuracy", primary=True), MetricSpec(name="exact_match")], "seeds": [1, 2],
        "budget": Budget(minutes=5), "seconds_per_seed": 10.0,
        "deviations": [Deviation(what="steps", paper="500 (p. 3)", ours="60", reason="time")],
    }  # fmt: skip
    return ExperimentSpec(**values | more)


def seed_run(seed: int, accuracy: float, *, level: str = "sealed", spec_hash: str = "s" * 64, **more: float) -> SeedRun:
    evidence = Evidence(
        level=level, spec_hash=spec_hash, program_hash="p" * 64, data_fingerprint="f" * 64, seed=seed, backend="local",
        exit_status=0, seconds=1.5, predictions_sha256=f"{seed:x}" * 64, n_predictions=4, environment={"python": "3.11.9"},
    )  # fmt: skip
    metrics = {"accuracy": accuracy, "exact_match": accuracy} | more
    return SeedRun(seed=seed, backend="local", seconds=1.5, exit_status=0, metrics=metrics, evidence=evidence)


TINY_MANIFEST = """
name: tiny
task: text-classification
title: A classifier that counts which label each first word had
variant: CNN-rand
describes: [sentences, classifier]
metrics: [{name: accuracy, primary: true}, {name: exact_match}]
requirements: ["numpy>=1"]
parameters:
  - {name: steps, default: 500, small: 60, reason: "fewer steps"}
  - {name: trick, default: "none", reason: "what the test wants to go wrong"}
"""

TINY_PROGRAM = '''
"""Learns the usual label of each first word. `trick` makes it misbehave in one way."""
import json, sys, time
from pathlib import Path

spec = json.loads(Path("spec.json").read_text())
trick, steps = spec["hyperparameters"]["trick"], spec["probe_steps"] or spec["hyperparameters"]["steps"]
rows = [json.loads(line) for line in Path("data/train.jsonl").read_text().splitlines()]
tests = [json.loads(line) for line in Path("data/test.jsonl").read_text().splitlines()]
assert all("label" not in row for row in tests)
print(f"seed {spec['seed']}, {steps} steps", flush=True)
metrics = Path("metrics.jsonl").open("a")

def say(name, value, step=0):
    metrics.write(json.dumps({"step": step, "name": name, "value": value, "time": time.time()}) + "\\n")
    metrics.flush()

if trick == "early":
    Path("predictions.jsonl").write_text("{}")
if trick == "hang" and (not spec["probe_steps"] or spec["seconds"] < 5):
    time.sleep(600)
if trick == "crash":
    sys.exit("the data looks odd")
usual = {}
for row in rows:
    usual.setdefault(row["text"].split()[0], row["label"])
for step in range(0, steps, 10):
    say("loss", float("nan") if trick == "diverge" else 1 / (1 + step), step)
for name, value in dict(startup_seconds=0.2, seconds_per_step=0.001, seconds_per_prediction=0.0001, parameters=len(usual),
                        peak_memory_mb=20.0).items():
    say(name, value)
found = [(row["id"], usual.get(row["text"].split()[0], rows[0]["label"])) for row in tests]
if trick == "missing":
    found = found[1:]
if trick == "doubled":
    found.append(found[0])
if trick == "unknown":
    found.append(("train-0", "yes"))
if trick == "number":
    found = [(i, 1.0) for i, _ in found]
if trick == "nan":
    found = [(i, float("nan")) for i, _ in found]
Path("model").mkdir(exist_ok=True)
Path("model/config.json").write_text(json.dumps({"words": usual}))
Path("model/model.safetensors").write_bytes(b"\\x02\\0\\0\\0\\0\\0\\0\\0{}")
if trick == "pickle":
    import pickle
    Path("model/extra.dat").write_bytes(pickle.dumps(usual))
if trick == "silent":
    Path("metrics.jsonl").unlink()
text = "".join(json.dumps({"id": i, "prediction": p}) + "\\n" for i, p in found)
data = text.encode() if trick != "bytes" else text.encode() + b"\\xff\\n"
if trick != "nothing":
    Path("predictions.jsonl").write_bytes(data)
sys.exit(3 if trick == "late" else 0)
'''


def install_tiny(folder: Path) -> None:
    """Put the tiny program where `programs.FOLDER` can point."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.yaml").write_text(TINY_MANIFEST)
    (folder / "tiny.py").write_text(TINY_PROGRAM)


def write_rows(folder: Path, count: int = 40) -> Path:
    """A real, learnable data set with its own three parts: the first word decides the label."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, rows in {"train": count, "dev": 10, "test": 10}.items():
        lines = [f"{['who', 'what', 'where'][n % 3]} is number {part}{n}" for n in range(rows)]
        labels = [["HUM", "ENTY", "LOC"][n % 3] for n in range(rows)]
        text = "text,label\n" + "".join(f"{line},{label}\n" for line, label in zip(lines, labels, strict=True))
        (folder / f"{part}.csv").write_text(text)
    return folder
