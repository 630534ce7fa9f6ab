"""What happens on the page. Handlers only talk to the service: a run does not know that anybody looks at it.

Each asks whose browser this is and lets the service check the run. The chat is the one stream; a timer fetches the
panels and starts the stream again when a run wakes up (an approval in another tab, a message through the API).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import gradio as gr

from intern.runs.approvals import ApprovalError
from intern.runs.events import RunStatus
from intern.runs.log import RunBusyError, RunNotFoundError
from intern.service import BadRequestError, RunInfo, Service
from intern.settings import SettingsError
from intern.ui import panels
from intern.ui.chat import Message, note_message
from intern.ui.files import FileLinks
from intern.ui.identity import IdentityError, is_visitor, new_visitor, on_space, page_owner, shown_name
from intern.ui.layout import EXAMPLES, Page
from intern.ui.requests import make_request, start
from intern.ui.text import safe_markdown
from intern.ui.view import RunView, Views

WORKING: frozenset[RunStatus] = frozenset({"queued", "running"})
RESUMABLE: frozenset[RunStatus] = frozenset({"interrupted", "failed", "stopped"})
CHAT_SECONDS = 0.25
"""At most four redraws of the chat a second: each costs the server and the browser milliseconds."""

CARD_CHARS = 40_000
BUSY = "The intern is working …"

Updates = dict[Any, Any]
"""Component -> new value."""


@contextlib.contextmanager
def in_plain_words() -> Iterator[None]:
    """What the service refuses becomes a message on the page, in the service's own line."""
    try:
        yield
    except (BadRequestError, RunNotFoundError, RunBusyError, ApprovalError, SettingsError, IdentityError) as error:
        raise gr.Error(str(error), print_exception=False) from error


class Followers:
    """Which run each open page shows and streams: one stream a page, an old one ends by itself, late answers are known."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, str]] = {}
        self._open: dict[str, str] = {}
        self._lock = threading.Lock()

    def turn_to(self, page: str, run_id: str) -> None:
        """The page shows this run from now on ("": none)."""
        with self._lock:
            self._open[page] = run_id

    def has_left(self, page: str, run_id: str) -> bool:
        """Whether the page has turned to something else since it asked about this run."""
        with self._lock:
            return self._open.get(page, run_id) != run_id

    def forget(self, page: str) -> None:
        """The page is closed."""
        with self._lock:
            self._open.pop(page, None)
            self._pages.pop(page, None)

    def attach(self, page: str, run_id: str) -> str:
        """Begin a stream; returns its ticket. The page's older stream ends."""
        ticket = secrets.token_hex(8)
        with self._lock:
            self._pages[page] = (run_id, ticket)
        return ticket

    def holds(self, page: str, ticket: str) -> bool:
        with self._lock:
            return self._pages.get(page, ("", ""))[1] == ticket

    def follows(self, page: str, run_id: str) -> bool:
        """Whether the page streams this run now."""
        with self._lock:
            return self._pages.get(page, ("", ""))[0] == run_id

    def leave(self, page: str, ticket: str | None = None) -> None:
        """End a page's stream (only this one, when a ticket is given)."""
        with self._lock:
            if ticket is None or self._pages.get(page, ("", ""))[1] == ticket:
                self._pages.pop(page, None)


