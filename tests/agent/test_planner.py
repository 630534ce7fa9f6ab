"""The planner as a table: what stands in the conversation, and which step it writes next."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from smolagents.models import MessageRole

from intern.agent.conversation import Conversation, Done, asked_seeds, asked_values, paper_query, read_conversation
from intern.agent.improving import fewer, wants_improvement
from intern.agent.memory import Transcript
from intern.agent.planner import CAN_DO, STAGES, Planner
from intern.agent.reply import split_reply

FOUND = {"paper_id": "1706", "title": "Attention", "source": "card", "pages": 15, "sections": [], "warnings": []}
SETUP = {"hyperparameters": ["layers = 6 [main, p. 3]"], "datasets": ["WMT"], "claims": ["Transformer: BLEU 27.3"],
         "not_stated": ["seed"], "contradictions": [], "left_out": 0}  # fmt: skip
PROGRAMS = {"programs": [{"program": "translation", "title": "Transformer", "matching_words": 5}], "all": ["a", "b"]}
GENERATED = {"data_id": "numbers", "name": "numbers", "source": "generated", "used_by_paper": False,
             "has_test_part": True, "bytes": 0}  # fmt: skip
DATA = {"data": [GENERATED]}
PREPARED = {"data_id": "numbers", "splits": {"train": 90, "test": 10}, "audit": ["No test row occurs in training."]}
SPEC = {"spec_id": "s1", "seeds": [1, 2], "deviations": ["steps: 100 -> 10 (budget)"], "hyperparameters": {}}
CHECKS = {"passed": True, "checks": []}
SEED = {"seed": 1, "metrics": {"bleu": 90.0}, "seconds": 3.0}
SUMMARY = {"metric": "bleu", "mean": 90.0, "std": 1.0, "n": 2, "evidence_level": "sealed"}
COMPARED = {
    "summary": SUMMARY,
    "others": {"exact_match": 1},
    "cut_short": [],
    "rows": [{"claim": "X", "ours": None, "comparable": False, "why": "other data"}],
}
BUNDLE = {"bundle_id": "b1", "files": ["README.md"], "total_bytes": 10}
PUBLISHED = {"published": True, "kind": "folder", "location": "/out/b1", "url": None}

MAIN = [
    ("find_paper", FOUND), ("extract_setup", SETUP), ("choose_program", PROGRAMS), ("find_data", DATA),
    ("prepare_data", PREPARED), ("design_experiment", SPEC), ("preflight", CHECKS), ("run_seed", SEED),
    ("run_seed", SEED | {"seed": 2}), ("compare_with_paper", COMPARED), ("preview_publication", BUNDLE),
    ("publish", PUBLISHED),
]  # fmt: skip
REPRODUCE = "reproduce paper: attention is all you need"


@dataclass
class Talk:
    """A conversation with the real planner; tools answer what the test says."""

    given: dict[str, Any] = field(default_factory=lambda: {"minutes": 5, "publish": "folder"})
    transcript: Transcript = field(default_factory=Transcript)

    def ask(self, text: str) -> Talk:
        first = not self.transcript.messages
        self.transcript.add_user(f"{text}\nGiven: {json.dumps(self.given)}" if first else text)
        return self

    def reply(self) -> str:
        system = Transcript()
        system.add_user("x")
        message = Planner().generate(self.transcript.messages)
        assert message.role == MessageRole.ASSISTANT
        return str(message.content)

    def call(self) -> tuple[str, dict[str, Any]]:
        """The tool of the next step and its arguments, as Python (not the planner) reads them."""
        code = split_reply(self.reply())[1]
        calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        call = next(c for c in calls if c.func.id != "update_plan")
        return call.func.id, {k.arg: ast.literal_eval(k.value) for k in call.keywords}

    def final(self) -> str:
        """The text of a final answer."""
        code = split_reply(self.reply())[1]
        plan, _, code = code.partition("\n")
        assert plan.startswith("update_plan("), plan
        assert '"active"' not in plan, "nothing is under way any more"
        assert code.startswith("final_answer("), code
        return ast.literal_eval(code.removeprefix("final_answer(").removesuffix(")"))

    def go(self, result: dict[str, Any] | str) -> Talk:
        """The next step ran: with this result, or failed with this error."""
        thought, code = split_reply(self.reply())
        text = json.dumps(result) if isinstance(result, dict) else f"Error: Traceback\n  …\nToolError: {result}"
        self.transcript.add_step(self.transcript.steps + 1, thought, code, text)
        return self

    def upto(self, tool: str) -> Talk:
        """All stages of the main job before `tool` went well."""
        for name, result in MAIN:
            if name == tool:
                return self
            assert self.call()[0] == name
            self.go(result)
        raise AssertionError(tool)


def main_job(**given: Any) -> Talk:
    return Talk({"minutes": 5, "publish": "folder"} | given).ask(REPRODUCE)


# -- the main job ------------------------------------------------------------------------------------------


def test_the_main_job_calls_every_stage_in_order_with_what_the_one_before_returned():
    talk, calls = main_job(), []
    for name, result in MAIN:
        tool, arguments = talk.call()
        assert tool == name
        calls.append((tool, arguments))
        talk.go(result)
    assert calls == [
        ("find_paper", {"query": "attention is all you need"}),
        ("extract_setup", {"paper_id": "1706"}),
        ("choose_program", {"task": REPRODUCE, "paper_id": "1706"}),
        ("find_data", {"program": "translation", "paper_id": "1706"}),
        ("prepare_data", {"program": "translation", "data_id": "numbers"}),
        ("design_experiment",
         {"program": "translation", "data_id": "numbers", "paper_id": "1706", "seeds": 0, "values": {}}),
        ("preflight", {"spec_id": "s1"}),
        ("run_seed", {"spec_id": "s1", "seed": 1}),
        ("run_seed", {"spec_id": "s1", "seed": 2}),
        ("compare_with_paper", {"spec_id": "s1"}),
        ("preview_publication", {"spec_id": "s1"}),
        ("publish", {"bundle_id": "b1", "target": "folder"}),
    ]  # fmt: skip
    answer = talk.final()
    assert "bleu 90.0 ± 1.0 over 2 seeds, exact_match 1" in answer and "sealed" in answer
    assert "other data" in answer and "Published to /out/b1" in answer


def test_each_step_is_python_that_shows_the_plan_and_prints_its_result():
    talk = main_job()
    for name, result in MAIN:
        tree = ast.parse(split_reply(talk.reply())[1])
        plan = next(n.args[0] for n in ast.walk(tree) if isinstance(n, ast.Call) and _name(n) == "update_plan")
        items = dict(ast.literal_eval(plan))
        assert items[dict(STAGES)[name]] == "active"
        assert list(items.values()).count("active") == 1
        assert "print(json.dumps(result))" in ast.unparse(tree)
        talk.go(result)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "")


def test_a_number_in_the_answer_is_one_that_the_harness_measured():
    talk = main_job()
    for name, result in MAIN:
        other = json.loads(json.dumps(result).replace("90.0", "12.5")) if name == "compare_with_paper" else result
        talk.go(other)
    assert "12.5" in talk.final() and "90" not in talk.final()


@pytest.mark.parametrize("stage", [s for s, _ in MAIN if s not in ("run_seed", "publish")])
def test_a_stage_that_fails_ends_the_run_with_its_reason(stage):
    talk = main_job().upto(stage).go("the disk is full")
    tool, arguments = talk.call()
    assert tool == "cannot_do" and arguments["reason"] == "the disk is full"


def test_one_failed_seed_is_told_and_does_not_count():
    talk = main_job().upto("run_seed").go("exit status 1")
    assert talk.call() == ("run_seed", {"spec_id": "s1", "seed": 2})
    talk.go(SEED | {"seed": 2})
    assert talk.call()[0] == "compare_with_paper"
    talk.go(COMPARED).go(BUNDLE).go(PUBLISHED)
    assert "1 seed(s) failed and do not count: exit status 1" in talk.final()


def test_no_seed_measured_is_a_failed_run():
    talk = main_job().upto("run_seed").go("exit status 1").go("exit status 7")
    assert talk.call() == ("cannot_do", {"reason": "No seed could be measured. exit status 7"})


def test_failed_preflight_trains_nothing():
    bad = {"passed": False, "checks": [{"check": "disk", "ok": False, "detail": "make room"},
                                       {"check": "data", "ok": True, "detail": "fine"}]}  # fmt: skip
    tool, arguments = main_job().upto("preflight").go(bad).call()
    assert tool == "cannot_do" and "disk: make room" in arguments["reason"] and "fine" not in arguments["reason"]


def test_no_program_fits():
    tool, arguments = main_job().upto("choose_program").go({"programs": [], "all": ["one: A", "two: B"]}).call()
    assert tool == "cannot_do" and "one: A; two: B" in arguments["reason"]


def test_publishing_off_ends_after_the_comparison():
    talk = main_job(publish="never").upto("preview_publication")
    assert "Published" not in talk.final()
    assert "Publish" not in talk.reply().replace("Publishing is off", "")


def test_a_rejected_publication_is_said_with_the_feedback():
    rejected = {"published": False, "decision": "rejected", "feedback": "not yet"}
    answer = main_job().upto("publish").go(rejected).final()
    assert "Not published: the request was rejected. You said: “not yet”" in answer
    assert "does not change an experiment by itself" in answer


def test_a_publication_that_fails_is_said_and_not_tried_again():
    answer = main_job().upto("publish").go("the folder is full").final()
    assert "Not published: the folder is full" in answer


def test_the_target_is_the_hub_only_when_asked():
    assert main_job(publish="hub").upto("publish").call()[1]["target"] == "hub"
    assert main_job(publish="ask").upto("publish").call()[1]["target"] == "folder"


# -- other requests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_text", ["read paper: attention", "Summarise 1706.03762", "extract the setup of X"])
def test_reading_ends_with_the_setup(request_text):
    talk = Talk().ask(request_text)
    assert talk.call()[0] == "find_paper"
    answer = talk.go(FOUND).go(SETUP).final()
    for words in ("layers = 6 [main, p. 3]", "WMT", "BLEU 27.3", "Not stated", "seed", "the built-in card"):
        assert words in answer
    assert "Contradictions" not in answer, "an empty list is not shown"


@pytest.mark.parametrize("request_text", ["train a text classifier", "train a language model", "classify these texts"])
def test_training_without_a_paper(request_text):
    tool, arguments = Talk().ask(request_text).call()
    assert tool == "choose_program" and arguments == {"task": request_text, "paper_id": ""}


@pytest.mark.parametrize("request_text", ["fine-tune BERT on my data", "Finetune a model", "train with LoRA"])
def test_another_method_than_was_asked_for_is_never_taken_silently(request_text):
    tool, arguments = Talk().ask(request_text).call()
    assert tool == "cannot_do" and "pretrained weights, and none were given: name (--weights" in arguments["reason"]


@pytest.mark.parametrize(
    "request_text", ["fine-tune it on my data", "LoRA-tune these weights, two seeds", "train a classifier"]
)
def test_given_weights_are_brought_before_a_program_is_chosen(request_text):
    talk = Talk({"minutes": 5, "publish": "folder", "weights": "small-bert"}).ask(request_text)
    assert talk.call() == ("bring_weights", {"source": ""})
    talk.go({"weights": "small-bert@sha256:1", "architecture": "BertForMaskedLM", "parameters": 9, "licence": "mit"})
    assert talk.call() == ("choose_program", {"task": request_text, "paper_id": ""})


def test_to_tune_given_weights_is_to_train_them_and_to_improve_that_is_improve_mode():
    assert wants_improvement("tune the classifier") and not wants_improvement("tune it on my rows", weights=True)
    assert wants_improvement("please improve the fine-tuned classifier", weights=True)
    assert not wants_improvement("train it, then improve", weights=True)


def test_weights_that_cannot_be_used_end_the_run_in_plain_words():
    talk = Talk({"minutes": 5, "publish": "folder", "weights": "small-bert"}).ask("fine-tune it")
    tool, arguments = talk.go("small-bert is quantized").call()
    assert tool == "cannot_do" and "quantized" in arguments["reason"]


@pytest.mark.parametrize(
    ("request_text", "target"),
    [
        ("predict the median house value in this table", "median house value in this table"),
        ("train a classifier, target=Survived, two seeds", "Survived"),
        ("Predict “price”, one seed", "price"),
        ("train a classifier on digits", None),
    ],
)
def test_the_column_to_predict_goes_to_every_tool_that_looks_at_data(request_text, target):
    tool, arguments = Talk().ask(request_text).call()
    assert tool == "choose_program" and arguments.get("target") == target


@pytest.mark.parametrize("request_text", ["what is the weather?", "write me a poem", "hello", "publish"])
def test_out_of_scope_is_said_in_prose_and_nothing_runs(request_text):
    assert Talk().ask(request_text).reply() == CAN_DO


def test_a_given_paper_is_enough_to_know_what_to_do():
    tool, arguments = Talk({"paper": "/files/a.pdf", "minutes": 5}).ask("do your thing").call()
    assert (tool, arguments) == ("find_paper", {"query": "/files/a.pdf"})


# -- follow-ups --------------------------------------------------------------------------------------------


def finished(**given: Any) -> Talk:
    talk = main_job(publish="never", **given).upto("preview_publication")
    talk.transcript.add_answer("That is all.")
    talk.given["publish"] = "folder"
    return talk


@pytest.mark.parametrize("words", ["publish", "Please publish it now", "ok, publish this to a folder"])
def test_publish_afterwards_stages_and_publishes_what_was_measured(words):
    talk = finished().ask(words)
    assert talk.call() == ("preview_publication", {"spec_id": "s1"})
    talk.go(BUNDLE)
    assert talk.call() == ("publish", {"bundle_id": "b1", "target": "folder"})
    assert "Published to /out/b1" in talk.go(PUBLISHED).final()


@pytest.mark.parametrize("words", ["don't publish this", "do not publish anything yet"])
def test_a_no_is_not_a_yes(words):
    assert finished().ask(words).reply() == CAN_DO


def test_what_may_not_be_published_is_measured_all_the_same():
    words = main_job(publish="ask").upto("preview_publication").go("learner.pkl may hold pickled code").final()
    assert "Measured by the harness" in words and "Not published: learner.pkl may hold pickled code" in words


def test_publish_before_anything_was_measured():
    talk = main_job().upto("compare_with_paper")
    assert "nothing to publish" in talk.ask("publish").reply()


def test_a_second_paper_is_a_new_experiment_even_with_the_word_publish():
    talk = finished().ask("reproduce paper: convolutional networks, and publish it")
    assert talk.call()[0] == "find_paper"


@pytest.mark.parametrize("words", ["thank you", "what does the loss curve say?"])
def test_a_given_paper_does_not_start_training_at_every_word(words):
    assert finished(paper="/files/a.pdf").ask(words).reply() == CAN_DO


def test_what_it_says_it_can_do_it_can_do():
    """Each example in the planner's own words starts a step."""
    for example in re.findall("“(.*?)”", CAN_DO):
        assert Talk().ask(example.replace("…", "attention")).call()[0] in ("find_paper", "choose_program")


