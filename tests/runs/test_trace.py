"""A run as an agent trace: the Hub's format, the whole conversation, and no secret of any known shape."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intern.redact import PATTERNS, redact, secrets_in
from intern.requests import RunRequest
from intern.runs.events import Answer, Code, Job, Metric, Note, Observation, Status, Thought, UserMessage
from intern.runs.log import RunLog
from intern.runs.trace import TRACE_KINDS, render_trace

BODY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
SECRETS = {
    "Hugging Face OAuth token": "hf_oauth_" + "eyJhbGciOi.J9-_x" * 3,
    "Hugging Face token": "hf_" + BODY[:34],
    "GitHub token": "ghp_" + BODY,
    "Slack token": "xoxb-123456789012-abcdefABCDEF",
    "Slack webhook": "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop",
    "Google API key": "AIza" + BODY[:35],
    "Google OAuth token": "ya29." + BODY,
    "AWS access key": "AKIA" + "ABCDEFGH12345678",
    "AWS secret key": "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "OpenAI-style key": "sk-proj-" + BODY,
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc/def+\n-----END RSA PRIVATE KEY-----",
    "password in an address": "postgres://intern:hunter2hunter2@db.example.org/x",
}


def test_there_is_an_example_of_every_kind():
    assert set(SECRETS) == set(PATTERNS)


@pytest.mark.parametrize("kind", list(SECRETS))
@given(
    before=st.text(alphabet="abc \n.,:'\"(=", max_size=20), after=st.text(alphabet=" \n,;)'\"", min_size=0, max_size=5)
)
def test_every_secret_is_taken_out_and_named(kind, before, after):
    text = f"{before} {SECRETS[kind]}{after}"
    cleaned = redact(text)
    core = SECRETS[kind].split("\n")[1] if kind == "private key" else SECRETS[kind].split(" ")[-1].split("@")[0]
    assert core not in cleaned and "removed]" in cleaned and secrets_in(text)
    assert redact(cleaned) == cleaned


@given(st.text(max_size=300))
def test_ordinary_text_stays_as_it_is(text):
    if not secrets_in(text):
        assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    ["sk-learn is a library", "hf_hub_download(repo_id)", "HF_TOKEN is not set", "http://127.0.0.1:7860/?run=abc",
     "the AKIA prefix", "hf_jobs", "see https://example.org:8080/path", "sha256 " + "a" * 64, "eyJ is how JWTs begin"],
)  # fmt: skip
def test_what_only_looks_a_little_like_one_stays(text):
    assert redact(text) == text


@pytest.fixture
def told(tmp_path) -> list[dict]:
    log = RunLog(tmp_path / "runs.sqlite")
    run_id = log.create("local", "t", RunRequest(task="t"))[0]
    secret = SECRETS["Hugging Face token"]
    for body in (
        UserMessage(text=f"train with {secret}"), Thought(step=1, text="I look first.", reasoning=False),
        Thought(step=1, text=f"the key is {secret}", reasoning=True), Code(step=1, code=f"print('{secret}')"),
        Observation(step=1, text=secret, error=f"ValueError: {secret}", seconds=0.1),
        Note(level="warning", text=f"note {secret}"),
        Metric(job_id="j", seed=1, step=1, name="loss", value=1.0),
        Job(job_id="j", spec_id="s", seed=1, backend="local", phase="failed", reason=f"it said {secret}"),
        Answer(text=f"done, {secret}"), Status(status="done"),
    ):  # fmt: skip
        log.append(run_id, body)
    text = render_trace(run_id, f"task {secret}", "planner", log.events(run_id, kinds=TRACE_KINDS))
    assert secret not in text
    return [json.loads(line) for line in text.splitlines()]


def test_a_trace_is_a_session_and_its_messages(told):
    header, *lines = told
    assert header["type"] == "session" and header["harness"] == "intern" and header["id"]
    assert {line["type"] for line in lines} == {"message"}
    messages = [line["message"] for line in lines]
    assert all(m["role"] in ("user", "assistant", "system", "tool") and isinstance(m["content"], str) for m in messages)
    assert all(isinstance(m["timestamp"], int) for m in messages)
    assert [m["role"] for m in messages] == ["user", "assistant", "tool", "system", "system", "assistant"]


def test_a_code_step_is_a_call_and_its_observation_the_answer(told):
    _, code, observation, *_ = [line["message"] for line in told[1:]]
    (call,) = code["toolCalls"]
    assert call["function"]["name"] == "python" and json.loads(call["function"]["arguments"])["code"].startswith(
        "print("
    )
    assert code["content"] == "I look first." and code["reasoningContent"].startswith("the key is [")
    assert observation["toolCallId"] == call["id"] and "ValueError" in observation["content"]
