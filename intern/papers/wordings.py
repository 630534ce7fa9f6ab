# ruff: noqa: E501  the patterns are data, one a line
"""Settings that are words: optimizer, schedule, activation, early stopping, base model, filters, input shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from intern.papers.wordings_filters import filter_shape
from intern.papers.wordings_inputs import Finding, base_model, input_shape
from intern.papers.wordings_schedules import schedule


@dataclass(frozen=True)
class Worded:
    name: str
    keys: tuple[str, ...]
    find: Callable[[str], Iterator[Finding]]
    weight: float = 1.0


_OPTIMIZERS = (
    ("AdamW", r"\bAdam-?W\b"), ("Adamax", r"\bAda[Mm]ax\b"), ("NAdam", r"\bN-?[Aa]dam\b"), ("RAdam", r"\bRAdam\b"),
    ("Adam", r"\b(?:Adam|ADAM)\b"), ("Adafactor", r"\bAda[fF]actor\b"), ("Adagrad", r"\b[Aa]da-?[gG]rad\b"),
    ("Adadelta", r"\b(?:Ada-?[dD]elta|ADADELTA)\b"), ("RMSProp", r"\b(?:RMS-?[Pp]rop|RMSPROP|rmsprop|RMS-PROP)\b"), ("LAMB", r"\bLAMB\b|\bLamb\b(?= optimi)"),
    ("LARS", r"\bLARS\b"), ("Lion", r"\bLion\b(?= optimi|[^.;]{0,25}(?:learning rate|\blr\b|\[|\((?:Chen|β)))|(?<=optimizer )Lion\b"), ("L-BFGS", r"\bL-?BFGS\b"), ("Hessian-free", r"\b[Hh]essian[- ][Ff]ree\b"), ("Rprop", r"\bi?R-?[Pp]rop\b"), ("Shampoo", r"\bShampoo\b"), ("FTRL", r"\bFTRL(?:-[Pp]roximal)?\b"), ("Sophia", r"\bSophia\b"), ("Muon", r"\bMuon\b"), ("AdaBelief", r"\bAdaBelief\b"), ("AdaBound", r"\bAdaBound\b"), ("AMSGrad", r"\bAMSGrad\b"), ("NovoGrad", r"\bNovoGrad\b"), ("Yogi", r"\bYogi\b"), ("conjugate gradient", r"\b[Cc]onjugate [Gg]radient(?:s| descent| optimi)"), ("ASGD", r"\b(?:NT-)?ASGD\b"),
    ("SGD with momentum", r"\b(?:SGD|[Ss]tochastic [Gg]radient [Dd]escent|[Mm]ini-?\s?batch gradient "
r"descent)(?:[^.;]|\.\d){0,40}?(?:with|and|using|\()(?:[^.;]|\.\d){0,40}?(?:momentum)"),
    ("SGD with momentum", r"\b(?:[Mm]omentum(?:-based)? +(?:SGD|[Ss]tochastic [Gg]radient [Dd]escent|[Gg]radient [Dd]escent|optimi[sz]er)|SGD ?\+ ?(?:[Nn]esterov )?[Mm]omentum|"
r"(?:[Bb]atched|(?:[Mm]ini-?\s?)?[Bb]atch) +[Gg]radient +[Dd]escent(?:[^.;]|\.\d){0,80}? with (?:\w+ )?momentum)"),
    ("SGD with Nesterov momentum", r"\b[Nn]esterov(?:['’]s)? [Aa]ccelerated (?:[Gg]radients?|SGD)\b"), ("SGD", r"\b(?:SGD|[Ss]tochastic [Gg]radient [Dd]escent)\b"),
    ("gradient descent", r"(?:train(?:ed|ing)?|optimi[sz](?:e[sd]?|ing)|minimi[sz](?:e[sd]?|ing)|fit(?:ted)?|updated?)[^.;]{0,30}? (?:by|with|using|via) (?:(?:plain|vanilla|simple|standard|full) )?(?:(?:full-)?batch )?gradient descent\b"),
)  # fmt: skip
_CLASS = re.compile(r"(?<=[a-z])Optimizer\b")
"""The end of the name of a class: "AdamOptimizer"."""
_ASIDE = re.compile(r"\((?:(?!momentum|Adam|SGD)[^()])*\d{4}[^()]*\)|(?<=descent )\((?:(?!momentum|\d)[^()])*\)")
"""A source or an explanation in brackets: no part of the optimizer's name."""
_USES = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|train(?:ed|ing)?|optimi[sz](?:e[dr]?|ing|ation|ers?)|employ(?:ed|ing)?|"
    r"with|via|by|adopt(?:ed)?|appl(?:y|ied)|"
    r"perform(?:ed)?|through|hyper-?parameters?|lr|learning rate|minimi[sz]ed?|update rule)\b",
    re.I,
)
_RATHER = re.compile(r",? (?:rather than|instead of|in place of|over|as opposed to) (?:the )?(?:\w+ )?[A-Z]")
_PASSED_OVER = re.compile(
    r"\b(?:rather than|instead of|in place of|as opposed to|unlike)(?: with| by)?(?: the| an?)?(?: usual| standard| popular| more common)? ?$"
)
"""What stands before the rule that was not taken."""
_COMPARED = re.compile(
    r"\b(?:compar\w+|experimented with|tried|considered|unlike|instead of|rather than|outperform\w*|"
    r"better than|such as|like|converge\w*|similar to|variants? of|"
    r"methods? (?:such|like)|(?:in|from) (?:the )?(?:context|case) of|(?:recently|newly|originally|first) proposed|popular)\b",
    re.I,
)


