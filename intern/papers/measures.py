"""Names of measures as papers write them, and which way is better."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intern.papers.measures_of_fields import FIELDS

_MEASURES: tuple[tuple[str, str, bool], ...] = (
    ("top-5 error", r"top[- ]?5 (?:\w+ )?err(?:or|\.)?(?: rates?)?", False),
    ("top-1 error", r"top[- ]?1 (?:\w+ )?err(?:or|\.)?(?: rates?)?", False),
    ("top-5 accuracy", r"top[- ]?5 (?:\w+ )?acc(?:uracy|\.)?|top-?5\b", True),
    ("top-1 accuracy", r"top[- ]?1 (?:\w+ )?acc(?:uracy|\.)?|top-?1\b|\btop 1(?= ?(?:[(%↑]|$))", True),
    ("top-k accuracy", r"top[- ]?(?:10|20|50|100|[23])\b(?: (?:\w+ )?acc(?:uracy|\.)?)?", True),
    ("max accuracy", r"max(?:imum)?\.? accuracy", True),
    ("WER", r"\bWER\b|word error rates?", False),
    ("CER", r"\bCER\b|character error rates?", False),
    ("PER", r"\b(?-i:PER)\b|phon(?:eme|e) error rates?", False),
    ("EER", r"\b(?-i:EER)\b|equal error rates?", False),
    ("perplexity", r"perplexit(?:y|ies)|\bppl\b", False),
    ("bits per byte", r"\bBPB\b|bits[- ]per[- ]byte", False),
    ("bits per character", r"\bBPC\b|bits[- ]per[- ]char(?:acter)?", False),
    ("bits/dim", r"\bbits? ?(?:/|per) ?dim(?:ension)?s?\b|\b(?-i:BPD)\b", False),
    ("BLEU", r"\b(?:sacre)?BLEU(?:-\d)?\b", True),
    ("ROUGE-L", r"ROUGE[- ]?L(?:sum)?\b|\bR-?L\b", True),
    ("ROUGE", r"\bROUGE(?:-?\d)?\b|\bR-?[12]\b(?!/)", True),
    ("METEOR", r"\bMETEOR\b|\b(?-i:MET)\b", True),
    ("NIST", r"\b(?-i:NIST)\b", True),
    ("CIDEr", r"\bCIDE?r\b", True),
    ("TER", r"\b(?-i:TER)\b", False),
    ("AER", r"\b(?-i:AER)\b|alignment error rates?", False),
    ("median normalized score", r"median (?:human[- ])?normali[sz]ed (?:scores?|returns?|performance)", True),
    ("MCC", r"matthew'?s?'? corr(?:elation|\.)?|\bMCC\b", True),
    ("Recall@K", r"(?:recall|hit rate|\b(?-i:HR)|\b(?-i:R)) ?@ ?\d+", True),
    ("Hits@K", r"\b(?:hits?|(?-i:H)) ?@ ?\d+", True),
    ("MRR", r"\bMRR(?: ?@ ?\d+)?|mean reciprocal rank", True),
    ("NDCG", r"\bN?DCG(?: ?@ ?\d+)?", True),
    ("F1", r"(?:\b(?:micro|macro|weighted)[- ](?:averaged )?)?\b(?:F-?1\b|f[- ]?(?:score|measure)s?\b)", True),
    ("EM", r"\b(?-i:EM)\b|exact[- ]match", True),
    ("pass@1", r"\bpass ?@ ?(?:\d+|k\b)", True),
    ("mAP", r"\b(?-i:m?AP_?(?:50|75|[SMLsmlrcf])(?!\w)|mAP|MAP|"
r"AP\^?_?(?:bb|b|m|box|mask|k|kp|pose|r|c|f)?_?(?:50|75|[SML])?(?!\w))"
r"|mean average precision|(?:average|avg\.?) precision", True),
    ("PQ", r"\b(?-i:PQ|panoptic quality)\b", True),
    ("mIoU", r"\bm?IoU\b|jaccard", True),
    ("AUC", r"\b(?:(?:ROC|PR)[- ]?)?AUC\b|\bAUPRC\b|AUROC", True),
    ("sFID", r"\bsFID\b", False),
    ("FID", r"(?:\bzero-?shot )?\bFID(?:-\d+[kK])?\b", False),
    ("KID", r"\b(?-i:KID)\b", False),
    ("FVD", r"\b(?-i:FVD)\b", False),
    ("CLIP score", r"\bCLIP[- ]?scores?\b|^CLIP(?: ?↑)?$", True),
    ("Inception score", r"inception score|\b(?-i:IS)\b(?!-)", True),
    ("Spearman correlation", r"spearman(?:'s)?(?: rank)?(?: corr\w*)?", True),
    ("Pearson correlation", r"pearson(?:'s)?(?: corr\w*)?", True),
    ("balanced accuracy", r"balanced acc(?:uracy|\.)?", True),
    ("kappa", r"\bkappa\b|\bκ\b", True),
    ("PSNR", r"\bPSNR\b", True),
    ("SSIM", r"\b(?:MS-)?SSIM\b", True),
    ("LPIPS", r"\bLPIPS\b", False),
    ("chrF", r"\bchrF(?:\+\+)?\b", True),
    ("COMET", r"\b(?-i:COMET)\b", True),
    ("BERTScore", r"\bBERTScore\b", True),
    ("MOS", r"\b(?-i:MOS)\b|mean opinion scores?", True),
    *FIELDS,
    ("Dice", r"\bdice\b|\b(?-i:DSC)\b", True),
    ("success rate", r"success rates?", True),
    ("win rate", r"win[- ]rates?", True),
    ("Elo", r"\b(?:Elo|ELO)\b(?: ratings?)?", True),
    ("R2", r"\bR\^?2\b(?= (?:score|coefficient))", True),
    ("RMSE", r"\bRMSE\b|root[- ]mean[- ]squared?[- ]error", False),
    ("MAE", r"\bMAE\b|mean absolute error", False),
    ("MSE", r"\bMSE\b|mean squared error", False),
    ("NLL", r"[-−–] ?log ?p(?:\(| ?θ|\b)|negative log[- ]likelihood", False),
    ("log-likelihood", r"(?:test )?log[- ]likelihood", True),
    ("logloss", r"\blog-?loss\b", False),
    ("mean rank", r"\b(?:mean|median|average|avg\.?) rank\b", False),
    ("loss", r"\bloss(?:es)?\b|\bNLL\b|cross[- ]entropy", False),
    ("test errors", r"test errors", False),
    ("misclassification rate", r"\bmis+-?classification rates?", False),
    ("error", r"\berr(?:or|\.)?(?: rates?| \(%\))?s?\b", False),
    ("recall", r"\brecall\b|^rec\.? ?[↑(%]*\)?$", True),
    ("precision", r"\bprecision\b|^prec\.? ?[↑(%]*\)?$", True),
    ("accuracy", r"\bacc(?:urac(?:y|ies)|\.)?(?![a-z])", True),
    ("average reward", r"(?:average|mean|total|cumulative|episod\w+)? ?(?:total )?rewards?\b|\breturns?\b", True),
    ("score", r"\bscores?\b|\baverage\b|\bavg\.?", True),
)  # fmt: skip
_COMPILED = tuple(
    (name, re.compile(pattern, re.I if name not in ("ROUGE-L",) else 0), up) for name, pattern, up in _MEASURES
)


@dataclass(frozen=True)
class Measure:
    name: str
    higher_is_better: bool


def _written(name: str, found: str) -> str:
    """The name with what the text adds to it: the k of "hits@10", "test" before a log-likelihood."""
    if name == "mAP" and (
        kind := re.search(r"AP\^?_?(?P<k>bb|b|m|box|mask|kp?|pose)?_?(?P<t>50|75|[SMLsmlrcf])?$", found)
    ):
        of = {"b": "box ", "m": "mask ", "k": "keypoint ", "p": "keypoint "}.get((kind.group("k") or " ")[0], "")
        return f"{of}AP{kind.group('t')}" if kind.group("t") else f"{of}AP" if of else name
    if name == "top-k accuracy" and (number := re.search(r"\d+", found)):
        return f"top-{number.group()} accuracy"
    if name == "F1" and (kind := re.match(r"micro|macro|weighted", found, re.I)):
        return f"{kind.group().lower()}-F1"
    if name == "Inception score":
        return "IS" if found.strip() == "IS" else name
    if name == "SSIM":
        return found.upper()
    if name == "AUC":
        return "PR-AUC" if found.upper().startswith(("PR", "AUPR")) else name
    if name == "bits/dim":
        return name if "/" in found else "bits per dim"
    if name in ("FID", "CLIP score"):
        return name if "score" in found.lower() else found.rstrip("↑ ")
    if name == "ROUGE" and (number := re.search(r"[12]", found)):
        return f"ROUGE-{number.group()}"
    if name == "Hits@K":
        return f"{'Hit' if found.lower().startswith('hit@') else 'Hits'}@{found.partition('@')[2].strip()}"
    if "@" in found:
        return re.sub(r"\s", "", found)
    return "test log-likelihood" if name == "log-likelihood" and found.lower().startswith("test") else name


def find_measure(text: str) -> Measure | None:
    """The first measure a text names, in the order of the table above (special ones before general ones)."""
    for name, pattern, up in _COMPILED:
        if match := pattern.search(text):
            return Measure(_of_logarithm(text, match, _written(name, match.group())), up)
    return None


_LOGARITHM = re.compile(r"\b(?P<l>log_?(?:10|2|e)?|ln) ?(?P<o>\(?) ?(?:of )?(?:the )?$", re.I)


def _of_logarithm(text: str, match: re.Match[str], name: str) -> str:
    """A measure of which the logarithm is reported: "log10(MSE)"."""
    log = _LOGARITHM.search(text[: match.start()])
    return f"{log.group('l').replace('_', '')}({name})" if log else name


def positions(text: str) -> list[tuple[int, int, Measure]]:
    """Every measure in a text with its place; a special one hides the general one inside it."""
    out: list[tuple[int, int, Measure]] = []
    for name, pattern, up in _COMPILED:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end, _ in out):
                named = _of_logarithm(text, match, _written(name, match.group()))
                out.append((match.start(), match.end(), Measure(named, up)))
    out.sort(key=lambda item: item[0])
    return [
        item
        for n, item in enumerate(out)
        if not (item[2].name == "score" and n and 0 <= item[0] - out[n - 1][1] <= 2)  # "BLEU score" is one measure
    ]
