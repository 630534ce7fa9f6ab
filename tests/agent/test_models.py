"""An LLM behind an OpenAI-compatible endpoint: good answers, and every way in which they go wrong, over real HTTP."""

from __future__ import annotations

import random
import socket
import threading
import time

import pytest
from smolagents.models import ChatMessage, MessageRole

from intern.agent import endpoint, trouble
from intern.agent.catalogue import SMALL_CONTEXT, catalogue, completed_card, known_card
from intern.agent.endpoint import ContextTooLongError, EndpointModel, ModelError
from intern.agent.models import UnknownModelError, build_model, check_model
from intern.agent.planner import Planner
from intern.runs.workspace import RunStopped
from intern.settings import Settings
from tests.servers.llm import LlmServer, serving

REPLY = "I read the paper first.\n<run>\np = find_paper(query='attention')\n"
HELLO = [
    ChatMessage(role=MessageRole.SYSTEM, content="You are the intern."),
    ChatMessage(role=MessageRole.USER, content="read the paper"),
]


def chatter(words: int) -> str:
    """Text that never repeats itself."""
    chooser = random.Random(1)
    return " ".join("".join(chooser.choices("abcdefgh", k=5)) for _ in range(words))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(trouble, "WAITS_SECONDS", (0.05, 0.05, 0.05))
    monkeypatch.setattr(trouble, "BUSY_WAITS_SECONDS", (0.05, 0.05, 0.05, 0.05))


def model_of(server: LlmServer, cancel: threading.Event | None = None, token: str | None = "key") -> EndpointModel:
    return EndpointModel("scripted", f"{server.url}/v1", token, cancel or threading.Event())


def ask(server: LlmServer, **more) -> ChatMessage:
    return model_of(server, **more).generate(HELLO, stop_sequences=["</run>"])


# -- good answers ------------------------------------------------------------------------------------------


def test_the_pieces_of_a_stream_are_one_reply():
    with serving(REPLY) as server:
        message = ask(server)
    assert message.role == MessageRole.ASSISTANT and message.content == REPLY


def test_the_server_is_asked_for_the_model_with_messages_and_stop():
    with serving(REPLY) as server:
        ask(server)
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions" and request["authorization"] == "Bearer key"
    body = request["body"]
    assert body["model"] == "scripted" and body["stop"] == ["</run>"] and body["stream"] is True
    assert body["messages"] == [{"role": "system", "content": "You are the intern."},
                                {"role": "user", "content": "read the paper"}]  # fmt: skip


def test_usage_is_counted_when_the_server_tells_it():
    with serving({"reply": "one two three", "usage": True}) as server:
        reply = ask(server).raw
    assert (reply.prompt_tokens, reply.completion_tokens) == (7, 3)


def test_no_usage_is_not_a_guess():
    with serving({"reply": "one", "usage": False}) as server:
        assert ask(server).raw.prompt_tokens is None


def test_without_a_key_none_of_the_environment_is_sent(monkeypatch):
    """On a shared Space the environment's token is its owner's."""
    monkeypatch.setenv("HF_TOKEN", "hf_owner")
    with serving(REPLY) as server:
        ask(server, token=None)
    assert "hf_owner" not in str(server.requests)


# -- trouble that passes -----------------------------------------------------------------------------------

