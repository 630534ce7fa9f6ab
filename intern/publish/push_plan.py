"""What a push to the Hub would do, found out before anybody is asked: where to, which files, what is there already."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from intern.account import HUB_ERRORS, Account, http_status, short
from intern.later import Later
from intern.publish.bundle import Bundle

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub import errors as hub_errors
    from huggingface_hub import hf_api as hub_api
else:
    hub_api, hub_errors = Later("huggingface_hub.hf_api"), Later("huggingface_hub.errors")

MARKER = ".intern.json"
"""In each repository that the intern made: which bundle it holds. A retry finds by it that the work is done."""
MOST_NUMBERS = 100
KEPT = (".gitattributes", MARKER)
"""Files of the repository that are no part of a bundle."""
RepoType = Literal["model", "dataset", "space"]


class PublishError(RuntimeError):
    """The Hub cannot or will not take it; the message says why, what became of it, and what to do."""


class PlannedFile(BaseModel):
    path: str
    bytes: int
    change: Literal["new", "changed", "same", "removed"]


class PushPlan(BaseModel):
    """One commit, as it would be made. `subject` names exactly this; an approval is for it and nothing else."""

    repo_id: str
    repo_type: RepoType = "model"
    private: bool
    exists: bool
    """The repository is there and holds an earlier state of the same experiment."""
    parent_commit: str | None
    """Its newest commit when this was planned; the push is refused if another has come since."""
    published: bool
    """It holds exactly this bundle already: there is nothing to do."""
    files: list[PlannedFile]
    warnings: list[str]
    digest: str
    experiment: str

    @property
    def subject(self) -> str:
        """sha256 of what would happen."""
        return hashlib.sha256(self.model_dump_json(exclude={"warnings"}).encode()).hexdigest()


class Marker(BaseModel):
    """The content of `.intern.json`."""

    digest: str
    experiment: str = ""


def plan_push(
    bundle: Bundle,
    account: Account,
    *,
    experiment: str,
    name: str = "",
    private: bool = True,
    warnings: list[str] | None = None,
    repo_type: RepoType = "model",
) -> PushPlan:
    """Look at the Hub and say what pushing this bundle would do. Changes nothing. Raises PublishError.

    A name that holds anything but an earlier state of the same experiment (`experiment`, the spec's hash) is left
    alone: the next number is taken. With `name` given that is an error instead.
    """
    wanted = name or bundle.name
    for number in range(1, MOST_NUMBERS):
        repo_id = f"{account.name}/{wanted if number == 1 else f'{wanted}-{number}'}"
        head = look(account.api, repo_id, repo_type)
        marker = None if head is None else _marker(account.api, repo_id, head.commit, repo_type)
        if head is None or (marker is not None and marker.experiment == experiment):
            break
        if name:
            raise PublishError(f"{repo_id} exists and holds something else: choose another name.")
    else:
        raise PublishError(f"{MOST_NUMBERS} repositories named {wanted} exist: choose another name.")
    return PushPlan(
        repo_id=repo_id,
        repo_type=repo_type,
        private=private if head is None else head.private,
        exists=head is not None,
        parent_commit=head.commit if head is not None else None,
        published=marker is not None and marker.digest == bundle.digest,
        files=_changes(bundle, head.files if head is not None else {}),
        warnings=[*(warnings or []), *_place_warnings(head, private)],
        digest=bundle.digest,
        experiment=experiment,
    )


class Head(BaseModel):
    """A repository as it is now; `files` maps a path to (bytes, git blob sha1 or LFS sha256)."""

    commit: str
    private: bool
    files: dict[str, tuple[int, str]]


def look(api: HfApi, repo_id: str, repo_type: RepoType = "model") -> Head | None:
    """The state of a repository, None when there is none. Raises PublishError."""
    try:
        info = api.repo_info(repo_id, repo_type=repo_type)
        tree = api.list_repo_tree(repo_id, recursive=True, revision=info.sha, repo_type=repo_type)
        files = {
            entry.path: (entry.size, entry.lfs.sha256 if entry.lfs else entry.blob_id)
            for entry in tree
            if isinstance(entry, hub_api.RepoFile)
        }
    except hub_errors.RepositoryNotFoundError:
        return None
    except HUB_ERRORS as error:
        raise PublishError(in_words(error, repo_id)) from error
    return Head(commit=str(info.sha), private=bool(info.private), files=files)


def marker_of(api: HfApi, repo_id: str, repo_type: RepoType = "model") -> tuple[str, Marker] | None:
    """The newest commit of a repository and the marker in it; None where there is none. Raises PublishError."""
    head = look(api, repo_id, repo_type)
    marker = None if head is None else _marker(api, repo_id, head.commit, repo_type)
    return (head.commit, marker) if head is not None and marker is not None else None


def _marker(api: HfApi, repo_id: str, commit: str, repo_type: RepoType) -> Marker | None:
    try:
        path = api.hf_hub_download(repo_id, MARKER, revision=commit, repo_type=repo_type)
        return Marker.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
    except hub_errors.EntryNotFoundError:
        return None
    except ValueError:  # somebody else's file of that name
        return None
    except HUB_ERRORS as error:
        raise PublishError(in_words(error, repo_id)) from error


def _changes(bundle: Bundle, there: dict[str, tuple[int, str]]) -> list[PlannedFile]:
    found = []
    for file in bundle.files:
        content_of = (bundle.folder / file.path).read_bytes
        if file.path not in there:
            change: Literal["new", "changed", "same", "removed"] = "new"
        else:
            change = "same" if there[file.path][1] in _names_of(content_of()) else "changed"
        found.append(PlannedFile(path=file.path, bytes=file.bytes, change=change))
    ours = {file.path for file in bundle.files} | set(KEPT)
    found += [
        PlannedFile(path=path, bytes=size, change="removed") for path, (size, _) in there.items() if path not in ours
    ]
    return found


def _names_of(content: bytes) -> tuple[str, str]:
    """How the Hub names this content: as a git blob and as an LFS object."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    return blob, hashlib.sha256(content).hexdigest()


def _place_warnings(head: Head | None, private: bool) -> list[str]:
    if head is None:
        return [] if private else ["The repository will be public: everybody can read it at once."]
    if head.private == private:
        return []
    state = "private" if head.private else "public"
    return [f"The repository is {state} already and stays so; change that in its settings on the Hub."]


def in_words(error: BaseException, repo_id: str) -> str:
    """A Hub client's error for people: what happened and what to do."""
    namespace, status, said = repo_id.partition("/")[0], http_status(error), short(error)
    if status == 401:
        return "The Hub does not take your token any more (revoked or expired): sign in again, or set HF_TOKEN anew."
    if status in (402, 413, 507) or (status == 403 and any(w in said.lower() for w in ("quota", "storage", "limit"))):
        return f"The storage or quota of {namespace} does not allow it: {said}. Make room or change the plan."
    if status == 403:
        return f"Your token may not do this in {namespace}: it needs write permission for repositories there ({said})."
    if status == 404:
        return f"{repo_id} is not there (any more), or your token cannot see it."
    if status == 409:
        return f"{repo_id} was made by somebody else a moment ago: look at the preview again."
    if status == 412:
        return f"{repo_id} has changed since it was shown to you: look at the preview again."
    if status == 429:
        return "The Hub asks to slow down (rate limit): try again in a few minutes."
    if status is not None and status < 500:
        return f"The Hub refused ({status}): {said}."
    return f"The Hub does not answer as it should ({said}): try again later. Doing it again publishes nothing twice."
