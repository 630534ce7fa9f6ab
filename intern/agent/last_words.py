"""What a small model makes of what its code has printed, when it says the same again or does not get on: an answer from that
alone, or none."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from intern.agent.reply import split_reply
from intern.agent.sayings import broken_answer, final_argument, literals, unsupported

ANSWERING = 'final_answer("'
"""How the reply begins, for servers that can hold a model to that."""
REQUEST = (
    '{task}\n\nThis is what code has printed for it{order}:\n{found}\n\nReply with one final_answer("..."): a whole '
    "sentence that answers the question from what was printed, with every value that was asked for; say what is missing."
)
NOT_FURTHER = "\n\n(It did not get further: {reason} This answer rests on what had been printed by then.)"
MOST_SHOWN = 3
MOST_CHARACTERS = 1800


def request(task: str, shown: Sequence[str]) -> str:
    """What the model is asked, seeing nothing else; `shown`: what its code has printed, oldest first."""
    texts = list(dict.fromkeys(text.strip() for text in shown[-MOST_SHOWN:]))
    order = ", the newest at the end (it replaces what it computes anew)" if texts[1:] else ""
    return REQUEST.format(task=task, order=order, found="\n\n".join(texts)[-MOST_CHARACTERS:])


def words_in(reply: str, shown: Sequence[str], task: str) -> str:
    """The answer in a reply; "" for one that is no answer or states numbers that nothing has printed."""
    prose, code = split_reply(reply)
    if code:
        answer = final_argument(code)
        open_places = answer is not None and any(isinstance(n, ast.FormattedValue) for n in ast.walk(answer))
        words = broken_answer(code) if answer is None else "" if open_places else literals(answer)
    else:
        words = prose
    return "" if next(unsupported(words, [*shown, task]), None) else words.strip()