PASSING = {
    "rate limit": {"status": 429, "retry_after": 0.1},
    "rate limit without a time": {"status": 429},
    "rate limit with a date": {"status": 429, "retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"},
    "server error": {"status": 500},
    "bad gateway": {"status": 502},
    "overloaded": {"status": 503},
    "cut in the middle": {"reply": REPLY, "cut": 30},
    "reset before the first byte": {"reset": True},
    "reset in the middle": {"reply": REPLY, "cut": 30, "reset": True},
    "broken JSON": {"malformed": True},
    "no choices": {"empty": True},
    "empty answer": {"reply": ""},
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_trouble_that_passes_is_tried_again(fault):
    with serving(fault, REPLY) as server:
        assert ask(server).content == REPLY
    assert len(server.requests) == 2


def test_a_cut_reply_is_never_used_not_even_in_part():
    """Half a code step could do half of something."""
    with serving(*[{"reply": REPLY, "cut": 60}] * 9) as server, pytest.raises(ModelError, match=r"after 4 tries.*cut"):
        ask(server)
    assert len(server.requests) == 4


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_trouble_that_stays_is_one_plain_line(fault):
    with serving(*[fault] * 9) as server, pytest.raises(ModelError) as refused:
        ask(server)
    assert "\n" not in str(refused.value) and f"after {5 if fault.get('status') == 429 else 4} tries" in str(
        refused.value
    )


def test_a_server_that_is_not_there_is_one_plain_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = EndpointModel("m", f"http://127.0.0.1:{port}/v1", None, threading.Event())
    with pytest.raises(ModelError, match=rf"after 4 tries: http://127.0.0.1:{port}/v1.* cannot be reached") as refused:
        model.generate(HELLO)
    assert "\n" not in str(refused.value)


def test_an_address_that_is_none_is_said_at_once():
    with pytest.raises(ModelError, match="INTERN_LLM_BASE_URL must be an address like"):
        EndpointModel("m", "localhost:11434", None, threading.Event()).generate(HELLO)


# -- one connection, apart from its words ---------------------------------------------------------------------


def test_a_run_keeps_one_connection():
    with serving(*[REPLY] * 12) as server:
        model = model_of(server)
        for _ in range(12):
            model.generate(HELLO, stop_sequences=["</run>"])
        assert server.connections == 1 and len(server.requests) == 12


def test_reasoning_is_kept_apart_and_is_no_answer():
    with serving({"reply": "So: 4.", "reasoning": "<run>danger()</run> two and two", "piece": 3}) as server:
        message = ask(server)
    assert message.content == "So: 4." and message.raw.reasoning == "<run>danger()</run> two and two"


def test_live_text_grows_and_comes_at_most_ten_times_a_second():
    seen: list[str] = []
    with serving({"reply": chatter(150), "piece": 4, "drip": 0.005}) as server:
        model = model_of(server)
        model.on_text = seen.append
        started = time.monotonic()
        whole = model.generate(HELLO).content
        seconds = time.monotonic() - started
    assert 2 <= len(seen) <= seconds * 10 + 2
    assert all(whole.startswith(text) for text in seen) and [len(t) for t in seen] == sorted(len(t) for t in seen)


def test_an_error_in_the_middle_of_a_stream_is_no_answer():
    overloaded = {"reply": "half", "error": {"message": "overloaded", "code": 503}}
    with serving(overloaded, {"reply": "half", "error": "who knows"}, REPLY) as server:
        assert ask(server).content == REPLY
    with (
        serving({"reply": "half", "error": {"message": "no credit", "code": "402"}}) as server,
        pytest.raises(ModelError, match="no credit left"),
    ):
        ask(server)


@pytest.mark.parametrize("name", ["stream_options", "stop", "max_tokens"])
def test_a_server_that_does_not_know_an_option_is_asked_without_it(name):
    with serving({"status": 400, "message": f"Unrecognized request argument: {name}"}, REPLY, REPLY) as server:
        model = model_of(server)
        for _ in range(2):
            assert model.generate(HELLO, stop_sequences=["</run>"]).content == REPLY
    assert [name in r["body"] for r in server.requests] == [True, False, False]


def test_two_messages_of_one_role_are_sent_as_one():
    with serving(REPLY) as server:
        model_of(server).generate([*HELLO, ChatMessage(role=MessageRole.USER, content="and now?")])
    assert server.requests[0]["body"]["messages"][1:] == [{"role": "user", "content": "read the paper\n\nand now?"}]


def test_the_bill_goes_where_the_person_says():
    with serving(REPLY) as server:
        EndpointModel("m", f"{server.url}/v1", "k", threading.Event(), bill_to="my-lab").generate(HELLO)
    assert server.requests[0]["headers"]["x-hf-bill-to"] == "my-lab"


# -- trouble that stays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "answered 400"),
        (401, "refused the key"),
        (402, "no credit left"),
        (403, "may not use the model"),
        (404, "does not know this model"),
        (413, "too long"),
    ],
)
def test_a_refusal_is_said_once_in_plain_words(status, words):
    with serving({"status": status}, REPLY) as server, pytest.raises(ModelError, match=words) as refused:
        ask(server)
    assert len(server.requests) == 1 and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        "the request exceeds the available context size, try increasing it",
        "Input is too long: `inputs` tokens + `max_new_tokens` must be <= 4096",
    ],
)
def test_a_conversation_that_is_too_long_is_told_apart(message):
    with serving({"status": 400, "message": message}) as server, pytest.raises(ContextTooLongError):
        ask(server)