def _optimizer(text: str) -> Iterator[Finding]:
    text = _CLASS.sub(" optimize", text)  # as long as before, so that offsets stay
    for _ in range(2):  # brackets within brackets
        text = _ASIDE.sub(lambda match: " " * len(match.group()), text)
    taken: list[tuple[int, int]] = []
    for name, pattern in _OPTIMIZERS:
        if name == "SGD" and taken:
            continue  # the general word beside the rule that is used
        for match in re.finditer(pattern, text):
            if re.match(r"\s?,? we (?:reduce|can|could|would)", text[match.end() :]):
                continue
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if _PASSED_OVER.search(text[: match.start()]):
                taken.pop()
                continue
            around = text[max(0, match.start() - 90) : match.end() + 60]
            if _RATHER.match(text, match.end()):
                yield f"{'vanilla ' if name == 'SGD' else ''}{name}", match.start(), match.end()
                continue
            preferred = re.search(
                r"\b(?:found|chose|prefer\w*|settled on|selected)\b[^.]{0,30}$", text[: match.start()]
            )
            chose = re.search(r"\b(?:chose|chosen|settled on|selected|went with|use|used) the (former|latter)\b", text)
            if preferred or (chose and _is_chosen(text, match.start(), chose.group(1))):
                yield name, match.start(), match.end()
                continue
            if not _USES.search(around) or _COMPARED.search(text[max(0, match.start() - 70) : match.end() + 25]):
                continue
            yield name, match.start(), match.end()


def _is_chosen(text: str, at: int, which: str) -> bool:
    """Whether the rule at an offset is the one that "the former" or "the latter" of two means."""
    places = sorted({match.start() for _, pattern in _OPTIMIZERS for match in re.finditer(pattern, text)})
    return len(places) == 2 and at == places[0 if which == "former" else 1]


_ACTIVATIONS = (
    ("GLU", r"\b(?:glu|gated linear units?(?: \(glu\))?) (?:non-?linear|activation|blocks?)"), ("GELU", r"\bgelu\b|gaussian error linear"), ("SwiGLU", r"\bswiglu\b"), ("GEGLU", r"\bgeglu\b"),
    ("swish", r"\bswish\b"), ("SiLU", r"\bsilu\b"), ("ReLU6", r"\brelu6\b"), ("leaky ReLU", r"\bleaky[ -]?re(?:lu|ctif\w+)"),
    ("PReLU", r"\bprelu\b|\bparametric ?re(?:lu|ctif\w+)"), ("ReGLU", r"\breglu\b"), ("SELU", r"\bselu\b|scaled exponential linear"), ("Mish", r"\bmish\b"), ("softplus", r"\bsoftplus (?:activation|non-?linear|units)|(?:activation|non-?linearity)(?: function)? (?:is|was|are) (?:the )?softplus"), ("hard-swish", r"\bh(?:ard)?-?\s?swish\b"), ("ELU", r"\belus?\b|(?<!gaussian error )\bexponential linear units?"),
    ("ReLU", r"\brelus?\b|rectified linear|\brectified (?:non-?linear|hidden|activation|units)|max ?\(0, ?[xz]\)|\brectifiers?\b|rectifier nonlin"), ("maxout", r"\bmaxout (?:units|activation)"),
    ("tanh", r"\btanh\b|hyperbolic tangent"), ("sigmoid", r"\bsigmoid (?:non-?linearit|activation|units|hidden)|sigmoid nonlinear"),
)  # fmt: skip


