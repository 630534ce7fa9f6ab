"""From a paper's setup and a budget to an experiment: every value with its origin, every difference with its reason.

Two passes. `choose` settles each hyperparameter that the program takes: the paper's value, a smaller one, or an
assumption. A timed probe of the real program on this machine then says how much training fits, and `fit_to_budget`
cuts the number of steps (or epochs) to that. The task, the method and the data are never changed silently.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

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
)
from intern.papers.model import Dataset, Reading
from intern.papers.model import Hyperparameter as Stated

SAME_NAME = {"hidden_size": "hidden_units", "hidden_units": "hidden_size", "feature_maps": "filters"}
GENERAL_SCOPES = ("main", "base", "default", "")
NUMBER = re.compile(r"\s*[~≈]?\s*(-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w%])")
"""A number that a text begins with; "300K" and "5%" are none, since their unit would change the value."""
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
    peak_gpu_memory_mb: float = 0.0
    predictions: int = -1
    """Test rows that it predicted; -1 = nobody looked."""


def choose_program(
    manifests: dict[str, ProgramManifest], reading: Reading | None, task_text: str
) -> list[tuple[str, int]]:
    """Programs by how many of their describing words occur in the request and the paper; best first, none = []."""
    words = f"{task_text} "
    if reading is not None:
        setup = reading.setup
        words += " ".join([reading.title, reading.abstract, *(s.title for s in reading.sections)])
        words += " ".join(f" {d.name}" for d in setup.datasets)
        words += " ".join(f" {r.metric} {r.dataset}" for r in setup.results)
    text = _words(words)
    scores = {name: sum(_words(w) in text for w in manifest.describes) for name, manifest in manifests.items()}
    return sorted(((n, s) for n, s in scores.items() if s), key=lambda pair: -pair[1])


def choose(
    manifest: ProgramManifest, reading: Reading | None, prepared: PreparedData, asked: Mapping[str, Value]
) -> tuple[list[Hyperparameter], list[Deviation]]:
    """Settle every value the program takes, and list how that differs from the paper.

    `asked` are values that the person set; they win. Raises DesignError for a name or type that does not exist.
    """
    names = [p.name for p in manifest.parameters]
    if unknown := [name for name in asked if name not in names]:
        raise DesignError(f"{manifest.name} has no setting {unknown[0]!r}; it has: {', '.join(names)}.")
    chosen = []
    for parameter in manifest.parameters:
        settled = _settle(parameter, reading, prepared)
        chosen.append(as_asked(settled, asked[parameter.name], parameter) if parameter.name in asked else settled)
    differing = [h for h in chosen if h.paper_value is not None and h.origin != "paper" and h.value != h.paper_value]
    deviations = [value_deviation(h) for h in differing]
    if reading is not None:
        deviations = _data_deviations(reading, prepared) + deviations + _unused(manifest, reading)
    return chosen, deviations


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
    wanted, fitting = int(_number(values[name].value)), steps_that_fit // steps_each
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
    if name == "steps" and warmup is not None and warmup.origin != "user" and _number(warmup.value) > third:
        changed["warmup_steps"] = _scaled(warmup, third, "a third of the steps at most")
    kept = [d for d in deviations if d.what not in changed]
    kept += [value_deviation(h) for h in changed.values()]
    return [changed.get(h.name, h) for h in chosen], kept


def seconds_needed(chosen: list[Hyperparameter], prepared: PreparedData, probe: Probe) -> float:
    """What one seed would take on this machine if nothing were cut."""
    values = {h.name: h for h in chosen}
    name, steps_each = _duration(values, prepared)
    training = _number(values[name].value) * steps_each * probe.seconds_per_step / SAFETY
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
    names = {_fold(prepared_name), *(_fold(p) for p in (known.papers if known else []))}
    return next((d for d in reading.setup.datasets if _fold(d.name) in names), None)


def _fixed_seconds(prepared: PreparedData, probe: Probe) -> float:
    return probe.startup_seconds + probe.seconds_per_prediction * prepared.ref.splits["test"]


def _duration(values: dict[str, Hyperparameter], prepared: PreparedData) -> tuple[str, int]:
    """The value that sets a program's length ("steps" or "epochs"), and how many steps one of it is."""
    if "steps" in values:
        return "steps", 1
    return "epochs", math.ceil(prepared.ref.splits["train"] / _number(values["batch_size"].value))


def _settle(parameter: ProgramParameter, reading: Reading | None, prepared: PreparedData) -> Hyperparameter:
    stated = _stated(parameter.name, reading, prepared)
    value = _coerce(stated.value, parameter.default) if stated is not None else None
    if stated is None or value is None:
        reason = parameter.reason or "not stated in the paper"
        if stated is not None:
            reason = f"the paper says {stated.value!r}, which the program cannot take"
        small = parameter.small if parameter.small is not None else parameter.default
        paper = str(stated.value) if stated is not None else None
        return Hyperparameter(
            name=parameter.name, value=small, origin="assumed", paper_value=paper, page=getattr(stated, "page", None),
            reason=reason,
        )  # fmt: skip
    if parameter.choices and isinstance(value, str):
        fitting = next((c for c in parameter.choices if _words(c) in _words(value)), None)
        if fitting is None:
            reason = f"the program knows only {', '.join(parameter.choices)}"
            return Hyperparameter(
                name=parameter.name, value=parameter.default, origin="assumed", page=stated.page, paper_value=value,
                reason=reason,
            )  # fmt: skip
        value = fitting
    if parameter.small is not None and value != parameter.small:
        smaller = not _is_number(value) or _number(value) > _number(parameter.small)
        if smaller:
            return Hyperparameter(
                name=parameter.name, value=parameter.small, origin="scaled", page=stated.page, paper_value=value,
                reason=parameter.reason or "to fit minutes of CPU",
            )  # fmt: skip
    return Hyperparameter(name=parameter.name, value=value, origin="paper", page=stated.page, paper_value=value)


