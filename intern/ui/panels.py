"""The panels beside the chat: a run's view as HTML. The templates escape everything that is not ours (autoescape)."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Undefined, select_autoescape
from markupsafe import Markup

from intern.runs.events import Artifact, Question
from intern.runs.report import PendingApproval
from intern.service import Health, RunInfo
from intern.ui.charts import chart
from intern.ui.files import FileLinks, preview
from intern.ui.text import duration, number, safe_markdown, size
from intern.ui.training import JobView, Training
from intern.ui.view import RunView

STATUS_WORDS = {
    "queued": "In the queue",
    "running": "Working",
    "waiting": "Needs you",
    "done": "Done",
    "failed": "Did not work",
    "stopped": "Stopped",
    "interrupted": "Interrupted",
}
EVIDENCE_WORDS = {
    "sealed": "The harness held the test labels; the training never saw them.",
    "rescored": "The labels were reachable; the harness computed the number again from the predictions.",
    "reported": "The program's own word; it cannot be published as a benchmark result.",
}
_FREE = re.compile(r"\.?\s*It costs nothing\.")
LOG_SHOWN = 400
PREVIEWS = 12
NO_CURVES = {"stopped_early", "epoch"}
"""What is no curve: said once in a note, or another word for the step."""


class _Lenient(Undefined):
    """A field that a fact lacks shows as nothing, also one level deeper."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Any:
        return self


def money(value: float | None) -> str:
    """Dollars; "unknown" for None. "$0.00" is said of nothing but zero."""
    if value is None:
        return "unknown"
    return "under $0.01" if 0 < value < 0.01 else f"${value:,.2f}"


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=_Lenient,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"number": number, "duration": duration, "size": size, "money": money}
_templates.globals |= {"status_words": STATUS_WORDS, "evidence_words": EVIDENCE_WORDS}


def _render(name: str, **values: Any) -> str:
    return _templates.get_template(name).render(**values)


def header(health: Health, who: str) -> str:
    """Who thinks, in what sandbox, on what machine, for whom."""
    brain = "planner, not an LLM" if health.brain == "planner" else health.brain
    return _render("header.html", health=health, brain=brain, who=who)


def welcome() -> str:
    """The empty conversation."""
    return _render("welcome.html")


def run_list(runs: Sequence[RunInfo], selected: str, query: str) -> str:
    """The sidebar's list, newest first, by day; `query` filters by name."""
    wanted = [run for run in runs if query.strip().lower() in run.title.lower()]
    groups: dict[str, list[dict[str, Any]]] = {}
    for run in wanted:
        groups.setdefault(_day(run.created), []).append({**run.model_dump(), "when": _clock(run.created)})
    return _render("runs.html", groups=list(groups.items()), selected=selected, query=query.strip())


def status(view: RunView | None, info: RunInfo | None) -> str:
    """Title, status and plan."""
    if view is None or info is None:
        return _render("status.html", run=None)
    shown = view.reason if info.status in ("failed", "stopped", "waiting", "interrupted") else ""
    plan = view.plan
    if info.status not in ("queued", "running", "waiting"):  # nobody is at it any more
        left = "failed" if info.status == "failed" else "pending"
        plan = [item.model_copy(update={"status": left}) if item.status == "active" else item for item in plan]
    return _render("status.html", run=info, reason=shown, plan=plan, cost=view.cost_usd)


def training(state: Training) -> str:
    """Progress of each job and a chart for each metric."""
    shown = sorted((item for item in state.curves.items() if item[0] not in NO_CURVES), key=_chart_order)
    charts = [chart(name, list(curves.values())) for name, curves in shown]
    return _render("training.html", jobs=[_job(job) for job in state.jobs.values()], charts=Markup("").join(charts))


def paper(view: RunView) -> str:
    """What the paper states, the experiment made of it, and the deviations."""
    facts = view.facts
    setup, spec = facts.get("setup"), facts.get("spec")
    rows = setup.get("hyperparameters") or [] if isinstance(setup, dict) else []
    by_scope: dict[str, list[Any]] = {}
    for row in rows if isinstance(rows, list) else []:
        scope = row.get("scope", "main") if isinstance(row, dict) else "main"
        by_scope.setdefault(str(scope), []).append(row)
    groups = [
        ("Main setup" if scope == "main" else scope, values, scope == "main") for scope, values in by_scope.items()
    ]
    return _render(
        "paper.html",
        paper=facts.get("paper"),
        setup=setup,
        spec=spec,
        deviations=(spec.get("deviations") or []) if isinstance(spec, dict) else [],
        setup_groups=groups,
    )


