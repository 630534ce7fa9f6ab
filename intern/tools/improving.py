"""Improve mode: measure the baseline and its noise, try changes one after the other, measure the test part once at the end."""

from __future__ import annotations

import json
import time
from typing import Any

from intern.experiments.data import sealed_labels
from intern.experiments.design import DesignError, as_asked
from intern.experiments.evidence import NoEvidenceError, prediction_list
from intern.experiments.journal import Change, Final, Journal, Node
from intern.experiments.metrics import SCORERS
from intern.experiments.noise import NoiseFloor, Verdict, judge, judge_means, noise_floor, paired_sigma
from intern.experiments.programs import SCRIPT, load_manifests
from intern.experiments.run import ProgramFailedError, edited_programs
from intern.experiments.scripts import keep_script, look_through
from intern.experiments.search import free_settings, propose
from intern.experiments.selection import selection_data
from intern.experiments.spec import ExperimentSpec, Hyperparameter
from intern.experiments.tree_picture import tree_svg
from intern.runs.numbers import shown
from intern.tools.base import RoomTool
from intern.tools.given import open_labels
from intern.tools.launch import require_agreement
from intern.tools.pacing import FEW_SEEDS, attempts_left, pace, plan_final, seeds_of, trial_seconds
from intern.tools.training import tell_seed, train_seed
from intern.tools.workbench import StoredSpec, ToolError, Workbench

MOST_NODES = 24
IMPROVE_ID = {"type": "string", "description": "from start_improving"}


class StartImproving(RoomTool):
    name = "start_improving"
    description = (
        "Improve mode: set aside a selection part of the validation rows, measure the designed experiment on it with several "
        "seeds (the noise floor). The test part is not touched until finish_improving. Returns improve_id."
    )
    inputs = {
        "spec_id": {"type": "string", "description": "from design_experiment, with as many seeds as trainings fit"}
    }

    def forward(self, spec_id: str) -> dict[str, Any]:
        bench, stored = self.bench, self.bench.load_spec(spec_id)
        if bench.backend.name != "local":
            raise ToolError(
                "Improve mode trains on this machine only: nothing is spent without a price that was agreed to."
            )
        require_agreement(bench, stored)
        journal = _known(bench, stored.spec.id) or self._begin(stored)
        base = journal.nodes[0]
        for seed in seeds_of(journal)[len(base.scores) :]:
            try:
                _measure(bench, journal, base, seed)
            except (ProgramFailedError, NoEvidenceError) as error:
                raise ToolError(f"The baseline gives no number, so there is nothing to improve on: {error}") from error
        if base.outcome == "running":
            journal.floor = noise_floor(journal.metric, base.scores)
            base.outcome, base.words = (
                "baseline",
                f"{shown(base.mean or 0.0)} over {len(base.scores)} seeds, {journal.floor.words}",
            )
            if cut := sum("was cut short" in flag for flag in base.flags):
                said = (
                    f"{cut} of the baseline's {len(base.scores)} trainings were cut short by their time limit: their spread is "
                    "the machine's as well as the method's, and few changes will stand out. More time (--max-minutes) helps."
                )
                base.words += f"; {cut} cut short"
                bench.run.note(said, "warning", key=f"cut:{journal.id}")
            _keep(bench, journal)
        manifest = load_manifests().get(base.program)
        free = free_settings(manifest, base.hyperparameters) if manifest else {}
        return {
            "improve_id": journal.id, "metric": journal.metric, "higher_is_better": journal.higher_is_better,
            "baseline": base.mean, "noise": journal.floor.words if journal.floor else "",
            "free": {h.name: h.value for h in base.hyperparameters if h.name in free}, **_state(bench, journal),
        }  # fmt: skip

    def _begin(self, stored: StoredSpec) -> Journal:
        bench, spec = self.bench, stored.spec
        prepared = bench.load_data(spec.data.id)
        chosen = selection_data(
            prepared, bench.data_folder(spec.data.id), bench.data_folder(f"{spec.data.id}-selection"), bench.run.sealed
        )
        bench.save("data", chosen.ref.id, chosen)
        metric = spec.primary_metric
        journal = Journal(
            id=f"improve-{spec.id}", title=f"Improving {spec.title}", spec_id=spec.id, data_id=spec.data.id,
            selection_id=chosen.ref.id, metric=metric.name, higher_is_better=SCORERS[metric.name].higher_is_better,
            seconds_per_seed=spec.seconds_per_seed, budget_seconds=max(0.0, bench.seconds_left),
        )  # fmt: skip
        _add(bench, journal, None, spec.program, spec.hyperparameters, [], "the experiment as designed", "design")
        return journal


