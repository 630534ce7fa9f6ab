"""From a paper's setup and a budget to an experiment: every value with its origin, every difference with its reason.

Two passes. `choose` settles each hyperparameter that the program takes: the paper's value, a smaller one, or an
assumption. A timed probe of the real program on this machine then says how much training fits, and `fit_to_budget`
cuts the number of steps (or epochs) to that. The task, the method and the data are never changed silently.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel

from intern.experiments.data import PreparedData
from intern.experiments.metrics import BLEU_ORDER
from intern.experiments.sources import known_datasets
from intern.experiments.spec import (
    BackendName,
    Budget,
    Deviation,
    ExperimentSpec,
    Hyperparameter,
    MetricSpec,
    ProgramManifest,
    ProgramParameter,
    Value,
    WeightsRef,
)
from intern.experiments.stated import GENERAL_SCOPES, SAME_NAME, data_name, is_general, is_ours, stated_row
from intern.experiments.values import as_float, coerce, folded, is_number, show, words_of
from intern.papers.model import Dataset, Reading

SAFETY = 0.8
"""Share of a seed's time that training may plan with; the rest absorbs a machine that gets busier."""
MIN_STEPS = 50
OVER_BUDGET = "The time budget is too small"
"""How every DesignError begins that more time would cure."""


class DesignError(ValueError):
    """No sensible experiment fits; the message says what would."""


class Probe(BaseModel):
    """What a smoke run of the program measured on this machine."""

    startup_seconds: float
    seconds_per_step: float
    seconds_per_prediction: float
    parameters: int
    peak_memory_mb: float
    startup_memory_mb: float = 0.0
    """Before the first step: libraries and data."""
    trainable_parameters: int = 0
    """Of `parameters`, those that are trained; 0 = all."""
    peak_gpu_memory_mb: float = 0.0
    predictions: int = -1
    """Test rows that it predicted; -1 = nobody looked."""


def choose_program(
    manifests: dict[str, ProgramManifest], reading: Reading | None, task_text: str, tuning: bool = False
) -> list[tuple[str, int]]:
    """Programs by their describing words in the request and the paper, those of the request and the title counting most.

    Best first, none = []. `tuning`: those that start from pretrained weights, and no others; else none of them. Of equals
    the one comes first whose words fewer others share: "a vision transformer on digits" names a method, digits suit many.
    """
    words = f"{task_text} "
    if reading is not None:
        setup = reading.setup
        words += " ".join([reading.title, reading.abstract, *(s.title for s in reading.sections)])
        words += " ".join(f" {d.name}" for d in setup.datasets)
        words += " ".join(f" {r.metric} {r.dataset}" for r in setup.results)
        words += " ".join(f" {h.name}" for h in setup.hyperparameters)
    text, first = words_of(words), words_of(f"{task_text} {reading.title if reading is not None else ''}")
    open_to_all = {name: m for name, m in manifests.items() if m.needs_weights == tuning}
    shared = Counter(word for manifest in open_to_all.values() for word in set(manifest.describes))
    found = []
    for name, manifest in open_to_all.items():
        counts = {w: (words_of(w) in text) + 2 * (words_of(w) in first) for w in manifest.describes}
        found.append((name, sum(counts.values()), sum(n / shared[w] for w, n in counts.items())))
    return [(name, score) for name, score, _ in sorted(found, key=lambda f: (-f[1], -f[2])) if score]


def choose(
    manifest: ProgramManifest, reading: Reading | None, prepared: PreparedData, asked: Mapping[str, Value]
) -> tuple[list[Hyperparameter], list[Deviation]]:
    """Settle every value the program takes, and list how that differs from the paper.

    `asked` are values that the person set; they win. Raises DesignError for a name or type that does not exist.
    """
    asked = _in_its_own_unit(asked, manifest, reading, prepared)
    names = [p.name for p in manifest.parameters]
    if unknown := [name for name in asked if name not in names]:
        raise DesignError(f"{manifest.name} has no setting {unknown[0]!r}; it has: {', '.join(names)}.")
    chosen: list[Hyperparameter] = []
    for parameter in manifest.parameters:
        settled = _settle(parameter, reading, prepared)
        if parameter.name == "steps" and settled.origin == "assumed" and manifest.batch_of == "rows":
            settled = _from_epochs(settled, parameter, chosen, reading, prepared)
        chosen.append(as_asked(settled, asked[parameter.name], parameter) if parameter.name in asked else settled)
    differing = [h for h in chosen if h.paper_value is not None and h.origin != "paper" and h.value != h.paper_value]
    deviations = [value_deviation(h) for h in differing]
    if reading is not None:
        deviations = _data_deviations(reading, prepared) + deviations + _unused(manifest, reading)
    return chosen, deviations


