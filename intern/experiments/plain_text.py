"""A plain text as an experiment for language models, with a test that no program can look up.

A test row is a piece of the sealed text, and its label is the character right after the piece. The pieces do not touch:
no row's text holds another row's label. So a program must commit to a distribution over the next character before
anything that it was given could tell it.
"""

from __future__ import annotations

from intern.experiments.loading import Row
from intern.experiments.sources import DataError

CONTEXT = 128
"""Characters before the one to predict."""
MOST_TEST_ROWS = 4000
PIECE = 2000
"""Characters of a training row; programs join the rows again, in order."""
VALIDATION, TEST = 0.05, 0.15
LEAST_TRAIN, LEAST_TEST_ROWS = 2000, 20


def cut_text(name: str, raw: dict[str, list[Row]]) -> tuple[dict[str, list[Row]], str, list[str]]:
    """Train, validation and test rows of a text, how they came about, and what there is to say. Raises DataError."""
    texts = {split: "\n".join(str(r.input) for r in part) for split, part in raw.items()}
    train, notes = texts.get("train") or texts.get("") or "", []
    test, validation = texts.get("test", ""), texts.get("validation", "")
    if not test:
        at = int(len(train) * (1 - TEST))
        train, test = train[:at], train[at:]
        notes.append(f"the last {100 * TEST:.0f} % of the text were held out as test")
    if not validation:
        at = int(len(train) * (1 - VALIDATION))
        train, validation = train[:at], train[at:]
        notes.append(f"the last {100 * VALIDATION:.0f} % of the training part serve as validation")
    questions = _questions(test)
    if len(train) < LEAST_TRAIN or len(questions) < LEAST_TEST_ROWS:
        least = LEAST_TEST_ROWS * (CONTEXT + 1)
        raise DataError(
            f"{name} has {len(train) + len(validation) + len(test):,} characters, too few to train a language model and "
            f"to test it: at least {LEAST_TRAIN:,} to train on and {least:,} to test on are needed."
        )
    splits = {"train": _pieces(train), "validation": _pieces(validation), "test": questions}
    return splits, "; ".join(notes), _findings(train, validation, test, questions)


def _pieces(text: str) -> list[Row]:
    return [Row(text[at : at + PIECE], "") for at in range(0, len(text), PIECE)]


def _questions(text: str) -> list[Row]:
    starts = range(0, len(text) - CONTEXT, CONTEXT + 1)
    step = max(1, -(-len(starts) // MOST_TEST_ROWS))
    return [Row(text[at : at + CONTEXT], text[at + CONTEXT]) for at in starts[::step]]


def _findings(train: str, validation: str, test: str, questions: list[Row]) -> list[str]:
    found = [
        f"{len(train):,} characters to train on, {len(validation):,} for validation; {len(questions):,} test characters, "
        f"each after {CONTEXT} characters of a text of {len(test):,} that stays with the harness."
    ]
    # Lines that are long enough not to be alike by chance.
    seen = {line.strip() for line in train.split("\n")}
    long = [line.strip() for line in test.split("\n") if len(line.strip()) >= 40]
    shared = sum(line in seen for line in long)
    if shared:
        found.insert(0, f"{shared} of {len(long)} longer lines of the test text also occur in the training text.")
    if unseen := set(test) - set(train):
        found.append(f"{len(unseen)} characters of the test text never occur in training.")
    return found
