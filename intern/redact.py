"""Secrets in text: found by their shape, named, and taken out before anything else sees the text."""

from __future__ import annotations

import re

PATTERNS: dict[str, str] = {
    "Hugging Face OAuth token": r"hf_oauth_[A-Za-z0-9_\-.]{16,}",
    "Hugging Face token": r"\b(?:hf|api_org)_[A-Za-z0-9]{20,}",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})",
    "Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    "Slack webhook": r"https://hooks\.slack\.com/services/[A-Za-z0-9/_+-]{20,}",
    "Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "Google OAuth token": r"\bya29\.[A-Za-z0-9_-]{20,}",
    "AWS access key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    "AWS secret key": r"(?i:aws_?secret_?(?:access_?)?key)[\"'\s:=\\]{1,8}[A-Za-z0-9/+=]{40}",
    "OpenAI-style key": r"\bsk-(?:proj-|ant-|or-|svcacct-)?[A-Za-z0-9_-]{24,}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]{0,20000}?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z)",
    "password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{1,100}:[^\s/@\"']{3,200}@",
}
_NAMES = list(PATTERNS)
_SECRET = re.compile("|".join(f"(?P<s{number}>{pattern})" for number, pattern in enumerate(PATTERNS.values())))


def redact(text: str) -> str:
    """The text with every secret replaced by its kind, like `[Hugging Face token removed]`."""
    return _SECRET.sub(lambda match: f"[{_kind(match)} removed]", text)


def secrets_in(text: str) -> list[str]:
    """The kinds of secrets in a text, each once; never the secrets."""
    return list(dict.fromkeys(_kind(match) for match in _SECRET.finditer(text)))


def _kind(match: re.Match[str]) -> str:
    return _NAMES[int(str(match.lastgroup)[1:])]
