"""A line or two below a traceback: what the failing line worked on, and what it could have meant.

Runs in the worker, on the code's own objects. It only helps; whatever goes wrong here is left out.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import linecache
import re
import reprlib
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 700
MOST_VALUES = 4
MOST_FILES = 20
DEEPEST = 4
USUAL = {
    "np": "import numpy as np", "pd": "import pandas as pd", "plt": "import matplotlib.pyplot as plt",
    "torch": "import torch", "nn": "import torch.nn as nn", "F": "import torch.nn.functional as F",
}  # fmt: skip
MODULES = frozenset(
    {"json", "os", "re", "math", "random", "csv", "statistics", "subprocess", "sys", "time", "collections"}
)

HOMES = (
    "collections", "pathlib", "datetime", "itertools", "sklearn.datasets", "sklearn.model_selection", "sklearn.metrics",
    "sklearn.preprocessing", "sklearn.linear_model", "sklearn.tree", "sklearn.ensemble", "sklearn.neighbors", "sklearn.svm",
    "sklearn.naive_bayes", "sklearn.neural_network", "sklearn.cluster", "sklearn.decomposition", "sklearn.pipeline",
    "sklearn.compose", "sklearn.impute", "sklearn.dummy", "sklearn.feature_extraction.text", "sklearn.feature_selection",
    "sklearn.discriminant_analysis", "sklearn.inspection", "sklearn.manifold", "sklearn.mixture", "torch.nn", "torch.optim",
    "torch.utils.data",
)  # fmt: skip
"""Where a name may be that code has not imported, or from another place."""
NOT_THERE = re.compile(r"cannot import name '(\w+)'")
NO_NETWORK = re.compile(r"urlopen|URLError|Connect|resolve|socket|HTTPError", re.IGNORECASE)
UNFIT = {
    "could not convert string to float": "turn columns of words into numbers first: X = pd.get_dummies(X), or leave them out",
    "contains NaN": "fill or drop missing values first: X = X.fillna(X.median()), or df = df.dropna()",
    "Unknown label type": "a classifier needs classes; for numbers to predict take a regressor",
}
"""What scikit-learn's complaints about its input ask for."""
ABOUT_ARGUMENTS = re.compile(r"argument|positional|keyword|takes .* given|not callable")
LAST_RESULTS: dict[str, Any] = {}
"""What each tool returned last: the worker keeps it for these hints."""

_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 60
_brief.maxlist = _brief.maxtuple = _brief.maxset = _brief.maxdict = 4
_brief.maxlevel = 2


def advise(problem: BaseException, frames: types.TracebackType | None, names: Mapping[str, Any]) -> str:
    """Hints for an exception that the code of a step raised; "" when there is nothing to say."""
    try:
        frame, nodes = _own_frame(frames)
        scope = {**names, **(frame.f_locals if frame else {})}
        said = [*_about(problem, scope, nodes), *_values(problem, scope, nodes)]
        return "\n".join(f"Hint: {text}" for text in said)[:MOST_CHARACTERS]
    except Exception:  # noqa: BLE001 - objects of the code decide what their attributes and reprs do
        return ""


def _own_frame(frames: types.TracebackType | None) -> tuple[types.FrameType | None, list[ast.AST]]:
    """The innermost frame of the step's own code, and the syntax of its statement."""
    found, nodes = None, []
    while frames is not None:
        code = frames.tb_frame.f_code
        if code.co_filename.startswith("<step"):
            found, nodes = frames.tb_frame, _nodes("".join(linecache.getlines(code.co_filename)), frames.tb_lineno)
        frames = frames.tb_next
    return found, nodes


def _about(problem: BaseException, scope: Mapping[str, Any], nodes: list[ast.AST]) -> Iterator[str]:
    """What this kind of error usually means."""
    if isinstance(problem, NameError) and problem.name:
        yield from _missing_name(problem.name, scope)
    elif isinstance(problem, FileNotFoundError | PermissionError):
        yield from _missing_file(str(problem.filename or ""))
    elif isinstance(problem, KeyError) and problem.args:
        yield from _missing_key(problem.args[0], scope, nodes)
    elif isinstance(problem, AttributeError) and problem.name:
        yield from _missing_attribute(problem, scope)
    elif isinstance(problem, ModuleNotFoundError | ImportError):
        yield from _missing_module(problem, scope)
    elif isinstance(problem, TypeError) and "indices must be" in str(problem):
        yield from (f"{text} is {_described(value)}" for text, value in _bases(nodes, scope))
    elif isinstance(problem, TypeError) and ABOUT_ARGUMENTS.search(str(problem)):
        yield from _signatures(scope, nodes)
    elif isinstance(problem, SyntaxError):
        yield from _syntax(problem)
    elif isinstance(problem, OSError) and NO_NETWORK.search(f"{type(problem).__name__} {problem}"):
        yield "there is no network here: use the files in the working folder, or data that comes with a library (load_*)"
    elif isinstance(problem, ValueError):
        yield from (help for words, help in UNFIT.items() if words in str(problem))


def _missing_name(name: str, scope: Mapping[str, Any]) -> Iterator[str]:
    if name in USUAL or name in MODULES:
        yield f"add the line: {USUAL.get(name, f'import {name}')}"
        return
    if home := _home_of(name):
        yield f"add the line: from {home} import {name}"
        return
    own = [n for n in scope if not n.startswith("_")]
    if close := difflib.get_close_matches(name, own, 3, 0.7):
        yield f"there is {', '.join(close)}"
    else:
        made = [n for n in own if not callable(scope[n]) and not isinstance(scope[n], types.ModuleType)]
        yield f"variables so far: {', '.join(made[-15:]) or 'none'}; import or define {name} first"


