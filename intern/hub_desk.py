"""What a run's owner can do with the Hub beside the run itself: share its trace, end what was rented for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from intern.account import LOCAL_USER, AccountError, Accounts
from intern.compute.base import ComputeError
from intern.later import Later
from intern.requests import BadRequestError, RunRequest
from intern.runs.approvals import Approvals
from intern.runs.events import FINAL_STATUSES
from intern.runs.ledger import Ledger
from intern.runs.log import RunLog, RunNotFoundError, RunRecord
from intern.runs.trace import TRACE_KINDS, digest_of, render_trace
from intern.settings import Settings

# Half of what a command line would wait for; few runs come to this desk.
if TYPE_CHECKING:
    import intern.compute.hf_sweep as jobs
    import intern.publish.trace as traces
    from intern.compute.hf_sweep import Orphan
    from intern.publish.folder import Published
else:
    jobs, traces = Later("intern.compute.hf_sweep"), Later("intern.publish.trace")


class HubDesk:
    """Part of the service. `own` gives a run's record to its owner and raises RunNotFoundError for anybody else."""

    def __init__(
        self,
        settings: Settings,
        log: RunLog,
        approvals: Approvals,
        accounts: Accounts,
        own: Callable[[str, str], RunRecord],
    ) -> None:
        self._settings = settings
        self._log = log
        self._approvals = approvals
        self._accounts = accounts
        self._own = own

    # -- traces ------------------------------------------------------------------------------------------

    def trace(self, run_id: str, owner: str = LOCAL_USER) -> str:
        """The run as an agent trace (JSON lines), secrets taken out."""
        record = self._own(run_id, owner)
        brain = RunRequest.model_validate(record.request).model or self._settings.model
        events = self._log.events(run_id, limit=10_000_000, kinds=TRACE_KINDS)
        return render_trace(run_id, record.title, brain, events)

    def share_trace(self, run_id: str, trace: str, owner: str = LOCAL_USER) -> Published:
        """Put a trace into its owner's private data set: exactly the one that they have looked at and agreed to.

        Raises BadRequestError: the run has gone on since, there is no account, or the Hub refuses.
        """
        digest, record = digest_of(trace), self._own(run_id, owner)
        try:
            account = self._accounts.account(owner, "publish")
            if self._approvals.find(run_id, "publish", digest) is None and self.trace(run_id, owner) != trace:
                raise BadRequestError("The run has gone on since this trace was made: look at it again.")
            title = f"Put this run's trace into the private data set {traces.place_of(account)}?"
            asked = self._approvals.request(run_id, "publish", digest, title=title, summary="Secrets are taken out.")
            if asked.decision is None:
                self._approvals.decide(run_id, asked.id, "approved", by=record.owner)
            return traces.push_trace(account, run_id, trace)
        except (AccountError, traces.PublishError) as error:
            raise BadRequestError(str(error)) from error

    # -- rented machines ---------------------------------------------------------------------------------

    def end_rented(self, record: RunRecord) -> str:
        """End the rented jobs of a run that nobody works on; a sentence about it, or ""."""
        if RunRequest.model_validate(record.request).compute != "hf-jobs":
            return ""
        try:
            account = self._accounts.account(record.owner, "jobs")
            ended = jobs.end_jobs(account, record.id, Ledger(self._log, record.id))
        except (AccountError, ComputeError) as error:
            return f" Whether a rented job of it still runs could not be looked up: {error}"
        return f" {ended} rented job{'s' if ended != 1 else ''} ended." if ended else ""

    def orphans(self, owner: str = LOCAL_USER) -> list[Orphan]:
        """Rented jobs and their files that no run waits for. Raises BadRequestError."""
        try:
            return jobs.orphans(self._accounts.account(owner, "jobs"), lambda run_id: self._wanted(run_id, owner))
        except (AccountError, ComputeError) as error:
            raise BadRequestError(str(error)) from error

    def sweep(self, found: list[Orphan], owner: str = LOCAL_USER) -> None:
        """End them. Raises BadRequestError."""
        try:
            jobs.sweep(self._accounts.account(owner, "jobs"), found, lambda run_id: Ledger(self._log, run_id))
        except (AccountError, ComputeError) as error:
            raise BadRequestError(str(error)) from error

    def _wanted(self, run_id: str, owner: str) -> Literal["wanted", "over", "unknown"]:
        try:
            return "over" if self._own(run_id, owner).status in FINAL_STATUSES else "wanted"
        except RunNotFoundError:
            return "unknown"
