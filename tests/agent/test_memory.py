"""The conversation is rebuilt from the log, byte for byte, also when the last step was cut short."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from smolagents.models import MessageRole

from intern.agent.memory import PendingStep, Transcript, observation_text
from intern.runs.events import Answer, Code, Event, Metric, Observation, Thought, UserMessage


def events(*bodies) -> list[Event]:
    return [Event(run_id="r", seq=n, time=0.0, body=body) for n, body in enumerate(bodies, 1)]


def rebuilt(*bodies) -> tuple[list[tuple[str, str]], PendingStep | None, int]:
    transcript, pending = Transcript.from_events(events(*bodies), '{"minutes": 5}')
    return [(m.role.value, str(m.content)) for m in transcript.messages], pending, transcript.steps


def seen(step: int, text: str = "out", error: str | None = None) -> Observation:
    return Observation(step=step, text=text, error=error, seconds=0.1)


def test_a_finished_step_is_what_the_brain_said_and_what_came_of_it():
    messages, pending, steps = rebuilt(
        UserMessage(text="train"), Thought(step=1, text="I train."), Code(step=1, code="train()"), seen(1, "done")
    )
    assert messages == [
        ("user", 'train\nGiven: {"minutes": 5}'),
        ("assistant", "I train.\n<run>\ntrain()\n</run>"),
        ("user", "Observation of step 1:\ndone"),
    ]
    assert pending is None and steps == 1


def test_only_the_first_message_carries_the_options():
    messages, _, _ = rebuilt(UserMessage(text="a"), Answer(text="b"), UserMessage(text="c"))
    assert messages == [("user", 'a\nGiven: {"minutes": 5}'), ("assistant", "b"), ("user", "c")]


def test_an_error_is_part_of_the_observation():
    assert observation_text(seen(1, "half", "ValueError: no")) == "half\nError: ValueError: no"
    assert observation_text(seen(1, "", "ValueError: no")) == "Error: ValueError: no"


def test_events_that_are_no_memory_are_left_out():
    messages, _, _ = rebuilt(UserMessage(text="a"), Metric(job_id="j", seed=1, step=1, name="loss", value=1.0))
    assert len(messages) == 1


def test_a_step_without_observation_is_pending():
    messages, pending, steps = rebuilt(
        UserMessage(text="a"), Thought(step=1, text="t"), Code(step=1, code="c"), seen(1), Code(step=2, code="d")
    )
    assert pending == PendingStep(2, "", "d")
    assert len(messages) == 3 and steps == 1


def test_a_thought_without_code_is_forgotten_because_the_brain_is_asked_again():
    messages, pending, steps = rebuilt(UserMessage(text="a"), Thought(step=1, text="t"))
    assert (len(messages), pending, steps) == (1, None, 0)


def test_a_new_message_ends_a_step_that_was_stopped():
    """Whoever stops a training and asks for something else does not want the training again first."""
    messages, pending, steps = rebuilt(
        UserMessage(text="train long"), Code(step=1, code="train(9999)"), UserMessage(text="train short")
    )
    assert pending is None and steps == 1, "the next step gets its own number"
    assert [role for role, _ in messages] == ["user", "assistant", "user", "user"]
    assert messages[1][1] == "<run>\ntrain(9999)\n</run>"
    assert "did not finish" in messages[2][1] and messages[3][1] == "train short"


words = st.text(min_size=1, max_size=20).map(lambda t: t.encode("utf-8", "replace").decode())
step_bodies = st.tuples(st.one_of(st.just(""), words), words, words, st.one_of(st.none(), words))


@given(request=words, steps=st.lists(step_bodies, max_size=6), cut=st.integers(min_value=0, max_value=3))
@settings(max_examples=60)
def test_a_live_and_a_rebuilt_conversation_are_the_same(request, steps, cut):
    """The log, cut off at any place of its last step, gives the messages of all finished steps."""
    live, log = Transcript(), [UserMessage(text=request)]
    live.add_user(f"{request}\nGiven: {{}}")
    for number, (thought, code, text, error) in enumerate(steps, 1):
        log += [Thought(step=number, text=thought)] if thought else []
        log += [Code(step=number, code=code), seen(number, text, error)]
        live.add_step(number, thought, code, observation_text(seen(number, text, error)))
    unfinished = [Thought(step=len(steps) + 1, text="t"), Code(step=len(steps) + 1, code="c")][: min(cut, 2)]
    transcript, pending = Transcript.from_events(events(*log, *unfinished), "{}")
    assert [(m.role, m.content) for m in transcript.messages] == [(m.role, m.content) for m in live.messages]
    assert transcript.steps == len(steps)
    assert pending == (PendingStep(len(steps) + 1, "t", "c") if len(unfinished) == 2 else None)
    assert all(m.role in (MessageRole.USER, MessageRole.ASSISTANT) for m in transcript.messages)
