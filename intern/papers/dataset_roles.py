# ruff: noqa: E501  the patterns are data, one a line
"""What part a named data set plays in a sentence: the paper's own data, or only that of weights, of others, of what was left out.

"A ResNet-50 pre-trained on X" uses weights, "we pre-train on X" uses X; "derived from X", "rather than X", "Smith et al. train
on X" and "X word vectors" speak of data that the paper itself may never have touched.
"""

from __future__ import annotations

import re

_BACKBONE = (
    r"(?:(?:SE-|Wide |Faster |Mask )?(?:ResNe[tX]\w*|R-?\d{2,3}|VGG\w*|Inception\w*|GoogLeNet|AlexNet|DenseNet\w*|EfficientNet\w*|MobileNet\w*|ConvNeXt\w*|Swin\w*|"
    r"ViTs?|DeiT|CLIP|DINO\w*|BERT\w*|RoBERTa\w*|GPT\S*|T5\w*|BART|LLaMA\S*|GloVe|word2vec|fastText|ELMo|wav2vec\S*|HuBERT|WavLM|Whisper|I3D|C3D|U-?Net)\b|"
    r"\b(?:weights|[Bb]ackbones?|off-the-shelf|public(?:ly)?|released|torchvision|timm|initiali[sz]\w+|frozen|checkpoints?|"
    r"feature extractors?|detectors?|et al|official|existing|provided)\b|\[\d+\])"
)
_BY_US = re.compile(r"\b[Ww]e (?:\w+ ){0,3}?(?:pre-?\s?train|train|fine-?tun)")
_WEIGHTS_OF = re.compile(
    rf"{_BACKBONE}[^.;]{{0,60}}?\b(?:pre-?\s?)?trained (?:models? )?(?:on|with|using|over|for|from) (?:the )?(?:[\w.,]+ ){{0,4}}$"
)
"""Before a name: somebody's weights "… pre-trained on"."""
_WHOSE = re.compile(r"\bwhose\b[^.;]{0,60}\btrained on\b[^.;]{0,50}$")
_VECTORS_FROM = re.compile(
    r"\b(?:vectors|embeddings|word2vec|GloVe|fastText)\b[^.;]{0,70}?\b(?:trained|learned|computed|obtained|estimated)? ?(?:on|from|over)\b[^.;]{0,40}$"
)
_WEIGHTS_BEHIND = re.compile(
    r"(?:-[A-Z]\w+)? \d+(?:\.\d+)?B\b(?! (?:tokens|words|samples|examples))|"
    r"(?:[ -](?:1[kK]|2[12][kK]))?[ -]?(?:pre-?\s?trained|weights|initiali[sz](?:ed|ation)|init\b|(?:word )?(?:vectors|embeddings)\b|checkpoints?\b|"
    r"(?:channel )?(?:mean|statistics|normali[sz]ation)\b|(?:image )?features\b|backbones?\b)"
)
_TRAINING_BEHIND = re.compile(r"[ -]pre-?\s?training\b")
_LEFT_OUT = re.compile(
    r"(?:\b(?:not|never|without)|n[’']t) (?:\w+ )?(?:us(?:e|ing)|includ\w+|consider\w*|provid\w+|need(?:ing)?|requir\w+|rely(?:ing)? on) (?:any |the |additional |extra )?(?:\w+ )?$|"
    r"(?:\bnot|n[’']t) (?:\w+ )?(?:evaluat\w+|train\w*|test\w*|experiment\w*|report\w*|compar\w+)\b[^.;,]{0,40}? (?:on|with|over)\b[^.;,]{0,60}$|"
    r"\b(?:[Rr]ather than|[Ii]nstead of|as opposed to|[Uu]nlike)\b[^.;,]{0,60}(?:, (?:which|who) [^.;,]{0,60})?$|\b(?:left out|omit(?:ted)?|exclude[sd]?|excluding|discard(?:ed)?)\b (?:the )?(?:\w+ )?$"
)
_NOT_USED = re.compile(
    r"(?:\s?(?:\[[\d, ]+\]|\([^()]*\)|data ?set)){0,2} (?:is|are|was|were) (?:not|never) (?:\w+ )?(?:used|considered|included|evaluated|tested)\b"
)
_OF_OTHERS = re.compile(
    r"\b[A-Z][\w-]+,? (?:\[[\d, ]+\],? )?(?:which|that) (?:was|were|has been|have been) (?:pre-?\s?|fine-?)?(?:trained|tuned|learned) [^.;,]{0,40}$"
)
"""A model that somebody trained before: "X, which was trained on"."""
_DERIVED = re.compile(
    r"\b(?:derived|down-?sampled|adapted|subsampled) from (?:the )?(?:(?:larger|original|full) )?(?:\w+ ){0,2}$|"
    r"\b(?:data ?set|benchmark|corpus) (?:is )?based on (?:the )?$|\bsuperset of (?:the )?$|"
    r"\bsourced from (?:\w+ ){0,2}$|\bthe title of an? $|\boverlap\w* with (?:the )?$"
)
_VERSION_OF = re.compile(r"\bversion of (?:the )?(?:(?:larger|original|full) )?$")
_NAMED = re.compile(r"(?<![\w-])(?:[a-z]+[A-Z]|[A-Z][\w-]*\d)\w*")
"""A name of its own that the version goes by."""
_SUBJECT = re.compile(
    r"^(?:(?:\w+ ){0,3}[\w-]+, )?[A-Z][\w’'-]+ (?:et al\b\.?|(?:and|&) [A-Z][\w’'-]+(?= [(\[]))\s?(?:\(\d{4}\w?\)|\[[\d, ]+\])?,? (?:also |first |recently |then |have |has )?"
    r"(?:us|train|evaluat|show|propos|report|appl|introduc|pre-?train|fine-?tun|achiev|releas|stud|find|found|demonstrat|obtain|test)\w*\b"
)
"""A sentence about what somebody else did."""
_PIPELINE_OF = re.compile(r"\b(?:used|as|proposed|introduced) (?:in|by|for) (?:the )?(?:[\w-]+ and )?$")


