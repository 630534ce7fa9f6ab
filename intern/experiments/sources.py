"""Where rows come from: files of the user in their usual shapes, Hub data sets once they are here (hub_data.py), sets
that come with scikit-learn, and generated ones that say so (bundled.py).

A source is found here (`Candidate`, cheap) and read later (loading.py).
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel

from intern.experiments import bundled, images
from intern.experiments.files import DataError, lines_of, suffix_of
from intern.experiments.spec import Task
from intern.experiments.tables import SUFFIXES, Use, read_table, uses
from intern.settings import CONFIGS

__all__ = ["Candidate", "DataError", "at_hand", "find_local", "known_datasets", "named"]

Split = Literal["train", "validation", "test"]
Kind = Literal["parallel", "table", "labelled", "text", "idx", "pictures", "bundled", "generated"]
SPLIT_WORDS: dict[str, Split] = {
    "train": "train", "training": "train",
    "dev": "validation", "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "t10k": "test",
}  # fmt: skip
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "cs", "ru")
NO_NAMES = ("", "input", "data", "text")
"""Files called so have the name of their folder."""
MOST_FILES = 100_000
LEAST_LINES = 20
"""Fewer lines are taken as labelled ones without a closer look."""
LEAST_TEXT = 2000
"""Characters below which a text is nothing to train a language model on."""
SHAPES = (
    "tables (.csv, .tsv, .jsonl, .parquet) with a column to predict, or with columns text,label or source,target; aligned "
    "files like train.en/train.de; lines of 'label text'; a plain text (.txt); IDX images (MNIST's files); a folder of "
    "pictures for each class"
)


class KnownDataset(BaseModel):
    """One entry of configs/datasets.yaml."""

    name: str
    task: Task
    papers: list[str]
    files: list[str]
    description: str
    target: str = ""
    columns: list[str] = []
    """Names of the columns, for the usual copy without a line of names."""
    licence: str = ""


@dataclass(frozen=True)
class Candidate:
    """A data set that could be used. `files` maps a split ("" = not split) to its files (an aligned pair, shards, …)."""

    data_id: str
    name: str
    task: Task
    source: Literal["local", "generated", "bundled", "hub"]
    description: str
    licence: str
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    languages: tuple[str, str] | None = None
    kind: Kind = "table"
    use: Use | None = None
    revision: str = ""
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should hear of how this was understood."""

    @property
    def has_test_file(self) -> bool:
        return "test" in self.files


@functools.cache
def known_datasets() -> list[KnownDataset]:
    """configs/datasets.yaml."""
    entries = yaml.safe_load((CONFIGS / "datasets.yaml").read_text(encoding="utf-8"))
    return [KnownDataset.model_validate(entry) for entry in entries]


def at_hand(task: Task | None = None) -> list[Candidate]:
    """What can be used without a file and without a network: generated sets, and those that come with scikit-learn."""
    found = []
    for entry in bundled.ENTRIES:
        made = Candidate(
            data_id=entry.data_id, name=entry.name, task=entry.task, source=entry.source, description=entry.description,
            licence=entry.licence, kind=entry.source, languages=entry.languages,
        )  # fmt: skip
        if task in (None, entry.task):
            found.append(made)
    return found


def named(candidates: Sequence[Candidate], text: str) -> list[Candidate]:
    """Those that a request names ("a classifier on digits")."""
    words = f" {_plain(text)} "
    return [c for c in candidates if any(f" {_plain(name)} " in words for name in (c.name, c.data_id))]


