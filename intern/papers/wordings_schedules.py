# ruff: noqa: E501  the patterns are data, one a line
"""How the learning rate changes over training, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers.wordings_inputs import Finding

ON_PLATEAU = "divide on plateau"
NOAM = "inverse square root decay"
"""What the schedule of the Transformer does after its warm-up."""
_SCHEDULES = (
    (
        "inverse square root decay",
        r"(?:inverse(?:ly)?|proportional\w*)[^.;]{0,40}?square[- ]?root[^.;]{0,40}?(?:step|update|iteration)?",
    ),
    (
        "linear warmup, then cosine decay",
        r"(?:warm[- ]?up|linear\w* increas\w*)[^.;]{0,80}?cosine(?: (?:decay|anneal\w*|schedul\w*))?",
    ),
    (
        "warmup-stable-decay",
        r"\bwarm-?up[-, ]+stable[-, ]+(?:and )?decay\b|\bWSD\b(?= (?:schedul|learning))|trapezoidal (?:learning[- ]rate |lr )?schedul\w*",
    ),
    (
        "cosine decay",
        r"cosine (?:learning[- ]rate )?(?:decay|anneal\w*|schedul\w*|learning rate)|\b(?:decay|schedul\w*|anneal\w*)\s?[:=]\s?cosine\b|(?:decay|anneal|decreas|reduc|schedul)\w*(?:[^.;]|\.\d){0,60}?"
        r"(?:following|along|with|using|by|via|according to) (?:an? |the )?(?:half[- ])?(?:period )?cosine\b(?! (?:similarit|distanc|loss))",
    ),
    (
        "triangular (cyclical)",
        r"\b(?:triangular|cyclical|cyclic) (?:learning[- ]rate |lr )?(?:polic\w*|schedul\w*|learning)",
    ),
    ("warmup and step decay", r"warm[- ]?up[- ]and[- ]step[- ]decay"),
    (
        "linear warmup, then linear decay",
        r"warm[- ]?up[^.;]{0,90}?(?:linear(?:ly)? decay\w*|decay\w* (?:it |the learning rate |to zero )?linear\w*|decreas\w+ linear\w*|linear\w* decreas\w*)",
    ),
    (
        "linear decay",
        r"\b(?:decay|schedul\w*)\s?[:=]\s?linear\b|linear (?:learning[- ]rate )?(?:rate )?(?:decay|schedul\w*|anneal\w*)|linearly (?:decay\w*|"
        r"anneal\w*|decreas\w*)|(?:decay\w*|anneal\w*|decreas\w*) (?:the learning rate |it )?linearly|linear "
        r"decay",
    ),
    (
        "exponential decay",
        r"(?:decay\w*|decreas\w*|anneal\w*|reduc\w*)(?: \w+){0,3}? exponentially|"
        r"exponential(?:ly)?[- ](?:learning[- ]rate )?(?:decay\w*|schedul\w*)",
    ),
    (
        "exponential decay",
        r"(?:rate|lr) decay(?:ing)? (?:rate|factor) of 0?\.\d+ (?:per|every|each) (?:\w+ )?(?:epoch|step|iteration)s?",
    ),
    (
        NOAM,
        r"\b(?:transformer|noam) (?:learning[- ]rate |lr )?schedul\w*(?: \[\d+\])?,?(?: (?:is used )?with (?:[\d,.k]+ |linear )*warm-?\s?up(?: steps)?)?",
    ),
    ("one-cycle", r"(?:one|1)-?\s?cycle (?:learning[- ]rate |lr )?(?:polic\w*|schedul\w*|learning)"),
    ("polynomial decay", r"\bpoly(?:nomial)?[\"'”’]* (?:learning[- ]rate |lr )?(?:decay|polic\w*|schedul\w*)"),
    (
        ON_PLATEAU,
        r"(?:divid\w+|reduc\w+|decreas\w+|halv\w+|lower\w+|drop\w+|multipl\w+|decay\w*|cut|"
        r"anneal\w*)(?:(?!divid|halv|multipl)(?:[^.;]|\.\d)){0,70}?(?:when|whenever|once|if|after|every time|each time|as soon as)(?:[^.;]|\.\d){0,50}?(?:plateau\w*|stop\w* "
        r"(?:improv|decreas)\w*|(?:no|not|n't) (?:longer )?(?:improv|decreas|go(?:es)? down|get)\w*|fail\w* to (?:improv|decreas)\w*|(?:no|without|lack of)(?: further)? improvements?|saturat\w*|bottoms? out|flatten\w*|stagnat\w*|stall\w*|levels? off|rises?|goes up|increases|worsens?|deteriorates?)|(?:divid|halv|reduc|decreas|lower|cut)\w*[^.;]{0,40}?(?:when|whenever|once|if|after|as soon as)[^.;]{0,40}?(?:accurac\w+|scores?|performance|BLEU|F1|recall|mAP)\b[^.;]{0,30}? (?:drops?|decreases?|falls|goes down)|on plateau|Reduce-?\s?LR-?\s?On-?\s?Plateau",
    ),
)
_LOWERS = r"\b(?:divid|reduc|decreas|(?<!weight )(?<!weight-)decay|dropp?(?!out)|halv|multipl|lower|scal(?!es\b|ars?\b|ab)|anneal|shr[iau]nk|cut|slash|quarter)\w*"
_EVENT = (
    r"(?:(?:epochs?|iterations?|steps?|updates?|episodes?|mini-?\s?batch(?:es)?|batches|rounds?|frames|trees|tasks|evaluations?|passes)\b|"
    r"%|per ?cent of|(?<=\d)[kKM]\b)"
)
_AMOUNT = (
    r"(?:(?:in|by|to) (?:one )?(?:half|a half|a (?:third|quarter|tenth|fifth))|tenfold|(?:ten|five|two|three|four|\d+(?:\.\d+)?)(?: ?× ?|x\b|-?fold| times)|"
    r"(?:by|to|with|of|at)(?: a| an| the)?(?: (?:constant|decay|multiplicative))*(?: (?:factor|rate|ratio|multiplier)(?: of)?)? [\d.]*\d\S*)"
)
_MILESTONE = rf"(?:every|each|per|at|after|on|upon)\b(?:[^.;]|\.\d){{0,45}}?{_EVENT}(?:(?:,| and|, and) (?:\w+ )?\d+[\d.,kKM]*\s?%?(?: of training)?)*"
_STEP = re.compile(
    r"(?:(?:divid\w+|reduc\w+|decreas\w+|decay\w*|dropp?\w*|halv\w+|multipl\w+|lower\w+|scaled?\b|"
    r"anneal\w*)(?: it| the learning rate| the rate| the lr)?"
    r"(?:[^.;]|\.\d){0,40}?(?:by|of|with|to|at|every)(?:[^.;]|\.\d){0,90}?(?:every|at|after|each|"
    r"per)\s(?:[^.;]|\.\d){0,40}?\d[\d.,kKM]*\s?(?:th|rd|nd|st)?(?: ?(?:and|,) ?\d[\d.,kK]*)*\s?%?\s?(?:k\b|"
    r"epoch\w*|iterations?|steps?|updates?|of (?:the )?(?:training|total))|"
    r"(?:divid\w+|reduc\w+|decreas\w+|decay\w*|dropp?\w*|multipl\w+|lower\w+)(?:[^.;]|\.\d){0,50}?(?:by|to)[^;]{0,30}? "
    r"(?:at|after) (?:the )?(?:epochs?|iterations?|steps?) \d+[kK]?(?:(?:, (?:and )?| and )\d+[kK]?)*|"
    r"learning rate of [^.;,]{2,14} and (?:then )?(?:for )?another [^.;,]{2,24} at a (?:lower|reduced|smaller|decreased) (?:learning )?rate of \S*[^\s.,;]|"
    r"\b(?:multi-?step|step-?(?:wise)?|piecewise[- ]constant|staircase|milestone)(?:LR\b|-?\s?LR\b| (?:learning[- ]rate |lr )?(?:decay|schedul\w*|annealing))|"
    r"after (?:the first )?\d+ epochs,? (?:we |it )?(?:begin |start )?(?:to )?(?:is )?halv\w*(?: the learning rate)?(?: after)? (?:every|each) epoch|"
    r"halv\w* the learning rate (?:after )?(?:every|each) epoch(?: after (?:the first )?\d+ epochs)?|"
    r"\d?\.\d+ every \d[\d.]* (?:epochs|steps|iterations)|halv\w+ (?:the learning rate |it )?every "
    r"[^.;]{1,20}(?:epochs?|steps|iterations)|"
    r"schedul\w+ with milestones? (?:at|of|in|=)(?: epochs?)? [\[{(]?\d[\d, kKM]*(?:,? and \d+[kKM]?)?|"
    rf"{_LOWERS}(?:[^.;]|\.\d){{0,40}}?{_AMOUNT}(?:[^.;]|\.\d){{0,30}}?{_MILESTONE}(?: \d+[kK]?(?:(?:, (?:and )?| and )\d+[kK]?)*)?|"
    rf"\bhalv\w+ {_MILESTONE}|{_MILESTONE}(?:[^.;,\d]|,){{0,30}}? (?:is|are|was|gets?|we) {_LOWERS}[^.;\d]{{0,30}} {_AMOUNT}|"
    rf"(?:tenfold|by half|in half|ten times) {_MILESTONE}(?: \d+[kK]?(?:(?:, (?:and )?| and )\d+[kK]?)*)?)",
    re.I,
)
_RATE = r"(?:\d+(?:\.\d+)?(?: ?[×x*·] ?10\^?\S{1,4}|e-?\d+)?|10\^?[-−]\d+)"
_SPAN = r"(?:first |next |remaining |following |last |other |final |rest |another |\d[\d.,]*\s?[kKM]? |half )+(?:of the )?(?:epochs|iterations|steps|updates|episodes|mini-?\s?batches|batches|training|half)"
_STAGES = re.compile(
    rf"for (?:the )?{_SPAN} (?:at|with|using) (?:an? )?(?:initial |constant )?(?:learning rate |lr )?(?:of )?(?P<r>{_RATE}),? (?:and |then |followed by )+(?:(?!on |in )[a-z]+ ){{0,3}}(?:another |the next )?\d[\d.,]*\s?[kKM]?(?: (?:epochs|iterations|steps|updates))? (?:at|with|using) (?:an? )?(?:learning rate )?(?:of )?{_RATE}|"
    rf"{_RATE} (?:for|in|during|over) (?:the |another )?{_SPAN}(?:,? (?:and|then|and then|followed by|before|\({_RATE}\))?[^.;\d]{{0,30}}{_RATE} (?:for|in|during|over|until|thereafter|afterwards|after)(?: (?:the |another )?{_SPAN})?)+|"
    rf"{_RATE} (?:for|in|during|over) (?:the |another )?{_SPAN},? (?:and|then|followed by)[^.;\d]{{0,40}}{_RATE}(?= (?:thereafter|afterwards|after that|until the end|for the rest))",
    re.I,
)
"""A rate for each stage: "0.01 for the first 60k steps and 0.001 for the next 20k steps"."""


_CONSTANT = re.compile(
    r"\bconstant rate of (?=\d)|(?:constant|fixed) (?:learning[- ]rate|lr)(?: schedul\w+)?|(?:do|did|does) not (?:apply|use|employ) (?:any )?(?:learning[- ]rate|lr) "
    r"(?:schedul\w+|decay|annealing)|no (?:learning[- ]rate|lr) (?:schedul\w+|decay|annealing)|"
    r"(?:without|no) (?:decaying|annealing) the learning rate|"
    r"(?:learning[- ]rate|lr) (?:is|was|are|were) (?:kept |held |left )(?:constant|fixed|unchanged)|(?:learning[- ]rate|lr)(?:[^.;,]|\.\d){0,30}? (?:which|that) (?:is |was )?(?:stays?|stayed|remains?|remained|kept|held|left) (?:constant|fixed|unchanged|the same)|"
    r"(?:learning[- ]rate|lr) (?:is |was )?(?:kept|held|fixed|stays?|remains?) (?:constant |fixed )?(?:at|to|as) \S+ (?:for|during|throughout|over) (?:the )?(?:whole|entire|all|full|complete|training)|"
    r"(?:do|did|does)(?: not|n't) (?:decay|anneal|reduce|decrease|change|adapt|lower|vary) the (?:learning[- ]rate|lr)|"
    r"(?:constant|fixed|unchanged) (?:throughout|during|for all of|over the course of)(?: all)?(?: the)? (?:training|optimi[sz]ation)|(?:keep|kept|hold|held) the (?:learning[- ]rate|lr) (?:constant|fixed)",
    re.I,
)
_TRIED = re.compile(
    r",? (?:which (?:we |is |was )?)?(?:\w+ )?(?:vary|varied|varying|tun|search|select|cho[os]|optimi[sz]ed|swe)\w*|,? (?:whose|the) value",
    re.I,
)
"""Behind a fixed rate: it is fixed for a run, and what it is was searched for."""
_PREFERRED = re.compile(
    r"\bwe (?:use|used|chose|choose|adopt|employ|settled on) an? (?:constant|fixed) (?:learning[- ]rate|lr)\b", re.I
)


_OF_ANOTHER = re.compile(
    r"(?:\b[εϵ](?!\s?=)|epsilon|exploration|temperature|dropout|weight decay$|\bdiscount|\bentropy)(?![^.;]*(?:learning[- ]rate|\blr\b))",
    re.I,
)
"""What another value is called that changes over training, before the words of a schedule."""


_OF_WHAT = re.compile(r" (?:of|in) (?:the |our |its )?(?!learning|lr\b|step|rate)[a-z]+")


def schedule(text: str) -> Iterator[Finding]:
    lower = text.lower()
    if not re.search(
        r"learning[- ]rate|\blr\b|step size|warm-?\s?up|anneal|schedule|\bdecay\s?[:=]|constant rate of \d|\bpoly\b.{1,3}polic|\brate of [\d.e-]+,? (?:halved|divided|decayed|reduced)|\binitial rate\b|\bthe rate (?:is|was|gets) (?:\w+ )?(?:divid|multipl|halv|reduc|decay|drop|lower|decreas)|(?:drop|lower|reduc|decay|divid)\w* the rate\b|(?:cosine|linear|polynomial|exponential) (?:decay|anneal)",
        lower,
    ) and not re.search(r"decays? .*every", lower):
        return
    if (match := _PREFERRED.search(text)) and not _TRIED.match(text, match.end()):
        yield "constant", match.start(), match.end()
        return
    for name, pattern in _SCHEDULES:
        match = re.search(pattern, text, re.I)
        if match and re.search(r"learning[- ]rate|\blr\b|step size|warm|schedul|decay|cosine|polic", lower):
            if _OF_ANOTHER.search(text[max(0, match.start() - 40) : match.start()]):
                continue
            if re.search(r"β[^.;]{0,24}$", text[: match.start()]):
                continue  # of Adam's moments
            if re.match(r"[^.;]{0,12}\bβ", text[match.end() :]) and not re.search(r"learning[- ]rate|\blr\b", lower):
                continue  # the noise of a diffusion model
            if re.search(
                r"\b(?:individual|each|every|lower|different|of) (?:\w+ )?layers?\b|layer-?\s?wise",
                text[match.start() - 20 if match.start() > 20 else 0 : match.end() + 50],
                re.I,
            ):
                continue  # from layer to layer
            if _OF_WHAT.match(text, match.end()) and not re.search(
                r"learning[- ]rate|\blr\b|step size|schedul|warm", lower
            ):
                continue  # the decay of something else
            words = " ".join(match.group().split())
            told = (
                f"{words} ({NOAM if 'arm' in words else f'warmup, then {NOAM}'})"
                if "former" in words or "oam" in words
                else name
            )
            yield words if name == ON_PLATEAU else told, match.start(), match.end()
            return
    for stages in (True, False):
        match = (next(_stages(text), None) if stages else _STEP.search(text)) if _named_rate(text) else None
        if match and not _OF_ANOTHER.search(text[max(0, match.start() - 40) : match.start()]):
            rest = None if stages else _REST_OF_LIST.match(text, match.end())
            end = rest.end() if rest else match.end()
            yield f"step decay: {' '.join(text[match.start() : end].split())}", match.start(), end
            return
    if (match := _CONSTANT.search(text)) and not _TRIED.match(text, match.end()):
        yield "constant", match.start(), match.end()


_REST_OF_LIST = re.compile(r"(?:,? ?(?:and )?\d[\d.,]*[kKM]?(?!\w))*\]?(?: (?:epochs|iterations|steps|updates)\b)?")
_IN_TURN = re.compile(r"\b(?:then|followed|next|remaining|rest|another|last|first|thereafter|afterwards|until)\b", re.I)


def _stages(text: str) -> Iterator[re.Match[str]]:
    """Rates of stages that follow each other, not of several data sets."""
    return (match for match in _STAGES.finditer(text) if _IN_TURN.search(match.group()))


def of_later_stage(text: str, at: int, name: str) -> bool:
    """Whether the value at an offset is no setting but a part of a schedule told stage by stage: a later rate, or how long a stage takes."""
    if name not in ("learning_rate", "steps", "epochs") or not _named_rate(text):
        return False
    return any(
        match.start() <= at < match.end() and (name != "learning_rate" or at != max(match.start(), match.start("r")))
        for match in _stages(text)
    )


def _named_rate(text: str) -> bool:
    return (
        re.search(
            r"learning[- ]rates?|lr\b|step[- ]?size|\b(?:the|initial|base|peak) rate\b(?! of)|\brate of [\d.e-]+,? (?:halved|divided|decayed|reduced)|\binitial rate\b",
            text,
            re.I,
        )
        is not None
    )
