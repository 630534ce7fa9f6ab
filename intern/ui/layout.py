"""What stands where on the page. No behaviour here: `handlers.py` has it, `app.py` joins the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from intern.account import on_space
from intern.service import Health
from intern.settings import Settings
from intern.ui import panels
from intern.ui.identity import can_sign_in
from intern.ui.render import nothing

OPEN_RUN = """
element.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-run]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  trigger('open', { run: link.dataset.run });
});
"""
EDIT_RUNS = """
const run = (target) => target.closest('[data-menu]').dataset.menu;
element.addEventListener('submit', (event) => {
  event.preventDefault();
  trigger('rename', { run: run(event.target), title: event.target.elements.title.value });
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-remove]');
  if (!button) return;
  if (button.dataset.remove === 'sure') trigger('remove', { run: run(button) });
  else { button.dataset.remove = 'sure'; button.textContent = 'Yes, delete it and its files'; }
});
"""
ANSWER = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-answer]');
  if (button) trigger('answer', { answer: button.dataset.answer });
});
"""
HOVER = """
element.addEventListener('mousemove', (event) => window.internHover && window.internHover(event));
element.addEventListener('mouseleave', () => window.internHover && window.internHover(null));
"""


@dataclass(frozen=True)
class Example:
    """A task that works on a machine with nothing: no account, no network, no files."""

    title: str
    task: str
    minutes: float


EXAMPLES = (
    Example("Reproduce “Attention is all you need” (about 4 minutes)", "reproduce paper: attention is all you need", 5),
    Example(
        "Train a classifier on handwritten digits, three seeds (about a minute)",
        "train a classifier on digits, three seeds",
        5,
    ),
    Example("What does “Attention is all you need” state? (seconds)", "read paper: attention is all you need", 5),
    Example(
        "What does the TextCNN paper state? (seconds)",
        "read paper: convolutional neural networks for sentence classification",
        5,
    ),
)


@dataclass
class Page:
    """The components that events read or write."""

    header: gr.HTML
    notices: gr.HTML
    checklist_box: gr.Column
    checklist: gr.HTML
    setup: gr.Button
    close_setup: gr.Button
    search: gr.Textbox
    new_run: gr.Button
    runs: gr.HTML
    chat: gr.Chatbot
    approval: gr.Column
    approval_head: gr.HTML
    approval_summary: gr.Markdown
    approval_more: gr.Accordion
    approval_card: gr.Markdown
    program_box: gr.Accordion
    program_text: gr.Code
    save_program: gr.Button
    approval_id: gr.Textbox
    feedback: gr.Textbox
    approve: gr.Button
    reject: gr.Button
    question: gr.HTML
    task: gr.Textbox
    said: gr.Textbox
    send: gr.Button
    stop: gr.Button
    resume: gr.Button
    paper: gr.Textbox
    paper_file: gr.File
    data: gr.Textbox
    data_files: gr.File
    weights: gr.Textbox
    minutes: gr.Number
    model: gr.Dropdown
    publish: gr.Dropdown
    review: gr.Checkbox
    compute: gr.Dropdown
    budget: gr.Number
    rent_box: gr.Column
    flavor: gr.Dropdown
    rent: gr.HTML
    status: gr.HTML
    training: gr.HTML
    paper_panel: gr.HTML
    experiment_panel: gr.HTML
    editor: gr.Column
    spec_text: gr.Code
    save_spec: gr.Button
    results: gr.HTML
    find: gr.Textbox
    log: gr.HTML
    files: gr.HTML
    publication: gr.HTML
    card: gr.Markdown
    run_id: gr.Textbox
    tab: gr.Textbox
    follow: gr.Textbox
    seen: gr.State
    visitor: gr.BrowserState
    last_run: gr.BrowserState
    timer: gr.Timer


