"""Title, authors and abstract from the first page of a PDF."""

from __future__ import annotations

import re
from dataclasses import replace

from intern.papers.layout import Line
from intern.papers.model import Document

_OPENING = re.compile(
    r"(?:(?:1|I)\.?\s+)?introduction|key ?words\b.*|index terms\b.*|A(?:BSTRACT|bstract)\s+[A-Z].{30,}", re.I
)
"""Lines below which no authors stand, where the abstract has no heading of its own."""
_ABSTRACT = re.compile(r"abstract\s*[.:—-]*", re.I)
_RUN_IN = re.compile(r"abstract\s*[.:—-]+\s*\S.*", re.I)
_BANNER = re.compile(
    r"permission|copyright|licen[sc]e|published (as|in)|under review|accepted (at|to|by)|proceedings|workshop|preprint|"
    r"journal|conference|volume|arxiv|https?://|www\.|doi|issn|technical report|submitted to|"
    r"all rights reserved|to appear",
    re.I,
)
_TITLE_WORDS = re.compile(
    r"technical report|workshop|journal|conference|volume|proceedings|licen[sc]e|permission|copyright", re.I
)
_PLACE = re.compile(
    r"universit|institut|department|\bdept\b|school|laborator|\blabs?\b|college|academy|research|corporation|\binc\b|"
    r"google|microsoft|facebook|\bmeta\b|openai|deepmind|amazon|apple|nvidia|baidu|alibaba|tencent|huawei|\bibm\b|intel\b|"
    r"cent(er|re)\b|faculty|\bteam\b|\bgroup\b|\bbrain\b|company|\bltd\b|gmbh|\bcnrs\b|inria|\bmit\b|berkeley|stanford|"
    r"\busa\b|china|canada|germany|france|\buk\b|united|switzerland|japan|korea|israel|hungary|spain|italy|india|"
    r"australia|netherlands|technolog|\.(com|edu|org|net)\b|hospital|foundation|technische|ecole|école|politecnic|"
    r"abstract|version|\d{4}|equal contribution|corresponding|correspondence|email|e-mail|mila\b(?! [A-Z][a-z]+$)|(?-i:\bAI\b)",
    re.I,
)
_INSTITUTE = re.compile(
    r"\b(?:universit|institut|department\b|dept\b|school of|laborator|faculty of|college of|academy of)", re.I
)
"""What a line of addresses begins with; names of towns in it look like persons'."""
_TOWNS = re.compile(
    r"New (?:York|Haven|Jersey|Delhi|Zealand|Mexico|Brunswick)(?: City)?|San (?:Francisco|Diego|Jose|Mateo)|"
    r"Santa (?:Barbara|Cruz|Clara|Monica)|Los (?:Angeles|Alamos)|Las Vegas|Tel Aviv|Hong Kong|Abu Dhabi|Palo Alto|Menlo Park|"
    r"Ann Arbor|Salt Lake City|Kuala Lumpur|Buenos Aires|S[aã]o Paulo|St\. Louis|South Africa|(?:North|South) Carolina|"
    r"(?:Costa|Puerto) Ric[ao]|Saudi Arabia|Sri Lanka|(?:\w+ )?\w+ City|Mountain View|College Park|Rio de Janeiro|"
    r"(?:ETH|TU|KU|UC|UT|IIT|KTH|LMU|RWTH) \w+(?: \w+)?|(?:Georgia|Virginia) Tech|Johns Hopkins|Carnegie Mellon|Penn State|"
    r"Max Planck|Hugging Face"
)
"""Towns and houses of two capitalised words, which are no person's name."""
_PARTICLES = {
    "van",
    "von",
    "de",
    "der",
    "den",
    "la",
    "le",
    "du",
    "da",
    "di",
    "dos",
    "del",
    "bin",
    "al",
    "el",
    "ten",
    "ter",
}
_NAME_BREAKS = re.compile(r",|;|\band\b|&|\s{3,}|·|\|")
_MARKS = re.compile(r"\^?[\d*†‡§¶#⋄♠♣♢♡△▽◦•★✉\\^]+(?:\s*,\s*(?:[\d*†‡§¶#]+|[a-z](?!\w)))*")


_LOGO = re.compile(r"[a-z]+(?: [a-z]+){0,3}")
"""What journals print large above their papers, in small letters only."""
_MAIL = re.compile(r"[\w}.]@\w[\w-]*\.\w")


