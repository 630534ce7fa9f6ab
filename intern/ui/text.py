"""Other people's words on our page: models, programs and papers may write anything, and none of it may run or load.

The browser side is a second wall (the chat sanitises, and the page's policy forbids foreign images); this is the first.
"""

from __future__ import annotations

import datetime
import html
import re
import time

_FENCE = re.compile(r"(`{3,})[^`\n]*$|(~{3,})")
_JOINER = "\u2060"
"""Shows as nothing; between "<" and a name it makes a tag plain text, in inline code too."""
LEAD_CHARS = 240
"""A message up to this length is shown whole."""
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$])")


def one_line(text: str, limit: int = 90) -> str:
    """The first line that says something; its first sentence, or a cut, when it is longer than `limit`."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) > limit and (end := re.search(r"[.!?:](?=\s)", line[:limit])):
        line = line[: end.end()]
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def tail(text: str, limit: int) -> str:
    """The last `limit` characters, saying so when something is left out."""
    return text if len(text) <= limit else f"… {len(text) - limit} characters before this …\n{text[-limit:]}"


def lead(text: str) -> tuple[str, list[str]]:
    """What of a long message stands there at once, and the rest, part by part, for those who ask: a list that it ends
    with, or what follows its first sentences. A short one is whole."""
    if len(text) <= LEAD_CHARS:
        return text, []
    first, *others = text.split("; ")
    colon = first.find(": ", max(0, first.rfind(". ")))
    if len(others) >= 2 and 0 < colon <= LEAD_CHARS:
        return f"{first[:colon]} …", [first[colon + 2 :], *others]
    ends = [end.end() for end in re.finditer(r"[.!?](?=\s)", text[:LEAD_CHARS])]
    return (text[: ends[-1]], [text[ends[-1] :].strip()]) if ends else (text, [])


def inert(text: str) -> str:
    """Plain text as HTML that shows exactly this text, for a Markdown message (no blank line may end the block)."""
    return html.escape(text).replace("$", "&#36;").replace("\n", "<br>")


def inert_title(text: str) -> str:
    """One line of plain text for a place that renders inline Markdown."""
    return html.escape(_MARKS.sub(r"\\\1", one_line(text)), quote=False)


def fenced(text: str, language: str = "text") -> str:
    """A code block whose fence is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def safe_markdown(text: str) -> str:
    """Markdown as written, without raw HTML and with images turned into links; fenced code stays as it is.

    Only fences at the start of a line count: inside a list it depends on the reader where one ends, and what is
    taken for code here must be code for the browser too.
    """
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            if line.rstrip() == fence[0] * len(line.rstrip()) and len(line.rstrip()) >= len(fence):
                fence = ""
        elif mark:
            lines.append(line)
            fence = mark[1] or mark[2]
        else:
            lines.append(line.replace("<", f"<{_JOINER}").replace("![", f"!{_JOINER}["))
    return "\n".join([*lines, fence] if fence else lines)


def duration(seconds: object) -> str:
    """`75` -> "1 min 15 s"; "" for anything that is no number."""
    if not isinstance(seconds, int | float):
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def stamp(when: float) -> str:
    """A time of day as HTML; the browser puts its own time zone in (page.js), and the day when it is another."""
    utc = datetime.datetime.fromtimestamp(when, datetime.UTC).isoformat(timespec="seconds")
    return f'<time class="when" datetime="{utc}">{time.strftime("%H:%M", time.localtime(when))}</time>'


def size(count: int) -> str:
    """Bytes for people."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def number(value: object) -> str:
    """A number for people: at most four significant digits, thousands separated."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) >= 1000):
        return f"{int(value):,}".replace(",", " ")
    return f"{value:.4g}"


def money(value: float | None) -> str:
    """Dollars; "unknown" for None. "$0.00" is said of nothing but zero."""
    if value is None:
        return "unknown"
    return "under $0.01" if 0 < value < 0.01 else f"${value:,.2f}"