def build_page(settings: Settings, health: Health) -> Page:
    """Lay the page out inside the current `gr.Blocks`."""
    found: dict[str, Any] = {}
    with gr.Sidebar(open=True, width=264, elem_id="sidebar"):
        found["new_run"] = gr.Button("New run", elem_id="new-run", variant="secondary", size="md")
        found["search"] = gr.Textbox(
            placeholder="Search runs", show_label=False, label="Search runs", elem_id="search", max_lines=1
        )
        found["runs"] = gr.HTML(panels.run_list([], "", ""), js_on_load=OPEN_RUN + EDIT_RUNS, elem_id="runs")
        found["setup"] = gr.Button("Set-up", elem_id="setup", variant="secondary", size="sm")
        if can_sign_in():
            gr.LoginButton(size="md")
        if on_space():
            gr.DuplicateButton(size="md")
    found["header"] = gr.HTML(elem_id="header")
    found["notices"] = gr.HTML(elem_id="notices")
    with gr.Column(visible=False, elem_id="checklist") as found["checklist_box"]:
        found["checklist"] = gr.HTML()
        found["close_setup"] = gr.Button("Close", size="sm", elem_id="close-setup")
    with gr.Row(elem_id="shell", equal_height=False):
        with gr.Column(scale=6, min_width=320, elem_id="left"):
            found |= _conversation(settings, health)
        with gr.Column(scale=5, min_width=320, elem_id="right"):
            found |= _run_panels()
    found |= _memory()
    return Page(**found)


def _conversation(settings: Settings, health: Health) -> dict[str, Any]:
    found: dict[str, Any] = {
        "chat": gr.Chatbot(
            show_label=False,
            label="Conversation",
            elem_id="chat",
            layout="bubble",
            buttons=[],
            placeholder=panels.welcome(),
            examples=[{"text": example.task, "display_text": example.title} for example in EXAMPLES],
            feedback_options=None,
            group_consecutive_messages=True,
            allow_tags=False,
            container=False,
        )
    }
    with gr.Column(visible=False, elem_id="approval") as found["approval"]:
        found["approval_head"] = gr.HTML()
        found["approval_summary"] = gr.Markdown(elem_id="approval-summary")
        with gr.Accordion("Read it first", open=False, elem_id="approval-more") as found["approval_more"]:
            found["approval_card"] = gr.Markdown(elem_id="approval-card", max_height="38vh")
        found |= _program_editor()
        found["feedback"] = gr.Textbox(
            label="What should change? (goes to the intern when you reject)", max_lines=3, elem_id="feedback"
        )
        with gr.Row():
            found["reject"] = gr.Button("Reject", variant="secondary", elem_id="reject")
            found["approve"] = gr.Button("Approve", variant="primary", elem_id="approve")
    found["question"] = gr.HTML(panels.question(None), js_on_load=ANSWER, elem_id="question")
    with gr.Row(elem_id="composer", equal_height=True):
        found["task"] = gr.Textbox(
            placeholder="A paper to reproduce, or a task",
            show_label=False,
            label="Task or message",
            lines=1,
            max_lines=6,
            scale=8,
            min_width=160,
            elem_id="task",
            autofocus=True,
        )
        found["send"] = gr.Button("Start", variant="primary", scale=0, min_width=96, elem_id="send")
        found["stop"] = gr.Button("Stop", variant="stop", scale=0, min_width=96, visible=False, elem_id="stop")
        found["resume"] = gr.Button("Resume", scale=0, min_width=96, visible=False, elem_id="resume")
    with gr.Accordion("Attach a paper, data or weights · options", open=False, elem_id="options"):
        found |= _options(settings, health)
    return found


def _options(settings: Settings, health: Health) -> dict[str, Any]:
    hub = [] if health.offline else [("To the Hub", "hub")]
    models = [("The usual one", ""), *((name, name) for name in dict.fromkeys(["planner", settings.model]))]
    found: dict[str, Any] = {}
    with gr.Row():
        found["paper"] = gr.Textbox(label="Paper", placeholder="Title or arXiv id", elem_id="paper")
        found["data"] = gr.Textbox(
            label="Data folder on this machine",
            placeholder="/path/to/data",
            elem_id="data",
            visible=not on_space(),
        )
    with gr.Row():
        found["paper_file"] = gr.File(label="Paper (PDF)", file_types=[".pdf"], height=96, elem_id="paper-file")
        found["data_files"] = gr.File(label="Data files", file_count="multiple", height=96, elem_id="data-files")
    with gr.Row():
        found["weights"] = gr.Textbox(
            label="Weights to fine-tune",
            max_lines=1,
            placeholder="owner/name" if on_space() else "Folder, or owner/name",
            elem_id="weights",
        )
        found["model"] = gr.Dropdown(
            models, value="", label="Brain (from now on)", allow_custom_value=True, elem_id="model"
        )
    with gr.Row():
        found["minutes"] = gr.Number(
            label="Minutes for training", value=settings.limits.minutes, minimum=0.1, maximum=24 * 60, elem_id="minutes"
        )
        found["publish"] = gr.Dropdown(
            [("Ask me", "ask"), ("To a folder", "folder"), *hub, ("Never", "never")],
            value="ask",
            label="Publishing",
            elem_id="publish",
        )
    with gr.Row(visible=len(health.compute) > 1 or not health.offline):
        words = {"local": "This machine", "zerogpu": "ZeroGPU (a few minutes)", "hf-jobs": "HF Jobs (rented)"}
        found["compute"] = gr.Dropdown(
            [(words.get(place, place), place) for place in health.compute], value="local", label="Train on",
            elem_id="compute", visible=len(health.compute) > 1,
        )  # fmt: skip
        found["budget"] = gr.Number(
            label="US dollars that the run may spend", value=0, minimum=0, elem_id="budget", visible=not health.offline
        )
    with gr.Column(visible=False, elem_id="rent-box") as found["rent_box"]:
        found["flavor"] = gr.Dropdown([("The cheapest that fits", "")], value="", label="Machine", elem_id="flavor")
        found["rent"] = gr.HTML(elem_id="rent")
    found["review"] = gr.Checkbox(
        label="Show me the experiment before it trains: I may change it", value=False, elem_id="review"
    )
    return found


