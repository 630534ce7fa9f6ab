"""Settings by their letters: the learning rate as α once the paper has said so, and definitions such as (L=12, H=768)."""

from __future__ import annotations

import re

from intern.papers.hyperparameters import GLYPHS, Found
from intern.papers.labels import canonical
from intern.papers.model import Hyperparameter
from intern.papers.numbers import NUMBER, as_value, parse_number
from intern.papers.quotes import PageTexts, find_quote
from intern.papers.scopes import Scoper
from intern.papers.sentences import Sentence

_DEFINED = (
    ("layers", r"(?:number of )?(?:\w+ )?(?:layers|blocks)(?: \([^()]*\))? (?:as|by|is denoted(?: as)?|"
r"denoted(?: as)?) ([A-Z])\b"),
    ("hidden_size", r"hidden (?:size|dimension|units)(?: \([^()]*\))? (?:as|by) ([A-Z])\b"),
    ("heads", r"heads(?: \([^()]*\))? (?:as|by) ([A-Z])\b"),
)  # fmt: skip


_RATE_SYMBOL = re.compile(
    r"([αη])\s*:\s*(?:step ?-?size|learning rate)|(?:step ?-?size|learning rate) ([αη])(?![\w])", re.I
)


def _from_rate_symbol(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """The learning rate by its letter, once the paper has said what the letter stands for: "α = 0.001"."""
    plain = [(sentence, sentence.text.translate(GLYPHS)) for sentence in sentences]
    letters = {match.group(1) or match.group(2) for _, text in plain for match in _RATE_SYMBOL.finditer(text)}
    out: list[Found] = []
    for sentence, text in plain:
        for match in re.finditer(r"([αη]) ?= ?(\d?\.\d+|10\^?-\d)(?![\d.]*\d)", text):
            number = parse_number(match.group(2))
            settled = re.search(r"\b(?:settings?|defaults?|use[ds]?|set|with|choose|chosen)\b", text, re.I)
            quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
            if match.group(1) in letters and settled and quote and number and number < 10:
                scope = scoper.of_sentence(sentence, match.start(), match.end())
                fact = Hyperparameter(
                    name="learning_rate",
                    value=as_value(number),
                    scope=scope,
                    page=quote[1],
                    quote=quote[0],
                    where=sentence.where,
                )
                out.append(Found(fact, 1.0, sentence.section))
    return out


_PAIRED = re.compile(
    rf"(?P<a>[\w βα-]{{3,40}}?),? and (?:the |its |a )?(?P<b>[\w βα-]{{2,30}}?)(?:,)? (?:(?:are|is|were|was|being) )?(?:both )?"
    rf"(?:(?:set|fixed|chosen|equal)(?: to be)? )?(?:to|as|at|of|=) (?P<x>{NUMBER}) and (?P<y>{NUMBER})(?![\w-])"
)


def _from_pairs(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """Two settings and their two values in one go: "the rank and alpha are set to 8 and 16"."""
    out: list[Found] = []
    for sentence in sentences:
        match = _PAIRED.search(sentence.text)
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page) if match else None
        if match is None or quote is None:
            continue
        names = [_setting_at_end(match.group("a")), canonical(match.group("b").strip())]
        for name, digits in zip(names, (match.group("x"), match.group("y")), strict=True):
            number = parse_number(digits)
            if all(names) and name and number is not None:
                scope = scoper.of_sentence(sentence, match.start(), match.end())
                fact = Hyperparameter(
                    name=name, value=as_value(number), scope=scope, page=quote[1], quote=quote[0], where=sentence.where
                )
                out.append(Found(fact, 1.0, sentence.section))
    return out


def _setting_at_end(words: str) -> str | None:
    """The setting that the last one to four words of a text name."""
    parts = words.split()
    return next((name for n in range(min(4, len(parts)), 0, -1) if (name := canonical(" ".join(parts[-n:])))), None)


def from_symbols(sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """Values in the paper's own symbols: "the number of layers as L" and then "(L=12, …)"."""
    symbols: dict[str, str] = {}
    for sentence in sentences:
        for name, pattern in _DEFINED:
            for match in re.finditer(pattern, sentence.text):
                symbols.setdefault(match.group(1), name)
    out = _from_rate_symbol(sentences, scoper, pages) + _from_pairs(sentences, scoper, pages)
    if len(symbols) < 2:
        return out
    for sentence in sentences:
        if re.search(r"\bet al\b", sentence.text):
            continue
        for match in re.finditer(
            r"(?P<who>\b(?!(?:and|or|as|for|with|the|our|a|an) )[\w-]+(?: \w+)?)\s*\((?P<in>[A-Z] ?= ?\d[^()]*)\)",
            sentence.text,
        ):
            for part in re.finditer(r"\b([A-Z]) ?= ?(\d[\d,]*)", match.group("in")):
                meant = symbols.get(part.group(1))
                start = match.start("in") + part.start()
                quote = find_quote(pages, sentence.text, match.start(), match.start("in") + part.end(), sentence.page)
                if meant and quote and (number := parse_number(part.group(2).rstrip(","))) is not None:
                    scope = match.group("who").strip() or scoper.of_sentence(sentence, start, start)
                    fact = Hyperparameter(
                        name=meant,
                        value=as_value(number),
                        scope=scope,
                        page=quote[1],
                        quote=quote[0],
                        where=sentence.where,
                    )
                    out.append(Found(fact, 1.3, sentence.section))
    return out