_CHOICES = re.compile(
    r"\bstandard way (?:to|of)\b|\b(?:can|could|may|might) (?:\w+ )?(?:choose|use|pick|select|be (?:used|chosen|replaced))\b|\bamong others\b|\btraditional\w*\b|\b(?:common|usual|popular) choices?\b"
)
"""A sentence about what one may take."""
_PLAYS = r"(?:generator|discriminator|critic|actor|policy|value network|encoder|decoder|hidden layers?|hidden units|feed-?forward)"


def _activation(text: str) -> Iterator[Finding]:
    lower = text.lower()
    found: list[tuple[int, int]] = []
    for name, pattern in _ACTIVATIONS:
        match = re.search(pattern, lower)
        if not match or any(low < match.end() and match.start() < high for low, high in found):
            continue
        around = lower[max(0, match.start() - 80) : match.end() + 60]
        before, behind = lower[max(0, match.start() - 45) : match.start()], lower[match.end() : match.end() + 45]
        if re.search(r"pre-?trained|probabilit|output layer|final sigmoid|last layer", around) or _CHOICES.search(
            lower
        ):
            continue  # of another network, or of the output
        if name == "sigmoid" and re.search(r"output|predict|gate", before + behind):
            continue
        if found and not (re.search(rf"\b{_PLAYS}\b", before + behind) and "output" not in before + behind):
            continue  # a second one is only told apart by the part it is for
        if re.search(
            r"\b(?:use|uses|used|using|with|activation|activations|nonlinear\w*|non-linear\w*|followed|applies|apply|slope|"
            r"appl\w+|employ\w*|hidden|layer|convolutions?|batch ?-?norm\w*|max-pool\w*)\b|=.{0,20}\((?:gelu|silu|swish)\s?\(|(?:ffn|ff|mlp)\s?\([^()]*\) ?= ?(?:re|ge)lu ?\(",
            around,
        ) and not re.search(
            r"rather than the standard|instead of(?: the)?(?: standard)?\s*$|(?<!activation function )(?<!activation function, )such as|e\.g\.|\bor\b|unlike|compared",
            before[-28:],
        ):
            found.append(match.span())
            yield name, match.start(), match.end()


_SELECTED = re.compile(
    r"(?:select|choos|chose|pick|keep|kept|report|us|evaluat|test)\w* (?:(?:results?|numbers?|scores?|performance) )?(?:(?:of|for|from|with) )?the (?:model |training )?(?:checkpoint|model|epoch|iteration|snapshot|weights) (?:with|that (?:has|had|gives|achieves|achieved)|by|based on|having|from the epoch "
    r"with|of) the (?:best|highest|lowest|smallest) (?:[\w-]+ ){0,3}?(?:validation|dev\w*|held-out)(?: set)?(?: [\w-]+)?(?: on the (?:validation|dev\w*) (?:set|data))?|"
    r"\bthe (?:model|checkpoint|epoch|iteration|snapshot|weights) (?:with|of|having) the (?:best|highest|lowest|smallest) (?:[\w-]+ ){0,3}?(?:validation|dev\w*|held-out) [^.;]{2,60}? (?:is|are|was|were) (?:\w+ )?(?:kept|used|selected|chosen|evaluated|reported|retained|tested|taken)|"
    r"\bthe best(?:-performing)? (?:model|checkpoint|epoch|snapshot|weights) (?:on|by|according to|in terms of|w\.r\.t\.) (?:the )?(?:validation|dev\w*|held-out)(?: (?:set|data|split|loss|accuracy|score))? (?:is|are|was|were) (?:\w+ )?(?:kept|used|selected|chosen|evaluated|reported|tested|taken|restored)|"
    r"(?:\b(?:train\w*|run) (?:\w+ ){0,4}?|epochs,? or )until (?:the )?[\w -]{3,50}?(?:validation|held-out|dev\w*)[\w -]{0,30}?(?:bottoms out|stops? \w+|converges?|plateaus?|increases?|no longer \w+|does not \w+|saturates?)",
    re.I,
)


