"""The door to training: every check passes, a person has agreed where one must, and what was edited is what starts."""

from __future__ import annotations

import json
import math
import shutil

from intern.compute.base import ComputeError
from intern.compute.hf_records import RENTED, submitted
from intern.compute.local import LocalBackend
from intern.compute.pins import header_requirements
from intern.experiments.editing import edit_spec
from intern.experiments.journal import Journal
from intern.experiments.preflight import Check, Situation, preflight
from intern.experiments.programs import load_manifests, program_files
from intern.experiments.run import edited_programs, weights_folder
from intern.experiments.spec import ExperimentSpec
from intern.runs.approvals import Approval
from intern.runs.events import Fact
from intern.runs.report import pending_approvals
from intern.runs.workspace import Run, RunParked
from intern.settings import Settings
from intern.tools.rented import CARD, price_at_worst, remaining, rented
from intern.tools.workbench import Replaced, StoredSpec, ToolError, Workbench

NOT_STARTED = "Not started"
"""How the refusal begins that a person's no leads to."""


def preflight_checks(bench: Workbench, stored: StoredSpec) -> list[Check]:
    """The checks for the seeds of this spec that are still to be trained."""
    spec = stored.spec
    return preflight(
        Situation(
            spec=spec, manifest=load_manifests().get(spec.program), probe=stored.probe,
            data=bench.data_folder(spec.data.id), sealed=bench.run.sealed,
            weights=weights_folder(bench.run, spec.weights) if spec.weights is not None else None,
            memory_mb=stored.flavor.memory_gb * 1024 if stored.flavor else bench.settings.jobs.memory_mb,
            free_disk_mb=shutil.disk_usage(bench.run.folder).free / 2**20,
            seconds_left=bench.seconds_left, seeds_left=rounds_left(bench, stored),
            usd_left=remaining(bench), price_usd=price_at_worst(bench, stored),
            publishing=bench.publish != "never", destination=bench.settings.published,
        )
    )  # fmt: skip


def rounds_left(bench: Workbench, stored: StoredSpec) -> int:
    """How many trainings follow each other: rented machines work side by side once the first seed is measured."""
    spec = stored.spec
    left = len(spec.seeds) - len(bench.seed_runs(spec))
    if rented(bench) is None:
        return math.ceil(left / stored.side_by_side)
    return min(left, 2 if left == len(spec.seeds) else 1)


def require_launch(bench: Workbench, stored: StoredSpec, *, agreed: bool = False) -> None:
    """Raises ToolError when a check fails or a person said no, RunParked while one has to decide.

    `agreed`: a person has agreed to what this is a part of.
    """
    if failed := [c.detail for c in preflight_checks(bench, stored) if not c.ok]:
        raise ToolError(f"Pre-flight failed, so nothing was started: {'; '.join(failed)}")
    if not agreed:
        require_agreement(bench, stored)


def require_test_part_free(bench: Workbench, spec: ExperimentSpec, seed: int) -> None:
    """Raises ToolError while an improvement keeps this data's test part for its end; what is measured already may be told.

    A baseline that gave no number opens nothing: there is no choice that a look at the test part could sway.
    """
    if any(run.seed == seed for run in bench.seed_runs(spec)):
        return
    for path in sorted((bench.run.folder / "state" / "improve").glob("*.json")):
        journal = Journal.model_validate_json(path.read_text(encoding="utf-8"))
        if journal.floor is None or journal.final is not None:
            continue
        kept = bench.load_data(journal.data_id).ref
        if spec.data.id == kept.id or spec.data.fingerprint == kept.fingerprint:
            raise ToolError(
                f"The improvement {journal.id} is open, so the test part of {kept.id} stays unmeasured: use try_change, or "
                "call finish_improving first."
            )


def require_agreement(bench: Workbench, stored: StoredSpec) -> None:
    """Raises ToolError when a person said no to this experiment, RunParked while nobody has decided."""
    if not bench.review or bench.seed_runs(stored.spec) or rented(bench) is not None:
        return  # rented machines have a request of their own, for exactly what they will do
    asked = ask_to_start(bench.run, stored.spec)
    if asked.decision is None and bench.approve_within_budget:
        asked = bench.run.approvals.decide(bench.run.id, asked.id, "approved", by="--yes, within the budget")
    if asked.decision is None:
        raise RunParked(asked.id)
    if asked.decision != "approved":
        said = f" You said: “{asked.feedback}”." if asked.feedback else ""
        raise ToolError(f"{NOT_STARTED}: the person did not agree to this experiment.{said}")


