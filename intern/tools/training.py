"""What run_seed and run_script share: train a seed, measure it, and tell the log what came of it."""

from __future__ import annotations

from typing import Any

from intern.compute.base import Backend, JobSpec
from intern.compute.local import LocalBackend, usable_threads
from intern.experiments.attempts import Attempts
from intern.experiments.baselines import LEARNED_NAME, LEAST_ROWS, Baselines, add_baseline, compute_baselines
from intern.experiments.compare import cut_short
from intern.experiments.data import PreparedData, sealed_labels
from intern.experiments.design import Probe
from intern.experiments.environment import lock_file
from intern.experiments.evidence import Looks, NoEvidenceError, SeedRun
from intern.experiments.programs import SCRIPT
from intern.experiments.run import ProgramFailedError, job_of, run_seed, stage, weights_folder
from intern.experiments.spec import ExperimentSpec, ProgramInput, WeightsRef
from intern.experiments.weights import given
from intern.runs.events import Fact
from intern.runs.turns import standing
from intern.sandbox import hostfiles
from intern.tools.given import open_labels
from intern.tools.launch import require_launch, rounds_left
from intern.tools.rented import rented, start_the_others, terms_for
from intern.tools.side_by_side import train_together
from intern.tools.workbench import StoredSpec, ToolError, Workbench

UNTUNED = "the weights as they are, not tuned"
UNTUNED_PROGRAM = "language_model_tuning"
UNTUNED_SECONDS = 600.0
UNTUNED_MARGIN = 1.2
LEARNED_USUALLY = 5.0
"""Seconds that a learned baseline takes beside its start-up, on most data."""
LEAST_SECONDS_FOR_LEARNED = 60.0
"""With less left than this, the learned baseline is left out: the time belongs to the experiment."""


def train_seed(
    bench: Workbench,
    stored: StoredSpec,
    seed: int,
    name: str,
    notes: tuple[str, ...] = (),
    *,
    trial: bool = False,
    agreed: bool = False,
) -> SeedRun:
    """The measured seed, trained now if it is not there yet. `name`: under which repairs are counted.

    `trial`: an attempt on a selection part, which no baseline stands beside; `agreed`: the person agreed before.

    Raises ToolError, FrozenError, ProgramFailedError, NoEvidenceError.
    """
    spec = stored.spec
    if seed not in spec.seeds:
        raise ToolError(f"Seed {seed} is not planned; the spec has {spec.seeds}.")
    done = {run.seed: run for run in bench.seed_runs(spec)}
    if seed not in done:
        attempts = attempts_of(bench, name)
        attempts.require(spec.program)
        require_launch(bench, stored, agreed=agreed or trial)
        backend, terms = rented(bench), None
        if backend is not None:
            terms = terms_for(bench, backend, stored, seed)
            start_the_others(bench, backend, stored, seed)
        baselines = {} if trial else baselines_of(bench, spec).values
        seen = spec.program.startswith(SCRIPT) and bool(open_labels(bench, spec.data))
        seconds = None if trial else seconds_now(bench, stored)
        looks = Looks(task=spec.task, baselines=baselines, notes=notes, labels_open=seen)

        def train(one: int) -> SeedRun:
            return run_seed(bench.run, bench.backend, spec, one, bench.data_folder(spec.data.id), looks, terms, seconds)

        def keep(other: SeedRun) -> None:
            bench.save("seed_run", f"{spec.id}-seed{other.seed}", _with_twins(bench, spec, other))

        at_once = [seed] if trial else [seed, *(s for s in spec.seeds if s != seed and s not in done)]
        try:
            if stored.side_by_side > 1 and len(at_once) > 1:
                measured = train_together(at_once, stored.side_by_side, train, keep)
            else:
                measured = train(seed)
        except (ProgramFailedError, NoEvidenceError) as error:
            attempts.tried(spec.program, str(error))
            bench.save("attempts", name, attempts)
            raise
        measured = _with_twins(bench, spec, measured)
        bench.save("attempts", name, attempts.model_copy(update={"measured": spec.program}))
        bench.save("seed_run", f"{spec.id}-seed{seed}", measured)
        if backend is not None:
            backend.tidy(job_of(bench.run, spec, seed, terms))
        done[seed] = measured
    return done[seed]


