"""Settings a paper takes over from another one without repeating them: said so, with the reference."""

from __future__ import annotations

import re

from intern.papers.hyperparameters import Found
from intern.papers.model import Document, Hyperparameter
from intern.papers.quotes import PageTexts, find_quote
from intern.papers.scopes import Scoper
from intern.papers.sentences import Sentence

_CITATION = (
    r"(?P<c>\[\d+(?:, ?\d+)*\]|\(?[A-Z][\w'-]+(?: et al\.?| and [A-Z][\w'-]+| & [A-Z][\w'-]+)?,? \(?\d{4}[a-z]?\)?)"
)
_TAKEN = re.compile(
    r"(?:same|similar|identical|follow\w*|adopt\w*|use[ds]?|using|keep|borrow\w*|inherit\w*|reuse[ds]?)[^.;]{0,50}?"
    r"(?P<what>hyper-?\s?parameters?|settings?|(?:training |experimental |optimi[sz]ation )(?:set-?up|"
    r"procedure|protocol|details|schedule|recipe|regime)|configuration)"
    rf"[^.;]{{0,40}}?(?:\bas\b|\bof\b|\bfrom\b|\bin\b|\bby\b)(?: in| used in| those of| used by| "
    rf"described in| of| for)*\s+{_CITATION}",
    re.I,
)


def find(document: Document, sentences: list[Sentence], scoper: Scoper, pages: PageTexts) -> list[Found]:
    """Facts named "inherited": what is taken over and from where."""
    out: list[Found] = []
    for sentence in sentences:
        match = _TAKEN.search(sentence.text)
        if not match or ("et al" not in match.group() and "[" not in match.group() and "(" not in match.group()):
            continue
        quote = find_quote(pages, sentence.text, match.start(), match.end(), sentence.page)
        if quote is None:
            continue
        citation = match.group("c").strip("()")
        value = f"{match.group('what').lower()} of {citation}{_reference(document, citation)}"
        scope = scoper.of_sentence(sentence, match.start(), match.end())
        fact = Hyperparameter(
            name="inherited", value=value, scope=scope, page=quote[1], quote=quote[0], where=sentence.where
        )
        out.append(Found(fact, 1.0, sentence.section))
    return out


def _reference(document: Document, citation: str) -> str:
    """The start of the reference list's entry, in brackets."""
    number = re.match(r"\[(\d+)", citation)
    name = re.match(r"([A-Z][\w'-]+).*?(\d{4})", citation)
    for entry in document.references:
        if number and entry.startswith(f"[{number.group(1)}]"):
            return f" ({entry[len(number.group(0)) + 1 :].strip()[:90]})"
        if name and entry.startswith(name.group(1)) and name.group(2) in entry:
            return f" ({entry[:90].strip()})"
    return ""
