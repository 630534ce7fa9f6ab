"""What a model's reply says: its reasoning, its thought, its code; and whether a reply without code can be an answer.

Models are taught many forms. Whatever can only be meant as one step of Python is taken as that; prose is never executed.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

OPEN_TAG, CLOSE_TAG = "<run>", "</run>"
TAGGED = re.compile(r"<(code|python|execute)>[ \t]*\n?(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
"""Forms of other harnesses."""
FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?:python|py|run)\d?[ \t]*\n(.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE | re.I
)
BARE_FENCE = re.compile(r"^```[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
INNER_FENCE = re.compile(r"\A```(?:python|py)?\s*\n(.*?)(?:\n```)?\s*\Z", re.DOTALL)
HALF_TAG = re.compile(r"</(?:r(?:un?)?)?\s*\Z")
"""The beginning of a closing tag that a server let through before it stopped."""
CALL_FORM = re.compile(
    r"(?:<tool_call>|<function_call>|^```(?:json|tool_call)[ \t]*$|\A)\s*(\{.*\})", re.DOTALL | re.MULTILINE
)
STATEMENT = re.compile(
    r"^(?:import |from \w[\w.]* import |(?:\w+|\w+\[[^\]]*\])\s*=[^=]|print\(|final_answer\(|for .+:|with .+:|"
    r"def \w+\(|\w+\(\w+\s*=)",
    re.MULTILINE,
)
FOREIGN = re.compile(
    r"<(?:/run>|/?code>|run\b|tool_call|function|\|)|^```(?:bash|sh|shell|json|tool_code)\b",
    re.MULTILINE | re.IGNORECASE,
)
GOING_ON = re.compile(
    r"(?:i(?:'ll| will|'m going to| am going to| need to| should)|let(?:'s| me| us)|next,? i|now,? i)\b", re.IGNORECASE
)

WRONG_FORM = (
    f"nothing was executed: your reply had no Python between {OPEN_TAG} and {CLOSE_TAG}. Write one sentence, then "
    f"{OPEN_TAG}, the code, {CLOSE_TAG}. Tools are Python functions, called by keyword. To end, call final_answer(text)."
)
UNFINISHED = (
    f"you announced something but nothing was executed. If there is more to do, do it now: one sentence, then code "
    f"between {OPEN_TAG} and {CLOSE_TAG}. If you are done, call final_answer(text) with what was found."
)
ONLY_REASONING = f"your reply held only reasoning. Reply with one sentence and code between {OPEN_TAG} and {CLOSE_TAG}."
CUT = (
    "your reply hit its length limit, so it was not executed. Write a shorter one: think less, do one small step, and "
    "build long files in several steps."
)
LOOPED = (
    "your reply repeated itself and was cut, so it was not executed. Reply with one short sentence and a few lines of code "
    f"between {OPEN_TAG} and {CLOSE_TAG}."
)


def without_reasoning(reply: str) -> tuple[str, str]:
    """The reply without its <think> parts, and these. One that was opened and never closed reaches to the end."""
    thoughts = re.findall(r"<think>(.*?)(?:</think>|\Z)", reply, flags=re.DOTALL)
    rest = re.sub(r"<think>.*?(?:</think>|\Z)", "", reply, flags=re.DOTALL)
    if "</think>" in rest:  # some chat templates open it in the prompt
        before, _, rest = rest.rpartition("</think>")
        thoughts.insert(0, before)
    return rest, "\n".join(t.strip() for t in thoughts)


def split_reply(reply: str) -> tuple[str, str]:
    """A reply's thought and code: between the run tags, else in another form that can only be meant as code."""
    reply = without_reasoning(reply)[0]
    if OPEN_TAG in reply:
        thought, _, rest = reply.partition(OPEN_TAG)
        code = HALF_TAG.sub("", rest.partition(CLOSE_TAG)[0]).strip()
        if fenced := INNER_FENCE.match(code):
            code = fenced[1].strip()
        return thought.strip(), code
    for form, group in ((TAGGED, 2), (FENCE, 1)):
        if (match := form.search(reply)) and match[group].strip():
            return reply[: match.start()].strip(), match[group].strip()
    if (match := BARE_FENCE.search(reply)) and acts(match[1]):
        return reply[: match.start()].strip(), match[1].strip()
    if called := _call(reply):
        return called
    return _bare(reply.partition(CLOSE_TAG)[0]) or (reply.strip(), "")


