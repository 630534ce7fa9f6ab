"""Slips of a small model that the harness mends itself, and says so: an import from the wrong place or none, and `and` or
`or` between whole columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from intern.agent.deeds import Deed
from intern.agent.sayings import same

MENDED = "The harness mends a slip in the code of step {step} and runs it again: {what}."
MISSING_LINE = re.compile(r"^Hint: add the line: ((?:from [\w.]+ )?import (\w+)(?:[\w. ]*))$", re.MULTILINE)
AMBIGUOUS = "truth value of a Series is ambiguous"
BETWEEN_COLUMNS = "& and | between columns, not and and or"


def mending(step: int, code: str, error: str, failed: Sequence[str]) -> Deed | None:
    """The same code without the slip that its error tells of; None for another error, or if that has failed before."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    what, mended = _mended(tree, code, error)
    if not what or any(same(mended, other) for other in (code, *failed)):
        return None
    return Deed(MENDED.format(step=step, what=what), mended)


def _mended(tree: ast.Module, code: str, error: str) -> tuple[str, str]:
    """What is mended, and the code then; ("", "") for nothing."""
    if found := MISSING_LINE.search(error):
        line, name = found[1], found[2]
        astray = "cannot import name" in error
        return line, f"{line}\n{ast.unparse(_without_import(tree, name)) if astray else code}"
    if AMBIGUOUS in error:
        return BETWEEN_COLUMNS, ast.unparse(ast.fix_missing_locations(_Columns().visit(tree)))
    return "", ""


def _without_import(tree: ast.Module, name: str) -> ast.Module:
    """The program without the imports of a name from where it is not."""
    kept: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom):
            statement.names = [alias for alias in statement.names if alias.name != name]
            if not statement.names:
                continue
        kept.append(statement)
    return ast.Module(body=kept, type_ignores=[])


class _Columns(ast.NodeTransformer):
    """`table[a < 1 or b > 2]` as `table[(a < 1) | (b > 2)]`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.slice, ast.BoolOp):
            sign = ast.BitOr() if isinstance(node.slice.op, ast.Or) else ast.BitAnd()
            joined, *others = node.slice.values
            for other in others:
                joined = ast.BinOp(joined, sign, other)
            node.slice = joined
        return node
