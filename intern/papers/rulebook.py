"""All rules, built once."""

from __future__ import annotations

from intern.papers.rules import Builder, Rule
from intern.papers.rules_brief import brief
from intern.papers.rules_clauses import clauses
from intern.papers.rules_described import described
from intern.papers.rules_joint import joint
from intern.papers.rules_model import model
from intern.papers.rules_objective import objective
from intern.papers.rules_prose import prose
from intern.papers.rules_regularization import regularization
from intern.papers.rules_reinforcement import reinforcement
from intern.papers.rules_told import told_model, told_training
from intern.papers.rules_training import optimization
from intern.papers.rules_ways import ways


def _build() -> list[Rule]:
    builder = Builder()
    for chapter in (
        optimization,
        regularization,
        model,
        objective,
        reinforcement,
        told_training,
        told_model,
        clauses,
        described,
        prose,
        ways,
        brief,
        joint,
    ):
        chapter(builder)
    return builder.rules


RULES = _build()
