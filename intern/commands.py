"""The command line: results on stdout, progress on stderr, one JSON document with --json, exit codes that mean it.

0 done, 1 the run failed, 2 bad usage or input, 3 stopped at an approval or a budget, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from pydantic import ValidationError

from intern.asking import agreed, ask_person
from intern.later import Later
from intern.papers.errors import PaperError
from intern.runs.approvals import ApprovalError
from intern.runs.log import RunBusyError, RunNotFoundError
from intern.service import BadRequestError, RunRequest, Service, read_paper
from intern.settings import SettingsError, load_settings
from intern.warm import warm_up

if TYPE_CHECKING:
    import intern.terminal as terminal
else:
    terminal = Later("intern.terminal")  # Rich: only who prints waits for it

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False,
    help="An ML intern: reads papers, runs experiments, shows what was measured.",
    epilog="Results go to stdout, progress to stderr. Exit codes: 0 done, 1 the run failed, 2 bad usage or input, "
           "3 stopped at an approval or a budget, 130 interrupted.",
)  # fmt: skip
runs_app = typer.Typer(no_args_is_help=True, help="Past and waiting runs: look at them, go on, answer, stop, export.")
app.add_typer(runs_app, name="runs")

FIRST_LOOK_SECONDS = 0.15
"""The run's thread goes first: what it asks an LLM leaves before this one imports Rich."""
DONE, FAILED, BAD_INPUT, STOPPED, INTERRUPTED = 0, 1, 2, 3, 130
EXIT = {"done": DONE, "failed": FAILED, "stopped": STOPPED, "waiting": STOPPED, "interrupted": STOPPED}

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
RunId = Annotated[str, typer.Argument(help="The run's id, or the beginning of it.")]
BAD = (BadRequestError, SettingsError, PaperError, RunNotFoundError, RunBusyError, ApprovalError)


@contextlib.contextmanager
def clear_errors() -> Iterator[None]:
    """Bad input: one line on stderr and exit code 2, never a traceback."""
    try:
        yield
    except BAD as error:
        fail(str(error))


def request_of(**options: Any) -> RunRequest:
    """The request that the options make. Ends the command where one of them is out of bounds."""
    try:
        return RunRequest(**options)
    except ValidationError as error:
        wrong = error.errors()[0]
        fail(f"{wrong['msg']} (--{str(wrong['loc'][0]).replace('_', '-')} {wrong['input']}).")


