"""One data set under several names: what belongs together is counted together, a collection once with its parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from intern.papers import known_data
from intern.papers.dataset_names import expanded, short_forms

ENOUGH = 1.5
"""Points from which a name counts as used: one clear mention where the experiments are, or two loose ones."""


@dataclass(slots=True)
class Candidate:
    """A name with the points of all its places; `told` where any of them is in a text rather than in a table."""

    name: str
    page: int
    quote: str
    where: str = ""
    points: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)
    told: bool = False
    parts: list[str] = field(default_factory=list)


def note(
    found: dict[str, Candidate], name: str, place: tuple[str, int, str], points: float, sizes: dict[str, int]
) -> None:
    """Adds a place (quote, page, locator) of a name; a place with sizes becomes the one that is shown."""
    quote, page, where = place
    item = found.get(name)
    if item is None:
        found[name] = item = Candidate(name, page, quote, where)
    item.points += points
    item.told = item.told or not where.startswith(("Table", "Tab"))
    for key, value in sizes.items():
        item.sizes.setdefault(key, value)
    if sizes:
        item.page, item.quote, item.where = page, quote, where


def fold(found: dict[str, Candidate], texts: list[str]) -> None:
    """Counts the places of a short or loose name for the data set it stands for."""
    for short, name in short_forms(texts, list(found)).items():
        _into(found, short, name)
    for loose, name in [*_same_letters(found), *_bracketed(found, texts), *_described(found, texts)]:
        _into(found, loose, name)
    for name in list(found):
        others = [*(set(found) - {name})]
        shortened = re.fullmatch(r"[A-Z]{2}-\d+[MK]", name) or not (found[name].told or known_data.is_known(name))
        if name in found and shortened and (whole := expanded(name, others)) and _stands_for(name, whole):
            _into(found, name, whole)
    arcade = next((name for name in ("Atari 2600", "Atari") if name in found), None)
    for suite in ("Arcade Learning Environment", "ALE"):
        if arcade and suite in found and found[arcade].points < ENOUGH:
            found[arcade].points += found[suite].points
    _into(found, "English Wikipedia", "Wikipedia")
    for name, item in found.items():
        exact_names = [other for other in found if other != name and part_of(name, other)]
        if item.points < ENOUGH and len(exact_names) == 1:
            found[exact_names[0]].points += item.points
    _collections(found)


def _into(found: dict[str, Candidate], loose: str, name: str) -> None:
    if loose == name or loose not in found or name not in found:
        return
    item = found.pop(loose)
    told = found[name].told or item.told
    note(found, name, (item.quote, item.page, item.where), item.points, item.sizes)
    found[name].told = told


def _stands_for(short: str, name: str) -> bool:
    """Whether a short form is the beginning of a name, the beginnings of its words, its capitals, or in its brackets."""
    tokens, words = re.findall(r"[A-Za-z]+|\d+", short.lower()), re.findall(r"[A-Za-z]+|\d+", name.lower())
    beginnings = len(tokens) <= len(words) and all(
        word.startswith(token) for token, word in zip(tokens, words, strict=False)
    )
    capitals = "".join(char for char in name if char.isupper() or char.isdigit())
    return beginnings or f"({short})" in name or re.sub(r"\W", "", short) == capitals or bool(re.search(r"-\d", short))


def _squeezed(name: str) -> str:
    plain = re.sub(r"-v\d$|\bdata ?sets?$|\bbenchmark$", "", name).lower()
    return re.sub(r"[\W_]+", "", plain).removesuffix("s")


def _same_letters(found: dict[str, Candidate]) -> list[tuple[str, str]]:
    """(loose, kept) of names that differ in hyphens, spaces, capitals, a version or a plural."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in found:
        groups[_squeezed(name)].append(name)
    out = []
    for names in groups.values():
        listed = [name for name in names if known_data.is_known(re.sub(r"-v\d$", "", name))] or names
        kept = max(listed, key=lambda name: (bool(re.search(r"-v\d$", name)), found[name].points))
        out += [(name, kept) for name in names if name != kept]
    return out


def _bracketed(found: dict[str, Candidate], texts: Iterable[str]) -> list[tuple[str, str]]:
    """(loose, kept) of names of which one stands in brackets behind the other: "Oak Leaf photo data set (OLP-20 2011)"."""
    out = []
    loose = [name for name in found if not known_data.is_known(name)]
    for text in texts:
        for name in loose if "(" in text else ():
            written = rf"(?<![\w-]){re.escape(name)}(?: [\w-]+){{0,3}} \((?:the )?(?P<s>[^()]{{2,30}})\)"
            for behind in re.finditer(written, text) if name in text else ():
                inside = behind.group("s")
                known = [other for other, start, _ in known_data.find_names(inside) if not start]
                short = [other for other in found if re.match(rf"{re.escape(other)}(?![\w-])", inside)]
                fits = [other for other in (*known, *short) if other in found and other != name and other[0] == name[0]]
                out += [(name, other) for other in fits[:1]]
    return out


