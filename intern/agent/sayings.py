"""What a text or a piece of code says by itself: its numbers, its constant words, whether it compares or only talks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d*\.?\d+(?:e-?\d+)?(?![\w])", re.IGNORECASE)
WITH_UNIT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?=[A-Za-z])")
"""340M, 16GB: a paper's numbers stand like this, too."""
HOW_MANY = re.compile(r"\bhow (?:many|much|large|long|high|big|old|far)\b", re.IGNORECASE)
BEFORE_BARE = 70
"""Characters before a bare "how many" that tell of what."""
CLAUSE_END = re.compile(r"[,;:?()]|\.\s|\.$")
BROKEN_ANSWER = re.compile(r"final_answer\(\s*(\"{3}|'{3}|[\"'])(.*?)(?:\1\s*)?\)?", re.DOTALL)
SMALLEST_TELLING = 10
"""Whole numbers below are in every text and prove nothing."""
ORDERS = (ast.Lt, ast.Gt, ast.LtE, ast.GtE)
CHOOSES = {"max", "min", "sorted", "sort", "argmax", "argmin", "idxmax", "idxmin", "nlargest", "nsmallest", "sort_values",
           "most_common", "value_counts"}  # fmt: skip


def words_of(text: str) -> set[str]:
    """Words and numbers that tell something."""
    return set(re.findall(r"[a-z]{3,}|\d[\d.]*", text.casefold()))


def same(code: str, other: str) -> bool:
    """Whether two steps are the same program, whatever their comments and blank lines."""
    if not other:
        return False
    try:
        return ast.dump(ast.parse(code)) == ast.dump(ast.parse(other))
    except (SyntaxError, ValueError):
        return code.split() == other.split()


def is_hollow(code: str) -> bool:
    """Whether code does nothing but print or answer constant words."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names <= {"print", "final_answer"} and all(isinstance(s, ast.Expr) for s in tree.body)


def compares(code: str) -> bool:
    """Whether code compares values or chooses among them."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError):
        return False
    names = {n.id for n in nodes if isinstance(n, ast.Name)} | {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    return bool(names & CHOOSES) or any(isinstance(n, ast.Compare) and isinstance(n.ops[0], ORDERS) for n in nodes)


def compared_names(code: str) -> tuple[str, ...]:
    """The variables that code has put in order ("if a < b"), in their order."""
    try:
        nodes = ast.walk(ast.parse(code))
    except (SyntaxError, ValueError):
        return ()
    sides = [[n.left, *n.comparators] for n in nodes if isinstance(n, ast.Compare) and isinstance(n.ops[0], ORDERS)]
    found = [[side.id for side in both if isinstance(side, ast.Name)] for both in sides]
    return tuple(dict.fromkeys(name for names in found if len(names) > 1 for name in names))


def called(code: str) -> frozenset[str]:
    """The names of functions and methods that code calls."""
    try:
        calls = [node.func for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(
        f.attr if isinstance(f, ast.Attribute) else f.id for f in calls if isinstance(f, ast.Attribute | ast.Name)
    )


def label_maximum(code: str) -> str:
    """The column that a step groups by and then takes the largest or smallest value of, as if that were the winner."""
    try:
        calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    except (SyntaxError, ValueError):
        return ""
    keys = {a.value for c in calls if c.func.attr == "groupby" for a in c.args if isinstance(a, ast.Constant)}  # type: ignore[attr-defined]
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        column = call.func.value
        if (
            call.func.attr in ("max", "min")
            and isinstance(column, ast.Subscript)
            and isinstance(column.slice, ast.Constant)
        ) and column.slice.value in keys:
            return str(column.slice.value)
    return ""


def won_by(code: str) -> str:
    """Code that prints the values by which the last idxmax, idxmin or max(…, key=…) of a step chose; "" for none."""
    try:
        calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError):
        return ""
    shown = ""
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("idxmax", "idxmin"):
            up = call.func.attr == "idxmin"
            shown = f"print({ast.unparse(call.func.value)}.sort_values(ascending={up}).head(3))"
        elif isinstance(call.func, ast.Name) and call.func.id in ("max", "min") and call.keywords and call.args:
            shown = f"print({ast.unparse(call.args[0])})"
    return shown


def names_in(expression: ast.expr) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(expression) if isinstance(node, ast.Name))


def only_answers(code: str) -> bool:
    """Whether code does nothing but print and answer, whatever it puts into the words."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return False
    calls = [s.value.func for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return len(calls) == len(body) and names <= {"print", "final_answer"}


def repeats_numbers(code: str, evidence: Iterable[str]) -> bool:
    """Whether constant words say numbers, and all of them have been printed before: a reading, not a guess."""
    words = " ".join(literals(s.value) for s in ast.parse(code).body if isinstance(s, ast.Expr))
    return any(map(is_telling, NUMBER.findall(words))) and not any(unsupported(words, evidence))


def final_argument(code: str) -> ast.expr | None:
    """What a step hands to final_answer, if it does."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "final_answer":
            given = [*node.args, *(k.value for k in node.keywords)]
            return ast.List(elts=given, ctx=ast.Load()) if given[1:] else next(iter(given), None)
    return None


def broken_answer(code: str) -> str:
    """The words of a lone final_answer('…') whose quotes do not match, so that it is no Python; "" for none."""
    match = BROKEN_ANSWER.fullmatch(code.strip())
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return match[2].strip() if match else ""
    return ""


def literals(answer: ast.expr) -> str:
    """The constant words and numbers in an expression: what was not computed."""
    return " ".join(str(node.value) for node in ast.walk(answer) if isinstance(node, ast.Constant))


def unsupported(text: str, evidence: Iterable[str]) -> Iterator[str]:
    """Numbers of a text that no evidence holds, not even with more digits or as a share of one."""
    wanted = [n for n in NUMBER.findall(text) if is_telling(n)]
    if not wanted:
        return
    shown = [n for seen in evidence for n in (*NUMBER.findall(seen), *WITH_UNIT.findall(seen))]
    known = {float(n.replace(",", "")) for n in shown}
    for number in wanted:
        plain = number.replace(",", "")
        places = len(plain.partition(".")[2]) if "e" not in plain.lower() else 12
        value = float(plain)
        scales = (1, 100) if abs(value) >= 1 else (1, 0.01)  # 0.97 and 97 % are one number; 0.001 and 0.1 are not
        if not any(round(k * scale, places) == round(value, places) for k in known for scale in scales):
            yield number


def asked_values(task: str) -> list[str]:
    """What a task asks numbers for ("how many rows", "how large"), each with enough words to know it."""
    found: list[str] = []
    for match in HOW_MANY.finditer(task):
        part = " ".join(CLAUSE_END.split(task[match.start() :], maxsplit=1)[0].split())
        part = HOW_MANY.split(part[3:])[0] if HOW_MANY.search(part[3:]) else part[3:]
        before = task[: match.start()].strip(" ,(")[-BEFORE_BARE:].partition(" ")[2]
        bare = len(part.split()) < 2
        found.append(f"how{part} ({before})" if bare else f"how{part}")
    return [text.strip().removesuffix(" and") for text in found]


def is_telling(number: str) -> bool:
    """Whether a number proves anything."""
    return "." in number or abs(float(number.replace(",", ""))) >= SMALLEST_TELLING
