"""What a training will take, from what a few real steps of it took on this machine."""

from __future__ import annotations

from pydantic import BaseModel

from intern.experiments.data import PreparedData
from intern.experiments.design import Probe, seconds_needed
from intern.experiments.spec import Hyperparameter

FLOAT_BYTES = 4
MOMENTS = {
    "adam": 2,
    "adamw": 2,
    "adadelta": 2,
    "rmsprop": 1,
    "adagrad": 1,
    "sgd with momentum": 1,
    "momentum": 1,
    "sgd": 0,
}
"""Numbers that an optimizer keeps for each weight."""


class Estimate(BaseModel):
    """Time and memory of one seed. `measured_mb` was seen; the parts below it follow from the counts, the rest from both."""

    seconds: float
    measured_mb: float
    startup_mb: float
    """Libraries and data, before the first step."""
    weights_mb: float
    gradients_mb: float
    optimizer_mb: float
    activations_mb: float
    """What training took beyond weights, gradients and the optimizer: activations and working space."""

    def words(self) -> str:
        """One line for a person."""
        parts = {
            "libraries and data": self.startup_mb, "weights": self.weights_mb, "gradients": self.gradients_mb,
            "optimizer": self.optimizer_mb, "activations": self.activations_mb,
        }  # fmt: skip
        listed = ", ".join(f"{name} {size:.0f}" for name, size in parts.items() if size >= 0.5)
        return f"about {self.seconds:.0f} s a seed; {self.measured_mb:.0f} MB measured ({listed})"


def estimate(chosen: list[Hyperparameter], prepared: PreparedData, probe: Probe) -> Estimate:
    """From the settled values and the smoke run. Trees have no gradients: only what was measured is said of them."""
    optimizer = next((str(h.value).lower() for h in chosen if h.name == "optimizer"), None)
    weights = probe.parameters * FLOAT_BYTES / 2**20 if optimizer is not None else 0.0
    gradients = weights * (probe.trainable_parameters or probe.parameters) / max(1, probe.parameters)
    moments = MOMENTS.get(optimizer or "", 0) * gradients
    before = probe.startup_memory_mb or probe.peak_memory_mb
    # The weights are there before the first step.
    activations = max(0.0, probe.peak_memory_mb - before - weights - moments)
    return Estimate(
        seconds=round(seconds_needed(chosen, prepared, probe), 1),
        measured_mb=probe.peak_memory_mb,
        startup_mb=max(0.0, before - weights),
        weights_mb=weights,
        gradients_mb=gradients,
        optimizer_mb=moments,
        activations_mb=activations,
    )
