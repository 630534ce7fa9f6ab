"""The loop: one brain call, one code step in the real sandbox, one observation; all of it in the log, once."""

from __future__ import annotations

import threading
import time

import pytest

from intern.agent.guards import StepLimitError
from intern.agent.intern import Intern
from intern.runs.events import UserMessage
from intern.runs.workspace import Run, RunAsks, RunFailed, RunParked, RunStopped
from tests.agent.conftest import code


def kinds(run: Run) -> list[str]:
    return [e.body.kind for e in run.log.events(run.id)]


def bodies(run: Run, kind: str) -> list:
    return [e.body for e in run.log.events(run.id, kinds=(kind,))]


def messages(intern: Intern) -> list[tuple[str, str]]:
    return [(m.role.value, str(m.content)) for m in intern.write_memory_to_messages()]


# -- a turn ------------------------------------------------------------------------------------------------


def test_a_turn_is_thought_code_output_observation_answer(make, run):
    intern = make(code("print('hello')\n1 + 1", "I try."), code("final_answer('done')"))
    assert intern.turn() == "done"
    assert kinds(run) == [
        "user",
        "thought",
        "code",
        "output",
        "observation",
        "thought",
        "code",
        "observation",
        "answer",
    ]
    first, _ = bodies(run, "observation")
    assert first.text == "hello\n\nLast value: 2" and first.error is None and first.seconds < 10
    assert bodies(run, "answer")[0].text == "done"


def test_the_brain_sees_the_prompt_the_task_with_its_options_and_what_happened(make):
    intern = make(code("print('hello')", "I try."), "It said hello.")
    intern.turn()
    first, second = intern.brain.model.shown
    assert first == [("system", "You are the intern."), ("user", 'the task\nGiven: {"minutes": 5}')]
    assert second[: len(first)] == first, "the conversation only grows"
    assert second[2:] == [("assistant", "I try.\n<run>\nprint('hello')\n</run>"),
                          ("user", "Observation of step 1:\nhello\n")]  # fmt: skip


def test_prose_without_code_is_the_answer(make, run):
    assert make("There is nothing to do.").turn() == "There is nothing to do."
    assert kinds(run) == ["user", "answer"]


def test_an_answer_that_is_no_text_is_json(make):
    assert make(code("final_answer({'mean': 0.5, 'names': ['é']})")).turn() == '{"mean": 0.5, "names": ["é"]}'


def test_variables_stay_between_steps_and_tools_run_here(make):
    asked = []
    intern = make(code("x = do(what='a')"), code("final_answer(x + do(what='b'))"),
                  action=lambda what: asked.append(what) or what.upper())  # fmt: skip
    assert intern.turn() == "AB" and asked == ["a", "b"]


def test_an_error_is_an_observation_and_the_loop_goes_on(make, run):
    intern = make(code("print('before')\nraise ValueError('bad row 7')"), code("final_answer('fixed')"))
    assert intern.turn() == "fixed"
    failed = bodies(run, "observation")[0]
    assert failed.text == "before\n" and failed.error.strip().endswith("ValueError: bad row 7")
    assert intern.brain.model.shown[1][-1][1].startswith("Observation of step 1:\nbefore\n\nError: ")


@pytest.mark.parametrize("text", ["this is not python", "import sys; sys.exit(3)", "def f(): f()\nf("])
def test_code_that_is_none_is_an_observation_too(make, run, text):
    assert make(code(text), "I give up.").turn() == "I give up."
    assert bodies(run, "observation")[0].error


def test_a_tools_error_reaches_the_code_and_the_brain(make, run):
    def missing(what: str) -> object:
        raise LookupError(f"no {what} here")

    caught = code("try:\n    do(what='x')\nexcept Exception as e:\n    print('caught', e)")
    make(caught, code("do(what='y')"), "Well.", action=missing).turn()
    first, second = bodies(run, "observation")
    assert "caught no x here" in first.text and first.error is None
    assert "no y here" in second.error


def test_a_long_output_is_cut_for_the_brain_in_the_middle(make, run):
    make(code("print('a' * 500 + 'b' * 500)"), "Long.", chars=90).turn()
    text = bodies(run, "observation")[0].text
    assert text.startswith("a" * 60 + "\n") and text.endswith("b" * 29 + "\n") and "left out" in text


def test_the_steps_are_limited(make):
    with pytest.raises(StepLimitError, match="within 3 steps"):
        make(*[code(f"print({n})") for n in range(9)], max_steps=3).turn()


def test_a_brain_that_repeats_the_same_error_gets_a_hint_and_then_a_person_is_asked(make, run):
    intern = make(*[code("raise ValueError('no')")] * 8)
    with pytest.raises(RunAsks, match="failed 3 times in a row: ValueError: no"):
        intern.turn()
    assert len(bodies(run, "code")) == 6 and len(bodies(run, "hint")) == 1
    assert "failed 3 times in a row: ValueError: no" in intern.brain.model.shown[3][-1][1]
    assert kinds(run)[-1] == "question"


def test_a_second_turn_goes_on_with_numbers_variables_and_memory(make, run):
    intern = make(code("x = 41"), "One.", code("final_answer(x + 1)"))
    intern.turn()
    run.log.append(run.id, UserMessage(text="and now?"))
    intern.transcript.add_user("and now?")
    assert intern.turn() == "42"
    assert [c.step for c in bodies(run, "code")] == [1, 2]


