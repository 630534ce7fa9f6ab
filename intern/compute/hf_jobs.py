"""Jobs on rented hardware of the Hub: one job, one attempt, one price, and never the person's token.

Program, spec and data (test rows without labels) go into a private bucket of the person; the job sees one folder of it
and nothing else, and leaves its files there. Labels tell whose job it is, so that a run that comes back after a crash
finds it instead of starting another.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pydantic import BaseModel, ValidationError

from intern.account import HUB_ERRORS, Account, AccountError, http_status, short
from intern.compute.base import ComputeError, JobListener, JobResult, JobSpec, RemoteTerms
from intern.compute.hf_calls import (
    ENDED,
    MOUNT,
    TAKEN,
    cancel_job,
    command,
    cost_of,
    files_below,
    in_words,
    is_output,
    pause,
    remove_files,
    said_no,
    seconds_of,
    upload_list,
)
from intern.compute.hf_records import RemoteJob
from intern.compute.remote_log import CHECK_SECONDS, RemoteLog, drain_rest
from intern.later import Later
from intern.runs.events import Note
from intern.runs.ledger import Ledger
from intern.runs.workspace import RunNeedsAccount
from intern.sandbox import hostfiles

if TYPE_CHECKING:
    import huggingface_hub as hub
    from huggingface_hub import BucketFile, HfApi, JobInfo
else:
    hub = Later("huggingface_hub")

BUCKET = "intern-jobs"
TRIES = 4
POLL_SECONDS = (1.0, 10.0)
"""Between two looks at a job: the first pause, and the longest that it grows to."""
SILENT_SECONDS = 600.0
"""So long, beyond the job's own time limit, the Hub may fail to answer before a run gives up looking."""
OUTPUT_SECONDS = 60.0
"""So long the last file of an ended job may take to appear in the bucket."""
LOOKS_UNTIL_GONE = 3
"""So many times in a row the Hub has to say that it does not know a job."""
MOST_BYTES = 8 * 1024**3


class JobGoneError(Exception):
    """The Hub does not know the job: deleted, or not for this token to see."""


class Output(BaseModel):
    """`out/result.json` of a job."""

    exit_status: int
    seconds: float
    files: dict[str, str]
    environment: dict[str, str]


