"""How asking a model goes wrong: what is final and what may pass, told in plain words, and how long to wait between tries."""

from __future__ import annotations

import email.utils
import json
import re
import time
from dataclasses import dataclass

from intern.agent.stream import LOOPING, Reply

RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
BUSY = frozenset({429, 529})
"""The server works, but has no room for us: that takes longer to pass than a fault."""
LOADING = re.compile(r"loading", re.IGNORECASE)
"""What servers say (503) while they read a model from disk."""
WAITS_SECONDS = (1.0, 3.0, 8.0)
BUSY_WAITS_SECONDS = (1.0, 3.0, 8.0, 20.0, 30.0, 30.0)
OBEYED = 2
"""Times that a server's own `Retry-After` is taken as it is; one that says "1" for ever is waited for longer."""
MAX_RETRY_AFTER_SECONDS = 300.0
MOST_SILENT = 2
"""Tries that may end in silence: each has taken minutes."""
TOO_LONG = re.compile(
    r"context.{0,12}(length|window|size)|maximum.{0,30}tokens|too many tokens|too long|exceed.{0,40}(token|context|length)",
    re.IGNORECASE,
)
NO_CREDIT = re.compile(r"insufficient_quota|billing_hard_limit|out of credits?", re.IGNORECASE)
"""A 429 that no waiting changes."""
PLAIN = {
    401: "The model's server refused the key (401): check INTERN_LLM_API_KEY or HF_TOKEN.",
    402: "There is no credit left for this model (402). Nothing was switched: choose another model, or the planner.",
    403: "This key may not use the model (403): on Hugging Face the token needs the scope 'inference-api'.",
    404: "The server does not know this model (404): check its name, and INTERN_LLM_BASE_URL (most servers' ends in /v1).",
}


class ModelError(RuntimeError):
    """The model could not answer; one plain line."""


class ContextTooLongError(ModelError):
    """The conversation does not fit into the model's context."""


class CutReplyError(ModelError):
    """The answer hit its length limit: it is never used, not even in part. The usage is in `reply`."""

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message)
        self.reply = reply


class RefusedError(ValueError):
    """The server answered with an HTTP error."""

    def __init__(self, status: int, text: str, retry_after: float | None) -> None:
        super().__init__(text)
        self.status, self.text, self.retry_after = status, text, retry_after


class PassingError(Exception):
    """Worth another try, after `seconds` when the server said so; `busy`: it has no room at this moment."""

    def __init__(self, message: str, seconds: float | None = None, busy: bool = False) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.busy = busy


class SilentError(PassingError):
    """The server said nothing for too long."""


class SimplerError(PassingError):
    """The same may be asked at once without something that this server does not know."""


@dataclass
class Patience:
    """How often one request was tried, and what that says of another try."""

    tries: int = 0
    silent: int = 0
    busy: int = 0
    faults: int = 0

    def wait(self, trouble: PassingError) -> float:
        """Seconds until the next try. Raises ModelError when there should be none."""
        self.tries += 1
        if isinstance(trouble, SimplerError):
            return 0.0
        self.silent += isinstance(trouble, SilentError)
        waits, done = (BUSY_WAITS_SECONDS, self.busy) if trouble.busy else (WAITS_SECONDS, self.faults)
        if done == len(waits) or self.silent == MOST_SILENT:
            raise ModelError(f"The model did not answer after {self.tries} tries: {trouble}") from trouble
        self.busy, self.faults = self.busy + trouble.busy, self.faults + (not trouble.busy)
        if trouble.seconds is None:
            return waits[done]
        return trouble.seconds if done < OBEYED else max(trouble.seconds, waits[done])


def plain(status: int, text: str, retry_after: float | None = None) -> Exception:
    """An HTTP status and the server's words as PassingError or as a ModelError with one plain line."""
    if status == 413 or (status in (400, 422) and TOO_LONG.search(text)):
        return ContextTooLongError(
            f"The conversation is too long for this model ({status}): say it in fewer words, or choose a model that reads more."
        )
    if status == 429 and NO_CREDIT.search(text):
        return ModelError(f"{PLAIN[402].replace('402', '429')} The server says: {one_line(said(text))}")
    if status in RETRYABLE:
        if retry_after is not None and retry_after > MAX_RETRY_AFTER_SECONDS:
            return ModelError(
                f"The model's server answered {status} and asks to wait {retry_after:g} s: resume this run later."
            )
        busy = status in BUSY or retry_after is not None or (status == 503 and LOADING.search(text) is not None)
        words = one_line(said(text))
        told = f": {words}" if words and not words.startswith("<") else ""
        return PassingError(f"the server answered {status}{told}", retry_after, busy)
    return ModelError(PLAIN.get(status, f"The model's server answered {status}: {one_line(said(text))}"))


def fault_of(reply: Reply) -> ModelError | PassingError | None:
    """Why a reply is none: only a whole answer is an answer."""
    if reply.finish is None:
        return PassingError("the answer was cut off")
    if reply.finish == LOOPING:
        return CutReplyError("The model's answer repeated itself, so it was cut and is not used.", reply)
    if reply.finish == "length":
        return CutReplyError("The model's answer was longer than its limit, so it was cut and is not used.", reply)
    if reply.finish == "content_filter":
        return ModelError("The model's server withheld the answer (content filter).")
    if not reply.text.strip():
        return PassingError("the answer was empty")
    return None


def said(text: str) -> str:
    """The message in an error's JSON, else the text."""
    try:
        error = json.loads(text)
    except ValueError:
        return text
    error = error.get("error", error) if isinstance(error, dict) else error
    return str(error.get("message", error) if isinstance(error, dict) else error)


def one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def without_number(text: str) -> str:
    """An operating system's error in its words alone: "Connection reset by peer"."""
    return re.sub(r"^\[Errno -?\d+\] ", "", one_line(text)) or "no reason given"


def retry_after_seconds(value: str | None) -> float | None:
    """Of a Retry-After header: from a number or a date (one in the past is now)."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
