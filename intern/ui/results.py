"""The Results panel: measured numbers with their evidence, the paper's claims beside them, and what went wrong where."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from markupsafe import Markup

from intern.ui.charts import PlotRow, error_bars
from intern.ui.files import FileLinks
from intern.ui.render import render
from intern.ui.view import ATTEMPTS, RunView

if TYPE_CHECKING:
    from intern.experiments.errors import Mistakes

MOST_PLOTTED = 8


@dataclass(frozen=True)
class Doubt:
    """A reason to doubt a number, once, with the seeds it was found at."""

    words: str
    seeds: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """What a simple method gets on the same sealed rows, by metric."""

    method: str
    metrics: dict[str, float]


@dataclass(frozen=True)
class Spans:
    """One seed's 95 % bootstrap intervals over the test rows: metric, low, high."""

    seed: str
    metrics: tuple[tuple[str, float, float], ...]


def results(view: RunView, links: FileLinks, mistakes: Mistakes | None = None) -> str:
    """`mistakes`: the confusion matrix or samples of one seed, when there are some to show."""
    runs = sorted((run for run in view.seed_runs.values() if isinstance(run, dict)), key=_seed)
    names: list[str] = []
    for run in runs:
        metrics = run.get("metrics")
        names += [name for name in (metrics if isinstance(metrics, dict) else {}) if name not in names]
    summary, comparison = view.facts.get("summary"), view.facts.get("comparison")
    rows = comparison if isinstance(comparison, list) else []
    baselines = _baselines(runs)
    return render(
        "results.html",
        runs=runs,
        metric_names=names,
        some_whole=any(_ran_to_its_end(run) for run in runs),
        summary=summary,
        comparison=rows,
        plot=_plot(_counted(runs), summary if isinstance(summary, dict) else {}, rows, baselines),
        doubts=_doubts(runs),
        baselines=baselines,
        spans=list(_spans(_counted(runs))),
        attempts=_attempts(view, links),
        mistakes=mistakes,
        published=view.facts.get("published"),
        published_zip=links.published(view.run_id),
    )


def _plot(
    runs: list[dict[str, Any]], summary: dict[str, Any], comparison: list[Any], baselines: list[Baseline]
) -> Markup:
    """Claims on our data with ours beside them; without such a claim, the seeds alone. Simple methods below ours."""
    by_metric: dict[str, list[float]] = {}
    for run in runs:
        for name, value in (run.get("metrics") or {}).items():
            if isinstance(value, int | float):
                by_metric.setdefault(str(name), []).append(float(value))
    groups: dict[str, list[PlotRow]] = {}
    for row in comparison[:MOST_PLOTTED]:
        claim, ours = (row.get("claim"), row.get("ours")) if isinstance(row, dict) else (None, None)
        theirs = claim.get("value") if isinstance(claim, dict) else None
        if not isinstance(claim, dict) or not _is_number(ours) or not _is_number(theirs):
            continue
        metric = str(claim.get("metric"))
        if metric not in groups:
            name, unit = _measured_as(float(ours), by_metric)
            seeds = tuple(value * unit for value in by_metric.get(name, []))
            groups[metric] = [PlotRow("ours", float(ours), seeds, "ours"), *_simple(baselines, name, unit)]
        label = f"paper: {claim.get('model')}" + ("" if row.get("comparable") else " (not comparable)")
        groups[metric].append(PlotRow(label, float(theirs), (), "paper" if row.get("comparable") else "other"))
    if not groups and (values := by_metric.get(name := str(summary.get("metric")))):
        ours_alone = PlotRow("ours", statistics.fmean(values), tuple(values), "ours")
        groups[name.replace("_", " ")] = [ours_alone, *_simple(baselines, name, 1.0)]
    return Markup("").join(error_bars(metric, rows) for metric, rows in groups.items())


def _measured_as(ours: float, by_metric: dict[str, list[float]]) -> tuple[str, float]:
    """The metric whose mean over the seeds `ours` is, and its factor (100 where the claim is in per cent); or ""."""
    for name, values in by_metric.items():
        for unit in (1.0, 100.0):
            if abs(statistics.fmean(values) * unit - ours) <= 1e-4 * max(1.0, abs(ours)):
                return name, unit
    return "", 1.0


def _simple(baselines: list[Baseline], metric: str, unit: float) -> list[PlotRow]:
    """The simple methods as lines of a plot."""
    return [
        PlotRow(f"baseline: {one.method}", one.metrics[metric] * unit, (), "simple")
        for one in baselines
        if metric in one.metrics
    ]


def _doubts(runs: list[dict[str, Any]]) -> list[Doubt]:
    """What the harness found odd about the numbers, each sentence once."""
    said: dict[str, list[str]] = {}
    for run in runs:
        flags = _evidence(run).get("flags")
        for flag in flags if isinstance(flags, list) else []:
            said.setdefault(str(flag), []).append(str(run.get("seed")))
    return [Doubt(words, tuple(dict.fromkeys(seeds))) for words, seeds in said.items()]


def _baselines(runs: list[dict[str, Any]]) -> list[Baseline]:
    """Every seed has the same test rows, so a method that several seeds name is told once."""
    found: dict[str, Baseline] = {}
    for run in runs:
        theirs = _evidence(run).get("baselines")
        for method, values in (theirs if isinstance(theirs, dict) else {}).items():
            numbers = {n: float(v) for n, v in values.items() if _is_number(v)} if isinstance(values, dict) else {}
            if numbers:
                found.setdefault(str(method), Baseline(str(method), numbers))
    return list(found.values())


def _spans(runs: list[dict[str, Any]]) -> Iterator[Spans]:
    for run in runs:
        known = _evidence(run).get("intervals")
        spans = [
            (str(name), span[0], span[1])
            for name, span in (known if isinstance(known, dict) else {}).items()
            if isinstance(span, list | tuple) and len(span) == 2 and all(map(_is_number, span))
        ]
        if spans:
            yield Spans(str(run.get("seed")), tuple(spans))


def _attempts(view: RunView, links: FileLinks) -> str:
    """Address of improve mode's picture; "" without one. For an <img> only, where a picture cannot run anything."""
    picture = view.artifacts.get(ATTEMPTS)
    if picture is None or picture.media_type != "image/svg+xml":
        return ""
    # The picture grows with every attempt under the same name: what is in it makes the address another one.
    return f"{links.artifact(view.run_id, ATTEMPTS)}&v={picture.sha256[:12]}"


def _evidence(run: dict[str, Any]) -> dict[str, Any]:
    evidence = run.get("evidence")
    return evidence if isinstance(evidence, dict) else {}


def _counted(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seeds that ran to their end make the mean; without any, those that were cut short do."""
    measured = [run for run in runs if run.get("evidence")]
    return [run for run in measured if _ran_to_its_end(run)] or measured


def _ran_to_its_end(run: dict[str, Any]) -> bool:
    evidence = run.get("evidence")
    return isinstance(evidence, dict) and evidence.get("stopped_early_at") is None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _seed(run: dict[str, Any]) -> int:
    seed = run.get("seed")
    return seed if isinstance(seed, int) else 0
