"""Is the "trained" model somebody else's? Its large tensors against those of checkpoints that lie on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEAST_VALUES = 1024
"""Smaller tensors (biases, norms) are alike by chance: zeros and ones."""
MOST_TENSORS = 12
MOST_FILES = 200
MOST_HEADER = 64 * 1024 * 1024


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies in a safetensors file; `begin` and `end` are bytes from the start of the file."""

    shape: tuple[int, ...]
    kind: str
    begin: int
    end: int

    @property
    def values(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        return count


def checkpoint_folders() -> list[Path]:
    """Where downloaded models are: the Hub's cache."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return [Path(os.environ.get("HF_HUB_CACHE") or home / "hub")]


def known_checkpoint(model: Path, folders: Iterable[Path], started_from: Path | None = None) -> str | None:
    """A sentence when at least half of the large tensors of `model` (a folder) are those of a checkpoint; else None.

    `started_from`: weights that the training was to start from. What is left of them is no surprise, unless it is all.
    """
    # A program wrote these: a link there may lead anywhere.
    ours = {path: tensors(path) for path in _weights(model) if not path.is_symlink()}
    large = sorted(
        ((path, t) for path, found in ours.items() for t in found if t.values >= LEAST_VALUES),
        key=lambda pair: -pair[1].values,
    )[:MOST_TENSORS]
    if not large:
        return None
    wanted = {(t.shape, t.kind) for _, t in large}
    digests = {_digest(path, t) for path, t in large}
    if started_from is not None:
        digests -= {
            _digest(path, t) for path in _weights(started_from) for t in tensors(path) if (t.shape, t.kind) in wanted
        }
        if not digests:
            return "The largest tensors of the model are exactly those of the weights that it started from: nothing was tuned."
    for folder in folders:
        for path in _weights(folder):
            theirs = {_digest(path, t) for t in tensors(path) if (t.shape, t.kind) in wanted}
            same = len(digests & theirs)
            if same * 2 >= len(digests):
                return (
                    f"{same} of the {len(digests)} largest tensors of the model are exactly those of {_name(path, folder)}: "
                    "these weights were not trained here from scratch."
                )
    return None


def tensors(path: Path) -> list[Tensor]:
    """The tensors of a safetensors file, from its header; empty for what is none."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > MOST_HEADER:
                return []
            header = json.loads(file.read(length))
            return [_tensor(about, 8 + length) for name, about in header.items() if name != "__metadata__"]
    except (OSError, struct.error, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return []


def _tensor(about: dict[str, Any], start: int) -> Tensor:
    begin, end = about["data_offsets"]
    return Tensor(tuple(about["shape"]), str(about["dtype"]), start + begin, start + end)


def _weights(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [p for p in sorted(folder.rglob("*.safetensors")) if p.is_file()][:MOST_FILES]


def _digest(path: Path, tensor: Tensor) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(tensor.begin)
        left = tensor.end - tensor.begin
        while left > 0 and (chunk := file.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.digest()


def _name(path: Path, folder: Path) -> str:
    """`models--org--name` of the Hub's cache as org/name, else the path below the folder."""
    parts = path.relative_to(folder).parts
    cached = next((p for p in parts if p.startswith("models--")), None)
    return cached.removeprefix("models--").replace("--", "/") if cached else "/".join(parts)
