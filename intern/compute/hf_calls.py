"""What is said to HF Jobs and what it answers: the command, the files, the times, and errors in plain words."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from intern.account import HUB_ERRORS, http_status, short
from intern.compute import job_entry
from intern.compute.base import JobSpec, RemoteTerms

if TYPE_CHECKING:
    from huggingface_hub import BucketFile, HfApi, JobInfo

MOUNT = "/intern"
ENDED = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
LABEL = {"intern": "job"}
"""On every job of ours."""
TAKEN = ("predictions.jsonl", "metrics.jsonl", "log.txt")
MOST_AT_ONCE = 500


def command(terms: RemoteTerms) -> list[str]:
    """uv installs the exact versions, without the program's own (wider) header, and starts the entry script."""
    wanted = [part for requirement in terms.requirements for part in ("--with", requirement)]
    return ["uv", "run", "--no-project", *wanted, "python", f"{MOUNT}/entry.py"]


def upload_list(job: JobSpec, folder: str) -> list[tuple[str | Path | bytes, str]]:
    """(source, place in the bucket) of all that a job gets: entry script, program, spec.json, data/ and weights/."""
    entry = Path(job_entry.__file__)
    sent: list[tuple[str | Path | bytes, str]] = [(entry, f"{folder}/entry.py")]
    for name in ("program.py", "runtime.py", "spec.json"):
        sent.append((job.folder / name, f"{folder}/in/{name}"))
    for path in sorted((job.folder / "data").rglob("*")):
        if path.is_file() and not path.is_symlink():
            sent.append((path, f"{folder}/in/data/{path.relative_to(job.folder / 'data').as_posix()}"))
    if job.weights is not None:  # not the link in the job's folder: a program may have put another there
        sent += [(path, f"{folder}/in/weights/{path.name}") for path in sorted(job.weights.iterdir()) if path.is_file()]
    return sent


def is_output(name: str) -> bool:
    """Whether a job's file of this name is taken over; everything else it may have left is not."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name:
        return False
    return name in (*TAKEN, "result.json") or (parts[0] == "model" and len(parts) > 1)


def seconds_of(info: JobInfo) -> float | None:
    """How long an ended job ran, by the Hub's clock; None when it does not say."""
    if info.durations is not None and info.durations.running_secs is not None:
        return float(info.durations.running_secs)
    if info.started_at is not None and info.finished_at is not None:
        return max(0.0, (info.finished_at - info.started_at).total_seconds())
    never_ran = info.started_at is None and (info.durations is not None or info.finished_at is not None)
    return 0.0 if never_ran and info.status.stage in ENDED else None


def cost_of(info: JobInfo) -> tuple[float | None, str]:
    """US dollars of an ended job by its time and its labels (None: its time or price is not known), and how in words."""
    seconds, labels = seconds_of(info), info.labels or {}
    try:
        per_hour = int(labels["intern-microusd-per-hour"]) / 1e6
    except (KeyError, ValueError):
        return None, "its price is not known"
    if seconds is None:
        return None, "its time is not known"
    minutes = max(math.ceil(seconds / 60), int(info.started_at is not None))  # a begun minute is paid
    return minutes * per_hour / 60, f"{labels.get('intern-job', info.id)}: {minutes} min at ${per_hour:g}/h"


def said_no(error: BaseException) -> bool:
    """Whether the Hub refused (and not: did not answer, has a problem itself, or asks to slow down)."""
    status = http_status(error)
    return status is not None and status < 500 and status not in (408, 429)


def in_words(error: BaseException, namespace: str) -> str:
    """An error of HF Jobs for people: what happened and what to do. The backend is never changed silently."""
    status, said = http_status(error), short(error)
    if status == 401:
        return "The Hub does not take your token any more (revoked or expired): sign in again, or set HF_TOKEN anew."
    if status == 402:
        return (
            f"{namespace} has no credit for HF Jobs: add some at https://huggingface.co/settings/billing, or train here "
            "with --compute local."
        )
    if status == 403:
        return f"Your token may not start jobs in {namespace}: it needs the permission for Jobs ({said})."
    if status == 404:
        return f"The job, or the bucket of {namespace} for it, is not there any more ({said})."
    if status == 429:
        return "The Hub asks to slow down (rate limit): resume the run in a few minutes."
    if said_no(error):
        return f"HF Jobs refused ({status}): {said}."
    return f"HF Jobs does not answer as it should ({said}): resume the run later; no job is started twice."


def pause(seconds: float, check: Callable[[], None]) -> None:
    """Wait, looking five times a second whether to stop."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(left, 0.2))


def cancel_job(api: HfApi, job_id: str, namespace: str, patience: float = 10.0) -> JobInfo | None:
    """End a job and say how it stands then; None when the Hub does not answer."""
    with contextlib.suppress(*HUB_ERRORS):  # it may have ended by itself
        api.cancel_job(job_id=job_id, namespace=namespace)
    deadline = time.monotonic() + patience
    info = None
    while time.monotonic() < deadline:
        with contextlib.suppress(*HUB_ERRORS):
            info = api.inspect_job(job_id=job_id, namespace=namespace)
            if info.status.stage in ENDED:
                return info
        time.sleep(0.3)
    return info


def files_below(api: HfApi, bucket: str, folder: str) -> list[BucketFile]:
    """The files of a bucket below a folder. Raises what the Hub's client raises."""
    from huggingface_hub import BucketFile

    return [entry for entry in api.list_bucket_tree(bucket, folder, recursive=True) if isinstance(entry, BucketFile)]


def remove_files(api: HfApi, bucket: str, folder: str) -> bool:
    """Take a folder out of a bucket; False when that did not work (it is tried again by a sweep)."""
    try:
        paths = [entry.path for entry in files_below(api, bucket, folder)]
        for start in range(0, len(paths), MOST_AT_ONCE):
            api.batch_bucket_files(bucket, delete=paths[start : start + MOST_AT_ONCE])
    except HUB_ERRORS:
        return False
    return True
