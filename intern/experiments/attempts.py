"""The rule of repairs: an experiment may be mended until it has measured something, twice at most, and is frozen then."""

from __future__ import annotations

from pydantic import BaseModel

MOST_REPAIRS = 2


class FrozenError(ValueError):
    """This experiment may not be changed or tried again; the message says what to do instead."""


class Attempts(BaseModel):
    """What was tried under one name. `measured` is the program (or experiment) that gave its numbers; "" = none yet."""

    name: str
    failed: list[str] = []
    """Why each attempt failed, oldest first."""
    measured: str = ""

    def require(self, what: str) -> None:
        """May `what` (a hash) run under this name? Raises FrozenError."""
        if self.measured and self.measured != what:
            raise FrozenError(
                f"“{self.name}” has measured numbers, so it is frozen: they would no longer be those of its code. Give the "
                "change a name of its own."
            )
        if not self.measured and len(self.failed) > MOST_REPAIRS:
            raise FrozenError(
                f"“{self.name}” failed {len(self.failed)} times and {MOST_REPAIRS} repairs are all: {self.failed[-1]} Say so, "
                "or begin something else."
            )

    def tried(self, what: str, error: str) -> None:
        """Note a failure."""
        if not self.measured:
            self.failed.append(error)
