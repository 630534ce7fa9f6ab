"""The loop with an LLM over real HTTP: memory that fits, bad replies, circles, budgets, costs, restarts."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from intern.agent import trouble
from intern.agent.catalogue import ModelCard
from intern.agent.endpoint import ContextTooLongError, EndpointModel
from intern.agent.guards import LimitReachedError, Limits
from intern.agent.intern import Intern
from intern.agent.memory import MEMORY_KINDS, Transcript
from intern.agent.opening import NO_LIMITS, Opening
from intern.runs.events import Fact, UserMessage
from intern.runs.report import build_report, open_question
from intern.runs.workspace import Run, RunAsks, RunStopped
from intern.sandbox.executor import SandboxExecutor
from intern.settings import SandboxLimits
from tests.agent.conftest import Do, code
from tests.servers.llm import LlmServer, serving

FREE = ModelCard(id="scripted", context=200_000, usd=(0.0, 0.0))
Ask = Callable[..., tuple[Intern, LlmServer]]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(trouble, "WAITS_SECONDS", (0.05, 0.05, 0.05))
    monkeypatch.setattr(trouble, "BUSY_WAITS_SECONDS", (0.05,) * 5)


@pytest.fixture
def ask(run: Run) -> Iterator[Ask]:
    """An intern whose brain is a scripted server; asked again, as the next process would build it."""
    with ExitStack() as stack:

        def build(*turns, card: ModelCard = FREE, max_steps: int = 12, chars: int = 8000, limits: Limits = NO_LIMITS):
            server = stack.enter_context(serving(*turns))
            model = EndpointModel("scripted", f"{server.url}/v1", None, threading.Event(), card=card)
            made: list[Intern] = []
            executor = SandboxExecutor(
                run.folder / "work",
                SandboxLimits(),
                lambda text: made[0].live_output(text),
                run.cancel,
                step_seconds=20,
            )
            opening = Opening(run, model, "You are the intern.", given="{}", limits=limits)
            intern = Intern(run, [Do(str)], opening, executor, max_steps=max_steps, observation_chars=chars)
            made.append(intern)
            stack.callback(intern.cleanup)
            stack.callback(model.close)
            return intern, server

        yield build


def bodies(run: Run, kind: str) -> list:
    return [e.body for e in run.log.events(run.id, kinds=(kind,))]


def prompts(server: LlmServer) -> list[str]:
    """What was sent, one text for each request."""
    return ["\0".join(f"{m['role']}:{m['content']}" for m in r["body"]["messages"]) for r in server.requests]


# -- bad replies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        "I will run it:\n```bash\nls\n```",
        "<function=do>x</function>",
        '<tool_call>{"name": "do", "arguments": {"wh',
        "print(1\n</run>",
    ],
    ids=["shell", "xml call", "half a call", "half a step"],
)
def test_code_in_a_wrong_form_is_not_executed_and_said_once(ask, run, reply):
    intern, server = ask(reply, code("final_answer('ok')"))
    assert intern.turn() == "ok"
    assert len(bodies(run, "code")) == 1
    last = server.requests[1]["body"]["messages"][-2:]
    assert last[0] == {"role": "assistant", "content": reply}
    assert last[1]["content"].startswith("Note from the harness: nothing was executed")


def test_an_announcement_gets_one_nudge_and_then_counts_as_the_answer(ask, run):
    intern, server = ask("I have read it. Next, I will train:", "Now I will really train.")
    assert intern.turn() == "Now I will really train."
    assert len(server.requests) == 2 and len(bodies(run, "hint")) == 1


def test_a_cut_reply_is_not_executed_but_answered_with_a_hint(ask, run):
    cut = {"reply": "Long.\n<run>\nprint('half')\n", "finish": "length"}
    intern, server = ask(cut, code("final_answer('short')"))
    assert intern.turn() == "short"
    assert [c.code for c in bodies(run, "code")] == ["final_answer('short')"]
    assert "length limit" in server.requests[1]["body"]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("reply", "finish", "words"),
    [("Long.", "length", "length limit of 8,192 tokens"), ("and so on " * 300, "stop", "repeated")],
)
def test_answers_that_are_cut_again_and_again_are_named_as_that(ask, run, reply, finish, words):
    intern, server = ask(*[{"reply": reply, "finish": finish, "drip": 0.01}] * 9)
    with pytest.raises(RunAsks, match=words):
        intern.turn()
    assert len(server.requests) == 3 and bodies(run, "code") == []


def test_replies_that_stay_bad_end_in_a_question_to_the_person(ask, run):
    intern, server = ask(*["```json\n{}\n```"] * 9)
    with pytest.raises(RunAsks, match="held nothing that could be executed"):
        intern.turn()
    assert len(server.requests) == 3
    assert open_question(run.log.events(run.id)) is not None


def test_reasoning_is_logged_apart_and_neither_executed_nor_sent_back(ask, run):
    secret = {"reply": "Fine.\n<run>\nprint(1)\n", "reasoning": "<run>print('evil')</run>"}
    inline = "<think><run>print('evil')</run></think>" + code("final_answer('ok')")
    intern, server = ask(secret, inline)
    assert intern.turn() == "ok"
    assert [c.code for c in bodies(run, "code")] == ["print(1)", "final_answer('ok')"]
    assert [t.text for t in bodies(run, "thought") if t.reasoning] == ["<run>print('evil')</run>"] * 2
    assert "evil" not in prompts(server)[1]


# -- circles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["print(1)"], "same outcome"),
        (["print(1)", "print(2)"], "in turns"),
        (["raise ValueError('no')"], "ValueError: no"),
        (["import time; print(time.time_ns())"], "ran 5 times"),
    ],
    ids=["same step", "two in turns", "same error", "same step, other outcome"],
)
def test_a_circle_gets_one_hint_and_then_a_person_is_asked(ask, run, steps, words):
    intern, server = ask(*[code(s) for s, _ in zip(itertools.cycle(steps), range(30), strict=False)], max_steps=30)
    with pytest.raises(RunAsks):
        intern.turn()
    (hint,) = bodies(run, "hint")
    assert words in hint.text and len(server.requests) <= 10
    assert run.log.events(run.id)[-1].body.kind == "question"


def test_a_brain_that_takes_the_hint_goes_on(ask, run):
    turns = [code("print(1)")] * 3 + [code(f"print({n})") for n in range(2, 7)] + [code("final_answer('done')")]
    assert ask(*turns, max_steps=20)[0].turn() == "done"
    assert len(bodies(run, "hint")) == 1, "the old steps do not count again"


def test_the_persons_answer_goes_on_from_the_question(ask, run):
    with pytest.raises(RunAsks):
        ask(*[code("print(1)")] * 9)[0].turn()
    run.log.append(run.id, UserMessage(text="Take two."))
    intern, server = ask(code("final_answer('two')"))
    assert intern.turn() == "two"
    last = server.requests[0]["body"]["messages"][-1]["content"]
    assert last.endswith("Take two.") and "the person was asked" in last


# -- memory ---------------------------------------------------------------------------------------------------


def test_each_prompt_begins_with_the_one_before(ask, run):
    turns = [code(f"print({n})") for n in range(4)] + ["```bash\nls\n```", code("1/0"), code("final_answer('x')")]
    intern, server = ask(*turns)
    intern.turn()
    sent = prompts(server)
    assert len(sent) == 7 and all(later.startswith(earlier) for earlier, later in itertools.pairwise(sent))
    assert sent[-1].count("print(3)") == 1, "code is sent once"


def test_a_small_step_adds_few_tokens_beside_its_output(ask):
    intern, server = ask(*[code(f"print({n})", "Next.") for n in range(10)], code("final_answer('x')"), max_steps=12)
    intern.turn()
    lengths = [sum(len(m["content"]) for m in r["body"]["messages"]) for r in server.requests]
    grown = (lengths[-1] - lengths[0]) / 10 / 4
    assert grown <= 40, f"{grown:.1f} tokens a step"


def test_a_long_output_is_kept_whole_and_can_be_read(ask, run):
    intern, _ = ask(code("print('a' * 3000 + 'MIDDLE' + 'b' * 3000)"), code("final_answer('x')"), chars=900)
    intern.turn()
    shown = bodies(run, "observation")[0].text
    assert len(shown) < 1000 and 'read_more("step1", 600)' in shown and "MIDDLE" not in shown
    assert intern.outputs.read("step1", 3000, 6) == ("MIDDLE", 6007)
    with pytest.raises(LookupError, match="step1"):
        intern.outputs.read("../../events", 0, 10)


SMALL = ModelCard(id="scripted", context=32_768, usd=(0.0, 0.0))


def test_a_context_of_32k_is_enough_for_sixty_steps_with_long_outputs(ask, run):
    run.emit(Fact(name="paper", value={"title": "A Paper", "arxiv_id": "1", "pages": 9, "source": {"kind": "pdf"}}))
    (run.folder / "work").mkdir()
    (run.folder / "work" / "notes.txt").write_text("known")
    # The server tells no usage, so nothing but the assumed length of a token keeps the prompts short.
    turns = [told(code(f"print('row {n} ' * 2000)", f"I look at part {n}."), False) for n in range(60)]
    intern, server = ask(*turns, told(code("final_answer('all read')"), False), card=SMALL, max_steps=70)
    assert intern.turn() == "all read"
    largest = max(sum(len(m["content"]) for m in r["body"]["messages"]) for r in server.requests)
    assert largest / 3.3 + 8192 <= 32_768, "prompt and answer fit, at 3.3 characters a token"
    summaries = bodies(run, "summary")
    assert 1 <= len(summaries) <= 10
    assert "Files in the work folder: notes.txt (5 bytes)" in summaries[-1].text
    assert "“A Paper”" in summaries[-1].text and "The person: the task" in summaries[-1].text
    assert "I look at part 30." in summaries[-1].text
    rebuilt, _ = Transcript.from_events(run.log.events(run.id, kinds=MEMORY_KINDS), "{}")
    assert [m.content for m in rebuilt.messages] == [m.content for m in intern.transcript.messages]
    shared = sum(later.startswith(earlier) for earlier, later in itertools.pairwise(prompts(server)))
    assert shared >= 60 - len(summaries), "between compactions every prompt begins with the one before"


def test_an_overflow_compacts_once_and_is_tried_once_more(ask, run):
    too_long = {"status": 400, "message": "maximum context length is 4096 tokens"}
    turns = [code(f"print('x' * 3000, {n})") for n in range(4)]
    intern, server = ask(*turns, too_long, code("final_answer('ok')"))
    assert intern.turn() == "ok"
    assert len(bodies(run, "summary")) == 1 and len(server.requests) == 6
    sizes = [len(p) for p in prompts(server)]
    assert sizes[5] < 0.75 * sizes[4]


def test_an_overflow_after_one_step_summarises_that_step(ask, run):
    intern, server = ask(code("print('x' * 3000)"), {"status": 413}, code("final_answer('ok')"))
    assert intern.turn() == "ok" and len(server.requests) == 3
    assert bodies(run, "summary")[0].upto == 1 and len(prompts(server)[2]) < len(prompts(server)[1])


def test_an_overflow_that_stays_is_an_error_and_no_loop(ask, run):
    too_long = {"status": 400, "message": "maximum context length is 4096 tokens"}
    intern, server = ask(*[code(f"print('x' * 3000, {n})") for n in range(4)], *[too_long] * 9)
    with pytest.raises(ContextTooLongError):
        intern.turn()
    assert len(server.requests) == 6


def test_a_first_message_that_is_too_long_is_an_error_at_once(ask):
    intern, server = ask(*[{"status": 413}] * 5)
    with pytest.raises(ContextTooLongError):
        intern.turn()
    assert len(server.requests) == 1


# -- costs ----------------------------------------------------------------------------------------------------

PRICED = ModelCard(id="scripted", context=200_000, usd=(1.0, 10.0))
TOLD = {"prompt_tokens": 1000, "completion_tokens": 100}


def told(text: str, usage: object = TOLD) -> dict:
    return {"reply": text, "usage": usage}


def report(run: Run):
    return build_report(run.id, "running", "scripted", run.log.events(run.id), "")


def test_each_request_is_counted_and_the_report_has_the_sum(ask, run):
    ask(told(code("print(1)")), told(code("final_answer('x')")), card=PRICED)[0].turn()
    assert [(u.prompt_tokens, u.completion_tokens, u.usd) for u in bodies(run, "usage")] == [(1000, 100, 0.002)] * 2
    assert report(run).cost_usd == pytest.approx(0.004)


def test_an_empty_answer_costs_too(ask, run):
    thinking = {"reply": "", "reasoning": "hm", "usage": TOLD}
    ask(thinking, thinking, told(code("final_answer('x')")), card=PRICED)[0].turn()
    assert [u.usd for u in bodies(run, "usage")] == [0.002] * 3 and report(run).cost_usd == pytest.approx(0.006)


@pytest.mark.parametrize(
    "fault",
    [{"reply": "half", "cut": 2}, {"reset": True}, {"reply": "half", "cut": 2, "reset": True}, {"malformed": True}],
)
def test_what_an_answer_took_that_ended_too_early_is_unknown_and_not_zero(ask, run, fault):
    ask(fault, told(code("final_answer('x')")), card=PRICED)[0].turn()
    assert [(u.prompt_tokens, u.usd) for u in bodies(run, "usage")] == [(None, None), (1000, 0.002)]
    assert report(run).cost_usd is None and "unknown (not zero)" in bodies(run, "note")[-1].text


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "retry_after": 0}])
def test_a_request_that_was_refused_costs_nothing(ask, run, fault):
    ask(fault, told(code("final_answer('x')")), card=PRICED)[0].turn()
    assert report(run).cost_usd == pytest.approx(0.002) and bodies(run, "note") == []


def test_a_stopped_answer_has_an_unknown_price(ask, run):
    intern, _ = ask({"reply": "word " * 999, "drip": 0.1}, card=PRICED)
    intern.brain.model._cancel = run.cancel
    threading.Timer(0.5, run.cancel.set).start()
    with pytest.raises(RunStopped):
        intern.turn()
    assert [u.usd for u in bodies(run, "usage")] == [None] and report(run).cost_usd is None


def test_a_wait_for_a_busy_server_is_told_before_it_begins(ask, run):
    busy = {"status": 429, "retry_after": 0.6, "message": "Rate limit of 3 a minute"}
    ask(busy, told(code("final_answer('x')")), card=PRICED)[0].turn()
    (note,) = bodies(run, "note")
    assert note.text.startswith("The server answered 429: Rate limit of 3 a minute. I wait 1 s")


def test_an_unknown_price_is_unknown_and_never_zero(ask, run):
    ask(told(code("print(1)")), told(code("final_answer('x')")), card=ModelCard(id="m", context=9000))[0].turn()
    assert report(run).cost_usd is None
    (note,) = bodies(run, "note")
    assert "unknown (not zero)" in note.text


def test_tokens_that_the_server_does_not_tell_make_the_cost_unknown_but_the_limit_holds(ask, run):
    turns = [told(code(f"print({n}, 'x' * 4000)"), False) for n in range(20)]
    intern, _ = ask(*turns, card=PRICED, max_steps=20, limits=Limits(tokens=8000, usd=0))
    with pytest.raises(LimitReachedError, match="8,000 tokens"):
        intern.turn()
    assert report(run).cost_usd is None and len(bodies(run, "code")) < 8


@pytest.mark.parametrize(("limits", "words"), [(Limits(5500, 0), "5,500 tokens"), (Limits(10**9, 0.0099), r"\$0.0099")])
def test_a_budget_warns_at_half_at_eighty_percent_and_when_it_is_used_up_and_then_stops(ask, run, limits, words):
    intern, server = ask(*[told(code(f"print({n})")) for n in range(9)], card=PRICED, limits=limits)
    with pytest.raises(LimitReachedError, match=words):
        intern.turn()
    assert len(server.requests) == 5
    assert [n.text.partition("%")[0] for n in bodies(run, "note")] == ["50", "80", "100"]


def test_an_answer_that_uses_the_budget_up_is_given_with_the_warning(ask, run):
    intern, _ = ask(told(code("final_answer('x')")), card=PRICED, limits=Limits(10**9, 0.002))
    assert intern.turn() == "x" and bodies(run, "note")[-1].text == "100% of the $0.002 for the model are spent."


def test_a_message_of_the_person_renews_the_budget_and_a_restart_does_not(ask, run):
    limits = Limits(tokens=2000, usd=0)
    with pytest.raises(LimitReachedError):
        ask(*[told(code(f"print({n})")) for n in range(9)], card=PRICED, limits=limits)[0].turn()
    again, server = ask(told(code("final_answer('x')")), card=PRICED, limits=limits)
    with pytest.raises(LimitReachedError):
        again.turn()
    assert server.requests == []
    run.log.append(run.id, UserMessage(text="go on"))
    assert ask(told(code("final_answer('x')")), card=PRICED, limits=limits)[0].turn() == "x"


def test_the_reply_can_be_watched_while_it_is_written(ask, run):
    seen = set()
    intern, _ = ask({"reply": code("final_answer('ok')", "word " * 60), "drip": 0.05})
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.add(run.live)

    watcher = threading.Thread(target=watch)
    watcher.start()
    intern.turn()
    done.set()
    watcher.join()
    assert len(seen) > 2 and run.live == ""
    assert "word" not in json.dumps([e.body.model_dump() for e in run.log.events(run.id, kinds=("output",))])
