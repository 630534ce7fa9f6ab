"""A streamed chat completion, read from bytes: deltas are joined, reasoning is kept apart, nothing is guessed.

huggingface_hub's client parses each chunk into dataclasses (twenty times the cost of its JSON) and leaves the stream
before its end, which costs a connection for each request; hence this reader.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

ENOUGH, LOOPING = "enough", "looping"
"""Why a stream was left before its end: the reply was whole, or it went round in circles."""
LIVE_SECONDS = 0.1
"""Live text is shown at most this often."""


class StreamError(ValueError):
    """The stream is no chat completion (the message is one line); `status` is the server's code when it named one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Reply:
    """What came of one request. `finish` is None when the server never said that it was done."""

    parts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    finish: str | None = None
    """"length" when it was cut; ENOUGH or LOOPING when we left it."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    """Of the prompt's: read before, and cheaper or faster this time."""

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def reasoning(self) -> str:
        return "".join(self.thoughts)


def read_stream(
    chunks: Iterable[bytes],
    on_text: Callable[[str], str | None] | None = None,
    heard: Callable[[], None] | None = None,
    into: Reply | None = None,
) -> Reply:
    """Read server-sent events to their end. `on_text` gets the whole text so far, at most ten times a second; what it
    returns, if anything, ends the reading (`finish`).

    `heard` is called for every chunk and may raise; `into` holds what has come, also when the reading fails. Raises StreamError.
    """
    reply, shown_at = into or Reply(), 0.0
    for line in _lines(chunks, heard):
        if not line.startswith(b"data:"):
            continue  # comments (": keep-alive"), event names, blank lines
        data = line[5:].strip()
        if not data or data == b"[DONE]":
            continue  # read on to the end: only then can the connection be used again
        try:
            take(reply, json.loads(data))
        except json.JSONDecodeError as error:
            raise StreamError(f"a chunk of the answer is no JSON: {error}") from error
        if on_text is not None and (now := time.monotonic()) - shown_at >= LIVE_SECONDS:
            shown_at = now
            if left := on_text(reply.text):
                reply.finish = left
                break
    return reply


def take(reply: Reply, chunk: Any) -> None:
    """Add one chunk (or a whole, unstreamed answer). Raises StreamError."""
    if not isinstance(chunk, dict):
        raise StreamError("a chunk of the answer is no object")
    if error := chunk.get("error"):
        raise _server_error(error)
    choices = chunk.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        choice = choices[0]
        delta = choice.get("delta") or choice.get("message") or {}
        if isinstance(delta, dict):
            _add(reply.parts, delta.get("content"))
            _add(reply.thoughts, delta.get("reasoning_content") or delta.get("reasoning"))
        reply.finish = choice.get("finish_reason") or reply.finish
    usage = chunk.get("usage")
    if isinstance(usage, dict):
        reply.prompt_tokens = _count(usage.get("prompt_tokens"))
        reply.completion_tokens = _count(usage.get("completion_tokens"))
        details = usage.get("prompt_tokens_details")
        reply.cached_tokens = _count(details.get("cached_tokens")) if isinstance(details, dict) else None


def _lines(chunks: Iterable[bytes], heard: Callable[[], None] | None) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        if heard is not None:
            heard()
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    yield rest


def _add(parts: list[str], text: Any) -> None:
    if isinstance(text, str) and text:
        parts.append(text)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _server_error(error: Any) -> StreamError:
    message = error.get("message") if isinstance(error, dict) else error
    code = error.get("code", error.get("status")) if isinstance(error, dict) else None
    status = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else None
    return StreamError(" ".join(str(message).split())[:200], status)
