"""Characters as PDF writers print them, made plain. Knows nothing of PDF, so that it is quick to import."""

from __future__ import annotations

import re
import unicodedata

_CHARACTERS = str.maketrans(
    {
        "−": "-", "‐": "-", "‑": "-", "–": "-", "‒": "-", "\u00ad": "-", "∗": "*", "’": "'", "‘": "'",
        "“": '"', "”": '"', "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "\u00a0": " ", "\u200b": "",
        "µ": "μ", "ϵ": "ε", "∼": "~", "⋅": "·", "∙": "·", "\u2009": " ", "\u202f": " ", "\ufeff": "",
    }
)  # fmt: skip

_COMBINING = {
    "´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a", "˘": "\u0306", "¸": "\u0327",
}  # fmt: skip
_ACCENT = re.compile(r"([´¨ˆ˜ˇ˚˘¸]) ?([A-Za-zı])")
"""Old fonts print an accent and then its letter."""


def clean(text: str) -> str:
    """Ligatures, dashes, quotes and mathematical letters as plain characters. Never raises."""
    text = text.translate(_CHARACTERS)
    if _ACCENT.search(text):
        text = _ACCENT.sub(
            lambda match: unicodedata.normalize("NFC", match.group(2) + _COMBINING[match.group(1)]), text
        )
    if not text.isascii():
        text = "".join(
            unicodedata.normalize("NFKC", char) if 0x1D400 <= ord(char) <= 0x1D7FF else char for char in text
        ).translate(_CHARACTERS)
        text = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf"))
    return text