def _in_its_own_unit(
    asked: Mapping[str, Value], manifest: ProgramManifest, reading: Reading | None, prepared: PreparedData
) -> dict[str, Value]:
    """The length that a person asked for, in the unit that the program counts in: "3 epochs" as steps, or the reverse."""
    names, found = {p.name: p for p in manifest.parameters}, dict(asked)
    other = {"epochs": "steps", "steps": "epochs"}
    unit = next((n for n in other if n in found and n not in names and other[n] in names), None)
    if unit is None or manifest.batch_of != "rows" or "batch_size" not in names:
        return found
    batch = found.get("batch_size", _settle(names["batch_size"], reading, prepared).value)
    steps_each, length = _steps_an_epoch(prepared, batch), as_float(found.pop(unit))
    found[other[unit]] = math.ceil(length * steps_each) if unit == "epochs" else max(1, round(length / steps_each))
    return found


def _from_epochs(
    settled: Hyperparameter, parameter: ProgramParameter, chosen: list[Hyperparameter], reading: Reading | None,
    prepared: PreparedData,
) -> Hyperparameter:  # fmt: skip
    """Steps from the epochs that the paper states, where it states no steps."""
    stated = stated_row(ProgramParameter(name="epochs", default=1), reading, prepared)
    epochs = coerce(stated.value, 1) if stated is not None else None
    batch = next((h.value for h in chosen if h.name == "batch_size"), None)
    if stated is None or epochs is None or batch is None:
        return settled
    steps = math.ceil(as_float(epochs) * _steps_an_epoch(prepared, batch))
    most = parameter.small if parameter.small is not None else steps
    if steps <= as_float(most):
        return settled.model_copy(
            update={"value": steps, "origin": "paper", "page": stated.page, "paper_value": steps,
                    "reason": f"{epochs} epochs of this data"}
        )  # fmt: skip
    return settled.model_copy(
        update={
            "origin": "scaled",
            "page": stated.page,
            "paper_value": steps,
            "reason": f"{epochs} epochs are {steps:,} steps",
        }
    )


def _steps_an_epoch(prepared: PreparedData, batch: Value) -> int:
    return math.ceil(prepared.ref.splits["train"] / as_float(batch))


def choose_metrics(manifest: ProgramManifest, prepared: PreparedData) -> tuple[list[MetricSpec], list[Deviation]]:
    """The program's metrics; BLEU over characters where the references are too short for BLEU over words."""
    if prepared.label_words >= BLEU_ORDER or not any(m.name == "bleu" for m in manifest.metrics):
        return manifest.metrics, []
    metrics = [m.model_copy(update={"name": "bleu_char"}) if m.name == "bleu" else m for m in manifest.metrics]
    reason = f"BLEU over words needs references of {BLEU_ORDER} words, these have {prepared.label_words:.1f} on average"
    return metrics, [Deviation(what="metric", paper="BLEU over words", ours="BLEU over characters", reason=reason)]


