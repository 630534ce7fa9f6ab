"""An LLM behind an OpenAI-compatible endpoint: good answers, and every way in which they go wrong, over real HTTP."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from smolagents.models import ChatMessage, MessageRole

from intern.agent import models
from intern.agent.models import EndpointModel, ModelError, UnknownModelError, brain_token, build_model, check_model
from intern.agent.planner import Planner
from intern.runs.workspace import RunStopped
from intern.settings import Settings
from tests.servers.llm import LlmServer, serving

REPLY = "I read the paper first.\n<run>\np = find_paper(query='attention')\n"
HELLO = [
    ChatMessage(role=MessageRole.SYSTEM, content="You are the intern."),
    ChatMessage(role=MessageRole.USER, content="read the paper"),
]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(models, "WAITS_SECONDS", (0.05, 0.05, 0.05))


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
        usage = ask(server).token_usage
    assert (usage.input_tokens, usage.output_tokens) == (7, 3)


def test_no_usage_is_not_a_guess():
    with serving({"reply": "one", "usage": False}) as server:
        assert ask(server).token_usage is None


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
    assert "\n" not in str(refused.value) and "after 4 tries" in str(refused.value)


def test_a_server_that_is_not_there_is_one_plain_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = EndpointModel("m", f"http://127.0.0.1:{port}/v1", None, threading.Event())
    with pytest.raises(ModelError, match="after 4 tries") as refused:
        model.generate(HELLO)
    assert "\n" not in str(refused.value)


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
        [{"reply": REPLY, "stall": 5}],
    ],
    ids=["waiting to retry", "slow drip", "stalled server"],
)
def test_a_stop_does_not_wait_for_the_model(script):
    assert stopped(script) < 1.0


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


def test_an_own_server_gets_its_own_key_and_never_the_hub_token(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf")
    monkeypatch.delenv("INTERN_LLM_API_KEY", raising=False)
    assert brain_token(Settings()) == "hf"
    assert brain_token(Settings(llm_base_url="http://127.0.0.1:1/v1")) is None
    monkeypatch.setenv("INTERN_LLM_API_KEY", "own")
    assert brain_token(Settings(llm_base_url="http://127.0.0.1:1/v1")) == "own"
