"""What to try next, without an LLM: Optuna over the program's free settings, one or two changed at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from intern.experiments.journal import Journal, Node
from intern.experiments.spec import Hyperparameter, ProgramManifest, ProgramParameter, Value
from intern.later import Later

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
else:
    optuna = Later("optuna")

FIXED = frozenset(
    {"steps", "epochs", "iterations", "evaluate_every", "checkpoint_every", "patience", "trials", "architecture",
     "evaluate_windows", "max_seq_len", "average_checkpoints", "min_count", "beam_size", "warmup_steps", "heads", 
     "evaluate_rows", "precision", "preset", "cpu_seconds", "start"}
)  # fmt: skip
"""How long a training is and how it is watched, and whether it starts from given weights: no part of the method, paid for in
time rather than in ideas, or the person's own choice."""
NEVER_TRIED = frozenset({"autogluon"})
"""Choices that are a search of their own."""
SHARES = ("dropout", "share", "smoothing")
DECAYS = ("momentum", "beta", "rho")
MOST_CHANGES = 2
WIDTHS_FROM = 16
"""Whole numbers from here on are widths and batch sizes: halved or doubled."""
TRIES = 20


def free_settings(manifest: ProgramManifest, values: Sequence[Hyperparameter]) -> dict[str, BaseDistribution]:
    """The settings that may be searched, around their present values; what the person set stays."""
    present = {h.name: h for h in values}
    found = {}
    for parameter in manifest.parameters:
        h = present.get(parameter.name)
        if h is None or h.origin in ("user", "data") or parameter.name in FIXED:
            continue
        if (space := _space(parameter, h.value)) is not None:
            found[parameter.name] = space
    return found


def propose(journal: Journal, manifest: ProgramManifest, asked: set[str]) -> dict[str, Value]:
    """Values that differ from the best experiment's, in one or two settings; {} when nothing is left to try.

    The same journal gives the same proposal, so a step that runs again proposes the same. `asked`: what may be changed
    (empty = everything that is free).
    """
    first, best = journal.nodes[0], journal.best_node
    spaces = {n: s for n, s in free_settings(manifest, first.hyperparameters).items() if not asked or n in asked}
    if not spaces:
        return {}
    now = {h.name: h.value for h in best.hyperparameters}
    tried = {_key(node, spaces) for node in journal.nodes}
    for attempt in range(TRIES):
        chooser = random.Random(1000 * len(journal.nodes) + attempt)
        names = chooser.sample(sorted(spaces), min(len(spaces), chooser.randint(1, MOST_CHANGES)))
        study = _study(journal, spaces, seed=len(journal.nodes) * TRIES + attempt)
        trial = study.ask({name: spaces[name] for name in names})  # the others stay as the best experiment has them
        changed = {n: v for n in names if (v := _plain(trial.params[n])) != now[n]}
        if changed and tuple(str((now | changed)[n]) for n in sorted(spaces)) not in tried:
            return changed
    return {}


def _study(journal: Journal, spaces: dict[str, BaseDistribution], seed: int) -> optuna.Study:
    """What was measured so far, as Optuna knows it."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize" if journal.higher_is_better else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=4),
    )
    for node in journal.nodes:
        values = {h.name: h.value for h in node.hyperparameters if h.name in spaces}
        if node.mean is None or set(values) != set(spaces) or not all(_inside(spaces[n], v) for n, v in values.items()):
            continue
        study.add_trial(optuna.trial.create_trial(params=values, distributions=spaces, value=node.mean))
    return study


def _space(parameter: ProgramParameter, value: Value) -> BaseDistribution | None:
    name = parameter.name
    if isinstance(value, bool):
        return optuna.distributions.CategoricalDistribution([False, True])
    if isinstance(value, str):
        choices = sorted({*parameter.choices, value} - NEVER_TRIED)
        return optuna.distributions.CategoricalDistribution(choices) if len(choices) > 1 and value in choices else None
    if isinstance(value, list):
        return None
    if isinstance(parameter.default, int) and isinstance(value, int):
        if value >= WIDTHS_FROM:  # a third of a width need not divide by the heads that share it
            return optuna.distributions.CategoricalDistribution([value // 2, value, value * 2])
        return (
            optuna.distributions.IntDistribution(max(1, value // 3), value * 3, log=True)
            if value >= 2
            else optuna.distributions.IntDistribution(value, value + 2)
        )
    number = float(value)
    if any(word in name for word in SHARES):
        return (
            optuna.distributions.FloatDistribution(0.0, 0.7)
            if "share" not in name
            else optuna.distributions.FloatDistribution(0.3, 1.0)
        )
    if any(word in name for word in DECAYS) and 0 < number < 1:
        return optuna.distributions.FloatDistribution(0.5, 0.9995)
    return (
        optuna.distributions.FloatDistribution(number / 5, number * 5, log=True)
        if number > 0
        else optuna.distributions.FloatDistribution(0.0, 0.1)
    )


def _inside(space: BaseDistribution, value: Value) -> bool:
    try:
        return space._contains(space.to_internal_repr(value))
    except ValueError:
        return False


def _plain(value: Value) -> Value:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _key(node: Node, spaces: dict[str, BaseDistribution]) -> tuple[str, ...]:
    values = {h.name: h.value for h in node.hyperparameters}
    return tuple(str(values.get(name)) for name in sorted(spaces))