def test_a_server_that_says_wait_a_moment_for_ever_is_waited_for_longer(monkeypatch):
    monkeypatch.setattr(trouble, "BUSY_WAITS_SECONDS", (1.0, 3.0, 8.0, 20.0))
    patience, waited = trouble.Patience(), []
    with pytest.raises(ModelError, match="after 5 tries: the server answered 429"):
        while True:
            waited.append(patience.wait(trouble.PassingError("the server answered 429", 1.0, busy=True)))
    assert waited == [1.0, 1.0, 8.0, 20.0]


def test_a_quota_that_is_used_up_is_not_waited_for():
    spent = {"status": 429, "message": "insufficient_quota: you exceeded your current quota"}
    with serving(spent, REPLY) as server, pytest.raises(ModelError, match=r"no credit left.*\(429\)"):
        ask(server)
    assert len(server.requests) == 1


def test_a_server_that_knows_none_of_the_options_is_asked_without_them():
    names = ("stream_options", "stop", "max_tokens", "temperature")
    with serving(*[{"status": 400, "message": f"unknown field {name}"} for name in names], REPLY) as server:
        assert model_of(server).generate(HELLO, stop_sequences=["x"], temperature=0.5).content == REPLY
    assert set(server.requests[-1]["body"]) == {"model", "messages", "stream"}


def test_a_wait_that_is_too_long_is_not_waited():
    with serving({"status": 429, "retry_after": 3600}) as server, pytest.raises(ModelError, match="wait 3600 s"):
        ask(server)


def test_an_answer_that_hit_its_limit_is_not_used():
    with (
        serving({"reply": REPLY, "finish": "length"}) as server,
        pytest.raises(ModelError, match="longer than its limit"),
    ):
        ask(server)


# -- stopping ----------------------------------------------------------------------------------------------


def stopped(script: list, server_seconds: float = 0.3) -> float:
    """Ask, stop a moment later; returns how long the stop took."""
    cancel, ended = threading.Event(), threading.Event()
    with serving(*script) as server:

        def work() -> None:
            with pytest.raises(RunStopped):
                ask(server, cancel=cancel)
            ended.set()

        threading.Thread(target=work, daemon=True).start()
        time.sleep(server_seconds)
        assert not ended.is_set()
        started = time.monotonic()
        cancel.set()
        assert ended.wait(15)
        return time.monotonic() - started


@pytest.mark.parametrize(
    "script",
    [
        [{"status": 429, "retry_after": 30}],
        [{"reply": "word " * 200, "drip": 0.1}],
        [{"reply": REPLY, "stall": 40}],
    ],
    ids=["waiting to retry", "slow drip", "stalled server"],
)
def test_a_stop_does_not_wait_for_the_model(script):
    assert stopped(script) < 1.0


def test_a_stop_ends_the_work_of_the_server_too():
    """A small machine would go on for minutes with an answer that nobody wants."""
    cancel = threading.Event()
    with serving({"reply": chatter(4000), "drip": 0.02, "piece": 5}) as server:
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(RunStopped):
            ask(server, cancel=cancel)
        deadline = time.monotonic() + 5
        while not server.left and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.left == 1


SILENCES = {
    "from the beginning": {"silent": True},
    "in the middle": {"reply": REPLY, "cut": 30, "silent": True},
    "late": {"reply": REPLY, "stall": 40},
    "slow": {"reply": REPLY, "drip": 40},
}