def _selected(text: str) -> Iterator[Finding]:
    """The best checkpoint by held-back data, or training until that gets no better."""
    if match := _SELECTED.search(text):
        yield " ".join(match.group().split()), match.start(), match.end()


_STOPS_ON = r"(?:on|based on|using|with|when|if|after|according to|in terms of|w\.r\.t\.?|by|over|monitoring|measured (?:on|by)|determined by|of)"
_FAILS = r"(?:(?:does|did|had|has|do) ?(?:not|n['’]t)|stops?|stopped|fails? to|ceases? to|no longer|is not) (?:\w+ ){0,2}?(?:improv|increas|decreas|ris|drop|chang)\w*"
_SO_LONG = (
    r"(?: (?:for|in|over|within|after) [\w ]{1,28}(?:epochs|steps|iterations|evaluations|updates|checks|validations))?"
)
_STOP_RULE = re.compile(
    r"(?P<m>(?:with|using|use[sd]?|via|through) (?:an? )?(?:\w+ )?)?\bearly[- ]stop(?:p(?:ing|ed|s))?"
    rf"(?: (?:criterion|rule|strategy|procedure|criteria),? (?:that|which) (?:stops?|halts?|ends?|terminates?) (?:the )?training (?:if|when|once) [^.;]{{5,80}}? {_FAILS}{_SO_LONG}|"
    rf"(?: (?:is|was|and is|we))?(?: \w+)? (?:if|when|once) [^.;]{{5,80}}? {_FAILS}{_SO_LONG}|(?: (?:is |was |were )?(?:\w+ ){{0,4}}?"
    rf"{_STOPS_ON}(?: the| a| an| our)? [\w@ -]{{3,40}}?(?=[.,;):]|$| on | for | to | is | was | were | are | of (?:each|the|every) ))?)|"
    rf"convergence (?:is|was) (?:declared|assumed|reached|detected) (?:when|if|once) [^.;]{{5,80}}? {_FAILS}{_SO_LONG}|"
    rf"stop\w* (?:training )?early,? (?:when the (?:validation|dev\w*|held-out) [\w ]{{3,50}}|{_STOPS_ON} (?:the |an? |our )?[\w@ -]{{3,40}}?(?=[.,;):]|$| on | for ))|"
    r"stop\w* (?:training )?when the (?:validation|dev\w*|held-out) [\w ]{3,50}|"
    r"(?:stop\w*|halt\w*|terminat\w*|training ends) (?:training |the training )?(?:if|once|after|when|as soon "
    r"as) (?:the |no )?(?:[\w-]+ ){1,6}?(?:(?:not|\w*n['’]t|no|stop\w*|ceas\w*|without|fail\w*)[\w ]{0,24}(?:improv|increas|decreas|gone? down|go(?:es)? up|ris(?:e|en)|drop)\w*|improve\w*)(?: (?:is|was) (?:seen|observed|made|found))?(?: (?:for|in|over|after|within) [\w ]{1,24}(?:epochs|steps|"
    r"iterations|evaluations|updates|checks))?",
    re.I,
)


def _early_stopping(text: str) -> Iterator[Finding]:
    match = _STOP_RULE.search(text)
    if match and not re.search(
        r"\b(?:no|not|without|never|avoid|instead of)\b[^.]{0,25}$",
        text[: match.end("m") if match.group("m") else match.start()],
        re.I,
    ):
        words = " ".join(match.group().split())
        rule = re.sub(rf"^{re.escape(match.group('m') or '')}early[- ]stop(?:ped|ping|s)?\s*", "", words, flags=re.I)
        yield rule or (words if match.group("m") else "used"), match.start(), match.end()