def results(view: RunView, links: FileLinks) -> str:
    """Measured numbers with their evidence, and the paper's claims beside them."""
    runs = sorted(view.seed_runs.values(), key=_seed)
    names: list[str] = []
    for run in runs:
        metrics = run.get("metrics") if isinstance(run, dict) else None
        names += [name for name in (metrics if isinstance(metrics, dict) else {}) if name not in names]
    return _render(
        "results.html",
        runs=runs,
        metric_names=names,
        some_whole=any(_ran_to_its_end(run) for run in runs),
        summary=view.facts.get("summary"),
        comparison=view.facts.get("comparison"),
        published=view.facts.get("published"),
        published_zip=links.published(view.run_id),
    )


def log(view: RunView, links: FileLinks) -> str:
    """The end of the log; it follows by itself (column-reverse) and stays where one has scrolled to."""
    state = view.training
    dropped = state.log_dropped + max(0, len(state.log) - LOG_SHOWN)
    return _render("log.html", lines=state.log[-LOG_SHOWN:], dropped=dropped, url=links.log(view.run_id))


def files(view: RunView, links: FileLinks, folder: Path) -> str:
    """The artifact gallery. `folder` is the run's artifact folder, for previews of short texts."""
    folders: dict[str, list[dict[str, Any]]] = {}
    previewed = 0
    for artifact in sorted(view.artifacts.values(), key=lambda a: a.name):
        text = preview(folder / artifact.name, artifact) if previewed < PREVIEWS else ""
        previewed += bool(text)
        path = Path(artifact.name)
        folders.setdefault(path.parent.as_posix().removeprefix("."), []).append(_file(view, artifact, links, text))
    items = list(view.artifacts.values())
    return _render(
        "files.html",
        files=items,
        total=sum(a.bytes for a in items),
        folders=list(folders.items()),
        zip_url=links.all(view.run_id),
    )


def approval(request: PendingApproval, more: int) -> str:
    """The head of the approval card; `more` requests wait after this one."""
    return _render("approval.html", title=request.title, price=request.price_usd, more=more)


def approval_summary(request: PendingApproval) -> str:
    """What is asked for, as Markdown; that it costs nothing is in the card's head already."""
    text = request.summary if request.price_usd else _FREE.sub("", request.summary)
    return safe_markdown(text)


def question(asked: Question | None) -> str:
    """What the brain waits to be told, with the answers it offers; nothing when it does not wait."""
    return _render("question.html", asked=asked)


def _file(view: RunView, artifact: Artifact, links: FileLinks, text: str) -> dict[str, Any]:
    url = links.artifact(view.run_id, artifact.name)
    is_image = artifact.media_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    return {
        "name": Path(artifact.name).name,
        "label": artifact.label,
        "size": size(artifact.bytes),
        "sha256": artifact.sha256,
        "url": url,
        "image_url": links.artifact(view.run_id, artifact.name, inline=True) if is_image else "",
        "preview": text,
    }


def _job(job: JobView) -> dict[str, Any]:
    chips = {"finished": "done", "failed": "failed", "cancelled": "stopped", "started": "running", "resumed": "running"}
    steps = f"step {number(job.step)} of {number(job.total)}" if job.total else ""
    fraction = job.fraction
    left = job.left()
    return {
        "seed": job.seed,
        "phase": job.phase,
        "word": {"started": "training", "resumed": "training again", "submitted": "starting"}.get(job.phase, job.phase),
        "chip": chips.get(job.phase, "queued"),
        "backend": job.backend,
        "steps": steps,
        "elapsed": duration(job.elapsed()),
        "left": duration(left) if left is not None and left >= 1 else "",
        "percent": round(100 * fraction) if fraction is not None else None,
        "reason": job.reason,
    }


def _chart_order(item: tuple[str, Any]) -> tuple[int, str]:
    """Losses first, then scores, then the rest; the learning rate last."""
    name = item[0]
    last = {"seconds": 2, "grad_norm": 2, "lr": 3, "learning_rate": 3}
    return (0 if "loss" in name else last.get(name, 1), name)


def _ran_to_its_end(run: object) -> bool:
    """Such seeds make the mean; without any, those that were cut short do."""
    evidence = run.get("evidence") if isinstance(run, dict) else None
    return isinstance(evidence, dict) and evidence.get("stopped_early_at") is None


def _seed(run: object) -> int:
    seed = run.get("seed") if isinstance(run, dict) else None
    return seed if isinstance(seed, int) else 0


def _day(when: float) -> str:
    day, today = datetime.date.fromtimestamp(when), datetime.date.today()
    if day == today:
        return "Today"
    if day == today - datetime.timedelta(days=1):
        return "Yesterday"
    return day.strftime("%d %B %Y").lstrip("0")


def _clock(when: float) -> str:
    return time.strftime("%H:%M", time.localtime(when))
