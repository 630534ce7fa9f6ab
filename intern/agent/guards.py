"""What ends a brain that goes round in circles."""

from __future__ import annotations

from dataclasses import dataclass

MOST_REPEATS = 3


class StuckError(RuntimeError):
    """The same step gave the same error again and again."""


@dataclass
class RepeatGuard:
    """Counts failures of the same code with the same error, one after the other."""

    last: tuple[str, str] = ("", "")
    times: int = 0

    def failed(self, code: str, error: str) -> None:
        """Raises StuckError at the third identical failure in a row."""
        # The last line only: the traceback above it names the step, which is another each time.
        reason = error.strip().splitlines()[-1] if error.strip() else "no message"
        self.times = self.times + 1 if (code, reason) == self.last else 1
        self.last = (code, reason)
        if self.times >= MOST_REPEATS:
            raise StuckError(f"The same step failed {self.times} times in a row: {reason}")

    def went_well(self) -> None:
        self.times = 0
