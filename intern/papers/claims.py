"""Results that sentences claim for the paper's own model: "our model reaches 41.8 BLEU on …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.measures import Measure, positions
from intern.papers.model import Result
from intern.papers.names import Names
from intern.papers.quotes import PageTexts, find_quote
from intern.papers.sentences import Sentence

_CLAIM = re.compile(
    r"\b(?:we|our|ours|this paper|the (?:proposed|resulting|big|large|best|final))\b|\b(?:achiev|"
    r"obtain|reach|establish|yield|attain|outperform|improv|push|report)\w*",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:by|than|over|improvement|gain|absolute|point|points|relative|better|from|more|less|fewer|"
    r"increase|decrease|drop|within)\s*(?:of |over |about |up to |\(?)?$",
    re.I,
)
_CHANGED = re.compile(
    r"\s?(?:%|point|points|relative|absolute|respective|average|accuracy|additional|error|F1|BLEU|mAP|and|"
    r"[\d.]+|[\s-])*\b(?:increase|improvement|gain|reduction|decrease|drop|additional|better|higher|lower|worse)",
    re.I,
)
"""What stands behind a difference: "6.0% increase", "7.0% average accuracy improvement"."""
_BOUND = re.compile(
    r"(?:[<>≤≥+±]|(?<!@)\b\w+\s?=|\b(?:below|above|under|until|lose|loses|losing|lost|gains?|saturat\w+[^.;]{0,25}))\s*"
    r"(?:only |about |just |almost )*$",
    re.I,
)
"""What stands before a bound, a difference or the value of a setting: "< 0.1%", "d=1.0", "until … below 80%"."""
_SETTING = re.compile(
    r"\b(?:learning rates?|step ?-?sizes?|drop-?out|momentum|weight decay|batch sizes?|temperatures?|thresholds?|IoU)\b"
    r"[^,;.]{0,20}$|\buse (?:only )?$",
    re.I,
)
_OTHERS_SAY = re.compile(r"^\s*(?:The (?:latter|former)|They|These authors|Prior work|Previous work)\b")
_TITLED = re.compile(
    r"(?:\w+ )?(?:results?|experiments?|evaluations?) (?:on|for|with|in) (?:the )?(?P<d>.{3,50})", re.I
)
_ROUNDS = re.compile(
    r"\b(?:reach\w*|achiev\w*|attain\w*|obtain\w*)\b[^.;,%]{0,40}?(?P<l>\d{1,2}(?:\.\d+)?) ?%(?: \w+){0,2} accuracy(?: \w+){0,2} "
    r"(?:in|after|within) (?:only |just |about )?(?P<n>\d{1,3}(?:,\d{3})+|\d+) "
    r"(?P<u>(?:communication )?rounds|epochs|steps|iterations|updates)\b"
)
"""What was needed to get to a level: "reaches 99% test accuracy in 1,600 rounds"."""
_COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|versus|vs\.?|as opposed to|against|while|whereas)\s+(?:only )?$", re.I
)
"""Words right before a number that is somebody else's: "99.3%, compared with 98.9% for …"."""
_NUMBER = re.compile(
    r"(?<![\w.,/^-])(?:\d{1,3}\.\d{1,3}|\d{2,3}(?=\s?%)|"
    r"\d{2}(?= (?:box |mask )?(?:PQ|AP|mAP|mIoU|BLEU|FID|WER)\b)|\d{1,5}(?= (?:test |validation "
    r")?errors\b))(?:\s?%)?(?![\w/]|\.\d)"
)


