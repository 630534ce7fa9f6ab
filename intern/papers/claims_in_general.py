# ruff: noqa: E501  the patterns are data, one a line
"""Sentences that name a value without setting it: what others did, what came of it, what would happen, what holds in general."""

from __future__ import annotations

import re

_WE = re.compile(r"\b(?:we|our|ours|us|this (?:work|paper|study))\b", re.I)
_SETS = re.compile(
    r"\b(?:we|our|is|are|was|were|be) (?:\w+ ){0,3}?(?:use[ds]?|set|train(?:ed)?|fix(?:ed)?|cho[os]e|chosen|appl(?:y|ied)|adopt(?:ed)?|employ(?:ed)?|run|optimi[sz]ed?|select(?:ed)?)\b",
    re.I,
)
_OTHERS_DO = re.compile(
    r"\b(?:[Pp]revious|[Pp]rior|[Ee]arlier|[Ee]xisting|[Rr]ecent|[Oo]ther|[Mm]ost|[Mm]any) (?:works?|stud(?:y|ies)|methods|approaches|papers|authors|systems) (?:\w+ ){0,2}?(?:use[ds]?|set|sets|trains?|trained|employ\w*|adopt\w*|report\w*|rel(?:y|ies|ied)|cho[os]e|fix|appl(?:y|ied))\b|"
    r"(?:^|[;,] )(?:[Tt]heir|[Hh]is|[Hh]er) (?:[\w-]+ ){1,3}(?:is|was|were|are|uses?|used|has|had)\b|"
    r"^In the original (?:paper|work|implementation|setup|code),|\b[Tt]he authors (?:report|state|claim|suggest|recommend|argue|note)\b|"
    r"^[A-Z][\w-]+ \([A-Z][^()]*\d{4}\w?\) (?:applies|uses|used|has|trains|trained|employs|adopts|sets)\b|"
    r"\b(?:[Rr]ecent|[Mm]odern|[Cc]urrent|[Ee]xisting) (?:\w+ )?(?:LLMs|models|networks|systems|architectures|transformers) (?:use|have|are trained|employ|adopt|need|require)\b|"
    r"(?:^|; )In \[\d[\d, –-]*\],|"
    r"\b[Tt]he (?:\w+ )?(?:baseline|method|model|approach|network|design|system|work|setup|architecture) (?:of|in|by|from) (?:\[\d[\d, –-]*\]|[A-Z][\w-]+ (?:et al|and [A-Z]))[^,;]{0,12}? (?:is|was|uses?|used|has|had|needs?|requires?|trains?)\b|"
    r"\b[Ii]t (?:has been|was|is) (?:\w+ )?(?:reported|shown|observed|found|known|suggested|argued|recommended|claimed) (?:that|in|by)\b|"
    r"\b(?:unlike|compared (?:to|with)|in contrast to|as opposed to) [^,;]{2,40}, (?:which|whose|who|that|where)\b[^,;]*$",
    re.I,
)
"""What stands before a value of others; a sentence that speaks of "we" before it tells its own."""
_THOUGHT = re.compile(
    r"^(?:[Ss]uppose|[Ii]magine|[Aa]ssume|[Cc]onsider (?:an? |the (?:case|example))|[Ff]or example, an? |[Ff]uture work|[Ii]f the \w+(?: \w+)? (?:were|was)\b|[Ll]et \S+ (?:be|denote)\b)|"
    r"\b(?:one|they|it|practitioners) (?:can|could|may|might) (?:also |then |even )?\w+\b[^.;]{0,40}$|\bwould (?:\w+ )?(?:require|need|take|be|have|yield|lead|not)\b|\b(?:may|might|could) (?:explore|investigate|consider)\b",
    re.I,
)
_OUTCOME_AFTER = re.compile(
    r"\b(?:loss|errors?|accurac(?:y|ies)|performance|perplexity|curves?|scores?|reward|returns?|gains?|improvements?)\b[^.;]{0,60}?\b(?:falls?|fell|drops?|plateaus?|stagnat\w+|peaks?|reache[sd]|reach|was|is|ris(?:es|en)|rose|decreas\w+|saturat\w+|flatten\w*|hardly|no longer|stops?|remains?)\b[^.;]{0,60}?\b(?:after|within|by|at|beyond)\b[^.;\d]{0,24}$|"
    r"\b(?:plateau|saturat|stagnat|overfit|diverg|flatten)\w*[^.;\d]{0,20}\b(?:after|within|beyond|at)\b[^.;\d]{0,24}$",
    re.I,
)
"""How far training had come when something was seen: no length of a run."""
_CAUSED = re.compile(
    r"(?: \w+){0,3}? (?:caus(?:es|ed)|hurts?|degrad(?:es|ed)|worsen(?:s|ed)|underfits?|overfits?|diverge[sd]?|harm(?:s|ed)|costs? \d|becomes? (?:\w+ )?(?:slow|unstable|worse)|(?:yields?|gives?|gave|loses?|lost) [\d.]+ (?:\w+ )?(?:more|less|better|worse|higher|lower|points))|"
    r"[^.;]{0,30}?, the (?:model|network) (?:under|over)fits",
    re.I,
)
"""What came of the value that stands before it."""
_GENERAL = re.compile(
    r"\b(?:is|are) (?:\w+ )?(?:optimal|known|common|popular|standard|preferred|typical|necessary|sufficient|ubiquitous|widely used|often used|crucial)\b|\bdepends? on\b|\b(?:leave|left) [^.;]{0,60}(?:future|further) work\b|\bgenerali[sz]es? (?:better|worse)\b",
    re.I,
)
_FROM_OTHERS = re.compile(
    r"\b(?:codes?|implementations?|scripts?) (?:released|provided|published|shared) by (?:the|their) (?:original )?authors?\b",
    re.I,
)
_USUAL = re.compile(
    r"\b[Ii]t is (?:\w+ )?(?:common|customary|standard|usual|typical|recommended) (?:practice )?to\b|^(?:Typically|Usually|Commonly|In general|Generally|Conventionally),|\brule of thumb\b|"
    r"\bas the (?:number|size|depth|width|length|amount) [^.;]{3,30} (?:grows|increases|decreases|approaches|rises)\b|^Even (?:at|with|for|after)\b|\bfor the sake of (?:illustration|exposition)\b|\b(?:vary|varied|varying) the [^.;]{3,40} from \d*[^.;]{0,8}$"
)
"""What stands before a value that is told as the usual one, or as one of many."""
_SHOWN = re.compile(
    r"(?:Figure|Fig\.|Table) \w+ (?:compares|contrasts) \S+ \w+ (?:with|to|and|against) |"
    r"(?:Figure|Fig\.|Table) \w+ (?:plots|shows|reports|compares|displays|depicts|illustrates|gives|presents) (?:the |our )?(?:\w+ )?(?:accurac\w+|results?|scores?|errors?|effects?|loss\w*|curves?|performance|samples|BLEU|perplexity)\b"
)
_MEASURED = re.compile(
    r"(?:All |The |Our )?(?:[Ll]atenc\w+|[Tt]hroughput|[Ss]peed|[Mm]emory(?: usage| consumption)?|[Ii]nference times?|FLOPs|[Rr]un-?\s?times?|[Tt]imings?) (?:is|was|are|were) (?:\w+ )?(?:measured|computed|reported|evaluated|obtained|assessed)\b"
)
_CITED_END = re.compile(
    r"^[A-Z][\w-]*[A-Z\d][\w-]* (?:has|uses|consists of|was trained)\b[^()]*\([A-Z][\w-]+ (?:et al|and|&)[^()]*\d{4}\w?\)\.?$"
)
"""A statement about a system by its name, with its source behind it."""
_OF_PEOPLE = re.compile(
    r"\b(?:annotat|crowd|paid|seen by|judge[sd]|rated|raters|human|label(?:l?ed)? by|questionnaire)\w*", re.I
)


