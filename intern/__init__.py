"""The intern: reads papers, runs experiments, shows what was measured, publishes when told to."""

__version__ = "0.1.0"
