"""Builds the app and serves it: `python app.py`, `python -m intern serve`, a Space and the tests all come here."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from intern.account import on_space
from intern.compute.local import leave_a_core
from intern.service import Service
from intern.settings import SettingsError
from intern.ui import api
from intern.ui.files import FileLinks, add_route
from intern.ui.gradio_start import one_server, settle
from intern.ui.guard import Guard, is_loopback
from intern.ui.handlers import Handlers
from intern.ui.layout import EXAMPLES, Page, build_page
from intern.ui.light import LightBlocks, light_sessions
from intern.ui.render import compile_templates
from intern.ui.view import Views

HERE = Path(__file__).parent
NO_FOREIGN_IMAGES = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"img-src 'self' data: blob:; object-src 'none'; base-uri "
    "'self'\">"
)
"""A picture in a model's answer must not be able to carry anything to a stranger's server."""

SESSION_NEEDS = ("intern.agent.intern", "intern.agent.models", "intern.sandbox.executor", "intern.tools.workbench")
SHOW_TAB = "(tab) => { window.internTab(tab); return []; }"
SAY = "(...given) => window.internSay(...given)"
SAY_EXAMPLE = "(...given) => window.internSayExample(...given)"
SAID = '() => { window.internSaid(); return [""]; }'
TAKE_BACK = "(...given) => window.internTakeBack(...given)"
REMEMBER_RUN = "(run) => { window.internRemember(run); return []; }"


def build_app(service: Service) -> gr.Blocks:
    """The page and its endpoints, not yet served."""
    light_sessions()
    with one_server():
        with LightBlocks(
            title="The intern", fill_width=True, delete_cache=(3600, 24 * 3600), analytics_enabled=False
        ) as demo:
            api.add_endpoints(service)  # first: a handler of the same name would take the endpoint's
            page = build_page(service.settings, service.health())
            handlers = Handlers(service, page, FileLinks(), Views(service))
            _wire(demo, page, handlers)
        # ZeroGPU would otherwise set max_size to 1, and three open pages would be turned away.
        demo.queue(default_concurrency_limit=20, max_size=200)
    return demo


def launch_app(
    service: Service,
    port: int | None = None,
    host: str | None = None,
    *,
    demo: gr.Blocks | None = None,
    block: bool = True,
    recover: bool = True,
) -> gr.Blocks:
    """Serve the app. With `block` it returns when the process is told to end; interrupted runs go on next time.

    `recover` picks up the runs that a dead process left behind, once the page answers. Raises SettingsError when the
    port cannot be had.
    """
    leave_a_core()
    # A run's thread at work gives way to the thread that answers pages after one millisecond instead of five.
    sys.setswitchinterval(0.001)
    app = demo or build_app(service)
    settings = service.settings.app
    address, number = host or ("0.0.0.0" if on_space() else settings.host), port or settings.port
    _check_port(address, number)
    web, url, _ = app.launch(
        server_name=address,
        server_port=number,
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        max_threads=200,
        state_session_capacity=200,
        max_file_size=f"{settings.upload_mb}mb",
        mcp_server=True,
        allowed_paths=[],
        app_kwargs={"middleware": [_guard(service, address)]},
        footer_links=["api", "settings"],
        theme=theme(),
        css_paths=[HERE / "style.css"],
        head=f"{NO_FOREIGN_IMAGES}<script>{_script()}</script>",
    )
    add_route(web, service)
    settle()
    if block:  # the page answers by now; sessions started meanwhile wait for the libraries, the page does not
        threading.Thread(target=_warm, daemon=True, name="warm").start()
    if recover:
        threading.Thread(target=service.recover, daemon=True, name="recover").start()
    if block:
        sys.stderr.write(f"The intern is at {url} (Ctrl-C ends it; runs that are not done go on next time).\n")
        # A Space and `docker stop` end a process with SIGTERM: the runs' processes must end with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            app.block_thread()
        finally:
            service.close()
    return app


def _guard(service: Service, address: str) -> Middleware:
    here = [name.strip() for name in os.environ.get("SPACE_HOST", "").split(",") if name.strip()] if on_space() else []
    loopback = is_loopback(address) and not on_space()  # the Hub's proxy asks under the Space's name
    return Middleware(Guard, space=on_space(), loopback=loopback, hosts=[*service.settings.app.hosts, *here])


def _script() -> str:
    tasks = json.dumps([example.task for example in EXAMPLES])
    return f"window.internExamples = {tasks};\n{(HERE / 'page.js').read_text(encoding='utf-8')}"


def _warm() -> None:
    """What the first visitor would wait for: templates, the sandbox's libraries, and then those of a session."""
    with contextlib.suppress(ImportError):
        importlib.import_module("matplotlib")  # by Gradio, at the first event
    compile_templates()
    from intern.sandbox.pool import warm_up

    sys.stderr.write(f"{warm_up()}\n")
    for name in SESSION_NEEDS:
        importlib.import_module(name)


