"""One table of what was measured: ours with spread and interval, the simple methods, and the paper's claims."""

from __future__ import annotations

from collections.abc import Sequence

from intern.experiments.compare import Comparison, Summary
from intern.experiments.evidence import SeedRun
from intern.experiments.spec import ExperimentSpec
from intern.runs.numbers import shown, with_spread


def results_table(spec: ExperimentSpec, summary: Summary, runs: Sequence[SeedRun], rows: Sequence[Comparison]) -> str:
    """Markdown. A baseline is named as one; a claim that is not comparable says why."""
    measured = [run.evidence for run in runs if run.evidence is not None]
    lines = [
        f"# {spec.title}",
        "",
        *(
            [f"Fine-tuned from {spec.tuned_from} (sha256 {spec.weights.fingerprint}).", ""]
            if spec.weights and spec.tuned_from
            else []
        ),
        f"| method | {summary.metric} | 95 % over test rows | evidence |",
        "|---|---|---|---|",
    ]
    ours = " ± ".join(filter(None, with_spread(summary.mean, summary.std)))
    spans = [e.intervals[summary.metric] for e in measured if summary.metric in e.intervals]
    span = f"{shown(min(s[0] for s in spans))} to {shown(max(s[1] for s in spans))}" if spans else "–"
    seeds = f"{summary.n} seed{'s' if summary.n != 1 else ''}"
    lines.append(f"| **ours** ({seeds}) | {ours} | {span} | {summary.evidence_level} |")
    for method, values in (measured[0].baselines if measured else {}).items():
        if summary.metric in values:
            lines.append(f"| {method} (baseline, by the harness) | {shown(values[summary.metric])} | – | sealed |")
    if rows:
        lines += ["", "| claim of the paper | claimed | ours | comparable? | why |", "|---|---|---|---|---|"]
    for row in rows:
        ours = "–" if row.ours is None else f"{shown(row.ours)}"
        name = f"{row.claim.model} on {row.claim.dataset}: {row.claim.metric} (p. {row.claim.page})"
        yes = "yes" if row.comparable else "no"
        lines.append(f"| {_cell(name)} | {row.claim.value:g} | {ours} | {yes} | {_cell(row.why)} |")
    if flags := list(dict.fromkeys(f"seed {e.seed}: {flag}" for e in measured for flag in e.flags)):
        lines += ["", "Reasons to doubt:", "", *(f"- {flag}" for flag in flags)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