_ADVICE = re.compile(
    r"\b(?:recommend|suggest|advise)\w* (?:searching|tuning|trying|sweeping|to (?:search|tune|try|sweep))\b|"
    r"\b(?:is|are|was|were|seems?|would be) (?:an? )?(?:good|reasonable|safe|sensible|decent) (?:choices?|options?|trade-?offs?|compromises?)\b",
    re.I,
)
"""What others may try, and what would do as well."""
_HELD_OUT = re.compile(r"\b(?:valid\w*|dev\w*|held-out|patience|epochs|train\w*)\b", re.I)
_BY_OTHERS = re.compile(
    r"[^.;,]{0,24}? (?:was|were|is|are) (?:\w+ )?(?:used|proposed|introduced|employed|applied|reported|suggested|chosen|studied|trained|built) (?:by|in) (?:[A-Z][\w-]+ (?:et al|and|&)|\[\d)"
)
_IN_ANOTHER_SENSE = {
    "dropout": re.compile(r"\b(?:patients?|participants?|students?|trial|sensors?|modalit\w+)\b", re.I),
    "momentum": re.compile(
        r"\b(?:statistics|particles?|memory bank|prototypes?|price|stocks?|moving average|key encoder|queue)\b", re.I
    ),
    "warmup_steps": re.compile(
        r"\bwarm-?\s?up[^.;]{0,30}\d[\d.]* (?:minutes|seconds|hours|days)\b|\bwarm-?\s?up runs\b|\btim(?:ing|ings|ed)\b",
        re.I,
    ),
    "grad_clip": re.compile(
        r"\b(?:advantages?|logits?|pixels?|actions?|outliers?|importance weights?|ratios?|rewards?)\b[^.;]{0,40}\bclip",
        re.I,
    ),
    "seeds": re.compile(
        r"\b(?:each|every) (?:rollout|game|episode|trajectory|prompt|question|query|problem) (?:is|was) (?:\w+ )?(?:repeated|sampled|run|played|asked)\b|\b(?:crawl|raters?|annotat\w+)\b",
        re.I,
    ),
    "batch_size": re.compile(
        r"\b(?:k-?means|faiss|annotator|annotators|products|customers|workers were|mechanical turk)\b", re.I
    ),
    "steps": re.compile(
        r"\bburn-?in\b|\battacks?\b|\bpgd\b|\bk-?means\b|\bcluster\w*|\bfaiss\b|\bgibbs\b|\bsinkhorn\b|\biterative classification\b|\blabel propagation\b|\b(?:one|an|each|every) epoch (?:corresponds|is|consists|has|takes|equals)\b",
        re.I,
    ),
    "vocab_size": re.compile(r"\bbags?[- ]of[- ]", re.I),
    "temperature": re.compile(r"\btemperature by\b", re.I),
    "lr_schedule": re.compile(r"\bmoving averages?\b|\b[Aa] typical (?:implementation|choice|setup)\b"),
    "early_stopping": re.compile(
        r"\b(?:decoding|beam|inference|anytime|generation|rollouts?|episodes?|candidate|hypothes[ie]s)\b", re.I
    ),
}
"""Sentences in which the words for a setting mean something else."""
_TRAINING = re.compile(
    r"\b(?:(?:pre-?|fine-?)?(?:train|tun)\w*|optimi[sz]\w*|learn\w*|iterat\w*|updat\w*|gradients?|batch\w*|epochs?|schedul\w*|lr|converg\w*|adam\w*|sgd|decay\w*|warm\w*|we run|are run|is run|runs|halt\w*|terminat\w*|budget)\b",
    re.I,
)


