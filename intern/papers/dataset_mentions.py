"""What one sentence says about the data sets of the paper: names, and how surely each is in use rather than only told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intern.papers import known_data
from intern.papers.dataset_names import NOT_NAMES, SIZED, enumerated
from intern.papers.dataset_roles import is_only_followed
from intern.papers.dataset_roles import weight as role_weight
from intern.papers.dataset_slots import EXAMPLES, tidy, unknown_names
from intern.papers.numbers import NUMBER
from intern.papers.sentences import Sentence

ELSEWHERE = re.compile(
    r"related|background|introduction|conclusion|future|preliminar|acknowledg|broader|limitation|motivation", re.I
)
_DATA_SECTION = re.compile(
    r"data ?sets?|benchmarks?|corpora|corpus|\btasks?\b|experiment|evaluation|results|setup|training data|details", re.I
)
_USED = re.compile(
    r"\b(?:we|our|were|was|are|is) (?:\w+ ){0,3}?(?:use|used|train|trained|evaluat\w+|test|tested|"
    r"stud(?:y|ied)|employ\w*|assess\w*|validat\w*|choose|experiment\w*|conduct\w*|report\w*|consider\w*|pre-?train\w*|fine-?tun\w*|appl\w+|compar\w+)\b|"
    r"\b(?:trained|evaluated|tested|results?|performance|accuracy|pre-?trained|fine-?tuned|"
    r"experiments?|classification|perform|state-of-the-art)\b[^.;]{0,40}\b(?:on|over|for|with|from|"
    r"using)\b|\bdata ?sets? (?:include|are)\b",
    re.I,
)
_NEW = re.compile(
    r"(?<![\w-])(?P<n>(?:[A-Z][\w'.&-]*|[A-Z]{2,}[\w-]*)(?:[ -](?:[A-Z][\w'.&-]*|\d{4}|of|and|"
    r"\d+[KkMm]?)){0,4}(?: \([A-Z][\w-]{1,12}\))?) "
    r"(?:\w+ )?(?:data ?sets?|corpus|corpora|benchmark|treebank|database|collection)\b"
)
_UNNAMED = re.compile(
    r"(?P<n>(?:large-scale )?(?:multilingual|proprietary|internal|in-house|private|confidential) "
    r"(?:\w+ )?(?:corpus|data ?set|cohort)\b)(?: (?:created|collected|built|owned) by (?P<by>[A-Z][\w-]+))?"
)
_PRETRAINED = re.compile(
    r"trained by [^.]{0,40}et al|(?:publicly|freely) available[^.]{0,60}(?:vectors|embeddings|models?|weights)", re.I
)
_SOURCE = re.compile(
    r"\b(?:(?:extracted|sourced|scraped|crawled|collected|drawn|entries|comments|posts) from|used (?:in|by)) (?:the )?$",
    re.I,
)
"""Words before a name that say where data or a tool came from, not what was run."""
_COUNT_BEHIND = re.compile(
    rf"[^.;]{{0,30}}?(?:\bwith|\bof|\bcontain\w*|\bconsist\w* of|\bcompris\w*|\bhas|\() "
    rf"(?:about |over )?{NUMBER} (?:[\w-]+ ){{0,3}}?(?:and {NUMBER} (?:[\w-]+ ){{0,2}}?)?{EXAMPLES}\b"
)
"""A size that is told right behind a name: nobody counts the examples of data that they do not use."""
_FROM = re.compile(r"(?:\s?(?:\[[\d, ]+\]|\([^()]*\)))?,? (?:both |all )?(?:(?:taken )?from|of) (?:the )?$")
"""Between a data set and the collection that it is a part of."""
_LOWER = re.compile(
    r"(?:^The|\b[Ww]e (?:use|evaluate on|train on|experiment with) the) (?P<n>[a-z]{4,} [a-z]{4,}) (?:data ?set|benchmark|corpus)"
    r"(?= (?:was|is|of|from|by|consists|contains|comprises|includes|has)\b|[,.(]| [(\[])"
)
_PLAIN = re.compile(
    r"train|test|valid|develop|result|entire|full|above|same|synthetic|original|final|whole|standard|large|small|follow|previous|"
    r"proposed|source|target|other|evaluation|public|popular|well|common|first|second|third|image|text|classif|private|real|"
    r"known|available|existing|labeled|annotated|curated|particular|current|given|downstream|specific|based|challenging|used|toy",
    re.I,
)
_SPELLED = re.compile(
    r"\b(?:evaluat\w+|tested|experiments?|trained)\b[^.;()]{0,60}? on (?:an? |the )?(?P<n>[a-z]+(?: [a-z]+){1,3} \([A-Z]{3,6}\))"
)
_REFERRED = re.compile(
    r"(?:data ?set|data|corpus|collection)\b[^.;]{0,60}?(?:refer(?:red)?(?: to)?(?: it)?(?: as| to "
    r"as)|called|named|denoted(?: by| as)?|dubbed) (?:the )?(?P<n>[A-Z][\w-]{1,20})\b"
)


_BULLET = re.compile(r"[•–*-]?\s?[A-Z][\w -]{2,40}(?: \([\w -]+\))?: [A-Z]\w+ ?[\[(,]")
"""An entry of a list of what was evaluated: "• Reading (0-shot): NAME [8], NAME [7]"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at [start, end) of a sentence; the points of all its mentions say whether the paper uses it."""

    name: str
    start: int
    end: int
    points: float


def mentions(sentence: Sentence, models: frozenset[str]) -> list[Mention]:
    """The data sets a sentence names, each once, with the best of its places."""
    base = _base(sentence)
    elsewhere = bool(ELSEWHERE.search(sentence.section)) and sentence.paragraph.kind != "caption"
    best: dict[str, Mention] = {}
    for mention in (*_known(sentence.text, base), *_unknown(sentence, base, models, elsewhere)):
        if mention.name not in best or mention.points > best[mention.name].points:
            best[mention.name] = mention
    return list(best.values())


def _base(sentence: Sentence) -> float:
    """How much a name counts in this sentence: by its section, its verbs and the company it is in."""
    section, kind, text = sentence.section, sentence.paragraph.kind, sentence.text
    elsewhere = bool(ELSEWHERE.search(section)) and kind != "caption"
    base = 0.25 if elsewhere else 0.8
    if kind in ("caption", "abstract"):
        base = 1.0
    if _USED.search(text):
        base *= 2.0 if not elsewhere else 1.6
        base *= 1.3 if re.search(r"\b(?:we|our|us)\b", text, re.I) else 0.95 if _DATA_SECTION.search(section) else 0.9
    elif _DATA_SECTION.search(section):
        base *= 1.3
    if _PRETRAINED.search(text):
        base *= 0.4
    if _BULLET.match(text) and not elsewhere:
        base = max(base, 1.6)
    if len({name for name, _, _ in known_data.find_names(text)}) >= 3 and not elsewhere:
        base = max(base, 1.6)  # a list of data sets is what the paper was run on
    if re.search(r"\bdata ?sets?\b|\bcorpora\b|\bbenchmarks?\b", section, re.I):
        base *= 1.2
    return base


def _known(text: str, base: float) -> Iterator[Mention]:
    for name, start, end in known_data.find_names(text):
        weight = base * (0.4 if _ambiguous(text, start, end) else 1.0) * role_weight(text, start, end)
        if re.match(
            r"[^.;]{0,12}\b(?:data ?sets?|corpus|benchmark|tasks?|classification|challenge)\b", text[end:], re.I
        ):
            weight *= 1.3
        if _COUNT_BEHIND.match(text[end:]):
            weight *= 1.6
        if re.match(r"[- ](?:style |like )?(?:format|schema)\b", text[end:]):
            weight *= 0.3  # how the data is written down
        if _SOURCE.search(text[:start]) or _is_source(text, start):
            weight *= 0.4
        yield Mention(name, start, end, weight)


def _is_source(text: str, start: int) -> bool:
    """Whether a name at `start` is that of the collection from which those right before it are taken."""
    before = _FROM.search(text[:start])
    return bool(before and any(end == before.start() for _, _, end in known_data.find_names(text[: before.start()])))


def _unknown(sentence: Sentence, base: float, models: frozenset[str], elsewhere: bool) -> Iterator[Mention]:
    text = sentence.text
    caption = sentence.paragraph.kind == "caption" and sentence.paragraph.text.startswith("Tab")
    named = list(unknown_names(text, models, of_table=caption))
    for name, start, end, points in named:
        role = 0.3 if is_only_followed(text, start) or _is_source(text, start) else role_weight(text, start, end)
        yield Mention(name, start, end, min(base, 2.0) * points * (1.0 if not elsewhere else 0.8) * role)
    if elsewhere:
        return
    for match in _UNNAMED.finditer(text):
        if any(match.end() <= start <= match.end() + 50 for _, start, _, _ in named):
            continue
        maker = f"{match.group('by')} " if match.group("by") else ""
        name = maker + re.sub(r"^large-scale ", "", match.group("n"))
        yield Mention(name, match.start(), match.end(), base * 2.0)
    for match in _REFERRED.finditer(text):
        yield Mention(match.group("n"), match.start(), match.end(), 2.5)
    for match in (*_LOWER.finditer(text), *_SPELLED.finditer(text)):
        if not _PLAIN.search(match.group("n")) and not known_data.find_names(match.group("n")):
            yield Mention(match.group("n"), match.start("n"), match.end("n"), base * 1.6)
    for match in SIZED.finditer(text):
        if not NOT_NAMES.match(match.group("n")):
            name = known_data.is_known(match.group("n")) or match.group("n")
            yield Mention(name, match.start(), match.end(), base * 2.0)
    for name, start, end in enumerated(text):
        yield Mention(name, start, end, base * 2.0)
    for match in _NEW.finditer(text):
        name = tidy(match.group("n"))
        if NOT_NAMES.match(name) or len(name) < 3 or known_data.find_names(name) or re.search(r"\b(of|and)$", name):
            continue
        yield Mention(name, match.start(), match.end(), base * 0.65)


def _ambiguous(text: str, start: int, end: int) -> bool:
    """A short or ordinary word that may not be the data set at all."""
    word = text[start:end]
    if word.isdigit():
        return False  # the second half of "NAME-10/100"
    if re.search(r"\bon (?:the )?$", text[:start]) or re.match(r"\s?(?:\[\d|\([A-Z][\w-]+,? )", text[end:]):
        return False
    return len(word) <= (3 if word.isupper() else 4) and not re.match(
        r"[^.;]{0,14}\b(?:data|set|corpus|task|benchmark|score|test|dev)", text[end:], re.I
    )
