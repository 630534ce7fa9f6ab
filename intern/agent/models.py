"""The brains by name: the planner, or an LLM behind an OpenAI-compatible endpoint (through huggingface_hub's client).

A model gets its token from the caller and nowhere else: a default of None would fall back to the environment's, which
on a shared Space is its owner's.
"""

from __future__ import annotations

import os
import queue
import threading
from typing import Any

import httpx2  # the HTTP client of huggingface_hub 2.x, whose errors come through
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError
from smolagents.models import ChatMessage, MessageRole, Model, TokenUsage

from intern.agent.planner import Planner
from intern.runs.workspace import RunStopped
from intern.settings import Settings

RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504})
WAITS_SECONDS = (1.0, 3.0, 8.0)
MAX_RETRY_AFTER_SECONDS = 60.0
TIMEOUT_SECONDS = 120.0
STOP_TICK_SECONDS = 0.1
ROUTER = "https://router.huggingface.co/v1"
PLAIN = {
    401: "The model's server refused the key (401): check INTERN_LLM_API_KEY or HF_TOKEN.",
    402: "There is no credit left for this model (402). Nothing was switched: choose another model, or the planner.",
    403: "This key may not use the model (403): on Hugging Face the token needs the scope 'inference-api'.",
    404: "The server does not know this model (404): check its name.",
    413: "The conversation is too long for this model (413).",
}


class UnknownModelError(ValueError):
    """No brain of this name can be had here; the message says what to set."""


class ModelError(RuntimeError):
    """The model could not answer; one plain line."""


def brain_token(settings: Settings) -> str | None:
    """The key of the person who runs this on their own machine: for an own server its key, else the HF token."""
    if settings.llm_base_url:
        return os.environ.get("INTERN_LLM_API_KEY")
    return os.environ.get("HF_TOKEN")


def check_model(name: str, settings: Settings, token: str | None) -> None:
    """Raises UnknownModelError unless `build_model` could make this brain."""
    if name == "planner" or settings.llm_base_url:
        return
    if "/" not in name:
        raise UnknownModelError(
            f"There is no model {name!r}. Use 'planner', a Hub model id like org/name with HF_TOKEN set, "
            "or your own server with INTERN_LLM_BASE_URL."
        )
    if not token:
        raise UnknownModelError(
            f"The model {name} needs an account: set HF_TOKEN, or INTERN_LLM_BASE_URL for your own server. "
            "Without either, the planner works: --model planner."
        )


def build_model(name: str, settings: Settings, token: str | None, cancel: threading.Event) -> Model:
    """The brain of this name. Raises UnknownModelError."""
    check_model(name, settings, token)
    if name == "planner":
        return Planner()
    base_url = settings.llm_base_url or ROUTER
    return EndpointModel(name, base_url, token, cancel)


class EndpointModel(Model):
    """Chat completions of one model. Waits and retries can be cancelled; a reply that was cut is never used."""

    def __init__(self, model_id: str, base_url: str, token: str | None, cancel: threading.Event) -> None:
        super().__init__(model_id=model_id)
        self._cancel = cancel
        self._base_url = base_url
        self._token = token or "none"  # a client without a key would take the environment's

    def generate(
        self,
        messages: list[ChatMessage],
        stop_sequences: list[str] | None = None,
        response_format: dict[str, str] | None = None,
        tools_to_call_from: list[Any] | None = None,
        **kwargs: Any,
    ) -> ChatMessage:
        """One reply. Raises ModelError (one plain line) or RunStopped."""
        sent = [{"role": _role(m.role), "content": str(m.content)} for m in messages]
        for attempt in range(len(WAITS_SECONDS) + 1):
            if self._cancel.is_set():
                raise RunStopped
            try:
                return self._ask_aside(sent, stop_sequences)
            except _Again as again:
                if attempt == len(WAITS_SECONDS):
                    raise ModelError(f"The model did not answer after {attempt + 1} tries: {again}") from again
                if self._cancel.wait(again.seconds or WAITS_SECONDS[attempt]):
                    raise RunStopped from None
        raise AssertionError("unreachable")

    def _ask_aside(self, messages: list[dict[str, str]], stop: list[str] | None) -> ChatMessage:
        """Ask in a thread of its own: a server that says nothing for a minute must not hold up a stop."""
        outcome: queue.SimpleQueue[ChatMessage | BaseException] = queue.SimpleQueue()

        def work() -> None:
            try:
                outcome.put(self._ask(messages, stop))
            except BaseException as error:  # noqa: BLE001 - it is raised again in the run's thread
                outcome.put(error)

        threading.Thread(target=work, name="model-request", daemon=True).start()
        while True:
            try:
                found = outcome.get(timeout=STOP_TICK_SECONDS)
            except queue.Empty:
                if self._cancel.is_set():
                    raise RunStopped from None
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def _ask(self, messages: list[dict[str, str]], stop: list[str] | None) -> ChatMessage:
        parts: list[str] = []
        finish, usage = None, None
        try:
            with InferenceClient(base_url=self._base_url, api_key=self._token, timeout=TIMEOUT_SECONDS) as client:
                for chunk in client.chat_completion(messages, model=self.model_id, stream=True, stop=stop):
                    if self._cancel.is_set():
                        raise RunStopped
                    if chunk.choices:
                        parts.append(chunk.choices[0].delta.content or "")
                        finish = chunk.choices[0].finish_reason or finish
                    if chunk.usage is not None:
                        usage = TokenUsage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        except HfHubHTTPError as error:
            raise _plain(error) from error
        except (InferenceTimeoutError, httpx2.HTTPError, OSError, ValueError) as error:  # the last: broken JSON
            raise _Again(f"{type(error).__name__}: {_one_line(error)}") from error
        if finish is None:
            raise _Again("the answer was cut off")
        if finish == "length":
            raise ModelError("The model's answer was longer than its limit, so it was cut and is not used.")
        if not "".join(parts).strip():
            raise _Again("the answer was empty")
        return ChatMessage(role=MessageRole.ASSISTANT, content="".join(parts), token_usage=usage)


class _Again(Exception):
    """Worth another try, after `seconds` when the server said so."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


def _plain(error: HfHubHTTPError) -> Exception:
    status = error.response.status_code if error.response is not None else 0
    if status in RETRYABLE:
        return _Again(f"the server answered {status}", _retry_after(error))
    return ModelError(PLAIN.get(status, f"The model's server answered {status}: {_one_line(error)}"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _retry_after(error: HfHubHTTPError) -> float | None:
    value = error.response.headers.get("retry-after") if error.response is not None else None
    try:
        return min(float(value), MAX_RETRY_AFTER_SECONDS) if value else None
    except ValueError:  # an HTTP date; our own waits do as well
        return None


def _role(role: MessageRole | str) -> str:
    name = role.value if isinstance(role, MessageRole) else str(role)
    return name if name in ("system", "assistant") else "user"
