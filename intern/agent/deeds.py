"""Steps that the harness takes for a small model, each said as such in the log: saving a program that was only run, and
trying the examples that a task gives."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from intern.agent.sayings import called
from intern.sandbox.hostfiles import read_file

SAVED = "The harness saves the code of step {step}, which ran well, as {name}: the task asks for the file."
TRIED = "The harness tries the examples of the task with {name}."
PUT_BACK = "The harness puts {name} back as it was: as it was changed it is no Python any more."
SAVING = "open({name!r}, 'w').write({source!r})\nprint(shell(command='python {name}')['output'])"
TRYING = """tried = {{'__name__': 'tried'}}
exec(open({name!r}).read(), tried)
for words, wanted in {examples!r}:
    got = eval(words, tried)
    print(words, 'gives', repr(got), 'as it should' if got == wanted else '{wrong} ' + repr(wanted))"""
BACK = """open({name!r}, 'w').write({source!r})
print({name!r}, 'is as it was at first, for it was no Python any more. It holds:')
print(open({name!r}).read())"""
WRONG = "but should be"
EXAMPLE = re.compile(
    r"\b([A-Za-z_]\w*\([^()\n]*\))\s*(?:==?|->|→|should (?:be|return|give)|must (?:be|return|give)|returns?|gives?|is)\s*"
    r"(\"[^\"\n]*\"|'[^'\n]*'|\[[^\]\n]*\]|\([^)\n]*\)|-?\d+(?:\.\d+)?|True|False|None)"
)
SCRIPT_BYTES = 1 << 20


@dataclass(frozen=True)
class Deed:
    """A step of the harness: what is said of it, and its code."""

    thought: str
    code: str


def saving(step: int, source: str, name: str, task: str) -> Deed:
    """Save a step's code as a script, run that, and try the task's examples with it."""
    code, examined = SAVING.format(name=name, source=f"{source.strip()}\n"), trying(task, name)
    return Deed(SAVED.format(step=step, name=name), f"{code}\n{examined.code}" if examined else code)


def putting_back(before: str, name: str) -> Deed:
    """Undo a change that left no Python behind."""
    return Deed(PUT_BACK.format(name=name), BACK.format(name=name, source=before))


def trying(task: str, name: str) -> Deed | None:
    """Try the examples that a task gives ("double(2) should be 4") with a script's functions; None without any."""
    found = examples(task)
    return Deed(TRIED.format(name=name), TRYING.format(name=name, examples=found, wrong=WRONG)) if found else None


def examples(task: str) -> list[tuple[str, object]]:
    """The calls with constant arguments that a task gives the results of."""
    found: list[tuple[str, object]] = []
    for words, wanted in EXAMPLE.findall(task):
        try:
            call = ast.parse(words, mode="eval").body
            result = ast.literal_eval(wanted)
        except (SyntaxError, ValueError):
            continue
        if isinstance(call, ast.Call) and all(isinstance(a, ast.Constant | ast.List | ast.Tuple) for a in call.args):
            found.append((words, result))
    return found


def is_program_for(code: str, script: Path) -> bool:
    """Whether code that was run is what a script should hold: its functions and as many statements that do something, or,
    of a script that is not there yet, functions or prints at all; and no code that only looks at files or asks tools."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return False
    if called(code) & {"open", "shell", "files", "search_docs", "read_csv", "final_answer", "exec"}:
        return False
    try:
        before = ast.parse(read_file(script.parent, script.name, SCRIPT_BYTES)).body
    except (SyntaxError, ValueError, OSError):
        before = []
    if not before:
        return bool(_functions(body)) or "print" in called(code)
    return _functions(body) >= _functions(before) and _doing(body) >= _doing(before)


def is_python(source: str) -> bool:
    """Whether it can be run at all."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _functions(body: list[ast.stmt]) -> set[str]:
    return {s.name for s in body if isinstance(s, ast.FunctionDef | ast.ClassDef)}


def _doing(body: list[ast.stmt]) -> int:
    doing = (ast.Expr, ast.For, ast.While, ast.With, ast.If)
    return sum(isinstance(s, doing) and any(isinstance(n, ast.Call) for n in ast.walk(s)) for s in body)
