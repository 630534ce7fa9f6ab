"""One run at work: a thread that builds the brain, its tools and its sandbox, and carries a turn to its end."""

from __future__ import annotations

import contextvars
import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from intern.account import Account, AccountError, Accounts, how_to_sign_in, on_space
from intern.compute.base import Backend, ComputeError
from intern.compute.local import LocalBackend
from intern.network import is_online
from intern.redact import redact
from intern.requests import RunRequest
from intern.runs.claims import DOUBTED, failed_without_result, unsupported_claims
from intern.runs.events import Answer, Status
from intern.runs.ledger import Ledger
from intern.runs.workspace import Run, RunAsks, RunFailed, RunNeedsAccount, RunOverBudget, RunParked, RunStopped
from intern.settings import Settings

if TYPE_CHECKING:
    from intern.agent.intern import Intern
    from intern.agent.kept import Kept, SandboxKeeper
    from intern.agent.messages import Mind
    from intern.agent.opening import Opening
    from intern.tools.given import Given
    from intern.tools.mcp_servers import McpServers
    from intern.tools.prompt import Listed

HARD_STOP_FACTOR = 1.5
HARD_STOP_EXTRA_SECONDS = 120.0
WATCH_SECONDS = 0.4
SMALL_STEPS = 40
MOST_DIALS = 500
MOST_EVENTS = 1_000_000


