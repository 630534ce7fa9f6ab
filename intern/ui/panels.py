"""The panels beside the chat: a run's view as HTML. The templates escape everything that is not ours (autoescape)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from intern.runs.events import Question
from intern.runs.report import PendingApproval
from intern.service import Health, RunInfo
from intern.ui.charts import chart
from intern.ui.files import FileLinks
from intern.ui.render import STATUS_WORDS, render
from intern.ui.text import duration, lead, money, number, safe_markdown
from intern.ui.training import JobView, overall
from intern.ui.view import RunView

_FREE = re.compile(r"\.?\s*It costs nothing\.")
LOG_SHOWN = 400
NO_CURVES = {"stopped_early", "epoch"}
"""What is no curve: said once in a note, or another word for the step."""


def header(health: Health, who: str, spent: tuple[float, int]) -> str:
    """Who thinks, in what sandbox, on what machine, for whom, and what all their runs cost. `spent`: see RunLog.spent."""
    brain = "planner, not an LLM" if health.brain == "planner" else health.brain
    usd, unknown = spent
    total = f"{money(usd)} and {unknown} unknown" if unknown else money(usd)
    return render("header.html", health=health, brain=brain, who=who, spent=total)


def welcome() -> str:
    """The empty conversation."""
    return render("welcome.html")


def run_list(runs: Sequence[RunInfo], selected: str, query: str) -> str:
    """The sidebar's list, newest first, by day; `query` filters by name and status."""
    asked = query.strip().lower()
    wanted = [run for run in runs if asked in f"{run.title} {STATUS_WORDS[run.status]}".lower()]
    groups: dict[str, list[dict[str, Any]]] = {}
    for run in wanted:
        groups.setdefault(_day(run.created), []).append(run.model_dump())
    return render("runs.html", groups=list(groups.items()), selected=selected, query=query.strip())


def status(view: RunView | None, info: RunInfo | None, allowed: float | None = None) -> str:
    """Title, status, plan, and what was spent of what this run may spend (`allowed`; None = nothing can be spent)."""
    if view is None or info is None:
        return render("status.html", run=None)
    shown = view.reason if info.status in ("failed", "stopped", "waiting", "interrupted") else ""
    said, _ = lead(shown)  # the conversation has the rest
    plan = view.plan
    if info.status not in ("queued", "running", "waiting"):  # nobody is at it any more
        left = "failed" if info.status == "failed" else "pending"
        plan = [item.model_copy(update={"status": left}) if item.status == "active" else item for item in plan]
    return render(
        "status.html",
        run=info,
        reason=said,
        whole=shown,
        plan=plan,
        cost=view.cost_usd,
        allowed=allowed,
        tokens=view.tokens,
    )


def training(view: RunView) -> str:
    """How far all of it is, each job's progress, and a chart for each metric."""
    state = view.training
    shown = sorted((item for item in state.curves.items() if item[0] not in NO_CURVES), key=_chart_order)
    charts = [chart(name, list(curves.values())) for name, curves in shown]
    spec = view.facts.get("spec")
    seeds = spec.get("seeds") if isinstance(spec, dict) else None
    whole = overall(state, len(seeds) if isinstance(seeds, list) else 0)
    jobs = [_job(job) for job in state.jobs.values()]
    return render("training.html", jobs=jobs, charts=Markup("").join(charts), whole=whole, cost=view.cost_usd)


def log(view: RunView, links: FileLinks, find: str = "") -> str:
    """The end of the log; it follows by itself (column-reverse) and stays where one has scrolled to.

    `find` shows only the lines that hold these letters.
    """
    state, wanted = view.training, find.strip().lower()
    lines = [line for line in state.log if wanted in line.lower()] if wanted else state.log
    dropped = state.log_dropped + max(0, len(state.log) - LOG_SHOWN)
    shown = lines[-LOG_SHOWN:]
    url = links.log(view.run_id)
    return render("log.html", lines=shown, found=len(lines), find=find.strip(), dropped=dropped, url=url)


def approval(request: PendingApproval, more: int) -> str:
    """The head of the approval card; `more` requests wait after this one."""
    return render(
        "approval.html", title=request.title, price=request.price_usd, known=request.action != "tool", more=more
    )


def approval_summary(request: PendingApproval) -> str:
    """What is asked for, as Markdown; that it costs nothing is in the card's head already."""
    text = request.summary if request.price_usd else _FREE.sub("", request.summary)
    return safe_markdown(text)


def question(asked: Question | None) -> str:
    """What the brain waits to be told, with the answers it offers; nothing when it does not wait."""
    return render("question.html", asked=asked)


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


def _day(when: float) -> str:
    day, today = datetime.date.fromtimestamp(when), datetime.date.today()
    if day == today:
        return "Today"
    if day == today - datetime.timedelta(days=1):
        return "Yesterday"
    return day.strftime("%d %B %Y").lstrip("0")