def acts(text: str) -> bool:
    """Whether a text is Python that does something: it calls, imports or assigns."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    doing = (ast.Import, ast.ImportFrom, ast.Assign, ast.AugAssign, ast.For, ast.With, ast.FunctionDef)
    return any(isinstance(s, doing) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)) for s in tree.body)


def _bare(reply: str) -> tuple[str, str] | None:
    """Python without any marks, as the whole reply or after some lines of prose."""
    for match in STATEMENT.finditer(reply):
        code = reply[match.start() :]
        if acts(code):
            return reply[: match.start()].strip(), code.strip()
    return None


def _call(reply: str) -> tuple[str, str] | None:
    """A call in JSON, as models write it that were taught function calling."""
    match = CALL_FORM.search(reply)
    if match is None:
        return None
    try:
        call, _ = json.JSONDecoder().raw_decode(match[1])
    except ValueError:
        return None
    call = call.get("function", call) if isinstance(call.get("function"), dict) else call
    name, given = call.get("name", call.get("tool")), call.get("arguments", call.get("parameters", {}))
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return None
    if not (isinstance(name, str) and name.isidentifier() and isinstance(given, dict)):
        return None
    return reply[: match.start()].strip(), _as_python(name, given)


def _as_python(name: str, given: dict[str, Any]) -> str:
    if isinstance(code := given.get("code"), str) and len(given) == 1:  # "run this" in the form of a call
        return code.strip()
    arguments = ", ".join(f"{key}={value!r}" for key, value in given.items() if str(key).isidentifier())
    return f"{name}({arguments})" if name == "final_answer" else f"print({name}({arguments}))"


def is_complete(reply: str) -> bool:
    """Whether a reply that is being written holds a whole step already: what follows could only be made up."""
    text = without_reasoning(reply)[0]
    if OPEN_TAG in text:
        return CLOSE_TAG in text
    match = FENCE.search(text)
    return match is not None and match[0].rstrip(" \t").endswith("```") and text[match.end() :].startswith("\n")


LOOK_BACK = 2500
LEAST_REPEATED = 400
PERIODS = range(4, 241)
TIMES, TIMES_COUNTED = 6, 15
"""So often word for word, or but for the numbers: numbered lines are common in good code too, but not so many."""


def is_looping(reply: str) -> bool:
    """Whether the end of a text says the same again and again."""
    tail = reply[-LOOK_BACK:]
    return _repeats(tail, TIMES) or _repeats(re.sub(r"\d+", "0", tail), TIMES_COUNTED)


def _repeats(text: str, times: int) -> bool:
    """Whether a text ends with the same words so many times (one pass: the borders of the reversed text)."""
    turned = text[::-1]
    borders = [0] * len(turned)
    matched = 0
    for place in range(1, len(turned)):
        while matched and turned[place] != turned[matched]:
            matched = borders[matched - 1]
        matched += turned[place] == turned[matched]
        borders[place] = matched
        length, period = place + 1, place + 1 - matched
        if length >= LEAST_REPEATED and period in PERIODS and length >= times * period:
            return any(c.isalpha() for c in turned[:period])
    return False


def code_grammar(begins: str = "") -> str:
    """Code and nothing else, with this beginning: for servers that can hold a small model to a form (GBNF)."""
    quoted = json.dumps("```python\n" + begins)
    return f"root ::= {quoted} [^\\x00]+"


def form_fault(prose: str) -> str | None:
    """Why this reply without code is no answer: it was meant to be code."""
    if not prose:
        return ONLY_REASONING
    return WRONG_FORM if FOREIGN.search(prose) else None


def sounds_unfinished(prose: str) -> bool:
    """Whether a reply without code announces more instead of answering."""
    last = prose.rstrip().splitlines()[-1].strip()
    sentence = re.split(r"(?<=[.!?])\s+", last)[-1]
    return last.endswith((":", "…", "...")) or GOING_ON.match(sentence) is not None