_FILTER = re.compile(
    r"(\d{1,4}) (?:(?:\w+ )?(?:filters|kernels|channels|feature maps)(?: each)? (?:of|with)(?: a)?(?: kernels?)?(?: (?:kernel |filter )?(?:size|shape))?(?: of)? )?(\d{1,2} ?[×x] ?\d{1,2}(?: ?[×x] ?\d{1,4})?)(?: (?:filters?|kernels?|"
    r"convolution\w*|conv\w*))?(?:[^.;]{0,20}?strides? (?:of )?(\d))?",
    re.I,
)


_FILTERS_IN_ORDER = re.compile(
    r"\b(?:convolution\w*|conv\.?)\b[^.;]{0,60}?\b(?:the )?first (?:one |layer )?(?:with|has|having|uses?|of) (?P<a>\d{1,4}) (?:filters|channels|kernels|feature maps|output channels),?(?: and)? the second (?:one |layer )?(?:(?:with|has|having|uses?|of) )?(?P<b>\d{1,4})\b|"
    r"\bfirst convolution\w*(?: layer)? (?:has|with|uses) (?P<c>\d{1,4}) (?:filters|channels|kernels|feature maps),? (?:and|while) the second (?:one |layer )?(?:has |with |uses )?(?P<d>\d{1,4})\b|"
    r"(?<![\d,] )(?P<m>\d{1,4}(?:, \d{1,4})+,? and \d{1,4}) (?:convolution\w* )?(?:filters|channels|kernels|feature maps)\b(?! of)|"
    r"\bconvolution\w*(?: layers)? (?:with|of|have|has|using) (?P<l>\d{1,4}(?:, \d{1,4})*,? and \d{1,4}) (?:filters|channels|kernels|feature maps|output channels)\b",
    re.I,
)


def _filters(text: str) -> Iterator[Finding]:
    if match := _FILTERS_IN_ORDER.search(text):
        numbers = re.findall(
            r"\d+",
            match.group("l") or match.group("m") or " ".join(part for part in match.group("a", "b", "c", "d") if part),
        )
        yield ", ".join(numbers), match.start(), match.end()
        return
    for match in _FILTER.finditer(text):
        around = text[max(0, match.start() - 60) : match.end() + 30].lower()
        if re.search(r"convol|filter|kernel|\bconv", around):
            count, shape, stride = match.groups()
            deep = shape.count("×") + shape.count("x") > 1
            words = f"{count} {re.sub(' ?[×x] ?', 'x', shape)}" + (f" stride {stride}" if stride and not deep else "")
            yield words, match.start(), match.end()


_NO = (
    r"(?:(?:do|did|does) ?(?:not|n't) (?:use|apply|employ|need|add|include|introduce|adopt)|don't (?:use|apply)|(?:without|no|never|not) "
    r"(?:use |using |apply |applying |employ |need |need to apply )*)(?: ?(?:any|an?|the|additional|explicit|lora))*"
)
_NOUNS = {
    "dropout": r"drop-?out",
    "weight_decay": r"weight[- ]decay|L_?\s?2[- ]regulari[sz]ation|L_?\s?2[- ]penalty",
    "label_smoothing": r"label[- ]smoothing",
    "entropy_coef": r"entropy (?:bonus|regulari[sz]ation|term|loss)",
    "grad_clip": r"grad(?:ient)?[- ]clipping",
    "momentum": r"momentum",
}
_WIDTHS = re.compile(
    r"\b(?:mlps?|perceptrons?|towers?|auto-?encoders?|fully[- ]connected|feed-?\s?forward|hidden|dense|fc|dnn)\b[^.;\d]{0,50}?(?:\b(?:sizes?|units|dim(?:ension)?s?|neurons|widths?|structure|architecture|"
    r"layers|set by|network|nodes)\b[^.;\d]{0,25}?)[\[({]?(?P<v>\d{2,5}(?:\s?(?:-|–|→|->|×|x|➔|⇒)\s?\d{1,5}){1,6})[\])}]?(?![\w.]*\d)",
    re.I,
)


