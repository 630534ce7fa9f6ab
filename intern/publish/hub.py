"""Publishing to the Hub: the same bundle as the folder's, in one commit, once.

Doing it again is safe at every point: a repository that this push made is recognised by the note kept on disk, a commit
that was made is recognised by the marker in it, and `parent_commit` lets no second commit through.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from intern.account import HUB_ERRORS, Account, http_status
from intern.later import Later
from intern.publish.bundle import Bundle, describe_bundle
from intern.publish.folder import Published
from intern.publish.push_plan import KEPT, MARKER, Marker, PublishError, PushPlan, in_words, look, marker_of

if TYPE_CHECKING:
    import huggingface_hub as hub
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
else:
    hub = Later("huggingface_hub")

TRIES = 3
PAUSE_SECONDS = 1.0
FROM_THE_HUB = {".gitattributes", "README.md"}
"""What a repository may hold when it has just been made."""


class Begun(BaseModel):
    """Kept on disk while a push is under way: the repository that it means to make."""

    repo_id: str
    digest: str


def push(
    bundle: Bundle,
    plan: PushPlan,
    account: Account,
    note: Path,
    check: Callable[[], None] = lambda: None,
) -> Published:
    """Carry out an approved plan. Raises PublishError; a repository that it made and could not fill is taken away.

    `note` is a file of the run's, for a push that is cut off in the middle. `check` may raise to cancel.
    """
    # Lines of the card name what was measured; the files must still be those that were shown.
    if describe_bundle(bundle.folder, bundle.name).digest != plan.digest:
        raise PublishError("The staged files have changed since they were shown: look at the preview again.")
    api = account.api
    if (done := _already(api, plan)) is not None:
        note.unlink(missing_ok=True)
        return done
    made, parent = False, plan.parent_commit
    if not plan.exists:
        made, parent = True, _make(api, plan, note)
    try:
        _commit(api, bundle, plan, parent, check)
    except (PublishError, *HUB_ERRORS) as error:
        told = f" {_take_back(api, plan, note)}" if made and _answered(error) else ""
        raise PublishError(f"{_words(error, plan)}{told}") from error
    note.unlink(missing_ok=True)
    return _published(api, plan)


def _already(api: HfApi, plan: PushPlan) -> Published | None:
    """Where this bundle is, if a push before this one has put it there."""
    found = marker_of(api, plan.repo_id, plan.repo_type)
    return _published(api, plan) if found is not None and found[1].digest == plan.digest else None


def _make(api: HfApi, plan: PushPlan, note: Path) -> str:
    """Make the repository, or take the empty one that an earlier try of this push has made; its first commit."""
    begun = _read(note)
    ours = begun is not None and begun.repo_id == plan.repo_id and begun.digest == plan.digest
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(Begun(repo_id=plan.repo_id, digest=plan.digest).model_dump_json(), encoding="utf-8")
    try:
        sdk = "gradio" if plan.repo_type == "space" else None
        api.create_repo(plan.repo_id, repo_type=plan.repo_type, private=plan.private, space_sdk=sdk)
    except HUB_ERRORS as error:
        if http_status(error) != 409:
            raise PublishError(in_words(error, plan.repo_id)) from error
        head = look(api, plan.repo_id, plan.repo_type)
        if not ours or head is None or set(head.files) - FROM_THE_HUB:
            raise PublishError(in_words(error, plan.repo_id)) from error
    head = look(api, plan.repo_id, plan.repo_type)
    if head is None:
        raise PublishError(f"{plan.repo_id} was made and cannot be found: try again.")
    return head.commit


def _commit(api: HfApi, bundle: Bundle, plan: PushPlan, parent: str | None, check: Callable[[], None]) -> None:
    """The one commit. After an answer that leaves open whether it was made, looks first and only then tries again."""
    marker = Marker(digest=plan.digest, experiment=plan.experiment).model_dump_json().encode()
    for attempt in range(1, TRIES + 1):
        check()
        # Made anew for each try: the client marks its operations as uploaded.
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            hub.CommitOperationAdd(file.path, bundle.folder / file.path) for file in bundle.files
        ]
        operations.append(hub.CommitOperationAdd(MARKER, marker))
        removed = [file.path for file in plan.files if file.change == "removed" and file.path not in KEPT]
        operations += [hub.CommitOperationDelete(path) for path in removed]
        try:
            api.create_commit(
                plan.repo_id, operations, commit_message=f"Publish {bundle.name}", parent_commit=parent,
                repo_type=plan.repo_type,
            )  # fmt: skip
            return
        except (*HUB_ERRORS, RuntimeError) as error:  # RuntimeError: the storage client's own
            if _made_after_all(api, plan):
                return
            if _answered(error) or attempt == TRIES:
                if isinstance(error, HUB_ERRORS):
                    raise
                raise PublishError(in_words(error, plan.repo_id)) from error
            time.sleep(PAUSE_SECONDS * attempt)


def _made_after_all(api: HfApi, plan: PushPlan) -> bool:
    """Whether a commit that failed or had no answer stands; a broken connection gets a moment to come back."""
    for attempt in range(1, TRIES + 1):
        try:
            return _already(api, plan) is not None
        except (PublishError, *HUB_ERRORS) as error:
            if _answered(error) or attempt == TRIES:
                raise
            time.sleep(PAUSE_SECONDS * attempt)
    return False


def _answered(error: BaseException) -> bool:
    """Whether the Hub said no (and not: nothing, or that it has a problem itself)."""
    status = http_status(error)
    return status is not None and status < 500 and status not in (408, 429)


def _words(error: BaseException, plan: PushPlan) -> str:
    return str(error) if isinstance(error, PublishError) else in_words(error, plan.repo_id)


def _take_back(api: HfApi, plan: PushPlan, note: Path) -> str:
    """Delete the repository that this push made, unless anything is in it by now; says what became of it."""
    try:
        head = look(api, plan.repo_id, plan.repo_type)
        if head is not None and not set(head.files) - FROM_THE_HUB:
            api.delete_repo(plan.repo_id, repo_type=plan.repo_type)
            head = None
    except (PublishError, *HUB_ERRORS):
        return f"The empty repository {plan.repo_id} could not be taken back: delete it in its settings on the Hub."
    if head is not None:
        return f"{plan.repo_id} was left as it is, since it holds files."
    note.unlink(missing_ok=True)
    return "Nothing was left on the Hub."


def _published(api: HfApi, plan: PushPlan) -> Published:
    kind = "" if plan.repo_type == "model" else f"{plan.repo_type}s/"
    return Published(kind="hub", location=plan.repo_id, url=f"{api.endpoint}/{kind}{plan.repo_id}")


def _read(note: Path) -> Begun | None:
    try:
        return Begun.model_validate_json(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
