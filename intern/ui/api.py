"""The endpoints that scripts and MCP clients call. Each finds out who calls and lets the service check the run.

Results are JSON objects; over MCP, where Gradio would print Python, they are JSON text. Long work answers with a run
id at once: poll `stream_run` or `get_run`. The docstrings are what "Use via API" and MCP clients show.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from intern.papers.model import PaperError
from intern.runs.events import FINAL_STATUSES
from intern.service import BadRequestError, Service, read_paper
from intern.ui.handlers import in_plain_words
from intern.ui.identity import ApiCallers
from intern.ui.requests import make_request, require_room, start

BATCH = 500
"""Events of one answer of `stream_run`."""
POLL_SECONDS = 0.25


def reply(value: dict[str, Any], request: gr.Request | None) -> Any:
    """The object for clients; its JSON text over MCP."""
    return json.dumps(value, ensure_ascii=False) if _is_mcp(request) else value


def _is_mcp(request: gr.Request | None) -> bool:
    """Gradio answers quick MCP calls at once, with the MCP request, and sends others through its own queue, marked."""
    if request is None:
        return False
    return request.headers.get("x-gradio-user") == "mcp" or "/gradio_api/mcp" in str(getattr(request, "url", ""))


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    with in_plain_words():
        try:
            yield
        except PaperError as error:
            raise BadRequestError(str(error)) from error


def _upload_path(file: Any) -> str | None:
    """The path of an upload; Gradio has checked that it lies in its own upload folder."""
    if file is None:
        return None
    path = file.get("path") if isinstance(file, dict) else file.path
    if not path:
        raise BadRequestError("The file has no content: upload it with gradio_client.handle_file(path).")
    return str(path)


class Endpoints:
    """DESIGN's endpoints over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._callers = ApiCallers(service.settings.network.hub, service.accounts)

    def start_run(
        self,
        task: str,
        paper: str = "",
        paper_file: gr.FileData | None = None,
        data: str = "",
        data_file: gr.FileData | None = None,
        model: str = "",
        max_minutes: float | None = None,
        publish: Literal["never", "ask", "folder", "hub"] = "ask",
        client_key: str = "",
        review: bool = False,
        compute: Literal["local", "zerogpu", "hf-jobs"] = "local",
        budget_usd: float = 0.0,
        weights: str = "",
        flavor: str = "",
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> dict[str, Any]:
        """Start a run and return at once with its id; then poll stream_run or get_run.

        Args:
            task: What to do, for example "reproduce paper: attention is all you need".
            paper: The paper's title or arXiv id (away from a Space also a path). Leave empty if the task names it.
            paper_file: The paper as a PDF upload.
            data: A data file or folder on the server's machine (not on a Space).
            data_file: Data as an upload.
            model: Which brain plans: "planner" (no LLM) or a configured model. Empty: the default.
            max_minutes: Time for training and measuring.
            publish: Whether to publish: never, ask (wait for decide_approval), folder, or hub.
            client_key: Any text of yours; the same key again returns the same run instead of starting another.
            review: Wait for decide_approval before training starts, so that the experiment can be looked at.
            compute: Where to train: local (this machine), zerogpu, or hf-jobs (rented; asks for a decision on the price).
            budget_usd: US dollars that the run may spend at most.
            weights: Pretrained weights to fine-tune: owner/name[@revision] of the Hub (away from a Space also a folder).
            flavor: A machine of HF Jobs by name, with compute "hf-jobs". Empty: the cheapest that fits.
        """
        with _refusals():
            owner = self._callers.owner(request, token)
            upload = _upload_path(data_file)
            wanted = make_request(
                self._service.settings,
                task=task,
                paper=paper or "",
                paper_file=_upload_path(paper_file),
                data=data or "",
                data_files=[upload] if upload else None,
                model=model or "",
                minutes=max_minutes,
                publish=publish or "ask",
                review=bool(review),
                compute=compute or "local",
                budget_usd=budget_usd,
                weights=weights or "",
                flavor=flavor or "",
            )
            info = start(self._service, wanted, owner, client_key or None)
        return reply(info.model_dump(), request)

    def send_message(
        self,
        run_id: str,
        text: str,
        model: str | None = None,
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> dict[str, Any]:
        """Say something more in a run that has ended or waits; the intern continues from there.

        Args:
            run_id: The run, as start_run or list_runs gave it.
            text: The message.
            model: Another brain from now on, as in start_run (leave out: the same).
        """
        with _refusals():
            owner = self._callers.owner(request, token)
            require_room(self._service, owner)
            info = self._service.send_message(run_id, text, owner, model or None)
        return reply(info.model_dump(), request)

    def get_run(
        self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> dict[str, Any]:
        """The report of a run, finished or not: paper, setup, experiment, deviations, every seed's measured metrics
        with evidence, the summary, the comparison with the paper's claims, what was published, and artifacts.

        Args:
            run_id: The run, as start_run or list_runs gave it.
        """
        with _refusals():
            report = self._service.get_run(run_id, self._callers.owner(request, token))
        return reply(report.model_dump(mode="json"), request)

    def list_runs(
        self, limit: int = 50, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> dict[str, Any]:
        """Your runs, newest first: id, title, status and times.

        Args:
            limit: How many at most.
        """
        with _refusals():
            runs = self._service.list_runs(self._callers.owner(request, token), max(1, min(int(limit), 1000)))
        return reply({"runs": [run.model_dump() for run in runs]}, request)

    async def stream_run(
        self,
        run_id: str,
        cursor: int = 0,
        follow: bool = True,
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Events of a run after a cursor, in batches: {"events", "cursor", "status", "pending"}. Call again with the
        last cursor to go on; no event comes twice. `pending` lists approvals that wait for a person.

        Args:
            run_id: The run, as start_run or list_runs gave it.
            cursor: Sequence number of the last event that you have; 0 for all.
            follow: Keep sending until the run ends or waits for a decision. False: one batch, at once (always so over
                MCP).
        """
        with _refusals():
            owner = await asyncio.to_thread(self._callers.owner, request, token)
            follow = follow and not _is_mcp(request)
            first = True
            while True:
                batch = await asyncio.to_thread(self._batch, run_id, owner, int(cursor))
                events, status = batch["events"], batch["status"]
                if events or first or not follow:
                    first, cursor = False, batch["cursor"]
                    yield reply(batch, request)
                if not follow:
                    return
                if not events and (status in FINAL_STATUSES or status in ("waiting", "interrupted")):
                    return
                if len(events) < BATCH:
                    await asyncio.sleep(POLL_SECONDS)

    def _batch(self, run_id: str, owner: str, cursor: int) -> dict[str, Any]:
        """What `stream_run` sends. Status before events: an end that is seen here has all its events below."""
        status = self._service.info(run_id, owner).status
        events = self._service.events(run_id, owner, cursor, BATCH)
        return {
            "events": [event.model_dump(mode="json") for event in events],
            "cursor": events[-1].seq if events else cursor,
            "status": status,
            "pending": [p.model_dump() for p in self._service.pending(run_id, owner)],
        }

    def stop_run(
        self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> dict[str, Any]:
        """Stop a run and its training jobs. What was measured stays; the run can be continued with send_message.

        Args:
            run_id: The run, as start_run or list_runs gave it.
        """
        with _refusals():
            info = self._service.stop_run(run_id, self._callers.owner(request, token))
        return reply(info.model_dump(), request)

    def list_artifacts(
        self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> dict[str, Any]:
        """The files of a run: name, size in bytes, sha256, media type and label. get_artifact downloads one.

        Args:
            run_id: The run, as start_run or list_runs gave it.
        """
        with _refusals():
            report = self._service.get_run(run_id, self._callers.owner(request, token))
        return reply({"artifacts": report.artifacts}, request)

    def get_artifact(
        self, run_id: str, name: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> gr.FileData:
        """Download one file of a run.

        Args:
            run_id: The run, as start_run or list_runs gave it.
            name: The file's name, as list_artifacts gave it.
        """
        with _refusals():
            path = self._service.artifact_path(run_id, name, self._callers.owner(request, token))
            if not path.is_file():
                raise BadRequestError(f"The file {name!r} of run {run_id} is not there any more.")
        # Gradio serves its own cache only, so the file goes there; INTERN_HOME stays closed to its file endpoint.
        copy = save_file_to_cache(path, get_upload_folder())
        return gr.FileData(path=copy, orig_name=path.name, size=path.stat().st_size)

    def read_paper(
        self,
        paper: str = "",
        paper_file: gr.FileData | None = None,
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> dict[str, Any]:
        """Read a paper into its typed setup: hyperparameters, data sets and results, each with page and quote, what is
        not stated, and contradictions.

        Args:
            paper: Title or arXiv id (away from a Space also a path).
            paper_file: The paper as a PDF upload.
        """
        with _refusals():
            self._callers.owner(request, token)
            upload = _upload_path(paper_file)
            wanted = make_request(self._service.settings, task="read", paper=paper or "", paper_file=upload)
            if wanted.paper is None:
                raise BadRequestError("Name a paper (title or arXiv id) or upload its PDF.")
            reading = read_paper(wanted.paper, self._service.settings)
        return reply(reading.model_dump(mode="json"), request)

    def health(self, request: gr.Request | None = None) -> dict[str, Any]:
        """What this installation can do: version, brain, sandbox level, compute, and whether it is offline."""
        health = self._service.health().model_dump()
        del health["home"]  # a path of the server is nobody's business
        return reply(health, request)

    def decide_approval(
        self,
        run_id: str,
        approval_id: str,
        decision: str,
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> dict[str, Any]:
        """Take a person's decision on one request. Not offered to MCP clients: a model must not approve its own plans.

        Args:
            run_id: The run, as start_run or list_runs gave it.
            approval_id: The request, from `pending` of stream_run.
            decision: "approved", "rejected", or "rejected: " and what should be different.
        """
        # One text, because a client fills no defaults for an endpoint that is not documented.
        word, _, feedback = decision.strip().partition(":")
        if word not in ("approved", "rejected") or (word == "approved" and feedback):
            raise gr.Error('decision must be "approved", "rejected" or "rejected: why".', print_exception=False)
        with _refusals():
            owner = self._callers.owner(request, token)
            info = self._service.decide_approval(run_id, approval_id, word, owner, feedback.strip())  # type: ignore[arg-type]
        return reply(info.model_dump(), request)


def add_endpoints(service: Service) -> None:
    """Register all endpoints in the current `gr.Blocks`."""
    on = Endpoints(service)
    quick: dict[str, Any] = {"queue": False}
    for function in (on.start_run, on.send_message, on.get_run, on.list_runs, on.stop_run):
        gr.api(function, **quick)
    gr.api(on.stream_run, concurrency_limit=None)
    gr.api(on.list_artifacts, **quick)
    gr.api(on.get_artifact, **quick)
    gr.api(on.read_paper, concurrency_limit=2)
    gr.api(on.health, **quick)
    gr.api(on.decide_approval, api_visibility="undocumented", **quick)