# -- reading the request -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_text", "query"),
    [
        ("reproduce paper: attention is all you need", "attention is all you need"),
        ("Please reproduce the paper “Attention Is All You Need”.", "Attention Is All You Need"),
        ("reproduce the attention is all you need paper", "attention is all you need"),
        ("replicate 1408.5882", "1408.5882"),
        ("reproduce paper: 1408.5882 on TREC", "1408.5882"),
        ("reproduce paper: attention is all you need with 3 seeds", "attention is all you need"),
        ("reproduce paper: attention is all you need, steps=500", "attention is all you need"),
        ("reproduce paper: attention is all you need using two seeds and 500 steps", "attention is all you need"),
        ("reproduce paper: attention is all you need with dropout = 0.2", "attention is all you need"),
        ("reproduce paper: attention is all you need within 10 minutes", "attention is all you need"),
        ("reproduce paper: attention is all you need for 100,000 steps", "attention is all you need"),
        ("reproduce paper: attention is all you need, and publish it", "attention is all you need"),
        ("reproduce https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.03762"),
        ("read /tmp/my file.pdf", "/tmp/my file.pdf"),
    ],
)
def test_which_paper(request_text, query):
    assert paper_query(Conversation(request=request_text)) == query


@pytest.mark.parametrize(
    ("request_text", "values"),
    [
        ("steps=500", {"steps": 500}),
        ("with dropout = 0.2 and lr_factor=1e-3", {"dropout": 0.2, "lr_factor": 0.001}),
        ("for 500 steps", {"steps": 500}),
        ("for 100,000 steps", {"steps": 100_000}),
        ("3 epochs, please", {"epochs": 3}),
        ("1 epoch", {"epochs": 1}),
        ("learning_rate=2, steps=3000", {"learning_rate": 2, "steps": 3000}),
        ("reproduce paper: attention is all you need", {}),
    ],
)
def test_settings_in_the_request(request_text, values):
    assert asked_values(Conversation(request=request_text)) == values


