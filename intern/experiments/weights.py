"""Pretrained weights as an experiment's second source: found in a folder, looked at, copied, and known by their content.

Only what holds numbers and words is taken: safetensors, config.json, the tokenizer's files. A pickle may run code when it is
loaded, and code that comes with weights is never run, so neither is copied. Jobs see the copy read-only.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from intern.experiments.checkpoints import tensors
from intern.experiments.files import DataError
from intern.experiments.spec import GivenWeights, WeightsRef

CONFIG = "config.json"
TOKENIZER = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt",
    "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "chat_template.jinja", "characters.json",
)  # fmt: skip
WORDS = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
         "characters.json")  # fmt: skip
"""One of these says which token is which word."""
OTHERS = (CONFIG, "generation_config.json", "model.safetensors.index.json")
SHARD = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack")
MOST_BYTES = 8 * 1024**3
FLOAT_BYTES = 4
LIBRARIES_MB = 700.0
"""What Python, torch and transformers take before any weights."""
TINY = 20_000_000
"""Networks of fewer parameters bear, and need, a larger learning rate."""


class WeightsError(DataError):
    """Weights that cannot be used; the message says why and what to do."""


def wanted(name: str) -> bool:
    """Whether a file of this name (at the top of a folder) is taken."""
    return name in (*TOKENIZER, *OTHERS) or SHARD.fullmatch(name) is not None


def are_weights(folder: Path) -> bool:
    """Whether a folder looks like one that save_pretrained wrote, usable or not."""
    return folder.is_dir() and (folder / CONFIG).is_file()


def look_at(folder: Path, *, name: str = "", revision: str = "", licence: str = "") -> WeightsRef:
    """What a folder of weights holds. `name` with `revision`: the repository it was fetched from.

    Raises WeightsError for what is no folder of weights, or none that is safe and whole.
    """
    config = _config(folder)
    names = {path.name for path in folder.iterdir() if path.is_file()}
    shards = sorted(n for n in names if SHARD.fullmatch(n))
    if not shards:
        pickled = any(n.endswith(PICKLES) for n in names)
        raise WeightsError(
            f"{folder.name} has no model.safetensors"
            + (", only pickled weights, which may run code: save them again with save_pretrained." if pickled else ".")
        )
    if lost := _shards_named(folder) - set(shards):
        raise WeightsError(f"{folder.name} is not whole: {sorted(lost)[0]} is not there.")
    if not names & set(WORDS):
        raise WeightsError(f"{folder.name} has no tokenizer: save it there as well (tokenizer.save_pretrained).")
    found = [t for shard in shards for t in tensors(folder / shard)]
    if not found:
        raise WeightsError(f"{folder.name}/{shards[0]} is not a safetensors file.")
    total = sum((folder / n).stat().st_size for n in names if wanted(n))
    if total > MOST_BYTES:
        raise WeightsError(f"{folder.name} has {total / 1e9:.1f} GB, more than {MOST_BYTES / 1e9:.1f} GB.")
    architectures = config.get("architectures")
    return WeightsRef(
        id=name or folder.name,
        source="hub" if name else "local",
        revision=revision,
        fingerprint=fingerprint(folder),
        licence=licence or licence_of(folder) or "not stated with the weights: check it before you publish",
        architecture=str(
            architectures[0] if isinstance(architectures, list) and architectures else config["model_type"]
        ),
        parameters=sum(t.values for t in found),
        bytes=total,
    )


def _config(folder: Path) -> dict[str, Any]:
    """config.json. Raises WeightsError for weights that only their author's code, or another library, can load."""
    if not are_weights(folder):
        raise WeightsError(
            f"{folder} holds no pretrained weights: a folder as save_pretrained writes it has config.json, "
            "model.safetensors and the tokenizer's files."
        )
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"{folder.name}/{CONFIG} cannot be read: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise WeightsError(f"{folder.name}/{CONFIG} names no model_type, so these weights are not of transformers.")
    if config.get("auto_map"):
        raise WeightsError(f"{folder.name} needs code of its own (auto_map), which is never run here: choose others.")
    if config.get("quantization_config"):
        raise WeightsError(f"{folder.name} is quantized: tuning needs the weights in full or half precision.")
    return config


def _shards_named(folder: Path) -> set[str]:
    """The files of which model.safetensors.index.json says that they belong together."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return set()
    try:
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(f"{folder.name}/{index.name} cannot be read: {error!r}") from error


def licence_of(folder: Path) -> str:
    """As the head of the folder's README.md names it; "" where it does not."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        head = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else {}
    except (OSError, ValueError, IndexError, yaml.YAMLError):
        return ""
    return str(head.get("license") or "") if isinstance(head, dict) else ""


def fingerprint(folder: Path) -> str:
    """sha256 over names, sizes and bytes of all files that are taken. Raises WeightsError."""
    digest = hashlib.sha256()
    try:
        for path in sorted(p for p in folder.iterdir() if p.is_file() and wanted(p.name)):
            digest.update(f"{path.name}\n{path.stat().st_size}\n".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise WeightsError(f"The weights cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def copy_weights(source: Path, target: Path) -> None:
    """Copy what is taken of a folder, and nothing else. Raises WeightsError."""
    shutil.rmtree(target, ignore_errors=True)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for path in sorted(source.iterdir()):
            if path.is_file() and wanted(path.name):
                shutil.copyfile(path, partial / path.name)
    except OSError as error:
        raise WeightsError(f"The weights cannot be copied: {error.strerror or error}.") from error
    partial.rename(target)


def given(ref: WeightsRef) -> GivenWeights:
    """What a program is told of them."""
    return GivenWeights(id=ref.id, revision=ref.revision, fingerprint=ref.fingerprint)


def memory_needed(ref: WeightsRef, lora: bool) -> float:
    """MB that tuning takes at least: numbers of four bytes, and for all that is trained the gradient and two moments."""
    each = FLOAT_BYTES * (1.0 if lora else 4.0)
    return LIBRARIES_MB + ref.parameters * each / 2**20


def words(ref: WeightsRef) -> str:
    """One line for people."""
    return f"{ref.name}: {ref.architecture}, {ref.parameters:,} parameters, {ref.bytes / 2**20:,.0f} MB, licence {ref.licence}"
