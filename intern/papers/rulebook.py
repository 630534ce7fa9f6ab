"""All rules, built once."""

from __future__ import annotations

from intern.papers.rules import Builder, Rule
from intern.papers.rules_model import model
from intern.papers.rules_objective import objective, reinforcement
from intern.papers.rules_regularization import regularization
from intern.papers.rules_training import optimization


def _build() -> list[Rule]:
    builder = Builder()
    for chapter in (optimization, regularization, model, objective, reinforcement):
        chapter(builder)
    return builder.rules


RULES = _build()