def claims_of_text(
    sentences: list[Sentence], pages: PageTexts, names: Names, known: set[str], main: str
) -> Iterator[Result]:
    """Numbers that a sentence claims for the paper's own model, with a measure beside them."""
    for sentence in sentences:
        text = sentence.text
        if re.search(r"related|background", sentence.section, re.I) or not _CLAIM.search(text):
            continue
        measures = positions(text)
        if not measures:
            continue
        data = [(start, end, name) for name, start, end in known_data.find_names(text)]
        if reached := _ROUNDS.search(text):
            yield from _rounds(reached, sentence, pages, names, data, main)
        for name in known:
            if name in text and name not in known_data.CANONICAL:
                data.extend(
                    (hit.start(), hit.end(), name)
                    for hit in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
                )
        for match in _NUMBER.finditer(text):
            if _CHANGE.search(text[: match.start()]) or re.match(
                r"\s?(?:-?(?:days?|hours?|weeks?|minutes?|seconds?|GPUs?|epochs?|layers?|pages?|years?|ms|s|GB|MB|"
                r"K)\b|points?|×|x\b|times|M\b|B\b|absolute|million|billion)",
                text[match.end() :],
            ):
                continue
            before = text[: match.start()]
            if _CHANGED.match(text, match.end()) or _BOUND.search(before) or _SETTING.search(before):
                continue
            measure = _nearest(measures, match.start(), match.end(), 45)
            if measure is None or measure.name in ("loss", "average reward") or _in_training(text, match.start()):
                continue
            if re.search(
                r"(?:corollary|theorem|lemma|section|sec\.|table|figure|fig\.|equation|appendix|version|"
                r"proposition) ?$",
                text[: match.start()],
                re.I,
            ):
                continue
            if known_data.find_names(text[match.start() : match.end() + 2]) or re.search(
                r"(?:SQuAD|v|version) ?$", text[: match.start()]
            ):
                continue
            titled = _TITLED.fullmatch(sentence.section)
            name = (
                _nearest_data(data, match.start(), text)
                or _before_data(sentence)
                or (titled and titled.group("d"))
                or main
            )
            quote = find_quote(pages, text, match.start(), match.end(), sentence.page)
            if not quote or not name:
                continue
            if name == "GLUE" and measure.name == "score":
                name = "GLUE average"
            split = re.search(r"\b(validation|test|dev)\b", text[max(0, match.start() - 45) : match.end() + 15], re.I)
            yield Result(
                dataset=f"{name} {split.group(1).lower()}" if split else name,
                metric=measure.name + (" %" if "%" in match.group() else ""),
                value=float(match.group().strip(" %")),
                model=names.system or "own model",
                own=not _others(text, match.start(), names) and not _COMPARED.search(before),
                page=quote[1],
                quote=quote[0],
                higher_is_better=measure.higher_is_better,
                where=sentence.where,
            )


def _rounds(
    reached: re.Match[str],
    sentence: Sentence,
    pages: PageTexts,
    names: Names,
    data: list[tuple[int, int, str]],
    main: str,
) -> Iterator[Result]:
    """The count that a sentence gives for reaching a level, as a result of its own kind."""
    name = _nearest_data(data, reached.start("l"), sentence.text) or _before_data(sentence) or main
    quote = find_quote(pages, sentence.text, reached.start("n"), reached.end("n"), sentence.page)
    if name and quote:
        yield Result(
            dataset=name, metric=f"{reached.group('u').split()[-1]} to {reached.group('l')}% accuracy",
            value=float(reached.group("n").replace(",", "")), model=names.system or "own model",
            own=not _others(sentence.text, reached.start("n"), names), page=quote[1], quote=quote[0],
            higher_is_better=False, where=sentence.where,
        )  # fmt: skip


def _in_training(text: str, at: int) -> bool:
    """Whether a number is of the training data: how far training came is no result."""
    return bool(re.search(r"\btraining (?:error|accuracy|loss|perplexity)\b[^,;]{0,30}$", text[:at], re.I))


def _nearest(measures: list[tuple[int, int, Measure]], start: int, end: int, reach: int) -> Measure | None:
    best: tuple[float, Measure] | None = None
    for left, right, measure in measures:
        distance = left - end if left >= end else start - right
        weighed = distance * 0.6 if left >= end and distance < 8 else float(distance)
        if 0 <= distance <= reach and (best is None or weighed < best[0]):
            best = (weighed, measure)
    return best[1] if best else None


def _nearest_data(data: list[tuple[int, int, str]], at: int, text: str) -> str | None:
    """The data set named next to a number: right after it ("84.4% on X"), or the last one before it."""
    after = [(start - at, name) for start, _, name in data if 0 <= start - at <= 70]
    before = [(at - end, name) for _, end, name in data if end <= at]
    if after and re.match(r"\d[\d.]*\s?%?(?: [\w-]+){0,3} (?:on|for) ", text[at:]):
        return min(after)[1]
    if before and (not after or min(before)[0] <= min(after)[0]):
        return min(before)[1]
    return min(after)[1] if after else None


def _before_data(sentence: Sentence) -> str | None:
    if whole := known_data.is_known(sentence.section):
        return whole  # the section is about this data set and nothing else
    for text in (sentence.before, sentence.paragraph.lead, sentence.section):
        found = known_data.find_names(text)
        if found:
            return found[-1][0]
    return None


def _others(text: str, at: int, names: Names) -> bool:
    """Whether the number is somebody else's: a citation right before or after it and no word of ours near."""
    if _OTHERS_SAY.match(text):
        return True
    around = text[max(0, at - 60) : at + 50]
    if re.search(r"\b(?:we|our)\b", around, re.I) or (names.system and names.system in around):
        return False
    return bool(re.search(r"et al|\[\d+\]", around)) or bool(
        re.search(r"previous|prior|best (?:published|reported)|human", text[max(0, at - 40) : at], re.I)
    )