_LISTED_WIDTHS = re.compile(
    r"\b(?:fully[- ]connected|dense|fc|hidden|mlp|linear)(?: layers?)?(?: (?:of|with))?(?: sizes?| widths?| units| dimensions?)?\s?[:=]?\s?[\[({](?P<a>\d{2,5}(?:, ?\d{1,5})+)[\])}]|"
    r"\b(?:mlps?|critics?|actors?|polic(?:y|ies)|networks?)\b[^.;\d]{0,30} layers of (?:size|width)s? (?P<b>\d+(?:, \d+)*,? and \d+)",
    re.I,
)
_IN_TURN = re.compile(
    r"\bfirst (?:\w+[- ]){0,2}?layer (?:has|having|with|of|contains|uses) (?P<a>\d{1,5}) (?:\w+ ){0,2}?(?:units|neurons|nodes|cells),? (?:and|while|whereas)(?: the)? (?:second|next|other)(?: one| layer)?(?: has| have| with)? (?P<b>\d{1,5})\b(?! ?[×x])",
    re.I,
)


def _widths(text: str) -> Iterator[Finding]:
    """The widths of the layers of a network in a row: "an MLP with layer sizes 512-256-128"."""
    if match := _IN_TURN.search(text):
        yield f"{match.group('a')}, {match.group('b')}", match.start(), match.end()
    for match in _LISTED_WIDTHS.finditer(text):
        yield ", ".join(re.findall(r"\d+", match.group("a") or match.group("b"))), match.start(), match.end()
    for match in _WIDTHS.finditer(text):
        if not re.search(r"conv|kernel|image|input|resolution|pixel|grid|patch|range", match.group(), re.I):
            yield (
                re.sub(r"\s?(?:–|→|->|×|➔|⇒|(?<=\d)\s?x\s?(?=\d))\s?", "-", match.group("v")),
                match.start(),
                match.end(),
            )


_WITH_AND_WITHOUT = re.compile(
    r"with (?:and|or|vs\.?|versus) without|unseen|test time|inference|evaluation|predict|score|compar\w+|ablat|than without|"
    r"(?:result|accurac|perform|improve|degrad|wors|better|poorer|obtain|overfit|suffer|exhibit|diverg|unstable|fail|collaps|would|execut|error|ris(?:es|en)|rose)\w*",
    re.I,
)


def _zero(name: str) -> Callable[[str], Iterator[Finding]]:
    """Finds "no weight decay", "without dropout" and the like: a setting that the paper says it does without."""
    any_noun = "|".join(_NOUNS.values())
    pattern = re.compile(
        rf"\b{_NO} ?(?:(?:{any_noun})(?:,? (?:or|nor) |, ))*(?:{_NOUNS[name]})\b(?! ?(?:of|at|to|=|:|\d|\(|rates?|coeff|prob|factor|value))(?! (?:in|on|to) (?:the )?(?:first|last|output|final|input|embedding|bias))|"
        rf"\bneither (?:{any_noun}),? nor (?:{_NOUNS[name]})|\bneither (?:{_NOUNS[name]}),? nor (?:{any_noun})|"
        rf"\bwe (?:\w+ly |also |therefore |always )?(?:disabled?|turn(?:ed)? off|switch(?:ed)? off|removed?|omit(?:ted)?) (?:the |any |all )?(?:{_NOUNS[name]})(?! (?:from|in|on) (?:the )?(?:first|last|output|final|input))",
        re.I,
    )

    off = re.compile(
        rf"\b(?:{_NOUNS[name]})(?: rates?| ratios?| probabilit(?:y|ies)| coefficients?)? (?:(?:is|are|was|were) |(?:on|for|in) [\w -]{{3,30}} |was not [\w ]{{3,30}} and is )(?:(?:set )?to (?:zero|none)|zero|"
        r"(?:disabled|turned off|switched off|not (?:used|applied|employed)))\b",
        re.I,
    )

    def find(text: str) -> Iterator[Finding]:
        match = pattern.search(text) or off.search(text)
        if match and not _WITH_AND_WITHOUT.search(text[max(0, match.start() - 60) : match.end() + 40]):
            yield "0", match.start(), match.end()

    return find


_KEEP = re.compile(
    r"\b(?:keep|retain\w*|retention)[- ](?:prob(?:abilit(?:y|ies))?|rates?|ratios?)(?: (?:of|is|was|=|set to|p))*\s?=?\s?(?P<v>0?\.\d+|\d\d?\s?%)",
    re.I,
)


def _keep(text: str) -> Iterator[Finding]:
    """A dropout that is told by what it keeps: the words stay, so that nobody takes 0.8 for the rate."""
    if not re.search(r"drop-?\s?out", text, re.I):
        return
    for match in _KEEP.finditer(text):
        yield f"keep probability {match.group('v')}", match.start(), match.end()


