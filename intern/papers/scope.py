"""The scope of a value: what it holds for, in the paper's words, by kind."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from intern.papers import task_scopes


@dataclass(slots=True)
class Scope:
    """Parts of a scope; each is the paper's words or ""."""

    phase: str = ""
    model: str = ""
    size: str = ""
    data: str = ""
    other: str = ""
    part: str = ""
    """The part of the model: "projection MLP"."""
    task: str = ""
    """A task or a group of data: "object detection", "the remaining data sets"."""

    def over(self, wider: Scope) -> Scope:
        """This scope, with what it leaves open taken from a wider one (a section's)."""
        return Scope(
            self.phase or wider.phase,
            self.model or wider.model,
            self.size or wider.size,
            self.data or ("" if task_scopes.is_group(self.task) else wider.data),
            self.other or ("" if self.model or self.data or self.size else wider.other),
            self.part or wider.part,
            self.task or ("" if self.data or self.phase or self.size or self.model else wider.task),
        )

    def text(self) -> str:
        told = (self.phase, self.model, self.size, self.data, self.task, self.other, self.part)
        parts = list(dict.fromkeys(part for part in told if part))
        lower = [part.lower() for part in parts]
        kept = [part for n, part in enumerate(parts) if not any(
            n != m and _within(lower[n], longer) and (lower[n] != longer or n < m) for m, longer in enumerate(lower)
        )]  # fmt: skip
        return " ".join(kept) or "main"


def _within(words: str, longer: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(words)}(?![a-z]{{3}})", longer) is not None


_BROKEN = re.compile(r"\b(?P<a>[A-Z]\w*)- (?P<b>[A-Z]\w*)")


def mended(words: str, counts: Counter[str]) -> str:
    """A scope with the names whole that a line's end broke ("Sim- CSE"), as the paper writes them elsewhere."""

    def whole(match: re.Match[str]) -> str:
        forms = [match.group("a") + joint + match.group("b") for joint in ("", "-")]
        best = max(forms, key=lambda form: counts[form])
        return best if counts[best] else match.group()

    return _BROKEN.sub(whole, words)
