"""How events and reports look in a terminal (Rich). Decides nothing."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table

from intern.agent.outputs import reason_of
from intern.papers.model import Reading
from intern.runs.events import Cost, Event, Job, Metric, Note, Observation, Research, Status, Thought, ToolCall
from intern.runs.report import RunReport
from intern.service import RunInfo

if TYPE_CHECKING:
    from intern.doctor import DoctorReport

NOTE_STYLE = {"info": "cyan", "warning": "yellow", "error": "bold red"}
STATE_MARK = {"ok": "[green]ok[/]", "limited": "[yellow]limited[/]", "missing": "[red]missing[/]"}
PLAIN_INTERVAL_SECONDS = 10.0
MOST_RESULTS = 100
"""Of a paper, on a terminal."""
QUOTE_CHARS = 60
MAX_CLAIMS = 6


class Progress:
    """A run's events as they come: lines, and bars for training where the terminal can show them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bars = Bars(
            TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.fields[last]}"), TimeElapsedColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}
        self._told = 0.0

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._bars.stop()

    def pause(self) -> None:
        """Give the terminal back, for a question."""
        self._bars.stop()

    def show(self, event: Event) -> None:
        """One event."""
        match event.body:
            case Note(level=level, text=text):
                self.console.print(f"[{NOTE_STYLE[level]}]{escape(text)}[/]")
            case Thought(step=step, text=text):
                self.console.print(f"[bold]{step}.[/] {escape(text)}")
            case Research(what="thought" | "question" as what, number=number, text=text):
                self.console.print(f"   [dim]research {number or what}: {escape(text)}[/]")
            case ToolCall(phase="finished", name=name, seconds=seconds) if (seconds or 0) >= 1:
                self.console.print(f"   [dim]{name}: {seconds:.1f} s[/]")
            case Observation(error=error) if error is not None:
                self.console.print(f"   [red]{escape(reason_of(error))}[/]")
            case Job() as job:
                self._job(job)
            case Metric() as metric:
                self._metric(metric)
            case Cost(phase="settled", usd=usd, what=what):
                cost = "unknown" if usd is None else f"${usd:.4f}"
                self.console.print(f"   cost: {cost} [dim]({escape(what)})[/]", soft_wrap=True)
            case Status(status="failed" | "stopped", reason=reason):
                self.console.print(f"[bold red]{escape(reason)}[/]")
            case _:
                pass

    def _job(self, job: Job) -> None:
        if job.phase in ("started", "resumed"):
            label = f"seed {job.seed}" + (" (resumed)" if job.phase == "resumed" else "")
            self._tasks[job.job_id] = self._bars.add_task(label, total=job.total_steps, last="")
            if not self.console.is_terminal:
                self.console.print(f"   training {label}")
        elif job.phase == "waiting":
            self.console.print(f"   seed {job.seed} waits: {escape(job.reason)}", soft_wrap=True)
        elif job.job_id in self._tasks:
            self._bars.remove_task(self._tasks.pop(job.job_id))

    def _metric(self, metric: Metric) -> None:
        text = f"step {metric.step} {metric.name} {metric.value:.4g}"
        if not metric.name.endswith("loss"):
            return
        if (task := self._tasks.get(metric.job_id)) is not None:
            self._bars.update(task, completed=metric.step, last=text)
        if not self.console.is_terminal and time.monotonic() - self._told > PLAIN_INTERVAL_SECONDS:
            self._told = time.monotonic()
            self.console.print(f"   seed {metric.seed}: {text}")


def show_report(console: Console, report: RunReport, answer: str = "") -> None:
    """A finished (or unfinished) run for people."""
    console.print(f"\n[bold]Run {report.run_id}[/]: {report.status} (brain: {escape(report.brain)})")
    if report.runs:
        console.print(_runs_table(report))
        for doubt in _doubts(report):
            console.print(f"[yellow]Doubt:[/] {escape(doubt)}")
    if report.comparison:
        console.print(_comparison_table(report))
    if report.deviations:
        console.print(_deviations_table(report))
    if answer:
        from rich.markdown import Markdown  # 50 ms that no run needs before its end

        console.print(Markdown(answer))
    published: Any = report.published
    if published:
        console.print(f"Published: {escape(str(published['url'] or published['location']))}", soft_wrap=True)


def _runs_table(report: RunReport) -> Table:
    runs: list[Any] = list(report.runs)
    names = list(runs[0]["metrics"])
    table = Table("seed", *names, "seconds", "evidence", title="Measured by the harness")
    for run in runs:
        level = run["evidence"]["level"] if run["evidence"] else "none"
        table.add_row(
            str(run["seed"]),
            *(f"{run['metrics'][n]:.4f}" if n in run["metrics"] else "" for n in names),
            f"{run['seconds']:.1f}",
            level,
        )
    summary: Any = report.summary
    if summary:
        spread = f" ± {summary['std']:.4f}" if summary["std"] is not None else ""
        cells = [f"{summary['mean']:.4f}{spread}" if n == summary["metric"] else "" for n in names]
        seeds = f"mean of {summary['n']}"
        table.add_row(seeds, *cells, "", summary["evidence_level"], style="bold")
    proof = runs[0]["evidence"] or {}
    for method, values in proof.get("baselines", {}).items():
        cells = [f"{values[n]:.4f}" if n in values else "" for n in names]
        table.add_row(escape(method), *cells, "", "baseline", style="dim")
    if proof.get("tuned_from"):
        table.title = f"Measured by the harness; fine-tuned from {escape(proof['tuned_from'])}"
    spans = [f"{n} {low:.4f} to {high:.4f}" for n, (low, high) in proof.get("intervals", {}).items()]
    if spans:
        table.caption = f"Seed {runs[0]['seed']}, 95 % over test rows: {', '.join(spans)}"
    return table


