"""Events become messages; the fold is the same however often it is asked."""

from intern.runs import events as e
from intern.runs.events import Event
from intern.ui.chat import SHOWN, Conversation


def talk(*bodies: e.EventPayload) -> Conversation:
    conversation = Conversation()
    for seq, body in enumerate(bodies, 1):
        conversation.apply(Event(run_id="r", seq=seq, time=0.0, body=body))
    return conversation


STEP = (
    e.Thought(step=1, text="I read the paper."),
    e.Code(step=1, code="paper = find_paper('x')"),
    e.ToolCall(step=1, name="find_paper", phase="started"),
    e.Output(step=1, text="found\n"),
    e.ToolCall(step=1, name="find_paper", phase="finished", seconds=0.2),
)
SEEN = e.Observation(step=1, text="found it", seconds=1.5)


def test_a_running_step_is_open_with_code_and_live_output():
    messages = talk(e.UserMessage(text="go"), *STEP).messages("running")
    assert [m["role"] for m in messages] == ["user", "assistant", "assistant"]
    step, output = messages[1:]
    assert step["metadata"]["status"] == "pending"
    assert step["metadata"]["title"] == "Step 1 · I read the paper\\."
    assert "```python\npaper = find_paper('x')\n```" in step["content"]
    assert output["metadata"]["parent_id"] == step["metadata"]["id"] and "found" in output["content"]


def test_a_finished_step_is_folded_with_its_time_and_what_was_seen():
    messages = talk(*STEP, SEEN).messages("done")
    assert [m["metadata"]["status"] for m in messages] == ["done"] * 3
    assert "duration" not in messages[0]["metadata"]
    assert messages[0]["metadata"]["log"] == "find_paper · 1.5\u00a0s"
    assert "found it" in messages[2]["content"]


def test_a_moment_has_no_time():
    quick = e.Observation(step=1, text="found it", seconds=0.05)
    assert talk(*STEP, quick).messages("done")[0]["metadata"]["log"] == "find_paper"


def test_reasoning_is_folded_and_no_title():
    reasoning = e.Thought(step=1, text="Hmm, perhaps a paper.", reasoning=True)
    step, folded, *_ = talk(reasoning, *STEP, SEEN).messages("done")
    assert step["metadata"]["title"].startswith("Step 1 · I read the paper") and "Hmm" not in step["content"]
    assert folded["metadata"]["title"] == "Reasoning" and folded["metadata"]["parent_id"] == step["metadata"]["id"]
    assert "Hmm" in folded["content"]


def test_a_question_is_in_the_conversation_in_plain_words():
    (message,) = talk(e.Question(step=1, text="Which <b>?")).messages("waiting")
    assert "Asks you: Which &lt;b&gt;?" in message["content"]


def test_a_step_tells_what_it_cost_and_why_it_had_to_be_tried_again():
    usage = e.Usage(step=1, model="m", prompt_tokens=1200, completion_tokens=34, usd=0.02)
    hint = e.Hint(step=1, said="<b>no code</b>", text="Write <run> … </run>.")
    step, hinted, *_ = talk(usage, hint, usage, *STEP, SEEN).messages("done")
    assert step["metadata"]["log"].replace("\u00a0", " ") == "find_paper · 1.5 s · 2 468 tokens, $0.04"
    assert hinted["metadata"]["parent_id"] == step["metadata"]["id"]
    assert "```text\n<b>no code</b>\n```" in hinted["content"] and "Write &lt;run&gt;" in hinted["content"]


def test_what_is_known_after_a_step_belongs_to_it_and_what_is_not_known_is_not_made_up():
    late = e.Usage(step=1, model="m", prompt_tokens=None, completion_tokens=5, usd=None)
    messages = talk(*STEP, SEEN, late, e.Summary(upto=1, text="We read it. <b>")).messages("done")
    assert messages[0]["metadata"]["log"].replace("\u00a0", " ").endswith("tokens unknown, price unknown")
    assert messages[-1]["metadata"]["title"].startswith("Summary of the steps up to 1")
    assert "<b>" not in messages[-1]["content"]


def test_a_reply_grows_where_it_would_say_that_it_works():
    conversation = talk(*STEP, SEEN)
    last = conversation.messages("running", "I look at\n```py\nx = 1")[-1]
    assert last["content"] == "I look at\n```py\nx = 1\n```"
    assert "I look at" not in str(conversation.messages("done", "I look at"))