def seconds_now(bench: Workbench, stored: StoredSpec) -> float:
    """The time limit of the next seed: as planned, or its share of what is left where others took longer than planned.

    A seed that is cut short has a number that says so; a run that is stopped hard at its limit may have none.
    """
    planned = stored.spec.seconds_per_seed
    if rented(bench) is not None:
        return planned
    return round(max(1.0, min(planned, bench.seconds_left / rounds_left(bench, stored))), 1)


def _with_twins(bench: Workbench, spec: ExperimentSpec, measured: SeedRun) -> SeedRun:
    """Say it when another measurement of this run has the very same predictions: rows of a table that are one row."""
    if measured.evidence is None:
        return measured
    flags = list(measured.evidence.flags)
    for path in sorted((bench.run.folder / "state" / "seed_run").glob("*.json")):
        other = SeedRun.model_validate_json(path.read_text(encoding="utf-8"))
        if other.evidence is None or other.evidence.predictions_sha256 != measured.evidence.predictions_sha256:
            continue
        if other.evidence.spec_hash == spec.spec_hash:
            flags.append(
                f"The predictions are byte for byte those of seed {other.seed}: the seed had no effect, so the spread over "
                "seeds says nothing."
            )
        else:
            title = bench.load_spec(other.evidence.spec_hash[:12]).spec.title
            flags.append(f"The predictions are byte for byte those of “{title}”: the change had no effect.")
        break
    return measured.model_copy(update={"evidence": measured.evidence.model_copy(update={"flags": flags})})


def attempts_of(bench: Workbench, name: str) -> Attempts:
    """What was tried under this name so far."""
    try:
        return bench.load("attempts", name, Attempts)
    except ToolError:
        return Attempts(name=name)


def baselines_of(bench: Workbench, spec: ExperimentSpec) -> Baselines:
    """Simple methods on this data's sealed rows: computed once a run, then read."""
    key = f"{spec.data.id}-{'-'.join(m.name for m in spec.metrics)}"
    if spec.weights is not None:
        key += f"-{spec.weights.fingerprint[:16]}-{spec.value('max_seq_len') or ''}"
    try:
        return bench.load("baselines", key, Baselines)
    except ToolError:
        pass
    backend: Backend | None = None
    if bench.seconds_left > LEAST_SECONDS_FOR_LEARNED:
        backend = LocalBackend(bench.settings.jobs)
    found = compute_baselines(
        spec.task, bench.data_folder(spec.data.id), sealed_labels(bench.run.sealed, spec.data.id),
        [m.name for m in spec.metrics], backend=backend, folder=bench.run.jobs / f"baseline-{spec.data.id}",
        threads=min(spec.threads, usable_threads()), check=bench.run.check,
    )  # fmt: skip
    if backend is not None and spec.task == "text-generation" and spec.weights is not None:
        _add_untuned(bench, backend, spec, spec.weights, found)
    bench.save("baselines", key, found)
    return found


def _add_untuned(bench: Workbench, backend: Backend, spec: ExperimentSpec, ref: WeightsRef, found: Baselines) -> None:
    """What the weights themselves say, before any tuning: the bar for a tuned language model."""
    # It looks as far back as the tuned one: these weights may never have seen a longer text.
    length = spec.value("max_seq_len")
    folder = bench.run.jobs / f"untuned-{spec.data.id}-{ref.fingerprint[:8]}-{length or 'usual'}"
    asked = ProgramInput(
        task=spec.task, seed=1, threads=min(spec.threads, usable_threads()),
        hyperparameters={"steps": 0} | ({"max_seq_len": length} if length is not None else {}),
        seconds=UNTUNED_SECONDS, weights=given(ref),
    )  # fmt: skip
    job = JobSpec(
        id=folder.name, folder=folder, argv=["program.py"], threads=asked.threads, hard_limit_seconds=UNTUNED_SECONDS,
        weights=weights_folder(bench.run, ref),
    )  # fmt: skip
    stage(folder, bench.data_folder(spec.data.id), UNTUNED_PROGRAM, asked, weights=job.weights)
    labels = sealed_labels(bench.run.sealed, spec.data.id)
    add_baseline(found, UNTUNED, backend, job, labels, spec, bench.run.check)