class TryChange(RoomTool):
    name = "try_change"
    description = (
        "Change the best experiment so far, train, and measure on the selection part: kept only when better beyond the noise, "
        "also with a second seed. Give values, or a whole script as code (see run_script); neither = the next "
        "proposal of the built-in search."
    )
    inputs = {
        "improve_id": IMPROVE_ID,
        "values": {"type": "object", "description": 'settings to change, like {"dropout": 0.3}', "nullable": True},
        "why": {"type": "string", "description": "the idea behind it", "nullable": True},
        "code": {"type": "string", "description": "a training script of your own", "nullable": True},
    }

    def forward(
        self, improve_id: str, values: dict[str, Any] | None = None, why: str | None = "", code: str | None = ""
    ) -> dict[str, Any]:
        bench = self.bench
        journal = bench.load("improve", improve_id, Journal)
        call = f"{bench.run.step}.{self._calls.get(bench.run.step, 0)}"
        node = next((n for n in journal.nodes if n.call == call), None) or journal.unfinished()
        if node is None:
            node = self._next(journal, values or {}, why or "", code or "")
            node.call = call
            _keep(bench, journal)
        if node.outcome == "running":
            self._settle(journal, node)
        return {
            "attempt": node.id, "change": node.title, "scores": node.scores, "outcome": node.outcome, "why": node.words,
            "flags": node.flags, "best": journal.best_node.mean, **_state(bench, journal),
        }  # fmt: skip

    def _settle(self, journal: Journal, node: Node) -> None:
        """Measure an attempt and say what becomes of it."""
        try:
            verdict = self._judged(journal, node)
            short = "; cut short by its time limit" if any("was cut short" in flag for flag in node.flags) else ""
            node.outcome, node.words = ("kept" if verdict.improved else "discarded"), verdict.words + short
        except (ProgramFailedError, NoEvidenceError, ToolError) as error:
            node.outcome, node.words = "failed", str(error)[:300]
        if node.outcome == "kept":
            journal.best = node.id
        _keep(self.bench, journal)
        score = "" if node.mean is None else f" {journal.metric} {shown(node.mean)}"
        said = f"Attempt {node.id}: {node.title}:{score}, {node.outcome} ({node.words})"
        self.bench.run.note(said, key=f"attempt:{journal.id}:{node.id}", quotes=True)
        _tell(self.bench, journal)

    def _next(self, journal: Journal, values: dict[str, Any], why: str, code: str) -> Node:
        """A new attempt from the best one. Raises ToolError."""
        bench, best = self.bench, journal.best_node
        if journal.final is not None:
            raise ToolError("This improvement is finished: its test part was measured. Start another run.")
        if not _state(bench, journal)["attempts_left"]:
            raise ToolError("The time for attempts is used up: call finish_improving.")
        if code:
            # Both test parts: what holds rows of the real one is refused now, not when that one is measured at the end.
            both = (bench.data_folder(journal.selection_id), bench.data_folder(journal.data_id))
            doubts = list(dict.fromkeys(doubt for data in both for doubt in look_through(code, data)))
            program = keep_script(edited_programs(bench.run), code)
            node = _add(bench, journal, best.id, program, [], [], why or "a script of the brain's own", "brain")
            node.flags = doubts
            return node
        by = "brain" if values else "search"
        manifest = load_manifests().get(best.program)
        if manifest is None:
            raise ToolError("The best experiment is a script: change it by giving the whole new script as code.")
        if not values:
            values = propose(journal, manifest, set())
            why = why or "proposed by Optuna from what was measured so far"
        if not values:
            raise ToolError("The search has nothing left to try: call finish_improving.")
        parameters, now = {p.name: p for p in manifest.parameters}, {h.name: h for h in best.hyperparameters}
        changed: dict[str, Hyperparameter] = {}
        for name, value in values.items():
            if name not in now:
                raise ToolError(f"There is no setting {name!r}; there are: {', '.join(now)}.")
            if now[name].origin == "user":
                raise ToolError(f"{name} was set by the person and stays.")
            try:
                settled = as_asked(now[name], value, parameters[name])
            except DesignError as error:
                raise ToolError(str(error)) from error
            changed[name] = settled.model_copy(
                update={"origin": "assumed", "reason": f"improve mode: {why or 'tried'}"}
            )
        changes = [Change(name=n, before=now[n].value, after=h.value) for n, h in changed.items()]
        hyperparameters = [changed.get(h.name, h) for h in best.hyperparameters]
        return _add(bench, journal, best.id, best.program, hyperparameters, changes, why, by)

    def _judged(self, journal: Journal, node: Node) -> Verdict:
        """One seed; a second one only for what looks better. Both have to be beyond the noise."""
        bench = self.bench
        best = journal.best_node
        if journal.floor is None:
            raise ToolError("The baseline is not measured yet: call start_improving.")
        verdict = Verdict(improved=False, gain=0.0, words="")
        for seed in seeds_of(journal)[:FEW_SEEDS]:
            if len(node.scores) < seed:
                _measure(bench, journal, node, seed)
            floor = _floor_of(bench, journal, best, node)
            verdict = judge(floor, best.scores, node.scores)
            if not verdict.improved:
                again = " (it did not hold with a second seed)" if seed > 1 else ""
                return verdict.model_copy(update={"words": verdict.words + again})
        return verdict