def find_local(path: Path, task: Task | None = None, target: str = "") -> list[Candidate]:
    """Data sets in a file or folder. `target`: words that may name the column to predict.

    Raises DataError when nothing of a known shape is there.
    """
    if not path.exists():
        raise DataError(f"There is no file or folder {path}.")
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
    if len(files) > MOST_FILES:
        raise DataError(f"{path} holds more than {MOST_FILES:,} files.")
    found = _pictures([f for f in files if suffix_of(f) in images.PICTURES], path)
    found += _idx([f for f in files if images.is_idx(f.name)])
    groups: dict[tuple[str, Kind], dict[str, list[Path]]] = {}
    for file in files:
        name, split, kind = _split_of(file)
        if kind:
            groups.setdefault((name, kind), {}).setdefault(split, []).append(file)
    for (name, kind), splits in groups.items():
        found += _candidates(name, kind, splits, target)
    fitting = [c for c in found if task in (None, c.task)]
    if not fitting:
        raise DataError(f"No usable data set{f' for {task}' if task else ''} in {path}. Known shapes: {SHAPES}.")
    return fitting


# -- finding -----------------------------------------------------------------------------------------------------


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)


def _split_of(file: Path) -> tuple[str, str, Kind | Literal[""]]:
    """(data set name, split, kind) from a file's name; kind "" = not a data file."""
    name = file.name.removesuffix(".gz")
    name = re.sub(r"-\d{5}-of-\d{5}(?=\.)", "", name)  # a shard
    parts = name.split(".")
    kind: Kind
    if parts[-1] in LANGUAGES and len(parts) > 1:
        kind, parts = "parallel", parts[:-1]
    elif f".{parts[-1].lower()}" in SUFFIXES:
        kind, parts = "table", parts[:-1]
    elif parts[-1] in {"all", "txt", *SPLIT_WORDS} and len(parts) > 1:
        kind, parts = "labelled", [p for p in parts if p not in ("all", "txt")]
    else:
        return "", "", ""
    words = [word for part in parts for word in re.split(r"(?<=[a-z])_|_(?=[a-z])|-(?=train|test|dev|val)", part)]
    split = next((SPLIT_WORDS[w.lower()] for w in words if w.lower() in SPLIT_WORDS), "")
    if kind == "parallel":
        return file.parent.name, split, kind
    if split:
        parts = [p for p in parts if p.lower() not in SPLIT_WORDS]
    stem = ".".join(parts)
    stem = file.parent.name if stem.lower() in NO_NAMES else stem
    return re.sub(r"[-_](train|training|dev|val|valid|validation|test)$", "", stem, flags=re.I), split, kind


def _known(name: str) -> KnownDataset | None:
    return next((k for k in known_datasets() if name.lower() in [f.lower() for f in k.files]), None)


def _candidates(name: str, kind: Kind, splits: dict[str, list[Path]], target: str) -> list[Candidate]:
    known = _known(name)
    label = known.name if known else name
    base = Candidate(
        data_id=_slug(label),
        name=label,
        task="text-classification",
        source="local",
        description=known.description if known else f"{kind} files of the user",
        licence=(known.licence if known else "") or "not stated with the files: check it before you publish",
        kind=kind,
    )
    if kind == "parallel":
        return _aligned(base, splits)
    files = {split: tuple(sorted(paths)) if kind == "table" else (paths[0],) for split, paths in splits.items()}
    base = replace(base, files=files)
    first = files.get("train") or files.get("") or next(iter(files.values()))
    if kind == "labelled":
        return _text_or_lines(base, first[0], known)
    names = tuple(known.columns) if known else ()
    table = read_table(first[0], names, sample=True)
    wanted = {"target": known.target} if known else {}
    return [
        replace(base, task=use.task, use=use, names=names, notes=_notes(use)) for use in uses(table, target, wanted)
    ]


def _notes(use: Use) -> tuple[str, ...]:
    notes = []
    if use.target and use.why:
        notes.append(f"The column to predict is {use.target}: {use.why}. Say “target=NAME” for another.")
    notes += [f"The column {name} only numbers the rows and is left out." for name in use.left_out]
    return tuple(notes)