@pytest.mark.parametrize("turn", SILENCES.values(), ids=SILENCES)
def test_a_server_that_falls_silent_is_asked_again(turn):
    started = time.monotonic()
    with serving(turn, REPLY) as server:
        model = EndpointModel("scripted", f"{server.url}/v1", None, threading.Event(), silence=(1.0, 1.0))
        assert model.generate(HELLO).content == REPLY
        assert time.monotonic() - started < 30


def test_a_server_that_stays_silent_is_given_up_after_two_waits():
    with serving(*[{"silent": True}] * 5) as server:
        model = EndpointModel("scripted", f"{server.url}/v1", None, threading.Event(), silence=(0.5, 9.0))
        started = time.monotonic()
        with pytest.raises(ModelError, match=r"after 2 tries: the server said nothing for 0\.5 s"):
            model.generate(HELLO)
        assert 1.0 <= time.monotonic() - started < 30
        deadline = time.monotonic() + 60
        while server.left < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert (len(server.requests), server.left) == (2, 2), "it is not left working for nobody"


def test_an_answer_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr(endpoint, "TOTAL_SECONDS", 0.5)
    with (
        serving({"reply": chatter(9999), "drip": 0.02}) as server,
        pytest.raises(ModelError, match=r"longer than 0\.5 s"),
    ):
        ask(server)


# -- what is known of a model --------------------------------------------------------------------------------


def test_the_server_is_asked_for_what_the_catalogue_does_not_know():
    with serving() as server:
        server.about |= {"max_model_len": 4096}
        card = model_of(server).card
    assert (card.context_tokens, card.output_tokens, card.usd) == (4096, 1024, (0.0, 0.0))


def test_a_server_that_does_not_say_has_a_small_context_and_no_price():
    card = completed_card(known_card("org/new", "https://api.example.com/v1"), {"data": [{"id": "org/new"}]})
    assert card.context_tokens == SMALL_CONTEXT and card.usd is None
    assert card.price(1000, 1000) is None, "unknown is not free"


def test_of_several_providers_the_shortest_context_and_the_highest_price_count():
    entry = {"id": "org/m", "providers": [
        {"status": "live", "context_length": 131072, "pricing": {"input": 0.5, "output": 1.0}},
        {"status": "live", "context_length": 65536, "pricing": {"input": 0.2, "output": 2.0}},
        {"status": "staging", "context_length": 1024, "pricing": {"input": 99, "output": 99}},
    ]}  # fmt: skip
    card = completed_card(known_card("org/m", "https://router.example.com/v1"), {"data": [entry, {"id": "other"}]})
    assert card.context == 65536 and card.usd == (0.5, 2.0)
    assert card.price(1_000_000, 500_000) == pytest.approx(1.5) and card.price(None, 5) is None


@pytest.mark.parametrize(
    "answer", [None, [], {"data": 3}, {"data": [7]}, {"data": [{"id": "m", "pricing": {"input": "x"}}]}]
)
def test_nonsense_about_a_model_changes_nothing(answer):
    card = known_card("m", "https://api.example.com/v1")
    assert completed_card(card, answer) == card


def test_the_catalogue_is_readable_and_states_no_price_of_zero():
    assert len(catalogue()) >= 5
    assert all(c.usd is None or min(c.usd) > 0 for c in catalogue().values())
    assert all((c.context or 0) >= 8192 for c in catalogue().values())


# -- names and keys ----------------------------------------------------------------------------------------


def test_the_planner_needs_nothing():
    assert isinstance(build_model("planner", Settings(), None, threading.Event()), Planner)


@pytest.mark.parametrize(
    ("name", "settings", "token", "words"),
    [
        ("gpt", Settings(), "t", "There is no model 'gpt'"),
        ("org/name", Settings(), None, "needs an account"),
        ("org/name", Settings(), "t", None),
        ("anything", Settings(llm_base_url="http://127.0.0.1:1/v1"), None, None),
    ],
)
def test_which_names_are_brains(name, settings, token, words):
    if words is None:
        check_model(name, settings, token)
        return
    with pytest.raises(UnknownModelError, match=words):
        check_model(name, settings, token)
