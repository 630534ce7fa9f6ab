"""The messages of a conversation with a brain, and what a brain is: no library, so that the first request can leave at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """Who speaks; the values are those of the chat protocol (and of smolagents)."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(slots=True)
class Message:
    """One message. `raw`: the Reply that it was made from, if a server said it."""

    role: Role
    content: str
    raw: Any = None


class Mind(Protocol):
    """What can go on with a conversation: an LLM or the planner. `intern.agent.intern.AsModel` makes a smolagents Model of it."""

    def generate(self, messages: list[Message], stop_sequences: list[str] | None = None, **kwargs: Any) -> Message:
        """The next message of the assistant."""
        ...

    def close(self) -> None:
        """Nobody will ask any more."""
        ...
