"""Money of one run, kept in its log: held before work starts, settled when it has ended, never counted twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intern.runs.events import Cost, Event, Usage
from intern.runs.log import RunLog


@dataclass(frozen=True)
class Ledger:
    """What a run has spent and promised. It is read anew from the log each time: another process may have written."""

    log: RunLog
    run_id: str

    def hold(self, key: str, usd: float, what: str) -> None:
        """Promise the most that a piece of work can cost. The same key holds once."""
        self.log.append(self.run_id, Cost(key=key, phase="held", usd=round(usd, 6), what=what), key=f"cost:{key}:held")

    def settle(self, key: str, usd: float | None, what: str) -> None:
        """Say what it did cost; None = that could not be found out. The first word counts."""
        value = None if usd is None else round(usd, 6)
        self.log.append(self.run_id, Cost(key=key, phase="settled", usd=value, what=what), key=f"cost:{key}:settled")

    def committed(self) -> float:
        """US dollars that are spent or promised. What could not be settled counts with all that was held for it."""
        return committed(self.log.events(self.run_id, kinds=("cost", "usage")))

    def open_keys(self) -> list[str]:
        """Work whose cost is held and not settled."""
        found: dict[str, bool] = {}
        for event in self.log.events(self.run_id, kinds=("cost",)):
            if isinstance(event.body, Cost):
                found[event.body.key] = found.get(event.body.key, False) or event.body.phase == "settled"
        return [key for key, settled in found.items() if not settled]


def committed(events: Iterable[Event]) -> float:
    """See Ledger.committed."""
    held: dict[str, float] = {}
    spent: dict[str, float] = {}
    models = 0.0
    for event in events:
        match event.body:
            case Cost(key=key, phase="held", usd=usd):
                held[key] = usd or 0.0
            case Cost(key=key, phase="settled", usd=usd) if usd is not None:
                spent[key] = usd
            case Usage(usd=usd) if usd is not None:
                models += usd
            case _:
                pass
    return models + sum(spent.get(key, usd) for key, usd in held.items())