# -- stopping ----------------------------------------------------------------------------------------------


def stopped_in(intern: Intern, run: Run, ready: threading.Event | None = None) -> float:
    """Run a turn in a thread, stop the run when it is under way, and return how long the stop took."""
    ended, errors = threading.Event(), []

    def turn() -> None:
        try:
            intern.turn()
        except BaseException as error:  # noqa: BLE001 - what the test looks at
            errors.append(error)
        ended.set()

    threading.Thread(target=turn, daemon=True).start()
    deadline = time.monotonic() + 20
    while not (ready.is_set() if ready else bodies(run, "output")):
        assert time.monotonic() < deadline and not ended.is_set(), errors
        time.sleep(0.02)
    started = time.monotonic()
    run.cancel.set()
    assert ended.wait(10)
    assert isinstance(errors[0], RunStopped)
    return time.monotonic() - started


@pytest.mark.parametrize(
    "busy",
    ["import time\ntime.sleep(60)", "while True: pass", "while True:\n    try:\n        pass\n    except: pass"],
    ids=["sleeping", "spinning", "catching"],
)
def test_a_stop_ends_running_code_within_a_second(make, run, busy):
    intern = make(code(f"print('go', flush=True)\n{busy}"))
    assert stopped_in(intern, run) < 1.0
    assert kinds(run)[-1] != "observation", "the step is not finished: a resume runs it again"


def test_a_stop_ends_a_tool_that_does_not_listen_within_a_second(make, run):
    entered, leave = threading.Event(), threading.Event()

    def deaf(what: str) -> object:
        entered.set()
        return leave.wait(30)

    assert stopped_in(make(code("do(what='x')"), action=deaf), run, entered) < 1.0
    leave.set()


def test_a_stopped_run_does_not_ask_the_brain(make, run):
    run.cancel.set()
    intern = make("never said")
    with pytest.raises(RunStopped):
        intern.turn()
    assert intern.brain.model.shown == []


@pytest.mark.parametrize("end", [RunParked, RunFailed, RunStopped])
def test_a_tool_can_end_the_turn_and_no_code_can_catch_that(make, run, end):
    def stop(what: str) -> object:
        raise end("why")

    step = "try:\n    do(what='x')\nexcept BaseException:\n    print('swallowed')\nprint('went on')"
    with pytest.raises(end):
        make(code(step), "never", action=stop).turn()
    assert kinds(run)[:3] == ["user", "thought", "code"] and "observation" not in kinds(run)


# -- going on after a restart ------------------------------------------------------------------------------


def interrupted(make, run) -> Intern:
    """One finished step, and one that a tool parked; then a new process takes over."""

    def park(what: str) -> object:
        raise RunParked("approval")

    intern = make(code("print('one')"), code("print('two')\nprint(do(what='x'))", "Now the tool."), action=park)
    with pytest.raises(RunParked):
        intern.turn()
    return intern


def test_a_step_that_was_cut_short_runs_again_without_asking_the_brain(make, run):
    before = interrupted(make, run)
    after = make("All done.", action=lambda what: "approved")
    assert messages(after) == messages(before), "the rebuilt conversation is the live one"
    assert after.turn() == "All done."
    assert len(after.brain.model.shown) == 1, "asked once: for the step after the pending one"
    assert after.brain.model.shown[0][-1] == ("user", "Observation of step 2:\ntwo\napproved\n")


def test_no_event_is_doubled_by_a_restart(make, run):
    interrupted(make, run)
    make("All done.", action=lambda what: "approved").turn()
    assert kinds(run) == ["user", "thought", "code", "output", "observation",
                          "thought", "code", "output", "output", "observation", "answer"]  # fmt: skip
    assert "".join(o.text for o in bodies(run, "output")) == "one\ntwo\napproved\n"
    assert [c.code for c in bodies(run, "code")] == ["print('one')", "print('two')\nprint(do(what='x'))"]


def test_a_second_restart_in_the_same_step_changes_nothing(make, run):
    def park(what: str) -> object:
        raise RunParked("approval")

    interrupted(make, run)
    with pytest.raises(RunParked):
        make(action=park).turn()
    assert make("Done.", action=lambda what: "yes").turn() == "Done."
    assert len(bodies(run, "code")) == 2 and len(bodies(run, "observation")) == 2


def test_an_answer_that_is_in_the_log_is_not_given_twice(make, run):
    """The process died between the answer and the status that follows it."""
    make("The answer.").turn()
    after = make("Another answer.")
    assert after.turn() == "The answer."
    assert [a.text for a in bodies(run, "answer")] == ["The answer."] and after.brain.model.shown == []


def test_what_was_stopped_does_not_run_again_when_something_else_is_asked(make, run):
    def fail(what: str) -> object:
        raise RunFailed("cannot")

    with pytest.raises(RunFailed):
        make(code("do(what='old')"), action=fail).turn()
    run.log.append(run.id, UserMessage(text="something else"))
    asked = []
    intern = make(code("do(what='new')"), "Ok.", action=lambda what: asked.append(what))
    intern.turn()
    assert asked == ["new"]
    assert [c.step for c in bodies(run, "code")] == [1, 2]