def named_only(name: str, text: str, start: int, end: int) -> bool:
    """Whether the sentence names the value at [start, end) without setting it: a thought, an outcome, what others did."""
    before = text[:start]
    clause = before[before.rfind("; ") + 1 :]
    if _OTHERS_DO.search(clause) and not _WE.search(clause):
        return True
    if _THOUGHT.search(clause.lstrip()) and not _SETS.search(text):
        return True
    if name in ("epochs", "steps", "frames") and _OUTCOME_AFTER.search(clause):
        return True
    if _ADVICE.search(clause + text[start:]) and not _SETS.search(text):
        return True
    if _CAUSED.match(text, end) and not _WE.search(clause):
        return True
    if _FROM_OTHERS.search(text) and not re.search(r"\bour\b", text, re.I):
        return True
    if name == "learning_rate" and re.search(r"\(following [^()]*$", before):
        return True  # the formula that the value comes from
    if _BY_OTHERS.match(text, end) and not _WE.search(text):
        return True
    if (besides := _IN_ANOTHER_SENSE.get(name)) and besides.search(text):
        return True
    if name == "steps" and re.match(r" steps\b", text[end:]) and not _TRAINING.search(text):
        return True
    if name not in ("epochs", "steps") and _USUAL.search(clause) and not _WE.search(clause):
        return True
    if _SHOWN.match(text) or _MEASURED.match(text) or (_CITED_END.search(text) and not _WE.search(text)):
        return True
    if name == "num_actors" and _OF_PEOPLE.search(text):
        return True
    return bool(name == "frames" and re.search(r"\bepisodes?\b[^.;()]{0,30}$|\bat most $", before, re.I))


def told_in_general(name: str, text: str, start: int) -> bool:
    """Whether a sentence about an optimizer, an activation or a schedule says what holds in general, not what was done."""
    if _OTHERS_DO.search(text[:start]) and not _WE.search(text[:start]):
        return True
    if (besides := _IN_ANOTHER_SENSE.get(name)) and besides.search(text):
        return name != "early_stopping" or not _HELD_OUT.search(text)
    return _GENERAL.search(text) is not None and not _SETS.search(text)
