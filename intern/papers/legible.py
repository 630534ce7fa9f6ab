"""Is the text of a paper readable, and does it try to talk to the reader's machine?"""

from __future__ import annotations

import re

_COMMON = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "is",
        "for",
        "we",
        "that",
        "a",
        "with",
        "on",
        "as",
        "are",
        "by",
        "this",
        "our",
        "from",
        "be",
        "which",
        "can",
        "an",
        "it",
        "or",
        "not",
        "at",
        "model",
        "data",
        "has",
        "have",
        "these",
        "using",
        "results",
        "use",
        "used",
        "training",
        "learning",
        "method",
        "each",
        "than",
        "more",
        "also",
        "two",
        "between",
        "set",
        "one",
        "based",
        "when",
        "network",
        "show",
        "different",
        "all",
        "other",
        "models",
        "such",
        "i",
        "you",
        "was",
    ]
)
NOTHING_READ = "Nothing could be read, so nothing is known of what the paper states or leaves out"
_INSTRUCTION = re.compile(
    r"(ignore|disregard|forget) (all |any |the )?(previous|prior|above|earlier|preceding) (instructions|prompts?|context)|"
    r"(as|if you are|you are) an? (ai|llm|large language model|language model|assistant)\b.{0,80}"
    r"\b(must|should|please|now|output|write|give|recommend|review)|"
    r"(give|write) (only )?a positive review|do not (mention|highlight) any negatives|system prompt\s*:|"
    r"(run|execute) the following (command|code)\b.{0,40}\b(agent|assistant|ai)\b",
    re.I | re.S,
)


def judge(text: str, pages: int) -> str:
    """Why the text cannot be used ("" when it can): no text layer, or letters that make no words."""
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 60 * max(1, min(pages, 3)):
        return (
            "The file has no readable text layer (scanned or empty pages): the text is unreadable without OCR, "
            f"nothing was extracted. {NOTHING_READ}"
        )
    odd = sum(1 for char in text if char == "�" or 0xE000 <= ord(char) <= 0xF8FF or ord(char) < 9)
    words = re.findall(r"[^\W\d_]+", text.lower())
    common = sum(word in _COMMON for word in words) / max(1, len(words))
    latin = sum("a" <= char.lower() <= "z" for char in letters) / len(letters)
    if odd > 0.1 * len(text) or (latin > 0.7 and len(words) > 80 and common < 0.08):
        return (
            "The text layer is garbled (unreadable letters, a broken font encoding): nothing was extracted from it. "
            f"{NOTHING_READ}. Fetch the paper by its arXiv id or use OCR"
        )
    if latin > 0.7 and len(words) <= 80 and common < 0.03 and len(words) > 20:
        return "The text layer is garbled or holds almost no words: nothing was extracted from it. " + NOTHING_READ
    return ""


def addresses_a_machine(text: str) -> bool:
    """Whether the text speaks to an AI reader, as injected instructions do."""
    return bool(_INSTRUCTION.search(" ".join(text.split())))