def _home_of(name: str) -> str | None:
    """The module of the usual libraries that a public name can be imported from, of those that are in use here."""
    for module in HOMES:
        package = module.partition(".")[0]
        if package != "torch" or package in sys.modules:  # which takes seconds
            try:
                if callable(getattr(importlib.import_module(module), name, None)):
                    return module
            except ImportError:
                continue
    return None


def _missing_file(path: str) -> Iterator[str]:
    here = _files()
    name = Path(path).name
    if name in here and name != path:
        yield f"open it by its name alone: {name!r} is in the working folder"
    else:
        yield f"the working folder has: {', '.join(here) or 'no files'}"


def _missing_key(key: object, scope: Mapping[str, Any], nodes: list[ast.AST]) -> Iterator[str]:
    for text, value in _bases(nodes, scope):
        if hasattr(value, "columns"):
            yield f"{text} has the columns {', '.join(map(str, list(value.columns)[:25]))}"
        elif isinstance(value, Mapping) and key not in value:
            found = next(_paths(value, key, DEEPEST), None)
            keys = ", ".join(map(repr, list(value)[:15]))
            yield f"{text} has the keys {keys}" + (f"; {key!r} is at {text}{found}" if found else "")


def _bases(nodes: list[ast.AST], scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the line takes items of, where a name tells (no calls: they could do something again)."""
    for node in nodes:
        if isinstance(node, ast.Subscript):
            found, value = _value(node.value, scope)
            if found:
                yield ast.unparse(node.value), value


def _paths(value: Any, key: object, depth: int) -> Iterator[str]:
    """Where in nested dicts a key is, as subscripts."""
    if not isinstance(value, Mapping) or depth == 0:
        return
    if key in value:
        yield f"[{key!r}]"
    for name, inner in list(value.items())[:50]:
        yield from (f"[{name!r}]{rest}" for rest in _paths(inner, key, depth - 1))


def _missing_attribute(problem: AttributeError, scope: Mapping[str, Any]) -> Iterator[str]:
    thing, name = problem.obj, str(problem.name)
    if isinstance(thing, Mapping):
        yield f"it is a dict with the keys {', '.join(map(repr, list(thing)[:15]))}: write [{name!r}] where it has that key"
    elif close := difflib.get_close_matches(name, dir(thing), 4, 0.6):
        yield f"a {type(thing).__name__} has {', '.join(close)}"


def _missing_module(problem: ImportError, scope: Mapping[str, Any]) -> Iterator[str]:
    name = (problem.name or "").split(".")[0]
    if name in scope or name in ("tools", "functions"):
        yield "the tools are functions that are there already: leave out the import and call them"
    elif (found := NOT_THERE.search(str(problem))) and (home := _home_of(found[1])):
        yield f"add the line: from {home} import {found[1]}"
    elif isinstance(problem, ModuleNotFoundError):
        yield f"{name} is not installed and nothing can be: do it with what is there (numpy, pandas, sklearn, torch)"


def _signatures(scope: Mapping[str, Any], nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Call):
            found, function = _value(node.func, scope)
            if found and callable(function) and not isinstance(function, types.BuiltinFunctionType):
                try:
                    yield f"{ast.unparse(node.func)}{str(inspect.signature(function))[:220]}"
                except (ValueError, TypeError):
                    continue


def _syntax(problem: SyntaxError) -> Iterator[str]:
    if "'return' outside function" in str(problem):
        yield "to end with a value write final_answer(value), not return"
    elif "unterminated" in str(problem) or "was never closed" in str(problem):
        yield "the code ends too early or a quote is missing; use triple quotes for text of several lines"


def _values(problem: BaseException, scope: Mapping[str, Any], nodes: list[ast.AST]) -> Iterator[str]:
    """Names on the failing line with what they hold."""
    if isinstance(problem, NameError | SyntaxError | ImportError | FileNotFoundError | PermissionError):
        return
    shown: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope and node.id not in shown:
            value = scope[node.id]
            if not isinstance(value, types.ModuleType | type) and not callable(value):
                shown[node.id] = _described(value)
    if shown:
        yield "; ".join(f"{name} is {about}" for name, about in list(shown.items())[:MOST_VALUES])


def _described(value: Any) -> str:
    kind = type(value).__name__
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{kind} of shape {tuple(value.shape)}, {value.dtype}"
    if hasattr(value, "columns") and hasattr(value, "shape"):
        return f"{kind} of shape {tuple(value.shape)} with columns {', '.join(map(str, list(value.columns)[:12]))}"
    return f"{kind} {_brief.repr(value)}"


def _value(node: ast.expr, scope: Mapping[str, Any]) -> tuple[bool, Any]:
    """(True, value) of a name, of what is below it, or what a tool's call returned. Nothing is called."""
    if isinstance(node, ast.Name):
        return node.id in scope, scope.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in LAST_RESULTS, LAST_RESULTS.get(node.func.id)
    if isinstance(node, ast.Attribute):
        found, value = _value(node.value, scope)
        return (found and hasattr(value, node.attr)), getattr(value, node.attr, None)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        found, value = _value(node.value, scope)
        inside = found and isinstance(value, Mapping) and node.slice.value in value
        return inside, value[node.slice.value] if inside else None
    return False, None


def _nodes(source: str, number: int) -> list[ast.AST]:
    """The syntax of the innermost statement on a line, without the blocks in it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    here = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno <= number <= (n.end_lineno or n.lineno)]
    if not here:
        return []
    found: list[ast.AST] = []
    todo: list[ast.AST] = [max(here, key=lambda n: (n.lineno, -(n.end_lineno or 0)))]
    while todo:
        node = todo.pop(0)
        found.append(node)
        todo += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]
    return found


def _files() -> list[str]:
    return sorted(p.name for p in Path().iterdir() if not p.name.startswith("."))[:MOST_FILES]
