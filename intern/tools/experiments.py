"""Tools over the experiments room: choose a program, prepare data, design, check, train, compare."""

from __future__ import annotations

import json
import re
from typing import Any

from intern.compute.local import usable_threads
from intern.experiments.compare import compare, cut_short, summarise
from intern.experiments.data import PreparedData, prepare
from intern.experiments.design import (
    OVER_BUDGET,
    DesignError,
    Probe,
    build_spec,
    choose,
    choose_metrics,
    choose_program,
    fit_to_budget,
    matching_dataset,
    seconds_needed,
)
from intern.experiments.estimate import estimate
from intern.experiments.hub_data import fetch, hub_candidates, hub_ref
from intern.experiments.programs import load_manifests
from intern.experiments.run import PROBE_STEPS, probe
from intern.experiments.sources import Candidate, at_hand, find_local, named
from intern.experiments.spec import (
    Deviation,
    ExperimentSpec,
    Hyperparameter,
    ProgramInput,
    ProgramManifest,
    Task,
    WeightsRef,
)
from intern.experiments.table import results_table
from intern.experiments.weights import given
from intern.papers.model import Reading
from intern.tools.base import RoomTool
from intern.tools.launch import preflight_checks, require_agreement, require_test_part_free
from intern.tools.rented import flavor_for, rented
from intern.tools.side_by_side import Lanes, choose_lanes
from intern.tools.training import baseline_seconds, baselines_of, tell_seed, train_seed
from intern.tools.weights import for_weights, require_weights, weights_of
from intern.tools.workbench import StoredSpec, ToolError, Workbench

RESERVE_SECONDS = 25.0
RESERVE_SHARE = 0.1
"""Kept back from the budget for comparing, staging and publishing: the smaller of the two."""
LEAST_SECONDS = 8.0
"""With less than this left not even the smoke run is started."""
MAX_SEEDS = 20
MOST_THREADS = 16
MAX_DATA_SETS = 25
FROM_SCRATCH = re.compile(r"\bfrom scratch\b|\bwithout (?:the )?(?:pretrained )?weights\b", re.IGNORECASE)


def _manifest(program: str) -> ProgramManifest:
    manifests = load_manifests()
    if program not in manifests:
        raise ToolError(f"There is no program {program!r}; there are: {', '.join(manifests)}.")
    return manifests[program]


def _given(bench: Workbench, task: Task | None = None, target: str = "") -> list[Candidate] | None:
    """Data sets in what came with the request: files, or a data set of the Hub, fetched once. None = nothing came."""
    if bench.data is not None:
        return find_local(bench.data, task, target)
    if bench.hub_data is None:
        return None
    ref = hub_ref(bench.hub_data)
    if ref is None or not bench.online:
        raise ToolError(
            f"{bench.hub_data} is a data set of the Hub, and the Hub cannot be reached: give a file (--data)."
        )
    folder = bench.run.folder / "downloads" / ref.repo.replace("/", "--")
    known = (folder / ".fetched.json").is_file()
    fetched = fetch(ref, folder, bench.settings.network.hub, bench.hub_token)
    if not known:
        bench.run.note(f"Data: {fetched.repo} of the Hub, commit {fetched.commit[:12]}, licence {fetched.licence}.")
    return hub_candidates(fetched, folder, task, target)


def _candidates(bench: Workbench, program: str, target: str = "") -> list[Candidate]:
    task = _manifest(program).task
    given = _given(bench, task, target)
    return at_hand(task) if given is None else given


TARGET = {
    "type": "string",
    "description": "for a table: words that name the column to predict; empty = the usual one",
    "nullable": True,
}


class ChooseProgram(RoomTool):
    name = "choose_program"
    description = "Which training programs fit the request and the paper, best first."
    inputs = {
        "task": {"type": "string", "description": "the person's words"},
        "paper_id": {"type": "string", "description": 'from find_paper, or ""'},
        "target": TARGET,
    }

    def forward(self, task: str, paper_id: str, target: str | None = "") -> dict[str, Any]:
        manifests = load_manifests()
        tuning = weights_of(self.bench) is not None and not FROM_SCRATCH.search(task)
        fit = {name: m for name, m in manifests.items() if m.needs_weights == tuning}
        ranked = choose_program(manifests, self.bench.load_paper(paper_id), task, tuning)
        found = _given(self.bench, target=target or "")
        given = named(at_hand(), task) if found is None else named(found, task) or found
        if given:
            # The data has the last word: a program that cannot use it is no choice.
            tasks = [candidate.task for candidate in given]
            fitting = [pair for pair in ranked if manifests[pair[0]].task in tasks]
            others = sorted((tasks.index(m.task), n) for n, m in fit.items() if m.task in tasks)
            ranked = fitting or [(name, 0) for _, name in others]
        return {
            "programs": [{"program": n, "title": manifests[n].title, "matching_words": score} for n, score in ranked],
            "all": [f"{m.name}: {m.title}" for m in manifests.values()],
        }


