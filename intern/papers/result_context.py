"""What a table says as a whole about its results: the measure, the data set, whose models stand in it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from intern.papers import known_data
from intern.papers.datasets import clean_name, in_label
from intern.papers.measures import Measure, find_measure, positions
from intern.papers.model import Document, Grid
from intern.papers.names import Names
from intern.papers.result_columns import is_kind_heading
from intern.papers.result_costs import target_of
from intern.papers.sentences import Sentence


@dataclass(slots=True)
class Context:
    """What a table says as a whole."""

    measure: Measure | None
    data: str
    cited: bool
    named: bool
    ablation: bool
    by_data: dict[str, Measure]
    from_caption: bool
    kin: frozenset[str] = frozenset()
    """In a table of comparisons: what begins the labels that share it with the paper's other tables."""
    trained_on: bool = False
    """Whether the names of data in the table are what models were trained on; the caption says what they were tested on."""
    arrows: dict[str, Measure] = field(default_factory=dict)
    """Measures that the caption gives to arrows in headings: "↓ RMSE, ↑ accuracy"."""
    short: dict[str, Measure] = field(default_factory=dict)
    """Measures by the abbreviations that the paper explains: "balanced accuracy (BA)"."""
    captioned: str = ""
    """The data set that the caption names: what stands in headings and labels is a part of it."""
    marked: frozenset[str] = frozenset()
    """First words of the labels that say "ours": labels that begin otherwise are not."""
    others: frozenset[str] = frozenset()
    """What begins the labels that carry a citation: "LDM" of "LDM-8 [24]"; its other variants are not the paper's either."""
    target: Measure | None = None
    """What the table counts on the way to a target, by its caption: "rounds to 75% accuracy"."""
    costs: bool = False
    """Whether columns of times and speeds stand beside measured ones: they are results then."""
    letters: bool = False
    """Whether "P" and "R" head columns beside one of F1: precision and recall."""
    stated: Measure | None = None
    """The one measure that the paper says it reports."""
    ranked: bool = False
    """Whether ranks are measured (MRR, Hits@10): "MR" is the mean rank then, and no data set."""
    listed: bool = False
    """Whether columns are data sets one beside the other, and name no measure: unknown names among them are data too."""
    pure: bool = False
    """Whether a heading is a measure and nothing else: short forms beside it, known or not, are measures too."""
    errors: bool = False
    """Whether the caption speaks of error rates: a bare "top-1" in a heading is an error then."""


def main_measure(sentences: list[Sentence]) -> Measure:
    counts: Counter[Measure] = Counter()
    for sentence in sentences:
        for _, _, measure in positions(sentence.text):
            if measure.name not in (
                "score",
                "loss",
                "average reward",
                "precision",
                "Inception score",
                "CLIP score",
                "error",
            ):
                counts[measure] += 1
    if re.search(r"error rate|test error", " ".join(sentence.text for sentence in sentences)) and not counts:
        return Measure("error", False)
    return counts.most_common(1)[0][0] if counts else Measure("accuracy", True)


_REPORTED = re.compile(
    r"\b(?:[Ww]e (?:\w+ )?(?:report|use|measure)|"
    r"(?:is|are) (?:measured|evaluated|judged|reported)(?: by| in| with| as| using)?|"
    r"evaluation (?:metric|measure)s? (?:is|are))\b"
)


_OF_ALL = re.compile(r"set-?up|metrics?|evaluation|protocol|details|experiments?|settings?", re.I)


def stated_measure(sentences: list[Sentence], section: str) -> Measure | None:
    """The one measure that a section, or the one on how all is measured, says it reports: "we report exact match (EM)"."""
    found = {
        measure
        for sentence in sentences
        if (sentence.section == section or _OF_ALL.search(sentence.section))
        and (said := _REPORTED.search(sentence.text))
        and not known_data.find_names(sentence.text)
        for _, _, measure in positions(sentence.text[said.end() : said.end() + 60])[:1]
        if measure.name not in ("score", "loss", "average reward", "error", "accuracy")
    }
    return found.pop() if len(found) == 1 and not _accuracy_for_some(sentences) else None


_FOR_THE_REST = re.compile(r"\baccuracy (?:for|on|in) (?:all )?(?:the )?(?:\w+ )?(?:other|remaining|rest)\b", re.I)


def _accuracy_for_some(sentences: list[Sentence]) -> bool:
    """Whether a sentence says that what it names no other measure for is an accuracy."""
    return any(_FOR_THE_REST.search(sentence.text) for sentence in sentences)


