"""What happens on the page. Handlers only talk to the service: a run does not know that anybody looks at it.

Each asks whose browser this is and lets the service check the run. The chat is the one stream; a timer fetches the
panels and starts the stream again when a run wakes up (an approval in another tab, a message through the API).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import gradio as gr

from intern.account import on_space
from intern.runs.approvals import ApprovalError
from intern.runs.events import RunStatus, UserMessage
from intern.runs.log import RunBusyError, RunNotFoundError
from intern.runs.turns import standing
from intern.service import BadRequestError, Service
from intern.settings import SettingsError
from intern.ui import panels
from intern.ui.chat import Message, note_message
from intern.ui.drawing import WORKING, Drawing, Updates
from intern.ui.files import FileLinks
from intern.ui.followers import Followers
from intern.ui.identity import IdentityError, is_visitor, new_visitor, page_owner
from intern.ui.layout import EXAMPLES, Page
from intern.ui.notices import checklist, notices
from intern.ui.rent import choices, machines, terms
from intern.ui.requests import make_request, require_room, start
from intern.ui.view import Views

OPTION = re.compile(r" \(--[a-z-]+\)")
CHAT_SECONDS = 0.25
"""At most four redraws of the chat a second: each costs the server and the browser milliseconds."""


@contextlib.contextmanager
def in_plain_words() -> Iterator[None]:
    """What the service refuses becomes a message on the page, in the service's own line."""
    try:
        yield
    except (BadRequestError, RunNotFoundError, RunBusyError, ApprovalError, SettingsError, IdentityError) as error:
        # The option of the command line that a message names is not on this page.
        raise gr.Error(OPTION.sub("", str(error)), print_exception=False) from error