def _run_panels() -> dict[str, Any]:
    found: dict[str, Any] = {"status": gr.HTML(panels.status(None, None), elem_id="status")}
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab("Training", id="training"):
            found["training"] = gr.HTML(nothing("training"), js_on_load=HOVER, elem_id="training")
        with gr.Tab("Paper", id="paper"):
            found["paper_panel"] = gr.HTML(nothing("paper"), elem_id="paper-panel")
        with gr.Tab("Experiment", id="experiment"):
            found["experiment_panel"] = gr.HTML(nothing("experiment"), elem_id="experiment-panel")
            found |= _editor()
        with gr.Tab("Results", id="results"):
            found["results"] = gr.HTML(nothing("results"), elem_id="results")
        with gr.Tab("Logs", id="logs"):
            found["find"] = gr.Textbox(
                placeholder="Search the log", show_label=False, label="Search the log", elem_id="find", max_lines=1
            )
            found["log"] = gr.HTML(nothing("log"), elem_id="log")
        with gr.Tab("Files", id="files"):
            found["files"] = gr.HTML(nothing("files"), elem_id="files")
        with gr.Tab("Publish", id="publish"):
            found["publication"] = gr.HTML(nothing("publication"), elem_id="publication")
            found["card"] = gr.Markdown(elem_id="card")
    return found


def _program_editor() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with gr.Accordion("The program: read or change it", open=False, visible=False, elem_id="program-box") as found[
        "program_box"
    ]:
        gr.HTML("<p class='meta'>An edited program is another request: this one expires and you are asked anew. On a rented"
                " machine the results of an edited program count as <b>rescored</b>, not sealed.</p>")  # fmt: skip
        found["program_text"] = gr.Code(
            label="program.py", language="python", max_lines=24, wrap_lines=True, elem_id="program-text"
        )
        found["save_program"] = gr.Button("Save the program", variant="secondary", elem_id="save-program")
    return found


def _editor() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with gr.Column(visible=False, elem_id="editor") as found["editor"]:
        gr.HTML("<h3>Change it before it starts</h3><p class='meta'>Values, seeds, threads, time and title can be changed."
                " It is checked again, and what differs from the paper is listed.</p>")  # fmt: skip
        found["spec_text"] = gr.Code(
            label="The experiment (YAML)", language="yaml", max_lines=28, wrap_lines=True, elem_id="spec-text"
        )
        found["save_spec"] = gr.Button("Save the experiment", variant="secondary", elem_id="save-spec")
    return found


def _memory() -> dict[str, Any]:
    """What the page remembers. `run_id` and `approval_id` live in the browser, so that a click decides what it saw."""
    return {
        "run_id": gr.Textbox(visible="hidden", elem_id="run-id", label="Run"),
        "tab": gr.Textbox(visible="hidden", elem_id="tab", label="Tab"),
        "approval_id": gr.Textbox(visible="hidden", elem_id="approval-id", label="Approval"),
        "follow": gr.Textbox(visible="hidden", elem_id="follow", label="Follow"),
        "said": gr.Textbox(visible="hidden", elem_id="said", label="Said"),
        "seen": gr.State({}),
        # Fixed keys: with Gradio's random ones every restart would forget all visitors.
        "visitor": gr.BrowserState(None, storage_key="intern-visitor", secret="intern-visitor"),
        "last_run": gr.BrowserState(None, storage_key="intern-last-run", secret="intern-last-run"),
        "timer": gr.Timer(1.0, active=False),
    }
