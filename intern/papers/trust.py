# ruff: noqa: E501  the patterns are data, one a line
"""How far a sentence is to be believed when it names a value: where it stands, and how it is worded."""

from __future__ import annotations

import re

from intern.papers.sentences import Sentence

_SKIPPED = re.compile(
    r"related work|background|introduction|conclusion|future work|acknowledg|broader impact|limitation", re.I
)
_ABLATION = re.compile(
    r"ablation|model variations|sensitivity|analysis|effect of|impact of|visuali|discussion|varying|"
    r"hyper-?parameter search|robustness",
    re.I,
)
_SETUP = re.compile(
    r"setup|set-up|training|experiment|hyper-?parameter|implementation|details|optimi[sz]|"
    r"regulari[sz]|configuration|architecture|settings?|"
    r"procedure|schedule|model",
    re.I,
)
_SETTINGS_CAPTION = re.compile(
    r"hyper-?\s?parameters?|(?:training|fine-?tuning|optimi[sz]ation) (?:settings?|details|configuration|recipe)", re.I
)
_EXPLORED = re.compile(
    r"\b(?:vary|varied|varying|tried|tested different|range of|ranging|explored?|for example|e\.g\.|typically|usually|"
    r"suppose|would|could|might|if we|when we (?:use|increase|reduce)|increas\w+ [^.]{0,40}from|hypothetical|toy|consider a)\b",
    re.I,
)


_REWORDED = re.compile(
    r"\banother way (?:of|to)\b|\bin other words\b|\b(?:can|could|may) (?:also )?be (?:viewed|seen|described|thought|interpreted|"
    r"regarded|understood|written|expressed)\b|"
    r"\b(?:is|are) (?:mathematically )?equivalent to (?!\S+ (?:epochs|steps|iterations|updates|passes))|"
    r"\bas if\b|\b(?:for|in) the example\b",
    re.I,
)
"""A value in such a sentence describes a thought, an identity or a drawing; nobody set it."""


_SWEPT = re.compile(
    r"\b(?:we|were|was|be|by) (?:\w+ ){0,2}(?:tried|tested|explored?|vary|varied|varying|swept|sweep)\b|\branging from\b|\bwhen (?:this|it|we) (?:was|were|is)? ?(?:radically |further )?"
    r"(?:reduc|increas|replac|remov)|\bsensitiv|\bablat|\b(?:two|three|four|several|different) (?:\w+ )?budgets\b|\bsimilarity between\b|worked (?:significantly )?(?:better|worse)",
    re.I,
)
_CHOSEN = re.compile(r"\b(?:select|cho[os]e|chosen|best|final|picked|tun(?:ed|ing))", re.I)


_CANDIDATES = re.compile(
    r"\b(?:consider(?:ed|s|ing)?|search(?:ed)? (?:for|over)|grid[- ]search\w*(?: (?:of|over|on|for|with))?|sweep(?:s|ed)? (?:on|over)|swept|tried|grid of|out of|one of|chosen (?:from|among)|selected (?:from|among))\b[^;]*$"
)
"""What stands before a list of candidates."""
IN_ABLATION = re.compile(
    r"\b(?:for|in) (?:the |our |all )?ablations?(?: stud(?:y|ies)| experiments?)?,? (?:we|all|models|the models|every)\b",
    re.I,
)
"""What opens the settings of all runs of an ablation, which are settings and not what the ablation varies."""


def is_varied(sentence: Sentence, at: int | None = None, name: str = "") -> bool:
    """Whether a value of this sentence is one of a sweep or an analysis, without a choice among them.

    `at`: where the value stands, for a sentence of several clauses of which one tells of a sweep.
    """
    if at is not None and re.search(r"\bin $", sentence.text[:at]) and sentence.text[at : at + 1] == "{":
        return True
    if at is not None and _CANDIDATES.search(sentence.text[:at]) and sentence.text[at : at + 1] in "{[(":
        return True
    if _CHOSEN.search(sentence.text) or IN_ABLATION.search(sentence.text):
        return False
    if name == "seeds":
        return False  # how often an ablation was run is nothing it varies
    titles = f"{sentence.paragraph.above} / {sentence.section}"
    text = _FOR_ABLATIONS.sub(lambda match: " " * len(match.group()), sentence.text)
    analysis = re.search(r"ablation|sensitivity|model variations|similarity|robustness", titles, re.I)
    if analysis or at is None:
        return bool(analysis or _SWEPT.search(text))
    start, end = text.rfind("; ", 0, at) + 1, text.find("; ", at)
    return bool(_SWEPT.search(text[start : end if end > 0 else len(text)]))