def main_data(document: Document, known: set[str]) -> str:
    counts = Counter(
        name for item in document.paragraphs for name, _, _ in known_data.find_names(item.text) if name in known
    )
    own = Counter(name for item in document.paragraphs for name, _, _ in named_in(item.text, known - known_data.NAMES))
    if own and own.most_common(1)[0][1] > max(counts.values(), default=2):
        counts = own  # what the paper speaks of most is a data set that no list knows
    if not counts:
        return ""
    name, most = counts.most_common(1)[0]
    return name if most >= 0.5 * sum(counts.values()) else ""


def context_of(
    grid: Grid,
    document: Document,
    known: set[str],
    names: Names,
    fallback: Measure,
    main: str,
    short: dict[str, Measure],
) -> Context:
    """What a table says as a whole; `fallback`, `main` and `short` are the paper's."""
    caption = re.sub(r"^\S+ \S+\s*[:.|]?\s*", "", grid.caption)
    caption = re.sub(r"(?<=[a-z])- (?=[a-z]{3})(?!and |nor )", "", caption)  # a word parted at the end of a line
    found = known_data.find_names(caption) or named_in(caption, known)
    section = _section_data(document, grid)
    if not found and not section and not (section := list(filter(None, [_told_in(caption)]))):
        section = _referred_data(document, grid, known)
    if not found and (pair := language_pair(caption)):
        found = [(name, 0, 0) for name in sorted(known) if language_pair(name) == pair]
    labels = [row[0] for row in grid.rows[grid.head :]]
    heads = [text for parts in grid.columns[1:] if not is_kind_heading(text := " ".join(parts))]
    own = [text for text in (*labels, *heads) if names.owns(text)]
    return Context(
        measure=_caption_measure(caption) or fallback,
        data=next(iter([*(name for name, _, _ in found), *section, *filter(None, [main])]), ""),
        cited=sum(names.cited(text) for text in (*labels, *heads)) >= 1,
        named=bool(own),
        ablation=bool(
            re.search(
                r"ablation|effect of|variations?|different (?:values|numbers|sizes)", grid.caption + grid.section, re.I
            )
        ),
        by_data=_measures_by_data(caption),
        from_caption=_caption_measure(caption) is not None,
        kin=_kin(grid, document),
        trained_on=bool(found and _TRAINED_ON.search(caption))
        and sum(any(part in known or known_data.is_known(part) for part in parts) for parts in grid.columns) < 2,
        arrows=_arrows(caption) or next(filter(None, (_arrows(other.caption) for other in document.tables)), {}),
        short=short,
        marked=frozenset(text.split()[0] for text in (*labels, *heads) if _OURS.search(text)),
        target=target_of(caption),
        letters={"P", "R"} <= {parts[-1].strip() for parts in grid.columns if parts}
        and any(find_measure(parts[-1]) == Measure("F1", True) or parts[-1] == "F" for parts in grid.columns if parts),
        ranked=is_ranked(grid),
        listed=_lists_data(grid, known),
        pure=sum(_is_bare_measure(parts[-1]) for parts in grid.columns[1:] if parts) >= 1,
        costs=_caption_measure(caption) is not None
        or any(find_measure(part) is not None for parts in grid.columns for part in parts),
        others=frozenset(
            match.group()
            for text in labels
            if names.cited(text) and names.owns(text) is False and (match := re.match(r"[A-Za-z][A-Za-z\d]*", text))
        ),
        captioned=found[0][0] if len({name for name, _, _ in found}) == 1 else "",
        errors=bool(re.search(r"\berrors?\b(?: rates?)?", caption, re.I)) and not re.search(r"accurac", caption, re.I),
    )


def _is_bare_measure(heading: str) -> bool:
    plain = re.sub(r"[↑↓%()]", "", heading).strip()
    found = positions(plain)
    if len(found) != 1 or found[0][0] or found[0][2].name in _GENERAL:
        return False
    return found[0][1] >= len(plain) - 3 or bool(re.fullmatch(r"[A-Z][a-z]+[A-Z][a-z]+", plain))


_GENERAL = ("score", "average reward")
"""Measures of a column that sums up others ("Avg."): it says nothing about what these are."""


def _lists_data(grid: Grid, known: set[str]) -> bool:
    heads = [parts[-1] for parts in grid.columns[1:] if parts]
    measures = (find_measure(part) for parts in grid.columns for part in parts)
    if any(found and found.name not in _GENERAL for found in measures):
        return False
    sure = sum(in_label(head) is not None or clean_name(head) in known for head in heads)
    return sum(map(bool, heads)) >= 2 and sure >= max(2, 0.3 * len(heads))


def is_ranked(grid: Grid) -> bool:
    """Whether a table measures ranks, by its headings."""
    return any(re.fullmatch(r"MRR|(?:Hits?|H)@\d+", part.strip(" ↑↓")) for parts in grid.columns for part in parts)


