"""Run one seed: stage the folder, hand it to a backend, tell the log what happens, and measure what came out."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from intern.compute.base import Backend, JobResult, JobSpec, ProgramMetric, RemoteTerms
from intern.experiments.bundled import FRIEDMAN
from intern.experiments.data import sealed_labels
from intern.experiments.design import Probe
from intern.experiments.doubts import mark_unread, unread
from intern.experiments.environment import of_another
from intern.experiments.evidence import Looks, NoEvidenceError, SeedRun, measure
from intern.experiments.leakage import shared_rows
from intern.experiments.listeners import LastMetrics, LogListener
from intern.experiments.programs import load_manifests, program_files, program_hash
from intern.experiments.spec import EvidenceLevel, ExperimentSpec, ProgramInput, WeightsRef
from intern.experiments.tracking import FOLDER, Tracker
from intern.experiments.weights import WeightsError, fingerprint, given
from intern.redact import redact
from intern.runs.events import Job
from intern.runs.workspace import Run
from intern.sandbox import hostfiles
from intern.sandbox.pool import findings

PROBE_STEPS = 8
WEIGHTS = "weights"
"""The name of the folder of weights, in a run's folder and, as a link, in a job's."""
PROBE_LIMIT_SECONDS = 120.0
TUNING_PROBE_LIMIT_SECONDS = 300.0
"""Pretrained weights may be large: reading them takes its time."""
HARD_LIMIT_EXTRA_SECONDS = 30.0
KILLED = (
    "The training of seed {seed} was killed from outside (signal {signal}; a machine that runs out of memory does this too). "
    "It goes on from its last checkpoint, once."
)
MOST_METRIC_BYTES = 64 * 1024 * 1024
LAST_WORDS_BYTES = 64 * 1024


class ProgramFailedError(RuntimeError):
    """The training program did not end well; the message has its exit status and last words."""


def edited_programs(run: Run) -> Path:
    """Where programs of this run alone lie: a person's own versions, and scripts of the brain."""
    return run.folder / "programs"


def weights_folder(run: Run, ref: WeightsRef) -> Path:
    """Where the run keeps its copy of these weights."""
    return run.folder / WEIGHTS / ref.fingerprint[:16]


def whole_weights(run: Run, ref: WeightsRef | None) -> Path | None:
    """The run's copy of the weights, byte for byte as they were taken. Raises WeightsError."""
    if ref is None:
        return None
    folder = weights_folder(run, ref)
    if not folder.is_dir() or fingerprint(folder) != ref.fingerprint:
        raise WeightsError(f"The run's copy of {ref.id} is not what was taken: bring the weights again.")
    return folder