def baseline_seconds(bench: Workbench, prepared: PreparedData, timing: Probe, weights: WeightsRef | None) -> float:
    """What the methods that stand beside a result will take of a run's time: the weights as they are, or a learned one."""
    if prepared.task == "text-generation":
        untuned = timing.seconds_per_prediction * prepared.ref.splits["test"] * UNTUNED_MARGIN
        return timing.startup_seconds + untuned if weights is not None else 0.0
    time_for_it = bench.seconds_left > LEAST_SECONDS_FOR_LEARNED
    learned = time_for_it and prepared.task in LEARNED_NAME and prepared.ref.splits["train"] >= LEAST_ROWS
    return timing.startup_seconds + LEARNED_USUALLY if learned else 0.0


def tell_seed(bench: Workbench, spec: ExperimentSpec, measured: SeedRun, place: str = "") -> dict[str, Any]:
    """Put a measured seed into the log and among the files; returns what a brain is told. `place`: a folder of files."""
    seed, evidence = measured.seed, measured.evidence
    # After a restart the record may be there while its fact is not; and a seed that trained beside another was told then.
    value, key = measured.model_dump(mode="json"), f"{spec.id}-seed{seed}"
    if not _is_told(bench, key, value):
        bench.fact("seed_run", value, key=key)
    bench.artifact(f"{place}evidence/seed-{seed}.json", measured.model_dump_json(indent=1), f"evidence of seed {seed}")
    predictions = bench.run.jobs / f"{spec.id}-seed{seed}" / "predictions.jsonl"
    text = hostfiles.read_file(predictions.parent, predictions.name).decode("utf-8")
    bench.artifact(f"{place}predictions/seed-{seed}.jsonl", text, "test predictions")
    bench.artifact("environment.lock", lock_file(), "packages of this machine, as pip reads them")
    early = evidence.stopped_early_at if evidence else None
    if early is not None:
        _tell_cut_short(bench, spec)
        bench.run.note(f"Seed {seed} stopped early at step {early}, at its time limit.", "warning", key=f"early:{seed}")
    flags = evidence.flags if evidence else []
    for number, flag in enumerate(flags):
        bench.run.note(f"Seed {seed}: {flag}", "warning", key=f"flag:{spec.id}:{seed}:{number}")
    return {
        "seed": seed,
        "metrics": measured.metrics,
        "intervals": {name: list(i) for name, i in evidence.intervals.items()} if evidence else {},
        "seconds": measured.seconds,
        "evidence_level": evidence.level if evidence else "reported",
        "exit_status": measured.exit_status,
        "stopped_early_at": early,
        "flags": flags,
    }


def _is_told(bench: Workbench, key: str, value: dict[str, Any]) -> bool:
    """Does the log say this measurement already, since the experiment became the one that the run is about?"""
    told, about = None, None
    for event in standing(bench.run.log.events(bench.run.id, kinds=("fact", "undo"))):
        match event.body:
            case Fact(name="spec", value=dict() as spec) if spec.get("spec_id") != about:
                told, about = None, spec.get("spec_id")  # from here on, what was measured before is another's
            case Fact(name="seed_run", key=known, value=said) if known == key:
                told = said
            case _:
                pass
    return told == value


def _tell_cut_short(bench: Workbench, spec: ExperimentSpec) -> None:
    """A seed that was cut short is a deviation of the experiment from here on."""
    told = spec.model_copy(update={"deviations": spec.deviations + cut_short(spec, bench.seed_runs(spec))})
    bench.fact("spec", {"spec_id": spec.id, **told.model_dump(mode="json")})