def _described(found: dict[str, Candidate], texts: list[str]) -> list[tuple[str, str]]:
    """(loose, kept) of a name with words for its kind behind it, of a plural of its last word, of its short form with a part.

    "Oak summarization" beside "Oak", "Oak Modelling (OM)" beside "Oak", "Oaks" in a table beside "Garden Oak", "OM-I".
    """
    out = []
    shorts = short_forms(texts, list(found))
    for name in found:
        if known_data.is_known(name):
            short = re.sub(r"(?: [a-z]{4,})+$", "", name)
            out += [(short, name)] if short != name and short in found else []
            continue
        plain = re.sub(r" \([A-Z][\w-]*\)$", "", name)
        if whole := _condition_of(name, found):
            out.append((name, whole))
            continue
        for other in found:
            tail = plain[len(other) :] if other != name and plain.startswith(other + " ") else ""
            kind = re.fullmatch(r"(?: [a-z]{4,}){1,3}|(?: [A-Z][a-z]+(?:ing|ion))", tail)
            last = re.compile(rf" {re.escape(re.sub('e?s$', '', name))}(?:e?s)?$")
            if kind or (not found[name].told and last.search(other)):
                out.append((name, other))
        out += [
            (name, whole) for short, whole in shorts.items() if re.fullmatch(rf"{re.escape(short)}-\w{{1,5}}", name)
        ]
    return out


def _condition_of(name: str, found: dict[str, Candidate]) -> str:
    """The known data set of which a heading names a release or one of several conditions: "Oak9", "Oak-IHM"."""
    release = re.fullmatch(r"(?P<n>[A-Za-z -]{4,}?)[ -]?v?\d{1,2}(?:\.\d)?", name)
    part = re.fullmatch(r"(?P<n>[\w ]+)-[A-Z]{2,}\d?", name)
    wholes = [known_data.is_known(match.group("n")) for match in (part, release) if match]
    whole = next(filter(None, wholes), None)
    stem = part.group("n") if part else ""
    several = bool(stem) and sum(bool(re.match(rf"{re.escape(stem)}-[A-Z]{{2}}", other)) for other in found) > 1
    return whole if whole and whole in found and (release or several) else ""


def part_of(name: str, other: str) -> bool:
    """ "SQuAD" beside "SQuAD 1.1" is the same data set, less exactly named."""
    if other.endswith(" " + name) or re.fullmatch(rf"{re.escape(name)} \(\w+\)", other):
        return True
    if other == f"{name}-1K" or (re.fullmatch(rf"{re.escape(name)}[ -](?:\d+[KM]|v\d)", other) and name not in _WHOLE):
        return True
    return (
        (other.startswith(name + " ") and bool(re.search(r"\d|English", other[len(name) :])))
        or (name == "SST" and other.startswith("SST-"))
        or (name == "E2E" and other.startswith("E2E "))
    )


_WHOLE = ("ImageNet", "MNIST", "COCO", "MATH", "Kinetics", "CelebA", "MMLU", "Cityscapes", "Wikipedia")
"""Data sets of which variants with longer names exist beside them."""


def is_family(name: str, names: Iterable[str]) -> bool:
    """Whether a name is only what others begin with: "CIFAR" beside "CIFAR-10", "LSUN" beside "LSUN Cat"."""
    if name in _WHOLE:
        return False
    members = {
        other
        for other in names
        if other != name and re.match(rf"{re.escape(name)}(?:[ -]?[a-z]?\d|[ -][A-Z]|\(|[a-z]\d?$)", other, 0)
    }
    return len(members) >= (2 if known_data.is_known(name) else 1)


def is_longer(name: str, names: Iterable[str]) -> bool:
    """Whether an unknown name is a known one with a task behind it: "SLURP SLU" beside "SLURP"."""
    if known_data.is_known(name):
        return False
    return any(re.fullmatch(rf"{re.escape(other)} [A-Z]{{2,4}}", name) for other in names if known_data.is_known(other))


_ARCHIVES = (
    "UCI",
    "OpenML",
    "Kaggle",
    "OGB",
    "WILDS",
    "TDC",
    "WMT",
    "IWSLT",
    "Amazon",
    "Yelp",
    "Office",
    "Task",
    "LSUN",
    "MIMIC",
)
"""First words that data sets share which are still told apart."""
_MEMBERS = 3


def _collections(found: dict[str, Candidate]) -> None:
    """Folds three or more unknown names of one table that begin with the same word into one data set of that name."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, item in found.items():
        first, space, _ = name.partition(" ")
        if space and not item.told and len(first) > 3 and first not in _ARCHIVES and not known_data.is_known(name):
            groups[item.where, first].append(name)
    for (_, first), names in groups.items():
        if len(names) < _MEMBERS:
            continue
        parts = [name.partition(" ")[2] for name in names]
        items = [found.pop(name) for name in names]
        title = first if first in found else f"{first} ({_listed(parts)})"
        for item in items:
            note(found, title, (item.quote, item.page, item.where), item.points, {})
        found[title].parts = names


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
