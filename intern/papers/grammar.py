# ruff: noqa: E501  the patterns are data, one a line
"""Which number of a sentence belongs to which setting, by the general grammar of English papers.

Four shapes: the value behind its name ("dropout after each layer is 0.1", "lr = 1e-3"), the value before it ("0.1 dropout",
"12 layers"), as many names as values ("the rate and momentum are 0.1 and 0.9"), and a letter once the paper has said what
it stands for ("where η is the learning rate … η = 0.1"). The names are data: see `lexicon`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intern.papers import topics
from intern.papers.lexicon import LEXICON, Term, patterns
from intern.papers.numbers import NUMBER, WORD_NUMBER

_ONE = rf"(?:{NUMBER}|{WORD_NUMBER}\b)"
_BETWEEN = r"(?:\s*,\s*(?:(?:\.\.\.|…|\. \. \.|· · ·)\s*,\s*)?(?:and\s|or\s)?|\s+(?:and|or)\s+|\s*/\s*)"
_VALUE = re.compile(
    rf"(?<![\w.,^/×-])(?<!\d\s[×x·]\s)(?:[{{\[(]\s?{_ONE}(?:{_BETWEEN}{_ONE})+\s?[}}\])]|{_ONE}(?:{_BETWEEN}{NUMBER})*)(?![\w-]*\d)",
    re.I,
)
_NUMBER = re.compile(_ONE, re.I)
_PLACE = r"\b(?:in|of|from) (?:the )?(?:eqn?s?\.?|equations?|section|sec\.|table|loss|figure) ?\(?\d*\)?"
_CITED = rf"\[\d[\d,; –-]*\]|\((?:[A-Z][^()]{{2,60}}\d{{4}}[a-z]?(?:; )?)+\)|{_PLACE}"
_LETTER = r"(?:[α-ωϵλ]|[A-Za-z])(?:_?\w{1,4})?'?(?=\s?(?:=|:|∈|of\b|is\b|to\b|was\b|\)))|[α-ωϵ]\b"
_LINK = (
    r"of|is|are|was|were|be|been|being|to|at|as|with|the|an?|both|all|always|set|fixed|chosen|equal|equals|value|values|about|"
    r"approximately|around|roughly|up|using|use|used|uses|we|kept|held|which|that|default|defaults|defaulted|containing|contains?|consist(?:ing|s)?|compris(?:ing|es)|holds?|holding|(?<=swept )over|(?<=tuned )over|(?<=searched )over|(?<=varied )over|(?<=ranges )over|(?<=ranging )over|(?<=optimized )over|(?<=optimised )over|(?<=selected )over|has|have|had|from|"
    r"among|amongst|between|only|just|initialized|selected|in|p|rate|rates|ratio|factor|strength|coefficient|parameter|parameters|size|"
    r"hyper-?parameter|probability|penalty|threshold|constant|norm|length|width|dimension|dimensions|number|total|weight|weighted|"
    r"starting|initially|uniformly|maximum|limit|limited|capped|restricted|choose|found|picked|took|take|starts|started|begins|"
    r"also|here|either|respectively|specifically|namely|i\.e\.|e\.g\.|ranges?|ranging|tuned|searched|swept|varied|grid-searched|drawn|sampled|log-uniformly|randomly|within|sweep|candidates?|options?|possible"
)
_TIGHT = re.compile(
    rf"(?:\s*(?:{_CITED}|\([^()\d]{{0,30}}\)|{_LETTER}|\b(?:{_LINK})\b|[=:≈~∈≤,(\"'“”‘’]|[–—-]+(?=\s)))*\s*", re.I
)
_PUNCTUATION_ONLY = re.compile(r"\s*,\s*|\s*,\s*(?:with|the|an?|and|we|use|used|using)\s*", re.I)
_END_OF_LOOSE = re.compile(
    r"(?:=|:|\b(?:in|from|over|among(?:st)?|within) the (?:\w+ )?(?:interval|range|set|grid)\b|\b(?:of|to|at|is|was|are|were|with|as|be)\b(?:\s(?:an?|the|about|set|fixed|to|value|values|of|probability|rate|weight|p|size|length|max(?:imum)?|norm|most))*)\s*[=(]?\s*$",
    re.I,
)
_NO_LOOSE = re.compile(
    r"[;:.(){}]|\d|\b(?:reduc|decay|decreas|drop(?!out)|divid|multipl|increas|improv|higher|lower|larger|smaller|than|by\b|compar|effect|vari|per\b|every|"
    r"after|first|last|until|table|figure|section|percent|accurac|perform|error|result|score|points|whether|not|no\b|without|"
    r"instead|and|or|but|while|where|because|for which|so that|from|further|again|times|anneal|warm|steps?\b|epochs?\b|iterations?\b|"
    r"halv|lead|led|obtain|achiev|reach|yield|gain|gives?|gave|over)",
    re.I,
)
_ADJECTIVE = (
    r"(?:\s?-\s?|\s)(?:(?:an?|the|of|as|for|total|initial|different|peak|maximum|linear|constant|standard|max)\s){0,2}"
)
_BEFORE_NAME = re.compile(
    r"\b(?:final|minimum|min\.?|end|ending|lowest|minimal|terminal|relative|stopping|no)\s$", re.I
)
_JOINED = re.compile(
    r"(?:\s*(?:,|/|\band\b|\bthe\b|\bour\b|\ban?\b|&|\([^()\d]{1,16}\)|[α-ωϵ](?:_?\w)?(?=\W)|\b[A-Za-z]_?\w?(?=\s?(?:,|and\b|are\b|is\b|=))))+\s*",
    re.I,
)
_PAIR_LINK = re.compile(
    r"\s*(?:\([^()\d]{0,20}\))?[\s,)]*(?:(?:are|is|were|was|being|to be|have been)\s)?(?:(?:all|both|respectively|always|then|each)\s)?"
    r"(?:(?:set|fixed|chosen|equal|kept|selected|tuned)\s)?(?:to be\s)?(?:(?:to|as|at|of|=|:|with)\s?)?(?:(?:values|be)\s)?(?:of\s)?",
    re.I,
)
_SPLIT = re.compile(rf"(?P<n>{_ONE})(?P<u>\s(?:(?:epochs|tokens|steps|layers|sequences|samples|images))\b)?", re.I)


@dataclass(frozen=True, slots=True)
class Mention:
    """A setting's name in a sentence."""

    start: int
    end: int
    term: Term
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Bond:
    """A value at [start, end) of a sentence that belongs to `term`, named at `at`."""

    term: Term
    start: int
    end: int
    at: int
    weight: float
    sure: bool = False
    """Whether nothing but the grammar of a list joins them, so that no other reading of the value is right."""


