"""Settings from running text: the rules applied to every sentence, with scope, page and quote."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from intern.papers import chains, grammar, optimizer_scopes
from intern.papers.claims_in_general import told_in_general
from intern.papers.lexicon import Term
from intern.papers.list_ends import LAST_OF_LIST, chosen_of, last_only, own_part, without_others
from intern.papers.model import Document, Hyperparameter, Value
from intern.papers.numbers import NUMBER, WORD_NUMBER, as_value, compact, parse_number
from intern.papers.quotes import PageTexts, find_quote, quote_of_value
from intern.papers.refusals import refused
from intern.papers.rulebook import RULES
from intern.papers.rules import Rule
from intern.papers.scopes import Scoper
from intern.papers.sentences import Sentence
from intern.papers.trust import is_aside, is_varied, trust
from intern.papers.wordings import WORDED
from intern.papers.wordings_schedules import of_later_stage

_REWARDS = re.compile(
    r"\b(?:rewards?|reinforcement|polic(?:y|ies)|agents?|discount\w*|gae|ppo|dqn|q-learning|returns|entropy|clipping|λ)\b",
    re.I,
)
"""Words without which no γ is a discount."""
_ACTED = re.compile(r"\b(?:actors?|trajector\w+|roll-?outs?|environments?|experience)\b", re.I)
"""Words without which workers are no actors."""
_THANKS = re.compile(r"^(?:[\dA-Z.]+ )?(?:acknowledge?ments?|contribut(?:ors|ions)|author contributions)\b", re.I)
_SURNAME = re.compile(r" (?!Optimi|With|Beta|Epsilon)[A-Z][a-z]+(?:,| and | for )")
"""Behind "Adam" it is a person."""
_HAS_NUMBER = re.compile(rf"\d|\b{WORD_NUMBER}\b", re.I)
_ANY_NUMBER = re.compile(rf"(?<![\w.,^-])(?:{NUMBER}|{WORD_NUMBER}\b)", re.I)


@dataclass(slots=True)
class Found:
    """A candidate fact and how much it is to be believed."""

    fact: Hyperparameter
    weight: float
    section: str = ""
    varied: bool = False
    """Whether its sentence or section is about trying values out, not about the runs that are reported."""
    aside: bool = False
    """Whether its sentence tells an outcome, a compared method or a usual choice: it gives way to what is set elsewhere."""


_GENERAL_NAMES = ("optimizer", "activation", "lr_schedule", "early_stopping")
"""Settings that are words, which papers also write about without taking them."""


def from_text(document: Document, sentences: Iterable[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """All candidates of the running text, strongest wording first within a sentence."""
    out: list[Found] = []
    sentences = [sentence for sentence in sentences if not _THANKS.search(sentence.section)]
    rewarded = any(_REWARDS.search(sentence.text) for sentence in sentences)
    acted = rewarded or any(_ACTED.search(sentence.text) for sentence in sentences)
    unlearned = {*(() if rewarded else ("discount",)), *(() if acted else ("num_actors",))}
    letters = grammar.letters_of(plain(sentence.text) for sentence in sentences)
    for sentence in sentences:
        here = Place(sentence, out, scoper, pages)
        lower = plain(sentence.text).lower()
        wider = sentence.paragraph.text.lower()
        for worded in WORDED:
            if any(key in lower for key in worded.keys):
                told = list(worded.find(sentence.text))
                for words, start, end in told:
                    if words == "Adam" and _SURNAME.match(sentence.text, end):
                        continue
                    if worded.name in _GENERAL_NAMES and told_in_general(worded.name, sentence.text, start):
                        continue
                    value: Value = 0 if words == "0" else words
                    own = optimizer_scopes.holder(sentence.text, start, end, len({item[0] for item in told}) > 1)
                    about = scoper.of_words(sentence, own) if own and worded.name == "optimizer" else ""
                    _add(here, worded.name, value, None, (start, end), worded.weight, scope=about)
        if (not _HAS_NUMBER.search(sentence.text) and "million" not in lower) or "←" in sentence.text:
            continue
        bonds = grammar.bonds(plain(sentence.text), letters)
        here.bonds, here.taken = bonds, [(bond.start, bond.end) for bond in bonds if bond.sure]
        for rule in RULES:
            if any(key in (wider if rule.context else lower) for key in rule.keys):
                _apply(rule, here)
        _apply_bonds(here)
    return [item for item in out if item.fact.name not in unlearned]


@dataclass(slots=True)
class Place:
    """A sentence under work: where its facts go, and which of its values are given away already."""

    sentence: Sentence
    out: list[Found]
    scoper: Scoper
    pages: PageTexts
    taken: list[tuple[int, int]] = field(default_factory=list)
    """Values that belong to one name for sure."""
    bonds: list[grammar.Bond] = field(default_factory=list)
    given: list[tuple[int, int]] = field(default_factory=list)
    """Values that some rule has read."""
    lists: list[tuple[str, int, int]] = field(default_factory=list)
    """Lists that were read as one value, by name: their parts are no values of their own."""


_MATH = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x1D6A8, 0x1D7CC)}
"""Greek letters of the mathematical alphabets."""
GLYPHS = str.maketrans(_MATH | {"↵": "α", "✏": "ε", "⇤": "*", "⌘": "η", "⌧": "τ", "✓": "θ"})
"""Greek letters that some PDF writers print under other code points; one for one, so that offsets stay."""


def plain(text: str) -> str:
    """A sentence with usual letters, and without the full stop of "et al.": as long as before, so that offsets stay."""
    text = text.translate(GLYPHS).replace(" al.", " al ")
    return _PRODUCT.sub(lambda match: " " * len(match.group()), text) if "=" in text else text


_PRODUCT = re.compile(r"(?<![\d.])\d[\d,]*(?: ?[×x*·] ?\d[\d,]*)+ ?= ?(?=\d)")
"""How a number comes about: of "4 × 512 = 2048" only the result is the value."""


_PACE = re.compile(r"\([^()]*\b(?:every|each|per)\b[^()]*\)")
"""An aside about the pace of a schedule: what it counts is not the length of the run that is told around it."""


def _clause(text: str, start: int, end: int) -> str:
    """The words around a match, no farther than its semicolons."""
    left = max(text.rfind("; ", 0, start) + 1, start - 90, 0)
    right = text.find("; ", end)
    return text[left : min(len(text), end + 40, right if right >= 0 else len(text))]


def _apply(rule: Rule, here: Place) -> None:
    text = plain(here.sentence.text)
    if rule.name in ("steps", "epochs"):
        text = _PACE.sub(lambda match: " " * len(match.group()), text)
    sure, given = list(here.taken), []
    others = [bond.start for bond in here.bonds if bond.at >= bond.end and bond.term.name != rule.name]
    for match in rule.pattern.finditer(text):
        start, end = match.span("v")
        if any(low < end and start < high for low, high in sure):
            continue
        clause = match.group() if rule.tight else _clause(text, match.start(), match.end())
        if rule.reject and rule.reject.search(clause):
            continue
        if any(low == start and re.search(r"\band\s*$", text[match.start() : start]) for low in others):
            continue
        if end == match.end():
            start, end = own_part(text, start, end)
        elif start == match.start():
            start = last_only(text, start, end)
        start, end = without_others(text, start, end, rule.name, here.bonds)
        value = read_value(text[start:end], rule)
        if value is None and end < match.end() and (counted := LAST_OF_LIST.search(text, start, end)):
            start, value = counted.start("n"), read_value(counted.group("n"), rule)
        if _TIMES.match(text[max(end, match.end()) :]) and rule.name != "lr_decay_factor":
            continue
        if rule.near and rule.near.search(text[max(0, start - 70) : start]):
            continue
        if value is not None and _settle(rule, value, match.span(), (start, end), here):
            given.append((start, end))
    here.given += given


def _apply_bonds(here: Place) -> None:
    """What the general grammar finds, where no rule has read the value already."""
    text = plain(here.sentence.text)
    kept_aside = [match.span("v") for match in _PATIENCE.finditer(text)]
    for bond in here.bonds:
        if any(bond.start < high and low < bond.end for low, high in here.given):
            continue
        if any(low <= bond.start and bond.end <= high for low, high in kept_aside):
            continue
        listed = bond.term.name in grammar.LISTED
        clause = grammar.own_clause(text, bond) if listed else grammar.clause(text, bond, 90, 40)
        before = text[max(0, bond.start - 70) : bond.start]
        if any(
            (rule.reject and not rule.tight and rule.reject.search(clause)) or (rule.near and rule.near.search(before))
            for rule in _rules_of(bond.term.name)
        ):
            continue
        if bond.at >= bond.end and (first := last_only(text, bond.start, bond.end)) != bond.start:
            bond = replace(bond, start=first)
        value = read_value(text[bond.start : bond.end], bond.term)
        if value is None or _TIMES.match(text[bond.end :]):
            continue
        span = (min(bond.at, bond.start), max(bond.at, bond.end))
        if _settle(bond.term, value, span, (bond.start, bond.end), here, bond.weight):
            here.given.append((bond.start, bond.end))


_PATIENCE = re.compile(
    r"patience (?:(?:of|is|was|set to|=) ?)*(?P<v>\S+ epochs)|\bfor (?P<w>\S+ (?:consecutive )?epochs)", re.I
)


@functools.cache
def _rules_of(name: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.name == name)


def _settle(
    rule: Rule | Term, value: Value, around: tuple[int, int], at: tuple[int, int], here: Place, weight: float | None = None
) -> bool:  # fmt: skip
    """Adds a value at `at` unless the sentence says that it is no setting of this paper; a chain gives several."""
    sentence, scoper = here.sentence, here.scoper
    text, (start, end) = plain(sentence.text), at
    weight = rule.weight if isinstance(rule, Rule) else weight or 1.0
    if any(name == rule.name and low <= start and end <= high for name, low, high in here.lists):
        return False
    if refused(rule.name, text, sentence.text, (start, end), around[0]) or _foreign_subject(text, start, scoper):
        return False
    last = max(end, around[1])
    if rule.name == "temperature" and (behind := _TO_ANOTHER.match(text, end)):
        value, end = f"{text[start:end]} to {behind.group().split()[-1]}", behind.end()
    listing = _RESPECTIVELY.match(text, start)
    until = listing.end() if listing and listing.end() > end else end
    chain = chains.respectively(text, start, until) or chains.links(text, start, end, rule.name)
    if until > end:
        chain = chain or chains.links(text, start, until, rule.name)
    if any(of_later_stage(text, link.start, rule.name) for link in chain) or chains.of_split(rule.name, chain):
        chain = []
    if chain := chain or chains.named(text, start, end, scoper.own_names):
        values = [(link, read_value(link.value, rule)) for link in chain]
        if all(found is not None and (not isinstance(found, str) or link.value[:1] in "{[(") for link, found in values):
            for link, found in values:
                unit = _unit(rule.name, text[link.end :])
                if found is not None:
                    about = scoper.of_words(sentence, link.words) if link.words else ""
                    _add(here, rule.name, found, unit, (min(around[0], link.start), link.end), weight, scope=about)
            here.lists.append((rule.name, start, max(link.end for link in chain)))
            here.given.append((min(link.start for link in chain), max(link.end for link in chain)))
            return True
    listed = isinstance(value, str) and ", " in value
    if listed and (taken := chosen_of(text, start, end)):
        value, last = read_value(text[slice(*taken)], rule) or value, taken[1]
    if (ranged := _ranged(rule.name, text, start, end)) is not None:
        value, last = ranged
        here.lists.append((rule.name, start, last))
    _add(here, rule.name, value, _unit(rule.name, text[end:]), (around[0], last), weight, start)
    if listed:
        here.lists.append((rule.name, start, end))
    return True


_RESPECTIVELY = re.compile(rf"{NUMBER}(?:(?:, |,? and ){NUMBER})+(?=,?(?: [a-z]+)? respectively\b)")
_TO_ANOTHER = re.compile(
    rf"(?: to (?:an? |its )?(?:(?:minimum|final|end) (?:value )?(?:of )?)?|–|-| ?— ?){NUMBER}(?![\w-])"
)
_TIMES = re.compile(
    r"\s?(?:times\b|x\b(?! ?\d)|×(?!\s?(?:10|\d|√?\(?\s?(?:total |global )?(?:batch|bs\b|b\b)))|"
    r"-?fold|(?:% )?(?:faster|larger|smaller|higher|lower|less|more)\b)",
    re.I,
)
_TO = re.compile(
    rf"(?P<a>[^.;,]{{0,40}}?),? to (?P<w>{NUMBER})(?P<b> (?:for|in|on) (?:the )?[\w.-]+(?: [A-Z][\w-]+)?)?", re.I
)
_UNITS = re.compile(
    r"\s?(?:\w+ ){0,2}?(sequences|tokens|words|sentences|sentence pairs|images|examples|samples|"
    r"frames|transitions|characters|k epochs)\b"
)


_SUBJECT_NAME = re.compile(
    r"(?:^|[;•]\s*)(?:The |original )*(?P<n>[A-Z][\w-]*[A-Z\d][\w-]*)(?: \[\d+\]| \([^()]*\))?(?: models?)? (?:is|"
    r"was|were|uses?|used|has|had|trains?|employs?|adopts?|starts?|anneals?|begins?)\b"
)


_FOR_OTHERS = re.compile(r"For (?P<n>[A-Z][\w+-]*(?:, [A-Z][\w+-]*)*(?:,? and [A-Z][\w+-]*)),? ")


def _foreign_subject(text: str, start: int, scoper: Scoper) -> bool:
    """Whether the clause of the value is about another system by name: "GPT was trained for …"."""
    left = text.rfind(";", 0, start) + 1
    if (several := _FOR_OTHERS.match(text)) and several.end() < start:
        others = re.split(r",? and |, ", several.group("n"))
        if sum(other in scoper.cited for other in others) >= 2 and not any(
            other in scoper.own_names for other in others
        ):
            return True  # "For A, B and C, …": what was set for the methods compared with
    match = _SUBJECT_NAME.match(text[left:start].lstrip())
    if not match or not scoper.system:
        return False
    name = match.group("n")
    own = re.compile(rf"(?<![A-Za-z]){re.escape(name)}")
    return scoper.system not in name and not any(own.search(label) for label in scoper.own_names)


_FALLS = re.compile(
    r"\s?(?:down|up)?\s*|,? (?:and|then)(?: then)? (?:is |was |gets )?"
    r"(?:gradually )?(?:reduced|decreased|annealed|decayed|lowered|dropped|decays|drops)"
)
"""What stands between the ends of a rate that falls."""
_CHANGED = re.compile(
    r"\b(?:reduc\w+|lower\w*|shorten\w*|shrink\w*|shrank|increas(?:ed|ing)|enlarg\w+|chang\w+|rais\w+|used smaller|used larger) "
    r"(?:[^,;.()]{3,60})\(from $"
)
"""What stands before "(from A to B)" where the setting now is B."""


_SIZES = ("hidden_size", "hidden_units", "embedding_dim", "ffn_size", "layers")
_PLAIN_RANGE = re.compile(r"(?P<a>\d+) to (?P<b>\d+)(?![\w.-]|,\d)")


def _ranged(name: str, text: str, start: int, end: int) -> tuple[Value, int] | None:
    """ "from 0.2 for A to 0.5 for B" as one value with its ends, and where it ends; None when it is no range."""
    if name in _SIZES and (plain := _PLAIN_RANGE.match(text, start)) and plain.end("a") == end:
        low, high = (parse_number(plain.group(side)) for side in "ab")
        return (f"{compact(low)} to {compact(high)}", plain.end()) if low and high and low < high else None
    if name.startswith(("max_seq", "epsilon", "warmup", "num", "frame", "steps")) or not re.search(
        r"\bfrom $", text[:start]
    ):
        return None
    match = _TO.match(text, end)
    if match and _CHANGED.search(text[:start]) and re.fullmatch(r"\s*", match.group("a")):
        number = parse_number(match.group("w"))
        return (as_value(number), match.end("w")) if number is not None else None
    if name == "learning_rate" and match and _FALLS.fullmatch(match.group("a")):
        numbers = parse_number(text[start:end]), parse_number(match.group("w"))
        return (
            (as_value(max(number or 0 for number in numbers)), match.end())
            if all(n is not None for n in numbers)
            else None
        )
    first, second = parse_number(text[start:end]), parse_number(match.group("w")) if match else None
    if match is None or first is None or second is None:
        return None

    def whose(words: str | None) -> str:
        name = re.sub(r"^(?:for|in|on)\s(?:the\s)?", "", (words or "").strip(" ."))
        return f" ({name})" if name else ""

    return f"{compact(first)}{whose(match.group('a'))} to {compact(second)}{whose(match.group('b'))}", match.end()


def _unit(name: str, after: str) -> str | None:
    if name not in ("batch_size", "max_seq_len", "vocab_size"):
        return None
    match = _UNITS.match(after)
    return match.group(1) if match else None


def read_value(text: str, rule: Rule | Term) -> Value | None:
    """The rule's value in a matched text: a number in bounds, or a list of them as a string."""
    if text[:1].isalpha() and not rule.whole and not rule.name.startswith("ep"):
        return None  # "two upper bounds" is no rate
    if rule.name == "hidden_units":
        text = re.sub(r"(?<=\d) ?[-–→×] ?(?=\d)", ", ", text)  # layer after layer: "400-400-400"
    parts = [match.group() for match in _ANY_NUMBER.finditer(text)]
    numbers = [1e6] if text.lower() == "million" else [parse_number(part) for part in parts]
    good = [
        number
        for number in numbers
        if number is not None and (rule.low <= number <= rule.high or (not number and rule.name == "adam_beta1"))
    ]
    if not good or len(good) < len(numbers):
        return None
    if rule.whole and any(number != int(number) for number in good):
        return None
    if rule.name == "early_stopping":
        return f"patience of {compact(good[0])}"
    if len(good) == 1 or (rule.name == "hidden_units" and len(good) > 2 and len(set(good)) == 1):
        return as_value(good[0])
    return ", ".join(compact(number) for number in good) if rule.lists else as_value(good[0])


def _add(
    here: Place, name: str, value: Value, unit: str | None, span: tuple[int, int], weight: float,
    at: int | None = None, scope: str = "",
) -> None:  # fmt: skip
    sentence, (start, end) = here.sentence, span
    quote = find_quote(here.pages, sentence.text, start, end, sentence.page)
    if quote is None and at is not None:
        quote = quote_of_value(here.pages, sentence.text, at, end, sentence.page)
    if quote is None:
        return
    weight *= trust(sentence)
    if re.search(r"\bsingle\b", sentence.text[start:end], re.I):
        weight *= 0.6
    scope = scope or here.scoper.of_sentence(sentence, start if at is None else at, end, name)
    fact = Hyperparameter(
        name=name, value=value, unit=unit, scope=scope, page=quote[1], quote=quote[0], where=sentence.where
    )
    place = start if at is None else at
    here.out.append(
        Found(fact, weight, sentence.section, is_varied(sentence, place, name), is_aside(sentence, place, name))
    )