class FinishImproving(RoomTool):
    name = "finish_improving"
    description = (
        "Measure baseline and best experiment on the sealed test part, several seeds each; this ends the improvement."
    )
    inputs = {"improve_id": IMPROVE_ID}

    def forward(self, improve_id: str) -> dict[str, Any]:
        bench = self.bench
        journal = bench.load("improve", improve_id, Journal)
        before = bench.load_spec(journal.spec_id)
        plan_final(bench, journal)
        _keep(bench, journal)
        base = self._measured(journal, before, journal.nodes[0], "baseline/" if journal.best else "")
        best, spec_id = base, base.id
        if journal.best:
            best = self._measured(journal, before, journal.best_node, "")
            spec_id = best.id
        journal.final = self._final(journal, base, best)
        _keep(bench, journal)
        bench.run.note(journal.final.words, key=f"final:{journal.id}")
        _tell(bench, journal)
        return {
            "spec_id": spec_id, "improved": journal.best > 0, "words": journal.final.words,
            "kept": [n.title for n in journal.nodes if n.outcome == "kept"],
            "discarded": journal.count("discarded"), "failed": journal.count("failed"),
            "noise": journal.floor.words if journal.floor else "",
        }  # fmt: skip

    def _measured(self, journal: Journal, before: StoredSpec, node: Node, place: str) -> ExperimentSpec:
        """The experiment of this attempt on the real test part."""
        bench, seeds = self.bench, journal.final_seeds or seeds_of(journal)
        spec = before.spec.model_copy(
            update={"program": node.program, "hyperparameters": node.hyperparameters, "seeds": seeds,
                    "seconds_per_seed": journal.final_seconds or before.spec.seconds_per_seed,
                    "title": before.spec.title + (f" ({journal.from_start(node)})" if node.id else "")}
        )  # fmt: skip
        stored = before.model_copy(
            update={"spec": spec, "probe": None if node.program != before.spec.program else before.probe}
        )
        bench.save("spec", spec.id, stored)
        bench.fact("spec", {"spec_id": spec.id, **json.loads(spec.model_dump_json())})
        bench.artifact("experiment.yaml", spec.to_yaml(), "the experiment, as it will be run")
        name, notes = f"test of attempt {node.id}", _doubts(bench, spec)
        failed: Exception | None = None
        for seed in seeds:
            try:
                tell_seed(bench, spec, train_seed(bench, stored, seed, name, notes, agreed=True), place)
            except (ProgramFailedError, NoEvidenceError) as error:
                failed = error
                bench.run.note(f"Seed {seed} of the {name} gives no number: {error}", "warning", quotes=True)
        if failed is not None and not bench.seed_runs(spec):
            raise failed
        return spec

    def _final(self, journal: Journal, base: ExperimentSpec, best: ExperimentSpec) -> Final:
        metric = journal.metric
        old = [run.metrics[metric] for run in self.bench.seed_runs(base)]
        new = [run.metrics[metric] for run in self.bench.seed_runs(best)]
        start = f"{metric} of the baseline {_spread(old)} over {len(old)} seed{'s' if len(old) != 1 else ''}"
        if base.id == best.id:
            words = f"{start}; no attempt was better beyond the noise, so the baseline stands"
        else:
            rows = _over_rows(self.bench, metric, base, best)
            words = f"{start}, of the best {_spread(new)}: {judge_means(metric, old, new, rows).words}"
        runs = [*self.bench.seed_runs(base), *(self.bench.seed_runs(best) if best.id != base.id else [])]
        if early := sum(run.evidence is not None and run.evidence.stopped_early_at is not None for run in runs):
            words += f"; {early} of these {len(runs)} trainings were cut short by their time limit"
        return Final(metric=metric, baseline=old, best=new, words=words)


# -- the journal -------------------------------------------------------------------------------------------


def _known(bench: Workbench, spec_id: str) -> Journal | None:
    try:
        return bench.load("improve", f"improve-{spec_id}", Journal)
    except ToolError:
        return None