@functools.cache
def _keys() -> re.Pattern[str]:
    return re.compile(
        r"rate|lr|step|decay|warm|moment|beta|β|clip|norm|batch|bs|iteration|updates|epoch|passes|seed|runs|trials|restart|"
        r"repetition|initiali|dropo|drop|l2|ℓ|wd|smooth|depth|layer|block|hidden|dim|width|size|unit|neuron|cell|node|head|"
        r"embed|vocab|vector|bpe|merge|length|len|context|truncat|sequence|beam|lora|rank|scaling|temperature|loss|bptt|"
        r"unroll|propagation|discount|gamma|γ|gae|advantage|entropy|rollout|horizon|actor|environment|envs|worker|replay|buffer|"
        r"memory|frame|repeat|training|filter|kernel|channel|feature|n_|d_|d model|d ff|η|α|λ|ε|penalty|regulari",
        re.I,
    )


def mentions(text: str) -> list[Mention]:
    """Names of settings in a text, in order; where two overlap, the longer one."""
    if not _keys().search(text):
        return []
    found: list[Mention] = []
    for term in LEXICON:
        nouns, counted, _ = patterns(term)
        for pattern, is_counted in ((nouns, False), (counted, True)):
            if pattern is not None:
                found += [Mention(*match.span(), term, is_counted) for match in pattern.finditer(text)]
    found.sort(key=lambda item: (item.start - item.end, item.counted))
    kept: list[Mention] = []
    for item in found:
        same = [other for other in kept if other.start < item.end and item.start < other.end]
        if all(other.start == item.start and other.end == item.end for other in same) and len(same) < 2:
            kept.append(item)
    return sorted(kept, key=lambda item: (item.start, item.counted))