def find_title(lines: list[Line], body: float) -> tuple[str, list[Line]]:
    """The largest print in the upper part of page 1, and the lines it takes. Empty when nothing stands out."""
    upper = [line for line in lines if line.y0 < 500 and len(line.text) > 3]
    named = max((line.peak for line in upper if not _LOGO.fullmatch(line.text)), default=0.0)
    upper = [line for line in upper if not (_LOGO.fullmatch(line.text) and line.peak > named + 2)]
    banners = [line for line in upper if _BANNER.search(line.text)]
    high = max((line.peak for line in upper if line not in banners), default=0.0)
    # "… Technical Report" in the largest print is a title, in small print a banner
    upper = [
        line
        for line in upper
        if line not in banners or (_TITLE_WORDS.search(line.text) and line.peak > max(high, body + 3) + 0.6)
    ]
    end = next(
        (n for n, line in enumerate(upper) if _ABSTRACT.fullmatch(line.text) or _RUN_IN.fullmatch(line.text)), None
    )
    if end:
        upper = [line for line in upper[:end] if line.y0 < upper[end].y0]  # a figure may stand beside the abstract
    mail = min((line.y0 for line in upper if _MAIL.search(line.text)), default=1e6)
    upper = [line for line in upper if line.y0 < mail] or upper  # below it stand figures, and no title
    if not upper:
        return "", []
    largest = max(line.peak for line in upper)
    if largest < body + 0.8:
        upper = [line for line in upper if line.bold] or upper[:1]
    start = next((n for n, line in enumerate(upper) if largest - line.peak < 0.6), 0)
    used = [upper[start]]
    for line in upper[start + 1 :]:
        last = used[-1]
        size = line.peak
        if largest - size > 0.8 or line.y0 - last.y1 > 1.3 * last.size or line.bold != last.bold:
            break
        used.append(line)
    return join_lines([line.text for line in used]), used


def join_lines(texts: list[str]) -> str:
    """Lines of a title as one; a word broken by a hyphen is joined, a compound ("Large-" "Scale") keeps its hyphen."""
    out = ""
    for text in texts:
        if re.search(r"\w-$", out) and text[:1].isalpha():
            out = out[:-1] + text if text[:1].islower() else out + text
        else:
            out = f"{out} {text}" if out else text
    out = re.sub(r"\s+([:;,.!?)])", r"\1", re.sub(r"\s+", " ", out))
    return re.sub(r"[\s*†‡§¶#^]+$", "", re.sub(r"\^\S{1,2}$", "", out.strip()))


def find_authors(lines: list[Line], title: list[Line]) -> list[str]:
    """Names between the title and the abstract, in the order printed."""
    if not title:
        return []
    bottom = max(line.y1 for line in title)
    after = [line for line in lines if line.y0 >= bottom - 2 and line not in title]
    end = next(
        (n for n, line in enumerate(after) if _ABSTRACT.fullmatch(line.text) or _RUN_IN.fullmatch(line.text)), None
    )
    if end is None:
        ends = (n for n, line in enumerate(after) if _is_running(line) or _OPENING.fullmatch(line.text))
        end = next(ends, len(after))
    limit = after[end].y0 if end < len(after) else 10**6
    region = [line for line in after[:end] if line.y0 < limit or limit < bottom]
    region.sort(key=lambda line: (round(line.y0 / 4), line.x0))
    style: tuple[float, bool] | None = None
    names: list[str] = []
    last: Line | None = None
    for line in _unbroken(region):
        found = [(piece, name) for piece in line.pieces for name in _names_in(piece.text)]
        if not found:
            continue
        here = (round(found[0][0].size), found[0][0].bold)
        if style is None:
            style = here
        if here[0] > style[0] + 3:
            continue  # large words of a figure
        if here != style and (style[1] or here[0] < style[0]) and not (last and _goes_on(last, line)):
            continue
        names.extend(name for _, name in found)
        last = line
    return list(dict.fromkeys(names)) or _team(region)


def _is_running(line: Line) -> bool:
    """Whether a line is a text's, not a long one of names."""
    names = sum(len(_names_in(piece.text)) for piece in line.pieces)
    return len(line.text) > 85 and line.text.count(" ") > 9 and names < 3


_TEAM = re.compile(
    r"(?:The )?[A-Z][\w-]*(?: [A-Z][\w-]*){0,3} (?:Team|Consortium|Collaboration)\b(?:, [A-Z][\w&.-]*(?: [A-Z][\w&.-]*){0,2})?"
)


def _team(lines: list[Line]) -> list[str]:
    """Who signs a paper without names: "Garden Team, Oak Labs"."""
    texts = (_MARKS.sub("", line.text).strip() for line in lines)
    return [match.group() for text in texts if (match := _TEAM.fullmatch(text))][:1]


_BROKEN_NAME = re.compile(r".*[\d*†‡§¶].*(?:[,;]|\band) (?P<n>(?:[A-Z][\w'.-]+ )*[A-Z][\w'.-]+)")
_REST_OF_NAME = re.compile(r"(?P<n>[A-Z](?:\.|[\w'-]+)(?: [A-Z][\w'-]+)?)\s?(?:\^|[\d*†‡§¶])")