def ask_to_start(run: Run, spec: ExperimentSpec) -> Approval:
    """The request for exactly this experiment; an edited one is another request."""
    seeds = f"{len(spec.seeds)} seed{'s' if len(spec.seeds) != 1 else ''}"
    return run.approvals.request(
        run.id, "job", spec.spec_hash, title=f"Start “{spec.title}”?",
        summary=f"{seeds}, {spec.seconds_per_seed:.0f} s each at most, on {spec.backend}. It can be edited before.",
        artifact="experiment.yaml",
    )  # fmt: skip


# -- editing -----------------------------------------------------------------------------------------------


def waiting_spec(run: Run, settings: Settings) -> StoredSpec:
    """The newest spec of a run that has not been measured. Raises ToolError when there is none to edit."""
    bench = _desk(run, settings)
    facts = [e.body for e in run.log.events(run.id, kinds=("fact",))]
    told = [f.value for f in facts if isinstance(f, Fact) and f.name == "spec" and isinstance(f.value, dict)]
    if not told or not isinstance(spec_id := told[-1].get("spec_id"), str):
        raise ToolError("This run has no experiment that can be edited yet.")
    stored = bench.load_spec(spec_id)
    if bench.seed_runs(stored.spec):
        raise ToolError("This experiment has been measured, so it is frozen. Start another run for a change.")
    if stored.spec.program not in load_manifests():
        raise ToolError("This experiment is a script of the brain's own: tell the brain what to change.")
    return stored


def replace_spec(run: Run, settings: Settings, text: str) -> ExperimentSpec:
    """Put the person's YAML in the place of the waiting spec; it has to pass pre-flight and a decision of its own.

    Raises ToolError, or SpecError with everything that is wrong and where.
    """
    bench, stored = _desk(run, settings), waiting_spec(run, settings)
    _refuse_at_work(run, stored.spec)
    spec = edit_spec(stored.spec, text, load_manifests()[stored.spec.program])
    if spec == stored.spec:
        return spec
    bench.save("spec", spec.id, stored.model_copy(update={"spec": spec}))
    # A change that is taken back would lead round in a circle.
    bench.drop("replaced", spec.id)
    bench.save("replaced", stored.spec.id, Replaced(by=spec.id))
    tell_spec(bench, spec)
    for asked in run.approvals.pending(run.id):
        if asked.subject == stored.spec.spec_hash:
            run.approvals.withdraw(run.id, asked.id, by="your edit")
            ask_to_start(run, spec)
    withdraw_rented(run)
    return spec


def _refuse_at_work(run: Run, spec: ExperimentSpec) -> None:
    """What a rented job makes belongs to the program and settings that it was started with. Raises ToolError."""
    jobs = submitted(run.folder / RENTED)
    if any(not job.ended and name.rpartition("-seed")[0] == spec.id for name, job in jobs.items()):
        raise ToolError(
            "A rented job of this experiment was started as it is: resume the run, so that it is fetched first."
        )


def withdraw_rented(run: Run) -> None:
    """What was asked about a rented machine is no longer what would be started; it is asked anew when the run goes on."""
    cards = pending_approvals(run.log.events(run.id, kinds=("approval", "decision")))
    for asked in cards:
        if asked.artifact == CARD:
            run.approvals.withdraw(run.id, asked.approval_id, by="your edit")


def replace_program(run: Run, settings: Settings, text: str) -> None:
    """Put the person's own version of the waiting experiment's program in its place, for this run only.

    It then needs a decision of its own. Raises ToolError for what is no program.
    """
    stored = waiting_spec(run, settings)
    _refuse_at_work(run, stored.spec)
    try:
        compile(text, "program.py", "exec")
        header_requirements(text)
    except (SyntaxError, ValueError, ComputeError) as error:
        raise ToolError(f"The edited program cannot run: {error}") from error
    place = edited_programs(run) / program_files(stored.spec.program, edited_programs(run))[0].name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    counted = "" if stored.spec.backend == "local" else ": its results count as rescored, not sealed"
    run.note(f"The training program was edited by you{counted}.", "warning")
    withdraw_rented(run)


def tell_spec(bench: Workbench, spec: ExperimentSpec) -> None:
    """Put the experiment into the log and among the files."""
    bench.run.emit(Fact(name="spec", value={"spec_id": spec.id, **json.loads(spec.model_dump_json())}))
    bench.artifact("experiment.yaml", spec.to_yaml(), "the experiment, as it will be run")


def _desk(run: Run, settings: Settings) -> Workbench:
    """A workbench for looking at records; nothing is run on it."""
    return Workbench(
        run=run, settings=settings, backend=LocalBackend(settings.jobs), online=False, minutes=0, usd=0,
        publish="never", approve_within_budget=False,
    )  # fmt: skip