def bonds(text: str, letters: dict[str, Term] | None = None) -> list[Bond]:
    """Every value of a sentence that a setting's name claims."""
    names = mentions(text)
    names = [item for item in names if not _BEFORE_NAME.search(text[max(0, item.start - 12) : item.start])]
    out: list[Bond] = list(_pairs(text, names))
    for match in _VALUE.finditer(text):
        if any(bond.start < match.end() and match.start() < bond.end for bond in out):
            continue
        if re.match(
            r"\s?/\s?(?:√|sqrt|[A-Za-z(]|$)|\s?[×x]\s?\d|\s(?:days?|hours?|minutes?|weeks?|seconds?|GPUs?)\b",
            text[match.end() :],
        ):
            continue
        out.extend(_bind(text, match.start(), match.end(), names))
    if bond := _of_topic(text, names, out):
        out.append(bond)
    if letters:
        out.extend(bond for bond in _by_letter(text, letters) if not any(o.start == bond.start for o in out))
    return [bond for bond in out if not _elsewhere(text, bond)]


def _of_topic(text: str, names: list[Mention], out: list[Bond]) -> Bond | None:
    """The value of a sentence that opens with what it is about: "Regarding the batch size, we use 32 for …"."""
    if len(names) != 1 or (place := topics.value_of(text, names[0].start, names[0].end, _VALUE)) is None:
        return None
    taken = any(bond.start == place[0] for bond in out)
    return None if taken else Bond(names[0].term, *place, names[0].start, 0.9)


def clause(text: str, bond: Bond, before: int, behind: int) -> str:
    """The words around a name and its value; only those between them in a list such as "epochs = 4, warmup = 10"."""
    low, high = min(bond.at, bond.start), max(bond.end, bond.at)
    if bond.at < bond.start and re.search(r"[=:]\s?[\[({]?$", text[bond.at : bond.start]):
        return text[low:high]
    if bond.at >= bond.end:
        behind = min(behind, 6)
    return text[max(0, low - before) : high + behind]


LISTED = ("hidden_size", "heads", "embedding_dim")
"""Settings that stand in lists of sizes, where the next size has the words that would mean another one."""


def own_clause(text: str, bond: Bond) -> str:
    """The words around a name and its value up to the next item of the list they stand in."""
    low, high = min(bond.at, bond.start), max(bond.end, bond.at)
    before = re.split(r"[,;] (?:and )?|(?<=\d) and ", text[max(0, low - 40) : low])[-1]
    behind = (
        re.split(r"[,;)]| and |\bwith\b", text[high : high + 25])[0] if bond.at < bond.start else text[high : high + 6]
    )
    return before + text[low:high] + behind


def _elsewhere(text: str, bond: Bond) -> bool:
    """Whether the clause around says that the words mean something else here."""
    besides = patterns(bond.term)[2]
    if besides and besides.search(
        own_clause(text, bond)
        if bond.term.name in LISTED
        else clause(text, bond, 64 if bond.term.name == "feature_maps" else 40, 25)
    ):
        return True
    return bool(bond.term.needs and not re.search(bond.term.needs, text, re.I))