_ARROW = re.compile(
    r"(?P<a>[↓↑])\W{0,5}(?:(?:corresponds?|refers?|stands?|denotes?|indicates?|means?) (?:to |for )?)?(?P<w>[A-Za-z][\w -]{2,24})"
)


_ARROW_BEHIND = re.compile(r"(?P<w>[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)?) \((?P<a>[↓↑])\)")


def _arrows(caption: str) -> dict[str, Measure]:
    """Measures that a caption gives to arrows in headings: "↓ corresponds to RMSE"."""
    found = [(match.group("a"), find_measure(match.group("w"))) for match in _ARROW.finditer(caption)]
    found += [(match.group("a"), find_measure(match.group("w"))) for match in _ARROW_BEHIND.finditer(caption)]
    return {arrow: measure for arrow, measure in found if measure is not None}


_ON = re.compile(
    r"\b(?:on|for) (?:the )?(?P<d>[a-z][\w-]+ (?:[a-z][\w-]+ )?[a-z][\w-]*s)(?= over| with| averaged| \(|[.,;]|$)"
)


_NO_DATA = re.compile(
    r"(?:the|all|both|each|any|our|these|those|this|various|different|several|two|three|four|five|test|multiple|other)\b"
)


_CIRCUMSTANCES = re.compile(
    r"\b(?:set-?ups|settings|conditions|regimes|scenarios|splits|configurations|budgets|seeds|runs|metrics|levels|sizes|models|"
    r"methods|architectures|backbones)$"
)
"""What results are told for, and no data."""


def _told_in(caption: str) -> str:
    """Data without a name, in the caption's words: "on random trees"."""
    if quoted := re.search(r"\b(?:on|for) (?:the )?[\"“'‘](?P<d>[^\"”'’]{3,40})[\"”'’]", caption):
        return quoted.group("d")
    match = _ON.search(caption)
    if match is None or re.match(r"(?:most|all|several|many|some|other|our|the) ", match.group("d")):
        return ""
    if _NO_DATA.match(match.group("d")) or _CIRCUMSTANCES.search(match.group("d")):
        return ""
    return match.group("d") if find_measure(match.group("d")) is None else ""


def named_in(text: str, known: set[str]) -> list[tuple[str, int, int]]:
    """Data sets of the paper that a text names, as `find_names` gives them; longer names first."""
    hits = [
        (name, match.start(), match.end())
        for name in known
        if (match := re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))
    ]
    hits.sort(key=lambda hit: (hit[1], -hit[2]))
    return [hit for n, hit in enumerate(hits) if not n or hit[1] >= hits[n - 1][2]]


_OURS = re.compile(r"\bours\b|^our[a-z]{0,4}(?=\(| |$)|this (?:work|paper)|\(proposed\)", re.I)
_TRAINED_ON = re.compile(
    r"\b(?:fine-?\s?tuned|(?:pre-?)?trained|instruction-tuned|adapt(?:ed|ers))\b[^.;]{0,25}\bon\b", re.I
)
_COMPARED = re.compile(
    r"\bcompar\w+ (?:\w+ ){0,6}?(?:with|to|against)\b[^.]*\b(?:state[- ]of|previous|prior|other|existing|published)",
    re.I,
)


def beginning(label: str) -> str:
    """The letters a label begins with: BN of BN-Large."""
    match = re.match(r"[A-Za-z]{2,}", label)
    return match.group() if match else ""


def _kin(grid: Grid, document: Document) -> frozenset[str]:
    if not _COMPARED.search(grid.caption):
        return frozenset()
    others = [other for other in document.tables if other is not grid and not _COMPARED.search(other.caption)]
    elsewhere = {beginning(row[0]) for other in others for row in other.rows[other.head :]}
    return frozenset({beginning(row[0]) for row in grid.rows[grid.head :]} & elsewhere) - {""}


def _referred_data(document: Document, grid: Grid, known: set[str]) -> list[str]:
    """The one data set of the sentence, else of the paragraph, that refers to a table: "Table 3 shows … on X"."""
    if any(known_data.find_names(part) for parts in grid.columns for part in parts):
        return []  # its columns name their data; one beside them is measured on something else
    mark = re.compile(rf"\bTab(?:le|\.) ?{re.escape(grid.label.rpartition(' ')[2])}\b(?!\.\d)")
    for paragraph in document.paragraphs:
        if not (place := mark.search(paragraph.text)):
            continue
        start = paragraph.text.rfind(". ", 0, place.start()) + 1
        end = paragraph.text.find(". ", place.end())
        sentence = paragraph.text[start : end if end > 0 else len(paragraph.text)]
        for text in (sentence, paragraph.text):
            names = {name for name, _, _ in (*known_data.find_names(text), *named_in(text, known)) if name in known}
            if len(names) == 1:
                return list(names)
            if names:
                break
    return []


