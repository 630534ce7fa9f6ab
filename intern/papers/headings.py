"""Section headings: which lines are headings, at which level, and where the appendix begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from intern.papers.layout import Line

CUSTOMARY = re.compile(
    r"(abstract|introduction|references?|bibliography|acknowledge?ments?|acknowledgements? and .*|conclusions?|discussion|"
    r"related works?|method(s|ology)?|experiments?|results|background|limitations?|ethics statement|broader impact|"
    r"appendix|appendices|supplementary materials?|reproducibility statement|author contributions|contents)\s*[:.]?",
    re.I,
)
REFERENCES = re.compile(r"(references?|bibliography|literature cited|references and notes)\s*[:.]?", re.I)
_NUMBERED = re.compile(r"(?:section\s+)?(\d{1,2}(?:\.\d{1,2}){0,3})[.:]?\s+(\S.*)", re.I)
_ROMAN = re.compile(r"(X{0,2}(?:IX|IV|V?I{0,3}))[.:]\s+(\S.*)")
_LETTERED = re.compile(r"(?:appendix\s+)?([A-Z](?:(?:\.\d{1,2}){0,3}|\d{1,2}))[.:]?\s+(\S.*)", re.I)
_APPENDIX = re.compile(
    r"(appendix|appendices|supplementary( materials?| information)?|supplement(al materials?)?)\b[\s:.-]*(.*)", re.I
)
_ROMANS = {
    name: value
    for value, name in enumerate(
        ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV"], 1
    )
}


@dataclass(slots=True)
class Heading:
    """A heading and the lines that make it up."""

    title: str
    number: str
    level: int
    page: int
    appendix: bool
    lines: list[Line]


@dataclass(slots=True)
class _Candidate:
    index: int
    kind: str
    number: str
    title: str
    lines: list[Line]
    weight: float


def find_headings(lines: list[Line], body: float) -> list[Heading]:
    """Headings among `lines` (in reading order, page furniture removed); `body` is the size of the running text."""
    candidates: list[_Candidate] = []
    for index in range(len(lines)):
        if not (candidates and lines[index] in candidates[-1].lines) and (found := _candidate(lines, index, body)):
            candidates.append(found)
    main = _sequence([item for item in candidates if item.kind in ("number", "roman")])
    last = main[-1].index if main else 0
    styles = {_style(item.lines[0]) for item in main if "." not in item.number}
    references = next(
        (item.index for item in candidates if item.kind == "name" and REFERENCES.fullmatch(item.title)), None
    )
    after = max(last, references or 0) if references is not None and references > last else last
    within = _lettered_parts(candidates, main, references)
    candidates = [_unworded(item, candidates, last) for item in candidates]
    parts = {item.index for item in within}
    letters = _letters(
        [item for item in candidates if item.kind == "letter" and item.index > after and item.index not in parts],
        styles,
    )
    if not letters and references is not None:
        letters = _letters(
            [item for item in candidates if item.kind == "letter" and item.index > last and item.index not in parts],
            styles,
        )
    names, light = _names(candidates, styles, bool(main), lines, body), _light_names(candidates, main, body)
    names = [*names, *light] if len(light) > len(names) else names
    names = [item for item in names if item.index not in parts]
    chosen = sorted([*main, *letters, *within, *names], key=lambda item: item.index)
    return _as_headings(chosen, [item.index for item in letters], references, last)


def _style(line: Line) -> tuple[float, bool]:
    return round(line.pieces[0].peak * 2) / 2, line.bold


def _candidate(lines: list[Line], index: int, body: float) -> _Candidate | None:
    line = lines[index]
    text = line.text
    if not 3 <= len(text) <= 140 or len(line.pieces) > 4:
        return None
    size = line.peak
    before = lines[index - 1] if index else None
    starts = before is None or before.block != line.block or before.page != line.page
    classed = starts and _is_outline(line)
    distinct = size > body + 0.6 or line.bold or _small_capitals(line) or classed
    smallest = body - 1.2 if line.bold and _COUNTED_CAPITALS.fullmatch(text) else body - 0.6
    if (
        (not distinct and not (starts and (_is_light(line) or _APPENDIX_ALONE.fullmatch(text))))
        or size < smallest
        or text[-1:] in ",;"
    ):
        return None
    if not starts and not (before is not None and line.y0 - before.y1 > 0.25 * size):
        return None
    for kind, pattern in (("number", _NUMBERED), ("roman", _ROMAN), ("letter", _LETTERED)):
        match = pattern.fullmatch(text) if distinct else None
        if not match or not match.group(1) or not re.search(r"[^\W\d_]{2}", match.group(2)):
            continue
        if kind == "letter" and not match.group(1)[0].isupper():
            continue
        if kind == "letter" and len(match.group(1)) == 1 and _plain_words(text, line, body):
            continue
        title, used = _continued(lines, index, match.group(2))
        return _Candidate(index, kind, match.group(1), title, used, size)
    alone = _APPENDIX_ALONE.fullmatch(text)
    if alone and (distinct or line.peak > line.size + 1):
        title, used = _continued(lines, index, "")
        if len(used) > 1:
            return _Candidate(index, "letter", alone.group("letter"), title.strip(), used, size)
    if text[:1].isupper() or text[:1] in "'\"" or CUSTOMARY.fullmatch(text):
        title, used = _continued(lines, index, text)
        return _Candidate(index, "name" if distinct else "light", "", title, used, size)
    return None


_COUNTED_CAPITALS = re.compile(r"(?:[IVX]+\. |[A-H]\. )?[^a-z]{5,}|(?:[A-H]\.|Appendix [A-H][.:]) [A-Z].*")
"""Bold headings that some journals print smaller than their text: "IV. EXPERIMENTS", "Appendix B: Data sets"."""
_APPENDIX_ALONE = re.compile(r"appendix (?P<letter>[A-Z])[.:]?", re.I)
"""The first of two lines of a heading in some journals; the title stands in the second."""


def _unworded(item: _Candidate, candidates: list[_Candidate], last: int) -> _Candidate:
    """ "A Proof" at the size of the text as a lettered heading, where one with a "B" in the same print follows it."""
    if item.kind != "name" or item.index <= last or not re.match(r"A [A-Z]", item.title):
        return item
    style = _style(item.lines[0])
    follows = any(
        other.kind == "letter" and other.number == "B" and other.index > item.index and _style(other.lines[0]) == style
        for other in candidates
    )
    return replace(item, kind="letter", number="A", title=item.title[2:]) if follows else item


def _is_outline(line: Line) -> bool:
    """Whether a line at the size of the text is a heading by its mark: "IV. Experiments", "A. Data sets" in italics."""
    if line.text.endswith(".") or len(line.text) > 70 or len(line.pieces) > 2:
        return False
    if len(line.pieces) == 2 and " " in line.pieces[0].text:
        return False  # the mark may stand apart, nothing else
    marked = _ROMAN.fullmatch(line.text)
    lettered = re.fullmatch(r"(?:[A-H]\.|\d{1,2}(?:\.\d{1,2}){1,2}\.?) [A-Z].*", line.text) and line.pieces[-1].italic
    return bool((marked and marked.group(1)) or lettered)


_OF_JOURNALS = re.compile(
    r"materials? and methods?|methods? and materials?|results and discussion|experimental (?:setup|results|section|procedures?)|"
    r"conclusions? and .*|(?:data|code) availability|funding|competing interests|model|theory|simulations?",
    re.I,
)
"""Further headings that papers without numbers have; alone on a line they are one only beside customary ones."""


def _is_light(line: Line) -> bool:
    """Whether a line apart from the text could be a heading that is neither larger nor bold: italics, or a customary word."""
    if len(line.pieces) > 1 or len(line.text) > 70 or line.text[-1:] in ".,;:" or not line.text[:1].isupper():
        return False
    return line.pieces[0].italic or bool(CUSTOMARY.fullmatch(line.text) or _OF_JOURNALS.fullmatch(line.text))


def _plain_words(text: str, line: Line, body: float) -> bool:
    """ "A simple model" in bold at body size is no appendix heading, unless punctuation or a gap follows the letter."""
    return (
        not re.match(r"(appendix\s+)?[A-Z][.:]", text, re.I)
        and len(line.pieces) == 1
        and text.startswith("A ")
        and (line.size <= body + 0.6)
    )


def _small_capitals(line: Line) -> bool:
    return len({round(piece.size) for piece in line.pieces}) > 1 or line.text.isupper()


def _continued(lines: list[Line], index: int, title: str) -> tuple[str, list[Line]]:
    """A heading that runs on to the next line, in the same style and close below."""
    used = [lines[index]]
    for line in lines[index + 1 : index + 3]:
        last = used[-1]
        if (
            line.page != last.page
            or _style(line) != _style(last)
            or line.pieces[0].italic != last.pieces[-1].italic
            or line.y0 - last.y1 > 0.6 * last.size
            or line.y0 < last.y0
            or len(line.pieces) > 1
            or _NUMBERED.match(line.text)
            or (_LETTERED.fullmatch(line.text) and re.match(r"[A-Z][.\d]", line.text))
            or CUSTOMARY.fullmatch(line.text)
            or (last.x1 - last.x0) < 0.4 * (line.x1 - line.x0)
        ):
            break
        title = (
            (title[:-1] if line.text[:1].islower() else title) + line.text
            if title.endswith("-")
            else f"{title} {line.text}"
        )
        used.append(line)
    return title, used


def _sequence(candidates: list[_Candidate]) -> list[_Candidate]:
    """The longest run of main numbers 1, 2, 3 … in order, with their subsections in place.

    Numbered lists also count 1, 2, 3; of several candidates for one number the larger print wins, and the chain that
    starts at the best-looking "1" is followed.
    """
    best: list[_Candidate] = []
    for kind in ("number", "roman"):
        tops = [item for item in candidates if item.kind == kind and "." not in item.number]
        for start in (item for item in tops if _value(item) == 1):
            chain = _chain(start, tops)
            if (len(chain), chain[0].weight) > (len(best), best[0].weight if best else 0):
                best = chain
    if not best:
        return []
    bounds = [item.index for item in best] + [10**9]
    out = list(best)
    for number, (item, end) in enumerate(zip(best, bounds[1:], strict=True), 1):
        out.extend(_subsections(candidates, str(number), item.index, end))
    return sorted(out, key=lambda item: item.index)


def _subsections(candidates: list[_Candidate], prefix: str, start: int, end: int) -> list[_Candidate]:
    found: list[_Candidate] = []
    seen: set[str] = set()
    for item in candidates:
        parts = item.number.split(".")
        if start < item.index < end and len(parts) > 1 and parts[0] == prefix and item.number not in seen:
            seen.add(item.number)
            found.append(item)
    return found


def _value(item: _Candidate) -> int:
    return _ROMANS.get(item.number, 0) if item.kind == "roman" else int(item.number)


def _chain(start: _Candidate, tops: list[_Candidate]) -> list[_Candidate]:
    chain = [start]
    while True:
        wanted = _value(chain[-1]) + 1
        following = [item for item in tops if item.index > chain[-1].index and _value(item) == wanted]
        style = _style(start.lines[0])
        if not following and len(chain) >= 2:  # one heading was not made out: those behind it still stand
            following = [
                item
                for item in tops
                if item.index > chain[-1].index and _value(item) == wanted + 1 and _style(item.lines[0]) == style
            ]
        if not following:
            return chain
        alike = [item for item in following if _style(item.lines[0]) == style]
        close = [item for item in following if abs(item.weight - start.weight) < 0.8]
        if not alike and not close:
            return chain
        chain.append((alike or close)[0])


def _letters(candidates: list[_Candidate], styles: set[tuple[float, bool]]) -> list[_Candidate]:
    """Appendix headings A, B, C … in order, with A.1 …, or A1, A2, … with no A above them."""
    chain: list[_Candidate] = []
    for item in candidates:
        letter, _, rest = item.number.partition(".")
        if letter[1:]:
            if letter in (f"A{len(chain) + 1}", f"S{len(chain) + 1}") and (
                not styles or _style(item.lines[0]) in styles
            ):
                chain.append(item)
            continue
        expected = chr(ord("A") + len([done for done in chain if "." not in done.number]))
        if not rest and letter == expected:
            if (
                styles
                and _style(item.lines[0]) not in styles
                and not any(abs(_style(item.lines[0])[0] - size) < 1.1 for size, _ in styles)
            ):
                continue
            chain.append(item)
        elif rest and chain and letter == chain[-1].number[0]:
            chain.append(item)
    return chain


def _lettered_parts(candidates: list[_Candidate], main: list[_Candidate], references: int | None) -> list[_Candidate]:
    """Subsections A, B, C … of sections that are counted in Roman numbers; their numbers become "IV.A"."""
    if len(main) < 2 or any(item.kind != "roman" for item in main):
        return []
    out: list[_Candidate] = []
    bounds = [item.index for item in main] + [10**9 if references is None else references]
    for section, end in zip(main, bounds[1:], strict=True):
        wanted = "A"
        for item in candidates:
            called = item.lines[0].text.lower().startswith("appendix")  # an appendix before the references
            if item.kind == "letter" and section.index < item.index < end and item.number == wanted and not called:
                out.append(replace(item, number=f"{section.number}.{wanted}"))
                wanted = chr(ord(wanted) + 1)
    return out


def _names(
    candidates: list[_Candidate], styles: set[tuple[float, bool]], numbered: bool, lines: list[Line], body: float
) -> list[_Candidate]:
    """Headings without a number: customary ones always, others in the style of the main headings.

    Where the paper numbers its sections, an unnumbered heading in the same style counts only after the references or
    when it is customary, so that the title and run-in bold words stay out.
    """
    customary = [item for item in candidates if item.kind == "name" and CUSTOMARY.fullmatch(item.title)]
    if not numbered:
        styles = {_style(item.lines[0]) for item in customary}
        common = max(styles, key=lambda style: sum(_style(item.lines[0]) == style for item in customary), default=None)
        if common is None:
            return customary
        first = min((item.index for item in customary), default=0)
        return customary + [
            item
            for item in candidates
            if item.kind == "name" and item not in customary and item.index > first and _style(item.lines[0]) == common
        ]
    end = next((item.index for item in customary if REFERENCES.fullmatch(item.title)), 10**9)
    late = [
        item
        for item in candidates
        if item.kind == "name"
        and item.index > end
        and item not in customary
        and _style(item.lines[0]) in styles
        and item.weight > body + 0.6
    ]
    bare = {item.index + len(item.lines) for item in customary if _APPENDIX.fullmatch(item.title)}
    late += [item for item in candidates if item.kind == "name" and item.index in bare and item.weight > body + 0.6]
    return customary + list({item.index: item for item in late}.values())


_LEAST_LIGHT = 3
"""Customary headings of one style that it takes before a line as light as the text is believed to be one."""


def _light_names(candidates: list[_Candidate], main: list[_Candidate], body: float) -> list[_Candidate]:
    """Headings of papers that print them as light as their text: customary ones, and others that share their italics."""
    light = [item for item in candidates if item.kind == "light" and abs(item.weight - body) < 0.6]
    customary = [item for item in light if CUSTOMARY.fullmatch(item.title) or _OF_JOURNALS.fullmatch(item.title)]
    if main or len({item.title.lower() for item in customary}) < _LEAST_LIGHT:
        return []
    slanted = sum(item.lines[0].pieces[0].italic for item in customary) >= _LEAST_LIGHT
    first, last = customary[0].index, customary[-1].index
    return [
        item
        for item in light
        if item in customary or (slanted and item.lines[0].pieces[0].italic and first < item.index < last)
    ]


def _as_headings(chosen: list[_Candidate], letters: list[int], references: int | None, last: int) -> list[Heading]:
    out: list[Heading] = []
    seen_appendix = False
    start = min(letters, default=10**9)
    for item in chosen:
        title = item.title.strip(" :")
        match = _APPENDIX.fullmatch(title)
        late = references is not None and item.index > references and item.index > last
        seen_appendix = seen_appendix or item.index >= start or (bool(match) and item.index > last)
        customary = bool(CUSTOMARY.fullmatch(title))
        appendix = seen_appendix or (late and not customary)
        level = 1 + item.number.count(".") if item.number else 1
        out.append(Heading(title, item.number, level, item.lines[0].page, appendix, item.lines))
    return out
