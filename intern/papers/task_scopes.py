# ruff: noqa: E501  the patterns are data, one a line
"""Tasks and groups of data that a value can hold for: "object detection", "the remaining data sets", "larger images"."""

from __future__ import annotations

import re

from intern.papers.model import Document

_NOUN = (
    r"(?:classification|detection|segmentation|translation|recognition|synthesis|captioning|summari[sz]ation|estimation|regression|forecasting|imputation|"
    r"retrieval|re-?ranking|parsing|tagging|question answering|language model(?:l?ing)?|text generation|image generation|video generation|music generation|speech generation|"
    r"inpainting|super-resolution|denoising|navigation|manipulation|locomotion|continuous control|tracking|verification|link prediction|property prediction|"
    r"click-through rate prediction|recommendation|reading comprehension|natural language inference|natural language understanding|entailment|sentiment analysis|diarization|separation|enhancement|"
    r"anomaly detection|clustering|(?:few|zero|one)-shot(?: learning)?|(?:semi-|self-|un)supervised(?: learning)?|transfer(?: learning)?|domain adaptation|multi-task(?: learning)?|"
    r"continual learning|meta-learning|imitation learning|offline reinforcement learning|context extension|instruction tuning|preference (?:tuning|optimization)|reward model(?:l?ing)?|key-?points?|ego-?motion|optical flow|depth prediction)"
)
_DULL = r"(?:the|an?|for|on|of|in|and|to|with|our|its|their|these|this|all|each|both|we|use|using|experiments?|results?|details|training|hyper-?\w+|settings?|evaluation|main|more|model|task|tasks|by|as|from|perform|standard|different|same|multiple|several|various|new|large-scale|two|three|apply|learning)"
TASK = rf"(?<![\w-])(?P<w>(?:(?!{_DULL}\b)[A-Za-z][\w/-]* ){{0,2}}{_NOUN})(?![\w-])(?! (?:heads?|loss(?:es)?|accuracy|modules?|networks?|branch|layers?|metrics?|models? (?:is|are|was)|performance|errors?|results?|tokens?|scores?|objective|methods?|literature|community))"
_IN_TITLE = re.compile(TASK, re.I)
_NO_TITLE = re.compile(
    r"\b(?:compar\w+|effects?|ablat\w+|analys[ie]s|loss|related|background|discussion|limitations?|why|what|how|objective|algorithm|proposed|efficient|fast)\b",
    re.I,
)
_SETTLED_IN = re.compile(
    r"experiment|evaluation|result|application|appendix|supplement|detail|setting|set-?up|hyper|training|implementation|task|downstream|transfer|\bfor\b|\bon\b|case stud",
    re.I,
)
_FOR_TASK = re.compile(rf"\b(?:[Ff]or|[Oo]n|[Ii]n) (?:the |our |all )?(?:tasks? of )?{TASK}")
_GROUP = re.compile(
    r"\b(?:[Ff]or|[Oo]n|[Ii]n) (?:all )?(?:the )?(?P<w>(?:other|remaining|rest of the|larger|smaller|bigger|longer|shorter|small|large|harder|easier|high-resolution|low-resolution|low-resource|high-resource|synthetic|real-world|\d+ ?[×x] ?\d+) "
    r"(?:[\w-]+ )?(?:data ?sets?|tasks?|benchmarks?|images?|inputs?|sequences?|languages?|graphs?|games?|environments?|domains?|resolutions?|corpora|experiments?|ones)(?: \([^()]{2,60}\))?)"
)


def task_of_title(document: Document, place: int) -> str:
    """The task that a section of experiments or of settings is about: "NovaNet for human pose estimation"."""
    section = document.sections[place]
    match = _IN_TITLE.search(section.title)
    if match is None or _NO_TITLE.search(section.title):
        return ""
    parent = next((item for item in reversed(document.sections[:place]) if item.level < section.level), None)
    settled = section.appendix or _SETTLED_IN.search(f"{parent.title if parent else ''} {section.title}")
    return match.group("w") if settled or match.end() - match.start() == len(section.title) else ""


def task_of_lead(lead: str) -> str:
    """The task that a run-in heading names: "Object detection."."""
    match = _IN_TITLE.search(lead)
    return match.group("w") if match and not _NO_TITLE.search(lead) and len(lead.split()) <= 6 else ""


def task_near(text: str, at: int) -> str:
    """The task or group of data nearest to `at` that a preposition makes the text's own: "for object detection"."""
    found = [
        (abs(match.start() - at), match.group("w"))
        for pattern in (_FOR_TASK, _GROUP)
        for match in pattern.finditer(text)
    ]
    return min(found)[1] if found else ""


def is_group(words: str) -> bool:
    """Whether words name a group of data ("the other data sets") instead of one set."""
    return re.match(r"(?:other|remaining|rest of the|larger|smaller|bigger|longer|shorter) ", words, re.I) is not None