def _section_data(document: Document, grid: Grid) -> list[str]:
    """Data that a section or its parents are about: known names, or "Experiments on X" for data without a name."""
    level, out, named = 99, [], []
    for section in reversed(document.sections[: grid.place + 1]):
        if section.level >= level:
            continue
        level = section.level
        out += [name for name, _, _ in known_data.find_names(section.title)]
        if match := re.fullmatch(
            r"(?:\w+ )?(?:results?|experiments?|evaluations?) (?:on|for|with|in) (?:the )?(.{3,50})",
            section.title,
            re.I,
        ):
            named.append(match.group(1))
    return out or named


_SHORT = re.compile(r"\((?P<s>[A-Z][A-Za-z\d-]{1,7})\)")


def explained(document: Document) -> dict[str, Measure]:
    """Measures by the abbreviations that the paper explains: "balanced accuracy (BA)"."""
    out: dict[str, Measure] = {}
    for paragraph in (*document.paragraphs, *document.captions):
        for match in _SHORT.finditer(paragraph.text):
            short = match.group("s")
            words = paragraph.text[max(0, match.start() - 40) : match.start()].lower().split()[-2:]
            if any(word.startswith(short[0].lower()) for word in words) and find_measure(short) is None:
                measure = find_measure(" ".join(words))
                if measure is not None:
                    out.setdefault(short, measure)
    return out


_NO_MEASURE = re.compile(
    r"(?:relative|absolute) (?:error|WER|accuracy)(?: rate)? (?:reductions?|improvements?|gains?)", re.I
)


_ERROR_RATES = frozenset({"WER", "CER", "PER", "EER"})


def _caption_measure(caption: str) -> Measure | None:
    places = positions(caption := _NO_MEASURE.sub("", caption))
    special = [measure for _, _, measure in places if measure.name not in ("score", "loss")]
    rates = [measure for measure in special if measure.name in _ERROR_RATES]
    if rates and special[0].name == "error":
        return rates[0]  # "fewer errors …, reported in word error rate"
    if rest := re.search(r"([^,.;]*)\b(?:for|on) (?:the |all )*(?:other|remaining|rest)\b", caption):
        told = positions(rest.group(1))  # "… for A and accuracy for the others": the last one before the words
        return told[-1][2] if told else (special[0] if special else None)
    return special[0] if special else places[0][2] if places else None


_FOR = re.compile(r"\bfor (?P<d>[A-Z][\w-]*(?:(?:, (?:and )?| and |/)[A-Z][\w-]*)*)")


def _measures_by_data(caption: str) -> dict[str, Measure]:
    """ "F1 for QQP and MRPC, Spearman correlation for STS-B": which measure holds for which data set."""
    out: dict[str, Measure] = {}
    for clause in re.split(r"(?<=[A-Za-z\d)-]),(?= (?:and )?[A-Z]?[a-z]+(?:'s)? )|;|\.\s|, and (?=[a-z])", caption):
        match = _FOR.search(clause)
        measure = find_measure(clause[: match.start()] if match else "")
        if match and measure:
            for name in re.split(r", and |, | and |/", match.group("d")):
                if known := known_data.is_known(name):
                    out[known] = measure
    for match in _DISPLAYS.finditer(caption):
        if measure := find_measure(match.group("m")):
            out[match.group("n")] = measure
    return out


_DISPLAYS = re.compile(
    r"\b(?:while|and|but|whereas|except that) (?:for )?(?P<n>[\w-]+) "
    r"(?:displays?|shows?|reports?|uses?|has) (?:the )?(?P<m>[^.;,]+)"
)
"""The one data set with a measure of its own: "accuracy for most, while NAME displays ROC AUC"."""


_LANGUAGE = "|".join(known_data.LANGUAGES.values()).lower()


def language_pair(name: str) -> tuple[str, str] | None:
    """("english", "german") of "WMT 2014 English-to-German" or "EN-DE", None when there is no pair."""
    text = name.lower()
    if match := re.search(r"\b([a-z]{2})\s?[-–→↔]\s?([a-z]{2})\b", text):
        first, second = (known_data.LANGUAGES.get(match.group(n), "").lower() for n in (1, 2))
        if first and second:
            return first, second
    match = re.search(rf"\b({_LANGUAGE})[- ](?:to[- ])?({_LANGUAGE})\b", text)
    return (match.group(1), match.group(2)) if match else None
