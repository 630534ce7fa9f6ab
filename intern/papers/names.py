"""The paper's own names: what it calls its system and the variants it trains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from intern.papers import known_data
from intern.papers.model import Document
from intern.papers.own_brands import GENERAL, brands

_CITED = re.compile(
    r"\(?[A-Z][\w'-]+ (?:et al\.?|and [A-Z]|& [A-Z])|\[\d+[\d, ]*\]|\(\w[\w' -]*,? ?(?:19|20)\d\d\w?\)|\b(?:19|20)\d\d[a-z]?\)"
)
_CLASSIC = re.compile(
    r"(?<![\w-])(baselines?|human|random|published|previous|state[- ]of[- ]the[- ]art|sota|moses|bow|"
    r"bag.of.(words|means)|tf-?idf|(item-?)?k-?nn|"
    r"svms?|naive bayes|logistic regression|popularity|pop|majority|chance|oracle|fine-?tun(?:e|ed|ing)|\(ft\)|expert)(?![\w+-])",
    re.I,
)
_INTRODUCED = re.compile(
    r"\b(?:called|named|dubbed|termed|propos(?:e|es|ed|ing)|introduc(?:e|es|ed|ing)|"
    r"present(?:s|ed|ing)?|describes?|denoted?|refer(?:red)? to (?:it |this "
    r"|our \w+ )?as|call|namely)\s+(?:a |an |the |our |new |novel |it |this |[\"“‘'])*"
    r"(?P<n>[A-Z][\w-]*[A-Z\d][\w-]*|[A-Z][a-z]+(?:-[A-Z][\w-]*)+|[A-Z]{2,})(?![\w-])"
    r"(?!\s?(?:\([^()]*\)|\[[\d, ]+\])? (?:[a-z]+ )?(?:data ?-?sets?|corpus|benchmarks?|collection|database))"
)
_ACRONYM = re.compile(
    r"\b(?:propos(?:e|es|ed)|introduc(?:e|es|ed)|present(?:s|ed)?|describes?|develop(?:s|ed)?|study|call(?:ed)?|named?)\b[^.;()]{3,80}?\((?P<n>[A-Z][\w-]*[A-Z][\w-]*)\)"
)
_STANDS = re.compile(r"\b(?P<n>[A-Z][\w-]*[A-Z][\w-]*),? which stands for")
_OR_SHORT = re.compile(
    r"\b(?:called|named|dubbed|termed) [A-Z][\w-]+(?: [A-Z][\w-]+){1,4},? or (?P<n>[A-Z][\w-]*[A-Z][\w-]*)"
)
_SHORT = re.compile(r"\((?P<n>[A-Z][A-Za-z-]*[A-Z][A-Za-z]*)\)")
_CITED_NAME = re.compile(
    r"(?<![\w-])(?P<n>[A-Z][\w+-]*[\w+](?: [A-Z][\w-]*\w)?)\s?"
    r"(?:\[\d+[\d, ]*\]|\((?:[A-Z][\w'-]+ (?:et al\.?|(?:and|&) [A-Z][\w'-]+),? ?(?:19|20)\d\d|[A-Z][\w'-]+, (?:19|20)\d\d))"
)
_NO_NAME = re.compile(
    r"(?:(?:\(?(?:ensemble|single|model|base|large|small|big|low-res|high-res|multi-?crop|single-crop|\d+\w?)\)?)\s?)*",
    re.I,
)


_OUR_MARKED = re.compile(r"Our[a-z]{1,4}(?=\(|$)")
""" "Our" with a subscript that stands on the line."""


@dataclass(slots=True)
class Names:
    """`system` is the method's name ("" when it has none); `variants` are labels of its own models."""

    system: str = ""
    aliases: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    cited_names: frozenset[str] = frozenset()
    """Names that the paper sets a citation behind, somewhere: the work of others wherever they stand."""
    brands: list[str] = field(default_factory=list)
    """Further names of what it proposes, told by a sentence and printed in its tables."""

    def owns(self, label: str) -> bool | None:
        """Whether a row label is the paper's own model: True, False (cited or classic), None (cannot say)."""
        plain = label.strip()
        if re.search(r"\b(ours?|this (work|paper)|proposed)\b", plain, re.I) or _OUR_MARKED.match(plain):
            return True
        if _CITED.search(plain):
            return False
        for name in (self.system, *self.aliases, *self.brands):
            if name and re.search(rf"(?<![A-Za-z]){re.escape(name)}", plain):
                return True
        if _CLASSIC.search(plain) or self._is_cited_name(plain):
            return False
        return None

    def _is_cited_name(self, label: str) -> bool:
        """Whether a label is a name cited elsewhere, with nothing behind it but words for a size or an ensemble."""
        words = label.split()
        return any(
            " ".join(words[:count]) in self.cited_names and _NO_NAME.fullmatch(" ".join(words[count:]))
            for count in range(1, len(words) + 1)
        )

    @staticmethod
    def cited(label: str) -> bool:
        return bool(_CITED.search(label))


