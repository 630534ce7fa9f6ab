# ruff: noqa: E501  the needs are data, one a line
"""What a replication of this kind of paper needs and the text never gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intern.papers.model import Document, Setup
from intern.papers.sentences import Sentence

_TRAINS = re.compile(r"\btrain(?:ed|ing)?\b|\boptimi[sz]|\bfine-?tun", re.I)
_REINFORCEMENT = r"reinforcement learning|policy gradient|q-learning|actor-critic|markov decision"
_LANGUAGE = r"language model|pre-training|question answering|sentiment"
_ATTENTION = r"transformer|self-attention|multi-head"
_BETAS = r"\bβ_?N|\bbetas?_?N?\b|β ?=|\(β|moment(?:s|um)?\b (?:[\w-]+ ){0,4}\W?\d|(?:decay|default) param"
_PPO = r"\bppo\b|proximal policy"


@dataclass(frozen=True, slots=True)
class Need:
    """Names that are needed where `when` occurs `times` times and the optimizer is one of `optimizer`.

    They are not where one of `unless` has a value. `given` are words that may tell the setting in a way the reader
    does not know: with a digit in their sentence or table row, nobody may say that the paper is silent.
    """

    names: tuple[str, ...]
    when: str = ""
    times: int = 4
    optimizer: str = ""
    unless: tuple[str, ...] = ()
    given: str = ""
    anywhere: bool = False
    """Whether the words in `given` are enough without a digit."""


NEEDS = (
    Need(("optimizer",), given=r"\b(?:adam|sgd|rmsprop|adagrad|adadelta|adafactor|l-?bfgs)\b", anywhere=True),
    Need(("learning_rate",), given=r"\d\S* (?:×|·) 10.?-.*learning rate|learning rate η \{"),
    Need(("batch_size", "epochs", "seeds")),
    Need(("weight_decay",), given=r"regulari[sz]ation (?:parameter|coefficient|strength|weight)"),
    Need(("discount", "replay_memory", "frame_skip"), _REINFORCEMENT),
    Need(("beam_size", "vocab_size", "label_smoothing"), r"machine translation|\bbleu\b"),
    Need(("lr_schedule",), _LANGUAGE),
    Need(("momentum", "lr_schedule"), r"imagenet|cifar|image classification|object detection"),
    Need(("hidden_size",), r"recurrent neural|\blstm\b|\bgru\b", unless=("hidden_units",), given=r"hidden|units|cells|nodes|width"),
    Need(("dropout",), given=r"drop-?\s?out|keep prob"),
    Need(("lr_schedule",), unless=("lr_decay_factor", "T_0"), given=r"schedul|anneal|decay|divided|plateau|half|learning rate.*\bthen\b|another \S+ (?:iter|epoch|step|update)"),
    Need(("warmup_steps",), unless=("warmup_ratio",), given=r"warm-?\s?up|linearly increas|increas\w+ linearly"),
    Need(("grad_clip",), given=r"clip|gradients? norm|norms? of (?:the )?gradient"),
    Need(("steps",), unless=("epochs", "frames"), given=r"\bsteps\b|iterations|updates|\bpass(?:es)?\b"),
    Need(("momentum",), optimizer=r"^SGD|gradient descent|RMSProp|LARS", given=r"momentum|nesterov"),
    Need(("adam_beta1",), optimizer=r"Adam(?!ax)|LAMB|Lion", given=_BETAS.replace("N", "1")),
    Need(("adam_beta2",), optimizer=r"Adam(?!ax)|LAMB|Lion", given=_BETAS.replace("N", "2")),
    Need(("adam_eps",), optimizer=r"Adam|LAMB", given=r"\badam\w*.{0,60}(?:ε|ϵ|epsilon|\beps\b)"),
    Need(("label_smoothing",), r"classif|translat|cross[- ]entropy|language model|softmax", times=2, given=r"smooth(?:ing|ed)"),
    Need(("heads",), _ATTENTION, times=5, given=r"\bheads?\b"),
    Need(("ffn_size",), _ATTENTION, times=8, unless=("base_model",), given=r"feed-?\s?forward|\bffn\b|mlp|inner|dimension"),
    Need(("hidden_size",), _ATTENTION, times=8, unless=("base_model", "hidden_units"), given=r"dimension|width|hidden|units"),
    Need(("max_seq_len",), r"\bbert\b|\bgpt|language model|tokens|transformer", times=6, given=r"length|truncat|context|tokens"),
    Need(("lora_rank", "lora_alpha"), r"\blora\b", given=r"\brank\b|\balpha\b|α|scaling"),
    Need(("clip", "gae_lambda", "entropy_coef"), _PPO, times=2, given=r"\bgae\b|advantage|entropy|clip"),
    Need(("epsilon_start", "epsilon_end"), r"ε-greedy|epsilon-greedy|q-learning|\bdqn\b", times=2, given=r"greedy|ε|explor"),
    Need(("temperature",), r"temperature", times=2, given=r"temperature|τ"),
    Need(("early_stopping",), r"validation (?:set|data|split|loss|accuracy)|early[- ]stopp", times=3, given=r"stop|validation|patience"),
)  # fmt: skip


def names(document: Document, setup: Setup, sentences: list[Sentence]) -> list[str]:
    """Canonical names that are needed and were not found, in a stable order."""
    lines = [sentence.text.lower() for sentence in sentences]
    text = " ".join(lines)
    if len(_TRAINS.findall(text)) < (2 if setup.hyperparameters else 5):
        return []
    have = {fact.name for fact in [*setup.hyperparameters, *setup.variations]}
    optimizers = [str(fact.value) for fact in setup.hyperparameters if fact.name == "optimizer"]
    numbered = [line for line in lines if re.search(r"\d", line)]
    numbered += [line.lower() for grid in document.tables for line in grid.lines]
    wanted: list[str] = []
    for need in NEEDS:
        missing = [name for name in need.names if name not in have and name not in wanted]
        if not missing or have.intersection(need.unless):
            continue
        if need.when and len(re.findall(need.when, text)) < need.times:
            continue
        if need.optimizer and not any(re.search(need.optimizer, name) for name in optimizers):
            continue
        if need.given and any(re.search(need.given, line) for line in (lines if need.anywhere else numbered)):
            continue
        wanted += missing
    return wanted
