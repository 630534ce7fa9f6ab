"""The page in Debian's Chromium: every state, both themes, a phone, two tabs, and strangers' words."""

from __future__ import annotations

import time

import pytest

from intern.runs import events as e
from intern.service import RunRequest
from tests.conftest import shared
from tests.experiments.test_weights import folder
from tests.ui.seeding import ANSWER, PNG, XSS, Seeder, finished_run, hostile_run

TABS = ("Training", "Paper", "Experiment", "Results", "Logs", "Publish")


def open_run(watched, served, run_id: str = "", **options):
    page = watched(**options).page
    page.goto(f"{served.url}/?run={run_id}" if run_id else served.url)
    page.wait_for_selector("#task textarea")
    if run_id:
        page.wait_for_selector(".runbar .chip")
    return page


def wait_text(page, selector: str, text: str, seconds: float = 60) -> None:
    page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.innerText.includes(text)",
        arg=[selector, text],
        timeout=seconds * 1000,
    )


def test_the_empty_page_says_what_to_do_and_one_click_starts(watched, served):
    page = open_run(watched, served)
    wait_text(page, "#header", "planner, not an LLM")
    wait_text(page, "#header", "Offline")
    assert page.locator("#chat .example").count() == 4
    page.locator("#chat .example", has_text="What does “Attention").click()
    wait_text(page, "#chat", "read paper: attention is all you need")
    page.wait_for_function("location.search.includes('run=')")
    run_id = page.url.partition("run=")[2]
    assert run_id in [run.run_id for run in served.service.list_runs()]
    for task in ("what can you do?", "and what else?"):  # each is said once, in a run of its own
        page.click("#new-run")
        page.wait_for_selector("#chat .example")
        page.wait_for_function("!location.search")
        page.fill("#task textarea", task)
        page.keyboard.press("Enter")
        wait_text(page, "#chat .user", task)
        wait_text(page, ".runbar h2", task)
        assert page.locator("#chat .user").count() == 1 and page.input_value("#task textarea") == ""
        page.wait_for_selector(".runbar .chip.done")
    page.click("#new-run")
    page.wait_for_function("!location.search")
    page.click("#send")
    wait_text(page, ".toast-wrap", "The task is empty")


def test_a_task_sent_while_the_page_still_loads_is_not_lost(watched, served):
    tab = watched()

    def slowly(route):
        if "/run/predict" in route.request.url and not held:
            held.append(route)
        else:
            route.continue_()

    held: list = []
    tab.page.route("**/gradio_api/run/**", slowly)
    tab.page.goto(served.url)
    tab.page.wait_for_selector("#task textarea")
    tab.page.wait_for_timeout(800)
    assert held, "the load event should have been asked for by now"
    tab.page.fill("#task textarea", "read paper: attention is all you need")
    tab.page.keyboard.press("Enter")
    wait_text(tab.page, "#chat", "read paper: attention is all you need")
    held[0].continue_()
    wait_text(tab.page, "#header", "planner, not an LLM")
    tab.page.wait_for_selector("#runs a.run.selected")
    assert "run=" in tab.page.url
    wait_text(tab.page, "#chat", "read paper: attention is all you need")


def test_what_is_said_is_shown_before_the_server_has_heard_it(watched, served):
    page = open_run(watched, served)
    page.wait_for_selector("#chat .example")
    held: list = []
    page.route("**/queue/join**", lambda route: route.continue_() if held else held.append(route))
    page.fill("#task textarea", f"what can you do? {XSS}")
    page.keyboard.press("Enter")
    wait_text(page, "#chat .user", "what can you do? <img src=x")
    wait_text(page, "#chat", "Working")
    page.wait_for_function("document.querySelector('#task textarea').value === ''")
    page.keyboard.type("and what I say next stays")
    assert held and not page.locator(".runbar .chip").count() and page.evaluate("window.hacked") is None
    held[0].continue_()
    page.wait_for_selector(".runbar .chip")
    wait_text(page, "#chat", "I am the built-in planner")
    assert page.locator("#chat .user").count() == 1
    assert page.input_value("#task textarea") == "and what I say next stays"