def _doubts(report: RunReport) -> list[str]:
    """What the harness found odd about the numbers, each sentence once."""
    runs: list[Any] = list(report.runs)
    said: dict[str, list[str]] = {}
    for run in runs:
        for flag in (run["evidence"] or {}).get("flags", []):
            said.setdefault(flag, []).append(str(run["seed"]))
    return [f"{flag} (seed {', '.join(seeds)})" for flag, seeds in said.items()]


def _comparison_table(report: RunReport) -> Table:
    table = Table("claim", "paper", "ours", "comparable", title="Beside the paper's claims")
    rows: list[Any] = list(report.comparison)
    if len(rows) > MAX_CLAIMS:
        table.caption = f"{len(rows) - MAX_CLAIMS} more in comparison.json"
    for row in rows[:MAX_CLAIMS]:
        claim = row["claim"]
        ours = f"{row['ours']:.2f}" if row["comparable"] else "–"
        text = f"{claim['model']}, {claim['dataset']}, {claim['metric']} (p. {claim['page']})"
        table.add_row(
            escape(text), f"{claim['value']:g}", ours, escape(f"{'yes' if row['comparable'] else 'no'}: {row['why']}")
        )
    return table


def _deviations_table(report: RunReport) -> Table:
    table = Table("what", "paper", "here", "why", title="Deviations from the paper")
    deviations: list[Any] = list(report.deviations)
    for d in deviations:
        table.add_row(escape(d["what"]), escape(d["paper"]), escape(d["ours"]), escape(d["reason"]))
    return table


def show_runs(console: Console, infos: list[RunInfo]) -> None:
    """The run list."""
    if not infos:
        console.print('No runs yet. Start one: python -m intern run "reproduce paper: attention is all you need"')
        return
    table = Table(Column("run", no_wrap=True, min_width=24), "status", "started", "task")
    for info in infos:
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.created))
        table.add_row(info.run_id, info.status, started, escape(info.title))
    console.print(table)


def show_reading(console: Console, reading: Reading) -> None:
    """A paper's typed setup."""
    for warning in reading.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}")
    console.print(f"[bold]{escape(reading.title or '(no title found)')}[/]\n{escape(', '.join(reading.authors))}")
    console.print(f"{reading.pages} pages, arXiv {reading.arxiv_id or 'not stated'}; read from {reading.source.kind}\n")
    setup = reading.setup
    table = Table("name", "value", "scope", "page", "quote", title="Hyperparameters")
    for h in setup.hyperparameters:
        value = f"{h.value} {h.unit or ''}".strip()
        table.add_row(escape(h.name), escape(value), escape(h.scope), str(h.page), escape(_cut(h.quote)))
    console.print(table)
    table = Table("model", "data set", "metric", "value", "own", "page", title="Results")
    for r in sorted(setup.results, key=lambda row: not row.own)[:MOST_RESULTS]:  # the paper's own first, in its order
        table.add_row(
            escape(r.model), escape(r.dataset), escape(r.metric), f"{r.value:g}", "yes" if r.own else "no", str(r.page)
        )
    console.print(table)
    if (more := len(setup.results) - MOST_RESULTS) > 0:
        console.print(f"… and {more:,} more results: --json has all of them.")
    console.print(
        f"[bold]Data sets:[/] {escape(', '.join(f'{d.name} (p. {d.page})' for d in setup.datasets)) or 'none found'}"
    )
    if not reading.sections:
        return
    console.print(f"[bold]Not stated:[/] {escape(', '.join(setup.not_stated)) or 'nothing that was looked for'}")
    for clash in setup.contradictions:
        values = ", ".join(f"{v.value} (p. {v.page})" for v in clash.values)
        console.print(f"[yellow]Contradiction:[/] {escape(clash.about)}: {escape(values)}")


def show_doctor(console: Console, report: DoctorReport) -> None:
    """What works and what to do."""
    console.print(f"intern {report.intern}, Python {report.python}")
    console.print(", ".join(f"{name} {found or '(missing)'}" for name, found in report.packages.items()))
    table = Table("", "state", "what to know")
    for finding in report.findings:
        table.add_row(finding.name, STATE_MARK[finding.state], escape(finding.detail))
    console.print(table)


def _cut(text: str) -> str:
    return text if len(text) <= QUOTE_CHARS else text[: QUOTE_CHARS - 1] + "…"