def _aligned(base: Candidate, splits: dict[str, list[Path]]) -> list[Candidate]:
    files: dict[str, tuple[Path, ...]] = {}
    languages: tuple[str, ...] = ()
    for split, paths in splits.items():
        pair = sorted(paths, key=lambda p: LANGUAGES.index(p.name.removesuffix(".gz").rsplit(".", 1)[1]))
        if len(pair) == 2:
            languages = tuple(p.name.removesuffix(".gz").rsplit(".", 1)[1] for p in pair)
            files[split] = tuple(pair)
    if not files:
        return []
    return [replace(base, task="translation", files=files, languages=(languages[0], languages[1]))]


def _text_or_lines(base: Candidate, file: Path, known: KnownDataset | None) -> list[Candidate]:
    """Lines of 'label text' begin with few different words; a plain text does not."""
    lines = lines_of(file, head=True)
    filled = [line for line in lines if line.strip()]
    first_words = {line.split(maxsplit=1)[0] for line in filled}
    labelled = bool(filled) and bool(re.match(r"\S+\s+\S", filled[0]))
    if known is not None:
        labelled = known.task == "text-classification"
    elif len(filled) >= LEAST_LINES:
        labelled = labelled and len(first_words) <= len(filled) * 0.1 and len(filled) >= len(lines) * 0.95
    elif sum(map(len, filled)) >= LEAST_TEXT:  # a few long lines: too few to be rows, enough to be a text
        labelled = False
    if labelled:
        return [base]
    if sum(map(len, filled)) < LEAST_TEXT:
        return []
    plain = replace(base, task="text-generation", kind="text")
    return [plain if known else replace(plain, description="a text of the user")]


def _idx(files: list[Path]) -> list[Candidate]:
    """Pairs of an image file and a label file, by folder; `train-…` and `t10k-…` are MNIST's parts."""
    pairs: dict[Path, dict[str, dict[str, Path]]] = {}
    for file in files:
        part = "images" if "idx3" in file.name else "labels"
        words = re.split(r"[-._]", file.name.lower())
        split = next((SPLIT_WORDS[w] for w in words if w in SPLIT_WORDS), "")
        pairs.setdefault(file.parent, {}).setdefault(split, {})[part] = file
    found = []
    for folder, splits in pairs.items():
        lonely = next((p for part in splits.values() if len(part) == 1 for p in part.values()), None)
        if lonely is not None:
            other = "labels (idx1)" if "idx3" in lonely.name else "images (idx3)"
            raise DataError(f"{lonely.name} has no file of {other} beside it in {folder}.")
        whole: dict[str, tuple[Path, ...]] = {split: (part["images"], part["labels"]) for split, part in splits.items()}
        found.append(_image_set(folder.name, "idx", whole))
    return found


def _pictures(files: list[Path], root: Path) -> list[Candidate]:
    """A folder for each class, maybe within a folder for each split."""
    sets: dict[Path, dict[str, list[Path]]] = {}
    for file in files:
        if file.parent == root or root.is_file():
            continue
        above = file.parent.parent
        split = SPLIT_WORDS.get(above.name.lower(), "")
        home = above.parent if split else above
        sets.setdefault(home, {}).setdefault(split, []).append(file)
    found = []
    for home, splits in sets.items():
        if len({file.parent.name for part in splits.values() for file in part}) >= 2:
            parts = {split: tuple(sorted(part)) for split, part in splits.items()}
            found.append(_image_set(home.name, "pictures", parts))
    return found


def _image_set(name: str, kind: Kind, files: dict[str, tuple[Path, ...]]) -> Candidate:
    known = _known(name)
    label = known.name if known else name
    return Candidate(
        data_id=_slug(label),
        name=label,
        task="image-classification",
        source="local",
        description=known.description if known else "images of the user",
        licence=(known.licence if known else "") or "not stated with the files: check it before you publish",
        files=files,
        kind=kind,
    )


def _slug(name: str) -> str:
    """A folder's name; names that have no Latin letter or digit get one from their hash."""
    return (
        re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or f"data-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
