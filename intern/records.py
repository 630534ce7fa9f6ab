"""Looking at runs: what their log says, told to their owner and to nobody else. Nothing here changes a run."""

from __future__ import annotations

import zipfile
from pathlib import Path

from intern.account import LOCAL_USER
from intern.requests import BadRequestError, RunInfo, RunRequest
from intern.runs.events import Answer, Artifact, Event, Question, UserMessage
from intern.runs.log import RunLog, RunNotFoundError, RunRecord
from intern.runs.report import PendingApproval, RunReport, build_report, last_reason, open_question, pending_approvals
from intern.runs.turns import standing
from intern.settings import Settings

QUESTION_KINDS = ("question", "user", "undo")


class Records:
    """The runs of one INTERN_HOME, for reading. Another's run looks like no run at all (RunNotFoundError)."""

    def __init__(self, settings: Settings, log: RunLog) -> None:
        self.settings = settings
        self.log = log

    def list_runs(self, owner: str | None = LOCAL_USER, limit: int = 100) -> list[RunInfo]:
        """Newest first."""
        return [_info(record) for record in self.log.runs(owner, limit)]

    def info(self, run_id: str, owner: str = LOCAL_USER) -> RunInfo:
        return _info(self._own(run_id, owner))

    def request(self, run_id: str, owner: str = LOCAL_USER) -> RunRequest:
        """What was asked for, with the brain that was chosen last."""
        request = RunRequest.model_validate(self._own(run_id, owner).request)
        said = [e.body for e in self.log.events(run_id, kinds=("user",))]
        chosen = [body.model for body in said if isinstance(body, UserMessage) and body.model]
        return request.model_copy(update={"model": chosen[-1]}) if chosen else request

    def get_run(self, run_id: str, owner: str = LOCAL_USER) -> RunReport:
        """The report of a run, finished or not."""
        record = self._own(run_id, owner)
        request = self.request(run_id, owner)
        events = self.log.events(run_id, kinds=("fact", "artifact", "usage", "cost", "undo"))
        return build_report(run_id, record.status, _brain(request, self.settings), events, str(self.log.path))

    def events(
        self, run_id: str, owner: str = LOCAL_USER, after: int = 0, limit: int = 10_000, kinds: tuple[str, ...] = ()
    ) -> list[Event]:
        """Events with seq > `after`."""
        self._own(run_id, owner)
        return self.log.events(run_id, after, limit, kinds)

    def wait_events(self, run_id: str, owner: str = LOCAL_USER, after: int = 0, timeout: float = 10.0) -> list[Event]:
        """Like `events`, waiting up to `timeout` seconds for the first one."""
        self._own(run_id, owner)
        return self.log.wait(run_id, after, timeout)

    def pending(self, run_id: str, owner: str = LOCAL_USER) -> list[PendingApproval]:
        """Approvals of a run that wait for a person."""
        self._own(run_id, owner)
        return pending_approvals(self.log.events(run_id, kinds=("approval", "decision")))

    def question(self, run_id: str, owner: str = LOCAL_USER) -> Question | None:
        """The question that waits for a person's answer (`send_message`), if there is one."""
        self._own(run_id, owner)
        return open_question(self.log.events(run_id, kinds=QUESTION_KINDS))

    def artifact_path(self, run_id: str, name: str, owner: str = LOCAL_USER) -> Path:
        """The file of a recorded artifact. Raises BadRequestError for any other name."""
        self._own(run_id, owner)
        if name not in self._artifact_names(run_id):
            raise BadRequestError(f"Run {run_id} has no file {name!r}.")
        return self.settings.run_folder(run_id) / "artifacts" / name

    def answer(self, run_id: str, owner: str = LOCAL_USER) -> str:
        """The brain's closing words of the last turn, else why the run is in its status; Markdown."""
        events = standing(self.events(run_id, owner, kinds=("user", "answer", "status", "note", "undo")))
        newest = max((e.seq for e in events if e.body.kind == "user"), default=0)
        answers = [e.body.text for e in events if e.seq > newest and isinstance(e.body, Answer)]
        return answers[-1] if answers else last_reason(events)

    def complete_id(self, beginning: str, owner: str = LOCAL_USER) -> str:
        """The id that begins with these letters. Raises RunNotFoundError for none or several."""
        found = [r.id for r in self.log.runs(owner, limit=10_000) if r.id.startswith(beginning)]
        if beginning in found:
            return beginning
        if len(found) != 1:
            what = f"{len(found)} runs begin" if found else "No run begins"
            raise RunNotFoundError(f"{what} with {beginning!r}. `python -m intern runs list` shows them.")
        return found[0]

    def last_seq(self, run_id: str, owner: str = LOCAL_USER) -> int:
        """The sequence number of the newest event (0 = none)."""
        self._own(run_id, owner)
        return self.log.last_seq(run_id)

    def export_run(self, run_id: str, target: Path, owner: str = LOCAL_USER) -> None:
        """Write events.jsonl, report.json and all artifacts to a zip. Raises OSError."""
        report = self.get_run(run_id, owner)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            lines = (e.model_dump_json() for e in self.events(run_id, owner, limit=10_000_000))
            archive.writestr("events.jsonl", "".join(line + "\n" for line in lines))
            archive.writestr("report.json", report.model_dump_json(indent=1))
            folder = self.settings.run_folder(run_id) / "artifacts"
            for name in self._artifact_names(run_id):
                if (folder / name).is_file():
                    archive.write(folder / name, f"artifacts/{name}")

    def _artifact_names(self, run_id: str) -> set[str]:
        events = self.log.events(run_id, kinds=("artifact",))
        return {event.body.name for event in events if isinstance(event.body, Artifact)}

    def _own(self, run_id: str, owner: str) -> RunRecord:
        record = self.log.get(run_id)
        if record.owner != owner:
            raise RunNotFoundError(f"There is no run {run_id!r}.")
        return record


def _info(record: RunRecord) -> RunInfo:
    return RunInfo(
        run_id=record.id, title=record.title, status=record.status, created=record.created, updated=record.updated
    )


def _brain(request: RunRequest, settings: Settings) -> str:
    return request.model or settings.model