def test_what_is_refused_is_in_the_box_again(watched, served):
    page = open_run(watched, served)
    page.wait_for_selector("#chat .example")
    page.locator("#options button").first.click()
    page.fill("#data textarea, #data input", "/nowhere/at all")
    page.fill("#task textarea", "train on my data")
    page.keyboard.press("Enter")
    wait_text(page, ".toast-wrap", "There is no file or folder /nowhere/at all.")
    page.wait_for_function("document.querySelector('#task textarea').value === 'train on my data'")
    page.wait_for_selector("#chat .example")
    assert not page.locator("#chat .user").count() and "run=" not in page.url


def test_weights_to_fine_tune_are_named_in_the_options(watched, served, tmp_path):
    weights = folder(tmp_path / "my-gpt")
    page = open_run(watched, served)
    page.wait_for_selector("#chat .example")
    page.locator("#options button").first.click()
    box = page.locator("#weights textarea, #weights input")
    for named, said in (
        ("/nowhere/at all", "There is no folder /nowhere/at all, and it is no model of the Hub (owner/name)."),
        ("somebody/small-gpt", "somebody/small-gpt is not in this machine's cache of the Hub"),
    ):
        box.fill(named)
        page.fill("#task textarea", "fine-tune it")
        page.press("#task textarea", "Enter")
        wait_text(page, ".toast-wrap", said)
        page.wait_for_function("document.querySelector('#task textarea').value === 'fine-tune it'")
        page.locator(".toast-wrap button").first.click()
    box.fill(str(weights))
    page.press("#task textarea", "Enter")
    page.wait_for_function("location.search.includes('run=')")
    request = served.service.request(page.url.partition("run=")[2])
    assert (request.task, request.weights) == ("fine-tune it", str(weights))


def test_another_brain_can_be_chosen_for_what_is_said_next(watched, served):
    seeder = Seeder(served.service, "another brain")
    seeder.end("done", answer="First answer.")
    page = open_run(watched, served, seeder.id)
    page.locator("#options button").first.click()
    page.locator("#model input").fill("nobody-knows-it")
    page.locator("#model input").press("Enter")
    page.fill("#task textarea", "and now?")
    page.keyboard.press("Enter")
    wait_text(page, ".toast-wrap", "There is no model 'nobody-knows-it'")
    page.wait_for_function("document.querySelector('#task textarea').value === 'and now?'")
    assert page.locator("#chat .said").all_inner_texts() == ["another brain"]
    page.locator("#model input").fill("planner")
    page.locator("#model input").press("Enter")
    page.press("#task textarea", "Enter")
    wait_text(page, "#chat", "and now?")  # shown at once; the log has it when the server has taken it
    deadline = time.monotonic() + 60
    while len(said := served.service.events(seeder.id, kinds=("user",))) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert [(event.body.text, event.body.model) for event in said[1:]] == [("and now?", "planner")]
    page.wait_for_selector(".runbar .chip.done")