class FindData(RoomTool):
    name = "find_data"
    description = "Data sets that can be used here for a program: the person's files, else generated data (said so)."
    inputs = {
        "program": {"type": "string", "description": "from choose_program"},
        "paper_id": {"type": "string", "description": 'from find_paper, or ""'},
        "target": TARGET,
    }

    def forward(self, program: str, paper_id: str, target: str | None = "") -> dict[str, Any]:
        reading = self.bench.load_paper(paper_id)
        found = [_describe(c, reading) for c in _candidates(self.bench, program, target or "")]
        if not found:
            raise ToolError(
                f"There is no data for {program} here: give a file or folder (--data). Nothing is downloaded or made up."
            )
        # A long list would be cut in the middle before the brain sees it.
        found.sort(key=lambda d: (not d["used_by_paper"], not d["has_test_part"], d["bytes"]))
        return {"data": found[:MAX_DATA_SETS], "left_out": max(0, len(found) - MAX_DATA_SETS)}


class PrepareData(RoomTool):
    name = "prepare_data"
    description = "Read, audit, split and fingerprint a data set; the harness seals the test labels away."
    inputs = {
        "program": {"type": "string", "description": "from choose_program"},
        "data_id": {"type": "string", "description": "from find_data"},
        "target": TARGET,
    }

    def forward(self, program: str, data_id: str, target: str | None = "") -> dict[str, Any]:
        bench = self.bench
        candidates = {c.data_id: c for c in _candidates(bench, program, target or "")}
        if data_id not in candidates:
            raise ToolError(f"There is no data set {data_id!r}; there are: {', '.join(candidates) or 'none'}.")
        prepared = prepare(candidates[data_id], bench.data_folder(data_id), bench.run.sealed)
        bench.save("data", data_id, prepared)
        ref = prepared.ref
        if ref.source == "generated":
            bench.run.note(f"Data: generated, not the paper's. {ref.description}", "warning", key=f"data:{data_id}")
        return {
            "data_id": ref.id,
            "splits": ref.splits,
            "fingerprint": ref.fingerprint[:16],
            "source": ref.source,
            "official_test": ref.official_test,
            "licence": ref.licence,
            "classes": prepared.classes,
            "audit": prepared.audit,
            "split_note": prepared.split_note,
        }


