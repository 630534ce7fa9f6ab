# ruff: noqa: E501  the table is data
"""By which measure a known data set is usually judged: for tables that name none. Knowledge about the field."""

from __future__ import annotations

import re

from intern.papers.measures import Measure

_ACCURACY = (
    "MNLI MNLI-m MNLI-mm QNLI RTE WNLI SNLI ANLI XNLI SciTail SST-2 SST-5 SST SST-1 MMLU CMMLU C-Eval HellaSwag PIQA SIQA "
    "BoolQ COPA WinoGrande OpenBookQA CommonsenseQA ARC ARC-Easy ARC-Challenge RACE SWAG GSM8K MATH BBH TruthfulQA LAMBADA ImageNet-1K VTAB Food-101 "
    "StoryCloze Flowers-102 Oxford-IIIT-Pets Cora CiteSeer PubMed TREC VQA VQA-v2 NLVR2 GQA OK-VQA TextVQA VizWiz "
    "SNLI-VE ScienceQA CIFAR-10 CIFAR-100 SVHN STL-10 DTD SUN397 EuroSAT Caltech-101 CUB-200 Stanford-Cars FGVC-Aircraft Aircraft "
    "Cars Flowers Pets Birdsnap Places365 iNaturalist ModelNet40 UCF-101 HMDB-51 Kinetics Kinetics-400 ogbn-arxiv ogbn-products "
    "Speech-Commands ESC-50"
)
_OTHERS = {
    "CoLA": ("MCC", True), "STS-B": ("Pearson correlation", True), "HumanEval": ("pass@1", True), "MBPP": ("pass@1", True),
    "Penn Treebank": ("perplexity", False), "WikiText-2": ("perplexity", False), "WikiText-103": ("perplexity", False),
    "One Billion Word": ("perplexity", False), "LibriSpeech": ("WER", False), "TIMIT": ("PER", False), "AISHELL-1": ("CER", False), "GigaSpeech": ("WER", False), "Switchboard": ("WER", False), "TED-LIUM 3": ("WER", False), "TED-LIUM": ("WER", False), "Common Voice": ("WER", False), "CHiME-6": ("WER", False), "AMI": ("WER", False), "CALLHOME": ("WER", False), "WSJ": ("WER", False), "VoxPopuli": ("WER", False), "MLS": ("WER", False), "CoVoST 2": ("BLEU", True), "CoVoST": ("BLEU", True),
    "TriviaQA": ("EM", True), "Natural Questions": ("EM", True), "COCO": ("mAP", True), "LVIS": ("mAP", True),
    "Cityscapes": ("mIoU", True), "ADE20K": ("mIoU", True), "PASCAL Context": ("mIoU", True), "ogbg-molhiv": ("AUC", True),
    "Tox21": ("AUC", True), "AudioSet": ("mAP", True), "ZINC": ("MAE", False), "enwik8": ("bits per character", False),
    "CoNLL-2003": ("F1", True), "DROP": ("F1", True), "CoQA": ("F1", True), "QuAC": ("F1", True), "MT-Bench": ("score", True),
}  # fmt: skip
_USUAL = {_key: Measure("accuracy", True) for _key in (name.lower() for name in _ACCURACY.split())}
_USUAL.update({name.lower(): Measure(*measure) for name, measure in _OTHERS.items()})


def usual(name: str) -> Measure | None:
    """The usual measure of a data set, None where there is none or more than one."""
    plain = re.sub(r"\s+(?:dev|test|val|validation)(?:-\w+)?$|\s*\(.*\)$", "", name.strip()).lower()
    found = _USUAL.get(plain) or _USUAL.get(plain.replace(" ", "-"))
    if found is None and plain.startswith(("wmt", "iwslt")):
        return Measure("BLEU", True)
    return found
