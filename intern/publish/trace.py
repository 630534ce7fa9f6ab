"""A run's trace in the person's own private data set on the Hub, one file for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intern.account import HUB_ERRORS, Account
from intern.later import Later
from intern.publish.folder import Published
from intern.publish.push_plan import PublishError, in_words, look

if TYPE_CHECKING:
    import huggingface_hub as hub
else:
    hub = Later("huggingface_hub")

DATASET = "intern-traces"
CARD = """---
tags: [agent-traces, intern]
pretty_name: Traces of the intern
---

# Traces of the intern

One file in `sessions/` for each run: what was asked, thought, run and observed. Secrets of known shapes were taken out
before; look through a trace yourself before you make this data set public.
"""


def place_of(account: Account) -> str:
    """The data set that holds a person's traces."""
    return f"{account.name}/{DATASET}"


def push_trace(account: Account, run_id: str, trace: str) -> Published:
    """Put a trace into the person's data set, which is made private if it is not there. Raises PublishError.

    A public one is left alone: a trace is not published by the way. The same trace again changes nothing.
    """
    api, repo_id = account.api, place_of(account)
    try:
        head = look(api, repo_id, "dataset")
        if head is None:
            api.create_repo(repo_id, repo_type="dataset", private=True, exist_ok=True)
            head = look(api, repo_id, "dataset")
        if head is None or not head.private:
            raise PublishError(f"{repo_id} is public, so no trace is put there: make it private first.")
        operations = [hub.CommitOperationAdd(f"sessions/{run_id}.jsonl", trace.encode())]
        if "README.md" not in head.files:
            operations.append(hub.CommitOperationAdd("README.md", CARD.encode()))
        api.create_commit(
            repo_id, operations, commit_message=f"Trace of run {run_id}", repo_type="dataset", parent_commit=head.commit
        )
    except HUB_ERRORS as error:
        raise PublishError(in_words(error, repo_id)) from error
    return Published(kind="hub", location=repo_id, url=f"{account.endpoint}/datasets/{repo_id}")