class DesignExperiment(RoomTool):
    name = "design_experiment"
    description = (
        "Scale the paper's setup to the budget: probes the real program for a few steps, fixes every value with its "
        "origin, lists every deviation with its reason. Returns spec_id."
    )
    inputs = {
        "program": {"type": "string", "description": "from choose_program"},
        "data_id": {"type": "string", "description": "from prepare_data"},
        "paper_id": {"type": "string", "description": 'from find_paper, or ""'},
        "seeds": {"type": "integer", "description": "how many; 0 = three if they fit, else two", "nullable": True},
        "values": {"type": "object", "description": 'values the person set, like {"steps": 500}', "nullable": True},
    }

    def forward(
        self, program: str, data_id: str, paper_id: str, seeds: int | None = 0, values: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        bench, manifest = self.bench, _manifest(program)
        if not 0 <= (seeds or 0) <= MAX_SEEDS:
            raise ToolError(f"The number of seeds is between 1 and {MAX_SEEDS} (0 = as many as fit, two or three).")
        reading, prepared = bench.load_paper(paper_id), bench.load_data(data_id)
        if prepared.task != manifest.task:
            raise ToolError(f"{data_id} is for {prepared.task}, the program {program} is for {manifest.task}.")
        weights = require_weights(bench, manifest, values or {})
        manifest = for_weights(manifest, weights)
        chosen, deviations = choose(manifest, reading, prepared, values or {})
        deviations = _with_weights(deviations, reading, weights)
        threads = usable_threads()
        asked = ProgramInput(
            task=manifest.task, seed=1, threads=threads, hyperparameters={h.name: h.value for h in chosen}, seconds=600,
            weights=None if weights is None else given(weights),
        )  # fmt: skip
        reserve = min(RESERVE_SECONDS, bench.minutes * 60 * RESERVE_SHARE)
        if bench.seconds_left - reserve < LEAST_SECONDS:
            left_over = max(0.0, bench.seconds_left - reserve)
            raise DesignError(
                f"{OVER_BUDGET}: {left_over:.0f} s are left, less than a smoke run takes. Allow more (--max-minutes)."
            )
        before = bench.seconds_left
        timing = probe(bench.run, bench.prober, bench.data_folder(data_id), asked, program, weights)
        left = bench.seconds_left - reserve - baseline_seconds(bench, prepared, timing, weights)
        in_a_row = 2 if rented(bench) is not None else 3  # rented machines train the later seeds side by side
        count = seeds or (3 if in_a_row * seconds_needed(chosen, prepared, timing) <= left else 2)
        lanes = Lanes(1, threads, timing)
        if rented(bench) is None and bench.backend.name == "local":
            one_thread = asked.model_copy(update={"threads": 1})
            folder = bench.data_folder(data_id)
            lanes = choose_lanes(
                timing, count, lambda t: seconds_needed(chosen, prepared, t),
                lambda: probe(bench.run, bench.prober, folder, one_thread, program, weights),
                took=before - bench.seconds_left, left=left,
            )  # fmt: skip
            timing, threads = lanes.timing, lanes.threads
            left = bench.seconds_left - reserve - baseline_seconds(bench, prepared, timing, weights)
        per_seed = left / (min(count, in_a_row) if rented(bench) is not None else lanes.rounds(count))
        if per_seed <= 0:
            raise DesignError(f"{OVER_BUDGET}: it is used up before training could start. Allow more (--max-minutes).")
        chosen, deviations = fit_to_budget(chosen, deviations, prepared, timing, per_seed, count)
        metrics, changed = choose_metrics(manifest, prepared)
        flavor = None
        if rented(bench) is not None:
            minutes = seconds_needed(chosen, prepared, timing) / 60
            flavor = flavor_for(bench, timing.peak_memory_mb, minutes, threads)
            threads = min(flavor.cpus, MOST_THREADS)
        spec = build_spec(
            manifest, reading, prepared, chosen, metrics, deviations + changed,
            title=_title(manifest, reading, prepared, chosen, weights),
            seeds=list(range(1, count + 1)), minutes=bench.minutes, usd=bench.usd, backend=bench.backend.name,  # type: ignore[arg-type]
            threads=threads, seconds_per_seed=per_seed, weights=weights,
        )  # fmt: skip
        needs = estimate(chosen, prepared, timing)
        if lanes.width > 1:
            bench.run.note(
                f"{lanes.width} seeds train at the same time, one thread each: faster here than one after the other.",
                key=f"lanes:{spec.id}",
            )
        bench.run.note(f"Estimate from {PROBE_STEPS} real steps here: {needs.words()}.", key=f"estimate:{spec.id}")
        bench.save(
            "spec", spec.id, StoredSpec(spec=spec, probe=timing, paper_id=paper_id, flavor=flavor, lanes=lanes.width)
        )
        bench.fact("spec", {"spec_id": spec.id, **json.loads(spec.model_dump_json())})
        bench.artifact("experiment.yaml", spec.to_yaml(), "the experiment, as it will be run")
        return _designed(spec, timing) | {"estimate": needs.words()}


TOLD_ELSEWHERE = ("leakage", "money")
"""Flagged checks that the evidence of each seed, or the request to rent, tells."""


class Preflight(RoomTool):
    name = "preflight"
    description = "Checks that must pass before training starts; a failed one says what to do."
    inputs = {"spec_id": {"type": "string", "description": "from design_experiment"}}

    def forward(self, spec_id: str) -> dict[str, Any]:
        stored = self.bench.load_spec(spec_id)
        checks = preflight_checks(self.bench, stored)
        passed = all(c.ok for c in checks)
        for check in checks:
            if check.flagged and check.check not in TOLD_ELSEWHERE:
                said = f"Before training, {check.check}: {check.detail}."
                self.bench.run.note(said, "warning", key=f"flag:{stored.spec.data.id}:{check.check}")
        if passed:
            require_agreement(self.bench, stored)
        # A person may have edited the experiment: its own id and seeds count from here on.
        return {"passed": passed, "spec_id": stored.spec.id, "seeds": stored.spec.seeds,
                "checks": [c.model_dump() for c in checks]}  # fmt: skip


class RunSeed(RoomTool):
    name = "run_seed"
    description = "Train one seed as a job and have the harness score its predictions on the sealed test labels."
    inputs = {
        "spec_id": {"type": "string", "description": "from design_experiment"},
        "seed": {"type": "integer", "description": "one of the spec's seeds"},
    }

    def forward(self, spec_id: str, seed: int) -> dict[str, Any]:
        stored = self.bench.load_spec(spec_id)
        spec = stored.spec
        require_test_part_free(self.bench, spec, seed)
        before = {run.seed for run in self.bench.seed_runs(spec)} | {seed}
        told = tell_seed(self.bench, spec, train_seed(self.bench, stored, seed, f"{spec.program} on {spec.data.id}"))
        others = [run for run in self.bench.seed_runs(spec) if run.seed not in before]
        for other in others:  # they were trained at the same time
            tell_seed(self.bench, spec, other)
        return told | ({"also_measured": [run.seed for run in others]} if others else {})


class CompareWithPaper(RoomTool):
    name = "compare_with_paper"
    description = "Mean and spread over the measured seeds, beside the paper's claims: comparable, or not and why."
    inputs = {"spec_id": {"type": "string", "description": "from design_experiment"}}

    def forward(self, spec_id: str) -> dict[str, Any]:
        bench = self.bench
        stored = bench.load_spec(spec_id)
        runs = bench.seed_runs(stored.spec)
        if not runs:
            raise ToolError("No seed was measured yet: call run_seed first.")
        summary = summarise(stored.spec, runs)
        rows = compare(stored.spec, summary, bench.load_paper(stored.paper_id))
        simple = baselines_of(bench, stored.spec)
        bench.fact("summary", summary.model_dump(mode="json"))
        bench.fact("baselines", simple.model_dump(mode="json"))
        bench.fact("comparison", [r.model_dump(mode="json") for r in rows])
        text = json.dumps([r.model_dump(mode="json") for r in rows], indent=1, ensure_ascii=False)
        bench.artifact("comparison.json", text, "the paper's claims beside our numbers")
        bench.artifact("results.md", results_table(stored.spec, summary, runs, rows), "what was measured, in one table")
        shown = [{"claim": f"{r.claim.model} on {r.claim.dataset}: {r.claim.metric} {r.claim.value}",
                  "ours": r.ours, "comparable": r.comparable, "why": r.why} for r in rows[:6]]  # fmt: skip
        return {
            "summary": summary.model_dump(mode="json"),
            "others": summary.others,
            "baselines": simple.values,
            "baselines_note": simple.note,
            "cut_short": [f"{d.what} {d.ours} ({d.reason})" for d in cut_short(stored.spec, runs)],
            "rows": shown,
            "rows_in_all": len(rows),
        }


def _describe(candidate: Candidate, reading: Reading | None) -> dict[str, Any]:
    used = matching_dataset(reading, candidate.name) if reading is not None else None
    return {
        "data_id": candidate.data_id,
        "name": candidate.name,
        "source": candidate.source,
        "used_by_paper": used is not None,
        "has_test_part": candidate.has_test_file or candidate.source == "generated",
        "bytes": sum(f.stat().st_size for files in candidate.files.values() for f in files),
    }


def _title(
    manifest: ProgramManifest, reading: Reading | None, prepared: PreparedData, chosen: list[Hyperparameter],
    weights: WeightsRef | None,
) -> str:  # fmt: skip
    """What the experiment is called: a paper's, or the program's, or the weights' that are tuned."""
    data = prepared.ref.description.split(":")[0]
    if weights is None or reading is not None:
        return f"{reading.title if reading else manifest.title} on {data}"
    if any(h.name == "start" and h.value == "random" for h in chosen):
        return f"The network of {weights.name}, from scratch, on {data}"
    return f"{weights.name}, {'tuned with LoRA' if manifest.variant == 'LoRA' else 'fine-tuned'} on {data}"


def _with_weights(deviations: list[Deviation], reading: Reading | None, weights: WeightsRef | None) -> list[Deviation]:
    """With the weights in them: nobody here can tell whether given ones are those of the paper."""
    if reading is None or weights is None:
        return deviations
    stated = next((h for h in reading.setup.hyperparameters if h.name == "base_model"), None)
    paper = f"{stated.value} (p. {stated.page})" if stated is not None else "not stated"
    ours = Deviation(what="pretrained weights", paper=paper, ours=weights.name, reason="those that were given")
    return [d for d in deviations if d.what != "base_model"] + [ours]


def _designed(spec: ExperimentSpec, timing: Probe) -> dict[str, Any]:
    return {
        "spec_id": spec.id,
        "seeds": spec.seeds,
        "seconds_per_seed": spec.seconds_per_seed,
        "hyperparameters": {h.name: h.value for h in spec.hyperparameters},
        "assumed": [h.name for h in spec.hyperparameters if h.origin == "assumed"],
        "deviations": [f"{d.what}: {d.paper} -> {d.ours} ({d.reason})"[:200] for d in spec.deviations],
        **(
            {"tuned_from": spec.tuned_from, "weights_licence": spec.weights.licence}
            if spec.weights is not None and spec.tuned_from
            else {}
        ),
        "milliseconds_per_step": round(timing.seconds_per_step * 1000, 1),
        "parameters": timing.parameters,
    }
