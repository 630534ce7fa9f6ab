"""Rented jobs and their files that nobody waits for any more: found by their labels, ended, paid for in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from intern.account import HUB_ERRORS, Account
from intern.compute.base import ComputeError
from intern.compute.hf_calls import ENDED, LABEL, cancel_job, cost_of, in_words, remove_files
from intern.compute.hf_jobs import BUCKET
from intern.runs.ledger import Ledger

if TYPE_CHECKING:
    from huggingface_hub import HfApi, JobInfo

Wanted = Literal["wanted", "over", "unknown"]
"""Of a run: it may still come for its job; it has ended; it is not in this log (perhaps in another machine's)."""


class Orphan(BaseModel):
    """A rented job, or a folder of files, without a run that waits for it."""

    what: Literal["job", "files"]
    id: str
    run_id: str
    detail: str
    known: bool
    """Its run is in this log, so it is safe to end it."""


def orphans(account: Account, standing: Callable[[str], Wanted]) -> list[Orphan]:
    """Jobs at work and files in the bucket whose run has ended or is not known here. Raises ComputeError."""
    try:
        found = _jobs(account, standing)
        return found + _files(account, standing)
    except HUB_ERRORS as error:
        raise ComputeError(in_words(error, account.name)) from error


def _jobs(account: Account, standing: Callable[[str], Wanted]) -> list[Orphan]:
    found = []
    for info in account.api.list_jobs(namespace=account.name, labels=LABEL):
        labels = info.labels or {}
        state = standing(labels.get("intern-run", ""))
        if info.status.stage in ENDED or state == "wanted" or not labels.items() >= LABEL.items():
            continue
        detail = f"{labels.get('intern-job', '?')} on {info.flavor}, {info.status.stage.lower()}"
        found.append(
            Orphan(what="job", id=info.id, run_id=labels.get("intern-run", ""), detail=detail, known=state == "over")
        )
    return found


def _files(account: Account, standing: Callable[[str], Wanted]) -> list[Orphan]:
    from huggingface_hub.errors import BucketNotFoundError

    try:
        entries = list(account.api.list_bucket_tree(f"{account.name}/{BUCKET}"))
    except BucketNotFoundError:
        return []
    runs = sorted({entry.path.partition("/")[0] for entry in entries})
    return [
        Orphan(what="files", id=f"{account.name}/{BUCKET}/{run_id}", run_id=run_id, detail="inputs and outputs of its jobs",
               known=state == "over")
        for run_id in runs
        if (state := standing(run_id)) != "wanted"
    ]  # fmt: skip


def sweep(account: Account, found: list[Orphan], ledger: Callable[[str], Ledger]) -> None:
    """End the jobs and remove the files. What a job has cost is written into its run's ledger, if that is here."""
    for orphan in found:
        if orphan.what == "files":
            remove_files(account.api, f"{account.name}/{BUCKET}", orphan.run_id)
        elif (info := cancel_job(account.api, orphan.id, account.name)) is not None and orphan.known:
            settle(ledger(orphan.run_id), info)


def end_jobs(account: Account, run_id: str, ledger: Ledger) -> int:
    """End all jobs of a run that has been stopped while nobody worked on it; how many there were. Raises ComputeError."""
    ended = 0
    try:
        for info in account.api.list_jobs(namespace=account.name, labels={**LABEL, "intern-run": run_id}):
            if (info.labels or {}).get("intern-run") != run_id:
                continue
            if info.status.stage not in ENDED:
                ended += 1
            settle(ledger, _ended(account.api, info, account.name))
    except HUB_ERRORS as error:
        raise ComputeError(in_words(error, account.name)) from error
    return ended


def _ended(api: HfApi, info: JobInfo, namespace: str) -> JobInfo:
    return info if info.status.stage in ENDED else cancel_job(api, info.id, namespace) or info


def settle(ledger: Ledger, info: JobInfo) -> None:
    """Write down what an ended job has cost, by its labels; nothing for one that still runs."""
    labels = info.labels or {}
    if info.status.stage not in ENDED or "intern-job" not in labels:
        return
    usd, words = cost_of(info)
    ledger.settle(f"{labels['intern-job']}-{labels.get('intern-attempt', '1')}", usd, words)
