"""A script drawn several times from a clean page, and the version kept that most of them agree with.

A small model that sees its own mistake makes it again; asked anew it mostly does not. So the harness asks it for the
whole file a few times without what went before, runs every version in the sandbox with the task's examples and with
other values of the same kind, and keeps one of the largest group that does the same. What it did is said in the log.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from intern.agent.deeds import WRONG, Deed, examples, is_python
from intern.agent.reply import split_reply
from intern.agent.wanted import WantedFile, calls_of

DRAWN = (
    "The harness asks anew for the whole of {name}, {count} times without what went before, and keeps the version that "
    "meets the examples and agrees with most others."
)
DRAFTS = 4
MOST_PROBES = 24
SHORT = 4000
"""Characters of a script that can be written anew as a whole."""
NEW = (
    "Write the Python file {name}. {task}\nOnly what is needed, plain and correct for every input of that kind."
    "{examples}\nReply with the whole file."
)
MENDED = (
    "{task}\n\n{name} holds now:\n```python\n{source}\n```\n{fault}Find every mistake in it. Keep its names, its other "
    "lines and what it prints. Reply with the whole corrected file.{examples}"
)
HOLDS = "\nThese must hold:\n{lines}"
FAULT = "It fails with: {reason}\n"
CHOOSING = """import collections, json, subprocess, sys
name, versions, examples, others = {name!r}, {versions!r}, {examples!r}, {others!r}
def tried(source):
    more = '\\nimport json as _json\\n_found = []\\nfor _words in ' + repr([e[0] for e in examples] + others) + ''':
    try:
        _found.append(repr(eval(_words)))
    except Exception as _error:
        _found.append(type(_error).__name__)
print('found:' + _json.dumps(_found))'''
    try:
        done = subprocess.run([sys.executable, '-c', source + more], capture_output=True, text=True, timeout={seconds},
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False, 0, (), 'TimeoutError: it does not end'
    printed, _, found = done.stdout.rpartition('found:')
    if done.returncode:
        return False, 0, (), (done.stderr.strip() or 'it fails').splitlines()[-1]
    found = json.loads(found)
    met = sum(got == repr(wanted) for got, (_, wanted) in zip(found, examples))
    return True, met, (printed, *found), ''
outcomes = [tried(source) for source in versions]
alike = collections.Counter(outcome[:3] for outcome in outcomes)
best = max(range(len(versions)), key=lambda n: (*outcomes[n][:2], alike[outcomes[n][:3]], -n))
runs, met, shown, reason = outcomes[best]
open(name, 'w').write(versions[best])
print(f'{{name}} {kept} {{best + 1}} of {{len(versions)}} now ({{alike[outcomes[best][:3]]}} of them do the same):')
print(versions[best].strip()[:{most}])
print(f'python {{name}} prints:\\n{{shown[0] if runs else reason}}')
for (words, wanted), got in zip(examples, shown[1:]):
    print(words, 'gives', got, 'as it should' if got == repr(wanted) else '{wrong} ' + repr(wanted))"""
KEPT = "holds version"
TRY_SECONDS = 10
SHOWN_CHARACTERS = 900


@dataclass(frozen=True)
class Draft(Deed):
    """A step whose code is complete only with versions that the model is asked for: `request` is all that it sees."""

    request: str = ""
    name: str = ""
    task: str = ""
    file: WantedFile | None = None
    own: str = ""
    """What the model has written by itself; "" for nothing."""

    def with_versions(self, replies: Sequence[str]) -> Deed:
        """The step, now that the model has written its versions. Those that are no Python are left out."""
        assert self.file is not None
        versions = [self.own, *(split_reply(reply)[1] for reply in replies)]
        versions = [whole(version, self.file) for version in versions if version.strip() and is_python(version)]
        tests = examples(self.task)
        code = CHOOSING.format(
            name=self.name, versions=versions, examples=tests, others=probes(tests), seconds=TRY_SECONDS,
            most=SHOWN_CHARACTERS, wrong=WRONG, kept=KEPT,
        )  # fmt: skip
        return Deed(self.thought, code if versions else "")


def drafting(file: WantedFile, task: str, own: str = "", fault: str = "") -> Draft | None:
    """Ask for a script anew: one that is to be written, or (`fault`: how it fails) mended. None for a long one."""
    name, tests = file.path.name, examples(task)
    if len(file.source) > SHORT:
        return None
    lines = "\n".join(f"assert {words} == {wanted!r}" for words, wanted in tests)
    held = HOLDS.format(lines=lines) if tests else ""
    if file.before is None:
        request = NEW.format(name=name, task=task, examples=held)
    else:
        told = FAULT.format(reason=fault) if fault else ""
        request = MENDED.format(name=name, task=task, source=file.source.strip(), fault=told, examples=held)
    thought = DRAWN.format(name=name, count=DRAFTS)
    return Draft(thought, "", request=request, name=name, task=task, file=file, own=own)


def of_result(printed: str) -> str:
    """What the kept version does, without its text, of what such a step prints; all of what another step prints."""
    return printed[printed.find("\npython ") + 1 :] if f" {KEPT} " in printed.partition("\n")[0] else printed


def whole(version: str, file: WantedFile) -> str:
    """A version with what the script did at first, should it have left that out."""
    now = calls_of(_unwrapped(version))
    lost = [line for line in file.did if line not in now] if len(now) < len(file.did) else []
    return "\n".join([version.strip(), *(["", *lost] if lost else []), ""])


def _unwrapped(version: str) -> str:
    """A program with what stands under `if __name__ == "__main__"` at its top level."""
    body: list[ast.stmt] = []
    for statement in ast.parse(version).body:
        main = isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
        body += statement.body if main and isinstance(statement, ast.If) else [statement]
    return ast.unparse(ast.Module(body=body, type_ignores=[]))


def probes(tests: Sequence[tuple[str, object]]) -> list[str]:
    """Calls like those of the examples with other values: nobody knows what they should give, but versions can agree."""
    found: list[str] = []
    for words, _ in tests:
        call = ast.parse(words, mode="eval").body
        assert isinstance(call, ast.Call)
        for place, argument in enumerate(call.args):
            try:
                value = ast.literal_eval(argument)
            except ValueError:
                continue
            for other in _others(value):
                arguments = [repr(other) if n == place else ast.unparse(a) for n, a in enumerate(call.args)]
                found.append(f"{ast.unparse(call.func)}({', '.join(arguments)})")
    return list(dict.fromkeys(found))[:MOST_PROBES]


def _others(value: object) -> list[object]:
    """Values like this one."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1 if value > 1 else value + 2, value * 2, value * 3 + 1]
        case float():
            return [value + 0.5, value * 2, value / 3]
        case str():
            words = re.sub(r"\s+", "  ", value)
            return [f" {words} ", value.upper(), f"({value}) & {value[::-1]}", value[:1], f"{value}, {value} 42"]
        case list() | tuple():
            items = list(value)
            others: list[list[object]] = [items[::-1], items * 2, items[:1], items[1:]]
            return [type(value)(other) for other in others]
        case _:
            return []