class Session:
    """The thread of one run. `run.cancel` stops it; `shutdown` makes that an interruption that can be resumed."""

    def __init__(
        self,
        settings: Settings,
        run: Run,
        request: RunRequest,
        slot: Callable[[Run], AbstractContextManager[None]],
        done: Callable[[str], None],
        keeper: SandboxKeeper,
        accounts: Accounts,
    ) -> None:
        self.settings = settings
        self.run = run
        self.request = request
        self.shutdown = False
        self.interrupted = ""
        self.out_of_time = False
        self._slot = slot
        self._done = done
        self._keeper = keeper
        self._accounts = accounts
        self._dials = 0
        self._began = 0.0
        self._mcp: McpServers | None = None
        self._mind: Mind | None = None
        self._kept: Kept | None = None
        # The context of whoever starts the run goes with it: on ZeroGPU it says whose quota is used.
        context = contextvars.copy_context()
        self.thread = threading.Thread(target=context.run, args=(self._work,), name=f"run-{run.id}", daemon=True)

    @property
    def minutes(self) -> float:
        return self.request.max_minutes or self.settings.limits.minutes

    # -- the thread --------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Every end of a run passes here, so that its log always says how it ended."""
        try:
            with self._slot(self.run):
                self._turn()
        except RunStopped:
            self._stopped()
        except RunAsks as asked:
            self._status("waiting", f"A question for you: {asked}")
        except RunNeedsAccount as needed:
            self._status("interrupted", str(needed))
        except RunParked:
            self._status("waiting", "A decision is needed.")
        except RunOverBudget as failure:
            self._status("stopped", str(failure))
        except RunFailed as failure:
            self._status("failed", str(failure))
        except Exception as error:  # noqa: BLE001 - the last line of defence: a defect must end as a failed run, not a silent thread
            self._defect(error)
        finally:
            self._done(self.run.id)

    def _turn(self) -> None:
        self._status("running")
        self._began = time.monotonic()
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), name=f"watch-{self.run.id}", daemon=True).start()
        agent, began = None, 0.0
        try:
            agent = self._build()
            began = time.time()  # what it lays out for the code is nothing that the code wrote
            agent.turn()
            self._keep_files(agent, began)
            self._audit_answer()
            self._keep(agent)
            self._status("done")
        except RunParked:
            self._keep_files(agent, began)
            self._keep(agent)
            raise
        except BaseException:
            if agent is not None:
                self._keep_files(agent, began)
                agent.cleanup()
            elif self._kept is not None:
                self._kept.executor.cleanup()
            raise
        finally:
            over.set()
            if self._mind is not None:
                self._mind.close()
            if self._mcp is not None:
                self._mcp.close()

    def _audit_answer(self) -> None:
        """Say which numbers of the answer nobody measured."""
        events = self.run.log.events(self.run.id, kinds=("answer", "fact", "metric", "job", "note"), limit=MOST_EVENTS)
        answer = next((e.body.text for e in reversed(events) if isinstance(e.body, Answer)), "")
        if doubted := unsupported_claims(answer, events):
            text = f"{DOUBTED} that no measurement of this run supports: {', '.join(doubted[:6])}."
            self.run.note(text, "warning")
        if failure := failed_without_result(events):
            self.run.note(failure, "warning", quotes=True)

    def _keep_files(self, agent: Intern | None, began: float) -> None:
        """What an LLM's code wrote can be fetched like every file of the run. The planner's steps write none."""
        from intern.tools.made import keep_made_files

        if agent is not None and agent.guard.hints:
            keep_made_files(self.run, began)

    def _keep(self, agent: Intern | None) -> None:
        """Variables stay for the next turn. The planner needs none: each of its steps stands for itself."""
        from intern.agent.kept import Kept

        if agent is None:
            return
        if agent.guard.hints:
            self._keeper.keep(self.run.id, Kept(agent.python_executor, agent.sandbox_since))
        else:
            agent.cleanup()

    def _watch(self, over: threading.Event) -> None:
        """Stops the run when its time is up, or when another process asks for it."""
        deadline = time.monotonic() + self.minutes * 60 * HARD_STOP_FACTOR + HARD_STOP_EXTRA_SECONDS
        while not over.wait(WATCH_SECONDS):
            self.out_of_time = time.monotonic() > deadline + self.run.away_seconds
            if self.out_of_time or self.run.log.stop_asked(self.run.id):
                self.run.cancel.set()
                return

    def _stopped(self) -> None:
        if self.shutdown:
            if self.interrupted:
                self._status("interrupted", self.interrupted)
            return  # else no status: the lease ends with the process, and the next app resumes the run
        reason = "Stopped by you."
        if self.out_of_time:
            reason = (
                f"Stopped: the time budget of {self.minutes:g} minutes is used up. Resume the run for as much again."
            )
            self._tell_what_is_known()
        self._status("stopped", reason)

    def _tell_what_is_known(self) -> None:
        """A hard stop ends with what there is, from the log."""
        from intern.agent.summary import SUMMARY_KINDS, known_so_far

        self.run.note(known_so_far(self.run.log.events(self.run.id, kinds=SUMMARY_KINDS)), quotes=True)

    def _defect(self, error: Exception) -> None:
        from intern.agent.endpoint import ModelError
        from intern.agent.guards import LimitReachedError, StuckError
        from intern.agent.models import UnknownModelError

        if isinstance(error, LimitReachedError):
            self._tell_what_is_known()
            self._status("stopped", str(error))
            return
        cause = error.__cause__ if isinstance(error.__cause__, ModelError) else error
        expected = isinstance(cause, ModelError | UnknownModelError | StuckError | ComputeError)
        if not expected:
            told = redact("".join(traceback.format_exception(error)))
            (self.run.folder / "defect.txt").write_text(told, encoding="utf-8")
        text = str(cause) if expected else f"A defect of the intern: {type(error).__name__}: {error} (see defect.txt)"
        self._status("failed", redact(text)[:1000])

    def _status(self, status: str, reason: str = "") -> None:
        self.run.emit(Status(status=status, reason=reason))  # type: ignore[arg-type]

    # -- building ----------------------------------------------------------------------------------------

    def _build(self) -> Intern:
        """The agent of a turn. Its first request leaves once there is a brain; the rest is imported meanwhile."""
        from intern.agent.models import is_small
        from intern.tools.listing import listed

        online, name = is_online(self.settings), self.request.model or self.settings.model
        self._introduce(name, online)
        self._mind = mind = self._choose_mind(name)
        self._kept = self._keeper.take(self.run.id)
        backend, opening = self._backend(), None
        local = self._accounts.is_installer(self.run.owner)
        if not is_small(mind) and not self.settings.mcp_servers(local):
            opening = self._open(mind, listed(online, name != "planner"))
            opening.ask_ahead()
        try:
            return self._equip(mind, backend, online, opening)
        except BaseException:
            if opening is not None:
                opening.give_up()
            raise

    def _choose_mind(self, name: str) -> Mind:
        """Raises RunNeedsAccount, UnknownModelError, RunStopped."""
        from intern.agent.models import build_model

        token = self._accounts.brain_token(self.run.owner)
        if on_space() and "/" in name and not token and not self.settings.llm_base_url:
            how = how_to_sign_in(self.run.owner)
            raise RunNeedsAccount(f"The model {name} is paid by your own account: {how} Then resume this run.")
        payer = self._accounts.payer(self.run.owner)
        return build_model(name, self.settings, token, self.run.cancel, self.run.note, payer)

    def _open(self, mind: Mind, tools: Sequence[Listed], given: Given | None = None) -> Opening:
        """The conversation so far and a brain for it; `given`: what was handed to a small model's code."""
        from intern.agent.guards import Limits
        from intern.agent.models import has_short_context, is_llm, is_small
        from intern.agent.opening import Opening
        from intern.tools.prompt import PromptKind, example_messages, system_prompt

        kind: PromptKind = "small" if is_small(mind) else "short" if has_short_context(mind) else "system"
        limits = self.settings.limits
        opening = Opening(
            self.run, mind, system_prompt(tools, kind),
            given=self.request.told(self.minutes, given.files if given else {}, given.paper if given else self.request.paper),
            limits=Limits(tokens=limits.tokens, usd=self.request.budget_usd or limits.model_usd), small=is_small(mind),
            example=example_messages() if given and not given.look.code else [], names=given.names if given else {},
            advice=given.look.advice if given else "", looks=not given or bool(given.look.code),
        )  # fmt: skip
        if self._kept is None and is_llm(mind):
            opening.tell_new_sandbox()
        return opening

    def _equip(self, mind: Mind, backend: Backend, online: bool, opening: Opening | None) -> Intern:
        """Tools, sandbox and agent. smolagents is imported here, in the run's thread: nothing else waits for it."""
        from intern.agent.intern import Intern
        from intern.agent.models import is_small
        from intern.agent.planner import Planner
        from intern.sandbox.executor import SandboxExecutor
        from intern.tools.all_tools import build_tools, usable
        from intern.tools.given import hand_over
        from intern.tools.mcp_tools import add_servers
        from intern.tools.workbench import Workbench

        limits, local = self.settings.limits, self._accounts.is_installer(self.run.owner)
        live: list[Intern] = []
        bench = Workbench(
            run=self.run, settings=self.settings, backend=backend, online=online, minutes=self.minutes,
            usd=self.request.budget_usd, publish=self.request.publish,
            approve_within_budget=self.request.approve_within_budget, paper=self.request.paper,
            data=self._local_data(), hub_data=None if self._local_data() else self.request.data,
            weights=self.request.weights,
            github_token=self._own("INTERN_GITHUB_TOKEN"), allowed_hosts=self._allowed_hosts(), on_connect=self._connected,
            on_output=lambda text: live[0].live_output(text), has_llm=not isinstance(mind, Planner),
            review=self.request.review, accounts=self._accounts, flavor=self.request.flavor, started=self._began,
        )  # fmt: skip
        tools = build_tools(bench)
        self._mcp = add_servers(bench, local)
        kept = self._kept
        if kept is not None:
            executor = kept.executor
            executor.attach(lambda text: live[0].live_output(text), self.run.cancel)
        else:
            executor = SandboxExecutor(
                self.run.folder / "work", self.settings.sandbox, lambda text: live[0].live_output(text),
                self.run.cancel, limits.step_seconds, allowed_hosts=bench.allowed_hosts, on_connect=self._connected,
            )  # fmt: skip
        given = hand_over(bench, self.request.task, local and not on_space()) if is_small(mind) else None
        agent = Intern(
            self.run, tools, opening or self._open(mind, usable(tools), given), executor, max_steps=self._max_steps(mind),
            observation_chars=limits.observation_chars, sandbox_since=kept.since if kept is not None else None,
        )  # fmt: skip
        if given is not None:
            agent.look_first(given.look.code, given.look.kind)
        live.append(agent)
        bench.brain = agent.brain
        return agent

    def _max_steps(self, mind: Mind) -> int:
        """As asked; a small model that is not done after forty steps goes round in circles."""
        from intern.agent.models import is_small

        usual = self.settings.limits.steps
        return self.request.max_steps or (min(usual, SMALL_STEPS) if is_small(mind) else usual)

    def _own(self, variable: str) -> str | None:
        """A token of the environment, for the person whose environment it is; nobody else acts in that name."""
        return os.environ.get(variable) if self._accounts.is_installer(self.run.owner) else None

    def _allowed_hosts(self) -> tuple[str, ...]:
        """Hosts that the installation and the run's owner allow; what the owner adds is said in the log."""
        if self.request.allowed_hosts:
            text = f"Code of this run may connect to {', '.join(self.request.allowed_hosts)}, as you allowed."
            self.run.note(text, "warning", key="allowed-hosts")
        return (*self.settings.sandbox.allowed_hosts, *self.request.allowed_hosts)

    def _backend(self) -> Backend:
        if self.request.compute == "hf-jobs":
            from intern.compute.hf_jobs import HfJobsBackend
            from intern.compute.hf_records import RENTED

            run = self.run
            return HfJobsBackend(
                account=self._account_for_jobs, run_id=run.id, notes=run.folder / RENTED,
                ledger=Ledger(run.log, run.id), leaving=lambda: run.leaving, outside=lambda: run.outside(),
            )  # fmt: skip
        if self.request.compute == "zerogpu":
            from intern.compute.zerogpu import ZeroGpuBackend
            from intern.experiments.programs import is_ours

            return ZeroGpuBackend(is_ours)
        return LocalBackend(self.settings.jobs)

    def _account_for_jobs(self) -> Account:
        """Raises RunNeedsAccount: the run was let in with an account, so it waits for its owner to sign in again."""
        try:
            return self._accounts.account(self.run.owner, "jobs")
        except AccountError as error:
            raise RunNeedsAccount(f"{error} Then resume this run.") from error

    def _local_data(self) -> Path | None:
        """The given data on this machine; a name that is no path is a data set of the Hub."""
        given = Path(self.request.data) if self.request.data else None
        return given if given is not None and given.is_absolute() else None

    def _introduce(self, brain: str, online: bool) -> None:
        if brain == "planner":
            self.run.note(
                "Brain: the built-in planner, not an LLM. It follows rules and says when it cannot.",
                key=f"brain:{brain}",
            )
        else:
            self.run.note(f"Brain: {brain}.", key=f"brain:{brain}")
        if self.settings.offline:
            self.run.note("Offline, as set (INTERN_OFFLINE): nothing is looked up or downloaded.", key="network")
        elif not online:
            self.run.note("No network: built-in cards, local files and generated data only.", "warning", key="network")

        self._warn_of_weak_isolation()

    def _warn_of_weak_isolation(self) -> None:
        from intern.sandbox.detect import detect

        isolation = detect(self.settings.sandbox)
        if isolation.level == "weak" and isolation.allowed:
            self.run.note(isolation.line, "warning", key="sandbox")

    def _connected(self, host: str, port: int, allowed: bool) -> None:
        """The code of a step has asked for a connection. A flood of them is not all told."""
        self._dials += 1
        if self._dials < MOST_DIALS:
            said = "allowed" if allowed else "refused"
            self.run.note(f"The code asked to connect to {host}:{port}: {said}.", "info" if allowed else "warning")
        elif self._dials == MOST_DIALS:
            self.run.note("The code asks for more connections, which are not listed.", "warning")
