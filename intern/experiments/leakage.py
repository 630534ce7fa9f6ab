"""Test rows that a program could have learned by heart: found in the rows that it was given, not in anybody's word."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

MOST_SHARED = 0.5
"""With more of the test part than this in the training part, the test part is training data under another name."""


@dataclass(frozen=True)
class Overlap:
    """Test rows whose input is also a training row's, by id."""

    ids: frozenset[str]
    tested: int

    @property
    def shared(self) -> int:
        return len(self.ids)

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.shared / self.tested if self.tested else 0.0

    @property
    def text(self) -> str:
        if not self.ids:
            return "No test row occurs in the training part"
        occur = "occurs" if self.shared == 1 else "occur"
        return f"{self.shared} of {self.tested} test rows also {occur} in the training part (same input)"


def shared_rows(data: Path) -> Overlap:
    """Compare the inputs of `train.jsonl` and `test.jsonl` below `data`, in their bytes but for case and spacing."""
    train, test = data / "train.jsonl", data / "test.jsonl"
    if not (train.is_file() and test.is_file()):
        return Overlap(frozenset(), 0)
    first = test.read_text(encoding="utf-8").partition("\n")[0]
    columns = sorted(set(json.loads(first)) - {"id"}) if first.strip() else []
    seen = {_key(line, columns) for line in _lines(train)}
    tested, shared = 0, set()
    for line in _lines(test):
        tested += 1
        if columns and _key(line, columns) in seen:
            shared.add(str(json.loads(line).get("id")))
    return Overlap(frozenset(shared), tested)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _key(line: str, columns: list[str]) -> bytes:
    """What a row gives a program to see. Short digests, since training parts are long."""
    row = json.loads(line)
    values = [row.get(name) for name in columns]
    shown = "\t".join(" ".join(v.casefold().split()) if isinstance(v, str) else json.dumps(v) for v in values)
    return hashlib.blake2b(shown.encode(), digest_size=12).digest()
