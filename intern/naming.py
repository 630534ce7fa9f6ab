"""What a request's words name: a folder of weights or a model of the Hub to tune, and the data to tune it on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TUNING = re.compile(r"\bfine-?\s?tun\w*|\blora\b|\blora-?\s?tun\w*|\bpre-?trained\b", re.IGNORECASE)
MODEL = re.compile(
    r"\b(?:tun(?:e|ing)|tuned from|lora on|weights(?: of| from)?|from)\s+(?:the\s+)?(?:model\s+|weights\s+)?"
    r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@[\w./-]*\w)?)(?=[\s,;.]|$)",
    re.IGNORECASE,
)

DATA_ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".txt", ".gz")


def wants_tuning(task: str) -> bool:
    """Whether the words ask for a training that starts from weights."""
    return TUNING.search(task) is not None


def named_weights(task: str, base: Path | None) -> str | None:
    """The folder of weights that the words of a tuning request name (absolute), or a model of the Hub; else None.

    `base`: where paths start; None = words name no files.
    """
    if not wants_tuning(task):
        return None
    from intern.experiments.weights import are_weights  # only who tunes waits for it

    folder = next((path for path in paths_named(task, base) if are_weights(path)), None)
    if folder is not None:
        return str(folder.resolve())
    named = MODEL.search(task)
    is_path = named is not None and base is not None and (base / named[1].partition("@")[0]).exists()
    return named[1] if named is not None and not is_path else None


def named_data(task: str, base: Path | None) -> str | None:
    """The file or folder of data that the words of a tuning request name (absolute); else None."""
    if not wants_tuning(task):
        return None
    from intern.experiments.weights import are_weights

    found = next((path for path in paths_named(task, base) if not are_weights(path)), None)
    return str(found.resolve()) if found is not None else None


def paths_named(text: str, base: Path | None) -> Iterator[Path]:
    """What words with a slash, or with the ending of a data file, name, where it is there, in their order."""
    for word in re.findall(r"[^\s,;\"'“”()]+", text) if base is not None else []:
        word = word.rstrip(".:!?")
        a_path = "/" in word or word.startswith("~") or word.lower().endswith(DATA_ENDINGS)
        if base is not None and a_path and "://" not in word:
            try:
                path = base / Path(word).expanduser()
                home = Path.home()
                everything = path.is_dir() and path.resolve() in (home, *home.parents)
                if re.search(r"\w", word) and not everything and path.exists():
                    yield path
            except (OSError, RuntimeError, ValueError):  # too long, or no such home: no file
                continue