def test_settings_of_the_request_reach_the_design():
    talk = Talk().ask(f"{REPRODUCE} with seeds=2, steps=500")
    arguments = talk.upto("design_experiment").call()[1]
    assert arguments["seeds"] == 2 and arguments["values"] == {"steps": 500}


@pytest.mark.parametrize(
    ("words", "count"), [("2 seeds", 2), ("three seeds", 3), ("1 seed", 1), ("seeds=2", 2), ("no number", 0)]
)
def test_number_of_seeds(words, count):
    assert asked_seeds(Conversation(request=f"reproduce x with {words}")) == count


# -- choosing data -----------------------------------------------------------------------------------------


def candidate(name: str, **more: Any) -> dict[str, Any]:
    return GENERATED | {"data_id": name.lower(), "name": name, "source": "local", "bytes": 100} | more


@pytest.mark.parametrize(
    ("request_text", "candidates", "chosen"),
    [
        (REPRODUCE, [GENERATED], "numbers"),
        (f"{REPRODUCE} on MR", [candidate("TREC", used_by_paper=True), candidate("MR")], "mr"),
        (REPRODUCE, [candidate("A"), candidate("B", used_by_paper=True)], "b"),
        (REPRODUCE, [candidate("A", has_test_part=False), candidate("B")], "b"),
        (REPRODUCE, [candidate("A", bytes=200), candidate("B")], "b"),
        # a name inside another word is not that name
        ("reproduce paper: the art of crying", [candidate("CR", bytes=200), candidate("B")], "b"),
    ],
)
def test_which_data(request_text, candidates, chosen):
    talk = Talk().ask(request_text)
    for result in (FOUND, SETUP, PROGRAMS, {"data": candidates}):
        talk.go(result)
    assert talk.call()[1]["data_id"] == chosen


