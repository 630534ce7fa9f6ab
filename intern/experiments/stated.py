"""Which of a paper's rows speaks for an experiment: the one for this data set, else a general one, never another's."""

from __future__ import annotations

from intern.experiments.data import PreparedData
from intern.experiments.spec import ProgramParameter
from intern.experiments.values import words_of
from intern.papers.model import Hyperparameter as Stated
from intern.papers.model import Reading

SAME_NAME = {"hidden_size": "hidden_units", "hidden_units": "hidden_size", "feature_maps": "filters"}
STAND_INS = {"digits": "MNIST"}
"""Data that takes the place of a paper's where that is not at hand: what is stated for that one is for this one too."""
GENERAL_SCOPES = ("main", "base", "default", "")


def stated_row(parameter: ProgramParameter, reading: Reading | None, prepared: PreparedData) -> Stated | None:
    """The paper's row for a parameter: this data set's first, then a general scope, then any.

    A value that the paper states for another of its data sets is none of ours where ours is one of them.
    """
    if reading is None:
        return None
    name = parameter.stated_as or parameter.name
    rows = [h for h in reading.setup.hyperparameters if h.name.lower() in (name, SAME_NAME.get(name, name))]
    rows = [h for h in rows if _scope_fits(h.scope, parameter, reading, prepared)]
    rows.sort(key=lambda h: h.name.lower() != name)
    for fits in (lambda scope: is_ours(scope, prepared), is_general, lambda scope: True):
        if row := next((h for h in rows if fits(h.scope)), None):
            return row
    return None


def _scope_fits(scope: str, parameter: ProgramParameter, reading: Reading, prepared: PreparedData) -> bool:
    words = words_of(scope)
    if parameter.scope and not any(words_of(w) in words for w in parameter.scope):
        return False
    if any(words_of(w) in words for w in parameter.not_scope):
        return False
    names = [d.name for d in reading.setup.datasets]
    ours = [n for n in names if words_of(n) in words_of(STAND_INS.get(data_name(prepared), data_name(prepared)))]
    others = [n for n in names if n not in ours and words_of(n) in words]
    return not (ours and others) or is_ours(scope, prepared)


def is_ours(scope: str, prepared: PreparedData) -> bool:
    """Whether a scope names this data set; "MNIST" for a part of MNIST too."""
    name, words = words_of(data_name(prepared)), words_of(scope)
    family = words_of(STAND_INS.get(data_name(prepared), data_name(prepared)).partition("(")[0])
    return name in words or (family.strip() != "" and family in words)


def is_general(scope: str) -> bool:
    return scope.lower() in GENERAL_SCOPES or "base" in scope.lower().split()


def data_name(prepared: PreparedData) -> str:
    return prepared.ref.description.split(":")[0]
