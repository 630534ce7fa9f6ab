"""smolagents tools: thin adapters over the rooms; the only place where an agent touches the world.

Nothing is imported here: the first request to a model leaves before the tools are loaded (see listing.py).
"""