_FOR_ABLATIONS = re.compile(r"\([^()]{0,40}\babla[^()]{0,20}\)")
"""Another value for ablations, beside the one that holds: "800 epochs (200 for ablations)"."""
_OUTCOME = re.compile(
    r"\b(?:achiev\w+|reach(?:es|ed)?|attain\w*|required)\b[^.;]{0,80}\d(?:\.\d+)? ?(?:%|m?AP\b|BLEU\b|F1\b|points\b)|\bachieved? (?:faster|slower|better|worse)\b|\boutperform|\b[Ee]ven (?:with|a|an|for|when|after) |"
    r"\bperform(?:s|ed)? (?:\w+ )?(?:decently|well|better|worse|poorly|similarly)\b|\b(?:not|n't) (?:further )?improve\b|"
    r"\b(?:better|worse|higher|lower|comparable|similar) (?:\w+ ){0,2}(?:results?|performance|accurac\w+|scores?|errors?|perplexity)\b|"
    r"\bshow(?:s|ed)? (?:a |an )?(?:\w+ )?improvements?\b|\bsaturates?\b|\bis (?:still |much |even )?(?:faster|slower|cheaper)\b"
)
"""What came of a value, in a sentence that need not set it."""
_BESIDE = re.compile(
    r"\b[Ww]e also compare (?:with|to|against)\b|\b(?:[Ff]or|as) (?:the|our|all|an additional|additional) baselines?\b|\badditional baselines?\b|"
    r"\b(?:[Ii]n )?(?:another|many|other|some|several|alternative) variants?\b|\bversus\b|\bsampling steps\b|"
    r"\b(?:randomly|synthetically) generated? inputs?\b|\btend to (?:have|be|fit)\b|\bequivalent (?:in|to) (?:\w+ ){0,3}costs?\b|"
    r"\b[Ii]n (?:the|these|our) examples\b|\b[Ii]ntermediate (?:evaluations?|results?|checkpoints?)\b|\bevaluat(?:ing|ed|e) (?:the )?(?:latest |current |resulting )?(?:agent|policy|model) for\b|\bonly after\b|\bresults? (?:for|of) (?:the )?previous works?\b|\bthroughput\b|\bburn-in\b|"
    r"\b(?:[Tt]ime|[Ss]peed|[Ll]atency|[Mm]emory|FLOPs) (?:was|is|were|are) (?:assessed|measured|computed|averaged|evaluated)\b"
)
"""A baseline, a variant or a measurement beside what the paper trains."""
_COMPARED = re.compile(
    r"\b[Ww]e also (?:compare|evaluate|report)[^.]*\b(?:with|to|against)\b (?:an? |the )|\b[Aa]s (?:an? )?(?:\w+ )?baselines?,? we\b"
)
_GOES_ON = re.compile(r"(?:We (?:use|train|set)|It|This|The (?:LSTM|GRU|baseline|network))\b")
_EFFECT = re.compile(
    r"(?:Figure|Fig\.?|Table) \d+[.:|]? (?:The )?(?:[Ee]ffects?|[Ii]mpact|[Ii]nfluence|[Cc]omparison)\b"
)
_OF_OTHERS = re.compile(
    r"\b[A-Z][\w'-]+ (?:et al\.?|(?:and|&) [A-Z][\w'-]+),? (?:\[\d+\]|\(\d{4}\w?\)) (?:\w+ )?(?:trains?|trained|uses?|used|sets?|chose|employ\w*)\b"
)
_IN_GENERAL = re.compile(
    r"\b(?:typically|usually|commonly|generally) (?:\w+ )?(?:trained|used|set|fixed|chosen|optimi[sz]ed)\b|\bsuccessful applications? of\b"
)


_CHOICE = re.compile(
    r"\b[Ww]e (?:have )?f(?:ou|i)nd (?:that )?(?:\w+ ){1,3}to |\brecipes?\b|\bconfiguration of\b|\b[Ww]e (?:therefore |thus |then )?(?:use|set|choose|chose|select|train|fix)\b"
)


def is_aside(sentence: Sentence, at: int, name: str) -> bool:
    """Whether the value at an offset is told beside the paper's own setup: an outcome, a compared method, a usual choice."""
    text = sentence.text
    start, end = text.rfind("; ", 0, at) + 1, text.find("; ", at)
    clause = text[start : end if end > 0 else len(text)]
    if re.search(r"\b(?:than|unlike|versus) (?:the )?$", text[:at]):
        return True
    worded = name in ("optimizer", "activation")  # the words for it stand in any sentence about it
    # a number of layers is often the name of the model: what came of it is told of the paper's own
    if (_COMPARED.search(sentence.before) and _GOES_ON.match(text)) or _EFFECT.match(sentence.paragraph.text):
        return True
    if _OF_OTHERS.search(text[:at]) or (_BESIDE.search(clause) and not worded):
        return True
    if _OUTCOME.search(clause) and not worded and name != "layers" and not _CHOICE.search(clause):
        return True
    return bool(_IN_GENERAL.search(clause) and not re.search(r"\b(?:we|our)\b", clause, re.I))


def trust(sentence: Sentence) -> float:
    """How likely this sentence states the paper's own setting."""
    weight = 0.3 if _REWORDED.search(sentence.text) else 1.0
    title = sentence.section
    if re.search(r"related work|background|preliminar", sentence.paragraph.above, re.I):
        weight *= 0.6  # below a chapter about others
    if re.search(r"related work|background", title, re.I) and not re.search(r"\b(?:we|our)\b", sentence.text, re.I):
        weight *= 0.6  # what others set; below what is kept
    if _SKIPPED.search(title) or sentence.paragraph.kind == "abstract":
        weight *= 0.45
    elif _ABLATION.search(title) and not _SETUP.search(sentence.text):
        weight *= 0.65
    elif _SETUP.search(title):
        weight *= 1.2
    if sentence.paragraph.kind == "caption":
        weight *= 1.0 if _SETTINGS_CAPTION.search(sentence.paragraph.text) else 0.7
    if _EXPLORED.search(sentence.text):
        weight *= 0.6
    if re.search(r"\bet al\b", sentence.text) and not re.search(r"\b(?:we|our)\b", sentence.text, re.I):
        weight *= 0.75
    if re.search(
        r"\b(?:we|our|was|were|is|are) (?:\w+ ){0,2}(?:set|used?|train(?:ed)?|employ(?:ed)?|appl(?:y|ied)|"
        r"chos?en|start(?:ed)?|terminate[sd]?|divide[sd]?|run|stop(?:ped)?|fix(?:ed)?|optimi[sz]ed?)\b",
        sentence.text,
        re.I,
    ):
        weight *= 1.15
    return weight
