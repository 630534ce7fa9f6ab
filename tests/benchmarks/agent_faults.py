"""Faults of the model's server at turn 2, through the command line: how each run ends, and when. Not a test.

`python -m tests.benchmarks.agent_faults [words of a fault …]`; the server may be silent for three seconds here
(limits.model_first_seconds).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.agent import DONE, recorded, server
from tests.conftest import ROOT, clean_environment

FIRST = "Next.\n<run>\nprint('step 1')\n"
PASSING: dict[str, dict[str, Any]] = {
    "429, Retry-After: 1": {"status": 429, "retry_after": 1},
    "429": {"status": 429},
    "500": {"status": 500},
    "502 with a page of HTML": {"status": 502, "message": "<html><body>Bad gateway</body></html>"},
    "503": {"status": 503},
    "reset before the first byte": {"reset": True},
    "reset in the middle": {"reply": FIRST, "cut": 10, "reset": True},
    "silent": {"silent": True},
    "silent in the middle": {"reply": FIRST, "cut": 10, "silent": True},
    "cut in the middle": {"reply": FIRST, "cut": 10},
    "malformed JSON": {"malformed": True},
    "no choices": {"empty": True},
    "empty answer": {"reply": ""},
    "cut by length": {"reply": FIRST, "finish": "length"},
    "broken code": {"reply": "Next.\n<run>\nprint('step\n"},
    "context too long": {"status": 400, "message": "maximum context length exceeded: too many tokens"},
}
"""Played once, then the server answers well; and for ever."""
FINAL: dict[str, dict[str, Any]] = {
    "401": {"status": 401},
    "402": {"status": 402},
    "403": {"status": 403},
    "404": {"status": 404},
    "429, Retry-After: 1 hour": {"status": 429, "retry_after": 3600},
}
LIMITS = "limits: {model_first_seconds: 3, model_idle_seconds: 3}\n"
FOR_EVER = 60
"""More than any run of these asks."""


def played(turns: list[Any]) -> str:
    """One run against a server that plays them: how it ended."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "intern.yaml").write_text(LIMITS)
        with server([FIRST, *turns], folder) as (url, record):
            environment = clean_environment(folder / "home") | {
                "INTERN_LLM_BASE_URL": url,
                "INTERN_CONFIG": str(folder / "intern.yaml"),
            }
            started = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-m", "intern", "run", "hello", "--model", "scripted"], cwd=ROOT, env=environment,
                capture_output=True, text=True, timeout=600,
            )  # fmt: skip
            seconds = time.monotonic() - started
            words = (done.stdout + done.stderr).strip().splitlines()[-1]
            return f"exit {done.returncode}  {seconds:5.1f} s  {len(recorded(record)):2} requests  {words[:110]}"


def main() -> None:
    wanted = sys.argv[1:]
    cases = {f"{name}, once": [turn, DONE] for name, turn in PASSING.items()}
    cases |= {f"{name}, for ever": [turn] * FOR_EVER for name, turn in (PASSING | FINAL).items()}
    for name, turns in cases.items():
        if not wanted or any(word in name for word in wanted):
            print(f"{name:<40} {played(turns)}", flush=True)


if __name__ == "__main__":
    main()
