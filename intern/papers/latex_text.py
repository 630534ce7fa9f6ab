"""A piece of LaTeX as plain text: commands, accents, mathematics."""

from __future__ import annotations

import re
import unicodedata

_GREEK = {
    name: chr(code)
    for name, code in {
        "alpha": 0x3B1, "beta": 0x3B2, "gamma": 0x3B3, "delta": 0x3B4, "epsilon": 0x3B5, "varepsilon": 0x3B5, "eta": 0x3B7,
        "theta": 0x3B8, "lambda": 0x3BB, "mu": 0x3BC, "rho": 0x3C1, "sigma": 0x3C3, "tau": 0x3C4, "phi": 0x3C6,
        "pi": 0x3C0, "kappa": 0x3BA, "omega": 0x3C9, "Delta": 0x394, "Sigma": 0x3A3, "Theta": 0x398,
    }.items()
}  # fmt: skip
_SIGNS = {
    "times": "×", "cdot": "·", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "approx": "≈", "sim": "~", "to": "→",
    "rightarrow": "→", "ell": "ℓ", "infty": "∞", "in": "∈", "dagger": "†", "ddagger": "‡", "ldots": "...", "dots": "...",
    "uparrow": "↑", "downarrow": "↓", "checkmark": "✓", "textbackslash": "\\", "LaTeX": "LaTeX", "TeX": "TeX", "ss": "ß",
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "i": "i", "S": "§", "P": "¶",
    "textpm": "±", "texttimes": "×", "textasciitilde": "~", "quad": " ", "qquad": " ", "langle": "<", "rangle": ">",
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "c": "\u0327", "v": "\u030c", "u": "\u0306",
    "=": "\u0304", "H": "\u030b", "r": "\u030a", "k": "\u0328", ".": "\u0307",
}  # fmt: skip
_DROPPED = re.compile(
    r"\\(?:label|vspace|hspace|ref|eqref|autoref|cref|Cref|pageref|includegraphics|bibliography|bibliographystyle|nocite|"
    r"setlength|addtolength|setcounter|thispagestyle|pagestyle|vskip|hskip|cellcolor|rowcolor|color|usepackage|newcounter|"
    r"resizebox|scalebox|raisebox|rule|phantom|hypersetup|graphicspath)\*?(?:\s*\[[^\]]*\])*(?:\s*\{(?:[^{}]|\{[^{}]*\})*\}){0,2}"
)


def braces(text: str, at: int) -> tuple[str, int]:
    """The group that begins at or after `at` (spaces skipped), and the offset behind it; one character without braces."""
    while at < len(text) and text[at].isspace():
        at += 1
    if at >= len(text):
        return "", at
    if text[at] != "{":
        return text[at], at + 1
    depth = 0
    for end in range(at, len(text)):
        if text[end] == "\\":
            continue
        if text[end] == "{" and text[end - 1] != "\\":
            depth += 1
        elif text[end] == "}" and text[end - 1] != "\\":
            depth -= 1
            if depth == 0:
                return text[at + 1 : end], end + 1
    return text[at + 1 :], len(text)


def to_text(text: str) -> str:
    """Plain text of a piece of LaTeX; unknown commands are dropped, their arguments kept."""
    text = re.sub(
        r"\\(?:cite[a-z]*|parencite|textcite)\*?\s*(?:\[[^\]]*\])*\s*\{([^}]*)\}",
        lambda match: f"[{match.group(1)}]",
        text,
    )
    text = re.sub(r"\\(?:url|href)\s*\{[^}]*\}", " ", text)
    text = re.sub(
        r"\\begin\{(?:equation|align|gather|eqnarray|multline|displaymath)\*?\}(.*?)\\end\{[^}]*\}",
        r" \1 ",
        text,
        flags=re.S,
    )
    text = _DROPPED.sub(" ", text)
    text = re.sub(r"\\(?:begin|end)\s*\{[^}]*\}(?:\[[^\]]*\])?", " ", text)
    text = re.sub(r"\\([%$&#_{}])", lambda match: {"{": "\x01", "}": "\x02"}.get(match.group(1), match.group(1)), text)
    text = re.sub(r"\\(['`\"^~=.]|[cvuHrk](?=[\s{]))\s*(?:\{\s*(\\?\w)\s*\}|(\\?[A-Za-z]))", _accent, text)
    text = re.sub(r"\\(?:d?frac)\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"√(\1)", text)
    text = re.sub(r"\^\s*\{?\s*\\(?:circ|dagger|ddagger|ast|star|prime)\b\s*\}?", " ", text)
    text = re.sub(r"\^\s*\{([^{}]*)\}", r"^\1", text)
    text = re.sub(r"(\\[A-Za-z]+)\s*(?=_)", r"\1{}", text)
    text = re.sub(r"_\s*\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1", text)
    text = re.sub(r"(?<=[\w}])_(?=[\w\\])", "", text) if "$" in text else text
    text = re.sub(r"\\([A-Za-z]+)\*?\s?", _named, text)
    text = re.sub(r"\\[,;:!> ]|~", " ", text)
    text = text.replace("\\\\", " ").replace("``", '"').replace("''", '"').replace("---", " - ").replace("--", "-")
    text = re.sub(r"[{}$]", "", text).replace("\x01", "{").replace("\x02", "}").replace("\\", "")
    text = re.sub(r"(?<=\d)\s*,\s*(?=\d{3}\b)", ",", text)
    return text


def _accent(match: re.Match[str]) -> str:
    letter = (match.group(2) or match.group(3)).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS.get(match.group(1), ""))


def _named(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in _GREEK:
        return _GREEK[name]
    return _SIGNS.get(name, " " if name in ("item", "newline", "linebreak", "hfill", "noindent", "centering") else "")
