"""What an answer that is read off a text must hold: the value's own page, and a parameter's default as the signature has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from intern.agent.sayings import NUMBER, WITH_UNIT, words_of

PAGE = re.compile(r"\b(?:pp?\.|pages?)\s*(\d+)(?:\s*(?:[-–,]|and)\s*(\d+))?", re.IGNORECASE)
HARNESS = "Note from the harness: "
SIGNATURE = re.compile(r"^Signature: (.+)$", re.MULTILINE)
ABOUT_DEFAULTS = re.compile(r"\bdefault|\bnot (?:given|set|passed)|\bomit|\bunless\b|\bwithout\b", re.IGNORECASE)
LEAST_SQUEEZED = 6
"""Letters of a parameter's name that may stand as several words in a task ("end point")."""
MOST_SHOWN = 200


def pages_of(text: str) -> set[str]:
    """The pages that a text names."""
    return {page for found in PAGE.findall(text) for page in found if page}


def says_pages_only(text: str) -> bool:
    """Whether a text names a page and nothing else."""
    return bool(pages_of(text)) and not re.search(r"\d|[A-Za-z]{3}", PAGE.sub(" ", text))


def values_of(text: str) -> set[float]:
    """The numbers of a text, but for its pages; 340M is 340, too."""
    plain = PAGE.sub(" ", text)
    return {float(n.replace(",", "")) for n in (*NUMBER.findall(plain), *WITH_UNIT.findall(plain))}


def paged_lines(evidence: Iterable[str], task: str) -> list[str]:
    """The lines that name a page, without the task's and the harness's own."""
    lines = (line for seen in evidence for line in seen.splitlines())
    return [line.strip() for line in lines if pages_of(line) and task not in line and not line.startswith(HARNESS)]


def sources(answer: str, task: str, lines: list[str]) -> list[str]:
    """For each number of an answer the line that states it and fits the words best; without numbers the best line."""
    told, wanted = values_of(answer), words_of(f"{answer} {task}")

    def fit(line: str) -> float:
        words = words_of(line)
        return len(wanted & words) / float(3 + len(words)) ** 0.5

    holding = [[line for line in lines if value in values_of(line)] for value in sorted(told)]
    found = [max(some, key=fit) for some in holding if some] or ([max(lines, key=fit)] if lines else [])
    return [line[:MOST_SHOWN] for line in dict.fromkeys(found)]


def cites_elsewhere(answer: str, lines: list[str]) -> bool:
    """Whether an answer names pages, and none of its numbers stands on any of them though they stand on others."""
    cited, told = pages_of(answer), values_of(answer)
    stated = set[str]().union(*(pages_of(line) for line in lines if told & values_of(line)))
    return bool(cited and stated and not cited & stated)


def defaults_left_out(task: str, answer: str, evidence: Iterable[str]) -> list[str]:
    """`name=value` of parameters whose default the task asks for and the answer does not say, by the signature shown."""
    if not ABOUT_DEFAULTS.search(task):
        return []
    squeezed = re.sub(r"[^a-z]", "", task.lower())
    found: dict[str, str] = {}
    for seen in evidence:
        for shown in SIGNATURE.findall(seen):
            found |= _defaults(shown)
    asked = {
        name: value for name, value in found.items()
        if re.search(rf"\b{name}\b", task) or (len(name) >= LEAST_SQUEEZED and name.replace("_", "") in squeezed)
    }  # fmt: skip
    return [f"{name}={value}" for name, value in asked.items() if not _is_said(value, answer)]


def _defaults(signature: str) -> dict[str, str]:
    """Parameters with their defaults, of `name(a, b=1) -> int` or `class Name(Base): __init__(self, b=1)`."""
    text = signature.partition(": __init__")[2] or signature[signature.find("(") :]
    try:
        tree = ast.parse(f"def it{text}: ...").body[0]
    except (SyntaxError, ValueError):
        return {}
    assert isinstance(tree, ast.FunctionDef)
    given, named = tree.args, [*tree.args.posonlyargs, *tree.args.args]
    pairs = [*zip(named[len(named) - len(given.defaults) :], given.defaults, strict=True),
             *((a, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None)]  # fmt: skip
    return {argument.arg: ast.unparse(default) for argument, default in pairs}


def _is_said(value: str, answer: str) -> bool:
    try:
        return float(value) in {float(n.replace(",", "")) for n in NUMBER.findall(answer)}
    except ValueError:
        return value.strip("'\"").casefold() in answer.casefold()
