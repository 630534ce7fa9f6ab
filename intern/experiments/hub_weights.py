"""Weights of the Hub: found by name, pinned to a commit, taken from the cache of this machine or fetched; never pickles,
never code. Programs see neither a token nor the network."""

from __future__ import annotations

import re
from pathlib import Path

from httpx2 import HTTPError  # the HTTP client of huggingface_hub 2.x
from huggingface_hub import HfApi, ModelInfo, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from pydantic import BaseModel

from intern.experiments.hub_data import TIMEOUT_SECONDS, HubRef, hub_ref
from intern.experiments.weights import CONFIG, MOST_BYTES, SHARD, WeightsError, licence_of, wanted

NOTE = ".fetched.json"
COMMIT = re.compile(r"[0-9a-f]{40}")


class FetchedWeights(BaseModel):
    """Where fetched weights lie and what they are; kept beside them, so that a resumed run takes the same."""

    repo: str
    commit: str
    licence: str
    cached: bool
    """They were in this machine's cache of the Hub."""


def weights_ref(text: str) -> HubRef | None:
    """`owner/name`, `owner/name@revision` or the page's address; None for anything else."""
    return hub_ref(re.sub(r"^(?:hf://(?:models/)?|https?://[^/]+/)(?!datasets/)", "", text.strip()))


def in_cache(ref: HubRef) -> Path | None:
    """The snapshot of a model in this machine's cache: of the named commit, or of what the named branch was last."""
    try:
        found = snapshot_download(ref.repo, revision=ref.revision or None, local_files_only=True)
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None
    folder = Path(found)
    whole = (folder / CONFIG).is_file() and any(SHARD.fullmatch(p.name) for p in folder.iterdir())
    return folder if whole else None


def fetch_weights(
    ref: HubRef, folder: Path, endpoint: str, token: str | None, *, online: bool, cache: bool
) -> tuple[Path, FetchedWeights]:
    """The folder that holds a model's files, and what they are. Fetched to `folder` once where the cache has them not.

    `cache`: whether this machine's cache may be looked into. Raises WeightsError that says what is in the way.
    """
    note = folder / NOTE
    if note.is_file():
        known = FetchedWeights.model_validate_json(note.read_text(encoding="utf-8"))
        return folder, known
    cached = in_cache(ref) if cache and (not online or COMMIT.fullmatch(ref.revision)) else None
    if cached is not None:
        found = FetchedWeights(repo=ref.repo, commit=cached.name, licence=licence_of(cached), cached=True)
        return cached, found
    if not online:
        raise WeightsError(
            f"{ref.repo} is not in this machine's cache, and the Hub cannot be reached: give a folder (--weights DIR)."
        )
    return folder, _download(ref, folder, endpoint, token)


def _download(ref: HubRef, folder: Path, endpoint: str, token: str | None) -> FetchedWeights:
    api = HfApi(endpoint=endpoint, token=token or False)
    try:
        info = api.model_info(ref.repo, revision=ref.revision or None, files_metadata=True, timeout=TIMEOUT_SECONDS)
        names = _names(ref, info)
        commit = info.sha or ref.revision
        snapshot_download(
            ref.repo, revision=commit, local_dir=folder, allow_patterns=names, endpoint=endpoint, token=token or False,
            etag_timeout=TIMEOUT_SECONDS,
        )  # fmt: skip
    except GatedRepoError as error:
        raise WeightsError(f"{ref.repo} is gated: ask for access on its page, then start again.") from error
    except RevisionNotFoundError as error:
        raise WeightsError(f"{ref.repo} has no revision {ref.revision}.") from error
    except RepositoryNotFoundError as error:
        raise WeightsError(
            f"The Hub has no model {ref.repo}, or it is private and your account cannot read it."
        ) from error
    except (HTTPError, EntryNotFoundError, LocalEntryNotFoundError, HFValidationError, OSError) as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WeightsError(f"{ref.repo} cannot be fetched from the Hub: {why}") from error
    card = info.card_data
    licence = getattr(card, "license", None) if card is not None else None
    made = FetchedWeights(repo=ref.repo, commit=commit, licence=str(licence or ""), cached=False)
    (folder / NOTE).write_text(made.model_dump_json(), encoding="utf-8")
    return made


def _names(ref: HubRef, info: ModelInfo) -> list[str]:
    """The files of a repository that are taken. Raises WeightsError where there are no safe weights, or too many."""
    sizes = {s.rfilename: s.size or 0 for s in info.siblings or [] if wanted(s.rfilename)}
    if CONFIG not in sizes or not any(SHARD.fullmatch(name) for name in sizes):
        raise WeightsError(
            f"{ref.repo} has no {CONFIG} with model.safetensors: only safetensors are loaded, since pickles may run code."
        )
    if (total := sum(sizes.values())) > MOST_BYTES:
        raise WeightsError(f"{ref.repo} has {total / 1e9:.1f} GB of weights, more than {MOST_BYTES / 1e9:.1f} GB.")
    return sorted(sizes)
