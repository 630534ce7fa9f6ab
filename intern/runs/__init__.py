"""The record: what happened in a run, in order, on disk. Knows nothing of agents, programs or faces."""