def _bind(text: str, start: int, end: int, names: list[Mention]) -> Iterator[Bond]:
    left = max((item for item in names if item.end <= start and not item.counted), key=lambda m: m.end, default=None)
    gap = text[left.end : start] if left else ""
    tight = left is not None and _TIGHT.fullmatch(gap) is not None and not _PUNCTUATION_ONLY.fullmatch(gap)
    right = _behind(text, end, names)
    if text[start] in "{[" and re.search(r"[∈=:] ?$", text[:start]):
        right = None  # "layers ∈ {1, 2} learning rate ∈ …": a set belongs to what stands before it
    parts = list(_NUMBER.finditer(text, start, end))
    bare = text[start] not in "{[("
    named = _in_brackets(text, end, names)
    if named:
        yield Bond(named.term, start, end, named.end, 1.0, sure=True)
    elif right and bare and len(parts) > 1 and tight and left and left.term is not right.term:
        own = 1 + _joined_by_or(text, parts)
        yield Bond(right.term, parts[-own].start(), end, right.end, 0.95)
        yield Bond(left.term, start, parts[-own - 1].end(), left.start, 1.0)
    elif (
        right
        and right.counted
        and bare
        and len(parts) == 2
        and re.fullmatch(r",\s", text[parts[0].end() : parts[1].start()])
    ):
        yield Bond(right.term, parts[1].start(), end, right.end, 0.95)  # a list of two has an "and"
    elif right and (right.counted or not tight):
        yield Bond(right.term, start, end, right.end, 0.95)
        if right.counted and tight and left and left.term is not right.term and _plain_elsewhere(text, right, start):
            yield Bond(left.term, start, end, left.start, 1.0)
    elif left and tight:
        yield Bond(left.term, start, end, left.start, 1.0)
    elif far := _named_behind(text, start, end, names):
        yield Bond(far.term, start, end, far.end, 0.95)
    elif left and _is_loose(gap):
        yield Bond(left.term, start, end, left.start, 0.8)


def _joined_by_or(text: str, parts: list[re.Match[str]]) -> bool:
    """Whether the last two numbers of a list belong together: "2e-5, 3e-5, and 3 or 4 epochs"."""
    if len(parts) < 3:
        return False
    before, last = text[parts[-3].end() : parts[-2].start()], text[parts[-2].end() : parts[-1].start()]
    return "," in before and re.fullmatch(r"\s?(?:or|/)\s?", last) is not None


def _plain_elsewhere(text: str, right: Mention, start: int) -> bool:
    """Whether the name behind the value means something else, so that the one before it may have it."""
    besides = patterns(right.term)[2]
    return bool(besides and besides.search(text[max(0, start - 40) : right.end + 25]))


def _named_behind(text: str, start: int, end: int, names: list[Mention]) -> Mention | None:
    """The name behind a value that a letter holds: "λ = 0.01 for the L2 penalty"."""
    link = re.compile(r"\s(?:for|as|is|to be)\s(?:(?:the|our|its|an?)\s)?(?:\w+\s)?", re.I).match(text, end)
    if link is None:
        return None
    lettered = re.search(r"(?:[α-ωϵ](?:_?\w)?|\b[A-Za-z](?:_\w)?)\s?=\s?$", text[:start])
    if not lettered and link.group().split()[0].lower() not in ("as", "to"):
        return None
    words = [end + match.start() for match in re.finditer(r"\b\w", link.group())] + [link.end()]
    return next((item for item in names if item.start in words), None)


def _in_brackets(text: str, end: int, names: list[Mention]) -> Mention | None:
    """The name that stands in brackets behind its value: "0.5 (dropout rate)"."""
    opened = re.compile(r"\s?[(\[]\s?(?:the )?").match(text, end)
    if opened is None:
        return None
    return next(
        (item for item in names if item.start == opened.end() and re.match(r"\s?[)\]]", text[item.end :])), None
    )


def _behind(text: str, end: int, names: list[Mention]) -> Mention | None:
    """The name right behind a value: all plurals that it counts, and nouns it stands before as an adjective."""
    match = re.compile(_ADJECTIVE, re.I).match(text, end)
    if match is None:
        return None
    here = [item for item in names if item.start == match.end()]
    for item in sorted(here, key=lambda item: not item.counted):
        plain = text[match.end() : item.end].lower()
        if item.counted and re.fullmatch(
            r"one|single", text[max(0, end - 6) : end].split()[-1:][0] if text[:end].split() else "", re.I
        ):
            continue
        if item.counted or re.search(
            r"drop|learning|dim|size|decay|momentum|smoothing|batch[- _]?size|vocab|temperature|clip|warm", plain
        ):
            return item
    return None