def test_times_links_and_the_slash_key(watched, served):
    seeder = Seeder(served.service, "small comforts")
    seeder.end("done", answer="Here.")
    page = open_run(watched, served, seeder.id, permissions=["clipboard-read", "clipboard-write"])
    told = page.locator("#chat time").first
    page.wait_for_function("node => node.textContent.match(/^\\d\\d:\\d\\d$/)", arg=told.element_handle())
    entry = page.locator(f".entry:has([data-run='{seeder.id}'])")
    entry.locator("summary").click()
    entry.locator("button[data-copy]").click()
    wait_text(page, f".entry:has([data-run='{seeder.id}'])", "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{served.url}/?run={seeder.id}"
    page.locator("#right").click()
    page.keyboard.type("/what now")
    assert page.input_value("#task textarea") == "what now"


def test_every_tab_of_a_finished_run_also_when_opened_late(watched, served):
    page = open_run(watched, served, finished_run(served.service))
    wait_text(page, "#chat", "BLEU 97.6 ± 0.24")
    shown = {
        "Training": "Seed 2",
        "Paper": "warmup steps",
        "Experiment": "Deviations from the paper",
        "Results": "97.6",
        "Logs": "step 900/900",
        "Files": "README.md",
        "Publish": "transformer-number-words",
    }
    for tab, text in shown.items():
        page.get_by_role("tab", name=tab).click()
        wait_text(page, "#tabs", text)
    assert page.locator(".chart polyline").count() == 6
    page.get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.locator(".files .action", has_text="zip").click()
    assert download.value.suggested_filename.endswith(".zip")


def test_a_reload_in_the_middle_is_back_at_once_and_nothing_is_doubled(watched, served):
    seeder = Seeder(served.service, "in the middle")
    seeder.paper()
    seeder.design()
    seeder.train(until=300, finish=False)
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#chat", "I train the seeds")
    page.fill("#task textarea", "half a thought")
    page.reload()
    began = time.monotonic()
    wait_text(page, "#chat", "I train the seeds")
    page.wait_for_selector(".chart polyline")
    assert time.monotonic() - began < 60  # two seconds on a machine that does nothing else
    page.wait_for_function("document.querySelector('#task textarea').value === 'half a thought'")
    second = open_run(watched, served, seeder.id)
    wait_text(second, "#chat", "I train the seeds")
    for text in ("first of two", "second of two"):
        seeder.emit(e.Note(text=text))
        for tab in (page, second):
            wait_text(tab, "#chat", text)
    seeder.metric("job2", 2, 900, "train_loss", 0.01)
    seeder.emit(e.LogLine(job_id="job2", text="the newest line"))
    page.get_by_role("tab", name="Logs").click()
    wait_text(page, "#log", "the newest line")
    seeder.end("done", answer=ANSWER)
    for tab in (page, second):
        wait_text(tab, ".runbar .chip", "Done")
        wait_text(tab, "#chat", "BLEU 97.6")
        assert tab.locator("#chat .note", has_text="of two").count() == 2
        assert tab.locator("#chat .user").count() == 1
        assert tab.locator("#chat", has_text="BLEU 97.6").count() == 1


def test_a_line_that_was_lost_for_a_while_loses_nothing(watched, served):
    seeder = Seeder(served.service, "a blip")
    page = open_run(watched, served, seeder.id)
    page.fill("#task textarea", "half a thought")
    page.context.set_offline(True)
    seeder.emit(e.Note(text="said meanwhile"))
    wait_text(page, ".toast-wrap", "Connection to the server was lost", 60)
    page.context.set_offline(False)
    wait_text(page, "#chat", "said meanwhile", 60)
    seeder.artifact("made/curve.png", PNG, "what was drawn")
    image = page.locator("#chat img[alt='what was drawn']")
    page.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=image.element_handle())
    assert page.locator("#chat .note", has_text="said meanwhile").count() == 1
    assert page.input_value("#task textarea") == "half a thought"
    seeder.end("stopped")


def test_the_log_follows_its_end(watched, served):
    seeder = Seeder(served.service, "log")
    for n in range(300):
        seeder.emit(e.LogLine(job_id="j", text=f"line {n}"))
    page = open_run(watched, served, seeder.id)
    page.get_by_role("tab", name="Logs").click()
    wait_text(page, "#log", "line 299")
    seeder.emit(e.LogLine(job_id="j", text="the last line"))
    wait_text(page, "#log", "the last line")
    box = page.locator(".logtail")
    assert abs(box.evaluate("node => node.scrollTop")) < 2
    box.evaluate("node => { node.scrollTop = -400 }")
    seeder.emit(e.LogLine(job_id="j", text="one more"))
    wait_text(page, "#log", "one more")
    assert box.evaluate("node => node.scrollTop") < -300


