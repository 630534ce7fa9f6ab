"""How papers word their settings: for each canonical name the words before or after its number.

A rule looks at one sentence. `after` are words that stand before the value ("batch size of 32"), `before` words that
stand after it ("32 examples per mini-batch"). The filler between is a closed list, so that a number is only taken when
the words lead to it. Rules know how English papers write, not what any paper says.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from intern.papers.numbers import NUMBER, WORD_NUMBER

FILLER = (
    r"(?:\s*(?:\([^()\d]{0,24}\)|\(|\[[\d, ]+\]|=|≈|~|:|≤|[α-ωϵ]_?0?(?=[\s=])|"
    r"\b[A-Za-z]'?(?= ?(?:=|is\b|are\b|was\b))|(?:of|is|are|was|were|"
    r"be|been|to|at|as|with|the|an?|set|fixed|chosen|"
    r"equal|value|values|about|approximately|around|roughly|up|using|use|used|initial|constant|kept|"
    r"size|sizes|rate|rates|parameter|factor|ratio|ratios|probability|coefficient|penalty|number|total|"
    r"has|have|had|always|default|initialized|selected|from|being|in|p|we|by|among(?:st)?|between|uniformly|"
    r"and|norm|threshold|only|just|"
    r"linearly|maximum|minimum|default|peak)\b)){0,8}?\s*"
)
_SUBJECT = (
    r"(?:\s(?:for|on|in|over)\s(?:the\s|all\s|our\s|each\s)?(?!\d)[\w-]+(?:\s(?:models?|loss|layers?|network|datasets?|tasks?|"
    r"experiments?|layers?))?)?"
)
ANY = rf"(?:{NUMBER}|{WORD_NUMBER}\b)"
SEPARATOR = r"(?:\s*,\s*(?:(?:\.\.\.|…|\. \. \.|· · ·)\s*,\s*)?(?:and\s|or\s)?|\s+(?:and|or)\s+|\s*/\s*)"
VALUE = rf"(?P<v>[{{\[(]{ANY}(?:{SEPARATOR}{ANY})+[}}\])]|\{{{ANY}\}}|{ANY}(?:{SEPARATOR}{NUMBER})*)"
ABOUT = r"(?:(?:roughly|about|approximately|around|nearly|almost|circa|[~∼≈]) ?)?"
ONE = rf"{ABOUT}(?P<v>{ANY})"


@dataclass(frozen=True)
class Rule:
    """One way to state one setting. `low` and `high` bound what is believable; `whole` asks for an integer."""

    name: str
    keys: tuple[str, ...]
    text: str
    """The regular expression; compiled when its key words first occur, for most never do."""
    low: float
    high: float
    whole: bool
    lists: bool = True
    weight: float = 1.0
    reject: re.Pattern[str] | None = None
    near: re.Pattern[str] | None = None
    """What must not stand right before the value."""
    context: bool = False
    """Whether its key words may stand in the sentence before."""
    tight: bool = False
    """Whether `reject` looks at the match alone, not at the words around it."""

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.text)


@functools.cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


@dataclass
class Builder:
    rules: list[Rule] = field(default_factory=list)

    def add(
        self,
        name: str,
        low: float,
        high: float,
        *,
        whole: bool = False,
        keys: str,
        after: tuple[str, ...] = (),
        before: tuple[str, ...] = (),
        raw: tuple[str, ...] = (),
        reject: str = "",
        lists: bool = True,
        weight: float = 1.0,
        subject: bool = True,
        near: str = "",
        context: bool = False,
        tight: bool = False,
        loose: tuple[str, ...] = (),
    ) -> None:
        value = VALUE if lists else ONE
        named = [
            rf"\b(?:{words}){_SUBJECT if subject else ''}{FILLER}(?<![\w.-]){value}(?![\w-]*\d)" for words in after
        ]
        named += [rf"(?<![\w.,^/×∈-])(?<!× )(?<!∈ )(?<!\bby ){value}(?:\s|-)(?:{words})" for words in before]
        named += [*raw, *loose]
        refuse = re.compile(reject, re.I) if reject else None
        before_value = re.compile(near, re.I) if near else None
        split = tuple(keys.split("|"))
        for text in named:
            self.rules.append(
                Rule(
                    name,
                    split,
                    text,
                    low,
                    high,
                    whole,
                    lists,
                    weight * (0.8 if text in loose else 1.0),
                    refuse,
                    before_value,
                    context,
                    tight,
                )
            )
