"""A person changes the experiment before it starts: what may change, and what is wrong where when it cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from intern.experiments.design import DesignError, as_asked, value_deviation
from intern.experiments.metrics import SCORERS
from intern.experiments.spec import Deviation, ExperimentSpec, Hyperparameter, ProgramManifest

FILE = "experiment.yaml"
EDITABLE = ("title", "hyperparameters", "seeds", "threads", "seconds_per_seed")
"""Anything else is another experiment: other data, program or metric need a new design with its own checks."""
FOLLOWS = ("deviations",)
"""Written anew from the values, whatever the person left there."""
MOST_SEEDS = 20

Path = tuple[Any, ...]


class SpecError(ValueError):
    """A spec cannot be used. The message has one line for each problem: file, line, field, and what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


def read_spec(text: str) -> ExperimentSpec:
    """A spec from its YAML. Raises SpecError, which names line and field of everything that is wrong."""
    try:
        tree = yaml.compose(text)
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{FILE}, line {mark.line + 1}" if mark is not None else FILE
        raise SpecError([f"{where}: not YAML ({getattr(error, 'problem', None) or error})"]) from error
    if not isinstance(loaded, dict):
        raise SpecError([f"{FILE}: holds no experiment; it needs lines like 'title: …'"])
    try:
        return ExperimentSpec.model_validate(loaded)
    except ValidationError as error:
        # A union reports each of its members; the place is one.
        found = {tuple(p for p in e["loc"] if not _is_branch(p)): str(e["msg"]) for e in reversed(error.errors())}
        raise SpecError([f"{_where(tree, path)}: {message}" for path, message in reversed(found.items())]) from error


def edit_spec(before: ExperimentSpec, text: str, manifest: ProgramManifest) -> ExperimentSpec:
    """The spec as the person changed it: changed values have the origin "user", deviations follow. Raises SpecError."""
    after, tree = read_spec(text), yaml.compose(text)
    problems = [
        f"{_where(tree, (name,))}: cannot be changed here; start a run that asks for it"
        for name in ExperimentSpec.model_fields
        if name not in (*EDITABLE, *FOLLOWS) and getattr(after, name) != getattr(before, name)
    ]
    problems += _wrong_numbers(after, tree)
    values, wrong = _values(before, after, manifest, tree)
    if problems := problems + wrong:
        raise SpecError(problems)
    changed = {h.name: h for h, old in zip(values, before.hyperparameters, strict=True) if h != old}
    kept = [d for d in before.deviations if d.what not in changed]
    return after.model_copy(
        update={"hyperparameters": values, "deviations": kept + [_told(h) for h in changed.values() if _differs(h)]}
    )


def _wrong_numbers(spec: ExperimentSpec, tree: Any) -> list[str]:
    found = []
    if len(set(spec.seeds)) != len(spec.seeds) or len(spec.seeds) > MOST_SEEDS or min(spec.seeds) < 0:
        found.append(f"{_where(tree, ('seeds',))}: up to {MOST_SEEDS} different whole numbers from 0")
    if spec.threads < 1:
        found.append(f"{_where(tree, ('threads',))}: at least 1")
    if spec.seconds_per_seed <= 0:
        found.append(f"{_where(tree, ('seconds_per_seed',))}: more than 0 seconds")
    if unknown := [m.name for m in spec.metrics if m.name not in SCORERS]:
        found.append(f"{_where(tree, ('metrics',))}: the harness cannot score {unknown[0]!r}")
    return found


def _values(
    before: ExperimentSpec, after: ExperimentSpec, manifest: ProgramManifest, tree: Any
) -> tuple[list[Hyperparameter], list[str]]:
    """The hyperparameters in the order of the design, and what is wrong with the edited ones."""
    edited = {h.name: (place, h) for place, h in enumerate(after.hyperparameters)}
    parameters = {p.name: p for p in manifest.parameters}
    values, problems = [], []
    for old in before.hyperparameters:
        if old.name not in edited:
            problems.append(f"{_where(tree, ('hyperparameters',))}: {old.name} is missing")
            continue
        place, new = edited.pop(old.name)
        if new.value == old.value:
            values.append(old)
            continue
        try:
            values.append(as_asked(old, new.value, parameters[old.name]))
        except DesignError as error:
            problems.append(f"{_where(tree, ('hyperparameters', place, 'value'))}: {error}")
    for name, (place, _) in edited.items():
        known = ", ".join(parameters)
        problems.append(
            f"{_where(tree, ('hyperparameters', place, 'name'))}: {manifest.name} has no {name!r}; it has {known}"
        )
    return values, problems


def _differs(h: Hyperparameter) -> bool:
    return h.paper_value is not None and h.value != h.paper_value


def _told(h: Hyperparameter) -> Deviation:
    return value_deviation(h)


def _is_branch(part: Any) -> bool:
    """Names that pydantic puts into a place for the members of a union: "float", "list[int]"."""
    return isinstance(part, str) and part.partition("[")[0] in ("float", "int", "str", "bool", "list")


def _where(tree: Any, path: Path) -> str:
    """`experiment.yaml, line 12, hyperparameters[2].value`."""
    node, line = tree, 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).removeprefix(".")
    return f"{FILE}, line {line}, {field}"
