"""What the words of a licence say: whether anybody knows it, and whether it restricts use."""

from __future__ import annotations

import re

UNKNOWN = re.compile(r"unknown|not stated|unspecified|^\s*(?:none|null)?\s*$|^other\b|yours", re.IGNORECASE)
RESTRICTED = re.compile(
    r"\b(?:non.?commercial|research (?:only|use|purposes)|no.?deriv\w*|cc-by(?:-nc|-nd)\S*|proprietary)\b",
    re.IGNORECASE,
)


def licence_doubt(licence: str, what: str) -> str:
    """What a person should know before they train on or publish from it; "" for a known one that restricts nothing."""
    if UNKNOWN.search(licence):
        return f"the licence of {what} is not known: make sure that you may use it, and publish what is learnt from it"
    if RESTRICTED.search(licence):
        return f"the licence of {what} ({licence}) restricts use: say so where you publish"
    return ""
