"""What a replication of this kind of paper needs and the text never gives."""

from __future__ import annotations

import re

from intern.papers.model import Document, Setup
from intern.papers.sentences import Sentence

_ALWAYS = ("optimizer", "learning_rate", "batch_size", "epochs", "weight_decay", "seeds")
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "reinforcement",
        r"reinforcement learning|policy gradient|q-learning|actor-critic|markov decision",
        ("discount", "replay_memory", "frame_skip", "dropout"),
    ),
    ("translation", r"machine translation|\bbleu\b", ("beam_size", "vocab_size", "dropout", "label_smoothing")),
    (
        "language",
        r"language model|pre-training|question answering|sentiment",
        ("dropout", "max_seq_len", "lr_schedule"),
    ),
    ("vision", r"imagenet|cifar|image classification|object detection", ("momentum", "lr_schedule", "dropout")),
    ("recurrent", r"recurrent neural|\blstm\b|\bgru\b", ("grad_clip", "hidden_size", "dropout")),
)
_TRAINS = re.compile(r"\btrain(?:ed|ing)?\b|\boptimi[sz]|\bfine-?tun", re.I)


def names(document: Document, setup: Setup, sentences: list[Sentence]) -> list[str]:
    """Canonical names that are needed and were not found, in a stable order."""
    text = " ".join(sentence.text for sentence in sentences).lower()
    if len(_TRAINS.findall(text)) < 5:
        return []
    wanted = list(_ALWAYS)
    for _, pattern, extra in _KINDS:
        if len(re.findall(pattern, text)) >= 4:
            wanted.extend(extra)
    have = {fact.name for fact in setup.hyperparameters}
    if "steps" in have or "frames" in have:
        pass
    return [name for name in dict.fromkeys(wanted) if name not in have]


def _named(text: str) -> set[str]:
    return {"epochs"} if re.search(r"\bepochs?\b", text) else set()