_OF_SEVERAL = re.compile(
    r"\b(for|of|in|on) (?:both )?(?:the )?(?!\d)[\w-]+(?: (?!\d)[\w-]+)?(?:, (?:the )?(?!\d)[\w-]+)*,? and (?:the )?(?!\d)[\w-]+(?: [a-z-]+)?(?= (?:is|are|was|were)\b)"
)
"""For whom a setting holds, where that is several: "for the generator and the discriminator are"."""


def _is_loose(gap: str) -> bool:
    """Whether a gap is a phrase about the name ("for the generator network was fixed at"), then a link to the value."""
    inner = re.sub(_CITED, "", gap)
    inner = re.sub(r"\b[A-Z][A-Za-z]*-?\d[\w-]*", "X", inner)  # a data set's number is no value
    inner = re.sub(r"\band (for|on|in) ", r"\1 ", inner)
    inner = _OF_SEVERAL.sub(r"\1 several", inner)
    aside = re.fullmatch(r"\s*,[^,]{3,45},(?P<rest>[^,]*)", inner)
    inner = aside.group("rest") if aside else inner
    link = _END_OF_LOOSE.search(inner)
    return (
        link is not None
        and len(inner) <= 70
        and "," not in inner
        and not _NO_LOOSE.search(inner[: link.start()])
        and not re.match(r"\s(?:decay|schedule|scheduler|warm|regime|policy|range|finder)", inner)
    )


def _pairs(text: str, names: list[Mention]) -> Iterator[Bond]:
    """Lists of names and lists of values of the same length, the names first or last."""
    nouns = [
        item for item in names if not item.counted or not any(o.start == item.start and o is not item for o in names)
    ]
    run: list[Mention] = []
    for place, item in enumerate(nouns):
        run = [*run, item] if run and _JOINED.fullmatch(text[run[-1].end : item.start]) else [item]
        following = nouns[place + 1] if place + 1 < len(nouns) else None
        if len(run) < 2 or (following and _JOINED.fullmatch(text[item.end : following.start])):
            continue
        if any(name.counted and _COUNTS.search(text[: name.start]) for name in run):
            continue  # "3 layers, width = 128, …": the first has its number already
        values = _values_behind(text, item.end, len(run)) or _values_before(text, run[0].start, len(run))
        if values and (own := _behind(text, values[-1][1], names)) and own.counted and own.term is not item.term:
            continue  # "width = 128, 16 heads": the last number counts what follows
        if values and len({id(name.term) for name in run}) > 1:
            for name, (start, end) in zip(run, values, strict=True):
                yield Bond(name.term, start, end, name.start, 1.0, sure=True)


_COUNTS = re.compile(rf"(?<![\w.]){_ONE}[\s-]$", re.I)


def _values_behind(text: str, at: int, count: int) -> list[tuple[int, int]]:
    link = _PAIR_LINK.match(text, at)
    return _list_at(text, link.end(), count) if link and link.group().strip() else []


def _list_at(text: str, at: int, count: int) -> list[tuple[int, int]]:
    """Exactly `count` numbers in a list that begins at an offset; [] when there are more or fewer."""
    out: list[tuple[int, int]] = []
    opened = re.match(r"[\s({\[]*", text[at:])
    at += opened.end() if opened else 0
    while match := _SPLIT.match(text, at):
        out.append(match.span("n"))
        joint = re.compile(r"(?:\s*,\s*(?:and\s)?|\s+and\s+|\s*/\s*)(?=\d|\.\d)").match(text, match.end())
        if joint is None:
            break
        at = joint.end()
    return out if len(out) == count else []