def weight(text: str, start: int, end: int) -> float:
    """By how much a name at [start, end) counts as the paper's own data: 1.0 unless the words around it speak against it."""
    before, behind = text[:start], text[end:]
    clause = re.split(r"[;:]\s|\. ", before)[-1]
    if _LEFT_OUT.search(clause) and not re.search(r"\bnot (?:only|just|limited)\b", clause):
        return 0.1
    if _NOT_USED.match(behind):
        return 0.1
    if _OF_OTHERS.search(clause) or _WEIGHTS_BEHIND.match(behind) or _WHOSE.search(clause):
        return 0.2
    if (_WEIGHTS_OF.search(clause) or _VECTORS_FROM.search(clause)) and not _trains_itself(clause):
        return 0.2
    if _TRAINING_BEHIND.match(behind):
        return 0.5
    if _DERIVED.search(clause) or (_VERSION_OF.search(clause) and _NAMED.search(clause)):
        return 0.3
    if _SUBJECT.match(text) and not re.search(r"\b(?:we|our|us)\b", text, re.I):
        return 0.25
    return 1.0


def _trains_itself(clause: str) -> bool:
    """Whether the words before "trained on" are of the paper's own training: "we pre-train a ResNet-50 on"."""
    return bool(_BY_US.search(clause)) and not re.search(
        r"\b[Ww]e (?:\w+ )?(?:use|adopt|employ|take|extract)\b", clause
    )


def is_only_followed(text: str, start: int) -> bool:
    """Whether a name stands only where others' way of doing things is cited: "the pipeline used in the X benchmark"."""
    return bool(_PIPELINE_OF.search(text[:start]))
