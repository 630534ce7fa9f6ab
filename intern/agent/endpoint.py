"""An LLM over HTTP: one connection for the run, every way it fails told apart, nothing that cannot be stopped.

The request runs in a thread of its own, and the run's thread waits for it: so a stop, a silent server and an endless
answer end within a tenth of a second of their time, whatever the socket does.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx2  # the HTTP client of huggingface_hub 2.x

from intern.agent.catalogue import ModelCard, completed_card, known_card, ollama_card
from intern.agent.messages import Message, Role
from intern.agent.reply import code_grammar, is_complete, is_looping
from intern.agent.stream import ENOUGH, LOOPING, Reply, StreamError, read_stream, take
from intern.agent.trouble import (
    ContextTooLongError,
    CutReplyError,
    ModelError,
    PassingError,
    Patience,
    RefusedError,
    SilentError,
    SimplerError,
    fault_of,
    one_line,
    plain,
    retry_after_seconds,
    without_number,
)
from intern.runs.workspace import RunStopped

__all__ = ["ContextTooLongError", "CutReplyError", "EndpointModel", "ModelError"]

FIRST_BYTE_SECONDS = 300.0
"""A small machine may read a long prompt for minutes before it says its first word."""
IDLE_SECONDS = 60.0
TOTAL_SECONDS = 900.0
ABOUT_SECONDS = 2.0
JUDGE_EVERY = 300
"""Characters of an answer between two looks at whether it goes round in circles."""
TICK_SECONDS = 0.1
OPTIONAL = ("stream_options", "stop", "max_tokens", "temperature", "grammar")
"""Left out, one at a time, for a server that says it does not know them."""
Lost = Callable[[Reply], None]
Waits = Callable[[str, float], None]


class EndpointModel:
    """Chat completions of one model, streamed. `on_text` gets the answer as it grows, at most ten times a second."""

    def __init__(
        self,
        model_id: str,
        base_url: str,
        token: str | None,
        cancel: threading.Event,
        *,
        card: ModelCard | None = None,
        bill_to: str | None = None,
        silence: tuple[float, float] = (FIRST_BYTE_SECONDS, IDLE_SECONDS),
    ) -> None:
        """`silence`: how long the server may say nothing, in seconds: before its first word and between two."""
        self.model_id = model_id
        self.on_text: Callable[[str], None] | None = None
        self.departed = threading.Event()
        """A request has left this machine, or come to nothing."""
        self._card = card or known_card(model_id, base_url)
        self._asked_about = False
        self._cancel = cancel
        self._url = base_url.rstrip("/")
        self._left_out: set[str] = set()
        self._judged = 0
        self._silence = silence
        self._joined = Joined()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"x-hf-bill-to": bill_to} if bill_to else {}
        self._client = httpx2.Client(
            headers=headers, timeout=httpx2.Timeout(max(silence) + 5, connect=10),
            limits=httpx2.Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=600),
            verify=not base_url.startswith("http://"),  # no TLS there; the list of authorities takes 40 ms to read
        )  # fmt: skip

    @property
    def card(self) -> ModelCard:
        """Context and price; the server is asked once for what the catalogue does not know."""
        if not self._asked_about and (self._card.context is None or self._card.usd is None):
            self._asked_about = True
            with contextlib.suppress(httpx2.HTTPError, OSError, ValueError):
                answer = self._client.get(f"{self._url}/models", timeout=ABOUT_SECONDS)
                if answer.status_code == 200:
                    self._card = completed_card(self._card, answer.json())
                if self._card.context is None:
                    self._ask_ollama()
        return self._card

    def _ask_ollama(self) -> None:
        """An Ollama tells how much a model may read only in its own protocol. Raises HTTPError, ValueError."""
        root = self._url.removesuffix("/v1")
        running = self._client.get(f"{root}/api/ps", timeout=ABOUT_SECONDS)
        if running.status_code == 200:
            shown = self._client.post(f"{root}/api/show", json={"model": self.model_id}, timeout=ABOUT_SECONDS)
            self._card = ollama_card(self._card, running.json(), shown.json() if shown.status_code == 200 else {})

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def generate(self, messages: list[Message], stop_sequences: list[str] | None = None, **kwargs: Any) -> Message:
        """One reply; `raw` is the Reply. Raises ModelError (one plain line) or RunStopped.

        `lost` (a function) hears of each Reply that was useless, so that what it took is counted; of one that was cut or
        stopped nobody knows what it took. `waits` hears why and for how many seconds there is a wait for another try.
        """
        body = {"model": self.model_id, "messages": self._joined.of(messages), "stream": True,
                "stream_options": {"include_usage": True}, "max_tokens": self.card.output_tokens,
                "stop": stop_sequences, "temperature": kwargs.get("temperature", self._card.usual_temperature)}  # fmt: skip
        if self._card.grammar and self._card.is_small:
            body |= {"grammar": code_grammar(kwargs.get("begins", "")), "stop": ["\n```"]}
        patience = Patience()
        while True:
            if self._cancel.is_set():
                raise RunStopped
            asked = {k: v for k, v in body.items() if v is not None and k not in self._left_out}
            try:
                return _message(self._ask(asked, kwargs.get("lost")))
            except PassingError as trouble:
                seconds = patience.wait(trouble)
                if seconds and "waits" in kwargs:
                    kwargs["waits"](str(trouble), seconds)
                if self._cancel.wait(seconds):
                    raise RunStopped from None

    def _watch(self, text: str) -> str | None:
        """Show the answer as it grows; and whether there is any use in more of it."""
        if self.on_text is not None:
            self.on_text(text)
        if len(text) >= self._judged + JUDGE_EVERY:
            self._judged = len(text)
            if is_looping(text):
                return LOOPING
        # What was left early has no usage, so its price would be unknown: only where nothing is paid.
        return ENOUGH if self._card.usd == (0.0, 0.0) and is_complete(text) else None

    def _ask(self, body: dict[str, Any], lost: Lost | None) -> Reply:
        """Ask once. Raises PassingError, ModelError, RunStopped."""
        self._judged = 0
        request = _Request(self._client, f"{self._url}/chat/completions", body, self._watch, self.departed)
        refused = False
        try:
            outcome = self._outcome(request)
            if not isinstance(outcome, Reply):
                refused = isinstance(outcome, RefusedError)
                raise self._explained(outcome)
            if (fault := fault_of(outcome)) is not None:
                raise fault
            return outcome
        except CutReplyError:  # whoever takes it counts it
            raise
        except (PassingError, ModelError, RunStopped):
            if lost is not None and request.sent and not refused:
                lost(request.reply)
            raise

    def _outcome(self, request: _Request) -> Reply | Exception:
        """Wait for what comes of a request. Raises SilentError, ModelError, RunStopped."""
        started = time.monotonic()
        while True:
            try:
                return request.outcome.get(timeout=TICK_SECONDS)
            except queue.Empty:
                now = time.monotonic()
                idle = self._silence[request.answered]
                if self._cancel.is_set():
                    request.abandon()
                    raise RunStopped from None
                if now - request.heard_at > idle:
                    request.abandon()
                    raise SilentError(f"the server said nothing for {idle:g} s") from None
                if now - started > TOTAL_SECONDS:
                    request.abandon()
                    raise ModelError(f"The model's answer took longer than {TOTAL_SECONDS:g} s.") from None

    def _explained(self, error: Exception) -> Exception:
        """What an error means for people, or that another try may help."""
        if isinstance(error, RefusedError):
            for name in OPTIONAL:
                if error.status in (400, 422) and name in error.text and name not in self._left_out:
                    self._left_out.add(name)
                    return SimplerError(f"the server does not know {name}")
            return plain(error.status, error.text, error.retry_after)
        if isinstance(error, StreamError):
            return plain(error.status, str(error)) if error.status else PassingError(f"the answer was broken: {error}")
        if isinstance(error, httpx2.RemoteProtocolError):
            return PassingError("the answer was cut off")
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            return ModelError(
                f"INTERN_LLM_BASE_URL must be an address like http://127.0.0.1:8000/v1, not {self._url!r}."
            )
        if isinstance(error, httpx2.ConnectError):
            return PassingError(f"{self._url} cannot be reached ({one_line(str(error))})")
        if isinstance(error, httpx2.NetworkError):
            return PassingError(f"the connection broke off ({without_number(str(error))})")
        if isinstance(error, json.JSONDecodeError):
            return PassingError(f"what {self._url} answers is no chat completion")
        return PassingError(f"{type(error).__name__}: {one_line(str(error))}")


class _Request:
    """One POST in a thread; `outcome` holds its Reply or what went wrong."""

    def __init__(
        self, client: httpx2.Client, url: str, body: dict[str, Any], on_text: Callable[[str], str | None],
        departed: threading.Event,
    ) -> None:  # fmt: skip
        self.outcome: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()
        self.heard_at = time.monotonic()
        self.answered = False
        self.sent = False
        """The whole request has left: from here on the server may work, and charge."""
        self.reply = Reply()
        self._client, self._url, self._body, self._on_text = client, url, body, on_text
        self._abandoned, self._departed = False, departed
        self._socket: Any = None
        threading.Thread(target=self._work, name="model-request", daemon=True).start()

    def abandon(self) -> None:
        """Nobody waits any more: close the connection, so that the server stops working too."""
        self._abandoned = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _work(self) -> None:
        try:
            self.outcome.put(self._post())
        except (httpx2.HTTPError, httpx2.StreamError, OSError, ValueError, RuntimeError) as error:
            self.outcome.put(error)
        finally:
            self._departed.set()

    def _post(self) -> Reply:
        content = json.dumps(self._body, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        with self._client.stream(
            "POST", self._url, content=content, headers=headers, extensions={"trace": self._trace}
        ) as response:
            self._hear()
            if stream := response.extensions.get("network_stream"):
                self._socket = stream.get_extra_info("socket")
            if response.status_code != 200:
                response.read()
                waits = retry_after_seconds(response.headers.get("retry-after"))
                raise RefusedError(response.status_code, response.text, waits)
            if "event-stream" in response.headers.get("content-type", "event-stream"):
                return read_stream(response.iter_bytes(), self._on_text, self._hear_words, self.reply)
            take(self.reply, json.loads(response.read()))  # a server that does not stream
            return self.reply

    def _hear(self) -> None:
        if self._abandoned:
            raise RuntimeError("nobody waits for this answer")
        self.heard_at = time.monotonic()

    def _hear_words(self) -> None:
        self._hear()
        self.answered = True  # not before: some servers send their headers and then read the prompt for minutes

    def _trace(self, name: str, info: dict[str, Any]) -> None:
        """Catches the socket of a new connection, for `abandon` before the first byte has come."""
        if name == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
        elif name == "http11.send_request_body.complete":
            self.sent = True
            self._departed.set()


class Joined:
    """Messages as the protocol wants them; some chat templates refuse two of one role in a row, so these are one.

    A conversation grows at its end: what was joined for one request is there for the next.
    """

    def __init__(self) -> None:
        self._taken: list[Message] = []
        self._sent: list[dict[str, str]] = []

    def of(self, messages: list[Message]) -> list[dict[str, str]]:
        known = len(self._taken)
        if len(messages) < known or any(a is not b for a, b in zip(self._taken, messages, strict=False)):
            self._taken, self._sent, known = [], [], 0
        for message in messages[known:]:
            role = message.role.value if message.role in (Role.SYSTEM, Role.ASSISTANT) else Role.USER.value
            if self._sent and self._sent[-1]["role"] == role:
                self._sent[-1]["content"] += f"\n\n{message.content}"
            else:
                self._sent.append({"role": role, "content": message.content})
        self._taken = list(messages)
        return self._sent


def _message(reply: Reply) -> Message:
    return Message(Role.ASSISTANT, reply.text, reply)
