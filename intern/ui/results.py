"""The Results panel: measured numbers with their evidence, the paper's claims beside them, and what went wrong where."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, TypeGuard

from markupsafe import Markup

from intern.ui.charts import PlotRow, error_bars
from intern.ui.files import FileLinks
from intern.ui.render import render
from intern.ui.view import RunView

if TYPE_CHECKING:
    from intern.experiments.errors import Mistakes

MOST_PLOTTED = 8


def results(view: RunView, links: FileLinks, mistakes: Mistakes | None = None) -> str:
    """`mistakes`: the confusion matrix or samples of one seed, when there are some to show."""
    runs = sorted((run for run in view.seed_runs.values() if isinstance(run, dict)), key=_seed)
    names: list[str] = []
    for run in runs:
        metrics = run.get("metrics")
        names += [name for name in (metrics if isinstance(metrics, dict) else {}) if name not in names]
    summary, comparison = view.facts.get("summary"), view.facts.get("comparison")
    rows = comparison if isinstance(comparison, list) else []
    return render(
        "results.html",
        runs=runs,
        metric_names=names,
        some_whole=any(_ran_to_its_end(run) for run in runs),
        summary=summary,
        comparison=rows,
        plot=_plot(_counted(runs), summary if isinstance(summary, dict) else {}, rows),
        mistakes=mistakes,
        published=view.facts.get("published"),
        published_zip=links.published(view.run_id),
    )


def _plot(runs: list[dict[str, Any]], summary: dict[str, Any], comparison: list[Any]) -> Markup:
    """Claims on our data with ours beside them; without such a claim, the seeds alone."""
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
            groups[metric] = [PlotRow("ours", float(ours), _in_unit_of(float(ours), by_metric), "ours")]
        label = f"paper: {claim.get('model')}" + ("" if row.get("comparable") else " (not comparable)")
        groups[metric].append(PlotRow(label, float(theirs), (), "paper" if row.get("comparable") else "other"))
    if not groups and (values := by_metric.get(name := str(summary.get("metric")))):
        groups[name.replace("_", " ")] = [PlotRow("ours", statistics.fmean(values), tuple(values), "ours")]
    return Markup("").join(error_bars(metric, rows) for metric, rows in groups.items())


def _in_unit_of(ours: float, by_metric: dict[str, list[float]]) -> tuple[float, ...]:
    """The seeds' values that `ours` is the mean of, in its unit (per cent where the claim is)."""
    for values in by_metric.values():
        for unit in (1.0, 100.0):
            if abs(statistics.fmean(values) * unit - ours) <= 1e-4 * max(1.0, abs(ours)):
                return tuple(value * unit for value in values)
    return ()


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
