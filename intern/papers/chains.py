# ruff: noqa: E501  the patterns are data, one a line
"""Several values of one setting in one sentence, each with the words it holds for.

Three ways to say it: "80 for A and 40 for B", "A uses 80, B uses 40", "80 and 40 for A and B, respectively".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from intern.papers.labels import canonical
from intern.papers.numbers import NUMBER, WORD_NUMBER


@dataclass(frozen=True, slots=True)
class Link:
    """One value of a chain: its text, its place in the sentence, and the words it is for."""

    value: str
    start: int
    end: int
    words: str


_UNITS = r"(?P<u>(?:\s(?!for\b|on\b|in\b|and\b|with\b)[a-z][\w-]*){0,3})"
_PREPOSITION = r"\s(?:for|on|in|with|when (?:training|using|fine-tuning)(?: on)?)\s(?:the |our |all )?"
_AND = r"(?:,? and |, |; |,? while |,? whereas |,? but )"
_AGAIN = (
    r"(?:(?:an?|with|of|to|use|uses|we|is|it|was|one|batch|size|learning|rate|a value|at|then|beam|dropout|hidden|width|rank|"
    r"layers|initial|maximum) ){0,5}(?:(?:[A-Za-zα-ωϵ](?:_?\w{1,3})?|lr) ?= ?)?"
)
_STEP = re.compile(
    rf"{_UNITS}{_PREPOSITION}(?P<w>[^;]{{1,80}}?){_AND}{_AGAIN}(?P<n>\{{[^{{}}]{{3,70}}\}}|{NUMBER}|(?!one\b){WORD_NUMBER}\b)"
    rf"(?={_UNITS.replace('?P<u>', '')}{_PREPOSITION})"
)
_LAST = re.compile(
    rf"{_UNITS}{_PREPOSITION}(?P<w>[A-Z][\w.+-]*(?:, [A-Z][\w.+-]*)+,? and [A-Z][\w+-]*|[A-Z][\w.+-]* and [A-Z][\w+-]*(?=[,.;)]|$)|(?:[^,;.()]|\.(?=\w)){{1,60}}?(?:\s?\([^()]{{1,40}}\)(?: [a-z]+)?)?)(?=[,;)]|\.(?!\w)| and | to | while | where |$)"
)
_BRACKET = re.compile(
    rf"{_UNITS}\s\((?P<w>[A-Z][\w.-]*[A-Z\d-][\w.-]*(?:(?:,| and) [A-Z][\w.-]*[A-Z\d-][\w.-]*){{0,3}})\)"
)
_EXCEPT = re.compile(
    rf"{_UNITS},? (?:with|and|but|except)(?: we use)? (?P<n>{NUMBER})(?={_UNITS.replace('?P<u>', '')}{_PREPOSITION}(?!which))"
)
_EXCEPT_ASIDE = re.compile(
    rf"{_UNITS}(?: (?:for|on) (?:the )?(?P<f>[A-Z][\w.-]*))? \((?:and |but )?(?P<n>{NUMBER})(?: [a-z]+)? (?:for|on) (?:the )?(?!abla|each|every|all\b)(?P<w>[A-Z][\w.+-]*(?:(?: and |, )[A-Z][\w.+-]*)*)(?: models?| data ?sets?)?\)"
)
"""Another value in brackets: "24,000 steps (30,000 for LARGE)"."""
_EXCEPT_UNIT = re.compile(r" (?!for\b|on\b|in\b|with\b|when\b)[a-z]+")
_JUDGED = re.compile(r" (?:works?|worked|performs?|performed|was|is|gives?|gave|turned out|being)\b")
"""What says how the value before it did: no exception."""
_COUNTS = re.compile(
    r" (?:\w+ )?(?:channels|heads|layers|units|filters|neurons|blocks|epochs|steps|iterations) (?:is|are|was|were)\b"
)
"""What begins a statement of its own behind a number."""
_SUBJECT = r"(?P<w>(?:the )?[A-Z][\w.+-]*(?: (?!for\b|and\b|on\b.*\bfor\b)[\w.+-]+){0,3}?)"
_VERB = (
    r" (?:for|uses?|using|with|has|takes?|employs?|adopts?|trains? for|is trained for|at)"
    r"(?: an?| a total of)?(?: [a-z]+ [a-z]+ of| lr(?: of)?| learning rate)? "
)
_BEFORE = re.compile(rf"(?:^|[,;.] |\band |\bwhile |\btrain(?:ed|ing)? on ){_SUBJECT}{_VERB}$")
_FOLLOWING = re.compile(rf"{_UNITS}{_AND}{_SUBJECT}{_VERB}(?P<n>{NUMBER})")
_WORD = (
    r"(?:[A-Z][\w./+-]*(?: (?:[A-Z\d][\w./+-]*|base|large|small))*|base|large|small|medium|big|"
    r"(?:encoder|decoder|actor|critic|policy|value|generator|discriminator|teacher|student|backbone|head)"
    r"(?: (?:networks?|models?|functions?))?|"
    r"pre-?training|fine-?tuning|\d+-(?:shot|way|layer|bit|hop|class|gram|step)s?)"
)


def links(text: str, start: int, end: int, name: str = "") -> list[Link]:
    """The chain that the value at [start, end) begins; [] when it stands alone. The value itself is its first link."""
    if name == "dropout" and (placed := _placed(text, start, end)):
        return placed
    found = (
        _slashed(text, start, end)
        or _bracketed(text, start, end)
        or _for_each(text, start, end)
        or _behind(text, start, end)
        or _each(text, start, end)
        or _with_exceptions(text, start, end)
        or _subjects(text, start, end)
        or _labelled(text, start, end)
        or _opened(text, start, end)
        or _owned(text, start, end)
        or _pair(text, start, end)
        or _elliptic(text, start, end)
        or _otherwise(text, start, end)
    )
    return [] if any(_NO_SCOPE.search(link.words) for link in found) else found


_NO_SCOPE = re.compile(
    r"^(?:the )?same\b|(?<!conv )(?<!convolutional )(?<!connected )(?<!new )(?<!trained )"
    r"(?<!other )(?<!remaining )(?<!last )(?<!final )(?<!output )(?<!dense )(?<!added )(?<!fc )"
    r"(?<!attention )(?<!recurrent )(?<!linear )\blayers\b|"
    r"\b(?:heads|dimensions?|units|sizes?|rates?|neurons|filters|channels|epochs|steps|iterations|updates)\b|"
    r"^(?:about |an? )?\d[\d.,]*(?:[kKM]|e-?\d+|\s?[×x·]?\s?10\^?[-−]?\d*|\^[-−]?\d+)?$",
    re.I,
)
"""Words behind a number that name another setting, not what the number holds for."""


_HELD_OUT = re.compile(r"^(?:the )?(?:val|valid\w*|dev\w*|test\w*|held-out)\b", re.I)


def of_split(name: str, chain: list[Link]) -> bool:
    """Whether a chain of counts tells how data is split: only its first is the number of training examples."""
    return name == "train_examples" and any(_HELD_OUT.search(link.words) for link in chain)


_SLASHED_VALUES = re.compile(rf"{NUMBER}(?:\s?/\s?{NUMBER})+")
_SLASHED_NAMES = re.compile(r"(?<![\w/])[A-Za-z][\w.+-]*(?:\s?/\s?[A-Za-z][\w.+-]*)+(?![\w/])")


def _slashed(text: str, start: int, end: int) -> list[Link]:
    """As many values as names, both with strokes between: "90k/120k iterations on VOC/COCO"."""
    whole = next((match for match in _SLASHED_VALUES.finditer(text) if match.start() <= start < match.end()), None)
    if whole is None:
        return []
    values = [(whole.start() + part.start(), whole.start() + part.end()) for part in re.finditer(NUMBER, whole.group())]
    for match in _SLASHED_NAMES.finditer(text):
        names = re.split(r"\s?/\s?", match.group())
        if len(names) == len(values) and not re.fullmatch(r"(?:and|or|w|n|a)/\w+", match.group()):
            return [Link(text[low:high], low, high, name) for (low, high), name in zip(values, names, strict=True)]
    return []


_WHO = r"(?:the |our )?[\w.+-]+(?: (?!and\b|are\b|is\b|was\b|were\b)[\w.+-]+)?"
_HOLDERS = re.compile(
    rf"\b(?:for|of|in|on) (?P<w>{_WHO}(?:, {_WHO})*,? and {_WHO}),? "
    r"(?:(?:are|is|was|were) )?(?:(?:both )?(?:set|fixed|chosen|kept) )?(?:to|at|=)? ?$"
)
_TWO_PARTS = re.compile(
    r"^(?:The |Our )?(?P<a>[\w-]+) and (?:the )?(?P<b>[\w-]+)(?: [a-z-]+)? (?:are|were|use|have|had|used|get)\b[^,;.:()\d]{3,60}$"
)


_EARLIER = re.compile(rf"(?<![\w.]){NUMBER}(?:, {NUMBER})*,? and $")
"""The values before the last of a list, where only the last has its unit: "0.5M and 1.2M steps"."""


def _for_each(text: str, start: int, end: int) -> list[Link]:
    """As many values as parts that were named before: "the rates for the encoder and the decoder are 0.1 and 0.2"."""
    if earlier := _EARLIER.search(text, 0, start):
        start = earlier.start()
    values = [(start + match.start(), start + match.end()) for match in re.finditer(NUMBER, text[start:end])]
    if len(values) < 2 or text[start] in "{[(":
        return []
    if found := _HOLDERS.search(text[:start]):
        names = re.split(r",? and |, ", found.group("w"))
    elif found := _TWO_PARTS.search(text[:start]):
        names = [found.group("a"), found.group("b")]
    else:
        return []
    if len(names) != len(values):
        return []
    words = [re.sub(r"^(?:the|our|both) ", "", name) for name in names]
    return [Link(text[low:high], low, high, name) for (low, high), name in zip(values, words, strict=True)]


_EACH_WITH_UNIT = re.compile(
    rf"(?: (?P<u>[a-z]+))(?:, {NUMBER} [a-z]+)*,? and {NUMBER} (?P<v>[a-z]+)(?=,? respectively)"
)
"""The rest of a list whose values have their unit each: "200K steps and 40K steps, respectively"."""
_IN_BRACKETS = re.compile(r"\s\((?P<w>(?:for |on )?[A-Za-z][^()=]{1,28})\)")
_NEXT = re.compile(rf"(?:,? and|,|/|;| /| or)\s?(?P<n>{NUMBER})")


def _each(text: str, start: int, end: int) -> list[Link]:
    """Values with the words each holds for in brackets: "2880 (base) / 2400 (large)"."""
    out: list[Link] = []
    while match := _IN_BRACKETS.match(text, end):
        if re.search(r"(?:19|20)\d\d", match.group("w")):
            break
        out.append(Link(text[start:end], start, end, re.sub(r"^(?:for|on) (?:the )?", "", match.group("w"))))
        following = _NEXT.match(text, match.end())
        if following is None:
            break
        start, end = following.span("n")
    return out if len(out) >= 2 else []


def _with_exceptions(text: str, start: int, end: int) -> list[Link]:
    """ "32, with 16 for A and 64 for B": the first holds where nothing else is said."""
    if aside := _EXCEPT_ASIDE.match(text, end):
        first = aside.group("f") or ""
        return [Link(text[start:end], start, end, first), Link(aside.group("n"), *aside.span("n"), aside.group("w"))]
    match = _EXCEPT.match(text, end)
    if match is None or _JUDGED.match(text, match.end("n")) or _COUNTS.match(text, match.end("n")):
        return []
    rest = _behind(text, *match.span("n"))
    if not rest and (last := _LAST.match(text, match.end("n"))):
        rest = [Link(match.group("n"), *match.span("n"), last.group("w").strip())]
    units = match.group("u").split()[:1], _EXCEPT_UNIT.match(text, match.end("n"))
    if units[0] and units[1] and units[0][0].rstrip("s") != units[1].group().strip().rstrip("s"):
        return []  # "9 layers with 6 heads for …"
    return [Link(text[start:end], start, end, "default"), *rest] if rest else []


def named(text: str, start: int, end: int, known: Collection[str]) -> list[Link]:
    """One value with the names it holds for in brackets: "up to 30 words (A-30, B-30)"; [] unless all are `known`."""
    match = _BRACKET.match(text, end)
    if match is None or any(name not in known for name in re.split(r",? and |, ", match.group("w"))):
        return []
    return [Link(text[start:end], start, end, match.group("w"))]


def _behind(text: str, start: int, end: int) -> list[Link]:
    out: list[Link] = []
    while match := _STEP.match(text, end):
        if re.search(rf"(?:\band|,) {NUMBER}(?! ?[\w)])", match.group("w")):
            break
        out.append(Link(text[start:end], start, end, match.group("w").strip()))
        start, end = match.span("n")
    if out and (match := _LAST.match(text, end)):
        out.append(Link(text[start:end], start, end, match.group("w").strip()))
    return out if len(out) >= 2 else []


def _subjects(text: str, start: int, end: int) -> list[Link]:
    first = _BEFORE.search(text[:start])
    if first is None:
        return []
    out = [Link(text[start:end], start, end, first.group("w").strip())]
    while match := _FOLLOWING.match(text, end):
        start, end = match.span("n")
        out.append(Link(text[start:end], start, end, match.group("w").strip()))
    return out if len(out) >= 2 else []


_WHERE = r"(?:to|on|for|between|after|before|in|at) (?:the |each |every |all )?(?P<w>[A-Za-z][\w -]{1,40}?)"
_PLACED = re.compile(
    rf" {_WHERE}(?:,? and |, )(?:an? )?(?:dropout )?(?:of )?(?P<n>{NUMBER})(?= (?:to|on|for|between|after|before|in|at)\b)"
)
_LAST_PLACED = re.compile(rf" {_WHERE}(?=[,.;]| and | with |$)")


def _placed(text: str, start: int, end: int) -> list[Link]:
    """Several rates of dropout, each with the place where it is applied: "0.2 to the embeddings and 0.5 between layers"."""
    out: list[Link] = []
    while match := _PLACED.match(text, end):
        out.append(Link(text[start:end], start, end, match.group("w")))
        start, end = match.span("n")
    if out and (match := _LAST_PLACED.match(text, end)):
        out.append(Link(text[start:end], start, end, match.group("w")))
    return out if len(out) >= 2 else []


_HOLDER = r"(?P<w>[A-Za-z][\w-]*(?: (?!and\b|is\b|are\b|to\b|of\b)[\w-]+){0,2})"
_IN_FRONT = re.compile(rf"\b(?:for|on|of|in|to) (?:the |our )?{_HOLDER} \($")
_FURTHER = re.compile(rf"\)(?:,? and |, )(?:(?:for|on|of|in|to) )?(?:the |our )?{_HOLDER} \((?P<n>{NUMBER})(?=\))")


def _bracketed(text: str, start: int, end: int) -> list[Link]:
    """Holders with the value of each in brackets: "for the encoder (0.1) and the decoder (0.2)"."""
    first = _IN_FRONT.search(text[:start])
    if first is None:
        return []
    out = [Link(text[start:end], start, end, first.group("w"))]
    while match := _FURTHER.match(text, end):
        start, end = match.span("n")
        out.append(Link(text[start:end], start, end, match.group("w")))
    return out if len(out) >= 2 and not any(canonical(link.words) for link in out) else []


_OWNED = re.compile(r"\b(?:the |[Tt]he )?(?P<w>[A-Za-z][\w-]+)['’]s? [^,;.\d]{2,40}$")
_OWNED_NEXT = re.compile(
    rf"{_UNITS}(?:,? and |, |; |,? while )(?:that of )?(?:the )?(?P<w>[A-Za-z][\w-]+)['’]s?(?: (?:is|was|to|has|uses|one is))? (?P<n>{NUMBER})"
)


def _owned(text: str, start: int, end: int) -> list[Link]:
    """ "the actor's rate is 1e-4 and the critic's is 3e-4"."""
    first, match = _OWNED.search(text[:start]), _OWNED_NEXT.match(text, end)
    if first is None or match is None:
        return []
    return [
        Link(text[start:end], start, end, first.group("w")),
        Link(match.group("n"), *match.span("n"), match.group("w")),
    ]


_PAIR = re.compile(
    r" for (?:both )?(?:the |our )?(?P<a>[A-Za-z][\w-]*(?: network)?) and (?:the |our )?(?P<b>[A-Za-z][\w-]*)(?: networks?| models?)?(?=[.,;]|$)"
)


def _pair(text: str, start: int, end: int) -> list[Link]:
    """Two values and two holders behind them: "rates of 1e-4 and 4e-4 for the generator and the discriminator"."""
    two = re.fullmatch(rf"(?P<m>{NUMBER}) and (?P<n>{NUMBER})", text[start:end])
    match = _PAIR.match(text, end)
    if two is None or match is None or canonical(match.group("b")):
        return []
    places = [(start + two.start(key), start + two.end(key)) for key in "mn"]
    return [Link(text[low:high], low, high, match.group(key)) for (low, high), key in zip(places, "ab", strict=True)]


_ELLIPSIS = re.compile(
    rf"{_UNITS},? (?:and )?the (?P<w>[a-z][\w-]*(?: [a-z][\w-]*)?) (?:with|uses?|at) (?:one of )?(?P<n>{NUMBER})(?=[.,;]|$| and )"
)


def _elliptic(text: str, start: int, end: int) -> list[Link]:
    """ "The reader is trained with a learning rate of 1e-4, the writer with 3e-5"."""
    match = _ELLIPSIS.match(text, end)
    if match is None or (canonical(match.group("w")) and match.group("w") != "actor"):
        return []
    return [Link(text[start:end], start, end, ""), Link(match.group("n"), *match.span("n"), match.group("w"))]


_NAMED_EXCEPT = re.compile(
    rf"{_UNITS},? (?:except|apart from|but) (?:for |on )?(?=(?:the )?[A-Z][\w.-]*(?: [\w.-]+)? \({NUMBER}\))"
)
_NAMED_VALUE = re.compile(rf"(?:,? and |, )?(?:the )?(?P<w>[A-Z][\w.-]*(?: [\w.-]+)?) \((?P<n>{NUMBER})\)")
_WHERE_USED = re.compile(
    rf"{_UNITS},? except (?:for|on|in) (?:the )?(?P<w>[^,;.]{{2,40}}?),? (?:where|for which) (?:we|it|they) (?:use|uses|is|are|set it to|take|train for)(?: set to)? "
    rf"(?P<n>{NUMBER})"
)
_FOR_ONE = re.compile(
    rf"{_UNITS}(?: unless otherwise \w+)?[;,] (?:but |and |while )?(?:for|on) (?:the )?(?P<w>[^,;.\d]{{2,40}}?),? (?:we (?:use|set it to|choose|take)|it is(?: set to)?) "
    rf"(?P<n>{NUMBER})(?=[.,;)]|$| and )"
)


def _otherwise(text: str, start: int, end: int) -> list[Link]:
    """A value that holds where nothing else is said: "128, except SQuAD (384)", "32 except for A, where we use 512"."""
    first = Link(text[start:end], start, end, "")  # what the rest of the sentence says
    if match := _WHERE_USED.match(text, end) or _FOR_ONE.match(text, end):
        return [first, Link(match.group("n"), *match.span("n"), match.group("w").strip())]
    out = [first]
    if match := _NAMED_EXCEPT.match(text, end):
        at = match.end()
        while one := _NAMED_VALUE.match(text, at):
            out.append(Link(one.group("n"), *one.span("n"), one.group("w")))
            at = one.end()
    return out if len(out) > 1 else []


_LABEL = r"(?P<w>[A-Z\d][\w.+/-]*(?: [\w.+/-]+){0,3})"
_LABELLED = re.compile(rf"(?:^|[;,•(] ?){_LABEL}: (?:about |an? )?$")
_NEXT_LABEL = re.compile(rf"{_UNITS}[;,]? (?:and )?{_LABEL}: (?:about |an? )?(?P<n>{NUMBER})")


def _labelled(text: str, start: int, end: int) -> list[Link]:
    """ "VOC: 60k iterations; COCO: 240k iterations": labels that are no settings, a colon behind each."""
    first = _LABELLED.search(text[:start])
    if first is None:
        return []
    out = [Link(text[start:end], start, end, first.group("w"))]
    while match := _NEXT_LABEL.match(text, end):
        start, end = match.span("n")
        out.append(Link(text[start:end], start, end, match.group("w")))
    return out if len(out) >= 2 and not any(canonical(link.words) for link in out) else []


_OPENED = re.compile(r"(?:^|[,;.] )(?:However, )?(?:[Ff]or|[Oo]n) (?:the |our )?(?P<w>[^,;.]{2,40}?), [^,;.]{2,60}$")
_THEN = re.compile(
    rf"{_UNITS},? (?:and|but|while|whereas) (?:for|on) (?:the |our )?(?P<w>[^,;.\d]{{2,40}}?),? (?:we|it is|this is|they are)"
    rf"(?: (?:use|set|increased?|reduced?|raised?|lowered?|decreased?|changed?|take|train for|choose))?(?: it| this)?(?: to| at)? (?P<n>{NUMBER})"
)


def _opened(text: str, start: int, end: int) -> list[Link]:
    """ "For A, we use a batch size of 16, and for B, it is increased to 64"."""
    first, match = _OPENED.search(text[:start]), _THEN.match(text, end)
    if first is None or match is None:
        return []
    words = re.sub(r" data ?sets?$", "", first.group("w").strip())
    return [
        Link(text[start:end], start, end, words),
        Link(match.group("n"), *match.span("n"), match.group("w").strip()),
    ]


_EACH_FOR = re.compile(r"\d\S* (?:[a-z]+ )?(?:for|on) (?:the )?(?P<w>[A-Z][\w-]*(?: [A-Z\d][\w-]*)*)")
"""A value with its holder, before lists that go on with "respectively": "512 for A and 768 for B with batch sizes of …"."""


def respectively(text: str, start: int, end: int) -> list[Link]:
    """The parts of a list at [start, end) told apart by "respectively" and a list of as many names around it."""
    if not re.match(r"[^.;]{0,110}\brespectively\b", text[end:]):
        return []
    if earlier := _EARLIER.search(text, 0, start):
        start = earlier.start()
    values = [
        (match.group(), start + match.start(), start + match.end()) for match in re.finditer(NUMBER, text[start:end])
    ]
    if len(values) == 1 and (more := _EACH_WITH_UNIT.match(text, end)) and more.group("u") == more.group("v"):
        values += [(match.group(), *match.span()) for match in re.compile(NUMBER).finditer(text, end, more.end())]
        end = more.end()
    if len(values) < 2:
        return []
    middle = rf"(?:, {_WORD}){{{len(values) - 2}}}"
    listed = re.compile(rf"(?<![\w-])({_WORD}{middle},? (?:and|or) (?:for |on |in )?(?:the )?{_WORD})(?![\w-])")
    stop = end + (re.search(r"\brespectively\b", text[end:]) or re.match("", "")).start()  # type: ignore[union-attr]
    found = list(listed.finditer(text, end, stop)) or list(listed.finditer(text, 0, start))[-1:]
    if not found:
        before = [match.group("w") for match in _EACH_FOR.finditer(text, 0, start)]
        apart = len(before) == len(values) == len(set(before))
        return (
            [Link(value, low, high, name) for (value, low, high), name in zip(values, before, strict=apart)]
            if apart
            else []
        )
    listed_names = re.sub(r"^(?:On|For|In|The|Both|With|We|Our) (?:the )?", "", found[-1].group(1))
    names = re.split(r",? (?:and|or) (?:for |on |in )?(?:the )?|, ", listed_names)
    if len(names) != len(values):
        return []
    return [Link(value, low, high, name) for (value, low, high), name in zip(values, names, strict=True)]
