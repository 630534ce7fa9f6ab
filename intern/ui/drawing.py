"""Bringing a page up to date: which components get a new value, from what the run has become since it was drawn."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from intern.admission import usual_brain
from intern.runs.events import RunStatus
from intern.service import BadRequestError, RunInfo, RunRequest, Service
from intern.ui import panels
from intern.ui.experiment import experiment
from intern.ui.files import FileLinks
from intern.ui.followers import Followers
from intern.ui.gallery import files
from intern.ui.identity import shown_name
from intern.ui.layout import Page
from intern.ui.paper import paper
from intern.ui.publication import publication
from intern.ui.results import results
from intern.ui.text import fenced, safe_markdown
from intern.ui.view import RunView, Views

if TYPE_CHECKING:
    from intern.experiments.errors import Mistakes

WORKING: frozenset[RunStatus] = frozenset({"queued", "running"})
RESUMABLE: frozenset[RunStatus] = frozenset({"interrupted", "failed", "stopped"})
CARD_CHARS = 40_000
BUSY = "The intern is working …"
KEPT_MISTAKES = 32

Updates = dict[Any, Any]
"""Component -> new value."""


class Drawing:
    """Draws runs on the pages of one layout."""

    def __init__(self, service: Service, page: Page, links: FileLinks, views: Views, followers: Followers) -> None:
        self.service, self.page, self.links, self.views, self.followers = service, page, links, views, followers
        panel_parts = (
            page.status, page.training, page.paper_panel, page.experiment_panel, page.results, page.log, page.files,
            page.publication, page.card,
        )  # fmt: skip
        self.nothing: Updates = {part: part.value for part in panel_parts}
        self._mistakes: dict[tuple[str, str, int], Mistakes | None] = {}

    def show(
        self, run_id: str, owner: str, seen: dict[str, Any], search: str, session: str, find: str | None = None
    ) -> Updates:
        """All updates that bring a page with `seen` up to date with this run.

        `find` is what stands in the log's search box, which is left alone then; None empties the box.
        """
        page = self.page
        view, info = self.views.look(run_id, owner)
        fresh = seen.get("run") != run_id
        known: dict[str, int] = {} if fresh else seen.get("versions", {})
        status_changed = fresh or seen.get("status") != info.status
        with view.lock:
            versions = view.versions
            changed = {name for name, version in versions.items() if known.get(name) != version}
            if fresh:
                changed = set(versions)
            if seen.get("find", "") != (find or ""):
                # An older answer, for other words, may have come after the one that drew these.
                changed.add("log")
            updates = self._panels(view, info, changed, status_changed, find or "")
            if fresh:
                updates[page.chat] = view.chat.messages(info.status)
        if "approval" in changed or status_changed:
            asked = self.views.question(run_id, owner) if info.status == "waiting" else None
            updates |= self._approval(run_id, owner) | {page.question: panels.question(asked)}
            updates |= self._controls(info, asked is not None)
        if "files" in changed or "results" in changed or status_changed:
            updates |= self._publication(view, info, owner)
        if "paper" in changed or "results" in changed or status_changed:
            updates |= self._editor(view, info, owner)
        if status_changed:
            updates[page.header] = self.head(owner)
            if tab := _tab(view, info, fresh):
                updates[page.tab] = f"{tab} {run_id} {info.status}"
            updates[page.runs] = panels.run_list(self.service.list_runs(owner), run_id, search)
        if fresh:
            self.followers.turn_to(session, run_id)
            updates |= {page.run_id: run_id, page.last_run: run_id}
        if find is None:
            updates[page.find] = ""
        chat_is_stale = info.status in WORKING or "chat" in changed
        if (fresh and info.status in WORKING) or (
            not fresh and chat_is_stale and not self.followers.follows(session, run_id)
        ):
            updates[page.follow] = f"{run_id} {secrets.token_hex(4)}"
        elif fresh:
            self.followers.leave(session)
        updates[page.seen] = {"run": run_id, "versions": versions, "status": info.status, "find": find or ""}
        return updates

    def log(self, run_id: str, owner: str, find: str) -> str:
        """The log panel, only lines with `find` in them."""
        view, _ = self.views.look(run_id, owner)
        with view.lock:
            return panels.log(view, self.links, find)

    def empty(self, owner: str, search: str) -> Updates:
        """As the page was laid out, and the list of runs as it is now."""
        page = self.page
        return {
            **self.nothing,
            page.run_id: "",
            page.last_run: None,
            page.follow: "",
            page.seen: {},
            page.chat: [],
            page.approval: gr.Column(visible=False),
            page.approval_id: "",
            page.question: panels.question(None),
            page.editor: gr.Column(visible=False),
            page.find: "",
            page.tab: "training",
            page.send: gr.Button("Start", visible=True),
            page.stop: gr.Button(visible=False),
            page.resume: gr.Button(visible=False),
            page.task: gr.Textbox(placeholder="A paper to reproduce, or a task"),
            page.runs: panels.run_list(self.service.list_runs(owner), "", search),
            page.timer: gr.Timer(4.0, active=True),
        }

    def _panels(self, view: RunView, info: RunInfo, changed: set[str], status_changed: bool, find: str) -> Updates:
        page, updates = self.page, {}
        if "plan" in changed or status_changed:
            updates[page.status] = panels.status(view, info, self._allowed(view))
        if "training" in changed or any(job.running for job in view.training.jobs.values()):
            updates[page.training] = panels.training(view)
        if "paper" in changed:
            updates[page.paper_panel] = paper(view, self.links)
            updates[page.experiment_panel] = experiment(view)
        if "results" in changed:
            updates[page.results] = results(view, self.links, self._mistakes_of(view))
        if "log" in changed:
            updates[page.log] = panels.log(view, self.links, find)
        if "files" in changed:
            updates[page.files] = files(view, self.links, self._folder(view.run_id) / "artifacts")
        return updates

    def _allowed(self, view: RunView) -> float | None:
        """Dollars that the run may spend; None for a run that cannot spend any."""
        request = RunRequest.model_validate(self.service.log.get(view.run_id).request)
        free = (request.model or self.service.settings.model) == "planner" and request.compute == "local"
        return None if free else request.budget_usd or self.service.settings.limits.model_usd

    def head(self, owner: str) -> str:
        """The header as this person sees it."""
        health = self.service.health()
        health.brain = usual_brain(owner, self.service.settings, self.service.accounts)
        return panels.header(health, shown_name(owner), self.service.log.spent(owner))

    def _folder(self, run_id: str) -> Path:
        return self.service.settings.run_folder(run_id)

    def _mistakes_of(self, view: RunView) -> Mistakes | None:
        """Of the first measured seed; read once, since it takes the predictions and labels from disk."""
        spec = view.facts.get("spec")
        runs = [run for run in view.seed_runs.values() if isinstance(run, dict) and run.get("evidence")]
        if "summary" not in view.facts or not isinstance(spec, dict) or not runs:
            return None
        data, spec_id, seed = spec.get("data"), spec.get("spec_id"), runs[0].get("seed")
        if not isinstance(data, dict) or not isinstance(spec_id, str) or not isinstance(seed, int):
            return None
        key = (view.run_id, spec_id, seed)
        if key not in self._mistakes:
            from intern.experiments.errors import find_mistakes  # scoring libraries come with it

            if len(self._mistakes) >= KEPT_MISTAKES:
                self._mistakes.clear()
            self._mistakes[key] = find_mistakes(self._folder(view.run_id), spec_id, str(data.get("id")), seed)
        return self._mistakes[key]

    def _publication(self, view: RunView, info: RunInfo, owner: str) -> Updates:
        waiting = any(request.action == "publish" for request in self.views.pending(view.run_id, owner))
        place = self.service.settings.published / owner
        card = self._card(view.run_id, owner, "card.md") if "card.md" in view.artifacts else ""
        with view.lock:
            drawn = publication(view, self.links, self._folder(view.run_id), place, waiting)
        return {self.page.publication: drawn, self.page.card: card}

    def _editor(self, view: RunView, info: RunInfo, owner: str) -> Updates:
        """The experiment can be changed as long as nobody works on the run and nothing of it is measured."""
        page, text = self.page, ""
        spec = view.facts.get("spec")
        known = isinstance(spec, dict) and "spec_id" in spec
        if info.status not in WORKING and known and not view.seed_runs:
            with contextlib.suppress(BadRequestError):
                text = self.service.spec_yaml(view.run_id, owner)
        if not text:
            return {page.editor: gr.Column(visible=False)}
        return {page.editor: gr.Column(visible=True), page.spec_text: text}

    def _approval(self, run_id: str, owner: str) -> Updates:
        page, waiting = self.page, self.views.pending(run_id, owner)
        if not waiting:
            return {page.approval: gr.Column(visible=False), page.approval_id: ""}
        request = waiting[0]
        return {
            page.approval: gr.Column(visible=True),
            page.approval_id: request.approval_id,
            page.approval_head: panels.approval(request, len(waiting) - 1),
            page.approval_summary: panels.approval_summary(request),
            page.approval_card: self._card(run_id, owner, request.artifact),
            page.approval_more: gr.Accordion(visible=request.artifact is not None),
            **self._program(run_id, owner, request.program),
        }

    def _program(self, run_id: str, owner: str, name: str | None) -> Updates:
        """The program that would run, whole, since what is saved takes its place."""
        page = self.page
        if name is not None:
            with contextlib.suppress(BadRequestError, OSError, UnicodeDecodeError):
                text = self.service.artifact_path(run_id, name, owner).read_text(encoding="utf-8")
                return {page.program_box: gr.Accordion(visible=True), page.program_text: text}
        return {page.program_box: gr.Accordion(visible=False), page.program_text: ""}

    def _card(self, run_id: str, owner: str, name: str | None) -> str:
        """What is decided about, as Markdown; the YAML head of a model card is for the Hub, not for reading."""
        if name is None:
            return ""
        try:
            text = self.service.artifact_path(run_id, name, owner).read_text(encoding="utf-8", errors="replace")
        except (BadRequestError, OSError):
            return "The file is not there any more."
        if not name.endswith(".md"):
            return fenced(text[:CARD_CHARS], "yaml")
        return safe_markdown(re.sub(r"\A---\n.*?\n---\n", "", text[:CARD_CHARS], flags=re.DOTALL))

    def _controls(self, info: RunInfo, asked: bool) -> Updates:
        page, working = self.page, info.status in WORKING
        return {
            page.send: gr.Button("Answer" if asked else "Send", visible=not working),
            page.stop: gr.Button(visible=working or info.status == "waiting"),
            page.resume: gr.Button(visible=info.status in RESUMABLE),
            page.task: gr.Textbox(placeholder=BUSY if working else "Your answer" if asked else "Say what to do next"),
            page.timer: gr.Timer(1.0 if working or info.status == "waiting" else 4.0, active=True),
        }


def _tab(view: RunView, info: RunInfo, fresh: bool) -> str:
    """The panel that matters in this state; "" where none has a better claim than the one that is open."""
    if info.status == "waiting" and "spec" in view.facts and not view.seed_runs:
        return "experiment"
    if info.status == "done" or (info.status == "waiting" and view.training.jobs):
        if view.seed_runs or view.facts.keys() & {"summary", "comparison", "published"}:
            return "results"
        if view.facts.keys() & {"paper", "setup"}:
            return "paper"
    return "training" if fresh else ""