def fit_to_budget(
    chosen: list[Hyperparameter],
    deviations: list[Deviation],
    prepared: PreparedData,
    probe: Probe,
    seconds_per_seed: float,
    seeds: int = 2,
) -> tuple[list[Hyperparameter], list[Deviation]]:
    """Cut steps or epochs to what fits into `seconds_per_seed`. Raises DesignError when that is next to nothing."""
    values = {h.name: h for h in chosen}
    fixed, step_seconds = _fixed_seconds(prepared, probe), max(probe.seconds_per_step, 1e-6)
    steps_that_fit = int(max(0.0, seconds_per_seed - fixed) * SAFETY / step_seconds)
    name, steps_each = _duration(values, prepared)
    wanted, fitting = int(as_float(values[name].value)), steps_that_fit // steps_each
    least = min(wanted, MIN_STEPS) if name == "steps" else 1
    if fitting < least:
        need = (fixed + least * steps_each * step_seconds / SAFETY) / 60
        raise DesignError(
            f"{OVER_BUDGET}: {seconds_per_seed:.0f} seconds a seed are too few, start-up and prediction alone take "
            f"{fixed:.0f} s here. Allow at least {math.ceil(need * seeds + 1)} minutes (--max-minutes)."
        )
    changed: dict[str, Hyperparameter] = {}
    if fitting < wanted:
        why = f"{seconds_per_seed:.0f} s a seed at {step_seconds * 1000:.0f} ms a step (measured here)"
        changed[name] = _scaled(values[name], fitting, why)
    third = max(1, min(wanted, fitting) // 3)
    warmup = values.get("warmup_steps")
    if name == "steps" and warmup is not None and warmup.origin != "user" and as_float(warmup.value) > third:
        changed["warmup_steps"] = _scaled(warmup, third, "a third of the steps at most")
    kept = [d for d in deviations if d.what not in changed]
    kept += [value_deviation(h) for h in changed.values()]
    return [changed.get(h.name, h) for h in chosen], kept


def seconds_needed(chosen: list[Hyperparameter], prepared: PreparedData, probe: Probe) -> float:
    """What one seed would take on this machine if nothing were cut."""
    values = {h.name: h for h in chosen}
    name, steps_each = _duration(values, prepared)
    training = as_float(values[name].value) * steps_each * probe.seconds_per_step / SAFETY
    return _fixed_seconds(prepared, probe) + training


def build_spec(
    manifest: ProgramManifest,
    reading: Reading | None,
    prepared: PreparedData,
    chosen: list[Hyperparameter],
    metrics: list[MetricSpec],
    deviations: list[Deviation],
    *,
    title: str,
    seeds: list[int],
    minutes: float,
    usd: float,
    backend: BackendName,
    threads: int,
    seconds_per_seed: float,
    weights: WeightsRef | None = None,
) -> ExperimentSpec:
    """Put the pieces together."""
    return ExperimentSpec(
        title=title,
        task=manifest.task,
        program=manifest.name,
        paper_title=reading.title if reading else None,
        arxiv_id=reading.arxiv_id if reading else None,
        variant=manifest.variant,
        data=prepared.ref,
        weights=weights,
        hyperparameters=chosen,
        metrics=metrics,
        seeds=seeds,
        budget=Budget(minutes=minutes, usd=usd),
        backend=backend,
        threads=threads,
        seconds_per_seed=round(seconds_per_seed, 1),
        deviations=deviations,
    )


def matching_dataset(reading: Reading, prepared_name: str) -> Dataset | None:
    """The paper's own entry for this data set, or None when the paper does not use it."""
    known = next((k for k in known_datasets() if k.name.lower() == prepared_name.lower()), None)
    names = {folded(prepared_name), *(folded(p) for p in (known.papers if known else []))}
    return next((d for d in reading.setup.datasets if folded(d.name) in names), None)


def _fixed_seconds(prepared: PreparedData, probe: Probe) -> float:
    return probe.startup_seconds + probe.seconds_per_prediction * prepared.ref.splits["test"]


def _duration(values: dict[str, Hyperparameter], prepared: PreparedData) -> tuple[str, int]:
    """The value that sets a program's length (steps, iterations or epochs), and how many steps one of it is."""
    for name in ("steps", "iterations"):
        if name in values:
            return name, 1
    return "epochs", _steps_an_epoch(prepared, values["batch_size"].value)


def _settle(parameter: ProgramParameter, reading: Reading | None, prepared: PreparedData) -> Hyperparameter:
    stated = stated_row(parameter, reading, prepared)
    value = coerce(stated.value, parameter.default) if stated is not None else None
    if stated is None or value is None:
        reason = parameter.reason or "not stated in the paper"
        if stated is not None:
            reason = f"the paper says {stated.value!r}, which the program cannot take"
        small, suggested = _default(parameter, reading)
        reason = suggested if stated is None and suggested else reason
        paper = str(stated.value) if stated is not None else None
        return Hyperparameter(
            name=parameter.name, value=small, origin="assumed", paper_value=paper, page=getattr(stated, "page", None),
            reason=reason,
        )  # fmt: skip
    if parameter.choices and isinstance(value, str):
        fitting = next((c for c in parameter.choices if words_of(c) in words_of(value)), None)
        if fitting is None:
            reason = f"the program knows only {', '.join(parameter.choices)}"
            return Hyperparameter(
                name=parameter.name, value=parameter.default, origin="assumed", page=stated.page, paper_value=value,
                reason=reason,
            )  # fmt: skip
        value = fitting
    if parameter.small is not None and value != parameter.small:
        smaller = not is_number(value) or as_float(value) > as_float(parameter.small)
        if smaller:
            return Hyperparameter(
                name=parameter.name, value=parameter.small, origin="scaled", page=stated.page, paper_value=value,
                reason=parameter.reason or "to fit minutes of CPU",
            )  # fmt: skip
    about = "" if is_ours(stated.scope, prepared) or is_general(stated.scope) else f"stated for: {stated.scope}"
    return Hyperparameter(
        name=parameter.name, value=value, origin="paper", page=stated.page, paper_value=value, reason=about
    )


def _default(parameter: ProgramParameter, reading: Reading | None) -> tuple[Value, str]:
    """The value where the paper states none, and why, when the paper's title suggests it."""
    title = words_of(reading.title) if reading is not None else ""
    for words, value in parameter.suggested_by.items():
        if words_of(words) in title:
            return value, f"the paper is about {words}"
    return (parameter.small if parameter.small is not None else parameter.default), ""


def as_asked(settled: Hyperparameter, value: Value, parameter: ProgramParameter) -> Hyperparameter:
    """The hyperparameter with the value that a person set. Raises DesignError for a value of another type."""
    fitting = coerce(value, parameter.default)
    if fitting is None or (parameter.choices and fitting not in parameter.choices):
        raise DesignError(f"{parameter.name} cannot be {value!r}; it is something like {parameter.default!r}.")
    return settled.model_copy(update={"value": fitting, "origin": "user", "reason": "as you asked"})


def value_deviation(h: Hyperparameter) -> Deviation:
    """A value that is not the paper's, in words."""
    page = f" (p. {h.page})" if h.page else ""
    stated = "not stated" if h.paper_value is None else show(h.paper_value)
    return Deviation(what=h.name, paper=f"{stated}{page}", ours=show(h.value), reason=h.reason)


def _data_deviations(reading: Reading, prepared: PreparedData) -> list[Deviation]:
    name = data_name(prepared)
    papers = ", ".join(d.name for d in reading.setup.datasets) or "not stated"
    theirs = matching_dataset(reading, name)
    if theirs is None:
        reason = {
            "generated": "generated on the spot, because no data of the paper was given or reachable",
            "bundled": "comes with scikit-learn; no data of the paper was given or reachable",
        }.get(prepared.ref.source, "the data that was given")
        return [Deviation(what="data set", paper=papers, ours=name, reason=reason)]
    found = []
    if not prepared.ref.official_test:
        reason = "the files have no test part of their own"
        found.append(Deviation(what="test split", paper="the paper's own", ours=prepared.split_note, reason=reason))
    return found + _size_deviations(theirs, prepared)


def _size_deviations(theirs: Dataset, prepared: PreparedData) -> list[Deviation]:
    """Where the rows are not as many as the paper says: a name alone proves nothing."""
    splits = prepared.ref.splits
    ours = {"train": splits["train"], "test": splits["test"]}
    # Where the paper counts one training part, ours is what is left of it and the rows for validation together.
    if theirs.validation is None:
        ours["train"] += splits["validation"]
    if not prepared.ref.official_test:
        ours = {"all": sum(splits.values())}
    stated = {"train": theirs.train, "test": theirs.test, "all": theirs.size}
    return [
        Deviation(what=f"size of the data ({part})", paper=f"{wanted:,} rows (p. {theirs.page})", ours=f"{count:,} rows",
                  reason="the data that was given")
        for part, count in ours.items() if (wanted := stated[part]) is not None and wanted != count
    ]  # fmt: skip


def _unused(manifest: ProgramManifest, reading: Reading) -> list[Deviation]:
    """Stated settings that the program has no place for."""
    taken = {p.stated_as or p.name for p in manifest.parameters} | {p.name for p in manifest.parameters}
    if "steps" in taken and manifest.batch_of == "rows":
        taken.add("epochs")
    taken |= {SAME_NAME[n] for n in taken if n in SAME_NAME}
    found: dict[str, Deviation] = {}
    for row in reading.setup.hyperparameters:
        name = row.name.lower()
        if name in taken or name in found or row.scope.lower() not in GENERAL_SCOPES:
            continue
        ours, reason = "not used", f"the {manifest.name} program has no such setting"
        if (one_way := manifest.built_in.get(name)) is not None:
            if words_of(one_way) in words_of(str(row.value)):
                continue
            ours, reason = one_way, f"the {manifest.name} program does it in this way only"
        paper = f"{show(row.value)} (p. {row.page})"
        found[name] = Deviation(what=name, paper=paper, ours=ours, reason=reason)
    return list(found.values())


def _scaled(h: Hyperparameter, value: int, reason: str) -> Hyperparameter:
    origin = "scaled" if h.paper_value is not None or h.origin == "user" else "assumed"
    if h.origin == "user":
        reason = f"you asked for {show(h.value)}, which does not fit: {reason}"
    return h.model_copy(update={"value": value, "origin": origin, "reason": reason})
