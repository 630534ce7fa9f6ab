"""What a model's reply says: its reasoning, its thought, its code; and whether a reply without code can be an answer."""

from __future__ import annotations

import re

OPEN_TAG, CLOSE_TAG = "<run>", "</run>"
FENCE = re.compile(r"^```(?:python|py)\s*\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)
INNER_FENCE = re.compile(r"\A```(?:python|py)?\s*\n(.*?)(?:\n```)?\s*\Z", re.DOTALL)
HALF_TAG = re.compile(r"</(?:r(?:un?)?)?\s*\Z")
"""The beginning of a closing tag that a server let through before it stopped."""
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


def without_reasoning(reply: str) -> tuple[str, str]:
    """The reply without its <think> parts, and these. One that was opened and never closed reaches to the end."""
    thoughts = re.findall(r"<think>(.*?)(?:</think>|\Z)", reply, flags=re.DOTALL)
    rest = re.sub(r"<think>.*?(?:</think>|\Z)", "", reply, flags=re.DOTALL)
    if "</think>" in rest:  # some chat templates open it in the prompt
        before, _, rest = rest.rpartition("</think>")
        thoughts.insert(0, before)
    return rest, "\n".join(t.strip() for t in thoughts)


def split_reply(reply: str) -> tuple[str, str]:
    """A reply's thought and code. Code stands between the run tags, else in the first fenced python block."""
    reply = without_reasoning(reply)[0]
    if OPEN_TAG in reply:
        thought, _, rest = reply.partition(OPEN_TAG)
        code = HALF_TAG.sub("", rest.partition(CLOSE_TAG)[0]).strip()
        if fenced := INNER_FENCE.match(code):
            code = fenced[1].strip()
        return thought.strip(), code
    if match := FENCE.search(reply):
        return reply[: match.start()].strip(), match[1].strip()
    return reply.strip(), ""


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
