"""A training script that the brain wrote itself: looked through before it runs, held to the contract of our programs."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from intern.experiments.programs import SCRIPT

MOST_CHARACTERS = 200_000
LEAST_HELD = 3
"""So many test rows (or their ids) in a script are no chance."""
LEAST_TEXT = 12
"""Shorter inputs occur in any script."""
TEST_ID = re.compile(r"test-\d+")
MAKERS = frozenset(
    {"rand", "randn", "randint", "random", "random_sample", "normal", "uniform", "standard_normal", "integers", "randperm",
     "choices", "make_classification", "make_regression", "make_blobs", "make_moons"}
)  # fmt: skip
"""Calls that make data up."""
DATA = "train.jsonl"


class ScriptError(ValueError):
    """The script cannot be run as it stands; the message says where and why."""


def keep_script(folder: Path, code: str) -> str:
    """Store a script below `folder` (the run's own programs); returns its name as a program."""
    name = f"{SCRIPT}{hashlib.sha256(code.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return name


def look_through(code: str, data: Path) -> list[str]:
    """Doubts about a script, in plain words. Raises ScriptError for what is no Python, or holds the test rows itself."""
    if not code.strip() or len(code) > MOST_CHARACTERS:
        raise ScriptError(f"A script has between 1 and {MOST_CHARACTERS:,} characters.")
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ScriptError(f"Line {line} of the script is not Python: {getattr(error, 'msg', error)}.") from error
    _refuse_held_rows(tree, data / "test.jsonl")
    doubts = [
        f"Line {line} of the script makes data up ({maker}) when something fails: a failed reading would go unseen."
        for line, maker in _fallbacks(tree)
    ]
    if DATA not in code and "train" not in code:
        doubts.append(f"The script never names data/{DATA}.")
    return doubts


def _refuse_held_rows(tree: ast.Module, tests: Path) -> None:
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    ids = {match for text in texts for match in TEST_ID.findall(text)}
    inputs = {_folded(value) for row in _rows(tests) for value in row.values() if isinstance(value, str)}
    whole = " ".join(_folded(text) for text in texts)
    held = sum(len(text) >= LEAST_TEXT and text in whole for text in inputs)
    if held >= LEAST_HELD or len(ids) >= LEAST_HELD:
        what = f"{held} of the test rows word for word" if held >= LEAST_HELD else f"the ids of {len(ids)} test rows"
        raise ScriptError(f"The script holds {what}: predictions must come from training, not from the script.")


def _fallbacks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, call) of made-up data in a handler of errors, or where a file is not there."""
    for node in ast.walk(tree):
        branch: list[ast.stmt] = []
        if isinstance(node, ast.ExceptHandler):
            branch = node.body
        elif isinstance(node, ast.If) and "exists" in ast.unparse(node.test):
            branch = node.body if "not " in ast.unparse(node.test) else node.orelse
        for statement in branch:
            for call in ast.walk(statement):
                if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in MAKERS:
                    yield call.lineno, ast.unparse(call.func)


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