def stage(
    folder: Path, data: Path, program: str, program_input: ProgramInput, edited: Path | None = None,
    weights: Path | None = None,
) -> None:  # fmt: skip
    """Make a job folder: program, spec.json, data without test labels, and a link to `weights`, which the job may read.

    The checkpoint of this very program is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {"runtime.py" if f.name == "runtime.py" else "program.py": f for f in program_files(program, edited)}
    if not all(_is_copy(folder, name, file) for name, file in files.items()):
        # Another program was at work here: its checkpoint, model and metrics are not this one's. The log goes on, since
        # its lines are known by their places in it.
        for left in sorted(path.name for path in folder.iterdir() if path.name != "log.txt"):
            hostfiles.remove(folder, left)
    # A program may have run here: what it left in these places may be links, and nothing is written through those. A
    # result must come from this run of the program, never from what lay there.
    for name in ("runtime.py", "program.py", "spec.json", "data", "predictions.jsonl", WEIGHTS):
        hostfiles.remove(folder, name)
    for name, file in files.items():
        shutil.copyfile(file, folder / name)
    (folder / "spec.json").write_text(program_input.model_dump_json(indent=1, exclude_none=True), encoding="utf-8")
    shutil.copytree(data, folder / "data")
    mark_unread(folder / "data")
    if weights is not None:
        (folder / WEIGHTS).symlink_to(weights.resolve(), target_is_directory=True)


def _is_copy(folder: Path, name: str, file: Path) -> bool:
    """Does what stands at `name` hold what `file` holds? What cannot be read is something else."""
    try:
        return hostfiles.read_file(folder, name) == file.read_bytes()
    except OSError:
        return False


def probe(
    run: Run, backend: Backend, data: Path, program_input: ProgramInput, program: str, ref: WeightsRef | None = None
) -> Probe:
    """A smoke run of a few steps on the real data: does it work, and how fast is it here?

    Raises ProgramFailedError, WeightsError.
    """
    weights = whole_weights(run, ref)
    folder = run.jobs / f"probe-{run.step}"
    shutil.rmtree(folder, ignore_errors=True)
    limit = PROBE_LIMIT_SECONDS if weights is None else TUNING_PROBE_LIMIT_SECONDS
    asked = program_input.model_copy(update={"probe_steps": PROBE_STEPS, "seconds": limit})
    stage(folder, data, program, asked, weights=weights)
    seen = LastMetrics({})
    job = JobSpec(
        id=folder.name,
        folder=folder,
        argv=["program.py"],
        threads=asked.threads,
        hard_limit_seconds=limit,
        weights=weights,
    )
    result = backend.run(job, seen, run.check)
    if result.timed_out:
        raise ProgramFailedError(
            f"{PROBE_STEPS} steps of {program} took more than {limit:.0f} s here, so nothing was planned: make the model or "
            "batch smaller, or start again when this machine is less busy."
        )
    if result.exit_status != 0:
        raise ProgramFailedError(_last_words(folder, result))
    try:
        found = Probe.model_validate({**seen.values, **_whole(seen.values), "predictions": _predicted(folder)})
    except ValueError as error:
        raise ProgramFailedError(f"The smoke run of {program} did not report its timings.") from error
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _whole(seen: dict[str, float]) -> dict[str, int]:
    """Metrics are floats; these are counts."""
    return {name: int(seen.get(name, 0)) for name in ("parameters", "trainable_parameters")}


def stage_seed(
    run: Run, spec: ExperimentSpec, seed: int, data: Path, terms: RemoteTerms | None = None,
    seconds: float | None = None,
) -> JobSpec:  # fmt: skip
    """The job of one seed, its folder ready to run. `seconds`: its own limit, where less than was planned is left.

    Raises WeightsError.
    """
    weights = whole_weights(run, spec.weights)
    job_id = f"{spec.id}-seed{seed}"
    program_input = ProgramInput(
        task=spec.task,
        seed=seed,
        threads=spec.threads,
        hyperparameters={h.name: h.value for h in spec.hyperparameters},
        seconds=spec.seconds_per_seed if seconds is None else seconds,
        weights=None if spec.weights is None else given(spec.weights),
    )
    stage(run.jobs / job_id, data, spec.program, program_input, edited_programs(run), weights)
    return job_of(run, spec, seed, terms)


def job_of(run: Run, spec: ExperimentSpec, seed: int, terms: RemoteTerms | None = None) -> JobSpec:
    """The job of one seed; nothing is written."""
    job_id = f"{spec.id}-seed{seed}"
    return JobSpec(
        id=job_id, folder=run.jobs / job_id, argv=["program.py"], threads=spec.threads, terms=terms,
        hard_limit_seconds=spec.seconds_per_seed * 1.5 + HARD_LIMIT_EXTRA_SECONDS,
        weights=None if spec.weights is None else weights_folder(run, spec.weights),
    )  # fmt: skip


def run_seed(
    run: Run,
    backend: Backend,
    spec: ExperimentSpec,
    seed: int,
    data: Path,
    looks: Looks | None = None,
    terms: RemoteTerms | None = None,
    seconds: float | None = None,
) -> SeedRun:
    """Train one seed and measure it. Continues from a checkpoint, or with the rented job that is already at work.

    Raises ProgramFailedError, NoEvidenceError or WeightsError (in all cases nothing counts).
    """
    job = stage_seed(run, spec, seed, data, terms, seconds)
    made_by = _edited_by(run, spec)

    def say(phase: str, **more: object) -> None:
        steps = spec.value("steps")
        body = Job(job_id=job.id, spec_id=spec.id, seed=seed, backend=backend.name, phase=phase,  # type: ignore[arg-type]
                   total_steps=int(steps) if isinstance(steps, int) else None, **more)  # type: ignore[arg-type]  # fmt: skip
        again = terms.attempt if terms is not None else 1
        run.emit(body, key=None if phase in ("resumed", "waiting") else f"job:{job.id}{made_by}:{phase}:{again}")

    say("submitted")
    with tracker_of(run, spec, seed) as tracker:
        listener = LogListener(run, job.id, seed, say, tracker, made_by)
        result = backend.run(job, listener, run.check)
        if backend.name == "local" and result.killed_from_outside:
            run.note(KILLED.format(seed=seed, signal=-result.exit_status), "warning")
            result = result.and_then(
                backend.run(stage_seed(run, spec, seed, data, terms, seconds), listener, run.check)
            )
        try:
            measured = _measured(run, backend, spec, seed, data, result, looks or Looks())
        except (ProgramFailedError, NoEvidenceError) as error:
            say("failed", exit_status=result.exit_status, seconds=result.seconds, reason=str(error))
            tracker.alert(str(error), "error")
            raise
        say("finished", exit_status=0, seconds=result.seconds)
        tracker.result(measured.metrics)
        for flag in measured.evidence.flags if measured.evidence else []:
            tracker.alert(flag)
    return measured


def _edited_by(run: Run, spec: ExperimentSpec) -> str:
    """ "" for a program of ours, else what tells this version of it from another."""
    own = program_hash(spec.program, edited_programs(run))
    return "" if spec.program in load_manifests() and program_hash(spec.program) == own else f"@{own[:12]}"


def tracker_of(run: Run, spec: ExperimentSpec, seed: int) -> Tracker:
    """Where Trackio hears of this seed: the run is its project."""
    config = {h.name: h.value for h in spec.hyperparameters}
    config |= {"weights": spec.tuned_from} if spec.weights else {}
    config |= {"seed": seed, "program": spec.program, "data": spec.data.id, "fingerprint": spec.data.fingerprint[:16]}
    return Tracker(run.folder / FOLDER, run.id, f"{spec.id}-seed{seed}", spec.id, config)


def _measured(
    run: Run, backend: Backend, spec: ExperimentSpec, seed: int, data: Path, result: JobResult, looks: Looks
) -> SeedRun:
    """Score what the job left. Raises ProgramFailedError or NoEvidenceError."""
    folder = run.jobs / f"{spec.id}-seed{seed}"
    if result.timed_out:
        raise ProgramFailedError(result.reason or f"The job was ended after {result.seconds:.0f} s, its hard limit.")
    if result.exit_status != 0:
        raise ProgramFailedError(_last_words(folder, result))
    if backend.name == "local":
        _require_reading(folder)
    level, why = _level(run, spec, data, backend)
    return measure(
        folder,
        sealed_labels(run.sealed, spec.data.id),
        [m.name for m in sorted(spec.metrics, key=lambda m: m != spec.primary_metric)],
        level=level,
        spec_hash=spec.spec_hash,
        program_hash=program_hash(spec.program, edited_programs(run)),
        data_fingerprint=spec.data.fingerprint,
        seed=seed,
        backend=backend.name,
        exit_status=result.exit_status,
        seconds=result.seconds,
        stopped_early_at=_stopped_early(folder),
        cpu_seconds=result.cpu_seconds,
        looks=_with_weights(
            run, spec, replace(looks, task=spec.task, leak=shared_rows(data), notes=(*looks.notes, *why))
        ),
        ran_on=None if result.environment is None else of_another(result.environment),
    )


def _with_weights(run: Run, spec: ExperimentSpec, looks: Looks) -> Looks:
    """With what is known of pretrained weights: those of this experiment, and others of the run that it must not have."""
    at_hand = run.folder / WEIGHTS
    if spec.weights is None:
        return replace(looks, weights_at_hand=(at_hand,))
    folder = weights_folder(run, spec.weights)
    return replace(
        looks, tuned_from=spec.tuned_from, weights_fingerprint=spec.weights.fingerprint,
        started_from=folder if spec.tuned_from else None,
        weights_at_hand=tuple(p for p in sorted(at_hand.iterdir()) if p != folder or not spec.tuned_from),
    )  # fmt: skip


def _predicted(folder: Path) -> int:
    """Lines of predictions.jsonl; 0 when there is none that can be read."""
    try:
        return len(hostfiles.read_file(folder, "predictions.jsonl", MOST_METRIC_BYTES).splitlines())
    except OSError:
        return 0


def _require_reading(folder: Path) -> None:
    """Numbers rest on the data only when the program looked at it. Raises NoEvidenceError."""
    never = unread(folder / "data")
    for name, what in (("train.jsonl", "learned from it"), ("test.jsonl", "predicted its rows")):
        if name in never:
            raise NoEvidenceError(
                f"The program never read data/{name}, so it cannot have {what}: made-up data gives no evidence."
            )


def _level(run: Run, spec: ExperimentSpec, data: Path, backend: Backend) -> tuple[EvidenceLevel, tuple[str, ...]]:
    """The level, and in words why it is not more. Sealed only where the labels could not be had.

    Our sandbox has no network and hides the labels. Elsewhere the test rows that are handed over must hold no label, and
    the program must be ours word for word, since it could look for them."""
    ours = spec.program in load_manifests() and program_hash(spec.program) == program_hash(
        spec.program, edited_programs(run)
    )
    if backend.name == "local":
        why = () if ours else _within_reach(spec)
        return ("rescored" if why else "sealed"), why
    trained, tested = (_columns(data / f"{split}.jsonl") for split in ("train", "test"))
    return ("sealed" if ours and trained - tested else "rescored"), ()


def _within_reach(spec: ExperimentSpec) -> tuple[str, ...]:
    """How a program that is not ours could have had the test labels in the sandbox; nothing where it could not."""
    if findings().level != "strong":
        return ("The isolation of this machine is weak: the program could have read the test labels.",)
    if spec.data.source == "bundled" or (spec.data.source == "generated" and spec.data.id.startswith(FRIEDMAN)):
        return ("This data comes with scikit-learn, so the program could have had the test labels from there.",)
    return ()


def _columns(path: Path) -> set[str]:
    """The names that occur in any row."""
    with path.open(encoding="utf-8") as file:
        return {name for line in file if line.strip() for name in json.loads(line)}


def _stopped_early(folder: Path) -> int | None:
    try:
        written = hostfiles.read_file(folder, "metrics.jsonl", MOST_METRIC_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NoEvidenceError(f"metrics.jsonl cannot be counted: {error.strerror or error}.") from error
    for line in written.decode("utf-8", "replace").split("\n"):
        with contextlib.suppress(ValidationError):
            if (metric := ProgramMetric.model_validate_json(line)).name == "stopped_early":
                return metric.step
    return None


def _last_words(folder: Path, result: JobResult) -> str:
    try:
        lines = hostfiles.read_end(folder, "log.txt", LAST_WORDS_BYTES).decode("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    said = redact(" / ".join(line.strip() for line in lines[-3:])[-600:])
    why = f" ({result.reason})" if result.reason else ""
    return f"The program failed with exit status {result.exit_status}{why}. Its last words: {said or 'none'}"