# -- reading the conversation ------------------------------------------------------------------------------


def test_a_request_that_looks_like_an_observation_or_like_options_is_only_text():
    odd = Talk().ask('reproduce paper: "quotes" and\nresult = publish(bundle_id="x")')
    conversation = read_conversation(odd.transcript.messages)
    assert conversation.steps == [] and conversation.given["minutes"] == 5
    assert odd.call()[0] == "find_paper"


def test_the_last_line_of_a_traceback_is_the_reason():
    talk = main_job()
    talk.go("There is no paper “x”: give the PDF")
    (failure,) = read_conversation(talk.transcript.messages).failures("find_paper")
    assert failure.error == "There is no paper “x”: give the PDF" and failure.result is None


def test_a_step_of_another_brain_is_skipped():
    """A run begun by an LLM, whose code looks different, can go on with the planner."""
    talk = main_job()
    talk.transcript.add_step(1, "LLM", "p = find_paper(query='attention')\nprint(p['title'])", "Attention")
    assert talk.call()[0] == "find_paper"


def test_an_improvement_that_does_not_fit_is_designed_for_fewer_trainings():
    """Twenty, ten, five: on a slow machine a few attempts are better than none. What fails otherwise ends it."""
    late = Done("design_experiment", {}, None, "The time budget is too small: 53 seconds a seed are too few")
    wrong = Done("design_experiment", {}, None, "tiny has no setting 'x'")
    assert [fewer(20, [late] * times) for times in (1, 2, 3)] == [10, 5, 0]
    assert fewer(20, [wrong]) == fewer(20, [late, wrong]) == 0
