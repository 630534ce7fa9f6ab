"""Asking the one user of this machine before code runs with weak isolation."""

from __future__ import annotations

import os

from intern.sandbox.detect import detect
from intern.sandbox.pool import CONSENT, several_users

HOW_TO_AGREE = f"Set {CONSENT}=1 to let code run with weak isolation, or choose a machine with Linux."


def consent_question() -> str | None:
    """What to ask before code runs here; None when there is nothing to ask.

    Nothing: isolation is strong, the user has agreed, or no agreement counts (several users, no sandbox at all): then
    the run itself says that code execution is off.
    """
    isolation = detect()
    if isolation.level != "weak" or isolation.allowed or several_users():
        return None
    return "Isolation on this machine is weak: code that the intern writes could read your files and use your network."


def give_consent() -> None:
    """Remember the agreement, for this process only."""
    os.environ[CONSENT] = "1"