def require_consent() -> None:
    """With weak isolation, code runs only when the person agrees: by the environment, or here at the terminal."""
    from intern.sandbox.consent import HOW_TO_AGREE, consent_question, give_consent

    if (question := consent_question()) is None:
        return
    if sys.stdin.isatty():
        print(f"{question}\nGo on? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            give_consent()
            return
    fail(HOW_TO_AGREE)


def fail(message: str, code: int = BAD_INPUT) -> NoReturn:
    print(f"Error: {message}", file=sys.stderr)
    raise typer.Exit(code)


@app.command()
def run(
    task: Annotated[str, typer.Argument(help='For example: "reproduce paper: attention is all you need".')],
    paper: Annotated[str | None, typer.Option(help="A PDF or LaTeX file, an arXiv id, a URL or a title.")] = None,
    data: Annotated[str | None, typer.Option(help="A file or folder, or a Hub data set: owner/name.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="Pretrained weights to tune: a folder, or owner/name[@revision] of the Hub.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The brain: 'planner', 'local', or an LLM's name.")] = None,
    compute: Annotated[Literal["local", "zerogpu", "hf-jobs"], typer.Option(help="Where to train.")] = "local",
    flavor: Annotated[
        str | None, typer.Option(help="The machine of HF Jobs (default: the cheapest that fits).")
    ] = None,
    budget_usd: Annotated[float, typer.Option(min=0, help="What --yes may spend in total.")] = 0.0,
    max_minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Time for training and measuring (default: 5).")
    ] = None,
    max_steps: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Replies that an LLM may take for one message (default: 100).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what is asked, within the budget only.")] = False,
    publish: Annotated[Literal["never", "ask", "folder", "hub"], typer.Option(help="Where results go.")] = "ask",
    review: Annotated[bool, typer.Option("--review", help="Look at the experiment before it starts.")] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host that code may connect to (off by default).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Carry out one task, headless."""
    with clear_errors():
        request = request_of(
            task=task, paper=paper, data=data, weights=weights, model=model, compute=compute, flavor=flavor,
            budget_usd=budget_usd, max_minutes=max_minutes, max_steps=max_steps, approve_within_budget=yes, publish=publish,
            review=review, allowed_hosts=tuple(allow_host or ()),
        )  # fmt: skip
        settings = load_settings()
        warm_up(model or settings.model)  # while the sandbox is tried out, which is another process's work
        service = Service(settings)
        require_consent()
        info = service.start_run(request)
    follow(service, info.run_id, after=0, as_json=as_json)


@app.command()
def read(
    source: Annotated[
        str, typer.Argument(metavar="FILE_OR_ID", help="A PDF or LaTeX file, an arXiv id, a URL or a title.")
    ],
    as_json: Json = False,
    card: Annotated[
        Path | None, typer.Option(help="Write a card into this folder: facts with page and section, no sentences.")
    ] = None,
) -> None:
    """Read a paper: its document and typed setup, with page and quote."""
    with clear_errors():
        reading = read_paper(source, load_settings())
        if card is not None:
            if not card.is_dir():
                fail(f"There is no folder {card} (--card).")
            from intern.papers.cards import write_card

            print(write_card(reading, card))
            return
    if as_json:
        print(json.dumps(reading.model_dump(mode="json"), ensure_ascii=False, indent=1))
    else:
        terminal.show_reading(terminal.Console(), reading)


@app.command()
def serve(port: Annotated[int | None, typer.Option(help="Port of the app (7860).")] = None) -> None:
    """Serve the app (the same as `python app.py`)."""
    with clear_errors():
        from intern.ui.gradio_start import start_light

        start_light()
        settings = load_settings()
        service = Service(settings)
        from intern.ui.app import launch_app  # Gradio takes a second to import: only who serves waits for it

        launch_app(service, port=port or settings.app.port)


@app.command()
def doctor(as_json: Json = False) -> None:
    """What works here and what is missing: versions, brain, compute, sandbox, Hub identity."""
    with clear_errors():
        from intern.doctor import examine

        settings = load_settings()
        report = examine(settings)
    if as_json:
        print(report.model_dump_json(indent=1))
    else:
        terminal.show_doctor(terminal.Console(), report)
    if any(finding.state == "missing" for finding in report.findings):
        raise typer.Exit(FAILED)


@runs_app.command("list")
def runs_list(as_json: Json = False) -> None:
    """All runs, newest first."""
    with clear_errors():
        infos = Service(load_settings()).list_runs()
    if as_json:
        print(json.dumps([i.model_dump() for i in infos], ensure_ascii=False, indent=1))
    else:
        terminal.show_runs(terminal.Console(), infos)


@runs_app.command("show")
def runs_show(run_id: RunId, as_json: Json = False) -> None:
    """A run's report."""
    with clear_errors():
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        report = service.get_run(run_id)
    if as_json:
        print(report.model_dump_json(indent=1))
    else:
        terminal.show_report(terminal.Console(), report, service.answer(run_id))


@runs_app.command("send")
def runs_send(
    run_id: RunId,
    text: Annotated[str, typer.Argument(help="What to say.")],
    model: Annotated[str | None, typer.Option(help="Another brain from now on.")] = None,
    as_json: Json = False,
) -> None:
    """Say something more in a run that has ended or waits."""
    with clear_errors():
        warm_up()
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        after = service.last_seq(run_id)
        require_consent()
        service.send_message(run_id, text, model=model)
    follow(service, run_id, after=after, as_json=as_json)


@runs_app.command("resume")
def runs_resume(
    run_id: RunId,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what is asked, within the budget only.")] = False,
    budget_usd: Annotated[float | None, typer.Option(min=0, help="Another budget for --yes, from now on.")] = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that was interrupted, parked or stopped."""
    with clear_errors():
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        after = service.last_seq(run_id)
        require_consent()
        service.resume_run(run_id, approve_within_budget=True if yes else None, budget_usd=budget_usd)
    follow(service, run_id, after=after, as_json=as_json)


@runs_app.command("edit")
def runs_edit(
    run_id: RunId,
    to: Annotated[Path | None, typer.Option("--to", help="The YAML file that takes its place.")] = None,
    program: Annotated[Path | None, typer.Option(help="A Python file that takes the place of its program.")] = None,
) -> None:
    """Print the experiment that waits to be started (`run --review`), or replace it; then resume with --yes."""
    with clear_errors():
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        for file, replace in ((to, service.edit_spec), (program, service.edit_program)):
            if file is not None:
                try:
                    text = file.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    fail(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.")
                replace(run_id, text, go_on=False)
        print(service.spec_yaml(run_id), end="")


@runs_app.command("stop")
def runs_stop(run_id: RunId) -> None:
    """Stop a run, also one that the app is working on."""
    with clear_errors():
        service = Service(load_settings())
        info = service.stop_run(service.complete_id(run_id))
    print(f"{info.run_id}: {info.status}")


@runs_app.command("undo")
def runs_undo(
    run_id: RunId,
    instead: Annotated[str | None, typer.Option(help="Say this in place of the message that is taken back.")] = None,
    as_json: Json = False,
) -> None:
    """Take back your last message of a run, and what came of it in the conversation."""
    with clear_errors():
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        after = service.last_seq(run_id)
        if instead:
            require_consent()
        info = service.undo_turn(run_id, instead=instead)
    if instead:
        follow(service, run_id, after=after, as_json=as_json)
    print(info.model_dump_json(indent=1) if as_json else f"{info.run_id}: {info.status}")


@runs_app.command("export")
def runs_export(
    run_id: RunId,
    to: Annotated[Path | None, typer.Option(help="The file to write (default: RUN_ID.zip, or RUN_ID.jsonl).")] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="The agent trace, secrets taken out, instead of a zip.")
    ] = False,
    push: Annotated[bool, typer.Option("--push", help="Also put the trace into your private data set.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to --push without being asked.")] = False,
) -> None:
    """Write a run's events, report and files to a zip, or its trace to a file."""
    with clear_errors():
        service = Service(load_settings())
        run_id = service.complete_id(run_id)
        if push and not trace:
            fail("--push goes with --trace.")
        text = service.hub.trace(run_id) if trace else ""
        target = to or Path(f"{run_id}.{'jsonl' if trace else 'zip'}")
        try:
            if trace:
                target.write_text(text, encoding="utf-8")
            else:
                service.export_run(run_id, target)
        except OSError as error:
            fail(f"{target} cannot be written: {error.strerror or error}.")
        print(target)
        if push:
            if not yes and not agreed(f"{target} is what would be put into your private data set on the Hub. Go on?"):
                fail("Not pushed: nobody agreed (--yes, or answer y).", STOPPED)
            print(service.hub.share_trace(run_id, text).url)


@runs_app.command("sweep")
def runs_sweep(
    yes: Annotated[bool, typer.Option("--yes", help="End them, not only list them.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those of runs that are not in this log.")] = False,
) -> None:
    """Rented jobs and their files that no run waits for any more: list them, or end them."""
    with clear_errors():
        service = Service(load_settings())
        found = service.hub.orphans()
        chosen = [orphan for orphan in found if every or orphan.known]
        for orphan in found:
            whose = "ended" if orphan.known else "not in this log"
            print(f"{orphan.what} {orphan.id}: {orphan.detail} (run {orphan.run_id or 'unknown'}, {whose})")
        if yes and chosen:
            service.hub.sweep(chosen)
    ended = f"{len(chosen)} ended" if yes else "nothing was ended: --yes does"
    print(f"{len(found)} found, {ended}" if found else "Nothing is left over.", file=sys.stderr)


def follow(service: Service, run_id: str, after: int, as_json: bool) -> NoReturn:
    """Show progress until the run ends or parks; print the report; leave with the right code."""
    service.join(run_id, timeout=FIRST_LOOK_SECONDS)
    progress = terminal.Progress(terminal.Console(stderr=True))
    try:
        with progress:
            after = watch(service, run_id, after, progress)
            while service.info(run_id).status == "waiting" and sys.stdin.isatty():
                progress.pause()
                ask_person(service, run_id)
                after = watch(service, run_id, after, progress)
    except KeyboardInterrupt:
        service.close("Interrupted from the keyboard.")
        print(f"\nInterrupted. Go on with: python -m intern runs resume {run_id}", file=sys.stderr)
        if service.request(run_id).compute == "hf-jobs":
            print(f"What was rented goes on and costs: python -m intern runs stop {run_id} ends it.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    report = service.get_run(run_id)
    if as_json:
        print(report.model_dump_json(indent=1))
    else:
        terminal.show_report(terminal.Console(), report, service.answer(run_id))
    if report.status == "waiting":
        if service.question(run_id) is not None:
            answer = f'python -m intern runs send {run_id} "your answer"'
            print(f"Waiting for your answer: open the app, or {answer}", file=sys.stderr)
        else:
            print(awaited(service, run_id), file=sys.stderr)
    raise typer.Exit(EXIT.get(report.status, FAILED))


def awaited(service: Service, run_id: str) -> str:
    """What a person has to decide, and how; --yes decides nothing that a tool of somebody else would do."""
    pending = service.pending(run_id)
    titles = " ".join(asked.title for asked in pending)
    yes = "" if any(asked.action == "tool" for asked in pending) else " [--yes]"
    where = f"at a terminal, python -m intern runs resume {run_id}{yes}"
    return f"Waiting for your decision{f': {titles}' if titles else ''} Open the app, or {where}"


def watch(service: Service, run_id: str, after: int, progress: terminal.Progress) -> int:
    """Feed events to `progress` until this process is done with the run; returns the last sequence number."""
    while True:
        ended = service.join(run_id, timeout=0)
        for event in service.wait_events(run_id, after=after, timeout=0 if ended else 0.5):
            progress.show(event)
            after = event.seq
        if ended and not service.events(run_id, after=after, limit=1):
            return after