def _add(
    bench: Workbench, journal: Journal, parent: int | None, program: str, hyperparameters: list[Hyperparameter],
    changes: list[Change], why: str, by: str,
) -> Node:  # fmt: skip
    """A new attempt, on disk before anything is trained."""
    base, number = bench.load_spec(journal.spec_id), len(journal.nodes)
    seeds = seeds_of(journal) if parent is None else seeds_of(journal)[:FEW_SEEDS]
    spec = base.spec.model_copy(
        update={
            "title": f"attempt {number} of {journal.title}", "program": program, "hyperparameters": hyperparameters,
            "data": bench.load_data(journal.selection_id).ref, "seeds": seeds, "deviations": [],
            "seconds_per_seed": trial_seconds(bench, journal, len(seeds)),
        }
    )  # fmt: skip
    probe = base.probe if program == base.spec.program else None
    bench.save("spec", spec.id, base.model_copy(update={"spec": spec, "probe": probe}))
    node = Node(
        id=number, parent=parent, changes=changes, why=why, by=by, spec_id=spec.id, program=program,
        hyperparameters=hyperparameters,
    )  # fmt: skip
    journal.nodes.append(node)
    _keep(bench, journal)
    return node


def _keep(bench: Workbench, journal: Journal) -> None:
    """Write the journal, its table and its picture."""
    bench.save("improve", journal.id, journal)
    bench.artifact("journal.json", journal.model_dump_json(indent=1), "every attempt, with its evidence and verdict")
    bench.artifact("journal.md", journal.to_markdown(), "every attempt in one table")
    bench.artifact("improve.svg", tree_svg(journal), "the tree of attempts and the metric over time")


def _tell(bench: Workbench, journal: Journal) -> None:
    """What the improvement has come to, as a fact of the run."""
    bench.fact("improvement", journal.told(), key=journal.id)


def _measure(bench: Workbench, journal: Journal, node: Node, seed: int) -> None:
    """Train one seed of an attempt on the selection part; its time is on the journal whatever comes of it."""
    began = time.monotonic()
    try:
        stored = bench.load_spec(node.spec_id)
        measured = train_seed(bench, stored, seed, f"attempt {node.id} of {journal.id}", tuple(node.flags), trial=True)
    finally:
        node.seconds += time.monotonic() - began
        journal.spent_seconds += time.monotonic() - began
        node.at = journal.spent_seconds
        bench.save("improve", journal.id, journal)
    text = measured.model_dump_json(indent=1)
    bench.artifact(f"attempts/{node.id}/seed-{seed}.json", text, f"evidence of attempt {node.id}, selection part")
    node.scores.append(measured.metrics[journal.metric])
    if measured.evidence is not None:
        node.predictions.append(measured.evidence.predictions_sha256)
        early = measured.evidence.stopped_early_at
        cut = [] if early is None else [f"Seed {seed} was cut short at step {early} by its time limit."]
        node.flags = list(dict.fromkeys([*node.flags, *measured.evidence.flags, *cut]))
    _keep(bench, journal)


def _state(bench: Workbench, journal: Journal) -> dict[str, Any]:
    """How much is left, with the test at the end kept back."""
    now, most = pace(bench, journal), MOST_NODES - len(journal.nodes) + 1
    attempts = min(attempts_left(bench, journal), max(0, most))
    return {"seconds_left": round(now.left, 1), "attempts_left": attempts, "seconds_each": round(now.each, 1)}


def _doubts(bench: Workbench, spec: ExperimentSpec) -> tuple[str, ...]:
    """What run_script would say of this experiment's program before it runs; nothing of ours."""
    if not spec.program.startswith(SCRIPT):
        return ()
    code = (edited_programs(bench.run) / f"{spec.program}.py").read_text(encoding="utf-8")
    return (*look_through(code, bench.data_folder(spec.data.id)), *open_labels(bench, spec.data))


def _floor_of(bench: Workbench, journal: Journal, best: Node, node: Node) -> NoiseFloor:
    """The baseline's spread over seeds, and the spread of this very difference over rows."""
    rows = _over_rows(bench, journal.metric, bench.load_spec(best.spec_id).spec, bench.load_spec(node.spec_id).spec)
    return noise_floor(journal.metric, journal.nodes[0].scores, rows)


def _over_rows(bench: Workbench, metric: str, old: ExperimentSpec, new: ExperimentSpec) -> float:
    labels = sealed_labels(bench.run.sealed, old.data.id)
    ids, references = list(labels), [str(label) for label in labels.values()]
    left, right = (prediction_list(bench.run.jobs / f"{s.id}-seed1", ids, s.task) for s in (old, new))
    return paired_sigma(metric, left, right, references)


def _spread(values: list[float]) -> str:
    mean = sum(values) / len(values)
    return f"{shown(mean)} ({shown(min(values))} to {shown(max(values))})"