def _values_before(text: str, at: int, count: int) -> list[tuple[int, int]]:
    """ "0.1, 0.9 and 1e-4 for the learning rate, momentum and weight decay"."""
    link = re.search(r"\s(?:for|as)(?:\s(?:the|our|both))?(?:\s(?:values of|initial))?\s*$", text[:at])
    if link is None:
        return []
    listed = list(re.finditer(rf"{NUMBER}(?:{_BETWEEN}{NUMBER})*$", text[: link.start()]))
    if not listed:
        return []
    values = [
        match.span() for match in re.finditer(NUMBER, text[: link.start()]) if match.start() >= listed[-1].start()
    ]
    return values if len(values) == count else []


_GREEK = r"[α-ωϵ](?:_?[a-z0-9]{1,4})?"


def letters_of(texts: Iterable[str]) -> dict[str, Term]:
    """What the letters of a paper stand for, where it says so once and for one setting only."""
    found: dict[str, set[int]] = {}
    terms: dict[int, Term] = {}
    for text in texts:
        named = mentions(text)
        ends = {item.end for item in named}
        for item in named:
            low, high = max(0, item.start - 30), min(len(text), item.end + 24)
            for letter in _letters_beside(text, low, high, item, ends):
                found.setdefault(letter, set()).add(id(item.term))
                terms[id(item.term)] = item.term
    return {letter: terms[next(iter(ids))] for letter, ids in found.items() if len(ids) == 1}


_BEHIND = re.compile(
    rf"\s?(?:(?P<g>{_GREEK})(?=[\s,.;:)=]|$)|\((?P<b>{_GREEK}|[A-Za-z](?:_\w{{1,5}})?)\)|(?:,? (?:is )?denoted (?:by|as) |,? called "
    rf"| as | by )(?P<d>{_GREEK}|[A-Za-z](?:_\w{{1,5}})?)(?=[\s,.;:)]|$)|(?P<e>[A-Za-z](?:_\w{{1,5}})?)(?=\s?=)"
    r"|(?P<f>[B-HJ-Zb-hj-z])(?=\s(?:from|differs?|affects?|influences?|changes|var(?:y|ies)|is|was|∈)[\s:]))"
)
_AHEAD = re.compile(
    rf"(?<![\w\\])(?P<a>{_GREEK}|[A-Za-z](?:_\w{{1,5}})?)(?:\s(?:is|be|denotes?|represents?|being|for|as|stands for)|\s?:|,)?"
    r"\s(?:the |our )(?:\w+ )?$|(?<![\w\\])(?P<c>[α-ωϵ](?:_?\w{1,4})?)\s?(?::|is|denotes)\s$"
)


def _letters_beside(text: str, low: int, high: int, item: Mention, ends: set[int]) -> Iterator[str]:
    behind = _BEHIND.match(text[:high], item.end)
    if behind:
        yield next(part for part in behind.groups() if part).replace("_", "")
    ahead = _AHEAD.search(text[low : item.start])
    if ahead and low + ahead.start() - 1 in ends:
        return  # "the dimension k, the batch size b": k is the dimension's
    if ahead and (letter := ahead.group("a") or ahead.group("c")) and letter not in ("a", "A", "I"):
        yield letter.replace("_", "")


def _by_letter(text: str, letters: dict[str, Term]) -> Iterator[Bond]:
    for match in re.finditer(
        rf"(?<![\w.])(?P<s>[α-ωϵ](?:_?\w{{1,4}})?|[A-Za-z](?:_\w{{1,5}})?)\s?(?:=|∈|(?:(?:is|was) )?(?:set|fixed|chosen|kept) (?:to be|to|at|as)|(?<=set \w )(?:to|at)|(?<=fix \w )(?:to|at)|(?<=choose \w )as)\s?(?P<v>{_VALUE.pattern})",
        text,
    ):
        term = letters.get(match.group("s").replace("_", ""))
        number = _NUMBER.match(text, match.start("v"))
        if term is not None and number and text[match.start("v")] not in "{[(":
            yield Bond(term, *number.span(), match.start("s"), 0.9)
        elif term is not None:
            yield Bond(term, match.start("v"), match.end("v"), match.start("s"), 0.9)
