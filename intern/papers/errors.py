"""What can go wrong with a paper; apart, since who only reports errors needs none of the models."""

from __future__ import annotations


class PaperError(ValueError):
    """A paper that cannot be read or found. The message is one line, fit to show to a person."""