class Handlers:
    """The page's behaviour, bound to one service and one layout."""

    def __init__(self, service: Service, page: Page, links: FileLinks, views: Views) -> None:
        self.service, self.page, self.links, self.views = service, page, links, views
        self.followers = Followers()
        panel_parts = (page.status, page.training, page.paper_panel, page.results, page.log, page.files)
        self._nothing: Updates = {part: part.value for part in panel_parts}

    # -- opening -----------------------------------------------------------------------------------------

    def restore(
        self, visitor: str | None, last_run: str | None, request: gr.Request, profile: gr.OAuthProfile | None
    ) -> Updates:
        """A page was loaded: be back in its run, whether from the address or (still working) from last time."""
        if on_space() and profile is None and not is_visitor(visitor):
            visitor = new_visitor()
        with in_plain_words():
            owner = page_owner(profile, visitor)
        page = self.page
        # Only what is certain: on a slow line somebody may have sent a task before this answer is there.
        updates: Updates = {
            page.visitor: visitor,
            page.header: panels.header(self.service.health(), shown_name(owner)),
        }
        asked = str(request.query_params.get("run") or "")
        try:
            if run_id := asked or self._still_going(last_run, owner):
                return updates | self._show(run_id, owner, {}, "", str(request.session_hash))
        except RunNotFoundError:
            updates[page.chat] = [note_message("warning", "There is no such run here, or it belongs to somebody else.")]
        # Nothing is seen yet: a run that was started meanwhile is drawn again by the next tick.
        return updates | {page.runs: panels.run_list(self.service.list_runs(owner), "", ""), page.seen: {}}

    def open_run(
        self, visitor: str | None, search: str, event: gr.EventData, request: gr.Request,
        profile: gr.OAuthProfile | None,
    ) -> Updates:  # fmt: skip
        """A run was picked in the sidebar."""
        with in_plain_words():
            return self._show(str(event.run), page_owner(profile, visitor), {}, search, str(request.session_hash))

    def new_run(
        self, visitor: str | None, search: str, request: gr.Request, profile: gr.OAuthProfile | None
    ) -> Updates:
        """Back to the empty page; the run that was open goes on."""
        self.followers.leave(str(request.session_hash))
        self.followers.turn_to(str(request.session_hash), "")
        with in_plain_words():
            return self._empty(page_owner(profile, visitor), search)

    def closed(self, request: gr.Request) -> None:
        self.followers.forget(str(request.session_hash))

    # -- acting ------------------------------------------------------------------------------------------

    def send(
        self, task: str, run_id: str, visitor: str | None, search: str, paper: str, paper_file: str | None,
        data: str, data_files: list[str] | None, minutes: float | None, model: str, publish: str,
        request: gr.Request, profile: gr.OAuthProfile | None,
    ) -> Updates:  # fmt: skip
        """Start a run, or say something in the one that is open."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            if run_id:
                self.service.send_message(run_id, task, owner)
            else:
                wanted = make_request(
                    self.service.settings, task=task, paper=paper or "", paper_file=paper_file, data=data or "",
                    data_files=data_files, model=model or "", minutes=minutes, publish=publish,
                )  # fmt: skip
                run_id = start(self.service, wanted, owner).run_id
            updates = self._show(run_id, owner, {}, search, str(request.session_hash))
            return updates | {self.page.task: gr.Textbox("", placeholder=BUSY)}

    def example(
        self, visitor: str | None, search: str, event: gr.SelectData, request: gr.Request,
        profile: gr.OAuthProfile | None,
    ) -> Updates:  # fmt: skip
        """One click on an example starts it."""
        task = event.value["text"]
        minutes = next((example.minutes for example in EXAMPLES if example.task == task), None)
        with in_plain_words():
            owner = page_owner(profile, visitor)
            wanted = make_request(self.service.settings, task=task, minutes=minutes)
            run_id = start(self.service, wanted, owner).run_id
            return self._show(run_id, owner, {}, search, str(request.session_hash))

    def answer(self, run_id: str, visitor: str | None, search: str, event: gr.EventData, request: gr.Request,
               profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """One of the offered answers was clicked; it only counts for the question that offers it."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            asked = self.service.question(run_id, owner)
            if asked is None or event.answer not in asked.options:
                raise BadRequestError("This question has been answered already.")
            self.service.send_message(run_id, str(event.answer), owner)
            return self._show(run_id, owner, {}, search, str(request.session_hash))

    def stop(self, run_id: str, visitor: str | None, search: str, request: gr.Request,
             profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.stop_run(run_id, owner)
            return self._show(run_id, owner, {}, search, str(request.session_hash))

    def resume(self, run_id: str, visitor: str | None, search: str, request: gr.Request,
               profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.resume_run(run_id, owner)
            return self._show(run_id, owner, {}, search, str(request.session_hash))

    def approve(self, run_id: str, approval_id: str, visitor: str | None, search: str, request: gr.Request,
                profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.decide_approval(run_id, approval_id, "approved", owner)
            return self._show(run_id, owner, {}, search, str(request.session_hash))

    def reject(self, run_id: str, approval_id: str, feedback: str, visitor: str | None, search: str,
               request: gr.Request, profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.decide_approval(run_id, approval_id, "rejected", owner, feedback.strip())
            return self._show(run_id, owner, {}, search, str(request.session_hash)) | {self.page.feedback: ""}

    # -- watching ----------------------------------------------------------------------------------------

    async def follow(
        self, follow: str, visitor: str | None, request: gr.Request, profile: gr.OAuthProfile | None
    ) -> AsyncIterator[list[Message]]:
        """Stream the conversation while its run works. Ends with the run, or when the page turns to another."""
        run_id = follow.partition(" ")[0]
        if not run_id:
            return
        page = str(request.session_hash)
        with in_plain_words():
            owner = page_owner(profile, visitor)
            ticket = self.followers.attach(page, run_id)
            try:
                drawn: tuple[int, RunStatus, str] | None = None
                while self.followers.holds(page, ticket):
                    state, messages = await asyncio.to_thread(self.views.messages, run_id, owner)
                    if not self.followers.holds(page, ticket):
                        break
                    if drawn != state:
                        drawn = state
                        yield messages
                    if state[1] not in WORKING:
                        break
                    await asyncio.sleep(CHAT_SECONDS)
            finally:
                self.followers.leave(page, ticket)

    def tick(self, run_id: str, visitor: str | None, seen: dict[str, Any], search: str, request: gr.Request,
             profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """Once a second: the panels that changed."""
        if not run_id:
            # An answer for the run that was open may have come after "New run": nothing of it stays.
            return self._nothing | {self.page.seen: {}}
        if self.followers.has_left(str(request.session_hash), run_id):
            return {self.page.follow: gr.skip()}
        with in_plain_words():
            return self._show(run_id, page_owner(profile, visitor), seen, search, str(request.session_hash))

    def search(self, run_id: str, visitor: str | None, search: str, profile: gr.OAuthProfile | None) -> str:
        with in_plain_words():
            return panels.run_list(self.service.list_runs(page_owner(profile, visitor)), run_id, search)

    # -- drawing -----------------------------------------------------------------------------------------

    def _show(self, run_id: str, owner: str, seen: dict[str, Any], search: str, session: str) -> Updates:
        """All updates that bring a page with `seen` up to date with this run."""
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
            updates = self._panels(view, info, changed, status_changed)
            if fresh:
                updates[page.chat] = view.chat.messages(info.status)
        if "approval" in changed or status_changed:
            asked = self.views.question(run_id, owner) if info.status == "waiting" else None
            updates |= self._approval(run_id, owner) | {page.question: panels.question(asked)}
            updates |= self._controls(info, asked is not None)
        if status_changed:
            if tab := _tab(view, info, fresh):
                updates[page.tab] = f"{tab} {run_id} {info.status}"
            updates[page.runs] = panels.run_list(self.service.list_runs(owner), run_id, search)
        if fresh:
            self.followers.turn_to(session, run_id)
            updates |= {page.run_id: run_id, page.last_run: run_id}
        chat_is_stale = info.status in WORKING or "chat" in changed
        if (fresh and info.status in WORKING) or (
            not fresh and chat_is_stale and not self.followers.follows(session, run_id)
        ):
            updates[page.follow] = f"{run_id} {secrets.token_hex(4)}"
        elif fresh:
            self.followers.leave(session)
        updates[page.seen] = {"run": run_id, "versions": versions, "status": info.status}
        return updates

    def _panels(self, view: RunView, info: RunInfo, changed: set[str], status_changed: bool) -> Updates:
        page, updates = self.page, {}
        if "plan" in changed or status_changed:
            updates[page.status] = panels.status(view, info)
        if "training" in changed or any(job.running for job in view.training.jobs.values()):
            updates[page.training] = panels.training(view.training)
        if "paper" in changed:
            updates[page.paper_panel] = panels.paper(view)
        if "results" in changed:
            updates[page.results] = panels.results(view, self.links)
        if "log" in changed:
            updates[page.log] = panels.log(view, self.links)
        if "files" in changed:
            folder = self.service.settings.run_folder(view.run_id) / "artifacts"
            updates[page.files] = panels.files(view, self.links, folder)
        return updates

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
            page.approval_card: safe_markdown(self._card(run_id, owner, request.artifact)),
            page.approval_more: gr.Accordion(visible=request.artifact is not None),
        }

    def _card(self, run_id: str, owner: str, name: str | None) -> str:
        """What is decided about, as Markdown; the YAML head of a model card is for the Hub, not for reading."""
        if name is None:
            return ""
        with contextlib.suppress(BadRequestError, OSError):
            text = self.service.artifact_path(run_id, name, owner).read_text(encoding="utf-8", errors="replace")
            return re.sub(r"\A---\n.*?\n---\n", "", text[:CARD_CHARS], flags=re.DOTALL)
        return "The file is not there any more."

    def _controls(self, info: RunInfo, asked: bool) -> Updates:
        page, working = self.page, info.status in WORKING
        return {
            page.send: gr.Button("Answer" if asked else "Send", visible=not working),
            page.stop: gr.Button(visible=working or info.status == "waiting"),
            page.resume: gr.Button(visible=info.status in RESUMABLE),
            page.task: gr.Textbox(placeholder=BUSY if working else "Your answer" if asked else "Say what to do next"),
            page.timer: gr.Timer(1.0 if working or info.status == "waiting" else 4.0, active=True),
        }

    def _empty(self, owner: str, search: str) -> Updates:
        """As the page was laid out, and the list of runs as it is now."""
        page = self.page
        return {
            **self._nothing,
            page.run_id: "",
            page.last_run: None,
            page.follow: "",
            page.seen: {},
            page.chat: [],
            page.approval: gr.Column(visible=False),
            page.approval_id: "",
            page.question: panels.question(None),
            page.tab: "training",
            page.send: gr.Button("Start", visible=True),
            page.stop: gr.Button(visible=False),
            page.resume: gr.Button(visible=False),
            page.task: gr.Textbox(placeholder="A paper to reproduce, or a task"),
            page.runs: panels.run_list(self.service.list_runs(owner), "", search),
            page.timer: gr.Timer(4.0, active=True),
        }

    def _still_going(self, run_id: str | None, owner: str) -> str:
        """The browser's last run, if it has not ended."""
        if not run_id:
            return ""
        with contextlib.suppress(RunNotFoundError):
            if self.service.info(run_id, owner).status in (*WORKING, "waiting"):
                return run_id
        return ""


def _tab(view: RunView, info: RunInfo, fresh: bool) -> str:
    """The panel that matters in this state; "" where none has a better claim than the one that is open."""
    if info.status == "done" or (info.status == "waiting" and view.training.jobs):
        if view.seed_runs or view.facts.keys() & {"summary", "comparison", "published"}:
            return "results"
        if view.facts.keys() & {"paper", "setup"}:
            return "paper"
    return "training" if fresh else ""
