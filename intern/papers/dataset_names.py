# ruff: noqa: E501  the patterns are data, one a line
"""Names of data sets that no list knows: announced in a sentence, given with a size, or shortened in a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from intern.papers import known_data
from intern.papers.numbers import NUMBER

NOT_NAMES = re.compile(
    r"^(the|this|these|our|all|each|such|both|training|test|validation|in|on|for|we|a|an|as|to|other|"
    r"many|most|various|different|several|another|"
    r"table|figure|section|appendix|large|small|standard|following|english|german|french|chinese|deep|"
    r"neural|machine|natural|new|some|finally|here|"
    r"while|when|since|although|however|image|text|language|question|public|open|supervised|"
    r"unsupervised|multi|single|two|three|four|five|six|seven|"
    r"cnns?|rnns?|lstms?|nlp|bert|gpt|summary|statistics|gpu|ai|ml|llms?|moe|using|with|from|existing|"
    r"popular|common|sft|at|by)\b",
    re.I,
)


def expanded(label: str, names: Iterable[str]) -> str:
    """The one data set of `names` that a short label stands for: "C10", "DBP.", "Yah. A."; "" where none or several fit."""
    plain = re.sub(r"[↑↓+*†‡]|\s*\(.*\)$", "", label).strip()
    tokens = re.findall(r"[A-Za-z]+|\d+", plain)
    if not 1 <= len(tokens) <= 4 or not plain[:1].isupper() or len(plain) > 14:
        return ""
    exact = {name for name in names if f"({plain})" in name}
    fits = exact or {name for name in names if _abbreviates(tokens, name)}
    return fits.pop() if len(fits) == 1 else ""


def _abbreviates(tokens: list[str], name: str) -> bool:
    words = re.findall(r"[A-Za-z]+|\d+", re.sub(r"\(.*?\)", "", name))
    if sum(map(len, tokens)) >= 0.9 * sum(map(len, words)) or words[:1] == [] or tokens[0][0] != words[0][0].upper():
        return False
    place = 0
    for token in tokens:
        while place < len(words) and not _shortens(token.lower(), words[place].lower()):
            place += 1
        if place == len(words):
            return False
        place += 1
    return len(tokens) > 1 or len(tokens[0]) >= 3 or len(words) == 1


def _shortens(token: str, word: str) -> bool:
    """Whether the letters of a short form stand in the word in that order, the first one first."""
    if token.isdigit() or word.isdigit():
        return token == word
    rest = iter(word)
    return token[0] == word[0] and all(letter in rest for letter in token)


_LISTED = re.compile(
    r"\b(?P<k>data ?sets|corpora|benchmarks|sources|test sets|tasks|environments|games|domains)\b(?: (?:we use|used|considered|are|include|comprise|below|namely|such as|"
    r"as follows|"
    r"of)){0,3}\s?(?::|—|–|namely,?|\binclude\b|\bare\b|\bcomprise\b)\s?(?P<l>.+)",
    re.I,
)
_ENTRY = re.compile(
    r"(?P<n>[A-Z][\w.'’+-]*(?:[ -](?:[A-Z\d][\w.'’+-]*|of|for)){0,4})(?: \((?:(?P<a>[A-Z][\w+-]{0,9})(?![\w+-]| et al| and |,? \d{4}| &))?[^()]*\))?"
    r"(?: \[[\d, ]+\])?"
)


_LOOSE = ("tasks", "environments", "games", "domains")
"""Words whose lists hold data sets only where the entries look like names: tasks have titles, too."""


SIZED = re.compile(
    rf"(?<![\w-])(?P<n>[A-Z][\w-]+(?: [A-Z][\w-]+)?) \((?:about |approximately |~)?{NUMBER} (?:\w+ )?"
    r"(?:examples|sentences|documents|images|samples|instances|utterances|hours|dialogues|questions)\b"
)


def enumerated(text: str) -> Iterator[tuple[str, int, int]]:
    """Names of a list that a sentence announces as data sets: "The data sets include: A (AA, …), B (BB, …)"."""
    match = _LISTED.search(text)
    if not match:
        return
    entries = [
        entry
        for entry in _ENTRY.finditer(text, match.start("l"))
        if re.match(r"\s*(?:,|;|\.|and\b|$)", text[entry.end() :])
        and not NOT_NAMES.match(entry.group("n"))
        and len(entry.group("n")) > 1
    ]
    if len(entries) < 2:
        return
    for entry in entries:
        short = entry.group("a")
        name = known_data.is_known(entry.group("n")) or entry.group("n").rstrip(".")
        if match.group("k") in _LOOSE and not re.search(r"[a-z][A-Z]|[A-Z]{2}|\d", name):
            continue
        yield (f"{name} ({short})" if short and short != name else name), entry.start("n"), entry.end("n")
