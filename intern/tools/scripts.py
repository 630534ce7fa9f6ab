"""The brain's own training script, on the same data, behind the same door and with the same evidence as our programs."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from intern.compute.local import usable_threads
from intern.experiments.data import PreparedData
from intern.experiments.design import choose_metrics
from intern.experiments.programs import load_manifests
from intern.experiments.run import edited_programs
from intern.experiments.scripts import keep_script, look_through
from intern.experiments.spec import Budget, ExperimentSpec, MetricSpec, WeightsRef
from intern.tools.base import RoomTool
from intern.tools.given import open_labels
from intern.tools.launch import require_test_part_free
from intern.tools.training import attempts_of, tell_seed, train_seed
from intern.tools.weights import NONE_GIVEN, weights_of
from intern.tools.workbench import StoredSpec, ToolError, Workbench

SEEDS = [1, 2, 3]
RESERVE_SHARE = 0.1
LEAST_SECONDS = 5.0


class Known(BaseModel):
    """The experiment that stands for one script on one data set."""

    spec_id: str


class RunScript(RoomTool):
    name = "run_script"
    description = (
        "Train with your own Python script, measured like our programs: it runs as a job in a folder with data/train.jsonl, "
        "data/validation.jsonl (with labels), data/test.jsonl (without) and spec.json (seed, threads, seconds); it must "
        'write predictions.jsonl ({"id", "prediction"} for each test row), metrics.jsonl ({"step", "name", "value", "time"} '
        "lines) and exit 0. The harness scores it on sealed labels. A name can be repaired twice and is frozen once measured."
    )
    inputs = {
        "data_id": {"type": "string", "description": "from prepare_data"},
        "code": {"type": "string", "description": "the whole script; there is no network"},
        "seed": {"type": "integer", "description": f"one of {SEEDS}", "nullable": True},
        "name": {"type": "string", "description": "what this method is called", "nullable": True},
        "paper_id": {"type": "string", "description": 'from find_paper, or ""', "nullable": True},
        "from_weights": {
            "type": "boolean",
            "description": "the script starts from the weights of bring_weights, which then lie in weights/ (read-only)",
            "nullable": True,
        },
    }

    def forward(
        self, data_id: str, code: str, seed: int | None = 1, name: str | None = "script", paper_id: str | None = "",
        from_weights: bool | None = False,
    ) -> dict[str, Any]:  # fmt: skip
        bench = self.bench
        data, name = bench.load_data(data_id), (name or "script").strip()[:60]
        doubts = [*look_through(code, bench.data_folder(data_id)), *open_labels(bench, data.ref)]
        program = keep_script(edited_programs(bench.run), code)
        counted = f"script {name} on {data_id}"
        attempts_of(bench, counted).require(program)
        weights = weights_of(bench) if from_weights else None
        if from_weights and weights is None:
            raise ToolError(NONE_GIVEN)
        stored = self._stored(program, data, name, paper_id or "", weights)
        spec = stored.spec
        require_test_part_free(bench, spec, seed or SEEDS[0])
        bench.fact("spec", {"spec_id": spec.id, **json.loads(spec.model_dump_json())})
        bench.artifact("experiment.yaml", spec.to_yaml(), "the experiment, as it will be run")
        bench.artifact(f"scripts/{program}.py", code, f"the brain's script “{name}”")
        measured = train_seed(bench, stored, seed or SEEDS[0], counted, tuple(doubts))
        return {"spec_id": spec.id, "seeds": spec.seeds, **tell_seed(bench, spec, measured)}

    def _stored(
        self, program: str, data: PreparedData, name: str, paper_id: str, weights: WeightsRef | None
    ) -> StoredSpec:
        """The script's experiment: the same one for each of its seeds."""
        key = f"{program}-{data.ref.id}-{name}{f'-{weights.fingerprint[:16]}' if weights else ''}"
        try:
            return self.bench.load_spec(self.bench.load("script", key, Known).spec_id)
        except ToolError:
            pass
        spec = self._spec(program, data, name, paper_id).model_copy(update={"weights": weights})
        stored = StoredSpec(spec=spec, probe=None, paper_id=paper_id)
        self.bench.save("spec", stored.spec.id, stored)
        self.bench.save("script", key, Known(spec_id=stored.spec.id))
        return stored

    def _spec(self, program: str, data: PreparedData, name: str, paper_id: str) -> ExperimentSpec:
        bench = self.bench
        reading = bench.load_paper(paper_id)
        seconds = bench.seconds_left * (1 - RESERVE_SHARE) / len(SEEDS)
        if seconds < LEAST_SECONDS:
            raise ToolError(f"{max(0.0, bench.seconds_left):.0f} s are left, too few for a training.")
        return ExperimentSpec(
            title=f"{name} on {data.ref.description.split(':')[0]}", task=data.task, program=program,
            paper_title=reading.title if reading else None, arxiv_id=reading.arxiv_id if reading else None, variant=name,
            data=data.ref, hyperparameters=[], metrics=metrics_of(bench, data), seeds=SEEDS,
            budget=Budget(minutes=bench.minutes, usd=bench.usd), threads=usable_threads(),
            seconds_per_seed=round(seconds, 1),
        )  # fmt: skip


def metrics_of(bench: Workbench, data: PreparedData) -> list[MetricSpec]:
    """The metrics of our program for this task, so that a script's numbers may stand beside its. Raises ToolError."""
    for manifest in load_manifests().values():
        if manifest.task == data.task:
            return choose_metrics(manifest, data)[0]
    raise ToolError(f"There is no program for {data.task} here, so nobody says which metric counts.")