_SEED_LIST = re.compile(
    r"(?:random )?seeds?(?: (?:from|of|in|were|was|are|set to|values?|fixed to|∈|=|:))*\s?[=:(∈]?\s?"
    r"(?P<v>[{\[(]\s?\d+(?:\s?,\s?\d+)+\s?[}\])]|\d+(?:, \d+)+,? (?:and|or) \d+|\d+\s?(?:–|—|-|to)\s?\d+)(?!\w|\.\d)",
    re.I,
)


def _seed_list(text: str) -> Iterator[Finding]:
    """Seeds by their numbers: "seeds 42–46", "seeds {0, 1, 2}"."""
    for match in _SEED_LIST.finditer(text):
        words = re.sub(r"\s?(?:–|—|-|\bto\b)\s?", "-", match.group("v").strip("{}[]() "))
        yield re.sub(r",? (?:and|or) ", ", ", words), match.start(), match.end()


_MOVING_MOMENTUM = re.compile(
    r"\bmomentum\b(?:[^.;]|\.\d){0,45}?\b(?:from|at|of|initially) (?P<a>0?\.\d+)(?:[^.;]|\.\d){0,60}?\b(?:to|until it (?:reaches|is)) (?P<b>0?\.\d+)",
    re.I,
)


def _momentum(text: str) -> Iterator[Finding]:
    """A momentum that changes over training: "0.5 to 0.99"."""
    match = _MOVING_MOMENTUM.search(text)
    if match and re.search(r"increas|rais|ramp|anneal|chang|grow|ris|linear|sched", match.group(), re.I):
        yield f"{match.group('a')} to {match.group('b')}", match.start(), match.end()


WORDED = (
    Worded("optimizer", ("adam", "sgd", "nesterov", "gradient descent", "rmsprop", "adagrad", "adadelta", "adafactor", "lamb", "lars", "bfgs", "lion", "rms-prop", "ada", "hessian", "prop", "shampoo", "sophia", "muon", "amsgrad", "novograd", "yogi", "conjugate"), _optimizer),
    Worded("lr_schedule", ("rate", "learning-rate", "lr", "schedule", "anneal", "warm", "step size", "decay"), schedule),
    Worded("activation", ("lu", "hyperbolic", "exponential linear", "mish", "softplus", "rectif", "tanh", "sigmoid", "swish", "maxout", "linear units"), _activation),
    Worded("early_stopping", ("early", "stop", "terminat", "halt", "training ends", "convergence"), _early_stopping),
    Worded("early_stopping", ("checkpoint", "until", "best", "lowest", "highest"), _selected, 0.8),
    Worded("filters", ("filter", "kernel", "convol", "conv"), _filters),
    Worded("filter_sizes", ("filter", "kernel", "convol", "conv"), filter_shape, 0.9),
    Worded("input_shape", ("input", "resolution", "image", "resiz", "crop", "rescal", "downs", "train", "patches"), input_shape),
    Worded("hidden_units", ("mlp", "perceptron", "tower", "encoder", "layer", "connected", "forward", "hidden", "dense", "fc", "dnn"), _widths),
    Worded("dropout", ("dropout",), _zero("dropout")),
    Worded("dropout", ("keep", "retain", "retention"), _keep),
    Worded("seeds", ("seed",), _seed_list),
    Worded("weight_decay", ("weight decay", "regulariz", "regularis", "penalty"), _zero("weight_decay"), 0.9),
    Worded("label_smoothing", ("label smoothing",), _zero("label_smoothing"), 0.9),
    Worded("entropy_coef", ("entropy",), _zero("entropy_coef"), 0.9),
    Worded("grad_clip", ("clipping",), _zero("grad_clip"), 0.9),
    Worded("momentum", ("momentum",), _zero("momentum"), 0.9),
    Worded("momentum", ("momentum",), _momentum, 1.2),
    Worded("base_model", ("initializ", "initialis", "start", "fine-tun", "finetun", "features", "language model", "llm", "build", "built", "pre-trained", "pretrained", "based on", "backbone", "encoder", "base model", "base llm", " as "), base_model),
)  # fmt: skip