def own_names(document: Document) -> Names:
    """Names from the title ("NAME: …"), the abstract ("we call NAME") and table rows."""
    names = Names()
    counts = Counter(re.findall(r"[A-Za-z][\w-]*", " ".join(_texts(document))))
    head = re.match(r"([\w-]+(?: [\w-]+)?)\s*:", document.title)
    candidates: list[str] = []
    if head and (re.search(r"[A-Z].*[A-Z]|\d", head.group(1)) or counts[head.group(1)] >= 8):
        candidates.append(head.group(1))
    for pattern in (_STANDS, _INTRODUCED, _OR_SHORT, _ACRONYM):
        candidates.extend(match.group("n") for match in pattern.finditer(document.abstract))
    candidates.extend(
        match.group("n") for match in _SHORT.finditer(document.abstract) if counts[match.group("n")] >= 12
    )
    candidates.extend(
        section.title
        for section in document.sections
        if section.level == 1 and re.fullmatch(r"[A-Z]\w*[a-z][A-Z]\w*", section.title) and counts[section.title] >= 4
    )
    candidates = [name for name in candidates if not GENERAL.fullmatch(re.sub(r"s$", "", name))]
    for match in re.finditer(r"\bthe (?P<n>[A-Z][a-z]{4,}),? (?:based|a (?:new|novel))", document.abstract):
        candidates.append(match.group("n"))
    seen: list[str] = []
    for name in candidates:
        bare = re.sub(r"s$", "", name)
        if (
            bare not in seen
            and counts[bare] + counts[name] + counts[bare + "s"] >= 4
            and (not known_data.is_known(bare) or f"({bare})" in document.abstract)
        ):
            seen.append(bare)
    if seen:
        names.system, names.aliases = seen[0], seen[1:5]
    names.cited_names = _cited_names(document, names)
    names.brands = [name for name in brands(document, names.cited_names, counts) if name not in seen]
    for grid in document.tables:
        named = any(names.owns(text) for text in (*(row[0] for row in grid.rows), *(" ".join(h) for h in grid.columns)))
        for row in grid.rows[grid.head :]:
            label = row[0]
            if names.system and named and not names.owns(label):
                continue
            wordy = 2 <= len(label) <= 40 and re.search(r"[A-Z].*[A-Z\d]|[A-Za-z]-|-[A-Za-z]", label)
            counted = re.fullmatch(r"#?\s?(?:FLOPs?|MACs?|params?|parameters)", label, re.I)
            if wordy and not counted and not _CITED.search(label) and not known_data.is_known(label):
                names.variants.append(label)
    names.variants = [name for name in dict.fromkeys(names.variants) if not re.search(r"[%=↑↓]|\(Acc|\(EM", name)]
    return names


def _texts(document: Document) -> Iterator[str]:
    yield from (paragraph.text for paragraph in (*document.paragraphs, *document.captions))
    for grid in document.tables:
        yield from grid.lines


def _cited_names(document: Document, names: Names) -> frozenset[str]:
    """Every name with a citation right behind it, in the text and in the tables; never the paper's own."""
    texts = [item.text for item in document.paragraphs]
    # the bracket of a short form keeps its citation from it: "a name (AN) [3]"
    texts = [re.sub(r" \((?P<n>[A-Z][A-Za-z-]*[A-Z][A-Za-z-]*)\) (?=[\[(])", r" \g<n> ", text) for text in texts]
    texts += [text for grid in document.tables for row in grid.rows for text in row if "[" in text or "(" in text]
    found = {match.group("n") for text in texts for match in _CITED_NAME.finditer(text)}
    own = [name for name in (names.system, *names.aliases) if name]
    return frozenset(name for name in found if not any(mine in name for mine in own))