@dataclass
class HfJobsBackend:
    """Runs programs as HF Jobs in one person's namespace."""

    account: Callable[[], Account]
    """Asked for each time: a token may have been renewed while a job ran."""
    run_id: str
    notes: Path
    """A folder of the run for RemoteJob records."""
    ledger: Ledger
    leaving: Callable[[], bool]
    """Whether a stop means: this process ends, the job is to go on."""
    outside: Callable[[], AbstractContextManager[None]]
    """Around the wait: the run gives up its place on this machine."""
    poll_seconds: tuple[float, float] = POLL_SECONDS
    name: str = "hf-jobs"

    # -- Backend -----------------------------------------------------------------------------------------

    def run(self, job: JobSpec, listener: JobListener, check: Callable[[], None]) -> JobResult:
        """See Backend.run. Finds the job that this attempt has submitted before, else submits it."""
        remote = self.submit(job, check)
        listener.state("waiting", f"job {remote.job_id} on {_terms(job).flavor}, {self._page(remote)}")
        try:
            with self.outside():
                info = self._wait(job, remote, listener, check)
                result = self._collect(job, remote, info, check)
        except (ComputeError, AccountError):
            raise  # the job may still be good: it is found again
        except RunNeedsAccount:
            raise
        except BaseException:
            if not self.leaving():
                self._give_up(job, remote)
            raise
        self._settle(job, info)
        self._note(job, remote.model_copy(update={"ended": True, "failed": result.exit_status != 0}))
        return result

    def submit(self, job: JobSpec, check: Callable[[], None] = lambda: None) -> RemoteJob:
        """Start a job and return at once. The same attempt is never started twice. Raises ComputeError."""
        terms = _terms(job)
        if (known := self.known(job.id)) is not None and known.attempt == terms.attempt:
            return known
        account = self.account()
        found = self._by_labels(account, terms)
        if found is None:
            self.ledger.hold(self._key(job), terms.price, f"{job.id} on {terms.flavor}")
            found = self._start(job, account, check)
        remote = RemoteJob(job_id=found.id, namespace=account.name, attempt=terms.attempt)
        self._note(job, remote)
        return remote

    def known(self, job_id: str) -> RemoteJob | None:
        """The newest attempt of a job that this run has submitted."""
        try:
            return RemoteJob.model_validate_json((self.notes / f"{job_id}.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    # -- starting ----------------------------------------------------------------------------------------

    def _start(self, job: JobSpec, account: Account, check: Callable[[], None]) -> JobInfo:
        """Upload and start. After an answer that leaves open whether the job exists, looks by label before anything."""
        terms, api = _terms(job), account.api
        bucket, uploaded = f"{account.name}/{BUCKET}", False
        for attempt in range(1, TRIES + 1):
            check()
            try:
                if not uploaded:
                    api.create_bucket(bucket, private=True, exist_ok=True)
                    api.batch_bucket_files(bucket, add=upload_list(job, self._folder(job)))
                    uploaded = True
                elif (found := self._by_labels(account, terms)) is not None:
                    return found
                return api.run_job(
                    image=terms.image, command=command(terms), flavor=terms.flavor, timeout=terms.timeout_seconds,
                    labels=terms.labels, namespace=account.name, name=f"intern-{job.id}",
                    volumes=[hub.Volume(type="bucket", source=bucket, mount_path=MOUNT, path=self._folder(job))],
                )  # fmt: skip
            except (*HUB_ERRORS, RuntimeError) as error:
                if attempt == TRIES or said_no(error):
                    self._not_started(job, account, error)
                pause(2.0 ** (attempt - 1) * self.poll_seconds[0], check)
        raise AssertionError("unreachable: the last try returns or raises")

    def _not_started(self, job: JobSpec, account: Account, error: BaseException) -> NoReturn:
        """Nothing was started as far as can be told; the money that was held is free again only if that is certain."""
        if said_no(error):
            self.ledger.settle(self._key(job), 0.0, "not started")
        if isinstance(error, ComputeError):
            raise error
        raise ComputeError(in_words(error, account.name)) from error

    def _by_labels(self, account: Account, terms: RemoteTerms) -> JobInfo | None:
        """The job of this attempt, if there is one. Raises ComputeError."""
        wanted = {name: terms.labels[name] for name in ("intern-run", "intern-job", "intern-attempt")}
        try:
            found = [
                info
                for info in account.api.list_jobs(namespace=account.name, labels=wanted)
                if (info.labels or {}).items() >= wanted.items()
            ]
        except HUB_ERRORS as error:
            raise ComputeError(in_words(error, account.name)) from error
        return found[0] if found else None

    # -- waiting -----------------------------------------------------------------------------------------

    def _wait(
        self, job: JobSpec, remote: RemoteJob, listener: JobListener, check: Callable[[], None]
    ) -> JobInfo | None:
        """Tell the log as it comes until the job has ended; None: it is not there any more.

        Raises what `check` raises, and ComputeError.
        """
        log = RemoteLog(self.account().api, remote.job_id, remote.namespace)
        pause_now, look_at, answered = self.poll_seconds[0], 0.0, time.monotonic()
        running = told_silence = False
        gone = 0
        try:
            while True:
                check()
                log.drain(listener)
                if time.monotonic() >= look_at:
                    try:
                        info, gone = self._look(remote), 0
                    except JobGoneError:
                        info, gone = None, gone + 1
                        if gone == LOOKS_UNTIL_GONE:
                            return None
                    silent = time.monotonic() - answered
                    if info is not None:
                        answered, told_silence = time.monotonic(), False
                        if log.ended:  # it may have broken off; lines that were told are not told again
                            log = log.again()
                        if info.status.stage in ENDED:
                            log = drain_rest(log, listener, check)
                            return info
                        if info.status.stage == "RUNNING" and not running:
                            running = True
                            listener.state("started")
                    elif silent > SILENT_SECONDS + _terms(job).timeout_seconds:
                        raise ComputeError(
                            f"The Hub has not answered for {silent / 60:.0f} minutes: {self._page(remote)}."
                        )
                    elif not told_silence and not gone:
                        told_silence = True
                        listener.state("waiting", "the Hub does not answer; I go on asking, the job goes on as well")
                    pause_now = min(pause_now * 1.5, self.poll_seconds[1])
                    look_at = time.monotonic() + pause_now
                if log.ended:
                    look_at = min(look_at, time.monotonic() + self.poll_seconds[0])  # most often the job has ended, too
                time.sleep(CHECK_SECONDS)
        finally:
            log.stop()

    def _look(self, remote: RemoteJob) -> JobInfo | None:
        """The job as it is; None when the Hub does not answer. Raises JobGoneError, and ComputeError when it says no."""
        account = self.account()
        try:
            return account.api.inspect_job(job_id=remote.job_id, namespace=remote.namespace)
        except HUB_ERRORS as error:
            if http_status(error) == 401:
                raise RunNeedsAccount(
                    f"{in_words(error, account.name)} Then resume the run: its job goes on meanwhile, {self._page(remote)}"
                ) from error
            if http_status(error) == 404:
                raise JobGoneError from error
            if said_no(error):
                raise ComputeError(f"{in_words(error, account.name)} The job: {self._page(remote)}") from error
            return None

    # -- ending ------------------------------------------------------------------------------------------

    def _collect(self, job: JobSpec, remote: RemoteJob, info: JobInfo | None, check: Callable[[], None]) -> JobResult:
        """Bring what the job made into the job's folder, and say how it ended. What a vanished job has left counts, too."""
        completed = info is not None and info.status.stage == "COMPLETED"
        output = self._output(job, remote, OUTPUT_SECONDS if completed else 3.0, check)
        message = (info.status.message or "") if info is not None else ""
        if output is not None:
            return JobResult(
                id=job.id,
                exit_status=output.exit_status,
                seconds=output.seconds,
                reason=message if output.exit_status else "",
                environment=output.environment,
            )
        if info is None:
            words = f"The Hub does not know the job any more (deleted?) and it left no files: {self._page(remote)}"
            return JobResult(id=job.id, exit_status=1, seconds=0.0, reason=words)
        timed_out = "timeout" in message.lower() or "timed out" in message.lower()
        words = f"HF Jobs ended it: {info.status.stage}{f', {message}' if message else ''}."
        if timed_out:
            words = f"The job passed its time limit of {_terms(job).timeout_seconds} s and was ended by HF Jobs."
        elif completed:
            words = "The job ended without handing over its files."
        return JobResult(id=job.id, exit_status=1, seconds=seconds_of(info) or 0.0, timed_out=timed_out, reason=words)

    def _output(self, job: JobSpec, remote: RemoteJob, patience: float, check: Callable[[], None]) -> Output | None:
        """Download and verify `out/`; None when it has not come in `patience` seconds. Raises ComputeError."""
        account = self.account()
        bucket, prefix = f"{remote.namespace}/{BUCKET}", f"{self._folder(job)}/out"
        deadline = time.monotonic() + patience
        while True:
            check()
            try:
                there = {entry.path: entry for entry in files_below(account.api, bucket, prefix)}
                if f"{prefix}/result.json" in there:
                    return self._download(job, account.api, bucket, prefix, there)
            except ComputeError:
                raise
            except (*HUB_ERRORS, RuntimeError) as error:  # RuntimeError: the storage client's own
                if said_no(error) and http_status(error) != 404:
                    raise ComputeError(in_words(error, account.name)) from error
                if time.monotonic() > deadline:
                    raise ComputeError(
                        f"What the job made could not be downloaded ({short(error)}): resume."
                    ) from error
            if time.monotonic() > deadline:
                return None
            pause(self.poll_seconds[0], check)

    def _download(self, job: JobSpec, api: HfApi, bucket: str, prefix: str, there: dict[str, BucketFile]) -> Output:
        """The files that result.json names, each verified, moved into the job's folder."""
        incoming = self.notes / f"{job.id}.incoming"
        hostfiles.remove(incoming.parent, incoming.name)
        incoming.mkdir(parents=True)
        total = sum(entry.size for entry in there.values())
        if total > MOST_BYTES:
            raise ComputeError(f"The job left {total / 1e9:.1f} GB, more than is taken over.")
        wanted: list[tuple[str | BucketFile, str | Path]] = [
            (entry, incoming / path.removeprefix(f"{prefix}/"))
            for path, entry in there.items()
            if is_output(path.removeprefix(f"{prefix}/"))
        ]
        for _, target in wanted:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        api.download_bucket_files(bucket, wanted, raise_on_missing_files=True)
        try:
            output = Output.model_validate_json((incoming / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise ComputeError("The job's result.json is not readable, so nothing of it counts.") from error
        for name, digest in output.files.items():
            path = incoming / name
            if not is_output(name) or not path.is_file():
                raise ComputeError(
                    f"The job's file {name} did not arrive, so nothing of it counts: resume to try again."
                )
            if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise ComputeError(
                    f"The job's file {name} arrived damaged, so nothing of it counts: resume to try again."
                )
        for name in (*TAKEN, "model"):
            hostfiles.remove(job.folder, name)
            if (incoming / name).exists():
                (incoming / name).rename(job.folder / name)
        hostfiles.remove(incoming.parent, incoming.name)
        return output

    def _give_up(self, job: JobSpec, remote: RemoteJob) -> None:
        """The run is stopped: so is its job, and what it has cost is written down; a job that may go on is told."""
        info = None
        with contextlib.suppress(AccountError, RunNeedsAccount):  # signed out
            info = cancel_job(self.account().api, remote.job_id, remote.namespace)
        if info is None or info.status.stage not in ENDED:
            text = (
                f"HF Jobs did not confirm that job {remote.namespace}/{remote.job_id} ended: it may go on and cost up to "
                f"${_terms(job).price:.2f} in all. `python -m intern runs sweep --yes` ends it."
            )
            key = f"not-ended:{self._key(job)}"
            self.ledger.log.append(self.run_id, Note(level="warning", text=text), key=key)
            return
        self._settle(job, info)
        self._note(job, remote.model_copy(update={"ended": True, "failed": True}))

    def _settle(self, job: JobSpec, info: JobInfo | None) -> None:
        usd, words = cost_of(info) if info is not None else (None, "the Hub does not know the job any more")
        self.ledger.settle(self._key(job), None if usd is None else min(usd, _terms(job).price), words)

    def tidy(self, job: JobSpec) -> None:
        """Take a measured job's files out of the bucket; what is left by a failure is swept later."""
        account = self.account()
        remove_files(account.api, f"{account.name}/{BUCKET}", self._folder(job))

    # -- names -------------------------------------------------------------------------------------------

    def _folder(self, job: JobSpec) -> str:
        """The job's place in the bucket."""
        return f"{self.run_id}/{job.id}-{_terms(job).attempt}"

    def _key(self, job: JobSpec) -> str:
        return f"{job.id}-{_terms(job).attempt}"

    def _page(self, remote: RemoteJob) -> str:
        return f"{self.account().endpoint}/jobs/{remote.namespace}/{remote.job_id}"

    def _note(self, job: JobSpec, remote: RemoteJob) -> None:
        self.notes.mkdir(parents=True, exist_ok=True)
        partial = self.notes / f"{job.id}.partial"
        partial.write_text(remote.model_dump_json(), encoding="utf-8")
        partial.replace(self.notes / f"{job.id}.json")


def _terms(job: JobSpec) -> RemoteTerms:
    if job.terms is None:
        raise ComputeError("A rented job needs terms that a person has agreed to.")
    return job.terms
