"""Data sets of the Hub: found by name, pinned to a commit, their data files fetched here; programs never see a token.

Only files in shapes that this house reads itself are fetched (Parquet, CSV, JSON lines, text): no loading script runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from intern.account import hub_client
from intern.experiments.files import DataError, suffix_of
from intern.experiments.sources import Candidate, find_local, known_datasets
from intern.experiments.spec import Task
from intern.later import Later

if TYPE_CHECKING:
    import huggingface_hub as hub
    from huggingface_hub import errors as hub_errors
else:
    hub, hub_errors = Later("huggingface_hub"), Later("huggingface_hub.errors")

REFERENCE = re.compile(
    r"(?:hf://datasets/|hub:|https?://[^/]+/datasets/)?([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?/?"
)
SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".txt")
MOST_BYTES = 500 * 2**20
TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class HubRef:
    """`owner/name`, and a branch, tag or commit ("" = the newest)."""

    repo: str
    revision: str = ""


class Fetched(BaseModel):
    """What was fetched; kept beside the files, so that a resumed run takes the same."""

    repo: str
    commit: str
    licence: str


def hub_ref(text: str) -> HubRef | None:
    """`owner/name`, `owner/name@revision`, `hub:…`, `hf://datasets/…` or the page's address; None for anything else."""
    match = REFERENCE.fullmatch(text.strip())
    return HubRef(match[1], match[2] or "") if match else None


def fetch(ref: HubRef, folder: Path, endpoint: str, token: str | None) -> Fetched:
    """Bring a data set's files to `folder`, once. Raises DataError that says what is in the way."""
    note = folder / ".fetched.json"
    if note.is_file():
        return Fetched.model_validate_json(note.read_text(encoding="utf-8"))
    api = hub_client(endpoint, token or False)
    try:
        info = api.dataset_info(ref.repo, revision=ref.revision or None, files_metadata=True, timeout=TIMEOUT_SECONDS)
        sizes = {s.rfilename: s.size or 0 for s in info.siblings or [] if suffix_of(Path(s.rfilename)) in SUFFIXES}
        wanted = [
            n for n in sizes if not n.startswith(".") and Path(n).name.lower() not in ("readme.txt", "license.txt")
        ]
        total = sum(sizes[name] for name in wanted)
        if not wanted:
            raise DataError(f"{ref.repo} has no file in a shape that can be read here ({', '.join(SUFFIXES)}).")
        if total > MOST_BYTES:
            raise DataError(
                f"{ref.repo} has {total / 2**20:,.0f} MB of data, more than {MOST_BYTES // 2**20} MB: download the part "
                "you want and give that (--data PATH)."
            )
        commit = info.sha or ref.revision
        hub.snapshot_download(
            ref.repo, repo_type="dataset", revision=commit, local_dir=folder, allow_patterns=wanted,
            endpoint=endpoint, token=token or False, etag_timeout=TIMEOUT_SECONDS,
        )  # fmt: skip
    except hub_errors.RepositoryNotFoundError as error:
        raise DataError(
            f"The Hub has no data set {ref.repo}, or it is private and your account cannot read it."
        ) from error
    except (
        hub_errors.HfHubHTTPError,
        hub_errors.EntryNotFoundError,
        hub_errors.LocalEntryNotFoundError,
        OSError,
    ) as error:
        raise DataError(f"{ref.repo} cannot be fetched from the Hub: {str(error).strip().splitlines()[0]}") from error
    card = info.card_data
    licence = getattr(card, "license", None) if card is not None else None
    made = Fetched(repo=ref.repo, commit=commit, licence=str(licence or "not stated on the data set's card"))
    note.write_text(made.model_dump_json(), encoding="utf-8")
    return made


def hub_candidates(fetched: Fetched, folder: Path, task: Task | None = None, target: str = "") -> list[Candidate]:
    """The data sets among fetched files; one file set a configuration. Raises DataError when there is none."""
    found = find_local(folder, task, target)
    tail = fetched.repo.split("/")[1]
    known = next((k for k in known_datasets() if tail.lower() in [f.lower() for f in k.files]), None)
    sets = len({c.data_id for c in found})
    made = []
    for candidate in found:
        name = known.name if known else tail
        name = name if sets == 1 else f"{name} {candidate.name}"
        made.append(
            replace(
                candidate, name=name, data_id=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"), source="hub",
                revision=fetched.commit, licence=fetched.licence,
                description=f"{fetched.repo} of the Hub at {fetched.commit[:12]}",
            )
        )  # fmt: skip
    return made
