"""The Experiment panel: what will be run, where each value comes from, and every deviation from the paper."""

from __future__ import annotations

from intern.ui.render import render
from intern.ui.view import RunView


def experiment(view: RunView) -> str:
    """Program, data, seeds, budget, deviations and values of the newest experiment."""
    spec = view.facts.get("spec")
    found = spec.get("deviations") if isinstance(spec, dict) else None
    return render("experiment.html", spec=spec, deviations=found if isinstance(found, list) else [])
