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
    r"popular|common|sft|at|by|total|overall|average|avg|sum|mean)\b",
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


_SUITES = (
    (("OpenAI Gym", "OpenAI", "MuJoCo", "Gymnasium"), re.compile(r"HalfCheetah|Hopper|Walker2d|Ant\b|Humanoid|Swimmer|Reacher|Inverted|CartPole|Acrobot|Mountain")),
    (("DeepMind Lab", "DMLab"), re.compile(r"DMLab-30")),
    (("ALE", "Arcade Learning Environment", "OpenAI Gym"), re.compile(r"Atari")),
    (("MoleculeNet",), re.compile(r"BBBP|BACE|Tox21|ESOL|FreeSolv|SIDER|ClinTox|Lipo|ogbg|HIV")),
)  # fmt: skip
"""Collections that say only where their members come from, once the members are named."""


def is_suite_of(name: str, names: Iterable[str]) -> bool:
    """Whether a name is the collection (or the simulator) of others that are listed."""
    others = [other for other in names if other != name]
    return any(name in suites and any(member.match(other) for other in others) for suites, member in _SUITES)


_SHORT_BEHIND = r"(?:\s?(?:\[[\d, ]+\]|\([^()]*\d{4}[^()]*\)))?(?: (?:data ?set|corpus|benchmark))? \((?P<s>[A-Z][A-Za-z\d+-]{1,9})(?=[);,])"


def short_forms(texts: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Short forms that the text gives to data sets, with the name of each: "Natural Questions (NQ)", "NAME (N)"."""
    out: dict[str, str] = {}
    full = []
    for name in names:
        if told := re.search(r" \((?P<s>[A-Z][\w+-]{1,9})\)$", name):
            out[told.group("s")] = name
        full.append((re.sub(r" \([^()]*\)$", "", name), name))
    for text in texts:
        for written, name in full:
            if written not in text:
                continue
            for match in re.finditer(rf"(?<![\w-]){re.escape(written)}{_SHORT_BEHIND}", text):
                short = match.group("s")
                if written.endswith(short) or _shortens(short.lower(), written.lower().replace(" ", "")):
                    out.setdefault(short, name)
    return {short: name for short, name in out.items() if short != name}


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
        if len(known_data.find_names(entry.group().partition(" (")[2])) > 1:
            continue  # a kind of data with its members behind it: "Garden (A1, A2)"
        short = entry.group("a")
        name = known_data.is_known(entry.group("n")) or entry.group("n").rstrip(".")
        if match.group("k") in _LOOSE and not re.search(r"[a-z][A-Z]|[A-Z]{2}|\d", name):
            continue
        yield (f"{name} ({short})" if short and short != name else name), entry.start("n"), entry.end("n")