def _check_port(address: str, number: int) -> None:
    """Gradio would say it with a traceback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SettingsError(
                f"Port {number} of {address} cannot be used ({reason}): choose one with --port."
            ) from error


def theme() -> gr.themes.Base:
    """Quiet colours and the system's own fonts: nothing is loaded from elsewhere."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=["Inter", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_border_width="0px",
        block_shadow="none",
        button_large_radius="*radius_md",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
    )


def _wire(demo: gr.Blocks, page: Page, on: Handlers) -> None:
    """Join components and handlers. All of it is private: scripts use the endpoints in `api.py`."""
    everything: list[Any] = [*vars(page).values()]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    quick = private | {"queue": False}
    # Clicks go through the queue: the page shows an error's message only for queued events.
    # What is refused is said once, by that message: `run_id` cannot be seen, all else would get a badge "Error".
    act: dict[str, Any] = private | {
        "outputs": everything,
        "concurrency_limit": None,
        "show_progress_on": page.run_id,
    }
    options = [
        page.paper, page.paper_file, page.data, page.data_files, page.weights, page.minutes, page.model,
        page.publish, page.review, page.compute, page.budget, page.flavor,
    ]  # fmt: skip
    renting = [page.compute, page.flavor, page.minutes, page.budget]
    who = [page.visitor, page.search]

    loaded = demo.load(on.restore, [page.visitor, page.last_run], everything, **quick)
    loaded.then(None, page.run_id, None, js=REMEMBER_RUN)  # an address with a lost run is put right
    # The page shows what was said before it asks the server (Gradio runs a trigger's events one after the other), and
    # takes it back when that is refused.
    say, example = [page.task.submit, page.send.click], [page.chat.example_select]
    echo = [page.said, page.task, page.chat]
    for triggers, shows, handler, given in (
        (say, SAY, on.send, [page.said, page.run_id, *who, *options]),
        (example, SAY_EXAMPLE, on.example, who),
    ):
        gr.on(triggers, None, [page.task, page.chat, page.paper, page.paper_file], echo, js=shows, **private)
        sent = gr.on(triggers, handler, given, **act)
        sent.success(None, None, page.said, js=SAID, **private)  # what was said is never said again
        sent.failure(None, [page.task, page.chat], [page.task, page.chat], js=TAKE_BACK, **private)
    page.chat.undo(on.undo, [page.run_id, *who], **act)
    page.runs.open(on.open_run, who, **act)
    page.runs.rename(on.rename, [*who, page.run_id], **act)
    page.runs.remove(on.remove, [*who, page.run_id], **act)
    page.save_spec.click(on.save_spec, [page.run_id, page.spec_text, *who], **act)
    page.save_program.click(on.save_program, [page.run_id, page.approval_id, page.program_text, *who], **act)
    page.question.answer(on.answer, [page.run_id, *who], **act)
    shown = [page.rent_box, page.flavor, page.rent]
    changes = [page.compute.input, page.flavor.input, page.minutes.input, page.budget.input]
    gr.on(changes, on.rent, [*renting, page.visitor], shown, trigger_mode="always_last", **private)
    page.new_run.click(on.new_run, who, everything, **quick)
    page.stop.click(on.stop, [page.run_id, *who], **act)
    page.resume.click(on.resume, [page.run_id, *who], **act)
    page.approve.click(on.approve, [page.run_id, page.approval_id, *who], **act)
    page.reject.click(on.reject, [page.run_id, page.approval_id, page.feedback, *who], **act)
    page.timer.tick(on.tick, [page.run_id, page.visitor, page.seen, page.search, page.find], everything, **quick)
    page.search.input(on.search, [page.run_id, *who], page.runs, trigger_mode="always_last", **quick)
    page.setup.click(on.checklist, [page.visitor], [page.checklist, page.checklist_box], **private)
    page.close_setup.click(lambda: gr.Column(visible=False), None, page.checklist_box, **quick)
    page.find.input(on.find, [page.run_id, page.visitor, page.find], page.log, trigger_mode="always_last", **quick)
    page.run_id.change(None, page.run_id, None, js=REMEMBER_RUN)
    page.tab.change(None, page.tab, None, js=SHOW_TAB)
    page.follow.change(
        on.follow,
        [page.follow, page.visitor],
        page.chat,
        concurrency_limit=None,
        trigger_mode="multiple",
        **private,
    )
    demo.unload(on.closed)