class Handlers:
    """The page's behaviour, bound to one service and one layout."""

    def __init__(self, service: Service, page: Page, links: FileLinks, views: Views) -> None:
        self.service, self.page, self.views = service, page, views
        self.followers = Followers()
        self.drawing = Drawing(service, page, links, views, self.followers)

    # -- opening -----------------------------------------------------------------------------------------

    def restore(
        self, visitor: str | None, last_run: str | None, request: gr.Request, profile: gr.OAuthProfile | None,
        token: gr.OAuthToken | None,
    ) -> Updates:  # fmt: skip
        """A page was loaded: be back in its run, whether from the address or (still working) from last time."""
        if on_space() and profile is None and not is_visitor(visitor):
            visitor = new_visitor()
        with in_plain_words():
            owner = self._who(profile, visitor, token)
        page = self.page
        # Only what is certain: on a slow line somebody may have sent a task before this answer is there.
        updates: Updates = {
            page.visitor: visitor,
            page.header: self.drawing.head(owner),
            page.notices: notices(self.service, owner, token.scope if token is not None else None),
        }
        asked = str(request.query_params.get("run") or "")
        try:
            if run_id := asked or self._still_going(last_run, owner):
                # The search box of a page that loads is empty, and an update that reaches a box as its tab is opened
                # for the first time would take the first letter typed there.
                return updates | self.drawing.show(run_id, owner, {}, "", str(request.session_hash), find="")
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
            return self.drawing.show(
                str(event.run), page_owner(profile, visitor), {}, search, str(request.session_hash)
            )

    def new_run(
        self, visitor: str | None, search: str, request: gr.Request, profile: gr.OAuthProfile | None
    ) -> Updates:
        """Back to the empty page; the run that was open goes on."""
        self.followers.leave(str(request.session_hash))
        self.followers.turn_to(str(request.session_hash), "")
        with in_plain_words():
            return self.drawing.empty(page_owner(profile, visitor), search)

    def closed(self, request: gr.Request) -> None:
        self.followers.forget(str(request.session_hash))

    # -- acting ------------------------------------------------------------------------------------------

    def send(
        self, task: str, run_id: str, visitor: str | None, search: str, paper: str, paper_file: str | None,
        data: str, data_files: list[str] | None, weights: str, minutes: float | None, model: str, publish: str,
        review: bool, compute: str, budget: float | None, flavor: str,
        request: gr.Request, profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        """Start a run, or say something in the one that is open."""
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            if run_id:
                require_room(self.service, owner)
                self.service.send_message(run_id, task, owner, self._another_brain(run_id, owner, model))
            else:
                wanted = make_request(
                    self.service.settings, task=task, paper=paper or "", paper_file=paper_file, data=data or "",
                    data_files=data_files, weights=weights or "", model=model or "", minutes=minutes, publish=publish,
                    review=review, compute=compute, budget_usd=budget,
                    flavor=(flavor or "") if compute == "hf-jobs" else "",
                )  # fmt: skip
                run_id = start(self.service, wanted, owner).run_id
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def _another_brain(self, run_id: str, owner: str, chosen: str | None) -> str | None:
        """The brain that was chosen under “Options”, unless it is the one that works on the run already."""
        return chosen if chosen and chosen != self.service.request(run_id, owner).model else None

    def rent(self, compute: str, flavor: str | None, minutes: float | None, budget: float | None, visitor: str | None,
             profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        """What a rented machine would cost, as soon as one is thought of."""
        page = self.page
        if compute != "hf-jobs":
            return {page.rent_box: gr.Column(visible=False)}
        with in_plain_words():
            flavors = machines(self.service, self._who(profile, visitor, token))
        name = flavor if flavor in [one.name for one in flavors] else ""
        return {
            page.rent_box: gr.Column(visible=True),
            page.flavor: gr.Dropdown(choices(flavors), value=name or ""),
            page.rent: terms(flavors, name or "", minutes or self.service.settings.limits.minutes, budget or 0.0),
        }

    def example(
        self, visitor: str | None, search: str, event: gr.SelectData, request: gr.Request,
        profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        """One click on an example starts it."""
        task = event.value["text"]
        minutes = next((example.minutes for example in EXAMPLES if example.task == task), None)
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            wanted = make_request(self.service.settings, task=task, minutes=minutes)
            run_id = start(self.service, wanted, owner).run_id
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def answer(self, run_id: str, visitor: str | None, search: str, event: gr.EventData, request: gr.Request,
               profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        """One of the offered answers was clicked; it only counts for the question that offers it."""
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            asked = self.service.question(run_id, owner)
            if asked is None or event.answer not in asked.options:
                raise BadRequestError("This question has been answered already.")
            self.service.send_message(run_id, str(event.answer), owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def undo(self, run_id: str, visitor: str | None, search: str, request: gr.Request,
             profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """Take back the last message and what came of it; its words are in the box again."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            events = standing(self.service.events(run_id, owner, kinds=("user", "undo")))
            said = [event.body.text for event in events if isinstance(event.body, UserMessage)]
            self.service.undo_turn(run_id, owner)
            shown = self.drawing.show(run_id, owner, {}, search, str(request.session_hash))
            return shown | {self.page.task: gr.Textbox(said[-1], placeholder="Say what to do next")}

    def stop(self, run_id: str, visitor: str | None, search: str, request: gr.Request,
             profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.stop_run(run_id, owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def resume(self, run_id: str, visitor: str | None, search: str, request: gr.Request,
               profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            require_room(self.service, owner)
            self.service.resume_run(run_id, owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def approve(self, run_id: str, approval_id: str, visitor: str | None, search: str, request: gr.Request,
                profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            self.service.decide_approval(run_id, approval_id, "approved", owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def reject(self, run_id: str, approval_id: str, feedback: str, visitor: str | None, search: str,
               request: gr.Request, profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.decide_approval(run_id, approval_id, "rejected", owner, feedback.strip())
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash)) | {self.page.feedback: ""}

    def save_spec(self, run_id: str, text: str, visitor: str | None, search: str, request: gr.Request,
                  profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """The experiment as the person changed it, in the place of the one that waits."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.edit_spec(run_id, text, owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def save_program(self, run_id: str, approval_id: str, text: str, visitor: str | None, search: str,
                     request: gr.Request, profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> Updates:  # fmt: skip
        """The program as the person changed it, in the place of the one that a decision is asked about."""
        with in_plain_words():
            owner = self._who(profile, visitor, token)
            asked = next((a for a in self.service.pending(run_id, owner) if a.approval_id == approval_id), None)
            if asked is None or asked.program is None:
                raise BadRequestError("This request does not wait any more: look at the one that is shown now.")
            before = self.service.artifact_path(run_id, asked.program, owner).read_text(encoding="utf-8")
            if text.strip() == before.strip():
                raise BadRequestError("The program is as it was: nothing was changed, and the request still waits.")
            self.service.edit_program(run_id, text.rstrip() + "\n", owner)
            return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))

    def rename(self, visitor: str | None, search: str, run_id: str, event: gr.EventData, request: gr.Request,
               profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """A new name for a run, from the sidebar."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.rename_run(str(event.run), str(event.title), owner)
            if run_id == event.run:
                return self.drawing.show(run_id, owner, {}, search, str(request.session_hash))
            return {self.page.runs: panels.run_list(self.service.list_runs(owner), run_id, search)}

    def remove(self, visitor: str | None, search: str, run_id: str, event: gr.EventData, request: gr.Request,
               profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """Delete a run and its files, from the sidebar."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
            self.service.delete_run(str(event.run), owner)
            self.views.forget(str(event.run))
        if run_id == event.run:
            return self.new_run(visitor, search, request, profile)
        return {self.page.runs: panels.run_list(self.service.list_runs(owner), run_id, search)}

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

    def tick(self, run_id: str, visitor: str | None, seen: dict[str, Any], search: str, find: str, request: gr.Request,
             profile: gr.OAuthProfile | None) -> Updates:  # fmt: skip
        """Once a second: the panels that changed."""
        if not run_id:
            # An answer for the run that was open may have come after "New run": nothing of it stays.
            return self.drawing.nothing | {self.page.seen: {}}
        if self.followers.has_left(str(request.session_hash), run_id):
            return {self.page.follow: gr.skip()}
        with in_plain_words():
            owner = page_owner(profile, visitor)
            return self.drawing.show(run_id, owner, seen, search, str(request.session_hash), find)

    def find(self, run_id: str, visitor: str | None, find: str, profile: gr.OAuthProfile | None) -> str:
        """Lines of the log that hold a word."""
        if not run_id:
            return str(self.page.log.value)
        with in_plain_words():
            return self.drawing.log(run_id, page_owner(profile, visitor), find)

    def search(self, run_id: str, visitor: str | None, search: str, profile: gr.OAuthProfile | None) -> str:
        with in_plain_words():
            return panels.run_list(self.service.list_runs(page_owner(profile, visitor)), run_id, search)

    def _who(self, profile: gr.OAuthProfile | None, visitor: str | None, token: gr.OAuthToken | None) -> str:
        """Whose click this is; their runs act with the token of their sign-in, which is kept in memory only."""
        owner = page_owner(profile, visitor)
        if profile is not None and token is not None:
            self.service.accounts.sign_in(owner, token.token, token.scope, float(token.expires_at))
        return owner

    def checklist(self, visitor: str | None, profile: gr.OAuthProfile | None) -> Updates:
        """What works here and what is left to set up."""
        with in_plain_words():
            owner = page_owner(profile, visitor)
        return {self.page.checklist: checklist(self.service, owner), self.page.checklist_box: gr.Column(visible=True)}

    def _still_going(self, run_id: str | None, owner: str) -> str:
        """The browser's last run, if it has not ended."""
        if not run_id:
            return ""
        with contextlib.suppress(RunNotFoundError):
            if self.service.info(run_id, owner).status in (*WORKING, "waiting"):
                return run_id
        return ""
