"""The one truncation rule: head, tail, and a handle by which the whole text can be read."""

from __future__ import annotations

import re
from pathlib import Path

LONG_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d{10,}(?![\w.]\d)(?:e-?\d+)?")
HANDLE = re.compile(r"[a-z]+\d+(?:-[a-z]+)?\Z")


class Outputs:
    """Long outputs of one run, kept whole in a folder of the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fit(self, handle: str, text: str, limit: int) -> str:
        """The text if it is short, else its head and tail; then the whole is kept under the handle."""
        if len(text) <= limit:
            return text
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{handle}.txt").write_text(text, encoding="utf-8", errors="replace")
        return cut_middle(text, limit, handle)

    def read(self, handle: str, start: int, length: int) -> tuple[str, int]:
        """A piece of a kept text and the length of the whole. Raises LookupError, which names what there is."""
        path = self.folder / f"{handle}.txt"
        if not HANDLE.match(handle) or not path.is_file():
            known = sorted(p.stem for p in self.folder.glob("*.txt")) if self.folder.is_dir() else []
            raise LookupError(f"There is no long output {handle!r}; there are: {', '.join(known[-20:]) or 'none'}.")
        text = path.read_text(encoding="utf-8")
        return text[start : start + length], len(text)


def rounded(text: str) -> str:
    """A text whose computed numbers have six digits of the sixteen that a computer prints: 0.7566375000000001 is 0.756637."""
    return LONG_NUMBER.sub(
        lambda found: f"{float(found[0]):.6g}" if abs(float(found[0])) < 1e5 else f"{float(found[0]):.2f}", text
    )


def reason_of(error: str) -> str:
    """Of a traceback its last line, the exception; the sandbox's hints stand below it."""
    lines = [line for line in error.strip().splitlines() if not line.startswith("Hint: ")]
    return lines[-1] if lines else "no message"


def cut_middle(text: str, limit: int, handle: str = "") -> str:
    """Head and tail of a long text, and how much is missing between them."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit // 3
    more = f': read_more("{handle}", {head})' if handle else ""
    return f"{text[:head]}\n… {len(text) - head - tail} characters left out{more} …\n{text[-tail:]}"