def selected_tab(page) -> str:
    return page.locator("#tabs [role=tab][aria-selected=true]").inner_text()


def shows_tab(page, name: str) -> None:
    page.wait_for_function(
        "name => document.querySelector('#tabs [role=tab][aria-selected=true]').innerText === name", arg=name
    )


@pytest.mark.parametrize("width", [1200, 1440, 390])
def test_all_tabs_are_there(watched, served, width):
    page = open_run(watched, served, viewport={"width": width, "height": 800})
    right = page.locator("#right").bounding_box()
    for tab in (*TABS, "Files"):
        box = page.get_by_role("tab", name=tab).bounding_box()
        assert box["x"] >= right["x"] and box["x"] + box["width"] <= right["x"] + right["width"]
    page.get_by_role("tab", name="Files").click()
    assert page.locator("#files").is_visible()


def test_results_come_forward_by_themselves_until_a_tab_is_chosen(watched, served):
    seeder = Seeder(served.service, "comes forward")
    seeder.paper()
    seeder.train(until=300, finish=False)
    page, chooser = (open_run(watched, served, seeder.id) for _ in range(2))
    assert selected_tab(page) == "Training"
    chooser.get_by_role("tab", name="Logs").click()
    seeder.train()
    seeder.bundle()
    approval = seeder.ask()
    shows_tab(page, "Results")
    wait_text(chooser, ".runbar .chip", "Needs you")
    page.get_by_role("tab", name="Files").click()
    served.service.approvals.decide(seeder.id, approval, "approved", by="local")
    seeder.end("done", answer=ANSWER)
    for tab, name in ((page, "Files"), (chooser, "Logs")):
        wait_text(tab, ".runbar .chip", "Done")
        tab.wait_for_timeout(500)
        assert selected_tab(tab) == name
    page.click("#new-run")
    shows_tab(page, "Training")


def test_a_question_is_answered_with_a_click(watched, served):
    seeder = Seeder(served.service, "asks")
    seeder.emit(e.Question(step=1, text="Which column?", options=["label", XSS]))
    seeder.emit(e.Status(status="waiting", reason="Waiting for your answer."))
    seeder.log.release(seeder.id)
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#question", "Which column?")
    wait_text(page, "#send", "Answer")
    page.locator("#question button").nth(1).click()
    page.wait_for_selector("#question .question", state="detached")
    said = [event.body.text for event in served.service.events(seeder.id, kinds=("user",))]
    assert said == ["asks", XSS] and page.evaluate("window.hacked") is None
    served.service.stop_run(seeder.id)


def test_a_reply_is_seen_while_it_is_written(watched, served, monkeypatch):
    seeder = Seeder(served.service, "writes")
    written = ["I look at the"]
    monkeypatch.setattr(served.service, "live_text", lambda run_id, owner: written[0] if run_id == seeder.id else "")
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#chat", "I look at the")
    written[0] = f"I look at the data first. {XSS}"
    wait_text(page, "#chat", "data first.")
    written[0] = ""
    seeder.step(1, "I look at the data first.", "print(1)", "1")
    seeder.end("done", answer="That was it.")
    wait_text(page, "#chat", "That was it.")
    assert page.locator("#chat").inner_text().count("data first.") == 1 and page.evaluate("window.hacked") is None


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_in_one_tab_reaches_the_server_and_the_other_tab(watched, served, decision):
    seeder = Seeder(served.service, f"to {decision}")
    approval = seeder.ask(price=2.5)
    page, other = (open_run(watched, served, seeder.id) for _ in range(2))
    for tab in (page, other):
        wait_text(tab, "#approval", "$2.50 at most, in total")
        wait_text(tab, "#approval", "model card with metrics")
    if decision == "reject":
        page.fill("#feedback textarea", "a better name")
    page.click(f"#{decision}")
    for tab in (page, other):
        tab.wait_for_selector("#approval", state="hidden", timeout=90_000)
    taken = served.service.approvals.get(approval)
    assert taken.decision == {"approve": "approved", "reject": "rejected"}[decision]
    assert taken.feedback == ("a better name" if decision == "reject" else "")
    wait_text(page, "#chat", "Approved: Publish" if decision == "approve" else "a better name")
    served.service.stop_run(seeder.id)