def as_asked(settled: Hyperparameter, value: Value, parameter: ProgramParameter) -> Hyperparameter:
    """The hyperparameter with the value that a person set. Raises DesignError for a value of another type."""
    fitting = _coerce(value, parameter.default)
    if fitting is None or (parameter.choices and fitting not in parameter.choices):
        raise DesignError(f"{parameter.name} cannot be {value!r}; it is something like {parameter.default!r}.")
    return settled.model_copy(update={"value": fitting, "origin": "user", "reason": "as you asked"})


def _stated(name: str, reading: Reading | None, prepared: PreparedData) -> Stated | None:
    """The paper's row for this name: a general scope first, then this data set's, then any single one."""
    if reading is None:
        return None
    rows = [h for h in reading.setup.hyperparameters if h.name.lower() in (name, SAME_NAME.get(name, name))]
    rows.sort(key=lambda h: h.name.lower() != name)
    for fits in (
        lambda scope: _words(prepared.ref.description.split(":")[0]) in _words(scope),
        lambda scope: scope.lower() in GENERAL_SCOPES or "base" in scope.lower().split(),
        lambda scope: True,
    ):
        if row := next((h for h in rows if fits(h.scope)), None):
            return row
    return None


def value_deviation(h: Hyperparameter) -> Deviation:
    """A value that is not the paper's, in words."""
    page = f" (p. {h.page})" if h.page else ""
    stated = "not stated" if h.paper_value is None else _show(h.paper_value)
    return Deviation(what=h.name, paper=f"{stated}{page}", ours=_show(h.value), reason=h.reason)


def _data_deviations(reading: Reading, prepared: PreparedData) -> list[Deviation]:
    name = prepared.ref.description.split(":")[0]
    papers = ", ".join(d.name for d in reading.setup.datasets) or "not stated"
    found = []
    if matching_dataset(reading, name) is None:
        reason = "generated on the spot, because no data of the paper was given or reachable"
        if prepared.ref.source != "generated":
            reason = "the data that was given"
        found.append(Deviation(what="data set", paper=papers, ours=name, reason=reason))
    elif not prepared.ref.official_test:
        reason = "the files have no test part of their own"
        found.append(Deviation(what="test split", paper="the paper's own", ours=prepared.split_note, reason=reason))
    return found


def _unused(manifest: ProgramManifest, reading: Reading) -> list[Deviation]:
    """Stated settings that the program has no place for."""
    taken = {p.name for p in manifest.parameters}
    taken |= {SAME_NAME[n] for n in taken if n in SAME_NAME}
    found: dict[str, Deviation] = {}
    for row in reading.setup.hyperparameters:
        name = row.name.lower()
        if name in taken or name in found or row.scope.lower() not in GENERAL_SCOPES:
            continue
        ours, reason = "not used", f"the {manifest.name} program has no such setting"
        if (one_way := manifest.built_in.get(name)) is not None:
            if _words(one_way) in _words(str(row.value)):
                continue
            ours, reason = one_way, f"the {manifest.name} program does it in this way only"
        paper = f"{_show(row.value)} (p. {row.page})"
        found[name] = Deviation(what=name, paper=paper, ours=ours, reason=reason)
    return list(found.values())


def _scaled(h: Hyperparameter, value: int, reason: str) -> Hyperparameter:
    origin = "scaled" if h.paper_value is not None or h.origin == "user" else "assumed"
    if h.origin == "user":
        reason = f"you asked for {_show(h.value)}, which does not fit: {reason}"
    return h.model_copy(update={"value": value, "origin": origin, "reason": reason})


def _coerce(value: Any, like: Value) -> Value | None:
    """`value` in the type of `like`, or None. Text gives the number that it begins with, or all of them for a list."""
    if isinstance(like, bool):
        return value if isinstance(value, bool) else None
    if isinstance(like, list):
        found = (_coerce(part, like[0]) for part in _parts(value))
        return [number for number in found if number is not None] or None  # type: ignore[return-value]
    if isinstance(like, int | float):
        match = NUMBER.match(str(value))
        if match is None:
            return None
        number = float(match[1].replace(",", ""))
        return int(number) if isinstance(like, int) and number.is_integer() else number
    return str(value)


def _parts(value: Any) -> list[Any]:
    """The items of a list, or of a text like "3, 4, 5" or "3,4,5" or "1,024 and 2,048"."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, list | tuple) else [value]
    parts = [part for part in re.split(r"[;,]?\s+|;", value.strip(" ()[]{}")) if part]
    return parts[0].split(",") if len(parts) == 1 else parts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]


def _show(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _words(text: str) -> str:
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def _fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
