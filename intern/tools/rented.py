"""Jobs on rented hardware: what would be started and at which price, the person's yes to exactly that, and the terms.

The first seed runs alone. Once it is measured the others start together. A failed job is not tried again without a new
yes: the money that was agreed to is spent.
"""

from __future__ import annotations

import hashlib
import math
import time

from pydantic import BaseModel

from intern.compute.base import ComputeError, RemoteTerms
from intern.compute.flavors import (
    START_SECONDS,
    TIME_MARGIN,
    Flavor,
    choose_flavor,
    listed_hardware,
    live_flavors,
)
from intern.compute.hf_calls import LABEL
from intern.compute.hf_jobs import HfJobsBackend
from intern.compute.pins import pinned
from intern.experiments.programs import program_files, program_hash
from intern.experiments.run import edited_programs, stage_seed
from intern.runs.approvals import Approval
from intern.runs.ledger import Ledger
from intern.runs.workspace import RunParked
from intern.tools.workbench import StoredSpec, ToolError, Workbench

AGREED_FOR_SECONDS = 24 * 3600.0
"""A yes that was not used for so long is asked for again: prices change."""
MEMORY_MARGIN = 1.5
CARD, PROGRAM = "job.md", "program.py"
BAR = "|"


class JobPlan(BaseModel):
    """What a person is asked about: these seeds, once each, on this machine, at most so long. `subject` names it."""

    run_id: str
    spec_hash: str
    program_hash: str
    namespace: str
    """Who is billed."""
    flavor: Flavor
    image: str
    requirements: list[str]
    timeout_seconds: int
    attempts: dict[int, int]
    """Seed -> which attempt at it this is."""

    @property
    def price_each(self) -> float:
        return self.flavor.usd_per_hour * self.timeout_seconds / 3600

    @property
    def price(self) -> float:
        """US dollars at worst: every job takes its whole time limit."""
        return self.price_each * len(self.attempts)

    @property
    def subject(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def terms(self, spec_id: str, seed: int) -> RemoteTerms:
        """The terms of one of the jobs."""
        attempt = self.attempts[seed]
        labels = {
            **LABEL,
            "intern-run": self.run_id,
            "intern-job": f"{spec_id}-seed{seed}",
            "intern-attempt": str(attempt),
            "intern-seed": str(seed),
            "intern-microusd-per-hour": str(round(self.flavor.usd_per_hour * 1e6)),
            "intern-spec": self.spec_hash,
            "intern-program": self.program_hash,
        }
        return RemoteTerms(
            flavor=self.flavor.name, usd_per_hour=self.flavor.usd_per_hour, timeout_seconds=self.timeout_seconds,
            image=self.image, requirements=tuple(self.requirements), labels=labels, attempt=attempt,
        )  # fmt: skip


class Agreed(BaseModel):
    """Terms that a person has agreed to, for one attempt at one seed."""

    terms: RemoteTerms
    since: float


def rented(bench: Workbench) -> HfJobsBackend | None:
    """The backend of this run, if it costs money."""
    return bench.backend if isinstance(bench.backend, HfJobsBackend) else None


def flavor_for(bench: Workbench, memory_mb: float, minutes: float, threads: int) -> Flavor:
    """The machine for an experiment whose smoke run took `memory_mb`; says so when prices are not of today."""
    flavors = live_flavors(bench.account("jobs"))
    chosen = choose_flavor(
        flavors, memory_mb=memory_mb * MEMORY_MARGIN, minutes=minutes, threads=threads, name=bench.flavor
    )
    if not chosen.live:
        listed = listed_hardware().listed
        bench.run.note(
            f"The Hub did not say what its machines cost: prices as listed on {listed}.", "warning", "prices"
        )
    return chosen


def price_at_worst(bench: Workbench, stored: StoredSpec) -> float | None:
    """For pre-flight: what the seeds that are still to be trained can cost; None when that is not known."""
    if bench.backend.name in ("local", "zerogpu"):
        return 0.0
    backend = rented(bench)
    if backend is None or stored.flavor is None:
        return None
    left = len(stored.spec.seeds) - len(bench.seed_runs(stored.spec))
    return stored.flavor.usd_per_hour * _timeout(stored) / 3600 * left


def terms_for(bench: Workbench, backend: HfJobsBackend, stored: StoredSpec, seed: int) -> RemoteTerms:
    """The terms under which this seed may run, with a person's yes. Raises RunParked while nobody has decided, and
    ToolError after a no."""
    job_id = f"{stored.spec.id}-seed{seed}"
    known, agreed = backend.known(job_id), _agreed(bench, job_id)
    if agreed is not None:
        at_work = known is not None and known.attempt == agreed.terms.attempt
        if at_work and known is not None and not known.failed:
            return agreed.terms  # it was started: all that is left is to wait for it
        if not at_work and _still_good(bench, stored, agreed):
            return agreed.terms
    plan = make_plan(bench, backend, stored, seed)
    _require_yes(bench, backend, stored, plan)
    for each in plan.attempts:
        record = Agreed(terms=plan.terms(stored.spec.id, each), since=time.time())
        bench.save("agreed", f"{stored.spec.id}-seed{each}", record)
    return plan.terms(stored.spec.id, seed)


def make_plan(bench: Workbench, backend: HfJobsBackend, stored: StoredSpec, seed: int) -> JobPlan:
    """All seeds that were never tried, or another attempt at this one. Raises ComputeError."""
    if stored.flavor is None:
        raise ComputeError("This experiment was designed for another place: design it again.")
    spec, edited = stored.spec, edited_programs(bench.run)
    measured = {run.seed for run in bench.seed_runs(spec)}
    tried = {s: job.attempt for s in spec.seeds if (job := backend.known(f"{spec.id}-seed{s}")) is not None}
    attempts = (
        {seed: tried[seed] + 1} if seed in tried else {s: 1 for s in spec.seeds if s not in measured | set(tried)}
    )
    program = program_files(spec.program, edited)[0].read_text(encoding="utf-8")
    return JobPlan(
        run_id=bench.run.id,
        spec_hash=spec.spec_hash,
        program_hash=program_hash(spec.program, edited),
        namespace=bench.account("jobs").name,
        flavor=_today(bench, stored.flavor),
        image=listed_hardware().image,
        requirements=pinned(program),
        timeout_seconds=_timeout(stored),
        attempts=attempts,
    )


def start_the_others(bench: Workbench, backend: HfJobsBackend, stored: StoredSpec, seed: int) -> None:
    """Once a seed is measured, start all that were agreed to, so that they train side by side."""
    if not bench.seed_runs(stored.spec):
        return
    measured = {run.seed for run in bench.seed_runs(stored.spec)}
    for other in stored.spec.seeds:
        job_id = f"{stored.spec.id}-seed{other}"
        agreed = _agreed(bench, job_id)
        if other == seed or other in measured or agreed is None or backend.known(job_id) is not None:
            continue
        if _still_good(bench, stored, agreed):
            job = stage_seed(bench.run, stored.spec, other, bench.data_folder(stored.spec.data.id), agreed.terms)
            backend.submit(job, bench.run.check)


def remaining(bench: Workbench) -> float:
    """US dollars of the run's budget that are neither spent nor promised."""
    return max(0.0, bench.usd - Ledger(bench.run.log, bench.run.id).committed())


# -- asking ------------------------------------------------------------------------------------------------


def _require_yes(bench: Workbench, backend: HfJobsBackend, stored: StoredSpec, plan: JobPlan) -> None:
    approvals, left = bench.run.approvals, max(0.0, remaining(bench) - _agreed_beside(bench, backend, plan))
    program = program_files(stored.spec.program, edited_programs(bench.run))[0].read_text(encoding="utf-8")
    bench.artifact(PROGRAM, program, "the training program, as it would run")
    bench.artifact(CARD, card(plan, stored, left, program), "the job, as it would be started")
    asked: Approval = approvals.request(
        bench.run.id, "job", plan.subject, title=f"Rent {plan.flavor.name} for “{stored.spec.title}”?",
        summary=_summary(plan, left), price_usd=round(plan.price, 6), artifact=CARD, program=PROGRAM,
        valid_seconds=AGREED_FOR_SECONDS,
    )  # fmt: skip
    if asked.decision is None and bench.approve_within_budget and plan.price <= left:
        asked = approvals.decide(bench.run.id, asked.id, "approved", by="--yes, within the budget")
    if asked.decision is None:
        raise RunParked(asked.id)
    if asked.decision != "approved":
        said = f" You said: “{asked.feedback}”." if asked.feedback else ""
        raise ToolError(f"No job was started: the request was {asked.decision}.{said}")


def _agreed_beside(bench: Workbench, backend: HfJobsBackend, plan: JobPlan) -> float:
    """US dollars at worst of jobs that may start at any time, since somebody agreed to them, beside those of this plan."""
    total = 0.0
    for path in (bench.run.folder / "state" / "agreed").glob("*.json"):
        agreed = Agreed.model_validate_json(path.read_text(encoding="utf-8"))
        labels, known = agreed.terms.labels, backend.known(agreed.terms.labels["intern-job"])
        begun = known is not None and known.attempt >= agreed.terms.attempt  # its price is held in the ledger
        asked = labels["intern-spec"] == plan.spec_hash and int(labels["intern-seed"]) in plan.attempts
        if not begun and not asked and time.time() - agreed.since < AGREED_FOR_SECONDS:
            total += agreed.terms.price
    return total


def _summary(plan: JobPlan, left: float) -> str:
    minutes = plan.timeout_seconds / 60
    live = "" if plan.flavor.live else " (a listed price, not one of today)"
    return (
        f"{_jobs(plan)} on {plan.flavor.words}{live}, at most {minutes:.0f} min each: **${plan.price:.4f} at worst**, "
        f"billed to `{plan.namespace}`. Of this run's budget ${left:.2f} are left. Only the time that is used is charged."
    )


def card(plan: JobPlan, stored: StoredSpec, left: float, program: str) -> str:
    """What is decided about (Markdown). The program itself is a file beside it, which faces show and let people edit."""
    seeds = ", ".join(f"{seed} (attempt {n})" if n > 1 else str(seed) for seed, n in plan.attempts.items())
    weights = stored.spec.weights
    rows = {
        "experiment": f"{stored.spec.title} (`{plan.spec_hash[:12]}`)",
        "jobs": f"{_jobs(plan)}: seed {seeds}; the first runs alone, the others start once it is measured",
        "machine": plan.flavor.words,
        "price": f"${plan.flavor.usd_per_hour:g} an hour, {'as of now' if plan.flavor.live else 'as listed, not of today'}",
        "time limit": f"{plan.timeout_seconds / 60:.0f} min each: {stored.spec.seconds_per_seed:.0f} s of training, half as "
                      f"much again, and {START_SECONDS // 60} min to fetch the image and packages",
        "at worst": f"${plan.price:.4f} in total (${plan.price_each:.4f} a job)",
        "billed to": plan.namespace,
        "budget left": f"${left:.2f}",
        "image": f"`{plan.image}`",
        "program": f"`{PROGRAM}`, {len(program.splitlines())} lines (`{plan.program_hash[:12]}`): read it beside this card",
        "packages": ", ".join(f"`{r}`" for r in plan.requirements),
        "data": f"{stored.spec.data.id}, in a private bucket of yours; the test labels stay here",
        **({"weights": f"{weights.name}, {weights.bytes / 2**20:,.0f} MB, beside the data"} if weights else {}),
        "your token": "does not go with it",
    }  # fmt: skip
    lines = [f"| {name} | {value.replace(BAR, '/')} |" for name, value in rows.items()]
    table = "\n".join(["| | |", "|---|---|", *lines])
    return f"# {plan.flavor.name}, at most ${plan.price:.4f}\n\n{table}\n"


def _jobs(plan: JobPlan) -> str:
    count = len(plan.attempts)
    return f"{count} job{'s' if count != 1 else ''}"


# -- details -----------------------------------------------------------------------------------------------


def _timeout(stored: StoredSpec) -> int:
    return math.ceil((stored.spec.seconds_per_seed * TIME_MARGIN + START_SECONDS) / 60) * 60


def _today(bench: Workbench, planned: Flavor) -> Flavor:
    """The machine at today's price. Raises ComputeError when it is not offered any more."""
    flavors = live_flavors(bench.account("jobs"))
    return choose_flavor(flavors, memory_mb=0, minutes=0, threads=1, name=planned.name)


def _agreed(bench: Workbench, job_id: str) -> Agreed | None:
    try:
        return bench.load("agreed", job_id, Agreed)
    except ToolError:
        return None


def _still_good(bench: Workbench, stored: StoredSpec, agreed: Agreed) -> bool:
    """The yes is for exactly what would be started now, and not too old."""
    same = agreed.terms.labels["intern-program"] == program_hash(stored.spec.program, edited_programs(bench.run))
    fresh = time.time() - agreed.since < AGREED_FOR_SECONDS
    return same and fresh and agreed.terms.labels["intern-spec"] == stored.spec.spec_hash
