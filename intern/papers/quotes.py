"""A quote counts only if it stands on its page: folding of text so that spaces and hyphens do not matter."""

from __future__ import annotations

import bisect
import re
import unicodedata

from intern.papers.characters import clean

_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_DROP = re.compile(r"[\s^|]+")


def fold(text: str) -> str:
    """Lower case, no spaces, no carets, no hyphens between letters, accents off."""
    return _HYPHEN.sub("", _squeeze(text))


def _squeeze(text: str) -> str:
    text = clean(text)
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _DROP.sub("", text.casefold()).replace("×", "x")


def _index(page: str) -> tuple[str, frozenset[int]]:
    """A page folded, and the offsets in it at which the page has a space."""
    parts, gaps, at = [], [], 0
    for word in page.split():
        part = _squeeze(word)
        parts.append(part)
        gaps.append(at)
        at += len(part)
    squeezed = "".join(parts)
    dropped = [match.start() for match in _HYPHEN.finditer(squeezed)]
    return _HYPHEN.sub("", squeezed), frozenset(gap - bisect.bisect_left(dropped, gap) for gap in gaps)


class PageTexts:
    """The pages of a paper, folded once, for looking quotes up."""

    def __init__(self, pages: list[str]) -> None:
        self._raw = pages
        self._pages: list[tuple[str, frozenset[int]] | None] = [None] * len(pages)

    def stands(self, quote: str, page: int) -> bool:
        """Whether the quote occurs on that page (1-based); "..." joins parts that occur in order."""
        if not 1 <= page <= len(self._raw):
            return False
        text, at = self._text(page), 0
        needles = [fold(part) for part in quote.split("...")]
        for needle in needles:
            at = self._find(page, text, needle, at)
            if at < 0:
                return False
        return True

    def page_of(self, quote: str, near: int) -> int | None:
        """The page the quote stands on: `near`, the one after or the one before it, else None."""
        return next((page for page in (near, near + 1, near - 1) if self.stands(quote, page)), None)

    def _find(self, page: int, text: str, needle: str, at: int) -> int:
        """The offset behind the first occurrence that cuts no number (and, when short, no word) in two; -1 without one."""
        if not needle:
            return -1
        start = text.find(needle, at)
        while start >= 0:
            end = start + len(needle)
            if not (self._cut(page, text, start, len(needle)) or self._cut(page, text, end, len(needle))):
                return end
            start = text.find(needle, start + 1)
        return -1

    def _cut(self, page: int, text: str, at: int, length: int) -> bool:
        """Whether a number or a short word runs over offset `at` of the folded page, without a space there."""
        if not 0 < at < len(text) or at in self._indexed(page)[1]:
            return False
        before, after = text[at - 1], text[at]
        if before.isdigit() and (after.isdigit() or (after in ".," and text[at + 1 : at + 2].isdigit())):
            return True
        if after.isdigit() and before in ".," and at > 1 and text[at - 2].isdigit():
            return True
        return length < 8 and before.isalnum() and after.isalnum()

    def _text(self, page: int) -> str:
        return self._indexed(page)[0]

    def _indexed(self, page: int) -> tuple[str, frozenset[int]]:
        found = self._pages[page - 1]
        if found is None:
            found = self._pages[page - 1] = _index(self._raw[page - 1])
        return found


def clip(text: str, start: int, end: int, width: int = 160) -> str:
    """The words around [start, end), about `width` characters, cut at spaces."""
    room = max(0, width - (end - start)) // 2
    left, right = max(0, start - room), min(len(text), end + room)
    if left > 0:
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else text.rfind(" ", 0, start) + 1
    if right < len(text):
        space = text.rfind(" ", end, right)
        if space < 0:
            space = text.find(" ", end)
        right = space if space >= 0 else len(text)
    return re.sub(r"(?<=\d[eE]-\d)\.$", "", text[left:right].strip())


def cell_quote(pages: PageTexts, line: str, start: int, end: int, page: int) -> tuple[str, int] | None:
    """A quote for the cell at [start, end) of a table row.

    After "-" (no value) or a bare 10 the number would read as a negative or a power: then the row's label and the cell
    are joined by "..." instead.
    """
    if re.search(r"(?:[-–—]|\b10|[x×])\s?$", line[:start]):
        label = line[:start].split(" - ")[0][:40].rsplit(" ", 1)[0].strip(" -")
        quote = f"{label} ... {line[start : start + 60].rsplit(' ', 1)[0] if len(line) > start + 60 else line[start:]}"
        if label and (found := pages.page_of(quote, page)) is not None:
            return quote, found
    return find_quote(pages, line, start, end, page)


def quote_of_value(pages: PageTexts, text: str, start: int, end: int, page: int) -> tuple[str, int] | None:
    """The longest run of words around the value at [start, end) that stands on one page; None under three words.

    For a sentence that a page break or a stray word parts between a setting's name and its value.
    """
    best: tuple[str, int] | None = None
    for here in (page, page + 1):
        low, high = start, end
        if not pages.stands(text[low:high], here):
            continue
        for match in reversed(list(re.finditer(r"\S+", text[max(0, start - 80) : start]))):
            left = max(0, start - 80) + match.start()
            if not pages.stands(text[left:high], here):
                break
            low = left
        for match in re.finditer(r"\S+", text[end : end + 80]):
            if not pages.stands(text[low : end + match.end()], here):
                break
            high = end + match.end()
        quote = text[low:high].strip()
        if len(quote.split()) >= 3 and len(quote) >= 12 and (best is None or len(quote) > len(best[0])):
            best = quote, here
    return best


def find_quote(pages: PageTexts, text: str, start: int, end: int, page: int) -> tuple[str, int] | None:
    """The longest window around [start, end) that stands on one page, with that page; None when none does."""
    for width in (220, 140, 90, 50, 0):
        quote = clip(text, start, end, width)
        if any(char.isalnum() for char in quote) and (found := pages.page_of(quote, page)) is not None:
            return quote, found
    return None