def test_nothing_spins_when_nobody_works():
    for status in ("waiting", "stopped", "failed", "interrupted", "done"):
        messages = talk(*STEP).messages(status)
        assert all(m["metadata"]["status"] == "done" for m in messages)
        assert not any("working" in m["content"] for m in messages)


def test_between_steps_it_says_that_it_works():
    assert 'class="working"' in talk(*STEP, SEEN).messages("running")[-1]["content"]


def test_a_step_number_that_comes_again_is_a_new_step():
    messages = talk(*STEP, SEEN, e.UserMessage(text="again"), *STEP).messages("running")
    ids = [m["metadata"]["id"] for m in messages if "metadata" in m and "parent_id" not in m["metadata"]]
    assert len(ids) == len(set(ids)) == 2


def test_a_code_error_is_told_in_the_title_and_inside():
    failed = e.Observation(step=1, text="", error="NameError: x", seconds=0.1)
    messages = talk(*STEP, failed).messages("running")
    assert "did not work" in messages[0]["metadata"]["title"]
    assert any("NameError: x" in m["content"] for m in messages)


def test_ends_are_said_in_words():
    text = talk(e.Status(status="failed", reason="No data was found.")).messages("failed")[0]["content"]
    assert "note-error" in text and "No data was found." in text


def test_decisions_are_in_the_conversation_with_their_words():
    request = e.ApprovalRequested(
        approval_id="a", action="publish", title="Publish it", summary="", price_usd=0, subject="s"
    )
    decision = e.ApprovalDecided(approval_id="a", decision="rejected", by="local", feedback="another name")
    messages = talk(request, decision).messages("running")
    assert "Publish it" in messages[0]["content"]
    assert "Rejected: Publish it." in messages[1]["content"] and "another name" in messages[1]["content"]


def test_a_long_run_shows_its_end_and_says_what_is_left_out():
    notes = [e.Note(text=f"note {n}") for n in range(300)]
    messages = talk(*notes).messages("done")
    assert len(messages) == SHOWN + 1
    assert "220 earlier entries" in messages[0]["content"]
    assert "note 299" in messages[-1]["content"]


def test_the_version_moves_with_what_is_shown_only():
    conversation = talk(e.UserMessage(text="go"), e.LogLine(job_id="j", text="x"))
    assert conversation.version == 1


def test_each_call_gives_messages_of_its_own():
    conversation = talk(*STEP)
    conversation.messages("running")[0]["metadata"]["title"] = "changed"
    assert conversation.messages("running")[0]["metadata"]["title"].startswith("Step 1")


def test_a_long_failure_is_one_line_with_the_rest_folded_and_inert():
    known = "; ".join(f"1706.0{n} <b>Paper {n}</b>" for n in range(20))
    note = talk(e.Status(status="failed", reason=f"It is not at hand. Give one of: {known}")).messages("failed")[0]
    shown, _, folded = note["content"].partition("<details>")
    assert "Give one of …" in shown and "Paper" not in shown
    assert folded.count("&lt;b&gt;Paper") == 20 and "<b>" not in folded and "\n" not in note["content"]


def test_giving_up_is_no_failed_tool():
    step = (e.Code(step=1, code="cannot_do(reason='x')"), e.ToolCall(step=1, name="cannot_do", phase="failed"))
    assert "log" not in talk(*step).messages("failed")[0]["metadata"]


def picture(name: str, media_type: str = "image/png", label: str = "") -> e.Artifact:
    return e.Artifact(name=name, bytes=1, sha256="0" * 64, media_type=media_type, label=label)


def test_a_picture_that_the_run_made_is_in_the_conversation_once_and_other_files_are_not():
    made = picture("made/loss curve.png", label='the loss "><script>')
    shown = talk(made, picture("x.svg", "image/svg+xml"), picture("card.md", "text/markdown"), made).messages("done")
    assert len(shown) == 1
    content = shown[0]["content"]
    assert 'src="run-files/artifact/r/made/loss%20curve.png?' in content and "&amp;inline=1" in content
    assert "<script" not in content and "the loss &quot;&gt;&lt;script&gt;" in content