def _is_broken(above: str, text: str) -> bool:
    """Whether a name without a mark ends a line and the next one begins with the rest of it: a word, or two behind one."""
    head, rest = _BROKEN_NAME.fullmatch(above), _REST_OF_NAME.match(text)
    return bool(head and rest and (" " not in rest.group("n") or " " not in head.group("n")))


def _unbroken(lines: list[Line]) -> list[Line]:
    """Lines of marked names ("A One^1, B Two^2") with a name that was broken at the end of a line made whole."""
    out: list[Line] = []
    for line in lines:
        above = out[-1] if out else None
        if (
            above is not None
            and 0 <= line.y0 - above.y1 + above.size < 2.4 * above.size
            and _is_broken(above.text, line.text)
        ):
            first, *rest = line.pieces
            whole = replace(above.pieces[-1], text=f"{above.pieces[-1].text} {first.text}")
            out[-1] = replace(above, pieces=[*above.pieces[:-1], whole, *rest])
        else:
            out.append(line)
    return out


def _goes_on(above: Line, line: Line) -> bool:
    """Whether a line in another print goes on with the names above it: next line, nothing but names, marked alike.

    Conference styles print the first line of the authors bold and lose that at a line break.
    """
    if abs(above.size - line.size) > 0.6 or line.y0 - above.y1 > 0.8 * above.size:
        return False
    if not (_MARKS.search(above.text) and _MARKS.search(line.text)) and not above.text.rstrip().endswith((",", "and")):
        return False
    parts = [part for piece in line.pieces for part in _NAME_BREAKS.split(_MARKS.sub(" , ", piece.text))]
    return all(is_name(part.strip(" .*†‡,")) for part in parts if part.strip(" .*†‡,"))


_MEMBER = re.compile(
    r",?\s*(?:(?:Life|Senior|Student|Graduate Student|Associate)\s+)?(?:Member|Fellow),\s+(?:IEEE|ACM|OSA|SPIE)\b"
)


def _names_in(text: str) -> list[str]:
    if "@" in text:
        return []
    text = _MEMBER.sub("", re.sub(r"\(.*?\)", " ", text))
    out: list[str] = []
    parts = [part for part in _NAME_BREAKS.split(_MARKS.sub(" , ", text)) if part.strip(" .*†‡,")]
    if parts and _INSTITUTE.search(parts[0]):
        return []  # "University of Groves, Grove City"
    for part in parts:
        name = re.sub(r"\s+", " ", part).strip(" .*†‡,")
        if is_name(name):
            out.append(re.sub(r"\s*,?\s*(Ph\.?D\.?|M\.?D\.?)$", "", part.strip(" *†‡,")))
    return [re.sub(r"\s+", " ", name).strip() for name in out]


def is_name(text: str) -> bool:
    """Whether a text looks like a person's name: two to five capitalised words and no place in it."""
    words = text.split()
    if (
        not 2 <= len(words) <= 5
        or words[0] == "See"
        or words[-1].lower() == "preprint"
        or _PLACE.search(text)
        or _TOWNS.fullmatch(text)
        or any(char.isdigit() for char in text)
    ):
        return False
    return all(
        word.lower() in _PARTICLES or (re.fullmatch(r"(?:[^\W\d_]\.-?)+|[^\W\d_][\w'.-]*", word) and word[0].isupper())
        for word in words
    )


_BEHIND_ABSTRACT = re.compile(r"(?<=[.!?])\s+(?:CCS Concepts|ACM Reference Format|Key ?words|Index Terms)\b", re.I)
"""What some publishers print between the abstract and the first section."""


def find_abstract(document: Document) -> str:
    """The abstract's text; its paragraphs are marked as such."""
    found = [item.text for item in document.paragraphs if item.kind == "abstract"]
    if found:
        return _BEHIND_ABSTRACT.split(" ".join(found))[0].strip()
    for item in document.paragraphs[:30]:
        match = re.match(r"Abstract\s*[.:—-]*\s*(?=\S)", item.text, re.I)
        if match and len(item.text) > 150:
            item.kind = "abstract"
            return item.text[match.end() :]
    if under := _under_its_word(document):
        return under
    first = document.sections[0] if document.sections else None
    for item in document.paragraphs:
        if first is not None and item.section:
            break
        if len(item.text) > 400 and item.box.page == 1:
            return item.text
    return ""


def _under_its_word(document: Document) -> str:
    """The abstract where its heading is printed no larger than its text: what follows the word, up to the first section."""
    before = [item for item in document.paragraphs[:40] if item.place < 0]
    at = next((n for n, item in enumerate(before) if re.fullmatch(r"abstract\W*", item.text, re.I)), None)
    if at is None:
        return ""
    texts = []
    for item in before[at + 1 :]:
        if re.match(r"(?:key ?words|index terms|ccs concepts|\d?\s?introduction\b)", item.text, re.I):
            break
        if item.kind == "text" and len(item.text) > 40:
            item.kind = "abstract"
            texts.append(item.text)
    return " ".join(texts)
