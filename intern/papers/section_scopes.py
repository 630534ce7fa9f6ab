# ruff: noqa: E501  the patterns are data, one a line
"""Which titles and run-in headings say what experiment or data set their text is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intern.papers import known_data
from intern.papers.model import Document, Section

DULL_LEAD = re.compile(
    r"(note|default|results?|train\w*|data\w*|optimi\w*|setup|settings?|model\w*|implementation|baselines?|"
    r"evaluation|tasks?|hyper\w*|batch|learning|loss\w*|details|parameters?|metrics?|preprocess\w*|configur\w*|schedul\w*|"
    r"dropout|regulari\w*|architecture|pre|fine|inference|testing|metrics?|methods?|experiment\w*)",
    re.I,
)
_EXPERIMENTS = re.compile(
    r"(?:\w+ )?(?:experiments?|experimental \w+|results?|evaluations?|applications?|case stud(?:y|ies)|empirical \w+)(?: (?:and|&) \w+| supplement\w*| details)*",
    re.I,
)
SETTINGS_FOR = re.compile(
    r"(?:\w+ )?(?:hyper-?parameters?|settings?|details|set-?up|configurations?|training|implementation)(?: details| settings| setup)? (?:for|of|on|in) (?:the |our )?"
    r"(?P<w>(?!all\b|different\b|each\b|our\b|training\b|experiments?\b|models?\b)\S.{2,36}?)(?: (?:experiments?|tasks?|models?|training))?",
    re.I,
)
"""A section of settings that says whose: "Hyperparameters for image classification"."""
EXPERIMENTS_OF = re.compile(
    r"(?P<w>(?:[A-Z]{2,}[\w-]*|[A-Z][\w-]*\d[\w-]*)(?: [A-Z\d][\w-]*)?) (?:[Ee]xperiments?|[Rr]esults?|[Tt]asks?|[Dd]etails|[Ss]ettings?)|"
    r"(?P<v>(?!Additional|Further|Detailed|General|Other|More|Main|Training|Implementation|Model|Data|Common|Our)[A-Z][\w-]+(?: [A-Z][\w-]+){1,2}) "
    r"(?:[Ee]xperimental|[Tt]raining|[Ii]mplementation) (?:[Ss]et-?up|[Ss]ettings|[Dd]etails|[Hh]yper-?parameters)(?: [Dd]etails)?"
)
"""A section about one data set that no list knows by this name: "CIFAR experiments"."""
SETTING_TITLE = re.compile(
    r"(?:.* )?(?:sizes?|decay|clipping|normali[sz]ation|depth|width|rates?|choices?|dropout|term|over time|length|activations?|momentum)(?: .*)?|(?:with|without|no|the role of) .*",
    re.I,
)
"""A heading that names a setting, not whose settings follow."""
_NO_EXPERIMENT = re.compile(
    r"set-?ups?\b|settings?|details|baselines?|metrics?|ablat|analys|compar|discussion|data ?sets?\b|data\b|training|implement|architect|main results?|"
    r"overall|perform|quantitat|qualitat|human eval|limitation|hyper|protocol|evaluation|results?|effect|impact|visuali|efficien|robust|sensitiv|"
    r"complexity|run-?time|speed|cost|model|method|task|summary|overview|stud(?:y|ies)|optimi|regulari|preproc|competitor|procedure|\?|^(?:what|how|does|is|why|can)\b",
    re.I,
)
"""Titles of subsections that say how things were done, not which experiment it is."""


def is_experiment(sections: list[Section], place: int) -> bool:
    """Whether a section is one of several experiments: a short name beside at least one other under "Experiments"."""
    section = sections[place]

    def named(title: str) -> bool:
        title = title.partition(":")[0]
        bare = re.sub(r"(?<=\w) tasks?$", "", title, flags=re.I)  # "Synthetic tasks" is an experiment, "Tasks" is none
        return len(title.split()) <= 4 and not _NO_EXPERIMENT.search(bare) and not SETTING_TITLE.fullmatch(title)

    parent = next((item for item in reversed(sections[:place]) if item.level < section.level), None)
    if parent is None or not _EXPERIMENTS.fullmatch(parent.title) or not named(section.title):
        return False
    start = sections.index(parent)
    siblings = []
    for item in sections[start + 1 :]:
        if item.level <= parent.level:
            break
        if item.level == section.level:
            siblings.append(item)
    return sum(named(item.title) for item in siblings) >= 2


def data_leads(document: Document) -> Iterator[str]:
    """Run-in headings of every section most of whose run-in headings are, or begin with, names of data sets."""
    told: dict[int, list[str]] = {}
    for item in document.paragraphs:
        if item.lead and item.text.startswith(item.lead) and item.lead not in told.setdefault(item.place, []):
            told[item.place].append(item.lead)
    captions = " ".join(item.text for item in document.captions)
    for leads in told.values():
        own = [lead for lead in leads if not DULL_LEAD.match(lead) and len(lead.split()) <= 4]
        named = [lead for lead in own if known_data.find_names(lead) or f" {lead} " in captions]
        if len(own) >= 3 and len(named) >= 0.5 * len(leads):
            yield from own


_MODEL_TITLE = re.compile(
    r"(?P<w>(?!(?:Comparison|Compared|Alternative|Related|Other|Model|Additional|The|Our|Proposed|Base|Baseline|Overall|Full|Main|Neural|Deep|Details?|Training|Fixed|Background)\b)(?:[A-Z][\w-]*\d?[\w-]* ){1,3}"
    r"(?:Models?|Networks?|[Aa]uto-?encoders?|[Ee]ncoders?|[Dd]ecoders?|[Cc]onv-?[Nn]ets?|[Dd]iscriminators?|[Gg]enerators?))"
    r"(?: (?:for [\w -]+|[Tt]raining|[Hh]yper-?parameters|[Dd]etails|[Aa]rchitectures?))?"
)


_METHOD = re.compile(r"\b(?:models?|methods?|architectures?|approach|framework)\b", re.I)


def model_of_title(document: Document, place: int) -> str:
    """The model that a section is about, "" for one about the paper's own method (its words are in the paper's title)."""
    section = document.sections[place]
    match = _MODEL_TITLE.fullmatch(section.title.strip())
    parent = next((item for item in reversed(document.sections[:place]) if item.level < section.level), None)
    if match is None or (parent is not None and _METHOD.search(parent.title)):
        return ""
    words = [word.lower()[:6] for word in match.group("w").split()]
    return "" if 2 * sum(word in document.title.lower() for word in words) > len(words) else match.group("w")


_SUBJECT = re.compile(
    r"(?:The|Our) (?P<w>[\w-]+) (?P<n>LSTM|GRU|RNN|CNN|MLP|Transformer|[a-z]+ ?(?:model|network)|model|network|configuration|variant|version|agent) "
    r"(?:contains?|has|have|consists?|comprises?|uses?|is|was|employs?)\b"
)


def subjects_of(document: Document) -> dict[tuple[int, str], str]:
    """Paragraphs of one section that begin alike, one about each model ("The medium LSTM has …", "The large LSTM has …"),
    by section and first words."""
    told: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for item in document.paragraphs:
        if match := _SUBJECT.match(item.text):
            told.setdefault((item.place, match.group("n")), []).append((item.text[:60], match.group("w")))
    return {
        (place, text): f"{word} {noun}"
        for (place, noun), found in told.items()
        if len({word for _, word in found}) >= 2
        for text, word in found
    }
