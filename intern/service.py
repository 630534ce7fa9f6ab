"""The one façade that all faces use: start, send, stop, decide, list, tail, artifact.

Runs live here, in threads of this process, outside any browser connection. Whoever calls says as whom (`owner`);
every method checks that the run is theirs, and another's run looks like no run at all.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from typing import TYPE_CHECKING, Literal

from intern.account import Accounts
from intern.admission import admit, check_brain, places_to_train
from intern.agent.kept import SandboxKeeper
from intern.hub_desk import HubDesk
from intern.network import is_online
from intern.records import QUESTION_KINDS, Records
from intern.requests import LOCAL_USER, BadRequestError, Health, RunInfo, RunRequest
from intern.runs.approvals import Approvals
from intern.runs.events import FINAL_STATUSES, Status, UserMessage
from intern.runs.log import RunBusyError, RunLog
from intern.runs.places import Places
from intern.runs.report import open_question
from intern.runs.turns import NothingToUndoError, take_back
from intern.runs.workspace import Run
from intern.session import Session
from intern.settings import Settings

if TYPE_CHECKING:
    from intern.papers.model import Reading

__all__ = ["LOCAL_USER", "BadRequestError", "Health", "RunInfo", "RunRequest", "Service", "read_paper"]


class Service(Records):
    """All runs of one INTERN_HOME, and the threads that work on them."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError when INTERN_HOME cannot be written."""
        settings.prepare_home()
        super().__init__(settings, RunLog(settings.database))
        self.approvals = Approvals(self.log)
        self._lock = threading.Lock()
        self._active: dict[str, Session] = {}
        self.accounts = Accounts(settings)
        self.hub = HubDesk(settings, self.log, self.approvals, self.accounts, self._own)
        self._keeper = SandboxKeeper()
        self._places = Places(settings.app.max_running)

    # -- starting and steering ---------------------------------------------------------------------------

    def start_run(self, request: RunRequest, owner: str = LOCAL_USER, client_key: str | None = None) -> RunInfo:
        """Begin a run and return at once. Raises BadRequestError.

        The same `client_key` of the same owner returns the run that it started before.
        """
        request = admit(request, owner, self.settings, self.accounts)
        run_id, new = self.log.create(owner, _title(request), request, client_key)
        if new:
            self.log.append(run_id, UserMessage(text=request.task), key="task")
            self._launch(run_id)
        return self.info(run_id, owner)

    def send_message(self, run_id: str, text: str, owner: str = LOCAL_USER, model: str | None = None) -> RunInfo:
        """Continue a run's conversation, from now on with another brain if one is named.

        Raises BadRequestError while the run is still working.
        """
        record = self._own(run_id, owner)
        if not text.strip():
            raise BadRequestError("The message is empty: say what to do.")
        if record.status in ("running", "queued"):
            raise BadRequestError("The intern is still working on this run: wait for it, or stop it first.")
        if model not in (None, "planner"):
            check_brain(str(model), owner, self.settings, self.accounts)
        self._settle(run_id)
        self.log.append(run_id, UserMessage(text=text.strip(), model=model))
        self.log.append(run_id, Status(status="queued"))
        self._launch(run_id)
        return self.info(run_id, owner)

    def undo_turn(self, run_id: str, owner: str = LOCAL_USER, instead: str | None = None) -> RunInfo:
        """Take back the person's last message and all that came of it in the conversation; say `instead` in its place.

        The log keeps it. Files, finished training and what was published stay. Raises BadRequestError.
        """
        record = self._own(run_id, owner)
        if record.status in ("running", "queued"):
            raise BadRequestError("The intern is still working on this run: stop it first, then undo.")
        self._settle(run_id)
        try:
            take_back(self.log, self.approvals, run_id, by=owner, replaced=bool((instead or "").strip()))
        except NothingToUndoError as error:
            raise BadRequestError(str(error)) from error
        self._keeper.drop(run_id)  # its variables hold what was undone
        return self.send_message(run_id, instead, owner) if instead else self.info(run_id, owner)

    def stop_run(self, run_id: str, owner: str = LOCAL_USER) -> RunInfo:
        """Stop a run; its processes end within a second. Stopping an ended run changes nothing."""
        record = self._own(run_id, owner)
        with self._lock:
            worker = self._active.get(run_id)
        if worker is not None:
            worker.run.cancel.set()
            worker.thread.join(10)
        elif record.status not in FINAL_STATUSES:
            if record.status == "running":
                self._stop_elsewhere(run_id)
            else:
                self.log.append(
                    run_id, Status(status="stopped", reason=f"Stopped by you.{self.hub.end_rented(record)}")
                )
        return self.info(run_id, owner)

    def _stop_elsewhere(self, run_id: str, patience: float = 10.0) -> None:
        """Another process works on the run: it looks for this wish twice a second."""
        self.log.ask_stop(run_id)
        deadline = time.monotonic() + patience
        while self.log.get(run_id).status == "running" and time.monotonic() < deadline:
            time.sleep(0.1)

    def resume_run(
        self,
        run_id: str,
        owner: str = LOCAL_USER,
        approve_within_budget: bool | None = None,
        budget_usd: float | None = None,
    ) -> RunInfo:
        """Go on where a run was interrupted, parked or stopped. Raises BadRequestError when there is nothing to do."""
        record = self._own(run_id, owner)
        if record.status == "done":
            raise BadRequestError("This run is done: there is nothing to resume. Send it a message instead.")
        if record.status == "running":
            raise BadRequestError("This run is being worked on already.")
        self._settle(run_id)
        self.log.append(run_id, Status(status="queued"))
        self._launch(run_id, approve_within_budget, budget_usd)
        return self.info(run_id, owner)

    def decide_approval(
        self,
        run_id: str,
        approval_id: str,
        decision: Literal["approved", "rejected"],
        owner: str = LOCAL_USER,
        feedback: str = "",
    ) -> RunInfo:
        """A person's decision. Raises ApprovalError (taken before, expired, unknown) and wakes the parked run."""
        self._own(run_id, owner)
        self.approvals.decide(run_id, approval_id, decision, by=owner, feedback=feedback)
        self._settle(run_id)
        with contextlib.suppress(RunBusyError):  # another process holds the run and looks for the decision itself
            self._launch(run_id)
        return self.info(run_id, owner)

    def rename_run(self, run_id: str, title: str, owner: str = LOCAL_USER) -> RunInfo:
        self._own(run_id, owner)
        if not title.strip():
            raise BadRequestError("A run needs a name.")
        self.log.rename(run_id, title.strip()[:120])
        return self.info(run_id, owner)

    def delete_run(self, run_id: str, owner: str = LOCAL_USER) -> None:
        """Delete a run that has ended: its record and its files. What it published stays. Raises BadRequestError."""
        record = self._own(run_id, owner)
        if record.status not in (*FINAL_STATUSES, "interrupted"):
            raise BadRequestError("This run has not ended: stop it first, then delete it.")
        self._settle(run_id)
        self._keeper.drop(run_id)
        self.log.delete(run_id)
        shutil.rmtree(self.settings.run_folder(run_id), ignore_errors=True)

    def spec_yaml(self, run_id: str, owner: str = LOCAL_USER) -> str:
        """The experiment that waits to be started, as YAML. Raises BadRequestError when there is none to edit."""
        from intern.tools.launch import waiting_spec

        try:
            return waiting_spec(self._parked(run_id, owner), self.settings).spec.to_yaml()
        except ValueError as error:
            raise BadRequestError(str(error)) from error

    def edit_spec(self, run_id: str, yaml: str, owner: str = LOCAL_USER, go_on: bool = True) -> RunInfo:
        """Replace that experiment; it is checked again and needs its own yes. Raises BadRequestError: what is wrong where."""
        from intern.tools.launch import replace_spec

        try:
            replace_spec(self._parked(run_id, owner), self.settings, yaml)
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        if go_on:
            self._ask_anew(run_id)
        return self.info(run_id, owner)

    def edit_program(self, run_id: str, program: str, owner: str = LOCAL_USER, go_on: bool = True) -> RunInfo:
        """Replace the training program of the job that waits for a decision; it needs its own yes. Raises BadRequestError."""
        from intern.tools.launch import replace_program

        try:
            replace_program(self._parked(run_id, owner), self.settings, program)
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        if go_on:
            self._ask_anew(run_id)
        return self.info(run_id, owner)

    def _ask_anew(self, run_id: str) -> None:
        """After an edit took back what was asked, the run goes on to ask about what it would do now."""
        if self.log.get(run_id).status == "waiting" and not self.approvals.pending(run_id):
            self._launch(run_id)

    def _parked(self, run_id: str, owner: str) -> Run:
        """A run that nobody works on at this moment."""
        record = self._own(run_id, owner)
        if record.status in ("running", "queued"):
            raise BadRequestError("The intern is working on this run: stop it first, then edit the experiment.")
        self._settle(run_id)
        return Run(run_id, record.owner, self.log, self.approvals, self.settings.run_folder(run_id))

    # -- looking (the rest: records.py) --------------------------------------------------------------------

    def live_text(self, run_id: str, owner: str = LOCAL_USER) -> str:
        """The reply that the brain is writing at this moment in this process; "" when it is not writing."""
        self._own(run_id, owner)
        with self._lock:
            worker = self._active.get(run_id)
        return worker.run.live if worker is not None else ""

    def health(self) -> Health:
        """What works here. Cheap after the first call."""
        from intern import __version__
        from intern.sandbox.detect import detect

        isolation = detect(self.settings.sandbox)
        with self._lock:
            running = len(self._active)
        return Health(
            version=__version__,
            brain=self.settings.model,
            offline=self.settings.offline,
            sandbox=isolation.level,
            sandbox_line=isolation.line,
            compute=places_to_train(self.settings, self.accounts),
            home=str(self.settings.home),
            running=running,
        )

    # -- threads -----------------------------------------------------------------------------------------

    def recover(self) -> list[str]:
        """Resume all runs that a dead process left behind; the app calls this when it starts."""
        resumed = []
        for run_id in self.log.orphans():
            with contextlib.suppress(RunBusyError):
                self._launch(run_id)
                resumed.append(run_id)
        return resumed

    def join(self, run_id: str, timeout: float | None = None) -> bool:
        """Wait for this process to be done with a run; True when it is."""
        with self._lock:
            worker = self._active.get(run_id)
        if worker is not None:
            worker.thread.join(timeout)
            return not worker.thread.is_alive()
        return True

    def close(self, reason: str = "", timeout: float = 10.0) -> None:
        """Interrupt all threads of this process; the runs can be resumed.

        Without a `reason` the next app that starts resumes them by itself; with one they wait for a person.
        """
        with self._lock:
            workers = list(self._active.values())
        for worker in workers:
            worker.interrupted = reason
            worker.shutdown = worker.run.leaving = True
            worker.run.cancel.set()
        deadline = time.monotonic() + timeout
        for worker in workers:
            worker.thread.join(max(0.0, deadline - time.monotonic()))
        self._keeper.close()

    def _settle(self, run_id: str) -> None:
        """Wait for a thread that has said its last word but not left yet."""
        with self._lock:
            session = self._active.get(run_id)
        if session is not None and self.log.get(run_id).status not in ("running", "queued"):
            session.thread.join(10)

    def _launch(self, run_id: str, approve_within_budget: bool | None = None, budget_usd: float | None = None) -> None:
        record = self.log.get(run_id)
        request = self.request(run_id, record.owner)
        if approve_within_budget is not None:
            request.approve_within_budget = approve_within_budget
        if budget_usd is not None:
            request.budget_usd = budget_usd
        with self._lock:
            if run_id in self._active:
                return
            self.log.lease(run_id)
            run = Run(run_id, record.owner, self.log, self.approvals, self.settings.run_folder(run_id))
            session = Session(
                self.settings, run, request, self._places.taken, self._forget, self._keeper, self.accounts
            )
            self._active[run_id] = session
        session.thread.start()

    def _forget(self, run_id: str) -> None:
        """A worker says that it is done with a run."""
        with self._lock:
            self._active.pop(run_id, None)
        self.log.release(run_id)
        asking = open_question(self.log.events(run_id, kinds=QUESTION_KINDS))
        if self.log.get(run_id).status == "waiting" and asking is None and not self.approvals.pending(run_id):
            self._launch(run_id)  # the decision came while the run was parking


def read_paper(source: str, settings: Settings) -> Reading:
    """A paper's document and typed setup, from a file, an arXiv id, a URL or a title. Raises PaperError."""
    from intern.papers.find import find_paper  # PyMuPDF comes with it: a second and 100 MB that no page needs

    return find_paper(source, settings, is_online(settings)).read()


def _title(request: RunRequest) -> str:
    first = request.task.strip().splitlines()[0]
    return first if len(first) <= 80 else first[:79] + "…"