def test_errors_are_said_in_human_words(watched, served):
    seeder = Seeder(served.service, "fails")
    seeder.step(1, "I load the data.", "load_data('x')", error="FileNotFoundError: x")
    seeder.end("failed", "The data folder x does not exist.")
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#chat .note-error", "The data folder x does not exist.")
    wait_text(page, ".runbar .chip", "Did not work")
    assert page.locator("#resume").is_visible() and not page.locator("#stop").is_visible()


def test_an_empty_task_and_an_unknown_run_get_one_clear_line(watched, served):
    page = open_run(watched, served)
    page.wait_for_selector("#chat .example")
    page.click("#send")
    wait_text(page, ".toast-wrap", "The task is empty")
    assert page.locator("#chat .example").count() == 4 and page.locator("#chat .error").count() == 0
    page.goto(f"{served.url}/?run=20000101-000000-00000000")
    wait_text(page, "#chat", "There is no such run")
    page.wait_for_function("!location.search")


def test_what_others_wrote_is_inert_in_every_corner(watched, served):
    page = open_run(watched, served, hostile_run(served.service))
    for step in page.locator("#chat .thought-group button, #chat [data-testid=thought] button").all():
        step.click()
    for tab in [*TABS, "Files"]:
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(250)
    for details in page.locator("#right details").all():
        details.evaluate("node => { node.open = true }")
    for link in page.locator("#chat a, #approval a").all():
        assert not (link.get_attribute("href") or "").startswith("javascript")
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#chat img[src^=http], #approval img").count() == 0


NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea, select, summary, img, svg[role=img]')]
  .filter((node) => node.checkVisibility() && node.type !== 'hidden')
  .filter((node) => !(node.getAttribute('aria-label') || node.title || node.alt || node.innerText?.trim()
    || node.querySelector('img[alt]:not([alt=""])')
    || node.labels?.length || node.getAttribute('aria-labelledby') || node.closest('label')?.innerText.trim()))
  .map((node) => node.outerHTML.slice(0, 160))"""


def all_named(page) -> None:
    page.wait_for_timeout(500)  # Gradio's own arrows get their names a moment after they appear
    assert page.evaluate(NAMELESS) == []


def test_every_control_has_a_name_and_the_main_way_needs_no_mouse(watched, served):
    page = open_run(watched, served)
    page.wait_for_selector("#chat .example")
    page.locator("#options button").first.press("Enter")
    page.wait_for_selector("#minutes input")
    all_named(page)
    assert page.evaluate("document.documentElement.lang") != ""
    page.goto(f"{served.url}/?run={finished_run(served.service)}")
    page.wait_for_selector(".runbar .chip")
    for tab in (*TABS, "Files"):
        page.get_by_role("tab", name=tab, exact=True).press("Enter")
        all_named(page)
    seeder = Seeder(served.service, "by keyboard")
    approval = seeder.ask()
    page.goto(f"{served.url}/?run={seeder.id}")
    page.wait_for_selector("#approve")
    all_named(page)
    page.locator("#approve").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#approval", state="hidden")
    assert served.service.approvals.get(approval).decision == "approved"
    served.service.stop_run(seeder.id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_in_one_column(watched, served, scheme):
    options = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme, "has_touch": True}
    page = open_run(watched, served, finished_run(served.service), **options)
    wait_text(page, "#chat", "BLEU 97.6")
    page.wait_for_function("!document.querySelector('#sidebar.open, .sidebar.open')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    left, right = (page.locator(s).bounding_box() for s in ("#left", "#right"))
    assert left["y"] + left["height"] <= right["y"] and right["width"] > 300
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    page.click("#sidebar .toggle-button")
    page.wait_for_selector(".sidebar.open")
    page.locator("#runs a.run").first.click()
    page.wait_for_function("!document.querySelector('.sidebar.open')")
    page.click("#sidebar .toggle-button")
    page.wait_for_selector(".sidebar.open")
    page.click("#setup")
    page.wait_for_function("!document.querySelector('.sidebar.open')")
    wait_text(page, "#checklist", "Sandbox")
    asking = Seeder(served.service, "asks a phone")
    asking.ask()
    page.goto(f"{served.url}/?run={asking.id}")
    page.wait_for_selector("#approve")
    box = page.locator("#approve").bounding_box()
    assert box["y"] + box["height"] <= 844
    served.service.stop_run(asking.id)


def test_a_long_conversation_stays_light(watched, served):
    seeder = Seeder(served.service, "long")
    for n in range(300):
        seeder.emit(e.Note(text=f"note {n}"))
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#chat", "note 299")
    wait_text(page, "#chat", "earlier entries are not shown")
    assert page.locator("#chat .note").count() <= 82


def test_runs_are_found_and_opened_in_the_sidebar(watched, served):
    seeder = Seeder(served.service, "Quokka census")
    seeder.end("done", answer="Seventeen quokkas.")
    page = open_run(watched, served)
    wait_text(page, "#runs", "Quokka")
    page.locator("#search input, #search textarea").press_sequentially("quokka", delay=40)
    page.wait_for_function("document.querySelectorAll('#runs a.run').length === 1")
    page.locator("#runs a.run").click()
    wait_text(page, "#chat", "Seventeen quokkas.")
    page.wait_for_function("run => location.search.includes(run)", arg=seeder.id)


def test_a_run_is_renamed_and_deleted_in_the_sidebar(watched, served):
    seeder = Seeder(served.service, "Numbat census")
    seeder.artifact("note.md", b"x")
    seeder.end("done", answer="None.")
    page = open_run(watched, served, seeder.id)
    entry = page.locator(f".entry:has([data-run='{seeder.id}'])")
    entry.locator("summary").click()
    entry.locator("input").fill(f"Numbats {XSS}")
    entry.locator("input").press("Enter")
    wait_text(page, "#runs", "Numbats <img")
    wait_text(page, ".runbar h2", "Numbats <img")
    folder = served.service.settings.run_folder(seeder.id)
    assert page.evaluate("window.hacked") is None and folder.is_dir()
    entry.locator("summary").click()
    entry.locator("button[data-remove]").click()
    wait_text(page, f".entry:has([data-run='{seeder.id}'])", "Yes, delete it")
    entry.locator("button[data-remove]").click()
    page.wait_for_selector("#chat .example")
    page.wait_for_function("!location.search")
    assert seeder.id not in [run.run_id for run in served.service.list_runs()] and not folder.exists()


def test_the_last_turn_is_taken_back_and_its_words_are_in_the_box_again(watched, served):
    seeder = Seeder(served.service, "first words")
    seeder.end("done", answer="First answer.")
    for text in ("second words", "third words"):
        seeder.emit(e.UserMessage(text=text))
        seeder.end("done", answer=f"Answer to {text}.")
    page = open_run(watched, served, seeder.id)
    wait_text(page, "#chat", "Answer to third words.")
    for text in ("third words", "second words"):
        page.locator("#chat button[aria-label=Undo]").last.click()
        page.wait_for_function("text => !document.querySelector('#chat').innerText.includes(text)", arg=text)
        page.wait_for_function("text => document.querySelector('#task textarea').value === text", arg=text)
    assert page.locator("#chat .said").all_inner_texts() == ["first words"]
    page.locator("#chat button[aria-label=Undo]").last.click()
    wait_text(page, ".toast-wrap", "the task itself")


def test_the_log_is_searched(watched, served):
    seeder = Seeder(served.service, "search the log")
    for n in range(50):
        seeder.emit(e.LogLine(job_id="j", text=f"step {n}" if n != 23 else f"the needle {XSS}"))
    page = open_run(watched, served, seeder.id)
    page.get_by_role("tab", name="Logs").click()
    wait_text(page, "#log", "step 49")
    page.locator("#find input, #find textarea").press_sequentially("NEEDLE", delay=20)
    wait_text(page, "#log", "1 line with “NEEDLE”")
    seeder.emit(e.LogLine(job_id="j", text="another needle"))
    wait_text(page, "#log", "2 lines with")
    assert "step 49" not in page.locator("#log pre").inner_text() and page.evaluate("window.hacked") is None
    seeder.end("stopped")


@pytest.mark.parametrize("asked", ["for the run", "before the page knew its run"])
def test_words_in_the_search_box_outlive_an_answer_that_comes_too_late(watched, served, asked):
    """A tick that was asked before the words were typed is answered after them."""
    seeder = Seeder(served.service, "search a slow log")
    for n in range(5):
        seeder.emit(e.LogLine(job_id="j", text=f"step {n}" if n != 3 else "the needle"))
    page = open_run(watched, served, seeder.id)
    page.get_by_role("tab", name="Logs").click()
    wait_text(page, "#log", "step 4")
    held: list = []

    def slowly(route):
        if not held and seeder.id in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/gradio_api/run/**", slowly)
    for _ in range(600):
        if held:
            break
        page.wait_for_timeout(100)
    assert held
    page.locator("#find input, #find textarea").press_sequentially("NEEDLE", delay=20)
    wait_text(page, "#log", "1 line with “NEEDLE”")
    words = held[0].request.post_data
    if asked == "before the page knew its run":
        words = words.replace(seeder.id, "")
    with page.expect_response(lambda response: response.request == held[0].request):
        held[0].continue_(post_data=words)
    page.wait_for_timeout(3000)
    wait_text(page, "#log", "1 line with “NEEDLE”")
    assert page.locator("#find input, #find textarea").input_value() == "NEEDLE"
    seeder.end("stopped")


def test_a_fact_opens_to_its_quote_and_its_page(watched, served):
    path = shared("papers/1408.5882.pdf")
    info = served.service.start_run(RunRequest(task="read the paper", paper=str(path)))
    assert served.service.join(info.run_id, 120)
    page = open_run(watched, served, info.run_id)
    page.get_by_role("tab", name="Paper", exact=True).click()
    fact = page.locator(".fact", has_text="dropout").first
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/page/" in request.url else None)
    page.wait_for_timeout(500)
    assert not asked  # pictures are drawn for those who look
    fact.locator("summary").press("Enter")
    wait_text(page, "#paper-panel", "dropout rate (p) of 0.5")
    image = fact.locator("img")
    image.scroll_into_view_if_needed()
    page.wait_for_function("node => node.complete && node.naturalWidth > 500", arg=image.element_handle())
    assert len(asked) == 1


def test_an_answer_that_comes_too_late_does_not_stay(watched, served):
    """A tick of the run that was open is answered after "New run" was clicked."""
    seeder = Seeder(served.service, "left behind")
    seeder.train(until=300, finish=False)
    tab = watched()
    held: list = []

    def slowly(route):
        if not held and seeder.id in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page = tab.page
    page.goto(f"{served.url}/?run={seeder.id}")
    page.wait_for_selector(".chart polyline")
    page.route("**/gradio_api/run/**", slowly)
    for _ in range(40):
        if held:
            break
        page.wait_for_timeout(100)
    assert held
    page.click("#new-run")
    page.wait_for_selector("#chat .example")
    with page.expect_response(lambda response: seeder.id in (response.request.post_data or "")):
        held[0].continue_()
    page.wait_for_timeout(5000)  # the next tick of an empty page comes after four seconds
    assert not page.locator(".chart polyline").count() and "run=" not in page.url
    wait_text(page, "#training", "Curves and progress of each seed appear here")
    seeder.end("stopped")
